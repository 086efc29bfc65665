"""Runs a graph and writes down, at each node, what tensors it gives."""

from __future__ import annotations

from typing import Any, NamedTuple

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.fx.interpreter import Interpreter
from spiraltorch_rs.fx.node import Node, map_aggregate

__all__ = ["ShapeProp", "TensorMetadata"]


class TensorMetadata(NamedTuple):
    """What is known of a tensor without its values."""

    shape: Any
    dtype: Any
    requires_grad: bool
    stride: tuple[int, ...]
    memory_format: Any
    is_quantized: bool
    qparams: dict[str, Any]


def _extract_tensor_metadata(result: Tensor, include_contiguity: bool = True) -> TensorMetadata:
    from spiraltorch_rs import channels_last, contiguous_format

    formats = [f for f in (contiguous_format, channels_last) if include_contiguity and _lies(result, f)]
    stride = tuple(result.stride())
    return TensorMetadata(
        result.shape, result.dtype, result.requires_grad, stride, next(iter(formats), None), False, {}
    )


def _lies(tensor: Tensor, memory_format: Any) -> bool:
    from spiraltorch_rs import channels_last

    return (memory_format is not channels_last or tensor.dim() == 4) and tensor.is_contiguous(
        memory_format=memory_format
    )


class ShapeProp(Interpreter):
    """Runs a graph; each node's `meta` then has `tensor_meta` and `type`.

    >>> import spiraltorch_rs as st
    >>> from spiraltorch_rs.fx.passes.shape_prop import ShapeProp
    >>> module = st.fx.symbolic_trace(lambda x: x.t())
    >>> _ = ShapeProp(module).propagate(st.ones(2, 3))
    >>> [tuple(node.meta["tensor_meta"].shape) for node in module.graph.nodes if node.op == "call_method"]
    [(3, 2)]
    """

    def run_node(self, n: Node) -> Any:
        """The value of one node, which is noted down."""
        result = super().run_node(n)
        found = False

        def told(value: Any) -> Any:
            nonlocal found
            if not isinstance(value, Tensor):
                return value
            found = True
            return _extract_tensor_metadata(value)

        meta = map_aggregate(result, told)
        if found:
            n.meta["tensor_meta"] = meta
        n.meta["type"] = type(result)
        return result

    def propagate(self, *args: Any) -> Any:
        """Runs the graph."""
        return super().run(*args)
