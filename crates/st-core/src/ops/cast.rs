//! Copies: to another dtype, to row-major order.

use super::pointwise::{Pointwise, apply};
use crate::tensor::Tensor;
use st_kernel::{DType, Expr, Result};

impl Tensor {
    /// As another dtype; itself if it has it already.
    pub fn to_dtype(&self, dtype: DType) -> Result<Tensor> {
        if dtype == self.dtype() { Ok(self.clone()) } else { self.copied("to", dtype) }
    }

    /// In row-major order; itself if it is already.
    pub fn contiguous(&self) -> Result<Tensor> {
        if self.is_contiguous() { Ok(self.clone()) } else { self.copied("contiguous", self.dtype()) }
    }

    /// A copy of the data (torch's `clone`; Rust's `clone` copies the handle).
    pub fn copy(&self) -> Result<Tensor> {
        self.copied("clone", self.dtype())
    }

    fn copied(&self, name: &'static str, dtype: DType) -> Result<Tensor> {
        let expr = Expr::build(&[self.dtype()], |x| vec![x[0].cast(dtype)]);
        apply(Pointwise::intern(name, expr, None), &[self.into()])
    }
}
