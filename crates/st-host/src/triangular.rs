//! Solving with a triangle of a matrix.

use crate::field::{Field, subtract, two_rows};

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
    let at = |i: usize, j: usize| {
        let value = if triangle.transposed { a[j * n + i] } else { a[i * n + j] };
        if triangle.conjugated { value.conj() } else { value }
    };
    // Transposing turns an upper triangle into a lower one.
    let backwards = triangle.upper != triangle.transposed;
    for step in 0..n {
        let i = if backwards { n - 1 - step } else { step };
        let known = if backwards { i + 1..n } else { 0..i };
        for j in known {
            let factor = at(i, j);
            let (x, row) = if j < i {
                let (x, row) = two_rows(b, k, j, i);
                (x, row)
            } else {
                let (row, x) = two_rows(b, k, i, j);
                (x, row)
            };
            subtract(row, factor, x);
        }
        if !triangle.unit {
            let pivot = at(i, i);
            b[i * k..(i + 1) * k].iter_mut().for_each(|x| *x = *x / pivot);
        }
    }
}
