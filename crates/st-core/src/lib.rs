//! SpiralTorch tensors: operators, autograd, lazy graph, scheduler.
//!
//! Data walks the rooms in one direction: an operator ([`ops`]) makes a node of the lazy [`graph`] and, where gradients are
//! wanted, one of the tape ([`autograd`]); when a value is needed the [`runtime`] has the graph planned ([`schedule`]) and
//! runs the kernels on a device.
//!
//! ```
//! use st_core::{DType, Result, Tensor, autograd::no_grad};
//!
//! # fn main() -> Result<()> {
//! let x = Tensor::from_slice(&[0.0f32, 1.0, 2.0, 3.0], &[4, 1])?;
//! let y = ((&x * 3.0)? - 1.0)?;
//! let slope = Tensor::zeros(&[1, 1], DType::F32, 0)?.requires_grad_(true)?;
//! let shift = Tensor::zeros(&[1], DType::F32, 0)?.requires_grad_(true)?;
//! for _ in 0..200 {
//!     let error = ((x.matmul(&slope)? + &shift)? - &y)?;
//!     error.square()?.mean(&[], false)?.backward()?;
//!     let _mode = no_grad();
//!     for parameter in [&slope, &shift] {
//!         let gradient = parameter.grad().expect("backward has left one");
//!         let step = (gradient * 0.1)?;
//!         parameter.in_place(|value| value - &step)?;
//!         parameter.set_grad(None)?;
//!     }
//! }
//! assert!((slope.item()?.to_f64() - 3.0).abs() < 1e-2);
//! assert_eq!(x.slice(0, Some(1), None, 2)?.to_vec::<f32>()?, [1.0, 3.0]);
//! # Ok(()) }
//! ```

pub mod autocast;
pub mod autograd;
mod chain;
pub mod complex;
pub mod debug;
pub mod functional;
pub mod graph;
mod lock;
pub mod ops;
pub mod random;
pub mod runtime;
pub mod schedule;
pub mod tensor;
pub mod vmap;

pub use autograd::torch_name as dtype_name;
pub use complex::{Complex, torch_name as complex_name};
pub use st_kernel::{DType, Error, Result, Scalar};
pub use st_kernel::{index_err, runtime_err, type_err, unsupported, value_err};
pub use tensor::{
    Element, Nested, Tensor, default_device, default_dtype, set_default_device, set_default_dtype,
};
