"""Mixed precision: `autocast` chooses the dtype of each operator, `GradScaler` keeps small gradients from vanishing."""

from spiraltorch_rs.amp import autocast_mode, grad_scaler
from spiraltorch_rs.amp.autocast_mode import autocast, custom_bwd, custom_fwd, is_autocast_available
from spiraltorch_rs.amp.grad_scaler import GradScaler

__all__ = [
    "GradScaler",
    "autocast",
    "autocast_mode",
    "custom_bwd",
    "custom_fwd",
    "grad_scaler",
    "is_autocast_available",
]
