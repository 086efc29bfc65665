"""Torch's old classes `cpu.amp.autocast`, `cuda.amp.GradScaler` and so on: the new ones for one kind of device."""

from __future__ import annotations

import functools
import warnings
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.amp import autocast_mode
from spiraltorch_rs.amp.grad_scaler import GradScaler


def _warn(device: str, name: str) -> None:
    warnings.warn(
        f"`{device}.amp.{name}(args...)` is deprecated. Please use `amp.{name}('{device}', args...)` instead.",
        FutureWarning,
        stacklevel=3,
    )


def autocast_of(device: str) -> type[autocast_mode.autocast]:
    """`autocast` for a kind of device."""

    class autocast(autocast_mode.autocast):
        """Torch's old name of `amp.autocast` for one kind of device."""

        def __init__(
            self,
            enabled: bool = True,
            dtype: Any = _C.bfloat16 if device == "cpu" else _C.float16,
            cache_enabled: bool = True,
        ) -> None:
            _warn(device, "autocast")
            super().__init__(device, enabled=enabled, dtype=dtype, cache_enabled=cache_enabled)

    return autocast


def scaler_of(device: str) -> type[GradScaler]:
    """`GradScaler` for a kind of device."""

    class Scaler(GradScaler):
        """Torch's old name of `amp.GradScaler` for one kind of device."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            _warn(device, "GradScaler")
            super().__init__(device, *args, **kwargs)

    Scaler.__name__ = Scaler.__qualname__ = "GradScaler"
    return Scaler


def custom_of(function: Any, device: str) -> Any:
    """`custom_fwd` or `custom_bwd` for a kind of device."""
    return functools.partial(function, device_type=device)
