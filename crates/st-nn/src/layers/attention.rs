//! Attention with several heads.

use crate::init;
use crate::{Layer, Linear, Module, Parameter, Training, Visitor};
use st_core::functional::{AttentionOptions, linear, scaled_dot_product_attention};
use st_core::{Result, Tensor, value_err};

/// Attention of several heads over `[batch, time, width]` (torch's `MultiheadAttention` with `batch_first=True`).
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::{DType, Tensor};
/// use st_nn::{Layer, MultiheadAttention};
/// let attention = MultiheadAttention::new(32, 4)?.causal();
/// let x = Tensor::randn(&[2, 7, 32], DType::F32, 0)?;
/// assert_eq!(attention.forward(&x)?.shape(), [2, 7, 32]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct MultiheadAttention {
    /// `[3 * width, width]`: what makes queries, keys and values.
    pub in_proj_weight: Parameter,
    /// `[3 * width]`.
    pub in_proj_bias: Parameter,
    /// What makes the output of the heads'.
    pub out_proj: Linear,
    training: Training,
    heads: usize,
    dropout: f64,
    causal: bool,
}

impl MultiheadAttention {
    /// A layer with Glorot's uniform weights and biases of zero.
    pub fn new(width: usize, heads: usize) -> Result<MultiheadAttention> {
        if heads == 0 || !width.is_multiple_of(heads) {
            return Err(value_err!("MultiheadAttention: width {width} must be divisible by {heads} heads"));
        }
        let out_proj = Linear::new(width, width)?;
        if let Some(bias) = &out_proj.bias {
            bias.set(&init::zeros(&[width])?)?;
        }
        Ok(MultiheadAttention {
            in_proj_weight: Parameter::new(init::xavier_uniform(&[3 * width, width], 1.0)?)?,
            in_proj_bias: Parameter::new(init::zeros(&[3 * width])?)?,
            out_proj,
            training: Training::default(),
            heads,
            dropout: 0.0,
            causal: false,
        })
    }

    /// In training, weights of attention are dropped with probability `p`.
    pub fn dropout(mut self, p: f64) -> MultiheadAttention {
        self.dropout = p;
        self
    }

    /// A position sees only those before it and itself.
    pub fn causal(mut self) -> MultiheadAttention {
        self.causal = true;
        self
    }

    /// Attention of queries to keys, giving values. A boolean mask is true where a query sees a key, another one is added
    /// to the products; it broadcasts to `[batch, heads, queries, keys]`.
    pub fn attend(
        &self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        mask: Option<&Tensor>,
    ) -> Result<Tensor> {
        let (weights, biases) = (self.in_proj_weight.get(), self.in_proj_bias.get());
        let (weights, biases) = (weights.chunk(3, 0)?, biases.chunk(3, 0)?);
        let project = |x: &Tensor, i: usize| self.split(&linear(x, &weights[i], Some(&biases[i]))?);
        self.mix(&project(query, 0)?, &project(key, 1)?, &project(value, 2)?, mask)
    }

    /// `[batch, time, width]` as `[batch, heads, time, width / heads]`.
    fn split(&self, x: &Tensor) -> Result<Tensor> {
        if x.dim() != 3 {
            return Err(value_err!("MultiheadAttention: expected [batch, time, width], got {:?}", x.shape()));
        }
        x.unflatten(2, &[self.heads as i64, -1])?.transpose(1, 2)
    }

    fn mix(&self, q: &Tensor, k: &Tensor, v: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        let dropout = if self.training.get() { self.dropout } else { 0.0 };
        let options = AttentionOptions { dropout, causal: self.causal, ..AttentionOptions::default() };
        let heads = scaled_dot_product_attention(q, k, v, mask, &options)?;
        self.out_proj.forward(&heads.transpose(1, 2)?.flatten(2, 3)?)
    }
}

impl Module for MultiheadAttention {
    fn visit(&self, v: &mut Visitor) {
        v.field("in_proj_weight", &self.in_proj_weight)
            .field("in_proj_bias", &self.in_proj_bias)
            .field("out_proj", &self.out_proj)
            .field("training", &self.training);
    }
}

impl Layer for MultiheadAttention {
    /// Attention of a sequence to itself: one product makes queries, keys and values.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let all = linear(x, &self.in_proj_weight.get(), Some(&self.in_proj_bias.get()))?;
        let [q, k, v] = &all.chunk(3, -1)?[..] else {
            return Err(value_err!("MultiheadAttention: expected [batch, time, width], got {:?}", x.shape()));
        };
        self.mix(&self.split(q)?, &self.split(k)?, &self.split(v)?, None)
    }
}
