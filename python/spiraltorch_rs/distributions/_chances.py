"""Distributions with a chance, given as probabilities or as logits."""

from __future__ import annotations

from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.distribution import Distribution, Elementwise
from spiraltorch_rs.distributions.utils import broadcast_all, lazy_property, logits_to_probs, probs_to_logits

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, ClassVar

__all__ = ["OfChance"]


class OfChance(Elementwise):
    """A distribution with `probs` or `logits`; the other follows."""

    _st_parameters: ClassVar[Sequence[str]] = ("probs", "logits")
    arg_constraints: Any = {"probs": constraints.unit_interval, "logits": constraints.real}  # noqa: RUF012

    def _set_chance(self, probs: Any, logits: Any, validate_args: bool | None, **others: Any) -> None:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        name, given = ("probs", probs) if logits is None else ("logits", logits)
        if not others:
            self._st_set(validate_args, **{name: given})
            return
        ((counted, other),) = others.items()
        count, chance = broadcast_all(other, given)
        setattr(self, counted, count.type_as(chance))
        setattr(self, name, chance)
        Distribution.__init__(self, chance.size(), validate_args=validate_args)

    @lazy_property
    def logits(self) -> Any:
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self) -> Any:
        return logits_to_probs(self.logits, is_binary=True)

    @property
    def _param(self) -> Any:
        return self.probs if "probs" in self.__dict__ else self.logits

    @property
    def param_shape(self) -> Any:
        return self._param.size()
