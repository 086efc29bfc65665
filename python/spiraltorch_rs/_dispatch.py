"""`__torch_function__` of `Tensor`: a function of an object of a subclass gives objects of that subclass.

The extension module asks classes whenever one of its functions, methods or symbols is called. What it has no part in,
attributes and methods written in Python, is asked about by wrappers that a subclass gets when it is made: plain tensors
pay nothing.
"""

from __future__ import annotations

from functools import wraps
from types import FunctionType, GetSetDescriptorType

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])


class DisableTorchFunctionSubclass:
    """Within it, functions see objects of subclasses as plain tensors."""

    _off = 1

    def __init__(self) -> None:
        self._before: list[int] = []

    def __enter__(self) -> None:
        before = _C._torch_function_off()
        self._before.append(before)
        _C._torch_function_off(max(before, self._off))

    def __exit__(self, *error: object) -> None:
        _C._torch_function_off(self._before.pop())


class DisableTorchFunction(DisableTorchFunctionSubclass):
    """As `DisableTorchFunctionSubclass`, and modes see nothing either."""

    _off = 2


def disabled_torch_function_impl(
    func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
) -> Any:
    """The `__torch_function__` of classes whose objects are plain tensors to every function."""
    with DisableTorchFunctionSubclass():
        return func(*args, **(kwargs or {}))


def default_nowrap_functions() -> set[Any]:
    """What gives a tensor that is not of the subclass: another object that is kept as it is."""
    return {vars(Tensor)[name].__get__ for name in ("_base", "grad", "_grad")}


def as_class(result: Any, cls: Any) -> Any:
    """A result whose tensors are objects of a class."""
    if isinstance(result, Tensor):
        return result if isinstance(result, cls) else result.as_subclass(cls)
    if isinstance(result, tuple | list):
        parts = [as_class(part, cls) for part in result]
        changed = any(new is not old for new, old in zip(parts, result, strict=True))
        return type(result)(parts) if changed else result
    return result


def torch_function(
    cls: Any, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
) -> Any:
    """Calls the function as for plain tensors; what it gives is of the subclass."""
    if not all(issubclass(cls, kind) for kind in types):
        return NotImplemented
    with DisableTorchFunctionSubclass():
        result = func(*args, **(kwargs or {}))
    return result if cls is Tensor or func in default_nowrap_functions() else as_class(result, cls)


def _property(own: Any) -> property:
    def get(self: Tensor) -> Any:
        return _C._torch_function(own.__get__, (self,), (self,))

    def put(self: Tensor, value: Any) -> None:
        _C._torch_function(own.__set__, (self,), (self, value))

    def delete(self: Tensor) -> None:
        _C._torch_function(own.__delete__, (self,), (self,))

    return property(get, put, delete, own.__doc__)


def _method(own: Any) -> Any:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return _C._torch_function(own, (self, *args), (self, *args), kwargs)

    method.__name__, method.__doc__ = own.__name__, own.__doc__
    return method


# Python's questions to an object; `__repr__` and the others are C functions that ask nobody.
_SLOTS = frozenset(
    "__len__ __bool__ __float__ __int__ __index__ __complex__ __contains__ __repr__ __format__".split()
)
_wrappers: dict[str, tuple[Any, Any]] = {}


def _asking() -> dict[str, tuple[Any, Any]]:
    """By name: an attribute or method of `Tensor` that asks nobody, and one that does."""
    if not _wrappers:
        for name, own in vars(Tensor).items():
            dunder = name.startswith("__")
            if isinstance(own, GetSetDescriptorType | property) and not dunder:
                _wrappers[name] = own, _property(own)
            elif name in _SLOTS or (isinstance(own, FunctionType) and not dunder):
                _wrappers[name] = own, _method(own)
        _wrappers["__iter__"] = vars(Tensor)["__iter__"], lambda self: iter(self.unbind(0))
    return _wrappers


def overridable(function: F) -> F:
    """A function written in Python that asks the classes of its arguments first."""

    @wraps(function)
    def asking(*args: Any, **kwargs: Any) -> Any:
        if _C._has_torch_function(*args):
            return _C._torch_function(asking, args, args, kwargs)
        return function(*args, **kwargs)

    return asking  # type: ignore[return-value]


def init_subclass(cls: type[Tensor], **kwargs: Any) -> None:
    """Gives a class that is asked the attributes that ask it."""
    super(Tensor, cls).__init_subclass__(**kwargs)
    if cls.__torch_function__ is disabled_torch_function_impl:
        return
    for name, (own, asking) in _asking().items():
        if next(vars(kind)[name] for kind in cls.__mro__ if name in vars(kind)) is own:
            setattr(cls, name, asking)


def install() -> None:
    """Gives `Tensor` and the extension module what this is about."""
    for name, method in (("__torch_function__", torch_function), ("__init_subclass__", init_subclass)):
        setattr(Tensor, name, classmethod(method))
    for name, value in {
        "DisableTorchFunction": DisableTorchFunction,
        "DisableTorchFunctionSubclass": DisableTorchFunctionSubclass,
        "_disabled_torch_function_impl": disabled_torch_function_impl,
    }.items():
        setattr(_C, name, value)
