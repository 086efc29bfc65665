"""Cycles of Python objects that lead through the tape, and the garbage collector that finds them."""

import gc
import weakref

import pytest
import torch

import spiraltorch_rs as st

BOTH = pytest.mark.parametrize("library", [st, torch], ids=["ours", "torch"])


class Sentinel:
    """Lives as long as the function that refers to it."""


def _keeping(*others):
    def hook(*gradients):
        del gradients
        return None if others else others

    return hook


def _around_a_leaf(library, kept):
    x = library.ones(2, requires_grad=True)
    x.register_hook(_keeping(x, kept))


def _around_a_node(library, kept):
    node = library.ones(2, requires_grad=True).exp().grad_fn
    node.register_hook(_keeping(node, kept))
    node.register_prehook(_keeping(node, kept))


def _around_a_users_function(library, kept):
    class Keeps(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            ctx.kept, ctx.result = kept, x * 2
            return ctx.result

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    Keeps.apply(library.ones(2, requires_grad=True))


@BOTH
@pytest.mark.parametrize("around", [_around_a_leaf, _around_a_node, _around_a_users_function])
def test_cycles_through_the_tape_are_collected(library, around):
    kept = Sentinel()
    seen = weakref.ref(kept)
    around(library, kept)
    del kept
    gc.collect()
    assert seen() is None


@BOTH
def test_what_the_graph_still_needs_is_not_collected(library):
    calls = []

    def hooked():
        x = library.ones(2, requires_grad=True)
        y = x * 2
        node = y.grad_fn
        node.register_hook(lambda inputs, outputs: calls.append(node.name()))
        x.register_hook(lambda gradient: calls.append(tuple(x.shape)))
        return y.sum()

    total = hooked()
    gc.collect()
    total.backward()
    assert calls == ["MulBackward0", (2,)]


@pytest.mark.parametrize("step", [1, 3])
def test_tensors_are_made_while_garbage_is_collected(step):
    """The collector comes when it likes, also while an object has no tensor yet."""
    before = gc.get_threshold()
    gc.set_threshold(step, 2, 2)
    try:
        made = [st.ones(2, requires_grad=True) * i for i in range(40)]
        nodes = [tensor.grad_fn for tensor in made]
    finally:
        gc.set_threshold(*before)
    assert [tensor.tolist()[0] for tensor in made] == [float(i) for i in range(40)]
    assert {node.name() for node in nodes} == {"MulBackward0"}
