//! Complex numbers whose parts are expressions: what the formulas of operators are written with.
//!
//! The forms are chosen so that neither a value nor a derivative is lost to overflow or cancellation where the result is
//! finite; branch cuts and signed zeros are C99's, as torch has them.

use st_kernel::Ex;
use st_kernel::expr as ex;
use std::f64::consts::{FRAC_PI_2, LN_2};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A complex number.
#[derive(Clone, Copy)]
pub(super) struct C {
    pub(super) re: Ex,
    pub(super) im: Ex,
}

pub(super) fn c(re: Ex, im: Ex) -> C {
    C { re, im }
}

impl Add for C {
    type Output = C;
    fn add(self, other: C) -> C {
        c(self.re + other.re, self.im + other.im)
    }
}

impl Sub for C {
    type Output = C;
    fn sub(self, other: C) -> C {
        c(self.re - other.re, self.im - other.im)
    }
}

impl Mul for C {
    type Output = C;
    fn mul(self, other: C) -> C {
        c(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }
}

impl Mul<f64> for C {
    type Output = C;
    fn mul(self, factor: f64) -> C {
        c(self.re * factor, self.im * factor)
    }
}

impl Div for C {
    type Output = C;
    fn div(self, other: C) -> C {
        // Scaled by a power of two, which has no derivative, so that the square of the divisor is a normal number.
        let largest = ex::max(ex::abs(other.re), ex::abs(other.im));
        let scale = ex::exp2(-ex::floor(ex::log2(largest)));
        let plain = ex::eq(largest, 0.0) | ex::eq(largest, f64::INFINITY) | ex::is_nan(largest);
        let scale = ex::select(plain, 1.0, scale, largest);
        let endless = other.is_endless();
        let far = other.direction();
        let both = ex::eq(ex::abs(other.re), ex::abs(other.im));
        let far = far.like(f64::NAN).or(both, far);
        let (x, y) = (
            ex::select(endless, far.re, other.re * scale, scale),
            ex::select(endless, far.im, other.im * scale, scale),
        );
        let scale = ex::select(endless, 0.0, scale, scale);
        let square = x * x + y * y;
        let result =
            c((self.re * x + self.im * y) / square * scale, (self.im * x - self.re * y) / square * scale);
        c(self.re / largest, self.im / largest).or(ex::eq(largest, 0.0), result)
    }
}

impl Neg for C {
    type Output = C;
    fn neg(self) -> C {
        c(-self.re, -self.im)
    }
}

impl C {
    /// A real number beside this one.
    pub(super) fn like(self, value: f64) -> C {
        c(self.re.like(value), self.re.like(0.0))
    }

    fn is_endless(self) -> Ex {
        ex::eq(ex::abs(self.re), f64::INFINITY) | ex::eq(ex::abs(self.im), f64::INFINITY)
    }

    /// Of a number with an infinite part: one for each that is, zero for the other, with their signs; NaN beside NaN.
    fn direction(self) -> C {
        let of = |part: Ex| {
            let size = ex::select(ex::eq(ex::abs(part), f64::INFINITY), 1.0, 0.0, part);
            ex::select(ex::is_nan(part), f64::NAN, ex::copysign(size, part), part)
        };
        c(of(self.re), of(self.im))
    }

    pub(super) fn conj(self) -> C {
        c(self.re, -self.im)
    }

    pub(super) fn square(self) -> C {
        self * self
    }

    /// The product as C99's Annex G has it: infinite where an operand is, though both parts of the plain one are NaN.
    fn times(self, other: C) -> C {
        let plain = self * other;
        let (a, b) = (self.is_endless(), other.is_endless());
        // An infinite operand is its direction, and what is no number beside it a zero.
        let known = |z: C| {
            c(ex::select(ex::is_nan(z.re), 0.0, z.re, z.re), ex::select(ex::is_nan(z.im), 0.0, z.im, z.im))
        };
        let side = |z: C, endless: Ex| known(z.direction()).or(endless, known(z));
        let far = side(self, a) * side(other, b);
        // (By its sign: a factor that is infinite would spoil the gradient of the plain one.)
        let end = |x: Ex| {
            let below = ex::select(ex::lt(x, 0.0), f64::NEG_INFINITY, f64::NAN, x);
            ex::select(ex::gt(x, 0.0), f64::INFINITY, below, x)
        };
        let far = c(end(far.re), end(far.im));
        far.or(ex::is_nan(plain.re) & ex::is_nan(plain.im) & (a | b), plain)
    }

    pub(super) fn reciprocal(self) -> C {
        self.like(1.0) / self
    }

    /// i times it.
    fn turned(self) -> C {
        c(-self.im, self.re)
    }

    /// -i times it.
    fn turned_back(self) -> C {
        c(self.im, -self.re)
    }

    /// Its distance from zero.
    pub(super) fn abs(self) -> Ex {
        hypot(self.re, self.im)
    }

    pub(super) fn angle(self) -> Ex {
        ex::atan2(self.im, self.re)
    }

    pub(super) fn is_zero(self) -> Ex {
        ex::eq(self.re, 0.0) & ex::eq(self.im, 0.0)
    }

    /// This where the condition holds, else the other.
    pub(super) fn or(self, condition: Ex, other: C) -> C {
        c(
            ex::select(condition, self.re, other.re, self.re),
            ex::select(condition, self.im, other.im, self.im),
        )
    }

    pub(super) fn exp(self) -> C {
        // In two factors where one would overflow before it meets a small sine.
        let large = ex::gt(self.re, 80.0);
        let size = ex::exp(ex::select(large, self.re * 0.5, self.re, self.re));
        let rest = ex::select(large, size, 1.0, size);
        // exp(x + 0i) is real even where it is infinite, and exp(-inf) is zero whatever the angle.
        let endless = !ex::lt(size * rest, f64::INFINITY);
        let real = ex::eq(self.im, 0.0) & endless;
        let im = ex::select(real, self.im, size * ex::sin(self.im) * rest, self.im);
        let lost = ex::eq(self.re, f64::INFINITY) & !ex::lt(ex::abs(self.im), f64::INFINITY);
        let result = c(ex::select(lost, f64::INFINITY, size * ex::cos(self.im) * rest, size), im);
        self.like(0.0).or(ex::eq(self.re, f64::NEG_INFINITY), result)
    }

    pub(super) fn expm1(self) -> C {
        let half = ex::sin(self.im * 0.5);
        c(ex::expm1(self.re) * ex::cos(self.im) - half * half * 2.0, ex::exp(self.re) * ex::sin(self.im))
    }

    pub(super) fn log(self) -> C {
        c(ex::log(self.abs()), self.angle())
    }

    pub(super) fn log1p(self) -> C {
        // Near zero the square of the distance is one and a little; elsewhere that little would cancel.
        let near = ex::log1p(self.re * (self.re + 2.0) + self.im * self.im) * 0.5;
        let from_one = c(self.re + 1.0, self.im);
        c(ex::select(ex::lt(self.abs(), 0.5), near, ex::log(from_one.abs()), near), from_one.angle())
    }

    pub(super) fn sqrt(self) -> C {
        let large = ex::sqrt((self.abs() + ex::abs(self.re)) * 0.5);
        let zero = ex::eq(large, 0.0);
        let safe = ex::select(zero, 1.0, large, large);
        let small = ex::abs(self.im) / (safe * 2.0);
        let right = ex::ge(self.re, 0.0);
        let endless = ex::eq(ex::abs(self.im), f64::INFINITY);
        let (re, im) = (ex::select(right, large, small, large), ex::select(right, small, large, large));
        c(
            ex::select(endless, f64::INFINITY, re, re),
            ex::copysign(ex::select(endless, f64::INFINITY, im, im), self.im),
        )
    }

    pub(super) fn sin(self) -> C {
        c(times(ex::sin(self.re), ex::cosh(self.im)), times(ex::sinh(self.im), ex::cos(self.re)))
    }

    pub(super) fn cos(self) -> C {
        c(ex::cos(self.re) * ex::cosh(self.im), -times(ex::sin(self.re), ex::sinh(self.im)))
    }

    pub(super) fn tan(self) -> C {
        self.turned().tanh().turned_back()
    }

    pub(super) fn sinh(self) -> C {
        c(times(ex::sinh(self.re), ex::cos(self.im)), times(ex::sin(self.im), ex::cosh(self.re)))
    }

    pub(super) fn cosh(self) -> C {
        c(ex::cosh(self.re) * ex::cos(self.im), times(ex::sin(self.im), ex::sinh(self.re)))
    }

    pub(super) fn tanh(self) -> C {
        // Beyond, the real part is one and the imaginary part nothing, in every float dtype.
        let re = ex::max(ex::min(self.re, 22.0), -22.0);
        let (sh, cosine) = (ex::sinh(re), ex::cos(self.im));
        // A sum of squares, in which nothing cancels near a pole.
        let below = sh * sh + cosine * cosine;
        let result = c(sh * ex::cosh(re) / below, ex::sin(self.im) * cosine / below);
        let endless = ex::eq(ex::abs(self.re), f64::INFINITY);
        let nowhere = ex::eq(self.re, 0.0) & !ex::lt(ex::abs(self.im), f64::INFINITY);
        let result = c(self.re, self.re.like(f64::NAN)).or(nowhere, result);
        c(ex::copysign(self.re.like(1.0), self.re), self.re.like(0.0)).or(endless, result)
    }

    pub(super) fn asinh(self) -> C {
        self.turned_back().asin().turned()
    }

    /// The roots of 1 - z and 1 + z; the sign of an imaginary part of zero says on which side of a cut z lies.
    fn roots_about_one(self) -> (C, C) {
        (c(1.0 - self.re, -self.im).sqrt(), c(self.re + 1.0, self.im).sqrt())
    }

    /// Kahan's forms of the inverse functions: no cancellation near the cuts.
    pub(super) fn asin(self) -> C {
        let (below, above) = self.roots_about_one();
        let result = c(ex::atan2(self.re, (below * above).re), ex::asinh((below.conj() * above).im));
        let far = self.direction();
        let beyond = c(ex::atan2(far.re, ex::abs(far.im)), ex::copysign(far.re.like(f64::INFINITY), self.im));
        let nowhere = ex::eq(self.re, 0.0) & ex::is_nan(self.im);
        beyond.or(self.is_endless(), c(ex::select(nowhere, self.re, result.re, self.re), result.im))
    }

    pub(super) fn acos(self) -> C {
        let (below, above) = self.roots_about_one();
        let result = c(ex::atan2(below.re, above.re) * 2.0, ex::asinh((above.conj() * below).im));
        let far = self.direction();
        let beyond =
            c(ex::atan2(ex::abs(far.im), far.re), -ex::copysign(far.re.like(f64::INFINITY), self.im));
        let nowhere = ex::eq(self.re, 0.0) & ex::is_nan(self.im);
        beyond.or(self.is_endless(), c(ex::select(nowhere, FRAC_PI_2, result.re, self.re), result.im))
    }

    pub(super) fn acosh(self) -> C {
        let (below, above) = (c(self.re - 1.0, self.im).sqrt(), c(self.re + 1.0, self.im).sqrt());
        let result = c(ex::asinh((below.conj() * above).re), ex::atan2(below.im, above.re) * 2.0);
        let far = self.direction();
        let angle = ex::copysign(ex::atan2(ex::abs(far.im), far.re), self.im);
        let nowhere = ex::eq(self.re, 0.0) & ex::is_nan(self.im);
        let result = c(result.re, ex::select(nowhere, FRAC_PI_2, result.im, self.re));
        c(far.re.like(f64::INFINITY), angle).or(self.is_endless(), result)
    }

    pub(super) fn atan(self) -> C {
        self.turned().atanh().turned_back()
    }

    pub(super) fn atanh(self) -> C {
        let (size, square) = (ex::abs(self.re), self.im * self.im);
        let left = 1.0 - size;
        // So near the pole that the square of the distance may be lost, the logarithm of the distance.
        let distance = hypot(left, self.im);
        let near = ex::lt(distance, 1e-9);
        let away = ex::select(near, 1.0, left * left + square, left);
        let re = ex::log1p(size * 4.0 / away) * 0.25;
        let re = ex::select(near, (ex::log(distance) - LN_2) * -0.5, re, left);
        let result =
            c(ex::copysign(re, self.re), ex::atan2(self.im * 2.0, left * (size + 1.0) - square) * 0.5);
        let zero = ex::copysign(self.re.like(0.0), self.re);
        let beyond = ex::copysign(self.re.like(FRAC_PI_2), self.im);
        let lost = ex::is_nan(self.im) & !ex::is_nan(self.re);
        let beyond = c(zero, ex::select(lost, f64::NAN, beyond, beyond));
        let nowhere = ex::eq(self.re, 0.0) & ex::is_nan(self.im);
        beyond.or(self.is_endless() | nowhere, result)
    }

    pub(super) fn sigmoid(self) -> C {
        // exp(z / 2) / (2 cosh(z / 2)): small where it is small. Far to the sides it is exp(z) and one.
        let far = 64.0;
        let near = c(ex::max(ex::min(self.re, far), -far), self.im) * 0.5;
        let inside = near.exp() / (near.cosh() * 2.0);
        let left = self.exp().or(ex::lt(self.re, -far), inside);
        // As in torch, there is no number where exp(-z) has none or no direction.
        let (e, nan) = ((-self).exp(), self.re.like(f64::NAN));
        let both = ex::eq(ex::abs(e.re), f64::INFINITY) & ex::eq(ex::abs(e.im), f64::INFINITY);
        let lost = both | ex::is_nan(e.re) | ex::is_nan(e.im);
        c(nan, nan).or(lost, self.like(1.0).or(ex::gt(self.re, far), left))
    }

    pub(super) fn pow(self, power: C) -> C {
        let result = self.or(!self.is_zero(), self.like(1.0)).log().times(power).exp();
        let nan = self.re.like(f64::NAN);
        // (As torch's exp(log(0) * power), which is NaN for a power of zero, or one that only turns without end.)
        let below = c(ex::select(ex::lt(power.re, 0.0), f64::INFINITY, nan, nan), nan);
        let of_zero = self.like(0.0).or(ex::gt(power.re, 0.0), below);
        let turns = !ex::lt(ex::abs(power.im), f64::INFINITY) & ex::lt(ex::abs(power.re), f64::INFINITY);
        c(nan, nan).or(turns, of_zero).or(self.is_zero(), result)
    }
}

/// a * b, zero where one of them is, even beside infinity.
fn times(a: Ex, b: Ex) -> Ex {
    let lost = |a: Ex, b: Ex| ex::eq(a, 0.0) & !ex::lt(ex::abs(b), f64::INFINITY);
    let sign = |x: Ex| ex::copysign(x.like(1.0), x);
    let product = ex::select(lost(b, a), b * sign(a), a * b, a);
    ex::select(lost(a, b), a * sign(b), product, a)
}

/// sqrt(x² + y²) without overflow; its derivative at zero is zero.
pub(super) fn hypot(x: Ex, y: Ex) -> Ex {
    let largest = ex::max(ex::abs(x), ex::abs(y));
    let scale = ex::exp2(ex::floor(ex::log2(largest)));
    let plain = ex::eq(largest, 0.0) | ex::eq(largest, f64::INFINITY) | ex::is_nan(largest);
    let scale = ex::select(plain, 1.0, scale, largest);
    let (x, y) = (x / scale, y / scale);
    let endless = ex::eq(ex::abs(x), f64::INFINITY) | ex::eq(ex::abs(y), f64::INFINITY);
    let (square, zero) = (x * x + y * y, ex::eq(largest, 0.0));
    let size = ex::sqrt(ex::select(zero, 1.0, square, square)) * scale;
    let size = ex::select(zero, 0.0, size, size);
    ex::select(endless, f64::INFINITY, size, size)
}
