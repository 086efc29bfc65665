"""`testing`, `masked`, `hub` and other small rooms of torch's, against torch."""

from typing import Any

import pytest
import torch
from reference import assert_same, ours

import spiraltorch_rs as st

FREE = torch.Generator().manual_seed(5)

# Two arguments of `assert_close`, made by either library, and more arguments.
COMPARED: list[tuple[Any, Any, dict[str, Any]]] = [
    (lambda t: t.tensor([1.0, 2.0]), lambda t: t.tensor([1.0, 2.0]), {}),
    (lambda t: t.tensor([1.0, 2.0]), lambda t: t.tensor([1.0, 3.0]), {}),
    (lambda t: t.tensor([1.0, 2.0]), lambda t: t.tensor([1.0, 2.1]), {"rtol": 0.1, "atol": 0.0}),
    (lambda t: t.tensor([1, 2]), lambda t: t.tensor([1, 5]), {}),
    (lambda t: t.tensor(1.5), lambda t: t.tensor(1.0), {}),
    (lambda t: t.tensor([True]), lambda t: t.tensor([False]), {}),
    (lambda t: t.tensor([1 + 2j]), lambda t: t.tensor([1 + 3j]), {}),
    (lambda t: t.ones(2), lambda t: t.ones(3), {}),
    (lambda t: t.ones(2), lambda t: t.ones(2).double(), {}),
    (lambda t: t.ones(2), lambda t: t.ones(2).double(), {"check_dtype": False}),
    (lambda t: t.ones(2, 3), lambda t: t.ones(3, 2).t(), {"check_stride": True}),
    (lambda t: t.tensor(float("nan")), lambda t: t.tensor(float("nan")), {"equal_nan": True}),
    (lambda t: [1, t.ones(2)], lambda t: [1, t.zeros(2)], {}),
    (lambda t: {"a": [t.ones(1)]}, lambda t: {"a": [t.ones(1), 1]}, {}),
    (lambda t: {"a": 1}, lambda t: {"b": 1}, {}),
    (lambda t: 1.0, lambda t: 1.5, {}),
    (lambda t: 1, lambda t: 1.0, {}),
    (lambda t: None, lambda t: None, {}),
    (lambda t: True, lambda t: False, {}),
    (lambda t: t.tensor(1.0), lambda t: 1.0, {}),
    (lambda t: 1.0, lambda t: 1.5, {"msg": "other words"}),
    (lambda t: 1.0, lambda t: 1.5, {"rtol": 1.0}),
]


def said(library: Any, case: tuple[Any, Any, dict[str, Any]]) -> tuple[str, str]:
    """What `assert_close` of a library raises."""
    actual, expected, options = case
    try:
        library.testing.assert_close(actual(library), expected(library), **options)
    except Exception as error:
        return type(error).__name__, str(error).replace(library.__name__, "torch")
    return "", ""


@pytest.mark.parametrize("case", COMPARED)
def test_assert_close(case):
    (mine, text), (kind, expected) = said(st, case), said(torch, case)
    assert mine == kind
    if kind == "AssertionError":
        assert text == expected


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "bfloat16", "float32", "complex64"])
def test_make_tensor(dtype):
    for options in ({}, {"noncontiguous": True}, {"exclude_zero": True}):
        x = st.testing.make_tensor(3, 40, dtype=getattr(st, dtype), device="cpu", **options)
        assert x.shape == (3, 40)
        assert x.dtype == getattr(st, dtype)
        assert x.is_contiguous() != options.get("noncontiguous", False)
        assert not options.get("exclude_zero") or bool((x != 0).all())
    drawn = st.testing.make_tensor((200,), dtype=st.float32, low=2, high=3, requires_grad=True)
    assert drawn.requires_grad
    assert bool(((drawn >= 2) & (drawn < 3)).all())
    with pytest.raises(ValueError, match="low"):
        st.testing.make_tensor(3, dtype=st.float32, low=2, high=1)


VIEWED = "uint8 int16 int32 int64 float16 float32 float64 complex64 complex128".split()


@pytest.mark.cpu_only("another dtype of the same bytes needs memory of the host")
@pytest.mark.parametrize("seen_as", VIEWED)
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64", "complex64"])
def test_the_same_bytes_as_another_dtype(dtype, seen_as):
    x = torch.arange(1, 33).to(getattr(torch, dtype)).reshape(2, 16)
    for tensor in (x, x[1:], x[:, 8:], x.t(), x[:, ::2], x[:, 1:], x[:0], x[0, 0]):
        mine = ours(x).as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())
        try:
            expected = tensor.view(getattr(torch, seen_as))
        except RuntimeError:
            with pytest.raises(RuntimeError):
                mine.view(getattr(st, seen_as))
            continue
        got = mine.view(getattr(st, seen_as))
        assert got.stride() == expected.stride() or expected.numel() <= 1
        mine, theirs = got.reshape(-1).contiguous(), expected.reshape(-1).contiguous()
        assert_same(mine.view(st.uint8), theirs.view(torch.uint8), exact=True)


@pytest.mark.cpu_only("another dtype of the same bytes needs memory of the host")
def test_bytes_seen_twice_are_written_once():
    x, reference = st.arange(4.0), torch.arange(4.0)
    for tensor, library in ((x, st), (reference, torch)):
        bits = tensor.view(library.int32)
        tensor.add_(1)
        bits[0] = 0
        tensor.mul_(2)
    assert_same(x, reference, exact=True)
    assert_same(x.view(st.int32), reference.view(torch.int32), exact=True)


MASKED = {
    "sum": [{}, {"dim": 0}, {"dim": 1, "keepdim": True}],
    "prod": [{}, {"dim": 0}, {"dim": (0, 1)}],
    "amax": [{}, {"dim": 0}],
    "amin": [{}, {"dim": (0, 1)}],
    "argmax": [{}, {"dim": 0}],
    "argmin": [{"dim": 1, "keepdim": True}],
    "mean": [{}, {"dim": 0}],
    "median": [{"dim": 0}],
    "norm": [{}, {"ord": 1.0, "dim": 0}, {"ord": float("inf")}, {"ord": float("-inf")}],
    "var": [{}, {"dim": 0}, {"unbiased": False}],
    "std": [{}, {"dim": 1, "keepdim": True}],
    "cumsum": [{"dim": 0}],
    "cumprod": [{"dim": 1}],
    "softmax": [{"dim": 0}],
    "log_softmax": [{"dim": 1}],
    "softmin": [{"dim": 0}],
    "logsumexp": [{"dim": 0}],
    "normalize": [{"ord": 2.0, "dim": 0}],
}


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "int64"])
@pytest.mark.parametrize("name", MASKED)
def test_masked(name, dtype):
    x = torch.randint(-4, 5, (4, 5), generator=FREE).to(getattr(torch, dtype))
    for mask in (
        None,
        torch.rand(4, 5, generator=FREE) > 0.3,
        torch.tensor([True, False, True, True, False]),
    ):
        for options in MASKED[name]:
            try:
                expected = getattr(torch.masked, name)(x, mask=mask, **options)
            except Exception as error:
                with pytest.raises((type(error), NotImplementedError)):
                    getattr(st.masked, name)(ours(x), mask=None if mask is None else ours(mask), **options)
                continue
            mine = getattr(st.masked, name)(ours(x), mask=None if mask is None else ours(mask), **options)
            single = (
                getattr(torch.masked, name)(x.float(), mask=mask, **options) if dtype == "bfloat16" else None
            )
            assert_same(mine, expected, single=single)


def test_masked_gradient():
    x, mask = torch.randn(3, 4, generator=FREE).double(), torch.rand(3, 4, generator=FREE) > 0.4
    mask[0] = True  # no column without an element
    for name in ("sum", "mean", "softmax", "var", "norm", "prod"):
        leaf, mine = x.clone().requires_grad_(), ours(x).requires_grad_()
        options = {"dim": 0}
        getattr(torch.masked, name)(leaf, mask=mask, **options).square().nan_to_num().sum().backward()
        getattr(st.masked, name)(mine, mask=ours(mask), **options).square().nan_to_num().sum().backward()
        assert_same(mine.grad, leaf.grad)


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (2, 4, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_polar_decomposition(shape, dtype):
    a = torch.randn(*shape, dtype=getattr(torch, dtype), generator=FREE)
    for mine, expected in zip(st.linalg.polar(ours(a)), torch.linalg.polar(a), strict=True):
        st.testing.assert_close(mine, ours(expected), rtol=1e-4, atol=1e-4)
    square = a.mH @ a + torch.eye(3, dtype=a.dtype)
    root = st.linalg.matrix_sqrth(ours(square))
    st.testing.assert_close(root, ours(torch.linalg.matrix_sqrth(square)), rtol=1e-4, atol=1e-4)


def test_lobpcg():
    a = torch.randn(2, 12, 12, dtype=torch.float64, generator=FREE)
    b = a @ a.mT + torch.eye(12, dtype=torch.float64)
    a = a + a.mT
    for options in ({"k": 2}, {"k": 2, "largest": False}, {"k": 1, "B": b}):
        mine = {k: ours(v) if isinstance(v, torch.Tensor) else v for k, v in options.items()}
        values, vectors = st.lobpcg(ours(a), **mine)
        expected, _ = torch.lobpcg(a, niter=200, **options)
        st.testing.assert_close(values, ours(expected), rtol=1e-5, atol=1e-5)
        right = vectors if "B" not in mine else mine["B"] @ vectors
        st.testing.assert_close(ours(a) @ vectors, right * values.unsqueeze(-2), rtol=1e-6, atol=1e-6)


def test_hub_loads_from_a_directory(tmp_path):
    (tmp_path / "hubconf.py").write_text('def double(x):\n    """Twice."""\n    return 2 * x\n')
    assert st.hub.list(str(tmp_path), source="local") == ["double"]
    assert st.hub.help(str(tmp_path), "double", source="local") == "Twice."
    assert st.hub.load(str(tmp_path), "double", 4, source="local") == 8
    with pytest.raises(ValueError, match="local"):
        st.hub.load("owner/name", "double")
    st.save({"w": st.ones(2)}, tmp_path / "w.pt")
    loaded = st.hub.load_state_dict_from_url((tmp_path / "w.pt").as_uri(), model_dir=str(tmp_path / "kept"))
    assert loaded["w"].tolist() == [1, 1]


def test_swapped_tensors():
    a, b = st.zeros(1), st.nn.Parameter(st.ones(2))
    a.note = "first"  # type: ignore[attr-defined]
    st.utils.swap_tensors(a, b)
    assert a.tolist() == [1, 1]
    assert isinstance(a, st.nn.Parameter)
    assert not isinstance(b, st.nn.Parameter)
    assert b.note == "first"  # type: ignore[attr-defined]


def test_functions_that_write_their_inputs_have_tangents():
    def write(x: Any) -> Any:
        y = x * 2
        x.mul_(3)
        return (x * y).sum()

    def tangent(library: Any) -> Any:
        return library.func.jvp(write, (library.tensor([1.0, 2.0]),), (library.ones(2),))

    for mine, expected in zip(tangent(st), tangent(torch), strict=True):
        assert_same(mine, expected)
    for library in (st, torch):
        with pytest.raises(RuntimeError, match="leaf Variable"):
            library.func.grad(write)(library.tensor([1.0, 2.0]))


def test_an_input_marked_as_not_differentiable():
    def function(library: Any) -> Any:
        class Marked(library.autograd.Function):  # type: ignore[misc, name-defined]
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.mark_non_differentiable(x)
                return x, x * 2

            @staticmethod
            def backward(ctx: Any, first: Any, second: Any) -> Any:
                return second * 2

        return Marked.apply(library.ones(2, requires_grad=True))

    assert [out.requires_grad for out in function(st)] == [out.requires_grad for out in function(torch)]


OVERLAPPING: list[Any] = [
    lambda t, x: t.add(x[1:], 1, out=x[:-1]),
    lambda t, x: x[1:].add_(x[:-1]),
    lambda t, x: x.t().exp_() if x.dim() > 1 else t.exp(x[:3], out=x[1:4]),
    lambda t, x: t.neg(x, out=x),
    lambda t, x: t.mul(x, 2, out=x[:1].expand(6)),
    lambda t, x: t.cat([x[:2], x[2:4]], out=x[:4]),
    lambda t, x: t.gather(x, 0, t.tensor([0, 1]), out=x[:2]),
    lambda t, x: t.mm(x.reshape(2, 3), t.ones(3, 2), out=t.empty(2, 2, dtype=t.float64)),
    lambda t, x: t.sort(x, out=(t.empty(6, dtype=t.float64), t.empty(6, dtype=t.int64))),
    lambda t, x: t.sum(x, 0, out=t.empty((), dtype=t.float64)),
    lambda t, x: t.aminmax(x, dim=0, out=(t.empty(()), t.empty((), dtype=t.float64))),
]


@pytest.mark.parametrize("call", OVERLAPPING)
def test_what_may_be_written(call):
    def outcome(library: Any) -> Any:
        try:
            found = call(library, library.arange(6.0))
        except Exception as error:
            return type(error).__name__
        return [t.tolist() for t in found] if isinstance(found, tuple) else found.tolist()

    assert outcome(st) == outcome(torch)


@pytest.mark.parametrize("name", torch.signal.windows.__all__)
def test_windows(name):
    more: dict[str, list[dict[str, Any]]] = {
        "general_cosine": [{"a": [0.3, 0.4, 0.2]}],
        "general_hamming": [{"alpha": 0.3}],
        "gaussian": [{"std": 2.0}],
        "kaiser": [{"beta": 3.0}],
        "exponential": [{"tau": 2.0}, {"center": 1.0, "sym": False}],
    }
    for options in [*more.get(name, []), *([{}] if name != "general_cosine" else [])]:
        for size in (0, 1, 2, 7, 8):
            for sym in (True, False):
                given = {"sym": sym, **options}
                mine = getattr(st.signal.windows, name)(size, dtype=st.float64, **given)
                assert_same(mine, getattr(torch.signal.windows, name)(size, dtype=torch.float64, **given))
    options = more[name][0] if name in more else {}
    for wrong in (st.int64, st.float16):
        with pytest.raises(ValueError, match="dtype"):
            getattr(st.signal.windows, name)(4, dtype=wrong, **options)


def test_forward_mode_goes_on_under_no_grad():
    def tangents(t):
        def function(x):
            with t.no_grad():
                y = x * 2
            return y * x

        x = t.tensor([1.0, 2.0])
        found = [*t.func.jvp(function, (x,), (t.ones(2),)), t.func.grad(lambda x: function(x).sum())(x)]
        with t.no_grad(), t.autograd.forward_ad.dual_level():
            dual = t.autograd.forward_ad.make_dual(x, t.ones(2))
            primal, tangent = t.autograd.forward_ad.unpack_dual(function(dual))
        return [*found, primal, tangent], t.is_grad_enabled(), primal.requires_grad

    (mine, *rest), (expected, *others) = tangents(st), tangents(torch)
    assert rest == others
    for a, b in zip(mine, expected, strict=True):
        assert_same(a, b)


NORMS: list[tuple[Any, Any]] = [
    (None, None), ("fro", (0, 1)), ("nuc", (0, 2)), (2, (0, 1)), (-2, (1, 2)), (1, (0, 1)), (2, 0), (3, 1),
]  # fmt: skip


@pytest.mark.parametrize(("order", "dims"), NORMS)
def test_norms_of_complex_matrices(order, dims):
    x = torch.randn(3, 4, 2, dtype=torch.complex128, generator=FREE)
    for keepdim in (False, True):
        leaf, mine = x.clone().requires_grad_(), ours(x).requires_grad_()
        expected = torch.linalg.norm(leaf, order, dims, keepdim)
        got = st.linalg.norm(mine, order, dims, keepdim)
        st.testing.assert_close(got.detach(), ours(expected.detach()))
        expected.sum().backward()
        got.sum().backward()
        st.testing.assert_close(mine.grad, ours(leaf.grad))


def test_complex_numbers_alone():
    for call in (
        lambda t: t.add(1 + 2j, 3j),
        lambda t: t.mul(1j, 1j),
        lambda t: t.scalar_tensor(1 + 2j, dtype=t.complex64),
        lambda t: t.trapezoid(t.tensor([1.0, 2j, 3.0]), t.tensor([0.0, 1j, 1.0])),
        lambda t: t.cartesian_prod(t.tensor([1j, 2.0]), t.tensor([3j])),
        lambda t: t.logdet(t.tensor([[1j, 2.0], [3.0, 4.0]])),
    ):
        found = call(st)
        # What is made of numbers alone is the host's.
        st.testing.assert_close(found, ours(call(torch)).to(found.device))
