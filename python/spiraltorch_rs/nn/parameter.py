"""Tensors that a module owns: parameters, buffers, and those whose shape the first input tells."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from spiraltorch_rs._C import Tensor, _make_subclass, _quiet_class, empty
from spiraltorch_rs._dispatch import disabled_torch_function_impl

__all__ = [
    "Buffer",
    "Parameter",
    "UninitializedBuffer",
    "UninitializedParameter",
    "UninitializedTensorMixin",
    "is_lazy",
]


class _ParameterMeta(type(Tensor)):  # type: ignore[misc]
    """A plain tensor that carries the class's mark is an instance too."""

    _mark = ""

    def __instancecheck__(cls, instance: Any) -> bool:
        if type.__instancecheck__(cls, instance):
            return True
        mark = cls.__dict__.get("_mark")
        return mark is not None and isinstance(instance, Tensor) and bool(instance.__dict__.get(mark, False))


def _plain(data: Any) -> Tensor:
    if data is None:
        return empty(0)
    if not isinstance(data, Tensor):
        raise TypeError(f"expected a Tensor as data, got {type(data).__name__}; st.tensor() makes one")
    return data.detach()


class Parameter(Tensor, metaclass=_ParameterMeta):
    """A tensor that is a parameter of the module it is assigned to.

    >>> import spiraltorch_rs as st
    >>> st.nn.Parameter(st.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    _mark = "_is_param"
    __torch_function__ = disabled_torch_function_impl

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Any:
        if data is not None and isinstance(data, Tensor) and type(data) not in (Tensor, Parameter):
            made: Any = data.detach().requires_grad_(requires_grad)  # another subclass stays what it is
            if type(made) is not Tensor:
                made._is_param = True
                return made
        return _make_subclass(cls, _plain(data), requires_grad)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.detach().clone(), self.requires_grad)
        return memo[id(self)]

    def __repr__(self) -> str:
        return "Parameter containing:\n" + repr(self.detach().requires_grad_(self.requires_grad))

    def __reduce_ex__(self, protocol: Any) -> Any:
        state = dict(self.__dict__) or None
        return _rebuild_parameter, (type(self), self.detach(), self.requires_grad, OrderedDict()), state

    __hash__ = Tensor.__hash__


_quiet_class(Parameter, disabled_torch_function_impl)


def _rebuild_parameter(cls: Any, data: Tensor, requires_grad: bool, hooks: Any) -> Any:
    return _make_subclass(cls, data, requires_grad)


class Buffer(Tensor, metaclass=_ParameterMeta):
    """A tensor that becomes a buffer of the module it is assigned to."""

    _mark = "_is_buffer"
    __torch_function__ = disabled_torch_function_impl

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        made: Any = _plain(data)
        made.persistent = persistent
        made._is_buffer = True
        return made

    __hash__ = Tensor.__hash__


def _uninitialized(name: str) -> ValueError:
    return ValueError(
        f"Attempted to use an uninitialized parameter in {name!r}. This error happens when you are using a "
        "`LazyModule` or explicitly manipulating `UninitializedParameter` objects. When using LazyModules Call "
        "`forward` with a dummy batch to initialize the parameters before calling torch functions"
    )


class UninitializedTensorMixin:
    """What a tensor without a shape yet can do: become one, and move."""

    _allowed = (
        "materialize cls_to_become to cpu half float double bfloat16 share_memory_ is_leaf requires_grad"
        " requires_grad_ dtype device data grad copy_ numel is_floating_point is_complex detach"
    ).split()

    def materialize(self: Any, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Becomes a tensor of a shape, with the values that happen to be there."""
        data = super().__getattribute__("data")
        self.data = empty(
            tuple(shape) if not isinstance(shape, int) else (shape,),
            device=data.device if device is None else device,
            dtype=data.dtype if dtype is None else dtype,
        )
        self.__class__ = self.cls_to_become

    def share_memory_(self) -> Any:
        """Not before it has a shape."""
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call `forward` to initialize the parameters "
            "before calling `module.share_memory()`."
        )

    @property
    def shape(self) -> Any:
        """Not known yet."""
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
            "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call "
            "`forward` to initialize the parameters before accessing their attributes."
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", str(func))
        if name not in UninitializedTensorMixin._allowed and not name.startswith("_"):
            raise _uninitialized(name)
        return disabled_torch_function_impl(func, types, args, kwargs)

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_") or name in UninitializedTensorMixin._allowed or name == "shape":
            return super().__getattribute__(name)
        if callable(getattr(Tensor, name, None)):
            raise _uninitialized(name)
        return super().__getattribute__(name)


class UninitializedParameter(UninitializedTensorMixin, Parameter):  # type: ignore[misc]
    """A parameter whose shape is not known yet."""

    cls_to_become = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        return _make_subclass(cls, empty(0, device=device, dtype=dtype), requires_grad)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, self.device, self.dtype)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _rebuild_uninitialized, (type(self), self.requires_grad, self.dtype)

    __hash__ = Tensor.__hash__


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A buffer whose shape is not known yet."""

    cls_to_become = Tensor

    def __new__(
        cls, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> Any:
        made = _make_subclass(cls, empty(0, device=device, dtype=dtype), requires_grad)
        made.persistent = persistent
        made._is_buffer = True
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, self.device, self.dtype)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _rebuild_uninitialized, (type(self), self.requires_grad, self.dtype)

    __hash__ = Tensor.__hash__


def _rebuild_uninitialized(cls: Any, requires_grad: bool, dtype: Any) -> Any:
    return cls(requires_grad, dtype=dtype)


def is_lazy(tensor: Any) -> bool:
    """Whether a tensor's shape is not known yet."""
    return isinstance(tensor, UninitializedTensorMixin)
