//! The numbers the algorithms are written for.

use crate::product::{self, Part};
use num_complex::Complex;
use num_traits::Float;
use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A real number.
pub trait Real: Field<Real = Self> + Float {}
impl Real for f32 {}
impl Real for f64 {}

/// A real or complex number.
pub trait Field:
    Copy
    + Send
    + Sync
    + Debug
    + PartialEq
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + 'static
{
    /// The type of its parts.
    type Real: Real;
    /// What decompositions by [`faer`] are done in: double precision, so that one precision of them is compiled.
    type Wide: Field<Real = f64> + faer::traits::ComplexField<Real = f64>;
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// A real number as one of these.
    fn of(real: Self::Real) -> Self;
    /// The complex conjugate.
    fn conj(self) -> Self;
    /// The real part.
    fn re(self) -> Self::Real;
    /// The imaginary part.
    fn im(self) -> Self::Real;
    /// The absolute value.
    fn modulus(self) -> Self::Real;
    /// What LAPACK compares pivots by: the sum of the parts' absolute values.
    fn size(self) -> Self::Real;
    /// Whether no part is infinite or NaN.
    fn finite(self) -> bool {
        self.re().is_finite() && self.im().is_finite()
    }
    /// In double precision.
    fn widen(self) -> Self::Wide;
    /// Rounded from double precision.
    fn narrow(wide: Self::Wide) -> Self;
    /// A real number rounded from double precision.
    fn narrow_real(wide: f64) -> Self::Real;
    /// `c -= a b` for m by k and k by n factors; the rows of c are `width` apart.
    #[doc(hidden)]
    fn subtract_product(
        c: &mut [Self],
        width: usize,
        shape: (usize, usize, usize),
        a: Part<Self>,
        b: Part<Self>,
    );
}

macro_rules! fields {
    ($($real:ident)*) => {$(
        impl Field for $real {
            type Real = $real;
            type Wide = f64;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            fn of(real: $real) -> Self {
                real
            }
            fn conj(self) -> Self {
                self
            }
            fn re(self) -> $real {
                self
            }
            fn im(self) -> $real {
                0.0
            }
            fn modulus(self) -> $real {
                self.abs()
            }
            fn size(self) -> $real {
                self.abs()
            }
            fn widen(self) -> f64 {
                f64::from(self)
            }
            fn narrow(wide: f64) -> Self {
                wide as $real
            }
            fn narrow_real(wide: f64) -> $real {
                wide as $real
            }
            fn subtract_product(
                c: &mut [Self],
                width: usize,
                shape: (usize, usize, usize),
                a: Part<Self>,
                b: Part<Self>,
            ) {
                product::of_reals(c, width, shape, a, b);
            }
        }

        impl Field for Complex<$real> {
            type Real = $real;
            type Wide = Complex<f64>;
            const ZERO: Self = Complex::new(0.0, 0.0);
            const ONE: Self = Complex::new(1.0, 0.0);
            fn of(real: $real) -> Self {
                Complex::new(real, 0.0)
            }
            fn conj(self) -> Self {
                Complex::conj(&self)
            }
            fn re(self) -> $real {
                self.re
            }
            fn im(self) -> $real {
                self.im
            }
            fn modulus(self) -> $real {
                self.norm()
            }
            fn size(self) -> $real {
                self.re.abs() + self.im.abs()
            }
            fn widen(self) -> Complex<f64> {
                Complex::new(f64::from(self.re), f64::from(self.im))
            }
            fn narrow(wide: Complex<f64>) -> Self {
                Complex::new(wide.re as $real, wide.im as $real)
            }
            fn narrow_real(wide: f64) -> $real {
                wide as $real
            }
            fn subtract_product(
                c: &mut [Self],
                width: usize,
                shape: (usize, usize, usize),
                a: Part<Self>,
                b: Part<Self>,
            ) {
                product::of_complex(c, width, shape, a, b);
            }
        }
    )*};
}
fields! { f32 f64 }

/// `y -= factor * x`, the inner loop of nearly everything here.
#[inline(always)]
pub(crate) fn subtract<T: Field>(y: &mut [T], factor: T, x: &[T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y -= factor * x;
    }
}

/// Two rows of a matrix, the first of which is before the second.
#[inline(always)]
pub(crate) fn two_rows<T>(a: &mut [T], width: usize, first: usize, second: usize) -> (&mut [T], &mut [T]) {
    let (head, tail) = a.split_at_mut(second * width);
    (&mut head[first * width..(first + 1) * width], &mut tail[..width])
}

/// Swaps two rows.
#[inline(always)]
pub(crate) fn swap_rows<T>(a: &mut [T], width: usize, i: usize, k: usize) {
    if i != k {
        let (x, y) = two_rows(a, width, i.min(k), i.max(k));
        x.swap_with_slice(y);
    }
}
