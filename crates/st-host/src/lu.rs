//! LU factorisation with row pivoting, and solving with it.

use crate::field::{Field, subtract, swap_rows, two_rows};
use crate::product::{Part, copy, subtract_product};
use crate::triangular::{Triangle, solve_triangular};
use st_backend_cpu::math::Fma;
use st_backend_cpu::simd::{Loops, vectorised};
use std::ops::Range;

/// Columns and rows that are worked on one by one; more are halved, so that most of the work is in products.
const FEW: usize = 16;

/// Factors the `m` by `n` matrix in place: U above, L without its unit diagonal below. `pivots[k]` is the row, counted
/// from 1, that row k was swapped with. Gives 0, or the number (from 1) of the first zero on U's diagonal.
pub fn lu<T: Field>(m: usize, n: usize, a: &mut [T], pivots: &mut [i32]) -> i32 {
    let size = m.min(n);
    let singular = factor((m, n), a, pivots, 0..size);
    rows_of_u(a, n, 0..size, size..n);
    singular
}

/// Factors some columns from the diagonal on, those to the left of them being done.
fn factor<T: Field>((m, n): (usize, usize), a: &mut [T], pivots: &mut [i32], cols: Range<usize>) -> i32 {
    if cols.len() <= FEW {
        let mut singular = 0;
        vectorised(Columns { m, n, a, pivots, cols, singular: &mut singular });
        return singular;
    }
    let middle = cols.start + cols.len() / 2;
    let (left, right) = (cols.start..middle, middle..cols.end);
    let first = factor((m, n), a, pivots, left.clone());
    rows_of_u(a, n, left.clone(), right.clone());
    eliminate(a, n, middle..m, right.clone(), left);
    let second = factor((m, n), a, pivots, right);
    if first == 0 { second } else { first }
}

/// A few columns, each of which is taken out of those after it.
struct Columns<'a, T> {
    m: usize,
    n: usize,
    a: &'a mut [T],
    pivots: &'a mut [i32],
    cols: Range<usize>,
    singular: &'a mut i32,
}

impl<T: Field> Loops for Columns<'_, T> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        let Columns { m, n, a, pivots, cols, singular } = self;
        for k in cols.clone() {
            let found = largest_from(m, n, a, k);
            pivots[k] = found as i32 + 1;
            swap_rows(a, n, k, found);
            if a[k * n + k] == T::ZERO {
                *singular = if *singular == 0 { k as i32 + 1 } else { *singular };
                continue;
            }
            for i in k + 1..m {
                let (top, row) = two_rows(a, n, k, i);
                row[k] = row[k] / top[k];
                let factor = row[k];
                subtract(&mut row[k + 1..cols.end], factor, &top[k + 1..cols.end]);
            }
        }
    }
}

/// The row of column `k` with the largest element, from row `k` on. A NaN is not larger than anything.
#[inline(always)]
fn largest_from<T: Field>(m: usize, n: usize, a: &[T], k: usize) -> usize {
    let mut best = k;
    let mut most = a[k * n + k].size();
    for i in k + 1..m {
        let size = a[i * n + k].size();
        if size > most {
            (best, most) = (i, size);
        }
    }
    best
}

/// Makes rows of U of some columns, where what is left of them in these rows is L already.
fn rows_of_u<T: Field>(a: &mut [T], n: usize, rows: Range<usize>, cols: Range<usize>) {
    if rows.len() <= FEW || cols.is_empty() {
        return vectorised(RowsOfU { a, n, rows, cols });
    }
    let middle = rows.start + rows.len() / 2;
    rows_of_u(a, n, rows.start..middle, cols.clone());
    eliminate(a, n, middle..rows.end, cols.clone(), rows.start..middle);
    rows_of_u(a, n, middle..rows.end, cols);
}

/// A few rows, each of which is taken out of those after it.
struct RowsOfU<'a, T> {
    a: &'a mut [T],
    n: usize,
    rows: Range<usize>,
    cols: Range<usize>,
}

impl<T: Field> Loops for RowsOfU<'_, T> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        let RowsOfU { a, n, rows, cols } = self;
        for i in rows.clone() {
            let (above, below) = a.split_at_mut(i * n);
            let (factors, rest) = below[..n].split_at_mut(cols.start);
            for k in rows.start..i {
                subtract(&mut rest[..cols.len()], factors[k], &above[k * n..][cols.clone()]);
            }
        }
    }
}

/// Subtracts from some columns of some rows what earlier rows, times the factors in these rows, take out of them.
fn eliminate<T: Field>(a: &mut [T], n: usize, rows: Range<usize>, cols: Range<usize>, earlier: Range<usize>) {
    if rows.is_empty() || cols.is_empty() {
        return;
    }
    let shape = (rows.len(), cols.len(), earlier.len());
    let factors = copy(a, n, rows.clone(), earlier.clone());
    let (above, below) = a.split_at_mut(rows.start * n);
    let above = Part::new(&above[earlier.start * n + cols.start..], n);
    subtract_product(&mut below[cols.start..], n, shape, Part::new(&factors, earlier.len()), above);
}

/// Solves with the factors of an `n` by `n` matrix A: `A x = b`, or `A^T x = b` or `A^H x = b`, in place for `k` columns.
pub fn lu_solve<T: Field>(n: usize, k: usize, factors: &[T], pivots: &[i32], b: &mut [T], side: Triangle) {
    let (lower, upper) =
        (Triangle { upper: false, unit: true, ..side }, Triangle { upper: true, unit: false, ..side });
    let partner = |i: usize| (pivots[i].max(1) as usize - 1).min(n - 1);
    if side.transposed {
        solve_triangular(n, k, factors, b, upper);
        solve_triangular(n, k, factors, b, lower);
        (0..n).rev().for_each(|i| swap_rows(b, k, i, partner(i)));
    } else {
        (0..n).for_each(|i| swap_rows(b, k, i, partner(i)));
        solve_triangular(n, k, factors, b, lower);
        solve_triangular(n, k, factors, b, upper);
    }
}
