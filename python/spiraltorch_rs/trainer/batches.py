"""From what a loader gives to tensors on a device: torch's tensors and numpy's arrays are taken over without a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

__all__ = ["on_device", "size_of"]


def on_device(batch: Any, device: Any = None) -> Any:
    """A batch with its tensors ours and on a device, within the lists and dicts they came in.

    >>> import numpy
    >>> on_device({"x": numpy.zeros(2), "name": "a"})
    {'x': tensor([0., 0.], dtype=spiraltorch_rs.float64), 'name': 'a'}
    """
    if isinstance(batch, Tensor):
        return batch if device is None else batch.to(device)
    if isinstance(batch, Mapping):
        return {key: on_device(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(on_device(part, device) for part in batch))
    if isinstance(batch, (list, tuple)):
        return type(batch)(on_device(part, device) for part in batch)
    kind = type(batch)
    if kind.__module__ == "numpy" and hasattr(batch, "dtype"):
        return on_device(_C.as_tensor(batch), device)
    if hasattr(batch, "__dlpack__"):
        return on_device(_C.from_dlpack(batch), device)
    return batch


def size_of(batch: Any) -> int:
    """How many samples a batch has: the size of the first tensor found."""
    if isinstance(batch, Tensor):
        return int(batch.shape[0]) if batch.dim() else 1
    parts = batch.values() if isinstance(batch, Mapping) else batch
    if isinstance(parts, (str, bytes)) or not hasattr(parts, "__iter__"):
        return 1
    return next((size_of(part) for part in parts if not isinstance(part, (str, bytes, int, float))), 1)
