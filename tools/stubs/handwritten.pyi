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

# results of the operator table

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

    # methods of the operator table

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

# functions of the operator table
