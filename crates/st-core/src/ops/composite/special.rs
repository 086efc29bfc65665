//! Gamma functions of matrices and incomplete ones, the zeta function.

use crate::autograd;
use crate::ops::pointwise::{Operand, result_type};
use crate::tensor::Tensor;
use st_kernel::{Result, Scalar, runtime_err, unsupported};
use std::f64::consts::PI;

/// A number as a 0-d tensor of the dtype that both promote to.
pub(crate) fn beside(number: Scalar, other: &Tensor) -> Result<Tensor> {
    let dtype = result_type(&[Operand::Scalar(number), Operand::Tensor(other)]);
    Tensor::full(&[], number.cast(dtype), dtype, other.device())
}

/// So many terms of `mvlgamma` are added; the graph of more takes gigabytes.
const MOST_TERMS: i64 = 1_000_000;

/// The logarithm of the gamma function of matrices of size `p`.
pub(crate) fn mvlgamma(input: &Tensor, p: i64) -> Result<Tensor> {
    if p < 1 {
        return Err(runtime_err!("p has to be greater than or equal to 1"));
    }
    if p > MOST_TERMS {
        return Err(runtime_err!("mvlgamma: p is a number of terms to add; {p} are more than {MOST_TERMS}"));
    }
    let x = if input.dtype().is_float() {
        input.widened()?
    } else {
        input.to_dtype(crate::tensor::default_dtype())?
    };
    let mut sum = x.full_like((p * (p - 1)) as f64 / 4.0 * PI.ln())?;
    for i in 0..p {
        sum = sum.add(&x.sub(i as f64 / 2.0)?.lgamma()?)?;
    }
    if input.dtype().is_float() { sum.to_dtype(input.dtype()) } else { Ok(sum) }
}

/// The regularised incomplete gamma functions.
pub(crate) fn igamma(a: &Tensor, x: &Tensor, lower: bool) -> Result<Tensor> {
    let a = undifferentiable(a, if lower { "igamma: input" } else { "igammac: input" })?;
    if lower { a.lower_gamma(x) } else { a.upper_gamma(x) }
}

/// Hurwitz's zeta function.
pub(crate) fn zeta(x: &Tensor, q: Operand) -> Result<Tensor> {
    let x = undifferentiable(x, "zeta")?;
    x.zeta_of(q)
}

/// The tensor, whose gradient is an error.
fn undifferentiable(t: &Tensor, what: &'static str) -> Result<Tensor> {
    autograd::refuse(t, move || unsupported!("the derivative for '{what}' is not implemented."))
}
