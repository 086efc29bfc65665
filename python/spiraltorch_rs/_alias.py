"""`install_as_torch()`: an unchanged program's `import torch` gives this package.

`torch` and its submodules become modules that hand out ours. What we lack fails where it is asked for, with a link to
the page that lists what is there.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = "spiraltorch_rs"
PAGE = "https://github.com/spiraltorch/spiraltorch-rs/blob/main/docs/parity.md"
# The version of torch whose behaviour tests compare with; programs ask for it to choose between ways of calling.
TORCH_VERSION = "2.15.0"
# Modules of torch that programs import without needing them: importing works, using one fails at the attribute.
WITHOUT_CONTENTS = frozenset(
    "compiler distributed fx hub jit monitor multiprocessing nested onnx package profiler quantization sparse".split()
)


def _absent(name: str) -> str:
    return f"{name} is not in SpiralTorch. What is there: {PAGE}"


class Alias(ModuleType):
    """A module of torch's name with the contents of ours."""

    def __init__(self, name: str, ours: ModuleType) -> None:
        super().__init__(name, ours.__doc__)
        self.__dict__["_ours"] = ours

    def __getattr__(self, name: str) -> object:
        if name == "__version__":
            return f"{TORCH_VERSION}+spiraltorch"
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        ours: ModuleType = self.__dict__["_ours"]
        try:
            found = getattr(ours, name)
        except (AttributeError, ModuleNotFoundError):
            raise AttributeError(_absent(f"{self.__name__}.{name}")) from None
        if isinstance(found, ModuleType) and found.__name__ == f"{ours.__name__}.{name}":
            return import_module(f"{self.__name__}.{name}")
        return found

    def __setattr__(self, name: str, value: object) -> None:
        # Python's own entries, and submodules, belong to this module; what a program sets, it sets for us.
        if name.startswith("__") or isinstance(value, Alias):
            super().__setattr__(name, value)
        else:
            setattr(self.__dict__["_ours"], name, value)

    def __dir__(self) -> list[str]:
        return dir(self.__dict__["_ours"])


class _Finder(MetaPathFinder, Loader):
    """Finds `torch` and what is in it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != "torch":
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        ours = OURS + spec.name.removeprefix("torch")
        try:
            return Alias(spec.name, import_module(ours))
        except ModuleNotFoundError as error:
            if not (error.name and f"{ours}.".startswith(f"{error.name}.")):
                raise
            if spec.name.removeprefix("torch.").partition(".")[0] in WITHOUT_CONTENTS:
                return Alias(spec.name, ModuleType(ours, "Not here."))
            # Named as ours: for an error of the name it looks for, `from torch import x` has a text of its own.
            raise ModuleNotFoundError(_absent(spec.name), name=ours) from None

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


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
