"""How optimizers group the tensors that one call of `_foreach_` takes."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs._C import Tensor

Lists = list[list[Tensor | None]]


def _group_tensors_by_device_and_dtype(
    tensorlistlist: Lists, with_indices: bool = False
) -> dict[tuple[Any, Any], tuple[Lists, list[int]]]:
    """By the first list's devices and dtypes, the lists' parts that belong together, and their places if wanted."""
    groups: dict[tuple[Any, Any], tuple[Lists, list[int]]] = {}
    for place, first in enumerate(tensorlistlist[0]):
        assert first is not None
        lists, places = groups.setdefault((first.device, first.dtype), ([[] for _ in tensorlistlist], []))
        for part, whole in zip(lists, tensorlistlist, strict=True):
            part += whole[place : place + 1]
        places += [place] * with_indices
    return groups
