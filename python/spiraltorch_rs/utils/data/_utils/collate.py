"""From a list of elements to a batch."""

from __future__ import annotations

import collections.abc
import copy
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.utils.data.dataset import Rows

__all__ = ["collate", "default_collate", "default_collate_fn_map", "default_convert"]

CollateMap = dict[Any, Callable[..., Any]]

_WHAT_IS_ALLOWED = (
    "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"
)


def _is_numpy(value: Any) -> bool:
    kind = type(value)
    return kind.__module__ == "numpy" and kind.__name__ not in ("str_", "string_", "bytes_")


# Numpy's dtypes of texts and objects, of which there are no tensors.
np_str_obj_array_pattern = re.compile(r"[SaUO]")


def _is_text(array: Any) -> bool:
    return np_str_obj_array_pattern.search(array.dtype.str) is not None


def _like(example: Any, made: dict[Any, Any]) -> Any:
    """A mapping of the example's class."""
    try:
        if isinstance(example, collections.abc.MutableMapping):
            clone = copy.copy(example)
            clone.update(made)
            return clone
        return type(example)(made)
    except TypeError:
        return made


def _like_sequence(example: Any, made: list[Any]) -> Any:
    """A sequence of the example's class."""
    try:
        if isinstance(example, collections.abc.MutableSequence):
            clone = copy.copy(example)
            for i, value in enumerate(made):
                clone[i] = value
            return clone
        return type(example)(made)
    except TypeError:
        return made


def pinned(data: Any, device: Any = None) -> Any:
    """A batch whose tensors are in memory that a GPU copies from by itself."""
    if isinstance(data, Tensor):
        return data.pin_memory(device)
    if isinstance(data, (str, bytes)):
        return data
    if isinstance(data, Mapping):
        return _like(data, {key: pinned(value, device) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(pinned(part, device) for part in data))
    if isinstance(data, tuple):
        return [pinned(part, device) for part in data]
    if isinstance(data, Sequence):
        return _like_sequence(data, [pinned(part, device) for part in data])
    return data.pin_memory() if hasattr(data, "pin_memory") else data


def default_convert(data: Any) -> Any:
    """What numpy arrays there are made tensors; nothing is put together."""
    if isinstance(data, Tensor):
        return data
    if _is_numpy(data):
        return data if hasattr(data, "dtype") and _is_text(data) else _C.as_tensor(data)
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(data[key]) for key in data})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(part) for part in data))
    if isinstance(data, tuple):
        return [default_convert(part) for part in data]
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _like_sequence(data, [default_convert(part) for part in data])
    return data


def collate(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Any:
    """A batch of a list of elements, by functions for each class of them."""
    example = batch[0]
    if collate_fn_map is not None:
        found = collate_fn_map.get(type(example))
        if found is None:
            found = next((f for kind, f in collate_fn_map.items() if isinstance(example, kind)), None)
        if found is not None:
            return found(batch, collate_fn_map=collate_fn_map)
    if isinstance(example, Mapping):
        columns = {key: [element[key] for element in batch] for key in example}
        return _like(example, {key: collate(c, collate_fn_map=collate_fn_map) for key, c in columns.items()})
    if isinstance(example, tuple) and hasattr(example, "_fields"):
        parts = zip(*batch, strict=True)
        return type(example)(*(collate(part, collate_fn_map=collate_fn_map) for part in parts))
    if isinstance(example, Sequence):
        if any(len(element) != len(example) for element in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        made = [collate(part, collate_fn_map=collate_fn_map) for part in zip(*batch, strict=True)]
        return made if isinstance(example, tuple) else _like_sequence(example, made)
    raise TypeError(_WHAT_IS_ALLOWED.format(type(example)))


def collate_tensor_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    """Tensors one above another."""
    made = _C.stack(list(batch))
    _C.realize(made.detach())  # a batch is one operand of the step, however it was made
    return made


def collate_numpy_array_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Any:
    """Arrays one above another, in one copy."""
    if _is_text(batch[0]):
        raise TypeError(_WHAT_IS_ALLOWED.format(batch[0].dtype))
    import numpy

    if any(array.shape != batch[0].shape or array.dtype != batch[0].dtype for array in batch):
        return collate([_C.as_tensor(array) for array in batch], collate_fn_map=collate_fn_map)
    return _C.from_numpy(numpy.stack(batch))


def collate_numpy_scalar_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    """Numbers of numpy, in their dtype."""
    import numpy

    return _C.as_tensor(numpy.asarray(batch))


def collate_float_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    """Numbers of Python, which have double precision."""
    return _C.tensor(list(batch), dtype=_C.float64)


def collate_int_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    """Whole numbers and truth values."""
    return _C.tensor(list(batch))


def collate_str_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Any:
    """Texts stay as they are."""
    return batch


class _FnMap(dict[Any, Callable[..., Any]]):
    """The functions for each class; numpy's are there once numpy is used."""

    def get(self, key: Any, default: Any = None) -> Any:
        found = super().get(key)
        if found is None and key.__module__ == "numpy":
            import numpy

            if issubclass(key, numpy.ndarray):
                found = collate_numpy_array_fn
            elif issubclass(key, numpy.generic) and not issubclass(key, (str, bytes)):
                found = collate_numpy_scalar_fn
        return default if found is None else found


default_collate_fn_map: CollateMap = _FnMap(
    {
        Tensor: collate_tensor_fn,
        float: collate_float_fn,
        int: collate_int_fn,
        str: collate_str_fn,
        bytes: collate_str_fn,
    }
)


def default_collate(batch: Any) -> Any:
    """A batch: tensors, arrays and numbers one above another, within dicts and lists as they were.

    >>> import spiraltorch_rs as st
    >>> st.utils.data.default_collate([(1, {"a": 2.0}), (3, {"a": 4.0})])
    [tensor([1, 3]), {'a': tensor([2., 4.], dtype=spiraltorch_rs.float64)}]
    """
    if isinstance(batch, Rows):
        made = batch.collated()
        _C.realize(*(tensor.detach() for tensor in made))
        return made
    return collate(batch, collate_fn_map=default_collate_fn_map)
