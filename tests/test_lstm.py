"""The steps of an LSTM as one kernel of the CPU: against torch's, and against the same steps one by one."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch

import spiraltorch_rs as st

# Units around the widths of vectors and panels.
UNITS = [1, 5, 16, 33, 64]


def network(lib: Any, units: int, width: int, **settings: Any) -> Any:
    torch.manual_seed(units)
    model = torch.nn.LSTM(width, units, **settings)
    if lib is torch:
        return model
    ours = st.nn.LSTM(width, units, **settings)
    ours.load_state_dict({k: st.from_numpy(v.numpy().copy()) for k, v in model.state_dict().items()})
    return ours


def numbers(lib: Any, *shape: int) -> Any:
    made = torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))
    return (made if lib is torch else st.tensor(made.numpy())).requires_grad_()


def run(
    lib: Any, units: int, packed: bool, twice: bool, layers: int = 1, bidirectional: bool = False
) -> list[Any]:
    """Outputs, states and gradients of a sum that weighs all of them differently; with those of their squares' sum."""
    width, batch, steps, ways = 3, 6, 5, 1 + bidirectional
    model = network(lib, units, width, num_layers=layers, bidirectional=bidirectional)
    x = numbers(lib, steps, batch, width)
    states = [numbers(lib, layers * ways, batch, units), numbers(lib, layers * ways, batch, units)]
    given = lib.nn.utils.rnn.pack_padded_sequence(x, [5, 5, 4, 2, 2, 1]) if packed else x
    out, ends = model(given, tuple(states))
    if packed:
        out, _ = lib.nn.utils.rnn.pad_packed_sequence(out)
    results = [out, *ends]
    loss = sum((t * lib.arange(t.numel()).reshape(t.shape).cos()).sum() for t in results)
    inputs = [x, *states, *model.parameters()]
    gradients = lib.autograd.grad(loss, inputs, create_graph=twice)
    results += gradients
    if twice:
        results += lib.autograd.grad(sum((g * g).sum() for g in gradients), inputs)
    return results


def close(ours: list[Any], theirs: list[Any]) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        scale = max(1.0, other.abs().max().item())
        torch.testing.assert_close(
            torch.from_numpy(mine.detach().cpu().numpy()), other.detach(), rtol=1e-4, atol=1e-5 * scale
        )


@pytest.mark.parametrize(
    ("units", "packed", "twice"), list(itertools.product(UNITS, [False, True], [False, True]))
)
def test_a_layer_is_torchs(units: int, packed: bool, twice: bool) -> None:
    close(run(st, units, packed, twice), run(torch, units, packed, twice))


@pytest.mark.parametrize(("packed", "twice"), list(itertools.product([False, True], [False, True])))
def test_layers_in_both_directions_are_torchs(packed: bool, twice: bool) -> None:
    settings = {"packed": packed, "twice": twice, "layers": 2, "bidirectional": True}
    close(run(st, 20, **settings), run(torch, 20, **settings))


def test_the_number_of_threads_changes_no_bit() -> None:
    before = st.get_num_threads()
    made = []
    for threads in (1, 2, 3):
        st.set_num_threads(threads)
        made.append(run(st, 70, True, False))
    st.set_num_threads(before)
    for results in made[1:]:
        assert all(st.equal(a, b) for a, b in zip(made[0], results, strict=True))


def test_only_the_last_state_may_be_used() -> None:
    def gradient(lib: Any) -> Any:
        model, x = network(lib, 9, 3), numbers(lib, 4, 2, 3)
        _, (h, _) = model(x)
        return lib.autograd.grad(h.sum(), [x, *model.parameters()])

    close(gradient(st), gradient(torch))


@pytest.mark.cpu_only("elsewhere a layer goes step by step")
def test_one_kernel_does_all_steps() -> None:
    model, x = st.nn.LSTM(3, 8), st.ones(50, 2, 3)
    st.realize(x, *model.parameters())
    assert len(st.explain(lambda: model(x)[0])) < 6


def test_vmap_and_forward_mode_go_step_by_step() -> None:
    model = st.nn.LSTM(3, 8)
    x = st.randn(4, 5, 2, 3)
    alone = st.stack([model(each)[0] for each in x])
    st.testing.assert_close(st.vmap(lambda each: model(each)[0])(x), alone)
    tangent = st.randn(5, 2, 3)
    moved = st.func.jvp(lambda each: model(each)[0], (x[0],), (tangent,))[1]
    step = 1e-2
    around = [model(x[0] + sign * step * tangent)[0] for sign in (1, -1)]
    st.testing.assert_close(moved, (around[0] - around[1]) / (2 * step), rtol=1e-2, atol=1e-3)
