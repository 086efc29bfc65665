//! Rounding. Integers stay as they are.

use super::macros::{build, pointwise};
use crate::ops::def::{Forms, Out};
use crate::ops::pointwise::DtypeRule::*;
use crate::tensor::Tensor;
use st_kernel::Ex;
use st_kernel::expr::*;

pointwise! {
    /// Rounds down.
    floor(input) { dtype: Number, forward: |x| floats(x[0], floor), onnx: "Floor", out: Out::Found }

    /// Rounds up.
    ceil(input) { dtype: Number, forward: |x| floats(x[0], ceil), onnx: "Ceil", out: Out::Found }

    /// Rounds towards zero.
    trunc(input) { dtype: Number, forward: |x| floats(x[0], trunc), onnx: "Trunc", out: Out::Found }

    /// Rounds to the nearest integer, halves to the even one.
    round(input) { dtype: Number, forward: |x| floats(x[0], round), onnx: "Round", out: Out::Found }

    /// The part after the point, with the number's sign.
    frac(input) { dtype: Float, forward: |x| x[0] - trunc(x[0]), out: Out::Found }

    /// Rounds to the nearest multiple of 1 / factor.
    round_up_scaled(input; factor) { dtype: Float, forward: |x| round(x[0] * x[1]) / x[1], forms: Forms::HIDDEN }

    /// Rounds to the nearest multiple of the factor.
    round_down_scaled(input; factor) { dtype: Float, forward: |x| round(x[0] / x[1]) * x[1], forms: Forms::HIDDEN }
}

build! {
    /// Rounds to so many decimals; to tens, hundreds .. if they are negative.
    "round" "(input: Tensor, *, decimals: int)".forms(Forms::EVERY).out(Out::Found),
        |input: &Tensor, decimals: i64| input.round_to(decimals);
}

fn floats(x: Ex, round: fn(Ex) -> Ex) -> Ex {
    if x.dtype.is_float() { round(x) } else { x }
}

impl Tensor {
    /// Rounds to so many decimals.
    pub fn round_to(&self, decimals: i64) -> crate::Result<Tensor> {
        let factor = 10f64.powi(decimals.unsigned_abs() as i32);
        match decimals {
            0 => self.round(),
            1.. => self.round_up_scaled(factor),
            _ => self.round_down_scaled(factor),
        }
    }
}
