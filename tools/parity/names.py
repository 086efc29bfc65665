"""Walks torch's public names and looks for ours."""

from __future__ import annotations

import importlib
import types
import typing
from dataclasses import dataclass, field
from typing import Any

import torch

import spiraltorch_rs as st

from .exclusions import excluded

# The modules that programs use. `torch.Tensor` and `torch.Generator` are classes: their attributes are looked at.
MODULES = """
torch torch.Tensor torch.Generator torch.nn torch.nn.functional torch.nn.init torch.nn.parameter torch.nn.utils
torch.nn.utils.rnn torch.nn.utils.parametrize torch.nn.utils.parametrizations torch.nn.utils.stateless
torch.nn.attention torch.linalg torch.special torch.fft torch.autograd torch.autograd.functional
torch.autograd.forward_ad torch.autograd.graph torch.func torch.foreach torch.optim torch.optim.lr_scheduler
torch.optim.swa_utils
torch.distributions torch.distributions.constraints torch.distributions.transforms torch.distributions.kl
torch.utils torch.utils.data torch.utils.checkpoint torch.utils.dlpack torch.random torch.amp torch.testing
torch.return_types torch.types torch.version torch.backends
""".split()
# What a class has because every class has it.
PLAIN = set(dir(object)) | {"__dict__", "__weakref__", "__module__", "__annotations__", "__firstlineno__"}


@dataclass
class Found:
    """What of a module is there."""

    module: str
    present: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    excluded: dict[str, list[str]] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Of the names that are not excluded."""
        total = len(self.present) + len(self.missing)
        return len(self.present) / total if total else 1.0


def survey() -> list[Found]:
    """Every module."""
    return [survey_module(module) for module in MODULES]


def survey_module(module: str) -> Found:
    """The names of one module."""
    found = Found(module)
    root = resolve(torch, module)
    mine = resolve(st, module)
    for name in sorted(dir(root)):
        if not is_public(root, module, name):
            continue
        if has(mine, name):
            found.present.append(name)
        elif (reason := excluded(f"{module}.{name}")) is not None:
            found.excluded.setdefault(reason, []).append(name)
        else:
            found.missing.append(name)
    return found


def has(mine: Any, name: str) -> bool:
    """Whether a module or class of ours has a name; a module that is imported when it is asked for may not be there."""
    try:
        return mine is not None and hasattr(mine, name)
    except ImportError:
        return False


def resolve(library: Any, module: str) -> Any:
    """`torch.nn.functional` in either library; None where it is not."""
    package = library.__name__
    for part in module.split(".")[1:]:
        package += f".{part}"
        try:
            library = getattr(library, part, None) or importlib.import_module(package)
        except ImportError:
            return None
    return library


def is_public(root: Any, module: str, name: str) -> bool:
    """Whether a name is torch's to give: not private, no module, no import that leaks."""
    if isinstance(root, type):
        return name not in PLAIN and (name.startswith("__") or not name.startswith("_"))
    if name.startswith("_") or name in getattr(typing, "__all__", ()):
        return False
    value = getattr(root, name, None)
    if isinstance(value, types.ModuleType):
        return value.__name__.startswith("torch.") and module == "torch"
    home = getattr(value, "__module__", None) or "torch"
    if isinstance(value, typing.TypeVar) or not isinstance(home, str):
        return False
    if name in getattr(root, "__all__", ()):
        return True
    if not home.startswith("torch"):
        return False
    # What a module imports from another one and does not list is an import.
    return not hasattr(root, "__all__") or module in ("torch", "torch.nn", "torch.special", "torch.fft")
