//! Nests of loops over strided operands: brought into a simpler form, and walked.

use st_kernel::{Access, Strides};
use std::ops::Range;

/// One loop: how often it runs and how far each operand steps, in elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dim {
    pub(crate) size: usize,
    pub(crate) steps: Strides,
}

/// Loops, the outermost first. Loops that run once are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Nest(pub(crate) Vec<Dim>);

impl Nest {
    /// The loops over `dims` in which the operands step by their accesses' strides.
    pub(crate) fn new(dims: &[usize], operands: &[&Access]) -> Nest {
        let dim = |(i, &size)| Dim { size, steps: operands.iter().map(|access| access.strides[i]).collect() };
        Nest(dims.iter().enumerate().filter(|(_, size)| **size != 1).map(dim).collect())
    }

    /// How many points the innermost body sees.
    pub(crate) fn points(&self) -> usize {
        self.0.iter().map(|dim| dim.size).product()
    }

    /// Puts loops in which `operand` steps far outside; allowed where the order of the points does not matter.
    pub(crate) fn sort_by_step(mut self, operand: usize) -> Nest {
        self.0.sort_by_key(|dim| std::cmp::Reverse(dim.steps[operand].unsigned_abs()));
        self
    }

    /// Makes one loop of neighbours that all operands walk as if they were one.
    pub(crate) fn merged(self) -> Nest {
        let mut merged: Vec<Dim> = Vec::with_capacity(self.0.len());
        for dim in self.0 {
            match merged.last_mut() {
                Some(outer) if continues(outer, &dim) => {
                    outer.size *= dim.size;
                    outer.steps = dim.steps;
                }
                _ => merged.push(dim),
            }
        }
        Nest(merged)
    }

    /// How far each of `operands` has stepped at a point, counted in row-major order.
    pub(crate) fn at(&self, mut point: usize, operands: usize) -> Strides {
        let mut at = Strides::from_elem(0, operands);
        for dim in self.0.iter().rev() {
            let i = (point % dim.size) as isize;
            point /= dim.size;
            at.iter_mut().zip(&dim.steps).for_each(|(at, step)| *at += i * step);
        }
        at
    }

    /// Calls `f` with how far each of `operands` has stepped, at each of a range of points in row-major order.
    pub(crate) fn walk(&self, points: Range<usize>, operands: usize, mut f: impl FnMut(&[isize])) {
        if points.is_empty() {
            return;
        }
        let mut at = self.at(points.start, operands);
        let mut counters: Vec<usize> = vec![0; self.0.len()];
        let mut point = points.start;
        for (counter, dim) in counters.iter_mut().zip(&self.0).rev() {
            *counter = point % dim.size;
            point /= dim.size;
        }
        for _ in points.start + 1..points.end {
            f(&at);
            for (counter, dim) in counters.iter_mut().zip(&self.0).rev() {
                *counter += 1;
                if *counter < dim.size {
                    at.iter_mut().zip(&dim.steps).for_each(|(at, step)| *at += step);
                    break;
                }
                *counter = 0;
                let back = dim.size as isize - 1;
                at.iter_mut().zip(&dim.steps).for_each(|(at, step)| *at -= back * step);
            }
        }
        f(&at);
    }
}

/// Whether one step of `outer` is as far as all of `inner`, for every operand.
fn continues(outer: &Dim, inner: &Dim) -> bool {
    outer.steps.iter().zip(&inner.steps).all(|(o, i)| *o == i * inner.size as isize)
}

/// Splits `0..total` into chunks for the pool: enough to keep `threads` busy, none smaller than `least` but the last.
pub(crate) fn chunk_size(total: usize, threads: usize, least: usize) -> usize {
    if threads == 1 { total.max(1) } else { total.div_ceil(4 * threads).max(least).max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(strides: &[isize]) -> Access {
        Access { buffer: 0, offset: 0, strides: strides.into(), gather: vec![] }
    }

    fn visited(nest: &Nest, points: Range<usize>) -> Vec<Vec<isize>> {
        let mut seen = Vec::new();
        nest.walk(points, 2, |at| seen.push(at.to_vec()));
        seen
    }

    #[test]
    fn walking_visits_what_indexing_computes() {
        let (a, b) = (access(&[20, 5, 1, 7]), access(&[0, -3, 9, 2]));
        let nest = Nest::new(&[3, 4, 1, 5], &[&a, &b]);
        let expected: Vec<Vec<isize>> = (0..60).map(|i| nest.at(i, 2).to_vec()).collect();
        assert_eq!(visited(&nest, 0..60), expected);
        assert_eq!(visited(&nest, 17..44), expected[17..44]);
        assert_eq!(visited(&nest, 9..9).len(), 0);
        assert_eq!(expected[59], [2 * 20 + 3 * 5 + 4 * 7, -9 + 8]);
    }

    #[test]
    fn merging_keeps_the_points() {
        let (a, b) = (access(&[60, 20, 5, 1]), access(&[20, 0, 5, 1]));
        let nest = Nest::new(&[2, 3, 4, 5], &[&a, &b]);
        let merged = nest.clone().merged();
        assert_eq!(merged.0.len(), 3);
        assert_eq!(visited(&nest, 0..120), visited(&merged, 0..120));
        assert_eq!(Nest::new(&[1, 1], &[&access(&[1, 1])]).points(), 1);
    }
}
