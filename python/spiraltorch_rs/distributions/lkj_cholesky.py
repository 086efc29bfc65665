"""Factors of correlation matrices."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.beta import Beta
from spiraltorch_rs.distributions.distribution import Distribution
from spiraltorch_rs.distributions.utils import broadcast_all
from spiraltorch_rs.distributions.wishart import log_multigamma

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LKJCholesky"]


class LKJCholesky(Distribution):
    """Lower factors of correlation matrices; the larger the concentration, the weaker the correlations."""

    arg_constraints = {"concentration": constraints.positive}  # noqa: RUF012
    support = constraints.corr_cholesky

    def __init__(self, dim: int, concentration: Any = 1.0, validate_args: bool | None = None) -> None:
        if dim < 2:
            raise ValueError(f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}.")
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        before = _C.arange(dim - 1, dtype=self.concentration.dtype, device=self.concentration.device)
        before = _C.cat([before.new_zeros(1), before])
        remaining = (self.concentration + 0.5 * (dim - 2)).unsqueeze(-1) - 0.5 * before
        self._beta = Beta(before + 0.5, remaining)
        super().__init__(self.concentration.size(), (dim, dim), validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(LKJCholesky, _instance)
        new.dim = self.dim
        new.concentration = self.concentration.expand(batch_shape)
        new._beta = self._beta.expand((*batch_shape, self.dim))
        new._st_ready(batch_shape, self.event_shape, self._validate_args)
        return new

    def sample(self, sample_shape: Any = ()) -> Any:
        """By the onion method: each row is a direction, and how much of its length is off the diagonal."""
        with no_grad():
            length = self._beta.sample(sample_shape).unsqueeze(-1)
            shape = self._extended_shape(sample_shape)
            normal = _C.randn(shape, dtype=length.dtype, device=length.device).tril(-1)
            norm = normal.square().sum(-1, keepdim=True).sqrt()
            rows = length.sqrt() * normal / _C.where(norm == 0, 1.0, norm)
            rest = (1 - rows.square().sum(-1)).clamp(min=_C.finfo(rows.dtype).tiny).sqrt()
            return rows + rest.diag_embed()

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        diagonal = value.diagonal(dim1=-1, dim2=-2)[..., 1:]
        order = _C.arange(2, self.dim + 1, device=self.concentration.device)
        order = 2 * (self.concentration - 1).unsqueeze(-1) + self.dim - order
        n = self.dim - 1
        alpha = self.concentration + 0.5 * n
        normalizer = 0.5 * n * math.log(math.pi) + log_multigamma(alpha - 0.5, n) - _C.lgamma(alpha) * n
        return (order * diagonal.log()).sum(-1) - normalizer
