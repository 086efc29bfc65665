"""Small helpers that programs written for torch reach for, by torch's name of their module."""

from __future__ import annotations

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _element_size(dtype: Any) -> int:
    """Bytes of an element."""
    size: int = dtype.itemsize
    return size
