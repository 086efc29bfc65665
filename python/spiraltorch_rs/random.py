"""The state of the random numbers."""

from __future__ import annotations

from contextlib import contextmanager

from spiraltorch_rs import _C
from spiraltorch_rs._C import Generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
    "thread_safe_generator",
]

default_generator = _C._default_generator()


@contextmanager
def fork_rng(
    devices: Iterable[object] | None = None,
    enabled: bool = True,
    _caller: str = "fork_rng",
    _devices_kw: str = "devices",
    device_type: str = "cuda",
) -> Iterator[None]:
    """Random numbers drawn inside leave no trace: afterwards they go on as if nothing had been drawn.

    >>> import spiraltorch_rs as st
    >>> with st.random.fork_rng():
    ...     inside = st.rand(3)
    >>> bool((inside == st.rand(3)).all())
    True
    """
    if not enabled:
        yield
        return
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)


def thread_safe_generator() -> Generator | None:
    """The generator for code that loads data: the usual one, which threads may share."""
    return None
