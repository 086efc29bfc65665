"""`Variable`, what tensors with gradients were called before they were all tensors."""

from __future__ import annotations

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Variable"]


class _Meta(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)

    def __call__(cls, data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Tensor:
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable(): expected a Tensor, got {type(data).__name__}")
        return data.detach().requires_grad_(requires_grad)


class Engine:
    """What carries out backward passes."""

    @staticmethod
    def queue_callback(callback: Any) -> None:
        """Calls a function when the backward pass that runs now ends."""
        _C._queue_callback(callback)


class Variable(metaclass=_Meta):
    """A tensor: `Variable(data, requires_grad)` shares its memory, and every tensor is a `Variable`."""

    _execution_engine = Engine()
