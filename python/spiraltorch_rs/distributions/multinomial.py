"""Counts of several."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs._size import Size
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.binomial import Binomial
from spiraltorch_rs.distributions.categorical import Categorical
from spiraltorch_rs.distributions.distribution import Distribution
from spiraltorch_rs.distributions.utils import broadcast_all

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Multinomial"]


class Multinomial(Distribution):
    """How often each of several came in `total_count` draws."""

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}  # noqa: RUF012

    def __init__(
        self, total_count: int = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        self._categorical = Categorical(probs=probs, logits=logits)
        self._binomial = Binomial(total_count=total_count, probs=self.probs)
        shape = self._categorical.param_shape
        super().__init__(self._categorical.batch_shape, shape[-1:], validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(Multinomial, _instance)
        new.total_count = self.total_count
        new._categorical = self._categorical.expand(batch_shape)
        new._binomial = Binomial(self.total_count, probs=new._categorical.probs, validate_args=False)
        new._st_ready(batch_shape, self.event_shape, self._validate_args)
        return new

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self) -> Any:
        return constraints.multinomial(self.total_count)

    @property
    def logits(self) -> Any:
        return self._categorical.logits

    @property
    def probs(self) -> Any:
        return self._categorical.probs

    @property
    def param_shape(self) -> Any:
        return self._categorical.param_shape

    @property
    def mean(self) -> Any:
        return self.probs * self.total_count

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        drawn = self._categorical.sample(Size((self.total_count, *sample_shape)))
        drawn = drawn.movedim(0, -1)
        counts = _C.zeros(self._extended_shape(sample_shape), dtype=_C.int64, device=drawn.device)
        return counts.scatter_add(-1, drawn, _C.ones_like(drawn)).type_as(self.probs)

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        logits, value = broadcast_all(self.logits, value)
        ways = _C.lgamma(value.sum(-1) + 1) - _C.lgamma(value + 1).sum(-1)
        logits = logits.masked_fill((value == 0) & (logits == -math.inf), 0)
        return ways + (logits * value).sum(-1)

    def entropy(self) -> Any:
        n = _C.tensor(self.total_count, dtype=self.probs.dtype)
        chances = self._binomial.enumerate_support(expand=False)[1:]
        weights = _C.exp(self._binomial.log_prob(chances))
        repeated = (weights * _C.lgamma(chances + 1)).sum((0, -1))
        return n * self._categorical.entropy() - _C.lgamma(n + 1) + repeated
