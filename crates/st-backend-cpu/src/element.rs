//! The Rust types behind the dtypes, and the few operations that scans, sorts and scatters need of all of them.

use half::{bf16, f16};
use st_kernel::DType;

/// A boolean as it lies in memory: one byte, true unless 0. Rust's `bool` would not allow the other 254 values.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct Flag(pub(crate) u8);

/// The element type of a dtype.
pub(crate) trait Element: Copy + Send + Sync + 'static {
    /// Its dtype.
    const DTYPE: DType;
    /// What running sums and products are kept in; wider than the element for floats.
    type Wide: Copy + Send + Sync + 'static;
    /// As [`Element::Wide`].
    fn widen(self) -> Self::Wide;
    /// Rounded back.
    fn narrow(wide: Self::Wide) -> Self;
    /// Sum; integers wrap, booleans "or".
    fn wide_add(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// Product; integers wrap, booleans "and".
    fn wide_mul(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// Whether it is not a number.
    fn is_nan(self) -> bool;
    /// `self < other`; false if either is NaN.
    fn less(self, other: Self) -> bool;

    /// Sum, rounded once.
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::narrow(Self::wide_add(self.widen(), other.widen()))
    }
    /// Product, rounded once.
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::narrow(Self::wide_mul(self.widen(), other.widen()))
    }
    /// The larger; NaN if either is.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self.less(other) | other.is_nan() { other } else { self }
    }
    /// The smaller; NaN if either is.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if other.less(self) | other.is_nan() { other } else { self }
    }
}

macro_rules! integers {
    ($($t:ident $dtype:ident;)*) => {$(
        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            type Wide = $t;
            #[inline(always)]
            fn widen(self) -> $t { self }
            #[inline(always)]
            fn narrow(wide: $t) -> $t { wide }
            #[inline(always)]
            fn wide_add(a: $t, b: $t) -> $t { a.wrapping_add(b) }
            #[inline(always)]
            fn wide_mul(a: $t, b: $t) -> $t { a.wrapping_mul(b) }
            #[inline(always)]
            fn is_nan(self) -> bool { false }
            #[inline(always)]
            fn less(self, other: $t) -> bool { self < other }
        }
    )*};
}
integers! { u8 U8; i8 I8; i16 I16; i32 I32; i64 I64; u16 U16; u32 U32; u64 U64; }

macro_rules! floats {
    ($($t:ident $dtype:ident in $wide:ident, |$x:ident| $widen:expr, |$w:ident| $narrow:expr;)*) => {$(
        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            type Wide = $wide;
            #[inline(always)]
            fn widen(self) -> $wide { let $x = self; $widen }
            #[inline(always)]
            fn narrow($w: $wide) -> $t { $narrow }
            #[inline(always)]
            fn wide_add(a: $wide, b: $wide) -> $wide { a + b }
            #[inline(always)]
            fn wide_mul(a: $wide, b: $wide) -> $wide { a * b }
            #[inline(always)]
            fn is_nan(self) -> bool { self.widen().is_nan() }
            #[inline(always)]
            fn less(self, other: $t) -> bool { self.widen() < other.widen() }
        }
    )*};
}
floats! {
    f16 F16 in f32, |x| x.to_f32(), |w| f16::from_f32(w);
    bf16 BF16 in f32, |x| f32::from_bits(u32::from(x.to_bits()) << 16), |w| bf16::from_f32(w);
    f32 F32 in f64, |x| f64::from(x), |w| w as f32;
    f64 F64 in f64, |x| x, |w| w;
}

impl Element for Flag {
    const DTYPE: DType = DType::Bool;
    type Wide = u8;
    #[inline(always)]
    fn widen(self) -> u8 {
        u8::from(self.0 != 0)
    }
    #[inline(always)]
    fn narrow(wide: u8) -> Flag {
        Flag(wide)
    }
    #[inline(always)]
    fn wide_add(a: u8, b: u8) -> u8 {
        a | b
    }
    #[inline(always)]
    fn wide_mul(a: u8, b: u8) -> u8 {
        a & b
    }
    #[inline(always)]
    fn is_nan(self) -> bool {
        false
    }
    #[inline(always)]
    fn less(self, other: Flag) -> bool {
        self.widen() < other.widen()
    }
}

/// Evaluates an expression with `T` standing for the element type of a dtype.
macro_rules! with_element {
    ($dtype:expr, $t:ident => $e:expr) => {{
        use st_kernel::DType::*;
        macro_rules! with {
            ($type:ty) => {{
                type $t = $type;
                $e
            }};
        }
        match $dtype {
            Bool => with!($crate::element::Flag),
            U8 => with!(u8),
            I8 => with!(i8),
            I16 => with!(i16),
            I32 => with!(i32),
            I64 => with!(i64),
            U16 => with!(u16),
            U32 => with!(u32),
            U64 => with!(u64),
            F16 => with!(half::f16),
            BF16 => with!(half::bf16),
            F32 => with!(f32),
            F64 => with!(f64),
        }
    }};
}
pub(crate) use with_element;
