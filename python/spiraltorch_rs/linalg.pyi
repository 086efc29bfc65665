"""Linear algebra."""

from builtins import bool as _bool
from builtins import int as _int
from builtins import str as _str
from collections.abc import Sequence
from typing import overload

from spiraltorch_rs._C import Number, Tensor, _dtype

def cross(input: Tensor, other: Tensor, *, dim: _int = -1, out: Tensor | None = None) -> Tensor:
    """The cross product along a dimension of size 3."""

def diagonal(A: Tensor, *, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
    """The diagonals of matrices, by default of the last two dimensions."""

def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix product, with torch's rules for vectors and batches."""

@overload
def matrix_norm(
    input: Tensor,
    ord: Number,
    dim: _int | Sequence[_int] = [-2, -1],
    keepdim: _bool = False,
    *,
    dtype: _dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """A norm of matrices: 1, -1, 2, -2, infinity or its negative."""

@overload
def matrix_norm(
    input: Tensor,
    ord: _str = "fro",
    dim: _int | Sequence[_int] = [-2, -1],
    keepdim: _bool = False,
    *,
    dtype: _dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """A norm of matrices by its word: 'fro' or 'nuc'."""

def matrix_power(input: Tensor, n: _int, *, out: Tensor | None = None) -> Tensor:
    """A square matrix, or a batch of them, to a whole power."""

def multi_dot(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """The product of matrices in the order that takes the fewest multiplications; the ends may be
    vectors."""

@overload
def norm(
    input: Tensor,
    ord: Number | None = None,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: _dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """A norm of vectors or matrices, by the dimensions it is over."""

@overload
def norm(
    input: Tensor,
    ord: _str,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: _dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """A norm of matrices by its word: 'fro' or 'nuc'."""

def vander(x: Tensor, *, N: _int | None = None) -> Tensor:
    """Powers 0 to N - 1 of the elements, along a new last dimension."""

def vecdot(x: Tensor, y: Tensor, *, dim: _int = -1, out: Tensor | None = None) -> Tensor:
    """The sum of the products along a dimension."""

def vector_norm(
    x: Tensor,
    ord: Number = 2,
    dim: _int | Sequence[_int] | None = None,
    keepdim: _bool = False,
    *,
    dtype: _dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The p-norm over some dimensions, all if none are named."""
