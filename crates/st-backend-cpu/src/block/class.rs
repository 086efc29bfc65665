//! Register types, and how each dtype of memory is held in one.

use super::call::Elem;
use half::{bf16, f16};
use st_kernel::DType;

/// The machine type of a register.
///
/// Narrow dtypes live in wider registers, always already rounded or wrapped to what the dtype can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// `float32`, `float16`, `bfloat16`.
    F32,
    /// `float64`.
    F64,
    /// `int64`.
    I64,
    /// `int32` and narrower integers.
    I32,
    /// `bool`: bytes of 0 and 1.
    Bool,
}

impl Class {
    /// The class of a dtype's registers.
    pub(crate) fn of(dtype: DType) -> Class {
        match dtype {
            DType::Bool => Class::Bool,
            DType::U8 | DType::I8 | DType::I16 | DType::I32 => Class::I32,
            DType::I64 => Class::I64,
            DType::F16 | DType::BF16 | DType::F32 => Class::F32,
            DType::F64 => Class::F64,
        }
    }

    /// Bytes of one number.
    pub(crate) fn size(self) -> usize {
        match self {
            Class::Bool => 1,
            Class::F32 | Class::I32 => 4,
            Class::F64 | Class::I64 => 8,
        }
    }
}

/// Whether memory of this dtype is a register as it stands.
pub(crate) fn is_native(dtype: DType) -> bool {
    !matches!(dtype, DType::U8 | DType::I8 | DType::I16 | DType::F16 | DType::BF16)
}

/// An element of memory and the register type it is computed in.
pub(crate) trait Stored: Copy + Send + Sync + 'static {
    /// Its register type.
    type Reg: Elem;
    /// From memory.
    fn load(self) -> Self::Reg;
    /// To memory; the number already is one the dtype holds.
    fn store(x: Self::Reg) -> Self;
}

/// A boolean in memory.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Truth(u8);

macro_rules! stored {
    ($($t:ty as $reg:ty: |$x:ident| $load:expr, $store:expr;)+) => {$(
        impl Stored for $t {
            type Reg = $reg;
            #[inline(always)]
            fn load(self) -> $reg { let $x = self; $load }
            #[inline(always)]
            fn store($x: $reg) -> $t { $store }
        }
    )+};
}
stored! {
    Truth as u8: |x| x.0, Truth(x);
    u8 as i32: |x| i32::from(x), x as u8;
    i8 as i32: |x| i32::from(x), x as i8;
    i16 as i32: |x| i32::from(x), x as i16;
    i32 as i32: |x| x, x;
    i64 as i64: |x| x, x;
    f32 as f32: |x| x, x;
    f64 as f64: |x| x, x;
    bf16 as f32: |x| f32::from_bits(u32::from(x.to_bits()) << 16), bf16::from_bits(round_bf16(x));
    f16 as f32: |x| widen_f16(x.to_bits()), f16::from_bits(round_f16(x));
}

/// The bits of the `bfloat16` nearest to `x`, ties to even.
#[inline(always)]
#[allow(clippy::eq_op)] // Only NaN differs from itself.
fn round_bf16(x: f32) -> u16 {
    let bits = x.to_bits();
    let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1));
    let quiet = bits | 0x0040_0000;
    ((if x != x { quiet } else { rounded }) >> 16) as u16
}

/// The value of a `float16`'s bits.
#[inline(always)]
fn widen_f16(h: u16) -> f32 {
    const SCALE: f32 = f32::from_bits((127 + 127 - 15) << 23); // 2^112, the distance of the two exponent biases
    let (sign, rest) = (u32::from(h & 0x8000) << 16, u32::from(h & 0x7fff) << 13);
    let finite = f32::from_bits(rest) * SCALE;
    let special = rest | 0x7f80_0000;
    f32::from_bits(sign | if rest >= 0x7c00 << 13 { special } else { finite.to_bits() })
}

/// The bits of the `float16` nearest to `x`, ties to even.
#[inline(always)]
fn round_f16(x: f32) -> u16 {
    const BIAS: u32 = (127 - 15) << 23;
    const INFINITY: u32 = 0x7f80_0000;
    const LEAST_NORMAL: u32 = 113 << 23;
    const OVERFLOW: u32 = 143 << 23; // 65536
    let sign = (x.to_bits() >> 16 & 0x8000) as u16;
    let bits = x.to_bits() & 0x7fff_ffff;
    let normal = bits.wrapping_sub(BIAS).wrapping_add(0xfff + (bits >> 13 & 1)) >> 13;
    // Adding one half puts the last place of a float16 subnormal at the last place of the sum.
    let small = (f32::from_bits(bits) + 0.5).to_bits().wrapping_sub(0.5f32.to_bits());
    let large = if bits > INFINITY { 0x7e00 | bits >> 13 & 0x3ff } else { 0x7c00 };
    let finite = if bits < LEAST_NORMAL { small } else { normal };
    sign | (if bits >= OVERFLOW { large } else { finite }) as u16
}

/// Runs `$body` with `$m` naming the memory type of a dtype.
macro_rules! with_stored {
    ($dtype:expr, $m:ident => $body:expr) => {
        match $dtype {
            st_kernel::DType::Bool => {
                type $m = $crate::block::class::Truth;
                $body
            }
            st_kernel::DType::U8 => {
                type $m = u8;
                $body
            }
            st_kernel::DType::I8 => {
                type $m = i8;
                $body
            }
            st_kernel::DType::I16 => {
                type $m = i16;
                $body
            }
            st_kernel::DType::I32 => {
                type $m = i32;
                $body
            }
            st_kernel::DType::I64 => {
                type $m = i64;
                $body
            }
            st_kernel::DType::F16 => {
                type $m = half::f16;
                $body
            }
            st_kernel::DType::BF16 => {
                type $m = half::bf16;
                $body
            }
            st_kernel::DType::F32 => {
                type $m = f32;
                $body
            }
            st_kernel::DType::F64 => {
                type $m = f64;
                $body
            }
        }
    };
}
/// Runs `$body` with `$t` naming the register type of a class.
macro_rules! with_class {
    ($class:expr, $t:ident => $body:expr) => {
        match $class {
            $crate::block::class::Class::F32 => {
                type $t = f32;
                $body
            }
            $crate::block::class::Class::F64 => {
                type $t = f64;
                $body
            }
            $crate::block::class::Class::I64 => {
                type $t = i64;
                $body
            }
            $crate::block::class::Class::I32 => {
                type $t = i32;
                $body
            }
            $crate::block::class::Class::Bool => {
                type $t = u8;
                $body
            }
        }
    };
}
pub(crate) use {with_class, with_stored};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_agrees_with_the_half_crate() {
        for bits in 0..=u16::MAX {
            let (h, b) = (f16::from_bits(bits), bf16::from_bits(bits));
            assert_eq!(h.load().to_bits() & 0xffbf_ffff, h.to_f32().to_bits() & 0xffbf_ffff, "{h:?}");
            assert_eq!(b.load().to_bits() & 0xffbf_ffff, b.to_f32().to_bits() & 0xffbf_ffff, "{b:?}");
        }
        // Every exponent with mantissas around each rounding boundary.
        for high in 0..=u16::MAX {
            for low in [0u32, 1, 0xfff, 0x1000, 0x1001, 0x1fff, 0x7fff, 0x8000, 0x8001, 0xffff] {
                let x = f32::from_bits(u32::from(high) << 16 | low);
                let same = |a: u16, b: u16, nan: bool| a == b || nan;
                assert!(same(f16::store(x).to_bits(), f16::from_f32(x).to_bits(), x.is_nan()), "{x:e}");
                assert!(same(bf16::store(x).to_bits(), bf16::from_f32(x).to_bits(), x.is_nan()), "{x:e}");
                assert_eq!(x.is_nan(), f16::store(x).is_nan() && bf16::store(x).is_nan());
            }
        }
    }
}
