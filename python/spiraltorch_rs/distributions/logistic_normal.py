"""Shares whose log ratios are normal."""

from __future__ import annotations

from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.normal import Normal
from spiraltorch_rs.distributions.transformed_distribution import TransformedDistribution
from spiraltorch_rs.distributions.transforms import StickBreakingTransform

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LogisticNormal"]

class LogisticNormal(TransformedDistribution):
    """Stick-breaking shares of normal numbers."""

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}  # noqa: RUF012
    support = constraints.simplex
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        if not base.batch_shape:
            base = base.expand([1])
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(LogisticNormal, _instance)
        return super().expand(batch_shape, _instance=new)

    @property
    def loc(self) -> Any:
        return self.base_dist.base_dist.loc

    @property
    def scale(self) -> Any:
        return self.base_dist.base_dist.scale
