//! SpiralTorch tensors: operators, autograd, lazy graph, scheduler.
//!
//! Data walks the rooms in one direction: an operator ([`ops`]) makes a node of the lazy [`graph`] and, where gradients are
//! wanted, one of the tape ([`autograd`]); when a value is needed the [`runtime`] has the graph planned ([`schedule`]) and
//! runs the kernels on a device.

pub mod autograd;
pub mod debug;
pub mod graph;
pub mod ops;
pub mod random;
pub mod runtime;
pub mod schedule;
pub mod tensor;

pub use st_kernel::{DType, Error, Result, Scalar};
pub use tensor::{Element, Tensor, default_device, default_dtype, set_default_device, set_default_dtype};
