//! Gradients of functions of one complex number, written with their derivatives.
//!
//! What is derived from a formula has jumps on the axes where the formula takes magnitudes and signs of the parts; the
//! derivative of a holomorphic function has none.

use super::Complex;
use super::dispatch::complex;
use crate::autograd::{Call, Formula, Gradients, Keeps, Rule};
use crate::ops::Value;
use smallvec::smallvec;
use st_kernel::Result;
use std::f64::consts::{LN_2, LN_10};

/// A derivative, or one over it: torch divides where a pole is to give infinity.
enum Slope {
    Times(Complex),
    Over(Complex),
}
use Slope::{Over, Times};

/// What the derivative is a function of.
#[derive(Clone, Copy)]
enum Of {
    Number,
    Image,
}
use Of::{Image, Number};

type OfOne = fn(&Complex) -> Result<Slope>;

/// A function's derivative.
#[derive(Clone, Copy)]
pub(super) struct Derivative {
    of: Of,
    slope: OfOne,
}

const DERIVATIVES: &[(&str, Of, OfOne)] = &[
    ("acos", Number, |z| negative(&root_over(&square_from_one(z)?)?).map(Times)),
    ("acosh", Number, |z| {
        let (below, above) = (root_over(&plus(z, -1)?)?, root_over(&plus(z, 1)?)?);
        below.mul(&above).map(Times)
    }),
    ("asin", Number, |z| root_over(&square_from_one(z)?).map(Times)),
    ("asinh", Number, |z| root_over(&plus(&z.mul(z)?, 1)?).map(Times)),
    ("atan", Number, |z| plus(&z.mul(z)?, 1).map(Over)),
    ("atanh", Number, |z| square_from_one(z).map(Over)),
    ("log", Number, |z| Ok(Over(z.clone()))),
    ("log10", Number, |z| times(z, LN_10).map(Over)),
    ("log1p", Number, |z| plus(z, 1).map(Over)),
    ("log2", Number, |z| times(z, LN_2).map(Over)),
    ("rsqrt", Image, |y| times(&y.mul(y)?.mul(y)?, -0.5).map(Times)),
    ("sqrt", Image, |y| times(y, 2.0).map(Over)),
];

fn times(z: &Complex, factor: f64) -> Result<Complex> {
    complex("mul", vec![Value::Complex(z.clone()), Value::Scalar(factor.into())])
}

fn plus(z: &Complex, number: i64) -> Result<Complex> {
    let one = Value::Scalar(1.into());
    complex("add", vec![Value::Complex(z.clone()), Value::Scalar(number.into()), one])
}

fn negative(z: &Complex) -> Result<Complex> {
    complex("neg", vec![Value::Complex(z.clone())])
}

fn root_over(z: &Complex) -> Result<Complex> {
    complex("rsqrt", vec![Value::Complex(z.clone())])
}

fn square_from_one(z: &Complex) -> Result<Complex> {
    plus(&negative(&z.mul(z)?)?, 1)
}

/// The derivative of the function of this name, if its gradient is made of it.
pub(super) fn find(name: &str) -> Option<Derivative> {
    let row = DERIVATIVES.iter().find(|(row, ..)| *row == name);
    row.map(|&(_, of, slope)| Derivative { of, slope })
}

impl Derivative {
    /// The rule of the function's node.
    pub(super) fn rule(self, name: &'static str) -> Rule {
        let keeps = match self.of {
            Number => Keeps { inputs: 1, outputs: 0 },
            Image => Keeps { inputs: 0, outputs: 1 },
        };
        let gradient = move |call: &Call| self.gradient(call);
        Rule::Formula(Box::new(Formula { name, keeps, gradient: Box::new(gradient) }))
    }

    fn gradient(self, call: &Call) -> Result<Gradients> {
        let Some(upstream) = &call.upstream[0] else { return Ok(smallvec![None]) };
        let kept = match self.of {
            Number => call.input(0),
            Image => call.output(0),
        };
        let upstream = Complex::of_pairs(upstream.clone());
        let gradient = match (self.slope)(&Complex::of_pairs(kept.clone()))? {
            Times(slope) => upstream.mul(&slope.conj()?)?,
            Over(slope) => upstream.div(&slope.conj()?)?,
        };
        Ok(smallvec![Some(gradient.pairs().clone())])
    }
}
