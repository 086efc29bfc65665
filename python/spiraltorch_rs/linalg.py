"""Linear algebra: the rows of the operator table that torch has in `linalg`."""

from spiraltorch_rs import _C

globals().update(_C._namespaces["linalg"])
__all__ = sorted(_C._namespaces["linalg"])  # pyright: ignore[reportUnsupportedDunderAll]
