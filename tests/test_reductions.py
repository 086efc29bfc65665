"""Reductions over every set of axes, sizes around the vector width, precision, ties, NaN and empty inputs."""

import itertools
from functools import partial

import pytest
import torch
from reference import DTYPES, FLOATS, assert_same, assert_same_outcome, collected, pair

import spiraltorch_rs as st

NAMES = ["sum", "mean", "amax", "amin", "any", "all", "var", "std", "logsumexp", "count_nonzero"]


def call(x, name, dims, keepdim):
    if name == "count_nonzero":
        return x.count_nonzero(dims)
    return getattr(x, name)(dim=dims, keepdim=keepdim)


@pytest.mark.parametrize("name", NAMES)
def test_every_set_of_axes(name):
    generator = torch.Generator().manual_seed(0)
    mine, reference = pair(torch.randn(3, 4, 2, 5, generator=generator, dtype=torch.float64))
    with collected() as failures:
        for count in range(1, 5):
            for dims in itertools.combinations(range(4), count):
                for keepdim in (False, True):
                    with failures(f"{dims} {keepdim}"):
                        assert_same(call(mine, name, dims, keepdim), call(reference, name, dims, keepdim))
        for order in ((0, 2, 1, 3), (3, 2, 1, 0), (1, 3, 0, 2)):
            with failures(f"permuted {order}"):
                assert_same(
                    call(mine.permute(order), name, (1, 3), False),
                    call(reference.permute(order), name, (1, 3), False),
                )


@pytest.mark.parametrize(
    "shape",
    [(1,), (7,), (16,), (17,), (1023,), (3, 1025), (1025, 3), (257, 64), (0,), (3, 0), (0, 3)],
    ids=str,
)
def test_sizes(shape):
    generator = torch.Generator().manual_seed(0)
    values = torch.randint(-50, 50, shape, generator=generator)
    with collected() as failures:
        for dtype in ("int32", "int64", "uint8", "float32", "float64"):
            kind = getattr(torch, dtype)
            whole = pair(values.to(kind))
            # Near one, so that no product leaves the range: where it would, its order decides.
            factors = pair(1 + values.to(kind) / 5000) if kind.is_floating_point else whole
            for name in ("sum", "prod", "max", "min", "argmax", "argmin", "any", "all"):
                mine, reference = factors if name == "prod" else whole
                with failures(f"{name} {dtype}"):
                    assert_same_outcome(getattr(mine, name), getattr(reference, name), loose=8)
                for dim in range(len(shape)):
                    with failures(f"{name} {dtype} over {dim}"):
                        assert_same_outcome(
                            partial(getattr(mine, name), dim),
                            partial(getattr(reference, name), dim),
                            loose=8,
                        )


@pytest.mark.parametrize("dtype", DTYPES)
def test_result_dtypes(dtype):
    mine, reference = pair(torch.tensor([[0, 1, 2], [3, 1, 0]]).to(getattr(torch, dtype)))
    with collected() as failures:
        for name in ("sum", "prod", "cumsum", "cumprod", "mean", "max", "argmax", "any", "all", "amax"):
            with failures(name):
                dims = (0,) if name.startswith("cum") else ()
                assert_same_outcome(
                    partial(getattr(mine, name), *dims),
                    partial(getattr(reference, name), *dims),
                )
            for other in ("float64", "int32"):
                if name in ("sum", "prod"):
                    with failures(f"{name} as {other}"):
                        assert_same(
                            getattr(mine, name)(dtype=getattr(st, other)),
                            getattr(reference, name)(dtype=getattr(torch, other)),
                        )


def test_bytes_are_added_as_long_integers():
    assert st.full((1000,), 255, dtype=st.uint8).sum().item() == 255_000
    assert st.full((1000,), True).sum().item() == 1000
    assert st.full((4,), 100, dtype=st.int8).prod().item() == 10**8


@pytest.mark.parametrize("dtype", FLOATS)
def test_long_sums_are_precise(dtype):
    """Added in pairs or wider, not one after the other in the dtype."""
    count = 1 << 20
    values = (torch.arange(count) % 7).to(getattr(torch, dtype)) / 8
    exact = values.double().sum().item()
    mine, _ = pair(values)
    tolerance = {"float16": 1.0, "bfloat16": 4e-3, "float32": 1e-6, "float64": 1e-13}[dtype]
    if dtype != "float16":  # (its result is beyond the range)
        assert mine.sum().item() == pytest.approx(exact, rel=tolerance)
    assert mine.mean().item() == pytest.approx(
        exact / count, rel={"float16": 1e-3, dtype: tolerance}[dtype] if dtype != "float16" else 1e-3
    )


def test_variance_far_from_zero_is_precise():
    values = torch.randn(10_000, generator=torch.Generator().manual_seed(0)) + 10_000
    mine, _ = pair(values)
    assert mine.var().item() == pytest.approx(values.double().var().item(), rel=1e-3)
    assert st.full((1000,), 1e4).var().item() == pytest.approx(0, abs=1e-3)


NAN = float("nan")


@pytest.mark.parametrize(
    "name",
    ["max", "min", "amax", "amin", "argmax", "argmin", "sum", "prod", "any", "all", "median", "nansum"],
)
def test_nan_and_infinity(name):
    rows = [[1.0, NAN, 3.0], [NAN, NAN, 0.0], [1.0, float("inf"), -float("inf")], [-0.0, 0.0, -0.0]]
    with collected() as failures:
        for row in rows:
            mine, reference = pair(torch.tensor(row))
            with failures(str(row)):
                assert_same(getattr(mine, name)(), getattr(reference, name)())
        mine, reference = pair(torch.tensor(rows))
        with failures("rows"):
            assert_same(getattr(mine, name)(1), getattr(reference, name)(1))


def test_the_first_of_equals_is_the_argument():
    values = torch.zeros(5000)
    values[[123, 124, 4000]] = 1
    mine, reference = pair(values)
    assert mine.argmax().item() == 123
    mine, reference = pair(torch.tensor([[2, 2, 1], [0, 3, 3]]))
    assert_same(
        [mine.argmax(1), mine.argmin(1), *mine.max(1)],
        [reference.argmax(1), reference.argmin(1), *reference.max(1)],
    )


@pytest.mark.parametrize("name", ["max", "min", "amax", "amin", "prod", "median"])
def test_gradients_at_ties(name):
    for values in ([1.0, 3.0, 3.0, 2.0], [0.0, 0.0, 2.0, 3.0], [0.0, 1.0, 2.0, 3.0], [2.0, 2.0, 2.0, 2.0]):
        mine, reference = pair(torch.tensor(values).double(), requires_grad=True)
        getattr(mine, name)().backward()
        getattr(reference, name)().backward()
        if name == "median" and values[1] == values[2]:
            assert mine.grad.sum().item() == 1
        else:
            assert_same(mine.grad, reference.grad)


@pytest.mark.parametrize("name", ["max", "min", "amax", "amin"])
def test_gradients_with_nan(name):
    nan = float("nan")
    for values in ([1.0, nan, 3.0], [nan, nan, 1.0], [[1.0, nan], [2.0, 5.0]], nan):
        x, reference = pair(torch.tensor(values), requires_grad=True)
        getattr(x, name)().backward()
        getattr(reference, name)().backward()
        assert_same(x.grad, reference.grad)


def test_double_gradient_of_prod_with_zeros():
    for values in ([1.0, 2.0, 3.0], [0.0, 2.0, 3.0], [0.0, 0.0, 3.0]):
        found = []
        for library, x in zip((st, torch), pair(torch.tensor(values).double(), True), strict=True):
            (first,) = library.autograd.grad(x.prod(), x, create_graph=True)
            (second,) = library.autograd.grad(first.sum(), x)
            found.append([first.detach(), second])
        assert_same(*found)


@pytest.mark.parametrize("name", ["max", "min", "argmax", "amax"])
def test_nothing_has_no_extreme(name):
    with pytest.raises((RuntimeError, IndexError, ValueError)):
        getattr(st.zeros(0), name)()
    for library in (st, torch):
        assert tuple(library.zeros(0, 3).amax(1).shape) == (0,)


def test_wrong_axes_are_refused():
    x = st.zeros(2, 3)
    with pytest.raises(IndexError, match="range"):
        x.sum(2)
    with pytest.raises(IndexError, match="range"):
        x.sum(-3)
    with pytest.raises(RuntimeError, match=r"dim|twice|multiple|repeat|unique"):
        x.sum((0, 0))
    with pytest.raises(RuntimeError, match=r"float|dtype|mean"):
        st.zeros(2, dtype=st.int64).mean()


def test_the_same_bits_at_every_run():
    def program():
        st.manual_seed(1)
        x = st.randn(300, 1000)
        drawn = [x.sum(0).tolist(), x.sum(1).tolist(), x.sum().item()]  # fused with the random numbers
        st.realize(x)
        return drawn, [x.sum(0).tolist(), x.sum(1).tolist(), x.sum().item()]

    first = program()
    assert all(program() == first for _ in range(3))
