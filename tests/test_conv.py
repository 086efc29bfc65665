"""Convolutions against torch: all parameters in one, two and three dimensions, odd sizes, gradients twice."""

import itertools
from functools import partial

import pytest
import torch
from reference import assert_same, assert_same_outcome, collected, ours, pair, theirs

import spiraltorch_rs as st

F = torch.nn.functional


def random(*shape, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(shape, generator=generator, dtype=torch.float64) - 0.5).to(dtype)


def compare(name, image, weight, bias, loose=16, **options):
    """Values, first gradients and second gradients of one convolution."""
    found = []
    operands = [pair(x, True) if x is not None else (None, None) for x in (image, weight, bias)]
    for side, library in enumerate((st, torch)):
        leaves = [operand[side] for operand in operands]
        y = getattr(library.nn.functional, name)(*leaves, **options)
        wanted = [leaf for leaf in leaves if leaf is not None]
        first = library.autograd.grad((y * y).sum(), wanted, create_graph=True)
        second = library.autograd.grad(sum((g * g).sum() for g in first), wanted)
        found.append([y.detach(), *(g.detach() for g in first), *second])
    assert_same(*found, loose=loose)


@pytest.mark.parametrize("stride", [1, 2, (2, 3)], ids=str)
@pytest.mark.parametrize("padding", [0, 1, (2, 0)], ids=str)
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_conv2d(stride, padding, groups):
    with collected() as failures:
        for dilation, kernel in itertools.product([1, 2], [(1, 1), (3, 3), (2, 3)]):
            with failures(f"dilation {dilation} kernel {kernel}"):
                image, weight = random(2, 4, 7, 8), random(8, 4 // groups, *kernel, seed=1)
                options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
                compare("conv2d", image, weight, random(8, seed=2), **options)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2])
def test_transposed(n, stride):
    with collected() as failures:
        for padding, extra, groups in itertools.product([0, 1], [0, 1], [1, 2]):
            if extra >= stride:
                continue
            with failures(f"padding {padding} output_padding {extra} groups {groups}"):
                image, weight = random(2, 4, *(5, 4, 3)[:n]), random(4, 6 // groups, *(3, 2, 2)[:n], seed=1)
                options = {"stride": stride, "padding": padding, "output_padding": extra, "groups": groups}
                compare(f"conv_transpose{n}d", image, weight, random(6, seed=2), loose=64, **options)


@pytest.mark.parametrize("n", [1, 3])
def test_other_ranks(n):
    image, weight = random(2, 3, *(9, 6, 5)[:n]), random(4, 3, *(3, 2, 2)[:n], seed=1)
    with collected() as failures:
        for options in ({}, {"stride": 2}, {"padding": 1}, {"dilation": 2}, {"padding": "same"}):
            with failures(str(options)):
                compare(f"conv{n}d", image, weight, None, **options)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize(
    "sizes",
    [
        (1, 1, 5, 5, 1, 3),
        (2, 3, 9, 11, 5, 3),
        (1, 16, 14, 14, 32, 3),
        (2, 64, 7, 7, 17, 1),
        (1, 3, 32, 32, 8, 7),
    ],
    ids=str,
)
def test_dtypes_and_sizes(sizes, dtype):
    """Compared with the convolution in double precision, rounded once."""
    batch, channels, height, width, out, kernel = sizes
    kind = getattr(torch, dtype)
    image, weight = (
        random(batch, channels, height, width, dtype=kind),
        random(out, channels, kernel, kernel, seed=1, dtype=kind),
    )
    exact = F.conv2d(image.double(), weight.double(), padding=kernel // 2).to(kind)
    y = st.nn.functional.conv2d(pair(image)[0], pair(weight)[0], padding=kernel // 2)
    assert_same(y, exact, loose=8 if dtype == "float32" else 1)


def test_layouts():
    image, weight = random(2, 6, 7, 4), random(5, 4, 3, 3, seed=1)
    (x, rx), (w, rw) = pair(image), pair(weight)
    y = st.nn.functional.conv2d(x.permute(0, 3, 1, 2), w.transpose(2, 3), padding=1)
    assert_same(y, F.conv2d(rx.permute(0, 3, 1, 2), rw.transpose(2, 3), padding=1), loose=16)


@pytest.mark.parametrize(
    ("image", "weight", "options"),
    [
        ((2, 3, 5, 5), (4, 2, 3, 3), {}),
        ((2, 3, 2, 2), (4, 3, 3, 3), {}),
        ((2, 3, 5), (4, 3, 3, 3), {"groups": 2}),
        ((2, 4, 5, 5), (4, 4, 3, 3), {"stride": 0}),
        ((2, 4, 5, 5), (4, 4, 3, 3), {"padding": -1}),
        ((2, 4, 5, 5), (4, 4, 3, 3), {"groups": 3}),
        ((2, 4, 5, 5), (4, 4, 3, 3), {"padding": "same", "stride": 2}),
    ],
    ids=str,
)
def test_wrong_shapes_are_refused(image, weight, options):
    mine, reference = (
        partial(lib.nn.functional.conv2d, lib.zeros(*image), lib.zeros(*weight), **options)
        for lib in (st, torch)
    )
    assert_same_outcome(mine, reference)


def test_an_empty_batch():
    mine, reference = (
        lib.nn.functional.conv2d(lib.zeros(0, 3, 5, 5), lib.zeros(4, 3, 3, 3)) for lib in (st, torch)
    )
    assert_same(mine, reference)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("which", ["input", "weight"])
def test_gradients_by_themselves(n, which):
    x, w = torch.randn(2, 4, *[6] * n, dtype=torch.float64), torch.randn(6, 2, *[3] * n, dtype=torch.float64)
    settings = {"stride": 2, "padding": 1, "dilation": 1, "groups": 2}
    g = torch.randn_like(getattr(torch.nn.functional, f"conv{n}d")(x, w, **settings))
    other = w if which == "input" else x

    def gradient(library, other, g):
        given = (x.shape, other) if which == "input" else (other, w.shape)
        return getattr(library.nn.grad, f"conv{n}d_{which}")(*given, g, **settings)

    mine, mine_other = ours(g, requires_grad=True), ours(other, requires_grad=True)
    torch.testing.assert_close(theirs(gradient(st, mine_other, mine)), gradient(torch, other, g))
    # They are functions on the tape themselves.
    leaves = [other.clone().requires_grad_(), g.clone().requires_grad_()]
    expected = torch.autograd.grad(gradient(torch, *leaves).square().sum(), leaves)
    found = st.autograd.grad(gradient(st, mine_other, mine).square().sum(), [mine_other, mine])
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(theirs(a), b)
