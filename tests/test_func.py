"""Functions of functions against torch.func: gradients, Jacobians, and vmap over every kind of node."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from reference import ours, theirs
from torch.utils import _pytree as their_trees

import spiraltorch_rs as st
from spiraltorch_rs.utils import _pytree as our_trees

F64 = torch.float64


def numbers(*shape: int) -> torch.Tensor:
    """Repeatable numbers, none of them special."""
    return torch.randn(*shape, dtype=F64, generator=torch.Generator().manual_seed(sum(shape)))


def compare(function: Callable[..., Any], *values: torch.Tensor) -> None:
    """`function(library, its func module, *tensors)` gives the same in both, and the same of it may have a history."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = their_trees.tree_leaves(function(torch, torch.func, *values))
    found = our_trees.tree_leaves(function(st, st.func, *map(ours, values)))
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert tuple(one.shape) == tuple(other.shape)
        assert one.requires_grad == other.requires_grad
        torch.testing.assert_close(theirs(one), other.detach(), rtol=1e-9, atol=1e-9)


X5, X34, X45, X234 = numbers(5), numbers(3, 4), numbers(4, 5), numbers(2, 3, 4)

TRANSFORMS: dict[str, tuple[Callable[..., Any], tuple[torch.Tensor, ...]]] = {
    "grad": (lambda m, F, x: F.grad(lambda x: (x.sin() * x).sum())(x), (X5,)),
    "grad of grad": (lambda m, F, x: F.grad(F.grad(lambda x: x**3))(x.sum()), (X5,)),
    "grad through a captured input": (
        lambda m, F, x: F.grad(lambda a: F.grad(lambda b: (a * b * b).sum())(x.sum()))(x.sum()),
        (X5,),
    ),
    "trees": (
        lambda m, F, x: F.grad_and_value(lambda d: (d["a"] * d["b"]).sum())({"a": x, "b": x * 2}),
        (X5,),
    ),
    "aux": (lambda m, F, x: F.grad(lambda d: ((d * d).sum(), d * 3), has_aux=True)(x), (X5,)),
    "argnums": (
        lambda m, F, x, y: F.grad(lambda a, b: (a @ b).sin().sum(), argnums=(1, 0))(x, y),
        (X34, X45),
    ),
    "vjp": (
        lambda m, F, x, y: F.vjp(lambda a, b: (a @ b, a.sum()), x, y)[1](
            (m.ones(3, 5, dtype=m.float64), m.tensor(2.0, dtype=m.float64))
        ),
        (X34, X45),
    ),
    "jvp": (
        lambda m, F, x, y: F.jvp(lambda a, b: (a @ b).tanh(), (x, y), (x.cos(), y * 2)),
        (X34, X45),
    ),
    "jvp of what does not depend": (
        lambda m, F, x: F.jvp(lambda a: (a * 2, m.ones(2, dtype=m.float64)), (x,), (x,)),
        (X5,),
    ),
    "linearize": (lambda m, F, x: F.linearize(lambda a: a.exp() * a, x)[1](x), (X5,)),
    "jacrev": (lambda m, F, x: F.jacrev(lambda x: x.softmax(0))(x), (X5,)),
    "jacfwd": (lambda m, F, x: F.jacfwd(lambda x: x.softmax(0))(x), (X5,)),
    "jacrev in chunks": (lambda m, F, x: F.jacrev(lambda x: x.softmax(0), chunk_size=2)(x), (X5,)),
    "jacrev of trees": (
        lambda m, F, x, y: F.jacrev(lambda x, y: {"p": x @ y, "q": x.sum(0)}, argnums=(0, 1))(x, y),
        (X34, X45),
    ),
    "hessian": (lambda m, F, x: F.hessian(lambda x: (x.softmax(0) ** 2).sum())(x), (X5,)),
    "hessian of two": (
        lambda m, F, x, y: F.hessian(lambda x, y: (x @ y).sin().sum(), argnums=(0, 1))(x, y),
        (X34, X45),
    ),
    "jacrev of jacrev": (lambda m, F, x: F.jacrev(F.jacrev(lambda x: x.sin() * x.sum()))(x), (X5,)),
    "jacfwd of jacfwd": (lambda m, F, x: F.jacfwd(F.jacfwd(lambda x: x.sin() * x.sum()))(x), (X5,)),
    "jacrev of jacfwd": (lambda m, F, x: F.jacrev(F.jacfwd(lambda x: x.sin() * x.sum()))(x), (X5,)),
    "third": (lambda m, F, x: F.jacrev(F.hessian(lambda x: (x.sin() * x.sum()).sum()))(x), (X5,)),
    "gradient of what vmap captured": (
        lambda m, F, x, w: F.grad(lambda w: F.vmap(lambda r: m.tanh(r @ w))(x).sum())(w),
        (X34, X45),
    ),
    "its second gradient": (
        lambda m, F, x, w: F.grad(
            lambda w: F.grad(lambda w: F.vmap(lambda r: m.tanh(r @ w))(x).sum())(w).sin().sum()
        )(w),
        (X34, X45),
    ),
    "gradient of a captured filter": (
        lambda m, F, x: F.grad(lambda w: F.vmap(lambda r: m.nn.functional.conv1d(r[None], w).sin())(x).sum())(
            x[:, :, :2].contiguous()
        ),
        (numbers(3, 3, 6),),
    ),
    "a gradient for each sample": (
        lambda m, F, x, w: F.vmap(F.grad(lambda w, r: m.tanh(r @ w).sum()), in_dims=(None, 0))(w, x),
        (X34, X45),
    ),
    "strided views of samples that lie across": (
        lambda m, F, x: F.vmap(lambda s: s.as_strided((3, 2), (4, 1)))(x.transpose(1, 2)),
        (X234,),
    ),
    "strided views of samples that lie apart": (
        lambda m, F, x: F.grad(
            lambda x: F.vmap(lambda s: s.as_strided((2, 2), (12, 1)), in_dims=1)(x).sin().sum()
        )(x),
        (X234,),
    ),
    "in_dims and out_dims": (
        lambda m, F, x, w: F.vmap(lambda a, b: (a @ b, a * 2), in_dims=(0, 1), out_dims=(0, 1))(x, w),
        (X34, numbers(4, 3)),
    ),
    "in_dims of trees": (
        lambda m, F, x: F.vmap(lambda d, y: d["a"] * y + d["b"], in_dims=({"a": 0, "b": None}, 1))(
            {"a": x, "b": x[0]}, x.t()
        ),
        (X34,),
    ),
    "vmap in chunks": (lambda m, F, x: F.vmap(lambda a: a.sin(), chunk_size=2)(x), (X34,)),
    "an output without batch": (
        lambda m, F, x: F.vmap(lambda a: (a, x.sum()), out_dims=(0, None))(x),
        (X34,),
    ),
    "an empty batch": (lambda m, F, x: F.vmap(lambda a: a @ a.t())(x[:0]), (X234,)),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms(name: str) -> None:
    function, values = TRANSFORMS[name]
    compare(function, *values)


def assigned(m: Any, a: Any) -> Any:
    """A copy with a row written in place."""
    copy = a.clone()
    copy[0, :] = a[1]
    return copy


# Functions of a [3, 4] matrix: every kind of node, views, writes.
SINGLE: dict[str, Callable[..., Any]] = {
    "product": lambda m, F, a: a @ a.t(),
    "product with a constant": lambda m, F, a: a @ m.ones(4, 2, dtype=m.float64),
    "constant times": lambda m, F, a: m.ones(2, 3, dtype=m.float64) @ a,
    "matrix and vector": lambda m, F, a: a @ m.ones(4, dtype=m.float64),
    "constant and vector": lambda m, F, a: m.ones(2, 4, dtype=m.float64) @ a[0],
    "softmax": lambda m, F, a: a.softmax(-1),
    "cumsum": lambda m, F, a: a.cumsum(0),
    "cummax": lambda m, F, a: a.cummax(1)[0],
    "sort": lambda m, F, a: a.sort(1)[0],
    "topk": lambda m, F, a: a.topk(2, 1)[1],
    "tril": lambda m, F, a: a.tril(),
    "argmax": lambda m, F, a: a.argmax(),
    "argmax of a dimension": lambda m, F, a: a.argmax(0),
    "gather": lambda m, F, a: a.gather(0, a.argsort(0)),
    "index": lambda m, F, a: a[m.tensor([0, 2])],
    "index by a batched number": lambda m, F, a: m.arange(3.0, dtype=m.float64).take(a.argmax(0) % 3),
    "cat": lambda m, F, a: m.cat([a, a * 2], 1),
    "stack": lambda m, F, a: m.stack([a, m.zeros_like(a)]),
    "flip": lambda m, F, a: a.flip(0),
    "arange": lambda m, F, a: a + m.arange(4),
    "eye": lambda m, F, a: a @ m.eye(4, dtype=m.float64) + m.eye(3, 4, dtype=m.float64),
    "in place": lambda m, F, a: a.clone().add_(1).mul_(2),
    "assigned": lambda m, F, a: assigned(m, a),
    "scatter_add": lambda m, F, a: m.zeros_like(a).scatter_add(0, a.argsort(0), a),
    "layer_norm": lambda m, F, a: m.nn.functional.layer_norm(a, (4,)),
    "pad": lambda m, F, a: m.nn.functional.pad(a, (1, 2)),
    "roll": lambda m, F, a: a.roll(1, 0),
    "transposed": lambda m, F, a: a.t(),
    "unfold": lambda m, F, a: a.unfold(1, 2, 1),
    "strided": lambda m, F, a: a.clone().view(-1)[::2],
    "constant": lambda m, F, a: m.ones(2, dtype=m.float64),
    "two results": lambda m, F, a: (a.sum(), a.max(0)[0]),
    "conv1d": lambda m, F, a: m.nn.functional.conv1d(a[None], m.ones(2, 3, 2, dtype=m.float64)),
    "batched filters": lambda m, F, a: m.nn.functional.conv1d(
        m.ones(2, 1, 6, dtype=m.float64) + m.arange(6), a[:, None, :2]
    ),
    "conv2d": lambda m, F, a: m.nn.functional.conv2d(a[None, None], a[None, None, :2, :2], padding=1),
    "conv_transpose2d": lambda m, F, a: m.nn.functional.conv_transpose2d(
        a[None, None].expand(2, 1, 3, 4), a[None, None, :2, :2], padding=1
    ),
    "attention": lambda m, F, a: m.nn.functional.scaled_dot_product_attention(
        a[None], a[None] * 2, a[None] - 1
    ),
    "cross_entropy": lambda m, F, a: m.nn.functional.cross_entropy(a, m.tensor([0, 1, 2])),
    "median": lambda m, F, a: a.median(1)[0],
    "norm": lambda m, F, a: a.norm(),
    "where": lambda m, F, a: m.where(a > 0, a, m.zeros(4, dtype=m.float64)),
    "prod": lambda m, F, a: a.prod(0),
    "amax": lambda m, F, a: a.amax((0, 1)),
    "einsum": lambda m, F, a: m.einsum("ij,kj->ik", a, a),
    "bmm": lambda m, F, a: m.bmm(a[None], a.t()[None]),
    "grad inside": lambda m, F, a: F.grad(lambda q: (q.tanh() @ a.t()).sum())(a),
    "Jacobian inside": lambda m, F, a: F.jacrev(lambda q: q.tanh() @ a.t())(a),
    "vmap inside": lambda m, F, a: F.vmap(lambda r: r * a.sum(0) + r.sum())(a),
    "vmap of columns inside": lambda m, F, a: F.vmap(lambda r: r.dot(r), in_dims=1)(a),
}
WITHOUT_GRADIENT = {"topk", "argmax", "argmax of a dimension", "index by a batched number", "constant"}
# Torch's own kernel has no second derivative.
ONCE = {"attention"}


def summed(m: Any, F: Any, function: Callable[..., Any], x: Any) -> Any:
    """A scalar of everything `vmap` gives."""
    results = F.vmap(lambda a: function(m, F, a))(x)
    results = results if isinstance(results, tuple) else (results,)
    return sum((one.sin() * one).sum() for one in results)


@pytest.mark.parametrize("name", SINGLE)
def test_vmap(name: str) -> None:
    function = SINGLE[name]
    compare(lambda m, F, x: F.vmap(lambda a: function(m, F, a))(x), X234)
    compare(lambda m, F, x: F.vmap(lambda a: function(m, F, a), in_dims=2, out_dims=-1)(x), numbers(3, 4, 2))


@pytest.mark.parametrize("name", sorted(set(SINGLE) - WITHOUT_GRADIENT))
def test_gradients_outside_vmap(name: str) -> None:
    function = SINGLE[name]
    compare(lambda m, F, x: F.grad(lambda x: summed(m, F, function, x))(x), X234)
    if name not in ONCE:
        compare(
            lambda m, F, x: F.grad(lambda x: F.grad(lambda x: summed(m, F, function, x))(x).sin().sum())(x),
            X234,
        )


@pytest.mark.parametrize(
    "name", ["product", "gather", "scatter_add", "layer_norm", "conv2d", "cross_entropy"]
)
def test_hessians_inside_vmap(name: str) -> None:
    function = SINGLE[name]
    compare(lambda m, F, x: F.vmap(F.hessian(lambda a: function(m, F, a).sin().sum()))(x), X234)


def test_vmap_takes_half_precision_and_integers() -> None:
    for dtype in (torch.float16, torch.bfloat16, torch.int64, torch.bool):
        x = (X234 * 3).to(dtype)
        found = st.vmap(lambda a: a.sort(1)[0].flip(0))(ours(x))
        assert torch.equal(theirs(found), torch.vmap(lambda a: a.sort(1)[0].flip(0))(x))


def test_gradients_inside_arrive_at_parameters() -> None:
    w = st.ones(4, requires_grad=True)
    st.vmap(lambda r: (r * w).sum())(ours(X34.float())).sum().backward()
    torch.testing.assert_close(theirs(w.grad), X34.float().sum(0))


def test_random_numbers_in_vmap() -> None:
    x = st.zeros(1000)
    with pytest.raises(RuntimeError, match="randomness"):
        st.vmap(lambda a: a + st.rand(()))(x)
    different = st.vmap(lambda a: a + st.rand(3), randomness="different")(x)
    assert len(set(different.flatten().tolist())) > 2900
    same = st.vmap(lambda a: a + st.rand(3), randomness="same")(x)
    assert len(set(same.flatten().tolist())) == 3
    ones = st.ones(1000, 8)
    dropped = st.vmap(lambda a: st.nn.functional.dropout(a), randomness="same")(ones)
    assert bool((dropped == dropped[0]).all())
    dropped = st.vmap(lambda a: st.nn.functional.dropout(a), randomness="different")(ones)
    assert not bool((dropped == dropped[0]).all())
    assert abs(float(dropped.mean()) - 1) < 0.1
    nested = st.vmap(st.vmap(lambda a: a + st.rand(()), randomness="different"), randomness="different")(
        st.zeros(30, 40)
    )
    assert len(set(nested.flatten().tolist())) > 1150


def test_the_gradient_of_dropout_sees_its_numbers() -> None:
    x = st.ones(50, 8, requires_grad=True)
    for randomness in ("same", "different"):
        y = st.vmap(lambda a: st.nn.functional.dropout(a), randomness=randomness)(x)
        (gradient,) = st.autograd.grad(y.sum(), x)
        assert bool((gradient == y).all())


def test_a_function_that_needs_values_is_called_for_each_entry() -> None:
    def largest(a: Any) -> Any:
        return a.masked_select(a >= a.max())

    found = st.vmap(largest)(ours(X34))
    torch.testing.assert_close(theirs(found), X34.amax(1, keepdim=True))


def test_values_are_refused_to_the_function() -> None:
    for read in (lambda a: a.item(), bool, float):
        with pytest.raises(RuntimeError, match="item"):
            st.vmap(lambda a, read=read: a * read(a))(st.ones(3))


def test_inputs_written_in_place_are_written() -> None:
    x = st.zeros(2, 3)
    found = st.vmap(lambda a: a.add_(1).sum(), in_dims=1)(x)
    assert x.tolist() == [[1.0] * 3] * 2
    assert found.tolist() == [2.0] * 3


def test_no_grad_outside() -> None:
    with st.no_grad():
        assert float(st.func.grad(lambda x: x * x)(st.tensor(3.0))) == 6.0


@pytest.mark.parametrize(
    "call",
    [
        lambda m, F: F.vmap(m.sin, in_dims="0")(m.ones(3)),
        lambda m, F: F.vmap(m.sin)(),
        lambda m, F: F.vmap(m.sin, in_dims=(0, 0))(m.ones(3)),
        lambda m, F: F.vmap(m.sin, in_dims=3)(m.ones(3)),
        lambda m, F: F.vmap(m.sin)(m.ones(())),
        lambda m, F: F.vmap(m.add)(m.ones(3), m.ones(4)),
        lambda m, F: F.vmap(m.add)(m.ones(3), 2),
        lambda m, F: F.vmap(m.sin, in_dims=None)(m.ones(3)),
        lambda m, F: F.vmap(lambda a: 3)(m.ones(3)),
        lambda m, F: F.vmap(m.sin, out_dims=(0, 0))(m.ones(3)),
        lambda m, F: F.vmap(m.sin, chunk_size=0)(m.ones(3)),
        lambda m, F: F.vmap(m.sin, randomness="any")(m.ones(3)),
        lambda m, F: F.vmap(lambda a: a + m.rand(()))(m.ones(3)),
        lambda m, F: F.vmap(lambda a: a if a > 0 else -a)(m.ones(3)),
        lambda m, F: F.grad(m.sin)(m.ones(3)),
        lambda m, F: F.grad(lambda x: 3.0)(m.ones(())),
        lambda m, F: F.grad(m.sin, argnums=1)(m.ones(())),
        lambda m, F: F.jvp(m.sin, (m.ones(3),), (m.ones(2),)),
        lambda m, F: F.vjp(m.sin, m.ones(3))[1](m.ones(2)),
    ],
)
def test_errors_are_of_torchs_kinds(call: Callable[..., Any]) -> None:
    with pytest.raises(Exception) as expected:  # noqa: PT011
        call(torch, torch.func)
    with pytest.raises(expected.type):
        call(st, st.func)


def networks(m: Any, count: int) -> list[Any]:
    """Small networks with the same parameters in both libraries."""
    made = []
    for number in range(count):
        network = m.nn.Sequential(m.nn.Linear(4, 5), m.nn.Tanh(), m.nn.Linear(5, 2)).double()
        with m.no_grad():
            for i, parameter in enumerate(network.parameters()):
                values = numbers(*parameter.shape, number + i + 1)[..., -1].contiguous()
                parameter.copy_(values if m is torch else ours(values))
        made.append(network)
    return made


def test_calls_with_other_parameters() -> None:
    def call(m: Any, F: Any, x: Any) -> Any:
        (network,) = networks(m, 1)
        state = {name: p.detach() * 2 for name, p in network.named_parameters()}
        gradients = F.grad(lambda state: F.functional_call(network, state, (x,)).sin().sum())(state)
        return [F.functional_call(network, state, x), gradients, network(x).detach()]

    compare(call, X34)


def test_an_ensemble() -> None:
    def call(m: Any, F: Any, x: Any) -> Any:
        models = networks(m, 3)
        parameters, buffers = F.stack_module_state(models)

        def one(parameters: Any, buffers: Any, x: Any) -> Any:
            return F.functional_call(models[0], (parameters, buffers), (x,))

        together = F.vmap(one, in_dims=(0, 0, None))(parameters, buffers, x)
        loss = F.vmap(one)(parameters, buffers, m.stack([x, x * 2, x * 3])).sin().sum()
        return [together, m.autograd.grad(loss, list(parameters.values()))]

    compare(call, X34)


def test_gradients_of_each_sample_of_a_network() -> None:
    def call(m: Any, F: Any, x: Any) -> Any:
        (network,) = networks(m, 1)
        state = {name: p.detach() for name, p in network.named_parameters()}

        def loss(state: Any, sample: Any) -> Any:
            return F.functional_call(network, state, (sample.unsqueeze(0),)).square().sum()

        return F.vmap(F.grad(loss), in_dims=(None, 0))(state, x)

    compare(call, X34)


@pytest.mark.parametrize(
    "call",
    [
        lambda m, F, n: F.functional_call(n, {"none": m.ones(1)}, m.ones(4).double(), strict=True),
        lambda m, F, n: F.functional_call(n, 3, m.ones(4)),
        lambda m, F, n: F.functional_call(n, ({"0.bias": m.ones(5)}, {"0.bias": m.ones(5)}), m.ones(4)),
        lambda m, F, n: F.stack_module_state([]),
    ],
)
def test_wrong_states(call: Callable[..., Any]) -> None:
    with pytest.raises(Exception) as expected:  # noqa: PT011
        call(torch, torch.func, networks(torch, 1)[0])
    with pytest.raises(expected.type):
        call(st, st.func, networks(st, 1)[0])


def doubled(library: Any, has_context: bool, rule: bool, own: bool) -> Any:
    """A function with a gradient of its own, which says more or less of itself."""

    class Doubled(library.autograd.Function):
        generate_vmap_rule = rule

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return 2 * gradient

    if has_context:
        Doubled.forward = staticmethod(lambda x: 2 * x)
        Doubled.setup_context = staticmethod(lambda ctx, inputs, output: None)
    else:
        Doubled.forward = staticmethod(lambda ctx, x: 2 * x)
    if own:
        Doubled.vmap = staticmethod(lambda info, in_dims, x: (2 * x, in_dims[0]))
    return Doubled.apply


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("rule", [True, False])
@pytest.mark.parametrize("has_context", [True, False])
@pytest.mark.parametrize("how", ["grad", "vjp", "vmap", "vmap of grad", "grad of vmap", "plain"])
def test_functions_in_transforms(how, has_context, rule, own):
    def outcome(library: Any) -> Any:
        f, func = doubled(library, has_context, rule, own), library.func
        x = library.ones(2, 3)
        try:
            found = {
                "grad": lambda: func.grad(lambda x: f(x).sum())(x),
                "vjp": lambda: func.vjp(f, x)[1](x)[0],
                "vmap": lambda: func.vmap(f)(x),
                "vmap of grad": lambda: func.vmap(func.grad(lambda x: f(x).sum()))(x),
                "grad of vmap": lambda: func.grad(lambda x: func.vmap(f)(x).sum())(x),
                "plain": lambda: f(x),
            }[how]()
        except RuntimeError as error:
            return str(error)
        return found.tolist()

    assert outcome(st) == outcome(torch)


def cubed_by_hand(library: Any) -> Any:
    """A cube whose values are computed outside of the library, so that `vmap` needs the batch itself."""

    class Cube(library.autograd.Function):
        @staticmethod
        def forward(x: Any, dim: int) -> Any:
            values = library.tensor(x.detach().numpy() ** 3)
            return values, values.sum(dim)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(inputs[0])

        @staticmethod
        def backward(ctx: Any, gradient: Any, _: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 3 * x * x * gradient, None

        @staticmethod
        def vmap(info: Any, in_dims: Any, x: Any, dim: int) -> Any:
            assert in_dims[1] is None
            assert x.shape[in_dims[0]] == info.batch_size
            x = x.movedim(in_dims[0], 0)
            return Cube.apply(x, dim + 1), (0, 0)

    return Cube.apply


def exponential_in_place(library: Any) -> Any:
    """Exponentials that are written over their argument, by numpy, which counts no version."""

    class Exponential(library.autograd.Function):
        @staticmethod
        def forward(x: Any) -> Any:
            array = x.detach().numpy()
            np.exp(array, array)
            return x

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.mark_dirty(inputs[0])
            ctx.save_for_backward(output)

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return ctx.saved_tensors[0] * gradient

        @staticmethod
        def vmap(info: Any, in_dims: Any, x: Any) -> Any:
            return Exponential.apply(x), in_dims[0]

    return Exponential.apply


WRITES: dict[str, Callable[..., Any]] = {
    "plain": lambda f, func, x: f(x.clone()),
    "its version": lambda f, func, x: (lambda z: (f(z), x.new_tensor([float(z._version)]))[1])(x.clone()),
    "vmap": lambda f, func, x: func.vmap(lambda z: f(z.clone()))(x),
    "what was written": lambda f, func, x: func.vmap(lambda z: (lambda y: (f(y), y + 1)[1])(z.clone()))(x),
    "along another": lambda f, func, x: func.vmap(lambda z: f(z.clone()), 1, 1)(x),
    "nested": lambda f, func, x: func.vmap(func.vmap(lambda z: f(z.clone())))(x[None]),
    "grad": lambda f, func, x: func.grad(lambda z: (f(z.clone()) ** 2).sum())(x),
}


@pytest.mark.cpu_only("numpy writes to a copy of what another device holds")
@pytest.mark.parametrize("how", WRITES)
def test_functions_that_write_to_their_batch(how):
    values = np.array([[0.0, 1.0, 0.5], [2.0, -3.0, 0.25]])
    found = [WRITES[how](exponential_in_place(t), t.func, t.tensor(values)).numpy() for t in (torch, st)]
    np.testing.assert_allclose(found[1], found[0])


CUBES: dict[str, Callable[..., Any]] = {
    "one": lambda f, F, x: F.vmap(lambda x: f(x, 0))(x),
    "another dimension": lambda f, F, x: F.vmap(lambda x: f(x, 0), in_dims=1)(x),
    "two": lambda f, F, x: F.vmap(F.vmap(lambda x: f(x, 0)))(x),
    "gradient inside": lambda f, F, x: F.vmap(F.grad(lambda x: (f(x, 0)[0] * x).sum()))(x),
    "gradient outside": lambda f, F, x: F.grad(lambda x: (F.vmap(lambda x: f(x, 0)[0])(x) * x).sum())(x),
    "after others": lambda f, F, x: F.vmap(lambda x: f(x * 2 + 1, 0)[0].sin())(x),
    "not batched": lambda f, F, x: F.vmap(lambda y: y + f(x[0], 0)[1].sum())(x),
}


@pytest.mark.parametrize("how", CUBES)
def test_vmap_asks_functions_for_their_batches(how: str) -> None:
    compare(lambda m, F, x: CUBES[how](cubed_by_hand(m), F, x), X234)


VMAP_STATIC_REFUSED = {
    "one return": lambda t, x: t + 1,
    "three returns": lambda t, x: (x, 0, 0),
    "dimensions in another structure": lambda t, x: (x, (None,)),
}


@pytest.mark.parametrize("what", VMAP_STATIC_REFUSED)
def test_what_a_functions_vmap_may_return(what):
    def said(library: Any) -> str:
        class Wrong(library.autograd.Function):
            forward = staticmethod(lambda x: x)
            setup_context = staticmethod(lambda ctx, inputs, output: None)
            vmap = staticmethod(lambda info, in_dims, x: VMAP_STATIC_REFUSED[what](x, x))

        with pytest.raises(RuntimeError) as caught:
            library.func.vmap(Wrong.apply)(library.ones(2, 3))
        return str(caught.value).replace("spiraltorch_rs", "torch")[:90]

    assert said(st) == said(torch)


@pytest.mark.parametrize("direction", [1.0, -2.0, 0.0])
def test_forward_mode_of_running_sums_of_exponentials(direction: float) -> None:
    along = torch.tensor([1.0, direction, 0.0, 3.0, -1.0], dtype=F64)
    compare(lambda m, F, x, t: F.jvp(lambda x: m.logcumsumexp(x * 3, 0), (x,), (t,)), X5, along)
    compare(
        lambda m, F, x, t: F.jvp(F.grad(lambda x: (m.logcumsumexp(x, 0) * t).sum()), (x,), (t,)), X5, along
    )


def test_forward_mode_of_mantissas_beside_what_has_none() -> None:
    x = torch.tensor([3.0, 0.0, float("inf"), float("nan"), -0.3], dtype=F64)
    found = st.func.jvp(lambda x: st.frexp(x)[0], (ours(x),), (st.ones(5, dtype=st.float64),))[1]
    assert found.tolist() == [0.25, 1.0, 1.0, 1.0, 2.0]


VMAP_REFUSED = {
    "a list": lambda t, x: t.func.vmap(t.mul, [0, 0])(x, x),
    "a dict": lambda t, x: t.func.vmap(lambda a: a["a"], {"a": 0})({"a": x}),
    "out of range": lambda t, x: t.func.vmap(t.mul, (-1, 3))(x, x),
    "batched without a place": lambda t, x: t.func.vmap(lambda v: v, out_dims=None)(x),
    "a word": lambda t, x: t.func.vmap(lambda v: (v, "hi"))(x),
    "a place in words": lambda t, x: t.func.vmap(lambda v: v, out_dims="lol")(x),
    "into what is not batched": lambda t, x: t.func.vmap(t.Tensor.copy_, (None, 0))(t.zeros(3), x),
}


@pytest.mark.parametrize("what", VMAP_REFUSED)
def test_vmap_refuses(what):
    errors = []
    for library in (st, torch):
        with pytest.raises((ValueError, RuntimeError)) as caught:
            VMAP_REFUSED[what](library, library.ones(2, 3))
        errors.append((type(caught.value), str(caught.value).replace("spiraltorch_rs", "torch")[:120]))
    assert errors[0] == errors[1]


def test_vmap_leaves_what_it_refused_to_write():
    x = st.zeros(3)
    with pytest.raises(RuntimeError, match="inplace arithmetic"):
        st.func.vmap(st.Tensor.copy_, (None, 0))(x, st.ones(2, 3))
    assert x.tolist() == [0, 0, 0]


@pytest.mark.parametrize("library", [st, torch], ids=["ours", "torch"])
def test_vmap_gives_what_is_not_batched(library):
    x = library.ones(2, 3)
    found = library.func.vmap(lambda v: (v + 1, "hi", library.ones(2)), out_dims=(0, None, None))(x)
    assert (found[0].tolist(), found[1], found[2].tolist()) == ([[2.0] * 3] * 2, "hi", [1.0, 1.0])


@pytest.mark.parametrize("library", [st, torch], ids=["ours", "torch"])
def test_chunks_see_the_same_numbers(library):
    draw = library.func.vmap(lambda v: v + library.rand(3), randomness="same", chunk_size=2)
    rows = draw(library.zeros(5, 3))
    assert (rows == rows[:1]).all()
