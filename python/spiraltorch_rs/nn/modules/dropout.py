"""Dropout: random zeros in training."""

from __future__ import annotations

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.nn.modules._shared import F
from spiraltorch_rs.nn.modules.module import Module

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _DropoutNd(Module):
    _function = ""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        options = {"inplace": True} if self.inplace else {}
        return getattr(F, self._function)(  # type: ignore[no-any-return]
            input, self.p, self.training, **options
        )

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_DropoutNd):
    """Zeros with probability `p`; what stays is scaled by 1 / (1 - p)."""

    _function = "dropout"


class Dropout1d(_DropoutNd):
    """Whole channels of 2D or 3D inputs are zero with probability `p`."""

    _function = "dropout1d"


class Dropout2d(_DropoutNd):
    """Whole channels of 4D inputs are zero with probability `p`."""

    _function = "dropout2d"


class Dropout3d(_DropoutNd):
    """Whole channels of 4D or 5D inputs are zero with probability `p`."""

    _function = "dropout3d"


class AlphaDropout(_DropoutNd):
    """Dropout that keeps mean and variance of what `SELU` gives."""

    _function = "alpha_dropout"


class FeatureAlphaDropout(_DropoutNd):
    """`AlphaDropout` of whole channels."""

    _function = "feature_alpha_dropout"
