"""Classes and modes that say what functions do: torch's tools around `__torch_function__`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, wraps
from typing import Any, TypeVar

import spiraltorch_rs as st
from spiraltorch_rs import _C, fft, functional, linalg, special
from spiraltorch_rs._C import Tensor
from spiraltorch_rs._dispatch import default_nowrap_functions

__all__ = [
    "enable_reentrant_dispatch",
    "get_ignored_functions",
    "get_overridable_functions",
    "get_testing_overrides",
    "handle_torch_function",
    "has_torch_function",
    "is_tensor_like",
    "is_tensor_method_or_property",
    "redispatch_function",
    "resolve_name",
    "wrap_torch_function",
]

get_default_nowrap_functions = default_nowrap_functions
has_torch_function_unary = has_torch_function_variadic = _C._has_torch_function


def has_torch_function(relevant_args: Any) -> bool:
    """Whether a class of one of the arguments, or a mode, says what a function does.

    >>> import spiraltorch_rs as st
    >>> st.overrides.has_torch_function((st.ones(2), 1))
    False
    """
    return bool(_C._has_torch_function(*relevant_args))


def handle_torch_function(public_api: Any, relevant_args: Any, *args: Any, **kwargs: Any) -> Any:
    """What the mode, or the classes of the arguments, make of a call."""
    return _C._torch_function(public_api, relevant_args, args, kwargs)


def redispatch_function(func: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Calls a function once more from within `__torch_function__`."""
    return func(*args, **(kwargs or {}))


F = TypeVar("F", bound=Callable[..., Any])


def wrap_torch_function(dispatcher: Callable[..., Any]) -> Callable[[F], F]:
    """Makes a function ask the classes of those arguments that `dispatcher` names."""

    def decorate(func: F) -> F:
        @wraps(func)
        def asking(*args: Any, **kwargs: Any) -> Any:
            relevant = dispatcher(*args, **kwargs)
            if has_torch_function(relevant):
                return handle_torch_function(asking, relevant, *args, **kwargs)
            return func(*args, **kwargs)

        return asking  # type: ignore[return-value]

    return decorate


class TorchFunctionMode:
    """Within it, every call comes to its `__torch_function__` first."""

    inner: Any

    def __init__(self) -> None:
        pass

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        raise NotImplementedError

    def __enter__(self) -> Any:
        _C._push_torch_function_mode(self)
        return self

    def __exit__(self, *error: object) -> None:
        _C._pop_torch_function_mode()

    @classmethod
    def push(cls, *args: Any, **kwargs: Any) -> Any:
        """An instance."""
        return cls(*args, **kwargs)


class BaseTorchFunctionMode(TorchFunctionMode):
    """A mode that calls what was called."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return func(*args, **(kwargs or {}))


def _get_current_function_mode() -> Any:
    modes = _C._torch_function_modes()
    return modes[-1] if modes else None


def _get_current_function_mode_stack() -> list[Any]:
    return list(_C._torch_function_modes())


@contextmanager
def enable_reentrant_dispatch() -> Iterator[None]:
    """Within it, a function called from `__torch_function__` asks again."""
    before = _C._torch_function_off(0)
    try:
        yield
    finally:
        _C._torch_function_off(before)


def is_tensor_like(inp: Any) -> bool:
    """Whether it is a tensor, or of a class that says what functions do with it."""
    return type(inp) is Tensor or hasattr(inp, "__torch_function__")


# Where functions are looked for, by the name they are called by.
_NAMESPACES: dict[str, Any] = {
    "torch": st,
    "torch.functional": functional,
    "torch.nn.functional": st.nn.functional,
    "torch.linalg": linalg,
    "torch.fft": fft,
    "torch.special": special,
}


@cache
def get_ignored_functions() -> set[Any]:
    """Functions that ask no class: those that make tensors, and those about no tensor."""
    names = "tensor is_tensor as_tensor asarray from_numpy frombuffer from_dlpack zeros ones empty full rand randn"
    names += " randint randperm arange linspace logspace eye"
    return {getattr(st, name) for name in names.split()}


def _asks(function: Any) -> bool:
    if not callable(function) or inspect.isclass(function) or function in get_ignored_functions():
        return False
    try:
        first = next(iter(inspect.signature(function).parameters), "")
    except ValueError:
        return True
    return first in {
        "input",
        "self",
        "tensors",
        "tensor",
        "condition",
        "equation",
        "a",
        "x",
        "operands",
        "query",
    }


@cache
def get_overridable_functions() -> dict[Any, list[Any]]:
    """By namespace: the functions that ask the classes of their arguments."""
    found: dict[Any, list[Any]] = {}
    for module in _NAMESPACES.values():
        names = getattr(module, "__all__", None) or dir(module)
        functions = (getattr(module, name, None) for name in names if not name.startswith("_"))
        found[module] = [function for function in functions if _asks(function)]
    methods = found.setdefault(Tensor, [])
    for name, own in vars(Tensor).items():
        if inspect.isgetsetdescriptor(own) or isinstance(own, property):
            if not name.startswith("__"):
                found.setdefault(own, []).append(own.__get__)
        elif callable(own) and name not in dir(object) and not isinstance(own, type):
            methods.append(own)
    return found


def _stand_in(function: Any) -> Any:
    def stand_in(*args: Any, **kwargs: Any) -> int:
        return -1

    with suppress(ValueError):
        stand_in.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return stand_in


@cache
def get_testing_overrides() -> dict[Any, Any]:
    """For each function that asks, one of the same parameters that gives -1."""
    return {f: _stand_in(f) for functions in get_overridable_functions().values() for f in functions}


@cache
def _names() -> dict[Any, str]:
    found: dict[Any, str] = {}
    for path, module in {**_NAMESPACES, "torch.Tensor": Tensor}.items():
        for name in vars(module) if module is Tensor else dir(module):
            thing = inspect.getattr_static(module, name, None)
            if inspect.isgetsetdescriptor(thing) or isinstance(thing, property):
                found.setdefault(thing.__get__, f"{path}.{name}.__get__")
                found.setdefault(thing.__set__, f"{path}.{name}.__set__")
            elif callable(thing) and getattr(thing, "__hash__", None):
                found.setdefault(thing, f"{path}.{name}")
    return found


def resolve_name(f: Any) -> str | None:
    """The name a function is called by.

    >>> import spiraltorch_rs as st
    >>> st.overrides.resolve_name(st.Tensor.add)
    'torch.Tensor.add'
    """
    return _names().get(f)


def _path(function: Any) -> str:
    return resolve_name(function) or f"{function.__module__}.{function.__name__}"


@cache
def _tensor_methods() -> set[Any]:
    return {
        f for owner, functions in get_overridable_functions().items() if _of_tensor(owner) for f in functions
    }


def _of_tensor(owner: Any) -> bool:
    return owner is Tensor or inspect.isgetsetdescriptor(owner) or isinstance(owner, property)


def is_tensor_method_or_property(func: Any) -> bool:
    """Whether a function is one of `Tensor`'s."""
    return func in _tensor_methods() or getattr(func, "__name__", "") in ("__get__", "__set__")
