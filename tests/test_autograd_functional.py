"""torch.autograd's functions of functions, checks, dual tensors and hooks for saved tensors."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from reference import ours, theirs
from torch.utils import _pytree as their_trees

import spiraltorch_rs as st
from spiraltorch_rs.utils import _pytree as our_trees

BOTH = pytest.mark.parametrize("library", [st, torch], ids=["ours", "torch"])
F64 = torch.float64
X3 = torch.tensor([0.3, -1.2, 0.8], dtype=F64)
X4 = torch.tensor([1.3, 0.2, -0.5, 0.9], dtype=F64)
X34 = torch.arange(12, dtype=F64).reshape(3, 4).sin()


def compare(call: Callable[..., Any], *values: torch.Tensor) -> None:
    """The same function of a library and tensors, in both."""
    expected = their_trees.tree_leaves(call(torch, *values))
    found = our_trees.tree_leaves(call(st, *map(ours, values)))
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert tuple(one.shape) == tuple(other.shape)
        torch.testing.assert_close(theirs(one), other.detach(), rtol=1e-10, atol=1e-10)


def two(x: Any, y: Any) -> Any:
    return x.exp() * x.sum(), (y @ y) * x[:2]


def scalar(x: Any, y: Any) -> Any:
    return (x.exp() * x.sum()).sum() * (y**3).sum()


@pytest.mark.parametrize(
    "options",
    [{}, {"vectorize": True}, {"create_graph": True}, {"vectorize": True, "strategy": "forward-mode"}],
    ids=str,
)
def test_jacobian(options: dict[str, Any]) -> None:
    compare(lambda m, x: m.autograd.functional.jacobian(lambda x: x.exp() * x.sum(), x, **options), X3)
    compare(lambda m, x, y: m.autograd.functional.jacobian(two, (x, y), **options), X3, X4)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"vectorize": True},
        {"create_graph": True},
        {"vectorize": True, "outer_jacobian_strategy": "forward-mode"},
    ],
    ids=str,
)
def test_hessian(options: dict[str, Any]) -> None:
    compare(lambda m, x: m.autograd.functional.hessian(lambda x: (x.exp() * x.sum()).sum(), x, **options), X3)
    compare(lambda m, x, y: m.autograd.functional.hessian(scalar, (x, y), **options), X3, X4)


@pytest.mark.parametrize("create_graph", [False, True])
def test_products(create_graph: bool) -> None:
    graph = {"create_graph": create_graph}
    compare(lambda m, x: m.autograd.functional.vjp(lambda x: x.exp().sum(), x, **graph), X3)
    compare(
        lambda m, x, y: m.autograd.functional.vjp(
            lambda x, y: x @ y, (x, y), m.ones(3, dtype=m.float64), **graph
        ),
        X34,
        X4,
    )
    compare(
        lambda m, x, y: m.autograd.functional.jvp(lambda x, y: x @ y, (x, y), (x * 2, y), **graph), X34, X4
    )
    compare(
        lambda m, x, y: m.autograd.functional.jvp(
            lambda x, y: (x.exp(), y.detach()), (x, y), (x, y), **graph
        ),
        X3,
        X4,
    )
    for name in ("hvp", "vhp"):
        compare(
            lambda m, x, y, n=name: getattr(m.autograd.functional, n)(scalar, (x, y), (x, y), **graph), X3, X4
        )


FAILURES: dict[str, Callable[..., Any]] = {
    "not recorded": lambda m, f, x: f.jacobian(lambda x: m.ones(2), x, strict=True),
    "independent": lambda m, f, x: f.jacobian(lambda x, y: x.exp(), (x, x), strict=True),
    "constant Jacobian": lambda m, f, x: f.jacobian(
        lambda x: x * 2, x.requires_grad_(), strict=True, create_graph=True
    ),
    "no v for several outputs": lambda m, f, x: f.vjp(lambda x: x * 2, x),
    "no v for several inputs": lambda m, f, x: f.jvp(lambda x: x * 2, x),
    "v of another shape": lambda m, f, x: f.vjp(lambda x: x * 2, x, m.ones(2)),
    "too many v": lambda m, f, x: f.vjp(lambda x: x * 2, x, (x, x)),
    "no tensors": lambda m, f, x: f.vjp(lambda x: x * 2, [1]),
    "no tensor comes out": lambda m, f, x: f.vjp(lambda x: 3, x),
    "not a scalar": lambda m, f, x: f.hessian(lambda x: x * 2, x),
    "constant gradient": lambda m, f, x: f.hessian(lambda x: x.sum(), x, strict=True),
    "constant gradient, hvp": lambda m, f, x: f.hvp(lambda x: x.sum(), x, x, strict=True),
    "strategy": lambda m, f, x: f.jacobian(lambda x: x * 2, x, strategy="x"),
    "wrong gradient": lambda m, f, x: m.autograd.gradcheck(
        lambda x: x.detach() * x, x.double().requires_grad_()
    ),
    "nothing to check": lambda m, f, x: m.autograd.gradcheck(m.exp, x),
    "dual without level": lambda m, f, x: m.autograd.forward_ad.make_dual(x, x),
}


STRICT: dict[str, tuple[Callable[..., Any], str]] = {
    "not recorded": (
        lambda x: x.detach().sum(),
        "Output 0 of the user-provided function does not require gradients",
    ),
    "linear": (
        lambda x: x.sum(),
        "jacobian of the user-provided function with respect to input 0 is independent",
    ),
}


@BOTH
@pytest.mark.parametrize("case", STRICT)
@pytest.mark.parametrize("name", ["hessian", "hvp", "vhp"])
def test_strict_mode_says_what_does_not_depend_on_the_inputs(name: str, case: str, library: Any) -> None:
    function, said = STRICT[case]
    given = (library.ones(3),) if name == "hessian" else (library.ones(3), library.ones(3))
    with pytest.raises(RuntimeError, match=said):
        getattr(library.autograd.functional, name)(function, *given, strict=True)


@pytest.mark.parametrize("name", FAILURES)
def test_errors_are_of_torchs_kinds(name: str) -> None:
    with pytest.raises(Exception) as expected:  # noqa: PT011
        FAILURES[name](torch, torch.autograd.functional, torch.ones(3))
    with pytest.raises(Exception) as found:  # noqa: PT011
        FAILURES[name](st, st.autograd.functional, st.ones(3))
    assert found.type.__name__ == expected.type.__name__


def test_gradcheck_finds_right_gradients() -> None:
    x = ours(X3, requires_grad=True)
    check = {"check_forward_ad": True, "check_batched_grad": True}
    assert st.autograd.gradcheck(lambda x: (x.exp() * x, x.sum()), x, **check)
    assert st.autograd.gradgradcheck(lambda x: x.exp() * x.sum(), x)
    assert not st.autograd.gradcheck(lambda x: x.detach() * x, x, raise_exception=False)


@pytest.mark.parametrize("fast", [False, True])
def test_gradcheck_of_complex_numbers(fast: bool) -> None:
    def wrong(z: Any) -> Any:
        return z.detach().conj() * z.abs()

    z = st.randn(2, 3, dtype=st.complex128, requires_grad=True)
    x = st.randn(2, 3, dtype=st.float64, requires_grad=True)
    assert st.autograd.gradcheck(lambda z, x: (z * x).exp() + z.conj(), (z, x), fast_mode=fast)
    assert st.autograd.gradcheck(st.abs, z, fast_mode=fast, check_forward_ad=True)
    assert st.autograd.gradgradcheck(lambda z, x: z * z.conj() * x + z.sin(), (z, x), fast_mode=fast)
    assert not st.autograd.gradcheck(wrong, z, raise_exception=False, fast_mode=fast)


def test_dual_tensors() -> None:
    def call(m: Any, x: Any, t: Any) -> Any:
        forward = m.autograd.forward_ad
        with forward.dual_level():
            dual = forward.make_dual(x, t)
            product = forward.unpack_dual((dual * dual).sum() + dual.sin())
            assert forward.unpack_dual(x).tangent is None
            return [product.primal, product.tangent, forward.unpack_dual(dual).tangent]

    compare(call, X3, X3.cos())


def test_tangents_of_less_precision() -> None:
    def call(m: Any, x: Any) -> Any:
        forward = m.autograd.forward_ad
        with forward.dual_level():
            return forward.unpack_dual(forward.make_dual(x, m.ones_like(x).float()) * x).tangent

    compare(call, X3)


def test_dual_tensors_and_the_tape() -> None:
    def call(m: Any, x: Any) -> Any:
        forward = m.autograd.forward_ad
        x = x.requires_grad_()
        with forward.dual_level():
            tangent = forward.unpack_dual((forward.make_dual(x, m.ones_like(x)) ** 3).sum()).tangent
            return m.autograd.grad(tangent, x)

    compare(call, X3)


def test_batched_gradients() -> None:
    def call(m: Any, x: Any) -> Any:
        x = x.requires_grad_()
        return m.autograd.grad(x.exp() * x.sum(), x, m.eye(3, dtype=m.float64), is_grads_batched=True)

    compare(call, X3)


def test_hooks_for_saved_tensors() -> None:
    x = ours(X3, requires_grad=True)
    seen: list[str] = []

    def pack(tensor: Any) -> Any:
        seen.append("pack")
        return tensor.tolist()

    def unpack(kept: Any) -> Any:
        seen.append("unpack")
        return st.tensor(kept, dtype=st.float64)

    with st.autograd.graph.saved_tensors_hooks(pack, unpack):
        y = x * x.exp()
    y.sum().backward()
    torch.testing.assert_close(theirs(x.grad), X3.exp() * (1 + X3))
    assert seen.count("pack") == seen.count("unpack") > 0
    with st.autograd.graph.save_on_cpu():
        z = (x * x).sum()
    assert st.autograd.grad(z, x)[0].tolist() == (2 * X3).tolist()
    with (
        st.autograd.graph.disable_saved_tensors_hooks("not here"),
        pytest.raises(RuntimeError, match="not here"),
        st.autograd.graph.save_on_cpu(),
    ):
        pass


def test_a_hook_for_several_gradients() -> None:
    x, y = st.ones(2, requires_grad=True), st.ones(2, requires_grad=True)
    seen: list[Any] = []
    with st.autograd.graph.register_multi_grad_hook([x, y], seen.append):
        (x * 2 + y * 3).sum().backward()
    (x * y).sum().backward()
    assert [[g.tolist() for g in given] for given in seen] == [[[2.0, 2.0], [3.0, 3.0]]]


def test_variables_edges_and_versions() -> None:
    x = st.ones(2, requires_grad=True)
    assert isinstance(x, st.autograd.Variable)
    assert st.autograd.Variable(x, requires_grad=True).is_leaf
    edge = st.autograd.graph.get_gradient_edge(x)
    assert edge.node.variable is not None
    y = x * 2
    assert st.autograd.graph.get_gradient_edge(y).node == y.grad_fn
    before = x._version
    st.autograd.graph.increment_version(x)
    assert x._version == before + 1


def test_a_function_may_say_vjp() -> None:
    class Twice(st.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def vjp(ctx: Any, gradient: Any) -> Any:
            return gradient * 2

    x = st.ones(2, requires_grad=True)
    Twice.apply(x).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_a_jacobian_on_the_tape_is_there_without_gradients_too() -> None:
    for library in (st, torch):
        x = library.ones(3, dtype=library.float64)
        with library.no_grad():
            found = library.autograd.functional.jacobian(lambda x: x.exp(), x, create_graph=True)
        assert found.requires_grad


def test_hooks_of_saved_tensors_are_not_disabled_from_inside() -> None:
    for library in (st, torch):
        graph = library.autograd.graph
        with (
            graph.saved_tensors_hooks(lambda x: x, lambda x: x),
            pytest.raises(RuntimeError, match="not here"),
        ):
            graph.disable_saved_tensors_hooks("not here").__enter__()


@BOTH
@pytest.mark.parametrize("fast", [True, False])
def test_gradcheck_finds_what_differs_from_pass_to_pass(fast, library):
    class Shaky(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient * (1 + library.rand_like(gradient) * 1e-6)

    x = library.ones(3, dtype=library.float64, requires_grad=True)
    with pytest.raises(RuntimeError, match="Backward is not reentrant"):
        library.autograd.gradcheck(Shaky.apply, x, check_batched_grad=False, fast_mode=fast)
    assert library.autograd.gradcheck(
        Shaky.apply, x, check_batched_grad=False, fast_mode=fast, nondet_tol=1e-3
    )


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_gradcheck_takes_a_pass_that_makes_what_others_read(name, fast):
    st.manual_seed(0)
    x = st.randn(2, 128 if fast else 40, 2, 2, dtype=st.float64, requires_grad=True)
    assert st.autograd.gradcheck(lambda x: getattr(st, name)(x, 1), x, fast_mode=fast)


@BOTH
def test_gradcheck_gives_all_inputs_tangents(library):
    modes = library.autograd.forward_ad

    def wrong(x, y):
        if modes._current_level >= 0:
            primal, tangent = modes.unpack_dual(y)
            y = modes.make_dual(primal, tangent * 1.1)
        return x + y

    x, y = (library.ones(2, dtype=library.float64, requires_grad=True) for _ in range(2))
    with pytest.raises(RuntimeError, match="Jacobian computed with forward mode mismatch"):
        library.autograd.gradcheck(wrong, (x, y), check_forward_ad=True)
