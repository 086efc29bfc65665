//! Runs kernels on the CPU; the embedded default.
//!
//! [`CpuDevice`] implements [`st_kernel::Device`]. Each kind of kernel has its room; below them lie the [thread pool](pool),
//! the choice of [vector instructions](isa) and the [memory cache](memory).

mod convolution;
mod device;
mod element;
mod matmul;
mod memory;
mod nest;
mod operand;
mod scan;
mod scatter;
mod scratch;
mod simd;
mod sort;
mod system;

pub mod block;
pub mod conv;
pub mod gemm;
pub mod isa;
pub mod math;
pub mod pool;

pub use device::CpuDevice;
pub use isa::{Isa, set_isa};
pub use memory::{CpuBuffer, MemoryStats, external_buffer, memory_stats};
pub use pool::{num_threads, set_num_threads};
