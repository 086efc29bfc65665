//! The primitive table: everything a backend must be able to do to single numbers. Keep it short.
//!
//! A row owns its arity, its result type, its exact evaluation (the reference of the tests and of constant folding) and
//! its derivative. Adding a primitive is adding one row here and its loop to each backend.

use crate::dtype::Category;
use crate::expr::*;
use crate::scalar::Scalar;
use crate::special;
use std::f64::consts::{LN_2, LN_10, PI};

/// The dtype of a primitive's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultType {
    /// That of the last argument.
    Same,
    /// `bool`.
    Bool,
    /// `int64`.
    I64,
}

/// One row of the table.
pub struct PrimDef {
    /// The name in traces and kernels.
    pub name: &'static str,
    /// Number of arguments.
    pub arity: usize,
    /// Dtype of the result.
    pub result: ResultType,
    /// Evaluation on floats, if it is defined there.
    pub float: Option<fn(&[f64]) -> f64>,
    /// Evaluation on integers and booleans, if it is defined there.
    pub int: Option<fn(&[i64]) -> i64>,
    /// The partial derivative for each argument, given the arguments and the result; `None` where it is zero.
    pub partials: fn(&[Ex], Ex) -> Vec<Option<Ex>>,
}

const ROW: PrimDef = PrimDef {
    name: "",
    arity: 0,
    result: ResultType::Same,
    float: None,
    int: None,
    partials: |a, _| vec![None; a.len()],
};

macro_rules! prims {
    ($($name:ident($arity:literal) { $($field:ident: $value:expr),* $(,)? })*) => {
        /// A primitive.
        #[allow(missing_docs)] // The rows below say what each is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Prim { $($name),* }

        /// The table, in the order of [`Prim`].
        #[allow(clippy::needless_update)] // A row may give every field.
        pub static PRIMS: &[PrimDef] =
            &[$(PrimDef { name: stringify!($name), arity: $arity, $($field: $value,)* ..ROW }),*];

        /// Every primitive.
        pub const ALL: &[Prim] = &[$(Prim::$name),*];
    };
}

/// One partial derivative.
fn one(d: Ex) -> Vec<Option<Ex>> {
    vec![Some(d)]
}

/// The density of the gamma distribution: the derivative of `Igamma` for its second argument.
fn gamma_density(a: &[Ex]) -> Ex {
    exp((a[0] - 1.0) * log(a[1]) - a[1] - lgamma(a[0]))
}

/// The share of the gradient the first operand of a maximum gets: torch splits it evenly at a tie.
fn share(wins: Ex, loses: Ex, like: Ex) -> Option<Ex> {
    let tie = select(loses, 0.0, 0.5, like);
    Some(select(wins, like.like(1.0), tie, like))
}

prims! {
    Add(2) { float: Some(|a| a[0] + a[1]), int: Some(|a| a[0].wrapping_add(a[1])), partials: |a, _| vec![Some(a[0].like(1.0)), Some(a[0].like(1.0))] }
    Sub(2) { float: Some(|a| a[0] - a[1]), int: Some(|a| a[0].wrapping_sub(a[1])), partials: |a, _| vec![Some(a[0].like(1.0)), Some(a[0].like(-1.0))] }
    Mul(2) { float: Some(|a| a[0] * a[1]), int: Some(|a| a[0].wrapping_mul(a[1])), partials: |a, _| vec![Some(a[1]), Some(a[0])] }
    // True division: floats only.
    Div(2) { float: Some(|a| a[0] / a[1]), partials: |a, y| vec![Some(1.0 / a[1]), Some(-y / a[1])] }
    // Integer division by zero is an error at run time; folded here it gives 0.
    TruncDiv(2) { float: Some(|a| (a[0] / a[1]).trunc()), int: Some(|a| if a[1] == 0 { 0 } else { a[0].wrapping_div(a[1]) }) }
    FloorDiv(2) { float: Some(|a| floor_div_f64(a[0], a[1])), int: Some(|a| floor_div_i64(a[0], a[1])) }
    Fmod(2) {
        float: Some(|a| a[0] % a[1]), int: Some(|a| if a[1] == 0 { 0 } else { a[0].wrapping_rem(a[1]) }),
        partials: |a, _| vec![Some(a[0].like(1.0)), Some(-trunc(a[0] / a[1]))],
    }
    Mod(2) {
        float: Some(|a| mod_f64(a[0], a[1])), int: Some(|a| a[0].wrapping_sub(floor_div_i64(a[0], a[1]).wrapping_mul(a[1]))),
        partials: |a, _| vec![Some(a[0].like(1.0)), Some(-floor(a[0] / a[1]))],
    }
    Neg(1) { float: Some(|a| -a[0]), int: Some(|a| a[0].wrapping_neg()), partials: |a, _| one(a[0].like(-1.0)) }
    Abs(1) {
        float: Some(|a| a[0].abs()), int: Some(|a| a[0].wrapping_abs()),
        partials: |a, _| one(select(gt(a[0], 0.0), a[0].like(1.0), select(lt(a[0], 0.0), -1.0, 0.0, a[0]), a[0])),
    }
    // NaN if there is one; of equal numbers, such as zeros of both signs, the second.
    Max(2) {
        float: Some(|a| if a[0] > a[1] || a[0].is_nan() { a[0] } else { a[1] }), int: Some(|a| a[0].max(a[1])),
        partials: |a, _| vec![share(lt(a[1], a[0]), lt(a[0], a[1]), a[0]), share(lt(a[0], a[1]), lt(a[1], a[0]), a[0])],
    }
    Min(2) {
        float: Some(|a| if a[0] < a[1] || a[0].is_nan() { a[0] } else { a[1] }), int: Some(|a| a[0].min(a[1])),
        partials: |a, _| vec![share(lt(a[0], a[1]), lt(a[1], a[0]), a[0]), share(lt(a[1], a[0]), lt(a[0], a[1]), a[0])],
    }
    Lt(2) { result: ResultType::Bool, float: Some(|a| f64::from(a[0] < a[1])), int: Some(|a| i64::from(a[0] < a[1])) }
    Le(2) { result: ResultType::Bool, float: Some(|a| f64::from(a[0] <= a[1])), int: Some(|a| i64::from(a[0] <= a[1])) }
    Eq(2) { result: ResultType::Bool, float: Some(|a| f64::from(a[0] == a[1])), int: Some(|a| i64::from(a[0] == a[1])) }
    // Bitwise on integers, logical on booleans.
    And(2) { int: Some(|a| a[0] & a[1]) }
    Or(2) { int: Some(|a| a[0] | a[1]) }
    Xor(2) { int: Some(|a| a[0] ^ a[1]) }
    Not(1) { int: Some(|a| !a[0]) }
    Shl(2) { int: Some(|a| if (0..64).contains(&a[1]) { a[0] << a[1] } else { 0 }) }
    Shr(2) { int: Some(|a| a[0] >> a[1].clamp(0, 63)) }
    Select(3) {
        float: Some(|a| if a[0] != 0.0 { a[1] } else { a[2] }), int: Some(|a| if a[0] != 0 { a[1] } else { a[2] }),
        partials: |a, y| vec![None, Some(select(a[0], 1.0, 0.0, y)), Some(select(a[0], 0.0, 1.0, y))],
    }
    Gcd(2) { int: Some(|a| gcd_i64(a[0], a[1])) }
    Floor(1) { float: Some(|a| a[0].floor()) }
    Ceil(1) { float: Some(|a| a[0].ceil()) }
    Trunc(1) { float: Some(|a| a[0].trunc()) }
    Round(1) { float: Some(|a| a[0].round_ties_even()) }
    Exp(1) { float: Some(|a| a[0].exp()), partials: |_, y| one(y) }
    Exp2(1) { float: Some(|a| a[0].exp2()), partials: |_, y| one(y * LN_2) }
    Expm1(1) { float: Some(|a| a[0].exp_m1()), partials: |_, y| one(y + 1.0) }
    Log(1) { float: Some(|a| a[0].ln()), partials: |a, _| one(1.0 / a[0]) }
    Log2(1) { float: Some(|a| a[0].log2()), partials: |a, _| one(1.0 / (a[0] * LN_2)) }
    Log10(1) { float: Some(|a| a[0].log10()), partials: |a, _| one(1.0 / (a[0] * LN_10)) }
    Log1p(1) { float: Some(|a| a[0].ln_1p()), partials: |a, _| one(1.0 / (a[0] + 1.0)) }
    Sqrt(1) { float: Some(|a| a[0].sqrt()), partials: |_, y| one(0.5 / y) }
    Rsqrt(1) { float: Some(|a| 1.0 / a[0].sqrt()), partials: |_, y| one(-0.5 * (y * y * y)) }
    // C99's pow. The exponent's derivative is 0 where 0 is raised to a non-negative power, as in torch.
    Pow(2) {
        float: Some(|a| a[0].powf(a[1])), int: Some(|a| pow_i64(a[0], a[1])),
        partials: |a, y| vec![
            Some(select(eq(a[1], 0.0), 0.0, a[1] * pow(a[0], a[1] - 1.0), y)),
            Some(select(eq(a[0], 0.0) & ge(a[1], 0.0), 0.0, y * log(a[0]), y)),
        ],
    }
    Sin(1) { float: Some(|a| a[0].sin()), partials: |a, _| one(cos(a[0])) }
    Cos(1) { float: Some(|a| a[0].cos()), partials: |a, _| one(-sin(a[0])) }
    Tan(1) { float: Some(|a| a[0].tan()), partials: |_, y| one(y * y + 1.0) }
    Asin(1) { float: Some(|a| a[0].asin()), partials: |a, _| one(rsqrt(1.0 - a[0] * a[0])) }
    Acos(1) { float: Some(|a| a[0].acos()), partials: |a, _| one(-rsqrt(1.0 - a[0] * a[0])) }
    Atan(1) { float: Some(|a| a[0].atan()), partials: |a, _| one(1.0 / (a[0] * a[0] + 1.0)) }
    Atan2(2) {
        float: Some(|a| a[0].atan2(a[1])),
        partials: |a, _| { let r = a[0] * a[0] + a[1] * a[1]; vec![Some(a[1] / r), Some(-a[0] / r)] },
    }
    Sinh(1) { float: Some(|a| a[0].sinh()), partials: |a, _| one(cosh(a[0])) }
    Cosh(1) { float: Some(|a| a[0].cosh()), partials: |a, _| one(sinh(a[0])) }
    Tanh(1) { float: Some(|a| a[0].tanh()), partials: |_, y| one(1.0 - y * y) }
    Asinh(1) { float: Some(|a| a[0].asinh()), partials: |a, _| one(rsqrt(a[0] * a[0] + 1.0)) }
    Acosh(1) { float: Some(|a| a[0].acosh()), partials: |a, _| one(rsqrt(a[0] * a[0] - 1.0)) }
    Atanh(1) { float: Some(|a| a[0].atanh()), partials: |a, _| one(1.0 / (1.0 - a[0] * a[0])) }
    Erf(1) { float: Some(|a| libm::erf(a[0])), partials: |a, _| one(exp(-(a[0] * a[0])) * (2.0 / PI.sqrt())) }
    Erfc(1) { float: Some(|a| libm::erfc(a[0])), partials: |a, _| one(exp(-(a[0] * a[0])) * (-2.0 / PI.sqrt())) }
    Erfinv(1) { float: Some(|a| erfinv_f64(a[0])), partials: |_, y| one(exp(y * y) * (PI.sqrt() / 2.0)) }
    // A primitive because the derivative taken through exp is inf * 0 far from zero.
    Sigmoid(1) { float: Some(|a| 1.0 / (1.0 + (-a[0]).exp())), partials: |_, y| one(y * (1.0 - y)) }
    Lgamma(1) { float: Some(|a| libm::lgamma(a[0])), partials: |a, _| one(digamma(a[0])) }
    Digamma(1) { float: Some(|a| digamma_f64(a[0])), partials: |a, _| one(trigamma(a[0])) }
    Trigamma(1) { float: Some(|a| trigamma_f64(a[0])), partials: |a, _| one(-2.0 * zeta(a[0].like(3.0), a[0])) }
    CopySign(2) {
        float: Some(|a| a[0].copysign(a[1])),
        partials: |a, y| vec![Some(select(eq(a[0], 0.0), 0.0, y / a[0], y)), None],
    }
    // The regularised incomplete gamma functions. Nobody has the derivative for the first argument: it is NaN.
    Igamma(2) { float: Some(|a| special::igamma(a[0], a[1])), partials: |a, y| vec![Some(y.like(f64::NAN)), Some(gamma_density(a))] }
    Igammac(2) { float: Some(|a| special::igammac(a[0], a[1])), partials: |a, y| vec![Some(y.like(f64::NAN)), Some(-gamma_density(a))] }
    // Hurwitz's zeta function, of the power and the start. Nobody has the derivative for the power: it is NaN.
    Zeta(2) { float: Some(|a| special::zeta(a[0], a[1])), partials: |a, y| vec![Some(y.like(f64::NAN)), Some(-a[0] * zeta(a[0] + 1.0, a[1]))] }
    // An orthogonal polynomial: the number of its family, its degree, where. Not differentiated, as in torch.
    Polynomial(3) { float: Some(|a| special::orthogonal(a[0], a[1], a[2])) }
    // Philox4x32-10: 32 bits for a 64-bit key and the counter of a word, as an int64 from 0 to 2^32 - 1.
    Random(2) { result: ResultType::I64, int: Some(|a| i64::from(philox_word(a[0] as u64, a[1] as u64))) }
}

impl Prim {
    /// The row of this primitive.
    pub fn def(self) -> &'static PrimDef {
        &PRIMS[self as usize]
    }

    /// Evaluates on numbers: exactly on integers, in double precision on floats.
    pub fn eval(self, args: &[Scalar]) -> Scalar {
        let def = self.def();
        let float = args.iter().any(|a| a.category() == Category::Float);
        if float {
            let f = def.float.unwrap_or_else(|| panic!("{} has no meaning on floats", def.name));
            let y = f(&args.iter().map(|a| a.to_f64()).collect::<Vec<_>>());
            return if def.result == ResultType::Bool { Scalar::Bool(y != 0.0) } else { Scalar::Float(y) };
        }
        let boolean = args.last().is_some_and(|a| a.category() == Category::Bool);
        let f = def.int.unwrap_or_else(|| panic!("{} has no meaning on integers", def.name));
        let y = f(&args.iter().map(|a| a.to_i64()).collect::<Vec<_>>());
        if def.result == ResultType::Bool || boolean { Scalar::Bool(y & 1 != 0) } else { Scalar::Int(y) }
    }
}

/// C's division rounded down, with the correction CPython and torch make for floats.
pub fn floor_div_f64(a: f64, b: f64) -> f64 {
    if b == 0.0 {
        return a / b;
    }
    let remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder != 0.0 && (b < 0.0) != (remainder < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0f64.copysign(a / b);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}

/// Python's modulo on floats.
pub fn mod_f64(a: f64, b: f64) -> f64 {
    let r = a % b;
    if r != 0.0 && (r < 0.0) != (b < 0.0) { r + b } else { r }
}

fn floor_div_i64(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let quotient = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

fn gcd_i64(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a.wrapping_rem(b));
    }
    a.wrapping_abs()
}

fn pow_i64(base: i64, exponent: i64) -> i64 {
    match (base, exponent) {
        (1, _) => 1,
        (-1, e) if e < 0 => {
            if e % 2 == 0 {
                1
            } else {
                -1
            }
        }
        (_, e) if e < 0 => 0,
        (b, e) => (0..64 - e.leading_zeros()).rev().fold(1i64, |y, bit| {
            let squared = y.wrapping_mul(y);
            if e >> bit & 1 == 1 { squared.wrapping_mul(b) } else { squared }
        }),
    }
}

/// A rough start and Newton steps on erfc, which keeps its precision near 1.
fn erfinv_f64(x: f64) -> f64 {
    if x.abs() >= 1.0 {
        return if x.abs() == 1.0 { f64::INFINITY.copysign(x) } else { f64::NAN };
    }
    let tail = 1.0 - x.abs();
    let w = -(tail * (2.0 - tail)).ln();
    let start = if w < 5.0 { x.abs() * (0.886 + 0.12 * w) } else { (w - 0.5 * (w * PI / 4.0).ln()).sqrt() };
    let newton = |y: f64, _| y + (libm::erfc(y) - tail) * PI.sqrt() / 2.0 * (y * y).exp();
    (0..8).fold(start, newton).copysign(x)
}

/// Recurrence up to 10, then the asymptotic series; reflection for negative arguments.
fn digamma_f64(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY.copysign(-x);
    }
    if x < 0.0 {
        return if x == x.floor() { f64::NAN } else { digamma_f64(1.0 - x) - PI / (PI * x).tan() };
    }
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    let series =
        [-1.0 / 12.0, 1.0 / 120.0, -1.0 / 252.0, 1.0 / 240.0, -1.0 / 132.0, 691.0 / 32760.0, -1.0 / 12.0];
    sum + x.ln() - 0.5 / x + series.iter().rev().fold(0.0, |s, c| (s + c) * z)
}

/// As [`digamma_f64`], one derivative higher.
fn trigamma_f64(x: f64) -> f64 {
    if x < 0.5 {
        let s = (PI * x).sin();
        return PI * PI / (s * s) - trigamma_f64(1.0 - x);
    }
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    let series = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0];
    sum + 1.0 / x + 0.5 * z + series.iter().rev().fold(0.0, |s, c| (s + c) * z) / x
}

/// Four words of Philox4x32-10 (Salmon et al., 2011).
pub fn philox(key: u64, counter: u64) -> [u32; 4] {
    let mut k = [key as u32, (key >> 32) as u32];
    let mut c = [counter as u32, (counter >> 32) as u32, 0, 0];
    for _ in 0..10 {
        let a = u64::from(c[0]) * 0xD251_1F53;
        let b = u64::from(c[2]) * 0xCD9E_8D57;
        c = [(b >> 32) as u32 ^ c[1] ^ k[0], b as u32, (a >> 32) as u32 ^ c[3] ^ k[1], a as u32];
        k = [k[0].wrapping_add(0x9E37_79B9), k[1].wrapping_add(0xBB67_AE85)];
    }
    c
}

/// Word `n` of the stream of a key: four words come from one counter.
pub fn philox_word(key: u64, n: u64) -> u32 {
    philox(key, n >> 2)[(n & 3) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::DType::F64;
    use crate::expr::{Expr, call};

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for &p in ALL {
            assert_eq!(format!("{p:?}"), p.def().name);
            assert!(p.def().float.is_some() || p.def().int.is_some(), "{p:?} cannot be evaluated");
        }
    }

    #[test]
    fn partials_match_finite_differences() {
        const H: f64 = 1e-5;
        let points = [[0.31, 0.72, 0.55], [0.83, 0.26, 0.4], [1.7, 2.3, 0.9]];
        for &p in ALL.iter().filter(|p| p.def().float.is_some() && p.def().result == ResultType::Same) {
            let n = p.def().arity;
            let y = Expr::build(&vec![F64; n], |x| {
                if p == Prim::Select {
                    vec![select(lt(x[0], 0.5), x[1], x[2], x[1])]
                } else {
                    vec![call(p, x)]
                }
            });
            for point in points {
                let at = |i: usize, h: f64| {
                    let values: Vec<Scalar> =
                        (0..n).map(|k| Scalar::Float(point[k] + if k == i { h } else { 0.0 })).collect();
                    y.eval(&values)[0].to_f64()
                };
                for i in 0..n {
                    // As in torch, the orders of these have no derivative, and polynomials none at all.
                    if p == Prim::Polynomial
                        || (i == 0 && matches!(p, Prim::Igamma | Prim::Igammac | Prim::Zeta))
                    {
                        continue;
                    }
                    let expected = (at(i, H) - at(i, -H)) / (2.0 * H);
                    if expected.is_nan() {
                        continue;
                    }
                    let got = y.gradient(i).map_or(0.0, |g| {
                        let mut values: Vec<Scalar> = point[..n].iter().map(|&x| Scalar::Float(x)).collect();
                        values.push(Scalar::Float(at(n, 0.0)));
                        values.push(Scalar::Float(1.0));
                        g.eval(&values)[0].to_f64()
                    });
                    assert!(
                        (got - expected).abs() < 1e-5 * expected.abs().max(1.0),
                        "{p:?} argument {i} at {point:?}: {got} and {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn philox_gives_the_published_vectors() {
        assert_eq!(philox(0, 0), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert!((digamma_f64(1.0) + 0.577_215_664_901_532_9).abs() < 1e-14); // Euler's constant
        assert!((trigamma_f64(1.0) - PI * PI / 6.0).abs() < 1e-13);
        assert!((libm::erf(erfinv_f64(0.999)) - 0.999).abs() < 1e-15);
    }
}
