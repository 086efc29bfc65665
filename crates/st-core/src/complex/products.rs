//! Products of many complex numbers, by halves: a logarithmic number of operators.

use super::{Complex, dispatch};
use crate::ops::{Value, join};
use crate::tensor::{Tensor, normalize_dim};
use st_kernel::Result;

impl Complex {
    /// The product along a dimension.
    pub fn prod(&self, dim: i64, keepdim: bool) -> Result<Complex> {
        let dim = normalize_dim(dim, self.dim())? as i64;
        let mut left = if self.dim() == 0 { self.reshape(&[1])? } else { self.clone() };
        while left.shape()[dim as usize] != 1 {
            let count = left.shape()[dim as usize] as i64;
            let half = count / 2;
            if half == 0 {
                // (A sum of nothing, so that it still is made of the operand.)
                let nothing = Complex(left.0.sum(&[dim], true)?);
                left = nothing.add(&Complex::full(&[], [1.0, 0.0], self.parts(), self.0.device())?)?;
                break;
            }
            let pairs = left.narrow(dim, 0, half)?.mul(&left.narrow(dim, half, half)?)?;
            left = match count % 2 {
                0 => pairs,
                _ => Complex::cat(&[pairs, left.narrow(dim, count - 1, 1)?], dim)?,
            };
        }
        let left = left.0.apart_from(&self.0).map(Complex)?;
        match self.dim() {
            0 => left.reshape(&[]),
            _ if keepdim => Ok(left),
            _ => left.0.select(dim, 0).map(Complex::of_pairs),
        }
    }

    /// Running products along a dimension.
    pub fn cumprod(&self, dim: i64) -> Result<Complex> {
        if self.dim() == 0 {
            return self.0.copy().map(Complex);
        }
        let dim = normalize_dim(dim, self.dim())? as i64;
        let (mut all, count) = (self.clone(), self.shape()[dim as usize] as i64);
        let mut reach = 1;
        while reach < count {
            let later = all.narrow(dim, reach, count - reach)?.mul(&all.narrow(dim, 0, count - reach)?)?;
            all = Complex::cat(&[all.narrow(dim, 0, reach)?, later], dim)?;
            reach *= 2;
        }
        all.0.apart_from(&self.0).map(Complex)
    }

    fn narrow(&self, dim: i64, start: i64, length: i64) -> Result<Complex> {
        self.0.narrow(dim, start, length).map(Complex::of_pairs)
    }

    fn cat(list: &[Complex], dim: i64) -> Result<Complex> {
        let pairs: Vec<_> = list.iter().map(|z| z.0.clone()).collect();
        join::cat(&pairs, dim).map(Complex::of_pairs)
    }

    /// The same elements under another shape.
    pub fn reshape(&self, sizes: &[i64]) -> Result<Complex> {
        let mut sizes = sizes.to_vec();
        sizes.push(2);
        self.0.reshape(&sizes).map(Complex::of_pairs)
    }

    /// The product of two.
    pub fn mul(&self, other: &Complex) -> Result<Complex> {
        dispatch::complex("mul", vec![Value::Complex(self.clone()), Value::Complex(other.clone())])
    }

    /// The sum of two.
    pub fn add(&self, other: &Complex) -> Result<Complex> {
        dispatch::complex(
            "add",
            vec![Value::Complex(self.clone()), Value::Complex(other.clone()), Value::Scalar(1.into())],
        )
    }

    /// The matrix product of two.
    pub fn matmul(&self, other: &Complex) -> Result<Complex> {
        dispatch::complex("matmul", vec![Value::Complex(self.clone()), Value::Complex(other.clone())])
    }

    /// The operands of one real product of matrices that gives the pairs of the product of these, if they are matrices that
    /// fit. The first's rows are as they lie; in the second, each row of numbers is followed by that row times `i`.
    pub(super) fn as_real_factors(&self, other: &Complex) -> Result<Option<[Tensor; 2]>> {
        let (a, b) = (self.shape(), other.shape());
        if a.len() < 2 || b.len() < 2 || a[a.len() - 1] != b[b.len() - 2] || self.parts() != other.parts() {
            return Ok(None);
        }
        let turned = join::cat(&[other.0.narrow(-1, 1, 1)?.neg()?, other.0.narrow(-1, 0, 1)?], -1)?;
        let rows = join::stack(&[other.0.clone(), turned], -3)?;
        Ok(Some([self.0.flatten(-2, -1)?, rows.flatten(-4, -3)?.flatten(-2, -1)?]))
    }

    /// With the imaginary parts negated.
    pub fn conj(&self) -> Result<Complex> {
        dispatch::complex("conj_physical", vec![Value::Complex(self.clone())])
    }

    /// Distances from zero.
    pub fn abs(&self) -> Result<Tensor> {
        dispatch::real("abs", vec![Value::Complex(self.clone())])
    }
}
