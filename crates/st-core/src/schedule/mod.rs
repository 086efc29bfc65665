//! From a graph to kernels.
