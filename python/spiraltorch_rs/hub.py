"""Weights from an address, kept in a folder; torch's `hub` without its catalogue of other people's code."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import Request, urlopen

__all__ = ["download_url_to_file", "get_dir", "load_state_dict_from_url", "set_dir", "tqdm"]

# A file name may carry the beginning of its contents' SHA-256: resnet18-f37072fd.pth.
HASH_REGEX = re.compile(r"-([a-f0-9]*)\.")
_folder: str | None = None


class _Lines:
    """The progress of a loop in plain lines, where the package `tqdm` is not installed."""

    def __init__(
        self,
        iterable: Any = None,
        *,
        total: int | None = None,
        desc: str = "",
        disable: bool = False,
        **kw: Any,
    ) -> None:
        self.iterable, self.total, self.desc, self.disable, self.n = iterable, total, desc, disable, 0

    def __iter__(self) -> Iterator[Any]:
        with self:
            for part in self.iterable:
                yield part
                self.update(1)

    def __enter__(self) -> _Lines:
        return self

    def update(self, n: int) -> None:
        self.n += n

    def close(self) -> None:
        if not self.disable:
            print(f"{self.desc}: {self.n} of {self.total or self.n}", file=sys.stderr)

    def __exit__(self, *error: object) -> None:
        self.close()


try:
    from tqdm.auto import tqdm
except ImportError:
    tqdm = _Lines


def _get_torch_home() -> str:
    """Where torch keeps what it downloads, so that both find the same files."""
    cache = os.path.join(os.getenv("XDG_CACHE_HOME", "~/.cache"), "torch")
    return os.path.expanduser(os.getenv("TORCH_HOME", cache))


def get_dir() -> str:
    """The folder of what was downloaded."""
    return _folder if _folder is not None else os.path.join(_get_torch_home(), "hub")


def set_dir(d: str | os.PathLike[str]) -> None:
    """Sets the folder of what is downloaded."""
    global _folder
    _folder = os.path.expanduser(d)


def download_url_to_file(
    url: str, dst: str | os.PathLike[str], hash_prefix: str | None = None, progress: bool = True
) -> None:
    """Writes what is at an address to a file, all of it or nothing.

    `hash_prefix` is how the SHA-256 of the contents must begin.
    """
    target = Path(dst).expanduser()
    digest = hashlib.sha256()
    with (
        urlopen(Request(url, headers={"User-Agent": "spiraltorch"})) as answer,
        tempfile.NamedTemporaryFile(dir=target.parent, prefix=target.name, delete=False) as file,
    ):
        size = int(answer.headers.get("Content-Length") or 0)
        try:
            with tqdm(total=size or None, desc=target.name, disable=not progress, unit="B") as bar:
                while part := answer.read(1 << 20):
                    file.write(part)
                    digest.update(part)
                    bar.update(len(part))
            file.close()
            if hash_prefix is not None and not digest.hexdigest().startswith(hash_prefix):
                raise RuntimeError(
                    f'invalid hash value (expected "{hash_prefix}", got "{digest.hexdigest()}") of {url}'
                )
            os.replace(file.name, target)
        finally:
            Path(file.name).unlink(missing_ok=True)


def load_state_dict_from_url(
    url: str,
    model_dir: str | os.PathLike[str] | None = None,
    map_location: Any = None,
    progress: bool = True,
    check_hash: bool = False,
    file_name: str | None = None,
    weights_only: bool = True,
) -> dict[str, Any]:
    """What `load` reads of the file at an address; it is downloaded once."""
    from spiraltorch_rs.serialization import load

    folder = Path(model_dir if model_dir is not None else os.path.join(get_dir(), "checkpoints"))
    folder.mkdir(parents=True, exist_ok=True)
    name = file_name or os.path.basename(urlparse(url).path)
    if not (folder / name).exists():
        prefix = HASH_REGEX.search(name) if check_hash else None
        download_url_to_file(url, folder / name, prefix[1] if prefix else None, progress)
    state: dict[str, Any] = load(folder / name, map_location=map_location, weights_only=weights_only)
    return state
