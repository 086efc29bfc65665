"""The zip archive around the pickle and the storages, as torch lays it out."""

from __future__ import annotations

import io
import os
import pickle
import struct
import sys
import zipfile
from array import array
from pathlib import Path
from typing import Any

from spiraltorch_rs._C import Tensor, _from_bytes
from spiraltorch_rs._checkpoint.files import replacing, vector
from spiraltorch_rs._checkpoint.pickles import Pickler

# The first number of files from before 2020.
MAGIC = 0x1950A86A20F9469CFC6C
_ALIGNMENT = 64
_HEADER = 30  # bytes of a local header before the name


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """An entry whose data begin at a multiple of 64 bytes, for those who map the file."""
    info = zipfile.ZipInfo(name)
    begin = archive.fp.tell() + _HEADER + len(name.encode()) + 4  # type: ignore[union-attr]
    if len(data) < 1 << 31:  # beyond that zipfile adds fields of its own
        padding = -begin % _ALIGNMENT
        info.extra = b"FB" + padding.to_bytes(2, "little") + bytes(padding)
    archive.writestr(info, data)


def _write(file: Any, obj: Any, folder: str, protocol: int) -> None:
    text = io.BytesIO()
    pickler = Pickler(text, protocol)
    pickler.dump(obj)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, f"{folder}/data.pkl", text.getvalue())
        _add(archive, f"{folder}/.format_version", b"1")
        _add(archive, f"{folder}/byteorder", sys.byteorder.encode())
        for storage in pickler.storages.values():
            _add(archive, f"{folder}/data/{storage.key}", storage.flat._bytes())
        _add(archive, f"{folder}/version", b"3\n")


def write(obj: Any, target: Any, protocol: int) -> None:
    """Writes a file or to a stream; a file is there as a whole or not at all."""
    if hasattr(target, "write"):
        if not (hasattr(target, "seek") and hasattr(target, "seekable") and target.seekable()):
            whole = io.BytesIO()
            _write(whole, obj, "archive", protocol)
            target.write(whole.getvalue())
        else:
            _write(target, obj, "archive", protocol)
        _flush(target)
        return
    path = Path(os.fspath(target))
    with replacing(path) as file:
        _write(file, obj, path.stem or "archive", protocol)


def write_old(obj: Any, target: Any, protocol: int) -> None:
    """As torch wrote before 2020: pickles one after another, then the storages."""
    if not hasattr(target, "write"):
        with replacing(Path(os.fspath(target))) as file:
            write_old(obj, file, protocol)
        return
    little = sys.byteorder == "little"
    sizes = {"short": 2, "int": 4, "long": 4}
    system = {"protocol_version": 1001, "little_endian": little, "type_sizes": sizes}
    for head in (MAGIC, 1001, system):
        pickle.dump(head, target, protocol)
    pickler = Pickler(target, protocol, old=True)
    pickler.dump(obj)
    storages = {storage.key: storage.flat for storage in pickler.storages.values()}
    pickle.dump(sorted(storages), target, protocol)
    for key in sorted(storages):
        target.write(struct.pack("<q" if little else ">q", storages[key].numel()))
        target.write(storages[key]._bytes())
    _flush(target)


def _flush(target: Any) -> None:
    """What was written can be read by others from here on."""
    if hasattr(target, "flush"):
        target.flush()


class Reader:
    """The entries of an archive."""

    def __init__(self, file: Any, memory: Any = None) -> None:
        self._memory = memory  # of the file, if its storages are to lie there
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
            raise RuntimeError(
                f"failed reading zip archive: {error}; the file is truncated or not one of torch's"
            ) from error
        self._size = file.seek(0, os.SEEK_END)
        names = [name for name in self._zip.namelist() if name.endswith("/data.pkl")]
        names = [name for name in names if name.count("/") == 1] or names
        if not names:
            raise RuntimeError(
                "failed reading zip archive: it holds no data.pkl, so it is not one of torch's"
            )
        self._folder = names[0].removesuffix("data.pkl")
        self._swap = self.has("byteorder") and self.read("byteorder").decode() != sys.byteorder

    def has(self, name: str) -> bool:
        """Whether there is an entry."""
        return self._folder + name in self._zip.NameToInfo

    def read(self, name: str) -> bytes:
        """An entry's bytes; its checksum is tested."""
        try:
            info = self._zip.getinfo(self._folder + name)
            if info.compress_type != zipfile.ZIP_STORED or info.file_size > self._size:
                raise RuntimeError(
                    f"failed reading {name!r} of the archive: torch's entries are not compressed"
                )
            return self._zip.read(info)
        except KeyError as error:
            raise RuntimeError(f"failed reading the archive: it holds no {name!r}") from error
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise RuntimeError(
                f"failed reading {name!r} of the archive: {error}; the file is truncated or damaged"
            ) from error

    def vector(self, key: str, dtype: Any, count: int) -> Tensor:
        """A storage's numbers, in this machine's order."""
        size = count * dtype.itemsize
        if self._memory is not None and not self._swap:
            begin, found = self._place(f"data/{key}")
            data = None
        else:
            data = self.read(f"data/{key}")
            found = len(data)
        if found != size:
            raise RuntimeError(
                f"storage {key} of the archive has {found} bytes where {count} elements of {dtype} are announced"
            )
        if data is None:
            return vector(self._memory, dtype, count, begin)
        return _from_bytes(swapped(data, dtype.itemsize) if self._swap else data, dtype)

    def _place(self, name: str) -> tuple[int, int]:
        """Where an entry's bytes begin in the file, and how many they are."""
        info = self._zip.NameToInfo.get(self._folder + name)
        if info is None or info.compress_type != zipfile.ZIP_STORED:
            raise RuntimeError(f"failed reading {name!r} of the archive: it is not there, or compressed")
        head = self._memory[info.header_offset : info.header_offset + _HEADER]
        if len(head) < _HEADER or head[:4] != b"PK\x03\x04":
            raise RuntimeError(f"failed reading {name!r} of the archive: the file is damaged")
        lengths = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        begin = info.header_offset + _HEADER + lengths
        if begin + info.file_size > self._size:
            raise RuntimeError(f"failed reading {name!r} of the archive: the file is truncated")
        return begin, info.file_size


def swapped(data: bytes, itemsize: int) -> bytes:
    """Numbers with their bytes in the other order."""
    if itemsize == 1:
        return data
    numbers = array({2: "H", 4: "I", 8: "Q"}[itemsize], data)
    numbers.byteswap()
    return numbers.tobytes()
