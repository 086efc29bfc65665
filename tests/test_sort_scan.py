"""Sorting, ranks and scans: sizes across the algorithms' thresholds, ties, NaN, layouts, indices, gradients."""

from functools import partial

import pytest
import torch
from reference import DTYPES, FLOATS, assert_same, assert_same_outcome, collected, pair

import spiraltorch_rs as st

SIZES = [0, 1, 2, 15, 16, 17, 63, 257, 1000, 4097]


def ties(size, dtype="float32"):
    """Few different values in a random order."""
    generator = torch.Generator().manual_seed(size)
    return torch.randint(-20 if dtype != "uint8" else 0, 20, (3, size), generator=generator).to(
        getattr(torch, dtype)
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
def test_stable_sort(size, dtype):
    mine, reference = pair(ties(size, dtype))
    with collected() as failures:
        for descending in (False, True):
            for dim in (0, 1):
                with failures(f"descending {descending} dim {dim}"):
                    options = {"dim": dim, "descending": descending, "stable": True}
                    assert_same(mine.sort(**options), reference.sort(**options), exact=True)
                    assert_same(mine.argsort(**options), reference.argsort(**options), exact=True)
        with failures("transposed"):
            assert_same(mine.t().sort(dim=0, stable=True), reference.t().sort(dim=0, stable=True), exact=True)


@pytest.mark.parametrize("dtype", FLOATS)
def test_nan_infinity_and_zeros(dtype):
    nan, inf = float("nan"), float("inf")
    values = torch.tensor([1.0, nan, -0.0, 0.0, inf, -inf, nan, -1.0, 0.0, -0.0]).to(getattr(torch, dtype))
    mine, reference = pair(values)
    for descending in (False, True):
        options = {"descending": descending, "stable": True}
        assert_same(mine.sort(**options), reference.sort(**options))
    assert_same(mine.topk(4)[0], reference.topk(4)[0])
    assert_same(mine.topk(4, largest=False)[0], reference.topk(4, largest=False)[0])
    assert_same(mine.kthvalue(3)[0], reference.kthvalue(3)[0])
    assert_same(mine.median(), reference.median())


def test_extreme_integers():
    for dtype in ("int8", "int16", "int32", "int64", "uint8"):
        info = torch.iinfo(getattr(torch, dtype))
        values = torch.tensor(
            [info.max, info.min, 0, 1, info.max - 1, info.min + 1], dtype=getattr(torch, dtype)
        )
        mine, reference = pair(values)
        assert_same(mine.sort(stable=True), reference.sort(stable=True), exact=True)
        assert_same(mine.topk(2), reference.topk(2), exact=True)


@pytest.mark.parametrize("size", [5, 100, 3000])
def test_topk_and_kthvalue(size):
    values = torch.randperm(2 * size, generator=torch.Generator().manual_seed(1)).reshape(2, size).float()
    mine, reference = pair(values)
    with collected() as failures:
        for k in (1, 2, 5, size // 2 + 1, size):
            for largest in (True, False):
                with failures(f"topk {k} {largest}"):
                    assert_same(mine.topk(k, largest=largest), reference.topk(k, largest=largest), exact=True)
            with failures(f"kthvalue {k}"):
                assert_same(mine.kthvalue(k), reference.kthvalue(k), exact=True)
        with failures("unsorted"):
            unordered = mine.topk(3, sorted=False)[0].sort()[0]
            assert_same(unordered, reference.topk(3)[0].sort()[0], exact=True)
        with failures("none"):
            assert_same(mine.topk(0), reference.topk(0), exact=True)
    for wrong in (size + 1, -1):
        with pytest.raises(RuntimeError):
            mine.topk(wrong)


def test_a_permutation_is_inverted_by_argsort():
    order = st.randperm(500)
    assert order[order.argsort()].tolist() == list(range(500))
    assert order.argsort().argsort().equal(order)


def test_named_results():
    x = st.tensor([3.0, 1.0, 2.0])
    assert x.sort().values.tolist() == [1, 2, 3]
    assert x.sort().indices.tolist() == [1, 2, 0]
    assert x.max(dim=0).indices.item() == 0
    assert x.topk(1).values.tolist() == [3]


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "cummax", "cummin", "logcumsumexp"])
@pytest.mark.parametrize("shape", [(0,), (1,), (17,), (1025,), (3, 70), (70, 3), (4, 9, 5)], ids=str)
def test_scans(shape, name):
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(shape, generator=generator, dtype=torch.float64) + 0.5
    mine, reference = pair(values)
    with collected() as failures:
        for dim in range(len(shape)):
            with failures(f"dim {dim}"):
                assert_same(getattr(mine, name)(dim), getattr(reference, name)(dim), loose=100)
            with failures(f"dim {dim}, flipped layout"):
                assert_same(
                    getattr(mine.flip(dim), name)(dim), getattr(reference.flip(dim), name)(dim), loose=100
                )
        if len(shape) > 1:
            with failures("transposed"):
                assert_same(
                    getattr(mine.transpose(0, 1), name)(0),
                    getattr(reference.transpose(0, 1), name)(0),
                    loose=100,
                )


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "cummax", "cummin"])
def test_scans_of_nan_and_ties(name):
    nan = float("nan")
    for row in ([1.0, nan, 3.0, 2.0], [2.0, 2.0, 1.0, 1.0, 3.0, 3.0], [float("inf"), 1.0, -float("inf")]):
        mine, reference = pair(torch.tensor(row))
        assert_same(getattr(mine, name)(0), getattr(reference, name)(0))


@pytest.mark.parametrize("dtype", DTYPES)
def test_scan_dtypes(dtype):
    mine, reference = pair(torch.tensor([1, 0, 1, 2, 1]).to(getattr(torch, dtype)))
    for name in ("cumsum", "cumprod"):
        assert_same(getattr(mine, name)(0), getattr(reference, name)(0))
        assert_same(
            getattr(mine, name)(0, dtype=st.float64), getattr(reference, name)(0, dtype=torch.float64)
        )


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "cummax", "logcumsumexp", "sort", "topk"])
def test_gradients(name):
    arguments = {"sort": (1,), "topk": (3, 1)}.get(name, (1,))
    for values in (
        torch.randperm(12, generator=torch.Generator().manual_seed(0)).reshape(3, 4).double() - 5,
    ):
        found = []
        for library, x in zip((st, torch), pair(values, True), strict=True):
            y = getattr(x, name)(*arguments)
            y = y if isinstance(y, library.Tensor) else y[0]
            weights = library.arange(y.numel(), dtype=library.float64).reshape(tuple(y.shape)) + 1
            (first,) = library.autograd.grad((y * weights).sin().sum(), x, create_graph=True)
            (second,) = library.autograd.grad((first * first).sum(), x)
            found.append([first.detach(), second])
        assert_same(*found, loose=1000)


def test_searchsorted_and_bucketize():
    edges = torch.tensor([1.0, 3.0, 3.0, 5.0])
    values = torch.tensor([[0.0, 1.0, 2.0], [3.0, 5.0, 6.0]])
    (e, re), (v, rv) = pair(edges), pair(values)
    with collected() as failures:
        for right in (False, True):
            for name, mine, reference in (
                ("searchsorted", (e, v), (re, rv)),
                ("bucketize", (v, e), (rv, re)),
            ):
                with failures(f"{name}, right {right}"):
                    assert_same_outcome(
                        partial(getattr(st, name), *mine, right=right),
                        partial(getattr(torch, name), *reference, right=right),
                    )


@pytest.mark.parametrize("function", ["sort", "topk", "max", "cummax"])
def test_positions_may_be_written_in_place(function):
    x = ties(7)

    def run(library, x):
        result = getattr(library, function)(x, 2 if function == "topk" else 1)
        positions = result[1]
        positions[0] = 1
        return positions

    assert_same(run(st, st.tensor(x.tolist())), run(torch, x))


def test_whether_it_is_stable_may_be_left_open():
    values = [3.0, 1.0, 2.0, 1.0]
    found = st.tensor(values).sort(stable=None)
    assert found.values.tolist() == torch.tensor(values).sort(stable=None).values.tolist()
