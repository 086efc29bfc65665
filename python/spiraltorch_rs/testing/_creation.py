"""Random tensors for tests."""

from __future__ import annotations

import math
from collections.abc import Sequence

import spiraltorch_rs as st

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _limits(dtype: Any) -> tuple[float, float, float, float]:
    """What is drawn from if nobody says it, and the least and the largest that may be said; the ends of ranges."""
    if dtype == st.bool:
        return 0, 2, 0, 2
    if dtype.is_floating_point or dtype.is_complex:
        info = st.finfo(dtype)
        return -9, 9, info.min, info.max
    whole = st.iinfo(dtype)
    return (0 if whole.min == 0 else -9), 10, whole.min, whole.max + (dtype != st.int64)


def make_tensor(
    *shape: int | Sequence[int],
    dtype: Any,
    device: Any = "cpu",
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> st.Tensor:
    """A tensor of a shape with uniform random elements from `low` on, below `high`.

    >>> import spiraltorch_rs as st
    >>> st.testing.make_tensor(2, 3, dtype=st.float32, device="cpu").shape
    spiraltorch_rs.Size([2, 3])
    """
    sizes: Any = shape[0] if len(shape) == 1 and isinstance(shape[0], Sequence) else shape
    if noncontiguous and memory_format is not None:
        raise ValueError(
            f"The parameters `noncontiguous` and `memory_format` are mutually exclusive, got {memory_format}"
        )
    if requires_grad and not (dtype.is_floating_point or dtype.is_complex):
        raise ValueError(
            f"`requires_grad=True` is not supported for boolean and integral dtypes, but got {dtype}"
        )
    low, high = _range(dtype, low, high)
    made = _uniform(sizes, dtype, low, high).to(device)
    if noncontiguous and made.numel() > 1:
        made = made.repeat_interleave(2, dim=-1)[..., ::2]
    elif memory_format is not None:
        made = made.contiguous(memory_format=memory_format)  # type: ignore[call-arg]
    if exclude_zero:
        floats = dtype.is_floating_point or dtype.is_complex
        made[made == 0] = st.finfo(dtype).tiny if floats else 1
    return made.requires_grad_() if requires_grad else made


def _range(dtype: Any, low: float | None, high: float | None) -> tuple[float, float]:
    usual_low, usual_high, least, most = _limits(dtype)
    low, high = usual_low if low is None else low, usual_high if high is None else high
    if any(math.isnan(end) for end in (low, high)):
        raise ValueError(f"`low` and `high` cannot be NaN, but got low={low} and high={high}")
    if low > high or (low == high and not (dtype.is_floating_point or dtype.is_complex)):
        raise ValueError(f"`low` must be less than `high`, but got {low} and {high}")
    if high < least or low > most:
        raise ValueError(f"no value of {dtype} lies between {low} and {high}; its own are {least} to {most}")
    return max(low, least), min(high, most)


def _uniform(sizes: Any, dtype: Any, low: float, high: float) -> st.Tensor:
    if dtype.is_complex:
        parts = dtype.to_real()
        return st.complex(*(_uniform(sizes, parts, low, high) for _ in range(2)))
    if dtype.is_floating_point:
        wide = st.float64 if dtype == st.float64 else st.float32
        drawn = low + (high - low) * st.rand(sizes, dtype=wide) if high - low < math.inf else None
        if drawn is None:
            drawn = (st.rand(sizes, dtype=wide) - 0.5) * high * 2
        return drawn.clamp(low, high).to(dtype)
    return st.randint(math.floor(low), math.ceil(high), sizes, dtype=st.int64).to(dtype)
