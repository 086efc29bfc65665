//! Slices of `f16` and `bf16` to and from `f32`: rounded to nearest even, infinities and NaN kept.
//!
//! The scalar functions work on bits, without branches, so that loops over them vectorise anywhere; x86-64's own
//! instructions for `f16` are used where they exist.

use half::{bf16, f16};

/// The bits of a `bf16` as `f32`; exact.
#[inline(always)]
pub fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits((bits as u32) << 16)
}

/// The bits of the nearest `bf16`.
#[inline(always)]
pub fn f32_to_bf16(x: f32) -> u16 {
    let bits = x.to_bits();
    // Half a unit, less one if the kept part is even: ties carry only into odd numbers.
    let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
    let nan = bits >> 16 | 0x40; // quiet; rounding could carry into infinity
    (if x.is_nan() { nan } else { rounded }) as u16
}

/// The bits of an `f16` as `f32`; exact.
#[inline(always)]
pub fn f16_to_f32(bits: u16) -> f32 {
    let magnitude = (bits as u32 & 0x7fff) << 13;
    let normal = magnitude + (112 << 23);
    // A denormal is what a normal number with its bits has above the smallest normal one.
    let denormal = f32::from_bits(magnitude + (113 << 23)) - f32::from_bits(113 << 23);
    let finite = if magnitude < 1 << 23 { denormal.to_bits() } else { normal };
    let size = if magnitude >= 31 << 23 { magnitude | 0xff << 23 } else { finite };
    f32::from_bits(size | (bits as u32 & 0x8000) << 16)
}

/// The bits of the nearest `f16`.
#[inline(always)]
pub fn f32_to_f16(x: f32) -> u16 {
    let bits = x.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    // Adding 1/2 leaves a multiple of 2^-24, the smallest f16, in the low bits of the sum: it rounds denormals.
    let denormal = (f32::from_bits(magnitude) + 0.5).to_bits().wrapping_sub(0.5_f32.to_bits());
    let normal = magnitude.wrapping_add((0xfff + (magnitude >> 13 & 1)).wrapping_sub(112 << 23)) >> 13;
    let finite = if magnitude < (127 - 14) << 23 { denormal } else { normal };
    let special = if magnitude > 0x7f80_0000 { 0x7e00 | magnitude >> 13 & 0x1ff } else { 0x7c00 };
    let size = if magnitude >= (127 + 16) << 23 { special } else { finite };
    (size | bits >> 16 & 0x8000) as u16
}

/// Converts as many as both slices hold.
#[inline(always)]
fn map<A: Copy, B>(from: &[A], to: &mut [B], convert: impl Fn(A) -> B) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = convert(from);
    }
}

/// Defines a slice conversion by a scalar one, compiled for the ISAs of x86-64 and picked at run time.
macro_rules! convert {
    ($name:ident, $from:ty => $to:ty, $doc:literal, |$x:ident| $scalar:expr) => {
        #[doc = $doc]
        pub fn $name(from: &[$from], to: &mut [$to]) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
                fn avx512(from: &[$from], to: &mut [$to]) {
                    map(from, to, |$x| $scalar);
                }

                #[target_feature(enable = "avx2")]
                fn avx2(from: &[$from], to: &mut [$to]) {
                    map(from, to, |$x| $scalar);
                }

                if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vl") {
                    // SAFETY: the features were detected; AVX-512BW implies AVX-512F.
                    return unsafe { avx512(from, to) };
                }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the feature was detected.
                    return unsafe { avx2(from, to) };
                }
            }
            map(from, to, |$x| $scalar);
        }
    };
}

convert!(bf16s_to_f32s, bf16 => f32, "`bf16` to `f32`, element by element.", |x| bf16_to_f32(x.to_bits()));
convert!(f32s_to_bf16s, f32 => bf16, "`f32` to `bf16`, element by element.", |x| bf16::from_bits(f32_to_bf16(x)));
convert!(f16s_to_f32s, f16 => f32, "`f16` to `f32`, element by element.", |x| f16_to_f32(x.to_bits()));
convert!(f32s_to_f16s, f32 => f16, "`f32` to `f16`, element by element.", |x| f16::from_bits(f32_to_f16(x)));
