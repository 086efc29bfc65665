//! Factorisation of indefinite symmetric or Hermitian matrices with diagonal pivoting (Bunch and Kaufman's), lower form.
//!
//! Packed as LAPACK's `sytrf`: the block diagonal D and, below it, the multipliers. A positive pivot (from 1) is the row
//! swapped with in a step of one column; equal negative ones belong to the two columns of a step of two.

use crate::field::{Field, Real};
use num_traits::{Float, Zero};

/// Factors the lower triangle of an `n` by `n` matrix in place. Gives 0, or the number of the first zero block of D.
pub fn ldl<T: Field>(n: usize, a: &mut [T], pivots: &mut [i32], hermitian: bool) -> i32 {
    let threshold = <T::Real as num_traits::NumCast>::from(0.640_388_203_202_208_4).expect("a constant");
    let turned = |x: T| if hermitian { x.conj() } else { x };
    let (mut k, mut info) = (0, 0);
    while k < n {
        let own = if hermitian { a[k * n + k].re().abs() } else { a[k * n + k].size() };
        let (below, largest) = largest((k + 1..n).map(|i| (i, a[i * n + k].size())));
        let mut step = 1;
        let mut partner = k;
        if own.max(largest).is_zero() || own.is_nan() {
            info = if info == 0 { k as i32 + 1 } else { info };
            pivots[k] = k as i32 + 1;
            k += 1;
            continue;
        }
        if own < threshold * largest {
            let in_row = (k..below).map(|j| (j, a[below * n + j].size()));
            let (_, row) = self::largest(in_row.chain((below + 1..n).map(|i| (i, a[i * n + below].size()))));
            let other = if hermitian { a[below * n + below].re().abs() } else { a[below * n + below].size() };
            if own >= threshold * largest * (largest / row) {
                partner = k;
            } else if other >= threshold * row {
                partner = below;
            } else {
                (partner, step) = (below, 2);
            }
        }
        let at = k + step - 1;
        if partner != at {
            swap(n, a, at, partner, turned);
            if step == 2 {
                a.swap(at * n + k, partner * n + k);
            }
        }
        if step == 1 {
            eliminate_one(n, a, k, turned, hermitian);
            pivots[k] = partner as i32 + 1;
        } else {
            eliminate_two(n, a, k, turned, hermitian);
            (pivots[k], pivots[k + 1]) = (-(partner as i32 + 1), -(partner as i32 + 1));
        }
        k += step;
    }
    (0..n).for_each(|i| a[i * n + i + 1..(i + 1) * n].fill(T::ZERO));
    info
}

fn largest<R: Real>(candidates: impl Iterator<Item = (usize, R)>) -> (usize, R) {
    candidates.fold((0, R::zero()), |best, one| if one.1 > best.1 { one } else { best })
}

/// Swaps rows and columns `p < q` of the trailing symmetric matrix, of which the lower triangle is stored.
fn swap<T: Field>(n: usize, a: &mut [T], p: usize, q: usize, turned: impl Fn(T) -> T) {
    for i in q + 1..n {
        a.swap(i * n + p, i * n + q);
    }
    for j in p + 1..q {
        let x = turned(a[j * n + p]);
        a[j * n + p] = turned(a[q * n + j]);
        a[q * n + j] = x;
    }
    a[q * n + p] = turned(a[q * n + p]);
    a.swap(p * n + p, q * n + q);
}

fn eliminate_one<T: Field>(n: usize, a: &mut [T], k: usize, turned: impl Fn(T) -> T, hermitian: bool) {
    if hermitian {
        a[k * n + k] = T::of(a[k * n + k].re());
    }
    let pivot = a[k * n + k];
    for j in k + 1..n {
        let factor = turned(a[j * n + k]) / turned(pivot);
        for i in j..n {
            let x = a[i * n + k];
            a[i * n + j] -= x * factor;
        }
        if hermitian {
            a[j * n + j] = T::of(a[j * n + j].re());
        }
    }
    (k + 1..n).for_each(|i| a[i * n + k] = a[i * n + k] / pivot);
}

/// D is `[[p, turned(q)], [q, r]]`; the rows of multipliers are those of the matrix times its inverse.
fn eliminate_two<T: Field>(n: usize, a: &mut [T], k: usize, turned: impl Fn(T) -> T, hermitian: bool) {
    let (p, q, r) = (a[k * n + k], a[(k + 1) * n + k], a[(k + 1) * n + k + 1]);
    let determinant = p * r - q * turned(q);
    let multipliers: Vec<(T, T)> = (k + 2..n)
        .map(|i| {
            let (x, y) = (a[i * n + k], a[i * n + k + 1]);
            ((x * r - y * q) / determinant, (y * p - x * turned(q)) / determinant)
        })
        .collect();
    for j in k + 2..n {
        let (x, y) = (turned(a[j * n + k]), turned(a[j * n + k + 1]));
        for i in j..n {
            let (u, v) = multipliers[i - k - 2];
            a[i * n + j] -= u * x + v * y;
        }
        if hermitian {
            a[j * n + j] = T::of(a[j * n + j].re());
        }
    }
    for (i, (u, v)) in (k + 2..n).zip(multipliers) {
        (a[i * n + k], a[i * n + k + 1]) = (u, v);
    }
}

/// Solves with the factors, in place for `columns` columns of b.
pub fn ldl_solve<T: Field>(n: usize, columns: usize, a: &[T], pivots: &[i32], b: &mut [T], hermitian: bool) {
    let turned = |x: T| if hermitian { x.conj() } else { x };
    let row = |i: usize| (pivots[i].unsigned_abs().max(1) as usize - 1).min(n - 1);
    let mut k = 0;
    while k < n {
        let step = if pivots[k] > 0 || k + 1 == n { 1 } else { 2 };
        crate::field::swap_rows(b, columns, k + step - 1, row(k));
        for i in k + step..n {
            for j in k..k + step {
                let (x, y) = crate::field::two_rows(b, columns, j, i);
                crate::field::subtract(y, a[i * n + j], x);
            }
        }
        for c in 0..columns {
            if step == 1 {
                b[k * columns + c] = b[k * columns + c] / a[k * n + k];
                continue;
            }
            let (p, q, r) = (a[k * n + k], a[(k + 1) * n + k], a[(k + 1) * n + k + 1]);
            let determinant = p * r - q * turned(q);
            let (x, y) = (b[k * columns + c], b[(k + 1) * columns + c]);
            b[k * columns + c] = (x * r - turned(q) * y) / determinant;
            b[(k + 1) * columns + c] = (p * y - q * x) / determinant;
        }
        k += step;
    }
    let mut end = n;
    while end > 0 {
        let step = if pivots[end - 1] > 0 || end == 1 { 1 } else { 2 };
        let k = end - step;
        for i in end..n {
            for j in k..end {
                let (y, x) = crate::field::two_rows(b, columns, j, i);
                crate::field::subtract(y, turned(a[i * n + j]), x);
            }
        }
        crate::field::swap_rows(b, columns, k + step - 1, row(k));
        end = k;
    }
}
