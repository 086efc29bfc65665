"""Files that are there as a whole or not at all, and files as memory."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor, _from_bytes

__all__ = ["mapped", "replacing", "vector"]


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `path` at the end, if nothing was raised."""
    if not path.parent.is_dir():
        raise RuntimeError(f"Parent directory {path.parent} does not exist.")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def mapped(path: Path) -> mmap.mmap:
    """A file as memory: read when it is looked at, and writes to it stay in this process."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def vector(memory: Any, dtype: Any, count: int, offset: int) -> Tensor:
    """Numbers at a place of a memory, without a copy where that can be."""
    if count == 0:
        return _C.empty(0, dtype=dtype)
    if dtype.is_complex or offset % dtype.itemsize:
        return _from_bytes(bytes(memory[offset : offset + count * dtype.itemsize]), dtype)
    return _C._adopt(memory, dtype, count, offset)
