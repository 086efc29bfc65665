"""Python's `multiprocessing` under torch's name: tensors travel between processes as copies."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing import *  # noqa: F403
from typing import Any

__all__ = [  # pyright: ignore
    *multiprocessing.__all__,
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


class ProcessRaisedException(Exception):
    """A process of `spawn` failed."""


class SpawnContext:
    """Processes that run one function."""

    def __init__(self, processes: list[Any]) -> None:
        self.processes = processes

    def pids(self) -> list[int]:
        """Their numbers."""
        return [process.pid for process in self.processes]

    def join(self, timeout: float | None = None, grace_period: float | None = None) -> bool:
        """Waits for them; if one fails, the others are ended and that is an error."""
        for index, process in enumerate(self.processes):
            process.join(timeout)
            if process.exitcode not in (0, None):
                for other in self.processes:
                    other.terminate()
                raise ProcessRaisedException(f"process {index} terminated with exit code {process.exitcode}")
        return all(process.exitcode == 0 for process in self.processes)


def start_processes(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> SpawnContext | None:
    """Calls `fn(i, *args)` in so many processes."""
    context: Any = multiprocessing.get_context(start_method)
    processes = [context.Process(target=fn, args=(i, *args), daemon=daemon) for i in range(nprocs)]
    for process in processes:
        process.start()
    started = SpawnContext(processes)
    if not join:
        return started
    started.join()
    return None


def spawn(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> SpawnContext | None:
    """Calls `fn(i, *args)` in so many new processes."""
    return start_processes(fn, args, nprocs, join, daemon, start_method)
