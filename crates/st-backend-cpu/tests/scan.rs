//! Scans against naive loops, for every rule, dtype and layout.

mod common;

use common::{Rng, Tensor, assert_same, ordered, run};
use st_backend_cpu::{num_threads, set_num_threads};
use st_kernel::{DType, Kernel, Scalar, ScanOp};

/// Running values along the last dimension, and for extremes their places.
fn naive(op: ScanOp, dtype: DType, values: &[Scalar], length: usize) -> (Vec<Scalar>, Vec<Scalar>) {
    let (mut out, mut places) = (Vec::new(), Vec::new());
    for row in values.chunks(length) {
        let (mut run, mut place) = (row[0], 0);
        for (i, &x) in row.iter().enumerate() {
            let (a, b) = (run.to_f64(), x.to_f64());
            let wins = |better: bool| b.is_nan() || (!a.is_nan() && better);
            let take = i == 0
                || match op {
                    ScanOp::Max => wins(b >= a),
                    ScanOp::Min => wins(b <= a),
                    _ => false,
                };
            if take {
                (run, place) = (x, i as i64);
            } else if dtype.is_float() {
                run = Scalar::Float(match op {
                    ScanOp::Sum => a + b,
                    ScanOp::Prod => a * b,
                    ScanOp::LogSumExp if a.max(b).is_infinite() && !a.is_nan() && !b.is_nan() => a.max(b),
                    ScanOp::LogSumExp => (a.exp() + b.exp()).ln(),
                    _ => a,
                });
            } else {
                run = match (op, dtype) {
                    (ScanOp::Sum, DType::Bool) => Scalar::Bool(run.to_bool() | x.to_bool()),
                    (ScanOp::Prod, DType::Bool) => Scalar::Bool(run.to_bool() & x.to_bool()),
                    (ScanOp::Sum, _) => Scalar::Int(run.to_i64().wrapping_add(x.to_i64())).cast(dtype),
                    (ScanOp::Prod, _) => Scalar::Int(run.to_i64().wrapping_mul(x.to_i64())).cast(dtype),
                    _ => run,
                };
            }
            out.push(run.cast(dtype));
            places.push(Scalar::Int(place));
        }
    }
    (out, places)
}

fn check(rng: &mut Rng, op: ScanOp, dtype: DType, shape: &[usize]) {
    let count: usize = shape.iter().product();
    let values: Vec<Scalar> = (0..count)
        .map(|_| match (op, rng.number(dtype)) {
            // Factors whose products stay exact, and finite exponents.
            (ScanOp::Prod, Scalar::Float(_)) => Scalar::Float([1.0, 1.0, -1.0, 2.0, 0.5][rng.below(5)]),
            (ScanOp::Sum, Scalar::Float(x)) if x.is_infinite() => Scalar::Float(0.25),
            (_, x) => x,
        })
        .collect();
    let read = Tensor::anyhow(rng, dtype, shape, &values);
    let blank = vec![Scalar::Int(0); count];
    let write = Tensor::anyhow(rng, dtype, shape, &blank);
    let places = Tensor::anyhow(rng, DType::I64, shape, &blank);
    let extreme = matches!(op, ScanOp::Max | ScanOp::Min);
    let writes = [&write, &places];
    run(&Kernel::Scan { op, dtype }, shape, &[&read], &writes[..1 + usize::from(extreme)], &[]).unwrap();

    let what = format!("{op:?} of {dtype} over {shape:?}, {:?} to {:?}", read.view, write.view);
    let (expected, expected_places) = naive(op, dtype, &values, *shape.last().unwrap());
    if op == ScanOp::LogSumExp {
        let tolerance = match dtype {
            DType::BF16 => 1e-2,
            DType::F16 => 1e-3,
            DType::F32 => 1e-6,
            _ => 1e-13,
        };
        for (g, e) in write.values().into_iter().zip(expected) {
            let (g, e) = (g.to_f64(), e.to_f64());
            let near = (g - e).abs() <= tolerance * (1.0 + e.abs());
            assert!(near || g == e || g.is_nan() && e.is_nan(), "{what}: {g} {e}");
        }
    } else {
        assert_same(&write.values(), &expected, &what);
    }
    if extreme {
        assert_same(&places.values(), &expected_places, &what);
    }
}

const OPS: [ScanOp; 5] = [ScanOp::Sum, ScanOp::Prod, ScanOp::Max, ScanOp::Min, ScanOp::LogSumExp];

#[test]
fn every_rule_dtype_and_layout() {
    let mut rng = Rng(7);
    for op in OPS {
        for dtype in ordered() {
            if op == ScanOp::LogSumExp && !dtype.is_float() {
                continue;
            }
            for dims in 1..=3 {
                for most in [3, 12, 40] {
                    let shape = rng.shape(dims, most);
                    check(&mut rng, op, dtype, &shape);
                }
            }
        }
    }
}

#[test]
fn long_rows_are_cut_into_pieces() {
    let mut rng = Rng(11);
    for (op, dtype) in [(ScanOp::Sum, DType::I64), (ScanOp::Max, DType::F32), (ScanOp::LogSumExp, DType::F64)]
    {
        for shape in [[1, 32768], [2, 40001], [3, 33000]] {
            check(&mut rng, op, dtype, &shape);
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let mut rng = Rng(5);
    let shape = [100_003];
    let values: Vec<Scalar> = (0..shape[0]).map(|_| Scalar::Float(rng.next() as f64 / 1e15 - 4.0)).collect();
    let read = Tensor::new(DType::F64, &shape, &values);
    let threads = num_threads();
    let mut results = Vec::new();
    for n in [1, 2, 5] {
        set_num_threads(n);
        let write = Tensor::new(DType::F64, &shape, &values);
        run(&Kernel::Scan { op: ScanOp::Sum, dtype: DType::F64 }, &shape, &[&read], &[&write], &[]).unwrap();
        results.push(write.values());
    }
    set_num_threads(threads);
    assert!(results.windows(2).all(|r| r[0] == r[1]));
}

#[test]
fn in_place_and_side_by_side() {
    let mut rng = Rng(3);
    for shape in [[37, 5], [8, 300]] {
        // The scanned dimension is the slow one in memory.
        let values: Vec<Scalar> = (0..shape[0] * shape[1]).map(|_| rng.number(DType::I32)).collect();
        let mut tensor = Tensor::new(DType::I32, &[shape[1], shape[0]], &values);
        tensor.view = tensor.view.permute(&[1, 0]);
        let before = tensor.values();
        let kernel = Kernel::Scan { op: ScanOp::Sum, dtype: DType::I32 };
        run(&kernel, &shape, &[&tensor], &[&tensor], &[]).unwrap();
        assert_same(&tensor.values(), &naive(ScanOp::Sum, DType::I32, &before, shape[1]).0, "in place");
    }
}

#[test]
fn what_cannot_be_scanned_is_an_error() {
    let empty = Tensor::new(DType::F32, &[3, 0], &[]);
    run(&Kernel::Scan { op: ScanOp::Sum, dtype: DType::F32 }, &[3, 0], &[&empty], &[&empty], &[]).unwrap();
    let short = Tensor::new(DType::F32, &[3], &[Scalar::Int(1); 3]);
    let kernel = Kernel::Scan { op: ScanOp::Sum, dtype: DType::F32 };
    assert!(run(&kernel, &[4], &[&short], &[&short], &[]).is_err());
    let ints = Kernel::Scan { op: ScanOp::LogSumExp, dtype: DType::I32 };
    assert!(run(&ints, &[3], &[&short], &[&short], &[]).is_err());
}
