//! Choosing: by a condition, by bounds.

use super::macros::{build, pointwise};
use crate::ops::def::{Forms, Out};
use crate::ops::pointwise::DtypeRule::*;
use crate::ops::{Operand, composite};
use crate::tensor::Tensor;
use st_kernel::expr::*;
use st_kernel::{DType, Result, Scalar, runtime_err};

pointwise! {
    /// `input` where the condition holds, else `other`.
    where_ "where" (condition, input, other) {
        dtype: Choose, forward: |x| select(x[0], x[1], x[2], x[1]), forms: Forms::BOTH_OUT, torch: "torch.where", onnx: "Where", out: Out::Same("")
    }

    /// Between two numbers, `max` where they cross; NaN stays. At the bounds the gradient is 0.
    clamp_between "clamp" (input, min, max) {
        dtype: Number, forward: |x| min(x[2], max(x[1], x[0])),
        vjp: Some(|x, _, g| vec![Some(select(gt(x[0], x[1]) & lt(x[0], x[2]), g, 0.0, g)), None, None]),
        forms: Forms::HIDDEN
    }

    /// Between two tensors, `max` where they cross; NaN stays. At a bound the gradient is shared with it.
    clamp_tensors "clamp" (input, min, max) {
        dtype: Number, forward: |x| min(x[2], max(x[1], x[0])),
        vjp: Some(|x, _, g| {
            let half = g * 0.5;
            let outside = lt(x[0], x[1]) | gt(x[0], x[2]);
            // (Between bounds that are one, the gradient is the tensor's.)
            let free = ne(x[1], x[2]);
            let own = select((eq(x[0], x[1]) | eq(x[0], x[2])) & free, half, g, g);
            let below = select(lt(x[0], x[1]), g, select(eq(x[0], x[1]), half, 0.0, g), g);
            let above = select(gt(x[0], x[2]), g, select(eq(x[0], x[2]) & free, half, 0.0, g), g);
            let crossed = lt(x[2], x[1]);
            let of = |condition, a: f64, b| Some(select(condition, g.like(a), b, g));
            vec![of(outside, 0.0, own), of(ge(x[1], x[2]), 0.0, below), Some(select(crossed, g, above, g))]
        }),
        forms: Forms::HIDDEN
    }

    /// At least a number. At it the gradient is 0.
    clamp_above "clamp_min" (input, min) {
        dtype: Number, forward: |x| max(x[1], x[0]),
        vjp: Some(|x, _, g| vec![Some(select(gt(x[0], x[1]), g, 0.0, g)), None]), forms: Forms::HIDDEN
    }

    /// At most a number. At it the gradient is 0.
    clamp_below "clamp_max" (input, max) {
        dtype: Number, forward: |x| min(x[1], x[0]),
        vjp: Some(|x, _, g| vec![Some(select(lt(x[0], x[1]), g, 0.0, g)), None]), forms: Forms::HIDDEN
    }

    /// `value` where the mask holds.
    fill_where(input, mask, value) {
        dtype: Fill, forward: |x| select(x[1], x[2], x[0], x[0]), forms: Forms::HIDDEN
    }

    /// 0 below zero, `values` at zero, 1 above.
    heaviside(input, values) {
        dtype: Promote,
        forward: |x| select(eq(x[0], 0.0), x[1], select(gt(x[0], 0.0), 1.0, 0.0, x[0]), x[0]),
        out: Out::Same("heaviside is not yet implemented for tensors with different dtypes.")
    }

    /// Other numbers in place of NaN and the infinities.
    replace_nonfinite(input; nan; posinf; neginf) {
        dtype: Float,
        forward: |x| {
            let infinite = select(eq(x[0], f64::NEG_INFINITY), x[3], x[0], x[0]);
            let infinite = select(eq(x[0], f64::INFINITY), x[2], infinite, x[0]);
            select(is_nan(x[0]), x[1], infinite, x[0])
        },
        forms: Forms::HIDDEN
    }
}

build! {
    /// Between `min` and `max`; either may be left out.
    "clamp" "(input: Tensor, min: Operand? = None, max: Operand? = None)".forms(Forms::EVERY).onnx("Clip").also(Forms::CAST),
        |input: &Tensor, min: Option<Operand>, max: Option<Operand>| input.clamp(min, max);

    /// At least `min`.
    "clamp_min" "(input: Tensor, min: Operand)".forms(Forms::EVERY).also(Forms::CAST), |input: &Tensor, min: Operand| input.clamp_min(min);

    /// At most `max`.
    "clamp_max" "(input: Tensor, max: Operand)".forms(Forms::EVERY).also(Forms::CAST), |input: &Tensor, max: Operand| input.clamp_max(max);

    /// A copy with `value` where the mask holds; the mask is broadcast.
    "masked_fill" "(input: Tensor, mask: Tensor, value: Operand)".forms(Forms::BOTH.and(Forms::INPLACE)).also(Forms::ELEMENTWISE).node("masked_fill"),
        |input: &Tensor, mask: &Tensor, value: Operand| input.masked_fill(mask, value);

    /// Other numbers in place of NaN and the infinities: 0 and the largest ones if nothing is said.
    "nan_to_num" "(input: Tensor, nan: float? = None, posinf: float? = None, neginf: float? = None)".forms(Forms::EVERY).node("nan_to_num"),
        |input: &Tensor, nan: Option<f64>, posinf: Option<f64>, neginf: Option<f64>| {
            composite::nan_to_num(input, nan, posinf, neginf)
        };
}

/// A bound as the tensor's integers see it: beyond their range it either holds nothing back, or nothing could satisfy it.
fn bound<'a>(input: &Tensor, bound: Operand<'a>, from_below: bool) -> Result<Option<Operand<'a>>> {
    let number = match bound {
        Operand::Scalar(Scalar::Int(number)) => i128::from(number),
        Operand::Scalar(Scalar::Large(number)) if input.dtype() != DType::U64 => i128::from(number),
        _ => return Ok(Some(bound)),
    };
    if !input.dtype().is_int() {
        return Ok(Some(bound));
    }
    let (low, high) = input.dtype().integers();
    match (number < low.into(), number > high.into()) {
        (false, false) => Ok(Some(bound)),
        (below, _) if below == from_below => Ok(None),
        _ => Err(runtime_err!(
            "Clamp {} value {number} is outside the representable range of {}",
            if from_below { "min" } else { "max" },
            input.dtype()
        )),
    }
}

impl Tensor {
    /// Between `min` and `max`.
    pub fn clamp<'a>(&'a self, min: Option<Operand<'a>>, max: Option<Operand<'a>>) -> Result<Tensor> {
        if min.is_none() && max.is_none() {
            return Err(runtime_err!("torch.clamp: At least one of 'min' or 'max' must not be None"));
        }
        let min = min.map_or(Ok(None), |min| bound(self, min, true))?;
        let max = max.map_or(Ok(None), |max| bound(self, max, false))?;
        match (min, max) {
            (Some(min @ Operand::Scalar(_)), Some(max @ Operand::Scalar(_))) => self.clamp_between(min, max),
            (Some(min), Some(max)) => self.clamp_tensors(min, max),
            (Some(Operand::Tensor(min)), None) => self.maximum(min),
            (Some(min), None) => self.clamp_above(min),
            (None, Some(Operand::Tensor(max))) => self.minimum(max),
            (None, Some(max)) => self.clamp_below(max),
            (None, None) => self.copy(),
        }
    }

    /// At least `min`; with a tensor this is `maximum`.
    pub fn clamp_min<'a>(&'a self, min: impl Into<Operand<'a>>) -> Result<Tensor> {
        self.clamp(Some(min.into()), None)
    }

    /// At most `max`; with a tensor this is `minimum`.
    pub fn clamp_max<'a>(&'a self, max: impl Into<Operand<'a>>) -> Result<Tensor> {
        self.clamp(None, Some(max.into()))
    }

    /// A copy with `value` where the mask holds.
    pub fn masked_fill<'a>(&'a self, mask: &'a Tensor, value: impl Into<Operand<'a>>) -> Result<Tensor> {
        let value = value.into();
        if mask.dtype() != st_kernel::DType::Bool {
            return Err(runtime_err!(
                "masked_fill only supports boolean masks, but got mask with dtype {}; make it one by a comparison",
                mask.dtype()
            ));
        }
        match value {
            Operand::Tensor(t) if t.dim() > 0 => Err(runtime_err!(
                "masked_fill only supports a 0-dimensional value tensor, but got tensor with {} dimension(s).",
                t.dim()
            )),
            _ => self.fill_where(mask, value),
        }
    }
}
