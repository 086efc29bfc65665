"""`DataLoader`: batches of a data set, made here or by worker processes ahead of time."""

from __future__ import annotations

import copy
import itertools
import multiprocessing
import os
import pickle
import queue
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.context import BaseContext
from multiprocessing.util import Finalize
from typing import Any, Generic, TypeVar

from spiraltorch_rs import cuda
from spiraltorch_rs._C import Generator
from spiraltorch_rs.utils.data._utils import collate, fetch, shared, worker
from spiraltorch_rs.utils.data._utils.worker import get_worker_info
from spiraltorch_rs.utils.data.dataset import Dataset, IterableDataset
from spiraltorch_rs.utils.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    random_seed,
)

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]

T_co = TypeVar("T_co", covariant=True)
default_collate = collate.default_collate
default_convert = collate.default_convert


class _Endless(Sampler[None]):
    """What stands for the numbers of an iterable data set."""

    def __iter__(self) -> Iterator[None]:
        return itertools.repeat(None)


class DataLoader(Generic[T_co]):
    """Goes through a data set in batches.

    >>> import spiraltorch_rs as st
    >>> data = st.utils.data.TensorDataset(st.arange(3))
    >>> [batch for (batch,) in st.utils.data.DataLoader(data, batch_size=2)]
    [tensor([0, 1]), tensor([2])]
    """

    # These must not change once the loader is made.
    _FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")
    _made = False

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        self.dataset: Any = dataset
        self.num_workers = num_workers
        self.prefetch_factor = 2 if num_workers > 0 and prefetch_factor is None else prefetch_factor
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.timeout, self.worker_init_fn = timeout, worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order = in_order
        self._iterable = isinstance(dataset, IterableDataset)
        if self._iterable:
            for name, value in (
                ("shuffle", shuffle or None),
                ("sampler", sampler),
                ("batch_sampler", batch_sampler),
            ):
                if value is not None:
                    raise ValueError(
                        f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}"
                    )
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
                )
            batch_size, drop_last = None, False
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None option disables auto-batching and is mutually exclusive with drop_last"
            )
        chosen: Any = sampler
        if chosen is None:
            if self._iterable:
                chosen = _Endless()
            elif shuffle:
                chosen = RandomSampler(dataset, generator=generator)
            else:
                chosen = SequentialSampler(dataset)
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(chosen, batch_size, drop_last)
        self.batch_size, self.drop_last = batch_size, drop_last
        self.sampler, self.batch_sampler = chosen, batch_sampler
        self.generator = generator
        self.collate_fn = collate_fn or (default_collate if self._auto_collation else default_convert)
        self.persistent_workers = persistent_workers
        self._iterator: _MultiProcessingDataLoaderIter | None = None
        # What `len` has said, if it was asked: a list, which the copy that an iterator has shares.
        self._said: list[int] = []
        self._made = True

    @property
    def multiprocessing_context(self) -> Any:
        """How worker processes are started."""
        return self._context

    @multiprocessing_context.setter
    def multiprocessing_context(self, context: Any) -> None:
        if context is not None:
            if self.num_workers == 0:
                raise ValueError(
                    "multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got "
                    f"num_workers={self.num_workers}"
                )
            if isinstance(context, str):
                known = multiprocessing.get_all_start_methods()
                if context not in known:
                    raise ValueError(
                        f"multiprocessing_context option should specify a valid start method in {known!r}, but got "
                        f"multiprocessing_context={context!r}"
                    )
                context = multiprocessing.get_context(context)
            if not isinstance(context, BaseContext):
                raise TypeError(
                    "multiprocessing_context option should be a valid context object or a string specifying the start "
                    f"method, but got multiprocessing_context={context}"
                )
        self._context = context

    def __setattr__(self, name: str, value: Any) -> None:
        if self._made and name in self._FIXED:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    @property
    def _auto_collation(self) -> bool:
        return self.batch_sampler is not None

    @property
    def _index_sampler(self) -> Any:
        return self.batch_sampler if self._auto_collation else self.sampler

    def __iter__(self) -> Any:
        if self.num_workers == 0:
            return _SingleProcessDataLoaderIter(self)
        if not self.persistent_workers:
            return _MultiProcessingDataLoaderIter(self)
        if self._iterator is None:
            # A copy, so that nothing refers back: the workers end when the loader is gone, not when
            # garbage is collected.
            self._iterator = _MultiProcessingDataLoaderIter(copy.copy(self))
        else:
            self._iterator.begin(self)
        return self._iterator

    def __len__(self) -> int:
        if not self._iterable:
            return len(self._index_sampler)
        length = len(self.dataset)
        self._said[:] = [length]
        if self.batch_size is None:
            return length
        return length // self.batch_size if self.drop_last else -(-length // self.batch_size)


def _check_workers(num_workers: int, timeout: float, prefetch: int | None, persistent: bool) -> None:
    if num_workers < 0:
        raise ValueError(
            "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing."
        )
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if num_workers == 0 and prefetch is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
            "multiprocessing, otherwise set prefetch_factor to None."
        )
    if prefetch is not None and prefetch < 0:
        raise ValueError("prefetch_factor option should be non-negative")
    if persistent and num_workers == 0:
        raise ValueError("persistent_workers option needs num_workers > 0")
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if num_workers > found:
        warnings.warn(
            f"This DataLoader will create {num_workers} worker processes in total. Our suggested max "
            "number of worker in "
            f"current system is {found}, which is smaller than what this DataLoader is going to create. "
            "Please be aware "
            "that excessive worker creation might get DataLoader running slow or even freeze, lower the "
            "worker number to "
            "avoid potential slowness/freeze if necessary.",
            stacklevel=4,
        )


class _BaseDataLoaderIter:
    """One way through the data."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._loader = loader
        self._numbers = iter(loader._index_sampler)
        self._base_seed = random_seed(loader.generator)
        self._given = 0

    def __iter__(self) -> Any:
        return self

    def __len__(self) -> int:
        return len(self._loader._index_sampler)

    def __getstate__(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} cannot be pickled")

    def _next(self) -> Any:
        raise NotImplementedError

    def __next__(self) -> Any:
        data = self._next()
        if self._loader.pin_memory and cuda.is_available():
            data = collate.pinned(data, self._loader.pin_memory_device or None)
        self._given += 1
        said = max(self._loader._said, default=self._given)
        if self._given > said:
            told = (
                f"Length of IterableDataset {self._loader.dataset} was reported to be {said}(when accessing "
                f"len(dataloader)), but {self._given} samples have been fetched. "
            )
            if self._loader.num_workers > 0:
                told += (
                    "For multiprocessing data-loading, this may be because every worker gives all of the data: "
                    "configure the copies in __iter__ or worker_init_fn."
                )
            # Each time: the program should see it at every batch too many.
            warnings.warn(told, stacklevel=2)
        return data


class _SingleProcessDataLoaderIter(_BaseDataLoaderIter):
    """Batches made in this process, when they are wanted."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        super().__init__(loader)
        self._fetcher = fetch.fetcher(
            loader._iterable, loader.dataset, loader._auto_collation, loader.collate_fn, loader.drop_last
        )

    def _next(self) -> Any:
        return self._fetcher.fetch(next(self._numbers))


class _MultiProcessingDataLoaderIter(_BaseDataLoaderIter):
    """Batches made by worker processes, some ahead, given out in order."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        super().__init__(loader)
        context = loader.multiprocessing_context or multiprocessing.get_context()
        self._processes: list[Any] = []
        self._requests: list[Any] = []
        self._results = context.Queue()
        self._done = context.Event()
        place = shared.folder(self)
        # At the latest before the process ends workers by a signal and waits for them.
        stopped = self._processes, self._requests, self._results, self._done
        self._stop = Finalize(self, _ended, stopped, exitpriority=10)
        for number in range(loader.num_workers):
            requests = context.Queue()
            requests.cancel_join_thread()
            process = context.Process(
                target=worker.worker_loop,
                args=(
                    loader._iterable,
                    loader.dataset,
                    requests,
                    self._results,
                    self._done,
                    loader._auto_collation,
                    loader.collate_fn,
                    loader.drop_last,
                    self._base_seed,
                    loader.worker_init_fn,
                    number,
                    loader.num_workers,
                    place,
                ),
                daemon=True,
            )
            process.start()
            self._processes.append(process)
            self._requests.append(requests)
        self._start()

    def begin(self, loader: DataLoader[Any]) -> None:
        """Another epoch with the same workers."""
        self._numbers = iter(loader._index_sampler)
        self._given = 0
        for requests in self._requests:
            requests.put(worker.Resume())
        waiting = len(self._requests)
        while waiting:
            answer, _ = self._receive()
            waiting -= isinstance(answer, worker.Resume)
        self._start()

    def _start(self) -> None:
        self._sent = self._wanted = 0
        self._open = 0  # batches that are asked for and not here
        self._owner: dict[int, int] = {}
        self._here: dict[int, Any] = {}
        self._active = [True] * len(self._processes)
        self._turn = itertools.cycle(range(len(self._processes)))
        for _ in range((self._loader.prefetch_factor or 1) * len(self._processes)):
            self._ask()

    def _ask(self) -> None:
        """Asks the next worker for the next batch."""
        if not any(self._active):
            return
        try:
            numbers = next(self._numbers)
        except StopIteration:
            return
        number = next(i for i in self._turn if self._active[i])
        self._requests[number].put((self._sent, numbers))
        self._owner[self._sent] = number
        self._sent += 1
        self._open += 1

    def _receive(self) -> tuple[Any, Any]:
        """The next answer of any worker."""
        timeout = self._loader.timeout
        end = time.monotonic() + timeout if timeout > 0 else None
        while True:
            wait = worker.POLL_SECONDS if end is None else min(worker.POLL_SECONDS, end - time.monotonic())
            try:
                answer: tuple[Any, Any] = pickle.loads(self._results.get(timeout=max(0.0, wait)))
                return answer
            except queue.Empty:
                self._check_alive()
            if end is not None and time.monotonic() >= end:
                self._stop()
                raise RuntimeError(f"DataLoader timed out after {timeout} seconds")

    def _check_alive(self) -> None:
        dead = [process.pid for process in self._processes if not process.is_alive()]
        if dead:
            self._stop()
            raise RuntimeError(f"DataLoader worker (pid(s) {', '.join(map(str, dead))}) exited unexpectedly")

    def _next(self) -> Any:
        while True:
            in_order = self._loader.in_order
            ready = self._wanted if in_order else next(iter(self._here), None)
            if ready in self._here:
                return self._give(ready)
            if in_order and self._wanted < self._sent and self._wanted not in self._owner:
                self._wanted += 1  # its worker had nothing left
                continue
            if self._open == 0:
                self._end()
                raise StopIteration
            number, data = self._receive()
            self._open -= 1
            if isinstance(data, worker.Ended):
                self._active[data.worker] = False
                if not self._loader.persistent_workers:
                    self._requests[data.worker].put(None)
                # What was asked of it and not answered will not come.
                lost = [n for n, owner in self._owner.items() if owner == data.worker and n >= number]
                for n in lost:
                    del self._owner[n]
                self._open -= len(lost) - 1
                self._ask()
            else:
                self._here[number] = data

    def _give(self, number: Any) -> Any:
        data = self._here.pop(number)
        del self._owner[number]
        self._wanted += 1
        self._ask()
        if isinstance(data, worker.ExceptionWrapper):
            data.reraise()
        return data

    def _end(self) -> None:
        if not self._loader.persistent_workers:
            self._stop()

    def _shutdown_workers(self) -> None:
        """What trainers call when they are done with the loader."""
        self._stop()


def _ended(processes: list[Any], requests: list[Any], results: Any, done: Any) -> None:
    """Ends the workers: they are asked, and if they do not go they are made to."""
    done.set()
    for channel in requests:
        channel.put(None)
    end = time.monotonic() + worker.POLL_SECONDS
    for process in processes:
        while process.is_alive() and time.monotonic() < end:
            _drain(results)
            process.join(0.02)
        # (A worker has the signals' handlers of the program, which may do nothing.)
        for make in (process.terminate, process.kill):
            if process.is_alive():
                make()
                process.join(1.0)
    for channel in (*requests, results):
        channel.cancel_join_thread()
        channel.close()


def _drain(results: Any) -> None:
    """A worker does not end while what it sent is not taken."""
    try:
        while True:
            results.get_nowait()
    except Exception:
        return
