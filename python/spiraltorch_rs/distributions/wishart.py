"""Covariance matrices of normal samples."""

from __future__ import annotations

import math
import warnings

from spiraltorch_rs import _C, linalg
from spiraltorch_rs._size import Size
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions._matrices import (
    broadcast_shapes,
    inverse_of_factor,
    log_diagonal,
    precision_to_scale_tril,
)
from spiraltorch_rs.distributions.distribution import ExponentialFamily
from spiraltorch_rs.distributions.utils import is_number, lazy_property

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Wishart"]


def _multi(function: Any, a: Any, p: int) -> Any:
    """The sum of a function at `a, a - 1/2 ..`, p of them."""
    return sum(function(a - 0.5 * i) for i in range(p))


def log_multigamma(a: Any, p: int) -> Any:
    """The logarithm of the multivariate gamma function."""
    return _multi(_C.lgamma, a, p) + p * (p - 1) / 4 * math.log(math.pi)


class Wishart(ExponentialFamily):
    """Sums of `df` outer products of normal vectors."""

    support = constraints.positive_definite
    has_rsample = True
    _mean_carrier_measure = 0

    @property
    def arg_constraints(self) -> Any:
        return {
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
            "df": constraints.greater_than(self.event_shape[-1] - 1),
        }

    def __init__(
        self,
        df: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        names = ("covariance_matrix", "precision_matrix", "scale_tril")
        given = {
            name: value
            for name, value in zip(names, (covariance_matrix, precision_matrix, scale_tril), strict=True)
            if value is not None
        }
        if len(given) != 1:
            raise AssertionError(
                "Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified."
            )
        ((name, matrix),) = given.items()
        if matrix.dim() < 2:
            raise ValueError(
                "scale_tril must be at least two-dimensional, with optional leading batch dimensions"
            )
        if is_number(df):
            batch = Size(matrix.shape[:-2])
            self.df = _C.tensor(df, dtype=matrix.dtype, device=matrix.device)
        else:
            batch = broadcast_shapes(matrix.shape[:-2], df.shape)
            self.df = df.expand(batch)
        n = matrix.shape[-1]
        if bool((self.df <= n - 1).any()):
            raise ValueError(f"Value of df={df} expected to be greater than ndim - 1 = {n - 1}.")
        if bool((self.df < n).any()):
            warnings.warn(
                "Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.",
                stacklevel=2,
            )
        setattr(self, name, matrix.expand((*batch, -1, -1)))
        super().__init__(batch, matrix.shape[-2:], validate_args)
        if name == "scale_tril":
            self._unbroadcasted_scale_tril = matrix
        elif name == "covariance_matrix":
            self._unbroadcasted_scale_tril = linalg.cholesky(matrix)
        else:
            self._unbroadcasted_scale_tril = precision_to_scale_tril(matrix)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(Wishart, _instance)
        shape = (*batch_shape, *self.event_shape)
        new._unbroadcasted_scale_tril = self._unbroadcasted_scale_tril.expand(shape)
        new.df = self.df.expand(batch_shape)
        for name in ("covariance_matrix", "precision_matrix", "scale_tril"):
            if name in self.__dict__:
                setattr(new, name, self.__dict__[name].expand(shape))
        new._st_ready(batch_shape, self.event_shape, self._validate_args)
        return new

    def _over(self, matrix: Any) -> Any:
        return matrix.expand((*self._batch_shape, *self._event_shape))

    @lazy_property
    def scale_tril(self) -> Any:
        return self._over(self._unbroadcasted_scale_tril)

    @lazy_property
    def covariance_matrix(self) -> Any:
        return self._over(self._unbroadcasted_scale_tril @ self._unbroadcasted_scale_tril.mT)

    @lazy_property
    def precision_matrix(self) -> Any:
        return self._over(inverse_of_factor(self._unbroadcasted_scale_tril))

    @property
    def _degrees(self) -> Any:
        return self.df.reshape((*self._batch_shape, 1, 1))

    @property
    def mean(self) -> Any:
        return self._degrees * self.covariance_matrix

    @property
    def mode(self) -> Any:
        factor = self._degrees - self._event_shape[-1] - 1
        return _C.where(factor <= 0, math.nan, factor) * self.covariance_matrix

    @property
    def variance(self) -> Any:
        diagonal = self.covariance_matrix.diagonal(dim1=-2, dim2=-1)
        outer = diagonal.unsqueeze(-1) * diagonal.unsqueeze(-2)
        return self._degrees * (self.covariance_matrix.square() + outer)

    def rsample(self, sample_shape: Any = (), max_try_correction: int | None = None) -> Any:
        return self._bartlett_sampling(sample_shape)

    def _bartlett_sampling(self, sample_shape: Any = ()) -> Any:
        n = self._event_shape[-1]
        shape = (*sample_shape, *self._batch_shape)
        dtype = self._unbroadcasted_scale_tril.dtype
        below = _C.arange(n, dtype=self.df.dtype, device=self.df.device)
        half = ((self.df.unsqueeze(-1) - below) / 2).expand((*shape, n))
        diagonal = (2 * _C._standard_gamma(half)).sqrt().clamp(min=_C.finfo(dtype).eps)
        noise = _C.randn((*shape, n, n), dtype=dtype, device=self.df.device).tril(-1)
        factor = self._unbroadcasted_scale_tril @ (noise + diagonal.diag_embed())
        return factor @ factor.mT

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        nu, p = self.df, self._event_shape[-1]
        inverse = inverse_of_factor(self._unbroadcasted_scale_tril)
        return (
            -nu * (p * math.log(2) / 2 + log_diagonal(self._unbroadcasted_scale_tril))
            - log_multigamma(nu / 2, p)
            + (nu - p - 1) / 2 * linalg.slogdet(value)[1]
            - (inverse * value).sum((-2, -1)) / 2
        )

    def entropy(self) -> Any:
        nu, p = self.df, self._event_shape[-1]
        return (
            (p + 1) * (p * math.log(2) / 2 + log_diagonal(self._unbroadcasted_scale_tril))
            + log_multigamma(nu / 2, p)
            - (nu - p - 1) / 2 * _multi(_C.digamma, nu / 2, p)
            + nu * p / 2
        )

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return -self.precision_matrix / 2, (self.df - self._event_shape[-1] - 1) / 2

    def _log_normalizer(self, *natural_params: Any) -> Any:
        x, y = natural_params
        p = self._event_shape[-1]
        shifted = y + (p + 1) / 2
        return shifted * (-linalg.slogdet(-2 * x)[1] + p * math.log(2)) + log_multigamma(shifted, p)
