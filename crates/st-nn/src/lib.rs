//! Neural networks for Rust programs, on SpiralTorch's tensors: modules, optimizers, data loading, training.
//!
//! Names and formulas are torch's, so weights move between the two; files are safetensors.
//!
//! ```
//! use st_nn::prelude::*;
//!
//! # fn main() -> Result<()> {
//! manual_seed(0);
//! let model = Sequential::new().push(Linear::new(2, 16)?).push(Tanh).push(Linear::new(16, 2)?);
//! let mut optimizer = Optimizer::new(model.parameters(), Adam::new(0.05));
//!
//! // Which of two numbers have one sign?
//! let x = Tensor::of([[1.0f32, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])?;
//! let classes = Tensor::of([1i64, 0, 0, 1])?;
//! for _ in 0..100 {
//!     optimizer.zero_grad()?;
//!     let loss = loss::cross_entropy(&model.forward(&x)?, &classes)?;
//!     loss.backward()?;
//!     optimizer.step()?;
//! }
//! assert_eq!(model.forward(&x)?.argmax(Some(1), false)?.to_vec::<i64>()?, [1, 0, 0, 1]);
//! # Ok(()) }
//! ```
//!
//! | what | where |
//! |---|---|
//! | a module of your own: one method names its fields | [`Module`], [`Layer`] |
//! | layers, and layers one after another | [`layers`], [`Sequential`] |
//! | first values | [`init`] |
//! | losses | [`loss`] |
//! | optimizers, schedules of learning rates, clipping | [`optim`] |
//! | data sets and their batches | [`data`] |
//! | epochs, metrics, early stopping, checkpoints | [`train`] |
//! | files | [`safetensors`], [`Module::save`], [`Module::load`] |
//!
//! `cargo run --release -p st-nn --example digits` trains a model on handwritten digits.

pub mod data;
pub mod init;
pub mod layers;
pub mod loss;
mod module;
pub mod optim;
mod parameter;
pub mod safetensors;
mod sizes;
pub mod train;

pub use layers::*;
pub use module::{Evaluating, Layer, Module, Part, StateDict, Visitor};
pub use parameter::{Buffer, Parameter, Slot, Training};
pub use sizes::{Shape, Sizes};

/// Everything most programs use.
pub mod prelude {
    pub use crate::data::{DataLoader, Dataset, TensorDataset};
    pub use crate::layers::*;
    pub use crate::optim::{Adam, AdamW, Optimizer, RmsProp, Sgd};
    pub use crate::train::{EarlyStopping, Trainer, evaluate};
    pub use crate::{Layer, Module, Parameter, Visitor, loss};
    pub use st_core::{DType, Result, Tensor, autograd::no_grad, random::manual_seed};
}
