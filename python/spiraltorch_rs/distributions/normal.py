"""Normal numbers."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.distribution import Elementwise, ExponentialFamily

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Normal"]


class Normal(Elementwise, ExponentialFamily):
    """Normal with mean `loc` and deviation `scale`.

    >>> import spiraltorch_rs as st
    >>> st.distributions.Normal(0.0, 1.0).log_prob(st.tensor(0.0))
    tensor(-0.9189)
    """

    _st_parameters = ("loc", "scale")
    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}  # noqa: RUF012
    support = constraints.real
    has_rsample = True
    _mean_carrier_measure = 0

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self._st_set(validate_args, loc=loc, scale=scale)

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def stddev(self) -> Any:
        return self.scale

    @property
    def variance(self) -> Any:
        return self.stddev.pow(2)

    def sample(self, sample_shape: Any = ()) -> Any:
        return self.rsample(sample_shape).detach()

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.loc + self._new(sample_shape).normal_() * self.scale

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        gap = (value - self.loc) / self.scale
        return -0.5 * gap.square() - self.scale.log() - 0.5 * math.log(2 * math.pi)

    def cdf(self, value: Any) -> Any:
        self._st_checked(value)
        return 0.5 * (1 + _C.erf((value - self.loc) / self.scale / math.sqrt(2)))

    def icdf(self, value: Any) -> Any:
        return self.loc + self.scale * _C.erfinv(2 * value - 1) * math.sqrt(2)

    def entropy(self) -> Any:
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return self.loc / self.scale.pow(2), -0.5 * self.scale.pow(2).reciprocal()

    def _log_normalizer(self, *natural_params: Any) -> Any:
        x, y = natural_params
        return -0.25 * x.pow(2) / y + 0.5 * _C.log(-math.pi / y)
