//! Systems of equations.

use crate::field::Field;
use crate::lu::{lu, lu_solve};
use crate::triangular::Triangle;
use faer::Mat;
use faer::linalg::solvers::SolveCore;
use num_traits::Zero;

/// Matrices from this size on are solved by [`faer`]'s blocked algorithms, in double precision.
const LARGE: usize = 64;

/// Solves `A x = b` in place for the `k` columns of b. Gives 0, or the number (from 1) of the first zero on the diagonal
/// of A's factor U.
pub fn solve<T: Field>(n: usize, k: usize, a: &[T], b: &mut [T]) -> i32 {
    if n >= LARGE {
        return solve_large(n, k, a, b);
    }
    let (mut factors, mut pivots) = (a.to_vec(), vec![0; n]);
    let info = lu(n, n, &mut factors, &mut pivots);
    lu_solve(n, k, &factors, &pivots, b, Triangle::default());
    info
}

fn solve_large<T: Field>(n: usize, k: usize, a: &[T], b: &mut [T]) -> i32 {
    let factors = Mat::from_fn(n, n, |i, j| a[i * n + j].widen()).partial_piv_lu();
    let mut x = Mat::from_fn(n, k, |i, j| b[i * k + j].widen());
    factors.solve_in_place_with_conj(faer::Conj::No, x.as_mut());
    for i in 0..n {
        for j in 0..k {
            b[i * k + j] = T::narrow(x[(i, j)]);
        }
    }
    let u = factors.U();
    (0..n).find(|&i| u[(i, i)].modulus().is_zero()).map_or(0, |i| i as i32 + 1)
}
