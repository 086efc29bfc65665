//! Exponentials: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial for e^r, and 2^n put into the exponent bits.

use super::{LN_2_HIGH, LN_2_LOW, ROUND, clamp, nearest, power_of_two};
use crate::math::{Fma, fma, poly};
use std::f32::consts::LOG2_E;

/// n and r with x = n ln 2 + r.
#[inline(always)]
fn reduce<F: Fma>(x: f32) -> (f32, f32) {
    let n = fma::<F, f32>(x, LOG2_E, ROUND) - ROUND;
    let r = fma::<F, f32>(n, -LN_2_HIGH, x);
    (n, fma::<F, f32>(n, -LN_2_LOW, r))
}

/// e^r for |r| <= ln 2 / 2.
#[inline(always)]
fn exp_fraction<F: Fma>(r: f32) -> f32 {
    let p = poly::<F, f32, 5>(r, [1.3838055e-3, 8.369167e-3, 4.1668102e-2, 1.6666517e-1, 4.9999994e-1]);
    fma::<F, f32>(p, r * r, r) + 1.0
}

/// y 2^n by two multiplications, so that denormal results round once and overflow is infinite.
#[inline(always)]
fn scale(y: f32, n: f32) -> f32 {
    let half = nearest(0.5 * n);
    y * power_of_two(half) * power_of_two(n - half)
}

/// e to the power x, within 1 ulp.
#[inline(always)]
pub fn exp<F: Fma>(x: f32) -> f32 {
    let (n, r) = reduce::<F>(clamp(x, -104.0, 89.0));
    scale(exp_fraction::<F>(r), n)
}

/// `exp` where the result is a normal number: x from -87 to 88.
#[inline(always)]
pub fn exp_normal<F: Fma>(x: f32) -> f32 {
    let (n, r) = reduce::<F>(x);
    exp_fraction::<F>(r) * power_of_two(n)
}

/// e to the power x for x up to 0, within 1 ulp; what would be less than a normal number is 0.
#[inline(always)]
pub fn exp_negative<F: Fma>(x: f32) -> f32 {
    let y = exp_normal::<F>(if x < LEAST { LEAST } else { x });
    if x < LEAST { 0.0 } else { y }
}

/// e to a lower power is not a normal number.
const LEAST: f32 = -87.0;

/// 2 to the power x, within 1 ulp.
#[inline(always)]
pub fn exp2<F: Fma>(x: f32) -> f32 {
    let x = clamp(x, -151.0, 129.0);
    let n = nearest(x);
    let r = x - n;
    let p = poly::<F, f32, 7>(
        r,
        [1.4372624e-5, 1.5456858e-4, 1.333777e-3, 9.61807e-3, 5.5504054e-2, 2.402265e-1, 6.931472e-1],
    );
    scale(fma::<F, f32>(p, r, 1.0), n)
}

/// `exp(x) - 1`, within 1.5 ulp.
#[inline(always)]
pub fn expm1<F: Fma>(x: f32) -> f32 {
    let (n, r) = reduce::<F>(clamp(x, -20.0, 89.0));
    let p =
        poly::<F, f32, 6>(r, [1.9663577e-4, 1.3935058e-3, 8.333644e-3, 4.1666467e-2, 1.6666666e-1, 5.0e-1]);
    let e = fma::<F, f32>(p, r * r, r);
    // Half of 2^n, because 2^128 is not a number although e^88.7 is.
    let s = power_of_two(n - 1.0);
    let y = 2.0 * fma::<F, f32>(e, s, s - 0.5);
    (if n == 0.0 { e } else { y }).copysign(x) // for denormals and the sign of zero
}

/// `1 / (1 + exp(-x))`, within 2.5 ulp.
#[inline(always)]
pub fn sigmoid<F: Fma>(x: f32) -> f32 {
    sigmoid_from(x, exp::<F>(-x.abs()))
}

/// `sigmoid` for x from -87 to 87.
#[inline(always)]
pub fn sigmoid_normal<F: Fma>(x: f32) -> f32 {
    sigmoid_from(x, exp_normal::<F>(-x.abs()))
}

#[inline(always)]
fn sigmoid_from(x: f32, e: f32) -> f32 {
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}
