"""Indexing: every kind of index, alone and mixed, read, written and differentiated, as torch and numpy do."""

import math
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as draws
from reference import (
    DTYPES,
    assert_same,
    assert_same_outcome,
    collected,
    name_of,
    ours,
    outcome,
    pair,
    theirs,
)

import spiraltorch_rs as st

SHAPE = (4, 5, 6)
ROWS = torch.tensor([0, 2, -1])
GRID = torch.tensor([[0, 1], [3, -2]])
MASK = torch.arange(20).reshape(4, 5) % 3 == 0
LINE = torch.tensor([True, False, True, True])

INDICES: dict[str, Any] = {
    "integer": 1,
    "negative integer": -1,
    "integers": (1, -2, 3),
    "slice": slice(1, 3),
    "slice with step": slice(0, 4, 2),
    "slice from the end": slice(-3, -1),
    "slice out of range": slice(2, 100),
    "empty slice": slice(3, 1),
    "slices": (slice(1, 3), slice(None), slice(0, 6, 3)),
    "ellipsis": ...,
    "ellipsis first": (..., 2),
    "ellipsis between": (1, ..., slice(0, 2)),
    "none": None,
    "none between": (slice(None), None, 2),
    "nones": (None, ..., None),
    "true": True,
    "false": False,
    "bool and slice": (True, slice(1, 2)),
    "list": [0, 2, 2],
    "empty list": [],
    "nested list": ([0, 1], [2, 3]),
    "tensor": ROWS,
    "0-d tensor": torch.tensor(2),
    "0-d tensors": (torch.tensor(2), torch.tensor(-1)),
    "grid": GRID,
    "tensors side by side": (ROWS, ROWS),
    "tensors apart": (ROWS, slice(None), ROWS),
    "tensor after slice": (slice(1, 3), ROWS),
    "tensor after ellipsis": (..., ROWS),
    "tensors broadcast": (GRID, torch.tensor([1, 2])),
    "tensor and integer": (ROWS, 2),
    "tensor, slice, integer": (ROWS, slice(None), 2),
    "integer, slice, tensor": (1, slice(None), ROWS),
    "tensor and none": (ROWS, None, slice(1, 3)),
    "none and tensors": (None, ROWS, ROWS),
    "mask": MASK,
    "mask of rows": LINE,
    "mask of columns": (slice(None), torch.tensor([True, False, False, True, True])),
    "mask of columns and rows": (slice(None), slice(None), torch.arange(6) % 2 == 0),
    "mask and tensor": (LINE, ROWS),
    "mask and slice": (LINE, slice(1, 3)),
    "mask and integer": (MASK, 1),
    "empty mask": torch.zeros(4, dtype=torch.bool),
    "empty tensor": torch.zeros(0, dtype=torch.int64),
    "narrow integers": ROWS.to(torch.int32),
    "range": range(1, 3),
    "byte mask": MASK.to(torch.uint8),
    "byte without dimensions": torch.tensor(1, dtype=torch.uint8),
    "zero byte without dimensions": torch.tensor(0, dtype=torch.uint8),
    "list of lists": [[0, 1], [1, 2]],
    "list of tensors": [ROWS, ROWS],
    "list with a slice": [slice(None), [1, 2]],
    "list with an ellipsis": [..., 1],
    "list with none": [None, 1],
    "list of lists of lists": [[[0, 1], [1, 2]]],
    "list of truth values": [True, False, True, True],
}

WRONG: dict[str, Any] = {
    "integer out of range": 4,
    "negative out of range": -5,
    "too many": (0, 0, 0, 0),
    "tensor out of range": torch.tensor([0, 4]),
    "mask of wrong shape": torch.ones(3, dtype=torch.bool),
    "mask of wrong inner shape": torch.ones(4, 6, dtype=torch.bool),
    "shapes that do not broadcast": (torch.tensor([0, 1]), torch.tensor([0, 1, 2])),
    "short tensor": torch.tensor([1, 0, 2]).to(torch.int16),
    "float tensor": torch.tensor([0.0, 1.0]),
    "word": "a",
    "negative step": slice(None, None, -1),
    "zero step": slice(0, 2, 0),
}


def mine(index: Any) -> Any:
    """An index with torch's tensors as ours."""
    if isinstance(index, (tuple, list)):
        return type(index)(mine(part) for part in index)
    return ours(index) if isinstance(index, torch.Tensor) else index


def value(dtype: str = "float64") -> torch.Tensor:
    return torch.arange(math.prod(SHAPE)).reshape(SHAPE).to(getattr(torch, dtype))


@pytest.mark.parametrize("what", INDICES)
def test_read(what):
    index = INDICES[what]
    with collected() as failures:
        for dtype in DTYPES:
            for views in (
                lambda x: x,
                lambda x: x.flip(0),
                lambda x: x[:, :, ::1].transpose(1, 2).transpose(1, 2),
            ):
                x, reference = pair(value(dtype))
                with failures(dtype):
                    assert_same(views(x)[mine(index)], views(reference)[index], exact=True)


@pytest.mark.parametrize("what", INDICES)
def test_write(what):
    index = INDICES[what]
    _, example = pair(value())
    shape = example[index].shape
    generator = torch.Generator().manual_seed(0)
    parts = index if isinstance(index, tuple) else (index,)
    sources = {
        "number": 7,
        "0-d": torch.tensor(3.5).double(),
        "row": torch.rand(shape[-1:], generator=generator).double(),
        "float32": torch.rand(shape[-1:], generator=generator),
        "integers": torch.arange(shape[-1] if shape else 1),
    }
    if not has_repeats(index):
        sources["whole"] = torch.rand(shape, generator=generator).double()
    with collected() as failures:
        for name, source in sources.items():
            for dtype in ("float64", "int64", "bool"):
                x, reference = pair(value(dtype))

                def write(target: Any, at: Any, new: Any) -> Any:
                    target[at] = new
                    return target

                new = ours(source) if isinstance(source, torch.Tensor) else source
                other_dtype = (
                    isinstance(source, torch.Tensor) and source.dim() and name_of(source.dtype) != dtype
                )
                if other_dtype and any(isinstance(part, (torch.Tensor, list)) for part in parts):
                    continue  # torch wants equal dtypes here; a wider choice is no fault
                if "list" in what and name in ("row", "integers", "float32"):
                    continue  # repeated places: the last writer is not fixed
                with failures(f"{name} into {dtype}"):
                    assert_same_outcome(
                        partial(write, x, mine(index), new),
                        partial(write, reference, index, source),
                        exact=True,
                    )


def has_repeats(index: Any) -> bool:
    """Whether an index names an element twice."""
    places = torch.arange(math.prod(SHAPE)).reshape(SHAPE)[index].flatten()
    return len(places.unique()) != len(places)


@pytest.mark.parametrize("what", INDICES)
def test_gradients(what):
    index = INDICES[what]
    x, reference = pair(value() / 10, requires_grad=True)
    (x[mine(index)] ** 2).sum().backward()
    (reference[index] ** 2).sum().backward()
    assert_same(x.grad, reference.grad)


@pytest.mark.parametrize("what", INDICES)
def test_gradients_through_a_write(what):
    index = INDICES[what]
    if has_repeats(index):
        pytest.skip("repeated places: the last writer is not fixed")
    found = []
    for library, leaf, at in (
        (st, pair(value() / 10, True)[0], mine(index)),
        (torch, pair(value() / 10, True)[1], index),
    ):
        source = library.full(tuple(leaf.detach()[at].shape), 0.5, dtype=library.float64).requires_grad_()
        target = leaf * 2
        target[at] = source * 3
        (target**2).sum().backward()
        found.append([leaf.grad, source.grad])
    assert_same(*found)


def write_and_run(x, index):
    x[index] = 0
    x.sum().item()  # a place out of range may be noticed only when the write is run


@pytest.mark.parametrize("what", WRONG)
def test_wrong_indices_are_refused(what):
    x, reference = pair(value())
    index = WRONG[what]
    with pytest.raises(Exception) as expected:  # noqa: PT011 (the kind is torch's)
        reference[index]
    with pytest.raises((expected.type, IndexError, TypeError)):
        x[mine(index)].sum().item()
    with pytest.raises((expected.type, IndexError, TypeError, ValueError)):
        write_and_run(x, mine(index))
    assert tuple(x.shape) == tuple(reference.shape)


def test_a_source_that_does_not_fit_is_refused():
    x = st.zeros(3, 4)
    for wrong in (st.ones(5), st.ones(2, 4), st.ones(2, 3, 4)):
        with pytest.raises(RuntimeError, match=r"shape|expand|size"):
            x[:] = wrong
    assert x.sum().item() == 0


INDEX = draws.one_of(
    draws.integers(-3, 2),
    draws.builds(
        slice,
        draws.integers(-4, 4) | draws.none(),
        draws.integers(-4, 4) | draws.none(),
        draws.integers(1, 3),
    ),
    draws.none(),
    draws.just(...),
    draws.booleans(),
    draws.lists(draws.integers(-3, 2), min_size=3, max_size=3).map(torch.tensor),
    draws.lists(draws.integers(-3, 2), min_size=1, max_size=1).map(torch.tensor),
    draws.lists(draws.booleans(), min_size=3, max_size=3).map(torch.tensor),
)


@settings(max_examples=400)
@given(draws.lists(INDEX, max_size=5))
def test_any_mixture(parts):
    """Any tuple of indices gives torch's result, or an exception where torch gives one."""
    index = tuple(parts)
    x, reference = pair(torch.arange(81.0).reshape(3, 3, 3, 3))
    try:
        expected = reference[index]
    except (IndexError, RuntimeError, TypeError, ValueError):
        with pytest.raises((IndexError, RuntimeError, TypeError, ValueError)):
            x[mine(index)]
        return
    assert_same(x[mine(index)], expected, exact=True)
    x[mine(index)] = -1
    reference[index] = -1
    assert_same(x, reference, exact=True)


def test_index_results_are_views_or_copies_as_in_torch():
    x = st.arange(12.0).reshape(3, 4)
    basic, advanced = x[1, 1:], x[st.tensor([1])]
    x.fill_(9)
    assert basic.tolist() == [9, 9, 9]
    assert advanced.tolist() == [[4, 5, 6, 7]]


# Where an index does not count from the end, the exception torch raises for -1.
FROM_THE_FRONT = {
    "gather": lambda lib, x, i: x.gather(0, i),
    "scatter": lambda lib, x, i: x.scatter(0, i, lib.ones(1)),
    "scatter_add": lambda lib, x, i: x.scatter_add(0, i, lib.ones(1)),
    "scatter_reduce": lambda lib, x, i: x.scatter_reduce(0, i, lib.ones(1), "amax"),
    "index_select": lambda lib, x, i: x.index_select(0, i),
    "index_add": lambda lib, x, i: x.index_add(0, i, lib.ones(1)),
    "index_copy": lambda lib, x, i: x.index_copy(0, i, lib.ones(1)),
    "embedding": lambda lib, x, i: lib.nn.functional.embedding(i, x.reshape(4, 1)),
    "index_fill": lambda lib, x, i: x.index_fill(0, i, 7),
    "take": lambda lib, x, i: x.take(i),
    "index": lambda lib, x, i: x[i],
}


@pytest.mark.parametrize("known", [True, False], ids=["known", "late"])
@pytest.mark.parametrize("name", FROM_THE_FRONT)
def test_negative_indices(name, known):
    call = FROM_THE_FRONT[name]
    expected, refused = outcome(lambda: call(torch, torch.arange(4.0), torch.tensor([-1])))
    index = st.tensor([-1]) if known else st.zeros(1, dtype=st.int64) - 1
    actual, error = outcome(lambda: theirs(call(st, st.arange(4.0), index)))
    assert (error is None) == (refused is None), f"{actual}, {error}; torch: {expected}, {refused}"
    if refused is None:
        assert actual.equal(expected)
    elif known and index.device.type == "cpu":
        assert type(error) is type(refused)


def test_augmented_assignment_through_an_index():
    for library in (st, torch):
        x = library.zeros(3, 4)
        x[1] += 2
        x[:, 1:3] *= 5
        x[library.tensor([0, 2])] -= 1
        x[x > 5] = 0
        assert x.tolist() == [[-1] * 4, [2, 0, 0, 2], [-1] * 4], library.__name__


def test_iteration_length_and_membership():
    x, reference = pair(torch.arange(6).reshape(3, 2))
    assert len(x) == 3
    assert_same(list(x), list(reference))
    assert 4 in x
    assert 9 not in x
    a, b, c = x
    assert_same([a, b, c], list(reference))
    with pytest.raises(TypeError, match="0-d"):
        len(st.tensor(1))
    with pytest.raises(TypeError, match="0-d"):
        iter(st.tensor(1))


def test_a_number_tensor_is_an_index_of_python():
    assert [10, 20, 30][st.tensor(1)] == 20
    assert list(range(5))[st.tensor(1) : st.tensor(3)] == [1, 2]
    with pytest.raises(TypeError):
        [1, 2][st.tensor(1.0)]
