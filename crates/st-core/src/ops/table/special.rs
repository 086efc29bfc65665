//! The error function, the gamma function and their kin.

use super::macros::{build, pointwise};
use super::series::{ERFCX, NORMAL_FAR, NORMAL_NEAR, chebyshev};
use crate::ops::def::Forms;
use crate::ops::pointwise::DtypeRule::*;
use crate::ops::{Operand, composite};
use crate::tensor::Tensor;
use st_kernel::expr::*;
use st_kernel::{Ex, Scalar, runtime_err};
use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

const PLAIN: Forms = Forms::FUNCTION.and(Forms::OUT).and(Forms::CAST);

pointwise! {
    /// The error function.
    erf(input) { forward: |x| erf(x[0]), onnx: "Erf" }

    /// 1 - erf(x), exact far from zero.
    erfc(input) { forward: |x| erfc(x[0]) }

    /// The inverse of the error function.
    erfinv(input) { forward: |x| erfinv(x[0]), domain: (-0.9, 0.9) }

    /// `exp(x * x) * erfc(x)`, without overflow or underflow.
    erfcx "special_erfcx" (input) {
        forward: |x| erfcx_of(x[0]),
        vjp: Some(|x, y, g| vec![Some(g * (2.0 * x[0] * y - 2.0 / PI.sqrt()))]), forms: PLAIN
    }

    /// The distribution function of the normal distribution.
    ndtr "special_ndtr" (input) {
        forward: |x| {
            let t = x[0] * FRAC_1_SQRT_2;
            select(lt(t, 1.0), 0.5 * erfc(-t), 1.0 - 0.5 * erfc(t), t)
        },
        vjp: Some(|x, _, g| vec![Some(g * (exp(x[0] * x[0] * -0.5) * (1.0 / (2.0 * PI).sqrt())))]), forms: PLAIN
    }

    /// The logarithm of `ndtr`, exact far below zero.
    log_ndtr "special_log_ndtr" (input) {
        forward: |x| {
            let t = x[0] * FRAC_1_SQRT_2;
            let far = lt(x[0], -1.0);
            let low = log(erfcx_of(-select(far, t, -1.0, t)) * 0.5) - t * t;
            select(far, low, log1p(erfc(t) * -0.5), t)
        },
        vjp: Some(|x, _, g| vec![Some(g / erfcx_of(x[0] * -FRAC_1_SQRT_2) * (2.0 / PI).sqrt())]), forms: PLAIN
    }

    /// The inverse of `ndtr`.
    ndtri "special_ndtri" (input) {
        forward: |x| ndtri_of(x[0]),
        vjp: Some(|_, y, g| vec![Some(g * (exp(y * y * 0.5) * (2.0 * PI).sqrt()))]), forms: PLAIN, domain: (0.02, 0.98)
    }

    /// -x * log(x); 0 at zero, minus infinity below.
    entr "special_entr" (input) {
        forward: |x| {
            let below = select(eq(x[0], 0.0), 0.0, f64::NEG_INFINITY, x[0]);
            select(gt(x[0], 0.0) | is_nan(x[0]), -x[0] * log(x[0]), below, x[0])
        },
        vjp: Some(|x, _, g| vec![Some(g * (-1.0 - log(x[0])))]), forms: PLAIN, domain: (0.1, 4.0)
    }

    /// x * log1p(y); 0 where x is, even if the logarithm is not a number.
    xlog1py "special_xlog1py" (input, other) {
        forward: |x| {
            let zero = eq(x[0], 0.0) & !is_nan(x[1]);
            select(zero, 0.0, x[0] * log1p(x[1]), x[0])
        },
        vjp: Some(|x, _, g| {
            let zero = eq(x[0], 0.0) & le(x[1], -1.0);
            vec![Some(g * select(zero, 0.0, log1p(x[1]), g)), Some(g * x[0] / (x[1] + 1.0))]
        }),
        forms: PLAIN, domain: (0.1, 4.0), also: Forms::NUMBER_FIRST
    }

    /// The logarithm of |gamma(x)|.
    lgamma(input) { forward: |x| lgamma(x[0]), domain: (0.2, 4.0) }

    /// The derivative of `lgamma`.
    digamma(input) { forward: |x| digamma(x[0]), domain: (0.2, 4.0) }

    /// The derivative of `digamma`.
    trigamma(input) { forward: |x| trigamma(x[0]), forms: Forms::HIDDEN, domain: (0.2, 4.0) }

    /// The sum of (q + k)^-x over all k from 0 on, times a factor: Hurwitz's zeta function.
    scaled_zeta(input, power; factor) { forward: |x| x[2] * hurwitz(x[1], x[0]), forms: Forms::HIDDEN, domain: (1.2, 4.0) }

    /// The sum of (other + k)^-input over all k from 0 on: Hurwitz's zeta function.
    zeta_of "special_zeta" (input, other) { forward: |x| hurwitz(x[0], x[1]), forms: Forms::HIDDEN, domain: (1.2, 4.0) }

    /// The regularised lower incomplete gamma function of `input`, up to `other`.
    lower_gamma "igamma" (input, other) { dtype: Float, forward: |x| igamma(x[0], x[1]), forms: Forms::HIDDEN, domain: (0.2, 4.0) }

    /// The regularised upper incomplete gamma function of `input`, from `other` on.
    upper_gamma "igammac" (input, other) { dtype: Float, forward: |x| igammac(x[0], x[1]), forms: Forms::HIDDEN, domain: (0.2, 4.0) }
}

/// As torch, no number where the sum is one of zeros: of infinite places, or to an infinite power.
fn hurwitz(x: Ex, q: Ex) -> Ex {
    let nothing = eq(q, f64::INFINITY) | (eq(x, f64::INFINITY) & gt(q, 1.0));
    select(nothing, f64::NAN, zeta(x, q), x)
}

fn erfcx_of(x: Ex) -> Ex {
    let a = abs(x);
    let y = chebyshev(1.0 - 7.5 / (a + 3.75), &ERFCX) / (1.0 + 2.0 * a);
    select(lt(x, 0.0), 2.0 * exp(x * x) - y, y, x)
}

/// In the middle the inverse error function; in the tails a series in the root of the logarithm.
fn ndtri_of(p: Ex) -> Ex {
    const TAIL: f64 = 0.15;
    let (low, high) = (lt(p, TAIL), gt(p, 1.0 - TAIL));
    let q = select(high, 1.0 - p, p, p);
    let inside = gt(q, 0.0) & lt(q, TAIL);
    let s = sqrt(-2.0 * log(select(inside, q, TAIL, q)));
    let u = 1.0 / s;
    let scaled = |low: f64, high: f64| (u - low) * (2.0 / (high - low)) - 1.0;
    let far = lt(u, 0.125);
    let near_series = chebyshev(scaled(0.125, 1.0 / 1.9), &NORMAL_NEAR);
    let rest = select(far, chebyshev(scaled(0.025, 0.125), &NORMAL_FAR), near_series, u);
    let tail = s - (log(s) + rest) * u;
    let tail = select(inside, tail, select(eq(q, 0.0), f64::INFINITY, f64::NAN, q), q);
    let middle = erfinv((p - 0.5) * 2.0) * SQRT_2;
    select(low, -tail, select(high, tail, middle, p), p)
}

build! {
    /// The n-th derivative of `digamma`.
    "polygamma" "(n: int, input: Tensor)".forms(Forms::EVERY).domain(0.2, 4.0).also(Forms::CAST),
        |n: i64, input: &Tensor| match n {
            0 => input.digamma(),
            1 => input.trigamma(),
            n if n < 0 => Err(runtime_err!("polygamma(n, x) does not support negative n.")),
            n => {
                // (171! is no double any more.)
                let factorial: f64 = (1..=n.min(171)).map(|k| k as f64).product();
                input.scaled_zeta((n + 1) as f64, if n % 2 == 0 { -factorial } else { factorial })
            }
        };

    /// The logarithm of the gamma function of matrices of size `p`.
    "mvlgamma" "(input: Tensor, p: int)".forms(Forms::EVERY).also(Forms::CAST), |input: &Tensor, p: i64| composite::mvlgamma(input, p);

    /// The regularised lower incomplete gamma function of `input`, up to `other`.
    "igamma" "(input: Tensor, other: Tensor)".forms(Forms::EVERY).domain(0.2, 4.0).also(Forms::CAST.and(Forms::ELEMENTWISE)),
        |input: &Tensor, other: &Tensor| composite::igamma(input, other, true);

    /// The regularised upper incomplete gamma function of `input`, from `other` on.
    "igammac" "(input: Tensor, other: Tensor)".forms(Forms::EVERY).domain(0.2, 4.0).also(Forms::CAST.and(Forms::ELEMENTWISE)),
        |input: &Tensor, other: &Tensor| composite::igamma(input, other, false);

    /// The sum of (other + k)^-input over all k from 0 on: Hurwitz's zeta function.
    "special_zeta" "(input: Tensor, other: Operand)".forms(PLAIN).domain(1.2, 4.0),
        |input: &Tensor, other: Operand| composite::zeta(input, other);

    /// Hurwitz's zeta function of a number.
    "special_zeta" "(input: Number, other: Tensor)".forms(PLAIN),
        |input: Scalar, other: &Tensor| composite::zeta(&composite::beside(input, other)?, other.into());

    /// x * log1p(y) of a number x.
    "special_xlog1py" "(input: Number, other: Tensor)".forms(PLAIN).also(Forms::NUMBER_FIRST),
        |input: Scalar, other: &Tensor| composite::beside(input, other)?.xlog1py(other);

    /// x * log(y) of a number x.
    "xlogy" "(input: Number, other: Tensor)".forms(PLAIN).also(Forms::NUMBER_FIRST),
        |input: Scalar, other: &Tensor| composite::beside(input, other)?.xlogy(other);
}
