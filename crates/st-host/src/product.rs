//! Products of parts of matrices, in which blocked algorithms spend their time.

use crate::field::{Field, subtract};
use num_complex::Complex;
use st_backend_cpu::gemm::{self, Element, Matrix};
use std::ops::Range;

/// Fewer multiply-adds than this are done row by row.
const FEW: usize = 1 << 12;

/// A factor: numbers some distance apart.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a, T> {
    numbers: &'a [T],
    row: usize,
    col: usize,
    conjugated: bool,
}

impl<'a, T: Field> Part<'a, T> {
    /// The rows at the beginning of `numbers`, `width` apart.
    pub(crate) fn new(numbers: &'a [T], width: usize) -> Self {
        Part { numbers, row: width, col: 1, conjugated: false }
    }

    pub(crate) fn transposed(self) -> Self {
        Part { row: self.col, col: self.row, ..self }
    }

    pub(crate) fn conjugated(self, conjugated: bool) -> Self {
        Part { conjugated, ..self }
    }

    fn at(&self, i: usize, j: usize) -> T {
        let value = self.numbers[i * self.row + j * self.col];
        if self.conjugated { value.conj() } else { value }
    }

    /// What `of` gives of each of `m` by `n` numbers.
    fn each<R>(&self, m: usize, n: usize, of: impl Fn(T) -> R) -> Vec<R> {
        (0..m * n).map(|at| of(self.at(at / n, at % n))).collect()
    }
}

/// Some rows and columns of a matrix, copied out so that others of it can be written meanwhile.
pub(crate) fn copy<T: Copy>(a: &[T], width: usize, rows: Range<usize>, cols: Range<usize>) -> Vec<T> {
    let mut copied = Vec::with_capacity(rows.len() * cols.len());
    for i in rows {
        copied.extend_from_slice(&a[i * width..][cols.clone()]);
    }
    copied
}

/// `c -= a b` for m by k and k by n factors; the rows of c are `width` apart.
pub(crate) fn subtract_product<T: Field>(
    c: &mut [T],
    width: usize,
    (m, n, k): (usize, usize, usize),
    a: Part<T>,
    b: Part<T>,
) {
    if m * n * k > FEW || b.col != 1 || b.conjugated {
        return T::subtract_product(c, width, (m, n, k), a, b);
    }
    for i in 0..m {
        for p in 0..k {
            subtract(&mut c[i * width..][..n], a.at(i, p), &b.numbers[p * b.row..][..n]);
        }
    }
}

/// The same for real numbers, which know no conjugates.
pub(crate) fn of_reals<T: Field + Element<Acc = T>>(
    c: &mut [T],
    width: usize,
    shape: (usize, usize, usize),
    a: Part<T>,
    b: Part<T>,
) {
    let [a, b] = [a, b].map(|x| Matrix { elements: x.numbers, row: x.row, col: x.col });
    gemm::subtract_product(c, width, shape, a, b);
}

/// The same for complex numbers: four products of their parts.
pub(crate) fn of_complex<R: Field>(
    c: &mut [Complex<R>],
    width: usize,
    shape: (usize, usize, usize),
    a: Part<Complex<R>>,
    b: Part<Complex<R>>,
) where
    Complex<R>: Field<Real = R>,
{
    let (m, n, k) = shape;
    let (a_re, a_im) = (a.each(m, k, |x| x.re), a.each(m, k, |x| x.im));
    let (b_re, b_im) = (b.each(k, n, |x| x.re), b.each(k, n, |x| x.im));
    let minus_a_im: Vec<R> = a_im.iter().map(|&x| -x).collect();
    let minus = |sum: &mut [R], a: &[R], b: &[R]| {
        R::subtract_product(sum, n, shape, Part::new(a, k), Part::new(b, n));
    };
    let (mut re, mut im) = (vec![R::ZERO; m * n], vec![R::ZERO; m * n]);
    minus(&mut re, &a_re, &b_re);
    minus(&mut re, &minus_a_im, &b_im);
    minus(&mut im, &a_re, &b_im);
    minus(&mut im, &a_im, &b_re);
    for (i, (re, im)) in re.into_iter().zip(im).enumerate() {
        c[i / n * width + i % n] += Complex::new(re, im);
    }
}
