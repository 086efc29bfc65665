//! Elementary functions for loops that LLVM vectorises.
//!
//! Every function on numbers here is `#[inline(always)]` and free of branches, table look-ups and library calls
//! (where its doc line says otherwise, it is a rarely used `f64` one). A caller writes a plain loop under
//! `#[target_feature]`, and one source becomes AVX-512, AVX2, NEON or baseline code:
//!
//! ```
//! use st_backend_cpu::math::{Math, Unfused};
//! let (a, mut out) = ([0.0f32, 1.0, 2.0], [0.0f32; 3]);
//! for (out, &a) in out.iter_mut().zip(&a) {
//!     *out = Math::exp::<Unfused>(a);
//! }
//! ```
//!
//! Call them from the loop itself or from `#[inline(always)]` functions: a closure handed to an iterator outside the
//! `#[target_feature]` function does not inherit its features, and `mul_add` is then a call into libm.
//!
//! | module | what it holds |
//! |---|---|
//! | [`single`], [`double`] | the functions for `f32` and `f64`; [`Math`] reaches both from generic code |
//! | [`cast`] | conversions between numbers as PyTorch makes them |
//! | [`half`] | slices of `f16` and `bf16` to and from `f32` |
//! | [`random`] | Philox and the distributions made from it |
//!
//! The accuracies in the doc lines are the bounds that `tests/math` checks, in units in the last place; those of
//! [`double`] are against other `f64` implementations, which round too.

#[macro_use]
mod rounding;

pub mod cast;
pub mod double;
pub mod half;
pub mod random;
pub mod single;

use std::ops::{Add, Mul};

/// Whether the target multiplies and adds in one instruction; chosen by each ISA's clone of a loop.
///
/// Without that instruction `mul_add` is a slow call into libm, so baseline code must round twice instead.
pub trait Fma: Copy + 'static {
    /// True where `mul_add` is one instruction.
    const FUSED: bool;
}

/// The target has fused multiply-add: AVX2 with FMA, AVX-512, NEON.
#[derive(Clone, Copy, Debug)]
pub enum Fused {}

/// The target has not: baseline x86-64.
#[derive(Clone, Copy, Debug)]
pub enum Unfused {}

impl Fma for Fused {
    const FUSED: bool = true;
}

impl Fma for Unfused {
    const FUSED: bool = false;
}

/// What [`fma`] and [`poly`] need of a number.
trait Float: Copy + Add<Output = Self> + Mul<Output = Self> {
    fn fused(self, b: Self, c: Self) -> Self;
}

impl Float for f32 {
    #[inline(always)]
    fn fused(self, b: f32, c: f32) -> f32 {
        self.mul_add(b, c)
    }
}

impl Float for f64 {
    #[inline(always)]
    fn fused(self, b: f64, c: f64) -> f64 {
        self.mul_add(b, c)
    }
}

/// `a * b + c` in whatever way is fast on the target.
#[inline(always)]
fn fma<F: Fma, T: Float>(a: T, b: T, c: T) -> T {
    if F::FUSED { a.fused(b, c) } else { a * b + c }
}

/// The polynomial with these coefficients, highest power first.
#[inline(always)]
fn poly<F: Fma, T: Float, const N: usize>(x: T, coefficients: [T; N]) -> T {
    let mut sum = coefficients[0];
    for &c in &coefficients[1..] {
        sum = fma::<F, T>(sum, x, c);
    }
    sum
}

/// Declares [`Math`] once and implements it by the functions of the same names in `single` and `double`.
macro_rules! math {
    ($($name:ident($($argument:ident),+): $doc:literal;)+) => {
        /// The functions of [`single`] and [`double`] under one name, for code that is generic over the float type.
        pub trait Math: Copy {
            $(#[doc = $doc] fn $name<F: Fma>($($argument: Self),+) -> Self;)+
        }
        math!(impl f32, single, $($name($($argument),+);)+);
        math!(impl f64, double, $($name($($argument),+);)+);
    };
    (impl $float:ty, $module:ident, $($name:ident($($argument:ident),+);)+) => {
        impl Math for $float {
            $(
                #[inline(always)]
                fn $name<F: Fma>($($argument: Self),+) -> Self {
                    $module::$name::<F>($($argument),+)
                }
            )+
        }
    };
}

math! {
    exp(x): "e to the power x.";
    exp_negative(x): "e to the power x for x up to 0; results below the normal numbers are 0.";
    exp2(x): "2 to the power x.";
    expm1(x): "`exp(x) - 1`, exact near zero.";
    log(x): "Natural logarithm.";
    log2(x): "Logarithm to base 2.";
    log10(x): "Logarithm to base 10.";
    log1p(x): "`log(1 + x)`, exact near zero.";
    sigmoid(x): "`1 / (1 + exp(-x))`.";
    sqrt(x): "Square root.";
    rsqrt(x): "`1 / sqrt(x)`.";
    pow(x, y): "x to the power y, with C's special cases.";
    sin(x): "Sine.";
    cos(x): "Cosine.";
    tan(x): "Tangent.";
    asin(x): "Inverse sine.";
    acos(x): "Inverse cosine.";
    atan(x): "Inverse tangent.";
    atan2(y, x): "The angle of the point (x, y).";
    sinh(x): "Hyperbolic sine.";
    cosh(x): "Hyperbolic cosine.";
    tanh(x): "Hyperbolic tangent.";
    asinh(x): "Inverse hyperbolic sine.";
    acosh(x): "Inverse hyperbolic cosine.";
    atanh(x): "Inverse hyperbolic tangent.";
    erf(x): "The error function.";
    erfc(x): "`1 - erf(x)`, exact in its tail.";
    erfinv(x): "The inverse of the error function.";
    lgamma(x): "Logarithm of the absolute value of the gamma function.";
    digamma(x): "Derivative of `lgamma`.";
    i0(x): "The modified Bessel function of the first kind of order 0.";
    floor(x): "The largest integer not above x.";
    ceil(x): "The smallest integer not below x.";
    trunc(x): "x without its fraction.";
    round(x): "The nearest integer, ties to even.";
    fmod(x, y): "What truncated division leaves, with the sign of x, as in C; exact.";
    remainder(x, y): "What floored division leaves, with the sign of y, as in Python.";
    floor_divide(x, y): "The quotient that goes with `remainder`, rounded down.";
}
