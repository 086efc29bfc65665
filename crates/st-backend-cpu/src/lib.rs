//! Runs kernels on the CPU; the embedded default.

pub mod block;
pub mod gemm;
pub mod isa;
pub mod math;
pub mod pool;
mod scratch;
