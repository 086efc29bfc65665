//! Matrix products with epilogues against naive loops; numbers are small, so every sum is exact.

mod common;

use common::{Rng, Tensor, assert_same};
use st_backend_cpu::CpuDevice;
use st_kernel::{Access, Body, DType, Device, Inst, Kernel, Launch, Prim, Scalar, Store, Val};

/// What follows the product.
#[derive(Clone, Copy, Debug, PartialEq)]
enum After {
    /// It is stored.
    Nothing,
    /// A bias for each column and a residual are added, negative results are cut off.
    BiasResidualRelu,
    /// The coordinate along the first dimension is added.
    Coordinate,
}

const NONE: Val = Val::NONE;

/// The body of a kernel whose reads 0 and 1 are the operands, 2 the bias, 3 the residual.
fn body(after: After, dtype: DType) -> Body {
    let acc = dtype.compute();
    let mut insts = vec![(Inst::Hole(0), acc)];
    let push = |insts: &mut Vec<(Inst, DType)>, inst, dtype| {
        insts.push((inst, dtype));
        Val(insts.len() as u32 - 1)
    };
    let mut value = Val(0);
    match after {
        After::Nothing => {}
        After::BiasResidualRelu => {
            for read in [2, 3] {
                let loaded = push(&mut insts, Inst::Load(read), dtype);
                let wide = if acc == dtype { loaded } else { push(&mut insts, Inst::Cast(loaded), acc) };
                value = push(&mut insts, Inst::Call(Prim::Add, [value, wide, NONE]), acc);
            }
            let zero = push(&mut insts, Inst::Const(Scalar::Int(0).cast(acc)), acc);
            value = push(&mut insts, Inst::Call(Prim::Max, [value, zero, NONE]), acc);
        }
        After::Coordinate => {
            let at = push(&mut insts, Inst::Coord(0), DType::I64);
            let at = if acc == DType::I64 { at } else { push(&mut insts, Inst::Cast(at), acc) };
            value = push(&mut insts, Inst::Call(Prim::Add, [value, at, NONE]), acc);
        }
    }
    if acc != dtype {
        value = push(&mut insts, Inst::Cast(value), dtype);
    }
    let reads = vec![dtype; if after == After::BiasResidualRelu { 4 } else { 2 }];
    Body { insts, reads, params: vec![], stores: vec![Store { value, per_row: false }] }
}

/// An operand that has only some of the launch's dimensions.
struct Part {
    dims: Vec<usize>,
    tensor: Tensor,
    values: Vec<Scalar>,
}

impl Part {
    fn new(rng: &mut Rng, dtype: DType, all: &[usize], dims: Vec<usize>) -> Part {
        let shape: Vec<usize> = dims.iter().map(|&d| all[d]).collect();
        let number = |rng: &mut Rng| match (rng.number(dtype), dtype) {
            (Scalar::Float(x), _) if x.is_finite() => Scalar::Float(x),
            (_, d) if d.is_float() => Scalar::Float(1.5),
            (x, _) => x,
        };
        let values: Vec<Scalar> = (0..shape.iter().product()).map(|_| number(rng)).collect();
        Part { tensor: Tensor::anyhow(rng, dtype, &shape, &values), dims, values }
    }

    fn access(&self, buffer: usize, rank: usize) -> Access {
        let mut strides = vec![0; rank];
        self.dims.iter().zip(&self.tensor.view.strides).for_each(|(&d, &s)| strides[d] = s);
        Access {
            buffer: buffer as u32,
            offset: self.tensor.view.offset,
            strides: strides.into(),
            gather: vec![],
        }
    }

    fn at(&self, all: &[usize], point: &[usize]) -> f64 {
        let flat = self.dims.iter().fold(0, |flat, &d| flat * all[d] + point[d]);
        self.values[flat].to_f64()
    }
}

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
        if dtype.is_int() {
            sum = Scalar::Float(sum).cast(dtype).to_f64();
        }
        let value = match after {
            After::Nothing => sum,
            After::BiasResidualRelu => (sum + parts[2].at(dims, &point) + parts[3].at(dims, &point)).max(0.0),
            After::Coordinate => sum + point[0] as f64,
        };
        expected
            .push(if dtype.is_int() { Scalar::Int(value as i64) } else { Scalar::Float(value) }.cast(dtype));
    }
    let what = format!("{dtype} {after:?} {dims:?} {a_in:?} {b_in:?} to {:?}", write.tensor.view);
    assert_same(&write.tensor.values(), &expected, &what);
}

fn coordinates(mut i: usize, dims: &[usize]) -> Vec<usize> {
    let mut at: Vec<usize> = dims.iter().rev().map(|n| (i % n, i /= n).0).collect();
    at.reverse();
    at
}

const AFTER: [After; 3] = [After::Nothing, After::BiasResidualRelu, After::Coordinate];
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
        check(&mut rng, DType::F32, after, &[2, 3, 4, 0], &[0], &[0]);
        check(&mut rng, DType::F32, after, &[0, 3, 4, 2], &[0], &[]);
        check(&mut rng, DType::F32, after, &[2, 0, 4, 2], &[0], &[]);
    }
}
