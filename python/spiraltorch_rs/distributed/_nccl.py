"""Collectives of tensors on NVIDIA's GPUs, by NCCL.

They run in a stream of their own: the tensors' stream waits for it where the result is asked for, the program does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from spiraltorch_rs import _C, cuda
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.distributed._backend import Backend, ReduceOp
from spiraltorch_rs.distributed._errors import DistBackendError
from spiraltorch_rs.distributed._work import Work
from spiraltorch_rs.distributed.store import Store

Side = tuple[Tensor, int] | None
# What goes where, a rank or the number of a `ReduceOp`, how many elements, what is read and what is written.
Step = tuple[str, int, int, Side, Side]


class _Enqueued(Work):
    """Work in the stream of collectives."""

    def __init__(self, place: Nccl, result: Tensor, timeout: float, source: int | None = None) -> None:
        super().__init__(timeout, source)
        self._place, self._given = place, result
        self._event: cuda.Event | None = None

    def _is_there(self) -> bool:
        return self._event is not None and self._event.query()

    def _wait(self, timeout: float) -> Any:
        self._place.check()
        if self._event is None:
            raise DistBackendError("a message of a batch is begun when the batch is")
        cuda.current_stream(self._place.device).wait_event(self._event)
        return self._given


class Nccl(Backend):
    """The collectives of one group, on the GPU that was the current one when the first was asked for."""

    name = "nccl"

    def __init__(self, store: Store, ranks: Sequence[int], rank: int, timeout: float) -> None:
        super().__init__(ranks, rank, timeout)
        self.device = f"cuda:{cuda.current_device()}"
        if rank == 0:
            store.set("meeting", _C._meeting(self.device))
        # NCCL would wait for ever for somebody who does not come.
        store.set(f"rank {rank}", "here")
        store.wait(["meeting", *(f"rank {one}" for one in range(self.size))], timedelta(seconds=timeout))
        try:
            self._communicator = _C._join(self.device, store.get("meeting"), self.size, rank)
        except RuntimeError as error:
            raise DistBackendError(str(error)) from error
        self._stream = cuda.Stream(self.device)
        self._batch: list[tuple[Step, _Enqueued]] | None = None

    def check(self) -> None:
        """Raises if another rank has failed."""
        try:
            self._communicator.check()
        except RuntimeError as error:
            raise DistBackendError(str(error)) from error

    def _result(self, count: int, dtype: _C.dtype) -> Tensor:
        return _C.empty(count, dtype=dtype, device=self.device)

    def _run(self, like: Tensor, count: int, steps: Callable[[Tensor, Tensor], list[Step]]) -> _Enqueued:
        """Begins steps that read a tensor and write another one of so many elements."""
        if str(like.device) != self.device:
            raise RuntimeError(f"the group's tensors are on {self.device}, got one on {like.device}")
        given = like.contiguous()
        # What this thread has asked for until now is what the collective reads.
        self._stream.wait_stream(cuda.current_stream(self.device))
        with cuda.stream(self._stream):
            work = _Enqueued(self, self._result(count, like.dtype), self.timeout)
            self._begin(steps(given, work._given))
            work._event = self._stream.record_event()
        return work

    def _begin(self, steps: list[Step]) -> None:
        # (NCCL has no words for nothing.)
        steps = [step for step in steps if step[2]]
        try:
            self._communicator.run(steps, self.timeout)
        except RuntimeError as error:
            raise DistBackendError(str(error)) from error

    @staticmethod
    def _number(op: ReduceOp) -> int:
        if op > ReduceOp.MAX:
            raise ValueError(f"Cannot use ReduceOp.{op.name} with NCCL")
        return int(op)

    def all_reduce(self, tensor: Tensor, op: ReduceOp, is_async: bool) -> Work:
        count, number = tensor.numel(), self._number(op)
        return self._run(tensor, count, lambda x, y: [("all_reduce", number, count, (x, 0), (y, 0))])

    def all_gather(self, tensor: Tensor, is_async: bool) -> Work:
        count = tensor.numel()
        return self._run(tensor, count * self.size, lambda x, y: [("all_gather", 0, count, (x, 0), (y, 0))])

    def reduce_scatter(self, tensor: Tensor, op: ReduceOp, is_async: bool) -> Work:
        count, number = tensor.numel() // self.size, self._number(op)
        return self._run(tensor, count, lambda x, y: [("reduce_scatter", number, count, (x, 0), (y, 0))])

    def broadcast(self, tensor: Tensor, root: int, is_async: bool) -> Work:
        count = tensor.numel()
        return self._run(
            tensor,
            count,
            lambda x, y: [("broadcast", root, count, (x, 0) if root == self.rank else None, (y, 0))],
        )

    def all_to_all(
        self, tensor: Tensor, counts: Sequence[int], coming: Sequence[int], is_async: bool
    ) -> Work:
        def steps(x: Tensor, y: Tensor) -> list[Step]:
            found: list[Step] = []
            start = place = 0
            for peer, (count, expected) in enumerate(zip(counts, coming, strict=True)):
                found.append(("send", peer, count, (x, start), None))
                found.append(("receive", peer, expected, None, (y, place)))
                start, place = start + count, place + expected
            return found

        return self._run(tensor, sum(coming), steps)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Inside, messages are begun together: neither side waits for the other's first one."""
        self._batch = []
        try:
            yield
            batch = self._batch
        finally:
            self._batch = None
        self._stream.wait_stream(cuda.current_stream(self.device))
        with cuda.stream(self._stream):
            self._begin([step for step, _ in batch])
            done = self._stream.record_event()
        for _, work in batch:
            work._event = done

    def _message(self, what: str, tensor: Tensor, peer: int) -> _Enqueued:
        count, sends = tensor.numel(), what == "send"

        def step(x: Tensor, y: Tensor) -> Step:
            return (what, peer, count, (x, 0) if sends else None, None if sends else (y, 0))

        if self._batch is None:
            work = self._run(tensor, 0 if sends else count, lambda x, y: [step(x, y)])
        else:
            work = _Enqueued(self, self._result(0 if sends else count, tensor.dtype), self.timeout)
            self._batch.append((step(tensor.contiguous(), work._given), work))
        work._source = None if sends else peer
        return work

    def send(self, tensor: Tensor, peer: int, tag: int) -> Work:
        return self._message("send", tensor, peer)

    def receive(self, tensor: Tensor, peer: int | None, tag: int) -> Work:
        if peer is None:
            raise RuntimeError("NCCL receives from a rank that is named: recv(tensor, src)")
        return self._message("receive", tensor, peer)

    def close(self) -> None:
        try:
            self._stream.synchronize()
        finally:
            self._communicator.abort()
