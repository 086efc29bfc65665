//! The loops between the products, compiled for each family of instructions. A lane is a query.

#![expect(clippy::needless_range_loop, reason = "lanes of several arrays are indexed by one constant range")]

use super::Real;
use super::scores::{FEW_LANES, LANES, LD};
use crate::math::Fma;
use crate::simd::Loops;

/// Reads a group of lanes.
///
/// # Safety
/// As many numbers are readable there.
#[inline(always)]
unsafe fn load<A: Real, const LANES: usize>(from: *const A) -> [A; LANES] {
    // SAFETY: the caller's promise.
    unsafe { from.cast::<[A; LANES]>().read() }
}

/// Scores times `scale` plus `extra`, in place.
pub(super) struct Constrain<A> {
    pub(super) scores: *mut A,
    pub(super) extra: *const A,
    pub(super) keys: usize,
    pub(super) queries: usize,
    pub(super) scale: A,
}

impl<A: Real> Loops for Constrain<A> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        for first in (0..self.queries).step_by(LANES) {
            for at in (0..self.keys).map(|key| key * LD + first) {
                // SAFETY: inside the blocks.
                unsafe {
                    let (mut x, extra): ([A; LANES], [A; LANES]) =
                        (load(self.scores.add(at)), load(self.extra.add(at)));
                    for i in 0..LANES {
                        x[i] = x[i] * self.scale + extra[i];
                    }
                    self.scores.add(at).cast::<[A; LANES]>().write(x);
                }
            }
        }
    }
}

/// What is known of each query after some blocks of keys.
pub(super) struct State<A> {
    /// The largest score.
    pub(super) most: [A; LD],
    /// The sum of exponentials of scores less the largest.
    pub(super) sum: [A; LD],
    /// What the last block has made of older exponentials: a factor.
    pub(super) change: [A; LD],
}

impl<A: Real> State<A> {
    pub(super) fn new() -> State<A> {
        State { most: [A::LOWEST; LD], sum: [A::default(); LD], change: [A::default(); LD] }
    }
}

/// Takes a block of scores into the state and leaves exponentials in its place.
pub(super) struct Exponentials<'a, A> {
    pub(super) scores: *mut A,
    pub(super) keys: usize,
    pub(super) queries: usize,
    pub(super) scale: A,
    pub(super) state: &'a mut State<A>,
}

impl<A: Real> Loops for Exponentials<'_, A> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        if self.queries <= FEW_LANES { self.by::<F, FEW_LANES>() } else { self.by::<F, LANES>() }
    }
}

impl<A: Real> Exponentials<'_, A> {
    #[inline(always)]
    fn by<F: Fma, const LANES: usize>(self) {
        for first in (0..self.queries).step_by(LANES) {
            let row = |key: usize| self.scores.wrapping_add(key * LD + first);
            let mut most = [A::LOWEST; LANES];
            for key in 0..self.keys {
                // SAFETY: inside the block.
                let scores: [A; LANES] = unsafe { load(row(key)) };
                for i in 0..LANES {
                    let x = scores[i] * self.scale;
                    most[i] = if x > most[i] { x } else { most[i] };
                }
            }
            let mut shift = [A::default(); LANES];
            for i in 0..LANES {
                let old = self.state.most[first + i];
                let new = if most[i] > old { most[i] } else { old };
                // A query that has seen no key yet has only exponentials of minus infinity.
                shift[i] = if new == A::LOWEST { A::default() } else { new };
                self.state.most[first + i] = new;
                self.state.change[first + i] = A::exp_negative::<F>(old - shift[i]);
            }
            let mut sum = [A::default(); LANES];
            for key in 0..self.keys {
                // SAFETY: inside the block.
                let mut scores: [A; LANES] = unsafe { load(row(key)) };
                for i in 0..LANES {
                    scores[i] = A::exp_negative::<F>(scores[i] * self.scale - shift[i]);
                    sum[i] = sum[i] + scores[i];
                }
                // SAFETY: as above.
                unsafe { row(key).cast::<[A; LANES]>().write(scores) };
            }
            for i in 0..LANES {
                let older = self.state.sum[first + i] * self.state.change[first + i];
                self.state.sum[first + i] = older + sum[i];
            }
        }
    }
}

/// Leaves exponentials of a row of scores, a whole number of lanes, less the largest: which that is, and their sum.
pub(super) struct Shares<'a, A> {
    pub(super) scores: &'a mut [A],
    /// So many of the scores are those of keys.
    pub(super) keys: usize,
    pub(super) scale: A,
    pub(super) state: &'a mut (A, A),
}

impl<A: Real> Loops for Shares<'_, A> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        self.scores.iter_mut().for_each(|x| *x = *x * self.scale);
        self.scores[self.keys..].fill(A::LOWEST);
        let (mut most, mut sum) = ([A::LOWEST; LANES], [A::default(); LANES]);
        let (scores, _) = self.scores.as_chunks_mut::<LANES>();
        for scores in &*scores {
            for i in 0..LANES {
                most[i] = if scores[i] > most[i] { scores[i] } else { most[i] };
            }
        }
        let most = joined(most, |x, y| if y > x { y } else { x });
        let shift = if most == A::LOWEST { A::default() } else { most };
        for scores in scores {
            for i in 0..LANES {
                scores[i] = A::exp_negative::<F>(scores[i] - shift);
                sum[i] = sum[i] + scores[i];
            }
        }
        *self.state = (most, joined(sum, |x, y| x + y));
    }
}

/// What lanes give together.
#[inline(always)]
fn joined<A: Copy>(mut lanes: [A; LANES], join: impl Fn(A, A) -> A) -> A {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = join(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// From scores to probabilities, and from the gradients of probabilities to those of unscaled scores, in place.
pub(super) struct Gradients<'a, A> {
    pub(super) scores: *mut A,
    pub(super) grads: *mut A,
    pub(super) keys: usize,
    pub(super) queries: usize,
    /// What the scores are still to be multiplied by.
    pub(super) pending: A,
    pub(super) scale: A,
    /// For each query, the logarithm of its sum of exponentials.
    pub(super) logs: &'a [A; LD],
    /// For each query, the product of its result with the result's gradient.
    pub(super) dots: &'a [A; LD],
}

impl<A: Real> Loops for Gradients<'_, A> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        if self.queries <= FEW_LANES { self.by::<F, FEW_LANES>() } else { self.by::<F, LANES>() }
    }
}

impl<A: Real> Gradients<'_, A> {
    #[inline(always)]
    fn by<F: Fma, const LANES: usize>(self) {
        for first in (0..self.queries).step_by(LANES) {
            let (mut shift, mut dots) = ([A::default(); LANES], [A::default(); LANES]);
            for i in 0..LANES {
                let log = self.logs[first + i];
                // A query without keys: all of its probabilities are 0.
                shift[i] = if log == A::LOWEST { A::default() } else { log };
                dots[i] = self.dots[first + i];
            }
            for key in 0..self.keys {
                let at = key * LD + first;
                // SAFETY: inside the blocks.
                unsafe {
                    let (mut p, mut g): ([A; LANES], [A; LANES]) =
                        (load(self.scores.add(at)), load(self.grads.add(at)));
                    for i in 0..LANES {
                        p[i] = A::exp_negative::<F>(p[i] * self.pending - shift[i]);
                        g[i] = p[i] * (g[i] - dots[i]) * self.scale;
                    }
                    self.scores.add(at).cast::<[A; LANES]>().write(p);
                    self.grads.add(at).cast::<[A; LANES]>().write(g);
                }
            }
        }
    }
}

/// `total * factor + part`, row by row.
pub(super) struct Blend<'a, A> {
    pub(super) total: &'a mut [A],
    pub(super) part: &'a [A],
    pub(super) cols: usize,
    pub(super) factors: &'a [A],
}

impl<A: Real> Loops for Blend<'_, A> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        let rows = self.total.chunks_exact_mut(self.cols).zip(self.part.chunks_exact(self.cols));
        for ((total, part), &factor) in rows.zip(self.factors) {
            for i in 0..self.cols.min(part.len()) {
                total[i] = total[i] * factor + part[i];
            }
        }
    }
}

/// `total + part`.
pub(super) struct Sum<'a, A> {
    pub(super) total: &'a mut [A],
    pub(super) part: &'a [A],
}

impl<A: Real> Loops for Sum<'_, A> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        for i in 0..self.total.len().min(self.part.len()) {
            self.total[i] = self.total[i] + self.part[i];
        }
    }
}

/// Products of rows with rows.
pub(super) struct Dots<'a, A> {
    pub(super) rows: [&'a [A]; 2],
    pub(super) cols: usize,
    pub(super) dots: &'a mut [A],
}

impl<A: Real> Loops for Dots<'_, A> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        let [left, right] = self.rows;
        for (row, dot) in self.dots.iter_mut().enumerate() {
            let row = row * self.cols..(row + 1) * self.cols;
            let (left, right) = (&left[row.clone()], &right[row]);
            let mut sums = [A::default(); LANES];
            let whole = self.cols / LANES * LANES;
            for first in (0..whole).step_by(LANES) {
                for i in 0..LANES {
                    sums[i] = sums[i] + left[first + i] * right[first + i];
                }
            }
            for i in whole..self.cols {
                sums[i - whole] = sums[i - whole] + left[i] * right[i];
            }
            *dot = joined(sums, |x, y| x + y);
        }
    }
}
