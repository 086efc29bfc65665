"""What a backend does for a group: a few collectives of flat tensors, of which `collectives.py` makes all others."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from enum import IntEnum

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.distributed._work import Work

__all__ = ["Backend", "ReduceOp"]


class ReduceOp(IntEnum):
    """How tensors are made one, element by element."""

    SUM = 0
    AVG = 1
    PRODUCT = 2
    MIN = 3
    MAX = 4
    BAND = 5
    BOR = 6
    BXOR = 7

    def __repr__(self) -> str:
        return f"<RedOpType.{self.name}: {self.value}>"

    def __str__(self) -> str:
        return f"RedOpType.{self.name}"


# (In torch what is given is of a class of its own.)
ReduceOp.RedOpType = ReduceOp  # type: ignore[attr-defined]


class Backend:
    """The collectives of one group. Ranks are those in the group; what is given is a tensor of one dimension."""

    name = ""

    def __init__(self, ranks: Sequence[int], rank: int, timeout: float) -> None:
        self.ranks, self.rank, self.size, self.timeout = list(ranks), rank, len(ranks), timeout

    def all_reduce(self, tensor: Tensor, op: ReduceOp, is_async: bool) -> Work:
        """Everybody's tensors made one, for everybody."""
        raise NotImplementedError

    def all_gather(self, tensor: Tensor, is_async: bool) -> Work:
        """Everybody's tensors, one after the other, for everybody."""
        raise NotImplementedError

    def reduce_scatter(self, tensor: Tensor, op: ReduceOp, is_async: bool) -> Work:
        """Everybody's tensors made one, to each its part."""
        raise NotImplementedError

    def broadcast(self, tensor: Tensor, root: int, is_async: bool) -> Work:
        """One rank's tensor, for everybody."""
        raise NotImplementedError

    def all_to_all(
        self, tensor: Tensor, counts: Sequence[int], coming: Sequence[int], is_async: bool
    ) -> Work:
        """To each so many elements; from each so many."""
        raise NotImplementedError

    def send(self, tensor: Tensor, peer: int, tag: int) -> Work:
        """Sends a tensor."""
        raise NotImplementedError

    def receive(self, tensor: Tensor, peer: int | None, tag: int) -> Work:
        """A tensor that somebody sends, as long as this one."""
        raise NotImplementedError

    def together(self) -> AbstractContextManager[None]:
        """Inside, messages are begun together."""
        return nullcontext()

    def close(self) -> None:
        """Gives back what it holds."""
