//! The functions for `f32`.
//!
//! Those at the heart of neural networks (`exp`, `log`, `tanh`, `erf`, `sigmoid`) compute in `f32` alone. The others
//! compute in `f64` and round once: half as many numbers fit in a register, yet nothing can overflow or cancel, and
//! the code stays short.

mod exp;
mod gamma;
mod hyperbolic;
mod log;
mod normal;
mod pow;
mod rounding;
mod trig;

pub use exp::{exp, exp_negative, exp_normal, exp2, expm1, sigmoid, sigmoid_normal};
pub use gamma::{digamma, i0, lgamma};
pub use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub use log::{log, log1p, log2, log10};
pub use normal::{erf, erfc, erfinv};
pub use pow::{pow, rsqrt, sqrt};
pub use rounding::{ceil, floor, floor_divide, fmod, remainder, round, trunc};
pub use trig::{MODERATE, cos_moderate, sin_moderate, tan_moderate};
pub use trig::{acos, asin, atan, atan2, cos, sin, sin_cos_turns, tan};

/// Adding this to a small `f32` leaves its nearest integer in the low bits of the sum.
const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23

/// ln 2 as two parts, the first of nine bits, so that an exponent times it is exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// The nearest integer for |x| < 2^22, without an instruction that baseline x86-64 lacks.
#[inline(always)]
fn nearest(x: f32) -> f32 {
    (x + ROUND) - ROUND
}

/// 2^n for an integer n from -126 to 127 (-127 gives zero).
#[inline(always)]
fn power_of_two(n: f32) -> f32 {
    f32::from_bits((n + (ROUND + 127.0)).to_bits() << 23)
}

/// `low` and `high` bound x; NaN stays NaN.
#[inline(always)]
fn clamp(x: f32, low: f32, high: f32) -> f32 {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}
