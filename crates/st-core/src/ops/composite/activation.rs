//! Activations and powers that are more than one expression.

use crate::autograd;
use crate::ops::def::{OpDef, Value};
use crate::ops::pointwise::expect_float;
use crate::random::{Like, uniform};
use crate::tensor::{Tensor, normalize_dim};
use st_kernel::{DType, Result, Scalar, runtime_err};

/// `gelu` by name of its approximation.
pub fn gelu(input: &Tensor, approximate: &str) -> Result<Tensor> {
    match approximate {
        "none" => input.gelu(),
        "tanh" => input.gelu_tanh(),
        other => Err(runtime_err!("approximate argument must be either none or tanh, got {other}.")),
    }
}

/// Other numbers in place of NaN and the infinities: 0 and the largest ones if nothing is said.
pub fn nan_to_num(
    input: &Tensor,
    nan: Option<f64>,
    posinf: Option<f64>,
    neginf: Option<f64>,
) -> Result<Tensor> {
    if !input.dtype().is_float() {
        return input.copy();
    }
    let largest = match input.dtype() {
        DType::F16 => 65504.0,
        DType::BF16 => f64::from(half::bf16::MAX),
        DType::F32 => f64::from(f32::MAX),
        _ => f64::MAX,
    };
    let [nan, posinf, neginf] = [nan.unwrap_or(0.0), posinf.unwrap_or(largest), neginf.unwrap_or(-largest)]
        .map(|number| Scalar::Float(number).cast(input.dtype().compute()));
    input.replace_nonfinite(nan, posinf, neginf)
}

/// Integers or booleans to the power of a number.
pub(crate) fn integer_power(input: &Tensor, exponent: Scalar) -> Result<Tensor> {
    match exponent {
        Scalar::Int(e) if e < 0 => Err(runtime_err!(
            "Integers to negative integer powers are not allowed. Convert the tensor with .float() first"
        )),
        Scalar::Int(_) | Scalar::Large(_) if input.dtype().is_int() && !exponent.fits(input.dtype()) => {
            Err(runtime_err!("pow: value cannot be converted to type {} without overflow", input.dtype()))
        }
        Scalar::Int(2) => input.square(),
        Scalar::Bool(true) if input.dtype() == DType::Bool => input.copy(),
        Scalar::Bool(false) if input.dtype() == DType::Bool => {
            Tensor::full(input.shape(), true, DType::Bool, input.device())
        }
        _ => input.power(exponent),
    }
}

/// A number to the power of each element.
pub fn number_to_power(base: Scalar, exponent: &Tensor) -> Result<Tensor> {
    if base == Scalar::Float(2.0) && exponent.dtype().is_float() {
        return exponent.exp2();
    }
    exponent.power_of(base)
}

impl Tensor {
    /// x if positive, else `weight * x`, with one weight or one for each channel (dimension 1).
    pub fn prelu(&self, weight: &Tensor) -> Result<Tensor> {
        let channels = if self.dim() < 2 { 1 } else { self.shape()[1] };
        if weight.dim() > 1 {
            return Err(runtime_err!(
                "prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {}",
                weight.dim()
            ));
        }
        if weight.numel() == 1 {
            return self.sloped(&weight.reshape_to(&[])?);
        }
        if self.dim() == 0 {
            return Err(runtime_err!("Not allow zero-dim input tensor."));
        }
        if weight.numel() != channels {
            return Err(runtime_err!(
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = {} and channel size = {channels}.",
                weight.numel()
            ));
        }
        let mut shape = vec![1; self.dim() - 1];
        shape[0] = channels;
        self.sloped(&weight.reshape_to(&shape)?)
    }

    /// As `leaky_relu` with a slope drawn from [lower, upper] for each element in training, their mean otherwise.
    pub fn rrelu(&self, lower: f64, upper: f64, training: bool) -> Result<Tensor> {
        expect_float("rrelu", self)?;
        if let Some(bound) = [lower, upper].iter().find(|bound| !bound.is_finite()) {
            return Err(runtime_err!("rrelu: bounds must be finite, got {bound}"));
        }
        if lower > upper {
            return Err(runtime_err!(
                "rrelu: Lower bound should be less than or equal to the upper bound, got {lower} and {upper}"
            ));
        }
        if !training {
            return self.leaky_relu((lower + upper) / 2.0);
        }
        let slopes = uniform(&Like::tensor(self, None, None), lower, upper)?;
        self.sloped(&slopes)
    }

    /// The first half along a dimension times the sigmoid of the second.
    pub fn glu(&self, dim: i64) -> Result<Tensor> {
        expect_float("glu", self)?;
        if self.dim() == 0 {
            return Err(runtime_err!("glu does not support 0-dimensional tensors"));
        }
        let size = self.shape()[normalize_dim(dim, self.dim())?];
        if !size.is_multiple_of(2) {
            return Err(runtime_err!("Halving dimension must be even, but dimension {dim} is size {size}"));
        }
        let half = size as i64 / 2;
        self.narrow(dim, 0, half)?.mul(&self.narrow(dim, half, half)?.sigmoid()?)
    }
}

/// What an in-place operator made of a tensor. Of an activation torch keeps that alone, and from it cannot tell which side of a
/// negative slope it was on: such a gradient is an error.
pub fn overwriting(op: &OpDef, values: &[Value], made: Tensor) -> Result<Tensor> {
    let number = |i: usize| if let Some(Value::Scalar(s)) = values.get(i) { s.to_f64() } else { 0.0 };
    let (shown, slope) = match op.name {
        "elu" | "celu" => ("elu", number(1)),
        "leaky_relu" => ("leakyReLu", number(1)),
        "rrelu" if number(3) == 0.0 => ("leakyReLu", (number(1) + number(2)) / 2.0),
        _ => return Ok(made),
    };
    if slope >= 0.0 {
        return Ok(made);
    }
    autograd::refuse(&made, move || {
        runtime_err!(
            "In-place {shown} backward calculation is triggered with a negative slope which is not supported. This is caused by calling in-place forward function with a negative slope, please call out-of-place version instead."
        )
    })
}
