"""Gradients: `backward`, `grad`, modes, functions with gradients of their own."""

from __future__ import annotations

from collections.abc import Sequence

from spiraltorch_rs._C import Tensor, _backward, _grad
from spiraltorch_rs.autograd import graph
from spiraltorch_rs.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from spiraltorch_rs.autograd.function import Function
from spiraltorch_rs.autograd.grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = [
    "Function",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "graph",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Adds the gradients of `tensors` to the `.grad` of the leaves they were made of.

    >>> import spiraltorch_rs as st
    >>> x = st.tensor(3.0, requires_grad=True)
    >>> st.autograd.backward(x * x)
    >>> x.grad
    tensor(6.)
    """
    if inputs is not None and not isinstance(inputs, Tensor) and len(inputs) == 0:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    _backward(
        tensors, grad_variables if grad_tensors is None else grad_tensors, retain_graph, create_graph, inputs
    )


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor, ...]:
    """The gradients of `outputs` with respect to `inputs`; `.grad` stays as it is.

    >>> import spiraltorch_rs as st
    >>> x = st.tensor(3.0, requires_grad=True)
    >>> st.autograd.grad(x * x, x)
    (tensor(6.),)
    """
    if not only_inputs:
        raise NotImplementedError("grad(): only_inputs=False is not supported; call backward() instead")
    if is_grads_batched:
        raise NotImplementedError(
            "grad(): is_grads_batched=True is not supported; call grad() for each gradient"
        )
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: False."
        )
    gradients: tuple[Tensor, ...] = _grad(
        outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads
    )
    return gradients
