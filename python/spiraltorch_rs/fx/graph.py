"""Graphs: nodes in the order they are run, and the Python program that runs them."""

from __future__ import annotations

import builtins
import copy
import inspect
import keyword
import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import spiraltorch_rs as st
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.fx.node import Argument, Node, Target, _get_qualified_name, _type_repr, map_arg

__all__ = ["CodeGen", "Graph", "PythonCode"]

# What the programs of graphs may name besides their arguments.
_GLOBALS: dict[str, Any] = {
    "inf": math.inf,
    "nan": math.nan,
    "NoneType": type(None),
    "torch": st,
    "device": st.device,
}
_SYMBOLS = {
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{} * {}",
    "floordiv": "{} // {}",
    "truediv": "{} / {}",
    "mod": "{} % {}",
    "pow": "{} ** {}",
    "lshift": "{} << {}",
    "rshift": "{} >> {}",
    "and_": "{} & {}",
    "or_": "{} | {}",
    "xor": "{} ^ {}",
    "getitem": "{}[{}]",
    "matmul": "{} @ {}",
    "eq": "{} == {}",
    "ne": "{} != {}",
    "lt": "{} < {}",
    "gt": "{} > {}",
    "le": "{} <= {}",
    "ge": "{} >= {}",
    "pos": "+{}",
    "neg": "-{}",
    "invert": "~{}",
}
_IN_PLACE = {f"i{name.rstrip('_')}": name for name in _SYMBOLS if "} " in _SYMBOLS[name]}


@dataclass
class PythonCode:
    """The text of a program and what it names."""

    src: str
    globals: dict[str, Any]


class CodeGen:
    """How a graph becomes a program. There is one way."""


class _Namespace:
    """Names that are taken."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def create_name(self, candidate: str, obj: Any = None) -> str:
        """The name, with a number behind it if it is taken or means something else in Python."""
        candidate = re.sub(r"[^0-9a-zA-Z_]+", "_", candidate) or "_unnamed"
        if candidate[0].isdigit():
            candidate = f"_{candidate}"
        found = re.fullmatch(r"(.*)_(\d+)", candidate)
        base, number = (found[1], int(found[2])) if found else (candidate, 0)
        while candidate in self._used or self._means_something(candidate, obj):
            number += 1
            candidate = f"{base}_{number}"
        self._used.add(candidate)
        return candidate

    @staticmethod
    def _means_something(name: str, obj: Any) -> bool:
        taken = keyword.iskeyword(name) or hasattr(builtins, name)
        return taken or (name in _GLOBALS and _GLOBALS[name] is not obj)


class _node_list:
    """The nodes of a graph in order."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def __len__(self) -> int:
        return self.graph._len

    def _walk(self, forward: bool) -> Iterator[Node]:
        root = self.graph._root
        node = root._next if forward else root._prev
        while node is not root:
            if not node._erased:
                yield node
            node = node._next if forward else node._prev

    def __iter__(self) -> Iterator[Node]:
        return self._walk(True)

    def __reversed__(self) -> Iterator[Node]:
        return self._walk(False)


class _InsertPoint:
    """Within it new nodes stand at a certain place."""

    def __init__(self, graph: Graph, insert: Callable[[Node], None]) -> None:
        self.graph, self.before = graph, graph._insert
        graph._insert = insert

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        self.graph._insert = self.before


class Graph:
    """Nodes in the order they are run.

    >>> import spiraltorch_rs as st
    >>> graph = st.fx.Graph()
    >>> _ = graph.output(graph.call_method("neg", (graph.placeholder("x"),)))
    >>> st.fx.GraphModule({}, graph)(st.ones(2))
    tensor([-1., -1.])
    """

    def __init__(
        self, owning_module: Any = None, tracer_cls: Any = None, tracer_extras: dict[str, Any] | None = None
    ) -> None:
        self._root = Node(self, "", "root", "", (), {})
        self._len = 0
        self._insert: Callable[[Node], None] = self._root.prepend
        self._graph_namespace = _Namespace()
        self._codegen = CodeGen()
        self.owning_module, self._tracer_cls, self._tracer_extras = owning_module, tracer_cls, tracer_extras

    @property
    def nodes(self) -> _node_list:
        """All of them, in order."""
        return _node_list(self)

    def find_nodes(self, *, op: str, target: Target | None = None, sort: bool = True) -> list[Node]:
        """Those of an operation, and of a target if one is named."""
        return [node for node in self.nodes if node.op == op and (target is None or node.target == target)]

    def output_node(self) -> Node:
        """The last one, which says what is returned."""
        return next(node for node in reversed(self.nodes) if node.op == "output")

    def create_node(
        self,
        op: str,
        target: Target,
        args: tuple[Argument, ...] | None = None,
        kwargs: dict[str, Argument] | None = None,
        name: str | None = None,
        type_expr: Any = None,
    ) -> Node:
        """A new node, at the place for new ones."""
        name = self._graph_namespace.create_name(name or self._target_to_str(target))
        node = Node(self, name, op, target, () if args is None else args, kwargs or {}, type_expr)
        self._insert(node)
        self._len += 1
        return node

    @staticmethod
    def _target_to_str(target: Any) -> str:
        name = target if isinstance(target, str) else getattr(target, "__name__", type(target).__name__)
        if name.startswith("__") and name.endswith("__"):
            name = name[2:-2]
        name = re.sub(r"[^0-9a-zA-Z_]+", "_", name)
        # Words that begin with capitals are divided by underscores.
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()

    def placeholder(
        self, name: str, type_expr: Any = None, default_value: Any = inspect.Parameter.empty
    ) -> Node:
        """An argument of the graph."""
        args = () if default_value is inspect.Parameter.empty else (default_value,)
        return self.create_node("placeholder", name, args, type_expr=type_expr)

    def get_attr(self, qualified_name: str, type_expr: Any = None) -> Node:
        """What stands in the module under a name."""
        return self.create_node("get_attr", qualified_name, type_expr=type_expr)

    def call_module(
        self, module_name: str, args: Any = None, kwargs: Any = None, type_expr: Any = None
    ) -> Node:
        """A call of a module within the module."""
        return self.create_node("call_module", module_name, args, kwargs, type_expr=type_expr)

    def call_method(
        self, method_name: str, args: Any = None, kwargs: Any = None, type_expr: Any = None
    ) -> Node:
        """A call of a method of the first argument."""
        return self.create_node("call_method", method_name, args, kwargs, type_expr=type_expr)

    def call_function(
        self, the_function: Any, args: Any = None, kwargs: Any = None, type_expr: Any = None, name: Any = None
    ) -> Node:
        """A call of a function."""
        return self.create_node("call_function", the_function, args, kwargs, name, type_expr)

    def output(self, result: Argument, type_expr: Any = None) -> Node:
        """What the graph returns."""
        return self.create_node("output", "output", (result,), type_expr=type_expr)

    def node_copy(self, node: Node, arg_transform: Callable[[Node], Argument] = lambda node: node) -> Node:
        """A node of another graph, here."""
        args, kwargs = map_arg(node.args, arg_transform), map_arg(node.kwargs, arg_transform)
        made = self.create_node(node.op, node.target, args, kwargs, node.name, node.type)
        made.meta = copy.copy(node.meta)
        return made

    def graph_copy(self, g: Graph, val_map: dict[Node, Node], return_output_node: bool = False) -> Any:
        """Copies another graph's nodes: what it returns."""
        for node in g.nodes:
            if node in val_map:
                continue
            if node.op == "output":
                result = map_arg(node.args[0], val_map.__getitem__)
                return (result, node) if return_output_node else result
            val_map[node] = self.node_copy(node, val_map.__getitem__)
        return None

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Graph:
        made = Graph(tracer_cls=self._tracer_cls)
        values: dict[Node, Node] = {}
        copied = made.graph_copy(self, values, return_output_node=True)
        if copied is not None:
            result, old = copied
            new = made.output(result, old.type)
            new.meta = copy.copy(old.meta)
        return made

    def erase_node(self, to_erase: Node) -> None:
        """Takes a node away that nobody uses."""
        if to_erase.users:
            raise RuntimeError(
                f"Tried to erase Node {to_erase} but it still had {len(to_erase.users)} users in the graph: "
                f"{to_erase.users}!"
            )
        if to_erase._erased:
            return
        to_erase._remove_from_list()
        to_erase._erased = True
        to_erase._set((), {})
        self._len -= 1

    def inserting_before(self, n: Node | None = None) -> Any:
        """New nodes stand before this one, or first: until changed, or within a `with`."""
        return self.inserting_after(self._root) if n is None else self._inserting(n, n.prepend)

    def inserting_after(self, n: Node | None = None) -> Any:
        """New nodes stand behind this one, or last; the newest stands first."""
        return self.inserting_before(self._root) if n is None else self._inserting(n, n.append)

    def _inserting(self, n: Node, insert: Callable[[Node], None]) -> _InsertPoint:
        if n.graph is not self:
            raise AssertionError("the place for new nodes must be in this graph")
        return _InsertPoint(self, insert)

    def lint(self) -> None:
        """An error if a node comes before what it uses, or asks for what its module has not."""
        seen: set[Node] = set()
        names: set[str] = set()
        for node in self.nodes:
            if node.graph is not self or node.name in names:
                raise RuntimeError(f"Node {node} does not belong to this graph, or has another's name")
            for used in node.all_input_nodes:
                if used not in seen:
                    raise RuntimeError(
                        f"Argument '{used}' of Node '{node}' was used before it has been defined!"
                    )
            seen.add(node)
            names.add(node.name)
            if self.owning_module is not None and node.op in ("get_attr", "call_module"):
                found = self.owning_module
                for part in str(node.target).split("."):
                    if not hasattr(found, part):
                        raise RuntimeError(
                            f"Node {node} target {node.target} references nonexistent attribute {part}"
                        )
                    found = getattr(found, part)

    def eliminate_dead_code(self, is_impure_node: Callable[[Node], bool] | None = None) -> bool:
        """Takes away what nobody uses: whether there was any."""
        impure = is_impure_node or Node.is_impure
        dead = 0
        for node in reversed(self.nodes):
            if not node.users and not impure(node):
                self.erase_node(node)
                dead += 1
        return dead > 0

    def set_codegen(self, codegen: CodeGen) -> None:
        """Takes another way to write programs; only its name is kept."""
        self._codegen = codegen

    def process_inputs(self, *args: Any) -> Any:
        """The arguments as the nodes want them."""
        return args

    def process_outputs(self, out: Any) -> Any:
        """The results as the program returns them."""
        return out

    def print_tabular(self) -> None:
        """Prints the nodes as a table."""
        head = ["opcode", "name", "target", "args", "kwargs"]
        rows = [
            [node.op, node.name, str(node.target), str(node.args), str(node.kwargs)] for node in self.nodes
        ]
        widths = [max(len(row[i]) for row in [head, *rows]) for i in range(5)]
        for row in [head, ["-" * width for width in widths], *rows]:
            print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())

    def __str__(self) -> str:
        return "graph():" + "".join(f"\n    {node.format_node()}" for node in self.nodes)

    def python_code(self, root_module: str, **kwargs: Any) -> PythonCode:
        """The program that runs the nodes."""
        return _Writer(self, root_module).write()


class _Writer:
    """Writes the program of a graph."""

    def __init__(self, graph: Graph, root: str) -> None:
        self.graph, self.root = graph, root
        self.globals: dict[str, Any] = {}
        self.names = _Namespace()
        self.names._used |= {node.name for node in graph.nodes}
        self.dies = self._last_uses()

    def _last_uses(self) -> dict[Node, list[Node]]:
        """After which node others are not needed any more."""
        seen: set[Node] = set()
        found: dict[Node, list[Node]] = {}
        for node in reversed(self.graph.nodes):
            for used in node._input_nodes:
                if used not in seen:
                    seen.add(used)
                    found.setdefault(node, []).append(used)
        return found

    def _global(self, name: str, value: Any) -> str:
        """A name for something from outside."""
        if name.startswith("torch."):
            # What torch has is reached from its package, if it is there under that name.
            found: Any = st
            for part in name.split(".")[1:]:
                found = getattr(found, part, None)
            if found is value:
                self.globals["torch"] = st
                return name
        if "." not in name and (value is getattr(builtins, name, None)):
            return name
        flat = name.replace(".", "_")
        while flat in self.globals and self.globals[flat] is not value:
            flat = f"{flat}_"
        self.globals[flat] = value
        return flat

    def _annotation(self, kind: Any) -> str:
        text = _type_repr(kind)
        if isinstance(kind, type):
            return self._global(text, kind)
        return self._global("_type_" + re.sub(r"\W+", "_", text), kind)

    def _argument(self, arg: Any) -> str:
        if isinstance(arg, tuple):
            parts = "".join(f"{self._argument(item)}, " for item in arg)
            parts = parts.removesuffix(" ") if len(arg) == 1 else parts.removesuffix(", ")
            made = self._global(type(arg).__name__, type(arg)) if hasattr(arg, "_fields") else ""
            return f"{made}({parts})"
        if isinstance(arg, list):
            return f"[{', '.join(map(self._argument, arg))}]"
        if isinstance(arg, dict):
            return "{" + ", ".join(f"{key!r}: {self._argument(value)}" for key, value in arg.items()) + "}"
        if isinstance(arg, slice):
            return f"slice({', '.join(self._argument(part) for part in (arg.start, arg.stop, arg.step))})"
        if isinstance(arg, st.dtype | st.memory_format | st.layout):
            self.globals["torch"] = st
            return str(arg).replace("spiraltorch_rs", "torch")
        if isinstance(arg, st.device):
            return repr(arg)
        if isinstance(arg, st.Size):
            return f"torch.Size({list(arg)})"
        if isinstance(arg, type) or (callable(arg) and not isinstance(arg, Node | Tensor)):
            return self._global(_get_qualified_name(arg), arg)
        if isinstance(arg, Tensor):
            return self._global(f"_tensor_{id(arg)}", arg)
        return repr(arg)

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        named = (f"{key} = {self._argument(value)}" for key, value in kwargs.items())
        return ", ".join([*map(self._argument, args), *named])

    def _attribute(self, target: str) -> str:
        """`self.a.b`, where parts that are no names are asked for by text."""
        text = self.root
        for part in target.split("."):
            text = f"{text}.{part}" if part.isidentifier() else f'getattr({text}, "{part}")'
        return text

    def _call(self, node: Node) -> str:
        """The expression of a node."""
        target: Any = node.target
        if node.op == "get_attr":
            return self._attribute(target)
        if node.op == "call_module":
            return f"{self._attribute(target)}({self._arguments(node.args, node.kwargs)})"
        if node.op == "call_method":
            return f"{self._argument(node.args[0])}.{target}({self._arguments(node.args[1:], node.kwargs)})"
        name = getattr(target, "__name__", "")
        if not node.kwargs and getattr(operator, name, None) is target and name in _SYMBOLS:
            return _SYMBOLS[name].format(*map(self._argument, node.args))
        if (
            target is getattr
            and isinstance(node.args[1], str)
            and node.args[1].isidentifier()
            and len(node.args) == 2
        ):
            return f"{self._argument(node.args[0])}.{node.args[1]}"
        return (
            f"{self._global(_get_qualified_name(target), target)}({self._arguments(node.args, node.kwargs)})"
        )

    def _statement(self, node: Node) -> str:
        kind = f" : {self._annotation(node.type)}" if node.type is not None else ""
        name = getattr(node.target, "__name__", "")
        if node.op == "call_function" and getattr(operator, name, None) is node.target and name in _IN_PLACE:
            left, right = map(self._argument, node.args)
            symbol = _SYMBOLS[_IN_PLACE[name]].format("", "").strip()
            return f"{left} {symbol}= {right};  {node.name}{kind} = {left}"
        return f"{node.name}{kind} = {self._call(node)}"

    def _forgets(self, node: Node) -> str:
        """Lets go of what is not needed any more."""
        if node.op == "placeholder":
            return ""
        gone = [used.name for used in self.dies.get(node, [])]
        if not node.users:
            gone.append(node.name)
        return f";  {' = '.join([*gone, 'None'])}" if gone else ""

    def write(self) -> PythonCode:
        self.globals["torch"] = st
        arguments, first, body, returned = [], [], [], ""
        result = "    pass"
        for node in self.graph.nodes:
            if node.op == "placeholder":
                kind = f" : {self._annotation(node.type)}" if node.type is not None else ""
                default = f" = {self._argument(node.args[0])}" if node.args else ""
                arguments.append(f"{node.target}{kind}{default}")
                raw = str(node.target).lstrip("*")
                if raw != node.name:
                    first.append(f"    {node.name} = {raw}")
            elif node.op == "output":
                returned = f" -> {self._annotation(node.type)}" if node.type is not None else ""
                result = f"    return {self._argument(node.args[0])}"
            else:
                body.append(f"    {self._statement(node)}{self._forgets(node)}")
        head = f"def forward({', '.join([self.root, *arguments])}){returned}:"
        text = "\n".join(["", "", "", head, *first, *body, result, "    "])
        return PythonCode(text, {**_GLOBALS, **self.globals})
