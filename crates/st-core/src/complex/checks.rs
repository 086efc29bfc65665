//! What the arguments of operators on complex numbers must be.

use super::dispatch::flat;
use crate::ops::Value;
use st_kernel::{DType, Error, Result, Scalar, runtime_err, type_err, unsupported};

/// Torch multiplies no real by complex matrices.
pub(super) fn expect_one_dtype(name: &str, args: &[Value]) -> Result<()> {
    if name == "inner" && args.iter().any(|value| rank(value) == 0) {
        return Ok(());
    }
    let has_places = name.starts_with("index_") || name.contains("scatter") || name == "put";
    let all: Vec<Value> = flat(args).into_iter().filter(|value| !(has_places && is_place(value))).collect();
    let parts = all.iter().find_map(Value::complex_parts);
    let other = all.iter().find(|value| match value {
        Value::Complex(z) => Some(z.parts()) != parts,
        other => matches!(other, Value::Tensor(_)),
    });
    match (parts, other) {
        (Some(_), Some(_)) if matches!(name, "dot" | "vdot") => {
            if let Some(matrix) = all.iter().find(|value| rank(value) != 1) {
                return Err(runtime_err!("1D tensors expected, but got a {}D tensor", rank(matrix)));
            }
            Err(runtime_err!("dot : expected both vectors to have same dtype; convert one with .to(dtype)"))
        }
        (Some(parts), Some(other)) => Err(runtime_err!(
            "{name}: expected tensors of one dtype, but got {} and {}, which should be the same; convert them with .to(dtype) first",
            super::torch_name(parts),
            match other {
                Value::Tensor(x) => crate::autograd::torch_name(x.dtype()),
                _ => "another complex dtype",
            }
        )),
        _ => Ok(()),
    }
}

/// An error if a sum of reals has a complex factor, or a complex quotient is to be rounded.
pub(super) fn expect_simple(name: &str, args: &[Value]) -> Result<()> {
    match (name, args) {
        ("add" | "sub" | "rsub", [a, b, Value::ComplexNumber(_)]) if !a.is_complex() && !b.is_complex() => {
            Err(runtime_err!("For non-complex input tensors, argument alpha must not be a complex number."))
        }
        (
            "addbmm" | "addcdiv" | "addcmul" | "addmm" | "addmv" | "addr" | "baddbmm",
            [Value::Tensor(_), Value::Tensor(_), Value::Tensor(_), ..],
        ) => Err(runtime_err!(
            "{name}: its factors cannot be converted to real numbers without overflow; use their .real"
        )),
        ("sub" | "rsub", [a, b, ..]) if is_truth(a) || is_truth(b) => Err(unsupported!(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )),
        ("div", [_, _, rounding, ..]) if !matches!(rounding, Value::None) => Err(unsupported!(
            "div(): rounding_mode is not supported for complex numbers, which have no order"
        )),
        _ => Ok(()),
    }
}

/// Refuses complex numbers in a tensor that is asked to be real, or is as the one it is made after.
pub(super) fn expect_fitting(name: &str, args: &[Value]) -> Result<()> {
    let fills = matches!(
        name,
        "masked_fill" | "fill" | "index_fill" | "full" | "full_like" | "new_full" | "lerp" | "scatter"
    );
    if let ("pad", [Value::Tensor(_), .., Value::ComplexNumber(_)]) = (name, args) {
        return Err(type_err!(
            "pad(): argument 'value' (position 4) must be float, not complex; use its .real"
        ));
    }
    if !fills || !args.iter().skip(1).any(|v| matches!(v, Value::ComplexNumber(_) | Value::Complex(_))) {
        return Ok(());
    }
    let asked = args.iter().find(|value| matches!(value, Value::DType(_) | Value::ComplexDType(_)));
    let kind = match (asked, args.first()) {
        (Some(Value::DType(kind)), _) => *kind,
        (None, Some(Value::Tensor(_))) if name == "index_fill" => {
            return Err(runtime_err!(
                "index_fill_(): Converting complex Scalar to non-complex type is not supported; use its .real"
            ));
        }
        (None, Some(Value::Tensor(like))) => like.dtype(),
        _ => return Ok(()),
    };
    Err(runtime_err!(
        "{name}: a complex value cannot be converted to type {kind} without overflow; use its .real"
    ))
}

fn is_truth(value: &Value) -> bool {
    match value {
        Value::Tensor(t) => t.dtype() == DType::Bool,
        other => matches!(other, Value::Scalar(Scalar::Bool(_))),
    }
}

fn rank(value: &Value) -> usize {
    match value {
        Value::Tensor(t) => t.dim(),
        Value::Complex(z) => z.dim(),
        _ => 1,
    }
}

/// Whether an argument may be indices or a mask.
fn is_place(value: &Value) -> bool {
    matches!(value, Value::Tensor(t) if matches!(t.dtype(), DType::Bool | DType::I64 | DType::I32))
}

/// The error of an operator that has no complex form.
pub(super) fn refusal(name: &str, args: &[Value]) -> Error {
    let of_two = matches!(args.get(1), Some(Value::Tensor(_) | Value::Complex(_)));
    match name {
        "heaviside" => unsupported!("heaviside is not yet implemented for complex tensors."),
        "frexp" => runtime_err!("torch.frexp() only supports floating-point dtypes"),
        "isposinf" | "isneginf" => type_err!("{name} does not support complex inputs."),
        "maximum" | "minimum" | "fmax" | "fmin" => type_err!("{name} not implemented for complex tensors."),
        "max" | "min" if of_two => type_err!("{name}imum not implemented for complex tensors."),
        "max" | "min" | "argmax" | "argmin" if args.len() > 1 => {
            type_err!("{name}(): does not support complex input")
        }
        "sort" | "argsort" | "msort" => type_err!("Sort does not support complex dtypes on CPU"),
        "topk" => type_err!("topk does not support complex dtypes on CPU"),
        _ => {
            let parts = args.iter().find_map(Value::complex_parts).unwrap_or(DType::F32);
            unsupported!(
                "\"{name}\" not implemented for '{}'; use .abs(), .real, .imag or view_as_real() for the parts",
                super::torch_name(parts)
            )
        }
    }
}
