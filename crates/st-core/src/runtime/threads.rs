//! How many threads the CPU computes with.

/// How many threads the CPU computes with, the caller among them.
pub fn num_threads() -> usize {
    st_backend_cpu::num_threads()
}

/// Sets how many threads the CPU computes with.
pub fn set_num_threads(n: usize) {
    st_backend_cpu::set_num_threads(n);
}
