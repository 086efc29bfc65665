"""Methods of `Tensor` that are easier said in Python: copying and pickling."""

from __future__ import annotations

from weakref import WeakValueDictionary

from spiraltorch_rs._C import Tensor, _from_bytes, _make_subclass

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
    if self.grad is not None:
        made.grad = deepcopy(self.grad, memo)
    return made


def _copy(self: Tensor) -> Any:
    made = _rebuild(type(self), _storage_of(self), *_place(self), self.requires_grad)
    made.__dict__.update(self.__dict__)
    return made


def _setstate(self: Tensor, state: dict[str, Any]) -> None:
    self.__dict__.update(state)


_METHODS = {
    "__reduce_ex__": _reduce_ex,
    "__deepcopy__": _deepcopy,
    "__copy__": _copy,
    "__setstate__": _setstate,
}


def install() -> None:
    """Gives the class its methods."""
    for name, method in _METHODS.items():
        setattr(Tensor, name, method)
