"""Gamma numbers."""

from __future__ import annotations

from spiraltorch_rs import _C, special
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.distribution import Elementwise, ExponentialFamily

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Gamma"]


class Gamma(Elementwise, ExponentialFamily):
    """Gamma numbers with a concentration and a rate."""

    _st_parameters = ("concentration", "rate")
    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}  # noqa: RUF012
    support = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self._st_set(validate_args, concentration=concentration, rate=rate)

    @property
    def mean(self) -> Any:
        return self.concentration / self.rate

    @property
    def mode(self) -> Any:
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Any:
        return self.concentration / self.rate.pow(2)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        value = _C._standard_gamma(self.concentration.expand(shape)) / self.rate.expand(shape)
        return value.clamp(min=_C.finfo(value.dtype).tiny)

    def log_prob(self, value: Any) -> Any:
        value = _C.as_tensor(value, dtype=self.rate.dtype, device=self.rate.device)
        self._st_checked(value)
        return (
            _C.xlogy(self.concentration, self.rate)
            + _C.xlogy(self.concentration - 1, value)
            - self.rate * value
            - _C.lgamma(self.concentration)
        )

    def cdf(self, value: Any) -> Any:
        self._st_checked(value)
        return special.gammainc(self.concentration, self.rate * value)

    def entropy(self) -> Any:
        shape = self.concentration
        return shape - self.rate.log() + _C.lgamma(shape) + (1 - shape) * _C.digamma(shape)

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return self.concentration - 1, -self.rate

    def _log_normalizer(self, *natural_params: Any) -> Any:
        x, y = natural_params
        return _C.lgamma(x + 1) + (x + 1) * _C.log(-y.reciprocal())
