"""Losses and norms where they break: large logits, weights, ignored classes, probabilities at 0 and 1."""

import math

import pytest
import torch
from reference import HALVES, assert_same, collected, in_single, name_of, ours, pair

import spiraltorch_rs as st


def both(name, *arguments, **options):
    """A function of nn.functional in both libraries, with the gradient to its first operand."""
    found = []
    pairs = [pair(x, i == 0) if isinstance(x, torch.Tensor) else (x, x) for i, x in enumerate(arguments)]
    kwargs = {k: pair(v) if isinstance(v, torch.Tensor) else (v, v) for k, v in options.items()}
    for side, library in enumerate((st, torch)):
        operands = [p[side] for p in pairs]
        y = getattr(library.nn.functional, name)(*operands, **{k: v[side] for k, v in kwargs.items()})
        # Weights, because the sum of a softmax has no gradient but noise; exact in every dtype.
        weights = (torch.arange(y.numel()) % 7 / 4 + 0.5).reshape(tuple(y.shape))
        weights = weights.to(getattr(torch, name_of(y.dtype)))
        (y * (ours(weights) if library is st else weights)).sum().backward()
        found.append([y.detach(), operands[0].grad])
    return found


EXTREME = torch.tensor([[1e4, -1e4, 0.0], [100.0, 101.0, 99.0], [-1e30, 1e30, 1.0], [0.0, 0.0, 0.0]])


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
def test_large_logits_do_not_overflow(name, dtype):
    values = EXTREME.clamp(-6e4, 6e4) if dtype == "float16" else EXTREME
    values = values.to(getattr(torch, dtype))
    single = both(name, in_single(values), dim=1)[1] if dtype in HALVES else None
    assert_same(*both(name, values, dim=1), loose=4, single=single)


def test_rows_of_minus_infinity():
    inf = float("inf")
    rows = torch.tensor([[0.0, -inf, 1.0], [-inf, -inf, -inf], [inf, 0.0, 1.0], [float("nan"), 0.0, 1.0]])
    with collected() as failures:
        for name in ("softmax", "log_softmax"):
            with failures(name):
                assert_same(*both(name, rows, dim=1))
        for i in range(4):
            mine, reference = pair(rows[i])
            with failures(f"logsumexp {i}"):
                assert_same(mine.logsumexp(0), reference.logsumexp(0))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_cross_entropy(reduction):
    logits = torch.linspace(-3, 3, 24).reshape(4, 6)
    classes = torch.tensor([0, 5, -100, 2])
    weight = torch.linspace(0.5, 2, 6)
    with collected() as failures:
        for options in (
            {}, {"weight": weight}, {"label_smoothing": 0.1}, {"weight": weight, "label_smoothing": 0.2}
        ):  # fmt: skip
            with failures(str(list(options))):
                assert_same(*both("cross_entropy", logits, classes, reduction=reduction, **options), loose=4)
        with failures("probabilities"):
            assert_same(*both("cross_entropy", logits, logits.softmax(1), reduction=reduction), loose=4)
        with failures("extreme logits"):
            assert_same(
                *both("cross_entropy", EXTREME, torch.tensor([0, 1, 0, 2]), reduction=reduction), loose=4
            )
        with failures("images"):
            image = torch.linspace(-2, 2, 48).reshape(2, 4, 2, 3)
            places = torch.arange(12).reshape(2, 2, 3) % 4
            assert_same(*both("cross_entropy", image, places, reduction=reduction), loose=4)


def test_all_classes_ignored_is_nan():
    found = [
        lib.nn.functional.cross_entropy(lib.zeros(2, 3), lib.tensor([-100, -100])).item()
        for lib in (st, torch)
    ]
    assert all(value != value for value in found)


@pytest.mark.parametrize("wrong", [[3, 0], [-1, 0]])
def test_a_class_out_of_range_is_refused(wrong):
    with pytest.raises((IndexError, RuntimeError)):
        st.nn.functional.cross_entropy(st.zeros(2, 3), st.tensor(wrong)).item()
    assert st.ones(2).sum().item() == 2


@pytest.mark.parametrize("wrong", [3, -1])
def test_a_class_computed_late_is_checked_too(wrong):
    target = st.zeros(2, dtype=st.int64) + st.tensor([0, wrong])
    with pytest.raises((IndexError, RuntimeError)):
        st.nn.functional.cross_entropy(st.zeros(2, 3), target).item()
    late = st.zeros(2, dtype=st.int64) + st.tensor([0, -100])
    assert st.nn.functional.cross_entropy(st.zeros(2, 3), late).item() == pytest.approx(math.log(3))


def test_cross_entropy_makes_no_table_of_classes():
    """Without weights nothing is as long as the classes but the logits themselves."""
    logits, target = st.rand(4, 1000, requires_grad=True), st.tensor([1, 2, 3, 4])

    def step():
        st.nn.functional.cross_entropy(logits, target).backward()
        return logits.grad

    loops = [line.split()[-2] for line in str(st.explain(step)).splitlines()[1:-1]]
    assert "1000" not in loops, loops


def test_probabilities_at_the_ends():
    p = torch.tensor([0.0, 1.0, 0.0, 1.0, 0.5, 1e-30])
    y = torch.tensor([0.0, 1.0, 1.0, 0.0, 0.3, 1.0])
    assert_same(*both("binary_cross_entropy", p, y), loose=4)


def test_binary_cross_entropy_of_logits_is_stable():
    x = torch.tensor([-1e4, 1e4, -100.0, 100.0, 0.0, 30.0])
    y = torch.tensor([0.0, 0.0, 1.0, 1.0, 0.5, 0.2])
    with collected() as failures:
        for reduction in ("mean", "none"):
            with failures(reduction):
                assert_same(*both("binary_cross_entropy_with_logits", x, y, reduction=reduction), loose=4)


def test_kl_div_with_zero_target():
    assert_same(
        *both("kl_div", torch.tensor([-1.0, -2.0, -0.5]), torch.tensor([0.0, 0.4, 0.6]), reduction="sum")
    )


@pytest.mark.parametrize("shape", [(4, 8), (2, 3, 8), (5, 1000), (3, 7)], ids=str)
def test_layer_norm(shape):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(shape, generator=generator) * 3 + 2
    weight, bias = torch.randn(shape[-1], generator=generator), torch.randn(shape[-1], generator=generator)
    found = []
    leaves = [pair(v, True) for v in (x, weight, bias)]
    for side, library in enumerate((st, torch)):
        operands = [leaf[side] for leaf in leaves]
        if library is torch:
            operands = [leaf.detach().double().requires_grad_() for leaf in operands]
        y = library.nn.functional.layer_norm(operands[0], shape[-1:], operands[1], operands[2])
        (y * y * y).sum().backward()
        found.append([y.detach(), *(o.grad for o in operands)])
    for mine, reference in zip(*found, strict=True):
        # Far from the tolerance of a value: sums over rows cancel.
        size = max(1.0, reference.abs().max().item())
        assert_same(mine / size, (reference / size).float(), loose=100)


def test_batch_norm_updates_its_running_statistics():
    values = torch.randn(8, 3, 5, generator=torch.Generator().manual_seed(0))
    found = []
    for library, x in zip((st, torch), pair(values), strict=True):
        mean, var = library.zeros(3), library.ones(3)
        y = library.nn.functional.batch_norm(x, mean, var, training=True, momentum=0.3)
        z = library.nn.functional.batch_norm(x, mean, var, training=False)
        found.append([y, z, mean, var])
    assert_same(*found, loose=8)


def test_a_layer_norm_of_a_constant_is_zero():
    y = st.nn.functional.layer_norm(st.full((2, 100), 1e4), (100,))
    assert y.abs().max().item() < 1e-2


def test_shapes_that_do_not_fit_are_refused():
    functional = st.nn.functional
    with pytest.raises((RuntimeError, ValueError)):
        functional.mse_loss(st.zeros(3), st.zeros(2, 4))
    with pytest.raises((RuntimeError, ValueError)):
        functional.cross_entropy(st.zeros(2, 3), st.tensor([0, 1, 2]))
    with pytest.raises((RuntimeError, ValueError)):
        functional.layer_norm(st.zeros(2, 3), (4,))
    with pytest.raises((RuntimeError, ValueError)):
        functional.mse_loss(st.zeros(3), st.zeros(3), reduction="median")


@pytest.mark.parametrize("name", ["nll_loss", "cross_entropy"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_the_class_of_one_sample_may_be_a_list_of_one(name, reduction):
    logits, weight = torch.linspace(-3, 3, 6), torch.linspace(0.5, 2, 6)
    options = {"weight": weight, "reduction": reduction}
    # (Torch has the value for a list, but its gradient fails: it is that for a number.)
    value = getattr(torch.nn.functional, name)(logits, torch.tensor([4]), **options)
    reference = logits.clone().requires_grad_()
    getattr(torch.nn.functional, name)(reference, torch.tensor(4), **options).backward()
    mine = ours(logits).requires_grad_()
    loss = getattr(st.nn.functional, name)(
        mine, ours(torch.tensor([4])), weight=ours(weight), reduction=reduction
    )
    loss.backward()
    assert_same([loss.detach(), mine.grad], [value, reference.grad])


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_softmax_of_nothing_is_on_the_tape(name):
    for library in (st, torch):
        x = library.ones(0, 3, requires_grad=True)
        y = getattr(library.nn.functional, name)(x, dim=1)
        (gradient,) = library.autograd.grad(y, x, library.ones(0, 3), create_graph=True)
        assert gradient.requires_grad
        gradient.sum().backward()
        assert tuple(x.grad.shape) == (0, 3)
