//! LU factorisation with row pivoting, and solving with it.

use crate::field::{Field, subtract, swap_rows, two_rows};
use crate::triangular::{Triangle, solve_triangular};

/// Columns that are factored before the rest of the matrix is updated by them at once, from the cache.
const PANEL: usize = 32;

/// Factors the `m` by `n` matrix in place: U above, L without its unit diagonal below. `pivots[k]` is the row, counted
/// from 1, that row k was swapped with. Gives 0, or the number (from 1) of the first zero on U's diagonal.
pub fn lu<T: Field>(m: usize, n: usize, a: &mut [T], pivots: &mut [i32]) -> i32 {
    let mut singular = 0;
    let size = m.min(n);
    for start in (0..size).step_by(PANEL) {
        let end = (start + PANEL).min(size);
        for k in start..end {
            let found = largest_from(m, n, a, k);
            pivots[k] = found as i32 + 1;
            swap_rows(a, n, k, found);
            if a[k * n + k] == T::ZERO {
                singular = if singular == 0 { k as i32 + 1 } else { singular };
                continue;
            }
            for i in k + 1..m {
                let (top, row) = two_rows(a, n, k, i);
                row[k] = row[k] / top[k];
                let factor = row[k];
                subtract(&mut row[k + 1..end], factor, &top[k + 1..end]);
            }
        }
        // The panel's own rows become rows of U; then all below is updated by them while they are in the cache.
        for i in start + 1..m {
            let (above, below) = a.split_at_mut(i * n);
            let (factors, rest) = below[..n].split_at_mut(end);
            for k in start..end.min(i) {
                subtract(rest, factors[k], &above[k * n + end..(k + 1) * n]);
            }
        }
    }
    singular
}

/// The row of column `k` with the largest element, from row `k` on. A NaN is not larger than anything.
fn largest_from<T: Field>(m: usize, n: usize, a: &[T], k: usize) -> usize {
    let mut best = k;
    for i in k + 1..m {
        if a[i * n + k].size() > a[best * n + k].size() {
            best = i;
        }
    }
    best
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
