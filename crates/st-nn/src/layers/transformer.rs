//! The layer transformers are made of.

use crate::{Dropout, Layer, LayerNorm, Linear, Module, MultiheadAttention, Visitor};
use st_core::{Result, Tensor};

/// Attention and two linear layers, each with a way around it and a norm, over `[batch, time, width]`.
#[derive(Clone, Debug)]
pub struct TransformerEncoderLayer {
    /// The attention.
    pub self_attn: MultiheadAttention,
    /// From the width to the inner one.
    pub linear1: Linear,
    /// Back to the width.
    pub linear2: Linear,
    /// The norm at the attention.
    pub norm1: LayerNorm,
    /// The norm at the linear layers.
    pub norm2: LayerNorm,
    dropout: Dropout,
    norm_first: bool,
    gelu: bool,
}

impl TransformerEncoderLayer {
    /// A layer with an inner width of `feedforward`, torch's dropout of 0.1, relu, and norms after the sums.
    pub fn new(width: usize, heads: usize, feedforward: usize) -> Result<TransformerEncoderLayer> {
        Ok(TransformerEncoderLayer {
            self_attn: MultiheadAttention::new(width, heads)?.dropout(0.1),
            linear1: Linear::new(width, feedforward)?,
            linear2: Linear::new(feedforward, width)?,
            norm1: LayerNorm::new(width)?,
            norm2: LayerNorm::new(width)?,
            dropout: Dropout::new(0.1),
            norm_first: false,
            gelu: false,
        })
    }

    /// The probability of dropping, everywhere in the layer.
    pub fn dropout(mut self, p: f64) -> TransformerEncoderLayer {
        self.self_attn = self.self_attn.dropout(p);
        self.dropout = Dropout::new(p);
        self
    }

    /// A position sees only those before it and itself.
    pub fn causal(mut self) -> TransformerEncoderLayer {
        self.self_attn = self.self_attn.causal();
        self
    }

    /// Norms before attention and linear layers, not after the sums.
    pub fn norm_first(mut self) -> TransformerEncoderLayer {
        self.norm_first = true;
        self
    }

    /// Gelu in place of relu.
    pub fn gelu(mut self) -> TransformerEncoderLayer {
        self.gelu = true;
        self
    }

    /// As [`forward`](Layer::forward) where a boolean mask says which positions see which, as in
    /// [`MultiheadAttention::attend`].
    pub fn forward_masked(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor> {
        self.run(x, &|x| self.self_attn.attend(x, x, x, Some(mask)))
    }

    fn run(&self, x: &Tensor, attention: &dyn Fn(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
        let attention = |x: &Tensor| self.dropout.forward(&attention(x)?);
        if self.norm_first {
            let x = (x + &attention(&self.norm1.forward(x)?)?)?;
            return &x + &self.feedforward(&self.norm2.forward(&x)?)?;
        }
        let x = self.norm1.forward(&(x + &attention(x)?)?)?;
        self.norm2.forward(&(&x + &self.feedforward(&x)?)?)
    }

    fn feedforward(&self, x: &Tensor) -> Result<Tensor> {
        let inner = self.linear1.forward(x)?;
        let inner = if self.gelu { inner.gelu()? } else { inner.relu()? };
        self.dropout.forward(&self.linear2.forward(&self.dropout.forward(&inner)?)?)
    }
}

impl Module for TransformerEncoderLayer {
    fn visit(&self, v: &mut Visitor) {
        v.field("self_attn", &self.self_attn)
            .field("linear1", &self.linear1)
            .field("linear2", &self.linear2)
            .field("norm1", &self.norm1)
            .field("norm2", &self.norm2)
            .field("dropout", &self.dropout);
    }
}

impl Layer for TransformerEncoderLayer {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.run(x, &|x| self.self_attn.forward(x))
    }
}
