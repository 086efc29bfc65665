//! Bessel's functions and Airy's.
//!
//! Each is a Chebyshev series near zero and one in the inverse of the argument far from it (`series`). The branch that is
//! not taken gets an argument it can bear, so that its gradient stays finite.

use super::macros::pointwise;
use super::series::*;
use crate::ops::def::Forms;
use st_kernel::Ex;
use st_kernel::expr::*;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, LN_2, PI};

const PLAIN: Forms = Forms::FUNCTION.and(Forms::OUT);

pointwise! {
    /// The modified Bessel function of the first kind of order 0.
    i0(input) { forward: |x| i0_of(x[0]), vjp: Some(|x, _, g| vec![Some(g * i1_of(x[0]))]) }

    /// `i0(x) * exp(-|x|)`.
    i0e "special_i0e" (input) {
        forward: |x| i0e_of(x[0]),
        vjp: Some(|x, y, g| vec![Some(g * (i1e_of(x[0]) - sign(x[0]) * y))]), forms: PLAIN
    }

    /// The modified Bessel function of the first kind of order 1.
    i1 "special_i1" (input) { forward: |x| i1_of(x[0]), vjp: Some(i1_gradient), forms: PLAIN }

    /// `i1(x) * exp(-|x|)`.
    i1e "special_i1e" (input) {
        forward: |x| i1e_of(x[0]),
        // (The stored value may have been rounded to half precision, and this is a difference.)
        vjp: Some(|x, _, g| {
            let (zero, safe) = not_zero(x[0]);
            let slope = i0e_of(x[0]) - i1e_of(x[0]) * (sign(x[0]) + 1.0 / safe);
            vec![Some(g * select(zero, 0.5, slope, g))]
        }),
        forms: PLAIN
    }

    /// The modified Bessel function of the first kind of order 0.
    modified_bessel_i0 "special_modified_bessel_i0" (input) {
        forward: |x| i0_of(x[0]), vjp: Some(|x, _, g| vec![Some(g * i1_of(x[0]))]), forms: PLAIN
    }

    /// The modified Bessel function of the first kind of order 1.
    modified_bessel_i1 "special_modified_bessel_i1" (input) { forward: |x| i1_of(x[0]), vjp: Some(i1_gradient), forms: PLAIN }

    /// The modified Bessel function of the second kind of order 0.
    modified_bessel_k0 "special_modified_bessel_k0" (input) {
        forward: |x| k_of(x[0], false, k0_near, &K0_FAR),
        vjp: Some(|x, _, g| vec![Some(-g * k_of(x[0], false, k1_near, &K1_FAR))]),
        forms: PLAIN, domain: (0.1, 6.0)
    }

    /// The modified Bessel function of the second kind of order 1.
    modified_bessel_k1 "special_modified_bessel_k1" (input) {
        forward: |x| k_of(x[0], false, k1_near, &K1_FAR),
        vjp: Some(|x, y, g| vec![Some(-g * (k_of(x[0], false, k0_near, &K0_FAR) + y / x[0]))]),
        forms: PLAIN, domain: (0.1, 6.0)
    }

    /// `modified_bessel_k0(x) * exp(x)`.
    scaled_modified_bessel_k0 "special_scaled_modified_bessel_k0" (input) {
        forward: |x| k_of(x[0], true, k0_near, &K0_FAR),
        vjp: Some(|x, y, g| vec![Some(g * (y - k_of(x[0], true, k1_near, &K1_FAR)))]),
        forms: PLAIN, domain: (0.1, 6.0)
    }

    /// `modified_bessel_k1(x) * exp(x)`.
    scaled_modified_bessel_k1 "special_scaled_modified_bessel_k1" (input) {
        forward: |x| k_of(x[0], true, k1_near, &K1_FAR),
        vjp: Some(|x, y, g| vec![Some(g * (y - k_of(x[0], true, k0_near, &K0_FAR) - y / x[0]))]),
        forms: PLAIN, domain: (0.1, 6.0)
    }

    /// The Bessel function of the first kind of order 0.
    bessel_j0 "special_bessel_j0" (input) {
        forward: |x| j0_of(x[0]), vjp: Some(|x, _, g| vec![Some(-g * j1_of(x[0]))]), forms: PLAIN, domain: (-12.0, 12.0)
    }

    /// The Bessel function of the first kind of order 1.
    bessel_j1 "special_bessel_j1" (input) {
        forward: |x| j1_of(x[0]),
        vjp: Some(|x, y, g| {
            let (zero, safe) = not_zero(x[0]);
            vec![Some(g * select(zero, 0.5, j0_of(x[0]) - y / safe, g))]
        }),
        forms: PLAIN, domain: (-12.0, 12.0)
    }

    /// The Bessel function of the second kind of order 0.
    bessel_y0 "special_bessel_y0" (input) {
        forward: |x| y0_of(x[0]), vjp: Some(|x, _, g| vec![Some(-g * y1_of(x[0]))]), forms: PLAIN, domain: (0.1, 12.0)
    }

    /// The Bessel function of the second kind of order 1.
    bessel_y1 "special_bessel_y1" (input) {
        forward: |x| y1_of(x[0]),
        vjp: Some(|x, y, g| {
            let (zero, safe) = not_zero(x[0]);
            vec![Some(g * select(zero, f64::INFINITY, y0_of(x[0]) - y / safe, g))]
        }), forms: PLAIN, domain: (0.1, 12.0)
    }

    /// sin(x) / x.
    spherical_bessel_j0 "special_spherical_bessel_j0" (input) {
        forward: |x| {
            let a = abs(x[0]);
            let (near, small, large) = divided(a, 0.5);
            let z = small * small;
            let series = 1.0 - z / 6.0 * (1.0 - z / 20.0 * (1.0 - z / 42.0 * (1.0 - z / 72.0 * (1.0 - z / 110.0 * (1.0 - z / 156.0)))));
            let far = select(eq(a, f64::INFINITY), 0.0, sin(large) / large, a);
            select(near, series, far, a)
        },
        forms: PLAIN, domain: (-12.0, 12.0)
    }

    /// The Airy function.
    airy_ai "special_airy_ai" (input) { forward: |x| airy(x[0]), forms: PLAIN, domain: (-8.0, 4.0) }
}

/// Whether a number is up to a bound, and two of it: one up to the bound and one beyond, both the number where they may be.
fn divided(a: Ex, bound: f64) -> (Ex, Ex, Ex) {
    let near = le(a, bound);
    (near, select(near, a, bound, a), select(near, bound, a, a))
}

/// Whether a number is zero, and a number to divide by that is one there.
fn not_zero(x: Ex) -> (Ex, Ex) {
    let zero = eq(x, 0.0);
    (zero, select(zero, 1.0, x, x))
}

fn sign(x: Ex) -> Ex {
    select(gt(x, 0.0), 1.0, select(lt(x, 0.0), -1.0, 0.0, x), x)
}

fn i0e_of(x: Ex) -> Ex {
    let (near, small, large) = divided(abs(x), 8.0);
    let far = chebyshev(16.0 / large - 1.0, &I0_FAR) * rsqrt(large);
    select(near, chebyshev(small * 0.25 - 1.0, &I0_NEAR), far, x)
}

fn i1e_of(x: Ex) -> Ex {
    let (near, small, large) = divided(abs(x), 8.0);
    let far = chebyshev(16.0 / large - 1.0, &I1_FAR) * rsqrt(large);
    // (With x as a factor, its slope at zero is that of the series, though abs(x) has none there.)
    let factor = select(near, x, 0.0, x);
    select(near, factor * chebyshev(small * 0.25 - 1.0, &I1_NEAR), select(lt(x, 0.0), -far, far, x), x)
}

fn i0_of(x: Ex) -> Ex {
    exp(abs(x)) * i0e_of(x)
}

fn i1_of(x: Ex) -> Ex {
    exp(abs(x)) * i1e_of(x)
}

fn i1_gradient(x: &[Ex], y: Ex, g: Ex) -> Vec<Option<Ex>> {
    let (zero, safe) = not_zero(x[0]);
    vec![Some(g * select(zero, 0.5, i0_of(x[0]) - y / safe, g))]
}

fn k0_near(x: Ex) -> Ex {
    chebyshev(x * x * 0.5 - 1.0, &K0_NEAR) - (log(x) - LN_2) * (exp(x) * chebyshev(x * 0.25 - 1.0, &I0_NEAR))
}

fn k1_near(x: Ex) -> Ex {
    chebyshev(x * x * 0.5 - 1.0, &K1_NEAR) / x
        + (log(x) - LN_2) * (x * exp(x) * chebyshev(x * 0.25 - 1.0, &I1_NEAR))
}

/// A modified Bessel function of the second kind, times exp(x) if it is scaled.
fn k_of(x: Ex, scaled: bool, near: fn(Ex) -> Ex, far: &[f64]) -> Ex {
    let (is_near, small, large) = divided(x, 2.0);
    let (near, far) = (near(small), chebyshev(4.0 / large - 1.0, far) * rsqrt(large));
    let y = if scaled {
        select(is_near, near * exp(small), far, x)
    } else {
        select(is_near, near, far * exp(-large), x)
    };
    singular(x, f64::INFINITY, y)
}

/// What has a pole at zero and is not defined below.
fn singular(x: Ex, pole: f64, y: Ex) -> Ex {
    select(eq(x, 0.0), pole, select(lt(x, 0.0), f64::NAN, y, x), x)
}

/// Far from zero: the parts in phase and a quarter ahead, for both kinds a cosine and a sine apart.
struct Wave {
    phase: Ex,
    ahead: Ex,
    sum: Ex,
    difference: Ex,
    scale: Ex,
}

fn wave(x: Ex, phase: &[f64], ahead: &[f64]) -> Wave {
    let t = 128.0 / (x * x) - 1.0;
    let (s, c) = (sin(x), cos(x));
    Wave {
        phase: chebyshev(t, phase),
        ahead: chebyshev(t, ahead) / x,
        sum: s + c,
        difference: s - c,
        scale: rsqrt(x) * (FRAC_2_PI.sqrt() * FRAC_1_SQRT_2),
    }
}

fn j0_near(x: Ex) -> Ex {
    let z = x * x;
    (z - 5.783_185_962_946_784) * (z - 30.471_262_343_662_086) * chebyshev(z * 0.03125 - 1.0, &J0_NEAR)
}

fn j1_near(x: Ex) -> Ex {
    let z = x * x;
    x * (z - 14.681_970_642_123_89) * (z - 49.218_456_321_694_6) * chebyshev(z * 0.03125 - 1.0, &J1_NEAR)
}

fn j0_of(x: Ex) -> Ex {
    let (near, small, large) = divided(abs(x), 8.0);
    let w = wave(large, &P0, &Q0);
    select(near, j0_near(small), w.scale * (w.phase * w.sum - w.ahead * w.difference), x)
}

fn j1_of(x: Ex) -> Ex {
    let (near, small, large) = divided(abs(x), 8.0);
    let w = wave(large, &P1, &Q1);
    let y = select(near, j1_near(small), w.scale * (w.phase * w.difference + w.ahead * w.sum), x);
    select(lt(x, 0.0), -y, y, x)
}

fn y0_of(x: Ex) -> Ex {
    let (near, small, large) = divided(x, 8.0);
    let w = wave(large, &P0, &Q0);
    let series = chebyshev(small * small * 0.03125 - 1.0, &Y0_NEAR) + log(small) * j0_near(small) * FRAC_2_PI;
    singular(
        x,
        f64::NEG_INFINITY,
        select(near, series, w.scale * (w.phase * w.difference + w.ahead * w.sum), x),
    )
}

fn y1_of(x: Ex) -> Ex {
    let (near, small, large) = divided(x, 8.0);
    let w = wave(large, &P1, &Q1);
    let rest = (log(small) * j1_near(small) - 1.0 / small) * FRAC_2_PI;
    let series = small * chebyshev(small * small * 0.03125 - 1.0, &Y1_NEAR) + rest;
    singular(
        x,
        f64::NEG_INFINITY,
        select(near, series, w.scale * (w.ahead * w.difference - w.phase * w.sum), x),
    )
}

fn airy(x: Ex) -> Ex {
    let (right, left) = (gt(x, 2.0), lt(x, -4.0));
    let middle = select(right | left, 0.0, x, x);
    let series = chebyshev((middle + 1.0) * (1.0 / 3.0), &AIRY_MIDDLE);
    let r = select(right, x, 2.0, x);
    let z = r * sqrt(r) * (2.0 / 3.0);
    let decay = chebyshev(3.771_236_166_328_253_5 / z - 1.0, &AIRY_RIGHT) * exp(-z) * sqrt(rsqrt(r));
    let l = select(left, -x, 4.0, x);
    let z = l * sqrt(l) * (2.0 / 3.0);
    let t = square(16.0 / 3.0 / z) * 2.0 - 1.0;
    let (s, c) = ((sin(z) + cos(z)) * FRAC_1_SQRT_2, (cos(z) - sin(z)) * FRAC_1_SQRT_2);
    let wave =
        (s * chebyshev(t, &AIRY_P) - c * chebyshev(t, &AIRY_Q) / z) * sqrt(rsqrt(l)) * (1.0 / PI.sqrt());
    // (Torch has no value at infinity.)
    let decay = select(eq(x, f64::INFINITY), f64::NAN, decay, x);
    select(right, decay, select(left, wave, series, x), x)
}
