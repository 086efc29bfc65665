//! Operators made of operators. The scheduler, not the author, makes them fast: each is written for clarity and so that
//! its derived gradient is the classic cheap one. Half precision is widened once at the start and rounded once at the end.

mod activation;
mod attention;
pub mod bags;
pub mod calculus;
pub mod ctc;
pub mod dropout;
pub mod grid;
pub mod images;
mod loss;
pub(crate) mod lowrank;
mod lstm;
pub mod margin;
mod normalization;
pub mod order;
pub mod pool;
pub mod products;
pub mod rearrange;
pub mod recurrent;
pub mod resize;
pub mod segments;
mod special;
mod statistics;

pub(crate) use activation::integer_power;
pub use activation::{gelu, nan_to_num, number_to_power, overwriting};
pub(crate) use attention::attention_weights;
pub use attention::{AttentionOptions, scaled_dot_product_attention};
pub use loss::{Reduction, cross_entropy, kl_div, linear_cross_entropy, nll_loss, reduced};
pub(crate) use loss::{chosen, expect_weight_of, kl_div_of_batch, weighed};
pub(crate) use special::{beside, igamma, mvlgamma, zeta};

#[cfg(test)]
mod tests;
