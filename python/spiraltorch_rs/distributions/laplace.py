"""Laplace numbers."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.distribution import Elementwise

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Laplace"]


class Laplace(Elementwise):
    """Exponential on both sides of `loc`."""

    _st_parameters = ("loc", "scale")
    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}  # noqa: RUF012
    support = constraints.real
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self._st_set(validate_args, loc=loc, scale=scale)

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return 2 * self.scale.pow(2)

    @property
    def stddev(self) -> Any:
        return math.sqrt(2) * self.scale

    def rsample(self, sample_shape: Any = ()) -> Any:
        kind = _C.finfo(self.loc.dtype)
        u = self._new(sample_shape).uniform_(kind.eps - 1, 1)
        return self.loc - self.scale * u.sign() * _C.log1p(-u.abs().clamp(min=kind.tiny))

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        return -_C.log(2 * self.scale) - (value - self.loc).abs() / self.scale

    def cdf(self, value: Any) -> Any:
        self._st_checked(value)
        gap = value - self.loc
        return 0.5 - 0.5 * gap.sign() * _C.expm1(-gap.abs() / self.scale)

    def icdf(self, value: Any) -> Any:
        centred = value - 0.5
        return self.loc - self.scale * centred.sign() * _C.log1p(-2 * centred.abs())

    def entropy(self) -> Any:
        return 1 + _C.log(2 * self.scale)
