//! Products of vectors and matrices beyond `matmul`, their norms, distances between rows.

use super::macros::build;
use crate::ops::composite::products::{self, MatrixNorm, matrix_norm, vector_norm};
use crate::ops::def::{Forms, Ints, Out};
use crate::ops::einsum::{tensordot, tensordot_over};
use crate::tensor::Tensor;
use st_kernel::{DType, Result, Scalar, runtime_err, value_err};

const PLAIN: Forms = Forms::FUNCTION.and(Forms::OUT);

build! {
    /// `beta * input + alpha * (batch1 @ batch2)`, summed over the batch.
    "addbmm" "(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1)".node("addbmm").forms(Forms::EVERY),
        |input: &Tensor, batch1: &Tensor, batch2: &Tensor, beta: Scalar, alpha: Scalar| {
            input.addbmm(batch1, batch2, beta, alpha)
        };

    /// `beta * input + alpha * outer(vec1, vec2)`.
    "addr" "(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Number = 1, alpha: Number = 1)".node("addr").forms(Forms::EVERY).also(Forms::CAST),
        |input: &Tensor, vec1: &Tensor, vec2: &Tensor, beta: Scalar, alpha: Scalar| input.addr(vec1, vec2, beta, alpha);

    /// The products summed over the last dimensions of both.
    "inner" "(input: Tensor, other: Tensor)".forms(Forms::BOTH_OUT).out(Out::Same("{op}: Expected the output tensor to have dtype {needs}, but got an output tensor with dtype {got}")), |input: &Tensor, other: &Tensor| input.inner(other);

    /// Kronecker's product: every element times the other tensor.
    "kron" "(input: Tensor, other: Tensor)".forms(Forms::BOTH_OUT).also(Forms::CAST), |input: &Tensor, other: &Tensor| input.kron(other);

    /// Products summed over the last dimensions of one and the first of the other.
    "tensordot" "(a: Tensor, b: Tensor, dims: int = 2)".forms(PLAIN).out(Out::Same("{op}: Expected the output tensor to have dtype {needs}, but got an output tensor with dtype {got}")),
        |a: &Tensor, b: &Tensor, dims: i64| match usize::try_from(dims) {
            Ok(dims) => tensordot(a, b, dims),
            Err(_) => Err(runtime_err!("tensordot expects dims >= 0, but got dims={dims}")),
        };

    /// Products summed over pairs of dimensions.
    "tensordot" "(a: Tensor, b: Tensor, dims_self: int[], dims_other: int[])".forms(PLAIN).out(Out::Same("{op}: Expected the output tensor to have dtype {needs}, but got an output tensor with dtype {got}")),
        |a: &Tensor, b: &Tensor, dims_self: Ints, dims_other: Ints| tensordot_over(a, b, &dims_self, &dims_other);

    /// The cross product along a dimension of size 3, the first one if none is named.
    "cross" "(input: Tensor, other: Tensor, dim: int? = None)".forms(Forms::BOTH_OUT).also(Forms::APART),
        |input: &Tensor, other: &Tensor, dim: Option<i64>| {
            let first = || input.shape().iter().position(|&n| n == 3).map(|d| d as i64);
            match dim.or_else(first) {
                Some(dim) => input.cross("linalg.cross", other, dim),
                None => Err(runtime_err!("no dimension of size 3 in input")),
            }
        };

    /// The cross product along a dimension of size 3.
    "linalg_cross" "(input: Tensor, other: Tensor, *, dim: int = -1)".forms(PLAIN).also(Forms::APART),
        |input: &Tensor, other: &Tensor, dim: i64| input.cross("linalg.cross", other, dim);

    /// The sum of the products along a dimension.
    "linalg_vecdot" "(x: Tensor, y: Tensor, *, dim: int = -1)".forms(PLAIN).out(Out::Same("linalg.vecdot: Expected out of dtype{needs} but found {got}")), |x: &Tensor, y: &Tensor, dim: i64| x.vecdot(y, dim);

    /// The diagonals of matrices, by default of the last two dimensions.
    "linalg_diagonal" "(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1)".forms(Forms::FUNCTION),
        |a: &Tensor, offset: i64, dim1: i64, dim2: i64| a.diagonal(offset, dim1, dim2);

    /// Powers 0 to N - 1 of the elements, along a new last dimension.
    "linalg_vander" "(x: Tensor, *, N: int? = None)".forms(Forms::FUNCTION), |x: &Tensor, n: Option<i64>| linalg_vander(x, n);

    /// Vandermonde's matrix: powers of a vector's elements, the highest first unless `increasing`.
    "vander" "(x: Tensor, N: int? = None, increasing: bool = False)".forms(Forms::FUNCTION),
        |x: &Tensor, n: Option<i64>, increasing: bool| match x.dim() {
            1 if increasing => products::vander(x, n.unwrap_or(x.numel() as i64)),
            1 => products::vander(x, n.unwrap_or(x.numel() as i64))?.flip(&[-1]),
            _ => Err(runtime_err!("x must be a one-dimensional tensor.")),
        };

    /// The p-norm over some dimensions, all if none are named.
    "linalg_vector_norm" "(x: Tensor, ord: Number = 2, dim: int[]? = None, keepdim: bool = False, *, dtype: dtype? = None)".forms(PLAIN).node("linalg_vector_norm"),
        |x: &Tensor, ord: Scalar, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>| {
            vector_norm(&cast(x, dtype)?, ord.to_f64(), dim.as_deref(), keepdim)
        };

    /// A norm of matrices: 1, -1, 2, -2, infinity or its negative.
    "linalg_matrix_norm" "(input: Tensor, ord: Number, dim: int[] = [-2, -1], keepdim: bool = False, *, dtype: dtype? = None)".forms(PLAIN).out(Out::Same("linalg.{op} expected out tensor dtype {needs} but got: {got}")),
        |input: &Tensor, ord: Scalar, dim: Ints, keepdim: bool, dtype: Option<DType>| {
            matrix_norm(&cast(input, dtype)?, MatrixNorm::Number(ord.to_f64()), &dim, keepdim)
        };

    /// A norm of matrices by its word: 'fro' or 'nuc'.
    "linalg_matrix_norm" "(input: Tensor, ord: str = 'fro', dim: int[] = [-2, -1], keepdim: bool = False, *, dtype: dtype? = None)".forms(PLAIN).out(Out::Same("linalg.{op} expected out tensor dtype {needs} but got: {got}")),
        |input: &Tensor, ord: &str, dim: Ints, keepdim: bool, dtype: Option<DType>| {
            matrix_norm(&cast(input, dtype)?, MatrixNorm::parse(ord)?, &dim, keepdim)
        };

    /// A norm of vectors or matrices, by the dimensions it is over.
    "linalg_norm" "(input: Tensor, ord: Number? = None, dim: int[]? = None, keepdim: bool = False, *, dtype: dtype? = None)".forms(PLAIN).out(Out::Same("linalg.{op} expected out tensor dtype {needs} but got: {got}")),
        |input: &Tensor, ord: Option<Scalar>, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>| {
            any_norm(&cast(input, dtype)?, ord.map(Scalar::to_f64), dim.as_deref(), keepdim)
        };

    /// A norm of matrices by its word: 'fro' or 'nuc'.
    "linalg_norm" "(input: Tensor, ord: str, dim: int[]? = None, keepdim: bool = False, *, dtype: dtype? = None)".forms(PLAIN).out(Out::Same("linalg.{op} expected out tensor dtype {needs} but got: {got}")),
        |input: &Tensor, ord: &str, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>| {
            if dim.is_none() && input.dim() < 2 {
                return Err(runtime_err!("linalg.matrix_norm: The input tensor A must have at least 2 dimensions."));
            }
            if dim.is_none() && input.dim() != 2 {
                return Err(runtime_err!("linalg.norm: If dim is not specified but ord is '{ord}', the input must be 2D. Got {}D", input.dim()));
            }
            matrix_norm(&cast(input, dtype)?, MatrixNorm::parse(ord)?, dim.as_deref().unwrap_or(&[0, 1]), keepdim)
        };

    /// The product of matrices in the order that takes the fewest multiplications; the ends may be vectors.
    "linalg_multi_dot" "(tensors: Tensor[])".forms(PLAIN).out(Out::Same("{op}(): expected out tensor to have dtype {c_needs} but got {c_got}")), |tensors: Vec<Tensor>| products::multi_dot("multi_dot", &tensors);

    /// The product of matrices in the order that takes the fewest multiplications.
    "chain_matmul" "(matrices: Tensor[])".forms(PLAIN).also(Forms::CAST.and(Forms::SPREAD)),
        |matrices: Vec<Tensor>| match &matrices[..] {
            several if several.iter().any(|t| t.dim() != 2) => {
                let dim = several.iter().map(Tensor::dim).find(|&dim| dim != 2).unwrap_or(0);
                Err(runtime_err!("chain_matmul(): Tensor dimension is {dim}, expected 2 instead"))
            }
            [one] => Ok(one.clone()),
            several => products::multi_dot("chain_matmul", several),
        };

    /// The p-norms of the differences of every row with every row of another tensor.
    "cdist" "(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str? = 'use_mm_for_euclid_dist_if_necessary')".forms(Forms::FUNCTION).node("cdist"),
        |x1: &Tensor, x2: &Tensor, p: f64, compute_mode: Option<&str>| match compute_mode {
            Some("use_mm_for_euclid_dist_if_necessary") => x1.cdist(x2, p, None),
            Some("use_mm_for_euclid_dist") => x1.cdist(x2, p, Some(true)),
            Some("donot_use_mm_for_euclid_dist") => x1.cdist(x2, p, Some(false)),
            other => Err(value_err!("{} is not a valid value for compute_mode", other.unwrap_or("None"))),
        };
}

/// The input in the dtype that its norm is asked for in, which must hold its elements.
pub(super) fn cast(input: &Tensor, dtype: Option<DType>) -> Result<Tensor> {
    let (own, dtype) = (input.dtype(), dtype.unwrap_or(input.dtype()));
    if own.is_float() && own.promote(dtype) != dtype {
        return Err(runtime_err!(
            "linalg.vector_norm: the dtype of the input ({own}) should be convertible without narrowing to the specified dtype ({dtype})"
        ));
    }
    input.to_dtype(dtype)
}

fn linalg_vander(x: &Tensor, n: Option<i64>) -> Result<Tensor> {
    let x = x.atleast_1d()?;
    let n = n.unwrap_or(x.shape()[x.dim() - 1] as i64);
    if n > 1 { products::vander(&x, n) } else { Err(runtime_err!("N must be greater than 1.")) }
}

/// Torch's rules for which norm is meant.
fn any_norm(x: &Tensor, ord: Option<f64>, dim: Option<&[i64]>, keepdim: bool) -> Result<Tensor> {
    let Some(order) = ord else { return vector_norm(x, 2.0, dim, keepdim) };
    match dim {
        Some([_]) => vector_norm(x, order, dim, keepdim),
        Some(dims) if dims.len() != 2 => {
            Err(runtime_err!("linalg.norm: If dim is specified, it must be of length 1 or 2. Got {dims:?}"))
        }
        Some(dims) => matrix_norm(x, MatrixNorm::Number(order), dims, keepdim),
        None => match x.dim() {
            1 => vector_norm(x, order, None, keepdim),
            2 => matrix_norm(x, MatrixNorm::Number(order), &[0, 1], keepdim),
            n => Err(runtime_err!(
                "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {n}D"
            )),
        },
    }
}
