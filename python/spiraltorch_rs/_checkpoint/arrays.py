"""Arrays of numpy within a file, made without calling what numpy's own pickles call."""

from __future__ import annotations

import math
from typing import Any

import numpy

# Numbers, truth values and texts: arrays of objects could hold anything.
_KINDS = "biufcSU"


class DType:
    """A dtype as a pickle describes it: first its code, then the order of its bytes."""

    def __init__(self, code: Any, *_: Any) -> None:
        self.made = numpy.dtype(str(code))
        if self.made.kind not in _KINDS or self.made.hasobject:
            raise RuntimeError(f"an array of the file has the dtype {code!r}, which holds more than numbers")

    def __setstate__(self, state: Any) -> None:
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else "="
        if order in ("<", ">"):
            self.made = self.made.newbyteorder(order)


class ndarray(numpy.ndarray[Any, Any]):
    """An array that takes from a file only what it has checked."""

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, columns_first, data = state
        if not isinstance(dtype, DType) or not isinstance(data, (bytes, bytearray)):
            raise RuntimeError("an array of the file holds more than numbers")
        sizes = tuple(int(size) for size in shape)
        if min(sizes, default=0) < 0 or math.prod(sizes) * dtype.made.itemsize != len(data):
            raise RuntimeError(f"an array of the file has shape {sizes} and {len(data)} bytes")
        super().__setstate__((1, sizes, dtype.made, bool(columns_first), bytes(data)))

    def __reduce__(self) -> Any:
        return numpy.asarray(self).__reduce__()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return numpy.asarray(self).__reduce_ex__(protocol)


ndarray.__module__ = ndarray.__qualname__ = "numpy.ndarray"


def reconstruct(kind: Any, shape: Any, code: Any) -> Any:
    """An empty array, to be filled."""
    if kind is not ndarray:
        raise RuntimeError("an array of the file is of a class of its own")
    return ndarray.__new__(ndarray, (0,), "b")


def scalar(dtype: Any, data: Any) -> Any:
    """A number of numpy."""
    if not isinstance(dtype, DType) or not isinstance(data, bytes) or len(data) != dtype.made.itemsize:
        raise RuntimeError("a number of the file is not one")
    return numpy.frombuffer(data, dtype.made)[0]


GLOBALS: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): ndarray,
    ("numpy", "dtype"): DType,
    ("numpy.core.multiarray", "_reconstruct"): reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): reconstruct,
    ("numpy.core.multiarray", "scalar"): scalar,
    ("numpy._core.multiarray", "scalar"): scalar,
}
