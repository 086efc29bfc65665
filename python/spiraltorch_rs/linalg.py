"""Linear algebra: the rows of the operator table that torch has in `linalg`."""

from spiraltorch_rs import _C
from spiraltorch_rs._C import _LinAlgError as LinAlgError

globals().update(_C._namespaces["linalg"])
__all__ = ["LinAlgError", *sorted(_C._namespaces["linalg"])]  # pyright: ignore[reportUnsupportedDunderAll]
