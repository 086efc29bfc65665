"""Linear algebra: the rows of the operator table that torch has in `linalg`, and what is made of them."""

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs._C import _LinAlgError as LinAlgError

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_rows = _C._namespaces["linalg"]
globals().update(_rows)


def matrix_sqrth(A: Tensor) -> Tensor:
    """The root of positive-definite matrices, by the eigenvalues of their lower triangles.

    >>> import spiraltorch_rs as st
    >>> st.linalg.matrix_sqrth(st.tensor([[4.0, 0.0], [0.0, 9.0]]))
    tensor([[2., 0.],
            [0., 3.]])
    """
    values, vectors = _rows["eigh"](A)
    root: Tensor = (vectors * values.sqrt().unsqueeze(-2)) @ vectors.mH
    return root


def polar(A: Tensor, *, out: tuple[Tensor, Tensor] | None = None) -> "Any":
    """A matrix with orthonormal columns and a positive-semidefinite one whose product A is.

    >>> import spiraltorch_rs as st
    >>> st.linalg.polar(st.tensor([[0.0, -2.0], [2.0, 0.0]])).H
    tensor([[2., 0.],
            [0., 2.]])
    """
    if A.dim() < 2 or A.shape[-2] < A.shape[-1]:
        raise RuntimeError(
            "linalg.polar: expected matrices with at least as many rows as columns, "
            f"but got shape {tuple(A.shape)}"
        )
    u, s, vh = _rows["svd"](A, full_matrices=False)
    parts = u @ vh, (vh.mH * s.unsqueeze(-2)) @ vh
    if out is not None:
        for given, part in zip(out, parts, strict=True):
            given.resize_(part.shape).copy_(part)
        parts = out
    from spiraltorch_rs import return_types

    return return_types.linalg_polar(parts)


__all__ = ["LinAlgError", "matrix_sqrth", "polar", *sorted(_rows)]  # pyright: ignore[reportUnsupportedDunderAll]
