"""Sums of squares of normal numbers."""

from __future__ import annotations

from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.gamma import Gamma

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Chi2"]


class Chi2(Gamma):
    """Sums of `df` squares of normal numbers."""

    _st_parameters = ("concentration", "rate")
    arg_constraints = {"df": constraints.positive}  # noqa: RUF012

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        super().__init__(0.5 * df, 0.5, validate_args=validate_args)

    @property
    def df(self) -> Any:
        return self.concentration * 2
