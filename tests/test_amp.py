"""Mixed precision against torch's: the dtype of every operator and layer under autocast, and a scaler step by step."""

import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from layers import LAYERS, tensor
from operators import cases, mine, names, reference
from reference import name_of, ours, theirs

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("the lists of operators are those of the CPU")


DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


def kinds(result):
    """The dtypes of a result and what is in it."""
    if isinstance(result, (tuple, list)):
        return [kinds(part) for part in result]
    return name_of(result.dtype) if isinstance(result, (st.Tensor, torch.Tensor)) else type(result).__name__


def autocasts(dtype):
    return st.autocast("cpu", dtype=getattr(st, dtype)), torch.autocast("cpu", dtype=DTYPES[dtype])


@pytest.mark.parametrize("given", ["float32", "bfloat16", "float64"])
@pytest.mark.parametrize("name", names())
def test_operators(name, given):
    """Where torch computes something, we do too, and the result has torch's dtype."""
    for case in cases(name, given, ("contiguous",)):
        we, they = autocasts("bfloat16")
        try:
            with they:
                expected = reference(name)(*case.torch[0], **case.torch[1])
        except (RuntimeError, TypeError, IndexError, ValueError):
            continue
        with we:
            found = mine(name)(*case.ours[0], **case.ours[1])
        assert kinds(found) == kinds(expected), case.what


def in_header():
    """The lists of graphics processors in torch's header: operator to policy."""
    text = (Path(torch.__file__).parent / "include/ATen/autocast_mode.h").read_text()
    found = {}
    for name, policy in {
        "LOWER_PRECISION_FP": "lower_precision_fp",
        "FP32": "fp32",
        "FP32_SET_OPT_DTYPE": "fp32_set_opt_dtype",
        "PROMOTE": "promote",
    }.items():
        (body,) = re.findall(rf"#define AT_FORALL_{name}\(_\)(.*?)\n\n", text, re.DOTALL)
        found.update(dict.fromkeys(re.findall(r"_\((\w+)", body), policy))
    return found


# What torch makes of listed operators, or has no list for in its header.
NOT_IN_HEADER = set(
    "binary_cross_entropy cross_entropy grid_sample gru interpolate linear_cross_entropy lstm norm rnn_relu "
    "rnn_tanh upsample upsample_bilinear upsample_nearest".split()
)


def test_lists_of_graphics_processors():
    lists, ours_ = in_header(), {row["name"] for row in st._C._table()}
    assert len(lists) > 90
    for name in sorted(ours_):
        policy = st._C._autocast_policy("cuda", name)
        if name not in NOT_IN_HEADER:
            assert policy == lists.get(name), name
    assert st._C._autocast_policy("cuda", "binary_cross_entropy") == "banned"


@pytest.mark.parametrize("given", ["float32", "bfloat16"])
@pytest.mark.parametrize("layer", LAYERS, ids=[f"{layer.name}-{i}" for i, layer in enumerate(LAYERS)])
def test_layers(layer, given):
    """A layer with parameters in single precision gives torch's dtype, and values as close as half precision is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = getattr(torch.nn, layer.name)(*layer.args, **layer.kwargs).eval()
        module = getattr(st.nn, layer.name)(*layer.args, **layer.kwargs).eval()
    module.load_state_dict({name: ours(value) for name, value in reference.state_dict().items()})
    inputs = [tensor(x) for x in layer.inputs]
    inputs = [x.to(DTYPES[given]) if given in DTYPES and x.is_floating_point() else x for x in inputs]
    we, they = autocasts("bfloat16")
    try:
        with they:
            expected = reference(*(x.clone() for x in inputs))
    except (RuntimeError, ValueError):
        pytest.skip("torch refuses")
    with we:
        found = module(*(ours(x) for x in inputs))
    assert kinds(found) == kinds(expected)
    for mine_, theirs_ in zip(flat(found), flat(expected), strict=True):
        assert torch.allclose(theirs(mine_).double(), theirs_.detach().double(), rtol=0.05, atol=0.05)


def flat(result):
    """The tensors of a result."""
    if isinstance(result, (tuple, list)):
        return [tensor for part in result for tensor in flat(part)]
    return [] if result is None else [result]


@pytest.mark.parametrize("dtype", DTYPES)
def test_training(dtype):
    """A model in mixed precision learns as torch's does: gradients in single precision, about the same losses."""

    x, y = torch.randn(64, 8), torch.randint(0, 3, (64,))

    def losses(library, tensors, region):
        nn = library.nn
        torch.manual_seed(0)
        weights = [torch.randn(16, 8) * 0.3, torch.zeros(16), torch.randn(3, 16) * 0.3, torch.zeros(3)]
        model = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
        with library.no_grad():
            linears = [p for layer in (model[0], model[3]) for p in layer.parameters()]
            for parameter, value in zip(linears, weights, strict=True):
                parameter.copy_(tensors(value))
        optimizer = library.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        scaler = library.amp.GradScaler("cpu", init_scale=2.0**10, enabled=dtype == "float16")
        told = []
        for _ in range(20):
            with region():
                loss = nn.functional.cross_entropy(model(tensors(x)), tensors(y))
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            assert all(name_of(p.grad.dtype) == "float32" for p in model.parameters())
            scaler.step(optimizer)
            scaler.update()
            told.append(loss.item())
        return told

    mine_ = losses(st, ours, lambda: autocasts(dtype)[0])
    theirs_ = losses(torch, lambda x: x.clone(), lambda: autocasts(dtype)[1])
    assert mine_ == pytest.approx(theirs_, rel=0.05)
    assert mine_[-1] < mine_[0] * 0.75


def test_parameters_are_cast_once():
    """Within a region a parameter is cast once; a write to it makes another cast, and the region's end forgets all."""
    weight = st.randn(4, 4, requires_grad=True)
    x = st.randn(2, 4)
    with st.autocast("cpu"):
        outputs = [x @ weight for _ in range(3)]
        casts = {y.grad_fn.next_functions[1][0] for y in outputs}
        assert len(casts) == 1
        with st.no_grad():
            weight.mul_(2)
        assert st.equal(x @ weight, x.bfloat16() @ weight.bfloat16())
    outputs = []
    for enabled in (True, False):
        with st.autocast("cpu", cache_enabled=enabled):
            pair_ = [x @ weight for _ in range(2)]
            outputs.append(len({y.grad_fn.next_functions[1][0] for y in pair_}))
    assert outputs == [1, 2]
    with st.autocast("cpu"):
        with st.no_grad():
            x @ weight
        assert (x @ weight).requires_grad
    (x @ weight).sum().backward()
    assert weight.grad.dtype == st.float32


def test_regions():
    x = st.ones(2, 2)
    assert not st.is_autocast_enabled("cpu")
    with st.autocast("cpu"):
        assert st.is_autocast_enabled("cpu")
        assert st.is_autocast_cpu_enabled()
        with st.autocast("cpu", enabled=False):
            assert (x @ x).dtype == st.float32
        with st.autocast("cpu", dtype=st.float16):
            assert st.get_autocast_dtype("cpu") == st.float16
            assert (x @ x).dtype == st.float16
        assert (x @ x).dtype == st.bfloat16
        assert st.mm(x, x, out=st.empty(2, 2)).dtype == st.float32, "what is written into decides"
        y = x.clone()
        assert y.addmm_(x, x).dtype == st.float32
        assert (x.double() @ x.double()).dtype == st.float64
    assert (x @ x).dtype == st.float32
    with pytest.raises(KeyError), st.autocast("cpu"):
        raise KeyError
    assert not st.is_autocast_enabled("cpu")

    @st.autocast("cpu")
    def product(a):
        return a @ a

    assert product(x).dtype == st.bfloat16
    region = st.autocast("cpu")
    with region, region:
        pass
    assert not st.is_autocast_enabled("cpu")


def test_settings():
    try:
        st.set_autocast_dtype("cpu", st.float16)
        st.set_autocast_enabled("cpu", True)
        x = st.ones(2, 2)
        assert (x @ x).dtype == st.float16
    finally:
        st.set_autocast_enabled("cpu", False)
        st.set_autocast_dtype("cpu", st.bfloat16)
    for kind in ("cpu", "cuda"):
        assert name_of(st.get_autocast_dtype(kind)) == name_of(torch.get_autocast_dtype(kind))
        assert st.amp.is_autocast_available(kind)
    assert st.is_autocast_cache_enabled()
    assert st.autocast_increment_nesting() == 1
    assert st.autocast_decrement_nesting() == 0
    with pytest.warns(UserWarning, match="target dtype is not supported"):
        assert not st.autocast("cpu", dtype=st.float64)._enabled
    with pytest.warns(FutureWarning, match="deprecated"):
        assert st.cpu.amp.autocast().fast_dtype == st.bfloat16
    with pytest.warns(FutureWarning, match="deprecated"):
        assert st.cpu.amp.GradScaler().is_enabled()
    with pytest.raises(ValueError, match="device_type"):
        st.autocast(st.device("cpu"))
    with pytest.raises(RuntimeError, match="device type"):
        st.autocast("abacus")


def test_functions_of_users():
    """`custom_fwd` casts what comes in and computes there; `custom_bwd` runs as forward ran."""

    def told(library):
        seen = []

        base: Any = library.autograd.Function

        class Product(base):
            @staticmethod
            @library.amp.custom_fwd(device_type="cpu", cast_inputs=library.float32)
            def forward(ctx, a, b):
                ctx.save_for_backward(a, b)
                seen.append([name_of(a.dtype), library.is_autocast_enabled("cpu")])
                return a @ b

            @staticmethod
            @library.amp.custom_bwd(device_type="cpu")
            def backward(ctx, gradient):
                a, b = ctx.saved_tensors
                seen.append([name_of((gradient @ b.t()).dtype), library.is_autocast_enabled("cpu")])
                return gradient @ b.t(), a.t() @ gradient

        class Plain(Product):
            @staticmethod
            @library.amp.custom_fwd(device_type="cpu")
            def forward(ctx, a, b):
                ctx.save_for_backward(a, b)
                seen.append([name_of((a @ b).dtype), library.is_autocast_enabled("cpu")])
                return a @ b

        for function in (Product, Plain):
            a = library.ones(2, 2, requires_grad=True)
            with library.autocast("cpu"):
                y = function.apply(a, library.ones(2, 2))
            y.sum().backward()
            seen.append([name_of(y.dtype), a.grad.tolist()])
        return seen

    assert told(st) == told(torch)


def test_checkpoints_run_as_before():
    from spiraltorch_rs.utils.checkpoint import checkpoint

    seen = []

    def function(x):
        seen.append((x @ x).dtype)
        return (x @ x).float()

    x = st.ones(2, 2, requires_grad=True)
    with st.autocast("cpu"):
        y = checkpoint(function, x)
    y.sum().backward()
    assert seen == [st.bfloat16, st.bfloat16]


def run_scaler(library, tensors, values, **settings):
    """A scaler through gradients of some sizes: scale, tracker, parameter and error after each step."""
    parameter = tensors(torch.ones(3)).requires_grad_()
    optimizer = library.optim.SGD([parameter], lr=0.5)
    scaler = library.amp.GradScaler("cpu", **settings)
    told = []
    for i, value in enumerate(values):
        optimizer.zero_grad()
        scaler.scale((parameter * value).sum()).backward()
        if i % 2:
            scaler.unscale_(optimizer)
            told.append(parameter.grad.tolist())
        scaler.step(optimizer)
        scaler.update()
        told.append([scaler.get_scale(), scaler._get_growth_tracker(), parameter.tolist()])
    return told, scaler.state_dict()


NOTHING, INF, NAN = 0.25, float("inf"), float("nan")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"init_scale": 8.0, "growth_interval": 2},
        {"init_scale": 4.0, "growth_factor": 3.0, "backoff_factor": 0.1, "growth_interval": 1},
        {"init_scale": 2.0**126, "growth_interval": 1},
        {"enabled": False},
    ],
    ids=str,
)
def test_scaler(settings):
    values = [NOTHING, NOTHING, INF, NOTHING, NAN, NOTHING, NOTHING, NOTHING, -INF, NOTHING]
    if not settings.get("enabled", True):
        values = [NOTHING, NOTHING]
    (told, state), (wanted, state_) = (
        run_scaler(library, tensors, values, **settings)
        for library, tensors in ((st, ours), (torch, lambda x: x.clone()))
    )
    assert str(told) == str(wanted)
    assert state == state_


def refusals(library):
    """What a scaler refuses, each as a function."""
    parameter = library.ones(2, requires_grad=True)
    optimizer = library.optim.SGD([parameter], lr=0.5)

    def scaler(backward=True):
        made = library.amp.GradScaler("cpu")
        if backward:
            made.scale(parameter.sum()).backward()
        return made

    def twice(*names):
        made = scaler()
        for name in names:
            getattr(made, name)(optimizer)

    half = library.ones(2, dtype=library.float16, requires_grad=True)

    def halves():
        made = library.amp.GradScaler("cpu", init_scale=2.0)
        made.scale(half.sum()).backward()
        made.unscale_(library.optim.SGD([half], lr=0.1))

    return [
        lambda: twice("unscale_", "unscale_"),
        lambda: twice("step", "step"),
        lambda: twice("step", "unscale_"),
        lambda: scaler(False).step(optimizer),
        lambda: scaler(False).update(),
        lambda: scaler().update(),
        lambda: scaler().step(library.optim.SGD([library.ones(1, requires_grad=True)], lr=1.0)),
        lambda: scaler().step(optimizer, closure=lambda: None),
        lambda: scaler().scale(3),
        lambda: library.amp.GradScaler("cpu", growth_factor=1.0),
        lambda: library.amp.GradScaler("cpu", backoff_factor=1.0),
        lambda: scaler().load_state_dict({}),
        lambda: pickle.dumps(twice_stepped(scaler(), optimizer)),
        halves,
    ]


def twice_stepped(scaler, optimizer):
    """A scaler in the middle of an iteration."""
    scaler.step(optimizer)
    return scaler


@pytest.mark.parametrize("number", range(14))
def test_scaler_refuses(number):
    kinds_ = []
    for library in (st, torch):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - the kinds are compared
            refusals(library)[number]()
        kinds_.append(type(caught.value))
    assert kinds_[0] is kinds_[1]


def test_scaler_goes_on():
    """A state that is loaded, a pickle, a new scale, and lists of losses."""
    parameter = st.ones(2, requires_grad=True)
    optimizer = st.optim.SGD([parameter], lr=0.5)
    scaler = st.amp.GradScaler("cpu", init_scale=4.0, growth_interval=3)
    scaler.scale(parameter.sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    for other in (st.amp.GradScaler("cpu"), pickle.loads(pickle.dumps(scaler))):
        other.load_state_dict(scaler.state_dict())
        assert other.state_dict() == scaler.state_dict()
        assert other.scale(st.ones(1)).tolist() == [4]
    scaled = scaler.scale([st.ones(1), (st.ones(2),)])
    assert [scaled[0].tolist(), scaled[1][0].tolist()] == [[4], [4, 4]]
    scaler.update(16.0)
    assert scaler.get_scale() == 16
    scaler.update(st.tensor(2.0))
    assert scaler.get_scale() == 2
    scaler.set_growth_factor(3.0)
    assert scaler.get_growth_factor() == 3
