"""Averaged stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.optim.optimizer import (
    EachParameter,
    check,
    check_rate,
    counted,
    counter,
    decayed,
    scalar,
)

__all__ = ["ASGD"]


class ASGD(EachParameter):
    """Stochastic gradient descent that also keeps the mean of the parameters."""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_rate(lr)
        check(weight_decay >= 0.0, "weight_decay value", weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _st_begin(self, state: dict[str, Any], parameter: Any, group: dict[str, Any]) -> None:
        state["step"] = counter()
        state["eta"] = counter(float(group["lr"]))
        state["mu"] = counter(1.0)
        state["ax"] = _C.zeros_like(parameter)

    def _st_update(self, parameter: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, lambd = scalar(group["lr"]), group["lambd"]
        step, eta, mu = counted(state), float(state["eta"]), float(state["mu"])
        grad = decayed(grad, parameter, group["weight_decay"])
        parameter.mul_(1 - lambd * eta)
        parameter.add_(grad, alpha=-eta)
        if mu != 1:
            state["ax"].add_((parameter - state["ax"]) * mu)
        else:
            state["ax"].copy_(parameter)
        state["eta"] = counter(lr / ((1 + lambd * lr * step) ** group["alpha"]))
        state["mu"] = counter(1 / max(1, step - group["t0"]))
