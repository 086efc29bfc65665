"""The extension module."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from collections.abc import Callable, Iterator, Sequence
from types import EllipsisType
from typing import Any, Literal, NamedTuple, SupportsIndex, TypeAlias, overload

# Functions and methods of the operator table are put in at the marks by tools/generate.py.

__version__: str

Number: TypeAlias = _bool | _int | _float
Nested: TypeAlias = Number | Sequence["Nested"]

class dtype:
    """The type of a tensor's elements."""

    @property
    def itemsize(self) -> _int:
        """Bytes an element takes."""
    @property
    def is_floating_point(self) -> _bool: ...
    @property
    def is_complex(self) -> _bool: ...
    @property
    def is_signed(self) -> _bool: ...

_dtype: TypeAlias = dtype

class device:
    """Where a tensor lives: a kind and, optionally, which of them."""

    def __new__(cls, type: DeviceLike, index: _int | None = None) -> device: ...
    @property
    def type(self) -> _str: ...
    @property
    def index(self) -> _int | None: ...

_device: TypeAlias = device
DeviceLike: TypeAlias = device | _str | _int

class finfo:
    """Numerical limits of a floating-point dtype."""

    def __new__(cls, type: _dtype | None = None) -> finfo: ...
    @property
    def bits(self) -> _int: ...
    @property
    def dtype(self) -> _str: ...
    @property
    def eps(self) -> _float:
        """The distance from 1 to the next number."""
    @property
    def max(self) -> _float: ...
    @property
    def min(self) -> _float: ...
    @property
    def tiny(self) -> _float:
        """The smallest normal number."""
    @property
    def smallest_normal(self) -> _float: ...
    @property
    def resolution(self) -> _float:
        """Decimal digits that survive."""

class iinfo:
    """Numerical limits of an integer dtype."""

    def __new__(cls, type: _dtype) -> iinfo: ...
    @property
    def bits(self) -> _int: ...
    @property
    def dtype(self) -> _str: ...
    @property
    def max(self) -> _int: ...
    @property
    def min(self) -> _int: ...

bool: dtype
uint8: dtype
int8: dtype
int16: dtype
short: dtype
int32: dtype
int: dtype
int64: dtype
long: dtype
float16: dtype
half: dtype
bfloat16: dtype
float32: dtype
float: dtype
float64: dtype
double: dtype

# results of the operator table

class Tensor:
    """A multi-dimensional array with torch's semantics."""

    __hash__: Callable[[Tensor], _int]  # type: ignore[assignment]

    # What it is.
    @property
    def shape(self) -> Size: ...
    @property
    def dtype(self) -> _dtype: ...
    @property
    def device(self) -> _device: ...
    @property
    def ndim(self) -> _int: ...
    @property
    def itemsize(self) -> _int: ...
    @property
    def nbytes(self) -> _int: ...
    @property
    def T(self) -> Tensor: ...
    @property
    def mT(self) -> Tensor: ...
    @property
    def _version(self) -> _int:
        """How often its memory has been written."""

    # Values.
    def item(self) -> Number:
        """The only element, as a number of Python."""
    def tolist(self) -> Any:
        """The elements as nested lists; a number if there are no dimensions."""
    def numpy(self) -> Any:
        """A numpy array of the same memory."""

    # Autograd.
    requires_grad: _bool
    grad: Tensor | None
    data: Tensor
    @property
    def is_leaf(self) -> _bool: ...
    @property
    def grad_fn(self) -> Any: ...

    # methods of the operator table

# functions of the operator table
