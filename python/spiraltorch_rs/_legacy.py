"""Torch's old classes of tensors by dtype: `FloatTensor(2, 3)`, `LongTensor([1, 2])`, `isinstance(x, FloatTensor)`."""

from __future__ import annotations

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs._size import Size

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _TensorType(type):
    """A class that has no objects of its own: it makes tensors of its dtype, and counts those among its objects."""

    dtype: _C.dtype

    def __call__(cls, *data: Any) -> Tensor:
        if len(data) == 1 and not isinstance(data[0], int):
            if isinstance(data[0], Size):
                return _C.empty(data[0], dtype=cls.dtype)
            return _C.tensor(data[0], dtype=cls.dtype)
        return _C.empty(data if data else (0,), dtype=cls.dtype)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor) and instance.dtype == cls.dtype


def _make(name: str, dtype: _C.dtype) -> _TensorType:
    scope = {"dtype": dtype, "__module__": "spiraltorch_rs", "__doc__": f"Tensors of {dtype}."}
    return _TensorType(name, (), scope)


BoolTensor = _make("BoolTensor", _C.bool)
ByteTensor = _make("ByteTensor", _C.uint8)
CharTensor = _make("CharTensor", _C.int8)
ShortTensor = _make("ShortTensor", _C.int16)
IntTensor = _make("IntTensor", _C.int32)
LongTensor = _make("LongTensor", _C.int64)
HalfTensor = _make("HalfTensor", _C.float16)
BFloat16Tensor = _make("BFloat16Tensor", _C.bfloat16)
FloatTensor = _make("FloatTensor", _C.float32)
DoubleTensor = _make("DoubleTensor", _C.float64)
