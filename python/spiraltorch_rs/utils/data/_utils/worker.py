"""What a worker process does: gets numbers of batches, sends batches.

Results are pickled here, in the worker's main thread, so that what cannot be pickled is reported as what it is.
"""

from __future__ import annotations

import os
import pickle
import queue
import random
import sys
import traceback
from dataclasses import dataclass
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.utils.data._utils import shared
from spiraltorch_rs.utils.data._utils.fetch import fetcher

__all__ = ["ExceptionWrapper", "WorkerInfo", "get_worker_info", "worker_loop"]

POLL_SECONDS = 5.0


@dataclass
class WorkerInfo:
    """Which worker this is."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


_worker_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """Which worker this process is; `None` in the main process."""
    return _worker_info


class ExceptionWrapper:
    """An exception on its way to another process, with its traceback as text."""

    def __init__(self, where: str) -> None:
        kind, _, _ = sys.exc_info()
        self.kind: Any = kind
        self.text = traceback.format_exc()
        self.where = where

    def reraise(self) -> None:
        """Raises the exception here."""
        message = f"Caught {self.kind.__name__} {self.where}.\nOriginal {self.text}"
        if self.kind is KeyError:  # whose message is shown as a repr, in one line
            message = _KeyErrorMessage(message)
        try:
            error = self.kind(message)
        except Exception:
            raise RuntimeError(message) from None  # its constructor wants something else
        raise error


class _KeyErrorMessage(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@dataclass
class Ended:
    """A worker's part of an iterable data set is over."""

    worker: int


@dataclass
class Resume:
    """Begin another epoch."""


def _generate_state(base_seed: int, worker_id: int) -> list[int]:
    """What numpy's numbers begin with in a worker: torch takes what numpy makes of these, too."""
    from numpy.random import SeedSequence

    words = (worker_id, base_seed & 0xFFFFFFFF, base_seed >> 32, 0)
    state: list[int] = SeedSequence(words).generate_state(4).tolist()
    return state


def _dumped(number: Any, data: Any, where: str, place: str) -> bytes:
    try:
        return shared.dumps((number, data), place)
    except Exception:
        wrapper = ExceptionWrapper(where)
        try:
            return pickle.dumps((number, wrapper))
        except Exception:
            wrapper.kind = RuntimeError
            return pickle.dumps((number, wrapper))


def worker_loop(
    iterable: bool,
    dataset: Any,
    indices: Any,
    results: Any,
    done: Any,
    batched: bool,
    collate_fn: Any,
    drop_last: bool,
    base_seed: int,
    init_fn: Any,
    worker: int,
    num_workers: int,
    place: str,
) -> None:
    """The life of a worker."""
    global _worker_info
    where, parent = f"in DataLoader worker process {worker}", os.getppid()
    seed = base_seed + worker
    _C.set_num_threads(1)
    random.seed(seed)
    _C.manual_seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(_generate_state(base_seed, worker))
    _worker_info = WorkerInfo(worker, num_workers, seed, dataset)
    failure: ExceptionWrapper | None = None
    fetch: Any = None
    try:
        if init_fn is not None:
            init_fn(worker)
        fetch = fetcher(iterable, dataset, batched, collate_fn, drop_last)
    except Exception:
        failure = ExceptionWrapper(where)
    ended = False
    try:
        while True:
            try:
                request = indices.get(timeout=POLL_SECONDS)
            except queue.Empty:
                if os.getppid() != parent or done.is_set():
                    break  # nobody is left who wants anything
                continue
            if request is None:
                break
            if isinstance(request, Resume):
                results.put(pickle.dumps((request, None)))
                fetch, ended = fetcher(iterable, dataset, batched, collate_fn, drop_last), False
                continue
            if done.is_set() or ended:
                continue
            number, index = request
            data: Any
            if failure is not None:
                data, failure = failure, None
            else:
                try:
                    data = fetch.fetch(index)
                except StopIteration:
                    if iterable:
                        data, ended = Ended(worker), True
                    else:
                        data = ExceptionWrapper(where)
                except Exception:
                    data = ExceptionWrapper(where)
            results.put(_dumped(number, data, where, place))
            del data
    except KeyboardInterrupt:
        pass
    if done.is_set():
        results.cancel_join_thread()
        results.close()
