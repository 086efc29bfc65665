//! What a device is asked to do: dtypes, views, scalar expressions, kernels and the `Device` trait.
