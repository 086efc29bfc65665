"""Discrete Fourier transforms: the rows of the operator table that torch has in `fft`."""

from spiraltorch_rs import _C

globals().update(_C._namespaces["fft"])
__all__ = sorted(_C._namespaces["fft"])  # pyright: ignore[reportUnsupportedDunderAll]
