"""The extension module."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from collections.abc import Iterator, Sequence
from types import EllipsisType
from typing import Any, ClassVar, Self, TypeAlias, overload

from spiraltorch_rs._size import Size

# Functions and methods of the operator table are put in at the marks by tools/generate.py.

__version__: str

Number: TypeAlias = _bool | _int | _float
IndexItem: TypeAlias = _int | slice | _bool | EllipsisType | Tensor | Sequence[Any] | None
Index: TypeAlias = IndexItem | tuple[IndexItem, ...]

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

class Tensor:
    """A multi-dimensional array with torch's semantics."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self: ...

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
    def is_cuda(self) -> _bool: ...
    @property
    def is_sparse(self) -> _bool: ...
    @property
    def is_quantized(self) -> _bool: ...
    @property
    def _version(self) -> _int:
        """How often its memory has been written."""
    @property
    def T(self) -> Tensor:
        """All dimensions in reverse order."""
    @property
    def mT(self) -> Tensor:
        """The last two dimensions swapped."""

    # Autograd.
    @property
    def is_leaf(self) -> _bool: ...
    @property
    def retains_grad(self) -> _bool: ...
    @property
    def output_nr(self) -> _int: ...
    @property
    def grad_fn(self) -> Any: ...
    @property
    def requires_grad(self) -> _bool: ...
    @requires_grad.setter
    def requires_grad(self, on: _bool) -> None: ...
    @property
    def grad(self) -> Tensor | None: ...
    @grad.setter
    def grad(self, grad: Tensor | None) -> None: ...
    @property
    def data(self) -> Tensor:
        """The same memory, not on the tape."""
    @data.setter
    def data(self, value: Tensor) -> None: ...

    # As a Python object.
    __array_priority__: ClassVar[_int]

    def __hash__(self) -> _int: ...
    def __bool__(self) -> _bool: ...
    def __int__(self) -> _int: ...
    def __float__(self) -> _float: ...
    def __complex__(self) -> complex: ...
    def __index__(self) -> _int: ...
    def __len__(self) -> _int: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __contains__(self, element: Tensor | Number) -> _bool: ...
    def __getitem__(self, key: Index) -> Tensor: ...
    def __setitem__(self, key: Index, value: Tensor | Number) -> None: ...
    def __format__(self, spec: _str) -> _str: ...
    def __array__(self, dtype: Any = None, copy: _bool | None = None) -> Any:
        """For numpy."""
    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[_int, _int] | None = None,
        dl_device: tuple[_int, _int] | None = None,
        copy: _bool | None = None,
    ) -> Any:
        """For other libraries."""
    def __dlpack_device__(self) -> tuple[_int, _int]:
        """For other libraries."""

    # Python's operators.
    def __add__(self, other: Tensor | Number) -> Tensor: ...
    def __radd__(self, other: Tensor | Number) -> Tensor: ...
    def __iadd__(self, other: Tensor | Number) -> Self: ...
    def __sub__(self, other: Tensor | Number) -> Tensor: ...
    def __rsub__(self, other: Tensor | Number) -> Tensor: ...
    def __isub__(self, other: Tensor | Number) -> Self: ...
    def __mul__(self, other: Tensor | Number) -> Tensor: ...
    def __rmul__(self, other: Tensor | Number) -> Tensor: ...
    def __imul__(self, other: Tensor | Number) -> Self: ...
    def __truediv__(self, other: Tensor | Number) -> Tensor: ...
    def __rtruediv__(self, other: Tensor | Number) -> Tensor: ...
    def __itruediv__(self, other: Tensor | Number) -> Self: ...
    def __floordiv__(self, other: Tensor | Number) -> Tensor: ...
    def __rfloordiv__(self, other: Tensor | Number) -> Tensor: ...
    def __ifloordiv__(self, other: Tensor | Number) -> Self: ...
    def __mod__(self, other: Tensor | Number) -> Tensor: ...
    def __rmod__(self, other: Tensor | Number) -> Tensor: ...
    def __imod__(self, other: Tensor | Number) -> Self: ...
    def __pow__(self, other: Tensor | Number) -> Tensor: ...
    def __rpow__(self, other: Tensor | Number) -> Tensor: ...
    def __ipow__(self, other: Tensor | Number) -> Self: ...
    def __matmul__(self, other: Tensor) -> Tensor: ...
    def __and__(self, other: Tensor | Number) -> Tensor: ...
    def __rand__(self, other: Tensor | Number) -> Tensor: ...
    def __iand__(self, other: Tensor | Number) -> Self: ...
    def __or__(self, other: Tensor | Number) -> Tensor: ...
    def __ror__(self, other: Tensor | Number) -> Tensor: ...
    def __ior__(self, other: Tensor | Number) -> Self: ...
    def __xor__(self, other: Tensor | Number) -> Tensor: ...
    def __rxor__(self, other: Tensor | Number) -> Tensor: ...
    def __ixor__(self, other: Tensor | Number) -> Self: ...
    def __lshift__(self, other: Tensor | Number) -> Tensor: ...
    def __rlshift__(self, other: Tensor | Number) -> Tensor: ...
    def __ilshift__(self, other: Tensor | Number) -> Self: ...
    def __rshift__(self, other: Tensor | Number) -> Tensor: ...
    def __rrshift__(self, other: Tensor | Number) -> Tensor: ...
    def __irshift__(self, other: Tensor | Number) -> Self: ...
    def __neg__(self) -> Tensor: ...
    def __pos__(self) -> Tensor: ...
    def __abs__(self) -> Tensor: ...
    def __invert__(self) -> Tensor: ...
    def __eq__(self, other: Tensor | Number) -> Tensor: ...  # type: ignore[override]
    def __ne__(self, other: Tensor | Number) -> Tensor: ...  # type: ignore[override]
    def __lt__(self, other: Tensor | Number) -> Tensor: ...
    def __le__(self, other: Tensor | Number) -> Tensor: ...
    def __gt__(self, other: Tensor | Number) -> Tensor: ...
    def __ge__(self, other: Tensor | Number) -> Tensor: ...

    # Values.
    def numpy(self, *, force: _bool = False) -> Any:
        """A numpy array of the same memory."""
    def new_tensor(
        self,
        data: Any,
        dtype: _dtype | None = None,
        device: DeviceLike | None = None,
        requires_grad: _bool = False,
    ) -> Tensor:
        """A tensor with a copy of the data, of this tensor's dtype unless another is named."""

    def abs(self) -> Tensor:
        """The absolute value."""
    def abs_(self) -> Tensor:
        """The absolute value."""
    def acos(self) -> Tensor:
        """The inverse of the cosine."""
    def acos_(self) -> Tensor:
        """The inverse of the cosine."""
    def acosh(self) -> Tensor:
        """The inverse of the hyperbolic cosine."""
    def acosh_(self) -> Tensor:
        """The inverse of the hyperbolic cosine."""
    @overload
    def add(self, other: Tensor | Number) -> Tensor:
        """Adds; on booleans, or."""
    @overload
    def add(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Adds `alpha` times `other`."""
    @overload
    def add_(self, other: Tensor | Number) -> Tensor:
        """Adds; on booleans, or."""
    @overload
    def add_(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Adds `alpha` times `other`."""
    def addcdiv(self, tensor1: Tensor | Number, tensor2: Tensor | Number, *, value: Number = 1) -> Tensor:
        """`input + value * tensor1 / tensor2`."""
    def addcdiv_(self, tensor1: Tensor | Number, tensor2: Tensor | Number, *, value: Number = 1) -> Tensor:
        """`input + value * tensor1 / tensor2`."""
    def addcmul(self, tensor1: Tensor | Number, tensor2: Tensor | Number, *, value: Number = 1) -> Tensor:
        """`input + value * tensor1 * tensor2`."""
    def addcmul_(self, tensor1: Tensor | Number, tensor2: Tensor | Number, *, value: Number = 1) -> Tensor:
        """`input + value * tensor1 * tensor2`."""
    def allclose(
        self, other: Tensor, rtol: _float = 1e-5, atol: _float = 1e-8, equal_nan: _bool = False
    ) -> _bool:
        """Whether all elements differ by at most `atol + rtol * |other|`."""
    def asin(self) -> Tensor:
        """The inverse of the sine."""
    def asin_(self) -> Tensor:
        """The inverse of the sine."""
    def asinh(self) -> Tensor:
        """The inverse of the hyperbolic sine."""
    def asinh_(self) -> Tensor:
        """The inverse of the hyperbolic sine."""
    def atan(self) -> Tensor:
        """The inverse of the tangent."""
    def atan2(self, other: Tensor | Number) -> Tensor:
        """The angle of the point (other, input)."""
    def atan2_(self, other: Tensor | Number) -> Tensor:
        """The angle of the point (other, input)."""
    def atan_(self) -> Tensor:
        """The inverse of the tangent."""
    def atanh(self) -> Tensor:
        """The inverse of the hyperbolic tangent."""
    def atanh_(self) -> Tensor:
        """The inverse of the hyperbolic tangent."""
    def bfloat16(self) -> Tensor:
        """As `bfloat16`."""
    def bitwise_and(self, other: Tensor | Number) -> Tensor:
        """The bits set in both; on booleans, and."""
    def bitwise_and_(self, other: Tensor | Number) -> Tensor:
        """The bits set in both; on booleans, and."""
    def bitwise_left_shift(self, other: Tensor | Number) -> Tensor:
        """Bits moved to the left; 0 where they are moved too far."""
    def bitwise_left_shift_(self, other: Tensor | Number) -> Tensor:
        """Bits moved to the left; 0 where they are moved too far."""
    def bitwise_not(self) -> Tensor:
        """Every bit flipped; on booleans, not."""
    def bitwise_not_(self) -> Tensor:
        """Every bit flipped; on booleans, not."""
    def bitwise_or(self, other: Tensor | Number) -> Tensor:
        """The bits set in either; on booleans, or."""
    def bitwise_or_(self, other: Tensor | Number) -> Tensor:
        """The bits set in either; on booleans, or."""
    def bitwise_right_shift(self, other: Tensor | Number) -> Tensor:
        """Bits moved to the right, keeping the sign; a negative shift counts as one too far."""
    def bitwise_right_shift_(self, other: Tensor | Number) -> Tensor:
        """Bits moved to the right, keeping the sign; a negative shift counts as one too far."""
    def bitwise_xor(self, other: Tensor | Number) -> Tensor:
        """The bits set in one of them; on booleans, exclusive or."""
    def bitwise_xor_(self, other: Tensor | Number) -> Tensor:
        """The bits set in one of them; on booleans, exclusive or."""
    def bool(self) -> Tensor:
        """As `bool`: whether it is not zero."""
    def byte(self) -> Tensor:
        """As `uint8`."""
    def ceil(self) -> Tensor:
        """Rounds up."""
    def ceil_(self) -> Tensor:
        """Rounds up."""
    def celu_(self, alpha: Number = 1.0) -> Tensor:
        """x if positive, else `alpha * (exp(x / alpha) - 1)`: its slope has no jump."""
    def char(self) -> Tensor:
        """As `int8`."""
    def clamp(self, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
        """Between `min` and `max`; either may be left out."""
    def clamp_(self, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
        """Between `min` and `max`; either may be left out."""
    def clamp_max(self, max: Tensor | Number) -> Tensor:
        """At most `max`."""
    def clamp_max_(self, max: Tensor | Number) -> Tensor:
        """At most `max`."""
    def clamp_min(self, min: Tensor | Number) -> Tensor:
        """At least `min`."""
    def clamp_min_(self, min: Tensor | Number) -> Tensor:
        """At least `min`."""
    def clone(self) -> Tensor:
        """A copy of the data, on the tape."""
    def contiguous(self) -> Tensor:
        """In row-major order; itself if it is already."""
    def copysign(self, other: Tensor | Number) -> Tensor:
        """|input| with the sign of `other`."""
    def copysign_(self, other: Tensor | Number) -> Tensor:
        """|input| with the sign of `other`."""
    def cos(self) -> Tensor:
        """The cosine."""
    def cos_(self) -> Tensor:
        """The cosine."""
    def cosh(self) -> Tensor:
        """The hyperbolic cosine."""
    def cosh_(self) -> Tensor:
        """The hyperbolic cosine."""
    def cpu(self) -> Tensor:
        """On the CPU."""
    def deg2rad(self) -> Tensor:
        """From degrees to radians."""
    def deg2rad_(self) -> Tensor:
        """From degrees to radians."""
    def digamma(self) -> Tensor:
        """The derivative of `lgamma`."""
    def digamma_(self) -> Tensor:
        """The derivative of `lgamma`."""
    @overload
    def div(self, other: Tensor | Number, *, rounding_mode: _str | None) -> Tensor:
        """Divides, then rounds to 'trunc' or 'floor'."""
    @overload
    def div(self, other: Tensor | Number) -> Tensor:
        """Divides; integers become floats."""
    @overload
    def div_(self, other: Tensor | Number, *, rounding_mode: _str | None) -> Tensor:
        """Divides, then rounds to 'trunc' or 'floor'."""
    @overload
    def div_(self, other: Tensor | Number) -> Tensor:
        """Divides; integers become floats."""
    def double(self) -> Tensor:
        """As `float64`."""
    def elu_(self, alpha: Number = 1.0) -> Tensor:
        """x if positive, else `alpha * (exp(x) - 1)`."""
    def eq(self, other: Tensor | Number) -> Tensor:
        """Whether they are equal."""
    def eq_(self, other: Tensor | Number) -> Tensor:
        """Whether they are equal."""
    def equal(self, other: Tensor) -> _bool:
        """Whether shapes and elements are equal."""
    def erf(self) -> Tensor:
        """The error function."""
    def erf_(self) -> Tensor:
        """The error function."""
    def erfc(self) -> Tensor:
        """1 - erf(x), exact far from zero."""
    def erfc_(self) -> Tensor:
        """1 - erf(x), exact far from zero."""
    def erfinv(self) -> Tensor:
        """The inverse of the error function."""
    def erfinv_(self) -> Tensor:
        """The inverse of the error function."""
    def exp(self) -> Tensor:
        """e to the power x."""
    def exp2(self) -> Tensor:
        """2 to the power x."""
    def exp2_(self) -> Tensor:
        """2 to the power x."""
    def exp_(self) -> Tensor:
        """e to the power x."""
    def expm1(self) -> Tensor:
        """exp(x) - 1, exact near zero."""
    def expm1_(self) -> Tensor:
        """exp(x) - 1, exact near zero."""
    def float(self) -> Tensor:
        """As `float32`."""
    def float_power(self, exponent: Tensor | Number) -> Tensor:
        """`input` to the power `exponent`, in double precision."""
    def float_power_(self, exponent: Tensor | Number) -> Tensor:
        """`input` to the power `exponent`, in double precision."""
    def floor(self) -> Tensor:
        """Rounds down."""
    def floor_(self) -> Tensor:
        """Rounds down."""
    def floor_divide(self, other: Tensor | Number) -> Tensor:
        """Divides and rounds down."""
    def floor_divide_(self, other: Tensor | Number) -> Tensor:
        """Divides and rounds down."""
    def fmax(self, other: Tensor | Number) -> Tensor:
        """The larger; a number wins against NaN."""
    def fmin(self, other: Tensor | Number) -> Tensor:
        """The smaller; a number wins against NaN."""
    def fmod(self, other: Tensor | Number) -> Tensor:
        """What is left of division rounded towards zero: the sign of the dividend, as C's `fmod`."""
    def fmod_(self, other: Tensor | Number) -> Tensor:
        """What is left of division rounded towards zero: the sign of the dividend, as C's `fmod`."""
    def frac(self) -> Tensor:
        """The part after the point, with the number's sign."""
    def frac_(self) -> Tensor:
        """The part after the point, with the number's sign."""
    def ge(self, other: Tensor | Number) -> Tensor:
        """input >= other."""
    def ge_(self, other: Tensor | Number) -> Tensor:
        """input >= other."""
    def gt(self, other: Tensor | Number) -> Tensor:
        """input > other."""
    def gt_(self, other: Tensor | Number) -> Tensor:
        """input > other."""
    def half(self) -> Tensor:
        """As `float16`."""
    def hardshrink(self, lambd: Number = 0.5) -> Tensor:
        """x, but 0 between `-lambd` and `lambd`."""
    def hardtanh_(self, min_val: Number = -1.0, max_val: Number = 1.0) -> Tensor:
        """x between `min_val` and `max_val`."""
    def heaviside(self, values: Tensor | Number) -> Tensor:
        """0 below zero, `values` at zero, 1 above."""
    def heaviside_(self, values: Tensor | Number) -> Tensor:
        """0 below zero, `values` at zero, 1 above."""
    def hypot(self, other: Tensor | Number) -> Tensor:
        """The length of the hypotenuse, without overflow on the way."""
    def hypot_(self, other: Tensor | Number) -> Tensor:
        """The length of the hypotenuse, without overflow on the way."""
    def int(self) -> Tensor:
        """As `int32`."""
    def isclose(
        self, other: Tensor, rtol: _float = 1e-5, atol: _float = 1e-8, equal_nan: _bool = False
    ) -> Tensor:
        """Whether they differ by at most `atol + rtol * |other|`."""
    def isfinite(self) -> Tensor:
        """Whether it is neither infinite nor NaN."""
    def isinf(self) -> Tensor:
        """Whether it is infinite."""
    def isnan(self) -> Tensor:
        """Whether it is not a number."""
    def isneginf(self) -> Tensor:
        """Whether it is minus infinity."""
    def isposinf(self) -> Tensor:
        """Whether it is plus infinity."""
    def ldexp(self, other: Tensor | Number) -> Tensor:
        """`input * 2 ** other`."""
    def ldexp_(self, other: Tensor | Number) -> Tensor:
        """`input * 2 ** other`."""
    def le(self, other: Tensor | Number) -> Tensor:
        """input <= other."""
    def le_(self, other: Tensor | Number) -> Tensor:
        """input <= other."""
    def leaky_relu_(self, negative_slope: Number = 0.01) -> Tensor:
        """x if positive, else `negative_slope * x`."""
    def lerp(self, end: Tensor | Number, weight: Tensor | Number) -> Tensor:
        """From `input` to `end` by the share `weight`."""
    def lerp_(self, end: Tensor | Number, weight: Tensor | Number) -> Tensor:
        """From `input` to `end` by the share `weight`."""
    def lgamma(self) -> Tensor:
        """The logarithm of |gamma(x)|."""
    def lgamma_(self) -> Tensor:
        """The logarithm of |gamma(x)|."""
    def log(self) -> Tensor:
        """The natural logarithm."""
    def log10(self) -> Tensor:
        """The logarithm to base 10."""
    def log10_(self) -> Tensor:
        """The logarithm to base 10."""
    def log1p(self) -> Tensor:
        """log(1 + x), exact near zero."""
    def log1p_(self) -> Tensor:
        """log(1 + x), exact near zero."""
    def log2(self) -> Tensor:
        """The logarithm to base 2."""
    def log2_(self) -> Tensor:
        """The logarithm to base 2."""
    def log_(self) -> Tensor:
        """The natural logarithm."""
    def logaddexp(self, other: Tensor | Number) -> Tensor:
        """log(exp(x) + exp(y)), without overflow."""
    def logaddexp2(self, other: Tensor | Number) -> Tensor:
        """log2(2 ** x + 2 ** y), without overflow."""
    def logical_and(self, other: Tensor | Number) -> Tensor:
        """Whether both are true, that is not zero."""
    def logical_and_(self, other: Tensor | Number) -> Tensor:
        """Whether both are true, that is not zero."""
    def logical_not(self) -> Tensor:
        """Whether it is zero."""
    def logical_not_(self) -> Tensor:
        """Whether it is zero."""
    def logical_or(self, other: Tensor | Number) -> Tensor:
        """Whether one of them is true, that is not zero."""
    def logical_or_(self, other: Tensor | Number) -> Tensor:
        """Whether one of them is true, that is not zero."""
    def logical_xor(self, other: Tensor | Number) -> Tensor:
        """Whether exactly one of them is true, that is not zero."""
    def logical_xor_(self, other: Tensor | Number) -> Tensor:
        """Whether exactly one of them is true, that is not zero."""
    @overload
    def logit(self, eps: _float | None) -> Tensor:
        """The inverse of `sigmoid`, of `input` clamped to [eps, 1 - eps]."""
    @overload
    def logit(self) -> Tensor:
        """The inverse of `sigmoid`: log(x / (1 - x))."""
    @overload
    def logit_(self, eps: _float | None) -> Tensor:
        """The inverse of `sigmoid`, of `input` clamped to [eps, 1 - eps]."""
    @overload
    def logit_(self) -> Tensor:
        """The inverse of `sigmoid`: log(x / (1 - x))."""
    def long(self) -> Tensor:
        """As `int64`."""
    def lt(self, other: Tensor | Number) -> Tensor:
        """input < other."""
    def lt_(self, other: Tensor | Number) -> Tensor:
        """input < other."""
    def masked_fill(self, mask: Tensor, value: Tensor | Number) -> Tensor:
        """A copy with `value` where the mask holds; the mask is broadcast."""
    def masked_fill_(self, mask: Tensor, value: Tensor | Number) -> Tensor:
        """A copy with `value` where the mask holds; the mask is broadcast."""
    def maximum(self, other: Tensor | Number) -> Tensor:
        """The larger; NaN if either is."""
    def minimum(self, other: Tensor | Number) -> Tensor:
        """The smaller; NaN if either is."""
    def mul(self, other: Tensor | Number) -> Tensor:
        """Multiplies; on booleans, and."""
    def mul_(self, other: Tensor | Number) -> Tensor:
        """Multiplies; on booleans, and."""
    def nan_to_num(
        self, nan: _float | None = None, posinf: _float | None = None, neginf: _float | None = None
    ) -> Tensor:
        """Other numbers in place of NaN and the infinities: 0 and the largest ones if nothing is said."""
    def nan_to_num_(
        self, nan: _float | None = None, posinf: _float | None = None, neginf: _float | None = None
    ) -> Tensor:
        """Other numbers in place of NaN and the infinities: 0 and the largest ones if nothing is said."""
    def ne(self, other: Tensor | Number) -> Tensor:
        """Whether they differ; NaN differs from everything."""
    def ne_(self, other: Tensor | Number) -> Tensor:
        """Whether they differ; NaN differs from everything."""
    def neg(self) -> Tensor:
        """The opposite number."""
    def neg_(self) -> Tensor:
        """The opposite number."""
    def polygamma(self, n: _int) -> Tensor:
        """The n-th derivative of `digamma`, for n up to 1."""
    def polygamma_(self, n: _int) -> Tensor:
        """The n-th derivative of `digamma`, for n up to 1."""
    def positive(self) -> Tensor:
        """The number itself; booleans are refused."""
    @overload
    def pow(self, exponent: Number) -> Tensor:
        """`input` to the power of a number; squares, roots and the like have kernels of their own."""
    @overload
    def pow(self, exponent: Tensor | Number) -> Tensor:
        """`input` to the power `exponent`."""
    @overload
    def pow_(self, exponent: Number) -> Tensor:
        """`input` to the power of a number; squares, roots and the like have kernels of their own."""
    @overload
    def pow_(self, exponent: Tensor | Number) -> Tensor:
        """`input` to the power `exponent`."""
    def prelu(self, weight: Tensor) -> Tensor:
        """x if positive, else `weight * x`, with one weight or one for each channel (dimension 1)."""
    def rad2deg(self) -> Tensor:
        """From radians to degrees."""
    def rad2deg_(self) -> Tensor:
        """From radians to degrees."""
    def reciprocal(self) -> Tensor:
        """1 / x."""
    def reciprocal_(self) -> Tensor:
        """1 / x."""
    def relu(self) -> Tensor:
        """max(x, 0), with gradient 0 at 0."""
    def relu_(self) -> Tensor:
        """max(x, 0), with gradient 0 at 0."""
    def remainder(self, other: Tensor | Number) -> Tensor:
        """What is left of division rounded down: the sign of the divisor, as Python's `%`."""
    def remainder_(self, other: Tensor | Number) -> Tensor:
        """What is left of division rounded down: the sign of the divisor, as Python's `%`."""
    @overload
    def round(self, *, decimals: _int) -> Tensor:
        """Rounds to so many decimals; to tens, hundreds .. if they are negative."""
    @overload
    def round(self) -> Tensor:
        """Rounds to the nearest integer, halves to the even one."""
    @overload
    def round_(self, *, decimals: _int) -> Tensor:
        """Rounds to so many decimals; to tens, hundreds .. if they are negative."""
    @overload
    def round_(self) -> Tensor:
        """Rounds to the nearest integer, halves to the even one."""
    def rrelu_(
        self, lower: _float = 0.125, upper: _float = 0.3333333333333333, training: _bool = False
    ) -> Tensor:
        """As `leaky_relu` with a slope drawn from [lower, upper] for each element in training, their mean
        otherwise."""
    def rsqrt(self) -> Tensor:
        """1 / sqrt(x)."""
    def rsqrt_(self) -> Tensor:
        """1 / sqrt(x)."""
    def selu_(self) -> Tensor:
        """`elu` with the scales that keep mean 0 and variance 1."""
    def sgn(self) -> Tensor:
        """As `sign`, for real numbers."""
    def sgn_(self) -> Tensor:
        """As `sign`, for real numbers."""
    def short(self) -> Tensor:
        """As `int16`."""
    def sigmoid(self) -> Tensor:
        """1 / (1 + exp(-x))."""
    def sigmoid_(self) -> Tensor:
        """1 / (1 + exp(-x))."""
    def sign(self) -> Tensor:
        """-1, 0 or 1, as the sign is."""
    def sign_(self) -> Tensor:
        """-1, 0 or 1, as the sign is."""
    def signbit(self) -> Tensor:
        """Whether its sign bit is set; so it is for -0.0."""
    def sin(self) -> Tensor:
        """The sine."""
    def sin_(self) -> Tensor:
        """The sine."""
    def sinc(self) -> Tensor:
        """sin(pi x) / (pi x), 1 at zero."""
    def sinc_(self) -> Tensor:
        """sin(pi x) / (pi x), 1 at zero."""
    def sinh(self) -> Tensor:
        """The hyperbolic sine."""
    def sinh_(self) -> Tensor:
        """The hyperbolic sine."""
    def sqrt(self) -> Tensor:
        """The square root."""
    def sqrt_(self) -> Tensor:
        """The square root."""
    def square(self) -> Tensor:
        """The square."""
    def square_(self) -> Tensor:
        """The square."""
    @overload
    def sub(self, other: Tensor | Number) -> Tensor:
        """Subtracts."""
    @overload
    def sub(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Subtracts `alpha` times `other`."""
    @overload
    def sub_(self, other: Tensor | Number) -> Tensor:
        """Subtracts."""
    @overload
    def sub_(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Subtracts `alpha` times `other`."""
    def tan(self) -> Tensor:
        """The tangent."""
    def tan_(self) -> Tensor:
        """The tangent."""
    def tanh(self) -> Tensor:
        """The hyperbolic tangent."""
    def tanh_(self) -> Tensor:
        """The hyperbolic tangent."""
    def threshold_(self, threshold: Number, value: Number) -> Tensor:
        """x above the threshold, else `value`."""
    @overload
    def to(self, dtype: _dtype, non_blocking: _bool = False, copy: _bool = False) -> Tensor:
        """As another dtype; itself if it has it already."""
    @overload
    def to(
        self,
        device: DeviceLike | None = None,
        dtype: _dtype | None = None,
        non_blocking: _bool = False,
        copy: _bool = False,
    ) -> Tensor:
        """On another device, as another dtype if one is named."""
    @overload
    def to(self, other: Tensor, non_blocking: _bool = False, copy: _bool = False) -> Tensor:
        """With the dtype and device of another tensor."""
    def trunc(self) -> Tensor:
        """Rounds towards zero."""
    def trunc_(self) -> Tensor:
        """Rounds towards zero."""
    def type_as(self, other: Tensor) -> Tensor:
        """With the dtype and device of another tensor."""
    def where(self, condition: Tensor, other: Tensor | Number) -> Tensor:
        """`input` where the condition holds, else `other`."""
    def xlogy(self, other: Tensor | Number) -> Tensor:
        """x * log(y); 0 where x is, even if the logarithm is not a number."""
    def xlogy_(self, other: Tensor | Number) -> Tensor:
        """x * log(y); 0 where x is, even if the logarithm is not a number."""

def tensor(
    data: Any,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """A tensor with a copy of the data: a number, nested lists, an array, a tensor."""

def as_tensor(data: Any, dtype: _dtype | None = None, device: DeviceLike | None = None) -> Tensor:
    """A tensor of the data, which it shares where it can."""

def asarray(
    obj: Any,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    copy: _bool | None = None,
    requires_grad: _bool = False,
) -> Tensor:
    """A tensor of the data, shared or copied as asked."""

def from_numpy(ndarray: Any) -> Tensor:
    """A tensor that shares the array's memory."""

def frombuffer(
    buffer: Any,
    dtype: _dtype | None = None,
    count: _int = -1,
    offset: _int = 0,
    requires_grad: _bool = False,
) -> Tensor:
    """A tensor that shares the memory of an object with Python's buffer protocol."""

def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor that shares the memory of another library's."""

def abs(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The absolute value."""

def abs_(input: Tensor) -> Tensor:
    """The absolute value."""

def acos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the cosine."""

def acos_(input: Tensor) -> Tensor:
    """The inverse of the cosine."""

def acosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the hyperbolic cosine."""

def acosh_(input: Tensor) -> Tensor:
    """The inverse of the hyperbolic cosine."""

@overload
def add(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Adds; on booleans, or."""

@overload
def add(input: Tensor, other: Tensor | Number, *, alpha: Number = 1, out: Tensor | None = None) -> Tensor:
    """Adds `alpha` times `other`."""

@overload
def add_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Adds; on booleans, or."""

@overload
def add_(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """Adds `alpha` times `other`."""

def addcdiv(
    input: Tensor,
    tensor1: Tensor | Number,
    tensor2: Tensor | Number,
    *,
    value: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """`input + value * tensor1 / tensor2`."""

def addcdiv_(
    input: Tensor, tensor1: Tensor | Number, tensor2: Tensor | Number, *, value: Number = 1
) -> Tensor:
    """`input + value * tensor1 / tensor2`."""

def addcmul(
    input: Tensor,
    tensor1: Tensor | Number,
    tensor2: Tensor | Number,
    *,
    value: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """`input + value * tensor1 * tensor2`."""

def addcmul_(
    input: Tensor, tensor1: Tensor | Number, tensor2: Tensor | Number, *, value: Number = 1
) -> Tensor:
    """`input + value * tensor1 * tensor2`."""

def allclose(
    input: Tensor, other: Tensor, rtol: _float = 1e-5, atol: _float = 1e-8, equal_nan: _bool = False
) -> _bool:
    """Whether all elements differ by at most `atol + rtol * |other|`."""

def asin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the sine."""

def asin_(input: Tensor) -> Tensor:
    """The inverse of the sine."""

def asinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the hyperbolic sine."""

def asinh_(input: Tensor) -> Tensor:
    """The inverse of the hyperbolic sine."""

def atan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the tangent."""

def atan2(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The angle of the point (other, input)."""

def atan2_(input: Tensor, other: Tensor | Number) -> Tensor:
    """The angle of the point (other, input)."""

def atan_(input: Tensor) -> Tensor:
    """The inverse of the tangent."""

def atanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the hyperbolic tangent."""

def atanh_(input: Tensor) -> Tensor:
    """The inverse of the hyperbolic tangent."""

def bitwise_and(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The bits set in both; on booleans, and."""

def bitwise_and_(input: Tensor, other: Tensor | Number) -> Tensor:
    """The bits set in both; on booleans, and."""

def bitwise_left_shift(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Bits moved to the left; 0 where they are moved too far."""

def bitwise_left_shift_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Bits moved to the left; 0 where they are moved too far."""

def bitwise_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Every bit flipped; on booleans, not."""

def bitwise_not_(input: Tensor) -> Tensor:
    """Every bit flipped; on booleans, not."""

def bitwise_or(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The bits set in either; on booleans, or."""

def bitwise_or_(input: Tensor, other: Tensor | Number) -> Tensor:
    """The bits set in either; on booleans, or."""

def bitwise_right_shift(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Bits moved to the right, keeping the sign; a negative shift counts as one too far."""

def bitwise_right_shift_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Bits moved to the right, keeping the sign; a negative shift counts as one too far."""

def bitwise_xor(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The bits set in one of them; on booleans, exclusive or."""

def bitwise_xor_(input: Tensor, other: Tensor | Number) -> Tensor:
    """The bits set in one of them; on booleans, exclusive or."""

def ceil(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounds up."""

def ceil_(input: Tensor) -> Tensor:
    """Rounds up."""

def celu(input: Tensor, alpha: Number = 1.0) -> Tensor:
    """x if positive, else `alpha * (exp(x / alpha) - 1)`: its slope has no jump."""

def celu_(input: Tensor, alpha: Number = 1.0) -> Tensor:
    """x if positive, else `alpha * (exp(x / alpha) - 1)`: its slope has no jump."""

def clamp(
    input: Tensor,
    min: Tensor | Number | None = None,
    max: Tensor | Number | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Between `min` and `max`; either may be left out."""

def clamp_(input: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
    """Between `min` and `max`; either may be left out."""

def clamp_max(input: Tensor, max: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """At most `max`."""

def clamp_max_(input: Tensor, max: Tensor | Number) -> Tensor:
    """At most `max`."""

def clamp_min(input: Tensor, min: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """At least `min`."""

def clamp_min_(input: Tensor, min: Tensor | Number) -> Tensor:
    """At least `min`."""

def clone(input: Tensor) -> Tensor:
    """A copy of the data, on the tape."""

def copysign(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """|input| with the sign of `other`."""

def copysign_(input: Tensor, other: Tensor | Number) -> Tensor:
    """|input| with the sign of `other`."""

def cos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The cosine."""

def cos_(input: Tensor) -> Tensor:
    """The cosine."""

def cosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic cosine."""

def cosh_(input: Tensor) -> Tensor:
    """The hyperbolic cosine."""

def deg2rad(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """From degrees to radians."""

def deg2rad_(input: Tensor) -> Tensor:
    """From degrees to radians."""

def digamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The derivative of `lgamma`."""

def digamma_(input: Tensor) -> Tensor:
    """The derivative of `lgamma`."""

@overload
def div(
    input: Tensor, other: Tensor | Number, *, rounding_mode: _str | None, out: Tensor | None = None
) -> Tensor:
    """Divides, then rounds to 'trunc' or 'floor'."""

@overload
def div(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Divides; integers become floats."""

@overload
def div_(input: Tensor, other: Tensor | Number, *, rounding_mode: _str | None) -> Tensor:
    """Divides, then rounds to 'trunc' or 'floor'."""

@overload
def div_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Divides; integers become floats."""

def elu_(input: Tensor, alpha: Number = 1.0) -> Tensor:
    """x if positive, else `alpha * (exp(x) - 1)`."""

def eq(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Whether they are equal."""

def eq_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Whether they are equal."""

def equal(input: Tensor, other: Tensor) -> _bool:
    """Whether shapes and elements are equal."""

def erf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The error function."""

def erf_(input: Tensor) -> Tensor:
    """The error function."""

def erfc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 - erf(x), exact far from zero."""

def erfc_(input: Tensor) -> Tensor:
    """1 - erf(x), exact far from zero."""

def erfinv(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the error function."""

def erfinv_(input: Tensor) -> Tensor:
    """The inverse of the error function."""

def exp(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """e to the power x."""

def exp2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """2 to the power x."""

def exp2_(input: Tensor) -> Tensor:
    """2 to the power x."""

def exp_(input: Tensor) -> Tensor:
    """e to the power x."""

def expm1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exp(x) - 1, exact near zero."""

def expm1_(input: Tensor) -> Tensor:
    """exp(x) - 1, exact near zero."""

def float_power(input: Tensor, exponent: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """`input` to the power `exponent`, in double precision."""

def float_power_(input: Tensor, exponent: Tensor | Number) -> Tensor:
    """`input` to the power `exponent`, in double precision."""

def floor(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounds down."""

def floor_(input: Tensor) -> Tensor:
    """Rounds down."""

def floor_divide(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Divides and rounds down."""

def floor_divide_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Divides and rounds down."""

def fmax(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The larger; a number wins against NaN."""

def fmin(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The smaller; a number wins against NaN."""

def fmod(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """What is left of division rounded towards zero: the sign of the dividend, as C's `fmod`."""

def fmod_(input: Tensor, other: Tensor | Number) -> Tensor:
    """What is left of division rounded towards zero: the sign of the dividend, as C's `fmod`."""

def frac(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The part after the point, with the number's sign."""

def frac_(input: Tensor) -> Tensor:
    """The part after the point, with the number's sign."""

def ge(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input >= other."""

def ge_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input >= other."""

def gt(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input > other."""

def gt_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input > other."""

def hardshrink(input: Tensor, lambd: Number = 0.5) -> Tensor:
    """x, but 0 between `-lambd` and `lambd`."""

def hardtanh_(input: Tensor, min_val: Number = -1.0, max_val: Number = 1.0) -> Tensor:
    """x between `min_val` and `max_val`."""

def heaviside(input: Tensor, values: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """0 below zero, `values` at zero, 1 above."""

def heaviside_(input: Tensor, values: Tensor | Number) -> Tensor:
    """0 below zero, `values` at zero, 1 above."""

def hypot(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The length of the hypotenuse, without overflow on the way."""

def hypot_(input: Tensor, other: Tensor | Number) -> Tensor:
    """The length of the hypotenuse, without overflow on the way."""

def isclose(
    input: Tensor, other: Tensor, rtol: _float = 1e-5, atol: _float = 1e-8, equal_nan: _bool = False
) -> Tensor:
    """Whether they differ by at most `atol + rtol * |other|`."""

def isfinite(input: Tensor) -> Tensor:
    """Whether it is neither infinite nor NaN."""

def isinf(input: Tensor) -> Tensor:
    """Whether it is infinite."""

def isnan(input: Tensor) -> Tensor:
    """Whether it is not a number."""

def isneginf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is minus infinity."""

def isposinf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is plus infinity."""

def ldexp(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """`input * 2 ** other`."""

def ldexp_(input: Tensor, other: Tensor | Number) -> Tensor:
    """`input * 2 ** other`."""

def le(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input <= other."""

def le_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input <= other."""

def leaky_relu_(input: Tensor, negative_slope: Number = 0.01) -> Tensor:
    """x if positive, else `negative_slope * x`."""

def lerp(
    input: Tensor, end: Tensor | Number, weight: Tensor | Number, *, out: Tensor | None = None
) -> Tensor:
    """From `input` to `end` by the share `weight`."""

def lerp_(input: Tensor, end: Tensor | Number, weight: Tensor | Number) -> Tensor:
    """From `input` to `end` by the share `weight`."""

def lgamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of |gamma(x)|."""

def lgamma_(input: Tensor) -> Tensor:
    """The logarithm of |gamma(x)|."""

def log(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The natural logarithm."""

def log10(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm to base 10."""

def log10_(input: Tensor) -> Tensor:
    """The logarithm to base 10."""

def log1p(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """log(1 + x), exact near zero."""

def log1p_(input: Tensor) -> Tensor:
    """log(1 + x), exact near zero."""

def log2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm to base 2."""

def log2_(input: Tensor) -> Tensor:
    """The logarithm to base 2."""

def log_(input: Tensor) -> Tensor:
    """The natural logarithm."""

def logaddexp(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """log(exp(x) + exp(y)), without overflow."""

def logaddexp2(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """log2(2 ** x + 2 ** y), without overflow."""

def logical_and(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Whether both are true, that is not zero."""

def logical_and_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Whether both are true, that is not zero."""

def logical_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is zero."""

def logical_not_(input: Tensor) -> Tensor:
    """Whether it is zero."""

def logical_or(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Whether one of them is true, that is not zero."""

def logical_or_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Whether one of them is true, that is not zero."""

def logical_xor(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Whether exactly one of them is true, that is not zero."""

def logical_xor_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Whether exactly one of them is true, that is not zero."""

@overload
def logit(input: Tensor, eps: _float | None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `sigmoid`, of `input` clamped to [eps, 1 - eps]."""

@overload
def logit(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `sigmoid`: log(x / (1 - x))."""

@overload
def logit_(input: Tensor, eps: _float | None) -> Tensor:
    """The inverse of `sigmoid`, of `input` clamped to [eps, 1 - eps]."""

@overload
def logit_(input: Tensor) -> Tensor:
    """The inverse of `sigmoid`: log(x / (1 - x))."""

def lt(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input < other."""

def lt_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input < other."""

def masked_fill(input: Tensor, mask: Tensor, value: Tensor | Number) -> Tensor:
    """A copy with `value` where the mask holds; the mask is broadcast."""

def masked_fill_(input: Tensor, mask: Tensor, value: Tensor | Number) -> Tensor:
    """A copy with `value` where the mask holds; the mask is broadcast."""

def maximum(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The larger; NaN if either is."""

def minimum(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The smaller; NaN if either is."""

def mul(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Multiplies; on booleans, and."""

def mul_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Multiplies; on booleans, and."""

def nan_to_num(
    input: Tensor,
    nan: _float | None = None,
    posinf: _float | None = None,
    neginf: _float | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Other numbers in place of NaN and the infinities: 0 and the largest ones if nothing is said."""

def nan_to_num_(
    input: Tensor, nan: _float | None = None, posinf: _float | None = None, neginf: _float | None = None
) -> Tensor:
    """Other numbers in place of NaN and the infinities: 0 and the largest ones if nothing is said."""

def ne(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Whether they differ; NaN differs from everything."""

def ne_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Whether they differ; NaN differs from everything."""

def neg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The opposite number."""

def neg_(input: Tensor) -> Tensor:
    """The opposite number."""

def polygamma(n: _int, input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The n-th derivative of `digamma`, for n up to 1."""

def polygamma_(n: _int, input: Tensor) -> Tensor:
    """The n-th derivative of `digamma`, for n up to 1."""

def positive(input: Tensor) -> Tensor:
    """The number itself; booleans are refused."""

@overload
def pow(input: Tensor, exponent: Number, *, out: Tensor | None = None) -> Tensor:
    """`input` to the power of a number; squares, roots and the like have kernels of their own."""

@overload
def pow(input: Number, exponent: Tensor) -> Tensor:
    """A number to the power `exponent`."""

@overload
def pow(input: Tensor, exponent: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """`input` to the power `exponent`."""

@overload
def pow_(input: Tensor, exponent: Number) -> Tensor:
    """`input` to the power of a number; squares, roots and the like have kernels of their own."""

@overload
def pow_(input: Tensor, exponent: Tensor | Number) -> Tensor:
    """`input` to the power `exponent`."""

def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x if positive, else `weight * x`, with one weight or one for each channel (dimension 1)."""

def rad2deg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """From radians to degrees."""

def rad2deg_(input: Tensor) -> Tensor:
    """From radians to degrees."""

def reciprocal(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / x."""

def reciprocal_(input: Tensor) -> Tensor:
    """1 / x."""

def relu(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """max(x, 0), with gradient 0 at 0."""

def relu_(input: Tensor) -> Tensor:
    """max(x, 0), with gradient 0 at 0."""

def remainder(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """What is left of division rounded down: the sign of the divisor, as Python's `%`."""

def remainder_(input: Tensor, other: Tensor | Number) -> Tensor:
    """What is left of division rounded down: the sign of the divisor, as Python's `%`."""

@overload
def round(input: Tensor, *, decimals: _int, out: Tensor | None = None) -> Tensor:
    """Rounds to so many decimals; to tens, hundreds .. if they are negative."""

@overload
def round(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounds to the nearest integer, halves to the even one."""

@overload
def round_(input: Tensor, *, decimals: _int) -> Tensor:
    """Rounds to so many decimals; to tens, hundreds .. if they are negative."""

@overload
def round_(input: Tensor) -> Tensor:
    """Rounds to the nearest integer, halves to the even one."""

def rrelu(
    input: Tensor, lower: _float = 0.125, upper: _float = 0.3333333333333333, training: _bool = False
) -> Tensor:
    """As `leaky_relu` with a slope drawn from [lower, upper] for each element in training, their mean
    otherwise."""

def rrelu_(
    input: Tensor, lower: _float = 0.125, upper: _float = 0.3333333333333333, training: _bool = False
) -> Tensor:
    """As `leaky_relu` with a slope drawn from [lower, upper] for each element in training, their mean
    otherwise."""

def rsqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / sqrt(x)."""

def rsqrt_(input: Tensor) -> Tensor:
    """1 / sqrt(x)."""

@overload
def rsub(input: Tensor, other: Tensor | Number) -> Tensor:
    """Subtracts `input` from `other`."""

@overload
def rsub(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """Subtracts `alpha` times `input` from `other`."""

def selu(input: Tensor) -> Tensor:
    """`elu` with the scales that keep mean 0 and variance 1."""

def selu_(input: Tensor) -> Tensor:
    """`elu` with the scales that keep mean 0 and variance 1."""

def sgn(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """As `sign`, for real numbers."""

def sgn_(input: Tensor) -> Tensor:
    """As `sign`, for real numbers."""

def sigmoid(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / (1 + exp(-x))."""

def sigmoid_(input: Tensor) -> Tensor:
    """1 / (1 + exp(-x))."""

def sign(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """-1, 0 or 1, as the sign is."""

def sign_(input: Tensor) -> Tensor:
    """-1, 0 or 1, as the sign is."""

def signbit(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether its sign bit is set; so it is for -0.0."""

def sin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sine."""

def sin_(input: Tensor) -> Tensor:
    """The sine."""

def sinc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """sin(pi x) / (pi x), 1 at zero."""

def sinc_(input: Tensor) -> Tensor:
    """sin(pi x) / (pi x), 1 at zero."""

def sinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic sine."""

def sinh_(input: Tensor) -> Tensor:
    """The hyperbolic sine."""

def sqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The square root."""

def sqrt_(input: Tensor) -> Tensor:
    """The square root."""

def square(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The square."""

def square_(input: Tensor) -> Tensor:
    """The square."""

@overload
def sub(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Subtracts."""

@overload
def sub(input: Tensor, other: Tensor | Number, *, alpha: Number = 1, out: Tensor | None = None) -> Tensor:
    """Subtracts `alpha` times `other`."""

@overload
def sub_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Subtracts."""

@overload
def sub_(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """Subtracts `alpha` times `other`."""

def tan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The tangent."""

def tan_(input: Tensor) -> Tensor:
    """The tangent."""

def tanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic tangent."""

def tanh_(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""

def threshold(input: Tensor, threshold: Number, value: Number) -> Tensor:
    """x above the threshold, else `value`."""

def threshold_(input: Tensor, threshold: Number, value: Number) -> Tensor:
    """x above the threshold, else `value`."""

def trunc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounds towards zero."""

def trunc_(input: Tensor) -> Tensor:
    """Rounds towards zero."""

def where(
    condition: Tensor, input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None
) -> Tensor:
    """`input` where the condition holds, else `other`."""

def xlogy(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x * log(y); 0 where x is, even if the logarithm is not a number."""

def xlogy_(input: Tensor, other: Tensor | Number) -> Tensor:
    """x * log(y); 0 where x is, even if the logarithm is not a number."""
