"""Graphics processors of NVIDIA: what programs ask before they use one."""

from spiraltorch_rs import _C
from spiraltorch_rs.cuda import amp as amp


def device_count() -> int:
    """How many devices can be used."""
    return sum(device["kind"] == "cuda" for device in _C._devices())


def is_available() -> bool:
    """Whether one can be used."""
    return device_count() > 0


def manual_seed(seed: int) -> None:
    """Seeds the generator; all devices draw from the same one."""
    _C.manual_seed(seed)


manual_seed_all = manual_seed
