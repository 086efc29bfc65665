//! Matrix products with torch's broadcasting.
//!
//! A product is one node. Operands are views, so transposes and broadcast batches copy nothing; a batch of rows against
//! one matrix (`[.., m, k] x [k, n]`, a linear layer) is one two-dimensional product.

use crate::autograd::{Rule, torch_name, with_idle};
use crate::graph::{Arg, Args, Node, Op};
use crate::ops::pointwise::expect_fits;
use crate::tensor::Tensor;
use st_kernel::view::{Dims, View, broadcast, numel};
use st_kernel::{DType, Result, Scalar, runtime_err, unsupported};
use std::sync::Arc;

/// The shape of a product of operands of at least two dimensions, if they fit.
fn product_shape(a: &[usize], b: &[usize]) -> Option<Dims> {
    let ([a_batch @ .., m, k], [b_batch @ .., k2, n]) = (a, b) else { return None };
    let mut shape = broadcast(a_batch, b_batch)?;
    shape.extend([*m, *n]);
    (k == k2).then_some(shape)
}

/// Records the product of operands of at least two dimensions, seen under `shape` and rounded to `dtype`.
fn record_product(a: &Tensor, b: &Tensor, shape: &[usize], dtype: DType) -> Result<Tensor> {
    let whole = product_shape(a.shape(), b.shape()).expect("the caller has checked the shapes");
    let (m, k, n) = (whole[whole.len() - 2], a.shape()[a.dim() - 1], whole[whole.len() - 1]);
    // All rows of the left against one matrix, where a view can say so.
    let rows = numel(&a.shape()[..a.dim() - 1]);
    let (x, y) = (a.as_it_is_now(), b.as_it_is_now());
    let folded = if b.dim() == 2 { x.0.view.reshape(&[rows, k]) } else { None };
    let (left, right, made) = match folded {
        Some(view) => (view, y.0.view.clone(), Dims::from_slice(&[rows, n])),
        None => {
            let batch = &whole[..whole.len() - 2];
            let over = |t: &Tensor, x: usize, y: usize| {
                let shape: Dims = batch.iter().copied().chain([x, y]).collect();
                t.0.view.expand(&shape)
            };
            (over(&x, m, k), over(&y, k, n), whole.clone())
        }
    };
    let arg = |t: &Tensor, view: View| -> Arg {
        if view == t.0.view { t.arg() } else { t.0.storage.arg(Some(Arc::new(view))) }
    };
    let args = Args::from_iter([arg(&x, left), arg(&y, right)]);
    let node = Node::new(Op::Matmul, args, made, dtype, a.device());
    Tensor::record_as(shape, node, &[Some(a), Some(b)], || Rule::Matmul([a, b].map(is_turned)))
}

/// The product of `[batch.., m, k]` and `[batch.., k, n]`; batch dimensions broadcast.
pub fn product(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    product_as(a, b, a.dtype())
}

fn product_as(a: &Tensor, b: &Tensor, dtype: DType) -> Result<Tensor> {
    let shape = product_shape(a.shape(), b.shape()).ok_or_else(|| mismatch(a, b))?;
    expect_one_dtype(a, b)?;
    record_product(a, b, &shape, dtype)
}

fn expect_one_dtype(a: &Tensor, b: &Tensor) -> Result<()> {
    if a.dtype() != b.dtype() {
        return Err(runtime_err!(
            "expected m1 and m2 to have the same dtype, but got: {} != {}; convert one with .to(dtype)",
            a.dtype(),
            b.dtype()
        ));
    }
    if a.dtype() == DType::Bool {
        return Err(unsupported!(
            "\"matmul\" is not implemented for 'Bool'; convert the operands with .to(dtype)"
        ));
    }
    if a.device() != b.device() {
        return Err(runtime_err!(
            "matmul: expected all tensors on the same device; move them with .to(device) first"
        ));
    }
    Ok(())
}

/// Torch's words for operands of at least two dimensions that do not fit.
fn mismatch(a: &Tensor, b: &Tensor) -> st_kernel::Error {
    let (x, y) = (a.shape(), b.shape());
    let ([a_batch @ .., _, k], [b_batch @ .., k2, n]) = (x, y) else {
        return runtime_err!(
            "both arguments to matmul need to be at least 2D here, but they are {x:?} and {y:?}"
        );
    };
    if k == k2 {
        let (la, lb) = (a_batch.len(), b_batch.len());
        let clash = (1..=la.min(lb)).find(|&i| {
            let (p, q) = (a_batch[la - i], b_batch[lb - i]);
            p != q && p != 1 && q != 1
        });
        let i = clash.unwrap_or(1);
        return runtime_err!(
            "The size of tensor a ({}) must match the size of tensor b ({}) at non-singleton dimension {}",
            a_batch[la - i],
            b_batch[lb - i],
            la.max(lb) - i
        );
    }
    if y.len() == 2 {
        let rows = numel(&x[..x.len() - 1]);
        return runtime_err!("mm: mat1 and mat2 shapes cannot be multiplied ({rows}x{k} and {k2}x{n})");
    }
    let batch = broadcast(a_batch, b_batch).map_or(0, |s| numel(&s));
    runtime_err!(
        "Expected size for first two dimensions of batch2 tensor to be: [{batch}, {k}] but got: [{batch}, {k2}]."
    )
}

impl Tensor {
    /// The matrix product: of vectors, matrices and batches of them, which broadcast.
    pub fn matmul(&self, other: &Tensor) -> Result<Tensor> {
        self.matmul_as(other, self.dtype())
    }

    /// The product of half precision before it is rounded: for sums that are rounded once, at the end.
    pub(crate) fn wide_matmul(&self, other: &Tensor) -> Result<Tensor> {
        self.matmul_as(other, self.dtype().compute())
    }

    fn matmul_as(&self, other: &Tensor, dtype: DType) -> Result<Tensor> {
        let (a, b) = (self, other);
        if a.dim() == 0 || b.dim() == 0 {
            return Err(runtime_err!(
                "both arguments to matmul need to be at least 1D, but they are {}D and {}D",
                a.dim(),
                b.dim()
            ));
        }
        if a.dim() >= 2 && b.dim() >= 2 {
            return product_as(a, b, dtype);
        }
        expect_one_dtype(a, b)?;
        let left = if a.dim() == 1 { a.unsqueeze(0)? } else { a.clone() };
        let right = if b.dim() == 1 { b.unsqueeze(1)? } else { b.clone() };
        let mut shape = product_shape(left.shape(), right.shape()).ok_or_else(|| vector_mismatch(a, b))?;
        if a.dim() == 1 {
            shape.remove(shape.len() - 2);
        }
        if b.dim() == 1 {
            shape.pop();
        }
        record_product(&left, &right, &shape, dtype)
    }

    /// The product of two matrices.
    pub fn mm(&self, other: &Tensor) -> Result<Tensor> {
        expect_matrices(self, other)?;
        product(self, other)
    }

    /// The products of two batches of matrices; nothing broadcasts.
    pub fn bmm(&self, other: &Tensor) -> Result<Tensor> {
        expect_batches(self, other)?;
        product(self, other)
    }

    /// The product of a matrix and a vector.
    pub fn mv(&self, vector: &Tensor) -> Result<Tensor> {
        expect_vector(self, vector)?;
        self.matmul(vector)
    }

    /// The sum of the products of two vectors' elements.
    pub fn dot(&self, other: &Tensor) -> Result<Tensor> {
        if self.dim() != 1 || other.dim() != 1 {
            return Err(runtime_err!(
                "1D tensors expected, but got {}D and {}D tensors",
                self.dim(),
                other.dim()
            ));
        }
        if self.dtype() != other.dtype() {
            return Err(runtime_err!(
                "dot : expected both vectors to have same dtype, but found {} and {}",
                torch_name(self.dtype()),
                torch_name(other.dtype())
            ));
        }
        self.matmul(other)
    }

    /// `beta * self + alpha * (a @ b)` of two matrices.
    pub fn addmm(
        &self,
        a: &Tensor,
        b: &Tensor,
        beta: impl Into<Scalar>,
        alpha: impl Into<Scalar>,
    ) -> Result<Tensor> {
        expect_matrices(a, b)?;
        expect_dtypes(&[("mat1", a), ("mat2", b)])?;
        expect_dtypes(&[("self", self), ("mat2", b)])?;
        weighted_sum("addmm", self, a, b, beta.into(), alpha.into())
    }

    /// `beta * self + alpha * (a @ b)` of two batches of matrices.
    pub fn baddbmm(
        &self,
        a: &Tensor,
        b: &Tensor,
        beta: impl Into<Scalar>,
        alpha: impl Into<Scalar>,
    ) -> Result<Tensor> {
        expect_batches(a, b)?;
        expect_dtypes(&[("input", self), ("batch1", a), ("batch2", b)])?;
        weighted_sum("baddbmm", self, a, b, beta.into(), alpha.into())
    }

    /// `beta * self + alpha * (matrix @ vector)`.
    pub fn addmv(
        &self,
        matrix: &Tensor,
        vector: &Tensor,
        beta: impl Into<Scalar>,
        alpha: impl Into<Scalar>,
    ) -> Result<Tensor> {
        expect_vector(matrix, vector)?;
        expect_dtypes(&[("addmv input", self), ("mat", matrix), ("vec", vector)])?;
        weighted_sum("addmv", self, matrix, vector, beta.into(), alpha.into())
    }
}

/// Refuses operands of several dtypes.
fn expect_dtypes(operands: &[(&str, &Tensor)]) -> Result<()> {
    if operands.iter().all(|(_, t)| t.dtype() == operands[0].1.dtype()) {
        return Ok(());
    }
    let listed = |words: Vec<&str>| match words.split_last() {
        Some((last, [one])) => format!("{one} and {last}"),
        Some((last, several)) => format!("{}, and {last}", several.join(", ")),
        None => String::new(),
    };
    let names = listed(operands.iter().map(|(name, _)| *name).collect());
    let kinds = listed(operands.iter().map(|(_, t)| torch_name(t.dtype())).collect());
    Err(runtime_err!("{names} must have the same dtype, but got {kinds}; convert them with .to(dtype)"))
}

/// `beta * input + alpha * (a @ b)`. A term whose factor is 0 does not count, even if it is not a number.
fn weighted_sum(
    name: &'static str,
    input: &Tensor,
    a: &Tensor,
    b: &Tensor,
    beta: Scalar,
    alpha: Scalar,
) -> Result<Tensor> {
    // (Of half precision, torch's sums with vectors alone have factors in it.)
    let dtype = if name == "addmv" { a.dtype() } else { a.dtype().compute() };
    [beta, alpha].into_iter().try_for_each(|factor| expect_fits(name, factor, dtype))?;
    // Factors of integers are integers, as in torch.
    let whole = |factor: Scalar| if a.dtype().is_float() { factor } else { factor.cast(a.dtype()) };
    let (beta, alpha) = (whole(beta), whole(alpha));
    let scaled = |t: &Tensor, by: Scalar| if by.to_f64() == 1.0 { Ok(t.clone()) } else { t.mul(by) };
    // The gradient passes by `alpha` on its way to the factors, and must not be rounded there.
    let product =
        if alpha.to_f64() == 1.0 { a.wide_matmul(b)? } else { a.widened()?.matmul(&b.widened()?)? };
    let term = scaled(&product, alpha)?;
    // (What does not fit is refused even where it does not count.)
    let base = input.expand_to(product.shape())?;
    let sum = match beta.to_f64() {
        0.0 => with_idle(term, input, name)?,
        _ => scaled(&base.widened()?, beta)?.add(&term)?,
    };
    if product.dtype() == a.dtype() { Ok(sum) } else { sum.to_dtype(a.dtype()) }
}

/// `input @ weight.T + bias`.
pub fn linear(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let weight = if weight.dim() == 1 { weight.clone() } else { weight.t()? };
    match bias {
        Some(bias) => {
            let dtype = input.dtype().promote(bias.dtype());
            input.wide_matmul(&weight)?.add(bias)?.to_dtype(dtype)
        }
        None => input.matmul(&weight),
    }
}

fn expect_matrices(a: &Tensor, b: &Tensor) -> Result<()> {
    expect_dims("self", a, 2)?;
    expect_dims("mat2", b, 2)
}

fn expect_batches(a: &Tensor, b: &Tensor) -> Result<()> {
    if a.dim() != 3 || b.dim() != 3 {
        let which = if a.dim() != 3 { 1 } else { 2 };
        return Err(runtime_err!("batch{which} must be a 3D tensor"));
    }
    let (n, k) = (a.shape()[0], a.shape()[2]);
    if b.shape()[..2] != [n, k] {
        return Err(runtime_err!(
            "Expected size for first two dimensions of batch2 tensor to be: [{n}, {k}] but got: [{}, {}].",
            b.shape()[0],
            b.shape()[1]
        ));
    }
    Ok(())
}

fn expect_vector(matrix: &Tensor, vector: &Tensor) -> Result<()> {
    if matrix.dim() != 2 || vector.dim() != 1 {
        return Err(runtime_err!(
            "vector + matrix @ vector expected, got 1, {}, {}",
            matrix.dim(),
            vector.dim()
        ));
    }
    Ok(())
}

fn expect_dims(name: &str, t: &Tensor, dims: usize) -> Result<()> {
    if t.dim() == dims {
        Ok(())
    } else {
        Err(runtime_err!("mm: {name} must be a matrix, got {}-D tensor", t.dim()))
    }
}

fn vector_mismatch(a: &Tensor, b: &Tensor) -> st_kernel::Error {
    match (a.dim(), b.dim()) {
        (1, 1) => runtime_err!(
            "inconsistent tensor size, expected tensor {:?} and src {:?} to have the same number of elements, but got {} and {} elements respectively",
            a.shape(),
            b.shape(),
            a.numel(),
            b.numel()
        ),
        (1, _) => {
            let [.., k, n] = b.shape() else { unreachable!("the other operand has at least two dimensions") };
            runtime_err!("mm: mat1 and mat2 shapes cannot be multiplied (1x{} and {k}x{n})", a.numel())
        }
        _ => {
            let [.., m, k] = a.shape() else { unreachable!("the other operand has at least two dimensions") };
            runtime_err!("size mismatch, got input ({m}), mat ({m}x{k}), vec ({})", b.numel())
        }
    }
}

/// Whether a matrix lies in memory column by column, as a weight that is used transposed does.
fn is_turned(t: &Tensor) -> bool {
    matches!(t.strides(), [.., 1, n] if *n != 1)
}

/// The product, in memory column by column if it is to be `turned`.
fn product_laid(turned: bool, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if !turned {
        return product(a, b);
    }
    product(&b.transpose(-2, -1)?, &a.transpose(-2, -1)?)?.transpose(-2, -1)
}

/// The gradient of a product of `a` and `b` for `a`: `g @ b^T`, where `a` has this shape and `b` is the other operand.
pub(crate) fn gradient_left(shape: &[usize], turned: bool, b: &Tensor, g: &Tensor) -> Result<Tensor> {
    if is_one_matrix(shape) && !is_one_matrix(b.shape()) {
        // The sum over batches is part of one product: columns of g against columns of b.
        let transposed = gradient_right(
            &[shape[shape.len() - 1], shape[shape.len() - 2]],
            !turned,
            &b.transpose(-2, -1)?,
            &g.transpose(-2, -1)?,
        )?;
        return transposed.transpose(-2, -1)?.reshape_to(shape);
    }
    product_laid(turned, g, &b.transpose(-2, -1)?)?.sum_to(shape)
}

/// The gradient of a product of `a` and `b` for `b`: `a^T @ g`, where `b` has this shape and `a` is the other operand.
pub(crate) fn gradient_right(shape: &[usize], turned: bool, a: &Tensor, g: &Tensor) -> Result<Tensor> {
    if is_one_matrix(shape) && !is_one_matrix(a.shape()) {
        // As many rows as there are in all batches: their products are summed by one product.
        let rows = |t: &Tensor| {
            let (last, lead) = t.shape().split_last().expect("a product has at least two dimensions");
            t.reshape_to(&[numel(lead), *last])
        };
        let batched = a.expand_to(&[&g.shape()[..g.dim() - 1], &a.shape()[a.dim() - 1..]].concat())?;
        return product_laid(turned, &rows(&batched)?.t()?, &rows(g)?)?.reshape_to(shape);
    }
    product_laid(turned, &a.transpose(-2, -1)?, g)?.sum_to(shape)
}

fn is_one_matrix(shape: &[usize]) -> bool {
    shape[..shape.len() - 2].iter().all(|&n| n == 1)
}

/// The gradient of a product, whose result the tape may see without some dimensions, as one with all of them.
pub(crate) fn whole_gradient(a: &[usize], b: &[usize], g: &Tensor) -> Result<Tensor> {
    g.reshape_to(&product_shape(a, b).expect("the product was made"))
}
