"""From a batch's numbers to its elements, collated."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs.utils.data.dataset import _items

__all__ = ["IterableFetcher", "MapFetcher", "fetcher"]


class MapFetcher:
    """Elements by number."""

    def __init__(self, dataset: Any, batched: bool, collate_fn: Any, drop_last: bool) -> None:
        self.dataset, self.batched, self.collate_fn = dataset, batched, collate_fn

    def fetch(self, index: Any) -> Any:
        """The batch of some numbers, or the element of one."""
        return self.collate_fn(_items(self.dataset, index) if self.batched else self.dataset[index])


class IterableFetcher:
    """The next elements; the numbers only say how many."""

    def __init__(self, dataset: Any, batched: bool, collate_fn: Any, drop_last: bool) -> None:
        self.elements = iter(dataset)
        self.batched, self.collate_fn, self.drop_last = batched, collate_fn, drop_last
        self.ended = False

    def fetch(self, index: Any) -> Any:
        """The next batch or element; raises `StopIteration` when there is none."""
        if self.ended:
            raise StopIteration
        if not self.batched:
            return self.collate_fn(next(self.elements))
        found = []
        for _ in index:
            try:
                found.append(next(self.elements))
            except StopIteration:
                self.ended = True
                break
        if not found or (self.drop_last and len(found) < len(index)):
            raise StopIteration
        return self.collate_fn(found)


def fetcher(iterable: bool, dataset: Any, batched: bool, collate_fn: Any, drop_last: bool) -> Any:
    """The fetcher for a kind of data set."""
    return (IterableFetcher if iterable else MapFetcher)(dataset, batched, collate_fn, drop_last)
