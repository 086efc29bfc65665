"""Gradients that come in parts, or from many small products of one matrix, against torch's sums of them."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from reference import assert_same, pair

import spiraltorch_rs as st

USES: dict[str, Callable[[Any], list[Any]]] = {
    "unbind": lambda x: list(x.unbind(0)),
    "unbind, last": lambda x: list(x.unbind(-1)),
    "chunk": lambda x: list(x.chunk(3, 1)),
    "split, one unused": lambda x: list(x.split([1, 2, 3], 0))[:2],
    "overlapping": lambda x: [x[:-1], x[1:], x[2:4]],
    "interleaved": lambda x: [x[:, 0::2], x[:, 1::2]],
    "in steps": lambda x: [x[::2], x[1::3], x[4:]],
    "the same twice": lambda x: [x[1], x[1], x[1:3], x[1:3]],
    "whole and part": lambda x: [x, x[2], x.narrow(1, 0, 2)],
    "several dimensions": lambda x: [x[0], x[:, 1], x[..., 0], x[1:, 1:]],
    "empty": lambda x: [x[3:3], x[5:]],
    "parts of parts": lambda x: [p for half in x.chunk(2, 0) for p in half.unbind(1)],
}


def total(parts: list[Any]) -> Any:
    """A number that each part has its own share of."""
    return sum((part.sin() * (i + 1) * part).sum() for i, part in enumerate(parts))


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "complex64"])
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_parts(use, dtype):
    x, y = pair(torch.randn(6, 6, 4).to(getattr(torch, dtype)), requires_grad=True)
    for tensor in (x, y):
        out = total(use(tensor))
        (out.abs() if out.is_complex() else out).backward()
    if y.is_complex():
        assert_same(st.view_as_real(x.grad), torch.view_as_real(y.grad), loose=4)
    else:
        assert_same(x.grad, y.grad, loose=4)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_parts_differentiated_again(use):
    x, y = pair(torch.randn(6, 6, 4, dtype=torch.float64), requires_grad=True)
    for library, tensor in ((st, x), (torch, y)):
        (gradient,) = library.autograd.grad(total(use(tensor)), tensor, create_graph=True)
        (gradient * gradient).sum().backward()
    assert_same(x.grad, y.grad)


def test_hooks_see_each_part():
    seen: dict[str, list[Any]] = {"ours": [], "torch": []}
    for name, x in zip(seen, pair(torch.randn(4, 3), requires_grad=True), strict=True):
        first, *rest = x.unbind(0)
        first.register_hook(lambda g, name=name: seen[name].append(g))
        x.register_hook(lambda g, name=name: seen[name].append(g))
        total([first, *rest]).backward()
    for mine, reference in zip(*seen.values(), strict=True):
        assert_same(mine, reference)


@settings(max_examples=60, deadline=None)
@given(
    some.lists(
        some.tuples(some.integers(0, 1), some.integers(0, 6), some.integers(0, 6), some.integers(1, 3)),
        min_size=1,
        max_size=6,
    )
)
def test_any_slices(slices):
    x, y = pair(torch.arange(42.0).reshape(6, 7) / 7, requires_grad=True)
    for tensor in (x, y):
        parts = [tensor[a:b:s] if d == 0 else tensor[:, a:b:s] for d, a, b, s in slices]
        total(parts).backward()
    assert_same(x.grad, y.grad)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_matrix_that_many_products_share(dtype, transposed):
    def last(w: Any, h: Any) -> Any:
        out = h
        for _ in range(5):
            out = (out @ (w.T if transposed else w)).tanh()
        return out.sum()

    w, v = pair((torch.randn(24, 24) / 5).to(getattr(torch, dtype)), requires_grad=True)
    h, g = pair(torch.randn(3, 24).to(getattr(torch, dtype)), requires_grad=True)
    for weight, rows in ((w, h), (v, g)):
        last(weight, rows).backward()
    assert_same(w.grad, v.grad, loose=8)
    assert_same(h.grad, g.grad, loose=8)


def test_a_shared_matrix_differentiated_again():
    w, v = pair(torch.randn(16, 16, dtype=torch.float64) / 4, requires_grad=True)
    mine, theirs = pair(torch.randn(2, 16, dtype=torch.float64))
    for library, weight, rows in ((st, w, mine), (torch, v, theirs)):
        out = ((rows @ weight).tanh() @ weight).sin() @ weight
        (gradient,) = library.autograd.grad(out.sum(), weight, create_graph=True)
        gradient.square().sum().backward()
    assert_same(w.grad, v.grad)
