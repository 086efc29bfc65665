"""Carries values between torch and us, with their memory layout, and compares results."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

import spiraltorch_rs as st

DTYPES = "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64".split()
COMPLEX = "complex64 complex128".split()
# What numpy does not have goes there and back in a wider dtype.
HALVES = {
    torch.bfloat16: torch.float32,
    torch.float16: torch.float32,
    torch.complex32: torch.complex64,
    torch.bcomplex32: torch.complex64,
}
FLOATS = {torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128}
# What a float result is compared with, too: torch's own result of the same values in the next wider type, rounded
# once. Where terms cancel, torch's narrow result has few good digits itself.
WIDER = {
    torch.float16: torch.float32,
    torch.bfloat16: torch.float32,
    torch.float32: torch.float64,
    torch.complex32: torch.complex64,
    torch.bcomplex32: torch.complex64,
    torch.complex64: torch.complex128,
}
# Relative and absolute tolerance: those of torch.testing.assert_close.
TOLERANCES = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
    torch.complex32: (1e-3, 1e-5),
    torch.bcomplex32: (1.6e-2, 1e-5),
    torch.complex64: (1.3e-6, 1e-5),
    torch.complex128: (1e-7, 1e-7),
}

Tolerance = tuple[float, float]


class Different(AssertionError):
    """A result of ours is not torch's."""


# Where ours are computed.
ON = ["cpu"]


def be_on(device: str) -> None:
    """What is made of ours from here on is on a device; what only the host can do may be done there."""
    ON[0] = device
    if device != "cpu":
        st.set_default_device(device)
        st.set_fallback("allow")


def name_of(dtype: Any) -> str:
    """`float32`, for either library's dtype."""
    return str(dtype).rpartition(".")[2]


def our_dtype(dtype: torch.dtype) -> Any:
    """Our dtype of the same name."""
    return getattr(st, name_of(dtype))


class Missing(Exception):
    """An argument has no equal in our library (a dtype, a layout, a class)."""


def flat_ours(flat: torch.Tensor) -> Any:
    """A one-dimensional tensor of ours with a copy of the values."""
    try:
        kind = our_dtype(flat.dtype)
    except AttributeError:
        raise Missing(f"{flat.dtype}") from None
    if flat.dtype in HALVES:
        return st.tensor(flat.to(HALVES[flat.dtype]).numpy().copy()).to(kind)
    return st.tensor(flat.resolve_conj().resolve_neg().numpy().copy(), dtype=kind)


def storage_size(tensor: torch.Tensor) -> int:
    """Elements in the tensor's storage."""
    return int(tensor.untyped_storage().nbytes() // tensor.element_size())


def ours(value: torch.Tensor) -> Any:
    """A tensor of ours with torch's values in torch's layout, a leaf that asks for gradients where torch's does."""
    if value.layout != torch.strided or value.is_quantized or value.device.type != "cpu":
        raise Missing(f"{value.layout} tensors on {value.device}")
    plain = value.detach().resolve_conj().resolve_neg()
    if plain.numel() == 0:
        made = flat_ours(plain.reshape(-1)).reshape(tuple(plain.shape))
    else:
        flat = flat_ours(plain.as_strided((storage_size(plain),), (1,), 0))
        made = flat.as_strided(tuple(plain.shape), plain.stride(), plain.storage_offset())
    made = made.detach()
    return made.requires_grad_() if value.requires_grad else made


def theirs(tensor: Any) -> torch.Tensor:
    """A torch tensor with a copy of our values."""
    kind = getattr(torch, name_of(tensor.dtype))
    plain = tensor.detach().cpu()
    if kind in HALVES:
        plain = plain.to(our_dtype(HALVES[kind]))
    return torch.from_numpy(plain.numpy().copy()).to(kind)


def our_argument(value: Any, memo: dict[int, Any]) -> Any:
    """An argument of torch as one of ours; a tensor that is given twice is one tensor again."""
    if isinstance(value, torch.Tensor):
        if id(value) not in memo:
            memo[id(value)] = ours(value)
        return memo[id(value)]
    if isinstance(value, torch.Size):
        return st.Size(value)
    if isinstance(value, (list, tuple)):
        parts = [our_argument(part, memo) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if isinstance(value, dict):
        return {
            key: ON[0] if key == "device" and part is not None else our_argument(part, memo)
            for key, part in value.items()
        }
    if isinstance(value, slice):
        return slice(*(our_argument(part, memo) for part in (value.start, value.stop, value.step)))
    if isinstance(value, (torch.dtype, torch.memory_format, torch.layout)):
        found = getattr(st, name_of(value), None)
        if found is None:
            raise Missing(str(value))
        return found
    if isinstance(value, torch.device):
        return st.device(str(value))
    if isinstance(value, torch.nn.Module) and not list(value.parameters()):
        found = getattr(st.nn, type(value).__name__, None)
        if found is None:
            raise Missing(type(value).__name__)
        known = inspect.signature(found).parameters
        return found(**{name: getattr(value, name) for name in known if hasattr(value, name)})
    if isinstance(value, torch.Generator):
        return st.Generator().manual_seed(value.initial_seed())
    return value


def map_tensors(value: Any, change: Callable[[torch.Tensor], Any]) -> Any:
    """The same structure with other tensors."""
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        parts = [map_tensors(part, change) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if isinstance(value, dict):
        return {key: map_tensors(part, change) for key, part in value.items()}
    return value


def tensors_in(value: Any, kind: type = torch.Tensor) -> list[Any]:
    """All tensors of a structure, each once, in order."""
    found: dict[int, Any] = {}

    def visit(part: Any) -> None:
        if isinstance(part, kind):
            found.setdefault(id(part), part)
        elif isinstance(part, (list, tuple)):
            for item in part:
                visit(item)
        elif isinstance(part, dict):
            for item in part.values():
                visit(item)

    visit(value)
    return list(found.values())


def errors(actual: torch.Tensor, expected: torch.Tensor, tolerance: Tolerance) -> torch.Tensor:
    """Each element's error relative to the expected value (and the tolerance's small one); infinite where it is NaN."""
    relative, absolute = tolerance
    if actual.dtype == torch.bool or not (actual.is_floating_point() or actual.is_complex()):
        return (actual != expected).double() * math.inf if actual.numel() else actual.double()
    wide = torch.complex128 if actual.is_complex() else torch.float64
    a, e = actual.to(wide), expected.to(wide)
    small = absolute / relative if relative else 0.0
    error = (a - e).abs() / (e.abs() + small)
    same = (a == e) | (a.isnan() & e.isnan())
    error = error.masked_fill(same, 0.0).nan_to_num(nan=math.inf, posinf=math.inf)
    if a.is_complex() and not bool(e.isfinite().all()):
        # Where one part is infinite the other is still compared.
        parts = zip((a.real, a.imag), (e.real, e.imag), strict=True)
        by_part = torch.stack([errors(one, other, tolerance) for one, other in parts]).amax(0)
        error = torch.where(e.isfinite() | same, error, by_part)
    return error


@dataclass(frozen=True)
class Measure:
    """What is close: tolerances by dtype; and whether results are sums, whose terms may cancel."""

    tolerances: dict[torch.dtype, Tolerance] = field(default_factory=lambda: dict(TOLERANCES))
    sums: bool = False


def as_good(actual: torch.Tensor, expected: torch.Tensor, wider: torch.Tensor) -> torch.Tensor:
    """Where ours is no farther from the exact result than twice as far as torch's is anywhere."""
    exact = wider.detach().to(torch.complex128 if wider.is_complex() else torch.float64)
    mine, own = ((value.to(exact.dtype) - exact).abs() for value in (actual, expected))
    own = own[own.isfinite()]
    return mine <= 2.0 * (own.max() if own.numel() else 0.0)


def compare(
    actual: Any,
    expected: Any,
    scale: float,
    measure: Measure,
    wider: Callable[[], Any],
    values: bool = True,
) -> float:
    """The largest error of a result; raises `Different` if it is not torch's within `scale` times the tolerances.

    `wider` gives the result in the next wider type, and is called if the first look finds a difference.
    """
    if isinstance(expected, torch.Tensor):
        if not isinstance(actual, st.Tensor):
            raise Different(f"a {type(actual).__name__} where torch gives a tensor")
        if tuple(actual.shape) != tuple(expected.shape):
            raise Different(f"shape {tuple(actual.shape)} is not torch's {tuple(expected.shape)}")
        if name_of(actual.dtype) != name_of(expected.dtype):
            raise Different(f"dtype {name_of(actual.dtype)} is not torch's {name_of(expected.dtype)}")
        if not values or expected.numel() == 0:
            return 0.0
        return compare_values(theirs(actual), expected.detach(), scale, measure, wider)
    if isinstance(expected, (list, tuple)):
        if not isinstance(actual, (list, tuple)):
            raise Different(f"a {type(actual).__name__} where torch gives a {type(expected).__name__}")
        if len(actual) != len(expected):
            raise Different(f"{len(actual)} results where torch gives {len(expected)}")

        def part(i: int) -> Callable[[], Any]:
            def one() -> Any:
                whole = wider()
                return None if whole is None else whole[i]

            return one

        found = [
            compare(a, e, scale, measure, part(i), values)
            for i, (a, e) in enumerate(zip(actual, expected, strict=True))
        ]
        return max(found, default=0.0)
    if isinstance(expected, torch.dtype):
        if name_of(actual) != name_of(expected):
            raise Different(f"{actual} is not torch's {expected}")
    elif isinstance(expected, (bool, int, float, complex)):
        if type(actual) is not type(expected):
            raise Different(f"a {type(actual).__name__} where torch gives a {type(expected).__name__}")
        if values and actual != expected and not (actual != actual and expected != expected):
            error = abs(actual - expected) / max(1.0, abs(expected))
            if not error <= 1e-6 * scale:
                raise Different(f"{actual!r} is not torch's {expected!r}")
            return float(error)
    elif expected is None and actual is not None:
        raise Different(f"a {type(actual).__name__} where torch gives None")
    return 0.0


def compare_values(
    actual: torch.Tensor,
    expected: torch.Tensor,
    scale: float,
    measure: Measure,
    wider: Callable[[], Any],
) -> float:
    """As `compare`, of two torch tensors of one shape and dtype."""
    relative, absolute = measure.tolerances.get(expected.dtype, (0.0, 0.0))
    allowed = (relative * scale, absolute * scale)
    found = errors(actual, expected, allowed)
    if not bool((found <= allowed[0]).all()) and expected.dtype in WIDER:
        second = wider()
        if isinstance(second, torch.Tensor) and second.shape == expected.shape:
            exact = second.detach().to(expected.dtype)
            found = torch.minimum(found, errors(actual, exact, allowed))
            if measure.sums:
                found = found.masked_fill(as_good(actual, expected, second), 0.0)
    wrong = found > allowed[0]
    if bool(wrong.any()):
        places = wrong.nonzero()
        place = tuple(places[0].tolist())
        raise Different(
            f"{len(places)} of {expected.numel()} values differ, first at {list(place)}: "
            f"{actual[place].item()!r} is not torch's {expected[place].item()!r}"
        )
    return float(found.max())
