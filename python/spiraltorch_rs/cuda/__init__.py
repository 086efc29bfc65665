"""Graphics processors of NVIDIA: what programs ask before they use one, and call without asking."""

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


def manual_seed(seed: int) -> None:
    """Seeds the generator; all devices draw from the same one."""
    _C.manual_seed(seed)


manual_seed_all = manual_seed


def current_device() -> int:
    """The index of the device in use."""
    _required()
    return 0


def set_device(device: object) -> None:
    """Chooses the device in use."""
    _required()


def synchronize(device: object = None) -> None:
    """Waits until the device has done what it was asked for."""
    _required()


def _required() -> None:
    if not is_available():
        raise AssertionError(
            "no CUDA device: this build or this machine has none (st.backends() says which); ask "
            "torch.cuda.is_available() first"
        )


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether a device computes in bfloat16."""
    return is_available()


def empty_cache() -> None:
    """Gives unused memory back; without a device there is none."""


def memory_allocated(device: object = None) -> int:
    """Bytes that tensors take; without a device none."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def reset_peak_memory_stats(device: object = None) -> None:
    """Forgets the largest figures; without a device there are none."""
