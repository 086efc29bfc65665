"""Methods and attributes of `Tensor` that are easier said in Python: copying, pickling, old names."""

from __future__ import annotations

import sys
from copyreg import _slotnames  # type: ignore[attr-defined]
from weakref import WeakValueDictionary

from spiraltorch_rs import _C, _device, _dispatch, _linalg_utils, functional
from spiraltorch_rs._C import Tensor, _from_bytes, _make_subclass
from spiraltorch_rs._size import Size

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Storage:
    """The memory of some tensors in a pickle or a copy; tensors that shared it share it again."""

    __slots__ = ("__weakref__", "flat")

    def __init__(self, flat: Tensor) -> None:
        self.flat = flat

    def __reduce__(self) -> Any:
        return _load_storage, (self.flat._bytes(), self.flat.dtype)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Storage:
        copy: _Storage = memo.setdefault(id(self), _Storage(self.flat.clone()))
        return copy


_storages: WeakValueDictionary[int, _Storage] = WeakValueDictionary()


def _storage_of(tensor: Tensor) -> _Storage:
    key = tensor._storage_id()
    known = _storages.get(key)
    if known is None or known.flat._storage_id() != key:
        known = _storages[key] = _Storage(tensor._flat_storage())
    return known


def _load_storage(data: bytes, dtype: Any) -> _Storage:
    return _Storage(_from_bytes(data, dtype))


def _rebuild(
    cls: type,
    storage: _Storage,
    offset: int,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    requires_grad: bool,
) -> Any:
    tensor = storage.flat.as_strided(size, stride, offset)
    if cls is Tensor:
        return tensor.detach().requires_grad_(requires_grad)
    return _make_subclass(cls, tensor, requires_grad)


def _place(tensor: Tensor) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    return tensor.storage_offset(), tuple(tensor.shape), tensor.stride()


def _reduce_ex(self: Tensor, protocol: int) -> Any:
    storage = _storage_of(self)
    state = dict(self.__dict__) or None
    return _rebuild, (type(self), storage, *_place(self), self.requires_grad), state


def _deepcopy(self: Tensor, memo: dict[int, Any]) -> Any:
    if id(self) in memo:
        return memo[id(self)]
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol "
            "at the moment. Copy tensor.detach() instead."
        )
    from copy import deepcopy

    storage = _storage_of(self)
    memo[id(storage)] = memo.get(id(storage)) or storage.__deepcopy__(memo)
    # The original storage must outlive the copy: its address is its name in the memo.
    memo.setdefault(id(memo), []).append(storage)
    made = _rebuild(type(self), memo[id(storage)], *_place(self), self.requires_grad)
    memo[id(self)] = made
    made.__dict__.update(deepcopy(self.__dict__, memo))
    for slot in _slotnames(type(self)):
        if hasattr(self, slot):
            setattr(made, slot, deepcopy(getattr(self, slot), memo))
    if self.grad is not None:
        made.grad = deepcopy(self.grad, memo)
    return made


def _copy(self: Tensor) -> Any:
    made = _rebuild(type(self), _storage_of(self), *_place(self), self.requires_grad)
    made.__dict__.update(self.__dict__)
    return made


def _setstate(self: Tensor, state: dict[str, Any]) -> None:
    self.__dict__.update(state)


def _unique(
    self: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The different elements, or the different parts along a dimension, in order."""
    return functional.unique(self, sorted, return_inverse, return_counts, dim)


def _unique_consecutive(
    self: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements, or the parts along a dimension, without those that equal the one before."""
    return functional.unique_consecutive(self, return_inverse, return_counts, dim)


def _written(self: Tensor, values: list[Any]) -> Tensor:
    return self.copy_(_C.tensor(values, dtype=self.dtype).reshape(self.shape))


def _refuse_gradients(name: str, *tensors: Tensor) -> None:
    if any(tensor.requires_grad for tensor in tensors):
        raise RuntimeError(
            f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead."
        )


def _apply_(self: Tensor, callable: Any, /) -> Tensor:
    """Puts what a function of Python makes of each element in its place."""
    _refuse_gradients("apply_", self)
    return _written(self, [callable(x) for x in self.detach().flatten().tolist()])


def _map_(self: Tensor, tensor: Tensor, callable: Any, /) -> Tensor:
    """Puts what a function of Python makes of each element and another tensor's in its place."""
    _refuse_gradients("map_", self, tensor)
    pairs = zip(self.detach().flatten().tolist(), tensor.expand_as(self).flatten().tolist(), strict=True)
    return _written(self, [callable(a, b) for a, b in pairs])


def _map2_(self: Tensor, x: Tensor, y: Tensor, callable: Any, /) -> Tensor:
    """Puts what a function of Python makes of each element and two other tensors' in its place."""
    _refuse_gradients("map2_", self, x, y)
    rows = (t.expand_as(self).flatten().tolist() for t in (x, y))
    return _written(
        self, [callable(*abc) for abc in zip(self.detach().flatten().tolist(), *rows, strict=True)]
    )


def _new(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """A tensor of this one's dtype: of sizes with undefined contents, or of data."""
    from spiraltorch_rs._legacy import new_of

    return new_of(self.dtype, args, kwargs)


def _set_(
    self: Tensor, source: Any = None, storage_offset: int = 0, size: Any = None, stride: Any = None
) -> Tensor:
    """Sees the memory of another tensor, or a storage, from now on."""
    from spiraltorch_rs.storage import UntypedStorage

    if source is None or (size is None and isinstance(source, Tensor)):
        return self._set(source)
    if isinstance(source, Tensor):
        flat = source._flat_storage()
    else:
        flat = source._flat
        if flat.dtype != self.dtype:
            if not isinstance(source, UntypedStorage):
                raise RuntimeError(
                    f"Expected a Storage of type {self.dtype} or an UntypedStorage, but got type {flat.dtype} for "
                    "argument 1 'storage'"
                )
            flat = flat.view(self.dtype)
        size = flat.shape if size is None else size
    sizes = [size] if isinstance(size, int) else list(size)
    if stride is None:
        stride = [Size(sizes[d + 1 :]).numel() for d in range(len(sizes))]
    return self._set(flat.as_strided(sizes, [stride] if isinstance(stride, int) else stride, storage_offset))


def _typed_storage(self: Tensor) -> Any:
    """The memory this is a view of, as elements."""
    from spiraltorch_rs.storage import TypedStorage

    return TypedStorage(self._flat_storage())


def _storage_type(self: Tensor) -> Any:
    """The old class of its storage."""
    from spiraltorch_rs import _legacy
    from spiraltorch_rs.storage import _dtype_to_storage_type_map

    return _legacy.CLASSES[_dtype_to_storage_type_map()[self.dtype]]


def _untyped_storage(self: Tensor) -> Any:
    """The memory this is a view of, as bytes."""
    from spiraltorch_rs.storage import UntypedStorage

    return UntypedStorage(self._flat_storage())


def _share_memory_(self: Tensor) -> Tensor:
    """Moves the storage to memory that other processes see, and so do their writes."""
    from spiraltorch_rs.multiprocessing import reductions

    return reductions.share(self)


def _is_shared(self: Tensor) -> bool:
    """Whether other processes see its memory."""
    reductions = sys.modules.get("spiraltorch_rs.multiprocessing.reductions")
    return reductions is not None and reductions.is_shared(self)


def _same(self: Tensor, *_: Any, **__: Any) -> Tensor:
    """Itself."""
    return self


def _pinned_by(device: Any) -> str | None:
    """The GPU that copies from pinned memory by itself, if there is one."""
    return str(device or "cuda") if _C._device_count("cuda") else None


def _pin_memory(self: Tensor, device: Any = None) -> Tensor:
    """The same elements in memory that a GPU copies from by itself; without a GPU, itself."""
    place = _pinned_by(device)
    if place is None or self.is_pinned():
        return self
    if self.device.type != "cpu":
        raise RuntimeError(f"cannot pin '{self.type()}' only dense CPU tensors can be pinned")
    if self.is_complex():
        return _C.view_as_complex(_C._pinned(_C.view_as_real(self.detach()), place))
    return _C._pinned(self.detach(), place)


def _is_pinned(self: Tensor, device: Any = None) -> bool:
    """Whether it is in such memory."""
    place = _pinned_by(device)
    if place is None:
        return False
    return _C._is_pinned(_C.view_as_real(self) if self.is_complex() else self, place)


def _cuda_array_interface(self: Tensor) -> dict[str, Any]:
    """For other libraries on NVIDIA's GPUs."""
    if self.device.type != "cuda":
        raise AttributeError(
            f"Can't get __cuda_array_interface__ on non-CUDA tensor type: {self.type()} "
            "If CUDA data is required use tensor.cuda() to copy tensor to device memory."
        )
    if self.requires_grad:
        raise RuntimeError(
            "Can't get __cuda_array_interface__ on Variable that requires grad. "
            "If gradients aren't required, use var.detach() to get Variable that doesn't require grad."
        )
    kind = (
        "b"
        if self.dtype == _C.bool
        else "c"
        if self.is_complex()
        else "f"
        if self.is_floating_point()
        else "i"
    )
    if self.dtype == _C.uint8:
        kind = "u"
    elif self.dtype == _C.bfloat16:
        kind = "V"
    size = self.element_size()
    dense = self.is_contiguous()
    return {
        "typestr": f"{'|' if size == 1 else '<'}{kind}{size}",
        "shape": tuple(self.shape),
        "strides": None if dense else tuple(step * size for step in self.stride()),
        "data": (self.data_ptr() if self.numel() else 0, False),
        "stream": _C._stream_current(str(self.device)) or 1,
        "version": 3,
    }


def _to_dense(self: Tensor, dtype: Any = None, *, masked_grad: bool | None = None) -> Tensor:
    """Itself, as another dtype if one is named: every tensor is dense."""
    return self if dtype is None else self.to(dtype)


def _no(*_: Any, **__: Any) -> bool:
    """Never so here."""
    return False


def _module_load(self: Tensor, other: Tensor, assign: bool = False) -> Tensor:
    """What `load_state_dict` puts in its place, where parameters are swapped."""
    return other.detach() if assign else self.detach().copy_(other).detach()


def _dim_order(self: Tensor, *, ambiguity_check: Any = False) -> tuple[int, ...]:
    """The dimensions from the largest stride to the smallest."""
    strides = self.stride()
    return tuple(sorted(range(self.dim()), key=lambda d: (-strides[d], d)))


def _get_device(self: Tensor) -> int:
    """The number of its device; -1 is the CPU."""
    index = self.device.index
    return -1 if self.device.type == "cpu" or index is None else index


def _on(kind: str) -> Any:
    def method(
        self: Tensor, device: Any = None, non_blocking: bool = False, memory_format: Any = None
    ) -> Tensor:
        place = kind if device is None else f"{kind}:{device}" if isinstance(device, int) else device
        return self.to(place, non_blocking=non_blocking)

    method.__doc__ = f"A copy on a device of the kind {kind}."
    return method


def _resize(self: Tensor, *sizes: Any) -> Tensor:
    """The same elements under another shape."""
    return self.reshape(*sizes)


def _resize_as(self: Tensor, tensor: Tensor) -> Tensor:
    """The same elements under another tensor's shape."""
    return self.reshape(tensor.shape)


def _reversed(self: Tensor) -> Tensor:
    """The same with the first dimension from its end to its start."""
    return self.flip(0) if self.dim() else self


def _rdiv(self: Tensor, other: Any) -> Tensor:
    """A number divided by it."""
    quotient: Tensor = self.reciprocal() * other
    return quotient


def _grad_dtype(self: Tensor) -> Any:
    return self.dtype


def _is_on(kind: str) -> Any:
    return property(
        lambda self: self.device.type == kind, doc=f"Whether it is on a device of the kind {kind}."
    )


def _view_func(self: Tensor, new_base: Tensor) -> Tensor:
    """The same view of another base."""
    return new_base.as_strided(self.shape, self.stride(), self.storage_offset())


def _rev_view_func(self: Tensor, new_view: Tensor) -> Tensor:
    """What this tensor is a view of, from another such view."""
    base = self._base
    return new_view if base is None else new_view.as_strided(base.shape, base.stride(), base.storage_offset())


_NEVER = property(lambda self: False, doc="Never so here.")

_METHODS = {
    "unique": _unique,
    "unique_consecutive": _unique_consecutive,
    "apply_": _apply_,
    "map_": _map_,
    "map2_": _map2_,
    "new": _new,
    "set_": _set_,
    "storage": _typed_storage,
    "storage_type": _storage_type,
    "untyped_storage": _untyped_storage,
    "pin_memory": _pin_memory,
    "share_memory_": _share_memory_,
    "module_load": _module_load,
    "is_pinned": _is_pinned,
    "__cuda_array_interface__": property(_cuda_array_interface, doc="For other libraries on NVIDIA's GPUs."),
    "is_shared": _is_shared,
    "is_distributed": _no,
    "is_coalesced": _no,
    "to_dense": _to_dense,
    "dim_order": _dim_order,
    "get_device": _get_device,
    "const_data_ptr": Tensor.data_ptr,
    "hash_tensor": functional.hash_tensor,
    "cuda": _on("cuda"),
    "resize": _resize,
    "resize_as": _resize_as,
    "record_stream": lambda self, stream: None,
    "is_cpu": _is_on("cpu"),
    "is_mps": _is_on("mps"),
    "is_meta": _is_on("meta"),
    **dict.fromkeys(
        "is_xpu is_ipu is_hpu is_xla is_mtia is_maia is_vulkan is_mkldnn is_nested is_sparse_csr volatile".split(),
        _NEVER,
    ),
    "_view_func": _view_func,
    "_view_func_unsafe": _view_func,
    "_rev_view_func_unsafe": _rev_view_func,
    "_grad": property(lambda self: self.grad, lambda self, grad: setattr(self, "grad", grad)),
    "_cdata": property(id, doc="What no other tensor has."),
    "name": property(lambda self: None, doc="No tensor has one."),
    "grad_dtype": property(_grad_dtype, doc="The dtype of its gradient."),
    **{name: getattr(_linalg_utils, name) for name in ("eig", "lstsq", "solve", "symeig")},
    "__rdiv__": _rdiv,
    "__reversed__": _reversed,
    "_make_subclass": staticmethod(_make_subclass),
    "__reduce_ex__": _reduce_ex,
    "__deepcopy__": _deepcopy,
    "__copy__": _copy,
    "__setstate__": _setstate,
}


def install() -> None:
    """Gives the class its methods."""
    for name, method in _METHODS.items():
        if getattr(method, "__name__", "").lstrip("_") in (name, name.strip("_")):
            method.__name__, method.__qualname__ = name, f"Tensor.{name}"
        setattr(Tensor, name, method)
    for name, method in _device.METHODS.items():
        setattr(_C.device, name, method)
    _dispatch.install()
