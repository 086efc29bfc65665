"""`assert_close`: what is compared with what, how closely, and what is said where it differs."""

from __future__ import annotations

import cmath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import spiraltorch_rs as st

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

# Relative and absolute, by dtype; what is not listed must be equal.
_TOLERANCES = {
    st.float16: (1e-3, 1e-5),
    st.bfloat16: (1.6e-2, 1e-5),
    st.float32: (1.3e-6, 1e-5),
    st.float64: (1e-7, 1e-7),
    st.complex64: (1.3e-6, 1e-5),
    st.complex128: (1e-7, 1e-7),
}
_NUMBERS = {int: st.int64, float: st.float64, complex: st.complex128}

Message = str | Callable[[str], str] | None


@dataclass(frozen=True)
class _Check:
    """What a comparison looks at, and where in nested containers it is."""

    rtol: float | None
    atol: float | None
    equal_nan: bool
    allow_subclasses: bool
    attributes: tuple[str, ...]
    numbers_of_one_type: bool
    msg: Message
    path: tuple[Any, ...] = ()

    def at(self, key: Any) -> _Check:
        return replace(self, path=(*self.path, key))

    def fail(self, text: str, kind: type[Exception] = AssertionError) -> NoReturn:
        if self.path:
            text += f"\n\nThe failure occurred for item {''.join(f'[{key!r}]' for key in self.path)}"
        if kind is AssertionError and self.msg is not None:
            text = self.msg(text) if callable(self.msg) else self.msg
        raise kind(text)

    def tolerances(self, *dtypes: Any) -> tuple[float, float]:
        if self.rtol is not None and self.atol is not None:
            return self.rtol, self.atol
        pairs = [_TOLERANCES.get(dtype, (0.0, 0.0)) for dtype in dtypes]
        return max(rtol for rtol, _ in pairs), max(atol for _, atol in pairs)

    def compare(self, actual: Any, expected: Any) -> None:
        if _is_list(actual) and _is_list(expected):
            return self.compare_sequences(actual, expected)
        if isinstance(actual, Mapping) and isinstance(expected, Mapping):
            return self.compare_mappings(actual, expected)
        if actual is None or expected is None:
            if actual is not expected:
                self.fail(f"None mismatch: {actual} is not {expected}")
            return None
        if isinstance(actual, bool) and isinstance(expected, bool):
            if actual is not expected:
                self.fail(f"Booleans mismatch: {actual} is not {expected}")
            return None
        if _is_number(actual) and _is_number(expected):
            return self.compare_numbers(actual, expected)
        return self.compare_tensors(actual, expected)

    def compare_sequences(self, actual: Sequence[Any], expected: Sequence[Any]) -> None:
        if len(actual) != len(expected):
            self.fail(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}")
        for i, (mine, other) in enumerate(zip(actual, expected, strict=True)):
            self.at(i).compare(mine, other)

    def compare_mappings(self, actual: Mapping[Any, Any], expected: Mapping[Any, Any]) -> None:
        missing, additional = expected.keys() - actual.keys(), actual.keys() - expected.keys()
        if missing or additional:
            self.fail(
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {sorted(missing)}\n"
                f"Additional keys in the actual mapping: {sorted(additional)}"
            )
        for key in sorted(expected, key=repr):
            self.at(key).compare(actual[key], expected[key])

    def compare_numbers(self, actual: Any, expected: Any) -> None:
        if self.numbers_of_one_type and type(actual) is not type(expected):
            self.fail(f"The (d)types do not match: {type(actual)} != {type(expected)}.")
        rtol, atol = self.tolerances(_dtype_of(actual), _dtype_of(expected))
        if actual == expected or (self.equal_nan and cmath.isnan(actual) and cmath.isnan(expected)):
            return
        difference = abs(actual - expected)
        if cmath.isfinite(difference) and difference <= atol + rtol * abs(expected):
            return
        self.fail(_numbers_differ(actual, expected, difference, rtol, atol))

    def compare_tensors(self, actual: Any, expected: Any) -> None:
        related = isinstance(actual, type(expected)) or isinstance(expected, type(actual))
        if not related or (not self.allow_subclasses and type(actual) is not type(expected)):
            self.fail(
                f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}.",
                TypeError,
            )
        try:
            mine, other = (st.as_tensor(value).detach() for value in (actual, expected))
        except Exception:
            self.fail(f"Neither tensors nor numbers: {type(actual)} and {type(expected)}.", TypeError)
        if mine.shape != other.shape:
            self.differ("shape", mine.shape, other.shape)
        for name in self.attributes:
            a, b = (t.stride() if name == "stride()" else getattr(t, name) for t in (mine, other))
            if a != b and not (name == "stride()" and mine.numel() <= 1):
                self.differ(name, a, b)
        self.compare_values(mine, other.to(mine.device))

    def differ(self, name: str, actual: Any, expected: Any) -> None:
        self.fail(f"The values for attribute '{name}' do not match: {actual} != {expected}.")

    def compare_values(self, actual: st.Tensor, expected: st.Tensor) -> None:
        rtol, atol = self.tolerances(actual.dtype, expected.dtype)
        common = st.promote_types(actual.dtype, expected.dtype)
        a, b = actual.to(common), expected.to(common)
        close = st.isclose(a, b, rtol=rtol, atol=atol, equal_nan=self.equal_nan)
        if bool(close.all()):
            return
        self.fail(_difference(a, b, close, rtol, atol))


def _difference(a: st.Tensor, b: st.Tensor, close: st.Tensor, rtol: float, atol: float) -> str:
    """Where two tensors differ most."""
    if not a.is_floating_point() and not a.is_complex():
        a, b = a.to(st.int64), b.to(st.int64)
    numel, wrong = a.numel(), int((~close).sum().item())
    apart = (a - b).abs()
    if a.dim() == 0:
        return _numbers_differ(a.item(), b.item(), apart.item(), rtol, atol)
    relative = apart / b.abs()
    said = ""
    for name, errors, allowed in (("absolute", apart, atol), ("relative", relative, rtol)):
        # What agrees is not looked at, be it infinite.
        errors = errors.masked_fill(close, 0).flatten()
        most = int(errors.argmax().item())
        index = tuple(int(i.item()) for i in st.unravel_index(st.tensor(most), a.shape))
        up_to = "" if rtol == 0 and atol == 0 else f" (up to {allowed} allowed)"
        said += f"\nGreatest {name} difference: {errors[most].item()} at index {index}{up_to}"
    word = "equal" if rtol == 0 and atol == 0 else "close"
    return (
        f"Tensor-likes are not {word}!\n\nMismatched elements: {wrong} / {numel} ({wrong / numel:.1%}){said}"
    )


def _numbers_differ(actual: Any, expected: Any, difference: Any, rtol: float, atol: float) -> str:
    """How far two numbers are apart."""
    relative = float("inf") if expected == 0 else difference / abs(expected)
    exact = rtol == 0 and atol == 0
    said = [f"Absolute difference: {difference}", f"Relative difference: {relative}"]
    if not exact:
        said = [f"{line} (up to {most} allowed)" for line, most in zip(said, (atol, rtol), strict=True)]
    word = "equal" if exact else "close"
    return f"Scalars are not {word}!\n\nExpected {expected} but got {actual}.\n" + "\n".join(said)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, complex)) and not isinstance(value, bool)


def _dtype_of(value: Any) -> Any:
    return next(dtype for kind, dtype in _NUMBERS.items() if isinstance(value, kind))


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Message = None,
) -> None:
    """Raises `AssertionError` where tensors, numbers or containers of them are not close: |a - b| <= atol + rtol |b|.

    >>> import spiraltorch_rs as st
    >>> st.testing.assert_close([1.0, st.ones(2)], [1.0, st.ones(2)])
    """
    if (rtol is None) != (atol is None):
        raise ValueError(
            f"rtol and atol must both be specified or both be unspecified, but got rtol={rtol} and atol={atol}"
        )
    attributes = {
        "device": check_device,
        "dtype": check_dtype,
        "layout": check_layout,
        "stride()": check_stride,
    }
    chosen = tuple(name for name, wanted in attributes.items() if wanted)
    _Check(rtol, atol, equal_nan, allow_subclasses, chosen, check_dtype, msg).compare(actual, expected)


def assert_allclose(
    actual: Any,
    expected: Any,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = True,
    msg: str = "",
) -> None:
    """The older `assert_close`: looks at values only."""
    mine, other = (
        value if isinstance(value, st.Tensor) else st.tensor(value) for value in (actual, expected)
    )
    assert_close(
        mine,
        other.expand(mine.shape) if other.dim() == 0 else other,
        rtol=rtol,
        atol=atol,
        equal_nan=equal_nan,
        check_device=False,
        check_dtype=False,
        msg=msg or None,
    )
