//! Running reductions along a dimension: cumsum, cumprod, cummax, cummin, logcumsumexp.

use super::index::displace;
use super::{arrange, join, select};
use crate::autograd::{self, Call, Formula, Gradients, Keeps, Rule, is_grad_enabled};
use crate::graph::{Args, Node, Op};
use crate::tensor::{Tensor, normalize_dim};
use smallvec::smallvec;
use st_kernel::view::Dims;
use st_kernel::{DType, Result, ScanOp, ScatterOp, unsupported};

impl Tensor {
    /// A running reduction along a dimension; of maxima and minima also the position of the last of each.
    ///
    /// Sums and products of integers and booleans are `int64`; those of half precision are rounded at the end.
    pub fn scan(&self, op: ScanOp, dim: i64) -> Result<(Tensor, Option<Tensor>)> {
        let axis = normalize_dim(dim, self.dim())?;
        if self.dim() == 0 {
            let (values, positions) = self.reshape_to(&[1])?.scan(op, 0)?;
            return Ok((values.reshape_to(&[])?, positions.map(|p| p.reshape_to(&[])).transpose()?));
        }
        let dtype = self.dtype();
        let extreme = matches!(op, ScanOp::Max | ScanOp::Min);
        let (inside, outside) = match dtype {
            DType::Bool if extreme => (DType::U8, DType::Bool),
            _ if extreme => (dtype, dtype),
            _ if dtype.is_float() => (dtype.compute(), dtype),
            _ => (DType::I64, DType::I64),
        };
        let (values, positions) = self.to_dtype(inside)?.scan_axis(op, axis, extreme)?;
        Ok((values.to_dtype(outside)?, positions))
    }

    fn scan_axis(&self, op: ScanOp, axis: usize, extreme: bool) -> Result<(Tensor, Option<Tensor>)> {
        let shape = Dims::from_slice(self.shape());
        let second = extreme.then(|| (shape.clone(), DType::I64));
        let (kind, args) = (Op::Scan(op, axis as u8), Args::from_iter([self.arg()]));
        let node = Node::with_further(kind, args, (shape, self.dtype()), second, self.device());
        let rule = || Rule::Scan(op, axis as u8);
        if extreme {
            let (values, positions) = Tensor::record_two(node, &[Some(self)], rule)?;
            Ok((values, Some(positions)))
        } else {
            Ok((Tensor::record(node, &[Some(self)], rule)?, None))
        }
    }

    /// The running sum.
    pub fn cumsum(&self, dim: i64) -> Result<Tensor> {
        Ok(self.scan(ScanOp::Sum, dim)?.0)
    }

    /// The running product.
    pub fn cumprod(&self, dim: i64) -> Result<Tensor> {
        Ok(self.scan(ScanOp::Prod, dim)?.0)
    }

    /// The running maximum and the position of its last occurrence.
    pub fn cummax(&self, dim: i64) -> Result<(Tensor, Tensor)> {
        let (values, positions) = self.scan(ScanOp::Max, dim)?;
        Ok((values, positions.expect("a running maximum has positions")))
    }

    /// The running minimum and the position of its last occurrence.
    pub fn cummin(&self, dim: i64) -> Result<(Tensor, Tensor)> {
        let (values, positions) = self.scan(ScanOp::Min, dim)?;
        Ok((values, positions.expect("a running minimum has positions")))
    }

    /// The running logarithm of the sum of exponentials.
    pub fn logcumsumexp(&self, dim: i64) -> Result<Tensor> {
        if !self.dtype().is_float() {
            return Err(unsupported!(
                "\"logcumsumexp\" not implemented for {}; convert the tensor with .float()",
                self.dtype()
            ));
        }
        Ok(self.scan(ScanOp::LogSumExp, dim)?.0)
    }

    /// The running product of what comes before each element of the last dimension.
    pub(crate) fn cumprod_before(&self) -> Result<Tensor> {
        let n = self.shape()[self.dim() - 1];
        if n == 0 {
            return Ok(self.clone());
        }
        let mut first = Dims::from_slice(self.shape());
        first[self.dim() - 1] = 1;
        let one = Tensor::full(&first, 1.0, self.dtype(), self.device())?;
        join::cat(&[one, self.narrow(-1, 0, n as i64 - 1)?], -1)?.cumprod(-1)
    }

    fn backwards(&self, axis: i64, scan: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
        scan(&self.flip(&[axis])?)?.flip(&[axis])
    }
}

/// The gradient of a running reduction of `x` with the results `out` and, for extremes, `positions`.
pub(crate) fn gradient(
    op: ScanOp,
    axis: usize,
    g: &Tensor,
    (x, out, positions): (Option<&Tensor>, Option<&Tensor>, Option<&Tensor>),
) -> Result<Tensor> {
    let dim = axis as i64;
    let kept = "kept by Rule::keeps";
    match op {
        ScanOp::Sum => g.backwards(dim, |g| g.cumsum(dim)),
        ScanOp::Prod => cumprod_gradient(x.expect(kept), out.expect(kept), g, dim),
        ScanOp::LogSumExp => shares(Shares::Later, x.expect(kept), out.expect(kept), g, dim),
        ScanOp::Max | ScanOp::Min => {
            let zeros = Tensor::full(g.shape(), 0.0, g.dtype(), g.device())?;
            let positions = positions.expect(kept).clone();
            zeros.scatter_by(ScatterOp::Add, &displace(axis, g.dim()), &[positions], g)
        }
    }
}

/// The sum of later `g * out` divided by x, up to the first zero; at the first zero, with a one in its place; then nothing.
fn cumprod_gradient(x: &Tensor, out: &Tensor, g: &Tensor, dim: i64) -> Result<Tensor> {
    if is_grad_enabled() {
        return cumprod_gradient_again(x, g, dim);
    }
    let later = |terms: &Tensor| terms.backwards(dim, |t| t.cumsum(dim));
    let zero = x.eq(0.0)?;
    let zeros_so_far = zero.cumsum(dim)?;
    let first = zero.logical_and(&zeros_so_far.eq(1.0)?)?;
    let one_at_first = select(&first, 1.0, x)?;
    let before = later(&g.mul(out)?)?.div(&select(&zero, 1.0, x)?)?;
    let at_first = later(&select(&zeros_so_far.eq(0.0)?, 0.0, &g.mul(&one_at_first.cumprod(dim)?)?)?)?;
    let up_to_first = select(&zeros_so_far.eq(0.0)?, &before, 0.0)?;
    select(&first, &at_first, &up_to_first)
}

/// The same as a sum over pairs of elements, of products that leave one out: n times the memory, any order of derivative.
fn cumprod_gradient_again(x: &Tensor, g: &Tensor, dim: i64) -> Result<Tensor> {
    let (x, g) = (x.transpose(dim, -1)?, g.transpose(dim, -1)?);
    let n = x.shape()[x.dim() - 1];
    let column = arrange::positions(n, x.device()).unsqueeze(1)?;
    let row = arrange::positions(n, x.device());
    // factor[.., k, i] is x[i] after k and 1 up to it, so its running product leaves out what stands up to k.
    let factors = select(&row.gt(&column)?, &x.unsqueeze(-2)?, 1.0)?;
    let after = factors.cumprod(-1)?;
    let from_k = select(&row.ge(&column)?, &after, 0.0)?;
    let sums = g.unsqueeze(-2)?.mul(&from_k)?.sum(&[-1], false)?;
    sums.mul(&x.cumprod_before()?)?.transpose(dim, -1)
}

/// Which elements share in a running sum of exponentials, and whose shares are added.
#[derive(Clone, Copy)]
enum Shares {
    /// Of each element in the sums from its own on.
    Later,
    /// Of the elements up to each sum.
    Earlier,
}

/// Sums of `g * exp(x - out)`, in logarithms because `exp(x - out)` alone would overflow; the signs of `g` go separate
/// ways. Its own gradient is written down: it is linear in `g`, which the logarithms do not show where `g` is zero.
fn shares(which: Shares, x: &Tensor, out: &Tensor, g: &Tensor, dim: i64) -> Result<Tensor> {
    let lowest = if g.dtype() == DType::F64 { f64::MIN } else { f64::from(f32::MIN) };
    let (from, to) = (x.detach(), out.detach());
    let part = |g: &Tensor| -> Result<Tensor> {
        let log = select(&g.gt(0.0)?, &g.log()?, lowest)?;
        match which {
            Shares::Later => log.sub(&to)?.backwards(dim, |t| t.logcumsumexp(dim))?.add(&from)?.exp(),
            Shares::Earlier => log.add(&from)?.logcumsumexp(dim)?.sub(&to)?.exp(),
        }
    };
    let sums = part(&g.detach())?.sub(&part(&g.detach().neg()?)?)?;
    let gradient = move |call: &Call| -> Result<Gradients> {
        let Some(up) = &call.upstream[0] else { return Ok(smallvec![None, None, None]) };
        let (x, out, g) = (call.input(0), call.input(1), call.input(2));
        let own = up.mul(call.output(0))?;
        let other = match which {
            Shares::Later => Shares::Earlier,
            Shares::Earlier => Shares::Later,
        };
        let of_g = shares(other, x, out, up, dim)?;
        let crossed = g.mul(&of_g)?;
        let (of_x, of_out) = match which {
            Shares::Later => (own, crossed),
            Shares::Earlier => (crossed, own),
        };
        Ok(smallvec![Some(of_x), Some(of_out.neg()?), Some(of_g)])
    };
    let keeps = Keeps { inputs: 0b111, outputs: 1 };
    let formula = Formula { name: "logcumsumexp_backward", keeps, gradient: Box::new(gradient) };
    autograd::record(std::slice::from_ref(&sums), &[Some(x), Some(out), Some(g)], || {
        Rule::Formula(Box::new(formula))
    })?;
    Ok(sums)
}
