//! Complex tensors on their way to another dtype or device.

use super::Complex;
use super::dispatch::{convert, real_as};
use crate::graph::DeviceId;
use crate::ops::{OpDef, Output, Value};
use st_kernel::{Result, type_err};

/// Another dtype or device.
pub(super) fn to(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    let named = |name: &str| def.params().iter().position(|p| p.name == name).map(|i| &v[i]);
    let copy = matches!(named("copy"), Some(Value::Scalar(s)) if s.to_bool());
    let wanted = match (named("dtype"), named("other")) {
        (Some(Value::None) | None, Some(Value::Complex(like))) => Some(Value::ComplexDType(like.parts())),
        (Some(Value::None) | None, Some(Value::Tensor(like))) => Some(Value::DType(like.dtype())),
        (Some(Value::None) | None, _) => None,
        (Some(dtype), _) => Some(dtype.clone()),
    };
    let device = match (named("device"), named("other")) {
        (Some(Value::Device(id)), _) => Some(*id),
        (_, Some(Value::Complex(like))) => Some(like.pairs().device()),
        (_, Some(Value::Tensor(like))) => Some(like.device()),
        _ => None,
    };
    let converted = match (&v[0], wanted) {
        (Value::Complex(_), Some(Value::DType(real))) => real_as(v, real),
        (Value::Complex(z), None) if copy => z.pairs().copy().map(|x| Output::Complex(Complex::of_pairs(x))),
        (Value::Complex(z), None) => Ok(Output::Complex(z.clone())),
        (value, Some(Value::ComplexDType(parts))) => {
            let z = convert(value, parts)?;
            let same = matches!(value, Value::Complex(own) if own.pairs().is(z.pairs()));
            if same && copy {
                z.pairs().copy().map(|x| Output::Complex(Complex::of_pairs(x)))
            } else {
                Ok(Output::Complex(z))
            }
        }
        (other, _) => Err(type_err!("to(): expected a Tensor and a dtype, not {}", other.kind())),
    };
    placed(converted?, device)
}

/// A result on a device, if one is named.
pub(super) fn placed(output: Output, device: Option<DeviceId>) -> Result<Output> {
    let Some(device) = device else { return Ok(output) };
    Ok(match output {
        Output::Complex(z) => Output::Complex(Complex::of_pairs(z.pairs().to_device(device)?)),
        Output::One(x) => Output::One(x.to_device(device)?),
        other => other,
    })
}
