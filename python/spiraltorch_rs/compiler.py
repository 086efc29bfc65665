"""`compile` and what programs ask a compiler. There is none to call: the graph that operators build is fused anyway.

>>> import spiraltorch_rs as st
>>> model = st.nn.Linear(2, 2)
>>> st.compile(model) is model
True
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = [
    "allow_in_graph",
    "assume_constant_result",
    "compile",
    "cudagraph_mark_step_begin",
    "disable",
    "is_compiling",
    "is_dynamo_compiling",
    "is_exporting",
    "list_backends",
    "reset",
    "set_stance",
]

T = TypeVar("T")


def _same(value: T) -> T:
    return value


def compile(model: Any = None, **options: Any) -> Any:
    """The model or function itself; a decorator if there is none.

    Torch's options of its compiler are accepted and have no effect.
    """
    known = {"fullgraph", "dynamic", "backend", "mode", "options", "disable", "name", "recompile_limit"}
    unknown = sorted(set(options) - known)
    if unknown:
        raise TypeError(f"compile() got an unexpected keyword argument {unknown[0]!r}")
    return _same if model is None else model


def disable(fn: Any = None, recursive: bool = True, *, reason: str | None = None) -> Any:
    """The function itself; a decorator if there is none."""
    return _same if fn is None else fn


class set_stance:
    """How eagerly torch compiles; has no effect."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __call__(self, fn: T) -> T:
        return fn

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass


def allow_in_graph(fn: T) -> T:
    """The function itself."""
    return fn


assume_constant_result: Callable[[Any], Any] = allow_in_graph


def is_compiling() -> bool:
    """Whether this runs inside torch's compiler: never."""
    return False


def is_dynamo_compiling() -> bool:
    """Whether this runs inside torch's compiler: never."""
    return False


def is_exporting() -> bool:
    """Whether this is being exported: never."""
    return False


def reset() -> None:
    """Forgets what torch compiled; has no effect."""


def cudagraph_mark_step_begin() -> None:
    """Tells torch that a step begins; has no effect."""


def list_backends(*args: Any) -> list[str]:
    """The compilers to choose from: none."""
    return []
