"""The extension module."""

from builtins import bool as _bool
from builtins import complex as _complex
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from builtins import type as _type
from collections.abc import Callable, Iterator, Sequence
from types import EllipsisType
from typing import Any, ClassVar, Literal, NamedTuple, NoReturn, Self, TypeAlias, TypeGuard, TypeVar, overload

from spiraltorch_rs._size import Size

# Functions and methods of the operator table are put in at the marks by tools/generate.py.

__version__: str

_Subclass = TypeVar("_Subclass", bound="Tensor")
Number: TypeAlias = _bool | _int | _float | _complex
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
    def to_real(self) -> dtype:
        """The dtype of real numbers of the same precision."""
    def to_complex(self) -> dtype:
        """The complex dtype of the same precision."""

_dtype: TypeAlias = dtype

class layout:
    """How a tensor keeps its elements."""

class memory_format:
    """In which order the dimensions of an image stand in memory."""

    contiguous_format: ClassVar[memory_format]
    preserve_format: ClassVar[memory_format]
    channels_last: ClassVar[memory_format]
    channels_last_3d: ClassVar[memory_format]

_layout: TypeAlias = layout

class device:
    """Where a tensor lives: a kind and, optionally, which of them."""

    def __new__(cls, type: DeviceLike, index: _int | None = None) -> device: ...
    @property
    def type(self) -> _str: ...
    @property
    def index(self) -> _int | None: ...
    def __enter__(self) -> device: ...
    def __exit__(self, *error: object) -> None: ...

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
uint16: dtype
uint32: dtype
uint64: dtype
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

strided: layout
sparse_coo: layout
sparse_csr: layout
sparse_csc: layout
sparse_bsr: layout
sparse_bsc: layout
jagged: layout
contiguous_format: memory_format
preserve_format: memory_format
channels_last: memory_format
channels_last_3d: memory_format
legacy_contiguous_format: memory_format
bcomplex32: dtype
chalf: dtype
complex32: dtype
complex64: dtype
cfloat: dtype
complex128: dtype
cdouble: dtype

_namespaces: dict[_str, dict[_str, Callable[..., Any]]]

class _LInfo(NamedTuple):
    L: Tensor
    info: Tensor

class _LdPivots(NamedTuple):
    LD: Tensor
    pivots: Tensor

class _LdPivotsInfo(NamedTuple):
    LD: Tensor
    pivots: Tensor
    info: Tensor

class _LuPivots(NamedTuple):
    LU: Tensor
    pivots: Tensor

class _LuPivotsInfo(NamedTuple):
    LU: Tensor
    pivots: Tensor
    info: Tensor

class _PLU(NamedTuple):
    P: Tensor
    L: Tensor
    U: Tensor

class _QR(NamedTuple):
    Q: Tensor
    R: Tensor

class _USV(NamedTuple):
    U: Tensor
    S: Tensor
    V: Tensor

class _USVh(NamedTuple):
    U: Tensor
    S: Tensor
    Vh: Tensor

class _ATau(NamedTuple):
    a: Tensor
    tau: Tensor

class _EigenvaluesEigenvectors(NamedTuple):
    eigenvalues: Tensor
    eigenvectors: Tensor

class _HistBinEdges(NamedTuple):
    hist: Tensor
    bin_edges: Tensor

class _InverseInfo(NamedTuple):
    inverse: Tensor
    info: Tensor

class _MantissaExponent(NamedTuple):
    mantissa: Tensor
    exponent: Tensor

class _MinMax(NamedTuple):
    min: Tensor
    max: Tensor

class _OutputInverseIndicesCounts(NamedTuple):
    output: Tensor
    inverse_indices: Tensor
    counts: Tensor

class _ResultInfo(NamedTuple):
    result: Tensor
    info: Tensor

class _SignLogabsdet(NamedTuple):
    sign: Tensor
    logabsdet: Tensor

class _SolutionClonedCoefficient(NamedTuple):
    solution: Tensor
    cloned_coefficient: Tensor

class _SolutionResidualsRankSingularValues(NamedTuple):
    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor

class _StdMean(NamedTuple):
    std: Tensor
    mean: Tensor

class _ValuesIndices(NamedTuple):
    values: Tensor
    indices: Tensor

class _VarMean(NamedTuple):
    var: Tensor
    mean: Tensor

class _LinAlgError(RuntimeError):
    """A matrix has no answer: it is singular, or not positive-definite."""

class OutOfMemoryError(RuntimeError):
    """A device has no memory left."""

class Generator:
    """A source of random numbers."""

    def __new__(cls, device: DeviceLike | None = None) -> Generator: ...
    def manual_seed(self, seed: _int) -> Generator:
        """Starts over with a seed."""
    def seed(self) -> _int:
        """Starts over with a seed nobody knows, and tells it."""
    def initial_seed(self) -> _int:
        """The seed it started with."""
    def get_state(self) -> Tensor:
        """What comes next, as a tensor of bytes."""
    def set_state(self, state: Tensor) -> None:
        """Goes on from a state."""
    def clone_state(self) -> Generator:
        """Another generator that goes on from the same state."""
    def graphsafe_get_state(self) -> Generator:
        """What comes next, as a generator."""
    def graphsafe_set_state(self, state: Generator) -> Generator:
        """Goes on from another generator's state."""
    def get_offset(self) -> _int:
        """How many 32-bit words it has given out since it was seeded."""
    def set_offset(self, offset: _int) -> None:
        """Goes on after so many words."""
    def __getstate__(self) -> tuple[_int, _int]: ...
    def __setstate__(self, state: tuple[_int, _int]) -> None: ...
    @property
    def device(self) -> _device: ...

class _Graph:
    def replay(self) -> None: ...
    def draw(self, file: _str) -> None: ...

class _Recording:
    """A function that is, or was, recorded on one sample of a batch."""

    def sample(self, batched: Tensor) -> Tensor:
        """A tensor that stands for an entry of a batch, which is along the first dimension."""
    def is_batched(self, tensor: Tensor) -> _bool:
        """Whether a tensor depends on what was recorded."""
    def lift(self, outputs: Sequence[Tensor]) -> list[Tensor]:
        """What the function computed, for the whole batch."""

class RemovableHandle:
    """A hook that can be taken away."""

    @property
    def id(self) -> _int: ...
    def remove(self) -> None:
        """Takes the hook away; nothing happens the second time."""
    def __enter__(self) -> Self: ...
    def __exit__(self, kind: Any, error: Any, trace: Any) -> None: ...

class Node:
    """A node of the tape: how a tensor was made."""

    def name(self) -> _str:
        """Its name, such as `MulBackward0`."""
    def __getattr__(self, name: _str) -> Any:
        """What it saved, as `_saved_self`; what a user's function noted in its context."""
    @property
    def next_functions(self) -> tuple[tuple[Node | None, _int], ...]:
        """The nodes its gradients go to, each with the number of the output."""
    @property
    def variable(self) -> Tensor | None:
        """The leaf whose gradient ends here."""
    @property
    def origin(self) -> _str | None:
        """The line of the forward pass, under `ST_DEBUG=1` or anomaly mode."""
    def _sequence_nr(self) -> _int: ...
    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls the hook after the node ran, with the gradients of its inputs and outputs."""
    def register_prehook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls the hook before the node runs, with the gradients of its outputs."""
    @property
    def metadata(self) -> dict[Any, Any]:
        """What users note about it."""

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
    def layout(self) -> _layout: ...
    @property
    def _version(self) -> _int:
        """How often its memory has been written."""
    @property
    def _base(self) -> Tensor | None:
        """The tensor it is a view of."""
    _cdata: _int
    _grad: Tensor | None
    def _is_view(self) -> _bool:
        """Whether it is a view of another tensor."""
    @property
    def T(self) -> Tensor:
        """All dimensions in reverse order."""
    @property
    def H(self) -> Tensor:
        """The conjugate of the transpose of a matrix."""
    @property
    def mH(self) -> Tensor:
        """The conjugate of the transpose of matrices."""
    @property
    def real(self) -> Tensor:
        """The real parts."""
    @real.setter
    def real(self, value: Tensor) -> None: ...
    @property
    def imag(self) -> Tensor:
        """The imaginary parts."""
    @imag.setter
    def imag(self, value: Tensor) -> None: ...
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
    def grad_fn(self) -> Node | None: ...
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

    # Copying and pickling come from the Python package.
    __copy__: Callable[..., Any]
    __deepcopy__: Callable[..., Any]
    __setstate__: Callable[..., Any]

    def __hash__(self) -> _int: ...
    def __bool__(self) -> _bool: ...
    def __int__(self) -> _int: ...
    def __float__(self) -> _float: ...
    def __complex__(self) -> _complex: ...
    def __index__(self) -> _int: ...
    def __len__(self) -> _int: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __contains__(self, element: Tensor | Number) -> _bool: ...
    def __getitem__(self, key: Index) -> Tensor: ...
    def __setitem__(self, key: Index, value: Tensor | Number) -> None: ...
    def __format__(self, spec: _str) -> _str: ...
    def __array__(self, dtype: Any = None, copy: _bool | None = None) -> Any:
        """For numpy."""
    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: _bool = False) -> Any:
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
    @property
    def __cuda_array_interface__(self) -> dict[_str, Any]:
        """For other libraries on NVIDIA's GPUs."""
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

    # Values and properties.
    def item(self) -> Any:
        """The only element, as a number of Python."""
    def tolist(self) -> Any:
        """The elements as nested lists; a number if there are no dimensions."""
    def numpy(self, *, force: _bool = False) -> Any:
        """A numpy array of the same memory."""
    @overload
    def size(self, dim: None = None) -> Size:
        """The sizes, or that of one dimension."""
    @overload
    def size(self, dim: _int) -> _int:
        """The sizes, or that of one dimension."""
    @overload
    def stride(self, dim: None = None) -> tuple[_int, ...]:
        """The steps between elements, or that of one dimension."""
    @overload
    def stride(self, dim: _int) -> _int:
        """The steps between elements, or that of one dimension."""
    @overload
    def type(self, dtype: None = None, non_blocking: _bool = False) -> _str:
        """The name of the type, or a cast."""
    @overload
    def type(self, dtype: _dtype | _str, non_blocking: _bool = False) -> Tensor:
        """The name of the type, or a cast."""
    def dim(self) -> _int:
        """The number of dimensions."""
    def ndimension(self) -> _int:
        """The number of dimensions."""
    def numel(self) -> _int:
        """The number of elements."""
    def nelement(self) -> _int:
        """The number of elements."""
    def storage_type(self) -> Any:
        """The old class of its storage."""
    def eig(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Removed from torch; use `torch.linalg.eig`."""
    def lstsq(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Removed from torch; use `torch.linalg.lstsq`."""
    def solve(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Removed from torch; use `torch.linalg.solve`."""
    def symeig(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Removed from torch; use `torch.linalg.eigh`."""
    def hash_tensor(
        self, dim: _int | Sequence[_int] | None = (), *, keepdim: _bool = False, mode: _int = 0
    ) -> Tensor:
        """The exclusive or of the elements' bits, as 64-bit numbers, along dimensions (all if none are given)."""
    def element_size(self) -> _int:
        """Bytes an element takes."""
    def storage_offset(self) -> _int:
        """The position of the first element in the storage."""
    def data_ptr(self) -> _int:
        """The address of the first element."""
    def is_contiguous(self, memory_format: Any = None) -> _bool:
        """Whether the elements follow one another in row-major order."""
    def is_floating_point(self) -> _bool:
        """Whether the dtype is a floating-point type."""
    def is_complex(self) -> _bool:
        """Whether the dtype is a complex type."""
    def is_signed(self) -> _bool:
        """Whether the dtype has negative numbers."""
    def is_set_to(self, tensor: Tensor) -> _bool:
        """Whether another tensor is the same view of the same memory."""
    def copy_(self, src: Tensor, non_blocking: _bool = False) -> Self:
        """Writes the elements of another tensor."""
    def fill_(self, value: Tensor | Number) -> Self:
        """Writes a number everywhere."""
    def zero_(self) -> Self:
        """Writes zeros."""
    def t_(self) -> Self:
        """Becomes the transpose of the matrix it was."""
    def transpose_(self, dim0: _int, dim1: _int) -> Self:
        """Becomes what it was with two dimensions swapped."""
    def swapaxes_(self, axis0: _int, axis1: _int) -> Self:
        """Becomes what it was with two dimensions swapped."""
    def swapdims_(self, dim0: _int, dim1: _int) -> Self:
        """Becomes what it was with two dimensions swapped."""
    def unsqueeze_(self, dim: _int) -> Self:
        """Becomes what it was with a dimension of size one before `dim`."""
    def squeeze_(self, dim: _int | Sequence[_int] | None = None) -> Self:
        """Becomes what it was without dimensions of size one: all, or those named."""
    def as_strided_(
        self,
        size: _int | Sequence[_int],
        stride: _int | Sequence[_int],
        storage_offset: _int | None = None,
    ) -> Self:
        """Becomes a strided view of its storage."""
    def resize_(self, *size: _int | Sequence[_int], memory_format: Any = None) -> Self:
        """Other sizes of the same storage, which grows where it must."""
    def resize_as_(self, the_template: Tensor, memory_format: Any = None) -> Self:
        """Resized to another tensor's sizes."""
    def as_subclass(self, cls: _type[_Subclass]) -> _Subclass:
        """The same tensor as an object of a subclass."""
    def _set(self, source: Tensor | None = None) -> Self: ...
    def _swap(self, other: Tensor) -> None: ...

    # From the Python package: what torch keeps for old programs, and questions with one answer.
    unique: Callable[..., Any]
    unique_consecutive: Callable[..., Any]
    apply_: Callable[..., Self]
    map_: Callable[..., Self]
    map2_: Callable[..., Self]
    new: Callable[..., Tensor]
    set_: Callable[..., Self]
    resize: Callable[..., Tensor]
    resize_as: Callable[..., Tensor]
    storage: Callable[[], Any]
    untyped_storage: Callable[[], Any]
    pin_memory: Callable[..., Tensor]
    share_memory_: Callable[..., Tensor]
    module_load: Callable[..., Tensor]
    is_pinned: Callable[..., _bool]
    is_shared: Callable[[], _bool]
    is_distributed: Callable[[], _bool]
    is_coalesced: Callable[[], _bool]
    to_dense: Callable[..., Tensor]
    dim_order: Callable[..., tuple[_int, ...]]
    get_device: Callable[[], _int]
    __rdiv__: Callable[..., Tensor]
    __reversed__: Callable[[], Tensor]
    __torch_function__: Callable[..., Any]
    def _view_func(self, new_base: Tensor) -> Tensor: ...
    def _view_func_unsafe(self, new_base: Tensor) -> Tensor: ...
    def _rev_view_func_unsafe(self, new_view: Tensor) -> Tensor: ...
    @staticmethod
    def _make_subclass(cls: Any, data: Tensor, require_grad: _bool = False) -> Any: ...
    const_data_ptr: Callable[[], _int]
    cuda: Callable[..., Tensor]
    record_stream: Callable[..., None]
    is_cpu: _bool
    is_mps: _bool
    is_meta: _bool
    is_xpu: _bool
    is_ipu: _bool
    is_hpu: _bool
    is_xla: _bool
    is_mtia: _bool
    is_maia: _bool
    is_vulkan: _bool
    is_mkldnn: _bool
    is_nested: _bool
    is_sparse_csr: _bool
    volatile: _bool
    name: None
    grad_dtype: _dtype
    def new_tensor(
        self,
        data: Any,
        dtype: _dtype | None = None,
        device: DeviceLike | None = None,
        requires_grad: _bool = False,
    ) -> Tensor:
        """A tensor with a copy of the data, of this tensor's dtype unless another is named."""
    def _storage_id(self) -> _int: ...
    def _flat_storage(self) -> Tensor: ...
    def _move_storage(self, to: Tensor) -> Tensor: ...
    def _bytes(self) -> bytes: ...

    # The tape.
    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: _bool | None = None,
        create_graph: _bool = False,
        inputs: Sequence[Tensor] | Tensor | None = None,
    ) -> None:
        """Adds the gradients of this tensor to the leaves it was made of."""
    def requires_grad_(self, requires_grad: _bool = True) -> Self:
        """Whether gradients are recorded from here on."""
    def detach(self) -> Tensor:
        """The same memory, not on the tape."""
    def detach_(self) -> Self:
        """Takes this tensor off the tape."""
    def is_inference(self) -> _bool:
        """Whether it was made in inference mode."""
    def retain_grad(self) -> None:
        """Keeps the gradient of a tensor that is no leaf."""
    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Shows the gradient to a function that may replace it."""
    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Calls a function when a gradient has been added to this leaf."""

    def abs(self) -> Tensor:
        """The absolute value."""
    def abs_(self) -> Tensor:
        """The absolute value."""
    def absolute(self) -> Tensor:
        """The absolute value."""
    def absolute_(self) -> Tensor:
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
    def addbmm(self, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """`beta * input + alpha * (batch1 @ batch2)`, summed over the batch."""
    def addbmm_(self, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """`beta * input + alpha * (batch1 @ batch2)`, summed over the batch."""
    def addcdiv(self, tensor1: Tensor | Number, tensor2: Tensor | Number, *, value: Number = 1) -> Tensor:
        """`input + value * tensor1 / tensor2`."""
    def addcdiv_(self, tensor1: Tensor | Number, tensor2: Tensor | Number, *, value: Number = 1) -> Tensor:
        """`input + value * tensor1 / tensor2`."""
    def addcmul(self, tensor1: Tensor | Number, tensor2: Tensor | Number, *, value: Number = 1) -> Tensor:
        """`input + value * tensor1 * tensor2`."""
    def addcmul_(self, tensor1: Tensor | Number, tensor2: Tensor | Number, *, value: Number = 1) -> Tensor:
        """`input + value * tensor1 * tensor2`."""
    def addmm(self, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """`beta * input + alpha * (mat1 @ mat2)`."""
    def addmm_(self, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """`beta * input + alpha * (mat1 @ mat2)`."""
    def addmv(self, mat: Tensor, vec: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """`beta * input + alpha * (mat @ vec)`."""
    def addmv_(self, mat: Tensor, vec: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """`beta * input + alpha * (mat @ vec)`."""
    def addr(self, vec1: Tensor, vec2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """`beta * input + alpha * outer(vec1, vec2)`."""
    def addr_(self, vec1: Tensor, vec2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """`beta * input + alpha * outer(vec1, vec2)`."""
    def adjoint(self) -> Tensor:
        """The conjugate of the transpose of matrices."""
    def all(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """Whether all elements are true (not zero)."""
    def allclose(
        self, other: Tensor, rtol: _float = 1e-5, atol: _float = 1e-8, equal_nan: _bool = False
    ) -> _bool:
        """Whether all elements differ by at most `atol + rtol * |other|`."""
    def alpha_dropout_(self, p: _float, train: _bool) -> Tensor:
        """What `selu` goes to on the left with probability `p`, scaled so that mean and variance stay."""
    def amax(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """The largest over some dimensions; equal ones share the gradient evenly."""
    def amin(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """The smallest over some dimensions; equal ones share the gradient evenly."""
    def aminmax(self, *, dim: _int | None = None, keepdim: _bool = False) -> _MinMax:
        """The smallest and the largest, along a dimension or of all elements."""
    def angle(self) -> Tensor:
        """The angle of a complex number; of a real one 0 or pi."""
    def any(self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False) -> Tensor:
        """Whether any element is true (not zero)."""
    def arccos(self) -> Tensor:
        """The inverse of the cosine."""
    def arccos_(self) -> Tensor:
        """The inverse of the cosine."""
    def arccosh(self) -> Tensor:
        """The inverse of the hyperbolic cosine."""
    def arccosh_(self) -> Tensor:
        """The inverse of the hyperbolic cosine."""
    def arcsin(self) -> Tensor:
        """The inverse of the sine."""
    def arcsin_(self) -> Tensor:
        """The inverse of the sine."""
    def arcsinh(self) -> Tensor:
        """The inverse of the hyperbolic sine."""
    def arcsinh_(self) -> Tensor:
        """The inverse of the hyperbolic sine."""
    def arctan(self) -> Tensor:
        """The inverse of the tangent."""
    def arctan2(self, other: Tensor | Number) -> Tensor:
        """The angle of the point (other, input)."""
    def arctan2_(self, other: Tensor | Number) -> Tensor:
        """The angle of the point (other, input)."""
    def arctan_(self) -> Tensor:
        """The inverse of the tangent."""
    def arctanh(self) -> Tensor:
        """The inverse of the hyperbolic tangent."""
    def arctanh_(self) -> Tensor:
        """The inverse of the hyperbolic tangent."""
    def argmax(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        """Where the largest is first: along a dimension, or in row-major order of all elements."""
    def argmin(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        """Where the smallest is first: along a dimension, or in row-major order of all elements."""
    def argsort(self, dim: _int = -1, descending: _bool = False, stable: _bool = False) -> Tensor:
        """Where the elements in order are."""
    def argwhere(self) -> Tensor:
        """Positions of the elements that are not zero, one tensor for each dimension."""
    def as_strided(
        self, size: _int | Sequence[_int], stride: _int | Sequence[_int], storage_offset: _int | None = None
    ) -> Tensor:
        """Any strided view of the storage."""
    def as_strided_scatter(
        self,
        src: Tensor,
        size: _int | Sequence[_int],
        stride: _int | Sequence[_int],
        storage_offset: _int | None = None,
    ) -> Tensor:
        """A copy with what a strided view of it sees replaced."""
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
    def baddbmm(self, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """`beta * input + alpha * (batch1 @ batch2)`, for batches of matrices."""
    def baddbmm_(self, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        """`beta * input + alpha * (batch1 @ batch2)`, for batches of matrices."""
    @overload
    def bernoulli(self, *, generator: Generator | None = None) -> Tensor:
        """Ones with the probability in each element, else zeros."""
    @overload
    def bernoulli(self, p: _float, *, generator: Generator | None = None) -> Tensor:
        """Ones with probability `p`, else zeros."""
    @overload
    def bernoulli_(self, p: _float = 0.5, *, generator: Generator | None = None) -> Tensor:
        """Filled in place with ones of probability `p` and zeros."""
    @overload
    def bernoulli_(self, p: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Filled in place with ones, with the probability that a tensor has for each, and zeros."""
    def bfloat16(self) -> Tensor:
        """As `bfloat16`."""
    def bincount(self, weights: Tensor | None = None, minlength: _int = 0) -> Tensor:
        """How often each number from 0 on occurs, or the sum of the weights it occurs with."""
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
    def bmm(self, mat2: Tensor) -> Tensor:
        """The products of two batches of matrices."""
    def bool(self) -> Tensor:
        """As `bool`: whether it is not zero."""
    @overload
    def broadcast_to(self, size: _int | Sequence[_int]) -> Tensor:
        """Broadcasts to a shape."""
    @overload
    def broadcast_to(self, *size: _int) -> Tensor:
        """Broadcasts to a shape."""
    def byte(self) -> Tensor:
        """As `uint8`."""
    def cauchy_(
        self, median: _float = 0.0, sigma: _float = 1.0, *, generator: Generator | None = None
    ) -> Tensor:
        """Filled in place with Cauchy numbers."""
    def cdouble(self) -> Tensor:
        """As `complex128`."""
    def ceil(self) -> Tensor:
        """Rounds up."""
    def ceil_(self) -> Tensor:
        """Rounds up."""
    def celu_(self, alpha: Number = 1.0) -> Tensor:
        """x if positive, else `alpha * (exp(x / alpha) - 1)`: its slope has no jump."""
    def cfloat(self) -> Tensor:
        """As `complex64`."""
    def chalf(self) -> Tensor:
        """As `complex32`."""
    def char(self) -> Tensor:
        """As `int8`."""
    def cholesky(self, upper: _bool = False) -> Tensor:
        """The lower (or upper) triangular factor of positive-definite matrices."""
    def cholesky_inverse(self, upper: _bool = False) -> Tensor:
        """The inverse of the matrices of which these are Cholesky factors."""
    def cholesky_solve(self, input2: Tensor, upper: _bool = False) -> Tensor:
        """The X of `A @ X = input`, given a Cholesky factor of A."""
    def chunk(self, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """So many views of a dimension, of equal size if possible."""
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
    def clip(self, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
        """Between `min` and `max`; either may be left out."""
    def clip_(self, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
        """Between `min` and `max`; either may be left out."""
    def clone(self) -> Tensor:
        """A copy of the data, on the tape."""
    def conj(self) -> Tensor:
        """Complex numbers with the imaginary part negated; a real tensor itself."""
    def conj_physical(self) -> Tensor:
        """Complex numbers with the imaginary part negated."""
    def conj_physical_(self) -> Tensor:
        """Complex numbers with the imaginary part negated."""
    def contiguous(self) -> Tensor:
        """In row-major order; itself if it is already."""
    def copysign(self, other: Tensor | Number) -> Tensor:
        """|input| with the sign of `other`."""
    def copysign_(self, other: Tensor | Number) -> Tensor:
        """|input| with the sign of `other`."""
    def corrcoef(self) -> Tensor:
        """Pearson's correlation coefficients of rows of samples."""
    def cos(self) -> Tensor:
        """The cosine."""
    def cos_(self) -> Tensor:
        """The cosine."""
    def cosh(self) -> Tensor:
        """The hyperbolic cosine."""
    def cosh_(self) -> Tensor:
        """The hyperbolic cosine."""
    @overload
    def count_nonzero(self, dim: _int | Sequence[_int] | None = None) -> Tensor:
        """How many elements are not zero."""
    @overload
    def count_nonzero(self, *dim: _int) -> Tensor:
        """How many elements are not zero."""
    def cov(
        self, *, correction: _int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
    ) -> Tensor:
        """The covariances of rows of samples, which may count several times or be of different
        importance."""
    def cpu(self) -> Tensor:
        """On the CPU."""
    def cross(self, other: Tensor, dim: _int | None = None) -> Tensor:
        """The cross product along a dimension of size 3, the first one if none is named."""
    def cummax(self, dim: _int) -> _ValuesIndices:
        """Running maxima and where they last were."""
    def cummin(self, dim: _int) -> _ValuesIndices:
        """Running minima and where they last were."""
    def cumprod(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """Running products."""
    def cumprod_(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """Running products."""
    def cumsum(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """Running sums."""
    def cumsum_(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """Running sums."""
    def deg2rad(self) -> Tensor:
        """From degrees to radians."""
    def deg2rad_(self) -> Tensor:
        """From degrees to radians."""
    def det(self) -> Tensor:
        """The determinant of square matrices."""
    def diag(self, diagonal: _int = 0) -> Tensor:
        """The diagonal of a matrix, or the matrix of a diagonal."""
    def diag_embed(self, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
        """The last dimension as the diagonal of two new ones."""
    def diagflat(self, offset: _int = 0) -> Tensor:
        """A matrix with the elements on a diagonal."""
    def diagonal(self, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
        """The diagonal of two dimensions as the last one."""
    def diagonal_scatter(self, src: Tensor, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
        """A copy with a diagonal replaced."""
    def diff(
        self, n: _int = 1, dim: _int = -1, prepend: Tensor | None = None, append: Tensor | None = None
    ) -> Tensor:
        """The n-th differences of neighbours along a dimension."""
    def digamma(self) -> Tensor:
        """The derivative of `lgamma`."""
    def digamma_(self) -> Tensor:
        """The derivative of `lgamma`."""
    def dist(self, other: Tensor, p: _float = 2.0) -> Tensor:
        """The p-norm of the difference."""
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
    @overload
    def divide(self, other: Tensor | Number, *, rounding_mode: _str | None) -> Tensor:
        """Divides, then rounds to 'trunc' or 'floor'."""
    @overload
    def divide(self, other: Tensor | Number) -> Tensor:
        """Divides; integers become floats."""
    @overload
    def divide_(self, other: Tensor | Number, *, rounding_mode: _str | None) -> Tensor:
        """Divides, then rounds to 'trunc' or 'floor'."""
    @overload
    def divide_(self, other: Tensor | Number) -> Tensor:
        """Divides; integers become floats."""
    def dot(self, tensor: Tensor) -> Tensor:
        """The sum of the products of two vectors' elements."""
    def double(self) -> Tensor:
        """As `float64`."""
    def dropout_(self, p: _float, train: _bool) -> Tensor:
        """Zeros with probability `p`; what stays is scaled by 1 / (1 - p)."""
    @overload
    def dsplit(self, sections: _int) -> tuple[Tensor, ...]:
        """So many equal views of the third dimension."""
    @overload
    def dsplit(self, indices: _int | Sequence[_int]) -> tuple[Tensor, ...]:
        """Views of the third dimension divided at these positions."""
    @overload
    def dsplit(self, *indices: _int) -> tuple[Tensor, ...]:
        """Views of the third dimension divided at these positions."""
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
    @overload
    def expand(self, size: _int | Sequence[_int]) -> Tensor:
        """Broadcasts to sizes, where -1 keeps one."""
    @overload
    def expand(self, *size: _int) -> Tensor:
        """Broadcasts to sizes, where -1 keeps one."""
    def expand_as(self, other: Tensor) -> Tensor:
        """Broadcasts to the shape of another tensor."""
    def expm1(self) -> Tensor:
        """exp(x) - 1, exact near zero."""
    def expm1_(self) -> Tensor:
        """exp(x) - 1, exact near zero."""
    def exponential_(self, lambd: _float = 1.0, *, generator: Generator | None = None) -> Tensor:
        """Filled in place with exponential numbers."""
    def feature_alpha_dropout_(self, p: _float, train: _bool) -> Tensor:
        """As `alpha_dropout` for whole channels."""
    def feature_dropout_(self, p: _float, train: _bool) -> Tensor:
        """Whole channels are zero with probability `p`."""
    def fill_diagonal_(self, fill_value: Number, wrap: _bool = False) -> Tensor:
        """Its diagonal filled with a number, in place; with `wrap` a tall matrix starts over below."""
    def fix(self) -> Tensor:
        """Rounds towards zero."""
    def fix_(self) -> Tensor:
        """Rounds towards zero."""
    def flatten(self, start_dim: _int = 0, end_dim: _int = -1) -> Tensor:
        """Some dimensions as one."""
    @overload
    def flip(self, dims: _int | Sequence[_int]) -> Tensor:
        """Dimensions in reversed order (a copy)."""
    @overload
    def flip(self, *dims: _int) -> Tensor:
        """Dimensions in reversed order (a copy)."""
    def fliplr(self) -> Tensor:
        """Columns in reversed order."""
    def flipud(self) -> Tensor:
        """Rows in reversed order."""
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
    def frexp(self) -> _MantissaExponent:
        """Mantissas from 0.5 on, below 1, and exponents: `input = mantissa * 2 ** exponent`."""
    def gather(self, dim: _int, index: Tensor, *, sparse_grad: _bool = False) -> Tensor:
        """`out[i][j] = input[index[i][j]][j]` for dimension 0, and so on."""
    def gcd(self, other: Tensor | Number) -> Tensor:
        """The greatest common divisor."""
    def gcd_(self, other: Tensor | Number) -> Tensor:
        """The greatest common divisor."""
    def ge(self, other: Tensor | Number) -> Tensor:
        """input >= other."""
    def ge_(self, other: Tensor | Number) -> Tensor:
        """input >= other."""
    def geometric_(self, p: _float, *, generator: Generator | None = None) -> Tensor:
        """Filled in place with the number of trials until one succeeds."""
    def geqrf(self) -> _ATau:
        """R and the reflections that make it, as LAPACK packs them."""
    def ger(self, vec2: Tensor) -> Tensor:
        """Every element of one vector times every element of another."""
    def greater(self, other: Tensor | Number) -> Tensor:
        """input > other."""
    def greater_(self, other: Tensor | Number) -> Tensor:
        """input > other."""
    def greater_equal(self, other: Tensor | Number) -> Tensor:
        """input >= other."""
    def greater_equal_(self, other: Tensor | Number) -> Tensor:
        """input >= other."""
    def gt(self, other: Tensor | Number) -> Tensor:
        """input > other."""
    def gt_(self, other: Tensor | Number) -> Tensor:
        """input > other."""
    def half(self) -> Tensor:
        """As `float16`."""
    def hardshrink(self, lambd: _float = 0.5) -> Tensor:
        """x, but 0 between `-lambd` and `lambd`."""
    def hardtanh_(self, min_val: Number = -1.0, max_val: Number = 1.0) -> Tensor:
        """x between `min_val` and `max_val`."""
    def heaviside(self, values: Tensor | Number) -> Tensor:
        """0 below zero, `values` at zero, 1 above."""
    def heaviside_(self, values: Tensor | Number) -> Tensor:
        """0 below zero, `values` at zero, 1 above."""
    def histc(self, bins: _int = 100, min: Number = 0, max: Number = 0) -> Tensor:
        """How many elements fall into each of so many equal parts of a range: that of the elements if none
        is named."""
    @overload
    def histogram(
        self,
        bins: _int = 100,
        *,
        range: _float | Sequence[_float] | None = None,
        weight: Tensor | None = None,
        density: _bool = False,
    ) -> _HistBinEdges:
        """How many elements, or which sum of weights, fall into each of so many equal parts of a range."""
    @overload
    def histogram(
        self, bins: Tensor, *, weight: Tensor | None = None, density: _bool = False
    ) -> _HistBinEdges:
        """How many elements, or which sum of weights, fall between neighbouring edges."""
    @overload
    def hsplit(self, sections: _int) -> tuple[Tensor, ...]:
        """So many equal views of the second dimension, or of a vector."""
    @overload
    def hsplit(self, indices: _int | Sequence[_int]) -> tuple[Tensor, ...]:
        """Views of the second dimension, or of a vector, divided at these positions."""
    @overload
    def hsplit(self, *indices: _int) -> tuple[Tensor, ...]:
        """Views of the second dimension, or of a vector, divided at these positions."""
    def hypot(self, other: Tensor | Number) -> Tensor:
        """The length of the hypotenuse, without overflow on the way."""
    def hypot_(self, other: Tensor | Number) -> Tensor:
        """The length of the hypotenuse, without overflow on the way."""
    def i0(self) -> Tensor:
        """The modified Bessel function of the first kind of order 0."""
    def i0_(self) -> Tensor:
        """The modified Bessel function of the first kind of order 0."""
    def igamma(self, other: Tensor) -> Tensor:
        """The regularised lower incomplete gamma function of `input`, up to `other`."""
    def igamma_(self, other: Tensor) -> Tensor:
        """The regularised lower incomplete gamma function of `input`, up to `other`."""
    def igammac(self, other: Tensor) -> Tensor:
        """The regularised upper incomplete gamma function of `input`, from `other` on."""
    def igammac_(self, other: Tensor) -> Tensor:
        """The regularised upper incomplete gamma function of `input`, from `other` on."""
    def index(self, indices: Sequence[Tensor]) -> Tensor:
        """The elements at index tensors; `None` keeps a dimension."""
    def index_add(self, dim: _int, index: Tensor, source: Tensor, *, alpha: Number = 1) -> Tensor:
        """A copy with `alpha` times the parts of the source added at the indices of a dimension."""
    def index_add_(self, dim: _int, index: Tensor, source: Tensor, *, alpha: Number = 1) -> Tensor:
        """A copy with `alpha` times the parts of the source added at the indices of a dimension."""
    def index_copy(self, dim: _int, index: Tensor, source: Tensor) -> Tensor:
        """A copy with the parts at the indices of a dimension replaced."""
    def index_copy_(self, dim: _int, index: Tensor, source: Tensor) -> Tensor:
        """A copy with the parts at the indices of a dimension replaced."""
    def index_fill(self, dim: _int, index: Tensor, value: Tensor | Number) -> Tensor:
        """A copy with the parts at the indices of a dimension filled."""
    def index_fill_(self, dim: _int, index: Tensor, value: Tensor | Number) -> Tensor:
        """A copy with the parts at the indices of a dimension filled."""
    def index_put(self, indices: Sequence[Tensor], values: Tensor, accumulate: _bool = False) -> Tensor:
        """A copy with `out[indices] = values`, or `+=` where `accumulate` is set."""
    def index_put_(self, indices: Sequence[Tensor], values: Tensor, accumulate: _bool = False) -> Tensor:
        """A copy with `out[indices] = values`, or `+=` where `accumulate` is set."""
    def index_reduce(
        self, dim: _int, index: Tensor, source: Tensor, reduce: _str, *, include_self: _bool = True
    ) -> Tensor:
        """A copy with the parts of a source combined in at the indices of a dimension: 'prod', 'mean',
        'amax' or 'amin'."""
    def index_reduce_(
        self, dim: _int, index: Tensor, source: Tensor, reduce: _str, *, include_self: _bool = True
    ) -> Tensor:
        """A copy with the parts of a source combined in at the indices of a dimension: 'prod', 'mean',
        'amax' or 'amin'."""
    def index_select(self, dim: _int, index: Tensor) -> Tensor:
        """The parts at the indices of a dimension."""
    def inner(self, other: Tensor) -> Tensor:
        """The products summed over the last dimensions of both."""
    def int(self) -> Tensor:
        """As `int32`."""
    def inverse(self) -> Tensor:
        """The inverse of square matrices; an error if one is singular."""
    def is_conj(self) -> _bool:
        """Whether conjugation is postponed: never."""
    def is_neg(self) -> _bool:
        """Whether negation is postponed: never."""
    def is_nonzero(self) -> _bool:
        """Whether the only element is not zero."""
    def is_same_size(self, other: Tensor) -> _bool:
        """Whether two tensors have the same shape."""
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
    def isreal(self) -> Tensor:
        """Whether the imaginary part is zero."""
    def istft(
        self,
        n_fft: _int,
        hop_length: _int | None = None,
        win_length: _int | None = None,
        window: Tensor | None = None,
        center: _bool = True,
        normalized: _bool = False,
        onesided: _bool | None = None,
        length: _int | None = None,
        return_complex: _bool = False,
    ) -> Tensor:
        """The signal whose overlapping pieces have these transforms."""
    def kron(self, other: Tensor) -> Tensor:
        """Kronecker's product: every element times the other tensor."""
    def kthvalue(self, k: _int, dim: _int = -1, keepdim: _bool = False) -> _ValuesIndices:
        """The `k`-th smallest, counted from 1, and where it is."""
    def lcm(self, other: Tensor | Number) -> Tensor:
        """The least common multiple."""
    def lcm_(self, other: Tensor | Number) -> Tensor:
        """The least common multiple."""
    def ldexp(self, other: Tensor) -> Tensor:
        """`input * 2 ** other`."""
    def ldexp_(self, other: Tensor) -> Tensor:
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
    def less(self, other: Tensor | Number) -> Tensor:
        """input < other."""
    def less_(self, other: Tensor | Number) -> Tensor:
        """input < other."""
    def less_equal(self, other: Tensor | Number) -> Tensor:
        """input <= other."""
    def less_equal_(self, other: Tensor | Number) -> Tensor:
        """input <= other."""
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
    def log_normal_(
        self, mean: _float = 1.0, std: _float = 2.0, *, generator: Generator | None = None
    ) -> Tensor:
        """Filled in place with numbers whose logarithms are normal."""
    def log_softmax(self, dim: _int, dtype: _dtype | None = None) -> Tensor:
        """The logarithm of `softmax`."""
    def logaddexp(self, other: Tensor | Number) -> Tensor:
        """log(exp(x) + exp(y)), without overflow."""
    def logaddexp2(self, other: Tensor | Number) -> Tensor:
        """log2(2 ** x + 2 ** y), without overflow."""
    def logcumsumexp(self, dim: _int) -> Tensor:
        """Running logarithms of sums of exponentials."""
    def logdet(self) -> Tensor:
        """The logarithm of the determinant; NaN where that is negative."""
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
    def logsumexp(self, dim: _int | Sequence[_int], keepdim: _bool = False) -> Tensor:
        """The logarithm of the sum of exponentials."""
    def long(self) -> Tensor:
        """As `int64`."""
    def lt(self, other: Tensor | Number) -> Tensor:
        """input < other."""
    def lt_(self, other: Tensor | Number) -> Tensor:
        """input < other."""
    def lu(self, pivot: _bool = True, get_infos: _bool = False) -> tuple[Tensor, ...]:
        """Both triangular factors in one matrix, and pivots (and codes)."""
    def lu_solve(self, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
        """The X of `A @ X = input`, given packed factors of A."""
    def masked_fill(self, mask: Tensor, value: Tensor | Number) -> Tensor:
        """A copy with `value` where the mask holds; the mask is broadcast."""
    def masked_fill_(self, mask: Tensor, value: Tensor | Number) -> Tensor:
        """A copy with `value` where the mask holds; the mask is broadcast."""
    def masked_scatter(self, mask: Tensor, source: Tensor) -> Tensor:
        """A copy with the places where a mask is true filled by the first elements of a source."""
    def masked_scatter_(self, mask: Tensor, source: Tensor) -> Tensor:
        """A copy with the places where a mask is true filled by the first elements of a source."""
    def masked_select(self, mask: Tensor) -> Tensor:
        """The elements where the mask is true."""
    def matmul(self, other: Tensor) -> Tensor:
        """The matrix product, with torch's rules for vectors and batches."""
    def matrix_exp(self) -> Tensor:
        """The exponential of square matrices."""
    def matrix_power(self, n: _int) -> Tensor:
        """The n-th power of square matrices."""
    @overload
    def max(self) -> Tensor:
        """The largest of all elements."""
    @overload
    def max(self, other: Tensor) -> Tensor:
        """The larger of two; NaN if either is."""
    @overload
    def max(self, dim: _int, keepdim: _bool = False) -> _ValuesIndices:
        """The largest along a dimension and where it is first."""
    def maximum(self, other: Tensor | Number) -> Tensor:
        """The larger; NaN if either is."""
    def mean(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """The mean over some dimensions, all if none are named."""
    @overload
    def median(self) -> Tensor:
        """The median of all elements: of two, the smaller."""
    @overload
    def median(self, dim: _int, keepdim: _bool = False) -> _ValuesIndices:
        """The median along a dimension (of two, the smaller) and where it is."""
    @overload
    def min(self) -> Tensor:
        """The smallest of all elements."""
    @overload
    def min(self, other: Tensor) -> Tensor:
        """The smaller of two; NaN if either is."""
    @overload
    def min(self, dim: _int, keepdim: _bool = False) -> _ValuesIndices:
        """The smallest along a dimension and where it is first."""
    def minimum(self, other: Tensor | Number) -> Tensor:
        """The smaller; NaN if either is."""
    def mm(self, mat2: Tensor) -> Tensor:
        """The product of two matrices."""
    def mode(self, dim: _int = -1, keepdim: _bool = False) -> _ValuesIndices:
        """The most frequent element along a dimension, the smallest of several, and where it is last."""
    def moveaxis(self, source: _int | Sequence[_int], destination: _int | Sequence[_int]) -> Tensor:
        """Dimensions moved to other places."""
    def movedim(self, source: _int | Sequence[_int], destination: _int | Sequence[_int]) -> Tensor:
        """Dimensions moved to other places."""
    def msort(self) -> Tensor:
        """The elements in order along the first dimension."""
    def mul(self, other: Tensor | Number) -> Tensor:
        """Multiplies; on booleans, and."""
    def mul_(self, other: Tensor | Number) -> Tensor:
        """Multiplies; on booleans, and."""
    def multinomial(
        self, num_samples: _int, replacement: _bool = False, *, generator: Generator | None = None
    ) -> Tensor:
        """Positions drawn with the probabilities the last dimension is proportional to."""
    def multiply(self, other: Tensor | Number) -> Tensor:
        """Multiplies; on booleans, and."""
    def multiply_(self, other: Tensor | Number) -> Tensor:
        """Multiplies; on booleans, and."""
    def mv(self, vec: Tensor) -> Tensor:
        """The product of a matrix and a vector."""
    def mvlgamma(self, p: _int) -> Tensor:
        """The logarithm of the gamma function of matrices of size `p`."""
    def mvlgamma_(self, p: _int) -> Tensor:
        """The logarithm of the gamma function of matrices of size `p`."""
    def nan_to_num(
        self, nan: _float | None = None, posinf: _float | None = None, neginf: _float | None = None
    ) -> Tensor:
        """Other numbers in place of NaN and the infinities: 0 and the largest ones if nothing is said."""
    def nan_to_num_(
        self, nan: _float | None = None, posinf: _float | None = None, neginf: _float | None = None
    ) -> Tensor:
        """Other numbers in place of NaN and the infinities: 0 and the largest ones if nothing is said."""
    def nanmean(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """The mean of what is not NaN."""
    @overload
    def nanmedian(self) -> Tensor:
        """The median of all elements that are not NaN."""
    @overload
    def nanmedian(self, dim: _int, keepdim: _bool = False) -> _ValuesIndices:
        """The median along a dimension of what is not NaN, and where it is."""
    def nanquantile(
        self,
        q: Tensor | Number,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        interpolation: _str = "linear",
    ) -> Tensor:
        """As `quantile`, of what is not NaN."""
    def nansum(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """The sum of what is not NaN."""
    @overload
    def narrow(self, dim: _int, start: _int, length: _int) -> Tensor:
        """`length` elements from `start` on along a dimension."""
    @overload
    def narrow(self, dim: _int, start: Tensor, length: _int) -> Tensor:
        """`length` elements along a dimension, from where a tensor says."""
    def narrow_copy(self, dim: _int, start: _int, length: _int) -> Tensor:
        """A copy of a part of a dimension."""
    def ne(self, other: Tensor | Number) -> Tensor:
        """Whether they differ; NaN differs from everything."""
    def ne_(self, other: Tensor | Number) -> Tensor:
        """Whether they differ; NaN differs from everything."""
    def neg(self) -> Tensor:
        """The opposite number."""
    def neg_(self) -> Tensor:
        """The opposite number."""
    def negative(self) -> Tensor:
        """The opposite number."""
    def negative_(self) -> Tensor:
        """The opposite number."""
    @overload
    def new_empty(
        self, size: _int | Sequence[_int], *, dtype: _dtype | None = None, device: DeviceLike | None = None
    ) -> Tensor:
        """Memory of another shape with the dtype and device of this tensor."""
    @overload
    def new_empty(self, *size: _int, dtype: _dtype | None = None, device: DeviceLike | None = None) -> Tensor:
        """Memory of another shape with the dtype and device of this tensor."""
    def new_empty_strided(
        self,
        size: _int | Sequence[_int],
        stride: _int | Sequence[_int],
        *,
        dtype: _dtype | None = None,
        device: DeviceLike | None = None,
    ) -> Tensor:
        """Memory with undefined contents, seen in strides; the dtype and device are the tensor's."""
    def new_full(
        self,
        size: _int | Sequence[_int],
        fill_value: Number,
        *,
        dtype: _dtype | None = None,
        device: DeviceLike | None = None,
    ) -> Tensor:
        """A number in another shape with the dtype and device of this tensor."""
    @overload
    def new_ones(
        self, size: _int | Sequence[_int], *, dtype: _dtype | None = None, device: DeviceLike | None = None
    ) -> Tensor:
        """Ones of another shape with the dtype and device of this tensor."""
    @overload
    def new_ones(self, *size: _int, dtype: _dtype | None = None, device: DeviceLike | None = None) -> Tensor:
        """Ones of another shape with the dtype and device of this tensor."""
    @overload
    def new_zeros(
        self, size: _int | Sequence[_int], *, dtype: _dtype | None = None, device: DeviceLike | None = None
    ) -> Tensor:
        """Zeros of another shape with the dtype and device of this tensor."""
    @overload
    def new_zeros(self, *size: _int, dtype: _dtype | None = None, device: DeviceLike | None = None) -> Tensor:
        """Zeros of another shape with the dtype and device of this tensor."""
    def nextafter(self, other: Tensor) -> Tensor:
        """The next number of the dtype towards another one."""
    def nextafter_(self, other: Tensor) -> Tensor:
        """The next number of the dtype towards another one."""
    @overload
    def nonzero(self) -> Tensor:
        """Positions of the elements that are not zero, a row for each."""
    @overload
    def nonzero(self, *, as_tuple: _bool) -> Tensor:
        """Positions of the elements that are not zero: one tensor, or one for each dimension."""
    def nonzero_static(self, *, size: _int, fill_value: _int = -1) -> Tensor:
        """The first positions that are not zero, so many of them; what is missing is filled."""
    @overload
    def norm(
        self,
        p: _float | None = 2.0,
        dim: _int | Sequence[_int] | None = None,
        keepdim: _bool = False,
        dtype: _dtype | None = None,
    ) -> Tensor:
        """The p-norm over some dimensions, all if none are named."""
    @overload
    def norm(
        self,
        p: _str,
        dim: _int | Sequence[_int] | None = None,
        keepdim: _bool = False,
        dtype: _dtype | None = None,
    ) -> Tensor:
        """The norm named by a word: 'fro' is the 2-norm of all elements, 'nuc' the sum of a matrix's
        singular values."""
    def normal_(self, mean: _float = 0.0, std: _float = 1.0, *, generator: Generator | None = None) -> Tensor:
        """Filled in place with normal numbers."""
    def not_equal(self, other: Tensor | Number) -> Tensor:
        """Whether they differ; NaN differs from everything."""
    def not_equal_(self, other: Tensor | Number) -> Tensor:
        """Whether they differ; NaN differs from everything."""
    def orgqr(self, input2: Tensor) -> Tensor:
        """The first columns of the product of packed reflections."""
    def ormqr(self, input2: Tensor, input3: Tensor, left: _bool = True, transpose: _bool = False) -> Tensor:
        """The product of packed reflections with a matrix."""
    def outer(self, vec2: Tensor) -> Tensor:
        """Every element of one vector times every element of another."""
    @overload
    def permute(self, dims: _int | Sequence[_int]) -> Tensor:
        """Dimension `dims[i]` becomes dimension `i`."""
    @overload
    def permute(self, *dims: _int) -> Tensor:
        """Dimension `dims[i]` becomes dimension `i`."""
    def pinverse(self, rcond: _float = 1e-15) -> Tensor:
        """The pseudo-inverse; singular values below `rcond` times the largest count as zero."""
    def polygamma(self, n: _int) -> Tensor:
        """The n-th derivative of `digamma`."""
    def polygamma_(self, n: _int) -> Tensor:
        """The n-th derivative of `digamma`."""
    def positive(self) -> Tensor:
        """The tensor itself; booleans are refused."""
    def pow(self, exponent: Tensor | Number) -> Tensor:
        """`input` to the power `exponent`; squares, roots and the like have kernels of their own."""
    def pow_(self, exponent: Tensor | Number) -> Tensor:
        """`input` to the power `exponent`; squares, roots and the like have kernels of their own."""
    def prelu(self, weight: Tensor) -> Tensor:
        """x if positive, else `weight * x`, with one weight or one for each channel (dimension 1)."""
    def prod(self, dim: _int | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None) -> Tensor:
        """The product along a dimension, or of all elements."""
    def put(self, index: Tensor, source: Tensor, accumulate: _bool = False) -> Tensor:
        """A copy with the elements of a source at row-major positions, replaced or added."""
    def put_(self, index: Tensor, source: Tensor, accumulate: _bool = False) -> Tensor:
        """A copy with the elements of a source at row-major positions, replaced or added."""
    def qr(self, some: _bool = True) -> _QR:
        """Orthonormal Q and triangular R with `Q @ R = input`."""
    def quantile(
        self,
        q: Tensor | Number,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        interpolation: _str = "linear",
    ) -> Tensor:
        """The elements that a share `q` of the others is below."""
    def rad2deg(self) -> Tensor:
        """From radians to degrees."""
    def rad2deg_(self) -> Tensor:
        """From radians to degrees."""
    @overload
    def random_(self, from_: _int, to: _int | None, *, generator: Generator | None = None) -> Tensor:
        """Filled in place with integers from `from` on, below `to`."""
    @overload
    def random_(self, *, generator: Generator | None = None) -> Tensor:
        """Filled in place with integers from 0 on, as many as the dtype has."""
    @overload
    def random_(self, to: _int, *, generator: Generator | None = None) -> Tensor:
        """Filled in place with integers from 0 on, below `to`."""
    def ravel(self) -> Tensor:
        """All dimensions as one."""
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
    def renorm(self, p: Number, dim: _int, maxnorm: Number) -> Tensor:
        """Parts along a dimension whose p-norm is larger than `maxnorm`, brought down to it."""
    def renorm_(self, p: Number, dim: _int, maxnorm: Number) -> Tensor:
        """Parts along a dimension whose p-norm is larger than `maxnorm`, brought down to it."""
    @overload
    def repeat(self, repeats: _int | Sequence[_int]) -> Tensor:
        """So many copies along each dimension."""
    @overload
    def repeat(self, *repeats: _int) -> Tensor:
        """So many copies along each dimension."""
    @overload
    def repeat_interleave(
        self, repeats: _int, dim: _int | None = None, *, output_size: _int | None = None
    ) -> Tensor:
        """Every element so many times in a row."""
    @overload
    def repeat_interleave(
        self, repeats: Tensor, dim: _int | None = None, *, output_size: _int | None = None
    ) -> Tensor:
        """Every element as often as the tensor of counts says."""
    @overload
    def reshape(self, shape: _int | Sequence[_int]) -> Tensor:
        """The same elements under another shape: a view where possible, else a copy."""
    @overload
    def reshape(self, *shape: _int) -> Tensor:
        """The same elements under another shape: a view where possible, else a copy."""
    def reshape_as(self, other: Tensor) -> Tensor:
        """The shape of another tensor, with a copy where strides cannot say so."""
    def resolve_conj(self) -> Tensor:
        """The tensor: conjugation is never postponed here."""
    def resolve_neg(self) -> Tensor:
        """The tensor: negation is never postponed here."""
    def roll(self, shifts: _int | Sequence[_int], dims: _int | Sequence[_int] | None = None) -> Tensor:
        """Moved along dimensions; what leaves at one end comes in at the other."""
    def rot90(self, k: _int = 1, dims: _int | Sequence[_int] = [0, 1]) -> Tensor:
        """Turned by quarters in the plane of two dimensions."""
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
    @overload
    def scatter(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        """A copy with `out[index[i][j]][j] = src[i][j]` for dimension 0, and so on."""
    @overload
    def scatter(self, dim: _int, index: Tensor, value: Number) -> Tensor:
        """A copy with a number at the indices."""
    @overload
    def scatter(self, dim: _int, index: Tensor, src: Tensor | Number, *, reduce: _str) -> Tensor:
        """A copy with the source's elements added, or multiplied in, at the indices."""
    @overload
    def scatter_(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        """A copy with `out[index[i][j]][j] = src[i][j]` for dimension 0, and so on."""
    @overload
    def scatter_(self, dim: _int, index: Tensor, value: Number) -> Tensor:
        """A copy with a number at the indices."""
    @overload
    def scatter_(self, dim: _int, index: Tensor, src: Tensor | Number, *, reduce: _str) -> Tensor:
        """A copy with the source's elements added, or multiplied in, at the indices."""
    def scatter_add(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        """A copy with the source's elements added at the indices."""
    def scatter_add_(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        """A copy with the source's elements added at the indices."""
    def scatter_reduce(
        self, dim: _int, index: Tensor, src: Tensor, reduce: _str, *, include_self: _bool = True
    ) -> Tensor:
        """A copy with the source's elements combined in at the indices: 'sum', 'prod', 'mean', 'amax' or
        'amin'."""
    def scatter_reduce_(
        self, dim: _int, index: Tensor, src: Tensor, reduce: _str, *, include_self: _bool = True
    ) -> Tensor:
        """A copy with the source's elements combined in at the indices: 'sum', 'prod', 'mean', 'amax' or
        'amin'."""
    def select(self, dim: _int, index: _int) -> Tensor:
        """The part at an index of a dimension, without that dimension."""
    def select_scatter(self, src: Tensor, dim: _int, index: _int) -> Tensor:
        """A copy with one part of a dimension replaced."""
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
    def slice_scatter(
        self, src: Tensor, dim: _int = 0, start: _int | None = None, end: _int | None = None, step: _int = 1
    ) -> Tensor:
        """A copy with a slice of a dimension replaced."""
    def slogdet(self) -> _SignLogabsdet:
        """Sign and logarithm of the absolute value of the determinant."""
    def softmax(self, dim: _int, dtype: _dtype | None = None) -> Tensor:
        """exp(x) over its sum along a dimension."""
    def sort(self, dim: _int = -1, descending: _bool = False, stable: _bool | None = False) -> _ValuesIndices:
        """The elements in order and where they were; equal ones keep theirs."""
    @overload
    def split(self, split_size_or_sections: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """Views of so many elements of a dimension; the last may be smaller."""
    @overload
    def split(self, split_size_or_sections: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
        """Views of these sizes of a dimension."""
    def split_with_sizes(self, split_sizes: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
        """Views of these sizes of a dimension."""
    def sqrt(self) -> Tensor:
        """The square root."""
    def sqrt_(self) -> Tensor:
        """The square root."""
    def square(self) -> Tensor:
        """The square; of booleans, as integers."""
    def square_(self) -> Tensor:
        """The square; of booleans, as integers."""
    @overload
    def squeeze(self, dim: _int | Sequence[_int] | None = None) -> Tensor:
        """Without the dimensions of size one, or without those of them that are named."""
    @overload
    def squeeze(self, *dim: _int) -> Tensor:
        """Without the dimensions of size one, or without those of them that are named."""
    @overload
    def std(
        self,
        dim: _int | Sequence[_int] | None = None,
        *,
        correction: Number | None = 1,
        keepdim: _bool = False,
    ) -> Tensor:
        """The standard deviation: the root of `var`."""
    @overload
    def std(self, *dim: _int, correction: Number | None = 1, keepdim: _bool = False) -> Tensor:
        """The standard deviation: the root of `var`."""
    @overload
    def std(self, dim: _int | Sequence[_int] | None, unbiased: _bool, keepdim: _bool = False) -> Tensor:
        """The standard deviation over some dimensions, by torch's older arguments."""
    @overload
    def std(self, unbiased: _bool) -> Tensor:
        """The standard deviation of all elements, by torch's older arguments."""
    def stft(
        self,
        n_fft: _int,
        hop_length: _int | None = None,
        win_length: _int | None = None,
        window: Tensor | None = None,
        center: _bool = True,
        pad_mode: _str = "reflect",
        normalized: _bool = False,
        onesided: _bool | None = None,
        return_complex: _bool | None = None,
        align_to_window: _bool | None = None,
    ) -> Tensor:
        """The transforms of overlapping pieces of a signal."""
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
    @overload
    def subtract(self, other: Tensor | Number) -> Tensor:
        """Subtracts."""
    @overload
    def subtract(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Subtracts `alpha` times `other`."""
    @overload
    def subtract_(self, other: Tensor | Number) -> Tensor:
        """Subtracts."""
    @overload
    def subtract_(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Subtracts `alpha` times `other`."""
    def sum(
        self, dim: _int | Sequence[_int] | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None
    ) -> Tensor:
        """The sum over some dimensions, all if none are named."""
    @overload
    def sum_to_size(self, size: _int | Sequence[_int]) -> Tensor:
        """Summed over what was broadcast to get here from a shape."""
    @overload
    def sum_to_size(self, *size: _int) -> Tensor:
        """Summed over what was broadcast to get here from a shape."""
    def svd(self, some: _bool = True, compute_uv: _bool = True) -> _USV:
        """Orthonormal U and V and singular values S with `U @ diag(S) @ V.mH = input`."""
    def swapaxes(self, axis0: _int, axis1: _int) -> Tensor:
        """Two dimensions swapped."""
    def swapdims(self, dim0: _int, dim1: _int) -> Tensor:
        """Two dimensions change places."""
    def t(self) -> Tensor:
        """The transpose of a matrix; vectors stay as they are."""
    def take(self, index: Tensor) -> Tensor:
        """The elements at row-major positions."""
    def take_along_dim(self, indices: Tensor, dim: _int | None = None) -> Tensor:
        """As `gather` after broadcasting; without a dimension, in row-major order of all elements."""
    def tan(self) -> Tensor:
        """The tangent."""
    def tan_(self) -> Tensor:
        """The tangent."""
    def tanh(self) -> Tensor:
        """The hyperbolic tangent."""
    def tanh_(self) -> Tensor:
        """The hyperbolic tangent."""
    @overload
    def tensor_split(self, indices_or_sections: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """So many views of a dimension, the first ones larger by one where it must be."""
    @overload
    def tensor_split(self, indices_or_sections: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
        """Views of a dimension divided at these positions."""
    @overload
    def tensor_split(self, tensor_indices_or_sections: Tensor, dim: _int = 0) -> tuple[Tensor, ...]:
        """As above, with the number or the positions in a tensor."""
    def threshold_(self, threshold: Number, value: Number) -> Tensor:
        """x above the threshold, else `value`."""
    @overload
    def tile(self, dims: _int | Sequence[_int]) -> Tensor:
        """As `repeat`; dimensions that are not named stay."""
    @overload
    def tile(self, *dims: _int) -> Tensor:
        """As `repeat`; dimensions that are not named stay."""
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
    def topk(self, k: _int, dim: _int = -1, largest: _bool = True, sorted: _bool = True) -> _ValuesIndices:
        """The `k` largest (or smallest) in order, and where they were."""
    def trace(self) -> Tensor:
        """The sum of a matrix's diagonal."""
    def transpose(self, dim0: _int, dim1: _int) -> Tensor:
        """Two dimensions change places."""
    def triangular_solve(
        self, A: Tensor, upper: _bool = True, transpose: _bool = False, unitriangular: _bool = False
    ) -> _SolutionClonedCoefficient:
        """The X of `A @ X = input`, where A is triangular, and a copy of A."""
    def tril(self, diagonal: _int = 0) -> Tensor:
        """The lower triangle, zeros above the diagonal."""
    def tril_(self, diagonal: _int = 0) -> Tensor:
        """The lower triangle, zeros above the diagonal."""
    def triu(self, diagonal: _int = 0) -> Tensor:
        """The upper triangle, zeros below the diagonal."""
    def triu_(self, diagonal: _int = 0) -> Tensor:
        """The upper triangle, zeros below the diagonal."""
    @overload
    def true_divide(self, other: Tensor | Number, *, rounding_mode: _str | None) -> Tensor:
        """Divides, then rounds to 'trunc' or 'floor'."""
    @overload
    def true_divide(self, other: Tensor | Number) -> Tensor:
        """Divides; integers become floats."""
    @overload
    def true_divide_(self, other: Tensor | Number, *, rounding_mode: _str | None) -> Tensor:
        """Divides, then rounds to 'trunc' or 'floor'."""
    @overload
    def true_divide_(self, other: Tensor | Number) -> Tensor:
        """Divides; integers become floats."""
    def trunc(self) -> Tensor:
        """Rounds towards zero."""
    def trunc_(self) -> Tensor:
        """Rounds towards zero."""
    def type_as(self, other: Tensor) -> Tensor:
        """With the dtype and device of another tensor."""
    def unbind(self, dim: _int = 0) -> tuple[Tensor, ...]:
        """The parts of a dimension, each without it."""
    def unflatten(self, dim: _int, sizes: _int | Sequence[_int]) -> Tensor:
        """One dimension as several."""
    def unfold(self, dimension: _int, size: _int, step: _int) -> Tensor:
        """Windows of `size` elements every `step` along a dimension, as a new last dimension."""
    def uniform_(
        self, from_: _float = 0.0, to: _float = 1.0, *, generator: Generator | None = None
    ) -> Tensor:
        """Filled in place with uniform numbers in [from, to)."""
    def unsafe_chunk(self, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """As `chunk`, in memory of their own."""
    def unsafe_split(self, split_size: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """As `split`, in memory of their own: each may be written to."""
    def unsafe_split_with_sizes(
        self, split_sizes: _int | Sequence[_int], dim: _int = 0
    ) -> tuple[Tensor, ...]:
        """As `split_with_sizes`, in memory of their own."""
    def unsqueeze(self, dim: _int) -> Tensor:
        """A dimension of size one before `dim`."""
    @overload
    def var(
        self,
        dim: _int | Sequence[_int] | None = None,
        *,
        correction: Number | None = 1,
        keepdim: _bool = False,
    ) -> Tensor:
        """The variance, divided by the count less `correction`."""
    @overload
    def var(self, *dim: _int, correction: Number | None = 1, keepdim: _bool = False) -> Tensor:
        """The variance, divided by the count less `correction`."""
    @overload
    def var(self, dim: _int | Sequence[_int] | None, unbiased: _bool, keepdim: _bool = False) -> Tensor:
        """The variance over some dimensions, by torch's older arguments."""
    @overload
    def var(self, unbiased: _bool) -> Tensor:
        """The variance of all elements, by torch's older arguments."""
    def vdot(self, other: Tensor) -> Tensor:
        """The product of vectors, the first conjugated."""
    @overload
    def view(self, size: _int | Sequence[_int]) -> Tensor:
        """The same memory under another shape; one size may be -1."""
    @overload
    def view(self, *size: _int) -> Tensor:
        """The same memory under another shape; one size may be -1."""
    @overload
    def view(self, dtype: _dtype) -> Tensor:
        """The same bytes as elements of another dtype."""
    def view_as(self, other: Tensor) -> Tensor:
        """The shape of another tensor."""
    @overload
    def vsplit(self, sections: _int) -> tuple[Tensor, ...]:
        """So many equal views of the first dimension."""
    @overload
    def vsplit(self, indices: _int | Sequence[_int]) -> tuple[Tensor, ...]:
        """Views of the first dimension divided at these positions."""
    @overload
    def vsplit(self, *indices: _int) -> tuple[Tensor, ...]:
        """Views of the first dimension divided at these positions."""
    @overload
    def where(self, condition: Tensor, other: Tensor | Number) -> Tensor:
        """`input` where the condition holds, else `other`."""
    @overload
    def where(self) -> tuple[Tensor, ...]:
        """Positions where the condition holds, one tensor for each dimension."""
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

def is_tensor(obj: object) -> TypeGuard[Tensor]:
    """Whether an object is a tensor."""

def is_floating_point(input: Tensor) -> _bool:
    """Whether the dtype is a floating-point type."""

def is_complex(input: Tensor) -> _bool:
    """Whether the dtype is a complex type."""

def is_signed(input: Tensor) -> _bool:
    """Whether the dtype has negative numbers."""

def detach(input: Tensor) -> Tensor:
    """The same memory, not on the tape."""

def detach_(input: Tensor) -> Tensor:
    """Takes a tensor off the tape."""

def zero_(input: Tensor) -> Tensor:
    """Writes zeros."""

def fill_(input: Tensor, value: Tensor | Number) -> Tensor:
    """Writes a number everywhere."""

def resize_as_(input: Tensor, the_template: Tensor, memory_format: Any = None) -> Tensor:
    """Resized to another tensor's sizes."""

def numel(input: Tensor) -> _int:
    """The number of elements."""

def promote_types(type1: _dtype, type2: _dtype) -> _dtype:
    """The smallest dtype both fit in."""

def can_cast(from_: _dtype, to: _dtype) -> _bool:
    """Whether a result of one dtype may be written to a tensor of another."""

def get_default_dtype() -> _dtype:
    """The dtype floats get when nobody says one."""

def set_default_dtype(d: _dtype) -> None:
    """Sets the dtype floats get when nobody says one."""

def get_default_device() -> _device:
    """Where new tensors are when nobody says where."""

def set_default_device(device: DeviceLike | None) -> None:
    """Sets where new tensors are when nobody says where; None is the CPU."""

def set_printoptions(
    precision: _int | None = None,
    threshold: _float | None = None,
    edgeitems: _int | None = None,
    linewidth: _int | None = None,
    profile: Literal["default", "short", "full"] | None = None,
    sci_mode: _bool | None = None,
) -> None:
    """Sets how tensors are printed."""

def manual_seed(seed: _int) -> Generator:
    """Seeds the random numbers; gives the default generator."""

def seed() -> _int:
    """Seeds the random numbers with a number nobody knows, and tells it."""

def initial_seed() -> _int:
    """The seed the random numbers started with."""

def get_rng_state() -> Tensor:
    """The state of the random numbers."""

def set_rng_state(new_state: Tensor) -> None:
    """Goes on with random numbers from a state."""

def synchronize(device: DeviceLike | None = None) -> None:
    """Runs everything and waits until it is done."""

def realize(*tensors: Tensor) -> None:
    """Starts the work these tensors wait for."""

def set_fallback(policy: _str) -> _str:
    """What happens to an operator without a kernel: 'error', 'warn' or 'allow' (the host does it). Gives the last."""

def get_fallback() -> _str:
    """What happens to an operator that a device has no kernel for."""

def get_num_threads() -> _int:
    """How many threads the CPU computes with."""

def set_num_threads(n: _int) -> None:
    """Sets how many threads the CPU computes with."""

class DisableTorchFunctionSubclass:
    _off: _int
    def __enter__(self) -> None: ...
    def __exit__(self, *error: Any) -> None: ...

class DisableTorchFunction(DisableTorchFunctionSubclass):
    _off: _int

def _disabled_torch_function_impl(func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any: ...
def _torch_function(function: Any, relevant: Any, args: Any, kwargs: Any = None) -> Any: ...
def _has_torch_function(*objects: Any) -> _bool: ...
def _torch_function_off(off: _int | None = None) -> _int: ...
def _push_torch_function_mode(mode: Any) -> None: ...
def _pop_torch_function_mode() -> Any: ...
def _torch_function_modes() -> list[Any]: ...
def _quiet_class(cls: Any, disabled: Any) -> None: ...
def _queue_callback(callback: Any) -> None: ...
def _current_graph_task_id() -> _int: ...
def _will_engine_execute_node(node: Node) -> _bool: ...
def _node_class(name: _str) -> Any: ...
def _get_accelerator(check: _bool | None = None) -> device: ...
def _is_fwd_grad_enabled() -> _bool: ...
def _set_fwd_grad_enabled(mode: _bool) -> Any: ...

_nn: Any
_functions: Any
_autograd: Any

def is_inference(input: Tensor) -> _bool:
    """Whether a tensor was made in inference mode."""

def is_grad_enabled() -> _bool:
    """Whether operators are recorded."""

def is_inference_mode_enabled() -> _bool:
    """Whether inference mode is on."""

def is_anomaly_enabled() -> _bool:
    """Whether anomaly mode is on."""

def is_anomaly_check_nan_enabled() -> _bool:
    """Whether anomaly mode looks for NaN."""

def is_autocast_cache_enabled() -> _bool:
    """Whether casts of parameters are kept until the end of a region."""

def set_autocast_cache_enabled(enabled: _bool) -> None:
    """Sets whether they are."""

def clear_autocast_cache() -> None:
    """Forgets the casts that are kept."""

# For the Python package only.

def _backward(
    tensors: Tensor | Sequence[Any],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: _bool | None = None,
    create_graph: _bool = False,
    inputs: Tensor | Sequence[Any] | None = None,
) -> None: ...
def _grad(
    outputs: Tensor | Sequence[Any],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: _bool | None = None,
    create_graph: _bool = False,
    allow_unused: _bool | None = None,
    materialize_grads: _bool = False,
) -> tuple[Any, ...]: ...
def _set_mode(grad: _bool | None = None, inference: _bool | None = None) -> tuple[_bool, _bool]: ...
def _autocast(device_type: _str) -> tuple[_bool, dtype]: ...
def _set_autocast(device_type: _str, enabled: _bool | None = None, dtype: Any = None) -> None: ...
def _autocast_policy(device_type: _str, operator: _str) -> _str | None: ...
def _is_any_autocast_enabled() -> _bool: ...
def _adopt(buffer: Any, dtype: Any, count: _int, offset: _int) -> Tensor: ...
def _nest_autocast(by: _int) -> _int: ...
def _set_detect_anomaly(on: _bool) -> _bool: ...
def _set_anomaly_check_nan(on: _bool) -> _bool: ...
def _save(tensor: Tensor, output: _int | None = None) -> Any: ...
def _record(
    name: _str,
    backward: Callable[..., Any],
    release: Callable[[], Any],
    inputs: Sequence[Tensor | None],
    outputs: Sequence[Tensor],
    differentiable: Sequence[_bool],
    context: Any,
) -> Node | None: ...
def _push_saved_tensors_hooks(
    pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]
) -> None: ...
def _pop_saved_tensors_hooks() -> None: ...
def _increment_version(tensor: Tensor) -> None: ...
def _tape_position() -> _int: ...
def _mark_of_function(tensors: Sequence[Tensor], several: _bool) -> None: ...
def _passed_on(tensor: Tensor) -> Tensor: ...
def _leads_outside(outputs: Sequence[Tensor], since: _int, inside: Sequence[Tensor]) -> _bool: ...
def _vmap_begin(batch_size: _int, randomness: _str) -> _Recording: ...
def _vmap_end() -> None: ...
def _vmap_needs_value(message: _str) -> _bool: ...
def _checkpoint(
    function: Callable[..., Any], inputs: Sequence[Tensor], stop_early: _bool = False
) -> list[Tensor]: ...
def _make_subclass(cls: Any, data: Tensor, require_grad: _bool = False) -> Any: ...
def _default_generator() -> Generator: ...
def _backends() -> list[dict[_str, Any]]: ...
def _device_count(kind: _str, software: _bool = False) -> _int: ...
def _is_built_in(kind: _str) -> _bool: ...
def _device_info(device: _str) -> dict[_str, Any]: ...
def _current_device() -> _int: ...
def _set_current_device(index: _int) -> None: ...
def _memory_stats(device: _str) -> tuple[_int, _int, _int]: ...
def _reset_peak_memory(device: _str) -> None: ...
def _empty_cache(device: _str) -> None: ...
def _flush() -> None: ...
def _meeting(device: _str) -> bytes: ...
def _join(device: _str, meeting: bytes, size: _int, rank: _int) -> Any: ...
def _free_memory(device: _str) -> _int: ...
def _device_properties(device: _str) -> dict[_str, _int]: ...
def _stream_new(device: _str, priority: _int) -> _int: ...
def _stream_priorities(device: _str) -> tuple[_int, _int]: ...
def _stream_current(device: _str) -> _int: ...
def _stream_choose(device: _str, stream: _int) -> None: ...
def _stream_query(device: _str, stream: _int) -> _bool: ...
def _stream_wait(device: _str, stream: _int) -> None: ...
def _stream_order(device: _str, stream: _int, event: _int) -> None: ...
def _event_new(device: _str, timing: _bool) -> _int: ...
def _event_record(device: _str, event: _int, stream: _int) -> None: ...
def _event_query(device: _str, event: _int) -> _bool: ...
def _event_wait(device: _str, event: _int) -> None: ...
def _event_between(device: _str, start: _int, end: _int) -> _float: ...
def _event_forget(device: _str, event: _int) -> None: ...
def _capture_begin(device: _str, pool: _int) -> None: ...
def _capture_end() -> _Graph: ...
def _capture_abort() -> None: ...
def _is_capturing() -> _bool: ...
def _reaches(device: _str, other: _str) -> _bool: ...
def _pinned(tensor: Tensor, device: _str) -> Tensor: ...
def _is_pinned(tensor: Tensor, device: _str) -> _bool: ...
def _explain(work: Callable[[], Any]) -> tuple[Any, _str, list[dict[_str, Any]]]: ...
def _explain_tensors(tensors: Tensor | Sequence[Tensor]) -> tuple[Any, _str, list[dict[_str, Any]]]: ...
def _trace_start(shapes: _bool, memory: _bool, stacks: _bool, devices: _bool) -> None: ...
def _trace_stop() -> list[dict[_str, Any]]: ...
def _trace_enter(name: _str) -> _int | None: ...
def _trace_leave(number: _int) -> None: ...
def _is_tracing() -> _bool: ...
def _forked() -> None: ...
def _stats() -> dict[_str, _int]: ...
def _set_fusion(on: _bool) -> _bool: ...
def _call_it_torch() -> None: ...
def _from_bytes(data: bytes, dtype: _dtype) -> Tensor: ...
def _table() -> list[dict[_str, Any]]: ...
def _panic() -> None: ...
def _dirichlet_grad(x: Tensor, alpha: Tensor, total: Tensor) -> Tensor:
    """How shares of the last dimension move with their concentrations, each over what the others
    have."""

def _log_standard_gamma(input: Tensor, generator: Generator | None = None) -> Tensor:
    """The logarithms of gamma numbers."""

def _sample_dirichlet(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Shares that add up to one, with a concentration for each of the last dimension."""

def _standard_gamma(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Gamma numbers with a concentration for each element and rate 1; the gradient is that of the
    quantile."""

def _unique2(
    input: Tensor, sorted: _bool = True, return_inverse: _bool = False, return_counts: _bool = False
) -> _OutputInverseIndicesCounts:
    """The different elements, where each element went and how often each occurs."""

def _unique_consecutive(input: Tensor, dim: _int | None = None) -> _OutputInverseIndicesCounts:
    """The elements, or the parts along a dimension, without those that equal the one before."""

def _unique_dim(input: Tensor, dim: _int) -> _OutputInverseIndicesCounts:
    """The different parts along a dimension, where each part went and how often each occurs."""

def abs(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The absolute value."""

def abs_(input: Tensor) -> Tensor:
    """The absolute value."""

def absolute(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The absolute value."""

def absolute_(input: Tensor) -> Tensor:
    """The absolute value."""

def acos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the cosine."""

def acos_(input: Tensor) -> Tensor:
    """The inverse of the cosine."""

def acosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the hyperbolic cosine."""

def acosh_(input: Tensor) -> Tensor:
    """The inverse of the hyperbolic cosine."""

def adaptive_avg_pool1d(input: Tensor, output_size: _int | Sequence[_int]) -> Tensor:
    """The means of so many nearly equal parts of the last dimension."""

def adaptive_max_pool1d(input: Tensor, output_size: _int | Sequence[_int]) -> tuple[Tensor, ...]:
    """The largest of so many nearly equal parts of the last dimension, and where it is."""

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

def addbmm(
    input: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2)`, summed over the batch."""

def addbmm_(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2)`, summed over the batch."""

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

def addmm(
    input: Tensor,
    mat1: Tensor,
    mat2: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """`beta * input + alpha * (mat1 @ mat2)`."""

def addmm_(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """`beta * input + alpha * (mat1 @ mat2)`."""

def addmv(
    input: Tensor, mat: Tensor, vec: Tensor, *, beta: Number = 1, alpha: Number = 1, out: Tensor | None = None
) -> Tensor:
    """`beta * input + alpha * (mat @ vec)`."""

def addmv_(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """`beta * input + alpha * (mat @ vec)`."""

def addr(
    input: Tensor,
    vec1: Tensor,
    vec2: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """`beta * input + alpha * outer(vec1, vec2)`."""

def addr_(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """`beta * input + alpha * outer(vec1, vec2)`."""

def adjoint(input: Tensor) -> Tensor:
    """The conjugate of the transpose of matrices."""

def affine_grid_generator(theta: Tensor, size: _int | Sequence[_int], align_corners: _bool) -> Tensor:
    """`affine_grid` with all of its arguments."""

def alias_copy(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A copy."""

def all(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Whether all elements are true (not zero)."""

def allclose(
    input: Tensor, other: Tensor, rtol: _float = 1e-5, atol: _float = 1e-8, equal_nan: _bool = False
) -> _bool:
    """Whether all elements differ by at most `atol + rtol * |other|`."""

def alpha_dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """What `selu` goes to on the left with probability `p`, scaled so that mean and variance stay."""

def alpha_dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """What `selu` goes to on the left with probability `p`, scaled so that mean and variance stay."""

def amax(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The largest over some dimensions; equal ones share the gradient evenly."""

def amin(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The smallest over some dimensions; equal ones share the gradient evenly."""

def aminmax(
    input: Tensor, *, dim: _int | None = None, keepdim: _bool = False, out: tuple[Tensor, ...] | None = None
) -> _MinMax:
    """The smallest and the largest, along a dimension or of all elements."""

def angle(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle of a complex number; of a real one 0 or pi."""

def any(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Whether any element is true (not zero)."""

@overload
def arange(
    end: Number, *, dtype: _dtype | None = None, device: DeviceLike | None = None, out: Tensor | None = None
) -> Tensor:
    """0, 1 and so on, before `end`."""

@overload
def arange(
    start: Number,
    end: Number,
    step: Number = 1,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """`start`, `start + step` and so on, before `end`."""

def arccos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the cosine."""

def arccos_(input: Tensor) -> Tensor:
    """The inverse of the cosine."""

def arccosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the hyperbolic cosine."""

def arccosh_(input: Tensor) -> Tensor:
    """The inverse of the hyperbolic cosine."""

def arcsin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the sine."""

def arcsin_(input: Tensor) -> Tensor:
    """The inverse of the sine."""

def arcsinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the hyperbolic sine."""

def arcsinh_(input: Tensor) -> Tensor:
    """The inverse of the hyperbolic sine."""

def arctan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the tangent."""

def arctan2(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The angle of the point (other, input)."""

def arctan2_(input: Tensor, other: Tensor | Number) -> Tensor:
    """The angle of the point (other, input)."""

def arctan_(input: Tensor) -> Tensor:
    """The inverse of the tangent."""

def arctanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the hyperbolic tangent."""

def arctanh_(input: Tensor) -> Tensor:
    """The inverse of the hyperbolic tangent."""

def argmax(
    input: Tensor, dim: _int | None = None, keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Where the largest is first: along a dimension, or in row-major order of all elements."""

def argmin(
    input: Tensor, dim: _int | None = None, keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Where the smallest is first: along a dimension, or in row-major order of all elements."""

def argsort(
    input: Tensor,
    dim: _int = -1,
    descending: _bool = False,
    stable: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Where the elements in order are."""

def argwhere(input: Tensor) -> Tensor:
    """Positions of the elements that are not zero, one tensor for each dimension."""

def as_strided(
    input: Tensor,
    size: _int | Sequence[_int],
    stride: _int | Sequence[_int],
    storage_offset: _int | None = None,
) -> Tensor:
    """Any strided view of the storage."""

def as_strided_copy(
    input: Tensor,
    size: _int | Sequence[_int],
    stride: _int | Sequence[_int],
    storage_offset: _int | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """A copy of what a strided view sees."""

def as_strided_scatter(
    input: Tensor,
    src: Tensor,
    size: _int | Sequence[_int],
    stride: _int | Sequence[_int],
    storage_offset: _int | None = None,
) -> Tensor:
    """A copy with what a strided view of it sees replaced."""

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

@overload
def atleast_1d(input: Tensor) -> Tensor:
    """With at least one dimension."""

@overload
def atleast_1d(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Each with at least one dimension."""

@overload
def atleast_2d(input: Tensor) -> Tensor:
    """With at least two dimensions."""

@overload
def atleast_2d(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Each with at least two dimensions."""

@overload
def atleast_3d(input: Tensor) -> Tensor:
    """With at least three dimensions."""

@overload
def atleast_3d(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Each with at least three dimensions."""

def avg_pool1d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    ceil_mode: _bool = False,
    count_include_pad: _bool = True,
) -> Tensor:
    """The mean of windows over one dimension."""

def baddbmm(
    input: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2)`, for batches of matrices."""

def baddbmm_(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2)`, for batches of matrices."""

def bartlett_window(
    window_length: _int,
    periodic: _bool = True,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
) -> Tensor:
    """The window that rises to 1 in a line and falls."""

def batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: _bool,
    momentum: _float,
    eps: _float,
    cudnn_enabled: _bool,
) -> Tensor:
    """Each channel brought to mean 0 and variance 1."""

@overload
def bernoulli(input: Tensor, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """Ones with the probability in each element, else zeros."""

@overload
def bernoulli(
    input: Tensor, p: _float, *, generator: Generator | None = None, out: Tensor | None = None
) -> Tensor:
    """Ones with probability `p`, else zeros."""

def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`input1 @ weight[k] @ input2 + bias[k]` for every k."""

def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    reduction: _int = 1,
) -> Tensor:
    """`binary_cross_entropy` of the sigmoid; the reduction is a number."""

def bincount(input: Tensor, weights: Tensor | None = None, minlength: _int = 0) -> Tensor:
    """How often each number from 0 on occurs, or the sum of the weights it occurs with."""

def binomial(count: Tensor, prob: Tensor, generator: Generator | None = None) -> Tensor:
    """How many of `count` trials succeed with probability `prob`."""

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

def blackman_window(
    window_length: _int,
    periodic: _bool = True,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
) -> Tensor:
    """A sum of two cosines that is zero at the ends."""

def block_diag(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors as blocks on the diagonal of a matrix of zeros."""

def bmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The products of two batches of matrices."""

def broadcast_tensors(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Each tensor as a view of the shape that all of them broadcast to."""

def broadcast_to(input: Tensor, size: _int | Sequence[_int]) -> Tensor:
    """Broadcasts to a shape."""

def bucketize(
    input: Tensor | Number,
    boundaries: Tensor,
    *,
    out_int32: _bool = False,
    right: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """How many of the sorted boundaries stand before each element; with `right`, equal ones count
    too."""

def cartesian_prod(tensors: Sequence[Tensor]) -> Tensor:
    """Every choice of one element of each vector, a row for each."""

def cat(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """Tensors one after another along a dimension."""

def cdist(
    x1: Tensor, x2: Tensor, p: _float = 2.0, compute_mode: _str | None = "use_mm_for_euclid_dist_if_necessary"
) -> Tensor:
    """The p-norms of the differences of every row with every row of another tensor."""

def ceil(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounds up."""

def ceil_(input: Tensor) -> Tensor:
    """Rounds up."""

def celu(input: Tensor, alpha: Number = 1.0) -> Tensor:
    """x if positive, else `alpha * (exp(x / alpha) - 1)`: its slope has no jump."""

def celu_(input: Tensor, alpha: Number = 1.0) -> Tensor:
    """x if positive, else `alpha * (exp(x / alpha) - 1)`: its slope has no jump."""

def chain_matmul(matrices: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The product of matrices in the order that takes the fewest multiplications."""

def channel_shuffle(input: Tensor, groups: _int) -> Tensor:
    """The channels of all groups in turns."""

def cholesky(input: Tensor, upper: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """The lower (or upper) triangular factor of positive-definite matrices."""

def cholesky_inverse(input: Tensor, upper: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the matrices of which these are Cholesky factors."""

def cholesky_solve(
    input: Tensor, input2: Tensor, upper: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The X of `A @ X = input`, given a Cholesky factor of A."""

def chunk(input: Tensor, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """So many views of a dimension, of equal size if possible."""

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

def clip(
    input: Tensor,
    min: Tensor | Number | None = None,
    max: Tensor | Number | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Between `min` and `max`; either may be left out."""

def clip_(input: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
    """Between `min` and `max`; either may be left out."""

def clone(input: Tensor) -> Tensor:
    """A copy of the data, on the tape."""

def column_stack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Vectors as the columns of a matrix."""

def combinations(input: Tensor, r: _int = 2, with_replacement: _bool = False) -> Tensor:
    """Every choice of `r` elements of a vector in its order, a row for each."""

def complex(real: Tensor, imag: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The complex tensor of a real and an imaginary part."""

def concat(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """Tensors one after another along a dimension."""

def concatenate(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """Tensors one after another along a dimension."""

def conj(input: Tensor) -> Tensor:
    """Complex numbers with the imaginary part negated; a real tensor itself."""

def conj_physical(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Complex numbers with the imaginary part negated."""

def conj_physical_(input: Tensor) -> Tensor:
    """Complex numbers with the imaginary part negated."""

def constant_pad_nd(input: Tensor, pad: _int | Sequence[_int], value: Number = 0) -> Tensor:
    """Margins of a number, `(before, after)` from the last dimension on."""

@overload
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over one dimension."""

@overload
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _str = "valid",
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over one dimension, padded to the same size or not at all."""

@overload
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over two dimensions."""

@overload
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _str = "valid",
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over two dimensions, padded to the same size or not at all."""

@overload
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over three dimensions."""

@overload
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _str = "valid",
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over three dimensions, padded to the same size or not at all."""

def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: _int = 0) -> Tensor:
    """The convolution over time of `[time, batch, channel]`."""

def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    output_padding: _int | Sequence[_int] = [0],
    groups: _int = 1,
    dilation: _int | Sequence[_int] = [1],
) -> Tensor:
    """The transposed convolution over one dimension: the gradient of a convolution."""

def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    output_padding: _int | Sequence[_int] = [0],
    groups: _int = 1,
    dilation: _int | Sequence[_int] = [1],
) -> Tensor:
    """The transposed convolution over two dimensions: the gradient of a convolution."""

def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    output_padding: _int | Sequence[_int] = [0],
    groups: _int = 1,
    dilation: _int | Sequence[_int] = [1],
) -> Tensor:
    """The transposed convolution over three dimensions: the gradient of a convolution."""

def convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: _int | Sequence[_int],
    padding: _int | Sequence[_int],
    dilation: _int | Sequence[_int],
    transposed: _bool,
    output_padding: _int | Sequence[_int],
    groups: _int,
) -> Tensor:
    """The convolution over as many dimensions as the weight has beyond channels, transposed or not."""

def copysign(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """|input| with the sign of `other`."""

def copysign_(input: Tensor, other: Tensor | Number) -> Tensor:
    """|input| with the sign of `other`."""

def corrcoef(input: Tensor) -> Tensor:
    """Pearson's correlation coefficients of rows of samples."""

def cos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The cosine."""

def cos_(input: Tensor) -> Tensor:
    """The cosine."""

def cosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic cosine."""

def cosh_(input: Tensor) -> Tensor:
    """The hyperbolic cosine."""

def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: _float = 0.0, reduction: _int = 1
) -> Tensor:
    """The angle between pairs where the target is 1, how similar they are beyond the margin where it is
    -1; the reduction is a number."""

def cosine_similarity(x1: Tensor, x2: Tensor, dim: _int = 1, eps: _float = 1e-8) -> Tensor:
    """The product of two vectors along a dimension, each brought to length 1."""

def count_nonzero(input: Tensor, dim: _int | Sequence[_int] | None = None) -> Tensor:
    """How many elements are not zero."""

def cov(
    input: Tensor, *, correction: _int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Tensor:
    """The covariances of rows of samples, which may count several times or be of different
    importance."""

def cross(input: Tensor, other: Tensor, dim: _int | None = None, *, out: Tensor | None = None) -> Tensor:
    """The cross product along a dimension of size 3, the first one if none is named."""

@overload
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: _int | Sequence[_int],
    target_lengths: _int | Sequence[_int],
    blank: _int = 0,
    reduction: _int = 1,
    zero_infinity: _bool = False,
) -> Tensor:
    """Minus the log-probability of the target among all sequences of labels; the reduction is a
    number."""

@overload
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor,
    target_lengths: Tensor,
    blank: _int = 0,
    reduction: _int = 1,
    zero_infinity: _bool = False,
) -> Tensor:
    """Minus the log-probability of the target among all sequences of labels; the reduction is a
    number."""

def cummax(input: Tensor, dim: _int, *, out: tuple[Tensor, ...] | None = None) -> _ValuesIndices:
    """Running maxima and where they last were."""

def cummin(input: Tensor, dim: _int, *, out: tuple[Tensor, ...] | None = None) -> _ValuesIndices:
    """Running minima and where they last were."""

def cumprod(input: Tensor, dim: _int, *, dtype: _dtype | None = None, out: Tensor | None = None) -> Tensor:
    """Running products."""

def cumprod_(input: Tensor, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
    """Running products."""

def cumsum(input: Tensor, dim: _int, *, dtype: _dtype | None = None, out: Tensor | None = None) -> Tensor:
    """Running sums."""

def cumsum_(input: Tensor, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
    """Running sums."""

@overload
def cumulative_trapezoid(y: Tensor, x: Tensor, *, dim: _int = -1) -> Tensor:
    """The integrals up to each sample but the first, by trapezoids between samples at these places."""

@overload
def cumulative_trapezoid(y: Tensor, *, dx: Number = 1, dim: _int = -1) -> Tensor:
    """The integrals up to each sample but the first, by trapezoids between equally spaced samples."""

def deg2rad(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """From degrees to radians."""

def deg2rad_(input: Tensor) -> Tensor:
    """From degrees to radians."""

def det(input: Tensor) -> Tensor:
    """The determinant of square matrices."""

def detach_copy(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A copy."""

def diag(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The diagonal of a matrix, or the matrix of a diagonal."""

def diag_embed(input: Tensor, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
    """The last dimension as the diagonal of two new ones."""

def diagflat(input: Tensor, offset: _int = 0) -> Tensor:
    """A matrix with the elements on a diagonal."""

def diagonal(input: Tensor, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
    """The diagonal of two dimensions as the last one."""

def diagonal_copy(
    input: Tensor, offset: _int = 0, dim1: _int = 0, dim2: _int = 1, *, out: Tensor | None = None
) -> Tensor:
    """A copy of a diagonal."""

def diagonal_scatter(input: Tensor, src: Tensor, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
    """A copy with a diagonal replaced."""

def diff(
    input: Tensor,
    n: _int = 1,
    dim: _int = -1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The n-th differences of neighbours along a dimension."""

def digamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The derivative of `lgamma`."""

def digamma_(input: Tensor) -> Tensor:
    """The derivative of `lgamma`."""

def dist(input: Tensor, other: Tensor, p: _float = 2.0) -> Tensor:
    """The p-norm of the difference."""

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

@overload
def divide(
    input: Tensor, other: Tensor | Number, *, rounding_mode: _str | None, out: Tensor | None = None
) -> Tensor:
    """Divides, then rounds to 'trunc' or 'floor'."""

@overload
def divide(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Divides; integers become floats."""

@overload
def divide_(input: Tensor, other: Tensor | Number, *, rounding_mode: _str | None) -> Tensor:
    """Divides, then rounds to 'trunc' or 'floor'."""

@overload
def divide_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Divides; integers become floats."""

def dot(input: Tensor, tensor: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sum of the products of two vectors' elements."""

def dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Zeros with probability `p`; what stays is scaled by 1 / (1 - p)."""

def dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Zeros with probability `p`; what stays is scaled by 1 / (1 - p)."""

@overload
def dsplit(input: Tensor, sections: _int) -> tuple[Tensor, ...]:
    """So many equal views of the third dimension."""

@overload
def dsplit(input: Tensor, indices: _int | Sequence[_int]) -> tuple[Tensor, ...]:
    """Views of the third dimension divided at these positions."""

def dstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Tensors behind one another."""

def einsum(equation: _str, operands: Sequence[Tensor]) -> Tensor:
    """Sums of products by letters: "ij,jk->ik" is the matrix product."""

def elu_(input: Tensor, alpha: Number = 1.0) -> Tensor:
    """x if positive, else `alpha * (exp(x) - 1)`."""

def embedding(
    weight: Tensor,
    indices: Tensor,
    padding_idx: _int = -1,
    scale_grad_by_freq: _bool = False,
    sparse: _bool = False,
) -> Tensor:
    """The rows of `weight` at the indices."""

def embedding_bag(
    weight: Tensor,
    indices: Tensor,
    offsets: Tensor,
    scale_grad_by_freq: _bool = False,
    mode: _int = 0,
    sparse: _bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: _bool = False,
    padding_idx: _int | None = None,
) -> tuple[Tensor, ...]:
    """`embedding_bag` with each index's bag, the bags' sizes and, of the largest, where they are."""

def embedding_renorm_(input: Tensor, indices: Tensor, max_norm: _float, norm_type: _float) -> Tensor:
    """Scales the rows at the indices that are longer down to `max_norm`, in place."""

@overload
def empty(
    size: _int | Sequence[_int],
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Memory with undefined contents."""

@overload
def empty(
    *size: _int, dtype: _dtype | None = None, device: DeviceLike | None = None, out: Tensor | None = None
) -> Tensor:
    """Memory with undefined contents."""

def empty_like(input: Tensor, *, dtype: _dtype | None = None, device: DeviceLike | None = None) -> Tensor:
    """Memory with undefined contents, like another tensor."""

def empty_permuted(
    size: _int | Sequence[_int],
    physical_layout: _int | Sequence[_int],
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
) -> Tensor:
    """Memory with undefined contents, its dimensions laid out in an order."""

def empty_strided(
    size: _int | Sequence[_int],
    stride: _int | Sequence[_int],
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
) -> Tensor:
    """Memory with undefined contents, seen in strides."""

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

def expand_copy(
    input: Tensor, size: _int | Sequence[_int], *, implicit: _bool = False, out: Tensor | None = None
) -> Tensor:
    """A copy that is broadcast to sizes."""

def expm1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exp(x) - 1, exact near zero."""

def expm1_(input: Tensor) -> Tensor:
    """exp(x) - 1, exact near zero."""

def eye(
    n: _int,
    m: _int | None = None,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Ones on the diagonal, zeros elsewhere."""

def feature_alpha_dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """As `alpha_dropout` for whole channels."""

def feature_alpha_dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """As `alpha_dropout` for whole channels."""

def feature_dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Whole channels are zero with probability `p`."""

def feature_dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Whole channels are zero with probability `p`."""

def fill(input: Tensor, value: Tensor | Number) -> Tensor:
    """A copy filled with a number."""

def fix(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounds towards zero."""

def fix_(input: Tensor) -> Tensor:
    """Rounds towards zero."""

def flatten(input: Tensor, start_dim: _int = 0, end_dim: _int = -1) -> Tensor:
    """Some dimensions as one."""

def flip(input: Tensor, dims: _int | Sequence[_int]) -> Tensor:
    """Dimensions in reversed order (a copy)."""

def fliplr(input: Tensor) -> Tensor:
    """Columns in reversed order."""

def flipud(input: Tensor) -> Tensor:
    """Rows in reversed order."""

@overload
def float_power(input: Tensor, exponent: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """`input` to the power `exponent`, in double precision."""

@overload
def float_power(input: Number, exponent: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A number to the power `exponent`, in double precision."""

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

def frexp(input: Tensor, *, out: tuple[Tensor, ...] | None = None) -> _MantissaExponent:
    """Mantissas from 0.5 on, below 1, and exponents: `input = mantissa * 2 ** exponent`."""

def frobenius_norm(
    input: Tensor, dim: _int | Sequence[_int], keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The root of the sum of squares over some dimensions."""

def full(
    size: _int | Sequence[_int],
    fill_value: Number,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Every element the same number, whose kind says the dtype if none is named."""

def full_like(
    input: Tensor, fill_value: Number, *, dtype: _dtype | None = None, device: DeviceLike | None = None
) -> Tensor:
    """Every element the same number, like another tensor."""

def gather(
    input: Tensor, dim: _int, index: Tensor, *, sparse_grad: _bool = False, out: Tensor | None = None
) -> Tensor:
    """`out[i][j] = input[index[i][j]][j]` for dimension 0, and so on."""

def gcd(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The greatest common divisor."""

def gcd_(input: Tensor, other: Tensor | Number) -> Tensor:
    """The greatest common divisor."""

def ge(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input >= other."""

def ge_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input >= other."""

def geqrf(input: Tensor, *, out: tuple[Tensor, ...] | None = None) -> _ATau:
    """R and the reflections that make it, as LAPACK packs them."""

def ger(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Every element of one vector times every element of another."""

def greater(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input > other."""

def greater_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input > other."""

def greater_equal(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input >= other."""

def greater_equal_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input >= other."""

def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: _int, padding_mode: _int, align_corners: _bool
) -> Tensor:
    """`grid_sample` with its modes as numbers."""

def group_norm(
    input: Tensor,
    num_groups: _int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: _float = 1e-5,
    cudnn_enabled: _bool = True,
) -> Tensor:
    """Channels in groups, each group of each sample brought to mean 0 and variance 1."""

@overload
def gru(
    input: Tensor,
    hx: Tensor,
    params: Sequence[Tensor],
    has_biases: _bool,
    num_layers: _int,
    dropout: _float,
    train: _bool,
    bidirectional: _bool,
    batch_first: _bool,
) -> tuple[Tensor, ...]:
    """Sequences read by gated recurrent units: the output at every step and the last states."""

@overload
def gru(
    data: Tensor,
    batch_sizes: Tensor,
    hx: Tensor,
    params: Sequence[Tensor],
    has_biases: _bool,
    num_layers: _int,
    dropout: _float,
    train: _bool,
    bidirectional: _bool,
) -> tuple[Tensor, ...]:
    """Packed sequences read by gated recurrent units: the output at every step and the last states."""

def gru_cell(
    input: Tensor,
    hx: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> Tensor:
    """A step of a gated recurrent unit."""

def gt(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input > other."""

def gt_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input > other."""

def hamming_window(
    window_length: _int,
    periodic: _bool = True,
    alpha: _float = 0.54,
    beta: _float = 0.46,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
) -> Tensor:
    """The raised cosine `alpha - beta * cos`."""

def hann_window(
    window_length: _int,
    periodic: _bool = True,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
) -> Tensor:
    """The raised cosine that is zero at the ends."""

def hardshrink(input: Tensor, lambd: _float = 0.5, *, out: Tensor | None = None) -> Tensor:
    """x, but 0 between `-lambd` and `lambd`."""

def hardtanh_(input: Tensor, min_val: Number = -1.0, max_val: Number = 1.0) -> Tensor:
    """x between `min_val` and `max_val`."""

def heaviside(input: Tensor, values: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """0 below zero, `values` at zero, 1 above."""

def heaviside_(input: Tensor, values: Tensor | Number) -> Tensor:
    """0 below zero, `values` at zero, 1 above."""

def hinge_embedding_loss(input: Tensor, target: Tensor, margin: _float = 1.0, reduction: _int = 1) -> Tensor:
    """The distance where the target is 1, by how much it falls short of the margin where it is -1; the
    reduction is a number."""

def histc(
    input: Tensor, bins: _int = 100, min: Number = 0, max: Number = 0, *, out: Tensor | None = None
) -> Tensor:
    """How many elements fall into each of so many equal parts of a range: that of the elements if none
    is named."""

@overload
def histogram(
    input: Tensor,
    bins: _int = 100,
    *,
    range: _float | Sequence[_float] | None = None,
    weight: Tensor | None = None,
    density: _bool = False,
    out: tuple[Tensor, ...] | None = None,
) -> _HistBinEdges:
    """How many elements, or which sum of weights, fall into each of so many equal parts of a range."""

@overload
def histogram(
    input: Tensor,
    bins: Tensor,
    *,
    weight: Tensor | None = None,
    density: _bool = False,
    out: tuple[Tensor, ...] | None = None,
) -> _HistBinEdges:
    """How many elements, or which sum of weights, fall between neighbouring edges."""

@overload
def hsplit(input: Tensor, sections: _int) -> tuple[Tensor, ...]:
    """So many equal views of the second dimension, or of a vector."""

@overload
def hsplit(input: Tensor, indices: _int | Sequence[_int]) -> tuple[Tensor, ...]:
    """Views of the second dimension, or of a vector, divided at these positions."""

def hstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Tensors beside one another."""

def hypot(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The length of the hypotenuse, without overflow on the way."""

def hypot_(input: Tensor, other: Tensor | Number) -> Tensor:
    """The length of the hypotenuse, without overflow on the way."""

def i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 0."""

def i0_(input: Tensor) -> Tensor:
    """The modified Bessel function of the first kind of order 0."""

def igamma(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The regularised lower incomplete gamma function of `input`, up to `other`."""

def igamma_(input: Tensor, other: Tensor) -> Tensor:
    """The regularised lower incomplete gamma function of `input`, up to `other`."""

def igammac(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The regularised upper incomplete gamma function of `input`, from `other` on."""

def igammac_(input: Tensor, other: Tensor) -> Tensor:
    """The regularised upper incomplete gamma function of `input`, from `other` on."""

def imag(input: Tensor) -> Tensor:
    """The imaginary parts, a view."""

def index_add(
    input: Tensor, dim: _int, index: Tensor, source: Tensor, *, alpha: Number = 1, out: Tensor | None = None
) -> Tensor:
    """A copy with `alpha` times the parts of the source added at the indices of a dimension."""

def index_add_(input: Tensor, dim: _int, index: Tensor, source: Tensor, *, alpha: Number = 1) -> Tensor:
    """A copy with `alpha` times the parts of the source added at the indices of a dimension."""

def index_copy(
    input: Tensor, dim: _int, index: Tensor, source: Tensor, *, out: Tensor | None = None
) -> Tensor:
    """A copy with the parts at the indices of a dimension replaced."""

def index_copy_(input: Tensor, dim: _int, index: Tensor, source: Tensor) -> Tensor:
    """A copy with the parts at the indices of a dimension replaced."""

def index_fill(input: Tensor, dim: _int, index: Tensor, value: Tensor | Number) -> Tensor:
    """A copy with the parts at the indices of a dimension filled."""

def index_fill_(input: Tensor, dim: _int, index: Tensor, value: Tensor | Number) -> Tensor:
    """A copy with the parts at the indices of a dimension filled."""

def index_put(input: Tensor, indices: Sequence[Tensor], values: Tensor, accumulate: _bool = False) -> Tensor:
    """A copy with `out[indices] = values`, or `+=` where `accumulate` is set."""

def index_put_(input: Tensor, indices: Sequence[Tensor], values: Tensor, accumulate: _bool = False) -> Tensor:
    """A copy with `out[indices] = values`, or `+=` where `accumulate` is set."""

def index_reduce(
    input: Tensor,
    dim: _int,
    index: Tensor,
    source: Tensor,
    reduce: _str,
    *,
    include_self: _bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """A copy with the parts of a source combined in at the indices of a dimension: 'prod', 'mean',
    'amax' or 'amin'."""

def index_reduce_(
    input: Tensor, dim: _int, index: Tensor, source: Tensor, reduce: _str, *, include_self: _bool = True
) -> Tensor:
    """A copy with the parts of a source combined in at the indices of a dimension: 'prod', 'mean',
    'amax' or 'amin'."""

def index_select(input: Tensor, dim: _int, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The parts at the indices of a dimension."""

def inner(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The products summed over the last dimensions of both."""

def instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: _bool,
    momentum: _float,
    eps: _float,
    cudnn_enabled: _bool,
) -> Tensor:
    """Each channel of each sample brought to mean 0 and variance 1."""

def inverse(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of square matrices; an error if one is singular."""

def is_conj(input: Tensor) -> _bool:
    """Whether conjugation is postponed: never."""

def is_neg(input: Tensor) -> _bool:
    """Whether negation is postponed: never."""

def is_nonzero(input: Tensor) -> _bool:
    """Whether the only element is not zero."""

def is_same_size(input: Tensor, other: Tensor) -> _bool:
    """Whether two tensors have the same shape."""

def isclose(
    input: Tensor, other: Tensor, rtol: _float = 1e-5, atol: _float = 1e-8, equal_nan: _bool = False
) -> Tensor:
    """Whether they differ by at most `atol + rtol * |other|`."""

def isfinite(input: Tensor) -> Tensor:
    """Whether it is neither infinite nor NaN."""

@overload
def isin(
    elements: Tensor,
    test_elements: Tensor,
    *,
    assume_unique: _bool = False,
    invert: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Whether each element is among those of another tensor."""

@overload
def isin(
    elements: Tensor,
    test_element: Number,
    *,
    assume_unique: _bool = False,
    invert: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Whether each element is a number."""

@overload
def isin(
    element: Number,
    test_elements: Tensor,
    *,
    assume_unique: _bool = False,
    invert: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Whether a number is among the elements."""

def isinf(input: Tensor) -> Tensor:
    """Whether it is infinite."""

def isnan(input: Tensor) -> Tensor:
    """Whether it is not a number."""

def isneginf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is minus infinity."""

def isposinf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is plus infinity."""

def isreal(input: Tensor) -> Tensor:
    """Whether the imaginary part is zero."""

def istft(
    input: Tensor,
    n_fft: _int,
    hop_length: _int | None = None,
    win_length: _int | None = None,
    window: Tensor | None = None,
    center: _bool = True,
    normalized: _bool = False,
    onesided: _bool | None = None,
    length: _int | None = None,
    return_complex: _bool = False,
) -> Tensor:
    """The signal whose overlapping pieces have these transforms."""

def kaiser_window(
    window_length: _int,
    periodic: _bool = True,
    beta: _float = 12.0,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
) -> Tensor:
    """Kaiser's window of a shape `beta`."""

def kl_div(input: Tensor, target: Tensor, reduction: _int = 1, *, log_target: _bool = False) -> Tensor:
    """What the target's distribution loses by the input's log-probabilities; the reduction is a
    number."""

def kron(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Kronecker's product: every element times the other tensor."""

def kthvalue(
    input: Tensor, k: _int, dim: _int = -1, keepdim: _bool = False, *, out: tuple[Tensor, ...] | None = None
) -> _ValuesIndices:
    """The `k`-th smallest, counted from 1, and where it is."""

def layer_norm(
    input: Tensor,
    normalized_shape: _int | Sequence[_int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: _float = 1e-5,
    cudnn_enable: _bool = True,
) -> Tensor:
    """The last dimensions brought to mean 0 and variance 1, then scaled and moved."""

def lcm(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The least common multiple."""

def lcm_(input: Tensor, other: Tensor | Number) -> Tensor:
    """The least common multiple."""

def ldexp(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`input * 2 ** other`."""

def ldexp_(input: Tensor, other: Tensor) -> Tensor:
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

def less(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input < other."""

def less_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input < other."""

def less_equal(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input <= other."""

def less_equal_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input <= other."""

def lgamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of |gamma(x)|."""

def lgamma_(input: Tensor) -> Tensor:
    """The logarithm of |gamma(x)|."""

def linspace(
    start: Tensor | Number,
    end: Tensor | Number,
    steps: _int,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """So many numbers at equal steps, both ends included, which may be in tensors."""

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

def log_softmax(
    input: Tensor, dim: _int, dtype: _dtype | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The logarithm of `softmax`."""

def logaddexp(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """log(exp(x) + exp(y)), without overflow."""

def logaddexp2(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """log2(2 ** x + 2 ** y), without overflow."""

def logcumsumexp(input: Tensor, dim: _int, *, out: Tensor | None = None) -> Tensor:
    """Running logarithms of sums of exponentials."""

def logdet(input: Tensor) -> Tensor:
    """The logarithm of the determinant; NaN where that is negative."""

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

def logspace(
    start: Tensor | Number,
    end: Tensor | Number,
    steps: _int,
    base: _float = 10.0,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """`base` to the powers at equal steps, both ends included, which may be in tensors."""

def logsumexp(
    input: Tensor, dim: _int | Sequence[_int], keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The logarithm of the sum of exponentials."""

@overload
def lstm(
    input: Tensor,
    hx: Sequence[Tensor],
    params: Sequence[Tensor],
    has_biases: _bool,
    num_layers: _int,
    dropout: _float,
    train: _bool,
    bidirectional: _bool,
    batch_first: _bool,
) -> tuple[Tensor, ...]:
    """Sequences read by long short-term memory: the output at every step and the last states."""

@overload
def lstm(
    data: Tensor,
    batch_sizes: Tensor,
    hx: Sequence[Tensor],
    params: Sequence[Tensor],
    has_biases: _bool,
    num_layers: _int,
    dropout: _float,
    train: _bool,
    bidirectional: _bool,
) -> tuple[Tensor, ...]:
    """Packed sequences read by long short-term memory: the output at every step and the last states."""

def lstm_cell(
    input: Tensor,
    hx: Sequence[Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """A step of a long short-term memory."""

def lt(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """input < other."""

def lt_(input: Tensor, other: Tensor | Number) -> Tensor:
    """input < other."""

def lu(
    A: Tensor, pivot: _bool = True, get_infos: _bool = False, *, out: Tensor | None = None
) -> tuple[Tensor, ...]:
    """Both triangular factors in one matrix, and pivots (and codes)."""

def lu_solve(input: Tensor, LU_data: Tensor, LU_pivots: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The X of `A @ X = input`, given packed factors of A."""

def lu_unpack(
    LU_data: Tensor,
    LU_pivots: Tensor,
    unpack_data: _bool = True,
    unpack_pivots: _bool = True,
    *,
    out: tuple[Tensor, ...] | None = None,
) -> _PLU:
    """Permutation, lower and upper triangular factors from the packed ones."""

def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: _float = 0.0, reduction: _int = 1
) -> Tensor:
    """By how much `target` times the difference falls short of the margin; the reduction is a
    number."""

def masked_fill(input: Tensor, mask: Tensor, value: Tensor | Number) -> Tensor:
    """A copy with `value` where the mask holds; the mask is broadcast."""

def masked_fill_(input: Tensor, mask: Tensor, value: Tensor | Number) -> Tensor:
    """A copy with `value` where the mask holds; the mask is broadcast."""

def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy with the places where a mask is true filled by the first elements of a source."""

def masked_scatter_(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy with the places where a mask is true filled by the first elements of a source."""

def masked_select(input: Tensor, mask: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements where the mask is true."""

def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix product, with torch's rules for vectors and batches."""

def matrix_exp(input: Tensor) -> Tensor:
    """The exponential of square matrices."""

def matrix_power(input: Tensor, n: _int, *, out: Tensor | None = None) -> Tensor:
    """The n-th power of square matrices."""

@overload
def max(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The largest of all elements."""

@overload
def max(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The larger of two; NaN if either is."""

@overload
def max(
    input: Tensor, dim: _int, keepdim: _bool = False, *, out: tuple[Tensor, ...] | None = None
) -> _ValuesIndices:
    """The largest along a dimension and where it is first."""

def max_pool1d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> Tensor:
    """The largest of windows over one dimension; with `return_indices` also where it is."""

def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> tuple[Tensor, ...]:
    """The largest of windows over one dimension, and where it is."""

def max_pool2d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> Tensor:
    """The largest of windows over two dimensions; with `return_indices` also where it is."""

def max_pool3d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> Tensor:
    """The largest of windows over three dimensions; with `return_indices` also where it is."""

def maximum(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The larger; NaN if either is."""

def mean(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: _dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The mean over some dimensions, all if none are named."""

@overload
def median(input: Tensor) -> Tensor:
    """The median of all elements: of two, the smaller."""

@overload
def median(
    input: Tensor, dim: _int, keepdim: _bool = False, *, out: tuple[Tensor, ...] | None = None
) -> _ValuesIndices:
    """The median along a dimension (of two, the smaller) and where it is."""

def meshgrid(tensors: Sequence[Tensor], *, indexing: _str = "ij") -> tuple[Tensor, ...]:
    """The coordinates of a grid spanned by vectors; indexing='xy' swaps the first two dimensions."""

@overload
def min(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The smallest of all elements."""

@overload
def min(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The smaller of two; NaN if either is."""

@overload
def min(
    input: Tensor, dim: _int, keepdim: _bool = False, *, out: tuple[Tensor, ...] | None = None
) -> _ValuesIndices:
    """The smallest along a dimension and where it is first."""

def minimum(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The smaller; NaN if either is."""

def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices."""

def mode(
    input: Tensor, dim: _int = -1, keepdim: _bool = False, *, out: tuple[Tensor, ...] | None = None
) -> _ValuesIndices:
    """The most frequent element along a dimension, the smallest of several, and where it is last."""

def moveaxis(input: Tensor, source: _int | Sequence[_int], destination: _int | Sequence[_int]) -> Tensor:
    """Dimensions moved to other places."""

def movedim(input: Tensor, source: _int | Sequence[_int], destination: _int | Sequence[_int]) -> Tensor:
    """Dimensions moved to other places."""

def msort(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements in order along the first dimension."""

def mul(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Multiplies; on booleans, and."""

def mul_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Multiplies; on booleans, and."""

def multinomial(
    input: Tensor,
    num_samples: _int,
    replacement: _bool = False,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Positions drawn with the probabilities the last dimension is proportional to."""

def multiply(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Multiplies; on booleans, and."""

def multiply_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Multiplies; on booleans, and."""

def mv(input: Tensor, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of a matrix and a vector."""

def mvlgamma(input: Tensor, p: _int, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the gamma function of matrices of size `p`."""

def mvlgamma_(input: Tensor, p: _int) -> Tensor:
    """The logarithm of the gamma function of matrices of size `p`."""

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

def nanmean(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: _dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The mean of what is not NaN."""

@overload
def nanmedian(input: Tensor) -> Tensor:
    """The median of all elements that are not NaN."""

@overload
def nanmedian(
    input: Tensor, dim: _int, keepdim: _bool = False, *, out: tuple[Tensor, ...] | None = None
) -> _ValuesIndices:
    """The median along a dimension of what is not NaN, and where it is."""

def nanquantile(
    input: Tensor,
    q: Tensor | Number,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    interpolation: _str = "linear",
    out: Tensor | None = None,
) -> Tensor:
    """As `quantile`, of what is not NaN."""

def nansum(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: _dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The sum of what is not NaN."""

@overload
def narrow(input: Tensor, dim: _int, start: _int, length: _int) -> Tensor:
    """`length` elements from `start` on along a dimension."""

@overload
def narrow(input: Tensor, dim: _int, start: Tensor, length: _int) -> Tensor:
    """`length` elements along a dimension, from where a tensor says."""

def narrow_copy(input: Tensor, dim: _int, start: _int, length: _int, *, out: Tensor | None = None) -> Tensor:
    """A copy of a part of a dimension."""

def native_batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: _bool,
    momentum: _float,
    eps: _float,
    *,
    out: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """`batch_norm` with the means and the inverse deviations."""

def native_channel_shuffle(input: Tensor, groups: _int) -> Tensor:
    """The channels of all groups in turns."""

def native_dropout(input: Tensor, p: _float, train: _bool | None) -> tuple[Tensor, ...]:
    """`dropout`, and what it kept."""

def native_group_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    N: _int,
    C: _int,
    HxW: _int,
    group: _int,
    eps: _float,
) -> tuple[Tensor, ...]:
    """`group_norm` with the means and the inverse deviations of the groups."""

def native_layer_norm(
    input: Tensor,
    normalized_shape: _int | Sequence[_int],
    weight: Tensor | None,
    bias: Tensor | None,
    eps: _float,
) -> tuple[Tensor, ...]:
    """`layer_norm` with the means and the inverse deviations."""

def ne(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Whether they differ; NaN differs from everything."""

def ne_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Whether they differ; NaN differs from everything."""

def neg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The opposite number."""

def neg_(input: Tensor) -> Tensor:
    """The opposite number."""

def negative(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The opposite number."""

def negative_(input: Tensor) -> Tensor:
    """The opposite number."""

def nextafter(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The next number of the dtype towards another one."""

def nextafter_(input: Tensor, other: Tensor) -> Tensor:
    """The next number of the dtype towards another one."""

@overload
def nonzero(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Positions of the elements that are not zero, a row for each."""

@overload
def nonzero(input: Tensor, *, as_tuple: _bool, out: Tensor | None = None) -> Tensor:
    """Positions of the elements that are not zero: one tensor, or one for each dimension."""

def nonzero_static(input: Tensor, *, size: _int, fill_value: _int = -1, out: Tensor | None = None) -> Tensor:
    """The first positions that are not zero, so many of them; what is missing is filled."""

@overload
def norm(
    input: Tensor,
    p: _float | None = 2.0,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    dtype: _dtype | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The p-norm over some dimensions, all if none are named."""

@overload
def norm(
    input: Tensor,
    p: _str,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    dtype: _dtype | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The norm named by a word: 'fro' is the 2-norm of all elements, 'nuc' the sum of a matrix's
    singular values."""

@overload
def normal(
    mean: _float,
    std: _float,
    size: _int | Sequence[_int],
    *,
    generator: Generator | None = None,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Normal with a mean and a deviation."""

@overload
def normal(
    mean: Tensor, std: Tensor | Number = 1.0, *, generator: Generator | None = None, out: Tensor | None = None
) -> Tensor:
    """Normal with a mean for each element, and a deviation for each or for all."""

@overload
def normal(
    mean: _float, std: Tensor, *, generator: Generator | None = None, out: Tensor | None = None
) -> Tensor:
    """Normal with a mean for all elements and a deviation for each."""

def not_equal(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Whether they differ; NaN differs from everything."""

def not_equal_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Whether they differ; NaN differs from everything."""

@overload
def nuclear_norm(input: Tensor, keepdim: _bool = False, *, out: Tensor | None = None) -> Tensor:
    """The sum of the singular values."""

@overload
def nuclear_norm(
    input: Tensor, dim: _int | Sequence[_int], keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The sum of the singular values over two dimensions."""

@overload
def ones(
    size: _int | Sequence[_int],
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Every element one."""

@overload
def ones(
    *size: _int, dtype: _dtype | None = None, device: DeviceLike | None = None, out: Tensor | None = None
) -> Tensor:
    """Every element one."""

def ones_like(input: Tensor, *, dtype: _dtype | None = None, device: DeviceLike | None = None) -> Tensor:
    """Ones like another tensor."""

def orgqr(input: Tensor, input2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The first columns of the product of packed reflections."""

def ormqr(
    input: Tensor,
    input2: Tensor,
    input3: Tensor,
    left: _bool = True,
    transpose: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The product of packed reflections with a matrix."""

def outer(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Every element of one vector times every element of another."""

def pairwise_distance(
    x1: Tensor, x2: Tensor, p: _float = 2.0, eps: _float = 1e-6, keepdim: _bool = False
) -> Tensor:
    """The p-norm of the difference along the last dimension."""

def pca_lowrank(
    A: Tensor, q: _int | None = None, center: _bool = True, niter: _int = 2
) -> tuple[Tensor, ...]:
    """The q first principal components of rows, by random projections."""

def pdist(input: Tensor, p: _float = 2.0) -> Tensor:
    """The p-norms of the differences of all pairs of rows."""

def permute(input: Tensor, dims: _int | Sequence[_int]) -> Tensor:
    """Dimension `dims[i]` becomes dimension `i`."""

def permute_copy(input: Tensor, dims: _int | Sequence[_int], *, out: Tensor | None = None) -> Tensor:
    """A copy with its dimensions in another order."""

def pinverse(input: Tensor, rcond: _float = 1e-15) -> Tensor:
    """The pseudo-inverse; singular values below `rcond` times the largest count as zero."""

def pixel_shuffle(input: Tensor, upscale_factor: _int) -> Tensor:
    """Channels become pixels."""

def pixel_unshuffle(input: Tensor, downscale_factor: _int) -> Tensor:
    """Pixels become channels."""

def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Poisson numbers with a mean for each element."""

def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: _bool, full: _bool, eps: _float, reduction: _int
) -> Tensor:
    """Minus the log-likelihood of counts; the reduction is a number."""

def polar(abs: Tensor, angle: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The complex tensor of absolute values and angles."""

def polygamma(n: _int, input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The n-th derivative of `digamma`."""

def polygamma_(n: _int, input: Tensor) -> Tensor:
    """The n-th derivative of `digamma`."""

def positive(input: Tensor) -> Tensor:
    """The tensor itself; booleans are refused."""

@overload
def pow(input: Tensor, exponent: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """`input` to the power `exponent`; squares, roots and the like have kernels of their own."""

@overload
def pow(input: Number, exponent: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A number to the power `exponent`."""

def pow_(input: Tensor, exponent: Tensor | Number) -> Tensor:
    """`input` to the power `exponent`; squares, roots and the like have kernels of their own."""

def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x if positive, else `weight * x`, with one weight or one for each channel (dimension 1)."""

def prod(
    input: Tensor,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    dtype: _dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The product along a dimension, or of all elements."""

def put(input: Tensor, index: Tensor, source: Tensor, accumulate: _bool = False) -> Tensor:
    """A copy with the elements of a source at row-major positions, replaced or added."""

def put_(input: Tensor, index: Tensor, source: Tensor, accumulate: _bool = False) -> Tensor:
    """A copy with the elements of a source at row-major positions, replaced or added."""

def qr(input: Tensor, some: _bool = True, *, out: tuple[Tensor, ...] | None = None) -> _QR:
    """Orthonormal Q and triangular R with `Q @ R = input`."""

def quantile(
    input: Tensor,
    q: Tensor | Number,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    interpolation: _str = "linear",
    out: Tensor | None = None,
) -> Tensor:
    """The elements that a share `q` of the others is below."""

def rad2deg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """From radians to degrees."""

def rad2deg_(input: Tensor) -> Tensor:
    """From radians to degrees."""

@overload
def rand(
    size: _int | Sequence[_int],
    *,
    generator: Generator | None = None,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Uniform in [0, 1)."""

@overload
def rand(
    *size: _int,
    generator: Generator | None = None,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Uniform in [0, 1)."""

def rand_like(input: Tensor, *, generator: Generator | None = None, dtype: _dtype | None = None) -> Tensor:
    """Uniform in [0, 1), like another tensor."""

@overload
def randint(
    high: _int,
    size: _int | Sequence[_int],
    *,
    generator: Generator | None = None,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Integers below `high`."""

@overload
def randint(
    low: _int,
    high: _int,
    size: _int | Sequence[_int],
    *,
    generator: Generator | None = None,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Integers from `low` on, below `high`."""

@overload
def randint_like(
    input: Tensor, high: _int, *, generator: Generator | None = None, dtype: _dtype | None = None
) -> Tensor:
    """Integers below `high`, like another tensor."""

@overload
def randint_like(
    input: Tensor, low: _int, high: _int, *, generator: Generator | None = None, dtype: _dtype | None = None
) -> Tensor:
    """Integers from `low` on, below `high`, like another tensor."""

@overload
def randn(
    size: _int | Sequence[_int],
    *,
    generator: Generator | None = None,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Normal with mean 0 and deviation 1."""

@overload
def randn(
    *size: _int,
    generator: Generator | None = None,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Normal with mean 0 and deviation 1."""

def randn_like(input: Tensor, *, generator: Generator | None = None, dtype: _dtype | None = None) -> Tensor:
    """Normal with mean 0 and deviation 1, like another tensor."""

def randperm(
    n: _int,
    *,
    generator: Generator | None = None,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The integers below n in random order."""

@overload
def range(
    *, end: Number, dtype: _dtype | None = None, device: DeviceLike | None = None, out: Tensor | None = None
) -> Tensor:
    """Numbers from `start` to `end`, both included."""

@overload
def range(
    start: Number,
    end: Number,
    step: Number = 1,
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Numbers from `start` to `end` in steps, both included."""

def ravel(input: Tensor) -> Tensor:
    """All dimensions as one."""

def real(input: Tensor) -> Tensor:
    """The real parts, a view; a real tensor itself."""

def reciprocal(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / x."""

def reciprocal_(input: Tensor) -> Tensor:
    """1 / x."""

def relu(input: Tensor) -> Tensor:
    """max(x, 0), with gradient 0 at 0."""

def relu_(input: Tensor) -> Tensor:
    """max(x, 0), with gradient 0 at 0."""

def remainder(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """What is left of division rounded down: the sign of the divisor, as Python's `%`."""

def remainder_(input: Tensor, other: Tensor | Number) -> Tensor:
    """What is left of division rounded down: the sign of the divisor, as Python's `%`."""

def renorm(input: Tensor, p: Number, dim: _int, maxnorm: Number, *, out: Tensor | None = None) -> Tensor:
    """Parts along a dimension whose p-norm is larger than `maxnorm`, brought down to it."""

def renorm_(input: Tensor, p: Number, dim: _int, maxnorm: Number) -> Tensor:
    """Parts along a dimension whose p-norm is larger than `maxnorm`, brought down to it."""

@overload
def repeat_interleave(
    input: Tensor, repeats: _int, dim: _int | None = None, *, output_size: _int | None = None
) -> Tensor:
    """Every element so many times in a row."""

@overload
def repeat_interleave(repeats: Tensor, *, output_size: _int | None = None) -> Tensor:
    """The index of each count as often as the count says."""

@overload
def repeat_interleave(
    input: Tensor, repeats: Tensor, dim: _int | None = None, *, output_size: _int | None = None
) -> Tensor:
    """Every element as often as the tensor of counts says."""

def reshape(input: Tensor, shape: _int | Sequence[_int]) -> Tensor:
    """The same elements under another shape: a view where possible, else a copy."""

def resolve_conj(input: Tensor) -> Tensor:
    """The tensor: conjugation is never postponed here."""

def resolve_neg(input: Tensor) -> Tensor:
    """The tensor: negation is never postponed here."""

def result_type(tensor1: Tensor | Number, tensor2: Tensor | Number) -> _dtype:
    """The dtype an arithmetic operator gives for these operands."""

def rms_norm(
    input: Tensor,
    normalized_shape: _int | Sequence[_int],
    weight: Tensor | None = None,
    eps: _float | None = None,
) -> Tensor:
    """The last dimensions divided by their root mean square, then scaled."""

@overload
def rnn_relu(
    input: Tensor,
    hx: Tensor,
    params: Sequence[Tensor],
    has_biases: _bool,
    num_layers: _int,
    dropout: _float,
    train: _bool,
    bidirectional: _bool,
    batch_first: _bool,
) -> tuple[Tensor, ...]:
    """Sequences read by a network of relu cells: the output at every step and the last states."""

@overload
def rnn_relu(
    data: Tensor,
    batch_sizes: Tensor,
    hx: Tensor,
    params: Sequence[Tensor],
    has_biases: _bool,
    num_layers: _int,
    dropout: _float,
    train: _bool,
    bidirectional: _bool,
) -> tuple[Tensor, ...]:
    """Packed sequences read by a network of relu cells: the output at every step and the last
    states."""

def rnn_relu_cell(
    input: Tensor,
    hx: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> Tensor:
    """A step of a relu cell."""

@overload
def rnn_tanh(
    input: Tensor,
    hx: Tensor,
    params: Sequence[Tensor],
    has_biases: _bool,
    num_layers: _int,
    dropout: _float,
    train: _bool,
    bidirectional: _bool,
    batch_first: _bool,
) -> tuple[Tensor, ...]:
    """Sequences read by a network of tanh cells: the output at every step and the last states."""

@overload
def rnn_tanh(
    data: Tensor,
    batch_sizes: Tensor,
    hx: Tensor,
    params: Sequence[Tensor],
    has_biases: _bool,
    num_layers: _int,
    dropout: _float,
    train: _bool,
    bidirectional: _bool,
) -> tuple[Tensor, ...]:
    """Packed sequences read by a network of tanh cells: the output at every step and the last
    states."""

def rnn_tanh_cell(
    input: Tensor,
    hx: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> Tensor:
    """A step of a tanh cell."""

def roll(input: Tensor, shifts: _int | Sequence[_int], dims: _int | Sequence[_int] | None = None) -> Tensor:
    """Moved along dimensions; what leaves at one end comes in at the other."""

def rot90(input: Tensor, k: _int = 1, dims: _int | Sequence[_int] = [0, 1]) -> Tensor:
    """Turned by quarters in the plane of two dimensions."""

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

def row_stack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Tensors below one another."""

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

def scalar_tensor(s: Number, *, dtype: _dtype | None = None, device: DeviceLike | None = None) -> Tensor:
    """A number as a tensor without dimensions."""

@overload
def scatter(input: Tensor, dim: _int, index: Tensor, src: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A copy with `out[index[i][j]][j] = src[i][j]` for dimension 0, and so on."""

@overload
def scatter(input: Tensor, dim: _int, index: Tensor, value: Number, *, out: Tensor | None = None) -> Tensor:
    """A copy with a number at the indices."""

@overload
def scatter(
    input: Tensor, dim: _int, index: Tensor, src: Tensor | Number, *, reduce: _str, out: Tensor | None = None
) -> Tensor:
    """A copy with the source's elements added, or multiplied in, at the indices."""

@overload
def scatter_(input: Tensor, dim: _int, index: Tensor, src: Tensor) -> Tensor:
    """A copy with `out[index[i][j]][j] = src[i][j]` for dimension 0, and so on."""

@overload
def scatter_(input: Tensor, dim: _int, index: Tensor, value: Number) -> Tensor:
    """A copy with a number at the indices."""

@overload
def scatter_(input: Tensor, dim: _int, index: Tensor, src: Tensor | Number, *, reduce: _str) -> Tensor:
    """A copy with the source's elements added, or multiplied in, at the indices."""

def scatter_add(input: Tensor, dim: _int, index: Tensor, src: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A copy with the source's elements added at the indices."""

def scatter_add_(input: Tensor, dim: _int, index: Tensor, src: Tensor) -> Tensor:
    """A copy with the source's elements added at the indices."""

def scatter_reduce(
    input: Tensor,
    dim: _int,
    index: Tensor,
    src: Tensor,
    reduce: _str,
    *,
    include_self: _bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """A copy with the source's elements combined in at the indices: 'sum', 'prod', 'mean', 'amax' or
    'amin'."""

def scatter_reduce_(
    input: Tensor, dim: _int, index: Tensor, src: Tensor, reduce: _str, *, include_self: _bool = True
) -> Tensor:
    """A copy with the source's elements combined in at the indices: 'sum', 'prod', 'mean', 'amax' or
    'amin'."""

def searchsorted(
    sorted_sequence: Tensor,
    input: Tensor | Number,
    *,
    out_int32: _bool = False,
    right: _bool = False,
    side: _str | None = None,
    sorter: Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """How many elements of the sorted last dimension stand before each value; with `right`, equal ones
    count too."""

def segment_reduce(
    data: Tensor,
    reduce: _str,
    *,
    lengths: Tensor | None = None,
    indices: Tensor | None = None,
    offsets: Tensor | None = None,
    axis: _int = 0,
    unsafe: _bool = False,
    initial: Number | None = None,
) -> Tensor:
    """Each part of a dimension reduced, the parts given by their lengths or by where they start and
    end."""

def select(input: Tensor, dim: _int, index: _int) -> Tensor:
    """The part at an index of a dimension, without that dimension."""

def select_copy(input: Tensor, dim: _int, index: _int, *, out: Tensor | None = None) -> Tensor:
    """A copy of one part of a dimension."""

def select_scatter(input: Tensor, src: Tensor, dim: _int, index: _int) -> Tensor:
    """A copy with one part of a dimension replaced."""

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

def slice_copy(
    input: Tensor,
    dim: _int = 0,
    start: _int | None = None,
    end: _int | None = None,
    step: _int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """A copy of a slice of a dimension."""

def slice_scatter(
    input: Tensor,
    src: Tensor,
    dim: _int = 0,
    start: _int | None = None,
    end: _int | None = None,
    step: _int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """A copy with a slice of a dimension replaced."""

def slogdet(input: Tensor, *, out: tuple[Tensor, ...] | None = None) -> _SignLogabsdet:
    """Sign and logarithm of the absolute value of the determinant."""

def softmax(input: Tensor, dim: _int, dtype: _dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """exp(x) over its sum along a dimension."""

def sort(
    input: Tensor,
    dim: _int = -1,
    descending: _bool = False,
    stable: _bool | None = False,
    *,
    out: tuple[Tensor, ...] | None = None,
) -> _ValuesIndices:
    """The elements in order and where they were; equal ones keep theirs."""

@overload
def split(input: Tensor, split_size_or_sections: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """Views of so many elements of a dimension; the last may be smaller."""

@overload
def split(input: Tensor, split_size_or_sections: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
    """Views of these sizes of a dimension."""

def split_copy(
    input: Tensor, split_size: _int, dim: _int = 0, *, out: Tensor | None = None
) -> tuple[Tensor, ...]:
    """Copies of so many elements of a dimension."""

def split_with_sizes(input: Tensor, split_sizes: _int | Sequence[_int], dim: _int = 0) -> tuple[Tensor, ...]:
    """Views of these sizes of a dimension."""

def split_with_sizes_copy(
    input: Tensor, split_sizes: _int | Sequence[_int], dim: _int = 0, *, out: Tensor | None = None
) -> tuple[Tensor, ...]:
    """Copies of these sizes of a dimension."""

def sqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The square root."""

def sqrt_(input: Tensor) -> Tensor:
    """The square root."""

def square(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The square; of booleans, as integers."""

def square_(input: Tensor) -> Tensor:
    """The square; of booleans, as integers."""

def squeeze(input: Tensor, dim: _int | Sequence[_int] | None = None) -> Tensor:
    """Without the dimensions of size one, or without those of them that are named."""

def squeeze_copy(
    input: Tensor, dim: _int | Sequence[_int] | None = None, *, out: Tensor | None = None
) -> Tensor:
    """A copy without dimensions of size one: all of them, or those named."""

def stack(tensors: Sequence[Tensor], dim: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """Tensors along a new dimension."""

@overload
def std(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    *,
    correction: Number | None = 1,
    keepdim: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The standard deviation: the root of `var`."""

@overload
def std(
    input: Tensor,
    dim: _int | Sequence[_int] | None,
    unbiased: _bool,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The standard deviation over some dimensions, by torch's older arguments."""

@overload
def std(input: Tensor, unbiased: _bool) -> Tensor:
    """The standard deviation of all elements, by torch's older arguments."""

@overload
def std_mean(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    *,
    correction: Number | None = 1,
    keepdim: _bool = False,
) -> _StdMean:
    """Standard deviation and mean."""

@overload
def std_mean(
    input: Tensor, dim: _int | Sequence[_int] | None, unbiased: _bool, keepdim: _bool = False
) -> _StdMean:
    """Standard deviation and mean over some dimensions, by torch's older arguments."""

@overload
def std_mean(input: Tensor, unbiased: _bool) -> _StdMean:
    """Standard deviation and mean of all elements, by torch's older arguments."""

def stft(
    input: Tensor,
    n_fft: _int,
    hop_length: _int | None = None,
    win_length: _int | None = None,
    window: Tensor | None = None,
    center: _bool = True,
    pad_mode: _str = "reflect",
    normalized: _bool = False,
    onesided: _bool | None = None,
    return_complex: _bool | None = None,
    align_to_window: _bool | None = None,
) -> Tensor:
    """The transforms of overlapping pieces of a signal."""

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

@overload
def subtract(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Subtracts."""

@overload
def subtract(
    input: Tensor, other: Tensor | Number, *, alpha: Number = 1, out: Tensor | None = None
) -> Tensor:
    """Subtracts `alpha` times `other`."""

@overload
def subtract_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Subtracts."""

@overload
def subtract_(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """Subtracts `alpha` times `other`."""

def sum(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: _dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The sum over some dimensions, all if none are named."""

def svd(
    input: Tensor, some: _bool = True, compute_uv: _bool = True, *, out: tuple[Tensor, ...] | None = None
) -> _USV:
    """Orthonormal U and V and singular values S with `U @ diag(S) @ V.mH = input`."""

def svd_lowrank(
    A: Tensor, q: _int | None = 6, niter: _int | None = 2, M: Tensor | None = None
) -> tuple[Tensor, ...]:
    """The q largest singular values and their vectors, by random projections."""

def swapaxes(input: Tensor, axis0: _int, axis1: _int) -> Tensor:
    """Two dimensions swapped."""

def swapdims(input: Tensor, dim0: _int, dim1: _int) -> Tensor:
    """Two dimensions change places."""

def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; vectors stay as they are."""

def t_copy(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A copy of the transpose of a matrix."""

def take(input: Tensor, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements at row-major positions."""

def take_along_dim(
    input: Tensor, indices: Tensor, dim: _int | None = None, *, out: Tensor | None = None
) -> Tensor:
    """As `gather` after broadcasting; without a dimension, in row-major order of all elements."""

def tan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The tangent."""

def tan_(input: Tensor) -> Tensor:
    """The tangent."""

def tanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic tangent."""

def tanh_(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""

@overload
def tensor_split(input: Tensor, indices_or_sections: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """So many views of a dimension, the first ones larger by one where it must be."""

@overload
def tensor_split(
    input: Tensor, indices_or_sections: _int | Sequence[_int], dim: _int = 0
) -> tuple[Tensor, ...]:
    """Views of a dimension divided at these positions."""

@overload
def tensor_split(input: Tensor, tensor_indices_or_sections: Tensor, dim: _int = 0) -> tuple[Tensor, ...]:
    """As above, with the number or the positions in a tensor."""

@overload
def tensordot(a: Tensor, b: Tensor, dims: _int = 2, *, out: Tensor | None = None) -> Tensor:
    """Products summed over the last dimensions of one and the first of the other."""

@overload
def tensordot(
    a: Tensor,
    b: Tensor,
    dims_self: _int | Sequence[_int],
    dims_other: _int | Sequence[_int],
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Products summed over pairs of dimensions."""

def threshold(input: Tensor, threshold: Number, value: Number, *, out: Tensor | None = None) -> Tensor:
    """x above the threshold, else `value`."""

def threshold_(input: Tensor, threshold: Number, value: Number) -> Tensor:
    """x above the threshold, else `value`."""

def tile(input: Tensor, dims: _int | Sequence[_int]) -> Tensor:
    """As `repeat`; dimensions that are not named stay."""

def topk(
    input: Tensor,
    k: _int,
    dim: _int = -1,
    largest: _bool = True,
    sorted: _bool = True,
    *,
    out: tuple[Tensor, ...] | None = None,
) -> _ValuesIndices:
    """The `k` largest (or smallest) in order, and where they were."""

def trace(input: Tensor) -> Tensor:
    """The sum of a matrix's diagonal."""

def transpose(input: Tensor, dim0: _int, dim1: _int) -> Tensor:
    """Two dimensions change places."""

def transpose_copy(input: Tensor, dim0: _int, dim1: _int, *, out: Tensor | None = None) -> Tensor:
    """A copy with two dimensions swapped."""

@overload
def trapezoid(y: Tensor, x: Tensor, *, dim: _int = -1) -> Tensor:
    """The integral along a dimension by trapezoids between samples at these places."""

@overload
def trapezoid(y: Tensor, *, dx: Number = 1, dim: _int = -1) -> Tensor:
    """The integral along a dimension by trapezoids between equally spaced samples."""

@overload
def trapz(y: Tensor, x: Tensor, *, dim: _int = -1) -> Tensor:
    """The integral along a dimension by trapezoids between samples at these places."""

@overload
def trapz(y: Tensor, *, dx: Number = 1, dim: _int = -1) -> Tensor:
    """The integral along a dimension by trapezoids between equally spaced samples."""

def triangular_solve(
    input: Tensor,
    A: Tensor,
    upper: _bool = True,
    transpose: _bool = False,
    unitriangular: _bool = False,
    *,
    out: tuple[Tensor, ...] | None = None,
) -> _SolutionClonedCoefficient:
    """The X of `A @ X = input`, where A is triangular, and a copy of A."""

def tril(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The lower triangle, zeros above the diagonal."""

def tril_(input: Tensor, diagonal: _int = 0) -> Tensor:
    """The lower triangle, zeros above the diagonal."""

def tril_indices(
    row: _int, col: _int, offset: _int = 0, *, dtype: _dtype | None = None, device: DeviceLike | None = None
) -> Tensor:
    """Rows and columns of the elements of a matrix on and below a diagonal."""

def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: _float = 1.0,
    p: _float = 2.0,
    eps: _float = 1e-6,
    swap: _bool = False,
    reduction: _int = 1,
) -> Tensor:
    """By how much the negative is not as much farther from the anchor than the positive as it shall be;
    the reduction is a number."""

def triu(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """The upper triangle, zeros below the diagonal."""

def triu_(input: Tensor, diagonal: _int = 0) -> Tensor:
    """The upper triangle, zeros below the diagonal."""

def triu_indices(
    row: _int, col: _int, offset: _int = 0, *, dtype: _dtype | None = None, device: DeviceLike | None = None
) -> Tensor:
    """Rows and columns of the elements of a matrix on and above a diagonal."""

@overload
def true_divide(
    input: Tensor, other: Tensor | Number, *, rounding_mode: _str | None, out: Tensor | None = None
) -> Tensor:
    """Divides, then rounds to 'trunc' or 'floor'."""

@overload
def true_divide(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Divides; integers become floats."""

@overload
def true_divide_(input: Tensor, other: Tensor | Number, *, rounding_mode: _str | None) -> Tensor:
    """Divides, then rounds to 'trunc' or 'floor'."""

@overload
def true_divide_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Divides; integers become floats."""

def trunc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounds towards zero."""

def trunc_(input: Tensor) -> Tensor:
    """Rounds towards zero."""

def unbind(input: Tensor, dim: _int = 0) -> tuple[Tensor, ...]:
    """The parts of a dimension, each without it."""

def unbind_copy(input: Tensor, dim: _int = 0, *, out: Tensor | None = None) -> tuple[Tensor, ...]:
    """Copies of the parts of a dimension."""

def unflatten(input: Tensor, dim: _int, sizes: _int | Sequence[_int]) -> Tensor:
    """One dimension as several."""

def unfold_copy(
    input: Tensor, dimension: _int, size: _int, step: _int, *, out: Tensor | None = None
) -> Tensor:
    """A copy of the windows along a dimension."""

def unravel_index(indices: Tensor, shape: _int | Sequence[_int]) -> tuple[Tensor, ...]:
    """For each dimension of a shape, where row-major positions are in it."""

def unsafe_chunk(input: Tensor, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """As `chunk`, in memory of their own."""

def unsafe_split(input: Tensor, split_size: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """As `split`, in memory of their own: each may be written to."""

def unsafe_split_with_sizes(
    input: Tensor, split_sizes: _int | Sequence[_int], dim: _int = 0
) -> tuple[Tensor, ...]:
    """As `split_with_sizes`, in memory of their own."""

def unsqueeze(input: Tensor, dim: _int) -> Tensor:
    """A dimension of size one before `dim`."""

def unsqueeze_copy(input: Tensor, dim: _int, *, out: Tensor | None = None) -> Tensor:
    """A copy with a dimension of size one before `dim`."""

def vander(x: Tensor, N: _int | None = None, increasing: _bool = False) -> Tensor:
    """Vandermonde's matrix: powers of a vector's elements, the highest first unless `increasing`."""

@overload
def var(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    *,
    correction: Number | None = 1,
    keepdim: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The variance, divided by the count less `correction`."""

@overload
def var(
    input: Tensor,
    dim: _int | Sequence[_int] | None,
    unbiased: _bool,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """The variance over some dimensions, by torch's older arguments."""

@overload
def var(input: Tensor, unbiased: _bool) -> Tensor:
    """The variance of all elements, by torch's older arguments."""

@overload
def var_mean(
    input: Tensor,
    dim: _int | Sequence[_int] | None = None,
    *,
    correction: Number | None = 1,
    keepdim: _bool = False,
) -> _VarMean:
    """Variance and mean."""

@overload
def var_mean(
    input: Tensor, dim: _int | Sequence[_int] | None, unbiased: _bool, keepdim: _bool = False
) -> _VarMean:
    """Variance and mean over some dimensions, by torch's older arguments."""

@overload
def var_mean(input: Tensor, unbiased: _bool) -> _VarMean:
    """Variance and mean of all elements, by torch's older arguments."""

def vdot(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of vectors, the first conjugated."""

def view_as_complex(input: Tensor) -> Tensor:
    """A real tensor with a last dimension of two, seen as complex numbers."""

def view_as_real(input: Tensor) -> Tensor:
    """Complex numbers seen as a real tensor with a last dimension of two."""

def view_copy(input: Tensor, size: _int | Sequence[_int], *, out: Tensor | None = None) -> Tensor:
    """A copy under another shape."""

@overload
def vsplit(input: Tensor, sections: _int) -> tuple[Tensor, ...]:
    """So many equal views of the first dimension."""

@overload
def vsplit(input: Tensor, indices: _int | Sequence[_int]) -> tuple[Tensor, ...]:
    """Views of the first dimension divided at these positions."""

def vstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Tensors below one another."""

@overload
def where(
    condition: Tensor, input: Tensor | Number, other: Tensor | Number, *, out: Tensor | None = None
) -> Tensor:
    """`input` where the condition holds, else `other`."""

@overload
def where(condition: Tensor) -> tuple[Tensor, ...]:
    """Positions where the condition holds, one tensor for each dimension."""

@overload
def xlogy(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x * log(y); 0 where x is, even if the logarithm is not a number."""

@overload
def xlogy(input: Number, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """x * log(y) of a number x."""

def xlogy_(input: Tensor, other: Tensor | Number) -> Tensor:
    """x * log(y); 0 where x is, even if the logarithm is not a number."""

@overload
def zeros(
    size: _int | Sequence[_int],
    *,
    dtype: _dtype | None = None,
    device: DeviceLike | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Every element zero."""

@overload
def zeros(
    *size: _int, dtype: _dtype | None = None, device: DeviceLike | None = None, out: Tensor | None = None
) -> Tensor:
    """Every element zero."""

def zeros_like(input: Tensor, *, dtype: _dtype | None = None, device: DeviceLike | None = None) -> Tensor:
    """Zeros like another tensor."""
