"""uint16, uint32 and uint64: made, cast, viewed, compared, computed with and written to files, as torch does."""

import io
from typing import Any

import numpy as np
import pytest
import torch

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("GPUs have no kernels for unsigned integers wider than a byte")

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


def both(dtype: str) -> list[tuple[Any, Any, Any]]:
    values = np.array([1, 2, LARGE[dtype], 7], dtype=dtype), np.array([3, 2, 2, 1], dtype=dtype)
    return [(st, *map(st.tensor, values)), (torch, *map(torch.tensor, values))]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator(name: str, dtype: str) -> None:
    mine, theirs = (OPERATORS[name](*arguments) for arguments in both(dtype))
    assert str(mine.dtype).rpartition(".")[2] == str(theirs.dtype).rpartition(".")[2]
    np.testing.assert_allclose(mine.numpy(), theirs.numpy(), 1e-6)


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
    mine = st.tensor([1, 2, 3]).to(kind)
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
