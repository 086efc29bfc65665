"""Torch's compiler of Python, switched off, as `PYTORCH_JIT=0` does in torch: marks mean nothing, programs run eagerly.

The graph that operators build is fused without anybody's asking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, overload

from spiraltorch_rs.nn.modules.module import Module

__all__ = [
    "Attribute",
    "Error",
    "Final",
    "ScriptFunction",
    "ScriptModule",
    "TracerWarning",
    "annotate",
    "export",
    "freeze",
    "ignore",
    "interface",
    "is_scripting",
    "is_tracing",
    "isinstance",
    "optimize_for_inference",
    "script",
    "script_if_tracing",
    "script_method",
    "trace",
    "trace_module",
    "unused",
]

T = TypeVar("T")


class ScriptFunction:
    """What compiled functions are in torch; here nothing is one."""


class Error(RuntimeError):
    """What compiled functions raise in torch."""


class TracerWarning(Warning):
    """What torch says of programs whose traces would not follow their branches."""


class ScriptModule(Module):
    """What compiled modules are in torch; here only what is derived from it."""


def is_scripting() -> bool:
    """Whether this is being compiled: never."""
    return False


def is_tracing() -> bool:
    """Whether this is being traced: never."""
    return False


def script(obj: T, *args: Any, **kwargs: Any) -> T:
    """The object itself, which runs eagerly."""
    return obj


def trace(func: T, *args: Any, **kwargs: Any) -> T:
    """The function or module itself; unlike a trace it follows its branches."""
    return func


def freeze(mod: T, *args: Any, **kwargs: Any) -> T:
    """The module itself."""
    return mod


optimize_for_inference = trace_module = freeze


def _marked(fn: T) -> T:
    """What a decorator without a meaning gives."""
    return fn


export = interface = script_method = script_if_tracing = _script_if_tracing = _overload_method = _overload = (
    _marked
)


@overload
def ignore(drop: bool = False, **kwargs: Any) -> Callable[[T], T]: ...
@overload
def ignore(drop: Callable[..., Any], **kwargs: Any) -> Callable[..., Any]: ...
def ignore(drop: Any = False, **kwargs: Any) -> Any:
    """A decorator, with or without parentheses."""
    return drop if callable(drop) else _marked


def unused(fn: T) -> T:
    """A decorator of what is not to be compiled."""
    return fn


def annotate(the_type: Any, the_value: T) -> T:
    """The value: its type is for compilers."""
    return the_value


def Attribute(value: T, type: Any) -> T:
    """The value: its type is for compilers."""
    return value


def isinstance(obj: object, target_type: Any) -> bool:
    """Python's `isinstance`, which may be asked about `list[int]` as well."""
    import builtins

    kinds = target_type if builtins.isinstance(target_type, tuple) else (target_type,)
    return builtins.isinstance(obj, tuple(getattr(kind, "__origin__", None) or kind for kind in kinds))
