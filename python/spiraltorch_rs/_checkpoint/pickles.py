"""The pickles within a file: written with torch's names, read without executing anything that is not known."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ClassVar

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs._checkpoint.names import STORAGES, safe_globals
from spiraltorch_rs._dispatch import DisableTorchFunctionSubclass
from spiraltorch_rs._size import Size
from spiraltorch_rs.storage import TypedStorage, UntypedStorage

_allowed: dict[tuple[str, str], Any] = {}
_SAFE = safe_globals()


class Global:
    """A name of torch's, written as such: torch need not be there."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __call__(self, *args: Any) -> Any:
        raise RuntimeError(f"{self.module}.{self.name} is only written")


class _StorageToWrite:
    """The memory of some tensors, as a persistent id."""

    def __init__(self, key: str, flat: Tensor) -> None:
        self.key, self.flat = key, flat


_PythonPickler: Any = pickle._Pickler  # which, unlike the one in C, can be taught a kind of object


class Pickler(_PythonPickler):  # type: ignore[misc]
    """Writes tensors as torch does; the bytes of their storages are left in `storages`."""

    dispatch: ClassVar[dict[Any, Any]] = dict(_PythonPickler.dispatch)

    def __init__(self, file: Any, protocol: int, old: bool = False) -> None:
        super().__init__(file, protocol)
        self.storages: dict[int, _StorageToWrite] = {}
        self._old = old  # the format from before 2020

    def _save_name(self, obj: Global) -> None:
        self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        self.memoize(obj)

    dispatch[Global] = _save_name

    def persistent_id(self, obj: Any) -> Any:
        untyped = isinstance(obj, UntypedStorage)
        if isinstance(obj, UntypedStorage | TypedStorage):
            obj = self._storage_of(obj._flat, check=not untyped)
        if not isinstance(obj, _StorageToWrite):
            return None
        flat, name = obj.flat, None if untyped and not self._old else STORAGES.get(obj.flat.dtype)
        kind = _known("torch.storage", "UntypedStorage") if name is None else _known("torch", name)
        size = flat.numel() * (flat.element_size() if name is None else 1)
        return ("storage", kind, obj.key, str(flat.device), size, *((None,) if self._old else ()))

    def _storage_of(self, tensor: Tensor, check: bool = True) -> _StorageToWrite:
        """The memory of a tensor, which others may share."""
        key = tensor._storage_id()
        storage = self.storages.get(key)
        if storage is None:
            flat = tensor.detach()._flat_storage()
            storage = self.storages[key] = _StorageToWrite(str(len(self.storages)), flat)
        if check and storage.flat.dtype != tensor.dtype:
            raise RuntimeError(
                "Cannot save multiple tensors or storages that view the same data as different types"
            )
        return storage

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Tensor) and type(obj).__reduce_ex__ in _known_reductions():
            return self._tensor(obj)
        if isinstance(obj, Size):
            return _known("torch", "Size"), (tuple(obj),)
        if isinstance(obj, _C.device):
            index = () if obj.index is None else (obj.index,)
            return _known("torch", "device"), (obj.type, *index)
        return NotImplemented

    def save(self, obj: Any, save_persistent_id: bool = True) -> Any:
        if isinstance(obj, _C.dtype):
            obj = _known("torch", str(obj).rpartition(".")[2])
        return super().save(obj, save_persistent_id)

    def _tensor(self, tensor: Any) -> Any:
        from spiraltorch_rs.nn.parameter import Parameter

        hooks: OrderedDict[Any, Any] = OrderedDict()
        state = dict(tensor.__dict__)
        if isinstance(tensor, Parameter):
            parts = tensor.detach(), tensor.requires_grad, hooks
            if state:
                return _known("torch._utils", "_rebuild_parameter_with_state"), (*parts, state)
            return _known("torch._utils", "_rebuild_parameter"), parts
        function, args = self._plain(tensor, hooks)
        if type(tensor) is Tensor and not state:
            return function, args
        kind = _known("torch", "Tensor") if type(tensor) is Tensor else type(tensor)
        return _known("torch._tensor", "_rebuild_from_type_v2"), (function, kind, args, state)

    def _plain(self, tensor: Any, hooks: Any) -> tuple[Global, tuple[Any, ...]]:
        with DisableTorchFunctionSubclass():
            shape, strides = tuple(tensor.shape), tensor.stride()
            if tensor.is_meta:
                parts = tensor.dtype, shape, strides, tensor.requires_grad
                return _known("torch._utils", "_rebuild_meta_tensor_no_storage"), parts
            storage = self._storage_of(tensor)
            args = (storage, tensor.storage_offset(), shape, strides, tensor.requires_grad, hooks)
            if tensor.dtype not in STORAGES:
                # Newer dtypes have no storage class of their own.
                return _known("torch._utils", "_rebuild_tensor_v3"), (*args, tensor.dtype)
            return _known("torch._utils", "_rebuild_tensor_v2"), args


def _known_reductions() -> tuple[Any, ...]:
    """How tensors are pickled unless their class has its own way."""
    from spiraltorch_rs.nn.parameter import Parameter

    return Tensor.__reduce_ex__, Parameter.__reduce_ex__


_names: dict[tuple[str, str], Global] = {}


def _known(module: str, name: str) -> Global:
    """One object for each name, so that it is written once."""
    return _names.setdefault((module, name), Global(module, name))


def unpickler(
    module: Any, file: Any, storage: Callable[[Any], Any], find: Callable[[str, str], Any], **options: Any
) -> Any:
    """A reader of a pickle of torch's, of Python's module or one like it; every global is looked up by `find`."""

    class Unpickler(module.Unpickler):  # type: ignore[misc]
        def persistent_load(self, pid: Any) -> Any:
            if isinstance(pid, tuple):
                # What the user wants as bytes is not in the names that are torch's own.
                pid = tuple(part.decode("ascii") if isinstance(part, bytes) else part for part in pid)
            if not isinstance(pid, tuple) or len(pid) < 5 or pid[0] != "storage":
                raise pickle.UnpicklingError(f"an unknown kind of persistent id: {pid!r:.100}")
            return storage(pid)

        def find_class(self, module: str, name: str) -> Any:
            return find(module, name)

    return Unpickler(file, **options)


def find_safe(module: str, name: str) -> Any:
    """A global by which nothing can be executed."""
    for table in (_SAFE, _allowed):
        if (module, name) in table:
            return table[module, name]
    if module == "numpy" or module.startswith(("numpy.core.", "numpy._core.")):
        from spiraltorch_rs._checkpoint.arrays import GLOBALS

        if (module, name) in GLOBALS:
            return GLOBALS[module, name]
    raise pickle.UnpicklingError(
        f"Weights only load failed. Unsupported global: GLOBAL {module}.{name} was not an allowed global by default. "
        f"If you trust the file's source, allow it with `serialization.add_safe_globals([{name}])`, or "
        "execute whatever "
        "the file says with `weights_only=False`."
    )


def find_any(module: str, name: str) -> Any:
    """Any global; torch's own are looked for in this package."""
    known = _SAFE.get((module, name))
    if known is not None:
        return known
    if module == "torch" or module.startswith("torch."):
        ours = "spiraltorch_rs" + module[len("torch") :]
        try:
            return pickle.Unpickler(io.BytesIO()).find_class(ours, name)
        except (ImportError, AttributeError) as error:
            raise pickle.UnpicklingError(
                f"the file needs {module}.{name}, which this package does not have"
            ) from error
    return pickle.Unpickler(io.BytesIO()).find_class(module, name)


def allow(globals_: list[Any]) -> None:
    """Adds classes and functions, or pairs of them and their names, to what files may name."""
    for one in globals_:
        thing, name = one if isinstance(one, tuple) else (one, f"{one.__module__}.{one.__qualname__}")
        module, _, last = name.rpartition(".")
        _allowed[module, last] = thing


def allowed() -> dict[tuple[str, str], Any]:
    """What was added."""
    return _allowed
