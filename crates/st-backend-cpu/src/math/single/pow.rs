//! Powers and roots.

use crate::math::double::ROUND;
use crate::math::{Fma, double};

/// Square root, correctly rounded.
#[inline(always)]
pub fn sqrt<F: Fma>(x: f32) -> f32 {
    x.sqrt()
}

/// `1 / sqrt(x)`, within 1.5 ulp.
#[inline(always)]
pub fn rsqrt<F: Fma>(x: f32) -> f32 {
    1.0 / x.sqrt()
}

/// x to the power y, within 0.51 ulp, with C99's special cases.
#[inline(always)]
pub fn pow<F: Fma>(x: f32, y: f32) -> f32 {
    let size = double::exp2_normal::<F>(y as f64 * double::log2_of_single::<F>(x.abs() as f64)) as f32;
    let size = if x.abs() == 1.0 && !y.is_nan() { 1.0 } else { size };

    // Every f32 from 2^24 on is an even integer, so is this bound, and infinity counts as one.
    let (integer, odd) = integer_and_odd(super::clamp(y, -33_554_432.0, 33_554_432.0) as f64);
    let negative = x.is_sign_negative();
    let signed = if negative & odd { -size } else { size };
    let root_of_negative = (x < 0.0) & (x > f32::NEG_INFINITY) & !integer;
    let value = if root_of_negative { f32::NAN } else { signed };
    if (y == 0.0) | (x == 1.0) { 1.0 } else { value }
}

/// Whether |y| < 2^50 is an integer, and whether an odd one.
#[inline(always)]
fn integer_and_odd(y: f64) -> (bool, bool) {
    let integer = (y + ROUND) - ROUND == y;
    let half = 0.5 * y;
    (integer, integer & ((half + ROUND) - ROUND != half))
}
