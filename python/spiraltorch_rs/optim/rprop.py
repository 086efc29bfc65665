"""Resilient propagation."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.optim.optimizer import (
    EachParameter,
    check_rate,
)

__all__ = ["Rprop"]


class Rprop(EachParameter):
    """Steps by the gradient's sign, longer while it stays and shorter when it turns."""

    _st_counts_on_device = True

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _st_begin(self, state: dict[str, Any], parameter: Any, group: dict[str, Any]) -> None:
        state["step"] = self._st_counter(parameter, group)
        state["prev"] = _C.zeros_like(parameter)
        lr = float(group["lr"])
        state["step_size"] = _C.full_like(parameter, complex(lr, lr) if parameter.is_complex() else lr)

    def _st_update(self, parameter: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        (shorter, longer), (least, most) = group["etas"], group["step_sizes"]
        self._st_counted(parameter, state, group)
        turned = grad * state["prev"]
        factor = _C.ones_like(turned).masked_fill(turned > 0, longer).masked_fill(turned < 0, shorter)
        size = state["step_size"].mul_(factor).clamp_(least, most)
        grad = grad.masked_fill(turned < 0, 0)  # after a turn it waits for a step
        parameter.addcmul_(grad.sign(), size, value=-1)
        state["prev"].copy_(grad)
