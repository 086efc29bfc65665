//! Losses of pairs, triples, margins and counts. Each gives the losses of elements (or rows); a [`Reduction`] does the rest.

use super::Reduction;
use crate::autograd::torch_name;
use crate::ops::arrange::positions;
use crate::ops::index::expect_known;
use crate::ops::pointwise::expect_float;
use crate::ops::select;
use crate::tensor::Tensor;
use st_kernel::{DType, Result, Scalar, index_err, runtime_err, value_err};
use std::f64::consts::PI;

/// Losses, reduced and rounded to a dtype once.
fn finished(losses: &Tensor, reduction: Reduction, dtype: DType) -> Result<Tensor> {
    let loss = reduction.apply(losses)?;
    if dtype.is_float() { loss.to_dtype(dtype) } else { Ok(loss) }
}

fn wide(tensors: &[&Tensor]) -> Result<(Vec<Tensor>, DType)> {
    let dtype = tensors.iter().map(|t| t.dtype()).reduce(DType::promote).expect("there is an input");
    Ok((tensors.iter().map(|t| t.widened()).collect::<Result<_>>()?, dtype))
}

/// By how much `target` times the difference falls short of the margin.
pub fn margin_ranking(
    x1: &Tensor,
    x2: &Tensor,
    target: &Tensor,
    margin: f64,
    how: Reduction,
) -> Result<Tensor> {
    if x1.dim() != x2.dim() || x1.dim() != target.dim() {
        return Err(runtime_err!(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: {:?}, input2: {:?}, target: {:?} ",
            x1.shape(),
            x2.shape(),
            target.shape()
        ));
    }
    // Torch rounds the difference to the inputs' dtype, which the target's need not be.
    let difference = x1.sub(x2)?;
    let (wide, dtype) = wide(&[&difference, target])?;
    let losses = wide[1].neg()?.mul(&wide[0])?.add(margin)?.clamp_above(0.0)?;
    finished(&losses, how, dtype)
}

/// The distance where the target is 1; by how much it falls short of the margin where it is -1.
pub fn hinge_embedding(input: &Tensor, target: &Tensor, margin: f64, how: Reduction) -> Result<Tensor> {
    // The target only chooses: the loss has the input's dtype, and so has the margin.
    let (x, t) = (&input.widened()?, target);
    let margin = if x.dtype().is_float() { Scalar::Float(margin) } else { Scalar::Int(margin as i64) };
    let short = x.neg()?.add(margin)?.clamp_above(0)?;
    let losses = select(&t.ne(1)?, &short, 0)?.add(&select(&t.ne(-1)?, x, 0)?)?;
    finished(&losses, how, input.dtype())
}

/// The angle between pairs where the target is 1, how similar they are beyond the margin where it is -1.
pub fn cosine_embedding(
    x1: &Tensor,
    x2: &Tensor,
    target: &Tensor,
    margin: f64,
    how: Reduction,
) -> Result<Tensor> {
    const TINY: f64 = 1e-12;
    if target.dim() > 1 {
        return Err(runtime_err!("0D or 1D target tensor expected, multi-target not supported"));
    }
    if x1.dim() != target.dim() + 1 || x2.dim() != target.dim() + 1 {
        return Err(runtime_err!(
            "{}D target tensor expects {}D input tensors, but found inputs with sizes {:?} and {:?}.",
            target.dim(),
            target.dim() + 1,
            x1.shape(),
            x2.shape()
        ));
    }
    let (wide, dtype) = wide(&[x1, x2])?;
    let (a, b) = (&wide[0], &wide[1]);
    let norm = |x: &Tensor| x.square()?.sum(&[-1], false)?.add(TINY);
    let cosine = a.mul(b)?.sum(&[-1], false)?.div(&norm(a)?.mul(&norm(b)?)?.sqrt()?)?;
    let near = select(&target.eq(1)?, &cosine.neg()?.add(1.0)?, 0.0)?;
    let far = select(&target.eq(-1)?, &cosine.sub(margin)?.clamp_above(0.0)?, 0.0)?;
    finished(&near.add(&far)?, how, dtype)
}

/// The settings of [`triplet_margin`].
#[derive(Clone, Copy, Debug)]
pub struct Triplet {
    /// By how much the negative shall be farther away.
    pub margin: f64,
    /// Of the norm.
    pub p: f64,
    /// Added to differences.
    pub eps: f64,
    /// Whether the positive's distance to the negative counts if it is smaller.
    pub swap: bool,
}

/// By how much the negative is not as much farther away than the positive as it shall be.
pub fn triplet_margin(
    anchor: &Tensor,
    positive: &Tensor,
    negative: &Tensor,
    o: &Triplet,
    how: Reduction,
) -> Result<Tensor> {
    if anchor.dim() != positive.dim() || positive.dim() != negative.dim() {
        return Err(runtime_err!(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor {}D, positive {}D, and negative {}D inputs",
            anchor.dim(),
            positive.dim(),
            negative.dim()
        ));
    }
    let (wide, dtype) = wide(&[anchor, positive, negative])?;
    let distance = |a: &Tensor, b: &Tensor| a.pairwise_distance(b, o.p, o.eps, false);
    let near = distance(&wide[0], &wide[1])?;
    let mut far = distance(&wide[0], &wide[2])?;
    if o.swap {
        far = far.minimum(&distance(&wide[1], &wide[2])?)?;
    }
    finished(&near.sub(&far)?.add(o.margin)?.clamp_above(0.0)?, how, dtype)
}

/// A row for each sample, and whether there was one sample without a dimension for it.
fn rows(name: &str, input: &Tensor, target: &Tensor, target_rank: usize) -> Result<(Tensor, Tensor, bool)> {
    expect_float(name, input)?;
    // (The class of a batch of one may be a number.)
    let one = input.dim() < 2 || (input.shape()[0] == 1 && target.dim() == 0 && target_rank == 1);
    let classes = input.shape().last().copied().unwrap_or(1);
    if input.dim() > 2 || classes == 0 {
        return Err(runtime_err!(
            "{name}: Expected non-empty vector or matrix with optional 0-dim batch size, but got: {:?}",
            input.shape()
        ));
    }
    let batch = if one { 1 } else { input.shape()[0] };
    let wanted: &[usize] = if target_rank == 1 { &[batch] } else { &[batch, classes] };
    let fits = if one {
        target.numel() == wanted.iter().product::<usize>() && target.dim() <= 1
    } else {
        target.shape() == wanted
    };
    if !fits && name == "multilabel_margin_loss" {
        return Err(runtime_err!(
            "inconsistent target size: {:?} for input of size: {:?}",
            target.shape(),
            input.shape()
        ));
    }
    if !fits {
        return Err(runtime_err!(
            "{name}: target tensor should be {target_rank}-D with size equal to the input's {:?}. Expected target size {wanted:?}, but got {:?}",
            input.shape(),
            target.shape()
        ));
    }
    if target.dtype() != DType::I64 {
        return Err(runtime_err!("expected scalar type Long but found {}", torch_name(target.dtype())));
    }
    Ok((input.widened()?.reshape_to(&[batch, classes])?, target.reshape_to(wanted)?, one))
}

/// By how much the other classes come too near to the target's, to the power of `p`.
pub fn multi_margin(
    input: &Tensor,
    target: &Tensor,
    p: i64,
    margin: f64,
    weight: Option<&Tensor>,
    how: Reduction,
) -> Result<Tensor> {
    if p != 1 && p != 2 {
        return Err(value_err!("only p == 1 and p == 2 supported"));
    }
    if weight.is_some_and(|w| w.dim() != 1) {
        return Err(value_err!("weight must be one-dimensional"));
    }
    let classes = input.shape().last().copied().unwrap_or(1);
    if let Some(w) = weight
        && w.numel() != classes
    {
        return Err(runtime_err!(
            "multi_margin_loss: inconsistent weight size, expected {classes} but got {:?}",
            w.shape()
        ));
    }
    let (x, y, one) = rows("multi_margin_loss", input, target, 1)?;
    expect_known(&y, |class| (0..classes as i64).contains(&class.to_i64()), "target out of range")?;
    let column = y.unsqueeze(1)?;
    let own = x.gather(1, &column)?;
    let mut terms = x.sub(&own)?.add(margin)?.relu()?;
    if p == 2 {
        terms = terms.square()?;
    }
    if let Some(w) = weight {
        terms = terms.mul(&w.widened()?.index_select(0, &y)?.unsqueeze(1)?)?;
    }
    let others = positions(classes, input.device()).ne(&column)?;
    let losses = select(&others, &terms, 0.0)?.sum(&[1], false)?.div(classes as f64)?;
    finished(&if one { losses.reshape_to(target.shape())? } else { losses }, how, input.dtype())
}

/// As [`multi_margin`] with several target classes, those of a row before the first -1.
pub fn multilabel_margin(input: &Tensor, target: &Tensor, how: Reduction) -> Result<Tensor> {
    let (x, y, one) = rows("multilabel_margin_loss", input, target, 2)?;
    let classes = x.shape()[1];
    let counts = y.ge(0)?.to_dtype(DType::I64)?.cumprod(1)?.to_dtype(DType::Bool)?;
    let y = select(&counts, &y, 0)?;
    // [sample, target, class]
    let hot = positions(classes, input.device()).eq(&y.unsqueeze(2)?)?.logical_and(&counts.unsqueeze(2)?)?;
    let other = hot.any(&[1], false)?.logical_not()?;
    let own = x.gather(1, &y)?.unsqueeze(2)?;
    let terms = x.unsqueeze(1)?.sub(&own)?.add(1.0)?.relu()?;
    let pairs = counts.unsqueeze(2)?.logical_and(&other.unsqueeze(1)?)?;
    let losses = select(&pairs, &terms, 0.0)?.sum(&[1, 2], false)?.div(classes as f64)?;
    finished(&if one { losses.reshape_to(&[])? } else { losses }, how, input.dtype())
}

/// log(1 + exp(-target * input)).
pub fn soft_margin(input: &Tensor, target: &Tensor, how: Reduction) -> Result<Tensor> {
    let (wide, _) = wide(&[input, target])?;
    let losses = wide[0].mul(&wide[1])?.logsigmoid()?.neg()?;
    if losses.shape() != input.shape() {
        return Err(runtime_err!(
            "soft_margin_loss: output with shape {:?} doesn't match the broadcast shape {:?}",
            input.shape(),
            losses.shape()
        ));
    }
    if !input.dtype().is_float() {
        return Err(runtime_err!(
            "soft_margin_loss: result type Float can't be cast to the desired output type {}; convert the input with .float()",
            torch_name(input.dtype())
        ));
    }
    finished(&losses, how, input.dtype())
}

/// The mean over classes of what a coin for each loses.
pub fn multilabel_soft_margin(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    how: Reduction,
) -> Result<Tensor> {
    let (wide, dtype) = wide(&[input, target])?;
    let (x, t) = (&wide[0], &wide[1]);
    let hit = t.mul(&x.logsigmoid()?)?;
    let mut losses = hit.add(&t.neg()?.add(1.0)?.mul(&x.neg()?.logsigmoid()?)?)?.neg()?;
    if let Some(weight) = weight {
        losses = losses.mul(weight)?;
    }
    // (Target and weight may bring more dimensions in front.)
    let Some((classes, others)) = input.shape().split_last() else {
        return Err(index_err!("Dimension specified as -1 but tensor has no dimensions"));
    };
    finished(&losses.sum(&[others.len() as i64], false)?.div(*classes as f64)?, how, dtype)
}

/// Minus the log-likelihood of counts.
pub fn poisson_nll(
    input: &Tensor,
    target: &Tensor,
    log_input: bool,
    full: bool,
    eps: f64,
    how: Reduction,
) -> Result<Tensor> {
    let (wide, dtype) = wide(&[input, target])?;
    let (x, t) = (&wide[0], &wide[1]);
    let mut losses = match log_input {
        true => x.exp()?.sub(&t.mul(x)?)?,
        false => x.sub(&t.mul(&x.add(eps)?.log()?)?)?,
    };
    if full {
        // Stirling's formula for the logarithm of a factorial.
        let many = t.gt(1)?;
        let safe = select(&many, t, 1.0)?;
        let stirling = safe.mul(&safe.log()?)?.sub(&safe)?.add(&safe.mul(2.0 * PI)?.log()?.mul(0.5)?)?;
        losses = losses.add(&select(&many, &stirling, 0.0)?)?;
    }
    finished(&losses, how, dtype)
}

/// Minus the log-likelihood of normal numbers with a mean and a variance for each, which counts as at least `eps`.
pub fn gaussian_nll(
    input: &Tensor,
    target: &Tensor,
    var: &Tensor,
    full: bool,
    eps: f64,
    how: Reduction,
) -> Result<Tensor> {
    if var.numel() > 0 && var.detach().lt(0)?.any(&[], false)?.item()?.to_i64() != 0 {
        return Err(value_err!("var has negative entry/entries"));
    }
    let mut var = if var.dtype().is_float() { var.clone() } else { var.to_dtype(crate::default_dtype())? };
    if var.shape() != input.shape() {
        let (own, other) = (input.shape(), var.shape());
        let differ = || own.iter().zip(other).filter(|(a, b)| a != b).map(|(_, &b)| b).sum::<usize>() == 1;
        if !own.is_empty() && own[..own.len() - 1] == *other {
            var = var.unsqueeze(-1)?;
        } else if own.len() != other.len() || !differ() {
            return Err(value_err!("var is of incorrect size"));
        }
    }
    let (wide, dtype) = wide(&[input, target, &var])?;
    let (x, t, v) = (&wide[0], &wide[1], &wide[2]);
    // The gradient takes no notice of the least variance.
    let v = v.sub(&v.detach())?.add(&v.detach().clamp_above(eps)?)?;
    let mut losses = v.log()?.add(&x.sub(t)?.square()?.div(&v)?)?.mul(0.5)?;
    if full {
        losses = losses.add(0.5 * (2.0 * PI).ln())?;
    }
    finished(&losses, how, dtype)
}
