"""What is recorded: `no_grad`, `enable_grad`, `set_grad_enabled`, `inference_mode`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from spiraltorch_rs._C import _set_mode, is_grad_enabled, is_inference_mode_enabled
from spiraltorch_rs.autograd._decorator import ContextDecorator

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = [
    "enable_grad",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_grad_enabled",
]


class _Mode(ContextDecorator):
    """A mode that is left as it was entered."""

    _wanted: tuple[bool | None, bool | None] = (None, None)

    def __enter__(self) -> None:
        self._before = _set_mode(*self._wanted)

    def __exit__(self, *error: Any) -> None:
        _set_mode(*self._before)


class _Tangents(threading.local):
    """How many levels of forward mode this thread is in: their tangents are computed under `no_grad`, too."""

    depth = 0
    # How the tape is walked just now for tangents: users' functions say themselves what becomes of theirs. "known"
    # where they have done so already, "linear" where they are asked for a linear function.
    walk = ""

    @contextmanager
    def walked(self, how: str) -> Iterator[None]:
        """Inside, the tape is walked for tangents."""
        before, self.walk = self.walk, how
        try:
            yield
        finally:
            self.walk = before


tangents = _Tangents()


class _Transforms(threading.local):
    """The transforms of functions that this thread is in, and what its `vmap`s record."""

    def __init__(self) -> None:
        self.depth = 0
        self.recordings: list[Any] = []


transforms = _Transforms()


class no_grad(_Mode):
    """Nothing is recorded inside.

    >>> import spiraltorch_rs as st
    >>> x = st.tensor(1.0, requires_grad=True)
    >>> with st.no_grad():
    ...     (x * 2).requires_grad
    False
    """

    _wanted = (False, None)

    def __enter__(self) -> None:
        self._before = _set_mode(*((None, None) if tangents.depth else self._wanted))

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        mode = super().__new__(cls)
        return mode if function is None else mode(function)


class enable_grad(_Mode):
    """Operators are recorded inside, also within `no_grad`."""

    _wanted = (True, None)

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        mode = super().__new__(cls)
        return mode if function is None else mode(function)


class set_grad_enabled(_Mode):
    """Switches recording at once; as a context manager, until its end."""

    def __init__(self, mode: bool) -> None:
        self.mode = bool(mode)
        self._wanted = (self.mode, None)
        self._before = _set_mode(self.mode)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        _set_mode(*self._before)
        return super().__call__(function)

    def __enter__(self) -> None:
        _set_mode(self.mode)

    def clone(self) -> set_grad_enabled:
        return set_grad_enabled(self.mode)


class inference_mode(_Mode):
    """Nothing is recorded, and tensors made inside can never be."""

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Any:
        made = super().__new__(cls)
        if isinstance(mode, bool):
            return made
        made.__init__()  # type: ignore[misc]
        return made(mode)

    def __init__(self, mode: bool = True) -> None:
        self.mode = mode
        self._wanted = (False if mode else None, mode)

    def clone(self) -> inference_mode:
        return inference_mode(self.mode)


class _force_original_view_tracking(_Mode):
    """How views are tracked is one way here: nothing to switch."""

    def __init__(self, mode: bool) -> None:
        self.mode = bool(mode)
