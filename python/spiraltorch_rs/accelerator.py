"""The device that is not the processor, whatever it is: what programs ask before they use one."""

from spiraltorch_rs import _C


def device_count() -> int:
    """How many devices can be used."""
    return sum(device["kind"] != "cpu" for device in _C._devices())


def is_available() -> bool:
    """Whether one can be used."""
    return device_count() > 0


def current_accelerator(check_available: bool = False) -> _C.device | None:
    """The device to use; None if there is none."""
    kinds = [device["kind"] for device in _C._devices() if device["kind"] != "cpu"]
    return _C.device(kinds[0]) if kinds else None
