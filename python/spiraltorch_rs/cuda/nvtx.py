"""Ranges and marks with names for NVIDIA's profilers.

They are handed to NVIDIA's library, which is looked for when the first one comes; without it they have no effect and
numbers are negative, as torch's are when no profiler listens.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["mark", "range", "range_end", "range_pop", "range_push", "range_start"]

_NOBODY_LISTENS = -2


@functools.cache
def _library() -> Any:
    """NVIDIA's library, in the system or in its Python package."""
    names = ["libnvtx3interop.so", "libnvtx3interop.so.1", "libnvToolsExt.so.1", "nvToolsExt64_1.dll"]
    packages = (Path(folder) / "nvidia" for folder in sys.path)
    parts = [p for folder in packages if folder.is_dir() for p in folder.glob("*/lib/libnv*[tT]*.so*")]
    for name in [*names, *(str(part) for part in parts if part.name in names)]:
        with contextlib.suppress(OSError, AttributeError):
            found = ctypes.CDLL(name)
            found.nvtxRangePushA.argtypes = found.nvtxRangeStartA.argtypes = [ctypes.c_char_p]
            found.nvtxMarkA.argtypes, found.nvtxMarkA.restype = [ctypes.c_char_p], None
            found.nvtxRangeStartA.restype = ctypes.c_uint64
            found.nvtxRangeEnd.argtypes, found.nvtxRangeEnd.restype = [ctypes.c_uint64], None
            return found
    return None


def range_push(msg: str) -> int:
    """Opens a range inside those that are open; how many there were, or a negative number."""
    library = _library()
    return int(library.nvtxRangePushA(msg.encode())) if library else _NOBODY_LISTENS


def range_pop() -> int:
    """Closes the range that was opened last."""
    library = _library()
    return int(library.nvtxRangePop()) if library else _NOBODY_LISTENS


def range_start(msg: str) -> int:
    """Opens a range that may end in another thread; its number."""
    library = _library()
    return int(library.nvtxRangeStartA(msg.encode())) if library else 0


def range_end(range_id: int) -> None:
    """Closes the range of a number."""
    if library := _library():
        library.nvtxRangeEnd(range_id)


def mark(msg: str) -> None:
    """Something happened."""
    if library := _library():
        library.nvtxMarkA(msg.encode())


@contextlib.contextmanager
def range(msg: str, *args: Any, **kwargs: Any) -> Iterator[None]:
    """A range around what is done inside; arguments are put into the text."""
    range_push(msg.format(*args, **kwargs))
    try:
        yield
    finally:
        range_pop()
