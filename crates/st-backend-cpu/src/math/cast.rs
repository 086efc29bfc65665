//! Conversions between numbers as PyTorch makes them on x86-64, where C leaves them undefined.
//!
//! A float that does not fit an integer, or is NaN, becomes the integer's smallest value, as the hardware has it.
//! Integers narrower than 32 bits get the low bits of the 32-bit result; integers wrap; floats round to nearest.

/// A number that a tensor holds.
pub trait Number: Copy {
    /// Whether the value counts as true.
    fn to_bool(self) -> bool;
    /// Truncated, or wrapped if an integer.
    fn to_i32(self) -> i32;
    /// Truncated, or wrapped if an integer.
    fn to_i64(self) -> i64;
    /// Truncated, or wrapped if an integer or negative.
    fn to_u64(self) -> u64;
    /// Rounded to nearest.
    fn to_f32(self) -> f32;
    /// Rounded to nearest.
    fn to_f64(self) -> f64;
    /// This type's value for another's.
    fn cast<N: Number>(number: N) -> Self;
}

/// Implements [`Number`] for a type, given its conversions to integers and how values come in and go out.
macro_rules! number {
    ($type:ty, |$n:ident| $cast:expr, |$x:ident| $to_bool:expr, $to_i32:expr, $to_i64:expr, $to_u64:expr, $float:expr) => {
        impl Number for $type {
            #[inline(always)]
            fn to_bool(self) -> bool {
                let $x = self;
                $to_bool
            }

            #[inline(always)]
            fn to_i32(self) -> i32 {
                let $x = self;
                $to_i32
            }

            #[inline(always)]
            fn to_i64(self) -> i64 {
                let $x = self;
                $to_i64
            }

            #[inline(always)]
            fn to_u64(self) -> u64 {
                let $x = self;
                $to_u64
            }

            #[inline(always)]
            fn to_f32(self) -> f32 {
                let $x = self;
                $float as f32
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                let $x = self;
                $float as f64
            }

            #[inline(always)]
            fn cast<N: Number>($n: N) -> $type {
                $cast
            }
        }
    };
}

/// `x` truncated if `$inside`, else the smallest integer.
///
/// `as` would saturate and turn NaN into 0, in code that does not vectorise.
macro_rules! truncate {
    ($x:ident as $integer:ty, $inside:expr) => {{
        let inside = $inside;
        // SAFETY: the number is zero or lies between the bounds that `inside` has checked.
        let whole = unsafe { (if inside { $x } else { 0.0 }).to_int_unchecked() };
        if inside { whole } else { <$integer>::MIN }
    }};
}

macro_rules! float {
    ($float:ty, $to:ident) => {
        number!(
            $float,
            |n| n.$to(),
            |x| x != 0.0,
            truncate!(x as i32, (x > i32::MIN as $float - 1.0) & (x < -(i32::MIN as $float))),
            truncate!(x as i64, (x >= i64::MIN as $float) & (x < -(i64::MIN as $float))),
            if x >= -(i64::MIN as $float) {
                ((x + i64::MIN as $float).to_i64() ^ i64::MIN) as u64
            } else {
                x.to_i64() as u64
            },
            x
        );
    };
}

macro_rules! integer {
    ($($integer:ty, $to:ident;)+) => {
        $(number!($integer, |n| n.$to() as $integer, |x| x != 0, x as i32, x as i64, x as u64, x);)+
    };
}

float!(f32, to_f32);
float!(f64, to_f64);
integer!(i8, to_i32; i16, to_i32; i32, to_i32; i64, to_i64; u8, to_i32; u16, to_i32; u32, to_i64; u64, to_u64;);
number!(bool, |n| n.to_bool(), |x| x, x as i32, x as i64, x as u64, x as u8);
