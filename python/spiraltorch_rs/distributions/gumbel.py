"""Largest of many."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.transformed_distribution import TransformedDistribution
from spiraltorch_rs.distributions.transforms import AffineTransform, ExpTransform
from spiraltorch_rs.distributions.uniform import Uniform
from spiraltorch_rs.distributions.utils import broadcast_all, euler_constant, is_number

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Gumbel"]


class Gumbel(TransformedDistribution):
    """The limit of the largest of many."""

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}  # noqa: RUF012
    support = constraints.real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        kind = _C.finfo(self.loc.dtype)
        if is_number(loc) and is_number(scale):
            base = Uniform(kind.tiny, 1 - kind.eps, validate_args=validate_args)
        else:
            low, high = _C.full_like(self.loc, kind.tiny), _C.full_like(self.loc, 1 - kind.eps)
            base = Uniform(low, high, validate_args=validate_args)
        parts = [
            ExpTransform().inv,
            AffineTransform(loc=0, scale=-_C.ones_like(self.scale)),
            ExpTransform().inv,
            AffineTransform(loc=loc, scale=-self.scale),
        ]
        super().__init__(base, parts, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(Gumbel, _instance)
        new.loc, new.scale = self.loc.expand(batch_shape), self.scale.expand(batch_shape)
        return super().expand(batch_shape, _instance=new)

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        y = (self.loc - value) / self.scale
        return (y - y.exp()) - self.scale.log()

    @property
    def mean(self) -> Any:
        return self.loc + self.scale * euler_constant

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def stddev(self) -> Any:
        return (math.pi / math.sqrt(6)) * self.scale

    @property
    def variance(self) -> Any:
        return self.stddev.pow(2)

    def entropy(self) -> Any:
        return self.scale.log() + (1 + euler_constant)
