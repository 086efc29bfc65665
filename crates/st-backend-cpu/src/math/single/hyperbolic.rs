//! Hyperbolic functions and their inverses.

use super::clamp;
use super::exp::exp_normal;
use crate::math::{Fma, double, fma, poly};

/// Hyperbolic tangent, within 1.5 ulp.
#[inline(always)]
pub fn tanh<F: Fma>(x: f32) -> f32 {
    let size = x.abs();
    let square = x * x;
    let p =
        poly::<F, f32, 5>(square, [-5.6922967e-3, 2.0628167e-2, -5.3736515e-2, 1.3331406e-1, -3.333328e-1]);
    let small = fma::<F, f32>(p * square, x, x);
    // tanh(10) rounds to 1.
    let e = exp_normal::<F>(2.0 * clamp(size, 0.0, 10.0));
    let large = 1.0 - 2.0 / (e + 1.0);
    (if size < 0.625 { small } else { large }).copysign(x)
}

/// `(sinh(x), cosh(x))`, from x = n ln 2 + r and the two halves of the series for e^r, so that nothing cancels.
#[inline(always)]
fn sinh_cosh<F: Fma>(x: f32) -> (f64, f64) {
    let (n, r) = double::reduce_exp::<F>(clamp(x, -100.0, 100.0) as f64);
    let z = r * r;
    let sinh = r * poly::<F, f64, 5>(z, [1.0 / 362_880.0, 1.0 / 5_040.0, 1.0 / 120.0, 1.0 / 6.0, 1.0]);
    let cosh = poly::<F, f64, 5>(z, [1.0 / 40_320.0, 1.0 / 720.0, 1.0 / 24.0, 0.5, 1.0]);
    let (up, down) = (double::power_of_two(n - 1.0), double::power_of_two(-n - 1.0));
    let (sinh_n, cosh_n) = (up - down, up + down);
    (
        fma::<F, f64>(cosh, sinh_n, sinh * cosh_n), //
        fma::<F, f64>(cosh, cosh_n, sinh * sinh_n),
    )
}

/// Hyperbolic sine, within 0.51 ulp.
#[inline(always)]
pub fn sinh<F: Fma>(x: f32) -> f32 {
    (sinh_cosh::<F>(x).0 as f32).copysign(x)
}

/// Hyperbolic cosine, within 0.51 ulp.
#[inline(always)]
pub fn cosh<F: Fma>(x: f32) -> f32 {
    sinh_cosh::<F>(x).1 as f32
}

/// Inverse hyperbolic sine, within 0.51 ulp.
#[inline(always)]
pub fn asinh<F: Fma>(x: f32) -> f32 {
    let size = x.abs() as f64;
    let square = size * size;
    // sqrt(1 + square) - 1, without cancellation; at infinity the quotient would be NaN.
    let root = square / (1.0 + (1.0 + square).sqrt());
    let t = if size < f64::INFINITY { size + root } else { size };
    (double::log1p::<F>(t) as f32).copysign(x)
}

/// Inverse hyperbolic cosine, within 0.51 ulp.
#[inline(always)]
pub fn acosh<F: Fma>(x: f32) -> f32 {
    let (below, above) = (x as f64 - 1.0, x as f64 + 1.0);
    let y = double::log1p::<F>(below + (below * above).sqrt()) as f32;
    if x >= 1.0 { y } else { f32::NAN }
}

/// Inverse hyperbolic tangent, within 0.51 ulp.
#[inline(always)]
pub fn atanh<F: Fma>(x: f32) -> f32 {
    let size = x.abs() as f64;
    let y = 0.5 * double::log1p::<F>(2.0 * size / (1.0 - size));
    (y as f32).copysign(x)
}
