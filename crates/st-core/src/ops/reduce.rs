//! Reductions over dimensions: sum, mean, prod, max, min, any, all and the positions of extremes.
//!
//! Each is one node; where dimensions go away, the result is that node's output seen under the smaller shape.

use super::index::{IndexPlan, walk_all_but};
use crate::autograd::{Call, Formula, Keeps, Rule, no_grad, record, torch_name};
use crate::graph::{Args, Node, Op};
use crate::tensor::{Tensor, normalize_dim, normalize_dims};
use smallvec::smallvec;
use st_kernel::view::Dims;
use st_kernel::{DType, ReduceOp, Result, index_err, runtime_err, unsupported};

/// The axes as a mask; none named means all of them.
fn mask_of(dims: &[i64], rank: usize) -> Result<u64> {
    if rank > 64 {
        return Err(runtime_err!("only tensors with up to 64 dims are supported, got one with {rank}"));
    }
    let all = u64::MAX >> (64 - rank.clamp(1, 64));
    let named = normalize_dims(dims, rank)?.iter().fold(0, |mask, d| mask | 1 << d);
    Ok(if dims.is_empty() { all } else { named })
}

/// A shape with the axes of the mask as size one, or without them.
pub(crate) fn reduced_shape(shape: &[usize], mask: u64, keepdim: bool) -> Dims {
    let sizes = shape
        .iter()
        .enumerate()
        .map(|(d, &n)| if mask >> d & 1 == 1 { keepdim.then_some(1) } else { Some(n) });
    sizes.flatten().collect()
}

impl Tensor {
    /// A reduction over some dimensions (all if none are named), in this tensor's dtype.
    ///
    /// Sums and products of integers and booleans are `int64`; those of half precision are rounded once, at the end.
    pub fn reduce(&self, op: ReduceOp, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        let mask = mask_of(dims, self.dim())?;
        let accumulates = matches!(op, ReduceOp::Sum | ReduceOp::Prod);
        match self.dtype() {
            dtype if accumulates && !dtype.is_float() => {
                self.to_dtype(DType::I64)?.reduce_axes(op, mask, keepdim)
            }
            dtype if accumulates => {
                self.to_dtype(dtype.compute())?.reduce_axes(op, mask, keepdim)?.to_dtype(dtype)
            }
            _ => self.reduce_axes(op, mask, keepdim),
        }
    }

    /// The node itself. A 0-d tensor is reduced as one of a single element.
    fn reduce_axes(&self, op: ReduceOp, mask: u64, keepdim: bool) -> Result<Tensor> {
        if self.dim() == 0 {
            return self.reshape_to(&[1])?.reduce_axes(op, 1, false);
        }
        self.reduce_by(op, mask, keepdim, || Rule::Reduce(op, mask))
    }

    /// The node of a tensor with dimensions, under a rule.
    fn reduce_by(
        &self,
        op: ReduceOp,
        mask: u64,
        keepdim: bool,
        rule: impl FnOnce() -> Rule,
    ) -> Result<Tensor> {
        if self.dtype() == DType::U64 {
            let found = self.reordered(DType::I64)?.reduce_by(op, mask, keepdim, rule)?;
            let position = matches!(op, ReduceOp::ArgMax | ReduceOp::ArgMin);
            return if position { Ok(found) } else { found.reordered(DType::U64) };
        }
        let dtype = match op {
            ReduceOp::ArgMax | ReduceOp::ArgMin => DType::I64,
            _ => self.dtype(),
        };
        let shape = reduced_shape(self.shape(), mask, keepdim);
        let args = Args::from_iter([self.arg()]);
        let node = Node::new(
            Op::Reduce(op, mask),
            args,
            reduced_shape(self.shape(), mask, true),
            dtype,
            self.device(),
        );
        Tensor::record_as(&shape, node, &[Some(self)], rule)
    }

    /// Between `uint64` and the `int64` in the same order: the first bit is the other.
    fn reordered(&self, dtype: DType) -> Result<Tensor> {
        self.bitwise_xor(i64::MIN)?.to_dtype(dtype)
    }

    /// The sum over some dimensions, all if none are named.
    pub fn sum(&self, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        self.reduce(ReduceOp::Sum, dims, keepdim)
    }

    /// The sum of all elements.
    pub fn sum_all(&self) -> Result<Tensor> {
        self.sum(&[], false)
    }

    /// The sum over what was broadcast to get from `shape` to this tensor's: the gradient of broadcasting.
    pub fn sum_to(&self, shape: &[usize]) -> Result<Tensor> {
        if self.shape() == shape {
            return Ok(self.clone());
        }
        let lead = self.dim().checked_sub(shape.len()).ok_or_else(|| {
            runtime_err!("sum_to: a tensor of shape {:?} was not broadcast from {shape:?}", self.shape())
        })?;
        let broadcast = |d: usize| d < lead || (shape[d - lead] == 1 && self.shape()[d] != 1);
        let dims: Vec<i64> = (0..self.dim()).filter(|&d| broadcast(d)).map(|d| d as i64).collect();
        let summed = if dims.is_empty() { self.clone() } else { self.sum(&dims, true)? };
        summed.reshape_to(shape)
    }

    /// The mean over some dimensions, all if none are named.
    pub fn mean(&self, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        if !self.dtype().is_float() {
            return Err(unsupported!(
                "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: {}; convert it with .float() first",
                torch_name(self.dtype())
            ));
        }
        let mask = mask_of(dims, self.dim())?;
        let count: usize = axes(mask, self.dim()).map(|d| self.shape()[d]).product();
        let mean = {
            let _unrecorded = no_grad();
            let sum = self.to_dtype(self.dtype().compute())?.sum(dims, keepdim)?;
            sum.div(count as f64)?.to_dtype(self.dtype())?
        };
        let gradient = move |call: &Call| {
            let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
            let kept = reduced_shape(call.shape(0), mask, true);
            // (Memory of its own, as torch's, where that of a sum is seen many times.)
            let whole = g.reshape_to(&kept)?.expand_to(call.shape(0))?;
            Ok(smallvec![Some(whole.div(count as f64)?)])
        };
        let name = if dims.is_empty() { "mean" } else { "mean:1" };
        record(std::slice::from_ref(&mean), &[Some(self)], || {
            Rule::Formula(Box::new(Formula { name, keeps: Keeps::default(), gradient: Box::new(gradient) }))
        })?;
        Ok(mean)
    }

    /// The mean of all elements.
    pub fn mean_all(&self) -> Result<Tensor> {
        self.mean(&[], false)
    }

    /// The product over some dimensions, all if none are named.
    pub fn prod(&self, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        self.reduce(ReduceOp::Prod, dims, keepdim)
    }

    /// The largest over some dimensions; equal ones share the gradient evenly.
    pub fn amax(&self, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        self.expect_elements("amax", dims)?;
        self.reduce(ReduceOp::Max, dims, keepdim)
    }

    /// The smallest over some dimensions; equal ones share the gradient evenly.
    pub fn amin(&self, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        self.expect_elements("amin", dims)?;
        self.reduce(ReduceOp::Min, dims, keepdim)
    }

    /// The largest of all elements.
    pub fn max_all(&self) -> Result<Tensor> {
        self.extreme_of_all("max", ReduceOp::Max)
    }

    /// The smallest of all elements.
    pub fn min_all(&self) -> Result<Tensor> {
        self.extreme_of_all("min", ReduceOp::Min)
    }

    fn extreme_of_all(&self, name: &str, op: ReduceOp) -> Result<Tensor> {
        self.expect_elements(name, &[])?;
        let some = if self.dim() == 0 { self.reshape_to(&[1])? } else { self.clone() };
        some.reduce_by(op, mask_of(&[], some.dim())?, false, || Rule::ExtremeOfAll(op))
    }

    /// The largest along a dimension and where it is first.
    pub fn max_dim(&self, dim: i64, keepdim: bool) -> Result<(Tensor, Tensor)> {
        self.extreme(ReduceOp::ArgMax, "max", dim, keepdim)
    }

    /// The smallest along a dimension and where it is first.
    pub fn min_dim(&self, dim: i64, keepdim: bool) -> Result<(Tensor, Tensor)> {
        self.extreme(ReduceOp::ArgMin, "min", dim, keepdim)
    }

    /// Where the largest is first: along a dimension, or in row-major order of all elements.
    pub fn argmax(&self, dim: Option<i64>, keepdim: bool) -> Result<Tensor> {
        self.position_of("argmax", ReduceOp::ArgMax, dim, keepdim)
    }

    /// Where the smallest is first: along a dimension, or in row-major order of all elements.
    pub fn argmin(&self, dim: Option<i64>, keepdim: bool) -> Result<Tensor> {
        self.position_of("argmin", ReduceOp::ArgMin, dim, keepdim)
    }

    /// Whether any element is true (not zero) over some dimensions; of bytes it is a byte, as in torch.
    pub fn any(&self, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        self.truth(ReduceOp::Max, dims, keepdim)
    }

    /// Whether all elements are true (not zero) over some dimensions; of bytes it is a byte, as in torch.
    pub fn all(&self, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        self.truth(ReduceOp::Min, dims, keepdim)
    }

    /// How many elements are not zero, over some dimensions.
    pub fn count_nonzero(&self, dims: &[i64]) -> Result<Tensor> {
        self.to_dtype(DType::Bool)?.sum(dims, false)
    }

    fn truth(&self, op: ReduceOp, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        let out = if self.dtype() == DType::U8 { DType::U8 } else { DType::Bool };
        self.to_dtype(DType::Bool)?.reduce(op, dims, keepdim)?.to_dtype(out)
    }

    fn position_of(&self, name: &str, op: ReduceOp, dim: Option<i64>, keepdim: bool) -> Result<Tensor> {
        if self.dtype() == DType::Bool {
            return Err(unsupported!("{name}(): does not support bool input; convert it with .to(uint8)"));
        }
        self.position(name, op, dim, keepdim)
    }

    fn position(&self, name: &str, op: ReduceOp, dim: Option<i64>, keepdim: bool) -> Result<Tensor> {
        self.expect_elements(name, dim.as_slice())?;
        // A position among booleans is that among the bytes they are.
        let numbers = if self.dtype() == DType::Bool { self.to_dtype(DType::U8)? } else { self.clone() };
        numbers.reduce(op, dim.as_slice(), keepdim)
    }

    /// The position is reduced and the value read there, so that the gradient goes to one place.
    fn extreme(&self, op: ReduceOp, name: &str, dim: i64, keepdim: bool) -> Result<(Tensor, Tensor)> {
        if self.dim() == 0 {
            normalize_dim(dim, 0)?;
            return self.reshape_to(&[1])?.extreme(op, name, 0, false);
        }
        let d = normalize_dim(dim, self.dim())?;
        let indices = self.position(name, op, Some(dim), false)?;
        let plan: IndexPlan = walk_all_but(d, self.dim());
        let values = self.index_by(&plan, std::slice::from_ref(&indices), indices.shape())?;
        if keepdim {
            Ok((values.unsqueeze(d as i64)?, indices.unsqueeze(d as i64)?))
        } else {
            Ok((values, indices))
        }
    }

    /// Refuses reductions that have no answer for nothing.
    fn expect_elements(&self, name: &str, dims: &[i64]) -> Result<()> {
        let mask = mask_of(dims, self.dim())?;
        if dims.is_empty() && self.numel() == 0 {
            let message = format!("{name}(): Expected reduction dim to be specified for input.numel() == 0.");
            return Err(match name {
                "argmax" | "argmin" => index_err!("{message}"),
                _ => runtime_err!("{message} Specify the reduction dim with the 'dim' argument."),
            });
        }
        match axes(mask, self.dim()).find(|&d| self.shape()[d] == 0) {
            Some(d) => Err(index_err!("{name}(): Expected reduction dim {d} to have non-zero size.")),
            None => Ok(()),
        }
    }
}

fn axes(mask: u64, rank: usize) -> impl Iterator<Item = usize> {
    (0..rank).filter(move |d| mask >> d & 1 == 1)
}

/// The gradient of a product: each element's is the product of the others.
///
/// `x`, `out` and `g` have equal ranks. Dividing the product by the element says so where nothing is zero; where one
/// element is, only it has a gradient. That form cannot be differentiated again, so a second one, by running products
/// from both ends, serves derivatives of higher order.
pub(crate) fn prod_gradient(x: &Tensor, out: &Tensor, g: &Tensor, mask: u64) -> Result<Tensor> {
    if crate::autograd::is_grad_enabled() {
        return g.mul(&products_of_others(x, mask)?);
    }
    let dims: Vec<i64> = axes(mask, x.dim()).map(|d| d as i64).collect();
    let zero = x.eq(0.0)?;
    let zeros = zero.sum(&dims, true)?;
    let filled = super::select(&zero, 1.0, x)?;
    let others = filled.prod(&dims, true)?;
    let at_zero = super::select(&zeros.eq(1.0)?, &others, 0.0)?;
    g.mul(&super::select(&zero, &at_zero, &out.div(&filled)?)?)
}

/// For each element, the product of the others over the axes of the mask.
fn products_of_others(x: &Tensor, mask: u64) -> Result<Tensor> {
    let (kept, gone): (Vec<usize>, Vec<usize>) = (0..x.dim()).partition(|d| mask >> d & 1 == 0);
    let order: Vec<i64> = kept.iter().chain(&gone).map(|&d| d as i64).collect();
    let permuted = x.permute(&order)?;
    let mut shape: Dims = kept.iter().map(|&d| x.shape()[d]).collect();
    shape.push(gone.iter().map(|&d| x.shape()[d]).product());
    let rows = permuted.reshape_to(&shape)?;
    let from_left = rows.cumprod_before()?;
    let from_right = rows.flip(&[-1])?.cumprod_before()?.flip(&[-1])?;
    let others = from_left.mul(&from_right)?.reshape_to(permuted.shape())?;
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(i, &d)| back[d as usize] = i as i64);
    others.permute(&back)
}
