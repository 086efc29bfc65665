"""Adagrad."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.optim.optimizer import (
    EachParameter,
    check,
    check_modes,
    check_rate,
    counted,
    counter,
    decayed,
    scalar,
)

__all__ = ["Adagrad"]


class Adagrad(EachParameter):
    """Steps by the gradient over the root of the sum of its squares."""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_rate(lr)
        check(lr_decay >= 0.0, "lr_decay value", lr_decay)
        check(weight_decay >= 0.0, "weight_decay value", weight_decay)
        check(initial_accumulator_value >= 0.0, "initial_accumulator_value value", initial_accumulator_value)
        check(eps >= 0.0, "epsilon value", eps)
        check_modes(foreach, fused, differentiable)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for parameter in group["params"]:
                self._st_begin(self.state[parameter], parameter, group)

    def _st_begin(self, state: dict[str, Any], parameter: Any, group: dict[str, Any]) -> None:
        state["step"] = counter()
        start = group["initial_accumulator_value"]
        state["sum"] = _C.full_like(parameter, complex(start, start) if parameter.is_complex() else start)

    def share_memory(self) -> None:
        """Other processes see the sums."""
        for state in self.state.values():
            state["sum"].share_memory_()

    def _st_update(self, parameter: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        step = counted(state)
        grad = decayed(grad, parameter, group["weight_decay"])
        rate = scalar(group["lr"]) / (1 + (step - 1) * group["lr_decay"])
        total = state["sum"].addcmul_(grad, grad, value=1)
        parameter.addcdiv_(grad, total.sqrt().add(group["eps"]), value=-rate)
