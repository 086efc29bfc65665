//! Exponentials: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial for e^r, and 2^n put into the exponent bits.

use super::ROUND;
use crate::math::{Fma, fma, poly};
use std::f64::consts::LOG2_E;

const LN_2_HIGH: f64 = 0.693_147_180_369_123_8; // 33 bits, so that n times it is exact
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// n and r with x = n ln 2 + r.
#[inline(always)]
pub(in crate::math) fn reduce_exp<F: Fma>(x: f64) -> (f64, f64) {
    let n = fma::<F, f64>(x, LOG2_E, ROUND) - ROUND;
    let r = fma::<F, f64>(n, -LN_2_HIGH, x);
    (n, fma::<F, f64>(n, -LN_2_LOW, r))
}

/// 2^n for an integer n from -1022 to 1023 (-1023 gives zero).
#[inline(always)]
pub(in crate::math) fn power_of_two(n: f64) -> f64 {
    f64::from_bits((n + (ROUND + 1023.0)).to_bits() << 52)
}

/// y 2^n by two multiplications, so that denormal results round once and overflow is infinite.
#[inline(always)]
fn scale(y: f64, n: f64) -> f64 {
    let half = (0.5 * n + ROUND) - ROUND;
    y * power_of_two(half) * power_of_two(n - half)
}

/// `low` and `high` bound x; NaN stays NaN.
#[inline(always)]
pub(super) fn clamp(x: f64, low: f64, high: f64) -> f64 {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// e^r for |r| <= ln 2 / 2.
#[inline(always)]
fn exp_fraction<F: Fma>(r: f64) -> f64 {
    let p = poly::<F, f64, 10>(
        r,
        [
            2.4999935792129464e-08,
            2.7630304900427916e-07,
            2.755758707440641e-06,
            2.480149295405011e-05,
            0.00019841269505464142,
            0.001388888894375497,
            0.00833333333349512,
            0.04166666666652975,
            0.1666666666666641,
            0.5000000000000011,
        ],
    );
    fma::<F, f64>(p, r * r, r) + 1.0
}

/// e to the power x, within 1 ulp.
#[inline(always)]
pub fn exp<F: Fma>(x: f64) -> f64 {
    let (n, r) = reduce_exp::<F>(clamp(x, -746.0, 710.0));
    scale(exp_fraction::<F>(r), n)
}

/// e to the power x for x up to 0, within 1 ulp; what would be less than a normal number is 0.
#[inline(always)]
pub fn exp_negative<F: Fma>(x: f64) -> f64 {
    let y = exp_normal::<F>(if x < LEAST { LEAST } else { x });
    if x < LEAST { 0.0 } else { y }
}

/// e to a lower power is not a normal number.
const LEAST: f64 = -708.0;

/// `exp` for |x| < 700, where the result is a normal number.
#[inline(always)]
pub(in crate::math) fn exp_normal<F: Fma>(x: f64) -> f64 {
    let (n, r) = reduce_exp::<F>(x);
    exp_fraction::<F>(r) * power_of_two(n)
}

/// `exp(x) * factor` with one rounding where the result is denormal.
#[inline(always)]
pub(super) fn exp_times<F: Fma>(x: f64, factor: f64) -> f64 {
    let (n, r) = reduce_exp::<F>(x);
    scale(exp_fraction::<F>(r) * factor, n)
}

/// 2 to the power x, within 1 ulp.
#[inline(always)]
pub fn exp2<F: Fma>(x: f64) -> f64 {
    let (y, n) = exp2_parts::<F>(clamp(x, -1076.0, 1025.0));
    scale(y, n)
}

/// `exp2` with results limited to 2^-1000 and 2^1000; for functions that round to `f32` in the end.
#[inline(always)]
pub(in crate::math) fn exp2_normal<F: Fma>(x: f64) -> f64 {
    let (y, n) = exp2_parts::<F>(clamp(x, -1000.0, 1000.0));
    y * power_of_two(n)
}

/// y and n with y 2^n for 2 to the power x.
#[inline(always)]
fn exp2_parts<F: Fma>(x: f64) -> (f64, f64) {
    let n = (x + ROUND) - ROUND;
    let r = x - n;
    let p = poly::<F, f64, 11>(
        r,
        [
            4.078024843789616e-10,
            7.072605846478538e-09,
            1.0180653207799142e-07,
            1.3215442497974344e-06,
            1.525272735826711e-05,
            0.00015403530441863696,
            0.001333355815348371,
            0.009618129107606828,
            0.055504108664790136,
            0.24022650695910097,
            0.6931471805599457,
        ],
    );
    (fma::<F, f64>(p, r, 1.0), n)
}

/// `exp(x) - 1`, within 2 ulp.
#[inline(always)]
pub fn expm1<F: Fma>(x: f64) -> f64 {
    let (n, r) = reduce_exp::<F>(clamp(x, -40.0, 710.0));
    let p = poly::<F, f64, 10>(
        r,
        [
            2.0878902315713767e-09,
            2.5108732146310248e-08,
            2.7557387212203864e-07,
            2.7557245175442102e-06,
            2.480158719787217e-05,
            0.00019841269885046843,
            0.0013888888888942907,
            0.008333333333322125,
            0.041666666666666574,
            0.16666666666666677,
        ],
    );
    let square = r * r;
    let e = r + fma::<F, f64>(p * r, square, 0.5 * square);
    // Half of 2^n, because 2^1024 is not a number although e^709.7 is.
    let s = power_of_two(n - 1.0);
    let y = 2.0 * fma::<F, f64>(e, s, s - 0.5);
    (if n == 0.0 { e } else { y }).copysign(x) // for denormals and the sign of zero
}

/// `1 / (1 + exp(-x))`, within 3 ulp.
#[inline(always)]
pub fn sigmoid<F: Fma>(x: f64) -> f64 {
    let e = exp::<F>(-x.abs());
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// Hyperbolic tangent, within 3 ulp.
#[inline(always)]
pub fn tanh<F: Fma>(x: f64) -> f64 {
    // tanh(20) rounds to 1.
    let e = expm1::<F>(2.0 * clamp(x.abs(), 0.0, 20.0));
    (e / (e + 2.0)).copysign(x)
}
