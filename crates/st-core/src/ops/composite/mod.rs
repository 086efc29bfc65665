//! Operators made of operators. The scheduler, not the author, makes them fast: each is written for clarity and so that
//! its derived gradient is the classic cheap one. Half precision is widened once at the start and rounded once at the end.

mod activation;
mod attention;
pub mod bags;
pub mod ctc;
pub mod dropout;
pub mod grid;
pub mod images;
mod loss;
pub mod margin;
mod normalization;
pub mod pool;
pub mod recurrent;
pub mod resize;
mod statistics;

pub(crate) use activation::integer_power;
pub use activation::{gelu, nan_to_num, number_to_power};
pub(crate) use attention::attention_weights;
pub use attention::{AttentionOptions, scaled_dot_product_attention};
pub use loss::{Reduction, cross_entropy, nll_loss};
pub(crate) use loss::{chosen, expect_weight_of, kl_div, kl_div_of_batch, reduced, weighed};

#[cfg(test)]
mod tests;
