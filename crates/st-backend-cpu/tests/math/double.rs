//! The `f64` functions against the standard library and `libm`, over all exponents.

use crate::measure::{Worst, samples, ulps64};
use crate::reference;
use st_backend_cpu::math::{Fused, Unfused, double};

/// The samples of `f32`, with more digits, and the extremes of `f64`.
fn wide_samples() -> Vec<f64> {
    let spread = (0..=u64::MAX).step_by(184_467_440_737_095_516 / 1_000).map(f64::from_bits);
    let moderate = samples().into_iter().step_by(3).map(|x| x as f64 * (1.0 + 1e-9));
    let edges = [
        0.0,
        5e-324,
        2.2e-308,
        1.0,
        1.0 - f64::EPSILON / 2.0,
        709.78,
        709.79,
        745.1,
        f64::MAX,
        f64::INFINITY,
    ];
    spread.chain(moderate).chain(edges.into_iter().flat_map(|x| [x, -x])).collect()
}

/// Tests a function of one argument, fused and not.
macro_rules! unary {
    ($($name:ident, $bound:literal, $reference:expr;)+) => {
        $(
            #[test]
            fn $name() {
                let reference: fn(f64) -> f64 = $reference;
                let error = |f: fn(f64) -> f64| move |x: f64| ulps64(f(x), reference(x));
                Worst::over(wide_samples(), error(double::$name::<Fused>)).within($bound, stringify!($name));
                Worst::over(wide_samples(), error(double::$name::<Unfused>)).within($bound, concat!(stringify!($name), " unfused"));
            }
        )+
    };
}

unary! {
    exp, 1.0, f64::exp;
    exp2, 1.0, f64::exp2;
    expm1, 2.0, f64::exp_m1;
    log, 1.0, f64::ln;
    log2, 1.0, f64::log2;
    log10, 2.0, f64::log10;
    log1p, 2.0, f64::ln_1p;
    tanh, 3.0, f64::tanh;
    sigmoid, 3.0, reference::sigmoid;
    erf, 2.0, libm::erf;
    erfc, 4.0, libm::erfc;
    erfinv, 4.0, reference::erfinv;
    floor, 0.0, f64::floor;
    ceil, 0.0, f64::ceil;
    trunc, 0.0, f64::trunc;
    round, 0.0, f64::round_ties_even;
    lgamma, 0.0, libm::lgamma;
}

/// Relative to the larger of 1 and the result.
fn relative(got: f64, want: f64) -> f64 {
    if got == want || got.is_nan() && want.is_nan() { 0.0 } else { (got - want).abs() / want.abs().max(1.0) }
}

#[test]
fn digamma() {
    let some = || samples().into_iter().step_by(25).map(f64::from);
    let error = |x| relative(double::digamma::<Fused>(x), reference::digamma(x));
    // The reflection multiplies what rounding x away from a pole costs, so the bound leaves room for tan.
    assert!(Worst::over(some(), error).error < 1e-11);
}

#[test]
fn i0() {
    let some = (-700..700).map(f64::from).chain([0.0, 0.3, 1e-200, 29.999, 720.0, f64::INFINITY]);
    let worst = Worst::over(some, |x| relative(double::i0::<Fused>(x), reference::i0(x)));
    // The reference's exponent alone is rounded by 7e-14 at 700.
    assert!(worst.error < 1e-13, "{} at {:?}", worst.error, worst.at);
    assert!(double::i0::<Fused>(712.9).is_finite(), "e^712.9 overflows, its hundredth does not");
    assert!(double::i0::<Fused>(f64::NAN).is_nan());
}

/// Functions that call libraries: that each calls its own.
#[test]
fn library_calls() {
    for x in wide_samples().into_iter().step_by(100) {
        for (got, want) in [
            (double::sin::<Fused>(x), x.sin()),
            (double::cos::<Fused>(x), x.cos()),
            (double::tan::<Fused>(x), x.tan()),
            (double::asin::<Fused>(x), x.asin()),
            (double::acos::<Fused>(x), x.acos()),
            (double::atan::<Fused>(x), x.atan()),
            (double::sinh::<Fused>(x), x.sinh()),
            (double::cosh::<Fused>(x), x.cosh()),
            (double::asinh::<Fused>(x), x.asinh()),
            (double::acosh::<Fused>(x), x.acosh()),
            (double::atanh::<Fused>(x), x.atanh()),
            (double::pow::<Fused>(x, 1.5), x.powf(1.5)),
            (double::atan2::<Fused>(x, 1.5), x.atan2(1.5)),
            (double::remainder::<Fused>(x, -1.5), reference::remainder(x, -1.5)),
        ] {
            assert!(relative(got, want) < 1e-12, "{got} is not {want} at {x}");
        }
    }
}
