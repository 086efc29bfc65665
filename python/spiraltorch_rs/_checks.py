"""`torch._check*`: conditions that libraries state, each with an error of its own kind."""

from __future__ import annotations

from collections.abc import Callable

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_UNNAMED = (
    "Expected cond to be True, but got False. (Could this error message be improved? If so, please report an "
    "enhancement request to PyTorch.)"
)


def _check_with(error_type: type[Exception], cond: bool, message: Any) -> None:
    """Raises an error of this type unless the condition holds; the message may be made by a function."""
    if isinstance(cond, Tensor):
        raise TypeError(
            "cond must be a bool, but got a Tensor. For tensor conditions, use torch._check_tensor_all() to assert "
            "that all elements are true."
        )
    if not isinstance(cond, bool):
        raise TypeError(f"cond must be a bool, but got {type(cond)}")
    if not cond:
        raise error_type(_UNNAMED if message is None else str(message() if callable(message) else message))


def _check_tensor_all_with(error_type: type[Exception], cond: Tensor, message: Any = None) -> None:
    """Raises an error of this type unless all elements are true."""
    if not isinstance(cond, Tensor):
        raise TypeError(f"cond must be a tensor, but got {type(cond)}")
    if cond.dtype != _C.bool:
        raise TypeError(f"cond tensor must have dtype torch.bool, but got {cond.dtype}")
    _check_with(error_type, cond.all().item(), message)


def _check_tensor_all(cond: Tensor, message: Any = None) -> None:
    """Raises a RuntimeError unless all elements are true."""
    _check_tensor_all_with(RuntimeError, cond, message)


def _of_kind(name: str, error_type: type[Exception]) -> Callable[..., None]:
    def check(cond: bool, message: Any = None) -> None:
        _check_with(error_type, cond, message)

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"Raises {error_type.__name__} unless the condition holds."
    return check


_check = _of_kind("_check", RuntimeError)
_check_index = _of_kind("_check_index", IndexError)
_check_value = _of_kind("_check_value", ValueError)
_check_type = _of_kind("_check_type", TypeError)
_check_not_implemented = _of_kind("_check_not_implemented", NotImplementedError)


def _check_is_size(i: int, message: Any = None, *, max: int | None = None) -> None:
    """Raises a RuntimeError unless a number may be a size, of at most `max`."""
    _check(i >= 0, message)
    if max is not None:
        _check(i <= max, message)
