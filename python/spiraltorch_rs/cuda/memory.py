"""A GPU's memory: how much of it is used, and giving it back."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import spiraltorch_rs.cuda as cuda
from spiraltorch_rs import _C

__all__ = [
    "device_memory_used",
    "empty_cache",
    "get_allocator_backend",
    "max_memory_allocated",
    "max_memory_cached",
    "max_memory_reserved",
    "mem_get_info",
    "memory_allocated",
    "memory_cached",
    "memory_reserved",
    "memory_stats",
    "memory_stats_as_nested_dict",
    "memory_summary",
    "memory_usage",
    "reset_accumulated_memory_stats",
    "reset_max_memory_allocated",
    "reset_max_memory_cached",
    "reset_peak_memory_stats",
]


def empty_cache() -> None:
    """Gives memory that no tensor uses back to the driver."""
    for index in range(cuda.device_count()):
        _C._empty_cache(f"cuda:{index}")


def memory_allocated(device: Any = None) -> int:
    """Bytes that tensors take; without a device none."""
    return _memory(device)[0]


def memory_reserved(device: Any = None) -> int:
    """Bytes taken from the driver: those of tensors, and those that wait for reuse."""
    in_use, cached, _ = _memory(device)
    return in_use + cached


def max_memory_allocated(device: Any = None) -> int:
    """The most bytes that tensors took at once since this was last forgotten."""
    return _memory(device)[2]


def max_memory_reserved(device: Any = None) -> int:
    """The most bytes taken from the driver: memory that waits for reuse counts until `empty_cache`."""
    return max(memory_reserved(device), max_memory_allocated(device))


memory_cached = memory_reserved
max_memory_cached = max_memory_reserved


def reset_peak_memory_stats(device: Any = None) -> None:
    """Forgets how much memory was in use at most."""
    if cuda.is_available():
        _C._reset_peak_memory(f"cuda:{cuda._used(device)}")


reset_max_memory_allocated = reset_max_memory_cached = reset_peak_memory_stats


def reset_accumulated_memory_stats(device: Any = None) -> None:
    """Forgets counts since the program began: none are kept."""
    cuda._used(device)


def memory_stats(device: Any = None) -> dict[str, int]:
    """The figures of `memory_summary` by torch's names; without a device none."""
    if not cuda.is_available():
        return OrderedDict()
    in_use, cached, peak = _memory(device)
    return OrderedDict(
        {
            "allocated_bytes.all.current": in_use,
            "allocated_bytes.all.peak": peak,
            "inactive_split_bytes.all.current": 0,
            "reserved_bytes.all.current": in_use + cached,
            "reserved_bytes.all.peak": max(in_use + cached, peak),
        }
    )


def memory_stats_as_nested_dict(device: Any = None) -> dict[str, Any]:
    """The same as dictionaries of dictionaries."""
    nested: dict[str, Any] = {}
    for name, value in memory_stats(device).items():
        place = nested
        *path, last = name.split(".")
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return nested


def memory_summary(device: Any = None, abbreviated: bool = False) -> str:
    """How much memory is in use, readable."""
    in_use, cached, peak = (f"{size / 2**20:,.1f} MiB" for size in _memory(device))
    return f"in use {in_use}\nwaiting for reuse {cached}\nin use at most {peak}"


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """Bytes of the device that nobody uses, this program or another, and all of them."""
    named = f"cuda:{cuda._used(device)}"
    return _C._free_memory(named), _C._device_info(named)["memory"]


def device_memory_used(device: Any = None) -> int:
    """Bytes of the device that somebody uses."""
    free, total = mem_get_info(device)
    return total - free


def memory_usage(device: Any = None) -> int:
    """Per cent of the device's memory that somebody uses."""
    free, total = mem_get_info(device)
    return round(100 * (total - free) / total)


def get_allocator_backend() -> str:
    """Which allocator there is: this library's own."""
    return "native"


def _memory(device: Any) -> tuple[int, int, int]:
    return _C._memory_stats(f"cuda:{cuda._used(device)}") if cuda.is_available() else (0, 0, 0)
