"""Apple's graphics processors: what programs ask before they use one."""

from spiraltorch_rs import _C


def device_count() -> int:
    """How many devices can be used."""
    return _C._device_count("mps")


def is_available() -> bool:
    """Whether one can be used."""
    return device_count() > 0


def manual_seed(seed: int) -> None:
    """Seeds the generator; all devices draw from the same one."""
    _C.manual_seed(seed)


def empty_cache() -> None:
    """Gives memory back that is not used: WebGPU's pool keeps its own."""


def synchronize() -> None:
    """Waits for the device; whoever asks for values does."""
