//! Trigonometric functions and their inverses, all in `f64` with one rounding at the end.

use crate::math::double::ROUND;
use crate::math::{Fma, fma, poly};
use std::f64::consts::{FRAC_PI_2, PI};

/// The largest argument of `sin_moderate` and its siblings: 2^20.
pub const MODERATE: f32 = 1_048_576.0;

/// 1 / pi as three parts, the first two so short (29 bits) that their product with an `f32` is exact.
const INVERSE_PI: [f64; 3] = [0.31830988451838493, 1.6654057369280828e-9, 1.138005036539198e-18];

/// Three such parts that serve for |x| = `size`.
///
/// From 2^49 on x is a multiple of 2^26, so a multiple of 2 may be taken off 2^26 / pi before it multiplies x / 2^26:
/// that only changes whole turns. The later rows do so with ever larger powers, which makes the whole range of `f32`
/// as exact as [-1, 1] without the bit shuffling that this reduction usually takes.
#[inline(always)]
fn inverse_pi(size: f64) -> [f64; 3] {
    const FROM_2_49: [f64; 3] = [1.2841276653130507e-8, -1.967867671366601e-17, 3.848352432019786e-26];
    const FROM_2_76: [f64; 3] = [-7.518982804832141e-17, 1.4188110119109797e-25, -3.0177165053440597e-34];
    const FROM_2_103: [f64; 3] = [-2.717092043150439e-25, -1.0721436304996383e-33, 2.2103380079700596e-42];
    let mut parts = INVERSE_PI;
    for i in 0..3 {
        parts[i] = if size >= 562_949_953_421_312.0 { FROM_2_49[i] } else { parts[i] };
        parts[i] = if size >= 75_557_863_725_914_323_419_136.0 { FROM_2_76[i] } else { parts[i] };
        parts[i] =
            if size >= 10_141_204_801_825_835_211_973_625_643_008.0 { FROM_2_103[i] } else { parts[i] };
    }
    parts
}

/// f and n with x / pi = f + n + offset, |f| <= 1/2; of the integer n only the lowest bit means anything.
#[inline(always)]
fn reduce(x: f32, offset: f64) -> (f64, u64) {
    let x = x as f64;
    let [high, middle, low] = inverse_pi(x.abs());
    let (high, middle, low) = (x * high, x * middle, x * low);
    let whole = (high - offset) + ROUND;
    let f = (high - (whole - ROUND)) - offset + middle;
    let more = f + ROUND;
    (f - (more - ROUND) + low, whole.to_bits().wrapping_add(more.to_bits()))
}

/// `reduce` for |x| up to [`MODERATE`]: a third of the work.
#[inline(always)]
fn reduce_moderate<F: Fma>(x: f32, offset: f64) -> (f64, u64) {
    let x = x as f64;
    let high = x * INVERSE_PI[0];
    let whole = (high - offset) + ROUND;
    let f = (high - (whole - ROUND)) - offset;
    (fma::<F, f64>(x, INVERSE_PI[1] + INVERSE_PI[2], f), whole.to_bits())
}

/// `sin(pi f)` for |f| <= 1/2.
#[inline(always)]
fn sin_pi<F: Fma>(f: f64) -> f64 {
    let p = poly::<F, f64, 6>(
        f * f,
        [
            -0.007011049894739655,
            0.08203996759201182,
            -0.5992500033085335,
            2.550163130741569,
            -5.16771275897244,
            3.1415926535090213,
        ],
    );
    f * p
}

/// y, negated where the lowest bit of n is set.
#[inline(always)]
fn alternate(y: f64, n: u64) -> f64 {
    f64::from_bits(y.to_bits() ^ (n << 63))
}

/// Defines the functions of an angle by a way to reduce it.
macro_rules! circular {
    ($reduce:expr, $range:literal, $sin:ident, $cos:ident, $tan:ident) => {
        #[doc = concat!("Sine, within 0.51 ulp ", $range)]
        #[inline(always)]
        pub fn $sin<F: Fma>(x: f32) -> f32 {
            let (f, n) = $reduce(x, 0.0);
            alternate(sin_pi::<F>(f), n) as f32
        }

        #[doc = concat!("Cosine, within 0.51 ulp ", $range)]
        #[inline(always)]
        pub fn $cos<F: Fma>(x: f32) -> f32 {
            let (f, n) = $reduce(x, 0.5);
            alternate(sin_pi::<F>(-f), n) as f32
        }

        #[doc = concat!("Tangent, within 0.51 ulp ", $range)]
        #[inline(always)]
        pub fn $tan<F: Fma>(x: f32) -> f32 {
            let (f, _) = $reduce(x, 0.0);
            (sin_pi::<F>(f) / sin_pi::<F>(0.5 - f.abs())) as f32
        }
    };
}

circular!(reduce, "over the whole range.", sin, cos, tan);
circular!(
    reduce_moderate::<F>,
    "up to [`MODERATE`], for blocks that hold nothing larger: three times as fast.",
    sin_moderate,
    cos_moderate,
    tan_moderate
);

/// Sine and cosine of t turns (2 pi t) for t from 0 to 1, within 0.51 ulp; cheaper than from an angle.
#[inline(always)]
pub fn sin_cos_turns<F: Fma>(t: f32) -> (f32, f32) {
    let half_turns = 2.0 * t as f64;
    let whole = half_turns + ROUND;
    let f = half_turns - (whole - ROUND);
    let (sin, cos) = (sin_pi::<F>(f), sin_pi::<F>(0.5 - f.abs()));
    (alternate(sin, whole.to_bits()) as f32, alternate(cos, whole.to_bits()) as f32)
}

/// `asin` of s from 0 to 1/2, whose square is z.
#[inline(always)]
fn asin_small<F: Fma>(s: f64, z: f64) -> f64 {
    let p = poly::<F, f64, 8>(
        z,
        [
            0.03495159982331959,
            0.007223779073916339,
            0.02471156412803305,
            0.03009220458118523,
            0.04466203607437478,
            0.07499938196239045,
            0.16666667421716153,
            0.9999999999849049,
        ],
    );
    s * p
}

/// Whether |x| > 1/2, and `asin(|x|)` or, there, half of `acos(|x|)`.
#[inline(always)]
fn asin_parts<F: Fma>(x: f32) -> (bool, f64) {
    let size = x.abs() as f64;
    let large = size > 0.5;
    let z = if large { 0.5 - 0.5 * size } else { size * size };
    (large, asin_small::<F>(if large { z.sqrt() } else { size }, z))
}

/// Inverse sine, within 0.51 ulp.
#[inline(always)]
pub fn asin<F: Fma>(x: f32) -> f32 {
    let (large, part) = asin_parts::<F>(x);
    let y = if large { FRAC_PI_2 - 2.0 * part } else { part };
    (y as f32).copysign(x)
}

/// Inverse cosine, within 0.51 ulp.
#[inline(always)]
pub fn acos<F: Fma>(x: f32) -> f32 {
    let (large, part) = asin_parts::<F>(x);
    let size = if large { 2.0 * part } else { FRAC_PI_2 - part };
    (if x < 0.0 { PI - size } else { size }) as f32
}

/// `atan(t)` for t from 0 to 1.
#[inline(always)]
fn atan_small<F: Fma>(t: f64) -> f64 {
    let p = poly::<F, f64, 12>(
        t * t,
        [
            -0.0006847968226501519,
            0.004850956435440764,
            -0.016111730352261586,
            0.0342096666778307,
            -0.05427914582541716,
            0.07245719570715817,
            -0.08980239143489031,
            0.11093241152789222,
            -0.14283980727323126,
            0.19999912048161708,
            -0.33333331571143326,
            0.9999999999412545,
        ],
    );
    t * p
}

/// Inverse tangent, within 0.51 ulp.
#[inline(always)]
pub fn atan<F: Fma>(x: f32) -> f32 {
    let size = x.abs() as f64;
    let large = size > 1.0;
    let (small_side, large_side) = if large { (1.0, size) } else { (size, 1.0) };
    let part = atan_small::<F>(small_side / large_side);
    let y = if large { FRAC_PI_2 - part } else { part };
    (y as f32).copysign(x)
}

/// The angle of the point (x, y), within 0.51 ulp.
#[inline(always)]
pub fn atan2<F: Fma>(y: f32, x: f32) -> f32 {
    let (height, width) = (y.abs() as f64, x.abs() as f64);
    let steep = height > width;
    let (small, large) = if steep { (width, height) } else { (height, width) };
    let ratio = if small == large { 1.0 } else { small / large }; // both infinite
    let part = atan_small::<F>(if large == 0.0 { 0.0 } else { ratio });
    let first = if steep { FRAC_PI_2 - part } else { part };
    let angle = if x.is_sign_negative() { PI - first } else { first };
    let angle = if x.is_nan() | y.is_nan() { f64::NAN } else { angle };
    (angle as f32).copysign(y)
}
