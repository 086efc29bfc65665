"""Memory that several processes see: `share_memory_` moves a storage there, and pickles for processes tell its name."""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

__all__ = ["is_shared", "reduce_tensor", "share"]

# The file of a memory that begins at an address, as long as the memory lives.
_files: dict[int, str] = {}


def _file(of: Tensor) -> str | None:
    """Where its memory has its name, if other processes see it."""
    return _files.get(of._flat_storage().data_ptr()) if _files and of.device.type == "cpu" else None


def is_shared(of: Tensor) -> bool:
    """Whether other processes see its memory."""
    return _file(of) is not None


def share(of: Tensor) -> Tensor:
    """Moves its storage, for all its views, to memory that other processes see. Devices' memory stays."""
    flat = of._flat_storage()
    if of.device.type != "cpu" or not flat.numel() or is_shared(of):
        return of
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    handle, path = tempfile.mkstemp(prefix="spiraltorch-", dir=where)
    with os.fdopen(handle, "wb") as file:
        file.write(flat._bytes())
    plain = _C.view_as_real(flat).reshape(-1) if flat.is_complex() else flat
    of._move_storage(_mapped(path, plain.dtype, os.getpid()))
    return of


def _mapped(path: str, dtype: Any, owner: int) -> Tensor:
    """The elements of a file, which goes with the memory of the process that made it."""
    with Path(path).open("r+b") as file:
        memory = mmap.mmap(file.fileno(), 0)
    flat = _C.frombuffer(memory, dtype=dtype)
    start = flat.data_ptr()
    _files[start] = path
    weakref.finalize(memory, _forget, start, path, owner)
    return flat


def _forget(start: int, path: str, owner: int) -> None:
    _files.pop(start, None)
    if os.getpid() == owner:  # and not in a process that has a copy of everything
        Path(path).unlink(missing_ok=True)


def _received(path: str, dtype: Any, form: tuple[Any, ...], requires_grad: bool) -> Tensor:
    return _mapped(path, dtype, 0).as_strided(*form).requires_grad_(requires_grad)


def reduce_tensor(tensor: Tensor) -> Any:
    """What a process is sent: where the memory is, or the elements."""
    path = _file(tensor)
    if path is None:
        return tensor.__reduce_ex__(2)
    form = (tuple(tensor.shape), tensor.stride(), tensor.storage_offset())
    return _received, (path, tensor.dtype, form, tensor.requires_grad)


ForkingPickler.register(Tensor, reduce_tensor)
