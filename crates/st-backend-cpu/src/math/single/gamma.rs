//! The gamma function's logarithm and its derivative, and the Bessel function I0; in `f64`, rounded once.

use crate::math::{Fma, double, fma, poly};
use std::f64::consts::PI;

/// `sin(pi f)` for |f| <= 1/2, to the last bits of `f64`.
#[inline(always)]
fn sin_pi<F: Fma>(f: f64) -> f64 {
    let p = poly::<F, f64, 8>(
        f * f,
        [
            -2.109765985168157e-05,
            0.00046595637182097116,
            -0.0073703540823292085,
            0.08214587712012639,
            -0.5992645286811976,
            2.5501640398560474,
            -5.167712780049698,
            PI,
        ],
    );
    f * p
}

/// x less its nearest integer.
#[inline(always)]
fn fraction(x: f64) -> f64 {
    x - ((x + double::ROUND) - double::ROUND)
}

/// `log(|gamma(x)|)`, within 1 ulp, near its zeros 1e-13 in absolute terms.
///
/// Stirling's series from 8 on, the recurrence below, the reflection below zero.
#[inline(always)]
pub fn lgamma<F: Fma>(x: f32) -> f32 {
    let wide = x as f64;
    let reflect = wide <= 0.0;
    let z = if reflect { 1.0 - wide } else { wide };
    let low = z < 8.0;
    let mut product = z;
    for k in 1..8 {
        product *= z + k as f64;
    }
    let product = if low { product } else { 1.0 };
    let stirling = stirling::<F>(if low { z + 8.0 } else { z });
    let mirror = PI * product / sin_pi::<F>(fraction(wide)).abs();
    let log = double::log::<F>(if reflect { mirror } else { product });
    let y = if reflect { log - stirling } else { stirling - log };
    let y = if (wide == 1.0) | (wide == 2.0) { 0.0 } else { y };
    if wide.abs() == f64::INFINITY { f32::INFINITY } else { y as f32 }
}

/// `log(gamma(z))` for z >= 8.
#[inline(always)]
fn stirling<F: Fma>(z: f64) -> f64 {
    const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_8;
    let inverse = 1.0 / z;
    let p = poly::<F, f64, 7>(
        inverse * inverse,
        [
            1.0 / 156.0,
            -691.0 / 360_360.0,
            1.0 / 1_188.0,
            -1.0 / 1_680.0,
            1.0 / 1_260.0,
            -1.0 / 360.0,
            1.0 / 12.0,
        ],
    );
    fma::<F, f64>(z - 0.5, double::log::<F>(z), fma::<F, f64>(p, inverse, HALF_LN_2_PI - z))
}

/// The derivative of `lgamma`, within 1 ulp, near its zeros 1e-13 in absolute terms.
#[inline(always)]
pub fn digamma<F: Fma>(x: f32) -> f32 {
    let wide = x as f64;
    let f = fraction(wide);
    let tangent = sin_pi::<F>(f) / sin_pi::<F>(0.5 - f.abs());
    double::digamma_reflected::<F>(wide, PI / tangent) as f32
}

/// The modified Bessel function of the first kind of order 0, within 0.51 ulp.
#[inline(always)]
pub fn i0<F: Fma>(x: f32) -> f32 {
    // Beyond 200 the result is infinite anyway.
    let size = super::clamp(x.abs(), 0.0, 200.0) as f64;
    let small = poly::<F, f64, 12>(
        0.25 * size * size,
        [
            1.2923368903846361e-15,
            4.2432962101701606e-14,
            8.4937938191154e-12,
            6.004694681849823e-10,
            3.951920874443551e-08,
            1.9280060123299424e-06,
            6.944865193452246e-05,
            0.0017361005221011776,
            0.027777792547372532,
            0.24999999014707752,
            1.0000000023373739,
            0.9999999999187686,
        ],
    );
    let p = poly::<F, f64, 8>(
        1.0 / size,
        [
            8.146133976246432,
            -1.778283339808251,
            0.3212791110613365,
            0.031050761160913244,
            0.029649538981717658,
            0.02804395600518246,
            0.049867826961647786,
            0.3989422803391863,
        ],
    );
    let large = p * double::exp_normal::<F>(size) / size.sqrt();
    (if size < 9.0 { small } else { large }) as f32
}
