"""What torch's files call things: storage classes by dtype, and the functions that make tensors again."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor, _make_subclass
from spiraltorch_rs._size import Size
from spiraltorch_rs.storage import TypedStorage, UntypedStorage

_STORAGES = {
    "FloatStorage": "float32",
    "DoubleStorage": "float64",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
}
DTYPES: dict[str, Any] = {name: getattr(_C, dtype) for name, dtype in _STORAGES.items() if hasattr(_C, dtype)}
STORAGES: dict[Any, str] = {dtype: name for name, dtype in DTYPES.items()}


class StorageKind:
    """A storage class of torch; `None` as dtype is one of bytes, whose tensors say their dtype."""

    def __init__(self, name: str, dtype: Any) -> None:
        self.name, self.dtype = name, dtype


class LoadedStorage:
    """The memory of some tensors of a file; a program may get to see it as a storage."""

    __slots__ = ()
    _flat: Tensor
    kind: StorageKind

    @property
    def flat(self) -> Tensor:
        """All of it, as a vector."""
        return self._flat


class _Typed(LoadedStorage, TypedStorage):
    __slots__ = ("kind",)


class _Untyped(LoadedStorage, UntypedStorage):
    __slots__ = ("kind",)


def loaded_storage(flat: Tensor, kind: StorageKind) -> LoadedStorage:
    """A storage of a file."""
    made: Any = _Untyped(flat) if kind.dtype is None else _Typed(flat)
    made.kind = kind
    found: LoadedStorage = made
    return found


def _place(storage: Any, dtype: Any, offset: int, size: Any, stride: Any) -> Tensor:
    if not isinstance(storage, LoadedStorage):
        raise RuntimeError("a tensor of the file has no storage")
    flat = storage.flat
    dtype = storage.kind.dtype if dtype is None else dtype
    if dtype is not None and flat.dtype != dtype:
        flat = flat.view(dtype) if flat.numel() else flat.to(dtype)
    if any(not isinstance(n, int) or n < 0 for n in (*size, *stride, offset)) or len(size) != len(stride):
        raise RuntimeError(f"a tensor of the file has size {size}, stride {stride} and offset {offset}")
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if 0 not in size and last >= flat.numel():
        raise RuntimeError(
            f"a tensor of the file (size {tuple(size)}, stride {tuple(stride)}, offset {offset}) lies outside of its "
            f"storage of {flat.numel()} elements"
        )
    return flat.as_strided(tuple(size), tuple(stride), offset).detach()


def rebuild_tensor_v2(
    storage: Any,
    storage_offset: int,
    size: Any,
    stride: Any,
    requires_grad: bool,
    backward_hooks: Any,
    metadata: Any = None,
) -> Tensor:
    """A tensor of a storage."""
    made = _place(storage, None, storage_offset, size, stride)
    return made.requires_grad_() if requires_grad else made


def rebuild_tensor(storage: Any, storage_offset: int, size: Any, stride: Any) -> Tensor:
    """A tensor of a storage, in old files."""
    return _place(storage, None, storage_offset, size, stride)


def rebuild_tensor_v3(
    storage: Any,
    storage_offset: int,
    size: Any,
    stride: Any,
    requires_grad: bool,
    backward_hooks: Any,
    dtype: Any,
    metadata: Any = None,
) -> Tensor:
    """A tensor of a storage of bytes."""
    made = _place(storage, dtype, storage_offset, size, stride)
    return made.requires_grad_() if requires_grad else made


def rebuild_parameter(data: Any, requires_grad: bool, backward_hooks: Any) -> Any:
    """A parameter."""
    from spiraltorch_rs.nn.parameter import Parameter

    if not isinstance(data, Tensor):
        raise RuntimeError("a parameter of the file has no tensor")
    return _make_subclass(Parameter, data.detach(), bool(requires_grad))


def rebuild_parameter_with_state(data: Any, requires_grad: bool, backward_hooks: Any, state: Any) -> Any:
    """A parameter with attributes."""
    made = rebuild_parameter(data, requires_grad, backward_hooks)
    return _with_state(made, state)


def rebuild_from_type_v2(function: Any, kind: Any, args: Any, state: Any) -> Any:
    """A tensor with attributes, or of a class of its own."""
    made = function(*args)
    if isinstance(kind, type) and issubclass(kind, Tensor) and type(made) is not kind:
        made = made.as_subclass(kind)
    return _with_state(made, state)


def rebuild_meta_tensor(dtype: Any, size: Any, stride: Any, requires_grad: bool) -> Tensor:
    """A tensor without values."""
    return _C.empty_strided(tuple(size), tuple(stride), dtype=dtype, device="meta").requires_grad_(
        bool(requires_grad)
    )


def _with_state(made: Any, state: Any) -> Any:
    if isinstance(state, tuple):
        state = state[0]
    if isinstance(state, dict):
        made.__dict__.update({str(key): value for key, value in state.items()})
    return made


def make_device(kind: Any, index: Any = None) -> Any:
    """A device, if this build has it; its name if not."""
    try:
        return _C.device(kind) if index is None else _C.device(kind, index)
    except Exception:
        return str(kind) if index is None else f"{kind}:{index}"


def safe_globals() -> dict[tuple[str, str], Any]:
    """What a file may name when nothing may be executed."""
    import collections

    found: dict[tuple[str, str], Any] = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("collections", "Counter"): collections.Counter,
        ("collections", "defaultdict"): _defaultdict,
        ("_codecs", "encode"): _encode,
        ("torch", "Size"): Size,
        ("torch", "Tensor"): Tensor,
        ("torch", "device"): make_device,
        ("torch", "UntypedStorage"): StorageKind("UntypedStorage", None),
        ("torch.storage", "UntypedStorage"): StorageKind("UntypedStorage", None),
        ("torch.storage", "TypedStorage"): StorageKind("TypedStorage", None),
        ("torch.nn.parameter", "Parameter"): _parameter,
        ("torch", "Parameter"): _parameter,
        ("torch._utils", "_rebuild_tensor"): rebuild_tensor,
        ("torch._utils", "_rebuild_tensor_v2"): rebuild_tensor_v2,
        ("torch._utils", "_rebuild_tensor_v3"): rebuild_tensor_v3,
        ("torch._utils", "_rebuild_parameter"): rebuild_parameter,
        ("torch._utils", "_rebuild_parameter_with_state"): rebuild_parameter_with_state,
        ("torch._utils", "_rebuild_meta_tensor_no_storage"): rebuild_meta_tensor,
        ("torch._tensor", "_rebuild_from_type_v2"): rebuild_from_type_v2,
    }
    for module in ("builtins", "__builtin__"):
        found[module, "bytes"], found[module, "bytearray"] = _bytes, _bytearray
        for kind in (set, frozenset, complex, bool, int, float, str, list, tuple, dict):
            found[module, kind.__name__] = kind
    for name, dtype in DTYPES.items():
        found["torch", name] = found["torch.storage", name] = StorageKind(name, dtype)
        found["torch", str(dtype).rpartition(".")[2]] = dtype
    for name in ("complex32", "bcomplex32", "uint16", "uint32", "uint64"):
        found["torch", name] = getattr(_C, name)
    return found


def _defaultdict(*args: Any) -> Any:
    from collections import defaultdict

    kinds = (None, dict, list, set, int, float, str)
    if args and not any(args[0] is kind for kind in kinds):
        raise RuntimeError("a defaultdict of the file calls something else than a plain class")
    return defaultdict(*args)


def _bytes(text: Any = b"", *encoding: str) -> bytes:
    """Bytes of bytes or text; a number would ask for that much memory."""
    if not isinstance(text, (bytes, bytearray, str)):
        raise RuntimeError("bytes of the file are made of neither bytes nor text")
    return _encode(text, *encoding) if isinstance(text, str) else bytes(text)


def _bytearray(text: Any = b"", *encoding: str) -> bytearray:
    """The same, to be written to."""
    return bytearray(_bytes(text, *encoding))


def _encode(text: str, encoding: str = "latin1", errors: str = "strict") -> bytes:
    """How old pickles write bytes."""
    if encoding not in ("latin1", "utf-8", "ascii"):
        raise RuntimeError(f"bytes of the file have the encoding {encoding!r}")
    return text.encode(encoding, errors)


def _parameter(data: Any, requires_grad: bool = True) -> Any:
    return rebuild_parameter(data, requires_grad, None)
