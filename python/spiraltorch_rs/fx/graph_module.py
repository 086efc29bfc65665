"""Modules whose forward pass is a graph's program."""

from __future__ import annotations

import copy
import itertools
import linecache
from typing import Any

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.fx.graph import Graph, PythonCode
from spiraltorch_rs.nn import Module

__all__ = ["GraphModule"]

_USER_PRESERVED_ATTRIBUTES_KEY = "_user_preserved_attributes"
_numbers = itertools.count()


class _CodeOnlyModule(Module):
    """A module's contents without its class."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__()
        self.__dict__ = body


def _assign_attr(value: Any, to_module: Any, target: str) -> None:
    """Puts something under a name with dots."""
    *prefix, field = target.split(".")
    for name in prefix:
        if not hasattr(to_module, name):
            setattr(to_module, name, Module())
        to_module = getattr(to_module, name)
    if isinstance(value, Tensor) and not isinstance(value, _parameter()):
        to_module.register_buffer(field, value)
    else:
        setattr(to_module, field, value)


def _parameter() -> Any:
    from spiraltorch_rs.nn import Parameter

    return Parameter


def _copy_attr(from_module: Any, to_module: Any, target: str) -> None:
    """Puts what stands in one module under a name into another."""
    found = from_module
    for name in target.split("."):
        if not hasattr(found, name):
            return
        found = getattr(found, name)
    _assign_attr(found, to_module, target)


def _program(code: PythonCode) -> Any:
    """The function of a program's text; errors show its lines."""
    name = f"<eval_with_key>.{next(_numbers)}"
    scope = dict(code.globals)
    linecache.cache[name] = (len(code.src), None, code.src.splitlines(True), name)
    exec(compile(code.src, name, "exec", dont_inherit=True), scope)
    return scope["forward"]


def _again(body: dict[str, Any], source: str, scope: dict[str, Any], name: str) -> Any:
    """A module that was put into a file: its program is written down once more."""
    from spiraltorch_rs.fx._symbolic_trace import Tracer

    class KeepModules(Tracer):
        def is_leaf_module(self, m: Any, module_qualified_name: str) -> bool:
            return True

    class Written(_CodeOnlyModule):
        forward = _program(PythonCode(source, scope))

    preserved = body.pop("_graphmodule_cls_name", name)
    root = Written(body)
    made = GraphModule(root, KeepModules().trace(root), preserved)
    # What stands in it besides what the program asks for.
    for key, value in body.items():
        made.__dict__.setdefault(key, value)
    return made


class GraphModule(Module):
    """A module whose forward pass is the program of a graph.

    >>> import spiraltorch_rs as st
    >>> module = st.fx.symbolic_trace(st.nn.Sequential(st.nn.ReLU()))
    >>> module(st.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    _graph: Graph
    _code: str

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # A class for each, whose `forward` is this one's program.
        base = next(c for c in cls.__mro__ if "GraphModuleImpl" not in c.__qualname__)
        return super().__new__(type("GraphModuleImpl", (base,), {"__module__": __name__}))

    def __init__(self, root: Any, graph: Graph, class_name: str = "GraphModule") -> None:
        super().__init__()
        type(self).__name__ = class_name
        wanted = [str(node.target) for node in graph.nodes if node.op in ("get_attr", "call_module")]
        if isinstance(root, Module):
            self.training = root.training
            for target in wanted:
                _copy_attr(root, self, target)
        elif isinstance(root, dict):
            for target in wanted:
                if target not in root:
                    raise RuntimeError(f"The graph asks for {target}, which is not in `root`")
            for target in sorted(wanted, key=lambda name: name.count(".")):
                _assign_attr(root[target], self, target)
        else:
            raise RuntimeError("Unsupported type " + str(root) + " passed for root!")
        self.graph = graph
        self._tracer_cls = graph._tracer_cls
        self.meta: dict[str, Any] = {}
        if isinstance(root, Module) and hasattr(root, "meta"):
            self.meta = copy.copy(root.meta)

    @property
    def graph(self) -> Graph:
        """The nodes. After a change of them call `recompile`."""
        return self._graph

    @graph.setter
    def graph(self, graph: Graph) -> None:
        if not isinstance(graph, Graph):
            raise AssertionError(f"Expected a Graph instance, but got {type(graph)}")
        self._graph = graph
        graph.owning_module = self
        self.recompile()

    @property
    def code(self) -> str:
        """The text of the program."""
        return self._code

    def recompile(self) -> PythonCode:
        """Writes the program anew."""
        code = self._graph.python_code(root_module="self")
        self._code = code.src
        type(self).forward = _program(code)
        return code

    def __str__(self) -> str:
        tip = "# To see more debug info, please use `graph_module.print_readable()`"
        return "\n".join([super().__str__(), self._code, tip])

    def print_readable(self, print_output: bool = True, **kwargs: Any) -> str:
        """The program as it would stand in a class."""
        lines = self._code.strip("\n ").split("\n")
        text = "\n".join(
            [f"class {type(self).__name__}(torch.nn.Module):", *(f"    {line}" for line in lines)]
        )
        if print_output:
            print(text)
        return text

    def add_submodule(self, target: str, m: Module) -> bool:
        """Puts a module under a name with dots: whether nothing else is in the way."""
        *prefix, field = target.split(".")
        found: Any = self
        for name in prefix:
            if not hasattr(found, name):
                setattr(found, name, Module())
            found = getattr(found, name)
            if not isinstance(found, Module):
                return False
        found.add_module(field, m)
        return True

    def delete_submodule(self, target: str) -> bool:
        """Takes a module away: whether it was there."""
        path, _, field = target.rpartition(".")
        try:
            parent = self.get_submodule(path)
        except AttributeError:
            return False
        return parent._modules.pop(field, None) is not None

    def delete_all_unused_submodules(self) -> None:
        """Takes away the modules that no node asks for."""
        used = {str(node.target) for node in self._graph.nodes if node.op in ("call_module", "get_attr")}
        for name in [name for name, _ in self.named_modules() if name]:
            needed = any(t == name or t.startswith(f"{name}.") or name.startswith(f"{t}.") for t in used)
            if not needed:
                self.delete_submodule(name)

    def _body(self) -> dict[str, Any]:
        body = dict(self.__dict__)
        del body["_graph"], body["_code"]
        return body

    def __reduce__(self) -> Any:
        code = self._graph.python_code(root_module="self")
        named = {key: value for key, value in code.globals.items() if not hasattr(value, "__path__")}
        named.pop("NoneType", None)
        return _again_with_torch, (self._body(), code.src, named, type(self).__name__)

    def _deepcopy_init(self) -> Any:
        return GraphModule.__init__

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        contents = _CodeOnlyModule(copy.deepcopy(self._body(), memo))
        graph = copy.deepcopy(self._graph, memo)
        self._deepcopy_init()(made, contents, graph, type(self).__name__)
        for key, value in contents.__dict__.items():
            made.__dict__.setdefault(key, value)
        for hooks in (name for name in contents.__dict__ if name.endswith("_hooks")):
            made.__dict__[hooks] = contents.__dict__[hooks]
        return made

    def __copy__(self) -> Any:
        made = GraphModule(self, self.graph)
        made.meta = copy.copy(self.meta)
        return made


def _again_with_torch(body: dict[str, Any], source: str, named: dict[str, Any], name: str) -> Any:
    from spiraltorch_rs.fx.graph import _GLOBALS

    return _again(body, source, {**_GLOBALS, **named}, name)
