"""Successes before a number of failures."""

from __future__ import annotations

from spiraltorch_rs import _C
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions._chances import OfChance
from spiraltorch_rs.distributions.gamma import Gamma
from spiraltorch_rs.nn import functional

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["NegativeBinomial"]


class NegativeBinomial(OfChance):
    """How many trials succeed before `total_count` have failed."""

    _st_parameters = ("probs", "logits", "total_count")
    arg_constraints = {  # noqa: RUF012
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0),
        "logits": constraints.real,
    }
    support = constraints.nonnegative_integer

    def __init__(
        self, total_count: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._set_chance(probs, logits, validate_args, total_count=total_count)

    @property
    def mean(self) -> Any:
        return self.total_count * _C.exp(self.logits)

    @property
    def mode(self) -> Any:
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self) -> Any:
        return self.mean / _C.sigmoid(-self.logits)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            mean = Gamma(self.total_count, _C.exp(-self.logits), validate_args=False)
            return _C.poisson(mean.sample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        n = self.total_count
        chances = n * functional.logsigmoid(-self.logits) + value * functional.logsigmoid(self.logits)
        ways = _C.lgamma(n + value) - _C.lgamma(1.0 + value) - _C.lgamma(n)
        return chances + ways.masked_fill(n + value == 0.0, 0.0)
