"""Gradients of convolutions by themselves: what a convolution of one, two or three dimensions passes back."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd import enable_grad, is_grad_enabled


def _gradient(name: str, place: int, operands: list[Any], grad_output: Tensor, settings: Any) -> Tensor:
    """The gradient of operand `place`, of which only the size is given: a convolution is linear in each."""
    differentiable, other = is_grad_enabled(), operands[1 - place]
    with enable_grad():
        size = operands[place]
        wanted = _C.zeros(size, dtype=other.dtype, device=other.device).requires_grad_()
        operands[place] = wanted
        result = _C._namespaces["functional"][name](*operands, None, *settings)
        gradient: Tensor
        (gradient,) = _C._grad([result], [wanted], [grad_output], create_graph=differentiable)
        return gradient


def conv1d_input(
    input_size: Any,
    weight: Tensor,
    grad_output: Tensor,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The gradient of `conv1d` for an input of a size."""
    return _gradient("conv1d", 0, [input_size, weight], grad_output, (stride, padding, dilation, groups))


def conv1d_weight(
    input: Tensor,
    weight_size: Any,
    grad_output: Tensor,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The gradient of `conv1d` for a weight of a size."""
    return _gradient("conv1d", 1, [input, weight_size], grad_output, (stride, padding, dilation, groups))


def conv2d_input(
    input_size: Any,
    weight: Tensor,
    grad_output: Tensor,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The gradient of `conv2d` for an input of a size."""
    return _gradient("conv2d", 0, [input_size, weight], grad_output, (stride, padding, dilation, groups))


def conv2d_weight(
    input: Tensor,
    weight_size: Any,
    grad_output: Tensor,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The gradient of `conv2d` for a weight of a size."""
    return _gradient("conv2d", 1, [input, weight_size], grad_output, (stride, padding, dilation, groups))


def conv3d_input(
    input_size: Any,
    weight: Tensor,
    grad_output: Tensor,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The gradient of `conv3d` for an input of a size."""
    return _gradient("conv3d", 0, [input_size, weight], grad_output, (stride, padding, dilation, groups))


def conv3d_weight(
    input: Tensor,
    weight_size: Any,
    grad_output: Tensor,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The gradient of `conv3d` for a weight of a size."""
    return _gradient("conv3d", 1, [input, weight_size], grad_output, (stride, padding, dilation, groups))
