"""Torch's old names of mixed precision on the processor; today's are in `amp`."""

from spiraltorch_rs.amp._of_device import autocast_of, scaler_of

__all__ = ["GradScaler", "autocast"]

autocast = autocast_of("cpu")
GradScaler = scaler_of("cpu")
