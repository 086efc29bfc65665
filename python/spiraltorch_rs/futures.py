"""Values that come later, by torch's name of their module."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spiraltorch_rs.distributed._work import Future

__all__ = ["Future", "collect_all", "wait_all"]


def collect_all(futures: Iterable[Future]) -> Future:
    """The futures themselves, once all of them have come."""
    return _All(list(futures))


def wait_all(futures: Iterable[Future]) -> list[Any]:
    """What they hold; the first error, if one of them failed."""
    return [future.wait() for future in list(futures)]


class _All(Future):
    def __init__(self, futures: list[Future]) -> None:
        super().__init__()
        self._futures = futures

    def done(self) -> bool:
        return all(future.done() for future in self._futures)

    def wait(self) -> list[Future]:
        wait_all(self._futures)
        return self._futures

    value = wait
