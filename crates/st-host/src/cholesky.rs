//! Cholesky factorisation.

use crate::field::Field;
use crate::product::{Part, copy, subtract_product};
use crate::triangular::{Triangle, solve_corner};
use num_traits::{Float, Zero};
use st_backend_cpu::math::Fma;
use st_backend_cpu::simd::{Loops, vectorised};
use std::ops::Range;

/// Columns that are factored row by row; more are halved, so that most of the work is in products.
const FEW: usize = 16;
/// Columns of what is left that are updated at a time, from the diagonal on.
const STRIP: usize = 128;

/// Factors a Hermitian positive-definite `n` by `n` matrix, of which only the lower triangle is read, in place into L with
/// zeros above. Gives 0, or the order of the first leading minor that is not positive.
pub fn cholesky<T: Field>(n: usize, a: &mut [T]) -> i32 {
    let failed = factor(n, a, 0..n);
    for i in 0..n {
        a[i * n + i + 1..(i + 1) * n].fill(T::ZERO);
    }
    failed
}

/// Factors a square on the diagonal, from which what is left of it is subtracted already.
fn factor<T: Field>(n: usize, a: &mut [T], square: Range<usize>) -> i32 {
    if square.len() <= FEW {
        let mut failed = 0;
        vectorised(RowByRow { n, a, square, failed: &mut failed });
        return failed;
    }
    let middle = square.start + square.len() / 2;
    let (left, rest) = (square.start..middle, middle..square.end);
    let failed = factor(n, a, left.clone());
    if failed != 0 {
        return failed;
    }
    rows_below(n, a, rest.clone(), left.clone());
    for start in rest.clone().step_by(STRIP) {
        let strip = start..(start + STRIP).min(rest.end);
        eliminate(n, a, start..rest.end, strip, left.clone());
    }
    factor(n, a, rest)
}

/// Makes the rows of L below a factored square: what stands there, divided by its adjoint.
fn rows_below<T: Field>(n: usize, a: &mut [T], rows: Range<usize>, square: Range<usize>) {
    if square.len() <= FEW {
        return divide_few(n, a, rows, square);
    }
    let middle = square.start + square.len() / 2;
    rows_below(n, a, rows.clone(), square.start..middle);
    eliminate(n, a, rows.clone(), middle..square.end, square.start..middle);
    rows_below(n, a, rows, middle..square.end);
}

/// Subtracts from some columns of some rows the products of what both have of L in earlier columns.
fn eliminate<T: Field>(n: usize, a: &mut [T], rows: Range<usize>, cols: Range<usize>, earlier: Range<usize>) {
    let shape = (rows.len(), cols.len(), earlier.len());
    let ours = copy(a, n, rows.clone(), earlier.clone());
    let theirs = copy(a, n, cols.clone(), earlier.clone());
    let theirs = Part::new(&theirs, earlier.len()).transposed().conjugated(true);
    let c = &mut a[rows.start * n + cols.start..];
    subtract_product(c, n, shape, Part::new(&ours, earlier.len()), theirs);
}

/// The same for a few columns: turned over, the many rows are long lines.
fn divide_few<T: Field>(n: usize, a: &mut [T], rows: Range<usize>, square: Range<usize>) {
    let (m, k) = (rows.len(), square.len());
    if m == 0 {
        return;
    }
    let mut turned = vec![T::ZERO; k * m];
    for (i, row) in a[rows.start * n..].chunks(n).take(m).enumerate() {
        for (j, &x) in row[square.clone()].iter().enumerate() {
            turned[j * m + i] = x;
        }
    }
    let triangle = Triangle { conjugated: true, ..Triangle::default() };
    solve_corner(k, n, &a[square.start * n + square.start..], m, &mut turned, triangle);
    for (i, row) in a[rows.start * n..].chunks_mut(n).take(m).enumerate() {
        for (j, x) in row[square.clone()].iter_mut().enumerate() {
            *x = turned[j * m + i];
        }
    }
}

struct RowByRow<'a, T> {
    n: usize,
    a: &'a mut [T],
    square: Range<usize>,
    failed: &'a mut i32,
}

impl<T: Field> Loops for RowByRow<'_, T> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        let RowByRow { n, a, square, failed } = self;
        for i in square.clone() {
            divide_row(n, a, i, square.start..i);
            let row = &a[i * n..(i + 1) * n];
            let known = &row[square.start..i];
            let pivot = row[i].re() - inner(known, known).re();
            // A NaN is not positive either.
            if pivot <= T::Real::zero() || pivot.is_nan() {
                a[i * n + i] = T::of(pivot);
                *failed = i as i32 + 1;
                return;
            }
            a[i * n + i] = T::of(pivot.sqrt());
        }
    }
}

/// Divides some columns of row `i` by the adjoint of the triangle in the rows above that have the columns' numbers.
#[inline(always)]
fn divide_row<T: Field>(n: usize, a: &mut [T], i: usize, cols: Range<usize>) {
    let (above, row) = a.split_at_mut(i * n);
    for j in cols.clone() {
        let other = &above[j * n..(j + 1) * n];
        let known = inner(&row[cols.start..j], &other[cols.start..j]);
        row[j] = (row[j] - known) / other[j];
    }
}

/// The sum of products of one with the conjugates of the other.
#[inline(always)]
fn inner<T: Field>(x: &[T], y: &[T]) -> T {
    // Four sums side by side: one alone waits for itself.
    let mut sums = [T::ZERO; 4];
    let (xs, ys) = (x.chunks_exact(4), y.chunks_exact(4));
    for (x, y) in xs.remainder().iter().zip(ys.remainder()) {
        sums[0] += *x * y.conj();
    }
    for (x, y) in xs.zip(ys) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane].conj();
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}
