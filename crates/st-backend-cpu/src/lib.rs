//! Runs kernels on the CPU; the embedded default.

pub mod isa;
pub mod pool;
