"""Weights of convolutions in another order, in which their results come, too."""

from __future__ import annotations

from typing import Any

__all__ = ["convert_conv2d_weight_memory_format", "convert_conv3d_weight_memory_format"]


def _convert(module: Any, memory_format: Any, ranks: tuple[int, ...]) -> Any:
    from spiraltorch_rs.nn.modules.conv import _ConvNd

    for one in module.modules():
        if isinstance(one, _ConvNd) and one.weight.dim() in ranks:
            weight: Any = one.weight
            weight.data = weight.detach().contiguous(memory_format=memory_format)
    return module


def convert_conv2d_weight_memory_format(module: Any, memory_format: Any) -> Any:
    """Puts the weights of all convolutions of images in an order, and gives the module back."""
    return _convert(module, memory_format, (4,))


def convert_conv3d_weight_memory_format(module: Any, memory_format: Any) -> Any:
    """Puts the weights of all convolutions of volumes in an order, and gives the module back."""
    return _convert(module, memory_format, (5,))
