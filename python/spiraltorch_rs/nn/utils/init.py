"""Modules without their first numbers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from spiraltorch_rs.nn import init
from spiraltorch_rs.nn.modules.module import Module

__all__ = ["skip_init"]

_DRAWING = [name for name in init.__all__ if name.endswith("_")]


@contextmanager
def _without_drawing() -> Iterator[None]:
    kept = {name: getattr(init, name) for name in _DRAWING}
    for name in _DRAWING:
        setattr(init, name, lambda tensor, *args, **kwargs: tensor)
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(init, name, function)


def skip_init(module_cls: Any, *args: Any, **kwargs: Any) -> Any:
    """A module whose parameters hold what happens to be there."""
    if not issubclass(module_cls, Module):
        raise RuntimeError(f"Expected a Module; got {module_cls}")
    if "device" not in inspect.signature(module_cls).parameters and not any(
        parameter.kind is inspect.Parameter.VAR_KEYWORD
        for parameter in inspect.signature(module_cls).parameters.values()
    ):
        raise RuntimeError("Module must support a 'device' arg to skip initialization")
    with _without_drawing():
        return module_cls(*args, **kwargs)
