"""Graphics processors of NVIDIA: what programs ask before they use one, which of them is used, its memory.

>>> import spiraltorch_rs as st
>>> device = st.device("cuda" if st.cuda.is_available() else "cpu")
>>> st.ones(2, device=device).sum().item()
2.0
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, NamedTuple

from spiraltorch_rs import _C
from spiraltorch_rs.cuda import amp as amp


def device_count() -> int:
    """How many devices can be used."""
    return _C._device_count("cuda")


def is_available() -> bool:
    """Whether one can be used."""
    return device_count() > 0


def is_initialized() -> bool:
    """Whether a device is in use."""
    return is_available()


def init() -> None:
    """Opens the device in use, which happens by itself when it is needed."""
    _used(None)


def manual_seed(seed: int) -> None:
    """Seeds the generator; all devices draw from the same one."""
    _C.manual_seed(seed)


manual_seed_all = manual_seed


def current_device() -> int:
    """The index of the device in use: the one that `"cuda"` means."""
    _required()
    return _C._current_device()


def set_device(device: Any) -> None:
    """Chooses the device in use."""
    index = _index(device)
    if index >= 0:
        _C._set_current_device(index)


class device:
    """A context in which another device is in use; a negative index changes nothing."""

    def __init__(self, device: Any) -> None:
        self.idx = _index(device)
        self.prev_idx = -1

    def __enter__(self) -> None:
        if self.idx >= 0:
            self.prev_idx = current_device()
            set_device(self.idx)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.idx >= 0:
            set_device(self.prev_idx)


class device_of(device):
    """A context in which a tensor's device is in use."""

    def __init__(self, obj: Any) -> None:
        super().__init__(obj.get_device() if obj.is_cuda else -1)


def synchronize(device: Any = None) -> None:
    """Waits until the device has done what it was asked for."""
    _required()
    _C.synchronize()


class DeviceProperties(NamedTuple):
    """What a device is."""

    name: str
    major: int
    minor: int
    total_memory: int
    multi_processor_count: int


def get_device_properties(device: Any = None) -> DeviceProperties:
    """What a device is."""
    about = _C._device_info(f"cuda:{_used(device)}")
    said = " ".join(about["abilities"])
    kind, processors = re.search(r"sm_(\d+)", said), re.search(r"(\d+) multiprocessors", said)
    version = int(kind[1]) if kind else 0
    count = int(processors[1]) if processors else 0
    return DeviceProperties(about["name"], version // 10, version % 10, about["memory"], count)


def get_device_name(device: Any = None) -> str:
    """The product's name."""
    return get_device_properties(device).name


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """The version of a device's architecture."""
    about = get_device_properties(device)
    return about.major, about.minor


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether a device computes in bfloat16."""
    return is_available()


def empty_cache() -> None:
    """Gives memory that no tensor uses back to the driver."""
    for index in range(device_count()):
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


def reset_peak_memory_stats(device: Any = None) -> None:
    """Forgets how much memory was in use at most."""
    if is_available():
        _C._reset_peak_memory(f"cuda:{_used(device)}")


reset_max_memory_allocated = reset_peak_memory_stats


def memory_stats(device: Any = None) -> dict[str, int]:
    """The figures of `memory_summary` by torch's names."""
    in_use, cached, peak = _memory(device)
    return {
        "allocated_bytes.all.current": in_use,
        "allocated_bytes.all.peak": peak,
        "reserved_bytes.all.current": in_use + cached,
    }


def memory_summary(device: Any = None, abbreviated: bool = False) -> str:
    """How much memory is in use, readable."""
    in_use, cached, peak = (f"{size / 2**20:,.1f} MiB" for size in _memory(device))
    return f"in use {in_use}\nwaiting for reuse {cached}\nin use at most {peak}"


def _memory(device: Any) -> tuple[int, int, int]:
    return _C._memory_stats(f"cuda:{_used(device)}") if is_available() else (0, 0, 0)


def _index(device: Any) -> int:
    """The index of what a user names as a device."""
    if isinstance(device, int):
        return device
    named = _C.device(device)
    if named.type != "cuda":
        raise ValueError(f"expected a CUDA device, got {named}")
    return current_device() if named.index is None else named.index


def _used(device: Any) -> int:
    """The index of a device, the one in use if none is named."""
    _required()
    return current_device() if device is None else _index(device)


def _required() -> None:
    if not is_available():
        raise AssertionError(
            "no CUDA device: this build or this machine has none (st.backends() says which); ask "
            "torch.cuda.is_available() first"
        )
