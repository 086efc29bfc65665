"""Shares."""

from __future__ import annotations

from spiraltorch_rs import _C
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.distribution import ExponentialFamily
from spiraltorch_rs.nn import functional

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Dirichlet"]


class Dirichlet(ExponentialFamily):
    """Shares of gamma numbers of these concentrations, along the last dimension."""

    arg_constraints = {"concentration": constraints.independent(constraints.positive, 1)}  # noqa: RUF012
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        if concentration.dim() < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(Dirichlet, _instance)
        new.concentration = self.concentration.expand((*batch_shape, *self.event_shape))
        new._st_ready(batch_shape, self.event_shape, self._validate_args)
        return new

    @property
    def mean(self) -> Any:
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Any:
        above = (self.concentration - 1).clamp(min=0.0)
        share = above / above.sum(-1, True)
        # Where all are below one, every corner is one; torch takes the first.
        corner = functional.one_hot(share.argmax(-1), above.shape[-1]).to(share.dtype)
        return _C.where((self.concentration < 1).all(-1, keepdim=True), corner, share)

    @property
    def variance(self) -> Any:
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        return _C._sample_dirichlet(self.concentration.expand(shape))

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        a = self.concentration
        return _C.xlogy(a - 1.0, value).sum(-1) + _C.lgamma(a.sum(-1)) - _C.lgamma(a).sum(-1)

    def entropy(self) -> Any:
        a, k = self.concentration, self.concentration.size(-1)
        total = a.sum(-1)
        return (
            _C.lgamma(a).sum(-1)
            - _C.lgamma(total)
            - (k - total) * _C.digamma(total)
            - ((a - 1.0) * _C.digamma(a)).sum(-1)
        )

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return (self.concentration,)

    def _log_normalizer(self, *natural_params: Any) -> Any:
        (x,) = natural_params
        return x.lgamma().sum(-1) - _C.lgamma(x.sum(-1))
