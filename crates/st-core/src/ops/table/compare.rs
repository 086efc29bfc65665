//! Comparisons and tests of a number's kind. Their results are booleans.

use super::macros::{build, pointwise};
use crate::ops::def::{Forms, Out};
use crate::ops::pointwise::DtypeRule::*;
use crate::tensor::Tensor;
use st_kernel::expr::*;
use st_kernel::{DType, Ex, Result, runtime_err};

pointwise! {
    /// Whether they are equal.
    eq(input, other) { dtype: Compare, forward: |x| eq(x[0], x[1]), onnx: "Equal" }

    /// Whether they differ; NaN differs from everything.
    ne(input, other) { dtype: Compare, forward: |x| ne(x[0], x[1]) }

    /// input < other.
    lt(input, other) { dtype: Compare, forward: |x| lt(x[0], x[1]), onnx: "Less" }

    /// input <= other.
    le(input, other) { dtype: Compare, forward: |x| le(x[0], x[1]), onnx: "LessOrEqual" }

    /// input > other.
    gt(input, other) { dtype: Compare, forward: |x| gt(x[0], x[1]), onnx: "Greater" }

    /// input >= other.
    ge(input, other) { dtype: Compare, forward: |x| ge(x[0], x[1]), onnx: "GreaterOrEqual" }

    /// Whether it is not a number.
    isnan(input) { dtype: Compare, forward: |x| is_nan(x[0]), forms: Forms::BOTH, onnx: "IsNaN" }

    /// Whether it is infinite.
    isinf(input) { dtype: Compare, forward: |x| float_test(x[0], false, is_infinite), forms: Forms::BOTH, onnx: "IsInf" }

    /// Whether it is neither infinite nor NaN.
    isfinite(input) { dtype: Compare, forward: |x| float_test(x[0], true, is_finite), forms: Forms::BOTH }

    /// Whether it is plus infinity.
    isposinf(input) {
        dtype: Compare, forward: |x| float_test(x[0], false, |x| eq(x, f64::INFINITY)), forms: Forms::BOTH_OUT, out: Out::Same("{op} does not support non-boolean outputs")
    }

    /// Whether it is minus infinity.
    isneginf(input) {
        dtype: Compare, forward: |x| float_test(x[0], false, |x| eq(x, f64::NEG_INFINITY)), forms: Forms::BOTH_OUT, out: Out::Same("{op} does not support non-boolean outputs")
    }

    /// Whether its sign bit is set; so it is for -0.0.
    signbit(input) { dtype: Compare, forward: |x| is_negative(x[0]), forms: Forms::BOTH_OUT, out: Out::Same("") }

    /// Whether they differ by at most `atol + rtol * |other|`.
    close_to(input, other; rtol; atol) { dtype: Compare, forward: |x| is_close(x), forms: Forms::HIDDEN }

    /// As `close_to`; NaN is close to NaN.
    close_to_or_nan(input, other; rtol; atol) {
        dtype: Compare, forward: |x| is_close(x) | (is_nan(x[0]) & is_nan(x[1])), forms: Forms::HIDDEN
    }
}

build! {
    /// Whether they differ by at most `atol + rtol * |other|`.
    "isclose" "(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False)",
        |input: &Tensor, other: &Tensor, rtol: f64, atol: f64, equal_nan: bool| input.isclose(other, rtol, atol, equal_nan);

    /// Whether all elements differ by at most `atol + rtol * |other|`.
    "allclose" "(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False)",
        |input: &Tensor, other: &Tensor, rtol: f64, atol: f64, equal_nan: bool| input.allclose(other, rtol, atol, equal_nan);

    /// Whether shapes and elements are equal.
    "equal" "(input: Tensor, other: Tensor)", |input: &Tensor, other: &Tensor| input.equal(other);
}

impl Tensor {
    /// Whether they differ by at most `atol + rtol * |other|`.
    pub fn isclose(&self, other: &Tensor, rtol: f64, atol: f64, equal_nan: bool) -> Result<Tensor> {
        if self.dtype() != other.dtype() {
            return Err(runtime_err!(
                "isclose: expected tensors of one dtype, got {} and {}; convert one with .to(dtype)",
                self.dtype(),
                other.dtype()
            ));
        }
        for (name, by) in [("rtol", rtol), ("atol", atol)] {
            if by.is_nan() || by < 0.0 {
                return Err(runtime_err!("{name} must be greater than or equal to zero, but got {by}"));
            }
        }
        // Integers beyond the float they are compared in: nearness there is not equality.
        if rtol == 0.0 && atol == 0.0 && !self.dtype().is_float() {
            return self.eq(other);
        }
        if equal_nan { self.close_to_or_nan(other, rtol, atol) } else { self.close_to(other, rtol, atol) }
    }

    /// Whether all elements differ by at most `atol + rtol * |other|`.
    pub fn allclose(&self, other: &Tensor, rtol: f64, atol: f64, equal_nan: bool) -> Result<bool> {
        Ok(self.isclose(other, rtol, atol, equal_nan)?.all(&[], false)?.item()?.to_bool())
    }

    /// Whether shapes and elements are equal.
    pub fn equal(&self, other: &Tensor) -> Result<bool> {
        Ok(self.shape() == other.shape() && self.eq(other)?.all(&[], false)?.item()?.to_bool())
    }
}

fn float_test(x: Ex, otherwise: bool, test: fn(Ex) -> Ex) -> Ex {
    if x.dtype.is_float() { test(x) } else { Ex::constant(otherwise, DType::Bool) }
}

fn is_infinite(x: Ex) -> Ex {
    eq(abs(x), f64::INFINITY)
}

fn is_finite(x: Ex) -> Ex {
    lt(abs(x), f64::INFINITY)
}

fn is_negative(x: Ex) -> Ex {
    match x.dtype {
        DType::Bool => Ex::constant(false, DType::Bool),
        d if d.is_float() => lt(copysign(x.like(1.0), x), 0.0),
        _ => lt(x, 0.0),
    }
}

/// `x` is input, other, rtol, atol; integers are compared as floats.
fn is_close(x: &[Ex]) -> Ex {
    let float = if x[0].dtype.is_float() { x[0].dtype } else { x[2].dtype };
    let (a, b) = (x[0].cast(float), x[1].cast(float));
    let (difference, allowed) = (abs(a - b), x[3].cast(float) + abs(x[2].cast(float) * b));
    eq(x[0], x[1]) | (is_finite(difference) & le(difference, allowed))
}
