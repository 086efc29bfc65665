//! Composites against plain loops in double precision.

use super::*;
use crate::tensor::Tensor;
use st_kernel::DType;

const ROWS: usize = 3;
const WIDTH: usize = 5;

fn numbers() -> Vec<f64> {
    (0..ROWS * WIDTH).map(|i| ((i * 37 % 23) as f64 - 11.0) / 4.0).collect()
}

fn tensor(values: &[f64], shape: &[usize]) -> Tensor {
    Tensor::from_slice(values, shape).unwrap()
}

fn assert_close(got: &Tensor, expected: &[f64], tolerance: f64) {
    let got = got.to_vec::<f64>().unwrap();
    assert_eq!(got.len(), expected.len());
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!((g - e).abs() <= tolerance * e.abs().max(1.0), "element {i}: {g}, not {e}");
    }
}

/// What a function makes of each row.
fn by_row<const N: usize>(f: impl Fn(&[f64]) -> [f64; N]) -> Vec<f64> {
    numbers().chunks(WIDTH).flat_map(f).collect()
}

fn log_sum(row: &[f64]) -> f64 {
    row.iter().map(|x| x.exp()).sum::<f64>().ln()
}

fn log_softmax_of(row: &[f64]) -> [f64; WIDTH] {
    std::array::from_fn(|i| row[i] - log_sum(row))
}

#[test]
fn softmax_and_its_kin() {
    let x = tensor(&numbers(), &[ROWS, WIDTH]);
    assert_close(&x.softmax(-1, None).unwrap(), &by_row(|r| log_softmax_of(r).map(f64::exp)), 1e-12);
    assert_close(&x.log_softmax(1, None).unwrap(), &by_row(log_softmax_of), 1e-12);
    assert_close(&x.logsumexp(&[1], false).unwrap(), &by_row(|r| [log_sum(r)]), 1e-12);
    let low = Tensor::full(&[2], f64::NEG_INFINITY, DType::F64, 0).unwrap();
    assert_eq!(low.logsumexp(&[0], false).unwrap().item().unwrap().to_f64(), f64::NEG_INFINITY);
    let far = tensor(&[1000.0, 1000.0], &[2]);
    assert_close(&far.softmax(0, None).unwrap(), &[0.5, 0.5], 0.0);
    let half = x.to_dtype(DType::F16).unwrap();
    assert_eq!(half.softmax(-1, None).unwrap().dtype(), DType::F16);
}

#[test]
fn norms_of_layers() {
    let x = tensor(&numbers(), &[ROWS, WIDTH]);
    let (weight, bias) = (tensor(&[1.0, 2.0, 3.0, 4.0, 5.0], &[WIDTH]), tensor(&[0.5; WIDTH], &[WIDTH]));
    let expected = by_row::<WIDTH>(|r| {
        let mean = r.iter().sum::<f64>() / WIDTH as f64;
        let var = r.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / WIDTH as f64;
        std::array::from_fn(|i| (r[i] - mean) / (var + 1e-5).sqrt() * (i + 1) as f64 + 0.5)
    });
    assert_close(&x.layer_norm(&[5], Some(&weight), Some(&bias), 1e-5).unwrap(), &expected, 1e-12);
    let expected = by_row::<WIDTH>(|r| {
        let square = r.iter().map(|x| x * x).sum::<f64>() / WIDTH as f64;
        std::array::from_fn(|i| r[i] / (square + 1e-5).sqrt())
    });
    assert_close(&x.rms_norm(&[5], None, Some(1e-5)).unwrap(), &expected, 1e-12);
    assert!(x.layer_norm(&[4], None, None, 1e-5).is_err());
    let groups = x.reshape(&[1, 3, 5]).unwrap().group_norm(3, None, None, 1e-5).unwrap();
    assert_close(&groups, &x.layer_norm(&[5], None, None, 1e-5).unwrap().to_vec::<f64>().unwrap(), 1e-12);
}

#[test]
fn statistics() {
    let x = tensor(&numbers(), &[ROWS, WIDTH]);
    let var = |r: &[f64]| {
        let mean = r.iter().sum::<f64>() / WIDTH as f64;
        r.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (WIDTH as f64 - 1.0)
    };
    assert_close(&x.var(&[1], 1.0, false).unwrap(), &by_row(|r| [var(r)]), 1e-12);
    assert_close(&x.std(&[-1], 1.0, true).unwrap(), &by_row(|r| [var(r).sqrt()]), 1e-12);
    for p in [0.5, 1.0, 2.0, 3.0] {
        let expected = by_row(|r| [r.iter().map(|x| x.abs().powf(p)).sum::<f64>().powf(1.0 / p)]);
        assert_close(&x.norm(p, &[1], false).unwrap(), &expected, 1e-12);
    }
    let most = by_row(|r| [r.iter().fold(0.0, |m: f64, x| m.max(x.abs()))]);
    assert_close(&x.norm(f64::INFINITY, &[1], false).unwrap(), &most, 0.0);
    let holes = tensor(&[1.0, f64::NAN, 3.0], &[3]);
    assert_close(&holes.nansum(&[], false).unwrap(), &[4.0], 0.0);
    assert_close(&holes.nanmean(&[], false).unwrap(), &[2.0], 0.0);
    assert_close(&x.cosine_similarity(&x, 1, 1e-8).unwrap(), &[1.0; ROWS], 1e-12);
}

#[test]
fn cross_entropy_of_indices_and_probabilities() {
    let x = tensor(&numbers(), &[ROWS, WIDTH]);
    let target = Tensor::from_slice(&[1i64, -100, 4], &[ROWS]).unwrap();
    let weight = tensor(&[0.5, 1.0, 1.5, 2.0, 2.5], &[WIDTH]);
    let rows = numbers();
    let loss = |row: usize, class: usize| -log_softmax_of(&rows[row * WIDTH..][..WIDTH])[class];
    let (first, last) = (loss(0, 1), loss(2, 4));
    let run = |w: Option<&Tensor>, r, s| cross_entropy(&x, &target, w, -100, r, s).unwrap();
    assert_close(&run(None, Reduction::Mean, 0.0), &[(first + last) / 2.0], 1e-12);
    assert_close(&run(None, Reduction::None, 0.0), &[first, 0.0, last], 1e-12);
    assert_close(&run(Some(&weight), Reduction::Mean, 0.0), &[(first + 2.5 * last) / 3.5], 1e-12);
    let even = |row: usize| (0..WIDTH).map(|c| loss(row, c)).sum::<f64>() / WIDTH as f64;
    let smooth = [0.9 * first + 0.1 * even(0), 0.0, 0.9 * last + 0.1 * even(2)];
    assert_close(&run(None, Reduction::None, 0.1), &smooth, 1e-12);
    let shares = tensor(&[0.2; ROWS * WIDTH], &[ROWS, WIDTH]);
    let mean = (0..ROWS).map(even).sum::<f64>() / ROWS as f64;
    assert_close(&cross_entropy(&x, &shares, None, -100, Reduction::Mean, 0.0).unwrap(), &[mean], 1e-12);
    let outside = Tensor::from_slice(&[1i64, 5, 0], &[ROWS]).unwrap();
    let lost = cross_entropy(&x, &outside, None, -100, Reduction::Mean, 0.0).and_then(|l| l.item());
    assert!(lost.is_err(), "class 5 of 5");
}

#[test]
fn losses_of_elements() {
    let (x, t) = (tensor(&[0.2, 0.9], &[2]), tensor(&[0.0, 1.0], &[2]));
    let coin = reduced(|x, t| x.bce_element(t), &x, &t, None, Reduction::Sum).unwrap();
    assert_close(&coin, &[-(0.8f64.ln() + 0.9f64.ln())], 1e-12);
    let logits = x.logit().unwrap();
    assert_close(
        &reduced(|x, t| x.bce_logits_element(t), &logits, &t, None, Reduction::Sum).unwrap(),
        &[-(0.8f64.ln() + 0.9f64.ln())],
        1e-12,
    );
    let divergence = kl_div_of_batch(&x.log().unwrap(), &tensor(&[0.5, 0.0], &[2]), false).unwrap();
    assert_close(&divergence, &[0.5 * (0.5f64.ln() - 0.2f64.ln()) / 2.0], 1e-12);
    assert!(Reduction::parse("average").is_err());
}

/// Grouped heads are the same as repeated ones; the kernel is the same as the plain operators.
#[test]
fn attention_of_grouped_heads() {
    let values = |count: usize| (0..count).map(|i| ((i * 37 % 19) as f64 - 9.0) / 7.0).collect::<Vec<_>>();
    let tensors = [[2, 4, 3, 5], [2, 2, 6, 5], [2, 2, 6, 3]].map(|shape: [usize; 4]| {
        tensor(&values(shape.iter().product()), &shape).requires_grad_(true).unwrap()
    });
    let [q, k, v] = &tensors;
    let options = AttentionOptions { grouped: true, ..AttentionOptions::default() };
    for heads in [0, 1, 4] {
        let whole = tensor(&values(72), &[4, 3, 6]);
        let mask = match heads {
            0 => None,
            heads => Some(whole.narrow(0, 0, heads).unwrap()),
        };
        let out = scaled_dot_product_attention(q, k, v, mask.as_ref(), &options).unwrap();
        let [all_k, all_v] = [k, v].map(|t| t.repeat_interleave(2, Some(1)).unwrap());
        let weights = attention_weights(q, &all_k, mask.as_ref(), false, 1.0 / 5f64.sqrt()).unwrap();
        let plain = weights.matmul(&all_v).unwrap();
        assert_close(&out, &plain.to_vec::<f64>().unwrap(), 1e-12);
        let gradients = |out: &Tensor| {
            let total = out.mul(out).unwrap().sum_all().unwrap();
            crate::autograd::grad(&[total], &tensors, None, true, false, false, false).unwrap()
        };
        for (found, expected) in gradients(&out).iter().zip(gradients(&plain)) {
            let expected = expected.unwrap().to_vec::<f64>().unwrap();
            assert_close(found.as_ref().unwrap(), &expected, 1e-11);
        }
    }
}

#[test]
fn attention_sees_what_the_mask_allows() {
    let q = tensor(&numbers()[..6], &[3, 2]);
    let v = tensor(&[1.0, 2.0, 3.0], &[3, 1]);
    let causal = AttentionOptions { causal: true, ..AttentionOptions::default() };
    let out = scaled_dot_product_attention(&q, &q, &v, None, &causal).unwrap().to_vec::<f64>().unwrap();
    let rows = numbers();
    let score =
        |i: usize, j: usize| (rows[2 * i] * rows[2 * j] + rows[2 * i + 1] * rows[2 * j + 1]) / 2f64.sqrt();
    for (i, got) in out.iter().enumerate() {
        let weights: Vec<f64> = (0..=i).map(|j| score(i, j).exp()).collect();
        let expected =
            weights.iter().zip(1..).map(|(w, v)| w * v as f64).sum::<f64>() / weights.iter().sum::<f64>();
        assert!((got - expected).abs() < 1e-12, "row {i}: {got}, not {expected}");
    }
    let nothing = Tensor::full(&[3, 3], false, DType::Bool, 0).unwrap();
    let options = AttentionOptions::default();
    assert_close(
        &scaled_dot_product_attention(&q, &q, &v, Some(&nothing), &options).unwrap(),
        &[0.0; 3],
        0.0,
    );
}

#[test]
fn ranges_have_torchs_lengths_and_dtypes() {
    let ints = Tensor::arange(5, -4, -3, None, 0).unwrap();
    assert_eq!((ints.dtype(), ints.to_vec::<i64>().unwrap()), (DType::I64, vec![5, 2, -1]));
    let floats = Tensor::arange(0.0, 1.0, 0.1, None, 0).unwrap();
    assert_eq!((floats.dtype(), floats.numel()), (DType::F32, 10));
    assert_eq!(floats.to_vec::<f32>().unwrap()[3], 0.3f32);
    assert_eq!(Tensor::arange(3, 3, 1, None, 0).unwrap().numel(), 0);
    assert!(Tensor::arange(0, 5, -1, None, 0).is_err());
    assert_close(&Tensor::linspace(0.0, 1.0, 5, None, 0).unwrap(), &[0.0, 0.25, 0.5, 0.75, 1.0], 0.0);
    assert_close(&Tensor::logspace(0.0, 2.0, 3, 10.0, None, 0).unwrap(), &[1.0, 10.0, 100.0], 1e-6);
    assert_close(&Tensor::eye(2, 3, DType::F32, 0).unwrap(), &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0], 0.0);
}

#[test]
fn rust_operators() {
    let a = tensor(&[1.0, 2.0], &[2]);
    assert_close(&(2.0 * &(&a + &a).unwrap()).unwrap(), &[4.0, 8.0], 0.0);
    assert_close(&(1 - &a).unwrap(), &[0.0, -1.0], 0.0);
    assert_close(&(&a / 2).unwrap(), &[0.5, 1.0], 0.0);
    assert_close(&(6.0 / &a).unwrap(), &[6.0, 3.0], 0.0);
    assert_close(&(-(&a % 2).unwrap()).unwrap(), &[-1.0, 0.0], 0.0);
    assert_close(&a.pow(3).unwrap(), &[1.0, 8.0], 0.0);
    let both = (a.gt(1.5).unwrap() & a.lt(3).unwrap()).unwrap();
    assert_eq!(both.to_vec::<bool>().unwrap(), [false, true]);
}

/// Compares the gradient of a function with differences, at a point, with a different weight for each result.
fn assert_gradient(
    name: &str,
    values: &[f64],
    shape: &[usize],
    f: impl Fn(&Tensor) -> crate::Result<Tensor>,
) {
    const H: f64 = 1e-6;
    let loss = |x: &Tensor| {
        let y = f(x).unwrap().reshape(&[-1]).unwrap();
        let weights: Vec<f64> = (0..y.numel()).map(|i| 0.3 + (i * 7 % 5) as f64 / 4.0).collect();
        y.mul(&tensor(&weights, &[y.numel()])).unwrap().sum_all().unwrap()
    };
    let x = tensor(values, shape).requires_grad_(true).unwrap();
    loss(&x).backward().unwrap();
    let got = x.grad().unwrap().to_vec::<f64>().unwrap();
    for i in 0..values.len() {
        let at = |h: f64| {
            let mut moved = values.to_vec();
            moved[i] += h;
            loss(&tensor(&moved, shape)).item().unwrap().to_f64()
        };
        let expected = (at(H) - at(-H)) / (2.0 * H);
        assert!(
            (got[i] - expected).abs() < 1e-6 * expected.abs().max(1.0),
            "{name} {i}: {}, not {expected}",
            got[i]
        );
    }
}

#[test]
fn gradients_of_composites_match_differences() {
    let rows = numbers();
    let check = |name: &str, f: &dyn Fn(&Tensor) -> crate::Result<Tensor>| {
        assert_gradient(name, &rows, &[ROWS, WIDTH], f);
    };
    let weight = tensor(&[1.0, 2.0, 3.0, 4.0, 5.0], &[WIDTH]);
    let target = Tensor::from_slice(&[1i64, 0, 4], &[ROWS]).unwrap();
    let other = tensor(&rows, &[ROWS, WIDTH]).add(1.0).unwrap();
    check("softmax", &|x| x.softmax(-1, None));
    check("log_softmax", &|x| x.log_softmax(0, None));
    check("logsumexp", &|x| x.logsumexp(&[1], false));
    check("layer_norm", &|x| x.layer_norm(&[5], Some(&weight), None, 1e-5));
    check("rms_norm", &|x| x.rms_norm(&[5], Some(&weight), None));
    check("group_norm", &|x| x.reshape(&[1, 3, 5])?.group_norm(3, None, None, 1e-5));
    check("batch_norm", &|x| x.batch_norm(None, None, Some(&weight), None, true, 0.1, 1e-5));
    check("var", &|x| x.var(&[0], 1.0, true));
    check("std", &|x| x.std(&[], 1.0, false));
    check("norm 2", &|x| x.norm(2.0, &[1], false));
    check("norm 3", &|x| x.norm(3.0, &[1], false));
    check("normalize", &|x| x.normalize(2.0, &[1], 1e-12));
    check("cosine_similarity", &|x| x.cosine_similarity(&other, 1, 1e-8));
    check("cross_entropy", &|x| cross_entropy(x, &target, Some(&weight), 0, Reduction::Mean, 0.1));
    check("prelu", &|x| x.add(0.1)?.prelu(&weight));
    check("glu", &|x| x.narrow(1, 0, 4)?.glu(1));
    check("attention", &|x| {
        let options = AttentionOptions { causal: true, ..AttentionOptions::default() };
        scaled_dot_product_attention(x, x, x, None, &options)
    });
    check("dropout", &|x| {
        crate::random::manual_seed(5);
        x.dropout(0.4, true)
    });
    check("masked_fill", &|x| x.masked_fill(&x.gt(0.6)?, 2.0));
    check("clamp", &|x| x.clamp(Some((-1.1).into()), Some(1.1.into())));
    let zero = tensor(&[0.0, 0.0], &[2]).requires_grad_(true).unwrap();
    zero.norm(2.0, &[], false).unwrap().backward().unwrap();
    assert_eq!(zero.grad().unwrap().to_vec::<f64>().unwrap(), [0.0, 0.0]);
}
