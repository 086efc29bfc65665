"""The types that torch's annotations name."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from collections.abc import Sequence
from os import PathLike
from typing import TypeAlias

from spiraltorch_rs._C import Tensor
from spiraltorch_rs._C import device as _device
from spiraltorch_rs._C import dtype as _dtype  # noqa: F401
from spiraltorch_rs._C import layout as _layout  # noqa: F401
from spiraltorch_rs._size import Size

__all__ = ["Device", "FileLike", "Number", "Storage", "Tensor"]

Number: TypeAlias = _int | _float | _bool
Device: TypeAlias = _device | str | _int | None
FileLike: TypeAlias = str | PathLike[str]
_size: TypeAlias = Size | Sequence[_int]
_dispatchkey: TypeAlias = str
_TensorOrTensors: TypeAlias = Tensor | Sequence[Tensor]
_TensorOrTensorsOrGradEdge: TypeAlias = Tensor | Sequence[Tensor]


class Storage:
    """What storages are in torch's annotations."""
