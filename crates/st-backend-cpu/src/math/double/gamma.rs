//! The gamma function's logarithm and its derivative, and the Bessel function I0.

use super::log;
use crate::math::{Fma, fma, poly};
use std::f64::consts::PI;

/// `log(|gamma(x)|)`, a library call.
#[inline(always)]
pub fn lgamma<F: Fma>(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The derivative of `lgamma`, within 1e-13 of the larger of 1 and its size, but for poles; calls `tan`.
#[inline(always)]
pub fn digamma<F: Fma>(x: f64) -> f64 {
    digamma_reflected::<F>(x, PI / (PI * (x - x.round_ties_even())).tan())
}

/// `digamma` given `pi / tan(pi x)`: the series from 8 on, the recurrence below, the reflection below zero.
#[inline(always)]
pub(in crate::math) fn digamma_reflected<F: Fma>(x: f64, reflection: f64) -> f64 {
    let z = if x < 0.0 { 1.0 - x } else { x };
    let low = z < 8.0;
    // The sum of 1 / (z + k) is the derivative of the product of (z + k), over the product.
    let (mut product, mut derivative) = (z, 1.0);
    for k in 1..8 {
        derivative = fma::<F, f64>(derivative, z + k as f64, product);
        product *= z + k as f64;
    }
    let sum = if low { derivative / product } else { 0.0 };
    let y = digamma_series::<F>(if low { z + 8.0 } else { z }) - sum;
    let y = if x < 0.0 { y - reflection } else { y };
    let y = if (x < 0.0) & (reflection.abs() == f64::INFINITY) { f64::NAN } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY.copysign(-x) } else { y };
    if x == f64::INFINITY { x } else { y }
}

/// `digamma(z)` for z >= 8.
#[inline(always)]
fn digamma_series<F: Fma>(z: f64) -> f64 {
    let inverse = 1.0 / z;
    let square = inverse * inverse;
    let p = poly::<F, f64, 8>(
        square,
        [
            3_617.0 / 8_160.0,
            -1.0 / 12.0,
            691.0 / 32_760.0,
            -1.0 / 132.0,
            1.0 / 240.0,
            -1.0 / 252.0,
            1.0 / 120.0,
            -1.0 / 12.0,
        ],
    );
    log::<F>(z) + fma::<F, f64>(p, square, -0.5 * inverse)
}

/// The modified Bessel function of the first kind of order 0, within 1e-13 of its size; loops over its series.
#[inline(always)]
pub fn i0<F: Fma>(x: f64) -> f64 {
    let size = x.abs();
    if size < 30.0 { i0_small(size) } else { i0_large(size) }
}

/// Its power series, whose terms are all positive.
fn i0_small(x: f64) -> f64 {
    let z = 0.25 * x * x;
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..80 {
        term *= z / (k * k) as f64;
        sum += term;
    }
    sum
}

/// Its asymptotic series for x >= 30, where the 25th term is below the last bit.
fn i0_large(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..25 {
        term *= ((2 * k - 1) * (2 * k - 1)) as f64 / (8.0 * k as f64 * x);
        sum += term;
    }
    // In two factors: e^x overflows before the result does.
    let root = (0.5 * x).exp();
    if x == f64::INFINITY { x } else { root / (2.0 * PI * x).sqrt() * sum * root }
}
