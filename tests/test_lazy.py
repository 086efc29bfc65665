"""What laziness promises: fused kernels, plans that are found again, memory bounds, and eager semantics."""

import math
import resource

import numpy as np
import pytest
import torch
from reference import assert_same, collected, pair

import spiraltorch_rs as st


def kernels(work):
    """The kernels that a function's work takes, once its operands are there."""
    st.synchronize()
    return st.explain(work).kernels


def described(work):
    return [(kernel.kind, kernel.operators) for kernel in kernels(work)]


F = st.nn.functional


def ready(*shape, requires_grad=False):
    """Random numbers that are computed already."""
    x = st.randn(*shape)
    st.realize(x)
    return x.requires_grad_(requires_grad)


X, W, B = ready(64, 128), ready(32, 128), ready(32)
ROW, COLUMN = ready(128), ready(64, 1)

# A function of tensors that are there, and the most kernels it may take.
FUSED = {
    "gelu chain": (lambda: F.gelu(X * 2 + ROW) + X, 1),
    "tanh gelu": (lambda: F.gelu(X, approximate="tanh"), 1),
    "broadcasts": (lambda: (X + ROW) * COLUMN - X.exp(), 1),
    "views": (lambda: X.t()[1:, ::2] + X[::2, 1:].t() * 2, 1),
    "casts": (lambda: (X.to(st.bfloat16) * 2).float() + 1, 1),
    "random": (lambda: X + st.rand(64, 128) * 0.1, 1),
    "where": (lambda: st.where(X > 0, X, X.exp() - 1), 1),
    "sum": (lambda: (X * X).sum(), 1),
    "sum with epilogue": (lambda: (X * X).sum(1).sqrt() + 1, 1),
    "mean": (lambda: X.mean(0), 1),
    "variance": (lambda: X.var(1), 1),
    "softmax": (lambda: X.softmax(1), 1),
    "log_softmax": (lambda: X.log_softmax(1), 1),
    "logsumexp": (lambda: X.logsumexp(1), 1),
    "layer_norm": (lambda: F.layer_norm(X, (128,), ROW, ROW), 1),
    "rms_norm": (lambda: F.rms_norm(X, (128,), ROW), 1),
    "scaled softmax": (lambda: (X * 0.125 + ROW).softmax(1), 1),
    "linear": (lambda: F.linear(X, W, B), 1),
    "linear and gelu": (lambda: F.gelu(F.linear(X, W, B)), 1),
    "linear, gelu, residual": (lambda: F.gelu(F.linear(X, W, B)) + COLUMN, 1),
    "argmax": (lambda: (X * 2).argmax(1), 1),
    "cat of chains": (lambda: st.cat([X * 2, X + 1]), 2),
    "mse": (lambda: F.mse_loss(X, X * 2), 1),
}


@pytest.mark.parametrize("what", FUSED)
def test_fusion(what):
    work, most = FUSED[what]
    ran = described(work)
    assert 1 <= len(ran) <= most, ran


BACKWARD = {
    "gelu chain": (lambda x: F.gelu(x * 2 + ROW) + x, 1),
    "softmax": (lambda x: x.softmax(1), 1),
    "log_softmax": (lambda x: x.log_softmax(1), 1),
    "layer_norm": (lambda x: F.layer_norm(x, (128,)), 1),
    "sum of squares": (lambda x: (x * x).sum(1), 1),
}


@pytest.mark.parametrize("what", BACKWARD)
def test_fusion_of_backward(what):
    work, most = BACKWARD[what]
    x = ready(64, 128, requires_grad=True)
    upstream = ready(*work(x).shape)
    ran = described(lambda: st.autograd.grad(work(x), x, upstream))
    assert 1 <= len(ran) <= most, ran


def adam(parameters, moments, step, rate=1e-3):
    """Adam written with tensors, its factors Python numbers that change at every step."""
    with st.no_grad():
        for p, (m, v) in zip(parameters, moments, strict=True):
            m.mul_(0.9).add_(p.grad, alpha=0.1)
            v.mul_(0.999).addcmul_(p.grad, p.grad, value=0.001)
            denominator = (v / (1 - 0.999**step)).sqrt().add_(1e-8)
            p.addcdiv_(m, denominator, value=-rate / (1 - 0.9**step))


def trained(shapes):
    """Parameters with gradients that are there, and Adam's moments."""
    parameters = [ready(*shape, requires_grad=True) for shape in shapes]
    for p in parameters:
        p.grad = ready(*p.shape)
    moments = [(st.zeros(*p.shape), st.zeros(*p.shape)) for p in parameters]
    st.realize(*(t for pair in moments for t in pair))
    return parameters, moments


def test_an_adam_step_takes_a_kernel_for_each_parameter_at_most():
    parameters, moments = trained([(32, 16), (32,), (8, 32), (8,)])
    ran = described(lambda: adam(parameters, moments, 1))
    assert 1 <= len(ran) <= len(parameters), ran


def test_one_kernel_reads_and_writes_its_operands_once():
    x = ready(1000, 1000)
    (kernel,) = kernels(lambda: F.gelu(x * 2 + 1) + x)
    assert kernel.bytes == 2 * x.numel() * 4


# Trap 1: Python numbers that change are parameters of the kernel.


def counts(work):
    """How the counters grow while a function runs."""
    before = st._C._stats()
    work()
    st.synchronize()
    return {name: value - before[name] for name, value in st._C._stats().items()}


def test_changing_numbers_hit_the_plan():
    x = ready(100)

    def step(i):
        y = (x * (0.1 * i) + i).sum() * math.sqrt(i)
        assert y.item() == pytest.approx((x.double() * (0.1 * i) + i).sum().item() * math.sqrt(i), rel=1e-4)

    step(2)
    step(3)
    grown = counts(lambda: [step(i) for i in range(4, 40)])
    assert grown["plans"] == grown["kernels_compiled"] == 0, grown
    assert grown["plan_hits"] >= 36


def test_a_training_loop_plans_once():
    parameters, moments = trained([(16, 8), (16,)])
    x, y = ready(32, 8), ready(32, 16)

    def step(i):
        for p in parameters:
            p.grad = None
        loss = F.mse_loss(F.linear(x, *parameters).tanh(), y)
        loss.backward()
        adam(parameters, moments, i, rate=0.01 / i)
        return loss.item()

    losses = [step(i) for i in range(1, 5)]
    grown = counts(lambda: losses.extend(step(i) for i in range(5, 40)))
    assert grown["plans"] == grown["kernels_compiled"] == 0, grown
    assert losses[-1] < losses[0]
    assert all(math.isfinite(loss) for loss in losses)


# Trap 2: sizes are parameters too.


def test_new_sizes_compile_nothing():
    def step(rows, columns):
        x = st.ones(rows, columns)
        return (F.gelu(x * 2) + x).softmax(1).sum().item()

    for columns in (32, 33, 64, 65):
        step(7, columns)
    grown = counts(lambda: [step(rows, columns) for rows in range(2, 12) for columns in range(34, 60)])
    assert grown["kernels_compiled"] <= 4, grown


def test_a_growing_sequence():
    """A cache that grows by a row at every step, as in decoding."""
    cache = ready(1, 16)

    def step():
        nonlocal cache
        cache = st.cat([cache, cache[-1:] * 0.5 + 1])
        return (cache @ cache[-1]).softmax(0).sum().item()

    for _ in range(40):
        assert step() == pytest.approx(1, abs=1e-4)
    grown = counts(lambda: [step() for _ in range(60)])
    assert grown["kernels_compiled"] <= 4, grown


def test_the_last_small_batch_is_free():
    weight = ready(10, 20)

    def step(batch):
        return F.cross_entropy(F.linear(st.ones(batch, 20), weight), st.zeros(batch, dtype=st.int64)).item()

    step(64)
    step(63)
    grown = counts(lambda: [step(batch) for batch in (64, 64, 37, 64, 21)])
    assert grown["kernels_compiled"] <= 2, grown


# Eager semantics and bounds.


def test_fused_is_unfused_bit_for_bit():
    """Where nothing is added in another order, fusion changes no bit."""
    functions = {
        "pointwise": lambda: F.gelu(X * 2 + ROW) + X,
        "views": lambda: (X.t() * 3)[::2] + 1,
        "half": lambda: (X.to(st.bfloat16) * ROW.to(st.bfloat16) + 1).exp(),
        "softmax": lambda: X.softmax(1),
        "matmul": lambda: F.gelu(F.linear(X, W, B)),
    }
    with collected() as failures:
        for name, work in functions.items():
            with failures(name):
                fused = work().tolist()
                before = st._C._set_fusion(False)
                try:
                    unfused = work().tolist()
                finally:
                    st._C._set_fusion(True if before is None else before)
                assert fused == unfused


# What is made of attention's results: the heads side by side, mostly, and seen by nobody else.
ATTENDED = {
    "a projection": lambda y, w: [y.transpose(1, 2).reshape(2, 37, 48) @ w],
    "two of them": lambda y, w: [
        y.transpose(1, 2).reshape(2, 37, 48) @ w,
        y.permute(2, 1, 0, 3).reshape(37, 96),
    ],
    "a copy that is kept": lambda y, w: [y.transpose(1, 2).contiguous()],
    "kept themselves": lambda y, w: [y.transpose(1, 2).reshape(2, 37, 48) @ w, y],
    "read by others": lambda y, w: [y.transpose(1, 2).reshape(2, 37, 48) @ w, y.exp().sum(2)],
    "a copy that is written": lambda y, w: [y.transpose(1, 2).clone().mul_(2).reshape(2, 37, 48) @ w],
    "some heads": lambda y, w: [y[:, 1:3].transpose(1, 2).reshape(2, 37, 24) @ w[:24]],
}


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("what", ATTENDED)
def test_results_of_attention_lie_as_they_are_wanted(what, causal):
    def results(lib, dtype):
        x, w = (lib.tensor(t.tolist(), dtype=dtype).requires_grad_() for t in (inputs, weight))
        heads = [part.transpose(1, 2) for part in x.unbind(2)]
        found = ATTENDED[what](lib.nn.functional.scaled_dot_product_attention(*heads, is_causal=causal), w)
        sum((y * y).sum() for y in found).backward()
        gradients = [t.grad for t in (x, w) if t.grad is not None]
        if lib is st:
            st.realize(*found, *gradients)
        return found + gradients

    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(2, 37, 3, 4, 12, generator=generator)
    weight = torch.randn(48, 48, generator=generator) / 7
    for mine, their in zip(results(st, st.float32), results(torch, torch.float64), strict=True):
        assert mine.shape == their.shape
        error = torch.tensor(mine.tolist(), dtype=torch.float64) - their.detach()
        assert error.norm() < 2e-6 * their.detach().norm()


def test_unread_work_does_not_pile_up():
    """A loop that never looks: the graph is run when it has grown, and memory stays."""
    x = st.zeros(1000)
    for _ in range(200):
        x = x + 1
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20_000):
        x = x + 1
    assert x[0].item() == 20_200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start < 200_000, "kilobytes"


def test_what_is_never_used_is_never_run():
    x = ready(10)
    ran = kernels(lambda: [(x * 2).exp() and None for _ in range(0)] or x + 1)
    assert len(ran) == 1


def test_values_are_as_of_the_call():
    x = st.ones(3)
    y = x * 2
    x.add_(10)
    z = x * 2
    x.zero_()
    assert [y.tolist(), z.tolist(), x.tolist()] == [[2] * 3, [22] * 3, [0] * 3]


def test_realize_and_synchronize():
    x = st.ones(100) * 3
    y = x.sum()
    st.realize(x, y)
    st.synchronize()
    assert len(st.explain(lambda: y)) == 0, "it is there already"
    assert y.item() == 300


def test_explain_takes_functions_and_tensors():
    report = st.explain(lambda a: (a * 2).sum(), X)
    assert len(report) == 1
    assert "sum" in repr(report)
    assert report.result.item() == pytest.approx((X * 2).sum().item(), rel=1e-4)
    waiting = X * 5 + 1
    assert len(st.explain(waiting)) == 1
    others = [X.sum(0), X.sum(1)]
    report = st.explain(*others)
    assert len(report) == 2
    assert all(mine is other for mine, other in zip(report.result, others, strict=True))
    assert len(st.explain(st.complex(X, X) * 2j)) > 0
    with pytest.raises(TypeError, match="expected a function or tensors, but got int"):
        st.explain(3)  # type: ignore[arg-type]
    assert all(kernel.bytes > 0 and kernel.seconds >= 0 for kernel in report.kernels)


def test_backends():
    table = st.backends()
    (cpu,) = (backend for backend in table if backend.name == "cpu")
    assert cpu.built_in
    assert cpu.usable
    assert cpu.devices
    assert all(backend.why_not for backend in table if not backend.usable)
    assert "cpu" in repr(table)


def test_numpy_and_a_plan_that_is_found_again():
    """The plan of a step over shared memory does not remember the first array."""
    results = [(st.from_numpy(np.full(10, float(i))) * 2).sum().item() for i in range(5)]
    assert results == [20 * i for i in range(5)]


@pytest.mark.parametrize(
    ("left", "right"), [((4, 5, 6, 3), (4, 5, 3, 7)), ((5, 6, 3), (3, 7)), ((6, 3), (3, 7))], ids=str
)
@pytest.mark.parametrize("turned", [False, True])
def test_positions_after_a_product(left, right, turned):
    """A product's dimensions are joined and turned in its kernel; numbers that count its elements must not notice."""

    def work(library, a, b):
        y = a @ b
        y = y + library.arange(y.numel()).reshape(tuple(y.shape))
        return y.transpose(-1, -2).contiguous() if turned else y

    generator = torch.Generator().manual_seed(0)
    (a, example_a), (b, example_b) = (pair(torch.rand(shape, generator=generator)) for shape in (left, right))
    assert_same(work(st, a, b), work(torch, example_a, example_b))


LARGE = {
    "pointwise": lambda lib, x: lib.tanh(x) * 2,
    "transposed": lambda lib, x: x.t().contiguous(),
    "rows": lambda lib, x: lib.softmax(x, 1),
    "columns": lambda lib, x: lib.softmax(x, 0),
    "two results": lambda lib, x: lib.stack([x + 1, x - 1])[:, 1:],
    "halves": lambda lib, x: (x + 1).to(lib.bfloat16),
    "cut": lambda lib, x: (x[:, 3:] + 1)[1:],
    "in place": lambda lib, x: x.clone().mul_(2).add_(x),
    "part": lambda lib, x: x.clone().index_fill_(1, lib.tensor([1, 5]), 0),
}


@pytest.mark.parametrize("what", LARGE)
def test_large_results(what):
    """Large results are written past the caches, in whole lines where the rows allow it."""
    x = torch.linspace(-3, 3, 2049 * 2051, dtype=torch.float32).reshape(2049, 2051)
    mine, reference = pair(x)
    assert_same(LARGE[what](st, mine), LARGE[what](torch, reference), loose=4)
