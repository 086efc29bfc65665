"""The device `meta`: each program runs in both libraries, and what it tells is compared."""

import pytest
import torch
from twins import Program, attempt, same, told

import spiraltorch_rs as st

PROGRAMS: list[Program] = []


def both(program: Program) -> Program:
    """A program that must tell the same in both libraries."""
    PROGRAMS.append(program)
    return program


def described(x):
    return [str(x.device), tuple(x.shape), str(x.dtype), x.is_meta]


@both
def what_they_look_like(t):
    return [
        repr(t.empty(3, 4, device="meta")),
        repr(t.zeros(2, dtype=t.int64, device="meta")),
        repr(t.empty((), device="meta", dtype=t.complex64)),
        repr(t.nn.Parameter(t.empty(2, device="meta"))),
        repr(t.empty(0, 3, device="meta")),
        str(t.device("meta")),
        t.empty(2, device="meta").data_ptr(),
        t.empty(2**40, device="meta").untyped_storage().nbytes(),
    ]


@both
def what_operators_give(t):
    x = t.empty(3, 4, device="meta")
    square = t.empty(3, 3, device="meta")
    F = t.nn.functional
    results = [
        x + 1,
        x @ x.T,
        x + t.tensor(2.0, device="cpu"),
        t.tensor(2.0, device="cpu") * x,
        x.sum(0),
        x[1:, ::2],
        t.linalg.inv(square),
        t.linalg.svd(x)[1],
        t.sort(x)[1],
        t.arange(3, device="meta"),
        t.randn(2, device="meta"),
        t.ones(2).to("meta"),
        x.to(t.float16),
        x.clone().fill_(3),
        F.conv2d(t.empty(1, 2, 5, 5, device="meta"), t.empty(4, 2, 3, 3, device="meta")),
        t.nn.LSTM(3, 4, device="meta")(t.empty(5, 2, 3, device="meta"))[0],
    ]
    return [described(result) for result in results]


@both
def values_are_refused(t):
    x = t.empty(3, 4, device="meta")
    calls = [
        lambda: x[0, 0].item(),
        x.tolist,
        x.cpu,
        x.numpy,
        lambda: bool(x.sum()),
        lambda: t.ones(3, 4) + x,
        lambda: t.ones(3, 4).copy_(x),
        lambda: t.nonzero(x),
        lambda: t.nn.Linear(2, 2, device="meta").to("cpu"),
    ]
    return [attempt(call) for call in calls]


@both
def modules(t):
    nn = t.nn
    with t.device("meta"):
        model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))
    out = model(t.empty(2, 1, 4, 4, device="meta"))
    out.sum().backward()
    grads = [described(parameter.grad) for parameter in model.parameters()]
    state = nn.Linear(8, 3).state_dict()
    model[3].load_state_dict(state)
    kept = model[3].weight.is_meta
    model[3].load_state_dict(state, assign=True)
    there = t.equal(model[3].weight, state["weight"])
    model.to_empty(device="cpu")
    return [described(out), grads, kept, there, [str(p.device) for p in model.parameters()]]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_programs(program):
    mine, reference = told(program, st), told(program, torch)
    assert all(same(a, b) for a, b in zip(mine, reference, strict=True)), [
        pair for pair in zip(mine, reference, strict=True) if not same(*pair)
    ]


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("shape", [(4,), (3, 4)])
def test_draws_by_weights_have_a_shape(shape, replacement):
    drawn = st.ones(shape, device="meta").multinomial(2, replacement)
    want = torch.ones(shape, device="meta").multinomial(2, replacement)
    assert tuple(drawn.shape) == tuple(want.shape)
    assert drawn.device.type == "meta"
