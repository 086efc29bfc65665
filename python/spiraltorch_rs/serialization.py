"""`save` and `load`: torch's `.pt` and `.pth` files, without torch and without executing what is in them."""

from __future__ import annotations

import io
import os
import pickle
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeAlias

from spiraltorch_rs import _C
from spiraltorch_rs._C import _from_bytes
from spiraltorch_rs._checkpoint import archive, pickles
from spiraltorch_rs._checkpoint.files import mapped
from spiraltorch_rs._checkpoint.names import LoadedStorage, StorageKind, loaded_storage

__all__ = [
    "DEFAULT_PROTOCOL",
    "FILE_LIKE",
    "MAP_LOCATION",
    "add_safe_globals",
    "clear_safe_globals",
    "get_safe_globals",
    "load",
    "safe_globals",
    "save",
]

DEFAULT_PROTOCOL = 2
FILE_LIKE: TypeAlias = str | os.PathLike[str] | IO[bytes]
MAP_LOCATION: TypeAlias = Callable[[Any, str], Any] | _C.device | str | dict[str, str] | None


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = None,
    pickle_protocol: int = DEFAULT_PROTOCOL,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Writes tensors, dicts of them and other objects to a file or stream, as torch does.

    >>> import io
    >>> import spiraltorch_rs as st
    >>> file = io.BytesIO()
    >>> st.save({"weight": st.ones(2)}, file)
    >>> _ = file.seek(0)
    >>> st.load(file)
    {'weight': tensor([1., 1.])}
    """
    if not hasattr(f, "write") and not isinstance(f, (str, os.PathLike)):
        raise AttributeError(
            f"expected 'f' to be string, path, or a file-like object with a 'write' attribute, got {f!r}"
        )
    (archive.write if _use_new_zipfile_serialization else archive.write_old)(obj, f, pickle_protocol)


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Reads a file of torch's or ours.

    Unless `weights_only` is False, nothing in the file is executed: it may hold tensors, numbers, texts and containers.
    With `mmap` tensors lie in the file's memory, and what is not looked at is not read.
    """
    if weights_only and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    unsafe = weights_only is False or pickle_module is not None
    find = pickles.find_any if unsafe else pickles.find_safe
    read = partial(pickles.unpickler, pickle_module or pickle)
    if not isinstance(f, (str, os.PathLike)):
        if mmap:
            raise ValueError("f must be a file path in order to use the mmap argument")
        if not all(hasattr(f, name) for name in ("read", "seek", "tell", "readline")):
            raise AttributeError(
                "You can only torch.load from a file that is seekable. Please pre-load the data into a buffer like "
                f"io.BytesIO and try to load from it instead; got {type(f).__name__}"
            )
        return _load(f, map_location, partial(read, find=find), pickle_load_args)
    path = Path(os.fspath(f))
    with path.open("rb") as file:
        memory = mapped(path) if mmap and path.stat().st_size else None
        return _load(file, map_location, partial(read, find=find), pickle_load_args, memory)


def add_safe_globals(safe_globals: list[Any]) -> None:
    """Lets files name these classes and functions, which are called to make what the files hold."""
    pickles.allow(safe_globals)


def get_safe_globals() -> list[Any]:
    """What `add_safe_globals` added."""
    return list(pickles.allowed().values())


def clear_safe_globals() -> None:
    """Forgets what `add_safe_globals` added."""
    pickles.allowed().clear()


@contextmanager
def safe_globals(safe_globals: list[Any]) -> Iterator[None]:
    """`add_safe_globals` until the end of a `with`."""
    before = dict(pickles.allowed())
    pickles.allow(safe_globals)
    try:
        yield
    finally:
        pickles.allowed().clear()
        pickles.allowed().update(before)


def _is_zipfile(f: Any) -> bool:
    """Whether what comes next in a file is one of torch's archives."""
    begin = f.tell()
    start = f.read(4)
    f.seek(begin)
    return bool(start == b"PK\x03\x04")


def _rest_of(file: Any) -> io.BytesIO:
    """What is left of a file that cannot do all that a file can."""
    begin = file.tell()
    file.seek(0, os.SEEK_END)
    size = file.tell() - begin
    file.seek(begin)
    return io.BytesIO(_read(file, size))


def _read(file: Any, size: int) -> Any:
    """The next bytes of a file, fewer where it ends."""
    if not hasattr(file, "readinto"):
        return file.read(size)
    data = bytearray(size)
    at = 0
    while at < size and (count := file.readinto(memoryview(data)[at:])):
        at += count
    return data[:at]


def _load(file: Any, map_location: Any, read: Any, options: dict[str, Any], memory: Any = None) -> Any:
    begin = file.tell()
    start = file.read(4)
    file.seek(begin)
    if len(start) == 0:
        raise EOFError("Ran out of input: the file is empty")
    try:
        if start.startswith(b"PK"):
            if begin or not hasattr(file, "seekable"):  # an archive within a stream
                file = _rest_of(file)
            return _load_archive(file, map_location, read, options, memory)
        if memory is not None:
            raise RuntimeError("mmap can only be used with files in the zip format, which are all since 2020")
        return _load_old(file, map_location, read, options)
    except (pickle.UnpicklingError, RuntimeError, MemoryError):
        raise
    except EOFError as error:
        raise RuntimeError(f"the file is truncated: {error}") from error
    except Exception as error:
        # A damaged pickle can ask for anything, which then fails somewhere.
        raise pickle.UnpicklingError(
            f"the file is damaged or not one of torch's: {type(error).__name__}: {error}"
        ) from error


def _relocated(flat: Any, location: str, map_location: Any) -> Any:
    """A storage where it should be."""
    if callable(map_location) and not isinstance(map_location, (str, dict)):
        moved = map_location(flat, location)
        return flat if moved is None else moved
    target = map_location.get(location, location) if isinstance(map_location, dict) else map_location
    if target is None:
        target = location
    if str(target) == "cpu":
        return flat
    try:
        return flat.to(_C.device(target))
    except Exception as error:
        if str(target).startswith("cuda"):
            raise RuntimeError(
                "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you "
                "are running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to "
                "map your storages to the CPU."
            ) from error
        raise RuntimeError(
            f"Attempting to deserialize object on the device {target!s}, which is not available. Use load with "
            "map_location='cpu' to map your storages to the CPU."
        ) from error


def _fields(pid: Any) -> tuple[Any, str, str, int]:
    """Kind, key, location and size of a storage, checked."""
    _, kind, key, location, numel = pid[:5]
    if not isinstance(kind, StorageKind) or not isinstance(numel, int) or numel < 0:
        raise pickle.UnpicklingError(f"an unknown kind of storage: {pid!r:.100}")
    return kind, str(key), str(location), numel


def _load_archive(file: Any, map_location: Any, read: Any, options: dict[str, Any], memory: Any) -> Any:
    reader = archive.Reader(file, memory)
    memories: dict[str, Any] = {}
    loaded: dict[tuple[str, str], LoadedStorage] = {}

    def storage(pid: Any) -> LoadedStorage:
        kind, key, location, numel = _fields(pid)
        if key not in memories:
            dtype = _C.uint8 if kind.dtype is None else kind.dtype
            memories[key] = _relocated(reader.vector(key, dtype, numel), location, map_location)
        if (key, kind.name) not in loaded:
            loaded[key, kind.name] = loaded_storage(memories[key], kind)
        return loaded[key, kind.name]

    options.setdefault("encoding", "utf-8")
    return read(file=io.BytesIO(reader.read("data.pkl")), storage=storage, **options).load()


def _load_old(file: Any, map_location: Any, read: Any, options: dict[str, Any]) -> Any:
    """Files from before 2020: pickles one after another, then the storages."""
    loaded: dict[str, LoadedStorage] = {}

    def storage(pid: Any) -> LoadedStorage:
        kind, key, location, numel = _fields(pid)
        if key not in loaded:
            dtype = _C.uint8 if kind.dtype is None else kind.dtype
            if numel * dtype.itemsize > size:
                raise RuntimeError(f"the file is truncated: storage {key} is announced with {numel} elements")
            flat = _relocated(_C.zeros(numel, dtype=dtype), location, map_location)
            loaded[key] = loaded_storage(flat, kind)
        if len(pid) > 5 and pid[5] is not None:
            _, start, length = pid[5]  # a part of a storage
            return loaded_storage(loaded[key].flat.narrow(0, start, length), kind)
        return loaded[key]

    def following() -> Any:
        return read(file=file, storage=storage, **options).load()

    begin = file.tell()
    size = file.seek(0, os.SEEK_END) - begin
    file.seek(begin)
    options.setdefault("encoding", "utf-8")
    try:
        magic = following()
    except RuntimeError:
        raise
    except Exception as error:
        raise pickle.UnpicklingError(
            f"Invalid magic number; corrupt file? It is none of torch's: {type(error).__name__}: {error}"
        ) from error
    if magic != archive.MAGIC:
        raise pickle.UnpicklingError("Invalid magic number; corrupt file? It is none of torch's")
    version, system = following(), following()
    if version != 1001:
        raise pickle.UnpicklingError(f"Invalid protocol version: {version}")
    # (Texts of Python 2 may be wanted as bytes.)
    told = system if isinstance(system, dict) else {}
    little = all(told.get(name, True) for name in ("little_endian", b"little_endian"))
    result, keys = following(), following()
    for key in keys:
        _fill(file, loaded.get(key.decode("ascii") if isinstance(key, bytes) else str(key)), little)
    return result


def _fill(file: Any, storage: LoadedStorage | None, little: bool) -> None:
    """The next storage's numbers, into the memory that tensors of the file already see."""
    head = file.read(8)
    if len(head) < 8 or storage is None:
        raise RuntimeError("the file is truncated: a storage is missing")
    (numel,) = struct.unpack("<q" if little else ">q", head)
    dtype = storage.flat.dtype
    if numel != storage.flat.numel():
        raise RuntimeError(f"a storage has {numel} elements where {storage.flat.numel()} are announced")
    data = _read(file, numel * dtype.itemsize)
    if len(data) < numel * dtype.itemsize:
        raise RuntimeError("the file is truncated: a storage ends early")
    if not little:
        data = archive.swapped(data, dtype.itemsize)
    storage.flat.copy_(_from_bytes(bytes(data), dtype))
