"""Student's t."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.distribution import Elementwise

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["StudentT"]


class StudentT(Elementwise):
    """Normal numbers over the root of the mean of `df` squares of others."""

    _st_parameters = ("df", "loc", "scale")
    arg_constraints = {  # noqa: RUF012
        "df": constraints.positive,
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support = constraints.real
    has_rsample = True

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None) -> None:
        self._st_set(validate_args, df=df, loc=loc, scale=scale)

    @property
    def mean(self) -> Any:
        return _C.where(self.df <= 1, math.nan, self.loc)

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        found = self.scale.pow(2) * self.df / (self.df - 2)
        found = _C.where(self.df > 2, found, math.inf)
        return _C.where(self.df <= 1, math.nan, found)

    def rsample(self, sample_shape: Any = ()) -> Any:
        x = self._new(sample_shape).normal_()
        z = 2 * _C._standard_gamma((self.df / 2).expand(x.shape))
        return self.loc + self.scale * x * _C.rsqrt(z / self.df)

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        gap = (value - self.loc) / self.scale
        normalizer = (
            self.scale.log()
            + 0.5 * self.df.log()
            + 0.5 * math.log(math.pi)
            + _C.lgamma(0.5 * self.df)
            - _C.lgamma(0.5 * (self.df + 1.0))
        )
        return -0.5 * (self.df + 1.0) * _C.log1p(gap**2.0 / self.df) - normalizer

    def entropy(self) -> Any:
        beta = _C.lgamma(0.5 * self.df) + math.lgamma(0.5) - _C.lgamma(0.5 * (self.df + 1))
        digammas = _C.digamma(0.5 * (self.df + 1)) - _C.digamma(0.5 * self.df)
        return self.scale.log() + 0.5 * (self.df + 1) * digammas + 0.5 * self.df.log() + beta
