//! Products of vectors and matrices, and distances between rows.

use crate::autograd::{torch_name, with_idle};
use crate::ops::arrange::positions;
use crate::ops::einsum::tensordot_over;
use crate::ops::join::cat;
use crate::ops::pointwise::{expect_fits, expect_float};
use crate::tensor::{Tensor, normalize_dim};
use st_kernel::view::broadcast;
use st_kernel::{DType, Result, Scalar, runtime_err, unsupported};

/// The product of a chain of matrices in the order that takes the fewest multiplications; the ends may be vectors.
pub fn multi_dot(name: &str, tensors: &[Tensor]) -> Result<Tensor> {
    let [first, .., last] = tensors else {
        if name == "chain_matmul" {
            return Err(runtime_err!("chain_matmul(): Expected one or more matrices"));
        }
        return Err(runtime_err!("{name}(): expected at least 2 tensors but got {}", tensors.len()));
    };
    for (place, end) in [("first", first), ("last", last)] {
        if !matches!(end.dim(), 1 | 2) {
            return Err(runtime_err!(
                "{name}(): the {place} tensor must be 1D or 2D but got {}D, of shape {:?}",
                end.dim(),
                end.shape()
            ));
        }
    }
    let mut inner = tensors[1..tensors.len() - 1].iter().enumerate();
    if let Some((i, t)) = inner.find(|(_, t)| t.dim() != 2) {
        return Err(runtime_err!(
            "{name}(): tensor {} must be 2D but got {}D, of shape {:?}",
            i + 1,
            t.dim(),
            t.shape()
        ));
    }
    if let Some(t) = tensors.iter().find(|t| t.dtype() != first.dtype()) {
        return Err(runtime_err!(
            "{name}(): all tensors must have be the same dtype, but got {} and {}",
            first.dtype(),
            t.dtype()
        ));
    }
    let mut chain = tensors.to_vec();
    if first.dim() == 1 {
        chain[0] = first.unsqueeze(0)?;
    }
    if last.dim() == 1 {
        chain[tensors.len() - 1] = last.unsqueeze(1)?;
    }
    let mut product = in_order(&chain, &best_splits(&chain), 0, chain.len() - 1)?;
    if last.dim() == 1 {
        product = product.squeeze(Some(&[1]))?;
    }
    if first.dim() == 1 { product.squeeze(Some(&[0])) } else { Ok(product) }
}

/// A boolean scales booleans only.
pub(crate) fn expect_no_flag(scalar: Scalar, name: &str, booleans: bool) -> Result<()> {
    if matches!(scalar, Scalar::Bool(_)) && !booleans {
        return Err(runtime_err!("Boolean {name} only supported for Boolean results."));
    }
    Ok(())
}

/// For each part of a chain, after which matrix to divide it.
fn best_splits(chain: &[Tensor]) -> Vec<Vec<usize>> {
    let n = chain.len();
    let size = |i: usize| if i == 0 { chain[0].shape()[0] } else { chain[i - 1].shape()[1] } as f64;
    let (mut cost, mut split) = (vec![vec![0.0; n]; n], vec![vec![0; n]; n]);
    for length in 1..n {
        for i in 0..n - length {
            let j = i + length;
            let of = |k: usize| cost[i][k] + cost[k + 1][j] + size(i) * size(k + 1) * size(j + 1);
            let best = (i..j).min_by(|&a, &b| of(a).total_cmp(&of(b))).expect("a part of two or more");
            (cost[i][j], split[i][j]) = (of(best), best);
        }
    }
    split
}

fn in_order(chain: &[Tensor], splits: &[Vec<usize>], from: usize, to: usize) -> Result<Tensor> {
    if from == to {
        return Ok(chain[from].clone());
    }
    let at = splits[from][to];
    in_order(chain, splits, from, at)?.mm(&in_order(chain, splits, at + 1, to)?)
}

/// Powers 0 to `n - 1` of the elements along a new last dimension.
pub fn vander(x: &Tensor, n: i64) -> Result<Tensor> {
    if n < 0 {
        return Err(runtime_err!("N must be non-negative."));
    }
    let x = if x.dtype().is_float() { x.clone() } else { x.to_dtype(DType::I64)? };
    let mut sizes: Vec<i64> = x.shape().iter().map(|&n| n as i64).collect();
    sizes.push(n - 1);
    let mut ones = x.shape().to_vec();
    ones.push(1);
    let ones = Tensor::ones(&ones, x.dtype(), x.device())?;
    match n {
        0 => ones.narrow(-1, 0, 0),
        1 => Ok(ones),
        _ => cat(&[ones, x.unsqueeze(-1)?.expand(&sizes)?.cumprod(-1)?], -1),
    }
}

impl Tensor {
    /// `beta * self + alpha * sum of (batch1 @ batch2)` over the batch.
    pub fn addbmm(&self, batch1: &Tensor, batch2: &Tensor, beta: Scalar, alpha: Scalar) -> Result<Tensor> {
        let (&[b, n, m], &[b2, m2, p]) = (batch1.shape(), batch2.shape()) else {
            return Err(runtime_err!(
                "addbmm: batch1 and batch2 must be 3D tensors, got {:?} and {:?}",
                batch1.shape(),
                batch2.shape()
            ));
        };
        if b != b2 || m != m2 {
            return Err(runtime_err!(
                "addbmm: the shapes {:?} and {:?} do not fit; batches and inner sizes must be equal",
                batch1.shape(),
                batch2.shape()
            ));
        }
        if broadcast(self.shape(), &[n, p]).is_none_or(|shape| shape[..] != [n, p]) {
            return Err(runtime_err!(
                "addbmm: the expanded size of {:?} must match [{n}, {p}]",
                self.shape()
            ));
        }
        let rows = batch1.permute(&[1, 0, 2])?.reshape_to(&[n, b * m])?;
        self.addmm(&rows, &batch2.reshape_to(&[b * m, p])?, beta, alpha)
    }

    /// `beta * self + alpha * outer(vec1, vec2)`; a `beta` of zero leaves the contents of `self` out.
    pub fn addr(&self, vec1: &Tensor, vec2: &Tensor, beta: Scalar, alpha: Scalar) -> Result<Tensor> {
        let dtype = self.dtype().promote(vec1.dtype()).promote(vec2.dtype());
        let outer = vec1.to_dtype(dtype)?.outer(&vec2.to_dtype(dtype)?)?;
        for (scalar, name) in [(beta, "beta"), (alpha, "alpha")] {
            if matches!(scalar, Scalar::Float(_)) && !dtype.is_float() {
                return Err(runtime_err!(
                    "For integral input tensors, argument {name} must not be a floating point number."
                ));
            }
            expect_no_flag(scalar, name, dtype == DType::Bool)?;
            expect_fits("addr", scalar, dtype)?;
        }
        if broadcast(self.shape(), outer.shape()).is_none_or(|shape| shape[..] != *outer.shape()) {
            return Err(runtime_err!(
                "addr: expand: shape {:?} does not broadcast to {:?}",
                self.shape(),
                outer.shape()
            ));
        }
        let scaled = |t: &Tensor, s: Scalar| match t.dtype() {
            DType::Bool => t.logical_and(s.to_bool()),
            _ if s.to_f64() == 1.0 => Ok(t.clone()),
            _ => t.mul(s),
        };
        let product = scaled(&outer, alpha)?;
        if beta.to_f64() == 0.0 {
            return with_idle(product, self, "addr");
        }
        let base = scaled(&self.to_dtype(dtype)?, beta)?;
        if dtype == DType::Bool {
            return base.logical_or(&product);
        }
        base.add(&product)
    }

    /// The products summed over the last dimensions of both.
    pub fn inner(&self, other: &Tensor) -> Result<Tensor> {
        if self.dim() == 0 || other.dim() == 0 {
            return self.mul(other);
        }
        if self.dtype() != other.dtype() {
            return Err(runtime_err!(
                "expected both vectors to have same dtype, but found {} and {}",
                self.dtype(),
                other.dtype()
            ));
        }
        if self.shape().last() != other.shape().last() {
            return Err(runtime_err!(
                "inner() the last dimension must match on both input tensors but got shapes {:?} and {:?}",
                self.shape(),
                other.shape()
            ));
        }
        tensordot_over(self, other, &[-1], &[-1])
    }

    /// Kronecker's product: every element times the other tensor.
    pub fn kron(&self, other: &Tensor) -> Result<Tensor> {
        let rank = self.dim().max(other.dim());
        let filled = |t: &Tensor| [vec![1; rank - t.dim()], t.shape().to_vec()].concat();
        let (a, b) = (filled(self), filled(other));
        let spread = |own: &[usize], first: bool| -> Vec<usize> {
            own.iter().flat_map(|&n| if first { [n, 1] } else { [1, n] }).collect()
        };
        let product = self.reshape_to(&spread(&a, true))?.mul(&other.reshape_to(&spread(&b, false))?)?;
        product.reshape_to(&a.iter().zip(&b).map(|(n, m)| n * m).collect::<Vec<_>>())
    }

    /// The cross product along a dimension of size 3.
    pub fn cross(&self, name: &str, other: &Tensor, dim: i64) -> Result<Tensor> {
        if self.dim() != other.dim() {
            return Err(runtime_err!(
                "{name}: inputs must have the same number of dimensions, got {} and {}",
                self.dim(),
                other.dim()
            ));
        }
        let d = normalize_dim(dim, self.dim())?;
        let size = |t: &Tensor| t.shape().get(d).copied().unwrap_or(1);
        if size(self) != 3 || size(other) != 3 {
            return Err(runtime_err!(
                "{name}: inputs dimension {dim} must have length 3. Got {} and {}",
                size(self),
                size(other)
            ));
        }
        expect_scalar_type(self, other)?;
        if self.dtype() == DType::Bool {
            return Err(unsupported!("\"cross\" not implemented for 'Bool'"));
        }
        let turned = |t: &Tensor, by: i64| t.roll(&[-by], &[d as i64]);
        turned(self, 1)?.mul(&turned(other, 2)?)?.sub(&turned(self, 2)?.mul(&turned(other, 1)?)?)
    }

    /// The sum of the products along a dimension.
    pub fn vecdot(&self, other: &Tensor, dim: i64) -> Result<Tensor> {
        if self.dtype() != other.dtype() {
            return Err(runtime_err!(
                "linalg.vecdot: Expected vectors to have the same dtype, but got {} and {}",
                self.dtype(),
                other.dtype()
            ));
        }
        let product = self.widened()?.mul(&other.widened()?)?;
        product.sum(&[dim], false)?.to_dtype(self.dtype())
    }

    /// A square matrix, or a batch of them, to a power that is not negative.
    pub fn positive_power(&self, n: u64) -> Result<Tensor> {
        let size = *self.shape().last().expect("a matrix has dimensions");
        if n == 0 {
            let eye = Tensor::eye(size, size, self.dtype(), self.device())?;
            let power = self.copy()?;
            power.copy_(&eye)?;
            return Ok(power);
        }
        let (mut power, mut result) = (self.clone(), None::<Tensor>);
        for bit in 0..u64::BITS - n.leading_zeros() {
            if bit > 0 {
                power = power.matmul(&power)?;
            }
            if n >> bit & 1 == 1 {
                result = Some(result.map_or_else(|| Ok(power.clone()), |r| r.matmul(&power))?);
            }
        }
        result.expect("a bit of n is set").copy()
    }

    /// The p-norms of the differences of every row with every row of another. Euclidean ones of many rows come from a
    /// matrix product, or as `by_product` says.
    pub fn cdist(&self, other: &Tensor, p: f64, by_product: Option<bool>) -> Result<Tensor> {
        for (t, which) in [(self, "first"), (other, "second")] {
            if t.dim() < 2 {
                return Err(runtime_err!(
                    "cdist only supports at least 2D tensors, the {which} is {}D",
                    t.dim()
                ));
            }
            expect_rows("cdist", t)?;
        }
        if self.shape().last() != other.shape().last() {
            return Err(runtime_err!(
                "X1 and X2 must have the same number of columns. X1: {:?} X2: {:?}",
                self.shape(),
                other.shape()
            ));
        }
        expect_scalar_type(self, other)?;
        let many = |t: &Tensor| t.shape()[t.dim() - 2] > FEW_ROWS;
        if p == 2.0 && by_product.unwrap_or(many(self) || many(other)) {
            let squares = |t: &Tensor| t.square()?.sum(&[-1], true);
            let (first, second) = (squares(self)?, squares(other)?.transpose(-1, -2)?);
            let product = self.matmul(&other.transpose(-1, -2)?)?;
            return product.mul(-2.0)?.add(&first)?.add(&second)?.clamp_min(0.0)?.norm_root();
        }
        row_norm(&self.unsqueeze(-2)?.sub(&other.unsqueeze(-3)?)?, p)
    }

    /// The p-norms of the differences of each row with every later one.
    pub fn pdist(&self, p: f64) -> Result<Tensor> {
        let &[n, _] = self.shape() else {
            return Err(runtime_err!("pdist only supports 2D tensors, got: {}D", self.dim()));
        };
        expect_rows("pdist", self)?;
        let pairs =
            super::rearrange::triangle_indices(n as i64, n as i64, 1, false, DType::I64, self.device())?;
        let rows = |i: i64| self.index_select(0, &pairs.select(0, i)?);
        row_norm(&rows(0)?.sub(&rows(1)?)?, p)
    }
}

fn expect_scalar_type(a: &Tensor, b: &Tensor) -> Result<()> {
    if a.dtype() == b.dtype() {
        return Ok(());
    }
    let (first, second) = (torch_name(a.dtype()), torch_name(b.dtype()));
    Err(runtime_err!("expected scalar type {first} but found {second}; convert one with .to(dtype)"))
}

fn expect_rows(name: &str, t: &Tensor) -> Result<()> {
    if t.dtype().is_float() {
        return Ok(());
    }
    Err(runtime_err!("{name} only supports floating-point dtypes, got: {}", t.dtype()))
}

/// Distances of so many rows are worked out one by one, as torch does.
const FEW_ROWS: usize = 25;

/// Norms of the last dimension, also of none at all.
fn row_norm(rows: &Tensor, p: f64) -> Result<Tensor> {
    if p < 0.0 || p.is_nan() {
        return Err(runtime_err!("cdist only supports non-negative p values"));
    }
    if rows.shape().last() == Some(&0) {
        return rows.sum(&[-1], false);
    }
    let norm = rows.norm(p, &[-1], false)?;
    if p != f64::INFINITY || !rows.requires_grad() {
        return Ok(norm);
    }
    // Torch gives each of several largest differences the whole gradient, where a norm shares it among them.
    let largest = rows.detach().abs()?.eq(&norm.detach().unsqueeze(-1)?)?;
    norm.passed(&largest.sum(&[-1], false)?.to_dtype(norm.dtype())?)
}

/// The norm of all elements or of those along some dimensions; `dims` of `None` takes all.
pub fn vector_norm(x: &Tensor, p: f64, dims: Option<&[i64]>, keepdim: bool) -> Result<Tensor> {
    expect_float("linalg.vector_norm", x)?;
    let dims = dims.unwrap_or_default();
    let empty = if dims.is_empty() {
        x.numel() == 0
    } else {
        dims.iter()
            .map(|&d| normalize_dim(d, x.dim()))
            .collect::<Result<Vec<_>>>()?
            .iter()
            .any(|&d| x.shape().get(d) == Some(&0))
    };
    if empty && (p < 0.0 || p == f64::INFINITY) {
        return Err(runtime_err!(
            "linalg.vector_norm cannot compute the {p} norm on an empty tensor because the operation does not have an identity"
        ));
    }
    x.norm(p, dims, keepdim)
}

/// Which matrix norm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MatrixNorm {
    /// The root of the sum of squares.
    Frobenius,
    /// The sum of the singular values.
    Nuclear,
    /// 1, 2 and infinity, or their negatives.
    Number(f64),
}

impl MatrixNorm {
    /// By torch's word.
    pub fn parse(word: &str) -> Result<MatrixNorm> {
        match word {
            "fro" => Ok(MatrixNorm::Frobenius),
            "nuc" => Ok(MatrixNorm::Nuclear),
            other => {
                Err(runtime_err!("linalg.matrix_norm: Order {other} not supported; 'fro' and 'nuc' are"))
            }
        }
    }
}

/// The norm of the matrices in two dimensions.
pub fn matrix_norm(a: &Tensor, norm: MatrixNorm, dims: &[i64], keepdim: bool) -> Result<Tensor> {
    expect_float("linalg.matrix_norm", a)?;
    if a.dim() < 2 {
        return Err(runtime_err!("linalg.matrix_norm: The input tensor A must have at least 2 dimensions."));
    }
    let &[rows, columns] = dims else {
        return Err(runtime_err!("linalg.matrix_norm: dim must be a 2-tuple. Got {dims:?}"));
    };
    let (rows, columns) = (normalize_dim(rows, a.dim())?, normalize_dim(columns, a.dim())?);
    if rows == columns {
        return Err(runtime_err!("linalg.matrix_norm: dims must be different. Got {dims:?}"));
    }
    let order = match norm {
        MatrixNorm::Frobenius => return vector_norm(a, 2.0, Some(dims), keepdim),
        MatrixNorm::Nuclear => return spectral(a, rows, columns, keepdim, |s| s.sum(&[-1], false)),
        MatrixNorm::Number(order) => order,
    };
    let (summed, chosen) = match order.abs() {
        1.0 => (rows, columns),
        f64::INFINITY => (columns, rows),
        2.0 if order > 0.0 => return spectral(a, rows, columns, keepdim, |s| largest(s, -1, false)),
        2.0 => return spectral(a, rows, columns, keepdim, |s| s.amin(&[-1], false)),
        _ => return Err(runtime_err!("linalg.matrix_norm: Order {order} not supported.")),
    };
    let sums = a.widened()?.abs()?.sum(&[summed as i64], true)?;
    let chosen = chosen as i64;
    let extreme = if order > 0.0 { largest(&sums, chosen, true)? } else { sums.amin(&[chosen], true)? };
    let extreme = extreme.to_dtype(a.dtype())?;
    if keepdim { Ok(extreme) } else { extreme.squeeze(Some(&[rows as i64, columns as i64])) }
}

/// The largest along a dimension; torch takes zero to be that of no numbers.
fn largest(x: &Tensor, dim: i64, keepdim: bool) -> Result<Tensor> {
    let none = x.shape()[normalize_dim(dim, x.dim())?] == 0;
    if none { x.sum(&[dim], keepdim) } else { x.amax(&[dim], keepdim) }
}

/// A norm made of singular values.
fn spectral(
    a: &Tensor,
    rows: usize,
    columns: usize,
    keepdim: bool,
    of: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let matrices = a.movedim(&[rows as i64, columns as i64], &[-2, -1])?;
    let norm = of(&matrices.linalg_svdvals()?)?;
    if !keepdim {
        return Ok(norm);
    }
    let mut shape = a.shape().to_vec();
    (shape[rows], shape[columns]) = (1, 1);
    norm.reshape_to(&shape)
}

/// The places of the elements of a vector, in order.
pub(crate) fn counting(n: usize, like: &Tensor) -> Tensor {
    positions(n, like.device())
}
