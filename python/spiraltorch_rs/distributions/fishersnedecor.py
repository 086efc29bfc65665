"""Ratios of two mean squares."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.distribution import Elementwise

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["FisherSnedecor"]


class FisherSnedecor(Elementwise):
    """The ratio of the means of `df1` and of `df2` squares of normal numbers."""

    _st_parameters = ("df1", "df2")
    arg_constraints = {"df1": constraints.positive, "df2": constraints.positive}  # noqa: RUF012
    support = constraints.positive
    has_rsample = True

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        self._st_set(validate_args, df1=df1, df2=df2)

    @property
    def mean(self) -> Any:
        return _C.where(self.df2 <= 2, math.nan, self.df2 / (self.df2 - 2))

    @property
    def mode(self) -> Any:
        found = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        return _C.where(self.df1 <= 2, math.nan, found)

    @property
    def variance(self) -> Any:
        found = 2 * self.df2.pow(2) * (self.df1 + self.df2 - 2)
        found = found / (self.df1 * (self.df2 - 2).pow(2) * (self.df2 - 4))
        return _C.where(self.df2 <= 4, math.nan, found)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        tiny = _C.finfo(self.df1.dtype).tiny
        above, below = (_C._standard_gamma((df / 2).expand(shape)) / (df / 2) for df in (self.df1, self.df2))
        return (above / below.clamp(min=tiny)).clamp(min=tiny)

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        half1, half2, ratio = self.df1 * 0.5, self.df2 * 0.5, self.df1 / self.df2
        constant = (half1 + half2).lgamma() - half1.lgamma() - half2.lgamma()
        power = half1 * ratio.log() + (half1 - 1) * _C.log(value)
        return constant + power - (half1 + half2) * _C.log1p(ratio * value)
