"""Adam that leaves alone what has no gradient."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.optim.optimizer import EachParameter, check, check_betas, scalar

__all__ = ["SparseAdam"]


class SparseAdam(EachParameter):
    """Adam for embeddings: rows whose gradient is zero keep their state and are not moved."""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        check(bool(lr > 0.0), "learning rate", lr)
        check(eps > 0.0, "epsilon value", eps)
        check_betas(betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})

    def _st_begin(self, state: dict[str, Any], parameter: Any, group: dict[str, Any]) -> None:
        state["step"] = 0
        state["exp_avg"] = _C.zeros_like(parameter)
        state["exp_avg_sq"] = _C.zeros_like(parameter)

    def _st_update(self, parameter: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        beta1, beta2 = group["betas"]
        state["step"] += 1
        step = state["step"]
        touched = grad != 0
        if grad.dim() > 1:
            touched = touched.flatten(1).any(1).reshape(-1, *[1] * (grad.dim() - 1))
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        mean.add_(_C.where(touched, (grad - mean) * (1 - beta1), 0.0))
        square.add_(_C.where(touched, (grad * grad - square) * (1 - beta2), 0.0))
        size = scalar(group["lr"]) * (1 - beta2**step) ** 0.5 / (1 - beta1**step)
        change = mean / square.sqrt().add(group["eps"]) * size
        parameter.sub_(_C.where(touched, change, 0.0))
