"""Whether a name of torch is here: looked up in the package itself."""

from __future__ import annotations

import difflib
import importlib
import inspect
from functools import cache
from types import ModuleType
from typing import Any

PACKAGE = "spiraltorch_rs"


@cache
def resolve(dotted: str) -> tuple[Any, str]:
    """What `torch.a.b` is here, and the first part of it that is missing, or ''."""
    found: Any = importlib.import_module(PACKAGE)
    path = "torch"
    for part in dotted.split(".")[1:]:
        path += f".{part}"
        here = f"{PACKAGE}{path.removeprefix('torch')}"
        try:
            found = getattr(found, part)
        except AttributeError:
            if not isinstance(found, (ModuleType, type)):
                return None, ""  # an attribute of a value: nobody knows before the program runs
            try:
                found = importlib.import_module(here)
            except ImportError:
                return None, path
    return found, ""


def similar(dotted: str) -> str:
    """A name close to one that is missing, in the module where it was looked for."""
    module, _, name = dotted.rpartition(".")
    home, missing = resolve(module)
    close = [] if missing else difflib.get_close_matches(name, dir(home), n=1, cutoff=0.75)
    return f"{module}.{close[0]}" if close else ""


def refused_keywords(dotted: str, keywords: list[str]) -> list[str]:
    """The keyword arguments that a function of ours does not take, where that can be known."""
    found, missing = resolve(dotted)
    # The table's operators have several signatures; only Python's functions and classes have one.
    if missing or not (inspect.isfunction(found) or inspect.isclass(found)):
        return []
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return []
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return []
    return [name for name in keywords if name not in {p.name for p in parameters}]
