"""Adam with Nesterov's momentum."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
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

__all__ = ["NAdam"]


class NAdam(EachParameter):
    """Adam with Nesterov's momentum."""

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
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
        check(momentum_decay >= 0.0, "momentum_decay value", momentum_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _st_begin(self, state: dict[str, Any], parameter: Any, group: dict[str, Any]) -> None:
        state["step"] = counter()
        state["mu_product"] = counter(1.0)
        state["exp_avg"] = _C.zeros_like(parameter)
        state["exp_avg_sq"] = _C.zeros_like(parameter)

    def _st_update(self, parameter: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, (beta1, beta2) = scalar(group["lr"]), group["betas"]
        step, weight_decay = counted(state), group["weight_decay"]
        if weight_decay != 0 and group["decoupled_weight_decay"]:
            parameter.mul_(1 - lr * weight_decay)
        else:
            grad = decayed(grad, parameter, weight_decay)
        pace = group["momentum_decay"]
        mu = beta1 * (1.0 - 0.5 * (0.96 ** (step * pace)))
        mu_next = beta1 * (1.0 - 0.5 * (0.96 ** ((step + 1) * pace)))
        if group["differentiable"]:
            product = state["mu_product"] = state["mu_product"] * mu
        else:
            product = float(state["mu_product"]) * mu
            state["mu_product"] = counter(product)
        mean = state["exp_avg"].lerp_(grad, 1 - beta1)
        square = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        deviation = square.div(1 - beta2**step).sqrt().add(group["eps"])
        for direction, size in (
            (grad, lr * (1.0 - mu) / (1.0 - product)),
            (mean, lr * mu_next / (1.0 - product * mu_next)),
        ):
            # A size may be a tensor.
            number = not isinstance(size, Tensor)
            moved = direction if number else direction * size
            parameter.addcdiv_(moved, deviation, value=-size if number else -1)
