"""The device that is not the processor, whatever it is: what programs ask before they use one."""

from importlib import import_module
from typing import Any

from spiraltorch_rs import _C

# WebGPU is not chosen unasked: not every operator has a kernel there yet.
_KINDS = ("cuda", "hip", "mps")


def device_count() -> int:
    """How many devices can be used."""
    return sum(_C._device_count(kind) for kind in _KINDS)


def is_available() -> bool:
    """Whether one can be used."""
    return device_count() > 0


def current_accelerator(check_available: bool = False) -> _C.device | None:
    """The device to use; None if there is none."""
    return next((_C.device(kind) for kind in _KINDS if _C._device_count(kind)), None)


def _module() -> Any:
    """The module of the device's kind."""
    found = current_accelerator()
    if found is None:
        raise RuntimeError("Cannot access accelerator device when none is available.")
    return import_module(f"spiraltorch_rs.{found.type}")


def current_device_index() -> int:
    """The number of the device that is used if none is named."""
    index: int = _module().current_device()
    return index


def set_device_index(device: Any) -> None:
    """Chooses the device that is used if none is named."""
    _module().set_device(device)


def synchronize(device: Any = None) -> None:
    """Waits until a device has done all that it was asked for."""
    _module().synchronize(*([] if device is None else [device]))


current_device_idx, set_device_idx = current_device_index, set_device_index
