"""`FlopCounterMode` counts what torch's counts, in all and by module."""

import importlib.util
import warnings

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode as _  # noqa: F401

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("attention of other devices is another operator in torch")


def counted(t, run):
    """Of a program on tensors: all, and by module."""
    with t.utils.flop_counter.FlopCounterMode(display=False) as counter:
        run(t)
    sums = {place: sum(counts.values()) for place, counts in counter.get_flop_counts().items()}
    return counter.get_total_flops(), {place: n for place, n in sums.items() if n}


def wanted(t, *shape):
    return t.ones(*shape, requires_grad=True)


OPERATORS = {
    "mm": lambda t: t.mm(t.ones(3, 4), mat2=t.ones(4, 5)),
    "matmul": lambda t: t.ones(2, 3, 4) @ t.ones(4, 5),
    "a vector": lambda t: t.ones(3, 4) @ t.ones(4),
    "bmm": lambda t: t.ones(2, 3, 4).bmm(t.ones(2, 4, 5)),
    "addmm": lambda t: t.addmm(t.ones(5), t.ones(3, 4), t.ones(4, 5)),
    "baddbmm": lambda t: t.baddbmm(t.ones(2, 3, 5), t.ones(2, 3, 4), t.ones(2, 4, 5)),
    "linear": lambda t: t.nn.functional.linear(t.ones(2, 3, 4), t.ones(5, 4)),
    "einsum": lambda t: t.einsum("bij,bjk->bik", t.ones(2, 3, 4), t.ones(2, 4, 5)),
    "short einsum": lambda t: t.einsum("ij,jk", t.ones(3, 4), t.ones(4, 5)),
    "einsum of any": lambda t: t.einsum("...ij,...jk->...ik", t.ones(2, 3, 4), t.ones(2, 4, 5)),
    "conv1d": lambda t: t.nn.functional.conv1d(t.ones(2, 4, 9), t.ones(6, 2, 3), groups=2),
    "conv2d": lambda t: t.nn.functional.conv2d(t.ones(2, 4, 9, 8), t.ones(6, 4, 3, 2), stride=2),
    "transposed": lambda t: t.nn.functional.conv_transpose2d(
        t.ones(2, 4, 5, 6), t.ones(4, 3, 3, 2), stride=2
    ),
    "attention": lambda t: t.nn.functional.scaled_dot_product_attention(
        t.ones(2, 3, 5, 4), t.ones(2, 3, 6, 4), t.ones(2, 3, 6, 4)
    ),
    "sums": lambda t: (t.ones(3, 4) + 1).sum().exp(),
    "backward": lambda t: (wanted(t, 3, 4) @ wanted(t, 4, 5)).sum().backward(),
    "backward of one": lambda t: (wanted(t, 3, 4) @ t.ones(4, 5)).sum().backward(),
    "backward of conv2d": lambda t: (
        t.nn.functional.conv2d(wanted(t, 2, 4, 9, 8), wanted(t, 6, 4, 3, 2)).sum().backward()
    ),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name):
    assert counted(st, OPERATORS[name]) == counted(torch, OPERATORS[name])


def network(t):
    nn = t.nn

    class Network(nn.Module):  # type: ignore[name-defined]
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(3, 4, 3, padding=1)
            self.attention = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
            self.last = nn.Sequential(nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 2))

        def forward(self, x):
            return self.last(self.attention(self.first(x).flatten(1, 2)))

    return Network()


def test_modules_forwards_and_backwards():
    run = lambda t: network(t)(t.ones(2, 3, 8, 8)).sum().backward()  # noqa: E731
    assert counted(st, run) == counted(torch, run)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_recurrent_layers(kind):
    x, layer = st.ones(5, 2, 3), getattr(st.nn, kind)(3, 4, 2, bidirectional=True)
    with st.utils.flop_counter.FlopCounterMode(display=False) as counter:
        layer(x)
    # As linear layers of all of the sequence.
    weights = [p for p in layer.parameters() if p.dim() == 2]
    with st.utils.flop_counter.FlopCounterMode(display=False) as linear:
        for weight in weights:
            st.nn.functional.linear(st.ones(5, 2, weight.shape[1]), weight)
    assert counter.get_total_flops() == linear.get_total_flops()


def test_formulas_of_the_program():
    mapping = {st.sin: lambda x, out_val: x.numel() + out_val.numel()}
    with st.utils.flop_counter.FlopCounterMode(display=False, custom_mapping=mapping) as counter:
        st.sin(st.ones(3))
    assert counter.get_flop_counts() == {"Global": {"sin": 6}}


def test_modules_named_for_nothing_are_warned_of():
    def named(t):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            t.utils.flop_counter.FlopCounterMode(t.nn.Linear(2, 3), display=False)
        return [str(warning.message) for warning in said]

    assert named(st) == named(torch)


@pytest.mark.skipif(not importlib.util.find_spec("tabulate"), reason="tabulate is not installed")
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_table(depth):
    def modules(t):
        """The lines of modules: operators have their own names here."""
        with t.utils.flop_counter.FlopCounterMode(display=False) as counter:
            network(t)(t.ones(2, 3, 8, 8))
        lines = [line.split() for line in counter.get_table(depth).splitlines()]
        return [line for line in lines if line[0] != "-" and not set(line[0]) <= {"-"}]

    assert modules(st) == modules(torch)
