"""What the layers share: the functions they call, sizes for each dimension, and attributes as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spiraltorch_rs.nn import functional

# Looked up at each call, so that a function that is replaced or added later is found.
F: Any = functional


def to_tuple(value: Any, n: int) -> tuple[Any, ...]:
    """A number for each of `n` dimensions, from one for all or from one for each."""
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,) * n


def in_place(module: Any) -> str:
    """`inplace=True` for a layer's text, or nothing."""
    return "inplace=True" if module.inplace else ""
