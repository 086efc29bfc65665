"""Gradients: `backward`, `grad`, modes, functions with gradients of their own."""

from __future__ import annotations

from collections.abc import Sequence

from spiraltorch_rs._C import Tensor, _backward, _grad, zeros_like
from spiraltorch_rs.autograd import forward_ad, functional, graph
from spiraltorch_rs.autograd._decorator import ContextDecorator
from spiraltorch_rs.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from spiraltorch_rs.autograd.function import Function
from spiraltorch_rs.autograd.grad_mode import _force_original_view_tracking as _force_original_view_tracking
from spiraltorch_rs.autograd.grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from spiraltorch_rs.autograd.gradcheck import gradcheck, gradgradcheck
from spiraltorch_rs.autograd.variable import Variable

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from spiraltorch_rs.autograd.graph import GradientEdge


__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "forward_ad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_multithreading_enabled",
]


def __getattr__(name: str) -> object:
    if name == "profiler":  # which few programs use
        from importlib import import_module

        return import_module("spiraltorch_rs.autograd.profiler")
    if name in ("_profiler_enabled", "_disable_profiler"):
        from spiraltorch_rs.autograd import profiler

        return getattr(profiler, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def backward(
    tensors: Tensor | GradientEdge | Sequence[Tensor | GradientEdge],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Tensor | GradientEdge | Sequence[Tensor | GradientEdge] | None = None,
) -> None:
    """Adds the gradients of `tensors` to the `.grad` of the leaves they were made of.

    >>> import spiraltorch_rs as st
    >>> x = st.tensor(3.0, requires_grad=True)
    >>> st.autograd.backward(x * x)
    >>> x.grad
    tensor(6.)
    """
    if inputs is not None:
        inputs = _listed(inputs)
        if not inputs:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    given = grad_variables if grad_tensors is None else grad_tensors
    _backward(_listed(tensors), given, retain_graph, create_graph, inputs)


def _listed(tensors: Any) -> Any:
    """A tensor, an edge of the tape, or what an iterator gives, as a sequence."""
    return (tensors,) if isinstance(tensors, Tensor | graph.GradientEdge) else tuple(tensors)


def grad(
    outputs: Tensor | GradientEdge | Sequence[Tensor | GradientEdge],
    inputs: Tensor | GradientEdge | Sequence[Tensor | GradientEdge],
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
    outputs, inputs = _listed(outputs), _listed(inputs)
    if not inputs:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: False."
        )
    if is_grads_batched:
        return _batched_grad(outputs, inputs, grad_outputs, create_graph, allow_unused, materialize_grads)
    unused = allow_unused or materialize_grads
    gradients: tuple[Tensor, ...] = _grad(outputs, inputs, grad_outputs, retain_graph, create_graph, unused)
    if materialize_grads:
        gradients = tuple(_zeros_of(x) if g is None else g for g, x in zip(gradients, inputs, strict=True))
    return gradients


def _zeros_of(end: Tensor | GradientEdge) -> Tensor:
    if isinstance(end, graph.GradientEdge):
        raise RuntimeError("materialize_grads cannot be used when the given input is a GradientEdge")
    return zeros_like(end).requires_grad_()


def _batched_grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any,
    create_graph: bool,
    allow_unused: Any,
    materialize_grads: bool,
) -> tuple[Tensor, ...]:
    """`grad` for a batch of gradients of the outputs."""
    from spiraltorch_rs.func._vmap import vmap

    if grad_outputs is None:
        raise RuntimeError("grad(): is_grads_batched=True needs grad_outputs, a batch of gradients")
    vectors = (grad_outputs,) if isinstance(grad_outputs, Tensor) else tuple(grad_outputs)
    for i, (vector, out) in enumerate(zip(vectors, outputs, strict=True)):
        if isinstance(out, Tensor) and vector.shape[1:] != out.shape:
            raise RuntimeError(
                "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch "
                "dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding "
                f"output, but a mismatch was detected: grad_output[{i}] has a shape of {vector.shape} and output[{i}] "
                f"has a shape of {out.shape}."
            )
    unused: list[int] = []

    def one(*given: Tensor) -> tuple[Tensor, ...]:
        found = _grad(outputs, inputs, list(given), True, create_graph, allow_unused, materialize_grads)
        unused[:] = [i for i, gradient in enumerate(found) if gradient is None]
        return tuple(gradient for gradient in found if gradient is not None)

    found = list(vmap(one)(*vectors))
    for i in unused:
        found.insert(i, None)
    return tuple(found)


class set_multithreading_enabled(ContextDecorator):
    """Accepted and without effect: a backward pass runs in the thread that asked for it."""

    def __init__(self, mode: bool) -> None:
        self.mode = mode

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: Any) -> None:
        pass

    def clone(self) -> set_multithreading_enabled:
        return set_multithreading_enabled(self.mode)
