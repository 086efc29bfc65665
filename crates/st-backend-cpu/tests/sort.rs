//! Sorts and top-k against the standard library's stable sort of scalars.

mod common;

use common::{Rng, Tensor, assert_same, ordered, run};
use st_backend_cpu::{num_threads, set_num_threads};
use st_kernel::{DType, Kernel, Scalar};
use std::cmp::Ordering;

/// NaN largest.
fn order(a: Scalar, b: Scalar) -> Ordering {
    let (a, b) = match (a, b) {
        (Scalar::Float(a), Scalar::Float(b)) => (a, b),
        _ => return a.to_i64().cmp(&b.to_i64()),
    };
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

fn check(rng: &mut Rng, dtype: DType, descending: bool, shape: &[usize], kept: Option<usize>, spread: bool) {
    let count: usize = shape.iter().product();
    let values: Vec<Scalar> = (0..count)
        .map(|_| match rng.number(dtype) {
            Scalar::Int(_) if spread => Scalar::Int(rng.next() as i64 - (1 << 50)).cast(dtype),
            Scalar::Float(x) if spread && x.is_finite() => {
                Scalar::Float(((rng.next() as f64) / 1e15 - 4.0) * 1e3).cast(dtype)
            }
            x => x,
        })
        .collect();
    let length = *shape.last().unwrap();
    let read = Tensor::anyhow(rng, dtype, shape, &values);
    let mut kept_shape = shape.to_vec();
    *kept_shape.last_mut().unwrap() = kept.unwrap_or(length);
    let blank = vec![Scalar::Int(0); kept_shape.iter().product()];
    let write = Tensor::anyhow(rng, dtype, &kept_shape, &blank);
    let positions = Tensor::anyhow(rng, DType::I64, &kept_shape, &blank);
    let ints: Vec<usize> = kept.into_iter().collect();
    run(&Kernel::Sort { descending, dtype }, shape, &[&read], &[&write, &positions], &ints).unwrap();

    let (mut expected, mut expected_positions) = (Vec::new(), Vec::new());
    for row in read.values().chunks(length) {
        let mut sorted: Vec<(usize, Scalar)> = row.iter().copied().enumerate().collect();
        sorted.sort_by(|a, b| if descending { order(b.1, a.1) } else { order(a.1, b.1) });
        sorted.truncate(kept.unwrap_or(length));
        expected_positions.extend(sorted.iter().map(|(i, _)| Scalar::Int(*i as i64)));
        expected.extend(sorted.iter().map(|(_, x)| *x));
    }
    let what = format!("{dtype} descending {descending} {shape:?} kept {kept:?}");
    assert_same(&positions.values(), &expected_positions, &what);
    assert_same(&write.values(), &expected, &what);
}

#[test]
fn every_dtype_and_layout() {
    let mut rng = Rng(21);
    for dtype in ordered() {
        for descending in [false, true] {
            for (dims, most) in [(1, 5), (1, 200), (2, 40), (3, 12)] {
                let shape = rng.shape(dims, most);
                check(&mut rng, dtype, descending, &shape, None, false);
            }
            check(&mut rng, dtype, descending, &[3, 700], None, false);
            check(&mut rng, dtype, descending, &[2, 1500], None, true);
        }
    }
}

#[test]
fn one_long_row_is_shared_by_the_threads() {
    let mut rng = Rng(22);
    let threads = num_threads();
    for n in [1, 2, 3] {
        set_num_threads(n);
        for dtype in [DType::F32, DType::I64, DType::Bool] {
            check(&mut rng, dtype, n == 2, &[70_001], None, true);
        }
    }
    set_num_threads(threads);
}

#[test]
fn the_first_few() {
    let mut rng = Rng(23);
    for dtype in ordered() {
        for descending in [false, true] {
            for (length, kept) in [(5, 0), (5, 5), (64, 1), (700, 3), (3000, 400), (3000, 2000)] {
                check(&mut rng, dtype, descending, &[3, length], Some(kept), kept % 2 == 1);
            }
        }
    }
}
