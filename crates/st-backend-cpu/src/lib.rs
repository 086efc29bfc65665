//! Runs kernels on the CPU; the embedded default.
//!
//! [`CpuDevice`] implements [`st_kernel::Device`]; each kind of kernel has its room.
//!
//! | room | what lives there |
//! |---|---|
//! | `device`, `system` | the device and what machine it is |
//! | [`block`], [`math`] | pointwise work, reductions, rows, epilogues: an interpreter of blocks, and the functions it calls |
//! | `matmul` over [`gemm`] | matrix products |
//! | `convolution` over [`conv`] | convolutions and their gradients |
//! | `attention` over [`gemm`] | attention and its gradient, block by block |
//! | `scan`, `sort`, `scatter` | the kernels of these names |
//! | [`recurrent`] over [`gemm`] | the steps of an LSTM |
//! | `memory`, `pages`, `scratch` | buffers that are used again, where they come from, and working memory from the same cache |
//! | [`pool`], [`isa`], [`simd`] | threads, the choice of vector instructions, loops compiled for each of them |
//! | `forks` | what is done when the process forks |
//! | `element`, `operand`, `nest` | dtypes as Rust types, checked pointers, nests of loops |

#![allow(
    rustdoc::private_intra_doc_links,
    reason = "the rooms describe themselves to those who read the source"
)]

mod attention;
mod convolution;
mod device;
mod element;
mod forks;
mod matmul;
mod memory;
mod nest;
mod operand;
mod pages;
mod scan;
mod scatter;
mod scratch;
mod sort;
mod system;

pub mod block;
pub mod conv;
pub mod gemm;
pub mod isa;
pub mod math;
pub mod pool;
pub mod recurrent;
pub mod simd;

pub use device::CpuDevice;
pub use forks::around_forks;
pub use isa::{Isa, set_isa};
pub use memory::{CpuBuffer, external_buffer, memory_stats};
pub use pool::{num_threads, set_num_threads};
