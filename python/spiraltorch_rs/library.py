"""Operators that programs bring along: a name, a function, and how it is differentiated.

>>> import spiraltorch_rs as st
>>> @st.library.custom_op("mine::double", mutates_args=())
... def double(x: st.Tensor) -> st.Tensor:
...     return 2 * x
>>> st.ops.mine.double(st.ones(2))
tensor([2., 2.])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.autograd import no_grad
from spiraltorch_rs.autograd.function import Function

__all__ = ["CustomOpDef", "Library", "custom_op", "define", "impl", "register_autograd", "register_fake"]

Implementation = Callable[..., Any]


class CustomOpDef:
    """An operator of a program's: calls its function, and its own gradient if one was registered."""

    def __init__(self, qualname: str, fn: Implementation | None = None) -> None:
        namespace, separator, name = qualname.partition("::")
        if not (namespace and separator and name):
            raise ValueError(f'the name of an operator is "namespace::name", got {qualname!r}')
        self._qualname, self._name, self._namespace = qualname, name, namespace
        self._fn = fn
        self._function: type[Function] | None = None
        self.__name__ = name
        self.default = self  # the only overload

    def __repr__(self) -> str:
        return f"<CustomOpDef({self._qualname})>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._fn is None:
            raise NotImplementedError(f"{self._qualname} has no implementation: register one with impl()")
        if self._function is None or not _C.is_grad_enabled():
            return self._fn(*args, **kwargs)
        return self._function.apply(*args, *kwargs.values())

    def register_kernel(self, device_types: Any, fn: Implementation | None = None, /) -> Any:
        """The function for some kinds of devices: the one function serves all."""

        def register(fn: Implementation) -> Implementation:
            self._fn = fn
            return fn

        return register if fn is None else register(fn)

    def register_fake(self, fn: Implementation, /) -> Implementation:
        """How shapes follow from shapes, for torch's compiler: not needed here."""
        return fn

    register_vmap = register_torch_dispatch = register_fake

    def register_autograd(
        self, backward: Implementation, /, *, setup_context: Implementation | None = None
    ) -> None:
        """The gradient: `setup_context(ctx, inputs, output)` keeps what `backward(ctx, *grads)` needs."""

        def forward(ctx: Any, *args: Any) -> Any:
            assert self._fn is not None
            with no_grad():
                output = self._fn(*args)
            if setup_context is not None:
                setup_context(ctx, args, output)
            return output

        members = {"forward": staticmethod(forward), "backward": staticmethod(backward), "_st_is_ours": True}
        self._function = type(self._name, (Function,), members)


class _Overloaded(CustomOpDef):
    """An operator of ours by another library's name: one overload by all names, and its own gradient."""

    def register_autograd(self, backward: Implementation, /, **options: Any) -> None:
        """Not needed: it is made of operators that have one."""

    def __getattr__(self, name: str) -> CustomOpDef:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def overloads(self) -> list[str]:
        """The names of the overloads."""
        return ["default"]


# Operators that torch has at its inside only, by what is called here; programs that name others may not call them.
_INNER = {
    "_conj": "conj",
    "_local_scalar_dense": "item",
    "_to_copy": "to",
    "_unsafe_view": "reshape",
    "alias": "detach",
    "slice": "_slice",
    "sym_size": "size",
}
_NAMED = frozenset(
    """
    _assert_scalar _assert_tensor_metadata _embedding_bag _fft_c2c _pin_memory _scaled_dot_product_cudnn_attention
    _scaled_dot_product_cudnn_attention_backward _scaled_dot_product_flash_attention
    _scaled_dot_product_flash_attention_backward _sparse_addmm _sparse_mm_reduce_impl _upsample_bilinear2d_aa
    sym_constrain_range_for_size
    """.split()
)


def _of_torch(name: str) -> CustomOpDef | None:
    """The operator that torch has by an inner name: a function of ours, of `nn.functional`, or a method."""
    from spiraltorch_rs import _foreach, _inner
    from spiraltorch_rs import functional as ours
    from spiraltorch_rs.nn import functional

    places = (_C, functional, _C.Tensor, _foreach, ours, _inner)
    called = _INNER.get(name, name)
    function = next((f for of in places if (f := getattr(of, called, None)) is not None), None)
    return _Overloaded(f"aten::{name}", function) if function is not None or name in _NAMED else None


class _Namespace:
    """`ops.mine`: the operators of a namespace."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._operators: dict[str, CustomOpDef] = {}

    def __getattr__(self, name: str) -> CustomOpDef:
        found = self.__dict__.get("_operators", {}).get(name)
        if found is None and self.__dict__.get("_name") == "aten":
            found = _of_torch(name)
            if found is not None:
                self._operators[name] = found
        if found is None:
            raise AttributeError(
                f"'{self.__dict__.get('_name')}' has no operator {name!r} that was registered"
            )
        return found  # type: ignore[no-any-return]


class _Operators:
    """`ops`: what was registered. Torch's own operators are functions of the package."""

    def __getattr__(self, name: str) -> _Namespace:
        if name.startswith("__"):
            raise AttributeError(name)
        made = self.__dict__[name] = _Namespace(name)
        return made

    def _add(self, namespace: str, name: str, fn: Implementation | None = None) -> None:
        """Gives an operator of ours another library's name."""
        getattr(self, namespace)._operators[name] = _Overloaded(f"{namespace}::{name}", fn)

    def load_library(self, path: str | PathLike[str]) -> None:
        """Refuses, for a library of torch's operators is compiled against torch; torchvision's are here."""
        file = Path(path)
        if file.parent.name != "torchvision" or not file.name.startswith("_C"):
            raise OSError(f"{path} is compiled against torch and cannot be loaded here")
        import_module("spiraltorch_rs._vision")


ops = _Operators()


def _operator(qualname: str) -> CustomOpDef:
    """The operator of a name, made if there is none."""
    qualname = qualname.removesuffix(".default")
    made = CustomOpDef(qualname)
    operators: dict[str, CustomOpDef] = getattr(ops, made._namespace)._operators
    return operators.setdefault(made._name, made)


def custom_op(
    name: str,
    fn: Implementation | None = None,
    /,
    *,
    mutates_args: str | Iterable[str] = (),
    device_types: Any = None,
    schema: str | None = None,
    tags: Any = None,
) -> Any:
    """Registers a function as an operator; a decorator if there is none."""

    def register(fn: Implementation) -> CustomOpDef:
        operator = _operator(name)
        operator._fn, operator.__doc__ = fn, fn.__doc__
        return operator

    return register if fn is None else register(fn)


def _found(op: str | CustomOpDef) -> CustomOpDef:
    return op if isinstance(op, CustomOpDef) else _operator(op)


def register_fake(op: str | CustomOpDef, func: Implementation | None = None, /, **options: Any) -> Any:
    """How shapes follow from shapes, for torch's compiler: not needed here."""
    return _found(op).register_fake if func is None else func


register_kernel = register_vmap = register_fake


def register_autograd(
    op: str | CustomOpDef,
    backward: Implementation,
    /,
    *,
    setup_context: Implementation | None = None,
    lib: Any = None,
) -> None:
    """The gradient of an operator."""
    _found(op).register_autograd(backward, setup_context=setup_context)


def define(qualname: str, schema: str, **options: Any) -> None:
    """Names an operator; `impl` gives its function."""
    _operator(qualname)


def impl(qualname: str, types: Any, func: Implementation | None = None, **options: Any) -> Any:
    """The function of an operator that `define` named."""
    return _operator(qualname).register_kernel(types, func)


class Library:
    """Operators of one namespace, defined and implemented one by one."""

    def __init__(self, ns: str, kind: str, dispatch_key: str = "") -> None:
        if kind not in ("DEF", "IMPL", "FRAGMENT"):
            raise ValueError(f"Unsupported kind: {kind}; it is DEF, IMPL or FRAGMENT")
        self.ns, self.kind, self.dispatch_key = ns, kind, dispatch_key

    def define(self, schema: str, *args: Any, **kwargs: Any) -> str:
        """Names an operator: the first word of its schema."""
        name = schema.partition("(")[0].strip()
        _operator(f"{self.ns}::{name}")
        return name

    def impl(self, op_name: str | CustomOpDef, fn: Implementation, dispatch_key: str = "", **kw: Any) -> None:
        """The function of an operator; one for shapes only is not needed, one around another is not asked."""
        key = dispatch_key or self.dispatch_key
        name = op_name if isinstance(op_name, str) else op_name._qualname
        operator = _operator(name if "::" in name else f"{self.ns}::{name}")
        around = key.startswith("Autocast") or (key.startswith("Autograd") and operator._fn is not None)
        if key != "Meta" and not around:
            operator._fn = fn
