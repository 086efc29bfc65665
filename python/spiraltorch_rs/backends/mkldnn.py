"""Torch's switches of a library that we do not use. They may be set; results are the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

enabled = False
deterministic = True
allow_tf32 = False


def is_available() -> bool:
    """Whether the library is used: never."""
    return False


@contextmanager
def flags(
    enabled: bool = False,
    deterministic: bool = False,
    allow_tf32: bool = True,
    fp32_precision: str = "none",
) -> Iterator[None]:
    """Within it results are the same."""
    yield
