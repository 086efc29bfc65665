"""The memory of tensors as an object: untyped bytes, or elements of a dtype."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from mmap import ACCESS_COPY, mmap

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

__all__ = ["TypedStorage", "UntypedStorage"]


class _Memory:
    """All of the memory that a tensor is a view of, as a vector of its elements."""

    __slots__ = ("_flat",)

    def __init__(self, flat: Tensor) -> None:
        self._flat = flat

    @property
    def device(self) -> Any:
        """Where it is."""
        return self._flat.device

    @property
    def _cdata(self) -> int:
        """What is the same for views of the same memory, and for no other."""
        return self._flat._storage_id()

    def data_ptr(self) -> int:
        """The address of the first byte; nothing where there are no values."""
        return 0 if self._flat.is_meta else self._flat.data_ptr()

    def _expect_values(self) -> None:
        if self._flat.is_meta:
            raise NotImplementedError("Not available for 'meta' device type: there are no elements to read")

    def nbytes(self) -> int:
        """How many bytes it has."""
        return self._flat.numel() * self._flat.element_size()

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + self.nbytes()

    def is_shared(self) -> bool:
        """Whether other processes see it."""
        return self._flat.is_shared()

    def share_memory_(self) -> Self:
        """Moves it to memory that other processes see."""
        self._flat.share_memory_()
        return self

    def is_pinned(self, device: Any = None) -> bool:
        """Whether a device may copy it while the program runs on."""
        return False

    @property
    def is_cuda(self) -> bool:
        """Whether it is on a CUDA device."""
        return self._flat.is_cuda

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Memory) and self._flat._storage_id() == other._flat._storage_id()

    def __hash__(self) -> int:
        return hash(self._flat._storage_id())


class UntypedStorage(_Memory):
    """Memory as bytes."""

    __slots__ = ()

    def __init__(self, flat: Tensor | int | Sequence[int] = 0, *, device: Any = None) -> None:
        super().__init__(flat if isinstance(flat, Tensor) else _elements(flat, _C.uint8, device))

    def size(self) -> int:
        """How many bytes it has."""
        return self.nbytes()

    def __len__(self) -> int:
        return self.nbytes()

    def tolist(self) -> list[int]:
        """The bytes."""
        return list(self._flat._bytes())

    def __getitem__(self, key: Any) -> Any:
        self._expect_values()
        if isinstance(key, slice) and self._flat.dtype == _C.uint8:
            return UntypedStorage(self._flat[key])
        return self.tolist()[key]

    def __dlpack__(self, **options: Any) -> Any:
        """The bytes for `asarray`, which takes storages as tensors of them."""
        return self._flat.view(_C.uint8).__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._flat.__dlpack_device__()

    @classmethod
    def from_file(cls, filename: str, shared: bool = False, nbytes: int = 0) -> UntypedStorage:
        """The bytes of a file, mapped into memory; what is written stays here."""
        if shared:
            raise NotImplementedError(
                "UntypedStorage.from_file: shared=True, writing to the file, is not there"
            )
        with open(filename, "rb") as file:
            mapped = mmap(file.fileno(), nbytes, access=ACCESS_COPY)
        return cls(_C.frombuffer(mapped, dtype=_C.uint8))

    def __iter__(self) -> Iterator[int]:
        return iter(self.tolist())

    def clone(self) -> UntypedStorage:
        """A copy."""
        return UntypedStorage(self._flat.clone())

    def cpu(self) -> UntypedStorage:
        """Itself, on the CPU."""
        return UntypedStorage(self._flat.cpu())

    def copy_(self, source: UntypedStorage, non_blocking: bool = False) -> UntypedStorage:
        """Writes another storage's elements."""
        self._flat.copy_(source._flat)
        return self

    def fill_(self, value: int) -> UntypedStorage:
        """Writes a byte everywhere."""
        raw = _C._from_bytes(bytes([value]) * self.nbytes(), self._flat.dtype)
        self._flat.copy_(raw)
        return self

    def untyped(self) -> UntypedStorage:
        """Itself."""
        return self

    def __repr__(self) -> str:
        numbers = "".join(f" {byte}\n" for byte in self.tolist())
        return f"{numbers}[spiraltorch_rs.storage.UntypedStorage(device={self.device}) of size {len(self)}]"


class TypedStorage(_Memory):
    """Memory as elements of a dtype."""

    __slots__ = ()

    def __init__(
        self,
        flat: Tensor | int | Sequence[Any] | None = None,
        *,
        wrap_storage: UntypedStorage | None = None,
        dtype: Any = None,
        device: Any = None,
        _internal: bool = False,
    ) -> None:
        if wrap_storage is not None:
            flat = wrap_storage._flat if dtype is None else wrap_storage._flat.view(dtype)
        super().__init__(flat if isinstance(flat, Tensor) else _elements(flat or 0, dtype, device))

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """The name of the class that it would be made by, or a copy as another."""
        if dtype is None:
            return f"torch.{_dtype_to_storage_type_map().get(self.dtype)}"
        wanted = _names().get(dtype.rpartition(".")[2]) if isinstance(dtype, str) else dtype
        return self._to(getattr(wanted, "dtype", wanted))

    def _to(self, dtype: Any) -> TypedStorage:
        return self if self.dtype == dtype else TypedStorage(self._flat.to(dtype))

    @property
    def dtype(self) -> Any:
        """The type of the elements."""
        return self._flat.dtype

    def size(self) -> int:
        """How many elements it has."""
        return self._flat.numel()

    def __len__(self) -> int:
        return self._flat.numel()

    def element_size(self) -> int:
        """Bytes an element takes."""
        return self._flat.element_size()

    def tolist(self) -> list[Any]:
        """The elements."""
        values: list[Any] = self._flat.tolist()
        return values

    def __getitem__(self, key: Any) -> Any:
        self._expect_values()
        part = self._flat[key]
        return part.item() if isinstance(key, int) else TypedStorage(part.clone())

    def __setitem__(self, key: Any, value: Any) -> None:
        self._flat[key] = value

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def clone(self) -> TypedStorage:
        """A copy."""
        return TypedStorage(self._flat.clone())

    def cpu(self) -> TypedStorage:
        """Itself, on the CPU."""
        return TypedStorage(self._flat.cpu())

    def copy_(self, source: TypedStorage, non_blocking: bool | None = None) -> TypedStorage:
        """Writes another storage's elements."""
        self._flat.copy_(source._flat)
        return self

    def fill_(self, value: Any) -> TypedStorage:
        """Writes a number everywhere."""
        self._flat.fill_(value)
        return self

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return UntypedStorage(self._flat)

    @property
    def _untyped_storage(self) -> UntypedStorage:
        return self.untyped()

    def __repr__(self) -> str:
        numbers = "".join(f" {number}\n" for number in self.tolist())
        kind = f"dtype={self.dtype}, device={self.device}"
        return f"{numbers}[spiraltorch_rs.storage.TypedStorage({kind}) of size {len(self)}]"


def from_file(
    filename: str,
    shared: bool | None = None,
    size: int | None = 0,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The numbers of a file, mapped into memory; what is written stays here."""
    dtype = _C.get_default_dtype() if dtype is None else dtype
    width = _C.empty(0, dtype=dtype).element_size()
    found = UntypedStorage.from_file(filename, bool(shared), (size or 0) * width)._flat.view(dtype)
    return found.to(device).requires_grad_(requires_grad) if device else found.requires_grad_(requires_grad)


def _elements(data: int | Sequence[Any], dtype: Any, device: Any) -> Tensor:
    """So many elements, or these."""
    if isinstance(data, int):
        return _C.zeros(data, dtype=dtype, device=device)
    return _C.tensor(list(data), dtype=dtype, device=device)


def _casts_to(name: str) -> Any:
    def cast(self: TypedStorage) -> TypedStorage:
        return self._to(getattr(_C, name))

    cast.__doc__ = f"The elements as {name}."
    return cast


_CASTS = {
    **{name: name for name in ("bool", "bfloat16", "half", "float", "double", "short", "int", "long")},
    "byte": "uint8",
    "char": "int8",
    "complex_float": "complex64",
    "complex_double": "complex128",
}
for _name, _kind in _CASTS.items():
    setattr(TypedStorage, _name, _casts_to(_kind))


def _names() -> dict[str, Any]:
    from spiraltorch_rs import _legacy

    classes: dict[str, Any] = _legacy.CLASSES
    return {name: kind.dtype for name, kind in classes.items() if name.endswith("Storage")}


def _dtype_to_storage_type_map() -> dict[Any, str]:
    """The names of the old storage classes, by what their elements are."""
    return {dtype: name for name, dtype in _names().items()}


class _OfDtype(type):
    """The class of the old storage classes: what is an instance depends on the dtype."""

    dtype: Any

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, TypedStorage) and instance.dtype == cls.dtype

    def from_buffer(cls, buffer: Any, byte_order: str = "native", offset: int = 0, count: int = -1) -> Any:
        """The elements that bytes stand for, copied."""
        raw = bytearray(memoryview(buffer).cast("B"))[offset:]
        if cls.dtype == _C.bool:
            raw = bytearray(byte != 0 for byte in raw)
        flat = _C.frombuffer(raw, dtype=cls.dtype, count=count) if raw else _C.empty(0, dtype=cls.dtype)
        if byte_order not in ("native", sys.byteorder):
            width = flat.element_size() // (2 if flat.is_complex() else 1)
            turned = flat.view(_C.uint8).reshape(-1, width).flip(1).reshape(-1)
            flat = turned.view(cls.dtype)
        return TypedStorage(flat)

    def from_file(cls, filename: str, shared: bool = False, size: int = 0) -> Any:
        """The elements of a file, mapped into memory; what is written stays here."""
        width = _C.empty(0, dtype=cls.dtype).element_size()
        return TypedStorage(UntypedStorage.from_file(filename, shared, size * width)._flat.view(cls.dtype))

    def __call__(cls, *args: Any, _internal: bool = False) -> TypedStorage:
        if not args:
            return TypedStorage(_C.empty(0, dtype=cls.dtype))
        (given,) = args
        if isinstance(given, int):
            return TypedStorage(_C.empty(given, dtype=cls.dtype))
        if isinstance(given, Sequence):
            return TypedStorage(_C.tensor(list(given), dtype=cls.dtype))
        raise TypeError(f"{cls.__name__}: expected a size or numbers, got {type(given).__name__}")


def _storage_class(name: str, dtype: Any) -> type:
    return _OfDtype(
        name, (), {"dtype": dtype, "__module__": "spiraltorch_rs", "__doc__": f"Memory of {dtype}."}
    )
