//! What a device is asked to do.
//!
//! This crate is the seam between the tensor library (`st-core`) and the devices (`st-backend-*`): data types, strided
//! [views](view::View), [scalar expressions](expr) over a short table of [primitives](prim), the [kernels](kernel) a
//! scheduler asks for, and the [`Device`] trait. It knows no operator and no device.

pub mod activity;
pub mod derive;
pub mod device;
pub mod dtype;
pub mod error;
pub mod exchange;
pub mod expr;
pub mod kept;
pub mod kernel;
pub mod pool;
pub mod prim;
pub mod render;
pub mod scalar;
pub mod special;
pub mod streams;
mod unsigned;
pub mod view;

pub use activity::{Activities, Activity};
pub use device::{
    Access, Buffer, Device, DeviceBuffer, DeviceInfo, Launch, MemoryStats, Owner, Program, Repeated,
};
pub use dtype::DType;
pub use error::{Error, Result};
pub use exchange::{Communicator, Exchange, ExchangeStep, Union};
pub use expr::{Ex, Expr, Inst, Val};
pub use kernel::{Body, ConvKind, Kernel, ReduceOp, ScanOp, ScatterOp, Store};
pub use prim::Prim;
pub use scalar::Scalar;
pub use streams::{Event, Graph, Graphs, Stream, Streams};
pub use view::{Dims, Strides, View};
