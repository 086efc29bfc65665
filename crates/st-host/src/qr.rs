//! QR factorisation by Householder reflections, in LAPACK's packed form.
//!
//! A reflection is `H = I - tau v v^H` with `v = (0, .., 0, 1, rest)`; the rest of each v stands below R's diagonal.

use crate::field::Field;
use num_traits::{Float, Zero};

/// Factors the `m` by `n` matrix in place: R on and above the diagonal, the reflections below it and in `tau`.
pub fn qr<T: Field>(m: usize, n: usize, a: &mut [T], tau: &mut [T]) {
    for k in 0..m.min(n) {
        tau[k] = reflection(m, n, a, k);
        let (factor, head) = (tau[k].conj(), std::mem::replace(&mut a[k * n + k], T::ONE));
        let v: Vec<T> = (k..m).map(|i| a[i * n + k]).collect();
        reflect(a, n, k + 1..n, k, &v, factor);
        a[k * n + k] = head;
    }
}

/// Makes column `k` below the diagonal a reflection that takes it to the diagonal, and puts what is there on it.
fn reflection<T: Field>(m: usize, n: usize, a: &mut [T], k: usize) -> T {
    let alpha = a[k * n + k];
    let rest = norm((k + 1..m).map(|i| a[i * n + k]));
    if rest == T::Real::zero() && alpha.im() == T::Real::zero() {
        return T::ZERO;
    }
    let length = alpha.modulus().hypot(rest);
    let beta = if alpha.re().is_sign_positive() { -length } else { length };
    let scale = T::ONE / (alpha - T::of(beta));
    (k + 1..m).for_each(|i| a[i * n + k] = a[i * n + k] * scale);
    a[k * n + k] = T::of(beta);
    (T::of(beta) - alpha) / T::of(beta)
}

/// The 2-norm, without overflow on the way.
fn norm<T: Field>(x: impl Iterator<Item = T> + Clone) -> T::Real {
    let largest =
        x.clone().fold(T::Real::zero(), |m, x| if x.size() > m || x.size().is_nan() { x.size() } else { m });
    if largest.is_zero() || !largest.is_finite() {
        return largest;
    }
    let squares = x.fold(T::Real::zero(), |sum, x| {
        let (re, im) = (x.re() / largest, x.im() / largest);
        sum + re * re + im * im
    });
    largest * squares.sqrt()
}

/// Applies `I - factor v v^H`, where v begins at row `first`, to some columns of a matrix `width` wide.
fn reflect<T: Field>(
    a: &mut [T],
    width: usize,
    columns: std::ops::Range<usize>,
    first: usize,
    v: &[T],
    factor: T,
) {
    if factor == T::ZERO || columns.is_empty() {
        return;
    }
    let mut sums = vec![T::ZERO; columns.len()];
    for (i, v) in v.iter().enumerate() {
        let row = &a[(first + i) * width..][columns.clone()];
        sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum += v.conj() * x);
    }
    for (i, v) in v.iter().enumerate() {
        let row = &mut a[(first + i) * width..][columns.clone()];
        let by = factor * *v;
        row.iter_mut().zip(&sums).for_each(|(x, &sum)| *x -= by * sum);
    }
}

/// The vector of reflection `k` of a packed factorisation `n` wide.
fn vector<T: Field>(m: usize, n: usize, a: &[T], k: usize) -> Vec<T> {
    std::iter::once(T::ONE).chain((k + 1..m).map(|i| a[i * n + k])).collect()
}

/// The first `columns` columns of the product of the reflections packed in the `m` by `n` matrix, `m` by `columns`.
pub fn reflectors_product<T: Field>(m: usize, n: usize, a: &[T], tau: &[T], columns: usize, q: &mut [T]) {
    q.fill(T::ZERO);
    (0..m.min(columns)).for_each(|i| q[i * columns + i] = T::ONE);
    for k in (0..tau.len()).rev() {
        // Columns before k are still those of the identity there.
        reflect(q, columns, k.min(columns)..columns, k, &vector(m, n, a, k), tau[k]);
    }
}

/// Multiplies the `m` by `columns` matrix c by the product Q of the reflections, or by its conjugate transpose.
pub fn apply_reflectors<T: Field>(
    m: usize,
    n: usize,
    a: &[T],
    tau: &[T],
    adjoint: bool,
    columns: usize,
    c: &mut [T],
) {
    let mut one = |k: usize| {
        let factor = if adjoint { tau[k].conj() } else { tau[k] };
        reflect(c, columns, 0..columns, k, &vector(m, n, a, k), factor);
    };
    if adjoint { (0..tau.len()).for_each(&mut one) } else { (0..tau.len()).rev().for_each(&mut one) }
}
