//! Functions of tensors that are no methods, in one place: products, layers, losses, joins.
//!
//! Everything that has one tensor in front is a method of [`Tensor`](crate::Tensor); [`crate::ops`] has the files.

pub use crate::ops::composite::pool::{PoolOptions, adaptive_avg_pool, avg_pool, max_pool};
pub use crate::ops::composite::{
    AttentionOptions, Reduction, cross_entropy, kl_div, nll_loss, reduced, scaled_dot_product_attention,
};
pub use crate::ops::conv::{ConvOptions, Padding, conv, conv_transpose};
pub use crate::ops::einsum::einsum;
pub use crate::ops::gather::{embedding, one_hot};
pub use crate::ops::join::{cat, stack};
pub use crate::ops::matmul::linear;
pub use crate::ops::select;
