//! Fourier transforms of lines, by [`rustfft`]; those of real lines by [`realfft`], in half the work.

use num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftNum, FftPlanner};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// The sign of the exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Minus.
    Forward,
    /// Plus.
    Inverse,
}

impl Direction {
    /// The other one.
    pub fn opposite(self) -> Direction {
        match self {
            Direction::Forward => Direction::Inverse,
            Direction::Inverse => Direction::Forward,
        }
    }
}

/// Makes plans, and remembers those it has made.
pub struct Planners<R: FftNum> {
    complex: FftPlanner<R>,
    real: RealFftPlanner<R>,
}

/// A precision that lines are transformed in.
pub trait Precision: FftNum {
    /// Its planners, while nobody else has them.
    fn planners() -> MutexGuard<'static, Planners<Self>>;
}

macro_rules! precisions {
    ($($real:ident)*) => {$(
        impl Precision for $real {
            fn planners() -> MutexGuard<'static, Planners<$real>> {
                static PLANNERS: LazyLock<Mutex<Planners<$real>>> = LazyLock::new(|| {
                    Mutex::new(Planners { complex: FftPlanner::new(), real: RealFftPlanner::new() })
                });
                PLANNERS.lock().unwrap_or_else(PoisonError::into_inner)
            }
        }
    )*};
}
precisions! { f32 f64 }

/// How complex lines of one length are transformed.
pub struct Plan<R: Precision>(Arc<dyn Fft<R>>);

impl<R: Precision> Plan<R> {
    /// The plan for lines of `n` elements, `n` not 0.
    pub fn new(n: usize, direction: Direction) -> Plan<R> {
        let mut planners = R::planners();
        Plan(match direction {
            Direction::Forward => planners.complex.plan_fft_forward(n),
            Direction::Inverse => planners.complex.plan_fft_inverse(n),
        })
    }

    /// Transforms lines that follow one another, in place, and multiplies by `scale`.
    pub fn transform(&self, lines: &mut [Complex<R>], scale: R) {
        self.0.process(lines);
        multiply(lines, scale);
    }
}

/// How real lines of one length become the first half, middle included, of their transforms.
pub struct RealPlan<R: Precision>(Arc<dyn RealToComplex<R>>);

impl<R: Precision> RealPlan<R> {
    /// The plan for lines of `n` elements, `n` not 0.
    pub fn new(n: usize) -> RealPlan<R> {
        RealPlan(R::planners().real.plan_fft_forward(n))
    }

    /// Transforms a line and multiplies by `scale`.
    pub fn transform(&self, line: &[R], half: &mut [Complex<R>], scale: R) {
        let mut line = line.to_vec();
        self.0.process(&mut line, half).expect("as long as was planned");
        multiply(half, scale);
    }
}

/// How first halves become the real lines they are (without a factor) the transforms of.
pub struct HalfPlan<R: Precision>(Arc<dyn ComplexToReal<R>>);

impl<R: Precision> HalfPlan<R> {
    /// The plan for lines of `n` elements, `n` not 0.
    pub fn new(n: usize) -> HalfPlan<R> {
        HalfPlan(R::planners().real.plan_fft_inverse(n))
    }

    /// Transforms a half back and multiplies by `scale`. What cannot be of a real line does not count.
    pub fn transform(&self, half: &[Complex<R>], line: &mut [R], scale: R) {
        let mut half = half.to_vec();
        half[0].im = R::zero();
        if line.len().is_multiple_of(2) {
            half[line.len() / 2].im = R::zero();
        }
        self.0.process(&mut half, line).expect("as long as was planned");
        line.iter_mut().for_each(|x| *x = *x * scale);
    }
}

fn multiply<R: Precision>(line: &mut [Complex<R>], scale: R) {
    if scale != R::one() {
        line.iter_mut().for_each(|x| *x = *x * scale);
    }
}
