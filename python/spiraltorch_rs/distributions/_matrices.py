"""Triangular factors of covariance matrices."""

from __future__ import annotations

from spiraltorch_rs import _C
from spiraltorch_rs import linalg
from spiraltorch_rs._size import Size

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["broadcast_shapes", "inverse_of_factor", "log_diagonal", "mahalanobis", "mat_vec", "precision_to_scale_tril"]

def broadcast_shapes(*shapes: Any) -> Any:
    """The shape that shapes broadcast to."""
    return Size(_C.broadcast_tensors(*(_C.empty(*shape) for shape in shapes))[0].shape)


def mat_vec(matrix: Any, vector: Any) -> Any:
    """Matrices times vectors, batches broadcast."""
    return (matrix @ vector.unsqueeze(-1)).squeeze(-1)


def log_diagonal(factor: Any) -> Any:
    """The logarithm of a triangular matrix's determinant."""
    return factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def mahalanobis(factor: Any, vector: Any) -> Any:
    """The squared length of `factor^-1 vector`."""
    n = vector.shape[-1]
    batch = broadcast_shapes(factor.shape[:-2], vector.shape[:-1])
    solved = linalg.solve_triangular(
        factor.expand((*batch, n, n)), vector.expand((*batch, n)).unsqueeze(-1), upper=False
    )
    return solved.square().sum((-2, -1))


def inverse_of_factor(factor: Any) -> Any:
    """`(factor factor^T)^-1`."""
    one = _C.eye(factor.shape[-1], dtype=factor.dtype, device=factor.device).expand(factor.shape)
    inverse = linalg.solve_triangular(factor, one, upper=False)
    return inverse.mT @ inverse


def precision_to_scale_tril(precision: Any) -> Any:
    """The lower factor of a covariance matrix from its inverse: turning a factor round makes it the other triangle."""
    turned = linalg.cholesky(precision.flip((-2, -1)))
    upper = turned.flip((-2, -1)).mT
    one = _C.eye(precision.shape[-1], dtype=precision.dtype, device=precision.device).expand(precision.shape)
    return linalg.solve_triangular(upper, one, upper=False)
