//! Logarithms: x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), and log(1 + f) = 2 atanh(s), s = f / (2 + f).

use crate::math::{Fma, fma, poly};

const LN_2_HIGH: f64 = 0.693_147_180_369_123_8; // 33 bits, so that k times it is exact
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_667f_3bcd;

/// k and m with x = 2^k m, for positive normal x.
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    // The exponent field of the difference is k, off by 1023 to stay positive. It becomes a float by way of the
    // mantissa of 2^52: AVX2 has no conversion from 64-bit integers.
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    let field = x.to_bits().wrapping_add((1023 << 52) - SQRT_HALF_BITS) >> 52;
    let k = f64::from_bits(field | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    (k, f64::from_bits(x.to_bits().wrapping_sub(field.wrapping_sub(1023) << 52)))
}

/// `split` into k and f, for denormal x too.
#[inline(always)]
fn reduce(x: f64) -> (f64, f64) {
    let denormal = x < 2.0 * f64::MIN_POSITIVE;
    let (k, m) = split(if denormal { x * 18_014_398_509_481_984.0 } else { x });
    (k - if denormal { 54.0 } else { 0.0 }, m - 1.0)
}

/// `f * f / 2`, and the small t that gives log(1 + f) = f - (f * f / 2 - t).
#[inline(always)]
fn tail<F: Fma>(f: f64) -> (f64, f64) {
    let s = f / (2.0 + f);
    let z = s * s;
    let p = poly::<F, f64, 7>(
        z,
        [
            0.14798591812984477,
            0.15313804157709665,
            0.18183573234390113,
            0.22222198416376365,
            0.285714287437655,
            0.399999999994092,
            0.6666666666666735,
        ],
    );
    let half_square = 0.5 * f * f;
    (half_square, s * fma::<F, f64>(p, z, half_square))
}

/// `y` for positive finite x, and the values that every logarithm takes elsewhere.
#[inline(always)]
fn at_limits(x: f64, y: f64) -> f64 {
    // One comparison of integers; LLVM turns comparisons with zero and infinity into ten instructions.
    let ordinary = x.to_bits().wrapping_sub(1) < 0x7fef_ffff_ffff_ffff;
    let limit = if x > 0.0 { x } else { f64::NAN };
    let limit = if x == 0.0 { f64::NEG_INFINITY } else { limit };
    if ordinary { y } else { limit }
}

/// `k ln 2 + log(1 + f)`.
#[inline(always)]
fn combine<F: Fma>(k: f64, f: f64) -> f64 {
    let (half_square, t) = tail::<F>(f);
    let low = half_square - fma::<F, f64>(k, LN_2_LOW, t);
    fma::<F, f64>(k, LN_2_HIGH, f - low)
}

/// Natural logarithm, within 1 ulp.
#[inline(always)]
pub fn log<F: Fma>(x: f64) -> f64 {
    let (k, f) = reduce(x);
    at_limits(x, combine::<F>(k, f))
}

/// `log(1 + f)` as a sum of two, the first so short that its product with a short constant is exact.
#[inline(always)]
fn two_parts<F: Fma>(f: f64) -> (f64, f64) {
    let (half_square, t) = tail::<F>(f);
    let high = f64::from_bits((f - half_square).to_bits() & 0xffff_ffff_0000_0000);
    (high, (f - high) - half_square + t)
}

/// Logarithm to base 2, within 1 ulp.
#[inline(always)]
pub fn log2<F: Fma>(x: f64) -> f64 {
    const LOG2_E_HIGH: f64 = 1.442_695_040_721_446_3;
    const LOG2_E_LOW: f64 = 1.675_171_316_488_651_2e-10;
    let (k, f) = reduce(x);
    let (high, low) = two_parts::<F>(f);
    let first = high * LOG2_E_HIGH;
    let rest = fma::<F, f64>(low + high, LOG2_E_LOW, low * LOG2_E_HIGH);
    let sum = k + first;
    at_limits(x, sum + (rest + ((k - sum) + first)))
}

/// Logarithm to base 2, within 3 ulp, of a number that was an `f32`, so not denormal; to be rounded to `f32`.
#[inline(always)]
pub(in crate::math) fn log2_of_single<F: Fma>(x: f64) -> f64 {
    let (k, m) = split(x);
    let f = m - 1.0;
    let (half_square, t) = tail::<F>(f);
    at_limits(x, fma::<F, f64>(f - (half_square - t), std::f64::consts::LOG2_E, k))
}

/// Logarithm to base 10, within 2 ulp.
#[inline(always)]
pub fn log10<F: Fma>(x: f64) -> f64 {
    const LOG10_E_HIGH: f64 = 0.434_294_481_878_168_9;
    const LOG10_E_LOW: f64 = 2.508_294_671_164_527_5e-11;
    const LOG10_2_HIGH: f64 = 0.301_029_995_663_611_77;
    const LOG10_2_LOW: f64 = 3.694_239_077_158_931e-13;
    let (k, f) = reduce(x);
    let (high, low) = two_parts::<F>(f);
    let first = high * LOG10_E_HIGH;
    let rest = fma::<F, f64>(low + high, LOG10_E_LOW, low * LOG10_E_HIGH);
    let rest = fma::<F, f64>(k, LOG10_2_LOW, rest);
    let whole = k * LOG10_2_HIGH;
    let sum = whole + first;
    at_limits(x, sum + (rest + ((whole - sum) + first)))
}

/// `log(1 + x)`, within 2 ulp.
#[inline(always)]
pub fn log1p<F: Fma>(x: f64) -> f64 {
    let u = 1.0 + x;
    // What the addition lost, of which 2^-k belongs to f.
    let lost = if x > 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) };
    let (k, m) = split(u);
    let inverse = super::power_of_two(-k);
    let f = (m - 1.0) + if k < 54.0 { lost * inverse } else { 0.0 };
    at_limits(u, if x == 0.0 { x } else { combine::<F>(k, f) }) // zero keeps its sign
}
