//! Rounding to integers and the remainders of division.

use crate::math::Fma;

rounding!(f32, 8_388_608.0);

/// What truncated division leaves, with the sign of x, as in C; exact.
///
/// The quotient may have 277 bits: each step takes off its highest 26 and is exact in `f64`, products included.
#[inline(always)]
pub fn fmod<F: Fma>(x: f32, y: f32) -> f32 {
    let (size, divisor) = (x.abs() as f64, y.abs() as f64);
    let inverse = 1.0 / divisor;
    let mut rest = size;
    for shift in [252_u64, 226, 200, 174, 148, 122, 96, 70, 44, 18, 0] {
        // Adding 1.5 * 2^(52 + shift) rounds to a multiple of 2^shift.
        let round = 1.5 * f64::from_bits((1023 + 52 + shift) << 52);
        let quotient = (rest * inverse + round) - round;
        rest -= quotient * divisor;
    }
    let rest = if rest < 0.0 { rest + divisor } else { rest };
    let rest = if divisor == f64::INFINITY { size } else { rest };
    let undefined = (divisor == 0.0) | (size == f64::INFINITY) | x.is_nan() | y.is_nan();
    (if undefined { f32::NAN } else { rest as f32 }).copysign(x)
}
