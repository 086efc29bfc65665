"""What distributions share: broadcasting of parameters, probabilities and their logits, parts of matrices."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs._size import Size
from spiraltorch_rs.autograd.grad_mode import enable_grad
from spiraltorch_rs.nn import functional

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "broadcast_all",
    "clamp_probs",
    "euler_constant",
    "lazy_property",
    "logits_to_probs",
    "probs_to_logits",
    "tril_matrix_to_vec",
    "vec_to_tril_matrix",
]

euler_constant = 0.57721566490153286060


def is_number(value: Any) -> bool:
    """Whether a parameter is a number of Python's."""
    return isinstance(value, bool | int | float)


def broadcast_all(*values: Any) -> tuple[Tensor, ...]:
    """Tensors of one shape; numbers take the dtype of the first tensor."""
    if not all(isinstance(value, Tensor) or is_number(value) for value in values):
        raise ValueError(
            "Input arguments must all be instances of Number, torch.Tensor or objects implementing "
            "__torch_function__."
        )
    first = next((value for value in values if isinstance(value, Tensor)), None)
    dtype = _C.get_default_dtype() if first is None else first.dtype
    device = None if first is None else first.device
    made = [
        value if isinstance(value, Tensor) else _C.tensor(value, dtype=dtype, device=device)
        for value in values
    ]
    return tuple(_C.broadcast_tensors(made))


def _standard_normal(shape: Any, dtype: Any, device: Any) -> Tensor:
    """Normal numbers, as libraries of distributions draw them."""
    return _C.randn(shape, dtype=dtype, device=device)


def broadcast_shapes(*shapes: Any) -> Size:
    """The shape that shapes broadcast to."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    made = []
    for sizes in zip(*padded, strict=True):
        known = {size for size in sizes if size != 1}
        if len(known) > 1:
            raise RuntimeError(
                f"Shape mismatch: objects of the shapes {shapes} cannot be broadcast to a single shape"
            )
        made.append(known.pop() if known else 1)
    return Size(made)


def _sum_rightmost(value: Any, dim: int) -> Any:
    """The sum over so many dimensions at the end."""
    if dim == 0:
        return value
    return value.reshape((*value.shape[:-dim], -1)).sum(-1)


def logits_to_probs(logits: Tensor, is_binary: bool = False) -> Tensor:
    """Probabilities from log odds, or from logarithms that need not be normalized."""
    return _C.sigmoid(logits) if is_binary else logits.softmax(-1)


def clamp_probs(probs: Tensor) -> Tensor:
    """Probabilities away from 0 and 1, where logarithms are finite."""
    eps = _C.finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs: Tensor, is_binary: bool = False) -> Tensor:
    """The other way round."""
    inside = clamp_probs(probs)
    return _C.log(inside) - _C.log1p(-inside) if is_binary else _C.log(inside)


class lazy_property:
    """An attribute that is computed when it is first asked for."""

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        self.wrapped = wrapped
        update_wrapper(self, wrapped)  # type: ignore[arg-type]

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return _LazyOfClass(self.wrapped)
        with enable_grad():
            value = self.wrapped(instance)
        setattr(instance, self.wrapped.__name__, value)
        return value


class _LazyOfClass(lazy_property, property):
    """What the class shows of it."""

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        property.__init__(self, wrapped)


def tril_matrix_to_vec(mat: Tensor, diag: int = 0) -> Tensor:
    """The lower triangle of matrices, row after row."""
    n = mat.shape[-1]
    if diag < -n or diag >= n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    rows, columns = _triangle(n, diag)
    return mat[..., rows, columns]


def vec_to_tril_matrix(vec: Tensor, diag: int = 0) -> Tensor:
    """The other way round: matrices with zeros above the diagonal."""
    n = (-(1 + 2 * diag) + ((1 + 2 * diag) ** 2 + 8 * vec.shape[-1] + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2
    size = round(n)
    if abs(n - size) > _C.finfo(vec.dtype).eps * size * 16:
        raise ValueError(
            f"The size of last dimension is {vec.shape[-1]} which cannot be expressed as the lower triangular part "
            "of a square D x D matrix."
        )
    rows, columns = _triangle(size, diag)
    flat = _C.zeros((*vec.shape[:-1], size * size), dtype=vec.dtype, device=vec.device)
    places = (rows * size + columns).expand(vec.shape)
    return flat.scatter(-1, places, vec).reshape(*vec.shape[:-1], size, size)


def _triangle(size: int, diag: int) -> tuple[Tensor, Tensor]:
    """Rows and columns of the lower triangle."""
    places = [(i, j) for i in range(size) for j in range(size) if j <= i + diag]
    return tuple(_C.tensor([place[k] for place in places], dtype=_C.int64) for k in range(2))  # type: ignore[return-value]


def binary_cross_entropy(logits: Tensor, value: Tensor) -> Tensor:
    """Element by element."""
    return functional.binary_cross_entropy_with_logits(logits, value, reduction="none")
