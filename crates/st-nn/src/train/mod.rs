//! Training: a [`Trainer`] goes through the data in epochs, and tells [`Callback`]s how it goes.
//!
//! ```
//! # fn main() -> st_core::Result<()> {
//! use st_core::{DType, Tensor, random::manual_seed};
//! use st_nn::data::{DataLoader, TensorDataset};
//! use st_nn::optim::{Adam, Optimizer};
//! use st_nn::train::{EarlyStopping, Trainer, evaluate};
//! use st_nn::{Layer, Linear, Module, loss};
//!
//! manual_seed(0);
//! let x = Tensor::randn(&[64, 3], DType::F32, 0)?;
//! let y = x.matmul(&Tensor::of([[1.0f32], [-2.0], [0.5]])?)?;
//! let data = DataLoader::new(TensorDataset::new((x.clone(), y.clone()))?, 16).shuffle(0);
//!
//! let model = Linear::new(3, 1)?;
//! let optimizer = Optimizer::new(model.parameters(), Adam::new(0.1));
//! let history = Trainer::new(&model, optimizer)
//!     .epochs(50)
//!     .clip_grad_norm(5.0)
//!     .metric("worst", |model| (model.forward(&x)? - &y)?.abs()?.max_all()?.to_scalar())
//!     .callback(EarlyStopping::lowest("worst").patience(10))
//!     .quiet()
//!     .fit(&data, |model, (x, y)| loss::mse(&model.forward(x)?, y))?;
//! assert!(history.last().unwrap().loss < 1e-3);
//! # Ok(()) }
//! ```

mod callback;
mod early_stopping;
mod evaluate;
mod progress;
mod trainer;

pub use callback::{Callback, Epoch, Flow, Moment};
pub use early_stopping::EarlyStopping;
pub use evaluate::evaluate;
pub use trainer::Trainer;
