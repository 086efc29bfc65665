//! Matrix products with epilogues against naive loops; numbers are small, so every sum is exact.

mod common;

use common::epilogue::{AFTER, After, Part, body, exact};
use common::{Rng, assert_same, coordinates};
use st_backend_cpu::CpuDevice;
use st_kernel::{DType, Device, Kernel, Launch};

/// Multiplies `[batch.., m, k]` by `[batch.., k, n]`; `a_in` and `b_in` say in which batch dimensions each moves.
fn check(rng: &mut Rng, dtype: DType, after: After, dims: &[usize], a_in: &[usize], b_in: &[usize]) {
    let rank = dims.len();
    let (m, n, k) = (rank - 3, rank - 2, rank - 1);
    let with = |batch: &[usize], rest: [usize; 2]| batch.iter().copied().chain(rest).collect::<Vec<_>>();
    let mut parts = vec![
        Part::new(rng, dtype, dims, with(a_in, [m, k])),
        Part::new(rng, dtype, dims, with(b_in, [k, n])),
    ];
    let own: Vec<usize> = (0..k).collect();
    if after == After::BiasResidualRelu {
        parts.push(Part::new(rng, dtype, dims, vec![n]));
        parts.push(Part::new(rng, dtype, dims, own.clone()));
    }
    let write = Part::new(rng, dtype, dims, own);
    let launch = Launch {
        dims: dims.into(),
        reads: parts.iter().enumerate().map(|(i, part)| part.access(i, rank)).collect(),
        writes: vec![write.access(parts.len(), rank)],
        ints: vec![],
    };
    let buffers: Vec<_> = parts.iter().chain([&write]).map(|part| part.tensor.buffer.clone()).collect();
    let kernel = Kernel::Matmul { batch: rank - 3, dtype, acc: dtype.compute(), body: body(after, dtype) };
    CpuDevice::new().compile(&kernel).unwrap().launch(&launch, &buffers, &[]).unwrap();

    let points: usize = dims[..k].iter().product();
    let mut expected = Vec::with_capacity(points);
    for i in 0..points {
        let mut point = coordinates(i, &dims[..k]);
        point.push(0);
        let mut sum = 0.0;
        for l in 0..dims[k] {
            point[k] = l;
            sum += parts[0].at(dims, &point) * parts[1].at(dims, &point);
        }
        expected.push(exact(after.apply(sum, dims, &point, &parts[2..]), dtype));
    }
    let what = format!("{dtype} {after:?} {dims:?} {a_in:?} {b_in:?} to {:?}", write.tensor.view);
    assert_same(&write.tensor.values(), &expected, &what);
}

const DTYPES: [DType; 5] = [DType::F32, DType::F64, DType::F16, DType::BF16, DType::I64];

#[test]
fn every_dtype_epilogue_and_layout() {
    let mut rng = Rng(41);
    for dtype in DTYPES {
        for after in AFTER {
            for most in [2, 9, 40] {
                let dims = rng.shape(3, most);
                check(&mut rng, dtype, after, &dims, &[], &[]);
                let dims = rng.shape(4, most.min(12));
                check(&mut rng, dtype, after, &dims, &[0], &[0]);
            }
        }
    }
}

#[test]
fn batches_broadcast_and_fold() {
    let mut rng = Rng(42);
    for after in AFTER {
        for round in 0..6 {
            let mut dims = rng.shape(5, 7);
            dims[round % 3] = 1;
            for (a_in, b_in) in
                [(vec![0, 1], vec![]), (vec![0], vec![1]), (vec![], vec![0]), (vec![0, 1], vec![0])]
            {
                check(&mut rng, DType::F32, after, &dims, &a_in, &b_in);
                check(&mut rng, DType::BF16, after, &dims, &a_in, &b_in);
            }
        }
    }
}

#[test]
fn large_products_are_shared_by_the_threads() {
    let mut rng = Rng(43);
    for after in AFTER {
        check(&mut rng, DType::F32, after, &[3, 70, 130, 33], &[0], &[]);
        check(&mut rng, DType::F32, after, &[150, 170, 60], &[], &[]);
    }
}

#[test]
fn empty_products() {
    let mut rng = Rng(44);
    for after in AFTER {
        for sizes in [[2, 3, 4, 0], [2, 1, 4, 0], [2, 3, 1, 0], [2, 1, 1, 0], [1, 1, 40, 0]] {
            check(&mut rng, DType::F32, after, &sizes, &[0], &[0]);
        }
        check(&mut rng, DType::F32, after, &[0, 3, 4, 2], &[0], &[]);
        check(&mut rng, DType::F32, after, &[2, 0, 4, 2], &[0], &[]);
    }
}
