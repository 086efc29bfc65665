"""Adafactor."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.optim.optimizer import EachParameter, check, counted, counter, scalar

__all__ = ["Adafactor"]


class Adafactor(EachParameter):
    """Adam without a mean, which keeps of a matrix's squares only those of rows and columns."""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not beta2_decay <= 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None and not eps[0] >= 0.0:
            raise ValueError(f"epsilon1 should be >= 0 but is: {eps[0]}")
        if not eps[1] >= 0.0:
            raise ValueError(f"epsilon2 should be >= 0 but is: {eps[1]}")
        if not d >= 1.0:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        check(weight_decay >= 0.0, "weight_decay value", weight_decay)
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _st_begin(self, state: dict[str, Any], parameter: Any, group: dict[str, Any]) -> None:
        state["step"] = counter()
        shape = tuple(parameter.shape)
        if len(shape) > 1:
            state["row_var"] = parameter.grad.new_zeros((*shape[:-1], 1))
            state["col_var"] = parameter.grad.new_zeros((*shape[:-2], 1, shape[-1]))
        else:
            state["variance"] = _C.zeros_like(parameter.grad)

    def _st_update(self, parameter: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, (eps1, eps2), step = scalar(group["lr"]), group["eps"], counted(state)
        if eps1 is None:
            eps1 = _C.finfo(parameter.dtype).eps
        forget = step ** group["beta2_decay"]
        size = parameter.numel() ** 0.5
        # As long as the parameter, but not too short; a tensor, so that nothing must be read.
        length = (parameter.norm(2) / size).clamp(min=eps2) * min(lr, 1 / step**0.5)
        if group["weight_decay"] != 0:
            parameter.mul_(1 - lr * group["weight_decay"])
        squares = grad * grad
        if grad.dim() > 1:
            rows = state["row_var"].lerp_(squares.mean(-1, keepdim=True), forget)
            columns = state["col_var"].lerp_(squares.mean(-2, keepdim=True), forget)
            variance = rows * columns / rows.mean(-2, keepdim=True).clamp(min=eps1)
        else:
            variance = state["variance"].lerp_(squares, forget)
        update = variance.clamp(min=eps1 * eps1).rsqrt() * grad
        too_long = (update.norm(2) / (size * group["d"])).clamp(min=1.0)
        parameter.sub_(update * (length / too_long))
