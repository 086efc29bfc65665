//! The `f32` functions against `f64` ones, over all exponents.

use crate::measure::{Worst, edges, samples, ulps};
use crate::reference;
use st_backend_cpu::math::{Fused, Unfused, single};

/// Tests a function of one argument, fused and not.
macro_rules! unary {
    ($($name:ident, $bound:literal, $reference:expr;)+) => {
        $(
            #[test]
            fn $name() {
                let reference: fn(f64) -> f64 = $reference;
                let error = |f: fn(f32) -> f32| move |x: f32| ulps(f(x), reference(x as f64));
                Worst::over(samples(), error(single::$name::<Fused>)).within($bound, stringify!($name));
                Worst::over(samples(), error(single::$name::<Unfused>)).within($bound, concat!(stringify!($name), " unfused"));
            }
        )+
    };
}

unary! {
    exp, 1.0, f64::exp;
    exp2, 1.0, f64::exp2;
    expm1, 1.5, f64::exp_m1;
    log, 1.0, f64::ln;
    log2, 1.5, f64::log2;
    log10, 1.5, f64::log10;
    log1p, 1.5, f64::ln_1p;
    sigmoid, 2.5, reference::sigmoid;
    sqrt, 0.5, f64::sqrt;
    rsqrt, 1.5, |x| 1.0 / x.sqrt();
    sin, 0.51, f64::sin;
    cos, 0.51, f64::cos;
    tan, 0.51, f64::tan;
    asin, 0.51, f64::asin;
    acos, 0.51, f64::acos;
    atan, 0.51, f64::atan;
    sinh, 0.51, f64::sinh;
    cosh, 0.51, f64::cosh;
    tanh, 1.5, f64::tanh;
    asinh, 0.51, libm::asinh;
    acosh, 0.51, |x| if x < 1.0 { f64::NAN } else { libm::acosh(x) };
    atanh, 0.51, libm::atanh;
    erf, 1.5, libm::erf;
    erfc, 0.51, libm::erfc;
    erfinv, 1.0, reference::erfinv;
    floor, 0.0, f64::floor;
    ceil, 0.0, f64::ceil;
    trunc, 0.0, f64::trunc;
    round, 0.0, f64::round_ties_even;
}

#[test]
fn exponentials_of_negative_numbers() {
    let negative = || samples().into_iter().filter(|x| x.is_nan() || *x <= 0.0);
    for f in [single::exp_negative::<Fused>, single::exp_negative::<Unfused>] {
        let error = |x: f32| if x < -87.0 { f64::from(f(x)) } else { ulps(f(x), (x as f64).exp()) };
        Worst::over(negative(), error).within(1.0, "exp_negative");
    }
}

#[test]
fn exponentials_of_moderate_numbers() {
    let pairs = [
        (single::exp_normal::<Fused> as fn(f32) -> f32, single::exp::<Fused> as fn(f32) -> f32),
        (single::exp_normal::<Unfused>, single::exp::<Unfused>),
        (single::sigmoid_normal::<Fused>, single::sigmoid::<Fused>),
        (single::sigmoid_normal::<Unfused>, single::sigmoid::<Unfused>),
    ];
    for x in samples().into_iter().chain([-87.0, 87.0]).filter(|x| x.abs() <= 87.0) {
        for (short, whole) in pairs {
            assert_eq!(short(x).to_bits(), whole(x).to_bits(), "{x:e}");
        }
    }
}

#[test]
fn moderate_angles() {
    let moderate = || samples().into_iter().filter(|x| x.abs() <= single::MODERATE);
    let near_zeros = || (0..600_000).step_by(7).map(|n| (n as f64 * std::f64::consts::FRAC_PI_2) as f32);
    for (name, f, reference) in [
        ("sin", single::sin_moderate::<Fused> as fn(f32) -> f32, f64::sin as fn(f64) -> f64),
        ("cos", single::cos_moderate::<Fused>, f64::cos),
        ("tan", single::tan_moderate::<Fused>, f64::tan),
        ("unfused sin", single::sin_moderate::<Unfused>, f64::sin),
        ("unfused cos", single::cos_moderate::<Unfused>, f64::cos),
        ("unfused tan", single::tan_moderate::<Unfused>, f64::tan),
    ] {
        let error = |x: f32| ulps(f(x), reference(x as f64));
        Worst::over(moderate().chain(near_zeros()), error).within(0.51, name);
    }
}

/// Just beside the multiples of half pi, where every bit of pi counts.
#[test]
fn large_angles() {
    // The worst f32 for this reduction (Kahan), and numbers beside multiples of half pi in every window.
    let kahan = 16_367_173.0 * 2.0f32.powi(72);
    let beside = (0..200_000).map(|n| (n as f64 * 7.3e9 * std::f64::consts::FRAC_PI_2) as f32);
    let angles = || beside.clone().chain([kahan, -kahan]);
    Worst::over(angles(), |x| ulps(single::sin::<Fused>(x), (x as f64).sin())).within(0.51, "sin");
    Worst::over(angles(), |x| ulps(single::cos::<Fused>(x), (x as f64).cos())).within(0.51, "cos");
    Worst::over(angles(), |x| ulps(single::tan::<Fused>(x), (x as f64).tan())).within(0.51, "tan");
}

/// Arguments for functions of two: all pairs of edges, and pairs of spread bit patterns.
fn pairs() -> Vec<(f32, f32)> {
    let edges = edges();
    let all = edges.iter().flat_map(|&x| edges.iter().map(move |&y| (x, y)));
    let spread = (0..200_000u32)
        .map(|i| (f32::from_bits(i.wrapping_mul(0x9e37_79b1)), f32::from_bits(i.wrapping_mul(0x85eb_ca6b))));
    let moderate = (0..200_000u32).map(|i| {
        let part = |factor: u32| i.wrapping_mul(factor) as i32 as f32 * 2.0f32.powi(-27);
        (part(0x9e37_79b1), part(0x85eb_ca6b))
    });
    let whole = (0..2_000u32).map(|i| ((i % 50) as f32 - 25.0, (i / 50) as f32 - 20.0));
    all.chain(spread).chain(moderate).chain(whole).collect()
}

macro_rules! binary {
    ($($name:ident, $bound:literal, $reference:expr;)+) => {
        $(
            #[test]
            fn $name() {
                let reference: fn(f64, f64) -> f64 = $reference;
                let error = |f: fn(f32, f32) -> f32| {
                    move |(x, y): (f32, f32)| ulps(f(x, y), reference(x as f64, y as f64))
                };
                Worst::over(pairs(), error(single::$name::<Fused>)).within($bound, stringify!($name));
                Worst::over(pairs(), error(single::$name::<Unfused>)).within($bound, concat!(stringify!($name), " unfused"));
            }
        )+
    };
}

binary! {
    pow, 0.51, f64::powf;
    atan2, 0.51, f64::atan2;
    fmod, 0.0, |x, y| x % y;
    remainder, 0.5, reference::remainder;
}

/// The error where a function has zeros away from 0: nothing below `small`, else in units of the last place.
fn beyond(small: f64, got: f32, want: f64) -> f64 {
    if (got as f64 - want).abs() < small { 0.0 } else { ulps(got, want) }
}

macro_rules! special {
    ($($name:ident, $bound:literal, $step:literal, $reference:expr;)+) => {
        $(
            #[test]
            fn $name() {
                let error = |f: fn(f32) -> f32| move |x: f32| beyond(1e-13, f(x), $reference(x as f64));
                let some = || samples().into_iter().step_by($step).chain(edges());
                Worst::over(some(), error(single::$name::<Fused>)).within($bound, stringify!($name));
                Worst::over(some(), error(single::$name::<Unfused>)).within($bound, stringify!($name));
            }
        )+
    };
}

special! {
    lgamma, 1.0, 1, libm::lgamma;
    digamma, 1.0, 25, reference::digamma;
    i0, 0.51, 25, reference::i0;
}

/// Python's rule on numbers whose quotient is exact in `f64`, and PyTorch's at zero.
#[test]
fn floor_divide() {
    for i in -2000..2000 {
        for y in [0.1f32, -0.1, 0.75, -3.0, 7.0, 1e-3] {
            let x = i as f32 * 0.125;
            let want = ((x as f64 - reference::remainder(x as f64, y as f64)) / y as f64).round();
            assert_eq!(single::floor_divide::<Fused>(x, y), want as f32, "{x} // {y}");
        }
    }
    assert_eq!(single::floor_divide::<Fused>(1.0, 0.0), f32::INFINITY);
    assert_eq!(single::floor_divide::<Fused>(-1.0, 0.0), f32::NEG_INFINITY);
    assert!(single::floor_divide::<Fused>(0.0, 0.0).is_nan());
    assert!(single::floor_divide::<Fused>(0.5, -2.0) == -1.0);
}
