"""Products of matrices: every broadcasting, size class, layout and dtype; precision, edges and gradients."""

import itertools
import operator
from functools import partial

import pytest
import torch
from reference import assert_same, assert_same_outcome, collected, pair

import spiraltorch_rs as st

SHAPES = [
    (),
    (4,),
    (3, 4),
    (4, 3),
    (4, 4),
    (2, 3, 4),
    (2, 4, 3),
    (1, 4, 4),
    (5, 1, 3, 4),
    (2, 4, 1),
    (1, 4),
    (0, 4),
    (4, 0),
    (2, 0, 4),
]
# Around the tiles' and vectors' edges, one row or column, long and thin.
SIZES = [
    (1, 1, 1), (1, 7, 1), (1, 64, 33), (33, 64, 1), (2, 3, 5), (8, 8, 8), (15, 17, 16), (16, 16, 16), (31, 33, 47),
    (32, 256, 48), (65, 63, 129), (5, 1000, 3), (300, 2, 300), (129, 257, 130), (7, 0, 5), (0, 3, 4),
]  # fmt: skip


def random(*shape, dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(shape, generator=generator, dtype=torch.float64) - 0.5).to(dtype)


@pytest.mark.parametrize("left", SHAPES, ids=str)
def test_every_pair_of_shapes(left):
    with collected() as failures:
        for right in SHAPES:
            (a, ra), (b, rb) = (
                pair(random(*left, dtype=torch.float64)),
                pair(random(*right, dtype=torch.float64, seed=1)),
            )
            with failures(str(right)):
                assert_same_outcome(partial(operator.matmul, a, b), partial(operator.matmul, ra, rb))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_sizes_and_layouts(size):
    m, k, n = size
    with collected() as failures:
        for dtype, loose in ((torch.float32, 16), (torch.float64, 16)):
            for left, right in itertools.product(("plain", "transposed", "strided"), repeat=2):
                a, b = operand(m, k, left, dtype, 0), operand(k, n, right, dtype, 1)
                with failures(f"{left} {right} {dtype}"):
                    assert_same(a[0] @ b[0], a[1] @ b[1], loose=loose)


def operand(rows, columns, layout, dtype, seed):
    """A matrix of both libraries in a layout."""
    if layout == "transposed":
        return tuple(x.t() for x in pair(random(columns, rows, dtype=dtype, seed=seed)))
    if layout == "strided":
        return tuple(x[::2, 1::2] for x in pair(random(2 * rows, 2 * columns, dtype=dtype, seed=seed)))
    return pair(random(rows, columns, dtype=dtype, seed=seed))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("size", [(1, 64, 5), (16, 33, 17), (64, 256, 64), (100, 1000, 3)], ids=str)
def test_half_precision_accumulates_in_single(size, dtype):
    """The result is the exact product rounded once, up to the order of additions in single precision."""
    m, k, n = size
    a, b = (random(*shape, seed=i).to(getattr(torch, dtype)) for i, shape in enumerate([(m, k), (k, n)]))
    exact = (a.double() @ b.double()).to(getattr(torch, dtype))
    product = pair(a)[0] @ pair(b)[0]
    assert_same(product, exact)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "int64"])
def test_integers(dtype):
    kind = getattr(torch, dtype)
    (a, ra), (b, rb) = (
        pair(torch.arange(12).reshape(3, 4).to(kind)),
        pair(torch.arange(20).reshape(4, 5).to(kind)),
    )
    assert_same(a @ b, ra @ rb)
    assert_same(a @ b[:, 0], ra @ rb[:, 0])


def test_an_empty_inner_dimension_gives_zeros():
    assert (st.ones(3, 0) @ st.ones(0, 2)).tolist() == [[0, 0]] * 3
    assert tuple((st.ones(0, 3) @ st.ones(3, 2)).shape) == (0, 2)


def test_nan_and_infinity_spread():
    values = torch.tensor([[float("nan"), 0.0], [float("inf"), 1.0]])
    (a, ra), (b, rb) = pair(values), pair(torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    assert_same(a @ b, ra @ rb)
    assert_same(b @ a, rb @ ra)


@pytest.mark.parametrize(
    ("left", "right"),
    [((3, 4), (4, 5)), ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 5)), ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)),
     ((5, 1, 3, 4), (2, 4, 3)), ((2, 3, 4), (4,)), ((4,), (2, 4, 3)), ((1, 3, 4), (6, 4, 2))],
    ids=str,
)  # fmt: skip
def test_gradients_of_every_order(left, right):
    found = []
    leaves = zip(
        pair(random(*left, dtype=torch.float64), True),
        pair(random(*right, dtype=torch.float64, seed=1), True),
        strict=True,
    )
    for library, (a, b) in zip((st, torch), leaves, strict=True):
        first = library.autograd.grad((a @ b).sin().sum(), [a, b], create_graph=True)
        second = library.autograd.grad(sum((g * g).sum() for g in first), [a, b])
        found.append([*(g.detach() for g in first), *second])
    assert_same(*found, loose=100)


def test_wrong_shapes_name_both():
    with pytest.raises(RuntimeError, match=r"3.*4.*5.*6"):
        st.ones(3, 4) @ st.ones(5, 6)
    with pytest.raises(RuntimeError, match=r"dtype|type"):
        st.ones(3, 3) @ st.ones(3, 3, dtype=st.float64)


def test_a_product_with_its_own_transpose():
    a, reference = pair(random(40, 30))
    assert_same(a @ a.t(), reference @ reference.t(), loose=16)
    assert_same(a.t() @ a, reference.t() @ reference, loose=16)


def test_expanded_batches_are_not_copied_into_the_result():
    (a, ra), (b, rb) = pair(random(3, 4)), pair(random(5, 4, 2, seed=1))
    assert_same(a.expand(5, 3, 4) @ b, ra.expand(5, 3, 4) @ rb, loose=16)
