"""Batches on their way from a worker: what is large goes through memory that both processes see.

The worker writes a tensor's elements into a file of the system's memory; the process that trains maps it, and the
file's name goes at once. So they are copied once, and nothing but a few numbers goes through the queue.
"""

from __future__ import annotations

import io
import mmap
import os
import pickle
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any, cast

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

__all__ = ["dumps", "folder"]

# What is smaller is faster through the queue.
_LARGE = 1 << 14


def folder(owner: Any) -> str:
    """A place for such files; it goes with `owner`."""
    memory = Path("/dev/shm")
    where = str(memory) if os.access(memory, os.W_OK) else None
    made = tempfile.mkdtemp(prefix="spiraltorch-", dir=where)
    weakref.finalize(owner, _remove, made, os.getpid())
    return made


def _remove(place: str, owner: int) -> None:
    if os.getpid() == owner:  # and not in a worker, which has a copy of everything
        shutil.rmtree(place, ignore_errors=True)


class _Pickler(pickle.Pickler):
    """Leaves large tensors in files."""

    def __init__(self, file: Any, place: str) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._place = place

    def reducer_override(self, obj: Any) -> Any:
        # A view of more than itself, or one of several of a memory, is pickled as what it is.
        if type(obj) is not Tensor or obj.numel() * obj.element_size() < _LARGE:
            return NotImplemented
        if (
            obj.requires_grad
            or obj.is_complex()
            or obj.__dict__
            or obj._flat_storage().numel() != obj.numel()
        ):
            return NotImplemented
        dense = obj.contiguous()
        try:
            handle, path = tempfile.mkstemp(dir=self._place)
        except OSError:
            return NotImplemented
        try:
            with os.fdopen(handle, "wb") as file:
                # Python has no code for bfloat16.
                half = dense.dtype == _C.bfloat16
                file.write(dense._bytes() if half else memoryview(cast(Any, dense)).cast("B"))
        except OSError:  # the system's memory is full, as it is in small containers
            Path(path).unlink(missing_ok=True)
            return NotImplemented
        return _received, (path, obj.dtype, tuple(obj.shape))


def _received(path: str, dtype: Any, shape: tuple[int, ...]) -> Tensor:
    with Path(path).open("r+b") as file:
        memory = mmap.mmap(file.fileno(), 0)
    Path(path).unlink()
    count = len(memory) // dtype.itemsize
    return _C._adopt(memory, dtype, count, 0).reshape(shape)


def dumps(obj: Any, place: str) -> bytes:
    """A pickle that is read in the process the folder belongs to, once."""
    file = io.BytesIO()
    _Pickler(file, place).dump(obj)
    return file.getvalue()
