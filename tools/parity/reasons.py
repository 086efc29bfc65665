"""Differences from torch that stay, with the reason: torch's value is the wrong or the less accurate one.

Each was checked against the definition: with mpmath at 60 digits, or with torch's own result in double precision.
"""

from __future__ import annotations

import re

# Reason, operators (a pattern of whole names), aspects, dtypes (any if empty).
REASONS: list[tuple[str, str, str, str]] = [
    (
        "torch's series have seven to ten good digits near their ends; ours agree with mpmath to fourteen",
        r"special\.(airy_ai|bessel_[jy][01])",
        "forward reference",
        "",
    ),
    (
        "torch runs the recurrence in single precision, or takes the cosine of a large multiple of a rounded angle",
        r"special\.(shifted_)?(chebyshev|laguerre|legendre|hermite)_polynomial_\w+",
        "reference",
        "uint8 int8 int16 int32 int64 float32",
    ),
    (
        "ours gives up, as NaN, after a million steps of the recurrence",
        r"special\.laguerre_polynomial_l",
        "reference",
        "float64",
    ),
    (
        "torch hands the input the gradient of the elements that were overwritten, not of those that were kept",
        r"as_strided_scatter",
        "backward",
        "",
    ),
    (
        "torch overflows on the way, to NaN or zero; ours is torch's result in double precision",
        r"signal\.windows\.kaiser",
        "reference",
        "",
    ),
    (
        "torch overflows on the way, to NaN; ours is the limit",
        r"sigmoid|pow",
        "reference",
        "complex64 complex128",
    ),
    (
        "torch's gradient is NaN where the term of Stirling's formula is left out, at zero counts",
        r"nn\.functional\.poisson_nll_loss",
        "backward",
        "",
    ),
    (
        "torch's absolute value of the smallest number is negative, and a divisor or a denominator with it",
        r"gcd|nn\.functional\.softsign",
        "reference",
        "int8 int16 int32 int64",
    ),
    (
        "which of equal elements is the result, and gets the gradient, is left open",
        r"mode",
        "backward",
        "",
    ),
    (
        "torch's second gradient is NaN where its first one is a constant zero",
        r"masked\.logaddexp|linalg\.norm\[subgradients_at_zero\]",
        "double",
        "",
    ),
    (
        "Python's reflected operators are called with a tensor first; CPython's slots take nothing else",
        r"__r(sub|mod|pow)__",
        "reference",
        "",
    ),
]
COMPILED = [
    (reason, re.compile(names), set(aspects.split()), set(dtypes.split()))
    for reason, names, aspects, dtypes in REASONS
]


def reason(operator: str, aspect: str, dtype: str) -> str | None:
    """Why a difference stays; `None` if it is ours to repair."""
    for why, names, aspects, dtypes in COMPILED:
        if names.fullmatch(operator) and aspect in aspects and (not dtypes or dtype in dtypes):
            return why
    return None
