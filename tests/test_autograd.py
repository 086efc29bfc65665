"""The tape: hooks, graphs kept and made, leaves, versions, modes, own functions, checkpoints, anomalies, length."""

import gc
import warnings
import weakref
from importlib import import_module
from typing import Any

import pytest
import torch
from reference import assert_same, collected, ours, pair, theirs

import spiraltorch_rs as st

BOTH = pytest.mark.parametrize("library", [st, torch], ids=["ours", "torch"])


def leaf(library, *values):
    return library.tensor([float(v) for v in values], requires_grad=True)


@BOTH
def test_gradients_accumulate_until_cleared(library):
    x = leaf(library, 1, 2, 3)
    for _ in range(3):
        (x * x).sum().backward()
    assert x.grad.tolist() == [6, 12, 18]
    x.grad = None
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2, 2, 2]
    x.grad.zero_()
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3, 3, 3]


@BOTH
def test_one_tensor_used_often(library):
    x = leaf(library, 3)
    y = x * x
    z = y * x + y + x
    z.backward()
    assert x.grad.tolist() == [27 + 6 + 1]


@BOTH
def test_backward_needs_a_number_or_a_gradient(library):
    x = leaf(library, 1, 2)
    with pytest.raises(RuntimeError, match="scalar"):
        (x * 2).backward()
    (x * 2).backward(library.tensor([1.0, 10.0]))
    assert x.grad.tolist() == [2, 20]
    with pytest.raises(RuntimeError, match=r"shape|size|Mismatch"):
        (x * 2).backward(library.ones(3))
    with pytest.raises(RuntimeError, match=r"require|grad"):
        library.ones(1).sum().backward()


@BOTH
def test_a_graph_is_freed_unless_kept(library):
    x = leaf(library, 2)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [8]
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


@BOTH
def test_what_saved_nothing_may_go_backward_twice(library):
    x = leaf(library, 2)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2]


@BOTH
def test_backward_to_chosen_inputs(library):
    x, y = leaf(library, 2), leaf(library, 3)
    (x * y).sum().backward(inputs=[x])
    assert x.grad.tolist() == [3]
    assert y.grad is None


@BOTH
def test_grad(library):
    x, y = leaf(library, 2), leaf(library, 3)
    z = x * y
    dx, dy = library.autograd.grad(z.sum(), [x, y], retain_graph=True)
    assert (dx.item(), dy.item()) == (3, 2)
    assert x.grad is None
    (dz,) = library.autograd.grad((z * z).sum(), z)
    assert dz.item() == 12
    with pytest.raises(RuntimeError, match="allow_unused"):
        library.autograd.grad((x * 2).sum(), [x, y])
    _, nothing = library.autograd.grad((x * 2).sum(), [x, y], allow_unused=True)
    assert nothing is None
    _, zeros = library.autograd.grad((x * 2).sum(), [x, y], materialize_grads=True)
    assert zeros.tolist() == [0]


@BOTH
def test_any_order(library):
    x = leaf(library, 0.5)
    y = x.sin() * x.exp()
    expected = torch.tensor([0.5], dtype=torch.float64)
    # The derivatives of exp(x) sin(x) repeat with a factor of -4 every four.
    for _ in range(4):
        (y,) = library.autograd.grad(y.sum(), x, create_graph=True)
    assert y.item() == pytest.approx(-4 * (expected.sin() * expected.exp()).item(), rel=1e-5)


@BOTH
def test_backward_with_create_graph(library):
    x = leaf(library, 3)
    (x**3).sum().backward(create_graph=True)
    assert x.grad.requires_grad
    (second,) = library.autograd.grad(x.grad.sum(), x)
    assert second.item() == pytest.approx(18)
    x.grad = None


@BOTH
def test_hooks_of_tensors(library):
    seen = []
    x = leaf(library, 1, 2)
    y = x * 3
    y.register_hook(lambda gradient: seen.append(("y", gradient.tolist())))
    y.register_hook(lambda gradient: gradient * 10)
    handle = x.register_hook(lambda gradient: seen.append(("x", gradient.tolist())))
    y.sum().backward()
    assert seen == [("y", [1, 1]), ("x", [30, 30])]
    assert x.grad.tolist() == [30, 30]
    handle.remove()
    (x * 2).sum().backward()
    assert len(seen) == 2


@BOTH
def test_hooks_after_accumulation(library):
    seen = []
    x = leaf(library, 1)
    handle = x.register_post_accumulate_grad_hook(lambda tensor: seen.append(tensor.grad.item()))
    (x * 2).sum().backward()
    (x * 3).sum().backward()
    handle.remove()
    (x * 4).sum().backward()
    assert seen == [2, 5]
    with pytest.raises(RuntimeError, match="leaf"):
        (x * 2).register_post_accumulate_grad_hook(lambda tensor: None)


@BOTH
def test_hooks_may_write_parameters(library):
    """An optimizer inside of backward: the step of each parameter as its gradient is ready."""
    x = leaf(library, 1, 2)

    def step(parameter):
        with library.no_grad():
            parameter.sub_(parameter.grad, alpha=0.5)
        parameter.grad = None

    x.register_post_accumulate_grad_hook(step)
    (x * x).sum().backward()
    assert x.tolist() == [0, 0]
    assert x.grad is None


@BOTH
def test_an_error_in_a_hook_reaches_the_caller(library):
    def fail(gradient):
        raise KeyError("mine")

    x = leaf(library, 1)
    y = x * 2
    y.register_hook(fail)
    with pytest.raises(KeyError, match="mine"):
        y.sum().backward()
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2]


@BOTH
def test_leaves(library):
    x = leaf(library, 1)
    y = x * 2
    assert (x.is_leaf, y.is_leaf, y.detach().is_leaf) == (True, False, True)
    assert (x.grad_fn, y.requires_grad, y.detach().requires_grad) == (None, True, False)
    assert y.grad_fn is not None
    with pytest.raises(RuntimeError, match="leaf"):
        y.requires_grad = False
    with pytest.raises(RuntimeError, match="float"):
        library.tensor([1, 2], requires_grad=True)
    with pytest.raises(RuntimeError, match="float"):
        library.tensor([1, 2]).requires_grad_()
    z = library.ones(2).requires_grad_()
    z.requires_grad = False
    assert not (z * 2).requires_grad


@BOTH
@pytest.mark.filterwarnings("ignore:The .grad attribute")
def test_gradients_of_results_are_kept_if_asked(library):
    x = leaf(library, 1)
    y, z = x * 2, x * 3
    y.retain_grad()
    (y * z).sum().backward()
    assert y.retains_grad
    assert y.grad.tolist() == [3]
    assert z.grad is None


@BOTH
def test_grad_must_fit(library):
    x = leaf(library, 1, 2)
    x.grad = library.ones(2)
    x.sum().backward()
    assert x.grad.tolist() == [2, 2]
    with pytest.raises(RuntimeError):
        x.grad = library.ones(3)
    with pytest.raises(TypeError):
        x.grad = 3


@BOTH
def test_modes(library):
    x = leaf(library, 1)
    assert library.is_grad_enabled()
    with library.no_grad():
        assert not library.is_grad_enabled()
        assert not (x * 2).requires_grad
        with library.enable_grad():
            assert (x * 2).requires_grad
        assert library.ones(1, requires_grad=True).requires_grad
    with library.set_grad_enabled(False):
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


@BOTH
def test_modes_decorate_and_end_with_an_exception(library):
    x = leaf(library, 1)

    @library.no_grad()
    def double(t):
        return t * 2

    assert not double(x).requires_grad
    assert double.__name__ == "double"
    with pytest.raises(ZeroDivisionError), library.no_grad():
        1 / 0  # noqa: B018
    assert library.is_grad_enabled()


@BOTH
def test_inference_mode(library):
    x = leaf(library, 1)
    with library.inference_mode():
        y = x * 2
        assert library.is_inference_mode_enabled()
        assert not y.requires_grad
        assert y.is_inference()
        y.add_(1)
    assert y.tolist() == [3]
    with pytest.raises(RuntimeError, match=r"[Ii]nference"):
        (y * x).sum().backward()
    with pytest.raises(RuntimeError, match=r"[Ii]nference"):
        y.add_(1)


def cube_of(library):
    base: Any = library.autograd.Function

    class Cube(base):
        """x cubed; the gradient is scaled by `factor`."""

        @staticmethod
        def forward(ctx, x, factor):
            ctx.save_for_backward(x)
            ctx.factor = factor
            return x**3

        @staticmethod
        def backward(ctx, gradient):
            (x,) = ctx.saved_tensors
            return 3 * x**2 * gradient * ctx.factor, None

    return Cube


@BOTH
def test_function(library):
    cube = cube_of(library)
    x = leaf(library, 1, 2)
    y = cube.apply(x, 10)
    assert y.requires_grad
    assert "Cube" in type(y.grad_fn).__name__ + str(y.grad_fn)
    y.sum().backward()
    assert y.tolist() == [1, 8]
    assert x.grad.tolist() == [30, 120]


@BOTH
def test_double_backward_through_a_function(library):
    x = leaf(library, 2)
    (first,) = library.autograd.grad(cube_of(library).apply(x, 1).sum(), x, create_graph=True)
    (second,) = library.autograd.grad(first.sum(), x)
    assert second.tolist() == [12]


@BOTH
def test_function_with_many_results_and_inputs(library):
    base: Any = library.autograd.Function

    class Both(base):
        @staticmethod
        def forward(ctx, a, b):
            assert ctx.needs_input_grad == (True, False)
            ctx.mark_non_differentiable()
            return a + b, a * b

        @staticmethod
        def backward(ctx, left, right):
            return left + 2 * right, None

    a, b = leaf(library, 3), library.tensor([2.0])
    total, product = Both.apply(a, b)
    (total + 10 * product).sum().backward()
    assert a.grad.tolist() == [21]
    assert b.grad is None


@BOTH
def test_a_function_with_a_wrong_number_of_gradients_is_told(library):
    base: Any = library.autograd.Function

    class Wrong(base):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    a, b = leaf(library, 3), leaf(library, 2)
    with pytest.raises(RuntimeError, match=r"expected 2|incorrect number"):
        Wrong.apply(a, b).sum().backward()


@BOTH
def test_checkpoint(library):
    calls = []

    def block(x, w):
        calls.append(1)
        return (x * w).sin() * w

    def gradients(run):
        x, w = leaf(library, 1, 2), leaf(library, 0.5, 0.25)
        run(x, w).sum().backward()
        return x.grad.tolist() + w.grad.tolist()

    plain = gradients(block)
    checkpoint = library.utils.checkpoint.checkpoint
    calls.clear()
    kept = gradients(lambda x, w: checkpoint(block, x, w, use_reentrant=False))
    assert kept == pytest.approx(plain)
    assert len(calls) == 2, "computed again in backward"


@BOTH
def test_checkpoint_repeats_random_numbers(library):
    x = library.ones(100, requires_grad=True)

    def block(t):
        return t * library.rand(100)

    y = library.utils.checkpoint.checkpoint(block, x, use_reentrant=False)
    values = y.tolist()
    y.sum().backward()
    assert x.grad.tolist() == pytest.approx(values)


@BOTH
def test_an_anomaly_names_the_forward_line(library, capfd):
    x = leaf(library, -1)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with library.autograd.detect_anomaly():
            y = x.sqrt()  # the guilty line
            with pytest.raises(RuntimeError, match="nan") as caught:
                y.sum().backward()
    notes = getattr(caught.value, "__notes__", [])
    told = capfd.readouterr().err + "".join(map(str, [caught.value, *notes, *(w.message for w in warned)]))
    assert "y = x.sqrt()" in told or "test_autograd.py" in told


@BOTH
def test_a_chain_of_100_000_operators(library):
    x = leaf(library, 1)
    y = x
    for _ in range(50_000):
        y = y * 1.0000001
        y = y + 1e-7
    y.sum().backward()
    assert y.item() > 1
    assert x.grad.item() == pytest.approx(1.0000001**50_000, rel=0.01)
    del y
    gc.collect()


@BOTH
def test_a_long_chain_without_gradients_is_freed(library):
    y = library.zeros(2)
    for _ in range(100_000):
        y = y + 1
    assert y.tolist() == [100_000, 100_000]


def test_dropping_a_graph_drops_what_it_saved():
    x = st.ones(3, requires_grad=True)

    class Mark(st.autograd.Function):
        @staticmethod
        def forward(ctx, t):
            ctx.mark = marks[0]
            return t * 1

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    class Token:
        pass

    marks = [Token()]
    seen = weakref.ref(marks[0])
    y = Mark.apply(x)
    marks.clear()
    assert seen() is not None
    del y
    gc.collect()
    assert seen() is None


def test_gradients_of_broadcasting():
    with collected() as failures:
        for left, right in [
            ((3, 4), (4,)),
            ((3, 1), (1, 4)),
            ((), (2, 3)),
            ((2, 1, 3), (4, 1)),
            ((1,), ()),
            ((0, 3), (3,)),
        ]:
            generator = torch.Generator().manual_seed(0)
            a = torch.rand(left, generator=generator, dtype=torch.float64) + 0.5
            b = torch.rand(right, generator=generator, dtype=torch.float64) + 0.5
            found = []
            for x, y in zip(pair(a, True), pair(b, True), strict=True):
                (x * y / (x + y)).sum().backward()
                found.append([x.grad, y.grad])
            with failures(f"{left} {right}"):
                assert_same(*found)


def test_gradients_have_the_dtype_of_their_tensor():
    for name in ("float16", "bfloat16", "float32", "float64"):
        found = []
        for library in (st, torch):
            x = library.ones(3, dtype=getattr(library, name), requires_grad=True)
            (x.to(library.float64) * 3 + x.float()).sum().backward()
            found.append(x.grad)
        assert_same(*found)


def test_finite_differences_agree():
    """Independent of torch: the slope between two values nearby."""
    functions = {
        "softmax": lambda x: (x.softmax(-1) * st.arange(5, dtype=st.float64)).sum(),
        "norm": lambda x: ((x - x.mean()) / (x.var() + 1e-5).sqrt()).pow(3).sum(),
        "matmul": lambda x: (x.reshape(1, 5) @ x.reshape(5, 1)).exp().sum(),
        "cumsum": lambda x: x.cumsum(0).sin().sum(),
        "sort": lambda x: (x.sort()[0] * st.arange(5, dtype=st.float64)).sum(),
        "gather": lambda x: x[st.tensor([0, 0, 3, 4])].prod(),
    }
    start = [0.3, -0.7, 1.1, 0.2, -1.4]
    with collected() as failures:
        for name, function in functions.items():
            x = st.tensor(start, dtype=st.float64, requires_grad=True)
            (gradient,) = st.autograd.grad(function(x), x)
            slopes = []
            for i in range(5):
                ends = []
                for step in (1e-6, -1e-6):
                    moved = list(start)
                    moved[i] += step
                    ends.append(function(st.tensor(moved, dtype=st.float64)).item())
                slopes.append((ends[0] - ends[1]) / 2e-6)
            with failures(name):
                assert gradient.tolist() == pytest.approx(slopes, rel=1e-5, abs=1e-7)


def test_anomaly_mode_looks_for_nan_where_asked():
    for library in (st, torch):
        x = library.tensor([0.0], requires_grad=True)
        assert library.is_anomaly_check_nan_enabled()
        with (
            pytest.raises(RuntimeError, match="nan values"),
            library.autograd.detect_anomaly(check_nan=True),
        ):
            (x.sqrt() * 0).sum().backward()
        with library.autograd.detect_anomaly(check_nan=False):
            assert not library.is_anomaly_check_nan_enabled()
            (x.sqrt() * 0).sum().backward()
        assert library.is_anomaly_check_nan_enabled()
        assert not library.is_anomaly_enabled()
        assert x.grad.isnan().all()


def test_the_gradient_is_one_object():
    for library in (st, torch):
        x = library.ones(2, requires_grad=True)
        (x * 2).sum().backward()
        grad = x.grad
        assert x.grad is grad
        (x * 2).sum().backward()
        assert x.grad is grad
        assert grad.tolist() == [4, 4]


@pytest.mark.parametrize("upstream", [float("nan"), float("inf"), 1.0])
def test_what_was_not_chosen_gets_no_gradient(upstream):
    """Torch masks the gradient; zero times infinity would be NaN."""

    def gradients(t):
        a, b = t.tensor([1.0, -2.0, 3.0], requires_grad=True), t.tensor([2.0, -3.0, 3.5], requires_grad=True)
        given = t.tensor([upstream] * 3)
        found = []
        for result in (
            t.where(a > b, a, b),
            t.maximum(a, b),
            t.minimum(a, b),
            a.masked_fill(a > 0, 5.0) + b * 0,
        ):
            found += t.autograd.grad(result, [a, b], given)
        return [[repr(x) for x in gradient.tolist()] for gradient in found]

    mine = gradients(st)
    expected = gradients(torch)
    assert [[x.replace("-0.0", "0.0") for x in row] for row in mine] == [
        [x.replace("-0.0", "0.0") for x in row] for row in expected
    ]


@BOTH
def test_outputs_that_are_no_tensors_have_a_place_among_the_gradients(library):
    class Pair(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            return x * 2, "word", x + 1

        @staticmethod
        def backward(ctx, first, word, second):
            assert word is None
            return first * 2 + second

    x = leaf(library, 1, 2)
    doubled, _, moved = Pair.apply(x)
    (doubled + moved * 10).sum().backward()
    assert x.grad.tolist() == [12, 12]
    del x.grad
    assert x.grad is None


@BOTH
def test_a_checkpoint_takes_and_gives_any_structure(library):
    checkpoint = import_module(f"{library.__name__}.utils.checkpoint").checkpoint
    weight, x = leaf(library, 3), leaf(library, 2)

    def function(batch, scale=None):
        return {"loss": batch["x"] * weight * scale[0], "count": 7}

    found = checkpoint(function, {"x": x}, scale=[library.tensor(5.0)], use_reentrant=False)
    assert found["count"] == 7
    found["loss"].sum().backward()
    assert (x.grad.tolist(), weight.grad.tolist()) == ([15], [10])


@BOTH
@pytest.mark.parametrize("write", ["t_", "transpose_", "unsqueeze_", "squeeze_"])
def test_a_leaf_keeps_its_gradient_under_a_view_in_place(library, write):
    x = library.tensor([[2.0]], requires_grad=True)
    y = x * 3
    x.grad = library.tensor([[5.0]])
    with library.no_grad():
        getattr(x, write)(*{"transpose_": (0, 1), "unsqueeze_": (2,)}.get(write, ()))
    assert x.is_leaf
    assert x.requires_grad
    assert x.grad.reshape(-1).tolist() == [5.0]
    if tuple(x.shape) == (1, 1):
        (y + x).sum().backward()
        assert x.grad.tolist() == [[9.0]]


@BOTH
@pytest.mark.parametrize("leave", [lambda x: x.requires_grad_(False), lambda x: x.detach_()])
def test_a_leaf_taken_off_the_tape_gets_no_gradient(library, leave):
    x = library.ones(3, requires_grad=True)
    y = (x * 2).sum()
    leave(x)
    y.backward()
    assert x.grad is None


@BOTH
def test_a_checkpoint_of_attention_with_a_mask_that_is_a_view(library):
    attention = library.nn.functional.scaled_dot_product_attention
    mask = library.full((5, 5), -1e30).triu(1)[None, None].expand(2, 1, -1, -1)
    found = []
    for wrapped in (False, True):
        x = library.linspace(-1, 1, 80).reshape(2, 2, 5, 4).requires_grad_()

        def block(x, mask):
            return attention(x, x, x, attn_mask=mask)

        checkpoint = library.utils.checkpoint.checkpoint
        y = checkpoint(block, x, mask, use_reentrant=False) if wrapped else block(x, mask)
        y.square().sum().backward()
        found.append(x.grad)
    assert (found[0] - found[1]).abs().max().item() < 1e-6


@BOTH
def test_a_reentrant_checkpoint_is_on_the_tape_for_its_own_arguments_only(library):
    weight = library.ones(3, requires_grad=True)
    checkpoint = library.utils.checkpoint.checkpoint
    with pytest.warns(UserWarning, match="None of the inputs have requires_grad=True"):
        y = checkpoint(lambda x: x * weight, library.ones(3), use_reentrant=True)
    assert not y.requires_grad
    y = checkpoint(lambda x: x * weight, library.ones(3, requires_grad=True), use_reentrant=True)
    assert y.requires_grad


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
@pytest.mark.parametrize("kept", [False, True])
def test_gradients_of_attention_over_parts_of_one_projection(order, causal, kept):
    """They are written where the projection's gradient wants them, unless somebody keeps them."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 17, 3, 4, 8, generator=generator)

    def gradients(library, x):
        x.requires_grad_()
        parts = [part.transpose(1, 2) for part in x.unbind(2)]
        q, k, v = (parts[i] for i in order)
        if kept:
            k.retain_grad()
        y = library.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
        (y.transpose(1, 2).reshape(2, 17, 32) ** 2).sum().backward()
        return [x.grad, k.grad] if kept else [x.grad]

    for mine, their in zip(gradients(st, ours(x)), gradients(torch, x.clone()), strict=True):
        assert (theirs(mine) - their).abs().max() < 1e-4


@pytest.mark.parametrize("scale", [None, 2.0, 0.0, -0.5])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("queries", "keys"), [(1, 33), (4, 300), (5, 7), (70, 130), (130, 130)])
def test_attention_at_all_scales_and_sizes(queries, keys, causal, scale):
    generator = torch.Generator().manual_seed(0)
    sizes = [(2, 3, queries, 8), (2, 3, keys, 8), (2, 3, keys, 8)]
    parts = [torch.randn(size, generator=generator) for size in sizes]

    def results(library, parts):
        q, k, v = (part.requires_grad_() for part in parts)
        y = library.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale)
        (y**2).sum().backward()
        return y, q.grad, k.grad, v.grad

    # (Torch's kernel for the CPU gives NaN for scales that are not positive, its formula does not.)
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        expected = results(torch, [part.clone() for part in parts])
    for mine, their in zip(results(st, [ours(part) for part in parts]), expected, strict=True):
        assert (theirs(mine) - their).abs().max() < 1e-4


AT_EDGES = {
    "zeroth power": lambda library, x: x**0,
    "power of minus two": lambda library, x: x**-2,
    "power of minus one": lambda library, x: x**-1,
    "third power": lambda library, x: x**3,
    "power of minus three": lambda library, x: x**-3.0,
    "elu": lambda library, x: library.nn.functional.elu(x, 1.5),
    "celu": lambda library, x: library.nn.functional.celu(x, 1.5),
    "selu": lambda library, x: library.selu(x),
}


@pytest.mark.parametrize("case", AT_EDGES)
def test_gradients_at_edges(case):
    def found(library):
        x = library.tensor([0.0, -0.0, 0.5, -0.5, 1.0, -1.0], dtype=library.float64, requires_grad=True)
        (first,) = library.autograd.grad(AT_EDGES[case](library, x).sum(), x, create_graph=True)
        if not first.requires_grad:
            return first.tolist(), [0.0] * 6
        return first.tolist(), library.autograd.grad(first.sum(), x)[0].tolist()

    mine, theirs = found(st), found(torch)
    assert mine[0] == pytest.approx(theirs[0], nan_ok=True)
    assert mine[1] == pytest.approx(theirs[1], nan_ok=True)


def test_gradients_between_bounds_that_meet():
    def found(library):
        values = (
            [0.0, 1.0, 0.5, 2.0, 3.0, 1.0],
            [0.0, 0.0, 0.0, 1.0, 3.0, 2.0],
            [1.0, 1.0, 1.0, 2.0, 3.0, 1.0],
        )
        x, low, high = (library.tensor(v, requires_grad=True) for v in values)
        library.clamp(x, low, high).sum().backward()
        return x.grad.tolist(), low.grad.tolist(), high.grad.tolist()

    assert found(st) == found(torch)


@BOTH
def test_what_is_gathered_from_nowhere_is_on_the_tape(library):
    x = library.ones(3, requires_grad=True)
    nothing = x.gather(0, library.zeros((2, 0), dtype=library.int64))
    assert nothing.requires_grad
    nothing.sum().backward()
    assert x.grad.tolist() == [0.0] * 3
