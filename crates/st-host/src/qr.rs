//! QR factorisation by Householder reflections, in LAPACK's packed form.
//!
//! A reflection is `H = I - tau v v^H` with `v = (0, .., 0, 1, rest)`; the rest of each v stands below R's diagonal. Some
//! of them at a time are one [`Block`], `I - V T V^H` with a small triangle T, and are applied by products.

use crate::field::{Field, subtract};
use crate::product::{Part, subtract_product};
use num_traits::{Float, Zero};
use st_backend_cpu::math::Fma;
use st_backend_cpu::simd::{Loops, vectorised};
use std::ops::Range;

/// Reflections that are applied together.
const TOGETHER: usize = 32;

/// Factors the `m` by `n` matrix in place: R on and above the diagonal, the reflections below it and in `tau`.
pub fn qr<T: Field>(m: usize, n: usize, a: &mut [T], tau: &mut [T]) {
    let size = m.min(n);
    for start in (0..size).step_by(TOGETHER) {
        let end = (start + TOGETHER).min(size);
        vectorised(Columns { m, n, a, tau, cols: start..end });
        if end < n {
            Block::new(m, n, a, tau, start..end).apply(a, n, end..n, true);
        }
    }
}

/// A few columns, each of which is reflected to the diagonal together with those after it.
struct Columns<'a, T> {
    m: usize,
    n: usize,
    a: &'a mut [T],
    tau: &'a mut [T],
    cols: Range<usize>,
}

impl<T: Field> Loops for Columns<'_, T> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        let Columns { m, n, a, tau, cols } = self;
        let mut sums = [T::ZERO; TOGETHER];
        for k in cols.clone() {
            tau[k] = reflection(m, n, a, k);
            let (factor, later) = (tau[k].conj(), k + 1..cols.end);
            if factor == T::ZERO || later.is_empty() {
                continue;
            }
            let sums = &mut sums[..later.len()];
            sums.copy_from_slice(&a[k * n..][later.clone()]);
            for row in a[(k + 1) * n..m * n].chunks_exact(n) {
                let v = row[k].conj();
                for (sum, &x) in sums.iter_mut().zip(&row[later.clone()]) {
                    *sum += v * x;
                }
            }
            subtract(&mut a[k * n..][later.clone()], factor, sums);
            for row in a[(k + 1) * n..m * n].chunks_exact_mut(n) {
                let by = factor * row[k];
                subtract(&mut row[later.clone()], by, sums);
            }
        }
    }
}

/// Makes column `k` below the diagonal a reflection that takes it to the diagonal, and puts what is there on it.
#[inline(always)]
fn reflection<T: Field>(m: usize, n: usize, a: &mut [T], k: usize) -> T {
    let alpha = a[k * n + k];
    let rest = norm((k + 1..m).map(|i| a[i * n + k]));
    if rest == T::Real::zero() && alpha.im() == T::Real::zero() {
        return T::ZERO;
    }
    let length = alpha.modulus().hypot(rest);
    let beta = if alpha.re().is_sign_positive() { -length } else { length };
    let scale = T::ONE / (alpha - T::of(beta));
    for i in k + 1..m {
        a[i * n + k] *= scale;
    }
    a[k * n + k] = T::of(beta);
    (T::of(beta) - alpha) / T::of(beta)
}

/// The 2-norm, without overflow on the way.
#[inline(always)]
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

/// Reflections `first` and those after it, multiplied together: `I - V T V^H`.
struct Block<T> {
    /// The row that V begins at.
    first: usize,
    count: usize,
    /// V, row by row.
    v: Vec<T>,
    /// T, an upper triangle, row by row.
    t: Vec<T>,
}

impl<T: Field> Block<T> {
    /// Some reflections of a packed factorisation of an `m` by `n` matrix.
    fn new(m: usize, n: usize, a: &[T], tau: &[T], which: Range<usize>) -> Block<T> {
        let (first, count) = (which.start, which.len());
        let mut v = Vec::with_capacity((m - first) * count);
        for i in first..m {
            v.extend(which.clone().map(|k| match i.cmp(&k) {
                std::cmp::Ordering::Less => T::ZERO,
                std::cmp::Ordering::Equal => T::ONE,
                std::cmp::Ordering::Greater => a[i * n + k],
            }));
        }
        let t = triangle(&v, count, &tau[which]);
        Block { first, count, v, t }
    }

    /// Multiplies some columns of a matrix `width` wide by the block, or by its conjugate transpose.
    fn apply(&self, c: &mut [T], width: usize, cols: Range<usize>, adjoint: bool) {
        let (k, n, m) = (self.count, cols.len(), self.v.len() / self.count);
        if n == 0 {
            return;
        }
        let c = &mut c[self.first * width + cols.start..];
        let v = Part::new(&self.v, k);
        let mut inner = vec![T::ZERO; k * n];
        let adjoint_v = v.transposed().conjugated(true);
        subtract_product(&mut inner, n, (k, n, m), adjoint_v, Part::new(c, width));
        let t = Part::new(&self.t, k);
        let t = if adjoint { t.transposed().conjugated(true) } else { t };
        let mut turned = vec![T::ZERO; k * n];
        // (`inner` is negative, so that this is not.)
        subtract_product(&mut turned, n, (k, n, k), t, Part::new(&inner, n));
        subtract_product(c, width, (m, n, k), v, Part::new(&turned, n));
    }
}

/// The triangle T of reflections with these vectors, `count` to a row.
fn triangle<T: Field>(v: &[T], count: usize, tau: &[T]) -> Vec<T> {
    // V^H V says how far the reflections are from being independent.
    let mut gram = vec![T::ZERO; count * count];
    let rows = v.len() / count;
    let part = Part::new(v, count);
    let adjoint = part.transposed().conjugated(true);
    subtract_product(&mut gram, count, (count, count, rows), adjoint, part);
    let mut t = vec![T::ZERO; count * count];
    for k in 0..count {
        // (`gram` is negative.)
        for i in 0..k {
            let sum = (i..k).fold(T::ZERO, |sum, j| sum + t[i * count + j] * gram[j * count + k]);
            t[i * count + k] = tau[k] * sum;
        }
        t[k * count + k] = tau[k];
    }
    t
}

/// The blocks of `count` reflections, the first ones first.
fn blocks(count: usize) -> impl DoubleEndedIterator<Item = Range<usize>> {
    (0..count.div_ceil(TOGETHER)).map(move |i| i * TOGETHER..((i + 1) * TOGETHER).min(count))
}

/// The first `columns` columns of the product of the reflections packed in the `m` by `n` matrix, `m` by `columns`.
pub fn reflectors_product<T: Field>(m: usize, n: usize, a: &[T], tau: &[T], columns: usize, q: &mut [T]) {
    q.fill(T::ZERO);
    (0..m.min(columns)).for_each(|i| q[i * columns + i] = T::ONE);
    for which in blocks(tau.len()).rev() {
        // Columns before the block's are still those of the identity there.
        let cols = which.start.min(columns)..columns;
        Block::new(m, n, a, tau, which).apply(q, columns, cols, false);
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
    let mut one =
        |which: Range<usize>| Block::new(m, n, a, tau, which).apply(c, columns, 0..columns, adjoint);
    if adjoint { blocks(tau.len()).for_each(&mut one) } else { blocks(tau.len()).rev().for_each(&mut one) }
}
