"""Gradients by hyperparameters against torch's tape, torch's optimizers and closed forms."""

from typing import Any

import pytest
import torch
from reference import ours, theirs

import spiraltorch_rs as st

F64 = torch.float64
GENERATOR = torch.Generator().manual_seed(0)
DATA = torch.randn(40, 5, dtype=F64, generator=GENERATOR)
TARGET = torch.randn(40, dtype=F64, generator=GENERATOR)
START = {"w": torch.randn(5, dtype=F64, generator=GENERATOR), "b": torch.zeros((), dtype=F64)}
BATCHES = [(DATA[i : i + 8], TARGET[i : i + 8]) for i in range(0, 40, 8)]


def loss(parameters: Any, hyper: Any, batch: Any) -> Any:
    x, y = batch
    return ((x @ parameters["w"] + parameters["b"]).sin() - y).square().mean()


def setup(**hyper: float) -> tuple[Any, Any, Any]:
    """Parameters, hyperparameters and batches of ours."""
    settings = {k: st.tensor(v, dtype=st.float64, requires_grad=True) for k, v in hyper.items()}
    batches = [(ours(x), ours(y)) for x, y in BATCHES]
    return {k: ours(v) for k, v in START.items()}, settings, batches


OPTIMIZERS = {
    "sgd": (lambda: st.hypergrad.SGD(), lambda p, h: torch.optim.SGD(p, **h)),
    "momentum": (
        lambda: st.hypergrad.SGD(momentum=0.9, dampening=0.1),
        lambda p, h: torch.optim.SGD(p, momentum=0.9, dampening=0.1, **h),
    ),
    "nesterov": (
        lambda: st.hypergrad.SGD(momentum=0.9, nesterov=True),
        lambda p, h: torch.optim.SGD(p, momentum=0.9, nesterov=True, **h),
    ),
    "adam": (lambda: st.hypergrad.Adam(), lambda p, h: torch.optim.Adam(p, **h)),
    "adamw": (lambda: st.hypergrad.AdamW(), lambda p, h: torch.optim.AdamW(p, **h)),
}


def trained_by_torch(make: Any, hyper: dict[str, float]) -> dict[str, torch.Tensor]:
    parameters = {k: v.clone().requires_grad_() for k, v in START.items()}
    optimizer = make(list(parameters.values()), hyper)
    for batch in BATCHES:
        optimizer.zero_grad()
        loss(parameters, None, batch).backward()
        optimizer.step()
    return {k: v.detach() for k, v in parameters.items()}


def outer(parameters: Any, m: Any, data: Any) -> Any:
    return loss(parameters, None, data) + parameters["w"].square().sum()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_are_torchs_and_gradients_those_of_differences(name: str) -> None:
    mine, theirs_of = OPTIMIZERS[name]
    hyper = {"lr": 0.05, "weight_decay": 0.1}
    parameters, settings, batches = setup(**hyper)
    end = st.hypergrad.unroll(loss, parameters, settings, batches, mine())
    expected = trained_by_torch(theirs_of, hyper)
    for key, value in expected.items():
        torch.testing.assert_close(theirs(end.parameters[key]), value, rtol=1e-10, atol=1e-12)
    data = (ours(DATA), ours(TARGET))
    found = st.autograd.grad(outer(end.parameters, st, data), list(settings.values()))
    for gradient, key in zip(found, settings, strict=True):
        sides = [
            outer(trained_by_torch(theirs_of, {**hyper, key: hyper[key] + step}), torch, (DATA, TARGET))
            for step in (1e-6, -1e-6)
        ]
        torch.testing.assert_close(theirs(gradient), (sides[0] - sides[1]) / 2e-6, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("every", [1, 2, 3, 5, 9])
def test_checkpoints_change_nothing(every: int) -> None:
    gradients = []
    for checkpoint_every in (None, every):
        parameters, settings, batches = setup(lr=0.05, weight_decay=0.1)
        parameters["w"].requires_grad_()
        end = st.hypergrad.unroll(
            loss, parameters, settings, batches, st.hypergrad.Adam(), checkpoint_every=checkpoint_every
        )
        wanted = [*settings.values(), parameters["w"]]
        data = (ours(DATA), ours(TARGET))
        first = st.autograd.grad(outer(end.parameters, st, data), wanted, create_graph=True)
        second = st.autograd.grad(first[0], wanted)
        gradients.append([theirs(g) for g in (*first, *second)])
        assert end.losses.shape == (5,)
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-10)


def test_only_the_last_steps() -> None:
    parameters, settings, batches = setup(lr=0.05)
    optimizer = st.hypergrad.SGD()
    end = st.hypergrad.unroll(loss, parameters, settings, batches, optimizer, last=2)
    middle = st.hypergrad.unroll(loss, parameters, settings, batches[:3], optimizer)
    again = st.hypergrad.unroll(
        loss, {k: v.detach() for k, v in middle.parameters.items()}, settings, batches[3:], optimizer
    )
    for key in parameters:
        torch.testing.assert_close(theirs(end.parameters[key]), theirs(again.parameters[key]))
    found = [
        st.autograd.grad(one.parameters["w"].sum(), settings["lr"])[0].item() for one in (end, again)
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-9)


def ridge(parameters: Any, hyper: Any) -> Any:
    return (ours(DATA) @ parameters - ours(TARGET)).square().mean() + hyper.exp() * parameters.square().sum()


@pytest.mark.parametrize(
    "solver",
    [None, st.hypergrad.conjugate_gradient(damping=1e-12), st.hypergrad.neumann(steps=400, rate=0.15)],
)
def test_implicit_gradients_are_those_of_the_closed_form(solver: Any) -> None:
    hyper = torch.tensor(-1.5, dtype=F64, requires_grad=True)
    n = len(DATA)
    solution = torch.linalg.solve(
        DATA.T @ DATA / n + hyper.exp() * torch.eye(5, dtype=F64), DATA.T @ TARGET / n
    )
    (expected,) = torch.autograd.grad(solution.cos().sum(), hyper)
    mine = ours(hyper, requires_grad=True)
    w = st.hypergrad.implicit(ridge, ours(solution), mine, solver)
    (found,) = st.autograd.grad(w.cos().sum(), mine)
    torch.testing.assert_close(theirs(found), expected, rtol=1e-7, atol=1e-9)


def test_unknown_settings() -> None:
    with pytest.raises(TypeError, match="momentum"):
        st.hypergrad.SGD(speed=1)
