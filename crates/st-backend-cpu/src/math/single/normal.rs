//! The error function, its complement and its inverse.

use super::exp::exp_normal;
use crate::math::{Fma, double, fma, poly};

/// The error function, within 1.5 ulp.
#[inline(always)]
pub fn erf<F: Fma>(x: f32) -> f32 {
    let size = x.abs();
    let p = poly::<F, f32, 7>(
        x * x,
        [7.995176e-5, -8.0495304e-4, 5.192393e-3, -2.685573e-2, 1.1283626e-1, -3.761263e-1, 1.2837917e-1],
    );
    let small = fma::<F, f32>(p, size, size);
    // erf(4) rounds to 1. The polynomial is log(erfc(t)) / t + 1.
    let t = if size > 4.0 { 4.0 } else { size };
    let p = poly::<F, f32, 7>(
        t,
        [-1.1229702e-5, 3.227909e-4, -3.6424191e-3, 2.3762004e-2, -1.0623684e-1, -6.351513e-1, -1.2864849e-1],
    );
    let large = 1.0 - exp_normal::<F>(fma::<F, f32>(p, t, -t));
    (if size < 0.9275 { small } else { large }).copysign(x)
}

/// `1 - erf(x)`, within 0.51 ulp.
#[inline(always)]
pub fn erfc<F: Fma>(x: f32) -> f32 {
    let size = super::clamp(x.abs(), 0.0, 10.2) as f64; // erfc(10.2) is zero
    let inverse = 1.0 / ((size + 3.0) * (1.0 + 2.0 * size));
    // The polynomial in (x - 3) / (x + 3) is (1 + 2 x) exp(x^2) erfc(x).
    let p = poly::<F, f64, 13>(
        (size - 3.0) * (1.0 + 2.0 * size) * inverse,
        [
            3.324307197470824e-05,
            0.0001271297287092154,
            -0.00012639352635173193,
            -0.0007901230283171581,
            0.0018940292424622922,
            0.0025335073402628053,
            -0.023770996207101946,
            0.06830738186663823,
            -0.11927365840503,
            0.12964519970565133,
            -0.04756229372756749,
            -0.13562110686646794,
            1.253008058265363,
        ],
    );
    let large = p * (size + 3.0) * inverse * double::exp_normal::<F>(-size * size);
    (if x < 0.0 { 2.0 - large } else { large }) as f32
}

/// The inverse of the error function, within 1 ulp.
#[inline(always)]
pub fn erfinv<F: Fma>(x: f32) -> f32 {
    let wide = x as f64;
    let w = -double::log::<F>(1.0 - wide * wide);
    let center = poly::<F, f64, 11>(
        w - 2.5,
        [
            3.356681228032984e-10,
            -8.77283352396156e-09,
            1.8035277603601768e-08,
            4.6589213713801716e-07,
            -3.434601572412791e-06,
            -4.961911507045041e-06,
            0.0002182826094866833,
            -0.0012527446625192889,
            -0.004177339388921449,
            0.24664028763673296,
            1.5014093535125035,
        ],
    );
    let tail = poly::<F, f64, 10>(
        w.sqrt() - 3.0,
        [
            0.00011363993929195715,
            -0.00030774733297470746,
            -5.376490700096043e-05,
            0.0014828553943821308,
            -0.0035989856864759207,
            0.0056878073623542165,
            -0.007636956221379766,
            0.009445192701465798,
            1.001674946991628,
            2.832976802704046,
        ],
    );
    let ratio = if w < 5.0 { center } else { tail };
    let ratio = if w == f64::INFINITY { w } else { ratio }; // erfinv(1) is infinite
    (ratio * wide) as f32
}
