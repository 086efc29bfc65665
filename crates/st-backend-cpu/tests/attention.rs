//! Attention and its gradient against the formulas, written naively in `f64`.

mod common;

use common::{Rng, Tensor};
use st_backend_cpu::{CpuDevice, pool};
use st_kernel::{Access, Buffer, DType, Device, Kernel, Launch, Scalar};

/// What is computed: sizes `[items, m, n, d, dv]`, and how.
#[derive(Clone, Copy, Debug)]
struct Case {
    sizes: [usize; 5],
    dtype: DType,
    mask: Option<DType>,
    causal: bool,
}

const SCALE: f64 = 0.3;

/// A tensor in a random layout, its values as the dtype holds them, and the launch dimensions it has.
struct Part {
    tensor: Tensor,
    values: Vec<f64>,
    dims: Vec<usize>,
}

impl Part {
    fn new(
        rng: &mut Rng,
        case: &Case,
        dims: &[usize],
        dtype: DType,
        value: impl Fn(&mut Rng) -> f64,
    ) -> Part {
        let shape: Vec<usize> = dims.iter().map(|&d| case.sizes[d]).collect();
        let scalars: Vec<Scalar> = (0..shape.iter().product())
            .map(|_| match dtype {
                DType::Bool => Scalar::Bool(value(rng) > -0.4),
                _ => Scalar::Float(value(rng)),
            })
            .collect();
        let tensor = Tensor::anyhow(rng, dtype, &shape, &scalars);
        let values = tensor.values().iter().map(|x| x.to_f64()).collect();
        Part { tensor, values, dims: dims.to_vec() }
    }

    fn access(&self, buffer: usize) -> Access {
        let own = self.tensor.access(buffer as u32);
        let mut strides = [0; 5];
        self.dims.iter().zip(&own.strides).for_each(|(&d, &s)| strides[d] = s);
        Access { strides: strides.as_slice().into(), ..own }
    }

    /// Item `item` of its values.
    fn item(&self, case: &Case, item: usize) -> &[f64] {
        let items = if self.dims[0] == 0 { case.sizes[0] } else { 1 };
        let len = self.values.len() / items;
        &self.values[if items == 1 { 0 } else { item * len }..][..len]
    }
}

fn small(rng: &mut Rng) -> f64 {
    rng.below(2001) as f64 / 500.0 - 2.0
}

/// The operands of a case.
struct Inputs {
    q: Part,
    k: Part,
    v: Part,
    mask: Option<Part>,
}

impl Inputs {
    fn new(rng: &mut Rng, case: &Case, shared_keys: bool) -> Inputs {
        let dims = |rest: [usize; 2]| if shared_keys { rest.to_vec() } else { vec![0, rest[0], rest[1]] };
        let mask =
            case.mask.map(|dtype| {
                let batched = if rng.below(2) == 0 { vec![1, 2] } else { vec![0, 1, 2] };
                let dims = [vec![2], batched][rng.below(2)].clone();
                Part::new(rng, case, &dims, dtype, |rng| {
                    if rng.below(4) == 0 { f64::NEG_INFINITY } else { small(rng) }
                })
            });
        Inputs {
            q: Part::new(rng, case, &[0, 1, 3], case.dtype, small),
            k: Part::new(rng, case, &dims([2, 3]), case.dtype, small),
            v: Part::new(rng, case, &dims([2, 4]), case.dtype, small),
            mask,
        }
    }

    fn parts(&self) -> Vec<&Part> {
        [&self.q, &self.k, &self.v].into_iter().chain(&self.mask).collect()
    }

    /// Probabilities `[m, n]` of an item, and the logarithms of the sums of exponentials.
    fn shares(&self, case: &Case, item: usize) -> (Vec<f64>, Vec<f64>) {
        let [_, m, n, d, _] = case.sizes;
        let (q, k) = (self.q.item(case, item), self.k.item(case, item));
        let (mut shares, mut logs) = (vec![0.0; m * n], vec![0.0; m]);
        for i in 0..m {
            let score = |j: usize| {
                let dot: f64 = (0..d).map(|c| q[i * d + c] * k[j * d + c]).sum();
                let added = self.mask.as_ref().map_or(0.0, |mask| {
                    let row = if mask.dims.contains(&1) { i } else { 0 };
                    let x = mask.item(case, item)[row * n + j];
                    match mask.tensor.dtype {
                        DType::Bool => {
                            if x == 0.0 {
                                f64::NEG_INFINITY
                            } else {
                                0.0
                            }
                        }
                        _ => x,
                    }
                });
                if case.causal && j > i { f64::NEG_INFINITY } else { dot * SCALE + added }
            };
            let sum: f64 = (0..n).map(|j| score(j).exp()).sum();
            logs[i] = sum.ln();
            if sum > 0.0 {
                (0..n).for_each(|j| shares[i * n + j] = score(j).exp() / sum);
            }
        }
        (shares, logs)
    }
}

/// Row-major `[rows, cols]` from `f(row, col)`.
fn matrix(rows: usize, cols: usize, f: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    (0..rows * cols).map(|i| f(i / cols, i % cols)).collect()
}

fn launch(case: &Case, backward: bool, reads: &[&Part], writes: &[&Part]) {
    let access = |first: usize, parts: &[&Part]| -> Vec<Access> {
        parts.iter().enumerate().map(|(i, part)| part.access(first + i)).collect()
    };
    let launch = Launch {
        dims: case.sizes.as_slice().into(),
        reads: access(0, reads),
        writes: access(reads.len(), writes),
        ints: vec![],
    };
    let buffers: Vec<Buffer> = reads.iter().chain(writes).map(|part| part.tensor.buffer.clone()).collect();
    let Case { dtype, mask, causal, .. } = *case;
    let kernel = Kernel::Attention { backward, dtype, mask, causal };
    let program = CpuDevice::new().compile(&kernel).unwrap();
    program.launch(&launch, &buffers, &[Scalar::Float(SCALE)]).unwrap();
}

/// Compares with a tolerance relative to the largest value expected.
fn assert_close(got: &Part, expected: &[f64], tolerance: f64, what: &str) {
    let size = expected.iter().filter(|x| x.is_finite()).fold(1.0f64, |size, x| size.max(x.abs()));
    for (i, (got, &expected)) in got.tensor.values().iter().zip(expected).enumerate() {
        let got = got.to_f64();
        let close = got == expected || (got - expected).abs() <= tolerance * size;
        assert!(close, "{what}: {got} instead of {expected} at {i}");
    }
}

fn tolerance(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => 1e-13,
        DType::F32 => 3e-6,
        DType::F16 => 4e-3,
        _ => 3e-2,
    }
}

/// Runs both directions and compares them with the formulas; returns all results.
fn check(rng: &mut Rng, case: &Case, shared_keys: bool) -> Vec<Vec<Scalar>> {
    let inputs = Inputs::new(rng, case, shared_keys);
    let [items, m, n, d, dv] = case.sizes;
    let float = if case.dtype == DType::F64 { DType::F64 } else { DType::F32 };
    let write = |rng: &mut Rng, dims: &[usize], dtype| Part::new(rng, case, dims, dtype, |_| f64::NAN);
    let (out, logs) = (write(rng, &[0, 1, 4], case.dtype), write(rng, &[0, 1], float));
    launch(case, false, &inputs.parts(), &[&out, &logs]);

    let grad = Part::new(rng, case, &[0, 1, 4], case.dtype, small);
    let grads = [[0, 1, 3], [0, 2, 3], [0, 2, 4]].map(|dims| write(rng, &dims, case.dtype));
    let reads: Vec<&Part> = inputs.parts().into_iter().chain([&out, &logs, &grad]).collect();
    launch(case, true, &reads, &grads.each_ref());

    let mut expected: [Vec<f64>; 5] = Default::default();
    for item in 0..items {
        let (p, log) = inputs.shares(case, item);
        let [q, k, v, g] = [&inputs.q, &inputs.k, &inputs.v, &grad].map(|part| part.item(case, item));
        let o = matrix(m, dv, |i, c| (0..n).map(|j| p[i * n + j] * v[j * dv + c]).sum());
        let from_v = matrix(m, n, |i, j| (0..dv).map(|c| g[i * dv + c] * v[j * dv + c]).sum());
        let dots = matrix(m, 1, |i, _| (0..dv).map(|c| g[i * dv + c] * o[i * dv + c]).sum());
        let s = matrix(m, n, |i, j| SCALE * p[i * n + j] * (from_v[i * n + j] - dots[i]));
        expected[2].extend(matrix(m, d, |i, c| (0..n).map(|j| s[i * n + j] * k[j * d + c]).sum()));
        expected[3].extend(matrix(n, d, |j, c| (0..m).map(|i| s[i * n + j] * q[i * d + c]).sum()));
        expected[4].extend(matrix(n, dv, |j, c| (0..m).map(|i| p[i * n + j] * g[i * dv + c]).sum()));
        expected[0].extend(o);
        expected[1].extend(log);
    }
    let results: Vec<&Part> = [&out, &logs].into_iter().chain(&grads).collect();
    for ((result, expected), name) in results.iter().zip(&expected).zip(["out", "logs", "dq", "dk", "dv"]) {
        let tolerance = tolerance(if name == "logs" { float } else { case.dtype });
        assert_close(result, expected, tolerance, &format!("{name} of {case:?}"));
    }
    results.iter().map(|part| part.tensor.values()).collect()
}

const DTYPES: [DType; 4] = [DType::F32, DType::F64, DType::BF16, DType::F16];
const MASKS: [Option<DType>; 5] =
    [None, Some(DType::Bool), Some(DType::F32), Some(DType::F64), Some(DType::BF16)];

#[test]
fn every_dtype_mask_and_layout() {
    let mut rng = Rng(51);
    for dtype in DTYPES {
        for mask in MASKS {
            for causal in [false, true] {
                for most in [3, 17, 40] {
                    let sizes = [3, most, most, most, most].map(|most| 1 + rng.below(most));
                    let shared_keys = rng.below(2) == 0;
                    check(&mut rng, &Case { sizes, dtype, mask, causal }, shared_keys);
                }
            }
        }
    }
}

#[test]
fn several_blocks_of_queries_and_keys() {
    let mut rng = Rng(52);
    for sizes in [[1, 70, 300, 5, 33], [2, 150, 513, 16, 8], [1, 300, 70, 8, 16], [6, 129, 257, 3, 4]] {
        for causal in [false, true] {
            for (dtype, mask) in [(DType::F32, None), (DType::F64, Some(DType::Bool)), (DType::BF16, None)] {
                check(&mut rng, &Case { sizes, dtype, mask, causal }, false);
            }
        }
    }
}

#[test]
fn empty_sizes() {
    let mut rng = Rng(53);
    for empty in 0..5 {
        for causal in [false, true] {
            let mut sizes = [2, 3, 4, 5, 6];
            sizes[empty] = 0;
            check(&mut rng, &Case { sizes, dtype: DType::F32, mask: None, causal }, false);
        }
    }
}

/// Three items are one task each with one thread, and many tasks with two.
#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let case = Case { sizes: [3, 100, 300, 9, 7], dtype: DType::F32, mask: Some(DType::Bool), causal: false };
    let [one, two] = [1, 2].map(|threads| {
        pool::set_num_threads(threads);
        check(&mut Rng(54), &case, false)
    });
    assert!(one == two);
}

#[test]
fn what_is_not_a_number_stays_so() {
    let mut rng = Rng(55);
    let case = Case { sizes: [1, 2, 3, 2, 2], dtype: DType::F32, mask: None, causal: true };
    for bad in [f64::NAN, f64::INFINITY] {
        let mut inputs = Inputs::new(&mut rng, &case, false);
        inputs.q = Part::new(&mut rng, &case, &[0, 1, 3], DType::F32, |_| 1.0);
        inputs.k = Part::new(&mut rng, &case, &[0, 2, 3], DType::F32, |_| bad);
        let out = Part::new(&mut rng, &case, &[0, 1, 4], DType::F32, small);
        let logs = Part::new(&mut rng, &case, &[0, 1], DType::F32, small);
        launch(&case, false, &inputs.parts(), &[&out, &logs]);
        assert!(out.tensor.values().iter().all(|x| x.to_f64().is_nan()));
    }
}
