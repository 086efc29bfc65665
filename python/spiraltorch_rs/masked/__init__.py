"""Reductions and normalizations that look only at the elements where a mask is true.

What is masked out becomes the number that changes nothing: 0 in a sum, 1 in a product, minus infinity in a maximum.
There is no class of masked tensors.

>>> import spiraltorch_rs as st
>>> st.masked.sum(st.tensor([1.0, 2.0, 4.0]), mask=st.tensor([True, False, True]))
tensor(5.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import spiraltorch_rs as st
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Dims = int | Sequence[int] | None

__all__ = [
    "amax",
    "amin",
    "argmax",
    "argmin",
    "cumprod",
    "cumsum",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "mean",
    "median",
    "norm",
    "normalize",
    "prod",
    "softmax",
    "softmin",
    "std",
    "sum",
    "var",
]


def _filled(input: Tensor, mask: Tensor | None, number: Any, dtype: Any = None) -> Tensor:
    """The input with a number where the mask is false."""
    input = input if dtype is None else input.to(dtype)
    if mask is None:
        return input
    if isinstance(number, float) and not (input.is_floating_point() or input.is_complex()):
        number = _least(input.dtype, largest=number > 0)
    return st.where(_beside(mask, input), input, st.full((), number, dtype=input.dtype))


def _beside(mask: Tensor, input: Tensor) -> Tensor:
    return mask.to(st.bool).expand(input.shape)


def _dims(input: Tensor, dim: Dims) -> list[int]:
    dims = list(range(input.dim())) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    rank = max(input.dim(), 1)
    seen = set()
    for d in dims:
        if not -rank <= d < rank:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but got {d})"
            )
        if d % rank in seen:
            raise RuntimeError(f"dim={d % rank} appears multiple times in the list of dims")
        seen.add(d % rank)
    return dims or list(range(input.dim()))


def _canonical_dim(dim: Dims, ndim: int) -> tuple[int, ...]:
    """Dimensions from the first to the last, counted from the front."""
    return tuple(sorted(d % max(ndim, 1) for d in _dims(st.empty((1,) * ndim), dim)))


def _input_mask(input: Tensor, *args: Any, mask: Tensor | None = None, **kwargs: Any) -> Tensor:
    """The mask of a call's arguments, in the input's shape."""
    if mask is None:
        raise ValueError("_input_mask requires explicit mask")
    if mask.dim() > input.dim():
        raise IndexError(
            "_input_mask expected broadcastable mask (got mask dimensionality higher than of the input)"
        )
    return _beside(mask, input)


def _output_mask(op: Any, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Where a call of a function of this module has results: what no element went into has none."""
    mask, name = _input_mask(input, **kwargs), op.__name__
    if name in ("cumprod", "cumsum", "log_softmax", "normalize", "softmax", "softmin"):
        return mask
    at = 1 if name == "norm" else 0
    dim = args[at] if len(args) > at else kwargs.get("dim")
    return mask.any(_dims(mask, dim), keepdim=bool(kwargs.get("keepdim", False)))


def _least(dtype: Any, largest: bool = False) -> float:
    """Minus infinity, or the least number there is; or the other end."""
    if dtype == st.bool:
        return largest
    if dtype.is_floating_point:
        return math.inf if largest else -math.inf
    info = st.iinfo(dtype)
    return info.max if largest else info.min


def _summed(dtype: Any) -> Any:
    """What integers are summed in."""
    return None if dtype.is_floating_point or dtype.is_complex else st.int64


def _reduction_identity(op_name: str, input: Tensor, *args: Any) -> Tensor | None:
    """The number that changes nothing in a reduction, as a 0-d tensor; `None` where there is none."""
    dtype, op_name = input.dtype, op_name.rsplit(".", 1)[-1]
    if op_name in ("sum", "cumsum"):
        return st.tensor(0, dtype=dtype)
    if op_name in ("prod", "cumprod"):
        return st.tensor(1, dtype=dtype)
    if op_name in ("amax", "argmax", "logaddexp", "logsumexp"):
        return st.tensor(_least(dtype), dtype=dtype)
    if op_name in ("amin", "argmin"):
        return st.tensor(_least(dtype, largest=True), dtype=dtype)
    if op_name in ("mean", "var", "std"):
        return None
    if op_name == "median":
        return st.tensor(math.nan, dtype=dtype if dtype.is_floating_point else st.float32)
    if op_name == "norm":
        order = float(args[0]) if args else 2.0
        return st.tensor(math.inf if order == -math.inf else 0.0, dtype=dtype)
    raise NotImplementedError(f"identity of {op_name} on {dtype} input")


def _expect_float(name: str, dtype: Any) -> None:
    if not (dtype.is_floating_point or dtype.is_complex):
        raise ValueError(
            f"{name}(): Could not infer output dtype. "
            f"Input dtype must be either a floating point or complex dtype. Got: {dtype}"
        )


def sum(
    input: Tensor, dim: Dims = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The sum over some dimensions, all if none are named."""
    chosen = _filled(input, mask, 0, dtype or _summed(input.dtype))
    return st.sum(chosen, _dims(input, dim), keepdim)


def prod(
    input: Tensor, dim: Dims = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The product over some dimensions, all if none are named."""
    found = _filled(input, mask, 1, dtype or _summed(input.dtype))
    # No dimensions named are none here, and all of them elsewhere.
    dims = [] if isinstance(dim, Sequence) and not dim else _dims(input, dim)
    for d in sorted((d % max(input.dim(), 1) for d in dims), reverse=True):
        found = found.prod(d, keepdim)
    return found


def amax(
    input: Tensor, dim: Dims = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The largest over some dimensions, all if none are named."""
    chosen = _filled(input, mask, _least(dtype or input.dtype), dtype)
    return st.amax(chosen, _dims(input, dim), keepdim)


def amin(
    input: Tensor, dim: Dims = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The smallest over some dimensions, all if none are named."""
    chosen = _filled(input, mask, _least(dtype or input.dtype, largest=True), dtype)
    return st.amin(chosen, _dims(input, dim), keepdim)


def argmax(
    input: Tensor,
    dim: int | None = None,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Where the largest is."""
    found = st.argmax(_filled(input, mask, _least(dtype or input.dtype), dtype), dim, keepdim)
    return found.to(dtype or input.dtype)


def argmin(
    input: Tensor,
    dim: int | None = None,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Where the smallest is."""
    found = st.argmin(_filled(input, mask, _least(dtype or input.dtype, largest=True), dtype), dim, keepdim)
    return found.to(dtype or input.dtype)


def cumsum(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """Running sums."""
    own = dtype or input.dtype
    return st.cumsum(_filled(input, mask, 0), dim, dtype=own)


def cumprod(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """Running products."""
    own = dtype or input.dtype
    return st.cumprod(_filled(input, mask, 1), dim, dtype=own)


def softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """`softmax`: what is masked out gets 0."""
    return st.softmax(_filled(input, mask, -math.inf, dtype), dim)


def log_softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """The logarithm of `softmax`."""
    return st.log_softmax(_filled(input, mask, -math.inf, dtype), dim)


def softmin(input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None) -> Tensor:
    """`softmax` of what is below zero as far as the input is above."""
    return st.nn.functional.softmin(_filled(input, mask, math.inf, dtype), dim)


def logsumexp(
    input: Tensor, dim: Dims = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The logarithm of the sum of exponentials over some dimensions."""
    found = st.logsumexp(_filled(input, mask, -math.inf), _dims(input, dim), keepdim)
    return found.to(dtype or input.dtype)


def logaddexp(
    input: Tensor,
    other: Tensor,
    *,
    dtype: Any = None,
    input_mask: Tensor | None = None,
    other_mask: Tensor | None = None,
) -> Tensor:
    """The logarithm of the sum of two exponentials."""
    first, second = (
        _filled(tensor, mask, -math.inf, dtype) for tensor, mask in ((input, input_mask), (other, other_mask))
    )
    return st.logaddexp(first, second)


def norm(
    input: Tensor,
    ord: float | None = 2.0,
    dim: Dims = None,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The p-norm over some dimensions."""
    ord = 2.0 if ord is None else ord
    chosen = _filled(input, mask, math.inf if ord < 0 else 0, dtype)
    found: Tensor = st.linalg.vector_norm(chosen, ord, _dims(input, dim), keepdim)
    return found


def normalize(
    input: Tensor,
    ord: float,
    dim: int,
    *,
    eps: float = 1e-12,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Divided by its p-norm along a dimension, which counts as at least `eps`."""
    size = norm(input, ord, dim, keepdim=True, dtype=dtype, mask=mask)
    return _filled(input, mask, 0, dtype) / size.clamp_min(eps)


def _count(input: Tensor, mask: Tensor | None, dims: list[int], keepdim: bool) -> Tensor:
    """How many elements are looked at."""
    chosen = st.ones(input.shape, dtype=st.bool) if mask is None else _beside(mask, input)
    return st.sum(chosen, dims, keepdim)


def mean(
    input: Tensor, dim: Dims = None, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The mean over some dimensions."""
    _expect_float("mean", dtype or input.dtype)
    dims = _dims(input, dim)
    if mask is None:
        return st.mean(input, dims, keepdim, dtype=dtype)
    return sum(input, dims, keepdim=keepdim, dtype=dtype, mask=mask) / _count(input, mask, dims, keepdim)


def median(
    input: Tensor, dim: int = -1, *, keepdim: bool = False, dtype: Any = None, mask: Tensor | None = None
) -> Tensor:
    """The median along a dimension: of two, the smaller."""
    own = dtype or input.dtype
    if mask is None:
        return st.nanmedian(input.to(own), dim, keepdim).values
    if not own.is_floating_point and not bool(_beside(mask, input).any(dim).all()):
        raise ValueError("masked median expects no fully masked out rows if dtype is not floating point")
    chosen = _filled(input, mask, math.nan, own if own.is_floating_point else st.float64)
    return st.nanmedian(chosen, dim, keepdim).values.to(own)


def var(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The variance over some dimensions, divided by the count less `correction`."""
    if unbiased is not None and correction is not None:
        raise ValueError("Only one of unbiased and correction may be given")
    less = correction if correction is not None else float(unbiased is not False)
    wide = dtype or (None if not _summed(input.dtype) else st.get_default_dtype())
    dims = _dims(input, dim)
    values = input if wide is None else input.to(wide)
    count = _count(input, mask, dims, True).to(values.real.dtype)
    away = _filled(values - sum(values, dims, keepdim=True, mask=mask) / count, mask, 0)
    square = away * away.conj() if away.is_complex() else away * away
    found = sum(square.real if away.is_complex() else square, dims, keepdim=True)
    found = found / (count - less).clamp_min(0)
    found = found.to(away.dtype) if away.is_complex() else found
    return found if keepdim or input.dim() == 0 else found.squeeze(dims)


def std(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The root of `var`."""
    return var(input, dim, unbiased, correction=correction, keepdim=keepdim, dtype=dtype, mask=mask).sqrt()
