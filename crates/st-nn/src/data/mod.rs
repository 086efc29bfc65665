//! Data: a [`Dataset`] has samples, a [`DataLoader`] makes batches of them, ahead of time on a thread of its own.
//!
//! ```
//! # fn main() -> st_core::Result<()> {
//! use st_core::{DType, Tensor};
//! use st_nn::data::{DataLoader, TensorDataset};
//! let (images, classes) = (Tensor::randn(&[10, 4], DType::F32, 0)?, Tensor::randint(0, 3, &[10], 0)?);
//! let loader = DataLoader::new(TensorDataset::new((images, classes))?, 4).shuffle(7);
//! for batch in &loader {
//!     let (x, y) = batch?;
//!     assert_eq!(x.shape()[0], y.shape()[0]);
//! }
//! assert_eq!(loader.len(), 3);
//! # Ok(()) }
//! ```

mod dataset;
mod loader;
mod sample;

pub use dataset::{Batch, Dataset, Subset, TensorDataset, random_split};
pub use loader::{Batches, DataLoader};
pub use sample::{Rows, Sample};
