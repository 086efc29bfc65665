//! Gradients of the node kinds, first and second, against finite differences in double precision.

use st_core::ops::gather::{Combine, embedding};
use st_core::ops::join::{cat, stack};
use st_core::ops::{Index, select};
use st_core::{Result, Tensor, autograd};

/// Deterministic numbers between -1 and 1, no two equal.
fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn longs(values: &[i64], shape: &[usize]) -> Tensor {
    Tensor::from_slice(values, shape).unwrap()
}

type Function<'a> = &'a dyn Fn(&[Tensor]) -> Result<Tensor>;

/// A scalar that weighs every element of the result differently.
fn weighed(f: Function, inputs: &[Tensor]) -> Result<Tensor> {
    let out = f(inputs)?;
    let weights = Tensor::from_slice(&numbers(out.numel(), 99), out.shape())?;
    out.mul(&weights)?.sum_all()
}

fn gradients(f: Function, inputs: &[Tensor], again: bool) -> Result<Vec<Tensor>> {
    let total = weighed(f, inputs)?;
    let found = autograd::grad(&[total], inputs, None, true, again, true, false)?;
    found
        .into_iter()
        .zip(inputs)
        .map(|(g, x)| g.map_or_else(|| Tensor::full(x.shape(), 0.0, x.dtype(), 0), Ok))
        .collect()
}

/// Compares the gradients of `f` (a scalar) with finite differences.
fn compare(
    what: &str,
    f: &dyn Fn(&[Tensor]) -> Result<Tensor>,
    data: &[(Vec<usize>, Vec<f64>)],
    found: &[Tensor],
) -> Result<()> {
    const H: f64 = 1e-6;
    for (which, gradient) in found.iter().enumerate() {
        let gradient = gradient.to_vec::<f64>()?;
        for i in 0..gradient.len() {
            let moved = |h: f64| -> Result<f64> {
                let inputs: Vec<Tensor> = data
                    .iter()
                    .enumerate()
                    .map(|(k, (shape, values))| {
                        let mut values = values.clone();
                        if k == which {
                            values[i] += h;
                        }
                        Tensor::from_slice(&values, shape)?.requires_grad_(true)
                    })
                    .collect::<Result<_>>()?;
                Ok(f(&inputs)?.item()?.to_f64())
            };
            let expected = (moved(H)? - moved(-H)?) / (2.0 * H);
            let error = (gradient[i] - expected).abs();
            assert!(
                error < 1e-6 * expected.abs().max(1.0),
                "{what}: input {which}, element {i}: {}, finite difference {expected}",
                gradient[i]
            );
        }
    }
    Ok(())
}

fn check_values(what: &str, data: Vec<(Vec<usize>, Vec<f64>)>, f: Function) {
    let run = || -> Result<()> {
        let inputs: Vec<Tensor> = data
            .iter()
            .map(|(shape, values)| Tensor::from_slice(values, shape)?.requires_grad_(true))
            .collect::<Result<_>>()?;
        compare(what, &|x| weighed(f, x), &data, &gradients(f, &inputs, false)?)?;
        // The same by the form that can be differentiated again, and its derivative.
        let first = gradients(f, &inputs, true)?;
        compare(what, &|x| weighed(f, x), &data, &first)?;
        let mixed = |x: &[Tensor]| -> Result<Tensor> {
            let mut total = Tensor::full(&[], 0.0, st_core::DType::F64, 0)?;
            for (i, g) in gradients(f, x, true)?.iter().enumerate() {
                let weights = Tensor::from_slice(&numbers(g.numel(), 7 + i as u64), g.shape())?;
                total = total.add(&g.mul(&weights)?.sum_all()?)?;
            }
            Ok(total)
        };
        let second = autograd::grad(&[mixed(&inputs)?], &inputs, None, false, false, true, false)?;
        let second: Vec<Tensor> = second
            .into_iter()
            .zip(&inputs)
            .map(|(g, x)| g.map_or_else(|| Tensor::full(x.shape(), 0.0, x.dtype(), 0), Ok))
            .collect::<Result<_>>()?;
        compare(&format!("{what}, again"), &mixed, &data, &second)
    };
    run().unwrap_or_else(|e| panic!("{what}: {e}"));
}

fn check(what: &str, shapes: &[&[usize]], f: Function) {
    let data =
        shapes.iter().enumerate().map(|(i, s)| (s.to_vec(), numbers(s.iter().product(), 20 + i as u64)));
    check_values(what, data.collect(), f);
}

#[test]
fn reductions() {
    check("sum", &[&[2, 3, 2]], &|x| x[0].sum(&[1], false)?.exp());
    check("mean", &[&[2, 3]], &|x| x[0].mean(&[], false)?.exp());
    check("prod", &[&[2, 3]], &|x| x[0].prod(&[1], true));
    check_values(
        "prod of zeros",
        vec![(vec![3, 3], vec![0.5, 0.0, 2.0, 0.0, 3.0, 0.0, 1.0, 2.0, 3.0])],
        &|x| x[0].prod(&[1], false),
    );
    check_values("prod of all", vec![(vec![2, 2], vec![0.5, 0.0, 2.0, 0.7])], &|x| x[0].prod(&[], false));
    check("amax", &[&[3, 4]], &|x| x[0].amax(&[0], false)?.exp());
    check("max", &[&[3, 4]], &|x| x[0].max_dim(1, true)?.0.exp());
    check("expand", &[&[3, 1]], &|x| x[0].expand(&[2, 3, 4])?.exp());
}

#[test]
fn attention() {
    use st_core::ops::attention::attention;
    let shapes: [&[usize]; 3] = [&[2, 3, 4], &[2, 5, 4], &[2, 5, 2]];
    check("attention", &shapes, &|x| attention(&x[0], &x[1], &x[2], None, false, 0.7));
    check("causal attention", &shapes, &|x| attention(&x[0], &x[1], &x[2], None, true, 0.7));
    let mask = Tensor::from_slice(&numbers(15, 3), &[3, 5]).unwrap();
    check("attention with a mask", &shapes, &|x| attention(&x[0], &x[1], &x[2], Some(&mask), false, 0.7));
    let mask = mask.gt(0.2).unwrap();
    check("attention with holes", &shapes, &|x| attention(&x[0], &x[1], &x[2], Some(&mask), false, 0.7));
    let shapes: [&[usize]; 3] = [&[2, 1, 3, 4], &[3, 5, 4], &[5, 2]];
    check("attention of broadcast batches", &shapes, &|x| {
        attention(&x[0], &x[1], &x[2].relu()?, None, false, 0.7)
    });
    check("attention of transposed operands", &[&[3, 2, 4], &[4, 2, 5], &[2, 5, 2]], &|x| {
        attention(&x[0].transpose(0, 1)?, &x[1].permute(&[1, 2, 0])?, &x[2], None, false, 0.7)?.exp()
    });
    check("the mask's own gradient", &[&[3, 4], &[3, 3]], &|x| {
        use st_core::ops::composite::{AttentionOptions, scaled_dot_product_attention};
        scaled_dot_product_attention(&x[0], &x[0], &x[0], Some(&x[1]), &AttentionOptions::default())
    });
}

#[test]
fn ties_share() -> Result<()> {
    let x = Tensor::from_slice(&[1.0f64, 3.0, 3.0], &[3])?.requires_grad_(true)?;
    let g = autograd::grad(&[x.amax(&[], false)?], std::slice::from_ref(&x), None, true, false, true, false)?;
    assert_eq!(g[0].as_ref().unwrap().to_vec::<f64>()?, [0.0, 0.5, 0.5]);
    let g =
        autograd::grad(&[x.max_dim(0, false)?.0], std::slice::from_ref(&x), None, true, false, true, false)?;
    assert_eq!(g[0].as_ref().unwrap().to_vec::<f64>()?, [0.0, 1.0, 0.0]);
    Ok(())
}

#[test]
fn scans() {
    check("cumsum", &[&[2, 4]], &|x| x[0].cumsum(1)?.exp());
    check("cumprod", &[&[2, 4]], &|x| x[0].cumprod(1));
    check("cumprod along 0", &[&[3, 2]], &|x| x[0].cumprod(0));
    let zeros = vec![0.5, 0.0, 2.0, 3.0, 0.0, 3.0, 0.0, 0.7, 1.0, 2.0, 3.0, 0.0];
    check_values("cumprod of zeros", vec![(vec![3, 4], zeros)], &|x| x[0].cumprod(1));
    check("cummax", &[&[2, 5]], &|x| x[0].cummax(1)?.0.exp());
    check("logcumsumexp", &[&[2, 3]], &|x| x[0].logcumsumexp(1));
}

#[test]
fn products() {
    check("matmul", &[&[2, 3], &[3, 2]], &|x| x[0].matmul(&x[1]));
    check("linear", &[&[2, 2, 3], &[2, 3]], &|x| x[0].matmul(&x[1].t()?));
    check("dot", &[&[3], &[3]], &|x| x[0].matmul(&x[1]));
    check("vector, batch", &[&[3], &[2, 3, 2]], &|x| x[0].matmul(&x[1]));
    check("batch, vector", &[&[2, 2, 3], &[3]], &|x| x[0].matmul(&x[1]));
    check("broadcast batches", &[&[2, 1, 2, 3], &[2, 3, 2]], &|x| x[0].matmul(&x[1]));
    check("one against many", &[&[2, 3], &[2, 3, 2]], &|x| x[0].matmul(&x[1]));
    check("transposed batch", &[&[3, 2, 2], &[3, 2]], &|x| x[0].permute(&[1, 2, 0])?.matmul(&x[1]));
}

#[test]
fn convolutions() {
    use st_core::ops::conv::{ConvOptions, Padding, conv, conv_transpose};
    let options = ConvOptions {
        stride: [2].as_slice().into(),
        padding: Padding::Sizes([1].as_slice().into()),
        groups: 2,
        ..ConvOptions::default()
    };
    check("conv", &[&[2, 2, 4, 3], &[2, 1, 2, 2], &[2]], &|x| conv(&x[0], &x[1], Some(&x[2]), &options));
    check("conv_transpose", &[&[2, 2, 3], &[2, 1, 3], &[2]], &|x| {
        conv_transpose(&x[0], &x[1], Some(&x[2]), &options)
    });
    let same = ConvOptions { padding: Padding::Same, ..ConvOptions::default() };
    check("same", &[&[1, 4], &[1, 1, 2]], &|x| conv(&x[0], &x[1], None, &same));
}

#[test]
fn indexing() {
    let index = longs(&[0, 2, 1, 0], &[2, 2]);
    check("gather", &[&[3, 2]], &|x| x[0].gather(0, &index)?.exp());
    check("index_select", &[&[3, 2]], &|x| x[0].index_select(0, &longs(&[1, 1, 0], &[3]))?.exp());
    check("scatter", &[&[3, 2], &[2, 2]], &|x| x[0].scatter(0, &longs(&[0, 2, 1, 0], &[2, 2]), &x[1])?.exp());
    check("scatter_add", &[&[3, 2], &[2, 3]], &|x| x[0].scatter_add(0, &index, &x[1])?.exp());
    let twice = longs(&[0, 2, 0, 2], &[2, 2]);
    for (name, how) in
        [("prod", Combine::Prod), ("mean", Combine::Mean), ("amax", Combine::Max), ("amin", Combine::Min)]
    {
        for include in [true, false] {
            check(name, &[&[3, 2], &[2, 2]], &|x| x[0].scatter_reduce(0, &twice, &x[1], how, include)?.exp());
        }
    }
    let at = longs(&[1, 1, 0], &[3]);
    check("index_add", &[&[3, 2], &[3, 2]], &|x| x[0].index_add(0, &at, &x[1], 2.0)?.exp());
    check("index_put", &[&[3, 2], &[2]], &|x| {
        x[0].index_put(&[Some(longs(&[2, 0], &[2])), Some(longs(&[1, 1], &[2]))], &x[1], false)?.exp()
    });
    check("x[:, i]", &[&[2, 3]], &|x| x[0].index(&[Index::ALL, Index::Tensor(at.clone())])?.exp());
    check("masked_select", &[&[2, 3]], &|x| {
        x[0].masked_select(&Tensor::from_slice(&[true, false, true], &[3])?)?.exp()
    });
    check("embedding", &[&[3, 2]], &|x| embedding(&index, &x[0], None)?.exp());
}

#[test]
fn assigning() {
    let at = longs(&[1, 0], &[2]);
    let item = |t: &Tensor| Index::Tensor(t.clone());
    check("x[1:, i] = y", &[&[3, 2], &[2, 1]], &|x| {
        let out = x[0].mul(2.0)?;
        let rest = Index::Slice { start: Some(1), end: None, step: None };
        out.index_put_items(&[rest, item(&longs(&[1], &[1]))], &x[1].exp()?)?;
        out.exp()
    });
    check("x[i] = y, x[0] = 2, read again", &[&[3, 2], &[1, 2]], &|x| {
        let out = x[0].mul(2.0)?;
        out.index_put_items(&[item(&at)], &x[1])?;
        out.index_put_items(&[Index::Int(0)], 2.0)?;
        out.exp()
    });
    check("x[mask] = y", &[&[3, 2], &[1]], &|x| {
        let out = x[0].mul(2.0)?;
        out.index_put_items(&[item(&x[0].gt(0.0)?)], &x[1])?;
        out.exp()
    });
}

#[test]
fn nothing_at_all() -> Result<()> {
    use st_core::ops::conv::{ConvOptions, conv};
    let none = longs(&[], &[0]);
    let run = |what: &str, shapes: &[&[usize]], f: Function| -> Result<()> {
        let inputs: Vec<Tensor> = shapes
            .iter()
            .map(|s| Tensor::from_slice(&numbers(s.iter().product(), 1), s)?.requires_grad_(true))
            .collect::<Result<_>>()?;
        for (g, x) in gradients(f, &inputs, true)?.iter().zip(&inputs) {
            assert_eq!(g.shape(), x.shape(), "{what}");
            assert!(g.to_vec::<f64>()?.iter().all(|&v| v == 0.0), "{what}");
        }
        Ok(())
    };
    run("narrow", &[&[3, 2]], &|x| x[0].narrow(0, 1, 0))?;
    run("index_select", &[&[3, 2]], &|x| x[0].index_select(0, &none))?;
    run("gather", &[&[3]], &|x| x[0].gather(0, &none))?;
    run("x[i]", &[&[3, 2]], &|x| x[0].index(&[Index::Tensor(none.clone())]))?;
    run("masked_select", &[&[3]], &|x| x[0].masked_select(&x[0].gt(9.0)?))?;
    run("matmul", &[&[0, 3], &[3, 2]], &|x| x[0].matmul(&x[1]))?;
    run("batch", &[&[0, 2, 3], &[3, 2]], &|x| x[0].matmul(&x[1]))?;
    run("conv", &[&[0, 1, 4], &[1, 1, 2]], &|x| conv(&x[0], &x[1], None, &ConvOptions::default()))?;
    run("cumsum", &[&[0, 3]], &|x| x[0].cumsum(0))?;
    run("cumprod", &[&[0, 3]], &|x| x[0].cumprod(0))?;
    run("cummax", &[&[2, 0]], &|x| Ok(x[0].cummax(1)?.0))?;
    run("sort", &[&[2, 0]], &|x| Ok(x[0].sort(1, false, true)?.0))?;
    run("topk", &[&[2, 3]], &|x| Ok(x[0].topk(0, 1, true, true)?.0))?;
    run("amax", &[&[0, 3]], &|x| x[0].amax(&[1], false))?;
    run("max", &[&[0, 3]], &|x| Ok(x[0].max_dim(1, false)?.0))?;
    run("cat", &[&[0, 3], &[0, 3]], &|x| cat(x, 0))?;
    run("pad", &[&[2, 3]], &|x| x[0].pad_constant(&[(-3, 0)], 0.0))?;
    run("flip", &[&[0, 3]], &|x| x[0].flip(&[0, 1]))?;
    run("roll", &[&[0, 3]], &|x| x[0].roll(&[1], &[0]))?;
    run("repeat", &[&[2, 3]], &|x| x[0].repeat(&[0, 2]))?;
    run("tril", &[&[0, 3]], &|x| x[0].tril(0))?;
    run("diagonal", &[&[2, 3]], &|x| x[0].diagonal(7, 0, 1))?;
    Ok(())
}

#[test]
fn padding_rows_of_an_embedding_get_no_gradient() -> Result<()> {
    let weight = Tensor::from_slice(&numbers(6, 1), &[3, 2])?.requires_grad_(true)?;
    let out = embedding(&longs(&[0, 2, 2], &[3]), &weight, Some(-1))?.sum_all()?;
    let g = autograd::grad(&[out], std::slice::from_ref(&weight), None, false, false, true, false)?;
    assert_eq!(g[0].as_ref().unwrap().to_vec::<f64>()?, [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    Ok(())
}

#[test]
fn sorting() {
    check("sort", &[&[2, 4]], &|x| x[0].sort(1, true, true)?.0.exp());
    check("topk", &[&[2, 4]], &|x| x[0].topk(2, 1, true, true)?.0.exp());
    check("median of all", &[&[3, 3]], &|x| x[0].median()?.exp());
    check("median", &[&[3, 3]], &|x| x[0].median_dim(0, false)?.0.exp());
}

#[test]
fn joining_arranging_and_views() {
    use st_core::ops::arrange::PadMode;
    check("cat", &[&[2, 1], &[2, 2]], &|x| cat(x, 1)?.exp());
    check("stack", &[&[2], &[2]], &|x| stack(x, 1)?.exp());
    check("pad", &[&[2, 3]], &|x| x[0].pad_constant(&[(1, -1), (-1, 2)], 5.0)?.exp());
    for mode in [PadMode::Reflect, PadMode::Replicate, PadMode::Circular] {
        check("pad from itself", &[&[2, 3]], &|x| x[0].pad_from(&[(2, 1)], mode)?.exp());
    }
    check("flip", &[&[2, 3]], &|x| x[0].flip(&[0, 1])?.exp());
    check("roll", &[&[2, 3]], &|x| x[0].roll(&[1], &[])?.exp());
    check("repeat", &[&[2, 2]], &|x| x[0].repeat(&[2, 1, 2])?.exp());
    check("tril", &[&[2, 3]], &|x| x[0].tril(0)?.exp());
    check("diag", &[&[2]], &|x| x[0].diag(1)?.exp());
    check("diagonal", &[&[2, 3]], &|x| x[0].diagonal(1, 0, 1)?.exp());
    check("diagonal of an expanded tensor", &[&[2, 1]], &|x| x[0].expand(&[2, 3])?.diagonal(0, 0, 1)?.exp());
    check("unfold", &[&[5]], &|x| x[0].unfold(0, 3, 1)?.exp());
    check("unfold of a transposed tensor", &[&[2, 3]], &|x| x[0].t()?.unfold(0, 2, 1)?.exp());
    check("slice", &[&[2, 5]], &|x| x[0].slice(1, Some(1), None, 2)?.exp());
    check("select, permute, reshape", &[&[2, 3, 2]], &|x| {
        x[0].permute(&[2, 0, 1])?.select(1, 0)?.reshape(&[-1])?.exp()
    });
    check("where", &[&[3], &[2, 1]], &|x| select(&x[0].gt(0.0)?, &x[0].mul(&x[1])?, &x[1]));
    check("div", &[&[3], &[2, 1]], &|x| x[0].div(&x[1].exp()?));
}
