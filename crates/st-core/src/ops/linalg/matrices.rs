//! Matrices of real or of complex numbers, for formulas that are written once for both.

use super::check;
use crate::complex::Complex;
use crate::tensor::Tensor;
use st_kernel::view::Dims;
use st_kernel::{DType, Result, runtime_err};

/// A tensor of matrices. What is on the tape is its node: itself, or the pairs of the parts of complex numbers.
pub(crate) trait Matrices: Clone + Sized + Send + Sync + 'static {
    /// Whether the numbers are complex; the node then has one more dimension.
    const COMPLEX: bool;

    fn node(&self) -> &Tensor;
    fn of_node(node: Tensor) -> Self;
    fn of_real(real: Tensor) -> Result<Self>;

    /// Distances from zero.
    fn sizes_of_elements(&self) -> Result<Tensor>;
    fn conjugate(&self) -> Result<Self>;
    fn product(&self, other: &Self) -> Result<Self>;
    fn times_elements(&self, other: &Self) -> Result<Self>;
    fn below(&self, diagonal: i64) -> Result<Self>;
    fn above(&self, diagonal: i64) -> Result<Self>;
    /// Singular vectors and values, the thin form.
    fn singular(&self) -> Result<(Self, Tensor, Self)>;
    fn singular_values(&self) -> Result<Tensor>;
    /// Eigenvalues and eigenvectors of Hermitian matrices, of which the lower triangles are read.
    fn hermitian(&self) -> Result<(Tensor, Self)>;

    /// What torch calls the dtype in messages.
    fn dtype_name(&self) -> &'static str;

    /// Sizes, as the user sees them.
    fn extents(&self) -> &[usize] {
        let shape = self.node().shape();
        &shape[..shape.len() - usize::from(Self::COMPLEX)]
    }

    fn rank(&self) -> usize {
        self.extents().len()
    }

    /// Sizes without the last `n`.
    fn leading(&self, n: usize) -> &[usize] {
        &self.extents()[..self.rank() - n]
    }

    fn rows_and_columns(&self) -> (usize, usize) {
        let [.., m, n] = self.extents() else { unreachable!("matrices were asked for") };
        (*m, *n)
    }

    /// The dtype of the numbers, or of their parts.
    fn parts(&self) -> DType {
        self.node().dtype()
    }

    /// A real tensor of these sizes, for checks of them.
    fn like_real(&self) -> Result<Tensor> {
        let node = self.node().detach();
        if Self::COMPLEX { node.select(-1, 0) } else { Ok(node) }
    }

    /// The node's shape for these sizes.
    fn shape_of(batch: &[usize], more: &[usize]) -> Dims {
        let pair: &[usize] = if Self::COMPLEX { &[2] } else { &[] };
        batch.iter().chain(more).chain(pair).copied().collect()
    }

    /// A dimension counted from the end, in the node.
    fn place(from_end: i64) -> i64 {
        from_end - i64::from(Self::COMPLEX)
    }

    fn plus(&self, other: &Self) -> Result<Self> {
        self.node().add(other.node()).map(Self::of_node)
    }

    fn minus(&self, other: &Self) -> Result<Self> {
        self.node().sub(other.node()).map(Self::of_node)
    }

    fn by(&self, factor: f64) -> Result<Self> {
        self.node().mul(factor).map(Self::of_node)
    }

    /// Every element times a real one, which broadcasts.
    fn weighed(&self, by: &Tensor) -> Result<Self> {
        let by = if Self::COMPLEX { by.unsqueeze(-1)? } else { by.clone() };
        self.node().mul(&by).map(Self::of_node)
    }

    fn reshaped(&self, sizes: &[usize]) -> Result<Self> {
        self.node().reshape_to(&Self::shape_of(sizes, &[])).map(Self::of_node)
    }

    fn flipped(&self) -> Result<Self> {
        self.node().transpose(Self::place(-2), Self::place(-1)).map(Self::of_node)
    }

    /// The conjugate transpose.
    fn daggered(&self) -> Result<Self> {
        self.flipped()?.conjugate()
    }

    /// Some rows (dimension -2) or columns (-1).
    fn piece(&self, from_end: i64, start: i64, length: i64) -> Result<Self> {
        self.node().narrow(Self::place(from_end), start, length).map(Self::of_node)
    }

    fn widened_to(&self, batch: &[usize], more: &[usize]) -> Result<Self> {
        self.node().expand_to(&Self::shape_of(batch, more)).map(Self::of_node)
    }

    /// A dimension of size one, counted from the end.
    fn raised(&self, from_end: i64) -> Result<Self> {
        self.node().unsqueeze(Self::place(from_end)).map(Self::of_node)
    }

    fn off_tape(&self) -> Self {
        Self::of_node(self.node().detach())
    }

    /// The first columns of the identity.
    fn identity(&self, m: usize, n: usize) -> Result<Self> {
        Self::of_real(Tensor::eye(m, n, self.parts(), self.node().device())?)
    }

    /// Rows in another order, one for each batch.
    fn rows_at(&self, rows: &Tensor) -> Result<Self> {
        let node = self.node();
        let mut at = rows.unsqueeze(-1)?;
        if Self::COMPLEX {
            at = at.unsqueeze(-1)?;
        }
        node.gather(Self::place(-2), &at.expand_to(node.shape())?).map(Self::of_node)
    }

    fn joined(list: &[Self], from_end: i64) -> Result<Self> {
        let nodes: Vec<Tensor> = list.iter().map(|m| m.node().clone()).collect();
        crate::ops::join::cat(&nodes, Self::place(from_end)).map(Self::of_node)
    }

    /// Refuses dtypes that the algorithm called `kernel` does not exist for.
    fn expect_kernel(&self, kernel: &str) -> Result<()> {
        check::kernel(kernel, self.node())
    }

    fn expect_dtype_of(&self, name: &str, other: &Self) -> Result<()> {
        if self.parts() == other.parts() {
            return Ok(());
        }
        Err(runtime_err!(
            "{name}: Expected A and B to have the same dtype, but found A of type {} and B of type {} instead",
            self.dtype_name(),
            other.dtype_name()
        ))
    }
}

impl Matrices for Tensor {
    const COMPLEX: bool = false;

    fn node(&self) -> &Tensor {
        self
    }

    fn of_node(node: Tensor) -> Tensor {
        node
    }

    fn of_real(real: Tensor) -> Result<Tensor> {
        Ok(real)
    }

    fn sizes_of_elements(&self) -> Result<Tensor> {
        self.abs()
    }

    fn conjugate(&self) -> Result<Tensor> {
        Ok(self.clone())
    }

    fn product(&self, other: &Tensor) -> Result<Tensor> {
        self.matmul(other)
    }

    fn times_elements(&self, other: &Tensor) -> Result<Tensor> {
        self.mul(other)
    }

    fn below(&self, diagonal: i64) -> Result<Tensor> {
        self.tril(diagonal)
    }

    fn above(&self, diagonal: i64) -> Result<Tensor> {
        self.triu(diagonal)
    }

    fn singular(&self) -> Result<(Tensor, Tensor, Tensor)> {
        self.linalg_svd(false)
    }

    fn singular_values(&self) -> Result<Tensor> {
        self.linalg_svdvals()
    }

    fn hermitian(&self) -> Result<(Tensor, Tensor)> {
        self.linalg_eigh("L")
    }

    fn dtype_name(&self) -> &'static str {
        crate::autograd::torch_name(self.dtype())
    }
}

impl Matrices for Complex {
    const COMPLEX: bool = true;

    fn node(&self) -> &Tensor {
        self.pairs()
    }

    fn of_node(node: Tensor) -> Complex {
        Complex::of_pairs(node)
    }

    fn of_real(real: Tensor) -> Result<Complex> {
        Complex::from_real(&real, real.dtype())
    }

    fn sizes_of_elements(&self) -> Result<Tensor> {
        self.abs()
    }

    fn conjugate(&self) -> Result<Complex> {
        self.conj()
    }

    fn product(&self, other: &Complex) -> Result<Complex> {
        self.matmul(other)
    }

    fn times_elements(&self, other: &Complex) -> Result<Complex> {
        self.mul(other)
    }

    fn below(&self, diagonal: i64) -> Result<Complex> {
        self.tril(diagonal)
    }

    fn above(&self, diagonal: i64) -> Result<Complex> {
        self.triu(diagonal)
    }

    fn singular(&self) -> Result<(Complex, Tensor, Complex)> {
        super::complex::singular(self, false)
    }

    fn singular_values(&self) -> Result<Tensor> {
        super::complex::singular_values(self)
    }

    fn hermitian(&self) -> Result<(Tensor, Complex)> {
        super::complex::hermitian(self, "L")
    }

    fn dtype_name(&self) -> &'static str {
        crate::complex::torch_name(Matrices::parts(self))
    }
}
