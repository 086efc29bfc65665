//! Attention as users call it: one kernel where there is one, else written plainly.

use crate::ops::Operand;
use crate::ops::attention::{attention, has_kernel};
use crate::ops::pointwise::{Pointwise, apply, expect_float};
use crate::ops::select;
use crate::tensor::{Tensor, cell_of};
use st_kernel::expr::{gt, select as choose};
use st_kernel::{DType, Expr, Result, runtime_err};

/// The settings of [`scaled_dot_product_attention`].
#[derive(Clone, Copy, Debug, Default)]
pub struct AttentionOptions {
    /// Share of the weights that is dropped.
    pub dropout: f64,
    /// Whether a position sees only those before it and itself.
    pub causal: bool,
    /// What products are multiplied by; 1 / sqrt(width) if nothing is said.
    pub scale: Option<f64>,
    /// Whether several heads of the query share one of key and value.
    pub grouped: bool,
}

/// `softmax(query @ key.T * scale + mask) @ value`. A boolean mask says what takes part, another one is added.
pub fn scaled_dot_product_attention(
    query: &Tensor,
    key: &Tensor,
    value: &Tensor,
    mask: Option<&Tensor>,
    options: &AttentionOptions,
) -> Result<Tensor> {
    expect_float("scaled_dot_product_attention", query)?;
    if query.dim() < 2 || key.dim() < 2 || value.dim() < 2 {
        return Err(runtime_err!(
            "scaled_dot_product_attention: query {:?}, key {:?} and value {:?} must have at least 2 dimensions",
            query.shape(),
            key.shape(),
            value.shape()
        ));
    }
    if let Some(mask) = mask
        && !matches!(mask.dtype(), DType::Bool | DType::F32)
        && mask.dtype() != query.dtype()
    {
        return Err(runtime_err!(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: {} and  query.dtype: {} instead.",
            mask.dtype(),
            query.dtype()
        ));
    }
    if options.causal && mask.is_some() {
        return Err(runtime_err!(
            "scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True"
        ));
    }
    let width = query.shape()[query.dim() - 1];
    let scale = options.scale.unwrap_or(1.0 / (width as f64).sqrt());
    let one_kernel = |query: &Tensor, key: &Tensor, value: &Tensor, mask: Option<&Tensor>| {
        let fits = options.dropout == 0.0 && has_kernel(query, key, value, mask);
        fits.then(|| attention(query, key, value, mask, options.causal, scale)).transpose()
    };
    let (key, value) = if options.grouped {
        if let Some(grouped) = Grouped::new(query, key, value, mask)? {
            let Grouped { query: q, key: k, value: v, mask } = grouped;
            if let Some(out) = one_kernel(&q, &k, &v, mask.as_ref())? {
                return out.flatten(-4, -3);
            }
        }
        (shared(query, key)?, shared(query, value)?)
    } else {
        (key.clone(), value.clone())
    };
    if let Some(out) = one_kernel(query, &key, &value, mask)? {
        return Ok(out);
    }
    let weights = attention_weights(query, &key, mask, options.causal, scale)?;
    weights.to_dtype(query.dtype())?.dropout(options.dropout, true)?.matmul(&value)
}

/// What values are weighed by: `softmax(query @ key.T * scale + mask)`, in single precision at least.
pub(crate) fn attention_weights(
    query: &Tensor,
    key: &Tensor,
    mask: Option<&Tensor>,
    hide_the_future: bool,
    scale: f64,
) -> Result<Tensor> {
    let mut scores = query.wide_matmul(&key.transpose(-2, -1)?)?.mul(scale)?;
    if hide_the_future {
        scores = causal(&scores)?;
    }
    scores = match mask {
        None => scores,
        Some(mask) if mask.dtype() == DType::Bool => select(mask, &scores, f64::NEG_INFINITY)?,
        Some(mask) => scores.add(mask)?,
    };
    if mask.is_some() { scores.softmax_or_zero(-1) } else { scores.softmax(-1, None) }
}

/// -inf above the diagonal.
fn causal(scores: &Tensor) -> Result<Tensor> {
    let dtype = scores.dtype();
    let expr = Expr::build(&[dtype, DType::I64, DType::I64], |x| {
        let (row, column) = cell_of(x[1], x[2]);
        vec![choose(gt(column, row), f64::NEG_INFINITY, x[0], x[0])]
    });
    let n = scores.dim();
    let sizes = [scores.shape()[n - 2], scores.shape()[n - 1]].map(|n| Operand::Scalar(n.max(1).into()));
    apply(Pointwise::intern("causal_mask", expr, None), &[scores.into(), sizes[0], sizes[1]])
}

/// Operands whose query heads are two dimensions, groups and the heads that share one of key and value, so that nothing
/// is repeated.
struct Grouped {
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Option<Tensor>,
}

impl Grouped {
    /// `None` if heads cannot be grouped evenly.
    fn new(query: &Tensor, key: &Tensor, value: &Tensor, mask: Option<&Tensor>) -> Result<Option<Grouped>> {
        let heads = |t: &Tensor| t.shape().len().checked_sub(3).map_or(0, |d| t.shape()[d]);
        let (wanted, groups) = (heads(query), heads(key));
        if wanted == 0 || groups == 0 || heads(value) != groups || !wanted.is_multiple_of(groups) {
            return Ok(None);
        }
        let split = |t: &Tensor| t.unflatten(-3, &[groups as i64, (wanted / groups) as i64]);
        let mask = match mask {
            Some(mask) if heads(mask) == wanted && wanted > 1 => Some(split(mask)?),
            Some(mask) if mask.dim() > 2 => Some(mask.unsqueeze(-3)?),
            other => other.cloned(),
        };
        let (key, value) = (key.unsqueeze(-3)?, value.unsqueeze(-3)?);
        Ok(Some(Grouped { query: split(query)?, key, value, mask }))
    }
}

/// Heads repeated until there are as many as the query has.
fn shared(query: &Tensor, t: &Tensor) -> Result<Tensor> {
    let heads = |t: &Tensor| t.shape().len().checked_sub(3).map_or(1, |d| t.shape()[d]);
    let (wanted, have) = (heads(query), heads(t));
    if have == wanted {
        return Ok(t.clone());
    }
    if have == 0 || !wanted.is_multiple_of(have) {
        return Err(runtime_err!(
            "scaled_dot_product_attention: {wanted} heads of the query cannot share {have} of key and value"
        ));
    }
    t.repeat_interleave((wanted / have) as i64, Some(-3))
}
