//! Logarithms: x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), and a polynomial for log(1 + f).

use super::{LN_2_HIGH, LN_2_LOW};
use crate::math::{Fma, fma, poly};
use std::f32::consts::LOG2_E;

const SQRT_HALF_BITS: i32 = 0x3f35_04f3;

/// k and m with x = 2^k m, for positive normal x.
#[inline(always)]
fn split(x: f32) -> (i32, f32) {
    let bits = x.to_bits() as i32;
    let k = bits.wrapping_sub(SQRT_HALF_BITS) >> 23;
    (k, f32::from_bits(bits.wrapping_sub(k << 23) as u32))
}

/// `split` into k and f, for denormal x too.
#[inline(always)]
fn reduce(x: f32) -> (f32, f32) {
    let denormal = x < 2.0 * f32::MIN_POSITIVE;
    let (k, m) = split(if denormal { x * 8_388_608.0 } else { x });
    (k as f32 - if denormal { 23.0 } else { 0.0 }, m - 1.0)
}

/// `log(1 + f) - f`.
#[inline(always)]
fn tail<F: Fma>(f: f32) -> f32 {
    let p = poly::<F, f32, 9>(
        f,
        [
            6.9172874e-2,
            -1.1731344e-1,
            1.1828684e-1,
            -1.2386296e-1,
            1.4225625e-1,
            -1.6669872e-1,
            2.0001915e-1,
            -2.4999955e-1,
            3.3333313e-1,
        ],
    );
    let square = f * f;
    fma::<F, f32>(p * f, square, -0.5 * square)
}

/// `y` for positive finite x, and the values that every logarithm takes elsewhere.
#[inline(always)]
fn at_limits(x: f32, y: f32) -> f32 {
    // One comparison of integers; LLVM turns comparisons with zero and infinity into ten instructions.
    let ordinary = x.to_bits().wrapping_sub(1) < 0x7f7f_ffff;
    let limit = if x > 0.0 { x } else { f32::NAN };
    let limit = if x == 0.0 { f32::NEG_INFINITY } else { limit };
    if ordinary { y } else { limit }
}

/// `k ln 2 + f + t` in an order that keeps the small parts.
#[inline(always)]
fn combine<F: Fma>(k: f32, f: f32, t: f32) -> f32 {
    fma::<F, f32>(k, LN_2_HIGH, f + fma::<F, f32>(k, LN_2_LOW, t))
}

/// Natural logarithm, within 1 ulp.
#[inline(always)]
pub fn log<F: Fma>(x: f32) -> f32 {
    let (k, f) = reduce(x);
    at_limits(x, combine::<F>(k, f, tail::<F>(f)))
}

/// Logarithm to base 2, within 1.5 ulp.
#[inline(always)]
pub fn log2<F: Fma>(x: f32) -> f32 {
    let (k, f) = reduce(x);
    // log2(e) = 1 + 0.44..: the product with f is exact in its first part.
    let low = fma::<F, f32>(f, LOG2_E - 1.0, LOG2_E * tail::<F>(f));
    at_limits(x, k + (f + low))
}

/// Logarithm to base 10, within 1.5 ulp.
#[inline(always)]
pub fn log10<F: Fma>(x: f32) -> f32 {
    const LOG10_E_MINUS_HALF: f32 = -6.570_552e-2;
    const LOG10_2_HIGH: f32 = 0.301_025_4; // 12 bits
    const LOG10_2_LOW: f32 = 4.605_039e-6;
    let (k, f) = reduce(x);
    let low = fma::<F, f32>(f, LOG10_E_MINUS_HALF, std::f32::consts::LOG10_E * tail::<F>(f));
    let low = fma::<F, f32>(k, LOG10_2_LOW, low);
    at_limits(x, fma::<F, f32>(k, LOG10_2_HIGH, fma::<F, f32>(f, 0.5, low)))
}

/// `log(1 + x)`, within 1.5 ulp.
#[inline(always)]
pub fn log1p<F: Fma>(x: f32) -> f32 {
    let u = 1.0 + x;
    // What the addition lost, of which 2^-k belongs to f.
    let lost = if x > 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) };
    let (k, m) = split(u);
    let inverse = f32::from_bits(0x3f80_0000_i32.wrapping_sub(k << 23) as u32);
    let f = (m - 1.0) + if k < 25 { lost * inverse } else { 0.0 };
    let y = combine::<F>(k as f32, f, tail::<F>(f));
    at_limits(u, if x == 0.0 { x } else { y }) // zero keeps its sign
}
