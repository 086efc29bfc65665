"""uint16, uint32 and uint64: made, cast, viewed, compared, computed with and written to files, as torch does."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import spiraltorch_rs as st

DTYPES = ("uint16", "uint32", "uint64")
LARGE = {"uint16": 2**16 - 1, "uint32": 2**32 - 1, "uint64": 2**64 - 1}
OPERATORS = {
    "mul": lambda t, a, b: a * b,
    "div": lambda t, a, b: a / b,
    "eq": lambda t, a, b: a == b,
    "bitwise_and": lambda t, a, b: a & b,
    "bitwise_or": lambda t, a, b: a | b,
    "bitwise_xor": lambda t, a, b: a ^ b,
    "sum": lambda t, a, b: a.sum(),
    "prod": lambda t, a, b: b.prod(),
    "sort": lambda t, a, b: a.sort().values,
    "cumsum": lambda t, a, b: b.cumsum(0),
    "cat": lambda t, a, b: t.cat([a, b]),
    "flip": lambda t, a, b: a.flip(0),
    "index": lambda t, a, b: a[[2, 0]],
    "gather": lambda t, a, b: a.gather(0, t.tensor([1, 1])),
    "float": lambda t, a, b: a.float(),
    "double": lambda t, a, b: a.double(),
    "long": lambda t, a, b: b.long(),
    "bool": lambda t, a, b: a.bool(),
    "exp": lambda t, a, b: b.exp(),
    "add float": lambda t, a, b: b + 1.5,
    "bytes": lambda t, a, b: a.view(t.uint8),
    "unique": lambda t, a, b: b.unique(),
    "equal": lambda t, a, b: t.tensor(t.equal(a, a)),
}

# What torch has not for these dtypes (or has for numbers only), beside numpy.
PAIRS = {
    "add": np.add,
    "sub": np.subtract,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,
    "fmod": np.fmod,
    "pow": np.power,
    "gcd": np.gcd,
    "maximum": np.maximum,
    "fmin": np.fmin,
    "lt": np.less,
    "ge": np.greater_equal,
    "bitwise_right_shift": np.right_shift,
}
SINGLES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "max": (lambda x: x.max(), np.max),
    "min": (lambda x: x.min(), np.min),
    "amax": (lambda x: x.amax(1), lambda x: x.max(1)),
    "amin": (lambda x: x.amin(0), lambda x: x.min(0)),
    "max of rows": (lambda x: x.max(1).values, lambda x: x.max(1)),
    "argmax": (lambda x: x.argmax(0), lambda x: x.argmax(0)),
    "argmin": (lambda x: x.argmin(), np.argmin),
    "aminmax": (lambda x: x.aminmax(dim=0).min, lambda x: x.min(0)),
    "cummax": (lambda x: x.cummax(1).values, lambda x: np.maximum.accumulate(x, 1)),
    "topk": (lambda x: x.topk(3, 1).values, lambda x: np.sort(x, 1)[:, :-4:-1]),
    "kthvalue": (lambda x: x.kthvalue(3, 1).values, lambda x: np.sort(x, 1)[:, 2]),
    "median": (lambda x: x.median(0).values, lambda x: np.sort(x, 0)[(len(x) - 1) // 2]),
    "abs": (lambda x: x.abs(), np.abs),
    "sign": (lambda x: x.sign(), np.sign),
    "clamp": (lambda x: x.clamp(3, 7), lambda x: np.clip(x, 3, 7)),
    "fused": (lambda x: (x // 3 + x % 5).amax(1), lambda x: (x // 3 + x % 5).max(1)),
}


def both(dtype: str) -> list[tuple[Any, Any, Any]]:
    values = np.array([1, 2, LARGE[dtype], 7], dtype=dtype), np.array([3, 2, 2, 1], dtype=dtype)
    return [(st, *map(st.tensor, values)), (torch, *map(torch.tensor, values))]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator(name: str, dtype: str) -> None:
    mine, theirs = (OPERATORS[name](*arguments) for arguments in both(dtype))
    assert str(mine.dtype).rpartition(".")[2] == str(theirs.dtype).rpartition(".")[2]
    np.testing.assert_allclose(mine.numpy(), theirs.numpy(), 1e-6)


def at_the_edges(dtype: str) -> Any:
    top = LARGE[dtype]
    numbers = [1, 2, 3, 5, 63, top, top - 1, top // 2, top // 2 + 1, top // 2 + 2, top // 3, 7]
    return np.array(numbers, dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", PAIRS)
def test_large_numbers_in_pairs(name: str, dtype: str) -> None:
    numbers = at_the_edges(dtype)
    a, b = np.repeat(numbers, len(numbers)), np.tile(numbers, len(numbers))
    if name == "bitwise_right_shift":
        b = b % (8 * b.itemsize)
    mine = getattr(st, name)(st.tensor(a), st.tensor(b))
    np.testing.assert_array_equal(mine.numpy(), PAIRS[name](a, b))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SINGLES)
def test_large_numbers(name: str, dtype: str) -> None:
    numbers = np.random.default_rng(0).choice(at_the_edges(dtype), (9, 7))
    ours, theirs = SINGLES[name]
    np.testing.assert_array_equal(ours(st.tensor(numbers)).numpy(), theirs(numbers))


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_conversions_are_rounded_once(dtype: str, kind: str) -> None:
    rng = np.random.default_rng(0)
    numbers = rng.integers(0, LARGE[dtype], 4000, dtype=dtype, endpoint=True) >> rng.integers(
        0, 16, 4000
    ).astype(dtype)
    mine, theirs = (t.tensor(numbers).to(getattr(t, kind)) for t in (st, torch))
    np.testing.assert_array_equal(mine.numpy(), theirs.numpy())
    small = theirs[theirs.double() < float(LARGE[dtype])]
    back = st.tensor(small.numpy()).to(getattr(st, dtype))
    assert back.tolist() == small.to(getattr(torch, dtype)).tolist()


NUMBERS: dict[str, Callable[[Any, Any, int], Any]] = {
    "eq": lambda t, x, k: x == k,
    "mul": lambda t, x, k: x * k,
    "bitwise_and": lambda t, x, k: x & k,
    "clamp": lambda t, x, k: x.clamp_max(k),
    "fill": lambda t, x, k: x.clone().fill_(k),
    "full": lambda t, x, k: t.full((2,), k, dtype=t.uint64),
    "full of an integer": lambda t, x, k: t.full((2,), k, dtype=t.int64),
    "new_full": lambda t, x, k: x.new_full((2,), k),
    "write": lambda t, x, k: x.__setitem__(0, k) or x,
    "where": lambda t, x, k: t.where(x == 1, x, k),
    "isin": lambda t, x, k: t.isin(x, k),
    "float": lambda t, x, k: t.tensor([1.0, 2.0]) + k,
    "float from": lambda t, x, k: k - t.tensor([1.0, 2.0]),
    "int": lambda t, x, k: t.tensor([1, 2]) * k,
    "its element": lambda t, x, k: t.full((2,), x[1], dtype=t.float64),
}


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63) - 1])
@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_from_python(name: str, number: int) -> None:
    outcomes = []
    for t in (torch, st):
        x: Any = t.tensor([1, 2**63 + 5, 2**64 - 1], dtype=t.uint64)  # type: ignore[attr-defined]
        try:
            outcomes.append(NUMBERS[name](t, x, number).tolist())
        except (RuntimeError, OverflowError, ValueError) as error:
            outcomes.append(type(error).__name__)
    assert outcomes[1] == outcomes[0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_in_and_out(dtype: str) -> None:
    largest, kind = LARGE[dtype], getattr(st, dtype)
    array = np.array([0, 5, largest], dtype=dtype)
    mine, theirs = st.from_numpy(array), torch.from_numpy(array)
    assert mine.tolist() == theirs.tolist()
    assert mine[2].item() == int(mine[2]) == largest
    assert repr(mine) == repr(theirs).replace("torch", "spiraltorch_rs")
    assert (mine.numpy() == array).all()
    assert mine.numpy().dtype == array.dtype
    assert st.iinfo(kind).max == largest
    assert st.iinfo(kind).min == 0
    assert not kind.is_signed
    assert kind.itemsize == array.itemsize
    assert not mine.is_floating_point()
    assert st.zeros(2, dtype=kind).tolist() == [0, 0]
    assert st.full((2,), 7, dtype=kind).tolist() == [7, 7]
    assert st.tensor([1.9, 3.0]).to(kind).tolist() == [1, 3]
    assert mine.to(st.uint8).tolist() == [0, 5, 255]


@pytest.mark.parametrize("name", [*DTYPES, "complex32"])
def test_files(name: str) -> None:
    kind = getattr(st, name)
    mine = st.tensor([1, 2, 3], device="cpu").to(kind)  # files of torch know no WGPU
    file = io.BytesIO()
    st.save({"x": mine}, file)
    file.seek(0)
    theirs = torch.load(file)["x"]
    assert str(theirs.dtype) == f"torch.{name}"
    assert theirs.tolist() == mine.tolist()
    file = io.BytesIO()
    torch.save({"x": theirs}, file)
    file.seek(0)
    again = st.load(file)["x"]
    assert again.dtype == kind
    assert again.tolist() == mine.tolist()
