"""Ones and zeros."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions._chances import OfChance
from spiraltorch_rs.distributions.distribution import ExponentialFamily
from spiraltorch_rs.distributions.utils import binary_cross_entropy, broadcast_all

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Bernoulli"]


class Bernoulli(OfChance, ExponentialFamily):
    """One with a chance, else zero."""

    support = constraints.boolean
    has_enumerate_support = True
    _mean_carrier_measure = 0

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._set_chance(probs, logits, validate_args)

    _st_parameters = ("probs", "logits")

    @property
    def mean(self) -> Any:
        return self.probs

    @property
    def mode(self) -> Any:
        return _C.where(self.probs == 0.5, math.nan, (self.probs >= 0.5).to(self.probs))

    @property
    def variance(self) -> Any:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return _C.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        logits, value = broadcast_all(self.logits, value)
        return -binary_cross_entropy(logits, value)

    def entropy(self) -> Any:
        return binary_cross_entropy(self.logits, self.probs)

    def enumerate_support(self, expand: bool = True) -> Any:
        values = _C.arange(2, dtype=self._param.dtype, device=self._param.device)
        values = values.reshape((-1, *(1 for _ in self._batch_shape)))
        return values.expand((-1, *self._batch_shape)) if expand else values

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (_C.logit(self.probs),)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        return _C.log1p(_C.exp(natural_params[0]))
