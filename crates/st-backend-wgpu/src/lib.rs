//! Any GPU that Vulkan, Metal or DirectX 12 reaches, through WebGPU.
//!
//! | module | what it holds |
//! |---|---|
//! | `adapter` | which GPUs there are, and opening one |
//! | `device` | the [`Device`](st_kernel::Device): memory, copies, errors |
//! | `kept` | compiled kernels on disk |
//! | `matrices` | whether matrix units can be trusted |
//! | `memory` | buffers |
//! | `pieces` | launches of which a kernel sees only a part at once |
//! | `queue` | work that was asked for and not yet handed to the GPU |
//! | `program` | kernels: compiled once for each class of launches, and launched |
//! | `twin` | in tests, what kernels by matrix units are in software |
//!
//! No operator is known here: `st_kernel::render` writes the text of kernels.

mod adapter;
mod device;
mod kept;
mod matrices;
mod memory;
mod pieces;
mod program;
mod queue;
#[cfg(test)]
mod twin;

pub use adapter::{Found, adapters};
pub use device::WgpuDevice;
