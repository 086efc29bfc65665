"""Gradients that travel together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spiraltorch_rs._C import Tensor

__all__ = ["GradBucket"]


def pieces(flat: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    sizes = [tensor.numel() for tensor in like]
    return [piece.view(one.shape) for piece, one in zip(flat.split(sizes), like, strict=True)]


class GradBucket:
    """Gradients that travel together, for a hook of `register_comm_hook`."""

    def __init__(self, index: int, parameters: list[Tensor], is_last: bool) -> None:
        self._index, self._parameters, self._is_last = index, parameters, is_last
        self._buffer: Tensor | None = None
        self._waits: set[int] = set()
        self._future: Any = None

    def index(self) -> int:
        """Its place: those of the last layers go first."""
        return self._index

    def buffer(self) -> Tensor:
        """The gradients, one after the other."""
        assert self._buffer is not None
        return self._buffer

    def set_buffer(self, buffer: Tensor) -> None:
        """Puts others in their place."""
        self._buffer = buffer

    def gradients(self) -> list[Tensor]:
        """The gradients."""
        return pieces(self.buffer(), self._parameters)

    def parameters(self) -> list[Tensor]:
        """Whose they are."""
        return list(self._parameters)

    def is_last(self) -> bool:
        """Whether it is the last one."""
        return self._is_last


GradBucket.__module__ = "spiraltorch_rs.distributed"
