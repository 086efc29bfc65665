"""Normal vectors with few common causes."""

from __future__ import annotations

import math

from spiraltorch_rs import _C, linalg
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions._matrices import broadcast_shapes, log_diagonal, mahalanobis, mat_vec
from spiraltorch_rs.distributions.distribution import Distribution
from spiraltorch_rs.distributions.utils import lazy_property

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LowRankMultivariateNormal"]


class LowRankMultivariateNormal(Distribution):
    """Normal vectors with covariance `cov_factor cov_factor^T + diag(cov_diag)`."""

    arg_constraints = {  # noqa: RUF012
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Any, cov_factor: Any, cov_diag: Any, validate_args: bool | None = None) -> None:
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        if cov_factor.dim() < 2:
            raise ValueError(
                "cov_factor must be at least two-dimensional, with optional leading batch dimensions"
            )
        if cov_factor.shape[-2:-1] != loc.shape[-1:]:
            raise ValueError(f"cov_factor must be a batch of matrices with shape {loc.shape[-1]} x m")
        if cov_diag.shape[-1:] != loc.shape[-1:]:
            raise ValueError(f"cov_diag must be a batch of vectors with shape {loc.shape[-1:]}")
        try:
            batch = broadcast_shapes(loc.shape[:-1], cov_factor.shape[:-2], cov_diag.shape[:-1])
        except RuntimeError as error:
            raise ValueError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, cov_diag {cov_diag.shape}"
            ) from error
        self.loc = loc.expand((*batch, -1))
        self.cov_factor = cov_factor.expand((*batch, -1, -1))
        self.cov_diag = cov_diag.expand((*batch, -1))
        super().__init__(batch, loc.shape[-1:], validate_args)
        self._factor, self._diag = cov_factor, cov_diag

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(LowRankMultivariateNormal, _instance)
        n = self.event_shape[0]
        new.loc = self.loc.expand((*batch_shape, n))
        new.cov_diag = self.cov_diag.expand((*batch_shape, n))
        new.cov_factor = self.cov_factor.expand((*batch_shape, *self.cov_factor.shape[-2:]))
        new._factor, new._diag = self._factor, self._diag
        new._st_ready(batch_shape, self.event_shape, self._validate_args)
        return new

    @lazy_property
    def _capacitance_tril(self) -> Any:
        """The factor of `1 + W^T D^-1 W`, all that has to be inverted."""
        scaled = self._factor.mT / self._diag.unsqueeze(-2)
        inner = scaled @ self._factor
        return linalg.cholesky(inner + _C.eye(inner.shape[-1], dtype=inner.dtype, device=inner.device))

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @lazy_property
    def variance(self) -> Any:
        return (self._factor.square().sum(-1) + self._diag).expand((*self._batch_shape, *self._event_shape))

    @lazy_property
    def covariance_matrix(self) -> Any:
        found = self._factor @ self._factor.mT + self._diag.diag_embed()
        return found.expand((*self._batch_shape, *self._event_shape, *self._event_shape))

    @lazy_property
    def scale_tril(self) -> Any:
        return linalg.cholesky(self.covariance_matrix)

    @lazy_property
    def precision_matrix(self) -> Any:
        scaled = self._factor.mT / self._diag.unsqueeze(-2)
        half = linalg.solve_triangular(self._capacitance_tril, scaled, upper=False)
        found = self._diag.reciprocal().diag_embed() - half.mT @ half
        return found.expand((*self._batch_shape, *self._event_shape, *self._event_shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        kind = {"dtype": self.loc.dtype, "device": self.loc.device}
        common = _C.randn((*shape[:-1], self._factor.shape[-1]), **kind)
        return self.loc + mat_vec(self._factor, common) + self._diag.sqrt() * _C.randn(shape, **kind)

    def _log_det(self) -> Any:
        return 2 * log_diagonal(self._capacitance_tril) + self._diag.log().sum(-1)

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        gap = value - self.loc
        along = mat_vec(self._factor.mT, gap / self._diag)
        distance = (gap.square() / self._diag).sum(-1) - mahalanobis(self._capacitance_tril, along)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + self._log_det() + distance)

    def entropy(self) -> Any:
        constant = self._event_shape[0] * (1.0 + math.log(2 * math.pi))
        return (0.5 * (constant + self._log_det())).expand(self._batch_shape)
