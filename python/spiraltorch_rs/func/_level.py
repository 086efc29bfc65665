"""A function that is being differentiated: its inputs on the tape, and what may leave with a history.

The tape is the only mechanism. An input that has a history keeps it (so that transforms can be nested); one without
becomes a leaf that nobody sees. What leaves is taken off the tape unless it leads to something outside.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.grad_mode import enable_grad, tangents, transforms

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Hidden(threading.local):
    """The leaves of levels that this thread has left while it is inside others."""

    def __init__(self) -> None:
        self.depth = 0
        self.leaves: list[Tensor] = []


_hidden = _Hidden()


class Level:
    """Inside, operators are recorded; what left keeps its history only if it leads outside."""

    def __init__(self, forward: bool = False) -> None:
        self.leaves: list[Tensor] = []
        self.forward = forward
        self.since = _C._tape_position()
        self.recorded = _C.is_grad_enabled()

    def __enter__(self) -> Level:
        _hidden.depth += 1
        transforms.depth += 1
        tangents.depth += self.forward
        self._mode = enable_grad()
        self._mode.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._mode.__exit__(*error)
        tangents.depth -= self.forward
        transforms.depth -= 1
        _hidden.depth -= 1
        if _hidden.depth == 0:
            _hidden.leaves.clear()
        else:
            _hidden.leaves.extend(self.leaves)

    def track(self, tensor: Tensor) -> Tensor:
        """The tensor as an input of the function."""
        if tensor.requires_grad:
            return tensor.view_as(tensor)
        return self.own(tensor.detach())

    def given(self, tracked: Tensor) -> Tensor:
        """What the function sees of an input: it may write it, the gradient is for what was there before."""
        return _C._passed_on(tracked) if tracked.requires_grad else tracked

    def own(self, tensor: Tensor) -> Tensor:
        """A tensor without history as a leaf of this level."""
        leaf = tensor.requires_grad_()
        self.leaves.append(leaf)
        return leaf

    def leads_outside(self, tensors: Iterable[Tensor]) -> bool:
        """Whether gradients of these depend on anything but the inputs that were given without history."""
        wanted = [tensor for tensor in tensors if tensor.requires_grad]
        if not wanted or not self.recorded:
            return False
        return bool(_C._leads_outside(wanted, self.since, [*self.leaves, *_hidden.leaves]))

    def leave(self, value: Any) -> Any:
        """A result for who called the transform."""
        if not isinstance(value, Tensor) or not value.requires_grad:
            return value
        return value if self.leads_outside([value]) else value.detach()
