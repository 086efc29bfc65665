"""The zip archive around the pickle and the storages, as torch lays it out."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import zipfile
from array import array
from pathlib import Path
from typing import Any

from spiraltorch_rs._checkpoint.pickles import Pickler

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
        if not (hasattr(target, "seek") and target.seekable()):
            whole = io.BytesIO()
            _write(whole, obj, "archive", protocol)
            target.write(whole.getvalue())
        else:
            _write(target, obj, "archive", protocol)
        return
    path = Path(os.fspath(target))
    if not path.parent.is_dir():
        raise RuntimeError(f"Parent directory {path.parent} does not exist.")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            _write(file, obj, path.stem or "archive", protocol)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class Reader:
    """The entries of an archive."""

    def __init__(self, file: Any) -> None:
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

    def numbers(self, key: str, itemsize: int) -> bytes:
        """A storage's bytes, in this machine's order."""
        data = self.read(f"data/{key}")
        return swapped(data, itemsize) if self._swap else data


def swapped(data: bytes, itemsize: int) -> bytes:
    """Numbers with their bytes in the other order."""
    if itemsize == 1:
        return data
    numbers = array({2: "H", 4: "I", 8: "Q"}[itemsize], data)
    numbers.byteswap()
    return numbers.tobytes()
