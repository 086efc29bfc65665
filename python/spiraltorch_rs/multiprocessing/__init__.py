"""Python's `multiprocessing` under torch's name: tensors travel between processes as copies."""

from __future__ import annotations

import multiprocessing
from multiprocessing import *  # noqa: F403

from spiraltorch_rs.multiprocessing.spawn import (
    ProcessContext,
    ProcessException,
    ProcessExitedException,
    ProcessRaisedException,
    SpawnContext,
    spawn,
    start_processes,
)

__all__ = [  # pyright: ignore
    *multiprocessing.__all__,
    "ProcessContext",
    "ProcessException",
    "ProcessExitedException",
    "ProcessRaisedException",
    "SpawnContext",
    "get_all_sharing_strategies",
    "get_sharing_strategy",
    "set_sharing_strategy",
    "spawn",
    "start_processes",
]


def get_all_sharing_strategies() -> set[str]:
    """How tensors travel: copied through a pipe."""
    return {"file_descriptor", "file_system"}


def get_sharing_strategy() -> str:
    """What `set_sharing_strategy` was told last."""
    return _strategy[0]


def set_sharing_strategy(new_strategy: str) -> None:
    """Accepted: tensors are copied."""
    if new_strategy not in get_all_sharing_strategies():
        raise AssertionError(f"invalid sharing strategy: {new_strategy}")
    _strategy[0] = new_strategy


_strategy = ["file_descriptor"]
