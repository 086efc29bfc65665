"""Counts of successes."""

from __future__ import annotations

from spiraltorch_rs import _C
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions._chances import OfChance

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Binomial"]


class Binomial(OfChance):
    """How many of `total_count` trials succeed."""

    _st_parameters = ("probs", "logits", "total_count")
    arg_constraints = {"total_count": constraints.nonnegative_integer, **OfChance.arg_constraints}  # noqa: RUF012
    has_enumerate_support = True

    def __init__(
        self, total_count: Any = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._set_chance(probs, logits, validate_args, total_count=total_count)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Any:
        return self.total_count * self.probs

    @property
    def mode(self) -> Any:
        return _C.minimum(((self.total_count + 1) * self.probs).floor(), self.total_count)

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return _C.binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        n = self.total_count
        ways = _C.lgamma(n + 1) - _C.lgamma(value + 1) - _C.lgamma(n - value + 1)
        # n log(1 - p), without overflow for large logits.
        # (Written so that the slope at zero is a half, from both sides.)
        positive = (self.logits.clamp(min=0) + self.logits - self.logits.clamp(max=0)) / 2
        failures = n * positive + n * _C.log1p(_C.exp(-self.logits.abs()))
        return value * self.logits - failures + ways

    def _count(self) -> int:
        """The number of trials, if it is the same everywhere."""
        most = int(self.total_count.max())
        if int(self.total_count.min()) != most:
            raise NotImplementedError("Inhomogeneous total count not supported by `enumerate_support`.")
        return most

    def entropy(self) -> Any:
        try:
            self._count()
        except NotImplementedError:
            raise NotImplementedError("Inhomogeneous total count not supported by `entropy`.") from None
        found = self.log_prob(self.enumerate_support(False))
        return -(_C.exp(found) * found).sum(0)

    def enumerate_support(self, expand: bool = True) -> Any:
        values = _C.arange(1 + self._count(), dtype=self._param.dtype, device=self._param.device)
        values = values.reshape((-1, *(1 for _ in self._batch_shape)))
        return values.expand((-1, *self._batch_shape)) if expand else values
