"""Adam that waits until its variance is known."""

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

__all__ = ["RAdam"]


class RAdam(EachParameter):
    """Adam whose first steps go by the mean alone."""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
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
            "decoupled_weight_decay": decoupled_weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _st_begin(self, state: dict[str, Any], parameter: Any, group: dict[str, Any]) -> None:
        state["step"] = counter()
        state["exp_avg"] = _C.zeros_like(parameter)
        state["exp_avg_sq"] = _C.zeros_like(parameter)

    def _st_update(self, parameter: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, (beta1, beta2) = scalar(group["lr"]), group["betas"]
        step, weight_decay = counted(state), group["weight_decay"]
        if weight_decay != 0 and group["decoupled_weight_decay"]:
            parameter.mul_(1 - lr * weight_decay)
        else:
            grad = decayed(grad, parameter, weight_decay)
        mean = state["exp_avg"].lerp_(grad, 1 - beta1)
        square = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        correction = 1 - beta2**step
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * beta2**step / correction
        rate = lr / (1 - beta1**step)
        if length > 5.0:
            known = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            deviation = square.sqrt().add(group["eps"])
            parameter.addcdiv_(mean, deviation, value=-rate * (known * correction) ** 0.5)
        else:
            parameter.add_(mean, alpha=-rate)
