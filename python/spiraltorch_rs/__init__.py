"""SpiralTorch: PyTorch's API on a Rust core."""

from spiraltorch_rs._C import __version__

__all__ = ["__version__"]
