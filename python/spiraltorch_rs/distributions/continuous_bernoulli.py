"""Bernoulli's density between zero and one."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions._chances import OfChance
from spiraltorch_rs.distributions.distribution import ExponentialFamily
from spiraltorch_rs.distributions.utils import (
    binary_cross_entropy,
    broadcast_all,
    clamp_probs,
    lazy_property,
    logits_to_probs,
)

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["ContinuousBernoulli"]


class ContinuousBernoulli(OfChance, ExponentialFamily):
    """On [0, 1] with a density proportional to `probs^x (1 - probs)^(1 - x)`."""

    _st_parameters = ("probs", "logits")
    support = constraints.unit_interval
    has_rsample = True
    _mean_carrier_measure = 0

    def __init__(
        self,
        probs: Any = None,
        logits: Any = None,
        lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:
        self._lims = lims
        if probs is not None and logits is None:
            (given,) = broadcast_all(probs)
            if validate_args is not None and not bool(self.arg_constraints["probs"].check(given).all()):
                raise ValueError("The parameter probs has invalid values")
        self._set_chance(probs, logits, validate_args)
        if probs is not None:
            self.probs = clamp_probs(self.probs)

    @lazy_property
    def probs(self) -> Any:
        return clamp_probs(logits_to_probs(self.logits, is_binary=True))

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = super().expand(batch_shape, _instance)
        new._lims = self._lims
        return new

    @property
    def _cut(self) -> Any:
        """Whether a chance is far enough from one half for the exact formulas, and one that is."""
        far = (self.probs <= self._lims[0]) | (self.probs > self._lims[1])
        return far, _C.where(far, self.probs, self._lims[0])

    def _cont_bern_log_norm(self) -> Any:
        far, p = self._cut
        exact = _C.log((_C.log1p(-p) - _C.log(p)).abs()) - _C.log((1 - 2 * p).abs())
        x = (self.probs - 0.5).square()
        return _C.where(far, exact, math.log(2.0) + (4.0 / 3.0 + 104.0 / 45.0 * x) * x)

    @property
    def mean(self) -> Any:
        far, p = self._cut
        exact = p / (2.0 * p - 1.0) + 1.0 / (_C.log1p(-p) - _C.log(p))
        x = self.probs - 0.5
        return _C.where(far, exact, 0.5 + (1.0 / 3.0 + 16.0 / 45.0 * x.square()) * x)

    @property
    def variance(self) -> Any:
        far, p = self._cut
        exact = p * (p - 1.0) / (1.0 - 2.0 * p).square() + 1.0 / (_C.log1p(-p) - _C.log(p)).square()
        x = (self.probs - 0.5).square()
        return _C.where(far, exact, 1.0 / 12.0 - (1.0 / 15.0 - 128.0 / 945.0 * x) * x)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.icdf(_C.empty(self._extended_shape(sample_shape), dtype=self.probs.dtype).uniform_())

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        logits, value = broadcast_all(self.logits, value)
        return self._cont_bern_log_norm() - binary_cross_entropy(logits, value)

    def cdf(self, value: Any) -> Any:
        self._st_checked(value)
        far, p = self._cut
        exact = (p.pow(value) * (1.0 - p).pow(1.0 - value) + p - 1.0) / (2.0 * p - 1.0)
        inside = _C.where(far, exact, value)
        return _C.where(value <= 0.0, 0.0, _C.where(value >= 1.0, 1.0, inside))

    def icdf(self, value: Any) -> Any:
        far, p = self._cut
        exact = _C.log1p(-p + value * (2.0 * p - 1.0)) - _C.log1p(-p)
        return _C.where(far, exact / (_C.log(p) - _C.log1p(-p)), value)

    def entropy(self) -> Any:
        zero, one = _C.log1p(-self.probs), _C.log(self.probs)
        return self.mean * (zero - one) - self._cont_bern_log_norm() - zero

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (self.logits,)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        (x,) = natural_params
        far = (x <= self._lims[0] - 0.5) | (x > self._lims[1] - 0.5)
        cut = _C.where(far, x, self._lims[0] - 0.5)
        exact = _C.log(_C.expm1(cut).abs()) - _C.log(cut.abs())
        return _C.where(far, exact, 0.5 * x + x.pow(2) / 24.0 - x.pow(4) / 2880.0)
