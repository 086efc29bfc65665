"""Collectives of tensors in the host's memory, over the connections of `_mesh.py`.

Everybody has a connection to everybody, so nothing is passed on: to add up, each rank is sent its piece of all
tensors, adds them in the order of the ranks, and sends the sum to all. Each element travels as often as in a ring, in
two steps. Long tensors travel in chunks, so that one is added while the next is under way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce as fold
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.distributed._backend import Backend, ReduceOp
from spiraltorch_rs.distributed._mesh import Mesh, Receive
from spiraltorch_rs.distributed._work import Done, Work

# Bytes up to which everybody sends everything to everybody: one step instead of two.
SMALL = 1 << 15
# Bytes of a message of a long tensor.
CHUNK = 1 << 21

COMBINE: dict[ReduceOp, Callable[[Tensor, Tensor], Tensor]] = {
    ReduceOp.SUM: lambda a, b: a + b,
    ReduceOp.AVG: lambda a, b: a + b,
    ReduceOp.PRODUCT: lambda a, b: a * b,
    ReduceOp.MIN: _C.minimum,
    ReduceOp.MAX: _C.maximum,
    ReduceOp.BAND: lambda a, b: a & b,
    ReduceOp.BOR: lambda a, b: a | b,
    ReduceOp.BXOR: lambda a, b: a ^ b,
}
BITS = (ReduceOp.BAND, ReduceOp.BOR, ReduceOp.BXOR)


def _seen(tensor: Any) -> memoryview:
    """A tensor's own memory."""
    return memoryview(tensor)


def memory(size: int) -> memoryview:
    """So many bytes."""
    return _seen(_C.empty(size, dtype=_C.uint8)) if size else memoryview(bytearray())


def bytes_of(tensor: Tensor) -> memoryview:
    """A tensor's elements, in memory that nobody else writes."""
    if not tensor.numel():
        return memory(0)
    flat = tensor.detach().cpu().contiguous().view(-1).clone()
    # (Python has no name for elements of bfloat16.)
    return _seen(flat.view(_C.int16) if flat.dtype == _C.bfloat16 else flat).cast("B")


def tensor_of(data: memoryview, dtype: _C.dtype) -> Tensor:
    """A tensor over such memory."""
    if not data:
        return _C.empty(0, dtype=dtype)
    return _C._adopt(data, dtype, len(data) // dtype.itemsize, 0)


def pieces(size: int, count: int, item: int) -> list[tuple[int, int]]:
    """Where as many pieces of memory begin and end as there are ranks."""
    each = -(-size // item // count) * item
    return [(min(each * i, size), min(each * (i + 1), size)) for i in range(count)]


def chunks(start: int, end: int) -> list[tuple[int, int]]:
    """Where the messages of a piece begin and end."""
    return [(at, min(at + CHUNK, end)) for at in range(start, end, CHUNK)]


class _Task(Work):
    """A collective that a thread does."""

    def __init__(self, task: Callable[[], Any], timeout: float) -> None:
        super().__init__(timeout)
        self._task = task
        self._done = Event()

    def run(self) -> None:
        try:
            self._result = self._task()
        except Exception as error:
            self._error = error
        del self._task
        self._done.set()

    def _is_there(self) -> bool:
        return self._done.is_set()

    def _wait(self, timeout: float) -> Any:
        # (What waits in it has its own time.)
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._result


class _Received(Work):
    """A message that somebody sends."""

    def __init__(self, wanted: Receive, dtype: _C.dtype, timeout: float, source: int) -> None:
        super().__init__(timeout, source)
        self._wanted, self._dtype = wanted, dtype

    def _is_there(self) -> bool:
        return self._wanted.is_done()

    def _wait(self, timeout: float) -> Any:
        self._wanted.wait(timeout)
        return tensor_of(self._wanted.view, self._dtype)


class Gloo(Backend):
    """The collectives of one group."""

    name = "gloo"

    def __init__(self, mesh: Mesh, channel: int, ranks: Sequence[int], rank: int, timeout: float) -> None:
        super().__init__(ranks, rank, timeout)
        self._mesh, self._channel = mesh, channel
        # The others, from the next one on, so that not all send to the same one first.
        self._others = [(rank + i) % self.size for i in range(1, self.size)]
        self._count = 0
        self._queue: SimpleQueue[_Task] = SimpleQueue()
        self._last: _Task | None = None
        self._thread: Thread | None = None
        self._turn = Lock()

    # ---- one collective at a time ----

    def _run(self, task: Callable[[int], Any], is_async: bool) -> Work:
        """Does a task: here, or if something is under way or need not be waited for, in a thread."""
        self._count += 1
        number = self._count

        def whole() -> Any:
            try:
                with self._turn:
                    return task(number)
            except Exception as error:
                others = [self.ranks[peer] for peer in self._others]
                self._mesh.fail(others, self._channel, f"a collective failed here: {error}")
                raise

        work = _Task(whole, self.timeout)
        if not is_async and (self._last is None or self._last._is_there()):
            work.run()
            return work
        if self._thread is None:
            self._thread = Thread(target=self._work, name="gloo", daemon=True)
            self._thread.start()
        self._last = work
        self._queue.put(work)
        return work

    def _work(self) -> None:
        while True:
            self._queue.get().run()

    def _send(self, peer: int, tag: int, data: memoryview) -> None:
        self._mesh.send(self.ranks[peer], self._channel, tag, data)

    def _receive(self, peer: int, tag: int, view: memoryview) -> Receive:
        return self._mesh.receive(self.ranks[peer], self._channel, tag, view)

    # ---- collectives ----

    def all_gather(self, tensor: Tensor, is_async: bool) -> Work:
        data, dtype = bytes_of(tensor), tensor.dtype
        return self._run(lambda tag: tensor_of(self._gathered(data, tag), dtype), is_async)

    def _gathered(self, data: memoryview, tag: int) -> memoryview:
        size = len(data)
        out = memory(size * self.size)
        coming = [self._receive(peer, tag, out[peer * size :][:size]) for peer in self._others]
        for peer in self._others:
            self._send(peer, tag, data)
        out[self.rank * size :][:size] = data
        for one in coming:
            one.wait(self.timeout)
        return out

    def all_reduce(self, tensor: Tensor, op: ReduceOp, is_async: bool) -> Work:
        self._check(tensor, op)
        data, dtype = bytes_of(tensor), tensor.dtype
        return self._run(lambda tag: self._reduced(data, tag, dtype, op), is_async)

    def _reduced(self, data: memoryview, tag: int, dtype: _C.dtype, op: ReduceOp) -> Tensor:
        size = len(data)
        if size <= SMALL:
            all_of_it = self._gathered(data, tag)
            parts = [tensor_of(all_of_it[peer * size :][:size], dtype) for peer in range(self.size)]
            return self._combined(parts, op)
        where = pieces(size, self.size, dtype.itemsize)
        out = memory(size)
        mine = self._contributions(where[self.rank], tag)
        coming = [
            self._receive(peer, tag, out[lo:hi]) for peer in self._others for lo, hi in chunks(*where[peer])
        ]
        self._hand_out(data, where, tag)
        for lo, hi, total in self._sums(data, where[self.rank], mine, dtype, op):
            out[lo:hi] = total
            for peer in self._others:
                self._send(peer, tag, out[lo:hi])
        for one in coming:
            one.wait(self.timeout)
        return tensor_of(out, dtype)

    def reduce_scatter(self, tensor: Tensor, op: ReduceOp, is_async: bool) -> Work:
        self._check(tensor, op)
        data, dtype = bytes_of(tensor), tensor.dtype

        def task(tag: int) -> Tensor:
            where = pieces(len(data), self.size, dtype.itemsize)
            mine = self._contributions(where[self.rank], tag)
            self._hand_out(data, where, tag)
            start, end = where[self.rank]
            out = memory(end - start)
            for lo, hi, total in self._sums(data, (start, end), mine, dtype, op):
                out[lo - start : hi - start] = total
            return tensor_of(out, dtype)

        return self._run(task, is_async)

    def _contributions(self, where: tuple[int, int], tag: int) -> list[list[Receive]]:
        """Asks the others for their part of this rank's piece: for each chunk, one of each."""
        memories = [memory(where[1] - where[0]) for _ in self._others]
        return [
            [self._receive(peer, tag, kept[lo:hi]) for peer, kept in zip(self._others, memories, strict=True)]
            for lo, hi in chunks(0, where[1] - where[0])
        ]

    def _hand_out(self, data: memoryview, where: list[tuple[int, int]], tag: int) -> None:
        """Sends the others their pieces, all of them in turn."""
        ways = [chunks(*where[peer]) for peer in self._others]
        for i in range(max(map(len, ways), default=0)):
            for peer, way in zip(self._others, ways, strict=True):
                if i < len(way):
                    self._send(peer, tag, data[slice(*way[i])])

    def _sums(
        self,
        data: memoryview,
        where: tuple[int, int],
        mine: list[list[Receive]],
        dtype: _C.dtype,
        op: ReduceOp,
    ) -> Any:
        """The chunks of this rank's piece, added up, as they come."""
        for (lo, hi), parts in zip(chunks(*where), mine, strict=True):
            by_rank = {self.rank: tensor_of(data[lo:hi], dtype)}
            for peer, part in zip(self._others, parts, strict=True):
                part.wait(self.timeout)
                by_rank[peer] = tensor_of(part.view, dtype)
            yield lo, hi, bytes_of(self._combined([by_rank[rank] for rank in range(self.size)], op))

    def _combined(self, parts: list[Tensor], op: ReduceOp) -> Tensor:
        total = fold(COMBINE[op], parts)
        return total / self.size if op == ReduceOp.AVG else total

    def _check(self, tensor: Tensor, op: ReduceOp) -> None:
        if op not in COMBINE:
            raise ValueError(f"Cannot use {op} with Gloo")
        if op in BITS and tensor.dtype.is_floating_point:
            raise RuntimeError(f"Cannot use ReduceOp.{op.name} with non-integral dtype")
        if op == ReduceOp.AVG and not tensor.dtype.is_floating_point:
            raise RuntimeError(
                "result type Float can't be cast to the desired output type of integers: ReduceOp.AVG"
            )

    def broadcast(self, tensor: Tensor, root: int, is_async: bool) -> Work:
        data, dtype = bytes_of(tensor) if root == self.rank else None, tensor.dtype
        size = tensor.numel() * dtype.itemsize

        def task(tag: int) -> Tensor:
            return tensor_of(self._passed_on(memory(size) if data is None else data, root, tag), dtype)

        return self._run(task, is_async)

    def _passed_on(self, data: memoryview, root: int, tag: int) -> memoryview:
        """A tree: those who have it send it to as many others, until all have it."""
        place = (self.rank - root) % self.size
        reach = 1
        while reach <= place:
            reach *= 2
        if place:
            self._receive((place - reach // 2 + root) % self.size, tag, data).wait(self.timeout)
        while place + reach < self.size:
            self._send((place + reach + root) % self.size, tag, data)
            reach *= 2
        return data

    def all_to_all(
        self, tensor: Tensor, counts: Sequence[int], coming: Sequence[int], is_async: bool
    ) -> Work:
        data, dtype = bytes_of(tensor), tensor.dtype

        def task(tag: int) -> Tensor:
            starts = [sum(counts[:peer]) * dtype.itemsize for peer in range(self.size + 1)]
            places = [sum(coming[:peer]) * dtype.itemsize for peer in range(self.size + 1)]
            out = memory(places[-1])
            parts = [out[places[peer] : places[peer + 1]] for peer in range(self.size)]
            wanted = [self._receive(peer, tag, parts[peer]) for peer in self._others if coming[peer]]
            for peer in self._others:
                if counts[peer]:
                    self._send(peer, tag, data[starts[peer] : starts[peer + 1]])
            parts[self.rank][:] = data[starts[self.rank] : starts[self.rank + 1]]
            for one in wanted:
                one.wait(self.timeout)
            return tensor_of(out, dtype)

        return self._run(task, is_async)

    # ---- messages ----

    def send(self, tensor: Tensor, peer: int, tag: int) -> Work:
        self._send(peer, -1 - tag, bytes_of(tensor))
        return Done()

    def receive(self, tensor: Tensor, peer: int | None, tag: int) -> Work:
        view = memory(tensor.numel() * tensor.dtype.itemsize)
        if peer is not None:
            return _Received(self._receive(peer, -1 - tag, view), tensor.dtype, self.timeout, peer)
        others = [self.ranks[other] for other in self._others]
        source = self._mesh.receive_any(others, self._channel, -1 - tag, view, self.timeout)
        done = Done(tensor_of(view, tensor.dtype))
        done._source = self.ranks.index(source)
        return done
