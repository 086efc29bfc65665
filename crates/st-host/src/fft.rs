//! Fourier transforms of lines, by [`rustfft`].

use num_complex::Complex;
use rustfft::{Fft, FftNum, FftPlanner};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The sign of the exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Minus.
    Forward,
    /// Plus.
    Inverse,
}

/// A precision that lines are transformed in.
pub trait Precision: FftNum {
    /// Remembers the plans that were made.
    fn planner() -> &'static Mutex<FftPlanner<Self>>;
}

macro_rules! precisions {
    ($($real:ident)*) => {$(
        impl Precision for $real {
            fn planner() -> &'static Mutex<FftPlanner<$real>> {
                static PLANNER: LazyLock<Mutex<FftPlanner<$real>>> =
                    LazyLock::new(|| Mutex::new(FftPlanner::new()));
                &PLANNER
            }
        }
    )*};
}
precisions! { f32 f64 }

/// How lines of one length are transformed.
pub struct Plan<R: Precision>(Arc<dyn Fft<R>>);

impl<R: Precision> Plan<R> {
    /// The plan for lines of `n` elements, `n` not 0.
    pub fn new(n: usize, direction: Direction) -> Plan<R> {
        let mut planner = R::planner().lock().unwrap_or_else(PoisonError::into_inner);
        Plan(match direction {
            Direction::Forward => planner.plan_fft_forward(n),
            Direction::Inverse => planner.plan_fft_inverse(n),
        })
    }

    /// Transforms lines that follow one another, in place, and multiplies by `scale`.
    pub fn complex(&self, lines: &mut [Complex<R>], scale: R) {
        self.0.process(lines);
        if scale != R::one() {
            lines.iter_mut().for_each(|x| *x = *x * scale);
        }
    }

    /// The first half, middle included, of the transform of a real line.
    pub fn real_to_half(&self, line: &[R], half: &mut [Complex<R>], scale: R) {
        let mut whole: Vec<_> = line.iter().map(|&x| Complex::new(x, R::zero())).collect();
        self.complex(&mut whole, scale);
        half.copy_from_slice(&whole[..half.len()]);
    }

    /// The transform, which is real, of a line that is its own mirrored conjugate and of which the first half is given.
    pub fn half_to_real(&self, half: &[Complex<R>], line: &mut [R], scale: R) {
        let n = line.len();
        let mut whole: Vec<_> =
            (0..n).map(|k| if k <= n / 2 { half[k] } else { half[n - k].conj() }).collect();
        whole[0].im = R::zero();
        if n % 2 == 0 {
            whole[n / 2].im = R::zero();
        }
        self.complex(&mut whole, scale);
        line.iter_mut().zip(whole).for_each(|(to, x)| *to = x.re);
    }
}
