"""Torch's old classes of tensors and storages, one for each dtype: constructors, and answers of `isinstance`."""

from __future__ import annotations

from functools import cache

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs._size import Size
from spiraltorch_rs.storage import _storage_class

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DTYPES = {
    "Bool": _C.bool,
    "Byte": _C.uint8,
    "Char": _C.int8,
    "Short": _C.int16,
    "Int": _C.int32,
    "Long": _C.int64,
    "Half": _C.float16,
    "BFloat16": _C.bfloat16,
    "Float": _C.float32,
    "Double": _C.float64,
}


def new_of(dtype: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """A tensor of a dtype: of sizes with undefined contents, of data, or the same as a tensor."""
    device = kwargs.get("device")
    if device is not None:
        if args and isinstance(args[0], Tensor):
            raise RuntimeError(
                "Legacy tensor new of the form tensor.new(tensor, device=device) is not supported. "
                "Use torch.as_tensor(...) instead."
            )
        if _C.device(device).type != "cpu":
            raise RuntimeError(
                "legacy constructor expects device type: cpu but device type: "
                f"{_C.device(device).type} was passed"
            )
    if "size" in kwargs:
        args = (*args, kwargs["size"])
        return _C.empty(*args, dtype=dtype)
    if len(args) == 1 and isinstance(args[0], Tensor):
        (given,) = args
        if given.dtype != dtype:
            raise TypeError(f"expected a tensor of dtype {dtype}, but got {given.dtype}")
        same: Tensor = given.detach()
        return same
    if len(args) == 1 and not isinstance(args[0], (int, Size)):
        return _C.tensor(args[0], dtype=dtype)
    return _C.empty(*args, dtype=dtype) if args else _C.empty(0, dtype=dtype)


class _OfDtype(type):
    """The class of the old tensor classes: what is an instance depends on the dtype."""

    dtype: Any
    is_cuda: bool

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor) and (instance.dtype, instance.is_cuda) == (cls.dtype, cls.is_cuda)

    def __call__(cls, *args: Any, **kwargs: Any) -> Tensor:
        made = new_of(cls.dtype, args, kwargs)
        return made.cuda() if cls.is_cuda else made


def _tensor_class(name: str, dtype: Any, is_cuda: bool = False) -> type:
    members = {"dtype": dtype, "layout": _C.strided, "is_cuda": is_cuda, "is_sparse": False}
    module = "spiraltorch_rs.cuda" if is_cuda else "spiraltorch_rs"
    return _OfDtype(name, (), {**members, "__module__": module, "__doc__": f"Tensors of {dtype}."})


@cache
def cuda_class(name: str) -> type:
    """`cuda.FloatTensor` and the like."""
    dtype = _DTYPES.get(name.removesuffix("Tensor"))
    if dtype is None:
        raise AttributeError(f"module 'spiraltorch_rs.cuda' has no attribute '{name}'")
    return _tensor_class(name, dtype, True)


CLASSES: dict[str, type] = {
    **{f"{kind}Tensor": _tensor_class(f"{kind}Tensor", dtype) for kind, dtype in _DTYPES.items()},
    **{
        f"{kind}Storage": _storage_class(f"{kind}Storage", dtype)
        for kind, dtype in {**_DTYPES, "ComplexFloat": _C.complex64, "ComplexDouble": _C.complex128}.items()
    },
}
globals().update(CLASSES)


def default_storage() -> type:
    """The class of storages of floats."""
    kind = next(kind for kind, dtype in _DTYPES.items() if dtype == _C.get_default_dtype())
    return CLASSES[kind + "Storage"]


def set_default_tensor_type(t: Any, /) -> None:
    """Sets the dtype floats get when nobody says one, by an old class or its name."""
    if isinstance(t, str):
        t = CLASSES.get(t.rpartition(".")[2], t)
    dtype: Any = getattr(t, "dtype", None)
    if dtype not in _DTYPES.values():
        raise TypeError(
            f"invalid type object: {t}; only floating-point types are supported as the default type"
        )
    _C.set_default_dtype(dtype)
