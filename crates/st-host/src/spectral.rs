//! Singular values and eigenvalues, by [`faer`] in double precision.

use crate::field::Field;
use faer::{Mat, MatRef, Side};
use num_complex::Complex;
use num_traits::Zero;

/// The algorithm did not converge, or met numbers that are infinite or NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// In double precision, if all is finite.
fn widened<T: Field>(m: usize, n: usize, a: &[T]) -> Result<Mat<T::Wide>, Failed> {
    let finite = a.iter().all(|x| x.finite());
    finite.then(|| Mat::from_fn(m, n, |i, j| a[i * n + j].widen())).ok_or(Failed)
}

/// The lower triangle and what follows from it.
fn hermitian<T: Field>(n: usize, a: &[T]) -> Result<Mat<T::Wide>, Failed> {
    let at = |i: usize, j: usize| if i >= j { a[i * n + j] } else { a[j * n + i].conj() };
    let lower_is_finite = (0..n).all(|i| a[i * n..=i * n + i].iter().all(|x| x.finite()));
    let real = |i: usize, j: usize| if i == j { T::of(at(i, i).re()) } else { at(i, j) };
    lower_is_finite.then(|| Mat::from_fn(n, n, |i, j| real(i, j).widen())).ok_or(Failed)
}

fn write<T: Field>(from: MatRef<'_, T::Wide>, to: &mut [T], adjoint: bool) {
    let (rows, columns) = if adjoint { (from.ncols(), from.nrows()) } else { (from.nrows(), from.ncols()) };
    for i in 0..rows {
        for j in 0..columns {
            to[i * columns + j] =
                if adjoint { T::narrow(from[(j, i)]).conj() } else { T::narrow(from[(i, j)]) };
        }
    }
}

fn identity<T: Field>(n: usize, a: &mut [T]) {
    a.fill(T::ZERO);
    (0..n).for_each(|i| a[i * n + i] = T::ONE);
}

/// The singular value decomposition `A = U diag(s) V^H` of an `m` by `n` matrix, largest first. U and V^H are all of the
/// square matrices if `full`, else the parts that the singular values need.
pub fn svd<T: Field>(
    (m, n): (usize, usize),
    a: &[T],
    full: bool,
    u: &mut [T],
    s: &mut [T::Real],
    vh: &mut [T],
) -> Result<(), Failed> {
    if m == 0 || n == 0 {
        if full {
            identity(m, u);
            identity(n, vh);
        }
        return Ok(());
    }
    let a = widened(m, n, a)?;
    let found = if full { a.svd() } else { a.thin_svd() }.map_err(|_| Failed)?;
    write(found.U(), u, false);
    write(found.V(), vh, true);
    let values = found.S().column_vector();
    s.iter_mut().enumerate().for_each(|(i, s)| *s = T::narrow(values[i]).re());
    Ok(())
}

/// The singular values alone.
pub fn svdvals<T: Field>((m, n): (usize, usize), a: &[T], s: &mut [T::Real]) -> Result<(), Failed> {
    if m == 0 || n == 0 {
        return Ok(());
    }
    let found = widened(m, n, a)?.singular_values().map_err(|_| Failed)?;
    s.iter_mut().zip(found).for_each(|(s, x)| *s = T::narrow_real(x));
    Ok(())
}

/// Eigenvalues, in ascending order, and eigenvectors of a Hermitian matrix, of which only the lower triangle is read.
pub fn eigh<T: Field>(n: usize, a: &[T], values: &mut [T::Real], vectors: &mut [T]) -> Result<(), Failed> {
    if n == 0 {
        return Ok(());
    }
    let found = hermitian(n, a)?.self_adjoint_eigen(Side::Lower).map_err(|_| Failed)?;
    write(found.U(), vectors, false);
    let from = found.S().column_vector();
    values.iter_mut().enumerate().for_each(|(i, x)| *x = T::narrow(from[i]).re());
    Ok(())
}

/// The eigenvalues of a Hermitian matrix alone.
pub fn eigvalsh<T: Field>(n: usize, a: &[T], values: &mut [T::Real]) -> Result<(), Failed> {
    if n == 0 {
        return Ok(());
    }
    let found = hermitian(n, a)?.self_adjoint_eigenvalues(Side::Lower).map_err(|_| Failed)?;
    values.iter_mut().zip(found).for_each(|(s, x)| *s = T::narrow_real(x));
    Ok(())
}

/// Eigenvalues and eigenvectors of any square matrix. Vectors are of length 1 and their largest element is real.
pub fn eig<T: Field>(
    n: usize,
    a: &[T],
    values: &mut [Complex<T::Real>],
    vectors: &mut [Complex<T::Real>],
) -> Result<(), Failed> {
    if n == 0 {
        return Ok(());
    }
    let found = widened(n, n, a)?.eigen().map_err(|_| Failed)?;
    let (s, u) = (found.S().column_vector(), found.U());
    for j in 0..n {
        values[j] = rounded::<T>(s[j]);
        let column = || (0..n).map(move |i| u[(i, j)]);
        let length = column().map(|x| x.norm_sqr()).sum::<f64>().sqrt();
        let largest =
            column().fold(
                Complex::zero(),
                |m: Complex<f64>, x| {
                    if x.norm_sqr() > m.norm_sqr() * (1.0 + 1e-14) { x } else { m }
                },
            );
        // A real vector keeps its sign.
        let is_real = column().all(|x| x.im == 0.0);
        let turn = if is_real { Complex::new(1.0, 0.0) } else { largest.conj() / largest.norm() };
        for i in 0..n {
            vectors[i * n + j] = rounded::<T>(u[(i, j)] * turn / length);
        }
    }
    Ok(())
}

/// The eigenvalues of any square matrix alone.
pub fn eigvals<T: Field>(n: usize, a: &[T], values: &mut [Complex<T::Real>]) -> Result<(), Failed> {
    if n == 0 {
        return Ok(());
    }
    let found = widened(n, n, a)?.eigenvalues().map_err(|_| Failed)?;
    values.iter_mut().zip(found).for_each(|(to, x)| *to = rounded::<T>(x));
    Ok(())
}

fn rounded<T: Field>(x: Complex<f64>) -> Complex<T::Real> {
    Complex::new(T::narrow_real(x.re), T::narrow_real(x.im))
}
