"""Safetensors: files of named tensors and nothing else, mapped into memory when they are read.

The functions are those of the package `safetensors.torch`. A file is a length of eight bytes, a header in JSON that
says of each tensor its dtype, shape and place, and then their bytes; whatever does not fit together is refused.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs._checkpoint.archive import swapped
from spiraltorch_rs._checkpoint.files import mapped, replacing, vector

__all__ = [
    "SafetensorError",
    "load",
    "load_file",
    "load_model",
    "safe_open",
    "save",
    "save_file",
    "save_model",
]

_CODES: dict[str, Any] = {
    "F64": _C.float64,
    "I64": _C.int64,
    "C64": _C.complex64,
    "F32": _C.float32,
    "I32": _C.int32,
    "F16": _C.float16,
    "BF16": _C.bfloat16,
    "I16": _C.int16,
    "I8": _C.int8,
    "U8": _C.uint8,
    "U16": _C.uint16,
    "U32": _C.uint32,
    "U64": _C.uint64,
    "BOOL": _C.bool,
}
_NAMES = {dtype: code for code, dtype in _CODES.items()}
_LONGEST_HEADER = 100_000_000


class SafetensorError(RuntimeError):
    """A file that is not one, or tensors that cannot be written."""


class _Place:
    """Where a tensor is in a file: checked against the file's size and the other tensors."""

    def __init__(self, name: str, entry: Any, size: int) -> None:
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            raise SafetensorError(f"{name!r}: a tensor's entry has dtype, shape and data_offsets")
        if not isinstance(entry["dtype"], str) or entry["dtype"] not in _CODES:
            raise SafetensorError(f"{name!r} has the dtype {entry['dtype']!r}, which there is none of")
        self.dtype = _CODES[entry["dtype"]]
        numbers = (*_list(entry["shape"]), *_list(entry["data_offsets"]))
        if any(type(n) is not int or n < 0 for n in numbers) or len(_list(entry["data_offsets"])) != 2:
            raise SafetensorError(f"{name!r}: shape and data_offsets are lists of sizes")
        self.shape: list[int] = entry["shape"]
        self.begin, self.end = entry["data_offsets"]
        if self.end > size:
            raise SafetensorError(f"the file is truncated: {name!r} ends at byte {self.end} of {size}")
        if math.prod(self.shape) * self.dtype.itemsize != self.end - self.begin:
            raise SafetensorError(f"{name!r}: shape {self.shape} does not take {self.end - self.begin} bytes")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [-1]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON allows a name twice; then two readers could see two files."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise SafetensorError("a name stands twice in the header")
    return found


class _File:
    """The header of a file, checked, and its bytes."""

    def __init__(self, memory: Any) -> None:
        self.memory, total = memory, len(memory)
        length = int.from_bytes(memory[:8], "little")
        if total < 8 or length > min(total - 8, _LONGEST_HEADER):
            raise SafetensorError(
                "the file is truncated or no safetensors file: its header is not there as a whole"
            )
        try:
            header = json.loads(bytes(memory[8 : 8 + length]).decode(), object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise SafetensorError(f"the file's header is damaged: {error}") from error
        if not isinstance(header, dict):
            raise SafetensorError("the file's header is damaged: it is no object")
        self.start = 8 + length
        self.metadata = header.pop("__metadata__", None)
        if not (self.metadata is None or _is_text(self.metadata)):
            raise SafetensorError("the file's metadata are more than texts")
        self.places = {name: _Place(name, entry, total - self.start) for name, entry in header.items()}
        at = 0
        for place in sorted(self.places.values(), key=lambda place: (place.begin, place.end)):
            if place.begin != at:
                raise SafetensorError("tensors of the file overlap, or leave bytes that belong to none")
            at = place.end
        if at != total - self.start:
            raise SafetensorError("the file has bytes that belong to no tensor")

    def tensor(self, name: str) -> Tensor:
        """A tensor, over the file's memory."""
        if name not in self.places:
            raise SafetensorError(f"File does not contain tensor {name}")
        place = self.places[name]
        begin = self.start + place.begin
        if sys.byteorder == "big":
            data = swapped(bytes(self.memory[begin : self.start + place.end]), place.dtype.itemsize)
            return vector(data, place.dtype, math.prod(place.shape), 0).reshape(place.shape)
        return vector(self.memory, place.dtype, math.prod(place.shape), begin).reshape(place.shape)


def _is_text(metadata: Any) -> bool:
    return isinstance(metadata, dict) and all(
        isinstance(text, str) for text in (*metadata, *metadata.values())
    )


def _open(filename: str | os.PathLike[str]) -> _File:
    path = Path(filename)
    if path.stat().st_size < 8:
        raise SafetensorError(
            f"{path} is truncated or no safetensors file: it has {path.stat().st_size} bytes"
        )
    return _File(mapped(path))


def _parts(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None) -> Iterator[bytes]:
    """A file, piece by piece."""
    if metadata is not None and not _is_text(dict(metadata)):
        raise SafetensorError("metadata are texts by name")
    owners: dict[int, str] = {}
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor):
            raise ValueError(
                f"Key `{name}` is invalid, expected a Tensor but received {type(tensor).__name__}"
            )
        if tensor.dtype not in _NAMES:
            raise SafetensorError(f"{name!r}: tensors of {tensor.dtype} have no place in safetensors files")
        if tensor.numel():
            other = owners.setdefault(tensor._storage_id(), name)
            if other != name:
                raise RuntimeError(
                    f"{other!r} and {name!r} share memory, which a file cannot say: clone one, or use save_model"
                )
        if not tensor.is_contiguous():
            raise ValueError(f"{name!r} is not contiguous; call .contiguous() before saving it")
    # The widest first, so that all lie at multiples of their size.
    order = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": dict(metadata)}
    at = 0
    for name in order:
        tensor = tensors[name]
        size = tensor.numel() * tensor.dtype.itemsize
        places = {"shape": list(tensor.shape), "data_offsets": [at, at + size]}
        header[name] = {"dtype": _NAMES[tensor.dtype], **places}
        at += size
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little") + text
    for name in order:
        data = tensors[name].detach().cpu()._bytes()
        yield swapped(data, tensors[name].dtype.itemsize) if sys.byteorder == "big" else data


def save(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a file.

    >>> import spiraltorch_rs as st
    >>> st.safetensors.load(st.safetensors.save({"weight": st.ones(2)}))
    {'weight': tensor([1., 1.])}
    """
    return b"".join(_parts(tensors, metadata))


def save_file(
    tensors: Mapping[str, Tensor],
    filename: str | os.PathLike[str],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Writes a file, which is there as a whole or not at all."""
    with replacing(Path(filename)) as file:
        for part in _parts(tensors, metadata):
            file.write(part)


def load(data: bytes) -> dict[str, Tensor]:
    """The tensors of a file's bytes."""
    file = _File(bytearray(data))
    return {name: file.tensor(name) for name in file.places}


def load_file(filename: str | os.PathLike[str], device: Any = "cpu") -> dict[str, Tensor]:
    """The tensors of a file: its memory is mapped, so that nothing is read before it is looked at."""
    file = _open(filename)
    return {name: file.tensor(name).to(device) for name in file.places}


def save_model(
    model: Any, filename: str | os.PathLike[str], metadata: Mapping[str, str] | None = None
) -> None:
    """Writes a module's state; of tensors that are one, the first, and the names of the others in the metadata."""
    kept: dict[str, Tensor] = {}
    names: dict[int, str] = {}
    same: dict[str, str] = {}
    for name, tensor in model.state_dict().items():
        first = names.setdefault(tensor._storage_id(), name) if tensor.numel() else name
        if first == name:
            kept[name] = tensor.contiguous()
        elif tuple(tensor.shape) == tuple(kept[first].shape) and tensor.data_ptr() == kept[first].data_ptr():
            same[name] = first
        else:
            kept[name] = tensor.clone()
    save_file(kept, filename, {**(metadata or {}), **same} if metadata or same else None)


def load_model(
    model: Any, filename: str | os.PathLike[str], strict: bool = True, device: Any = "cpu"
) -> tuple[list[str], list[str]]:
    """Reads what `save_model` wrote; gives the names that are missing and those that are not expected."""
    state = load_file(filename, device)
    same: dict[int, list[str]] = {}
    for name, tensor in model.state_dict().items():
        same.setdefault(tensor._storage_id(), []).append(name)
    for names in same.values():
        present = [name for name in names if name in state]
        state.update({name: state[present[0]] for name in names if present and name not in state})
    missing, unexpected = model.load_state_dict(state, strict=strict)
    return list(missing), list(unexpected)


class _Slice:
    """A tensor of a file of which a part is wanted."""

    def __init__(self, tensor: Tensor, device: Any) -> None:
        self._tensor, self._device = tensor, device

    def get_shape(self) -> list[int]:
        """Its sizes."""
        return list(self._tensor.shape)

    def get_dtype(self) -> str:
        """The file's name of its dtype."""
        return _NAMES[self._tensor.dtype]

    def __getitem__(self, key: Any) -> Tensor:
        return self._tensor[key].clone().to(self._device)


class safe_open:
    """A file whose tensors are read one by one.

    >>> import tempfile, spiraltorch_rs as st
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     st.safetensors.save_file({"a": st.arange(6)}, f"{folder}/x.safetensors")
    ...     with st.safetensors.safe_open(f"{folder}/x.safetensors") as file:
    ...         list(file.keys()), file.get_slice("a")[2:4]
    (['a'], tensor([2, 3]))
    """

    def __init__(self, filename: str | os.PathLike[str], framework: str = "pt", device: Any = "cpu") -> None:
        self._file, self._device = _open(filename), device

    def keys(self) -> list[str]:
        """The names."""
        return sorted(self._file.places)

    def offset_keys(self) -> list[str]:
        """The names, in the order they lie in the file."""
        return sorted(self._file.places, key=lambda name: self._file.places[name].begin)

    def metadata(self) -> dict[str, str] | None:
        """The texts that were saved with them."""
        found: dict[str, str] | None = self._file.metadata
        return found

    def get_tensor(self, name: str) -> Tensor:
        """A tensor."""
        return self._file.tensor(name).to(self._device)

    def get_slice(self, name: str) -> _Slice:
        """A tensor of which a part is wanted."""
        return _Slice(self._file.tensor(name), self._device)

    def __enter__(self) -> safe_open:
        return self

    def __exit__(self, *error: Any) -> None:
        pass
