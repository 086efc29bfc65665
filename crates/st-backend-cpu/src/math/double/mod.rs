//! The functions for `f64`.
//!
//! The common ones vectorise like those of [`single`](super::single), whose rarer functions are made from them. The
//! others call the standard library or `libm`, one number at a time.

mod exp;
mod gamma;
mod log;
mod normal;
mod rounding;

pub use exp::{exp, exp_negative, exp2, expm1, sigmoid, tanh};
pub(super) use exp::{exp_normal, exp2_normal, power_of_two, reduce_exp};
pub(super) use gamma::digamma_reflected;
pub use gamma::{digamma, i0, lgamma};
pub(super) use log::log2_of_single;
pub use log::{log, log1p, log2, log10};
pub use normal::{erf, erfc, erfinv};
pub use rounding::{ceil, floor, floor_divide, fmod, remainder, round, trunc};

use super::Fma;

/// Adding this to |x| < 2^51 leaves its nearest integer in the low bits of the sum.
pub(super) const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52

/// Square root, correctly rounded.
#[inline(always)]
pub fn sqrt<F: Fma>(x: f64) -> f64 {
    x.sqrt()
}

/// `1 / sqrt(x)`, within 1.5 ulp.
#[inline(always)]
pub fn rsqrt<F: Fma>(x: f64) -> f64 {
    1.0 / x.sqrt()
}

/// The functions left to libraries, within 2 ulp.
macro_rules! scalar {
    ($($name:ident($($argument:ident),+) = $call:expr, $doc:literal;)+) => {
        $(
            #[doc = $doc]
            #[doc = "\n\nA library call, within 2 ulp."]
            #[inline(always)]
            pub fn $name<F: Fma>($($argument: f64),+) -> f64 {
                $call
            }
        )+
    };
}

scalar! {
    pow(x, y) = x.powf(y), "x to the power y, with C99's special cases.";
    sin(x) = x.sin(), "Sine.";
    cos(x) = x.cos(), "Cosine.";
    tan(x) = x.tan(), "Tangent.";
    asin(x) = x.asin(), "Inverse sine.";
    acos(x) = x.acos(), "Inverse cosine.";
    atan(x) = x.atan(), "Inverse tangent.";
    atan2(y, x) = y.atan2(x), "The angle of the point (x, y).";
    sinh(x) = x.sinh(), "Hyperbolic sine.";
    cosh(x) = x.cosh(), "Hyperbolic cosine.";
    asinh(x) = libm::asinh(x), "Inverse hyperbolic sine.";
    acosh(x) = if x < 1.0 { f64::NAN } else { libm::acosh(x) }, "Inverse hyperbolic cosine.";
    atanh(x) = libm::atanh(x), "Inverse hyperbolic tangent.";
}
