//! The error function, its complement and its inverse.

use super::exp::{clamp, exp_times};
use super::{exp, log1p};
use crate::math::{Fma, fma, poly};
use std::f64::consts::{FRAC_2_SQRT_PI, PI};

/// `erf(x)` for |x| <= 1.
#[inline(always)]
fn erf_small<F: Fma>(x: f64) -> f64 {
    let p = poly::<F, f64, 13>(
        x * x,
        [
            5.945281723817667e-11,
            -1.1365678512968423e-09,
            1.4657883312325547e-08,
            -1.6350025777335967e-07,
            1.6460972873652192e-06,
            -1.4925593510737854e-05,
            0.00012055331037075385,
            -0.0008548326978747528,
            0.0052239776247809695,
            -0.026866170645072907,
            0.11283791670954857,
            -0.3761263890318375,
            0.1283791670955126,
        ],
    );
    fma::<F, f64>(p, x, x)
}

/// `erfc(x)` for x >= 1/2: exp(-x^2), and a polynomial in (x - 4) / (x + 4) for what it lacks.
#[inline(always)]
fn erfc_large<F: Fma>(x: f64) -> f64 {
    let x = clamp(x, 0.5, 28.0); // erfc(28) is zero
    let p = poly::<F, f64, 23>(
        (x - 4.0) / (x + 4.0),
        [
            1.8371033011545725e-09,
            -9.674625913264536e-09,
            -1.7985386008891397e-08,
            1.0332013403924444e-07,
            7.483601791720304e-08,
            -8.195853453721249e-07,
            2.9356517480733867e-07,
            5.706546665247137e-06,
            -1.1221873695238181e-05,
            -2.4398078819548767e-05,
            0.000150621617953768,
            -0.0001992569599374611,
            -0.0007577732755507823,
            0.005031970017649805,
            -0.016197734059602932,
            0.037167515533884456,
            -0.06633036581207029,
            0.0937328349985295,
            -0.10103906603631063,
            0.06809705425468857,
            0.015379652102619849,
            -0.1396211168405625,
            1.2329951186255526,
        ],
    );
    // The square in two parts, the first exact; the second is below 2^-16.
    let head = f64::from_bits(x.to_bits() & !0x07ff_ffff);
    let rest = (head - x) * (head + x);
    let correction = rest * poly::<F, f64, 3>(rest, [1.0 / 6.0, 0.5, 1.0]);
    exp_times::<F>(-head * head, fma::<F, f64>(p, correction, p) / (1.0 + 2.0 * x))
}

/// The error function, within 2 ulp.
#[inline(always)]
pub fn erf<F: Fma>(x: f64) -> f64 {
    let size = x.abs();
    let y = if size < 1.0 { erf_small::<F>(size) } else { 1.0 - erfc_large::<F>(size) };
    y.copysign(x)
}

/// `1 - erf(x)`, within 4 ulp.
#[inline(always)]
pub fn erfc<F: Fma>(x: f64) -> f64 {
    let size = x.abs();
    let large = erfc_large::<F>(size);
    let large = if x < 0.0 { 2.0 - large } else { large };
    if size < 0.5 { 1.0 - erf_small::<F>(x) } else { large }
}

/// The inverse of the error function, within 4 ulp: Winitzki's formula and three steps of Halley's method.
#[inline(always)]
pub fn erfinv<F: Fma>(x: f64) -> f64 {
    const A: f64 = 0.147;
    let size = x.abs();
    let log = log1p::<F>(-size) + log1p::<F>(size);
    let t = 2.0 / (PI * A) + 0.5 * log;
    let quotient = -log / A;
    let start = (quotient / ((t * t + quotient).sqrt() + t)).sqrt();
    let y = halley::<F>(halley::<F>(halley::<F>(start, size), size), size);
    let y = if size == 1.0 { f64::INFINITY } else { y };
    (if size < 1e-150 { size / FRAC_2_SQRT_PI } else { y }).copysign(x)
}

/// One step towards `erf(y) = x` for x from 0 to 1.
#[inline(always)]
fn halley<F: Fma>(y: f64, x: f64) -> f64 {
    // 1 - x is exact where the error function itself no longer tells neighbours apart.
    let error = if x > 0.6 { (1.0 - x) - erfc_large::<F>(y) } else { erf_small::<F>(y) - x };
    let step = error / (FRAC_2_SQRT_PI * exp::<F>(-y * y));
    y - step / (1.0 + y * step)
}
