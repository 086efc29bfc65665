"""RMSprop."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.optim.optimizer import (
    EachParameter,
    check,
    check_rate,
    decayed,
    scalar,
)

__all__ = ["RMSprop"]


class RMSprop(EachParameter):
    """Steps by the gradient over the root of its running square."""

    _st_counts_on_device = True

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check(eps >= 0.0, "epsilon value", eps)
        check(momentum >= 0.0, "momentum value", momentum)
        check(weight_decay >= 0.0, "weight_decay value", weight_decay)
        check(alpha >= 0.0, "alpha value", alpha)
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _st_begin(self, state: dict[str, Any], parameter: Any, group: dict[str, Any]) -> None:
        state["step"] = self._st_counter(parameter, group)
        state["square_avg"] = _C.zeros_like(parameter)
        if group["momentum"] > 0:
            state["momentum_buffer"] = _C.zeros_like(parameter)
        if group["centered"]:
            state["grad_avg"] = _C.zeros_like(parameter)

    def _st_update(self, parameter: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, alpha = scalar(group["lr"]), group["alpha"]
        self._st_counted(parameter, state, group)
        grad = decayed(grad, parameter, group["weight_decay"])
        square = state["square_avg"].mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        if group["centered"]:
            mean = state["grad_avg"].lerp_(grad, 1 - alpha)
            deviation = square.addcmul(mean, mean, value=-1).sqrt().add(group["eps"])
        else:
            deviation = square.sqrt().add(group["eps"])
        if group["momentum"] > 0:
            velocity = state["momentum_buffer"].mul_(group["momentum"]).addcdiv_(grad, deviation)
            parameter.add_(velocity, alpha=-lr)
        else:
            parameter.addcdiv_(grad, deviation, value=-lr)
