//! Rounding to integers and the remainders of division.

use crate::math::Fma;

rounding!(f64, 4_503_599_627_370_496.0);

/// What truncated division leaves, with the sign of x, as in C; exact, a library call.
#[inline(always)]
pub fn fmod<F: Fma>(x: f64, y: f64) -> f64 {
    x % y
}
