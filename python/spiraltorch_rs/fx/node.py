"""Nodes of a graph: one call each, with other nodes among its arguments."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, TypeVar

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.fx.immutable_collections import immutable_dict, immutable_list

__all__ = ["Node", "has_side_effect", "map_aggregate", "map_arg"]

Target = Callable[..., Any] | str
Argument = Any
OPERATIONS = ("placeholder", "call_method", "call_module", "call_function", "get_attr", "output", "root")
# Functions that are called for what they do.
_side_effectful_functions: set[Callable[..., Any]] = set()

Function = TypeVar("Function", bound=Callable[..., Any])


def has_side_effect(fn: Function) -> Function:
    """Marks a function whose calls stay in a graph although nothing uses their result."""
    _side_effectful_functions.add(fn)
    return fn


def map_aggregate(a: Argument, fn: Callable[[Any], Any]) -> Argument:
    """The structure with `fn` of each of its entries."""
    if isinstance(a, tuple):
        mapped = [map_aggregate(item, fn) for item in a]
        return type(a)(*mapped) if hasattr(a, "_fields") else tuple(mapped)
    if isinstance(a, list):
        return immutable_list(map_aggregate(item, fn) for item in a)
    if isinstance(a, dict):
        return immutable_dict((key, map_aggregate(value, fn)) for key, value in a.items())
    if isinstance(a, slice):
        return slice(*(map_aggregate(part, fn) for part in (a.start, a.stop, a.step)))
    return fn(a)


def map_arg(a: Argument, fn: Callable[[Node], Any]) -> Argument:
    """The arguments with `fn` of each node in them."""
    return map_aggregate(a, lambda item: fn(item) if isinstance(item, Node) else item)


def _get_qualified_name(func: Callable[..., Any]) -> str:
    """How a function is written in a program, torch's by torch's names."""
    from spiraltorch_rs.overrides import resolve_name

    if getattr(builtins, getattr(func, "__name__", ""), None) is func:
        return str(func.__name__)
    if (known := _hashable(func) and resolve_name(func)) and not known.startswith("torch.Tensor."):
        return str(known).replace("torch.functional.", "torch.")
    module = func.__module__.replace("spiraltorch_rs", "torch", 1)
    return f"{module}.{func.__name__}"


def _hashable(thing: object) -> bool:
    return getattr(thing, "__hash__", None) is not None


def _type_repr(kind: Any) -> str:
    """How a type stands in an annotation."""
    if isinstance(kind, type) and not hasattr(kind, "__origin__"):
        name = kind.__qualname__
        if issubclass(kind, Tensor):
            return f"torch.{name}"
        return name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}"
    if kind is ...:
        return "..."
    return repr(kind).replace("spiraltorch_rs", "torch")


class Node:
    """A call of a graph: what is called, with what, and who uses the result."""

    def __init__(
        self,
        graph: Any,
        name: str,
        op: str,
        target: Target,
        args: tuple[Argument, ...],
        kwargs: dict[str, Argument],
        return_type: Any = None,
    ) -> None:
        if op not in OPERATIONS:
            raise AssertionError(f"an operation of a graph is one of {OPERATIONS}, got {op!r}")
        if op == "call_function" and not callable(target):
            raise ValueError(f"Node [graph = {graph}, name = '{name}'] target {target} has to be callable")
        self.graph, self.name, self.op, self.target = graph, name, op, target
        self.type = return_type
        self.meta: dict[str, Any] = {}
        self.users: dict[Node, None] = {}
        self._input_nodes: dict[Node, None] = {}
        self._prev = self._next = self
        self._erased = False
        self._repr_fn: Callable[[Node], str] | None = None
        self._set(args, kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        return self

    def __lt__(self, other: Node) -> bool:
        order = list(self.graph.nodes)
        return order.index(self) < order.index(other)

    def _set(self, args: tuple[Argument, ...], kwargs: dict[str, Argument]) -> None:
        """Takes other arguments; their users change with them."""
        for old in self._input_nodes:
            old.users.pop(self, None)
        self._input_nodes = {}

        def use(node: Node) -> Node:
            self._input_nodes[node] = None
            node.users[self] = None
            return node

        self._args, self._kwargs = map_arg(tuple(args), use), map_arg(dict(kwargs), use)

    @property
    def args(self) -> tuple[Argument, ...]:
        """What is handed over by place."""
        return self._args  # type: ignore[no-any-return]

    @args.setter
    def args(self, args: tuple[Argument, ...]) -> None:
        self._set(args, self._kwargs)

    @property
    def kwargs(self) -> dict[str, Argument]:
        """What is handed over by name."""
        return self._kwargs  # type: ignore[no-any-return]

    @kwargs.setter
    def kwargs(self, kwargs: dict[str, Argument]) -> None:
        self._set(self._args, kwargs)

    @property
    def next(self) -> Node:
        """The node after this one."""
        return self._next

    @property
    def prev(self) -> Node:
        """The node before this one."""
        return self._prev

    @property
    def all_input_nodes(self) -> list[Node]:
        """The nodes among the arguments, each once."""
        return list(self._input_nodes)

    @property
    def stack_trace(self) -> str | None:
        """Where in the program it was asked for, if somebody wrote that down."""
        return self.meta.get("stack_trace")

    @stack_trace.setter
    def stack_trace(self, trace: str | None) -> None:
        self.meta["stack_trace"] = trace

    def prepend(self, x: Node) -> None:
        """Moves another node before this one."""
        if x.graph is not self.graph:
            raise AssertionError("a node can be moved within its graph only")
        if x is self:
            return
        x._remove_from_list()
        before = self._prev
        before._next, x._prev, x._next, self._prev = x, before, self, x

    def append(self, x: Node) -> None:
        """Moves another node behind this one."""
        if x is not self:
            self._next.prepend(x)

    def _remove_from_list(self) -> None:
        self._prev._next, self._next._prev = self._next, self._prev

    def update_arg(self, idx: int, arg: Argument) -> None:
        """Changes one argument."""
        args = list(self.args)
        args[idx] = arg
        self.args = tuple(args)

    def insert_arg(self, idx: int, arg: Argument) -> None:
        """Puts an argument before another."""
        self.args = (*self.args[:idx], arg, *self.args[idx:])

    def update_kwarg(self, key: str, arg: Argument) -> None:
        """Changes an argument that has a name."""
        self.kwargs = {**self.kwargs, key: arg}

    def replace_input_with(self, old_input: Node, new_input: Node) -> None:
        """Uses another node in place of one."""

        def swap(node: Node) -> Node:
            return new_input if node is old_input else node

        self._set(map_arg(self.args, swap), map_arg(self.kwargs, swap))

    def replace_all_uses_with(
        self,
        replace_with: Node,
        delete_user_cb: Callable[[Node], bool] = lambda user: True,
        *,
        propagate_meta: bool = False,
    ) -> list[Node]:
        """Lets all who use this node use another: those who did."""
        if propagate_meta:
            replace_with.meta.update(self.meta)
        changed = [user for user in self.users if delete_user_cb(user)]
        for user in changed:
            user.replace_input_with(self, replace_with)
        return changed

    def is_impure(self, impure_random: bool = True) -> bool:
        """Whether it is there for more than its result."""
        if self.op in ("placeholder", "output"):
            return True
        if self.op == "call_function":
            name = getattr(self.target, "__name__", "")
            return self.target in _side_effectful_functions or name in ("_assert", "_assert_async", "setitem")
        if self.op == "call_module":
            owner = self.graph.owning_module
            return owner is not None and getattr(owner.get_submodule(self.target), "_is_impure", False)
        return False

    def __repr__(self) -> str:
        return self._repr_fn(self) if self._repr_fn else self.name

    def _pretty_print_target(self, target: Any) -> str:
        if isinstance(target, str):
            return target
        name = _get_qualified_name(target).replace("_operator.", "operator.")
        return name if "." in name else f"builtins.{name}"

    def format_node(self) -> str:
        """The line for it in the text of a graph."""
        kind = f"{_type_repr(self.type)} " if self.type else ""
        head = f"%{self.name} : {kind}[num_users={len(self.users)}] = {self.op}"
        if self.op == "placeholder":
            return f"{head}[target={self.target}]{f'(default={self.args[0]})' if self.args else ''}"
        if self.op == "get_attr":
            return f"{head}[target={self._pretty_print_target(self.target)}]"
        if self.op == "output":
            return f"return {self.args[0]}"
        target = self._pretty_print_target(self.target)
        return f"{head}[target={target}](args = {_marked(self.args)}, kwargs = {_marked(self.kwargs)})"


def _marked(arg: Argument) -> str:
    """Arguments as the text of a graph has them: nodes begin with a percent sign."""
    if isinstance(arg, list):
        return f"[{', '.join(map(_marked, arg))}]"
    if isinstance(arg, tuple):
        return f"({', '.join(map(_marked, arg))}{',' if len(arg) == 1 else ''})"
    if isinstance(arg, dict):
        return "{" + ", ".join(f"{key}: {_marked(value)}" for key, value in arg.items()) + "}"
    return f"%{arg}" if isinstance(arg, Node) else str(arg)
