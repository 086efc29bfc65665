"""Torch's switches of a library that we do not use: `einsum` finds its order itself."""

from __future__ import annotations

enabled = False
strategy: str | None = None


def is_available() -> bool:
    """Whether the library is used: never."""
    return False
