"""One function in several processes: what the first that fails raised is raised here, and the others are ended."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import signal
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = [
    "ProcessContext",
    "ProcessException",
    "ProcessExitedException",
    "ProcessRaisedException",
    "SpawnContext",
    "spawn",
    "start_processes",
]

# Seconds that processes have to end when another one has failed.
GRACE = 30.0


class ProcessException(Exception):
    """A process of `spawn` failed."""

    def __init__(self, msg: str, error_index: int, pid: int) -> None:
        super().__init__(msg)
        self.msg, self.error_index, self.pid = msg, error_index, pid


class ProcessRaisedException(ProcessException):
    """A process of `spawn` raised an error."""


class ProcessExitedException(ProcessException):
    """A process of `spawn` ended with an exit code, or by a signal."""

    def __init__(
        self, msg: str, error_index: int, error_pid: int, exit_code: int, signal_name: str | None = None
    ) -> None:
        super().__init__(msg, error_index, error_pid)
        self.exit_code, self.signal_name = exit_code, signal_name


def _told(fn: Callable[..., Any], i: int, args: tuple[Any, ...], errors: str) -> None:
    """Calls a function; what it raises is told in a file."""
    try:
        fn(i, *args)
    except KeyboardInterrupt:
        pass
    except Exception:
        Path(errors).write_text(traceback.format_exc())
        raise SystemExit(1) from None


class ProcessContext:
    """Processes that run one function."""

    def __init__(self, processes: list[Any], error_files: list[str]) -> None:
        self.processes, self.error_files = processes, error_files
        self.sentinels = {process.sentinel: i for i, process in enumerate(processes)}

    def pids(self) -> list[int]:
        """Their numbers."""
        return [process.pid for process in self.processes]

    def join(self, timeout: float | None = None, grace_period: float | None = None) -> bool:
        """Waits until one has ended: whether all have. If one failed, the others are ended and that is an error."""
        if not self.sentinels:
            return True
        ready = multiprocessing.connection.wait(list(self.sentinels), timeout)
        ended = [self.sentinels.pop(sentinel) for sentinel in ready]
        for i in ended:
            self.processes[i].join()
        failed = next((i for i in ended if self.processes[i].exitcode), None)
        if failed is None:
            return not self.sentinels
        self._end(GRACE if grace_period is None else grace_period)
        raise self._failure(failed)

    def _end(self, grace: float) -> None:
        for process in self.processes:
            if process.is_alive():
                process.terminate()
        end = time.monotonic() + grace
        for process in self.processes:
            process.join(max(end - time.monotonic(), 0))
            if process.is_alive():
                process.kill()
                process.join()

    def _failure(self, i: int) -> ProcessException:
        code, pid = self.processes[i].exitcode, self.processes[i].pid
        told = Path(self.error_files[i])
        if text := told.read_text() if told.exists() else "":
            return ProcessRaisedException(
                f"\n\n-- Process {i} terminated with the following error:\n{text}", i, pid
            )
        if code < 0:
            name = signal.Signals(-code).name
            return ProcessExitedException(f"process {i} terminated with signal {name}", i, pid, code, name)
        return ProcessExitedException(f"process {i} terminated with exit code {code}", i, pid, code)


SpawnContext = ProcessContext


def start_processes(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> ProcessContext | None:
    """Calls `fn(i, *args)` in so many processes."""
    context: Any = multiprocessing.get_context(start_method)
    folder = tempfile.TemporaryDirectory(prefix="spawn")
    files = [str(Path(folder.name) / str(i)) for i in range(nprocs)]
    processes = [
        context.Process(target=_told, args=(fn, i, args, files[i]), daemon=daemon) for i in range(nprocs)
    ]
    for process in processes:
        process.start()
    started = ProcessContext(processes, files)
    # It goes when nobody can ask for it any more.
    started._folder = folder  # type: ignore[attr-defined]
    while join and not started.join():
        pass
    return None if join else started


def spawn(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> ProcessContext | None:
    """Calls `fn(i, *args)` in so many new processes."""
    return start_processes(fn, args, nprocs, join, daemon, start_method)
