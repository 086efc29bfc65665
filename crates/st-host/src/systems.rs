//! Systems of equations.

use crate::field::Field;
use crate::lu::{lu, lu_solve};
use crate::triangular::Triangle;

/// Solves `A x = b` in place for the `k` columns of b. Gives 0, or the number (from 1) of the first zero on the diagonal
/// of A's factor U.
pub fn solve<T: Field>(n: usize, k: usize, a: &[T], b: &mut [T]) -> i32 {
    let (mut factors, mut pivots) = (a.to_vec(), vec![0; n]);
    let info = lu(n, n, &mut factors, &mut pivots);
    lu_solve(n, k, &factors, &pivots, b, Triangle::default());
    info
}
