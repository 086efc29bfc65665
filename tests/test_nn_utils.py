"""Helpers of modules, and how parameters begin, beside torch's."""

# ruff: noqa: B023 (the functions are called before the loop goes on)

import copy
import pickle
from typing import Any

import pytest
import torch
import torch.nn.utils.prune
from reference import ours, theirs
from twins import Program, attempt, data, net, same, told

import spiraltorch_rs as st

PROGRAMS: list[Program] = []


def both(program: Program) -> Program:
    """A program that must tell the same in both libraries."""
    PROGRAMS.append(program)
    return program


@both
def utilities(t):
    nn, u = t.nn, t.nn.utils
    told = []
    model = net(t)
    vector = u.parameters_to_vector(model.parameters())
    u.vector_to_parameters(vector * 2, model.parameters())
    told += [vector, model.a.weight]
    for options in ({}, {"norm_type": 1}, {"norm_type": float("inf")}, {"norm_type": 3}):
        (model(data(t)) ** 2).sum().backward()
        told.append(u.clip_grad_norm_(model.parameters(), 0.3, **options))
        told.append([p.grad for p in model.parameters()])
        told.append(u.get_total_norm([p.grad for p in model.parameters()], **options))
        model.zero_grad()
    (model(data(t)) ** 2).sum().backward()
    u.clip_grad_value_(model.parameters(), 0.1)
    told.append([p.grad for p in model.parameters()])
    model.a.weight.grad.fill_(float("nan"))
    told.append(attempt(lambda: u.clip_grad_norm_(model.parameters(), 1.0, error_if_nonfinite=True)))
    told.append(tuple(u.skip_init(nn.Linear, 2, 3).weight.shape))
    told.append(attempt(lambda: u.skip_init(int, 2)))
    conv, norm = nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3)
    with t.no_grad():
        for i, p in enumerate((conv.weight, conv.bias, norm.weight, norm.bias, norm.running_mean)):
            p.fill_(0.1 * i + 0.2)
    fused = u.fuse_conv_bn_eval(conv.eval(), norm.eval())
    told += [fused.weight, fused.bias, norm(conv(t.ones(1, 2, 2, 2))) - fused(t.ones(1, 2, 2, 2))]
    return told


@both
def weight_norms(t):
    nn, u = t.nn, t.nn.utils
    told = []
    for make in (u.weight_norm, u.parametrizations.weight_norm):
        for dim in (0, 1, None):
            model = net(t)
            make(model.a, dim=dim)
            told += [list(model.state_dict()), model.a.weight, [tuple(p.shape) for p in model.parameters()]]
            model(data(t)).sum().backward()
            told.append([p.grad for p in model.parameters()])
    model = net(t)
    u.weight_norm(model.a)
    told += [attempt(lambda: u.weight_norm(model.a)), u.remove_weight_norm(model.a).weight]
    told.append(attempt(lambda: u.remove_weight_norm(model.a)))
    old = {"weight_g": t.ones(3, 1), "weight_v": t.ones(3, 2), "bias": t.ones(3)}
    new = u.parametrizations.weight_norm(nn.Linear(2, 3))
    told += [new.load_state_dict(old), new.weight, new]
    return told


@both
def spectral_norms(t):
    u = t.nn.utils
    told = []
    for make in (u.spectral_norm, u.parametrizations.spectral_norm):
        model = net(t)
        with t.no_grad():
            model.a.weight.copy_(t.tensor([[3.0, 0.1], [0.2, 1.0], [0.0, 0.4]]))
        make(model.a, n_power_iterations=30)
        model(data(t))
        told += [list(model.state_dict()), model.a.weight, repr(model)]
    return told


@both
def spectral_norms_of_old_files(t):
    told = []
    for keys in ("weight", "weight_u", "weight_v", ""):
        model = t.nn.utils.spectral_norm(t.nn.Linear(2, 3), n_power_iterations=20)
        state = {"weight_orig": t.tensor([[3.0, 0.1], [0.2, 1.0], [0.0, 0.4]]), "bias": t.ones(3)}
        state |= {"weight_u": t.tensor([0.9, 0.1, 0.1]), "weight": state["weight_orig"] / 3.1}
        state.pop(keys, None)
        told.append(attempt(lambda model=model, state=state: str(model.load_state_dict(state, strict=False))))
        if keys not in ("weight", "weight_u"):
            told += [model.weight_v, model.eval()(t.ones(1, 2))]
        if keys == "weight":
            told.append(attempt(lambda model=model, state=state: model.load_state_dict(state)) is None)
        t.nn.utils.remove_spectral_norm(model)
    return told


@both
def parametrizations(t):
    nn, p = t.nn, t.nn.utils.parametrize

    class Double(nn.Module):  # type: ignore[name-defined]
        def forward(self, x):
            return x * 2

        def right_inverse(self, x):
            return x / 2

    class Parts(nn.Module):  # type: ignore[name-defined]
        def forward(self, a, b):
            return a + b

        def right_inverse(self, x):
            return x * 0.25, x * 0.75

    class Wrong(nn.Module):  # type: ignore[name-defined]
        def forward(self, x):
            return x[0]

    told = []
    model = net(t).a
    p.register_parametrization(model, "weight", Double())
    told += [model, model.weight, model.parametrizations.weight.original, list(model.state_dict())]
    told += [
        p.is_parametrized(model),
        p.is_parametrized(model, "bias"),
        p.type_before_parametrizations(model),
    ]
    p.register_parametrization(model, "weight", Double())
    told += [model.weight, model]
    model.weight = t.ones(3, 2)
    told += [model.weight, model.parametrizations.weight.original]
    with p.cached():
        told.append(model.weight is model.weight)
    told.append(model.weight is model.weight)
    model(t.ones(1, 2)).sum().backward()
    told.append(model.parametrizations.weight.original.grad)
    made = copy.deepcopy(model)
    told += [made.weight, attempt(lambda: pickle.dumps(model))]
    p.remove_parametrizations(model, "weight")
    told += [model, model.weight, type(model), isinstance(model.weight, nn.Parameter)]
    p.register_parametrization(model, "bias", Parts())
    told += [[tuple(x.shape) for x in model.parameters()], model.bias]
    told.append(attempt(lambda: p.remove_parametrizations(model, "bias", leave_parametrized=False)))
    p.remove_parametrizations(model, "bias")
    p.register_parametrization(model, "weight", Double())
    p.remove_parametrizations(model, "weight", leave_parametrized=False)
    told += [model.weight, attempt(lambda: p.register_parametrization(model, "weight", Wrong()))]
    told += [attempt(lambda: p.register_parametrization(model, "x", Double())), list(model.state_dict())]
    other = p.transfer_parametrizations_and_params(made, nn.Linear(2, 3))
    told += [other.weight, p.is_parametrized(other)]
    return told


@both
def pruning(t):
    prune = t.nn.utils.prune
    told = []
    for change in (
        lambda m: prune.l1_unstructured(m, "weight", 2),
        lambda m: prune.l1_unstructured(m, "weight", 0.5, importance_scores=t.arange(6.0).reshape(3, 2)),
        lambda m: prune.ln_structured(m, "weight", 1, 2, 0),
        lambda m: prune.ln_structured(m, "weight", 0.5, 1, -1),
        lambda m: prune.custom_from_mask(m, "bias", t.tensor([1, 0, 1])),
        lambda m: prune.identity(m, "bias"),
    ):
        model = net(t).a
        change(model)
        told += [model.weight, model.bias, list(model.state_dict()), prune.is_pruned(model)]
        change(model)
        told += [model.weight, model.bias, model(t.ones(1, 2))]
        name = "bias" if "bias_mask" in model._buffers else "weight"
        prune.remove(model, name)
        told += [list(model.state_dict()), model.weight, attempt(lambda: prune.remove(model, name))]
    model = net(t)
    prune.global_unstructured([(model.a, "weight"), (model.c, "weight")], prune.L1Unstructured, amount=4)
    told += [model.a.weight, model.c.weight]
    model = net(t).a
    prune.random_unstructured(model, "weight", 2)
    told.append(int((model.weight_mask == 0).sum()))
    prune.random_structured(model, "weight", 1, 0)
    for wrong in (7, 1.5, -1, "x"):
        told.append(attempt(lambda: prune.l1_unstructured(net(t).a, "weight", wrong)))
    return told


@both
def packing(t):
    r = t.nn.utils.rnn
    rows = [t.arange(n * 2.0).reshape(n, 2) + n for n in (2, 4, 1)]
    told = [
        r.pad_sequence(rows),
        r.pad_sequence(rows, True, -1.0, padding_side="left"),
        attempt(lambda: r.pad_sequence(3)),
    ]
    packed = r.pack_sequence(rows, enforce_sorted=False)
    told += [list(packed), [list(x) for x in r.pad_packed_sequence(packed)]]
    told.append([list(x) for x in r.pad_packed_sequence(packed, True, -1.0, 6)])
    told += [
        r.unpack_sequence(packed),
        r.unpad_sequence(r.pad_sequence(rows, True), t.tensor([2, 4, 1]), True),
    ]
    told += [
        attempt(lambda: r.pack_sequence(rows)),
        attempt(lambda: r.pad_packed_sequence(packed, total_length=1)),
    ]
    told.append(attempt(lambda: r.pack_padded_sequence(t.ones(3, 2), [2, 0])))
    told.append(attempt(lambda: r.pack_padded_sequence(t.ones(3, 2), [2])))
    told += [str(attempt(lambda: r.pack_padded_sequence(t.ones(0, n), []))) for n in (0, 1)]
    told += [r.invert_permutation(t.tensor([2, 0, 1])), str(packed.double().data.dtype)]
    told.append(packed.is_cuda == packed.data.is_cuda)
    return told


@both
def averages_and_text(t):
    return [
        repr(t.optim.swa_utils.AveragedModel(net(t))),
        list(t.optim.swa_utils.AveragedModel(net(t)).state_dict()),
    ]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_same_as_torch(program):
    mine, wanted = told(program, st), told(program, torch)
    assert len(mine) == len(wanted)
    for i, (a, b) in enumerate(zip(mine, wanted, strict=True)):
        assert same(a, b), f"number {i}: {a} is not torch's {b}"


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5)])
@pytest.mark.parametrize("how", ["matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("trivial", [True, False])
def test_orthogonal(shape, how, trivial):
    """Orthogonal columns (or rows), before and after a step; without a base, torch's numbers."""
    layer = st.nn.Linear(shape[1], shape[0], bias=False, dtype=st.float64)
    st.nn.utils.parametrizations.orthogonal(layer, orthogonal_map=how, use_trivialization=trivial)
    for _ in range(2):
        weight = theirs(layer.weight)
        weight = weight.T if shape[0] < shape[1] else weight
        assert torch.allclose(weight.T @ weight, torch.eye(min(shape), dtype=weight.dtype), atol=1e-8)
        (layer.weight * st.arange(layer.weight.numel()).reshape(shape)).sum().backward()
        with st.no_grad():
            for parameter in layer.parameters():
                parameter -= 0.01 * parameter.grad
    if not trivial and how == "householder":
        value = torch.linalg.qr(
            torch.randn(*shape, dtype=torch.float64)
            if shape[0] >= shape[1]
            else torch.randn(*shape, dtype=torch.float64).T
        )[0]
        value = value.T if shape[0] < shape[1] else value
        layer.weight = ours(value)
        assert torch.allclose(theirs(layer.weight), value, atol=1e-8)


@pytest.mark.parametrize("shape", [(4, 6), (6, 4), (3, 2, 2)])
def test_orthogonal_numbers(shape):
    made = theirs(st.nn.init.orthogonal_(st.empty(*shape), gain=2.0)).flatten(1)
    small = made @ made.T if made.shape[0] < made.shape[1] else made.T @ made
    assert torch.allclose(small, 4 * torch.eye(min(made.shape)), atol=1e-4)


INITS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("uniform_", (-2.0, 3.0), {}),
    ("normal_", (1.0, 2.0), {}),
    ("trunc_normal_", (), {"mean": 0.5, "std": 2.0, "a": -1.0, "b": 2.0}),
    ("constant_", (0.3,), {}),
    ("ones_", (), {}),
    ("zeros_", (), {}),
    ("xavier_uniform_", (), {"gain": 2.0}),
    ("xavier_normal_", (), {}),
    ("kaiming_uniform_", (), {"a": 0.1, "mode": "fan_out"}),
    ("kaiming_normal_", (), {"nonlinearity": "relu"}),
    ("sparse_", (), {"sparsity": 0.3, "std": 0.5}),
]


# Their extremes are far apart from one time to another.
NORMAL = ("normal_", "xavier_normal_", "kaiming_normal_", "sparse_")


@pytest.mark.parametrize(("name", "args", "options"), INITS, ids=[name for name, _, _ in INITS])
def test_init_draws_torchs_distribution(name, args, options):
    mine, wanted = st.empty(200, 300), torch.empty(200, 300)
    assert getattr(st.nn.init, name)(mine, *args, **options) is mine
    getattr(torch.nn.init, name)(wanted, *args, **options)
    a, b = theirs(mine), wanted
    for measure in (torch.mean, torch.std, torch.amin, torch.amax):
        spread = float(b.std()) + 1e-9
        if measure in (torch.amin, torch.amax) and name in NORMAL:
            continue
        loose = 0.05
        assert abs(float(measure(a)) - float(measure(b))) <= loose * spread + 1e-9, measure
    assert abs(int((a == 0).sum()) - int((b == 0).sum())) <= 3


def test_init_of_special_matrices():
    for make in (
        lambda t: t.nn.init.eye_(t.empty(3, 4)),
        lambda t: t.nn.init.dirac_(t.empty(4, 2, 3, 3), 2),
        lambda t: t.nn.init.dirac_(t.empty(3, 5, 4)),
        lambda t: t.tensor(t.nn.init.calculate_gain("leaky_relu", 0.2)),
        lambda t: t.tensor(t.nn.init.calculate_gain("tanh")),
    ):
        assert torch.allclose(theirs(make(st)), make(torch))
    for wrong in (
        lambda t: t.nn.init.eye_(t.empty(3)),
        lambda t: t.nn.init.dirac_(t.empty(3)),
        lambda t: t.nn.init.xavier_uniform_(t.empty(3)),
        lambda t: t.nn.init.kaiming_normal_(t.empty(3, 3), mode="fan_side"),
        lambda t: t.nn.init.calculate_gain("nothing"),
        lambda t: t.nn.init.orthogonal_(t.empty(3)),
        lambda t: t.nn.init.sparse_(t.empty(3), 0.1),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            wrong(torch)
        with pytest.raises(ValueError):  # noqa: PT011
            wrong(st)
