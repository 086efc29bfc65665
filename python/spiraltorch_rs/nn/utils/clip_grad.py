"""Gradients kept small."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd import no_grad

__all__ = ["clip_grad_norm", "clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]

Tensors = Tensor | Iterable[Tensor]


def _listed(tensors: Any) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _norm(tensor: Tensor, p: float) -> Tensor:
    wide: Any = tensor if tensor.dtype not in (_C.float16, _C.bfloat16) else tensor.float()
    made: Tensor = wide.norm(p).to(tensor.dtype)
    return made


def get_total_norm(
    tensors: Tensors,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all tensors together, as if they were one vector."""
    found = _listed(tensors)
    if not found:
        return _C.tensor(0.0)
    p = float(norm_type)
    with no_grad():
        if p == 2.0:  # one chain of sums, which the scheduler fuses
            squares = [
                tensor.float().square().sum() if _is_half(tensor) else tensor.square().sum()
                for tensor in found
            ]
            total = _C.stack(squares).sum().sqrt().to(found[0].dtype)
        else:
            total = _C.stack([_norm(tensor, p) for tensor in found]).norm(p)
    if error_if_nonfinite and not bool(total.isfinite()):
        raise RuntimeError(
            f"The total norm of order {p} for gradients from `parameters` is non-finite, so it cannot be clipped. To "
            "disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return total


def _is_half(tensor: Tensor) -> bool:
    return tensor.dtype in (_C.float16, _C.bfloat16)


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scales the gradients so that a norm that was measured becomes at most `max_norm`."""
    with no_grad():
        factor = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0)
        for parameter in _listed(parameters):
            if parameter.grad is not None:
                parameter.grad.mul_(factor)


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scales the gradients so that their norm is at most `max_norm`; gives the norm before.

    >>> import spiraltorch_rs as st
    >>> x = st.tensor([3.0, 4.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> st.nn.utils.clip_grad_norm_(x, 1.0)
    tensor(10.)
    """
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    else:
        once = not isinstance(parameters, (list, tuple))
        parameters = list(parameters)
        if once and not parameters:
            warnings.warn(
                "`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2
            )
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    total = get_total_norm(gradients, norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(parameters, max_norm, total, foreach)
    return total


def clip_grad_norm(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """`clip_grad_norm_` under its old name."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Keeps every gradient between `-clip_value` and `clip_value`."""
    bound = float(clip_value)
    with no_grad():
        for parameter in _listed(parameters):
            if parameter.grad is not None:
                parameter.grad.clamp_(min=-bound, max=bound)
