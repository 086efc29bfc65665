"""Dictionaries whose keys are known by what they are, not by what they equal, and go when nobody else holds them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

__all__ = ["TensorWeakRef", "WeakIdKeyDictionary", "WeakIdRef", "WeakTensorKeyDictionary"]


class WeakIdRef(weakref.ref[Any]):
    """A weak reference that equals another of the same object; what is compared need not have a hash."""

    __slots__ = ("_id",)

    def __init__(self, key: Any, callback: Callable[[Any], None] | None = None) -> None:
        super().__init__(key, callback)  # type: ignore[call-arg]
        self._id = id(key)

    def __hash__(self) -> int:
        return self._id

    def __eq__(self, other: object) -> bool:
        mine, theirs = self(), other() if isinstance(other, WeakIdRef) else None
        return self is other if mine is None or theirs is None else mine is theirs


TensorWeakRef = WeakIdRef


class WeakIdKeyDictionary(MutableMapping[Any, Any]):
    """Values for objects, as long as they live.

    >>> import spiraltorch_rs as st
    >>> key = st.ones(2)
    >>> known = st.utils.weak.WeakIdKeyDictionary({key: 1})
    >>> known[key], len(known)
    (1, 1)
    >>> del key
    >>> len(known)
    0
    """

    def __init__(self, dict: Any = None, ref_type: type[WeakIdRef] = WeakIdRef) -> None:
        self.data: Any = {}
        self.ref_type = ref_type
        data = self.data  # (The callback should not keep this object.)
        self._remove = lambda reference: data.pop(reference, None)
        self.update(dict or {})

    def __getitem__(self, key: Any) -> Any:
        return self.data[self.ref_type(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.data[self.ref_type(key, self._remove)] = value

    def __delitem__(self, key: Any) -> None:
        del self.data[self.ref_type(key)]

    def __contains__(self, key: object) -> bool:
        try:
            return self.ref_type(key) in self.data
        except TypeError:  # of which there is no weak reference
            return False

    def __iter__(self) -> Iterator[Any]:
        for reference in list(self.data):
            key = reference()
            if key is not None:
                yield key

    def __len__(self) -> int:
        return len(self.data)

    def keyrefs(self) -> list[Any]:
        """The weak references."""
        return list(self.data)

    def copy(self) -> WeakIdKeyDictionary:
        """One of its own."""
        return WeakIdKeyDictionary(self, self.ref_type)

    __copy__ = copy


WeakTensorKeyDictionary = WeakIdKeyDictionary
