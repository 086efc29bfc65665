"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs.optim.optimizer import (
    EachParameter,
    check,
    check_modes,
    check_rate,
    decayed,
    move,
    scalar,
)

__all__ = ["SGD"]


class SGD(EachParameter):
    """Stochastic gradient descent.

    >>> import spiraltorch_rs as st
    >>> x = st.tensor([1.0], requires_grad=True)
    >>> optimizer = st.optim.SGD([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([0.8000], requires_grad=True)
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: Any = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_rate(lr)
        check(momentum >= 0.0, "momentum value", momentum)
        check(bool(weight_decay >= 0.0), "weight_decay value", weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        check_modes(foreach, fused, differentiable)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            for name, default in (("nesterov", False), ("maximize", False), ("foreach", None)):
                group.setdefault(name, default)
            group.setdefault("differentiable", False)
            group.setdefault("fused", False)

    def _st_update(self, parameter: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        grad = decayed(grad, parameter, group["weight_decay"])
        momentum = group["momentum"]
        if momentum != 0:
            velocity = state.get("momentum_buffer")
            if velocity is None:
                velocity = state["momentum_buffer"] = grad.detach().clone()
            else:
                velocity.mul_(momentum).add_(grad, alpha=1 - group["dampening"])
            grad = grad.add(velocity, alpha=momentum) if group["nesterov"] else velocity
        move(parameter, grad, scalar(group["lr"]))
