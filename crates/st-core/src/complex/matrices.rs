//! What formulas about complex matrices are written with.

use super::{Complex, dispatch};
use crate::ops::Value;
use crate::tensor::Tensor;
use st_kernel::Result;

impl Complex {
    /// The difference of two.
    pub(crate) fn sub(&self, other: &Complex) -> Result<Complex> {
        self.pairs().sub(other.pairs()).map(Complex::of_pairs)
    }

    /// With both parts multiplied by a real tensor, which broadcasts.
    pub(crate) fn scaled(&self, by: &Tensor) -> Result<Complex> {
        self.pairs().mul(&by.unsqueeze(-1)?).map(Complex::of_pairs)
    }

    /// With both parts multiplied by a number.
    pub(crate) fn times(&self, by: f64) -> Result<Complex> {
        self.pairs().mul(by).map(Complex::of_pairs)
    }

    /// The transpose of each matrix.
    pub(crate) fn transposed(&self) -> Result<Complex> {
        self.pairs().transpose(-3, -2).map(Complex::of_pairs)
    }

    /// The conjugate transpose of each matrix.
    pub(crate) fn adjoint(&self) -> Result<Complex> {
        self.transposed()?.conj()
    }

    /// What is on or below a diagonal.
    pub(crate) fn tril(&self, diagonal: i64) -> Result<Complex> {
        Complex::join(&self.re()?.tril(diagonal)?, &self.im()?.tril(diagonal)?)
    }

    /// What is on or above a diagonal.
    pub(crate) fn triu(&self, diagonal: i64) -> Result<Complex> {
        Complex::join(&self.re()?.triu(diagonal)?, &self.im()?.triu(diagonal)?)
    }

    /// Some rows or columns; dimensions are counted from the end.
    pub(crate) fn cut(&self, from_end: i64, start: i64, length: i64) -> Result<Complex> {
        self.pairs().narrow(from_end - 1, start, length).map(Complex::of_pairs)
    }

    /// The diagonals of matrices.
    pub(crate) fn diagonals(&self) -> Result<Complex> {
        Complex::join(&self.re()?.diagonal(0, -2, -1)?, &self.im()?.diagonal(0, -2, -1)?)
    }

    /// The quotient of two.
    pub(crate) fn div(&self, other: &Complex) -> Result<Complex> {
        let args = vec![Value::Complex(self.clone()), Value::Complex(other.clone()), Value::None];
        dispatch::complex("div", args)
    }

    /// A dimension of size 1 at the end, or before the last.
    pub(crate) fn unsqueeze(&self, from_end: i64) -> Result<Complex> {
        self.pairs().unsqueeze(from_end - 1).map(Complex::of_pairs)
    }

    /// No numbers on the tape.
    pub(crate) fn detach(&self) -> Complex {
        Complex::of_pairs(self.pairs().detach())
    }
}
