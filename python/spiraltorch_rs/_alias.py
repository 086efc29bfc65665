"""`install_as_torch()`: an unchanged program's `import torch` gives this package.

`torch` and its submodules become modules that hand out ours. What we lack fails where it is asked for, with a link to
the page that lists what is there.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder
from importlib.util import find_spec
from multiprocessing import spawn
from os import PathLike
from pathlib import Path
from types import ModuleType

from spiraltorch_rs import _C, _size
from spiraltorch_rs._alias_names import finfo, is_module, placeholder

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

OURS = "spiraltorch_rs"
PAGE = "https://github.com/spiraltorch/spiraltorch-rs/blob/main/docs/parity.md"
# The version of torch whose behaviour tests compare with; programs ask for it to choose between ways of calling.
TORCH_VERSION = "2.15.0"
VERSION = f"{TORCH_VERSION}+spiraltorch"
# Modules of torch that programs import without needing them: importing works, using one fails at the attribute.
WITHOUT_CONTENTS = frozenset(
    """
    _custom_ops export fx monitor nested package quantization sparse
    """.split()
)
ANY = DistributionFinder.Context()


def _absent(name: str) -> str:
    return f"{name} is not in SpiralTorch. What is there: {PAGE}"


def _named(dotted: str) -> object:
    """What stands for a name that we lack: something that can be named, or an error."""
    if is_module(dotted) or dotted.removeprefix("torch.") in WITHOUT_CONTENTS:
        return import_module(dotted)
    found = placeholder(dotted)
    if found is None:
        raise AttributeError(_absent(dotted)) from None
    return found


_SLOT: Any = vars(ModuleType)["__dict__"]


def _own(module: Alias) -> dict[str, Any]:
    """What stands in the module itself."""
    found: dict[str, Any] = _SLOT.__get__(module)
    return found


class Alias(ModuleType):
    """A module of torch's name with the contents of ours."""

    def __init__(self, name: str, ours: ModuleType) -> None:
        super().__init__(name, ours.__doc__)
        _own(self)["_ours"] = ours

    @property
    def __dict__(self) -> dict[str, object]:  # type: ignore[override]
        """What is in it, for programs that walk through it. Modules are those of torch's names."""
        ours = vars(_own(self)["_ours"]).items()
        return {name: found for name, found in ours if not isinstance(found, ModuleType)} | _own(self)

    def __getattr__(self, name: str) -> object:
        if name == "__version__":
            return VERSION
        if name == "__file__" and (file := getattr(_own(self)["_ours"], name, None)):
            return file
        if name.startswith("__") and name not in ("__all__", "__config__", "__future__"):
            raise AttributeError(name)
        if self.__name__ == "torch" and name in ("finfo", "torch"):
            return finfo if name == "finfo" else self
        ours: ModuleType = _own(self)["_ours"]
        try:
            found = getattr(ours, name)
        except (AttributeError, ModuleNotFoundError):
            # Torch has imported all of its public modules.
            if (
                not name.startswith("_")
                and hasattr(ours, "__path__")
                and find_spec(f"{ours.__name__}.{name}")
            ):
                return import_module(f"{self.__name__}.{name}")
            return _named(f"{self.__name__}.{name}")
        if isinstance(found, ModuleType) and found.__name__ == f"{ours.__name__}.{name}":
            return import_module(f"{self.__name__}.{name}")
        return found

    def __setattr__(self, name: str, value: object) -> None:
        # Python's own entries, and submodules, belong to this module; what a program sets, it sets for us.
        if name.startswith("__"):
            super().__setattr__(name, value)
        elif isinstance(value, Alias):
            # `autograd.gradcheck` is a function, although a module has its name too.
            if isinstance(getattr(_own(self)["_ours"], name, None), ModuleType | None):
                super().__setattr__(name, value)
        else:
            setattr(_own(self)["_ours"], name, value)

    def __delattr__(self, name: str) -> None:
        if name in _own(self):
            super().__delattr__(name)
        else:
            delattr(_own(self)["_ours"], name)

    def __dir__(self) -> list[str]:
        return dir(_own(self)["_ours"])


class _Installed(Distribution):
    """What Python knows of an installed package: programs ask for torch's version before they import it."""

    def read_text(self, filename: str) -> str | None:
        return f"Name: torch\nVersion: {VERSION}\n" if filename in ("METADATA", "PKG-INFO") else None

    def locate_file(self, path: str | PathLike[str]) -> Path:
        return Path(__file__).parent / path


class _WithoutKernels(Loader):
    """Gives `torchaudio._extension`: its kernels are compiled against torch, and its Python serves without them."""

    def create_module(self, spec: ModuleSpec) -> None:
        """An empty one, as Python makes it."""

    def exec_module(self, module: ModuleType) -> None:
        fail = import_module("torchaudio._internal.module_utils").fail_with_message
        absent = fail("needs kernels of torchaudio that are compiled against torch")
        vars(module).update(
            _IS_TORCHAUDIO_EXT_AVAILABLE=False,
            _IS_ALIGN_AVAILABLE=False,
            _check_cuda_version=lambda: None,
            _load_lib=lambda name: False,
            fail_if_no_align=absent,
        )


class _Finder(DistributionFinder, Loader):
    """Finds `torch` and what is in it."""

    def find_distributions(self, context: DistributionFinder.Context = ANY) -> list[Distribution]:
        return [_Installed()] if context.name in (None, "torch") else []

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "torchaudio._extension":
            return ModuleSpec(fullname, _WithoutKernels())
        if fullname.partition(".")[0] not in ("torch", "functorch"):
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        # `functorch`, which torch brings along, is the old name of `torch.func`.
        ours = OURS + spec.name.replace("functorch", ".func", 1).removeprefix("torch")
        try:
            return Alias(spec.name, import_module(ours))
        except ModuleNotFoundError as error:
            if not (error.name and f"{ours}.".startswith(f"{error.name}.")):
                raise
            # A module of ours that cannot be imported is not one that we lack.
            lacking = spec.name.removeprefix("torch.") in WITHOUT_CONTENTS or is_module(spec.name)
            if lacking and ours not in sys.modules:
                return Alias(spec.name, ModuleType(ours, "Not here."))
            # Named as ours: for an error of the name it looks for, `from torch import x` has a text of its own.
            raise ModuleNotFoundError(_absent(spec.name), name=ours) from None

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _AsHere:
    """Unpickled in another process, it makes `import torch` give this package there, too."""

    def __reduce__(self) -> tuple[Any, ...]:
        return install_as_torch, ()


def _tell_processes() -> None:
    """Processes that start anew are told of the alias before they import the program."""
    data = spawn.get_preparation_data
    spawn.get_preparation_data = lambda name: data(name) | {OURS: _AsHere()}


def install_as_torch() -> None:
    """From here on `import torch` gives this package, submodules included.

    >>> import spiraltorch_rs as st
    >>> st.install_as_torch()
    >>> import torch.nn.functional as F
    >>> F.relu is st.nn.functional.relu
    True
    """
    if isinstance(sys.modules.get("torch"), Alias):
        return
    if "torch" in sys.modules:
        raise RuntimeError("torch is already imported; call install_as_torch() before anything imports it")
    sys.meta_path.insert(0, _Finder())
    _C._call_it_torch()
    _size.package = "torch"
    _tell_processes()
