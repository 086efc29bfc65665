//! Runs kernels on the CPU; the embedded default.

pub mod conv;
pub mod gemm;
pub mod isa;
pub mod pool;
mod scratch;
