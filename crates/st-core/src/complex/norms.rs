//! Norms of complex tensors: those of their absolute values, or of the singular values of their matrices.

use super::Complex;
use super::dispatch::{call_named, on_sizes};
use crate::ops::{Ints, OpDef, Output, Value};
use st_kernel::{Result, type_err};

/// `norm`, `linalg.norm` or `linalg.matrix_norm`: of an input, by an order, over dimensions.
pub(super) fn norm(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    let Value::Complex(z) = &v[0] else { return on_sizes(def, v) };
    let dims = match &v[2] {
        Value::Ints(dims) => dims.clone(),
        _ if z.dim() == 2 => Ints::from_slice(&[0, 1]),
        _ => Ints::new(),
    };
    let spectral = match &v[1] {
        Value::Text(word) => word == "nuc",
        Value::Scalar(order) => def.name != "norm" && order.to_f64().abs() == 2.0,
        _ => false,
    };
    if !spectral || dims.len() != 2 {
        return on_sizes(def, v);
    }
    // A diagonal matrix of the singular values has the same ones.
    let last = Ints::from_slice(&[-2, -1]);
    let matrices = call_named("movedim", &[v[0].clone(), Value::Ints(dims.clone()), Value::Ints(last)])?;
    let matrices = Value::Complex(complex(matrices)?);
    let Output::One(sizes) = call_named("linalg_svdvals", &[matrices, Value::None])? else {
        return Err(type_err!("{}(): no singular values", def.name));
    };
    let mut args = v.to_vec();
    args[0] = Value::Tensor(sizes.diag_embed(0, -2, -1)?.movedim(&[-2, -1], &dims)?);
    if let Value::ComplexDType(parts) = args[4] {
        args[4] = Value::DType(parts);
    }
    def.call(&args)
}

fn complex(output: Output) -> Result<Complex> {
    match output {
        Output::Complex(z) => Ok(z),
        _ => Err(type_err!("expected a complex Tensor")),
    }
}
