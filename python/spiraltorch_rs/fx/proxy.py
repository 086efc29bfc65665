"""Stand-ins for values while a program is written down: what is done with one becomes a node."""

from __future__ import annotations

import dis
import inspect
import operator
from collections.abc import Callable, Iterator
from typing import Any

import spiraltorch_rs as st
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.fx.graph import Graph
from spiraltorch_rs.fx.node import Argument, Node, Target, map_aggregate
from spiraltorch_rs.overrides import is_tensor_method_or_property

__all__ = ["Attribute", "GraphAppendingTracer", "Proxy", "TraceError", "TracerBase"]

BASE_TYPES = (str, int, float, bool, complex, st.dtype, st.device, st.memory_format, st.layout, range, slice)


class TraceError(ValueError):
    """A program does what depends on values."""


class TracerBase:
    """Makes nodes of what is done with stand-ins."""

    graph: Graph
    record_stack_traces: bool = False

    def create_node(
        self,
        kind: str,
        target: Target,
        args: tuple[Argument, ...],
        kwargs: dict[str, Argument],
        name: str | None = None,
        type_expr: Any = None,
    ) -> Node:
        """A node of the graph."""
        return self.graph.create_node(kind, target, args, kwargs, name, type_expr)

    def proxy(self, node: Node) -> Proxy:
        """The stand-in for a node's value."""
        return Proxy(node, self)

    def create_proxy(
        self,
        kind: str,
        target: Target,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        name: str | None = None,
        type_expr: Any = None,
        proxy_factory_fn: Callable[[Node], Proxy] | None = None,
    ) -> Proxy:
        """A node of stand-ins and values, and the stand-in for it."""
        written, named = self.create_arg(tuple(args)), self.create_arg(dict(kwargs))
        node = self.create_node(kind, target, written, named, name, type_expr)
        return (proxy_factory_fn or self.proxy)(node)

    def create_arg(self, a: Any) -> Argument:
        """A value as nodes have it among their arguments."""
        return map_aggregate(a, self._leaf)

    def _leaf(self, a: Any) -> Argument:
        if isinstance(a, Proxy):
            return a.node
        if hasattr(a, "__fx_create_arg__"):
            return a.__fx_create_arg__(self)
        if isinstance(a, (*BASE_TYPES, Node, Tensor)) or a is None or a is ... or callable(a):
            return a
        raise NotImplementedError(f"argument of type: {type(a)}")

    def to_bool(self, obj: Proxy) -> bool:
        """Which way a program goes."""
        raise TraceError("symbolically traced variables cannot be used as inputs to control flow")

    def iter(self, obj: Proxy) -> Iterator[Any]:
        """The parts of a value."""
        raise TraceError(
            "Proxy object cannot be iterated. This can be attempted when the Proxy is used in a loop or as a *args or "
            "**kwargs function argument. Index it, or mark the function with `fx.wrap`"
        )

    def keys(self, obj: Proxy) -> Any:
        """What `**value` asks for."""
        return Attribute(obj, "keys")()


class GraphAppendingTracer(TracerBase):
    """Puts nodes into a graph that is there."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph


class Proxy:
    """The stand-in for the value of a node."""

    def __init__(self, node: Node, tracer: TracerBase | None = None) -> None:
        self.tracer = tracer or GraphAppendingTracer(node.graph)
        self.node = node

    def __repr__(self) -> str:
        return f"Proxy({self.node.name})"

    def __getattr__(self, k: str) -> Attribute:
        if k.startswith("__") and k.endswith("__"):
            raise AttributeError(k)
        return Attribute(self, k)

    def __deepcopy__(self, memo: dict[int, Any]) -> Proxy:
        raise NotImplementedError("a stand-in cannot be copied while a program is written down")

    def __call__(self, *args: Any, **kwargs: Any) -> Proxy:
        return self.tracer.create_proxy("call_method", "__call__", (self, *args), kwargs)

    def __iter__(self) -> Iterator[Any]:
        # `a, b = value` says how many parts there are.
        frame = inspect.currentframe()
        caller = frame and frame.f_back
        if caller is not None:
            current = next(i for i in dis.get_instructions(caller.f_code) if i.offset == caller.f_lasti)
            if current.opname == "UNPACK_SEQUENCE":
                own: Any = self
                return (own[i] for i in range(int(current.argval)))
        return self.tracer.iter(self)

    def __abs__(self) -> Proxy:
        return self.tracer.create_proxy("call_function", operator.abs, (self,), {})

    def __bool__(self) -> bool:
        return self.tracer.to_bool(self)

    def __len__(self) -> int:
        raise RuntimeError(
            "'len' is not supported in symbolic tracing by default. If you want this call to be recorded, please call "
            "torch.fx.wrap('len') at module scope"
        )

    def __contains__(self, item: object) -> bool:
        raise TraceError("whether a stand-in contains something depends on its value")

    def keys(self) -> Any:
        """What `**value` asks for."""
        return self.tracer.keys(self)

    __hash__ = object.__hash__

    @classmethod
    def __torch_function__(cls, orig_method: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        tracers: dict[TracerBase, None] = {}

        def find(a: Any) -> None:
            if isinstance(a, Proxy):
                tracers[a.tracer] = None

        map_aggregate((tuple(args), dict(kwargs)), find)
        (tracer,) = tracers
        if is_tensor_method_or_property(orig_method):
            if orig_method.__name__ == "__get__":
                return tracer.create_proxy(
                    "call_function", getattr, (args[0], orig_method.__self__.__name__), {}
                )
            return tracer.create_proxy("call_method", orig_method.__name__, args, kwargs)
        return tracer.create_proxy("call_function", orig_method, args, kwargs)


class Attribute(Proxy):
    """What stands in a value under a name; calling it calls the method."""

    def __init__(self, root: Proxy, attr: str) -> None:
        self.root, self.attr, self.tracer = root, attr, root.tracer
        self._node: Node | None = None

    @property
    def node(self) -> Node:
        """The node that asks for it, made when somebody wants the attribute itself."""
        if self._node is None:
            self._node = self.tracer.create_proxy("call_function", getattr, (self.root, self.attr), {}).node
        return self._node

    @node.setter
    def node(self, node: Node) -> None:
        self._node = node

    def __call__(self, *args: Any, **kwargs: Any) -> Proxy:
        return self.tracer.create_proxy("call_method", self.attr, (self.root, *args), kwargs)


def _operator(function: Any, swapped: bool) -> Any:
    def method(self: Proxy, *args: Any) -> Proxy:
        operands = (*args, self) if swapped else (self, *args)
        return self.tracer.create_proxy("call_function", function, operands, {})

    return method


# Not those in place: `x += 1` is written down as `x = x + 1`.
for (
    _name
) in "add sub mul floordiv truediv mod pow lshift rshift and xor or matmul getitem eq ne lt gt le ge".split():
    _function = getattr(operator, f"__{_name}__")
    setattr(Proxy, f"__{_name}__", _operator(_function, swapped=False))
for _name in "pos neg invert".split():
    setattr(Proxy, f"__{_name}__", _operator(getattr(operator, _name), swapped=False))
for _name in "add sub mul floordiv truediv mod pow lshift rshift and xor or matmul".split():
    setattr(Proxy, f"__r{_name}__", _operator(getattr(operator, f"__{_name}__"), swapped=True))
