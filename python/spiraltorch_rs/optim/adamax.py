"""Adamax."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.optim.optimizer import (
    EachParameter,
    check,
    check_betas,
    check_rate,
    counted,
    counter,
    decayed,
    scalar,
)

__all__ = ["Adamax"]


class Adamax(EachParameter):
    """Adam with the largest gradient seen in place of the root of the square."""

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_rate(lr)
        check(eps >= 0.0, "epsilon value", eps)
        check_betas(betas)
        check(weight_decay >= 0.0, "weight_decay value", weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _st_begin(self, state: dict[str, Any], parameter: Any, group: dict[str, Any]) -> None:
        state["step"] = counter()
        state["exp_avg"] = _C.zeros_like(parameter)
        state["exp_inf"] = _C.zeros_like(parameter)

    def _st_update(self, parameter: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        beta1, beta2 = group["betas"]
        step = counted(state)
        grad = decayed(grad, parameter, group["weight_decay"])
        mean = state["exp_avg"].lerp_(grad, 1 - beta1)
        state["exp_inf"] = _C.maximum(state["exp_inf"].mul(beta2), grad.abs() + group["eps"])
        parameter.addcdiv_(mean, state["exp_inf"], value=-scalar(group["lr"]) / (1 - beta1**step))
