"""Windows: weights of the `M` samples of a stretch of a signal, that fade towards its ends.

A symmetric window ends as it begins. One that is not (`sym=False`) is a period of a longer signal: it is the symmetric
window of one point more, without the last.

>>> import spiraltorch_rs as st
>>> st.signal.windows.hann(5)
tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import spiraltorch_rs as st
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "bartlett",
    "blackman",
    "cosine",
    "exponential",
    "gaussian",
    "general_cosine",
    "general_hamming",
    "hamming",
    "hann",
    "kaiser",
    "nuttall",
]


def _window(
    name: str,
    M: int,
    sym: bool,
    weights: Callable[[Tensor, int], Tensor],
    options: dict[str, Any],
    peak: bool = True,
) -> Tensor:
    """`weights` of the points 0, 1 and so on and of the place of the last one; one point alone is the `peak`, 1."""
    dtype = options.pop("dtype", None) or st.get_default_dtype()
    layout, grad = options.pop("layout", st.strided), options.pop("requires_grad", False)
    device = options.pop("device", None)
    if options:
        raise TypeError(f"{name}() got an unexpected keyword argument '{next(iter(options))}'")
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    if layout is not st.strided:
        raise ValueError(f"{name} is implemented for strided tensors only, got: {layout}")
    if dtype not in (st.float32, st.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {dtype}")
    if M == 0 or (M == 1 and peak):
        found = st.ones(M, dtype=dtype)
    else:
        found = weights(st.arange(M, dtype=st.float64), M - 1 if sym else M).to(dtype)
    return found.to(device or "cpu").requires_grad_(grad)


def _expect_positive(name: str, what: str, value: float) -> None:
    if value <= 0:
        raise ValueError(f"{name}: {what} must be positive, got: {value} instead.")


def exponential(
    M: int, *, center: float | None = None, tau: float = 1.0, sym: bool = True, **options: Any
) -> Tensor:
    """exp(-|n - center| / tau)."""
    _expect_positive("exponential", "Tau", tau)
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")
    return _window(
        "exponential",
        M,
        sym,
        lambda n, last: st.exp(-(n - (last / 2 if center is None else center)).abs() / tau),
        options,
        peak=center is None,
    )


def cosine(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """Half a period of a sine."""
    return _window("cosine", M, sym, lambda n, last: st.sin((n + 0.5) * (math.pi / (last + 1))), options)


def gaussian(M: int, *, std: float = 1.0, sym: bool = True, **options: Any) -> Tensor:
    """The bell of a normal distribution."""
    _expect_positive("gaussian", "Standard deviation", std)
    return _window("gaussian", M, sym, lambda n, last: st.exp(-0.5 * ((n - last / 2) / std) ** 2), options)


def kaiser(M: int, *, beta: float = 12.0, sym: bool = True, **options: Any) -> Tensor:
    """Kaiser's window, by a Bessel function."""
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")

    def weights(n: Tensor, last: int) -> Tensor:
        inside = (1 - (2 * n / last - 1) ** 2).clamp_min(0)
        return st.i0(beta * inside.sqrt()) / st.i0(st.tensor(float(beta), dtype=n.dtype))

    return _window("kaiser", M, sym, weights, options)


def general_cosine(M: int, *, a: Iterable[float], sym: bool = True, **options: Any) -> Tensor:
    """A sum of cosines with these weights, of every second one the negative."""
    if not isinstance(a, Iterable):
        raise TypeError("Coefficients must be a list/tuple")
    factors = list(a)
    if not factors:
        raise ValueError("Coefficients cannot be empty")

    def weights(n: Tensor, last: int) -> Tensor:
        waves = (((-1) ** i * x) * st.cos(n * (2 * math.pi * i / last)) for i, x in enumerate(factors))
        return sum(waves, st.zeros_like(n))

    return _window("general_cosine", M, sym, weights, options)


def general_hamming(M: int, *, alpha: float = 0.54, sym: bool = True, **options: Any) -> Tensor:
    """A cosine that is raised by `alpha`."""
    return general_cosine(M, a=[alpha, 1.0 - alpha], sym=sym, **options)


def hamming(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """`general_hamming` with 0.54."""
    return general_hamming(M, sym=sym, **options)


def hann(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """`general_hamming` with a half."""
    return general_hamming(M, alpha=0.5, sym=sym, **options)


def blackman(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """Blackman's three cosines."""
    return general_cosine(M, a=[0.42, 0.5, 0.08], sym=sym, **options)


def nuttall(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """Nuttall's four cosines."""
    return general_cosine(M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], sym=sym, **options)


def bartlett(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """A triangle."""
    return _window("bartlett", M, sym, lambda n, last: 1 - (2 * n / last - 1).abs(), options)
