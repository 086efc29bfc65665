//! Epilogues of kernels that have work of their own, and operands that have some of a launch's dimensions.

use super::{Rng, Tensor};
use st_kernel::{Access, Body, DType, Inst, Prim, Scalar, Store, Val};

/// What follows a kernel's own work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum After {
    /// It is stored.
    Nothing,
    /// A bias and a residual are added, negative results are cut off.
    BiasResidualRelu,
    /// The coordinate along the first dimension is added.
    Coordinate,
}

/// All of them.
pub(crate) const AFTER: [After; 3] = [After::Nothing, After::BiasResidualRelu, After::Coordinate];

impl After {
    /// What is stored for a result of the kernel's own work at a point; `parts` are bias and residual.
    pub(crate) fn apply(self, result: f64, dims: &[usize], point: &[usize], parts: &[Part]) -> f64 {
        match self {
            After::Nothing => result,
            After::BiasResidualRelu => {
                (result + parts[0].at(dims, point) + parts[1].at(dims, point)).max(0.0)
            }
            After::Coordinate => result + point[0] as f64,
        }
    }
}

/// A small whole or half number as a dtype holds it.
pub(crate) fn exact(value: f64, dtype: DType) -> Scalar {
    if dtype.is_int() { Scalar::Int(value as i64).cast(dtype) } else { Scalar::Float(value).cast(dtype) }
}

const NONE: Val = Val::NONE;

/// The body of a kernel whose reads 0 and 1 are the operands, 2 the bias, 3 the residual.
pub(crate) fn body(after: After, dtype: DType) -> Body {
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
pub(crate) struct Part {
    pub(crate) dims: Vec<usize>,
    pub(crate) tensor: Tensor,
    pub(crate) values: Vec<Scalar>,
}

impl Part {
    pub(crate) fn new(rng: &mut Rng, dtype: DType, all: &[usize], dims: Vec<usize>) -> Part {
        let shape: Vec<usize> = dims.iter().map(|&d| all[d]).collect();
        let number = |rng: &mut Rng| match (rng.number(dtype), dtype) {
            (Scalar::Float(x), _) if x.is_finite() => Scalar::Float(x),
            (_, d) if d.is_float() => Scalar::Float(1.5),
            (x, _) => x,
        };
        let values: Vec<Scalar> = (0..shape.iter().product()).map(|_| number(rng)).collect();
        Part { tensor: Tensor::anyhow(rng, dtype, &shape, &values), dims, values }
    }

    pub(crate) fn access(&self, buffer: usize, rank: usize) -> Access {
        let mut strides = vec![0; rank];
        self.dims.iter().zip(&self.tensor.view.strides).for_each(|(&d, &s)| strides[d] = s);
        Access {
            buffer: buffer as u32,
            offset: self.tensor.view.offset,
            strides: strides.into(),
            gather: vec![],
        }
    }

    pub(crate) fn at(&self, all: &[usize], point: &[usize]) -> f64 {
        let flat = self.dims.iter().fold(0, |flat, &d| flat * all[d] + point[d]);
        self.values[flat].to_f64()
    }
}
