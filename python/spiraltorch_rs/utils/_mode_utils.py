"""Names of torch's modes that libraries import: whether several are one, and a block without them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

__all__ = ["all_same_mode", "no_dispatch"]

# There are no modes to leave.
no_dispatch = nullcontext


def all_same_mode(modes: Iterable[Any]) -> bool:
    """Whether all of them are equal."""
    first, *others = modes
    return all(mode == first for mode in others)
