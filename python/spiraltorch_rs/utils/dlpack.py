"""Tensors of other libraries, and ours for them, without a copy."""

from spiraltorch_rs._C import from_dlpack
from spiraltorch_rs.functional import to_dlpack

__all__ = ["from_dlpack", "to_dlpack"]
