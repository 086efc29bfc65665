"""Optimizers as functions of tensors: every setting may be a tensor that gradients flow to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]

State = list[list[Tensor]]


class Step(NamedTuple):
    """The parameters after a step, and what the optimizer remembers."""

    parameters: list[Tensor]
    state: State


class Optimizer:
    """Settings, and what becomes of parameters and state in a step."""

    def __init__(self, **settings: Any) -> None:
        unknown = set(settings) - set(self.defaults)
        if unknown:
            raise TypeError(f"{type(self).__name__} has no setting {unknown.pop()!r}: {', '.join(self.defaults)}")
        self.settings = {**self.defaults, **settings}

    defaults: dict[str, Any] = {}

    def init(self, parameters: Sequence[Tensor]) -> State:
        """What is remembered before the first step."""
        raise NotImplementedError

    def step(
        self, parameters: Sequence[Tensor], gradients: Sequence[Tensor], state: State, number: int, **settings: Any
    ) -> Step:
        """Step `number`, counted from 1; `settings` come before those of the optimizer."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.settings.items())})"


class SGD(Optimizer):
    """Gradient descent with momentum, as `torch.optim.SGD`."""

    defaults = {"lr": 1e-3, "momentum": 0, "dampening": 0, "weight_decay": 0, "nesterov": False}  # noqa: RUF012

    def init(self, parameters: Sequence[Tensor]) -> State:
        return [[_C.zeros_like(p) for p in parameters]]

    def step(
        self, parameters: Sequence[Tensor], gradients: Sequence[Tensor], state: State, number: int, **settings: Any
    ) -> Step:
        s = {**self.settings, **settings}
        moved, speeds = [], []
        for p, g, speed in zip(parameters, gradients, state[0], strict=True):
            g = g + p * s["weight_decay"]
            speed = g if number == 1 else speed * s["momentum"] + g * (1 - s["dampening"])
            moved.append(p - (g + speed * s["momentum"] if s["nesterov"] else speed) * s["lr"])
            speeds.append(speed)
        return Step(moved, [speeds])


class Adam(Optimizer):
    """As `torch.optim.Adam`."""

    defaults = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0}  # noqa: RUF012
    decoupled = False

    def init(self, parameters: Sequence[Tensor]) -> State:
        return [[_C.zeros_like(p) for p in parameters], [_C.zeros_like(p) for p in parameters]]

    def step(
        self, parameters: Sequence[Tensor], gradients: Sequence[Tensor], state: State, number: int, **settings: Any
    ) -> Step:
        s = {**self.settings, **settings}
        (first, second), rate, decay = s["betas"], s["lr"], s["weight_decay"]
        moved, means, squares = [], [], []
        for p, g, mean, square in zip(parameters, gradients, *state, strict=True):
            start = p * (1 - rate * decay) if self.decoupled else p
            g = g if self.decoupled else g + p * decay
            mean = mean * first + g * (1 - first)
            square = square * second + g * g * (1 - second)
            deviation = _root(square / (1 - second**number)) + s["eps"]
            moved.append(start - mean / (1 - first**number) / deviation * rate)
            means.append(mean)
            squares.append(square)
        return Step(moved, [means, squares])


class AdamW(Adam):
    """Adam whose weight decay is not part of the gradient, as `torch.optim.AdamW`."""

    defaults = {**Adam.defaults, "weight_decay": 1e-2}  # noqa: RUF012
    decoupled = True


def _root(square: Tensor) -> Tensor:
    """The square root, with a slope of zero where a gradient has always been zero."""
    zero = square == 0
    return _C.where(zero, 0.0, _C.where(zero, 1.0, square).sqrt())
