"""Tensors from nothing, from Python's numbers and from other tensors: values, dtypes, flags, refusals."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from reference import DTYPES, FLOATS, assert_same, assert_same_outcome, collected, name_of

import spiraltorch_rs as st

NESTED = [
    1, 2.5, True, [], [[]], [[], []], [1, 2], [1, 2.5], [True, 2], [True, False], [[1, 2], [3, 4]], (1, (2)),
    [[1.5], [2]], [[[1], [2]], [[3], [4]]], range(4), 2**40, [float("nan"), float("inf")], [[True], [1.5]], -(2**63),
    [1e300, 1],
]  # fmt: skip


@pytest.mark.parametrize("data", NESTED, ids=str)
def test_tensor_from_python(data):
    assert_same(st.tensor(data), torch.tensor(data), exact=True)
    with collected() as failures:
        for name in DTYPES:
            with failures(name):
                assert_same_outcome(
                    partial(st.tensor, data, dtype=getattr(st, name)),
                    partial(torch.tensor, data, dtype=getattr(torch, name)),
                    exact=True,
                )


@pytest.mark.parametrize(
    "data", [[[1, 2], [3]], [1, [2]], "abc", [object], [[1], 2], {"a": 1}, [None], 2**70], ids=str
)
def test_tensor_from_what_is_none(data):
    with pytest.raises((ValueError, TypeError, RuntimeError, OverflowError)):
        st.tensor(data)


def test_a_list_of_tensors_and_numpy_numbers():
    for library in (st, torch):
        made = library.tensor([library.tensor(1.0), library.tensor(2.0)])
        assert made.tolist() == [1, 2]
    assert st.tensor(np.float64(1.5)).dtype == st.float64
    assert st.tensor([np.int32(1), np.int32(2)]).tolist() == [1, 2]
    assert st.tensor(np.arange(6).reshape(2, 3)).tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("kind", [np.complex64, np.complex128])
def test_complex_numbers_of_numpy_are_numbers(kind):
    number, values = kind(1 + 2j), np.array([1 - 1j, 3j], np.complex64)
    tensor = st.tensor(values)
    for made, wanted in (
        (tensor * number, values * number),
        (st.add(tensor, number), values + number),
        (st.full((2,), number), np.full(2, number, np.complex64)),
    ):
        assert made.dtype == st.complex64
        np.testing.assert_allclose(made.numpy(), wanted, rtol=1e-6)


def test_tensor_copies():
    array = np.zeros(3, dtype=np.float32)
    x = st.tensor(array)
    array[0] = 5
    assert x.tolist() == [0, 0, 0]


CALLS = {
    "zeros": lambda lib, **kw: lib.zeros(2, 3, **kw),
    "ones": lambda lib, **kw: lib.ones((2, 3), **kw),
    "full": lambda lib, **kw: lib.full((2,), 1, **kw),
    "arange": lambda lib, **kw: lib.arange(5, **kw),
    "arange of three": lambda lib, **kw: lib.arange(1, 11, 3, **kw),
    "eye": lambda lib, **kw: lib.eye(2, 3, **kw),
    "empty size": lambda lib, **kw: lib.zeros(0, 3, **kw),
    "no size": lambda lib, **kw: lib.ones((), **kw),
}


@pytest.mark.parametrize("what", CALLS)
def test_factories(what):
    with collected() as failures:
        for name in DTYPES:
            with failures(name):
                if "arange" in what and name == "bool":
                    continue
                mine, reference = (CALLS[what](lib, dtype=getattr(lib, name)) for lib in (st, torch))
                assert_same(mine, reference, exact=True)
                assert mine.is_contiguous()
        with failures("default"):
            assert_same(CALLS[what](st), CALLS[what](torch), exact=True)
        with failures("requires_grad"):
            kwargs = {"requires_grad": True}
            mine = CALLS[what](st, dtype=st.float32, **kwargs)
            assert mine.requires_grad
            assert mine.is_leaf


@pytest.mark.parametrize(
    "arguments",
    [(0, 1, 0.1), (5, 1, -1.5), (0, 0), (3, 3, -1), (0.5, 3), (-3, 4, 2), (0, 1e-3, 1e-4), (1, 0)],
    ids=str,
)
def test_arange(arguments):
    assert_same_outcome(lambda: st.arange(*arguments), lambda: torch.arange(*arguments))


@pytest.mark.parametrize("arguments", [(0, 5, 0), (0, float("inf")), (0, float("nan"))], ids=str)
def test_arange_refuses(arguments):
    with pytest.raises((RuntimeError, ValueError)):
        st.arange(*arguments)


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 7, 100])
@pytest.mark.parametrize("name", FLOATS)
def test_linspace_ends_where_it_should(steps, name):
    found = [lib.linspace(-1, 3, steps, dtype=getattr(lib, name)) for lib in (st, torch)]
    assert_same(*found, loose=2)
    if steps > 1:
        assert found[0][-1].item() == 3


def test_likes_take_dtype_and_shape():
    with collected() as failures:
        for name in DTYPES:
            for function in ("zeros_like", "ones_like", "empty_like"):
                with failures(f"{function} {name}"):
                    mine = getattr(st, function)(st.zeros(3, 4, dtype=getattr(st, name)).t())
                    assert tuple(mine.shape) == (4, 3)
                    assert name_of(mine.dtype) == name
    assert st.full_like(st.zeros(2), 5, dtype=st.int64).tolist() == [5, 5]
    assert st.zeros(2, dtype=st.int8).new_ones(3).dtype == st.int8
    assert st.zeros(2, dtype=st.int8).new_tensor([1, 2]).tolist() == [1, 2]


def test_empty_has_shape_and_dtype_and_may_be_written():
    x = st.empty(2, 3, dtype=st.int16)
    assert (tuple(x.shape), x.dtype) == ((2, 3), st.int16)
    assert x.fill_(3).sum().item() == 18
    assert st.empty(0).numel() == 0


def test_negative_and_huge_sizes_are_refused():
    with pytest.raises((RuntimeError, ValueError)):
        st.zeros(-1)
    for function in (st.zeros, st.ones, st.empty):
        with pytest.raises((RuntimeError, MemoryError, ValueError, OverflowError)):
            function(2**40, 2**40).sum().item()
    assert st.ones(3).sum().item() == 3


def test_meshgrid_of_factories_is_independent():
    x, y = st.zeros(3), st.zeros(3)
    x.add_(1)
    assert y.tolist() == [0, 0, 0]
    a = st.full((2,), 2.0)
    b = a.clone()
    a.zero_()
    assert b.tolist() == [2, 2]


def test_item_and_tolist():
    assert st.tensor(2.5).item() == 2.5
    assert type(st.tensor(True).item()) is bool
    assert type(st.tensor([[3]]).item()) is int
    assert math.isnan(st.tensor(float("nan")).item())
    assert st.tensor(2**62).item() == 2**62
    assert st.tensor([[1.5, 2], [3, 4]]).tolist() == [[1.5, 2], [3, 4]]
    assert st.zeros(2, 0).tolist() == [[], []]
    with pytest.raises(RuntimeError, match=r"item|[Ss]calar|elements"):
        st.ones(2).item()
    assert float(st.tensor(2)) == 2.0
    assert int(st.tensor(2.9)) == 2
    assert bool(st.tensor([0.1]))
    assert complex(st.tensor(1.0)) == 1 + 0j
    with pytest.raises(RuntimeError, match="ambiguous"):
        bool(st.ones(2))


@pytest.mark.cpu_only("it sets the default device")
def test_the_default_device_is_where_new_tensors_are():
    assert str(st.get_default_device()) == "cpu"
    st.set_default_device("cpu")
    made = [st.ones(1), st.tensor([1]), st.arange(2), st.rand(1), st.empty(1), st.eye(1), st.full((1,), 2)]
    assert {str(x.device) for x in made} == {"cpu"}
    with pytest.raises(RuntimeError, match="banana"):
        st.set_default_device("banana")
    st.set_default_device(None)


def test_tensors_in_lists_are_numbers():
    for make in (
        lambda lib: lib.tensor([lib.tensor([1]), lib.tensor([3])]),
        lambda lib: lib.tensor([(lib.tensor(1.5), 2), (lib.tensor([3]), 4)]),
        lambda lib: lib.tensor([2**63, -(2**64)], dtype=lib.float64),
        lambda lib: lib.tensor(2**70, dtype=lib.bool),
    ):
        got, want = make(st), make(torch)
        assert got.tolist() == want.tolist()
        assert str(got.dtype).split(".")[1] == str(want.dtype).split(".")[1]


@pytest.mark.parametrize("data", [[1e-4], [[1e-4, 1e100]], [2**53 + 1], [True], [300], [-1], [1.7]], ids=str)
@pytest.mark.parametrize("name", ["DoubleTensor", "FloatTensor", "LongTensor", "ByteTensor", "BoolTensor"])
def test_old_classes_take_data_at_once(name, data):
    outcomes = []
    for library in (torch, st):
        made = getattr(library, name)
        for build in (made, lambda data, made=made: made().new(data)):
            try:
                outcomes.append(build(data).tolist())
            except RuntimeError as error:
                outcomes.append(type(error).__name__)
    assert outcomes[2:] == outcomes[:2]
