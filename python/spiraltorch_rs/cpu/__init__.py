"""The processor: what programs ask of every kind of device."""

from __future__ import annotations

from spiraltorch_rs import _C
from spiraltorch_rs.cpu import amp

__all__ = ["amp", "current_device", "device_count", "is_available", "synchronize"]


def is_available() -> bool:
    """Whether it can be used, which it always can."""
    return True


def device_count() -> int:
    """How many there are: all cores are one device."""
    return 1


def current_device() -> str:
    """Its name."""
    return "cpu"


def synchronize(device: object = None) -> None:
    """Waits until everything is done."""
    _C.synchronize()
