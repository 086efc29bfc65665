"""Special functions of mathematics: the rows of the operator table that torch has in `special`."""

from spiraltorch_rs import _C

globals().update(_C._namespaces["special"])
__all__ = sorted(_C._namespaces["special"])  # pyright: ignore[reportUnsupportedDunderAll]
