"""Models from directories with a `hubconf.py`, and state dicts from the net.

What torch calls repositories of GitHub is code that runs on your machine: fetch it yourself, read it, then load it from
its directory with `source="local"`.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import urlopen

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

__all__ = [
    "download_url_to_file",
    "get_dir",
    "help",
    "list",
    "load",
    "load_state_dict_from_url",
    "set_dir",
]

_HASH = re.compile(r"-([a-f0-9]*)\.")
_directory: str | None = None


def get_dir() -> str:
    """Where downloads are kept: what `set_dir` said, or `hub` in $TORCH_HOME or in the user's cache."""
    if _directory is not None:
        return _directory
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("TORCH_HOME", os.path.join(cache, "torch"))
    return os.path.join(os.path.expanduser(home), "hub")


def set_dir(d: str | os.PathLike[str]) -> None:
    """Says where downloads are kept."""
    global _directory
    _directory = os.path.expanduser(d)


def _hubconf(directory: str, source: str) -> ModuleType:
    if source != "local":
        raise ValueError(
            f"source={source!r}: code is not downloaded; fetch the repository, then give its directory and source='local'"
        )
    path = Path(directory) / "hubconf.py"
    spec = spec_from_file_location("hubconf", path)
    if spec is None or spec.loader is None or not path.exists():
        raise FileNotFoundError(f"no hubconf.py in {directory}")
    module = module_from_spec(spec)
    sys.path.insert(0, str(directory))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(directory))
    missing = [name for name in getattr(module, "dependencies", []) if not _is_installed(name)]
    if missing:
        raise RuntimeError(f"Missing dependencies: {', '.join(missing)}")
    return module


def _is_installed(name: str) -> bool:
    from importlib.util import find_spec

    return name in sys.modules or find_spec(name) is not None


def _entry(module: ModuleType, model: str) -> Any:
    found = getattr(module, model, None)
    if not callable(found):
        raise RuntimeError(f"Cannot find callable {model} in hubconf")
    return found


def list(github: str, *_: Any, source: str = "github", **__: Any) -> Any:
    """The names of the models in a directory."""
    module = _hubconf(github, source)
    return [name for name in dir(module) if callable(getattr(module, name)) and not name.startswith("_")]


def help(github: str, model: str, *_: Any, source: str = "github", **__: Any) -> str | None:
    """What a directory says about a model."""
    said: str | None = _entry(_hubconf(github, source), model).__doc__
    return said


def load(
    repo_or_dir: str,
    model: str,
    *args: Any,
    source: str = "github",
    trust_repo: object = "check",
    force_reload: bool = False,
    verbose: bool = True,
    skip_validation: bool = False,
    **kwargs: Any,
) -> Any:
    """What the function `model` of a directory's `hubconf.py` gives for these arguments."""
    return _entry(_hubconf(repo_or_dir, source), model)(*args, **kwargs)


def download_url_to_file(
    url: str, dst: str | os.PathLike[str], hash_prefix: str | None = None, progress: bool = True
) -> None:
    """Saves what is at an address, if it has the hash that starts like this."""
    part = Path(f"{os.fspath(dst)}.part")
    sha = hashlib.sha256()
    try:
        with urlopen(url) as response, part.open("wb") as file:
            while chunk := response.read(1 << 16):
                sha.update(chunk)
                file.write(chunk)
        if hash_prefix and not sha.hexdigest().startswith(hash_prefix):
            raise RuntimeError(f'invalid hash value (expected "{hash_prefix}", got "{sha.hexdigest()}")')
        part.replace(dst)
    finally:
        part.unlink(missing_ok=True)


def load_state_dict_from_url(
    url: str,
    model_dir: str | None = None,
    map_location: Any = None,
    progress: bool = True,
    check_hash: bool = False,
    file_name: str | None = None,
    weights_only: bool = True,
) -> Any:
    """What `load` makes of the file at an address, which is downloaded once."""
    from spiraltorch_rs.serialization import load as load_file

    directory = Path(model_dir or os.path.join(get_dir(), "checkpoints"))
    directory.mkdir(parents=True, exist_ok=True)
    name = file_name or os.path.basename(urlparse(url).path)
    path = directory / name
    if not path.exists():
        found = _HASH.search(name) if check_hash else None
        download_url_to_file(url, path, found.group(1) if found else None, progress)
    return load_file(path, map_location=map_location, weights_only=weights_only)
