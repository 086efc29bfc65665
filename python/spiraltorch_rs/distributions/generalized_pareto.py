"""Generalized Pareto numbers."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.distribution import Elementwise

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["GeneralizedPareto"]


class GeneralizedPareto(Elementwise):
    """What is above a threshold: power laws, exponential tails, or bounded ones."""

    _st_parameters = ("loc", "scale", "concentration")
    arg_constraints = {  # noqa: RUF012
        "loc": constraints.real,
        "scale": constraints.positive,
        "concentration": constraints.real,
    }
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self._st_set(validate_args, loc=loc, scale=scale, concentration=concentration)

    @property
    def _straight(self) -> Any:
        """Whether a concentration counts as zero, and one that is none."""
        zero = _C.isclose(self.concentration, _C.zeros_like(self.concentration))
        return zero, _C.where(zero, 1.0, self.concentration)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.icdf(self._new(sample_shape).uniform_())

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        y = (value - self.loc) / self.scale
        zero, k = self._straight
        curved = -(1 + 1 / k) * _C.log1p(k * y) - _C.log(self.scale)
        return _C.where(zero, -y - _C.log(self.scale), curved)

    def log_survival_function(self, value: Any) -> Any:
        self._st_checked(value)
        y = (value - self.loc) / self.scale
        zero, k = self._straight
        return _C.where(zero, -y, -_C.log1p(k * y) / k)

    def log_cdf(self, value: Any) -> Any:
        return _C.log1p(-_C.exp(self.log_survival_function(value)))

    def cdf(self, value: Any) -> Any:
        return _C.exp(self.log_cdf(value))

    def icdf(self, value: Any) -> Any:
        zero, k = self._straight
        straight = -_C.log1p(-value)
        curved = _C.expm1(-k * _C.log1p(-value)) / k
        return self.loc + self.scale * _C.where(zero, straight, curved)

    @property
    def mean(self) -> Any:
        k = self.concentration
        heavy = k >= 1
        return _C.where(heavy, math.nan, self.loc + self.scale / (1 - _C.where(heavy, 0.5, k)))

    @property
    def variance(self) -> Any:
        k = self.concentration
        heavy = k >= 0.5
        k = _C.where(heavy, 0.25, k)
        return _C.where(heavy, math.nan, self.scale**2 / ((1 - k) ** 2 * (1 - 2 * k)))

    def entropy(self) -> Any:
        return (_C.log(self.scale) + self.concentration + 1).expand(self._batch_shape)

    @property
    def mode(self) -> Any:
        return self.loc

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        bounded = self.concentration < 0
        k = _C.where(bounded, self.concentration, -1.0)
        upper = _C.where(bounded, self.loc - self.scale / k, math.inf)
        return constraints.interval(self.loc, upper)
