//! Cholesky factorisation.

use crate::field::Field;
use num_traits::{Float, Zero};

/// Factors a Hermitian positive-definite `n` by `n` matrix, of which only the lower triangle is read, in place into L with
/// zeros above. Gives 0, or the order of the first leading minor that is not positive.
pub fn cholesky<T: Field>(n: usize, a: &mut [T]) -> i32 {
    let mut failed = 0;
    'rows: for i in 0..n {
        let (above, row) = a.split_at_mut(i * n);
        let row = &mut row[..n];
        for j in 0..i {
            let other = &above[j * n..j * n + n];
            row[j] = (row[j] - inner(&row[..j], &other[..j])) / other[j];
        }
        let squares = row[..i].iter().fold(T::Real::zero(), |sum, x| sum + (*x * x.conj()).re());
        let pivot = row[i].re() - squares;
        // A NaN is not positive either.
        if !(pivot > T::Real::zero()) {
            row[i] = T::of(pivot);
            failed = i as i32 + 1;
            break 'rows;
        }
        row[i] = T::of(pivot.sqrt());
    }
    for i in 0..n {
        a[i * n + i + 1..(i + 1) * n].fill(T::ZERO);
    }
    failed
}

/// The sum of products of one with the conjugates of the other.
fn inner<T: Field>(x: &[T], y: &[T]) -> T {
    // Four sums side by side: one alone waits for itself.
    let mut sums = [T::ZERO; 4];
    let (xs, ys) = (x.chunks_exact(4), y.chunks_exact(4));
    let rest = xs.remainder().iter().zip(ys.remainder());
    rest.for_each(|(x, y)| sums[0] += *x * y.conj());
    for (x, y) in xs.zip(ys) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane].conj();
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}
