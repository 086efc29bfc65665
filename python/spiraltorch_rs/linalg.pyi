"""Linear algebra."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from collections.abc import Sequence
from typing import Any, overload

from spiraltorch_rs._C import (
    _PLU,
    _QR,
    Number,
    Tensor,
    _dtype,
    _EigenvaluesEigenvectors,
    _InverseInfo,
    _LdPivots,
    _LdPivotsInfo,
    _LInfo,
    _LuPivots,
    _LuPivotsInfo,
    _ResultInfo,
    _SignLogabsdet,
    _SolutionResidualsRankSingularValues,
    _USVh,
)

def cholesky(input: Tensor, *, upper: _bool = False, out: Tensor | None = None) -> Tensor:
    """The lower (or upper) triangular factor of positive-definite matrices."""

def cholesky_ex(
    input: Tensor, *, upper: _bool = False, check_errors: _bool = False, out: tuple[Tensor, ...] | None = None
) -> _LInfo:
    """The Cholesky factor, and codes that are 0 where there is one."""

@overload
def cond(input: Tensor, p: Number | None = None, *, out: Tensor | None = None) -> Tensor:
    """The condition number in a p-norm."""

@overload
def cond(input: Tensor, p: _str, *, out: Tensor | None = None) -> Tensor:
    """The condition number in the norm of a name: `fro` or `nuc`."""

def cross(input: Tensor, other: Tensor, *, dim: _int = -1, out: Tensor | None = None) -> Tensor:
    """The cross product along a dimension of size 3."""

def det(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The determinant of square matrices."""

def diagonal(A: Tensor, *, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
    """The diagonals of matrices, by default of the last two dimensions."""

def eig(input: Tensor, *, out: tuple[Tensor, ...] | None = None) -> _EigenvaluesEigenvectors:
    """Eigenvalues and eigenvectors of square matrices."""

def eigh(
    input: Tensor, UPLO: _str = "L", *, out: tuple[Tensor, ...] | None = None
) -> _EigenvaluesEigenvectors:
    """Eigenvalues, in ascending order, and eigenvectors of symmetric matrices."""

def eigvals(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Eigenvalues of square matrices."""

def eigvalsh(input: Tensor, UPLO: _str = "L", *, out: Tensor | None = None) -> Tensor:
    """Eigenvalues of symmetric matrices, in ascending order."""

def householder_product(input: Tensor, tau: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The first columns of the product of packed reflections."""

def inv(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of square matrices; an error if one is singular."""

def inv_ex(A: Tensor, *, check_errors: _bool = False, out: tuple[Tensor, ...] | None = None) -> _InverseInfo:
    """The inverse of square matrices, and codes that are 0 where there is one."""

def ldl_factor(
    input: Tensor, *, hermitian: _bool = False, out: tuple[Tensor, ...] | None = None
) -> _LdPivots:
    """Factors of symmetric indefinite matrices, and pivots."""

def ldl_factor_ex(
    input: Tensor,
    *,
    hermitian: _bool = False,
    check_errors: _bool = False,
    out: tuple[Tensor, ...] | None = None,
) -> _LdPivotsInfo:
    """Factors of symmetric indefinite matrices, pivots, and codes."""

def ldl_solve(
    LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: _bool = False, out: Tensor | None = None
) -> Tensor:
    """The X of `A @ X = B`, given factors of a symmetric A."""

def lstsq(
    input: Tensor,
    b: Tensor,
    rcond: _float | None = None,
    *,
    driver: _str | None = None,
    out: tuple[Tensor, ...] | None = None,
) -> _SolutionResidualsRankSingularValues:
    """Least squares: the X for which `A @ X` is nearest to B."""

def lu(A: Tensor, *, pivot: _bool = True, out: tuple[Tensor, ...] | None = None) -> _PLU:
    """Permutation, lower and upper triangular factors."""

def lu_factor(A: Tensor, *, pivot: _bool = True, out: tuple[Tensor, ...] | None = None) -> _LuPivots:
    """Both triangular factors in one matrix, and pivots; an error if one is singular."""

def lu_factor_ex(
    A: Tensor, *, pivot: _bool = True, check_errors: _bool = False, out: tuple[Tensor, ...] | None = None
) -> _LuPivotsInfo:
    """Both triangular factors in one matrix, pivots, and codes."""

def lu_solve(
    LU: Tensor,
    pivots: Tensor,
    B: Tensor,
    *,
    left: _bool = True,
    adjoint: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The X of `A @ X = B`, given packed factors of A."""

def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix product, with torch's rules for vectors and batches."""

def matrix_exp(input: Tensor) -> Tensor:
    """The exponential of square matrices."""

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
    """The n-th power of square matrices."""

@overload
def matrix_rank(
    input: Tensor,
    *,
    atol: Tensor | Number | None = None,
    rtol: Tensor | Number | None = None,
    hermitian: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """How many singular values are not zero."""

@overload
def matrix_rank(
    input: Tensor, tol: Tensor | Number, hermitian: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """How many singular values are greater than `tol`."""

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

@overload
def pinv(
    input: Tensor,
    *,
    atol: Tensor | Number | None = None,
    rtol: Tensor | Number | None = None,
    hermitian: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The pseudo-inverse."""

@overload
def pinv(
    input: Tensor, rcond: Tensor | Number, hermitian: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The pseudo-inverse; singular values below `rcond` times the largest count as zero."""

def qr(A: Tensor, mode: _str = "reduced", *, out: tuple[Tensor, ...] | None = None) -> _QR:
    """Orthonormal Q and triangular R with `Q @ R = A`."""

def slogdet(A: Tensor, *, out: tuple[Tensor, ...] | None = None) -> _SignLogabsdet:
    """Sign and logarithm of the absolute value of the determinant."""

def solve(A: Tensor, B: Tensor, *, left: _bool = True, out: Tensor | None = None) -> Tensor:
    """The X of `A @ X = B`, or of `X @ A = B`."""

def solve_ex(
    A: Tensor,
    B: Tensor,
    *,
    left: _bool = True,
    check_errors: _bool = False,
    out: tuple[Tensor, ...] | None = None,
) -> _ResultInfo:
    """The X of `A @ X = B`, and codes that are 0 where there is one."""

def solve_triangular(
    input: Tensor,
    B: Tensor,
    *,
    upper: _bool,
    left: _bool = True,
    unitriangular: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The X of `A @ X = B`, where A is triangular."""

def svd(
    A: Tensor,
    full_matrices: _bool = True,
    *,
    driver: _str | None = None,
    out: tuple[Tensor, ...] | None = None,
) -> _USVh:
    """Orthonormal U and V and singular values S with `U @ diag(S) @ Vh = A`."""

def svdvals(A: Tensor, *, driver: _str | None = None, out: Tensor | None = None) -> Tensor:
    """Singular values, largest first."""

def tensorinv(input: Tensor, ind: _int = 2, *, out: Tensor | None = None) -> Tensor:
    """The inverse of a tensor seen as a matrix, whose rows are the first `ind` dimensions."""

def tensorsolve(
    input: Tensor, other: Tensor, dims: _int | Sequence[_int] | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The X for which `tensordot(input, X, X.ndim) = other`."""

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

def matrix_sqrth(A: Tensor) -> Tensor:
    """The root of positive-definite matrices, by the eigenvalues of their lower triangles."""

def polar(A: Tensor, *, out: tuple[Tensor, Tensor] | None = None) -> Any:
    """A matrix with orthonormal columns and a positive-semidefinite one whose product A is."""
