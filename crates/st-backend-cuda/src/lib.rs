//! NVIDIA's GPUs, through the driver and NVRTC.
//!
//! Nothing is linked: libraries are opened when a GPU is first asked for, and what is missing is named.
//!
//! | module | what it holds |
//! |---|---|
//! | `library` | where NVIDIA's libraries are, and tables of their functions |
//! | `driver` | the driver: which GPUs there are, their memory, launches |
//! | `compiler` | NVRTC: from the text of a kernel to code, and the folder where code is kept |
//! | `blas` | products by cuBLASLt, where it is installed |
//! | `nccl` | collectives by NCCL, where it is installed |
//! | `padding` | products whose rows begin anywhere |
//! | `memory` | blocks of a GPU's memory |
//! | `streams` | streams and events |
//! | `pinned` | memory of the host that a GPU copies from by itself |
//! | `staging` | small copies that do not wait |
//! | `calls` | what a run asks of the driver, at once or as a graph |
//! | `graphs` | work that is recorded and done again and again |
//! | `activities`, `cupti` | what the GPU did and when |
//! | `peers` | copies from one GPU to another |
//! | `device` | the [`Device`](st_kernel::Device): memory, copies, errors |
//! | `program` | kernels: compiled once for each class of launches, and launched |
//!
//! No operator is known here: `st_kernel::render` writes the text of kernels.

mod activities;
mod blas;
mod calls;
mod compiler;
mod cupti;
mod deadlines;
mod device;
mod driver;
mod epilogue;
mod graphs;
mod library;
mod memory;
mod nccl;
mod padding;
mod peers;
mod pinned;
mod products;
mod program;
mod staging;
mod streams;

pub use device::CudaDevice;
pub use driver::device_count;
