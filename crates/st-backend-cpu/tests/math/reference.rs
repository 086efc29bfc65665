//! Slow references for functions that neither the standard library nor `libm` has.

use std::f64::consts::{FRAC_2_SQRT_PI, PI};

/// The logistic function, without overflow.
pub(crate) fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

/// The inverse of the error function, by Newton's method from the flat side, where it cannot overshoot.
pub(crate) fn erfinv(x: f64) -> f64 {
    let size = x.abs();
    if size.is_nan() || size >= 1.0 {
        return if size == 1.0 { x * f64::INFINITY } else { f64::NAN };
    }
    let mut y = size / FRAC_2_SQRT_PI;
    for _ in 0..100 {
        let error = if size > 0.5 { (1.0 - size) - libm::erfc(y) } else { libm::erf(y) - size };
        let step = error / (FRAC_2_SQRT_PI * (-y * y).exp());
        y -= step;
        if step.abs() <= 1e-16 * y {
            break;
        }
    }
    y.copysign(x)
}

/// The digamma function, by its recurrence up to where two terms of its series suffice.
pub(crate) fn digamma(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY.copysign(-x);
    }
    if x < 0.0 {
        let fraction = x - x.round();
        let whole = fraction == 0.0 || x.is_infinite();
        return if whole { f64::NAN } else { digamma(1.0 - x) - PI / (PI * fraction).tan() };
    }
    let steps = if x < 1000.0 { 1000 } else { 0 };
    let sum: f64 = (0..steps).rev().map(|k| 1.0 / (x + k as f64)).sum();
    let z = x + steps as f64;
    z.ln() - 0.5 / z - 1.0 / (12.0 * z * z) + 1.0 / (120.0 * z.powi(4)) - sum
}

/// The Bessel function I0, by the trapezoidal rule on its integral.
pub(crate) fn i0(x: f64) -> f64 {
    let steps = 400;
    let sum: f64 = (0..steps).map(|k| (x * (PI * (k as f64 + 0.5) / steps as f64).cos()).exp()).sum();
    sum / steps as f64
}

/// Floored division's remainder, as Python defines it.
pub(crate) fn remainder(x: f64, y: f64) -> f64 {
    let rest = x % y;
    if rest != 0.0 && (rest < 0.0) != (y < 0.0) { rest + y } else { rest }
}
