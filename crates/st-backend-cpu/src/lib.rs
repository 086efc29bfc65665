//! Runs kernels on the CPU; the embedded default.
