"""Intel's graphics processors, of which torch knows more: what programs ask before they use one. None is here."""

from __future__ import annotations

from typing import Any, NoReturn


def device_count() -> int:
    """How many devices can be used: WebGPU finds Intel's, as `wgpu`."""
    return 0


def is_available() -> bool:
    """Whether one can be used."""
    return False


def empty_cache() -> None:
    """Gives memory back that is not used: there is none."""


def manual_seed(seed: int) -> None:
    """Starts a device's random numbers anew: those of all devices are one sequence, `manual_seed`'s."""


def max_memory_allocated(device: Any = None) -> int:
    """The most bytes that were held at a time."""
    return 0


def reset_peak_memory_stats(device: Any = None) -> None:
    """Counts the most bytes anew."""


def synchronize(device: Any = None) -> NoReturn:
    """Waits for a device."""
    raise AssertionError("torch.xpu.synchronize: this build has no XPU; ask torch.xpu.is_available() first")


manual_seed_all = manual_seed
memory_allocated = max_memory_allocated
