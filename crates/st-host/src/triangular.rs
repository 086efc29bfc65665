//! Solving with a triangle of a matrix.

use crate::field::{Field, subtract, two_rows};
use crate::product::{Part, subtract_product};
use st_backend_cpu::math::Fma;
use st_backend_cpu::simd::{Loops, vectorised};
use std::ops::Range;

/// Rows that are solved one by one; more are halved, so that most of the work is in products.
const FEW: usize = 16;

/// Which triangle of a matrix is meant, and how it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Triangle {
    /// What is on and above the diagonal, rather than on and below.
    pub upper: bool,
    /// The diagonal is all ones, whatever is there.
    pub unit: bool,
    /// The transpose of the triangle.
    pub transposed: bool,
    /// Its complex conjugate.
    pub conjugated: bool,
}

/// Solves `A x = b` in place for the `k` columns of b, where A is a triangle of an `n` by `n` matrix.
pub fn solve_triangular<T: Field>(n: usize, k: usize, a: &[T], b: &mut [T], triangle: Triangle) {
    if k > 0 {
        solve_corner(n, n, a, k, b, triangle);
    }
}

/// The same where the triangle, of `size` rows, is the corner of a matrix whose rows are `n` apart.
pub(crate) fn solve_corner<T: Field>(
    size: usize,
    n: usize,
    a: &[T],
    k: usize,
    b: &mut [T],
    triangle: Triangle,
) {
    Solve { n, k, a, triangle }.rows(b, 0..size);
}

struct Solve<'a, T> {
    n: usize,
    k: usize,
    a: &'a [T],
    triangle: Triangle,
}

impl<T: Field> Solve<'_, T> {
    /// Transposing turns an upper triangle into a lower one.
    fn backwards(&self) -> bool {
        self.triangle.upper != self.triangle.transposed
    }

    /// Solves some rows, from which those known before are subtracted already.
    fn rows(&self, b: &mut [T], rows: Range<usize>) {
        if rows.len() <= FEW {
            return vectorised(OneByOne { solve: self, b, rows });
        }
        let middle = rows.start + rows.len() / 2;
        let (upper, lower) = (rows.start..middle, middle..rows.end);
        let (first, second) = if self.backwards() { (lower, upper) } else { (upper, lower) };
        self.rows(b, first.clone());
        self.eliminate(b, &first, &second);
        self.rows(b, second);
    }

    /// Subtracts the known rows, times their factors, from others.
    fn eliminate(&self, b: &mut [T], known: &Range<usize>, rows: &Range<usize>) {
        let (n, k) = (self.n, self.k);
        let factors = match self.triangle.transposed {
            true => Part::new(&self.a[known.start * n + rows.start..], n).transposed(),
            false => Part::new(&self.a[rows.start * n + known.start..], n),
        };
        let (above, below) = b.split_at_mut(known.start.max(rows.start) * k);
        let (x, b) = match known.start < rows.start {
            true => (&above[known.start * k..], below),
            false => (&below[..], &mut above[rows.start * k..]),
        };
        let shape = (rows.len(), k, known.len());
        subtract_product(b, k, shape, factors.conjugated(self.triangle.conjugated), Part::new(x, k));
    }
}

struct OneByOne<'a, T> {
    solve: &'a Solve<'a, T>,
    b: &'a mut [T],
    rows: Range<usize>,
}

impl<T: Field> Loops for OneByOne<'_, T> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        let OneByOne { solve: &Solve { n, k, a, triangle }, b, rows } = self;
        let at = |i: usize, j: usize| {
            let value = if triangle.transposed { a[j * n + i] } else { a[i * n + j] };
            if triangle.conjugated { value.conj() } else { value }
        };
        let backwards = triangle.upper != triangle.transposed;
        for step in 0..rows.len() {
            let i = if backwards { rows.end - 1 - step } else { rows.start + step };
            let known = if backwards { i + 1..rows.end } else { rows.start..i };
            for j in known {
                let (first, second) = two_rows(b, k, i.min(j), i.max(j));
                let (x, row) = if j < i { (first, second) } else { (second, first) };
                subtract(row, at(i, j), x);
            }
            if !triangle.unit {
                let pivot = at(i, i);
                for x in &mut b[i * k..(i + 1) * k] {
                    *x = *x / pivot;
                }
            }
        }
    }
}
