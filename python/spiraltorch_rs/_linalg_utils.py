"""Products with matrices that may be absent, as programs around `lobpcg` write them; and what torch has removed."""

from __future__ import annotations

from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


def matmul(A: Tensor | None, B: Tensor) -> Tensor:
    """A @ B, or B where A is nothing."""
    return B if A is None else A @ B


def bform(X: Tensor, A: Tensor | None, Y: Tensor) -> Tensor:
    """X^H A Y."""
    return matmul(X.mH, matmul(A, Y))


def qform(A: Tensor | None, S: Tensor) -> Tensor:
    """S^H A S."""
    return bform(S, A, S)


def _removed(name: str, instead: str) -> Any:
    def function(*args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(
            f"torch.{name}: This function was deprecated since version 1.9 and is now removed. Use {instead} instead."
        )

    function.__name__ = name
    function.__doc__ = f"Removed from torch; use `{instead}`."
    return function


eig = _removed("eig", "torch.linalg.eig")
lstsq = _removed("lstsq", "torch.linalg.lstsq")
matrix_rank = _removed("matrix_rank", "torch.linalg.matrix_rank")
solve = _removed("solve", "torch.linalg.solve")
symeig = _removed("_symeig", "torch.linalg.eigh")
