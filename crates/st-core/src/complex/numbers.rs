//! A tensor of numbers, real or complex, for operators that take either.

use super::{Complex, parts_of};
use crate::graph::DeviceId;
use crate::tensor::Tensor;
use st_kernel::{DType, Result};

/// A tensor of real or of complex numbers.
#[derive(Clone)]
pub enum Numbers {
    /// Real ones.
    Real(Tensor),
    /// Complex ones.
    Complex(Complex),
}

impl Numbers {
    /// Sizes.
    pub fn shape(&self) -> &[usize] {
        match self {
            Numbers::Real(x) => x.shape(),
            Numbers::Complex(z) => z.shape(),
        }
    }

    /// Number of dimensions.
    pub fn dim(&self) -> usize {
        self.shape().len()
    }

    /// Where they are.
    pub fn device(&self) -> DeviceId {
        match self {
            Numbers::Real(x) => x.device(),
            Numbers::Complex(z) => z.pairs().device(),
        }
    }

    /// The dtype, or that of the parts.
    pub fn parts(&self) -> DType {
        match self {
            Numbers::Real(x) => x.dtype(),
            Numbers::Complex(z) => z.parts(),
        }
    }

    /// As complex numbers.
    pub fn to_complex(&self) -> Result<Complex> {
        match self {
            Numbers::Real(x) => Complex::from_real(x, parts_of(x.dtype())),
            Numbers::Complex(z) => Ok(z.clone()),
        }
    }
}
