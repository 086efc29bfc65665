//! Linear algebra: factorisations computed by `st-host`, and what is made of them.
//!
//! A factorisation is a node of the host; its gradient is written with tensor operators, so that any order of derivative
//! works. What can fail for some values, such as an inverse, runs at the call, so that the error is raised there.

mod check;
pub(crate) mod complex;
mod derived;
pub(crate) mod factor;
pub(crate) mod host;
mod ldl;
mod lu;
pub(crate) mod matrices;
mod reflections;
mod rows;
mod solve;
mod spectral;

pub use complex::{eigen, eigenvalues};
pub use derived::{Driver, Lstsq};
pub use lu::{lu_solve, lu_unpack};
pub(crate) use reflections::{geqrf, householder_product, ormqr};
pub(crate) use rows::call;
pub use solve::solve_triangular;
pub(crate) use solve::triangular;

use crate::autograd::{Call, Formula, Gradients, Keeps, Rule};
use crate::tensor::Tensor;
use st_kernel::Result;
use st_kernel::view::Dims;

/// A gradient that looks at these inputs and outputs (bits).
fn formula(
    name: &'static str,
    inputs: u64,
    outputs: u64,
    gradient: impl Fn(&Call) -> Result<Gradients> + Send + Sync + 'static,
) -> Rule {
    Rule::Formula(Box::new(Formula { name, keeps: Keeps { inputs, outputs }, gradient: Box::new(gradient) }))
}

/// The rule of a node that gradients do not go through.
pub(crate) fn without_gradient(name: &'static str) -> Rule {
    formula(name, 0, 0, |_| Ok(Gradients::new()))
}

impl Tensor {
    /// The conjugate transpose of each matrix.
    pub(crate) fn adjoint(&self) -> Result<Tensor> {
        self.transpose(-2, -1)
    }

    /// Sizes without the last `n`.
    fn batch(&self, n: usize) -> &[usize] {
        &self.shape()[..self.dim() - n]
    }

    /// Rows and columns.
    fn rows_columns(&self) -> (usize, usize) {
        let [.., m, n] = self.shape() else { unreachable!("matrices were asked for") };
        (*m, *n)
    }

    /// The diagonals of matrices.
    fn diagonals(&self) -> Result<Tensor> {
        self.diagonal(0, -2, -1)
    }

    /// Columns scaled by a vector for each matrix.
    fn scale_columns(&self, by: &Tensor) -> Result<Tensor> {
        self.mul(&by.unsqueeze(-2)?)
    }

    /// Rows scaled by a vector for each matrix.
    fn scale_rows(&self, by: &Tensor) -> Result<Tensor> {
        self.mul(&by.unsqueeze(-1)?)
    }

    /// The identity as large as a square matrix of these.
    fn unit(&self) -> Result<Tensor> {
        let n = self.shape()[self.dim() - 1];
        Tensor::eye(n, n, self.dtype(), self.device())
    }
}

/// Batch sizes followed by others.
fn shape_of(batch: &[usize], more: &[usize]) -> Dims {
    batch.iter().chain(more).copied().collect()
}
