"""Marks that programs put on functions for torch's tracer of graphs, which is not here: `st.explain` shows graphs."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["wrap"]

T = TypeVar("T")


def wrap(fn_or_name: T) -> T:
    """The function, which is not looked into when torch traces its caller."""
    return fn_or_name
