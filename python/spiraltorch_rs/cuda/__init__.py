"""Graphics processors of NVIDIA: what programs ask before they use one, which of them is used, its memory.

>>> import spiraltorch_rs as st
>>> device = st.device("cuda" if st.cuda.is_available() else "cpu")
>>> st.ones(2, device=device).sum().item()
2.0
"""

from __future__ import annotations

import re
from types import SimpleNamespace, TracebackType
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import OutOfMemoryError as OutOfMemoryError
from spiraltorch_rs.cuda import amp as amp
from spiraltorch_rs.cuda import graphs as graphs
from spiraltorch_rs.cuda import memory as memory
from spiraltorch_rs.cuda import nvtx as nvtx
from spiraltorch_rs.cuda import random as random
from spiraltorch_rs.cuda import streams as streams
from spiraltorch_rs.cuda.graphs import *  # noqa: F403
from spiraltorch_rs.cuda.memory import *  # noqa: F403
from spiraltorch_rs.cuda.random import *  # noqa: F403
from spiraltorch_rs.cuda.streams import *  # noqa: F403


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
    _used(device)
    _C.synchronize()


class DeviceProperties(SimpleNamespace):
    """What a device is: `name`, `major`, `minor`, `total_memory`, and the driver's numbers by torch's names."""

    name: str
    major: int
    minor: int
    total_memory: int
    multi_processor_count: int


def get_device_properties(device: Any = None) -> DeviceProperties:
    """What a device is."""
    named = f"cuda:{_used(device)}"
    about = _C._device_info(named)
    kind = re.search(r"sm_(\d+)", " ".join(about["abilities"]))
    version = int(kind[1]) if kind else 0
    found = DeviceProperties(
        name=about["name"],
        major=version // 10,
        minor=version % 10,
        total_memory=about["memory"],
        **_C._device_properties(named),
    )
    found.is_integrated, found.is_multi_gpu_board = (
        int(bool(found.is_integrated)),
        int(bool(found.is_multi_gpu_board)),
    )
    return found


def get_device_name(device: Any = None) -> str:
    """The product's name."""
    return get_device_properties(device).name


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """The version of a device's architecture."""
    about = get_device_properties(device)
    return about.major, about.minor


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether a device computes in bfloat16: older ones than Ampere only by way of `float32`."""
    return is_available() and (including_emulation or get_device_capability()[0] >= 8)


def is_tf32_supported() -> bool:
    """Whether the device's matrix units take `tf32`: products of `float32` are not given to them here."""
    return is_available() and get_device_capability()[0] >= 8


def can_device_access_peer(device: Any, peer_device: Any) -> bool:
    """Whether a device reads another one's memory itself, without the host."""
    _required()
    own, other = _index(device), _index(peer_device)
    for name, index in (("device", own), ("peer device", other)):
        if not 0 <= index < device_count():
            raise AssertionError(f"Invalid {name} id")
    return _C._reaches(f"cuda:{own}", f"cuda:{other}")


def get_arch_list() -> list[str]:
    """The kinds of GPU that kernels are compiled for: those that there are, when they are needed."""
    kinds = {"sm_{}{}".format(*get_device_capability(index)) for index in range(device_count())}
    return sorted(kinds)


def get_gencode_flags() -> str:
    """The compiler's flags for these kinds."""
    return " ".join(f"-gencode compute={k.replace('sm', 'compute')},code={k}" for k in get_arch_list())


def get_sync_debug_mode() -> int:
    """How calls that wait for the device are told: not at all."""
    _required()
    return 0


def ipc_collect() -> None:
    """Gives back memory that other processes have let go of: none is shared with them."""
    _required()


has_half = True


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


class _NoDevice(RuntimeError, AssertionError):
    """No GPU: torch raises the one or the other, depending on how it was built."""


def _required() -> None:
    if not is_available():
        raise _NoDevice(
            "no CUDA device: this build or this machine has none (st.backends() says which); ask "
            "torch.cuda.is_available() first"
        )


def __getattr__(name: str) -> type:
    """Torch's old tensor classes, `FloatTensor` and the like."""
    if name.endswith("Tensor"):
        from spiraltorch_rs._legacy import cuda_class

        return cuda_class(name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
