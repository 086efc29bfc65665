"""Anomaly mode: errors and NaN in the backward pass name the forward line."""

from __future__ import annotations

import warnings

from spiraltorch_rs._C import _set_anomaly_check_nan, _set_detect_anomaly
from spiraltorch_rs.autograd._decorator import ContextDecorator

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _switch(on: bool, check_nan: bool) -> tuple[bool, bool]:
    return _set_detect_anomaly(on), _set_anomaly_check_nan(check_nan)


class detect_anomaly(ContextDecorator):
    """Inside, a failing gradient or (with `check_nan`) a NaN in one names the line of the forward pass."""

    def __init__(self, check_nan: bool = True) -> None:
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )
        self._wanted = (True, check_nan)

    def __enter__(self) -> None:
        self._before = _switch(*self._wanted)

    def __exit__(self, *error: Any) -> None:
        _switch(*self._before)

    def clone(self) -> detect_anomaly:
        return detect_anomaly(self._wanted[1])


class set_detect_anomaly(detect_anomaly):
    """Switches anomaly mode at once; as a context manager, until its end."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._wanted = (mode, check_nan)
        self._before = _switch(*self._wanted)

    def __enter__(self) -> None:
        pass

    def clone(self) -> set_detect_anomaly:
        return set_detect_anomaly(*self._wanted)
