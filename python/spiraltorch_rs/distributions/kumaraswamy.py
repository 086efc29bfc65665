"""Kumaraswamy numbers."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.transformed_distribution import TransformedDistribution
from spiraltorch_rs.distributions.transforms import AffineTransform, PowerTransform
from spiraltorch_rs.distributions.uniform import Uniform
from spiraltorch_rs.distributions.utils import broadcast_all, euler_constant

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Kumaraswamy"]

def _moments(a: Any, b: Any, n: int) -> Any:
    """The n-th moment."""
    first = 1 + n / a
    return _C.exp(_C.log(b) + _C.lgamma(first) + _C.lgamma(b) - _C.lgamma(first + b))


class Kumaraswamy(TransformedDistribution):
    """As beta numbers, with a distribution function of powers."""

    arg_constraints = {"concentration1": constraints.positive, "concentration0": constraints.positive}  # noqa: RUF012
    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        one = _C.ones_like(self.concentration0)
        base = Uniform(_C.zeros_like(one), one, validate_args=validate_args)
        parts = [
            PowerTransform(exponent=self.concentration0.reciprocal()),
            AffineTransform(loc=1.0, scale=-1.0),
            PowerTransform(exponent=self.concentration1.reciprocal()),
        ]
        super().__init__(base, parts, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(Kumaraswamy, _instance)
        new.concentration1 = self.concentration1.expand(batch_shape)
        new.concentration0 = self.concentration0.expand(batch_shape)
        return super().expand(batch_shape, _instance=new)

    @property
    def mean(self) -> Any:
        return _moments(self.concentration1, self.concentration0, 1)

    @property
    def mode(self) -> Any:
        a, b = self.concentration1, self.concentration0
        found = _C.exp(a.reciprocal() * ((a - 1).log() - (a * b - 1).log()))
        return _C.where((a < 1) | (b < 1), math.nan, found)

    @property
    def variance(self) -> Any:
        return _moments(self.concentration1, self.concentration0, 2) - self.mean.pow(2)

    def entropy(self) -> Any:
        a, b = 1 - self.concentration1.reciprocal(), 1 - self.concentration0.reciprocal()
        harmonic = _C.digamma(self.concentration0 + 1) + euler_constant
        return a + b * harmonic - _C.log(self.concentration1) - _C.log(self.concentration0)
