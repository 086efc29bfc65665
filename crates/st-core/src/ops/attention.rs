//! Attention as one node, and its gradient as another, neither of which holds the matrix of scores.
//!
//! Where no kernel can do it, and for gradients of gradients, there is the composite (`composite/attention.rs`).

use super::composite::attention_weights;
use crate::autograd::{Rule, is_grad_enabled};
use crate::graph::{Arg, Args, Node, Op};
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::view::{Dims, broadcast, numel};
use st_kernel::{DType, Result, Scalar, runtime_err};

/// `softmax(scale q k^T + mask) v` of `[batch.., m, d]`, `[batch.., n, d]` and `[batch.., n, dv]`, as one kernel.
///
/// Batch dimensions broadcast, also those of the mask `[batch.., m, n]`: a boolean one says what takes part, a float is
/// added. `causal` hides from query i the keys after i. A query that sees nothing gives zeros.
pub fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    mask: Option<&Tensor>,
    causal: bool,
    scale: f64,
) -> Result<Tensor> {
    let batch = batch_of(q, k, v, mask).ok_or_else(|| {
        runtime_err!(
            "attention: query {:?} {}, key {:?} {}, value {:?} {} and mask {:?} do not fit together",
            q.shape(),
            q.dtype(),
            k.shape(),
            k.dtype(),
            v.shape(),
            v.dtype(),
            mask.map(|mask| (mask.shape(), mask.dtype()))
        )
    })?;
    let over = |t: &Tensor, rest: [usize; 2]| {
        let shape: Dims = batch.iter().copied().chain(rest).collect();
        t.expand_to(&shape)
    };
    let (m, n) = (rows(q), rows(k));
    let (q, k, v) = (over(q, [m, width(q)])?, over(k, [n, width(k)])?, over(v, [n, width(v)])?);
    let mask = mask.map(|mask| over(mask, [m, n])).transpose()?;

    let shape: Dims = batch.iter().copied().chain([m, width(&v)]).collect();
    let sums = Some((shape[..shape.len() - 1].into(), q.dtype().compute()));
    let inputs: SmallVec<[&Tensor; 4]> = [&q, &k, &v].into_iter().chain(&mask).collect();
    let args = arguments(&inputs, scale);
    let op = Op::Attention { backward: false, causal };
    let node = Node::with_further(op, args, (shape, q.dtype()), sums, q.device());
    let inputs: SmallVec<[Option<&Tensor>; 4]> = inputs.into_iter().map(Some).collect();
    Ok(Tensor::record_two(node, &inputs, || Rule::Attention { causal, scale })?.0)
}

/// Whether [`attention`] takes these operands, and with a mask that needs no gradient.
pub(crate) fn has_kernel(q: &Tensor, k: &Tensor, v: &Tensor, mask: Option<&Tensor>) -> bool {
    let constant = mask.is_none_or(|mask| !(is_grad_enabled() && mask.requires_grad()));
    // GPUs have it in single and half precision.
    let known = q.device() == 0 || q.dtype() != DType::F64;
    known && constant && batch_of(q, k, v, mask).is_some()
}

fn rows(t: &Tensor) -> usize {
    t.shape()[t.dim() - 2]
}

fn width(t: &Tensor) -> usize {
    t.shape()[t.dim() - 1]
}

/// The batch dimensions, if the operands fit together.
fn batch_of(q: &Tensor, k: &Tensor, v: &Tensor, mask: Option<&Tensor>) -> Option<Dims> {
    if [q, k, v].iter().any(|t| t.dim() < 2 || t.dtype() != q.dtype() || t.device() != q.device()) {
        return None;
    }
    let batch = |t: &Tensor| Dims::from_slice(&t.shape()[..t.dim() - 2]);
    let mut all = broadcast(&broadcast(&batch(q), &batch(k))?, &batch(v))?;
    if let Some(mask) = mask {
        let scores = [rows(q), rows(k)];
        let whole = broadcast(mask.shape(), &scores)?;
        let known = mask.device() == q.device() && !mask.dtype().is_int() && whole.ends_with(&scores);
        all = broadcast(&all, &whole[..whole.len() - 2]).filter(|_| known)?;
    }
    (q.dtype().is_float() && width(q) == width(k) && rows(k) == rows(v)).then_some(all)
}

/// The scale is an operand, so that another number needs no other plan.
fn arguments(inputs: &[&Tensor], scale: f64) -> Args {
    inputs.iter().map(|t| t.arg()).chain([Arg::Number(Scalar::Float(scale))]).collect()
}

/// What the gradient reads.
pub(crate) struct Kept<'a> {
    pub(crate) q: &'a Tensor,
    pub(crate) k: &'a Tensor,
    pub(crate) v: &'a Tensor,
    pub(crate) mask: Option<&'a Tensor>,
    pub(crate) out: &'a Tensor,
    pub(crate) sums: &'a Tensor,
}

/// The gradients of q, k and v.
pub(crate) fn gradient(kept: &Kept, causal: bool, scale: f64, g: &Tensor) -> Result<[Tensor; 3]> {
    if is_grad_enabled() {
        return recorded_gradient(kept, causal, scale, g);
    }
    let Kept { q, k, v, mask, out, sums } = *kept;
    let inputs: SmallVec<[&Tensor; 7]> = [q, k, v].into_iter().chain(mask).chain([out, sums, g]).collect();
    let (of_k, of_v) = (numel(k.shape()), numel(v.shape()));
    // A node has two outputs: the gradients of k and v are one after the other.
    let second = Some((Dims::from_slice(&[of_k + of_v]), q.dtype()));
    let op = Op::Attention { backward: true, causal };
    let shape = Dims::from_slice(q.shape());
    let node = Node::with_further(op, arguments(&inputs, scale), (shape, q.dtype()), second, q.device());
    let inputs: SmallVec<[Option<&Tensor>; 7]> = inputs.into_iter().map(Some).collect();
    let (of_q, rest) =
        Tensor::record_two(node, &inputs, || unreachable!("recorded gradients are composites"))?;
    let part = |first: usize, like: &Tensor| {
        rest.narrow(0, first as i64, numel(like.shape()) as i64)?.reshape_to(like.shape())
    };
    Ok([of_q, part(0, k)?, part(of_k, v)?])
}

/// The same of operators that can be differentiated again.
fn recorded_gradient(kept: &Kept, causal: bool, scale: f64, g: &Tensor) -> Result<[Tensor; 3]> {
    let Kept { q, k, v, mask, .. } = *kept;
    let weights = attention_weights(q, k, mask, causal, scale)?;
    let g = g.widened()?;
    let of_weights = g.matmul(&v.widened()?.transpose(-2, -1)?)?;
    let dots = weights.mul(&of_weights)?.sum(&[-1], true)?;
    let of_scores = weights.mul(&of_weights.sub(&dots)?)?.mul(scale)?;
    Ok([
        of_scores.matmul(&k.widened()?)?,
        of_scores.transpose(-2, -1)?.matmul(&q.widened()?)?,
        weights.transpose(-2, -1)?.matmul(&g)?,
    ])
}
