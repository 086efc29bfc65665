"""Torch as the reference: values carried between the libraries, layouts, and one way to compare.

Values travel through numpy only (half precision as float32, which is exact), so a broken cast or DLPack
path of ours fails its own test and not all of them.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch

import spiraltorch_rs as st

HALVES = ("float16", "bfloat16")
FLOATS = (*HALVES, "float32", "float64")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
DTYPES = ("bool", *INTEGERS, *FLOATS)

# Relative and absolute tolerance. Integers, truth values and moved data are compared bit for bit.
TOLERANCES = {
    "float16": (2e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (4e-6, 1e-6),
    "float64": (1e-12, 1e-14),
}

LAYOUTS = ("contiguous", "transposed", "strided", "expanded", "empty", "scalar")


def name_of(dtype: Any) -> str:
    """`float32`, for either library's dtype."""
    return str(dtype).rpartition(".")[2]


# Where our tensors are; `--device` sets it.
DEVICE = ["cpu"]


def ours(value: torch.Tensor, requires_grad: bool = False) -> Any:
    """A contiguous tensor of ours with a copy of torch's values."""
    name = name_of(value.dtype)
    plain = value.detach().cpu()
    plain = plain.float() if name in HALVES else plain
    if plain.dim() == 0:
        made = st.tensor(plain.item(), dtype=getattr(st, name_of(plain.dtype)))
    else:
        made = st.tensor(plain.contiguous().numpy().copy())
    if name in HALVES:
        made = made.to(getattr(st, name))
    made = made.to(DEVICE[0])
    return made.requires_grad_() if requires_grad else made


def theirs(tensor: Any) -> torch.Tensor:
    """A torch tensor with a copy of our values."""
    name = name_of(tensor.dtype)
    plain = tensor.detach().cpu()
    plain = plain.to(st.float32) if name in HALVES else plain
    return torch.from_numpy(plain.numpy().copy()).to(getattr(torch, name))


def pair(value: torch.Tensor, requires_grad: bool = False) -> tuple[Any, torch.Tensor]:
    """The same tensor in both libraries, as leaves of their own."""
    copy = value.detach().clone(memory_format=torch.contiguous_format)
    return ours(value, requires_grad), copy.requires_grad_(requires_grad)


def laid_out(value: torch.Tensor, layout: str) -> tuple[torch.Tensor, Callable[[Any], Any]]:
    """A contiguous base, and the views that turn the base (of either library) into `value` in a layout."""
    if layout == "contiguous":
        return value, lambda base: base
    if layout == "empty":
        return value[:0] if value.dim() else value.new_empty(0), lambda base: base
    if layout == "scalar":
        return value.reshape(-1)[0].clone(), lambda base: base
    if value.dim() == 0:
        base = torch.stack([value, value])
        return base, lambda base: base[1]
    if layout == "transposed":
        return value.transpose(0, -1).contiguous(), lambda base: base.transpose(0, -1)
    if layout == "strided":
        return value.repeat_interleave(2, dim=-1), lambda base: base[..., 1::2]
    if layout == "expanded":
        return value[:1].contiguous(), lambda base: base.expand(value.shape)
    raise ValueError(layout)


def tolerance(dtype: str, loose: float = 1.0) -> tuple[float, float]:
    """Relative and absolute tolerance of a dtype, widened by a factor."""
    relative, absolute = TOLERANCES.get(dtype, (0.0, 0.0))
    return relative * loose, absolute * loose


def in_single(argument: Any) -> Any:
    """An argument with half precision widened: the same values, as leaves of their own."""
    if isinstance(argument, (list, tuple)):
        return type(argument)(in_single(part) for part in argument)
    if isinstance(argument, torch.Tensor) and name_of(argument.dtype) in HALVES:
        return argument.detach().float().requires_grad_(argument.requires_grad)
    return argument


def assert_same(
    actual: Any, expected: Any, *, exact: bool = False, loose: float = 1.0, single: Any = None
) -> None:
    """Our result is torch's: type of container, shape, dtype, values; numbers and sizes too.

    Torch rounds half precision between the steps of an operator, which where terms cancel leaves few good digits.
    An element is right, too, if it is what torch computes in `single` precision, rounded once.
    """
    if isinstance(expected, torch.Tensor):
        assert isinstance(actual, st.Tensor), f"a {type(actual).__name__} where torch gives a tensor"
        shape, dtype = tuple(expected.shape), name_of(expected.dtype)
        assert tuple(actual.shape) == shape, f"shape {tuple(actual.shape)} is not torch's {shape}"
        assert name_of(actual.dtype) == dtype, f"dtype {actual.dtype} is not torch's {dtype}"
        relative, absolute = (0.0, 0.0) if exact else tolerance(dtype, loose)
        assert_close(theirs(actual), expected.detach(), relative, absolute, single)
    elif isinstance(expected, (tuple, list)):
        assert len(actual) == len(expected), f"{len(actual)} results where torch gives {len(expected)}"
        singles = [None] * len(expected) if single is None else single
        for mine, reference, wide in zip(actual, expected, singles, strict=True):
            assert_same(mine, reference, exact=exact, loose=loose, single=wide)
    elif isinstance(expected, torch.dtype):
        assert name_of(actual) == name_of(expected)
    elif isinstance(expected, float):
        assert (
            actual == expected
            or (actual != actual and expected != expected)
            or (abs(actual - expected) <= 1e-6 * loose * max(1.0, abs(expected)))
        ), f"{actual} is not torch's {expected}"
    else:
        assert actual == expected, f"{actual!r} is not torch's {expected!r}"


def assert_close(
    actual: torch.Tensor,
    expected: torch.Tensor,
    relative: float,
    absolute: float,
    single: torch.Tensor | None = None,
) -> None:
    """Two torch tensors hold the same values; NaN equals NaN, and a zero tolerance also compares signs of zero."""
    same = elements_close(actual, expected, relative, absolute)
    if single is not None and name_of(expected.dtype) in HALVES:
        same = same | elements_close(actual, single.detach().to(expected.dtype), relative, absolute)
    if not bool(same.all()):
        wrong = (~same).nonzero()
        place = tuple(wrong[0].tolist())
        raise AssertionError(
            f"{len(wrong)} of {expected.numel()} values differ, first at {place}: "
            f"{actual[place].item()!r} is not torch's {expected[place].item()!r}"
        )


def elements_close(
    actual: torch.Tensor, expected: torch.Tensor, relative: float, absolute: float
) -> torch.Tensor:
    """Which elements are close."""
    if not expected.is_floating_point():
        same = actual == expected
    elif relative == absolute == 0.0:
        same = (actual == expected) & (actual.signbit() == expected.signbit())
    else:
        a, e = actual.double(), expected.double()
        same = (a == e) | ((a - e).abs() <= absolute + relative * e.abs())
    if expected.is_floating_point():
        same = same | (actual.isnan() & expected.isnan())
    return same


@contextlib.contextmanager
def collected(limit: int = 8) -> Iterator[Callable[[str], contextlib.AbstractContextManager[None]]]:
    """Many cases in one test: each is named, all run, and the failed ones are reported together."""
    failures: list[str] = []

    @contextlib.contextmanager
    def case(what: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # a failed case must not hide the others
            failures.append(f"{what}: {type(error).__name__}: {error}")

    yield case
    assert not failures, f"{len(failures)} failed\n" + "\n".join(failures[:limit])


def outcome(call: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """What a call gives: its result or its exception."""
    try:
        return call(), None
    except Exception as error:
        return None, error


def assert_same_outcome(mine: Callable[[], Any], reference: Callable[[], Any], **options: Any) -> None:
    """Both calls give the same result, or both raise the same kind of exception."""
    expected, refused = outcome(reference)
    if refused is None:
        assert_same(mine(), expected, **options)
        return
    actual, error = outcome(mine)
    assert error is not None, f"gives {actual!r} where torch raises {type(refused).__name__}: {refused}"
    kinds = (type(refused), NotImplementedError, RuntimeError)
    assert isinstance(error, kinds), f"raises {error!r} where torch raises {refused!r}"
