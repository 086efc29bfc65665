"""The device that is not the processor, whatever it is: what programs ask before they use one."""

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
