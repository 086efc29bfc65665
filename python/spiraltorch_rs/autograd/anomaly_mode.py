"""Anomaly mode: errors and NaN in the backward pass name the forward line."""

from __future__ import annotations

from spiraltorch_rs._C import _set_detect_anomaly
from spiraltorch_rs.autograd._decorator import ContextDecorator

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class detect_anomaly(ContextDecorator):
    """Inside, a failing gradient or a NaN in one names the line of the forward pass."""

    def __init__(self, check_nan: bool = True) -> None:
        self._on = True

    def __enter__(self) -> None:
        self._before = _set_detect_anomaly(self._on)

    def __exit__(self, *error: Any) -> None:
        _set_detect_anomaly(self._before)


class set_detect_anomaly(detect_anomaly):
    """Switches anomaly mode at once; as a context manager, until its end."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._on = mode
        self._before = _set_detect_anomaly(mode)

    def __enter__(self) -> None:
        pass

    def clone(self) -> set_detect_anomaly:
        return set_detect_anomaly(self._on)
