"""`Module` and its containers do what torch's do: each function runs in both libraries.

What it tells is compared.
"""

# ruff: noqa: B023 (the functions are called before the loop goes on)

import copy
import pickle
import warnings
from collections import OrderedDict
from typing import Any

import pytest
import torch
from reference import ours, theirs
from twins import Program, attempt, data, net, same, told

import spiraltorch_rs as st

warnings.filterwarnings("ignore", message=".*Lazy modules.*")

PROGRAMS: list[Program] = []


def both(program: Program) -> Program:
    """A program that must tell the same in both libraries."""
    PROGRAMS.append(program)
    return program


@both
def switched_conversions(t):
    nn, future = t.nn, t.__future__
    found = []
    for name in ("set_overwrite_module_params_on_conversion", "set_swap_module_params_on_conversion"):
        layer = nn.Linear(2, 2)
        layer(t.ones(2)).sum().backward()
        weight = layer.weight
        getattr(future, name)(True)
        try:
            layer.double()
            found.append([layer.weight is weight, str(weight.dtype), str(layer.weight.grad.dtype)])
            for assign in (False, True):
                layer.load_state_dict(
                    {"weight": t.eye(2).double(), "bias": t.ones(2).double()}, assign=assign
                )
                found.append([layer.weight is weight, layer.weight, layer.bias.requires_grad])
        finally:
            getattr(future, name)(False)
    return found


@both
def hooks_of_the_last_operator(t):
    """What torch warns of, by the words that its tests look for."""
    x = t.ones(2, requires_grad=True) * 1
    calls = [
        (lambda x: x * 2, x),
        (lambda x: x * 2 + x, x),
        (lambda x, y: x * y, x, x),
        (lambda x: (x * 2, x * 3), x),
        (lambda x: {"a": x * 2}, x),
        (lambda x: (x * 2, 1), x),
        (lambda x, y: x * 3, x, "y"),
        (lambda x: x.detach(), x),
    ]
    told = []
    for forward, *args in calls:
        module = t.nn.Module()
        module.forward = forward
        module.register_backward_hook(lambda module, inputs, outputs: None)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            module(*args)
        told.append([(w.category.__name__, str(w.message)[:75]) for w in caught])
    return told


@both
def hooks_of_states(t):
    layer = t.nn.Linear(1, 1)

    def hook(*_):
        return OrderedDict()

    layer.register_state_dict_post_hook(hook)
    again = attempt(lambda: layer._register_state_dict_hook(hook))
    return [attempt(layer.state_dict), again]


@both
def texts(t):
    nn = t.nn
    shared = nn.Linear(2, 2)
    return [
        repr(net(t)),
        repr(nn.ModuleList([nn.Linear(1, 2), nn.Linear(1, 2), nn.ReLU(), nn.ReLU()])),
        repr(nn.ModuleList()),
        repr(nn.ModuleDict({"x": nn.Identity(), "y": nn.ModuleList([shared, shared])})),
        repr(nn.ParameterList([t.ones(2), t.ones(2, 3), 4])),
        repr(nn.ParameterDict({"b": t.ones(2), "a": nn.Parameter(t.zeros(1))})),
        repr(nn.Parameter(t.ones(2))),
        repr(nn.Parameter(t.arange(2), requires_grad=False)),
        repr(nn.Transformer(4, 2, 1, 2, 8)),
        repr(nn.Sequential()),
        repr(nn.Module()),
        str(nn.Module().extra_repr()),
    ]


@both
def traversal(t):
    nn = t.nn
    shared = nn.Linear(2, 2)
    model = nn.Module()
    model.first, model.second = shared, shared
    model.inner = nn.Sequential(shared, nn.BatchNorm1d(2))
    model.tied = shared.weight
    model.register_buffer("kept", t.ones(1))
    model.register_buffer("dropped", t.ones(1), persistent=False)
    model.nothing = None
    model.register_parameter("none", None)
    return [
        [name for name, _ in model.named_modules()],
        [name for name, _ in model.named_modules(remove_duplicate=False)],
        [name for name, _ in model.named_children()],
        len(list(model.children())),
        len(list(model.modules())),
        [name for name, _ in model.named_parameters()],
        [name for name, _ in model.named_parameters(prefix="p", remove_duplicate=False)],
        [name for name, _ in model.named_parameters(recurse=False)],
        [name for name, _ in model.named_buffers()],
        [name for name, _ in model.named_buffers(prefix="p", recurse=False)],
        list(model.state_dict()),
        list(model.state_dict(prefix="p.")),
        model.state_dict()._metadata,
        [name for name in dir(model) if name in ("first", "kept", "tied", "none", "inner")],
    ]


@both
def paths(t):
    model = net(t)
    told = [model.get_submodule("b.0"), model.get_submodule(""), model.get_parameter("b.0.weight")]
    told.append(model.get_buffer("b.0.running_mean"))
    model.set_submodule("b.1", t.nn.Tanh())
    for wrong in ("x", "b.7", "a.weight"):
        told.append(attempt(lambda: model.get_submodule(wrong)))
    told += [
        attempt(lambda: model.get_parameter("b.0.running_mean")),
        attempt(lambda: model.get_parameter("nothing")),
        attempt(lambda: model.get_buffer("a.weight")),
        attempt(lambda: model.set_submodule("", t.nn.Tanh())),
        attempt(lambda: model.set_submodule("b.5", t.nn.Tanh(), strict=True)),
        model,
    ]
    return told


@both
def attributes(t):
    nn = t.nn
    told = []

    class Early(nn.Module):  # type: ignore[name-defined]
        def __init__(self, what):
            setattr(self, "x", what)  # noqa: B010

    told += [attempt(lambda: Early(nn.Parameter(t.ones(1)))), attempt(lambda: Early(nn.ReLU()))]
    model = nn.Module()
    model.w = nn.Parameter(t.ones(2))
    told.append(attempt(lambda: setattr(model, "w", t.ones(2))))
    told.append(attempt(lambda: setattr(model, "w", 3)))
    model.w = None
    told.append(list(model._parameters))
    model.x = 3
    model.x = nn.Parameter(t.ones(1))
    told.append("x" in model.__dict__)
    model.x = nn.ReLU() if attempt(lambda: setattr(model, "x", nn.ReLU())) is None else None
    told.append([list(model._parameters), list(model._modules)])
    told.append(attempt(lambda: setattr(model, "x", 5)))
    model.register_buffer("b", t.ones(1))
    told.append(attempt(lambda: setattr(model, "b", 5)))
    model.b = t.zeros(2)
    model.b = None
    model.c = nn.Buffer(t.ones(3))
    model.d = nn.Buffer(t.ones(3), persistent=False)
    told += [list(model._buffers), list(model.state_dict()), isinstance(nn.Buffer(t.ones(1)), nn.Buffer)]
    del model.c, model.x, model.w
    told += [list(model._buffers), attempt(lambda: model.c), attempt(lambda: delattr(model, "c"))]
    for wrong in ("", "a.b", "d", 3):
        told.append(attempt(lambda: model.register_buffer(wrong, t.ones(1)) if wrong != "d" else None))
        told.append(attempt(lambda: model.register_parameter(wrong, nn.Parameter(t.ones(1)))))
        told.append(attempt(lambda: model.add_module(wrong, nn.ReLU())))
    told += [
        attempt(lambda: model.register_parameter("forward", None)),
        attempt(lambda: model.register_parameter("z", t.ones(1))),
        attempt(lambda: model.register_parameter("z", (nn.Parameter(t.ones(1)) * 2))),
        attempt(lambda: model.register_buffer("z", 3)),
        attempt(lambda: model.add_module("z", 3)),
        attempt(lambda: nn.Module(3)),
        attempt(lambda: nn.Module(x=3)),
        attempt(lambda: nn.Module()(3)),
        attempt(lambda: model.train("yes")),
    ]
    return told


@both
def states(t):
    model, other = net(t), net(t)
    with t.no_grad():
        for parameter in other.parameters():
            parameter.mul_(2)
    state = other.state_dict()
    told = [model.load_state_dict(state), list(model.parameters())]
    less = OrderedDict(state)
    del less["a.bias"]
    less["z"] = t.ones(1)
    less["b.9.weight"] = t.ones(1)
    told.append(model.load_state_dict(less, strict=False))

    def message(call):
        error = attempt(call)
        return [type(error).__name__, str(error).replace("spiraltorch_rs", "torch")]

    told.append(message(lambda: model.load_state_dict(less)))
    wrong = OrderedDict(state)
    wrong["a.weight"] = t.ones(5)
    told.append(message(lambda: model.load_state_dict(wrong)))
    told.append(message(lambda: model.load_state_dict(wrong, strict=False)))
    told.append(attempt(lambda: model.load_state_dict([1])))
    assigned = net(t)
    assigned.load_state_dict(state, assign=True)
    told.append(assigned.a.weight.data_ptr() == other.a.weight.data_ptr())
    told.append(isinstance(assigned.a.weight, t.nn.Parameter))
    told.append([v.requires_grad for v in model.state_dict().values()])
    told.append([v.requires_grad for v in model.state_dict(keep_vars=True).values()])
    return told


@both
def state_hooks(t):
    told: list[Any] = []
    model = net(t)

    def after(module, state, prefix, metadata):
        state["more"] = t.ones(1)
        told.append(("after", type(module).__name__, prefix, metadata))

    handles = [
        model.register_state_dict_pre_hook(lambda m, prefix, keep: told.append(("before", prefix, keep))),
        model.register_state_dict_post_hook(after),
        model.b.register_load_state_dict_pre_hook(
            lambda m, state, prefix, *rest: told.append(("loading", type(m).__name__, prefix, sorted(state)))
        ),
        model.register_load_state_dict_post_hook(lambda m, keys: keys.unexpected_keys.remove("more")),
    ]
    state = model.state_dict()
    told.append(model.load_state_dict(state))
    for handle in handles:
        handle.remove()
    told.append(list(model.state_dict()))
    told.append(attempt(lambda: model.load_state_dict(state)))
    bad = model.register_load_state_dict_post_hook(lambda m, keys: keys)
    told.append(attempt(lambda: model.load_state_dict(model.state_dict())))
    bad.remove()

    class Extra(t.nn.Linear):  # type: ignore[name-defined]
        def get_extra_state(self):
            return {"n": 3}

        def set_extra_state(self, state):
            told.append(state)

    extra = Extra(1, 1)
    told += [list(extra.state_dict()), extra.load_state_dict(extra.state_dict())]
    told.append(attempt(lambda: t.nn.Linear(1, 1).load_state_dict(extra.state_dict())))
    return told


@both
def forward_hooks(t):
    told = []
    model = net(t).eval()
    x = data(t)
    note = lambda name: lambda *args: told.append((name, len(args)))  # noqa: E731
    model.register_forward_pre_hook(note("pre"))
    model.register_forward_pre_hook(note("pre first"), prepend=True)
    model.register_forward_hook(note("post"))
    model.register_forward_hook(note("post first"), prepend=True)
    model.register_forward_hook(note("post kwargs"), with_kwargs=True)
    shared = t.nn.modules.module.register_module_forward_pre_hook(note("all pre"))
    model(x)
    shared.remove()
    shared = t.nn.modules.module.register_module_forward_hook(note("all post"))
    model(x)
    shared.remove()
    told.append("changed")
    model = net(t).eval()
    handles = [
        model.register_forward_pre_hook(lambda m, args: args[0] * 2),
        model.register_forward_pre_hook(lambda m, args, kw: ((args[0] + 1,), kw), with_kwargs=True),
        model.register_forward_hook(lambda m, args, out: out * 10),
    ]
    told.append(model(x))
    for handle in handles:
        handle.remove()
    told.append(model(x))
    with model.register_forward_hook(lambda m, args, out: out * 10):
        told.append(model(x))
    told.append(len(model._forward_hooks))
    always = model.register_forward_hook(
        lambda m, args, out: told.append(("always", out is None)), always_call=True
    )
    told.append(attempt(lambda: model("wrong")))
    always.remove()
    model.register_forward_pre_hook(lambda m, args, kw: 3, with_kwargs=True)
    told.append(attempt(lambda: model(x)))
    return told


@both
def backward_hooks(t):
    told = []

    class Two(t.nn.Module):  # type: ignore[name-defined]
        def forward(self, x, y, n=1):
            return x * y * n, x + y

    def note(name):
        return lambda m, *gradients: told.append(
            (name, [list(g) if isinstance(g, tuple) else g for g in gradients])
        )

    module = Two()
    module.register_full_backward_hook(note("full"))
    module.register_full_backward_hook(note("full first"), prepend=True)
    module.register_full_backward_pre_hook(note("pre"))
    x, y = t.tensor([1.0, 2.0], requires_grad=True), t.tensor([3.0, 4.0])
    a, b = module(x, y, n=2)
    a.sum().backward()
    told.append(x.grad)
    x.grad = None
    a, b = module(x, y)
    (a.sum() + b.sum()).backward()
    told.append(x.grad)
    told.append("nothing wants a gradient")
    layer = t.nn.Linear(2, 1)
    with t.no_grad():
        layer.weight.fill_(2.0)
    layer.register_full_backward_hook(note("layer"))
    layer(y).sum().backward()
    told.append("replaced")
    module = Two()
    module.register_full_backward_pre_hook(lambda m, g: (g[0] * 10, g[1]))
    module.register_full_backward_hook(lambda m, gi, go: (gi[0] + 1, None))
    x.grad = None
    module(x, y)[0].sum().backward()
    told.append(x.grad)

    class Writes(t.nn.Module):  # type: ignore[name-defined]
        def forward(self, x):
            return x.add_(1)

    writes = Writes()
    writes.register_full_backward_hook(note("writes"))
    told.append(str(attempt(lambda: writes(x.clone()))))
    wrong = Two()
    wrong.register_full_backward_hook(lambda m, gi, go: (gi[0],))
    told.append(attempt(lambda: wrong(x, y)[0].sum().backward()))
    told.append(attempt(lambda: wrong.register_backward_hook(lambda *a: None)))
    shared = t.nn.modules.module.register_module_full_backward_hook(note("all"))
    t.nn.ReLU()(x).sum().backward()
    shared.remove()
    old = t.nn.ReLU()
    old.register_backward_hook(lambda m, gi, go: told.append(("old", list(gi), list(go))))
    old(x).sum().backward()
    return told


@both
def conversions(t):
    model = net(t)
    told = []
    for change in (
        lambda m: m.double(),
        lambda m: m.half(),
        lambda m: m.bfloat16(),
        lambda m: m.float(),
        lambda m: m.to(t.float64),
        lambda m: m.to("cpu", t.float32),
        lambda m: m.to(t.ones(1, dtype=t.float64)),
        lambda m: m.to(dtype=t.float32, device="cpu"),
        lambda m: m.type(t.float64),
        lambda m: m.cpu(),
    ):
        weight = model.a.weight
        told.append(change(model) is model)
        told.append([str(v.dtype) for v in model.state_dict().values()])
        told.append(model.a.weight is weight)
    told += [attempt(lambda: model.to(t.int32)), attempt(lambda: model.to(nonsense=3))]
    model.float()
    model(data(t)).sum().backward()
    model.double()
    told.append(str(model.a.weight.grad.dtype))
    model.requires_grad_(False)
    told.append([p.requires_grad for p in model.parameters()])
    model.eval()
    told.append([m.training for m in model.modules()])
    model.b.train()
    told.append([m.training for m in model.modules()])
    model.zero_grad(set_to_none=False)
    told.append([p.grad for p in model.parameters()])
    model.zero_grad()
    told.append([p.grad for p in model.parameters()])
    model.apply(lambda m: told.append(type(m).__name__))
    told.append(model.to_empty(device="cpu") is model)
    return told


@both
def copies(t):
    model = net(t)
    model(data(t)).sum().backward()
    told = []
    for made in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        told += [made, list(made.parameters()), [p.grad is None for p in made.parameters()]]
        told.append(all(a is not b for a, b in zip(made.parameters(), model.parameters(), strict=True)))
        told.append([isinstance(p, t.nn.Parameter) for p in made.parameters()])
    shallow = copy.copy(model)
    told.append(shallow.a is model.a)
    parameter = copy.deepcopy(t.nn.Parameter(t.ones(2), requires_grad=False))
    told += [parameter, parameter.requires_grad, type(parameter).__name__]
    return told


@both
def sequences(t):
    nn = t.nn
    told = []
    s = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid(), nn.ELU())
    told += [s[0], s[-1], s[1:3], len(s), list(s), attempt(lambda: s[9]), attempt(lambda: s["x"])]
    s[1] = nn.GELU()
    del s[0]
    told.append(s)
    del s[0:2]
    told.append(s)
    s.append(nn.ReLU()).extend([nn.Tanh()]).insert(1, nn.SiLU())
    s.insert(-1, nn.Mish())
    told += [s, s.pop(0), s + nn.Sequential(nn.CELU()), s * 2, 2 * s]
    s += nn.Sequential(nn.SELU())
    s *= 2
    told += [s, attempt(lambda: s + 3), attempt(lambda: s * 0), attempt(lambda: s.insert(99, nn.ReLU()))]
    told += [attempt(lambda: s.insert(0, 3)), attempt(lambda: nn.Sequential(3)), attempt(lambda: s * 1.5)]
    m = nn.ModuleList([nn.ReLU(), nn.Tanh()])
    m.append(nn.ELU()).extend([nn.GELU()])
    m.insert(0, nn.SiLU())
    m += [nn.Mish()]
    told += [m, m[1:], m[-1], m.pop(0), [*m, nn.CELU()], attempt(lambda: m[10]), attempt(lambda: m.extend(3))]
    m[0] = nn.Sigmoid()
    del m[1:3]
    told += [m, list(m._modules), attempt(lambda: m(3)), attempt(lambda: m.append(3))]
    d = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()})
    d["c"] = nn.ELU()
    d.update([("d", nn.GELU())])
    told += [d, list(d), list(d.keys()), list(d.values()), len(d), "a" in d, d.pop("a")]
    del d["b"]
    told += [d, attempt(lambda: d["x"]), attempt(lambda: d.update(3)), attempt(lambda: d.update([1]))]
    told += [attempt(lambda: d.update([(1, 2, 3)])), attempt(lambda: d.update({"x": 3}))]
    d.clear()
    told.append(d)
    return told


@both
def parameters(t):
    nn = t.nn
    told = []
    p = nn.ParameterList([t.ones(1), nn.Parameter(t.zeros(2)), "x"])
    p.append(t.ones(3))
    p.extend([t.ones(1)])
    p += [4]
    told += [
        p,
        len(p),
        p[-1],
        p[1:3],
        list(p)[2],
        list(p.state_dict()),
        attempt(lambda: p[9]),
        attempt(lambda: p()),
    ]
    p[0] = t.ones(5)
    told += [p, [name for name, _ in p.named_parameters()], attempt(lambda: p.extend(3))]
    d = nn.ParameterDict({"b": t.ones(2), "a": t.zeros(1), "n": 3})
    d["c"] = nn.Parameter(t.ones(1))
    d.update({"z": t.ones(1), "y": t.ones(1)})
    told += [d, list(d), len(d), "a" in d, d.get("x", 7), d.setdefault("w", t.ones(1)), list(d.state_dict())]
    told += [
        d.pop("a"),
        d.popitem()[0],
        list(d.keys()),
        list(d.values()),
        list(d.copy()),
        list(reversed(d)),
    ]
    told += [list(d.fromkeys(["q"], 1).items()), list((d | nn.ParameterDict({"v": t.ones(1)})).keys())]
    del d["c"]
    told += [attempt(lambda: d["c"]), attempt(lambda: d.update(3)), attempt(lambda: d(3))]
    d.clear()
    told.append(len(d))
    made = nn.Parameter(t.ones(2, requires_grad=True) * 2)
    told += [made.is_leaf, made.requires_grad, type(made * 2).__name__, type(made.data).__name__]
    told += [isinstance(t.ones(1), nn.Parameter), attempt(lambda: nn.Parameter(t.arange(3))), nn.Parameter()]
    told += [made, pickle.loads(pickle.dumps(made)), hash(made) == hash(made)]
    return told


@both
def registration_hooks(t):
    told = []
    m = t.nn.modules.module
    handles = [
        m.register_module_parameter_registration_hook(lambda mod, name, p: told.append(("parameter", name))),
        m.register_module_buffer_registration_hook(lambda mod, name, b: told.append(("buffer", name))),
        m.register_module_module_registration_hook(lambda mod, name, c: told.append(("module", name))),
    ]
    t.nn.Sequential(t.nn.BatchNorm1d(2))
    for handle in handles:
        handle.remove()
    t.nn.Linear(1, 1)
    return told


@both
def batches_of_nothing(t):
    norm, attention = t.nn.BatchNorm2d(3), t.nn.MultiheadAttention(4, 2)
    norm(t.ones(0, 3, 2, 2))
    layer = t.nn.TransformerDecoderLayer(4, 2, 8)
    found = layer(t.ones(3, 0, 4), t.ones(2, 0, 4))
    return [
        norm.running_mean,
        norm.running_var,
        list(attention(*[t.ones(3, 0, 4)] * 3, need_weights=False)[0].shape),
        list(found.shape),
    ]


@both
def one_half_of_the_extra_state(t):
    class Gives(t.nn.Module):  # type: ignore[name-defined]
        def get_extra_state(self):
            return 5

    class Takes(t.nn.Module):  # type: ignore[name-defined]
        def set_extra_state(self, state):
            self.state = state

    return [
        dict(Gives().state_dict()),
        attempt(lambda: Gives().load_state_dict({"_extra_state": 5})),
        dict(Takes().state_dict()),
        attempt(lambda: Takes().load_state_dict({})),
    ]


@both
def order_in_memory(t):
    conv = t.nn.Conv2d(3, 4, 2).to(memory_format=t.channels_last)
    return [conv.weight.is_contiguous(memory_format=t.channels_last), conv.weight.is_leaf]


@both
def lazy(t):
    nn = t.nn
    told = []
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(3))
    told += [
        model,
        attempt(lambda: model[0].weight.shape),
        [nn.parameter.is_lazy(p) for p in model.parameters()],
        str(attempt(model.share_memory)),
    ]
    told.append(type(model[0].weight).__name__)
    fresh = copy.deepcopy(nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyLinear(3)))
    told.append(tuple(model(t.ones(2, 3, 6, 6)).shape))
    told += [
        model,
        [tuple(p.shape) for p in model.parameters()],
        type(model[0]).__name__,
        len(model[0]._forward_pre_hooks),
    ]
    fresh.load_state_dict({**nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(2, 3)).state_dict()})
    told += [[tuple(p.shape) for p in fresh.parameters()], fresh]
    for name, shape in [
        ("LazyConv1d", (2, 3, 6)),
        ("LazyConv3d", (2, 3, 6, 6, 6)),
        ("LazyConvTranspose2d", (3, 6, 6)),
    ]:
        layer = getattr(nn, name)(4, 3, 2, 1)
        told += [tuple(layer(t.ones(*shape)).shape), layer]
    for name, shape in [
        ("LazyBatchNorm1d", (2, 3)),
        ("LazyInstanceNorm2d", (2, 3, 4, 4)),
        ("LazyBatchNorm3d", (2, 3, 2, 2, 2)),
    ]:
        layer = getattr(nn, name)(affine=True)
        told += [tuple(layer(t.ones(*shape)).shape), layer, list(layer.state_dict())]
    told.append(attempt(lambda: nn.LazyConv2d(2, 3)(t.ones(3))))
    return told


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_same_as_torch(program, device):
    if program in (conversions, parameters) and device != "cpu":
        pytest.skip("it moves the module to the CPU, or texts name the device")
    mine, wanted = told(program, st), told(program, torch)
    assert len(mine) == len(wanted)
    for i, (a, b) in enumerate(zip(mine, wanted, strict=True)):
        assert same(a, b), f"number {i}: {a} is not torch's {b}"


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}], ids=["plain", "deep"])
def test_packed_sequences(kind, options):
    reference = getattr(torch.nn, kind)(3, 4, **options)
    module = getattr(st.nn, kind)(3, 4, **options)
    module.load_state_dict({name: ours(value) for name, value in reference.state_dict().items()})
    rows = [torch.randn(n, 3) for n in (3, 5, 1, 5)]
    layers = reference.num_layers * (2 if reference.bidirectional else 1)
    hx = [torch.randn(layers, 4, 4) for _ in range(2 if kind == "LSTM" else 1)]
    for given in (None, hx):
        found = []
        for library, model in ((torch, reference), (st, module)):
            carry = (lambda x: x) if library is torch else ours
            packed = library.nn.utils.rnn.pack_sequence([carry(row) for row in rows], enforce_sorted=False)
            state = None if given is None else tuple(map(carry, given)) if kind == "LSTM" else carry(given[0])
            output, last = model(packed, state)
            padded, lengths = library.nn.utils.rnn.pad_packed_sequence(output)
            model.zero_grad()
            (padded.sum() + sum(part.sum() for part in (last if kind == "LSTM" else [last]))).backward()
            tensors = [padded, *(last if kind == "LSTM" else [last]), *(p.grad for p in model.parameters())]
            found.append([tensor.detach() if library is torch else theirs(tensor) for tensor in tensors])
            assert lengths.tolist() == [3, 5, 1, 5]
        for a, b in zip(*found, strict=True):
            assert torch.allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("lengths", [(5, 3), (5, 5)])
@pytest.mark.parametrize("norm", [False, True])
def test_padding_is_left_out_in_evaluation(lengths, norm):
    """Torch gives zeros for padding where no gradient is wanted."""
    found: list[Any] = []
    state: dict[str, Any] = {}
    padding = torch.arange(5) >= torch.tensor(lengths)[:, None]
    inside = torch.tensor([[False, True, False, False, True], [False] * 5])
    x = torch.randn(2, 5, 8)
    for library in (torch, st):
        nn = library.nn
        layer = nn.TransformerEncoderLayer(8, 2, 16, 0.1, batch_first=True)
        model = nn.TransformerEncoder(layer, 2, nn.LayerNorm(8) if norm else None)
        if library is st:
            model.load_state_dict({name: ours(value) for name, value in state.items()})
        state = model.state_dict()
        carry = (lambda x: x) if library is torch else ours
        results = []
        with warnings.catch_warnings(), library.no_grad():
            warnings.simplefilter("ignore")
            for mask in (padding, inside):
                results.append(model.eval()(carry(x), src_key_padding_mask=carry(mask)))
        with library.enable_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results.append(model(carry(x), src_key_padding_mask=carry(padding)))
        found.append([r.detach() if library is torch else theirs(r) for r in results])
    for a, b in zip(*found, strict=True):
        assert torch.allclose(a, b, atol=1e-5)


def test_transformer_masks():
    reference = torch.nn.Transformer(8, 2, 1, 1, 16, 0.0, batch_first=True)
    module = st.nn.Transformer(8, 2, 1, 1, 16, 0.0, batch_first=True)
    module.load_state_dict({name: ours(value) for name, value in reference.state_dict().items()})
    src, tgt = torch.randn(2, 5, 8), torch.randn(2, 4, 8)
    causal = torch.nn.Transformer.generate_square_subsequent_mask(4)
    assert st.equal(st.nn.Transformer.generate_square_subsequent_mask(4), ours(causal))
    padding = torch.tensor([[False] * 5, [False] * 3 + [True] * 2])
    options = {"tgt_mask": causal, "src_key_padding_mask": padding, "memory_key_padding_mask": padding}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = reference(src, tgt, **options)
        actual = module(ours(src), ours(tgt), **{name: ours(mask) for name, mask in options.items()})
    assert torch.allclose(theirs(actual), expected.detach(), atol=1e-5)
    plain = module(ours(src), ours(tgt), tgt_mask=ours(causal), tgt_is_causal=True)
    assert torch.allclose(theirs(plain), reference(src, tgt, tgt_mask=causal).detach(), atol=1e-5)


def test_hooks_of_all_modules_go_with_their_dictionary():
    """Programs empty torch's dictionaries by setting others."""
    seen = []
    st.nn.modules.module.register_module_forward_hook(lambda *_: seen.append(1))
    layer = st.nn.Identity()
    layer(st.ones(1))
    st.nn.modules.module._global_forward_hooks = OrderedDict()
    layer(st.ones(1))
    assert seen == [1]
