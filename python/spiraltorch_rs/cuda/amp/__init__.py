"""Torch's old names of mixed precision on NVIDIA's processors; today's are in `amp`."""

from spiraltorch_rs.amp._of_device import autocast_of, custom_of, scaler_of
from spiraltorch_rs.amp.autocast_mode import custom_bwd as _custom_bwd
from spiraltorch_rs.amp.autocast_mode import custom_fwd as _custom_fwd

__all__ = ["GradScaler", "amp_definitely_not_available", "autocast", "custom_bwd", "custom_fwd"]

autocast = autocast_of("cuda")
GradScaler = scaler_of("cuda")
custom_fwd = custom_of(_custom_fwd, "cuda")
custom_bwd = custom_of(_custom_bwd, "cuda")


def amp_definitely_not_available() -> bool:
    """Whether there is no such processor."""
    from spiraltorch_rs.cuda import is_available

    return not is_available()
