"""The module's older name."""

from spiraltorch_rs.cuda.amp import GradScaler

__all__ = ["GradScaler"]
