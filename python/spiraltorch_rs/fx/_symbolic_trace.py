"""Writing a program down: it is called with stand-ins, and modules and functions say what of them is looked into."""

from __future__ import annotations

import builtins
import functools
import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeVar

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.functional import _assert
from spiraltorch_rs.fx.graph import Graph
from spiraltorch_rs.fx.graph_module import GraphModule
from spiraltorch_rs.fx.node import Argument, map_aggregate
from spiraltorch_rs.fx.proxy import Proxy, TracerBase
from spiraltorch_rs.nn import Module, Parameter, Sequential

__all__ = ["Tracer", "symbolic_trace", "wrap"]

T = TypeVar("T")
# Names that `wrap` was told: where they stand, and which.
_wrapped: dict[tuple[int, str], dict[str, Any]] = {}


def wrap(fn_or_name: T) -> T:
    """Marks a function, or the name of one, of this module: calls of it are nodes, not what it does."""
    if not isinstance(fn_or_name, str) and not callable(fn_or_name):
        raise RuntimeError("Unsupported type for global function! Must be either a callable or string name")
    name = fn_or_name if isinstance(fn_or_name, str) else getattr(fn_or_name, "__name__", "")
    frame = inspect.currentframe()
    caller = frame and frame.f_back
    if caller is None or caller.f_code.co_name != "<module>":
        raise NotImplementedError("wrap must be called at the top level of a module")
    _wrapped[id(caller.f_globals), name] = caller.f_globals
    return fn_or_name


def _first_proxy(*arguments: Any) -> Proxy | None:
    found: list[Proxy] = []
    map_aggregate(arguments, lambda a: found.append(a) if isinstance(a, Proxy) else None)
    return found[0] if found else None


def _recording(function: Any) -> Any:
    """A function whose calls with stand-ins are nodes."""

    @functools.wraps(function)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        proxy = _first_proxy(args, kwargs)
        if proxy is None:
            return function(*args, **kwargs)
        return proxy.tracer.create_proxy("call_function", function, args, kwargs)

    return recorded


@contextmanager
def _replaced(place: dict[str, Any], name: str, value: Any) -> Iterator[None]:
    missing = object()
    before = place.get(name, missing)
    place[name] = value
    try:
        yield
    finally:
        if before is missing:
            del place[name]
        else:
            place[name] = before


@contextmanager
def _called_by(tracer: Tracer) -> Iterator[None]:
    """Within it a call of a module is the tracer's."""
    plain = Module.__call__

    def call(module: Any, *args: Any, **kwargs: Any) -> Any:
        return tracer.call_module(module, lambda *a, **k: plain(module, *a, **k), args, kwargs)

    Module.__call__ = call  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        del Module.__call__


class Tracer(TracerBase):
    """Writes a program down; classes derived from it say what is looked into.

    >>> import spiraltorch_rs as st
    >>> print(st.fx.Tracer().trace(lambda x: x + 1))
    graph():
        %x : [num_users=1] = placeholder[target=x]
        %add : [num_users=1] = call_function[target=operator.add](args = (%x, 1), kwargs = {})
        return add
    """

    root: Module

    def __init__(
        self,
        autowrap_modules: tuple[ModuleType, ...] = (math,),
        autowrap_functions: tuple[Callable[..., Any], ...] = (),
        param_shapes_constant: bool = False,
    ) -> None:
        self._autowrap_search = list(autowrap_modules)
        functions = {f for m in autowrap_modules for n, f in vars(m).items() if n[0] != "_" and callable(f)}
        self._autowrap_function_ids = {id(function) for function in (*functions, *autowrap_functions)}
        self.param_shapes_constant = param_shapes_constant
        self.tensor_attrs: dict[int, str] = {}

    def is_leaf_module(self, m: Any, module_qualified_name: str) -> bool:
        """Whether a call of this module is a node: layers of the library are, but containers."""
        ours = m.__module__.startswith(("spiraltorch_rs.nn", "torch.nn"))
        return ours and not isinstance(m, Sequential)

    def path_of_module(self, mod: Any) -> str:
        """Where a module stands in the root."""
        for name, found in self.root.named_modules(remove_duplicate=False):
            if found is mod:
                return name
        raise NameError("module is not installed as a submodule")

    def call_module(
        self, m: Any, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """What a call of a module is."""
        path = self.path_of_module(m)
        if self.is_leaf_module(m, path):
            return self.create_proxy("call_module", path, args, kwargs)
        return forward(*args, **kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        """What a program finds in a module: the value itself."""
        return attr_val

    def create_arg(self, a: Any) -> Argument:
        """A value as nodes have it among their arguments; tensors are asked of the module."""
        return map_aggregate(a, self._own)

    def _own(self, a: Any) -> Argument:
        if isinstance(a, Module):
            for name, found in self.root.named_modules():
                if found is a:
                    return self.create_node("get_attr", name, (), {})
        if isinstance(a, Parameter):
            for name, parameter in self.root.named_parameters():
                if parameter is a:
                    return self.create_node("get_attr", name, (), {})
            raise NameError("parameter is not a member of this module")
        if isinstance(a, Tensor):
            return self.create_node("get_attr", self._place_of(a), (), {})
        return self._leaf(a)

    def _place_of(self, tensor: Tensor) -> str:
        """Where a tensor stands in the root: in a new place if nowhere."""
        for path, module in self.root.named_modules():
            for name, value in (*module._buffers.items(), *vars(module).items()):
                if value is tensor:
                    return f"{path}.{name}" if path else name
        known = self.tensor_attrs.get(id(tensor))
        if known is None:
            i = 0
            while hasattr(self.root, f"_tensor_constant{i}"):
                i += 1
            known = self.tensor_attrs[id(tensor)] = f"_tensor_constant{i}"
            setattr(self.root, known, tensor)
        return known

    def create_args_for_root(
        self, root_fn: Any, is_module: bool, concrete_args: dict[str, Any] | None = None
    ) -> tuple[Any, list[Any]]:
        """The function to call, and stand-ins for its arguments."""
        written = inspect.unwrap(root_fn)
        code, signature = written.__code__, inspect.signature(written)
        count = code.co_argcount + code.co_kwonlyargcount
        names = list(code.co_varnames[is_module:count])
        args: list[Any] = [self.root] if is_module else []
        args += [self._argument(name, concrete_args or {}, signature) for name in names]
        stars = [(inspect.CO_VARARGS, "*"), (inspect.CO_VARKEYWORDS, "**")]
        held = [star for flag, star in stars if code.co_flags & flag]
        for i, star in enumerate(held):
            args.append(self.create_proxy("placeholder", star + code.co_varnames[count + i], (), {}))
        if held or code.co_kwonlyargcount:
            root_fn = _with_plain_arguments(written, code, len(args))
        return root_fn, args

    def _argument(self, name: str, concrete: dict[str, Any], signature: inspect.Signature) -> Any:
        parameter = signature.parameters[name]
        default = () if parameter.default is inspect.Parameter.empty else (parameter.default,)
        kind = self.type_of_argument(parameter)
        if name not in concrete:
            return self.create_proxy("placeholder", name, default, {}, type_expr=kind)
        value = concrete[name]
        if isinstance(value, tuple | list | dict):
            raise NotImplementedError(
                f"concrete_args: '{name}' is a {type(value).__name__}; name its parts instead"
            )
        given = self.create_proxy("placeholder", f"{name}_1", default, {})
        if value is not None:
            message = f"{name} has been specialized to have value {value} but got another value"
            self.create_proxy("call_function", _assert, (given == value, message), {})
        return value

    @staticmethod
    def type_of_argument(parameter: inspect.Parameter) -> Any:
        """What the program says an argument is; a text says nothing."""
        kind = parameter.annotation
        return None if kind is inspect.Parameter.empty or isinstance(kind, str) else kind

    def trace(self, root: Any, concrete_args: dict[str, Any] | None = None) -> Graph:
        """The graph of a module or a function."""
        is_module = isinstance(root, Module)
        self.root = root if is_module else Module()
        function = type(root).forward if is_module else root
        self.graph = Graph(tracer_cls=type(self))
        self.root_module_name = type(root).__name__ if is_module else ""
        self.tensor_attrs = {}
        function, args = self.create_args_for_root(function, is_module, concrete_args)
        with ExitStack() as changes:
            changes.enter_context(_called_by(self))
            self._record_functions(changes, inspect.unwrap(function).__globals__)
            result = self.create_arg(function(*args))
        annotated = inspect.unwrap(function).__annotations__.get("return")
        self.create_node(
            "output", "output", (result,), {}, None, None if isinstance(annotated, str) else annotated
        )
        return self.graph

    def _record_functions(self, changes: ExitStack, scope: dict[str, Any]) -> None:
        """Puts functions that write their calls down in the place of those that were marked."""
        for (_, name), place in list(_wrapped.items()):
            function = place.get(name, getattr(builtins, name, None))
            if function is not None:
                changes.enter_context(_replaced(place, name, _recording(function)))
        for place in (scope, *map(vars, self._autowrap_search)):
            for name, value in list(place.items()):
                if not name.startswith("_") and id(value) in self._autowrap_function_ids:
                    changes.enter_context(_replaced(place, name, _recording(value)))


def _with_plain_arguments(function: Any, code: CodeType, count: int) -> Any:
    """The function, with all that it takes by place: what stars collect is one argument."""
    flags = code.co_flags & ~(inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    plain = code.replace(co_flags=flags, co_argcount=count, co_posonlyargcount=0, co_kwonlyargcount=0)
    made = FunctionType(plain, function.__globals__, function.__name__, None, function.__closure__)
    made.__annotations__ = function.__annotations__
    return made


def symbolic_trace(root: Any, concrete_args: dict[str, Any] | None = None) -> GraphModule:
    """A module that does what another, or a function, does when called with stand-ins for tensors.

    >>> import spiraltorch_rs as st
    >>> print(st.fx.symbolic_trace(lambda x: st.relu(x)).code.strip())
    def forward(self, x):
        relu = torch.relu(x);  x = None
        return relu
    """
    tracer = Tracer()
    graph = tracer.trace(root, concrete_args)
    name = type(root).__name__ if isinstance(root, Module) else root.__name__
    return GraphModule(tracer.root, graph, name)
