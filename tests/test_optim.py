"""Optimizers and schedules against torch's, step for step."""

import copy
import itertools
import math
import warnings
from typing import Any

import pytest
import torch
from reference import assert_same, ours, theirs

import spiraltorch_rs as st

L, SL = torch.optim.lr_scheduler, st.optim.lr_scheduler

# Name, settings; the table of all optimizers and of each of their options.
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "foreach": True}),
    *((name, {"amsgrad": amsgrad}) for name in ("Adam", "AdamW") for amsgrad in (False, True)),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1, "betas": (0.8, 0.9), "eps": 1e-3}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True, "fused": True}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.1}),
    ("Adamax", {}),
    ("Adamax", {"weight_decay": 0.1, "betas": (0.8, 0.9)}),
    ("NAdam", {}),
    ("NAdam", {"weight_decay": 0.1, "momentum_decay": 0.01}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"lr": 0.05}),
    ("RAdam", {"weight_decay": 0.1, "betas": (0.8, 0.9)}),
    ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RMSprop", {}),
    ("RMSprop", {"momentum": 0.9, "weight_decay": 0.1, "alpha": 0.9}),
    ("RMSprop", {"centered": True, "momentum": 0.5}),
    ("Rprop", {}),
    ("Rprop", {"etas": (0.3, 1.5), "step_sizes": (1e-4, 0.03)}),
    ("Adagrad", {}),
    ("Adagrad", {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "weight_decay": 0.1}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "t0": 5, "lambd": 0.01, "alpha": 0.5, "weight_decay": 0.1}),
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.1, "weight_decay": 0.1, "eps": (1e-3, 1e-2), "d": 2.0, "beta2_decay": -0.5}),
    ("LBFGS", {"lr": 0.5, "max_iter": 4}),
    ("LBFGS", {"max_iter": 6, "history_size": 3, "line_search_fn": "strong_wolfe"}),
    ("LBFGS", {"lr": 0.1, "max_iter": 5, "tolerance_change": 1e-3}),
]
MAXIMIZE = [(name, {**settings, "maximize": True}) for name, settings in SETTINGS[::3]]
DATA = torch.randn(7, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
SHAPES = [(3, 5), (3,), (2, 3), (4, 1, 3), ()]


class Problem:
    """The same function of the same parameters in a library."""

    def __init__(self, library, dtype="float64"):
        generator = torch.Generator().manual_seed(0)
        values = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in SHAPES]
        values = [value.to(getattr(torch, dtype)) for value in values]
        data = DATA.to(getattr(torch, dtype))
        self.library, self.data = library, data if library is torch else ours(data)
        self.parameters = [library.nn.Parameter(v.clone() if library is torch else ours(v)) for v in values]

    def loss(self):
        a, b, c, d, e = self.parameters
        hidden = (self.data @ a.t() + b).tanh() @ c.t()
        return (hidden * hidden).mean() + (d * d * (e * e + 0.3)).sum() * 0.1 + (e - 0.5) ** 2

    def closure(self, optimizer):
        def call():
            optimizer.zero_grad()
            loss = self.loss()
            loss.backward()
            return loss

        return call


def steps(problem, name, settings, count=20, group=True):
    parameters = problem.parameters
    if group and name not in ("LBFGS", "Muon"):
        parameters = [{"params": parameters[:2]}, {"params": parameters[2:], "lr": 0.03}]
    optimizer = getattr(problem.library.optim, name)(parameters, **settings)
    call = problem.closure(optimizer)
    losses = [optimizer.step(call) for _ in range(count)]
    return optimizer, losses


@pytest.mark.parametrize(
    ("name", "settings"),
    SETTINGS + MAXIMIZE,
    ids=[f"{n}-{i}" for i, (n, _) in enumerate(SETTINGS + MAXIMIZE)],
)
def test_steps_are_torchs(name, settings):
    reference, problem = Problem(torch), Problem(st)
    # To look for a maximum where there is none ends in noise.
    count = 4 if name == "LBFGS" and "maximize" in settings else 20
    expected, expected_losses = steps(reference, name, settings, count)
    optimizer, losses = steps(problem, name, settings, count)
    loose = 1e6 if name == "LBFGS" else 1e5
    assert_same([loss.detach() for loss in losses], [loss.detach() for loss in expected_losses], loose=loose)
    parameters = [parameter.detach() for parameter in problem.parameters]
    assert_same(parameters, [parameter.detach() for parameter in reference.parameters], loose=loose)
    state, wanted = optimizer.state_dict(), expected.state_dict()
    assert [set(group) for group in state["param_groups"]] == [set(group) for group in wanted["param_groups"]]
    for key, entries in wanted["state"].items():
        if name == "LBFGS":
            assert {"func_evals", "n_iter"} <= set(state["state"][key])
            assert state["state"][key]["func_evals"] == entries["func_evals"]
            continue
        assert set(state["state"][key]) == set(entries)
        for entry, value in entries.items():
            assert_same(state["state"][key][entry], value, loose=1e5)


def test_sparse_adam_moves_rows_with_gradients_only():
    table = torch.randn(6, 3)
    embeddings = [torch.nn.Embedding.from_pretrained(table, freeze=False, sparse=True)]
    embeddings.append(st.nn.Embedding.from_pretrained(ours(table), freeze=False))
    for step, rows in enumerate([[0, 2], [2, 4, 2], [1, 0]]):
        for library, embedding in zip((torch, st), embeddings, strict=True):
            if step == 0:
                embedding.optimizer = library.optim.SparseAdam(embedding.parameters(), lr=0.1)
            embedding.optimizer.zero_grad()
            (embedding(library.tensor(rows)) ** 2).sum().backward()
            embedding.optimizer.step()
    assert_same(embeddings[1].weight.detach(), embeddings[0].weight.detach())


@pytest.mark.parametrize("settings", [{}, {"nesterov": False}, {"adjust_lr_fn": "match_rms_adamw"}])
@pytest.mark.parametrize("shape", [(6, 4), (4, 6)])
def test_muon(settings, shape):
    value, weight = torch.randn(shape), torch.randn(shape)
    found = []
    for library in (st, torch):
        x = library.nn.Parameter(ours(value) if library is st else value.clone())
        w = ours(weight) if library is st else weight
        optimizer = library.optim.Muon([x], lr=0.1, **settings)
        for _ in range(3):
            optimizer.zero_grad()
            ((x - w) ** 2 * w.abs()).sum().backward()
            optimizer.step()
        found.append(x.detach())
    # The iteration is computed in bfloat16, and is not meant to converge.
    assert torch.allclose(theirs(found[0]), found[1], atol=0.02)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
def test_other_dtypes(name, dtype):
    reference, problem = Problem(torch, dtype), Problem(st, dtype)
    settings = {"eps": 1e-4} if name != "SGD" and dtype == "float16" else {}
    steps(reference, name, settings, 5)
    steps(problem, name, settings, 5)
    for mine, wanted in zip(problem.parameters, reference.parameters, strict=True):
        tolerance = {"float32": 1e-5, "float16": 2e-2, "bfloat16": 1e-1}[dtype]
        assert torch.allclose(theirs(mine).double(), wanted.detach().double(), atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize(("name", "settings"), [(n, s) for n, s in SETTINGS if n != "LBFGS"][::2])
def test_state_travels(name, settings):
    """Ten steps, then ten more of another optimizer with the state of the first."""
    whole, parts = Problem(st), Problem(st)
    steps(whole, name, settings, 20)
    first, _ = steps(parts, name, settings, 10)
    state = copy.deepcopy(first.state_dict())
    second = type(first)([{"params": parts.parameters[:2]}, {"params": parts.parameters[2:]}])
    second.load_state_dict(state)
    for _ in range(10):
        second.step(parts.closure(second))
    for a, b in zip(whole.parameters, parts.parameters, strict=True):
        assert st.equal(a, b)
    assert repr(second) == repr(first)


def test_text_is_torchs():
    for name in ("SGD", "AdamW", "LBFGS", "Adafactor"):
        mine, wanted = (getattr(p.library.optim, name)(p.parameters) for p in (Problem(st), Problem(torch)))
        assert repr(mine) == repr(wanted)


def test_a_step_plans_once():
    problem = Problem(st, "float32")
    optimizer = st.optim.AdamW(problem.parameters, lr=0.01)
    schedule = SL.CosineAnnealingLR(optimizer, 10)
    for i in range(6):
        if i == 3:
            plans = st._C._stats()["plans"]
        optimizer.step(problem.closure(optimizer))
        schedule.step()
    assert st._C._stats()["plans"] == plans, "steps that look alike were planned again"


def test_hooks_and_groups():
    seen = []
    x = st.nn.Parameter(st.ones(2))
    y = st.nn.Parameter(st.ones(3))
    optimizer = st.optim.SGD([("x", x)], lr=0.1)
    optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append("before"))
    optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append("after"))
    (x * x).sum().backward()
    optimizer.step()
    assert seen == ["before", "after"]
    assert optimizer.param_groups[0]["param_names"] == ["x"]
    optimizer.add_param_group({"params": [("y", y)], "lr": 1.0})
    assert optimizer.state_dict()["param_groups"][1]["params"] == [1]
    with pytest.raises(ValueError, match="more than one"):
        optimizer.add_param_group({"params": [("x", x)]})
    optimizer.zero_grad()
    assert x.grad is None


@pytest.mark.parametrize(
    "make",
    [
        lambda t, x: t.optim.SGD([x], lr=-1.0),
        lambda t, x: t.optim.SGD([x], momentum=-1.0),
        lambda t, x: t.optim.SGD([x], nesterov=True),
        lambda t, x: t.optim.SGD([]),
        lambda t, x: t.optim.SGD(x),
        lambda t, x: t.optim.SGD([x * 2]),
        lambda t, x: t.optim.SGD(["x"]),
        lambda t, x: t.optim.SGD([{"params": [x]}, {"params": [x]}]),
        lambda t, x: t.optim.Adam([x], betas=(1.0, 0.9)),
        lambda t, x: t.optim.Adam([x], eps=-1),
        lambda t, x: t.optim.Adam([x], fused=True, foreach=True),
        lambda t, x: t.optim.Rprop([x], etas=(2, 3)),
        lambda t, x: t.optim.Muon([x]),
        lambda t, x: t.optim.LBFGS([{"params": [x]}, {"params": [t.ones(2)]}]),
        lambda t, x: t.optim.SGD([x]).load_state_dict({"state": {}, "param_groups": []}),
        lambda t, x: t.optim.lr_scheduler.StepLR(x, 3),
        lambda t, x: t.optim.lr_scheduler.StepLR(t.optim.SGD([x]), 3, last_epoch=4),
        lambda t, x: t.optim.lr_scheduler.OneCycleLR(t.optim.SGD([x]), 0.1),
        lambda t, x: t.optim.lr_scheduler.CyclicLR(t.optim.Rprop([x]), 0.1, 0.2),
        lambda t, x: t.optim.lr_scheduler.ReduceLROnPlateau(t.optim.SGD([x]), "middle"),
    ],
)
def test_errors(make):
    kinds = []
    for library in (torch, st):
        with pytest.raises((ValueError, TypeError, KeyError, RuntimeError)) as caught:
            make(library, library.ones(2, requires_grad=True))
        kinds.append(caught.type)
    assert kinds[0] is kinds[1]


def cosine_then_constant(t, o):
    s = t.optim.lr_scheduler
    return s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=3), s.CosineAnnealingLR(o, 5), s.ConstantLR(o, 0.5, 2)], [3, 9]
    )


SCHEDULES = [
    lambda t, o: t.optim.lr_scheduler.LambdaLR(o, [lambda e: 0.9**e, lambda e: 1 / (e + 1)]),
    lambda t, o: t.optim.lr_scheduler.MultiplicativeLR(o, lambda e: 0.95),
    lambda t, o: t.optim.lr_scheduler.StepLR(o, 3, 0.5),
    lambda t, o: t.optim.lr_scheduler.MultiStepLR(o, [2, 5, 5, 9], 0.3),
    lambda t, o: t.optim.lr_scheduler.ConstantLR(o),
    lambda t, o: t.optim.lr_scheduler.LinearLR(o, 0.2, 0.8, 6),
    lambda t, o: t.optim.lr_scheduler.ExponentialLR(o, 0.8),
    lambda t, o: t.optim.lr_scheduler.PolynomialLR(o, 8, 2.0),
    lambda t, o: t.optim.lr_scheduler.CosineAnnealingLR(o, 5, 1e-3),
    lambda t, o: t.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2, 1e-3),
    lambda t, o: t.optim.lr_scheduler.ChainedScheduler(
        [t.optim.lr_scheduler.ConstantLR(o, 0.1, 4), t.optim.lr_scheduler.ExponentialLR(o, 0.9)]
    ),
    cosine_then_constant,
    *(
        lambda t, o, mode=mode: t.optim.lr_scheduler.CyclicLR(o, 0.01, [0.1, 0.2], 3, 4, mode, 0.9)
        for mode in ("triangular", "triangular2", "exp_range")
    ),
    lambda t, o: t.optim.lr_scheduler.CyclicLR(
        o, 0.01, 0.1, 3, scale_fn=lambda x: 0.5, scale_mode="iterations"
    ),
    *(
        lambda t, o, three=three, how=how: t.optim.lr_scheduler.OneCycleLR(
            o, [0.1, 0.3], 21, three_phase=three, anneal_strategy=how
        )
        for three, how in itertools.product([False, True], ["cos", "linear"])
    ),
    lambda t, o: t.optim.swa_utils.SWALR(o, 0.05, 4),
    lambda t, o: t.optim.swa_utils.SWALR(o, [0.05, 0.1], 4, "linear"),
]


def walk(library, make, name="SGD", resume=None):
    x, y = (library.ones(2, requires_grad=True) for _ in range(2))
    settings = {"momentum": 0.9} if name == "SGD" else {}
    optimizer = getattr(library.optim, name)(
        [{"params": [x]}, {"params": [y], "lr": 0.2}], lr=0.1, **settings
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schedule = make(library, optimizer)
        rates = []
        for step in range(20):
            rates.append([g["lr"] for g in optimizer.param_groups])
            rates[-1] += [
                g.get("momentum", g.get("betas", (0,))[0] if "betas" in g else 0)
                for g in optimizer.param_groups
            ]
            assert schedule.get_last_lr() == [g["lr"] for g in optimizer.param_groups]
            if step == resume:
                state, groups = copy.deepcopy(schedule.state_dict()), copy.deepcopy(optimizer.state_dict())
                optimizer = type(optimizer)([{"params": [x]}, {"params": [y]}], lr=0.1, **settings)
                schedule = make(library, optimizer)
                optimizer.load_state_dict(groups)
                schedule.load_state_dict(state)
            optimizer.step()
            schedule.step()
    return rates


@pytest.mark.parametrize("name", ["SGD", "Adam"])
@pytest.mark.parametrize("make", SCHEDULES, ids=map(str, range(len(SCHEDULES))))
def test_schedules_are_torchs(make, name):
    mine, wanted = walk(st, make, name), walk(torch, make, name)
    for step, (a, b) in enumerate(zip(mine, wanted, strict=True)):
        assert all(math.isclose(x, y, rel_tol=1e-12) for x, y in zip(a, b, strict=True)), (step, a, b)
    resumed = walk(st, make, name, resume=7)
    assert all(
        math.isclose(x, y, rel_tol=1e-9)
        for a, b in zip(resumed, mine, strict=True)
        for x, y in zip(a, b, strict=True)
    )


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
def test_plateau(mode, threshold_mode):
    found = []
    for library in (st, torch):
        optimizer = library.optim.SGD([library.ones(1, requires_grad=True)], lr=1.0)
        schedule = library.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, mode, 0.5, 2, 0.01, threshold_mode, 1, 0.1
        )
        rates = []
        for value in [5, 4, 4.001, 3.99, 4, 4.5, 5, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]:
            schedule.step(value)
            rates.append(optimizer.param_groups[0]["lr"])
        found.append(rates)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "make",
    [
        lambda u: {},
        lambda u: {"avg_fn": u.get_ema_avg_fn(0.9)},
        lambda u: {"multi_avg_fn": u.get_ema_multi_avg_fn(0.9), "use_buffers": True},
        lambda u: {"avg_fn": u.get_swa_avg_fn()},
        lambda u: {"multi_avg_fn": u.get_swa_multi_avg_fn()},
    ],
)
def test_averaged_model(make):
    reference = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    module = st.nn.Sequential(st.nn.Linear(3, 4), st.nn.BatchNorm1d(4))
    module.load_state_dict({name: ours(value) for name, value in reference.state_dict().items()})
    averaged = torch.optim.swa_utils.AveragedModel(reference, **make(torch.optim.swa_utils))
    mine = st.optim.swa_utils.AveragedModel(module, **make(st.optim.swa_utils))
    batches = [torch.randn(5, 3) for _ in range(4)]
    for batch in batches:
        for library, model, average in ((torch, reference, averaged), (st, module, mine)):
            x = batch if library is torch else ours(batch)
            (model(x) ** 3).sum().backward()
            with library.no_grad():
                for parameter in model.parameters():
                    parameter -= parameter.grad * 0.01
            average.update_parameters(model)
    torch.optim.swa_utils.update_bn(batches, averaged)
    st.optim.swa_utils.update_bn([ours(batch) for batch in batches], mine)
    assert list(mine.state_dict()) == list(averaged.state_dict())
    assert_same(list(mine.state_dict().values()), list(averaged.state_dict().values()), loose=64)


def test_differentiable_step():
    """The gradient of a loss after a step with respect to the learning rate."""
    found = []
    for library in (st, torch):
        lr = library.tensor(0.1, requires_grad=True, dtype=library.float64)
        x = library.tensor([1.0, 2.0], requires_grad=True, dtype=library.float64)
        y = x.clone()
        y.retain_grad()
        (y * y).sum().backward()
        gradient = y.grad
        y = x.clone()
        y.grad = gradient
        optimizer = library.optim.SGD([y], lr=lr, differentiable=True)
        optimizer.step()
        (y * y).sum().backward()
        found.append(lr.grad)
    assert_same(*found)


DIFFERENTIABLE = {
    "Adam": ({"amsgrad": True}, ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"]),
    "AdamW": ({"amsgrad": True}, ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"]),
    "NAdam": ({}, ["exp_avg", "exp_avg_sq", "mu_product"]),
}


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_of_a_step_by_the_state(name):
    settings, names = DIFFERENTIABLE[name]
    values = [
        torch.rand(() if n == "mu_product" else 3, dtype=torch.float64) + 0.2 for n in ["p", "grad", *names]
    ]
    found = []
    for library in (st, torch):
        made = [ours(v, requires_grad=True) if library is st else v.clone().requires_grad_() for v in values]
        parameter, copies = made[0].clone(), [t.clone() for t in made[2:]]
        parameter.grad = made[1]
        optimizer = getattr(library.optim, name)([parameter], lr=0.3, differentiable=True, **settings)
        step = library.tensor(10.0, dtype=library.float64)
        optimizer.state[parameter].update(step=step, **dict(zip(names, copies, strict=True)))
        optimizer.step()
        found.append(library.autograd.grad(parameter.sum(), made))
    assert_same(*found)


COMPLEX = {
    "SGD": {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1},
    "Adam": {"amsgrad": True, "weight_decay": 0.1},
    "AdamW": {},
    "RMSprop": {"momentum": 0.5, "centered": True},
    "Rprop": {},
    "Adagrad": {"initial_accumulator_value": 0.5},
    "Adadelta": {},
    "ASGD": {},
}


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_parameters_move_as_torchs(name):
    torch.manual_seed(0)
    start, *gradients = (torch.randn(3, 4, dtype=torch.complex64) for _ in range(4))
    found = []
    for library in (st, torch):
        leaf = library.tensor(start.tolist(), requires_grad=True)
        optimizer = getattr(library.optim, name)([leaf], **COMPLEX[name])
        for gradient in gradients:
            leaf.grad = library.tensor(gradient.tolist())
            optimizer.step()
        found.append(library.view_as_real(leaf.detach()))
    assert_same(*found)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_only_what_there_is_is_in_the_state(momentum):
    for library in (st, torch):
        p = library.ones(2, requires_grad=True)
        optimizer = library.optim.SGD([p], lr=0.1, momentum=momentum)
        p.sum().backward()
        optimizer.step()
        kept = {n: list(entry) for n, entry in optimizer.state_dict()["state"].items()}
        assert kept == ({0: ["momentum_buffer"]} if momentum else {})


@pytest.mark.parametrize("name", ["Adam", "NAdam", "RAdam", "Adamax", "RMSprop", "Rprop", "Adadelta", "ASGD"])
def test_the_host_records_no_graphs(name):
    for library in (st, torch):
        p = library.ones(2, requires_grad=True, device="cpu")
        optimizer = getattr(library.optim, name)([p], capturable=True)
        p.sum().backward()
        with pytest.raises(AssertionError, match="If capturable=True, params"):
            optimizer.step()


@pytest.mark.parametrize("mode", ["triangular", "triangular2", "exp_range"])
def test_a_cycle_holds_its_scale_outside_of_its_state(mode):
    found = []
    for library in (st, torch):
        optimizer = library.optim.SGD([library.ones(1, requires_grad=True)], 0.1, momentum=0.9)
        cycle = library.optim.lr_scheduler.CyclicLR(optimizer, 0.01, 0.1, 3, mode=mode, gamma=0.9)
        state = cycle.state_dict()
        names = sorted(state)
        cycle.load_state_dict(state)
        found.append(([cycle._scale_fn_ref(float(x)) for x in range(4)], names, cycle.scale_mode))
    assert found[0] == found[1]
