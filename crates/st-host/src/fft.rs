//! Fourier transforms of lines, by [`rustfft`].

use num_complex::Complex;
use rustfft::{Fft, FftNum, FftPlanner};
use std::sync::Arc;

/// The sign of the exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Minus.
    Forward,
    /// Plus.
    Inverse,
}

/// How lines of one length are transformed.
pub struct Plan<R: FftNum>(Arc<dyn Fft<R>>);

impl<R: FftNum> Plan<R> {
    /// The plan for lines of `n` elements, `n` not 0.
    pub fn new(n: usize, direction: Direction) -> Plan<R> {
        let mut planner = FftPlanner::new();
        Plan(match direction {
            Direction::Forward => planner.plan_fft_forward(n),
            Direction::Inverse => planner.plan_fft_inverse(n),
        })
    }

    /// Transforms lines that follow one another, in place, and multiplies by `scale`.
    pub fn run(&self, lines: &mut [Complex<R>], scale: R) {
        self.0.process(lines);
        if scale != R::one() {
            lines.iter_mut().for_each(|x| *x = *x * scale);
        }
    }
}
