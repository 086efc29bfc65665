//! Conversions between dtypes, register to register.

use super::call::{BlockLoop, Call, Elem, Step, clone_for, map1};
use super::class::{Class, Stored, with_stored};
use crate::isa::Isa;
use crate::math::Fma;
use crate::math::cast::Number;
use st_kernel::DType;
use std::marker::PhantomData;

/// From registers of `from` to values of `to`: rounded, truncated or wrapped to what `to` can hold.
pub(crate) fn cast_step(from: Class, to: DType, isa: Isa) -> Step {
    match from {
        Class::F32 => with_stored!(to, M => clone_for::<Cast<f32, M>>(isa)),
        Class::F64 => with_stored!(to, M => clone_for::<Cast<f64, M>>(isa)),
        Class::I64 => with_stored!(to, M => clone_for::<Cast<i64, M>>(isa)),
        Class::I32 => with_stored!(to, M => clone_for::<Cast<i32, M>>(isa)),
        Class::Bool => with_stored!(to, M => clone_for::<Cast<u8, M>>(isa)),
    }
}

struct Cast<A, M>(PhantomData<(A, M)>);

impl<A: Elem + Number, M: FromNumber> BlockLoop for Cast<A, M> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: promised by the caller.
        unsafe { map1(call, |x: A| M::from_number(x).load()) }
    }
}

/// An element of memory made from a register's number, as torch converts.
trait FromNumber: Stored {
    fn from_number(x: impl Number) -> Self;
}

macro_rules! from_number {
    ($($m:ty = |$x:ident| $reg:expr;)+) => {$(
        impl FromNumber for $m {
            #[inline(always)]
            fn from_number($x: impl Number) -> $m { <$m as Stored>::store($reg) }
        }
    )+};
}
from_number! {
    super::class::Truth = |x| u8::from(x.to_bool());
    u8 = |x| x.to_i32();
    i8 = |x| x.to_i32();
    i16 = |x| x.to_i32();
    u16 = |x| x.to_i32();
    u32 = |x| x.to_i64();
    i32 = |x| x.to_i32();
    i64 = |x| x.to_i64();
    half::f16 = |x| x.to_f32();
    half::bf16 = |x| x.to_f32();
    f32 = |x| x.to_f32();
    f64 = |x| x.to_f64();
}
