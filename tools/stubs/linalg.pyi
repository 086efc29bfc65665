"""Linear algebra."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from collections.abc import Sequence
from typing import Any, overload

from spiraltorch_rs._C import DeviceLike, Generator, Number, Tensor, _dtype

# names of results
from spiraltorch_rs._C import _LinAlgError as LinAlgError

# functions of linalg
def matrix_sqrth(A: Tensor) -> Tensor:
    """The root of positive-definite matrices, by the eigenvalues of their lower triangles."""

def polar(A: Tensor, *, out: tuple[Tensor, Tensor] | None = None) -> Any:
    """A matrix with orthonormal columns and a positive-semidefinite one whose product A is."""
