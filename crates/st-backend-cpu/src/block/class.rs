//! Register types, and how each dtype of memory is held in one.

use super::call::Elem;
use crate::math::half::{bf16_to_f32, f16_to_f32, f32_to_bf16, f32_to_f16};
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
    /// `int64`, `uint32`, and the bits of `uint64`.
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
            DType::U8 | DType::I8 | DType::I16 | DType::U16 | DType::I32 => Class::I32,
            DType::I64 | DType::U32 | DType::U64 => Class::I64,
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
    !matches!(dtype, DType::U8 | DType::I8 | DType::I16 | DType::U16 | DType::U32 | DType::F16 | DType::BF16)
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
    u16 as i32: |x| i32::from(x), x as u16;
    u32 as i64: |x| i64::from(x), x as u32;
    i32 as i32: |x| x, x;
    i64 as i64: |x| x, x;
    f32 as f32: |x| x, x;
    f64 as f64: |x| x, x;
    bf16 as f32: |x| bf16_to_f32(x.to_bits()), bf16::from_bits(f32_to_bf16(x));
    f16 as f32: |x| f16_to_f32(x.to_bits()), f16::from_bits(f32_to_f16(x));
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
            st_kernel::DType::U16 => {
                type $m = u16;
                $body
            }
            st_kernel::DType::U32 => {
                type $m = u32;
                $body
            }
            st_kernel::DType::I64 | st_kernel::DType::U64 => {
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
