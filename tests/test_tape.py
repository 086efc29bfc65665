"""What programs see of the tape: nodes' saved tensors, users' functions in forward mode, `.data`, checkpoints."""

import pytest
import torch
from reference import assert_same, assert_same_outcome

import spiraltorch_rs as st

BOTH = pytest.mark.parametrize("library", [st, torch], ids=["ours", "torch"])


@BOTH
def test_nodes_show_what_they_saved(library):
    a = library.tensor([1.0, 2.0], requires_grad=True)
    b = library.tensor([3.0, 4.0], requires_grad=True)
    product, power = a * b, a.exp()
    assert product.grad_fn._saved_self.tolist() == [1.0, 2.0]
    assert product.grad_fn._saved_other.tolist() == [3.0, 4.0]
    assert power.grad_fn._saved_result.tolist() == power.tolist()
    with pytest.raises(AttributeError, match="_saved_nothing"):
        _ = product.grad_fn._saved_nothing
    product.sum().backward()
    with pytest.raises(RuntimeError, match="second time"):
        _ = product.grad_fn._saved_self


@BOTH
def test_hooks_on_one_saved_tensor(library):
    a = library.tensor([1.0, 2.0], requires_grad=True)
    y = a * a
    y.grad_fn._raw_saved_self.register_hooks(lambda x: 2 * x, lambda x: x / 2)
    assert y.grad_fn._saved_self.tolist() == [1.0, 2.0]
    with pytest.raises(RuntimeError, match="already been set"):
        y.grad_fn._raw_saved_self.register_hooks(lambda x: x, lambda x: x)
    y.sum().backward()
    assert a.grad.tolist() == [2.0, 4.0]


@BOTH
def test_a_pack_hook_must_not_write(library):
    a = library.ones(3, requires_grad=True)
    with (
        library.autograd.graph.saved_tensors_hooks(lambda x: x.add_(1), lambda x: x),
        pytest.raises(RuntimeError, match="in place"),
    ):
        _ = (a * 2).exp().sin()


@BOTH
def test_the_node_of_a_users_function_is_its_context(library):
    class Cube(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            ctx.power = 3
            return x**3

        @staticmethod
        def backward(ctx, gradient):
            (x,) = ctx.saved_tensors
            return gradient * 3 * x**2

    x = library.tensor(2.0, requires_grad=True)
    y = Cube.apply(x)
    assert y.grad_fn.power == 3
    assert y.grad_fn.saved_tensors[0].item() == 2.0


@BOTH
def test_data_is_written_behind_the_tapes_back(library):
    x = library.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    before = x._version
    x.data.add_(1)
    x.data[0] = 5.0
    assert x._version == before
    y.sum().backward()
    assert x.grad.tolist() == [10.0, 6.0]


@BOTH
def test_numpy_where_nothing_is_recorded(library):
    x = library.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="requires grad"):
        x.numpy()
    with library.no_grad():
        assert x.numpy().tolist() == [1.0, 1.0]


@BOTH
def test_inputs_of_gradients_may_be_an_iterator(library):
    model = library.nn.Linear(2, 1)
    loss = model(library.ones(3, 2)).sum()
    weight, bias = library.autograd.grad(loss, model.parameters(), retain_graph=True)
    assert weight.tolist() == [[3.0, 3.0]]
    assert bias.tolist() == [3.0]
    loss.backward(inputs=list(model.parameters()))
    with pytest.raises(RuntimeError, match="empty"):
        library.autograd.grad(loss, iter(()))


def scaled(library):
    class Scaled(library.autograd.Function):  # type: ignore[name-defined]
        """A function whose jvp differs from its formula, so that one sees which was used."""

        @staticmethod
        def forward(ctx, x, factor):
            ctx.save_for_forward(x)
            ctx.factor = factor
            return x * factor

        @staticmethod
        def backward(ctx, gradient):
            return gradient * ctx.factor, None

        @staticmethod
        def jvp(ctx, tangent, _):
            (x,) = ctx.saved_tensors
            return tangent * ctx.factor * 10 + x * 0

    return Scaled


@BOTH
def test_forward_mode_calls_the_users_jvp(library):
    forward_ad = library.autograd.forward_ad
    with forward_ad.dual_level():
        x = forward_ad.make_dual(library.tensor([1.0, 2.0]), library.tensor([1.0, 0.5]))
        out = forward_ad.unpack_dual(scaled(library).apply(x * 2, 3).sin())
    expected = torch.cos(torch.tensor([6.0, 12.0])) * torch.tensor([60.0, 30.0])
    torch.testing.assert_close(torch.tensor(out.tangent.tolist()), expected)


@BOTH
def test_forward_mode_needs_a_jvp(library):
    class Plain(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    forward_ad = library.autograd.forward_ad
    with forward_ad.dual_level():
        x = forward_ad.make_dual(library.ones(2), library.ones(2))
        with pytest.raises(RuntimeError, match="must implement the jvp function"):
            Plain.apply(x)


@BOTH
def test_what_is_written_in_place_needs_a_tangent_written_in_place(library):
    def doubled(right):
        class Doubled(library.autograd.Function):  # type: ignore[name-defined]
            @staticmethod
            def forward(ctx, x):
                ctx.mark_dirty(x)
                return x.mul_(2)

            @staticmethod
            def backward(ctx, gradient):
                return gradient * 2

            @staticmethod
            def jvp(ctx, tangent):
                return tangent.mul_(2) if right else tangent * 2

        return Doubled

    forward_ad = library.autograd.forward_ad
    for right in (True, False):
        with forward_ad.dual_level():
            x = forward_ad.make_dual(library.ones(2), library.ones(2))
            if right:
                out = doubled(right).apply(x)
                assert out is x
                assert forward_ad.unpack_dual(out).tangent.tolist() == [2.0, 2.0]
            else:
                with pytest.raises(RuntimeError, match="modify the corresponding gradient inplace"):
                    doubled(right).apply(x)


@BOTH
def test_jvp_of_func_calls_the_users_jvp(library):
    class Scaled(scaled(library)):  # type: ignore[misc]
        @staticmethod
        def forward(x, factor):
            return x * factor

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, ctx.factor = inputs
            ctx.save_for_forward(x)

    one = (library.tensor(1.0),)
    primal, tangent = library.func.jvp(lambda x: Scaled.apply(x, 3), (library.tensor(2.0),), one)
    assert (primal.item(), tangent.item()) == (6.0, 30.0)
    with pytest.raises(RuntimeError, match="it must override the setup_context staticmethod"):
        library.func.jvp(lambda x: scaled(library).apply(x, 3), (library.tensor(2.0),), one)


@BOTH
@pytest.mark.parametrize("early", [True, False])
def test_gradients_inside_nested_checkpoints(library, early):
    checkpoint = library.utils.checkpoint

    def slope(function):
        def inner(x):
            out = function(x)
            return library.autograd.grad(out.sum(), x, create_graph=True)[0]

        return inner

    def kept(function):
        return lambda x: checkpoint.checkpoint(function, x, use_reentrant=False)

    def stem(x):
        return (x.exp().sin() * x).sum()

    found = []
    for wrap in (lambda f: f, kept):
        x = library.tensor([0.3, -0.7], requires_grad=True)
        with checkpoint.set_checkpoint_early_stop(early):
            out = wrap(slope(wrap(slope(wrap(stem)))))(x)
        out.sum().backward()
        found.append(torch.tensor(x.grad.tolist()))
    torch.testing.assert_close(*found)


@BOTH
def test_a_checkpoint_stops_when_it_has_what_is_needed(library):
    checkpoint = library.utils.checkpoint
    calls = []

    def block(x):
        y = x.exp()
        calls.append("needed")
        z = y.sin()
        calls.append("not needed")
        return z + 1

    for early, last in ((True, "needed"), (False, "not needed")):
        calls.clear()
        x = library.ones(2, requires_grad=True)
        with checkpoint.set_checkpoint_early_stop(early):
            checkpoint.checkpoint(block, x, use_reentrant=False).sum().backward()
        assert calls[2:][-1] == last


@BOTH
def test_forward_mode_refuses_a_tangent_with_a_tangent(library):
    forward_ad = library.autograd.forward_ad
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(library.ones(2), library.ones(2))
        with pytest.raises(RuntimeError, match="forward gradient at the same level"):
            forward_ad.make_dual(library.ones(2), dual)
        with pytest.raises(RuntimeError, match="different size"):
            forward_ad.make_dual(library.ones(2), library.ones(3))


def test_jacobians_of_numbers():
    for transform in ("jacrev", "jacfwd", "hessian"):
        mine = getattr(st.func, transform)(lambda x: x**3)(st.tensor(2.0))
        theirs = getattr(torch.func, transform)(lambda x: x**3)(torch.tensor(2.0))
        assert mine.shape == theirs.shape
        assert mine.item() == theirs.item()
    x = st.tensor(2.0, requires_grad=True)
    assert st.autograd.functional.jacobian(lambda x: x**3, x).item() == 12.0


@BOTH
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, x: f.vjp(lambda x: None, x), "non-empty output"),
        (lambda f, x: f.vjp(lambda x: 1.0, x), "only tensors"),
        (lambda f, x: f.jvp(lambda x: None, (x,), (x,)), r"jvp\(f, primals, tangents\)"),
        (lambda f, x: f.jvp(lambda x: x, (1.0,), (x,)), "only contain Tensors"),
        (lambda f, x: f.grad(lambda x: (x.sum(), 1), has_aux=True)(x), "unsupported type"),
        (lambda f, x: f.jacrev(lambda x: x * 1j)(x), "Expected all outputs"),
        (lambda f, x: f.jacfwd(lambda x: x)(x * 1j), "Expected all inputs"),
    ],
)
def test_transforms_say_what_they_take(library, call, message):
    with pytest.raises(RuntimeError, match=message):
        call(library.func, library.ones(2))


@BOTH
def test_a_hook_of_several_gradients_waits_for_those_that_come(library):
    tensors = [library.ones(2, requires_grad=True) for _ in range(4)]
    found = []
    library.autograd.graph.register_multi_grad_hook(
        tensors, lambda grads: found.append([g is not None for g in grads])
    )
    out = (tensors[1] * tensors[2]).sum()
    out.backward(inputs=(tensors[1], tensors[2]), retain_graph=True)
    out.backward(inputs=(tensors[0], tensors[2]), retain_graph=True)
    assert found == [[False, True, True, False], [False, False, True, False]]


@pytest.mark.parametrize("eps", [1e-8, 0.5, 10.0])
def test_gradients_of_short_vectors_angles(eps):
    a, b = torch.randn(3, 4) * 0.3, torch.randn(3, 4)
    found = []
    for library in (st, torch):
        x, y = (library.tensor(t.tolist(), requires_grad=True) for t in (a, b))
        library.nn.functional.cosine_similarity(x, y, 1, eps).square().sum().backward()
        found.append([torch.tensor(t.grad.tolist()) for t in (x, y)])
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-6)


NAMED = {
    "mean": lambda t, x: x.mean(),
    "sum": lambda t, x: x.sum(),
    "sum of a dimension": lambda t, x: x.sum(0),
    "largest": lambda t, x: x.max(),
    "largest of a dimension": lambda t, x: x.max(0).values,
    "var": lambda t, x: x.var(),
    "std": lambda t, x: x.std(0),
    "norm": lambda t, x: x.norm(),
    "softmax": lambda t, x: t.nn.functional.softmax(x, 1),
    "log_softmax": lambda t, x: t.log_softmax(x, 1),
    "mse_loss": lambda t, x: t.nn.functional.mse_loss(x, x.detach()),
    "cross_entropy": lambda t, x: t.nn.functional.cross_entropy(x, t.tensor([0, 1])),
    "nll_loss": lambda t, x: t.nn.functional.nll_loss(x, t.tensor([0, 1])),
    "bce": lambda t, x: t.nn.functional.binary_cross_entropy_with_logits(x, x.detach()),
    "linear": lambda t, x: t.nn.functional.linear(x, x.detach(), t.ones(2)),
    "addmm": lambda t, x: t.addmm(t.ones(2, 2), x, x.t()),
    "bmm": lambda t, x: t.bmm(x[None], x.t()[None]),
    "mv": lambda t, x: t.mv(x, t.ones(3)),
    "dot": lambda t, x: t.dot(x[0], t.ones(3)),
    "pow": lambda t, x: x**2,
    "powers": lambda t, x: x**x,
    "clamp": lambda t, x: x.clamp(0, 1),
    "repeat": lambda t, x: x.repeat(2, 1),
    "roll": lambda t, x: x.roll(1),
    "squeeze": lambda t, x: x.squeeze(),
    "unsqueeze": lambda t, x: x.unsqueeze(0),
    "t": lambda t, x: x.t(),
    "transpose": lambda t, x: x.transpose(0, 1),
    "diagonal": lambda t, x: x.diagonal(),
    "chunk": lambda t, x: x.chunk(2)[0],
    "unbind": lambda t, x: x.unbind()[1],
    "stack": lambda t, x: t.stack([x, x]),
    "topk": lambda t, x: x.topk(1).values,
    "gather": lambda t, x: x.gather(1, t.tensor([[0], [1]])),
    "index_select": lambda t, x: x.index_select(0, t.tensor([0])),
    "embedding": lambda t, x: t.nn.functional.embedding(t.tensor([0]), x),
    "masked_fill": lambda t, x: x.masked_fill(x > 0, 0),
    "group_norm": lambda t, x: t.nn.functional.group_norm(x[None], 1),
    "expm1": lambda t, x: x.expm1(),
    "log1p": lambda t, x: x.log1p(),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_node_is_called_as_torchs(case):
    names = [NAMED[case](t, t.ones(2, 3, requires_grad=True)).grad_fn.name() for t in (st, torch)]
    assert names[0] == names[1]


WHOLE = {
    "slice": lambda x: x[:],
    "ellipsis": lambda x: x[...],
    "empty tuple": lambda x: x[()],
    "slices": lambda x: x[:, :],
    "view": lambda x: x.view(2, 3),
    "expand": lambda x: x.expand(2, 3),
    "positive": lambda x: +x,
    "broadcast_tensors": lambda x: x.broadcast_to(2, 3),
    "type": lambda x: x.type(x.dtype),
    "same dtype": lambda x: x.view(x.dtype),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_view_of_all_of_it_is_another_tensor(case):
    def found(library):
        x = library.ones(2, 3, requires_grad=True)
        y = WHOLE[case](x)
        plain = library.ones(2, 3)
        WHOLE[case](plain).requires_grad_()
        named = y.grad_fn and type(y.grad_fn).__name__
        return y is x, y._base is x, y.is_leaf, named, plain.requires_grad

    assert found(st) == found(torch)


class Views:
    """Functions of users whose results are views, for a library."""

    def __init__(self, library):
        def function(forward):
            backward = staticmethod(lambda ctx, *gradients: gradients[0].reshape(2, 2) * 3)
            members = {"forward": staticmethod(lambda ctx, x: forward(x)), "backward": backward}
            return type("Given", (library.autograd.Function,), members).apply

        self.itself = function(lambda x: x)
        self.view = function(lambda x: x.view(-1))
        self.several = function(lambda x: (x.view(-1), x[0]))


MADE = {
    "unbind": lambda library, x: x.unbind()[0],
    "iteration": lambda library, x: next(iter(x)),
    "split": lambda library, x: x.split(1)[0],
    "hsplit": lambda library, x: x.hsplit(2)[0],
    "view": lambda library, x: x.view(-1),
    "view of one of several": lambda library, x: x.unbind()[0].view(-1),
    "input as it is": lambda library, x: Views(library).itself(x),
    "users view": lambda library, x: Views(library).view(x),
    "one of several of a user": lambda library, x: Views(library).several(x)[0],
}


@pytest.mark.parametrize("case", MADE)
@pytest.mark.parametrize("start", ["leaf", "tracked", "plain"])
@pytest.mark.parametrize("unrecorded", [False, True], ids=["recorded", "no_grad"])
def test_writes_to_views_are_refused_as_torchs(case, start, unrecorded):
    def found(library):
        x = library.ones(2, 2, requires_grad=start != "plain")
        x = x.clone() if start == "tracked" else x
        with library.set_grad_enabled(not unrecorded):
            view = MADE[case](library, x)
        try:
            view.mul_(library.full(view.shape, 2.0, requires_grad=True))
        except RuntimeError as error:
            return str(error)
        return view.requires_grad, x.requires_grad

    assert found(st) == found(torch)


@BOTH
@pytest.mark.parametrize("start", ["leaf", "copy"])
@pytest.mark.parametrize("unrecorded", [False, True], ids=["recorded", "no_grad"])
def test_views_of_inference_mode_are_written_where_nothing_is_recorded(library, start, unrecorded):
    x = library.ones(2, 3)
    x = x if start == "leaf" else x.clone()
    with library.inference_mode():
        view = x.view(6)
    with library.set_grad_enabled(not unrecorded):
        view.add_(2)
        view.view(2, 3).mul_(2)
    assert x.tolist() == view.view(2, 3).tolist() == [[6.0] * 3] * 2
    assert not view.is_inference()
    with pytest.raises(RuntimeError, match="A view was created in inference mode and is being modified"):
        view.add_(library.ones(6, requires_grad=True))


@BOTH
def test_only_inputs_are_marked_as_written(library):
    class Adds(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            made = x * 3
            ctx.mark_dirty(made)
            return made

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 3

    with pytest.warns(UserWarning, match=r"mark_dirty\(\) received a tensor that was not an input"):
        Adds.apply(library.ones(2, requires_grad=True))


@BOTH
@pytest.mark.parametrize("case", ["input as it is", "users view", "one of several of a user"])
def test_a_users_view_of_what_is_written_later_has_no_gradient(library, case):
    x = library.ones(2, 2, requires_grad=True).clone()
    view = MADE[case](library, x)
    x.mul_(2)
    with pytest.raises(RuntimeError, match="its base or another view of its base has been modified inplace"):
        view.sum().backward()


PARTS = {"all": lambda x: x[:], "view": lambda x: x.view(-1), "part": lambda x: x[0:1]}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("case", ["hooks", "retained"])
def test_hooks_on_views_written_in_place(case, part):
    def found(library):
        base = library.ones(1, requires_grad=True).clone()
        first, second = PARTS[part](base), PARTS[part](base)
        arrived = []
        named = {"base": base, "first": first, "second": second}

        def listen(when):
            for name, tensor in named.items():
                tensor.register_hook(
                    lambda gradient, name=name: arrived.append((when, name, gradient.item()))
                )

        if case == "hooks":
            listen("before")
        else:
            [tensor.retain_grad() for tensor in named.values()]
        first.mul_(2)
        _ = first.grad_fn, second.grad_fn
        if case == "hooks":
            listen("after")
        (first + second * 3 + base * 5).sum().backward()
        return sorted(arrived) if case == "hooks" else [tensor.grad.item() for tensor in named.values()]

    assert found(st) == found(torch)


@BOTH
@pytest.mark.parametrize("view", [lambda x: x.view_as(x), lambda x: x.view(-1), lambda x: x[0]])
def test_a_users_function_writes_a_view(library, view):
    class Add(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, a, b):
            a.add_(b)
            ctx.mark_dirty(a)
            return a

        @staticmethod
        def backward(ctx, gradient):
            return gradient, gradient * 2

    a, b = library.ones(2, 2, requires_grad=True), library.ones(2, 2, requires_grad=True)
    added = Add.apply(view(a.clone()), view(b))
    added.sum().backward()
    assert a.grad.sum().item() == added.numel()
    assert b.grad.sum().item() == 2 * added.numel()


def edges_of(library):
    x = library.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    edge = library.autograd.graph.get_gradient_edge
    return x, y, edge(x), edge(y), (y * y).sum()


@BOTH
def test_gradients_from_and_to_edges(library):
    x, y, at_x, at_y, loss = edges_of(library)
    grad = library.autograd.grad
    found = grad(loss, (at_x, y, at_y), retain_graph=True)
    assert [g.tolist() for g in found] == [[18.0, 36.0], [6.0, 12.0], [6.0, 12.0]]
    assert grad(loss, at_y, retain_graph=True)[0].tolist() == [6.0, 12.0]
    assert grad(at_y, x, found[1], retain_graph=True)[0].tolist() == [18.0, 36.0]
    library.autograd.backward(at_y, found[1], inputs=at_x)
    assert x.grad.tolist() == [18.0, 36.0]


def edge_to(library, make, *first, dtype=None, **options):
    """The gradient that comes from an edge, which began with `first`."""
    x = library.tensor([1.0, 2.0], dtype=dtype and getattr(library, dtype), requires_grad=True)
    edge = library.autograd.graph.get_gradient_edge(make(x))
    (gradient,) = library.autograd.grad(edge, x, *(given(library) for given in first), **options)
    return library.view_as_real(gradient) if gradient.is_complex() else gradient


STARTS = {
    "a number": lambda t: edge_to(t, lambda x: (x * 3).sum()),
    "no number": lambda t: edge_to(t, lambda x: x * 3),
    "another shape": lambda t: edge_to(t, lambda x: x * 3, lambda t: t.ones(3)),
    "another dtype": lambda t: edge_to(t, lambda x: x * 3, lambda t: t.ones(2, dtype=t.float64)),
    "complex": lambda t: edge_to(t, lambda x: x * 3j, lambda t: t.ones(2) + 1j, dtype="complex64"),
    "a leaf": lambda t: edge_to(t, lambda x: x, lambda t: t.ones(2)),
    "a batch": lambda t: edge_to(t, lambda x: x * 3, lambda t: t.ones(4, 2), is_grads_batched=True),
}


@pytest.mark.parametrize("case", STARTS)
def test_gradients_start_at_an_edge_as_at_its_tensor(case):
    assert_same_outcome(lambda: STARTS[case](st), lambda: STARTS[case](torch))


@pytest.mark.parametrize("at", [lambda x, y: x, lambda x, y: y])
def test_gradients_end_at_edges_of_complex_numbers(at):
    def gradient(library):
        x = library.tensor([1 + 2j, 3.0], requires_grad=True)
        y = x * 2j
        edge = library.autograd.graph.get_gradient_edge(at(x, y))
        return library.view_as_real(library.autograd.grad((y * y).abs().sum(), edge)[0])

    assert_same(gradient(st), gradient(torch))


def test_an_edge_of_an_output_that_is_not_there():
    def start(library):
        x = library.ones(2, requires_grad=True)
        edge = library.autograd.graph.GradientEdge((x * 2).grad_fn, 5)
        library.autograd.grad(edge, x, library.ones(2))

    for library in (st, torch):
        with pytest.raises(IndexError):
            start(library)
    # (As an end of gradients, torch reads whatever is there.)
    x = st.ones(2, requires_grad=True)
    y = x * 2
    with pytest.raises(IndexError, match="MulBackward0 has 1 outputs, and none of number 5"):
        st.autograd.grad(y.sum(), st.autograd.graph.GradientEdge(y.grad_fn, 5))


@BOTH
def test_missing_gradients_are_zeros_where_the_outputs_are(library):
    class Two(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, first, second):
            return first * 2 + second * 3

    x = library.ones(2, device="meta", requires_grad=True)
    Two.apply(x)[0].sum().backward()
    assert x.grad.device.type == "meta"


@BOTH
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_gradients_of_determinants_without_values(library, dtype):
    a = library.ones(2, 2, dtype=getattr(library, dtype), device="meta", requires_grad=True)
    library.linalg.det(a).abs().backward()
    assert a.grad.shape == (2, 2)


@BOTH
def test_a_missing_gradient_of_an_edge_is_not_filled(library):
    x, y, at_x, _, _ = edges_of(library)
    other = library.ones(2, requires_grad=True)
    grad = library.autograd.grad
    assert grad(y.sum(), (at_x, other), materialize_grads=True, retain_graph=True)[1].tolist() == [0.0, 0.0]
    edge = library.autograd.graph.get_gradient_edge(other)
    with pytest.raises(RuntimeError, match="materialize_grads cannot be used"):
        grad(y.sum(), (x, edge), allow_unused=True, materialize_grads=True)


@BOTH
def test_what_is_saved_is_on_the_tape(library):
    seen = []

    class Double(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            (x,) = ctx.saved_tensors
            seen.append((x.requires_grad, x.grad_fn is not None, x is leaf))
            return gradient * 2

    leaf = library.ones(2, requires_grad=True)
    Double.apply(leaf).sum().backward()
    Double.apply(leaf * 1).sum().backward()
    assert seen == [(True, False, True), (True, True, False)]
    assert (leaf * 2).grad_fn.next_functions[0][0].variable is leaf


@BOTH
def test_a_users_forward_has_defaults(library):
    class Power(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(x, power=3):
            return x**power

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, ctx.power = inputs
            ctx.save_for_backward(x)

        @staticmethod
        def backward(ctx, gradient):
            (x,) = ctx.saved_tensors
            return gradient * ctx.power * x ** (ctx.power - 1), None

    x = library.tensor(2.0, requires_grad=True)
    Power.apply(x).backward()
    assert x.grad.item() == 12.0


@BOTH
def test_a_decorated_class_is_a_function(library):
    with pytest.warns(FutureWarning, match="Decorating classes is deprecated"):

        @library.no_grad()
        class Made:
            def __init__(self):
                self.recorded = library.is_grad_enabled()

    assert not Made().recorded


@BOTH
def test_after_hooks_of_accumulated_gradients(library):
    x, called = library.ones(2, requires_grad=True), []
    node = x.view_as(x).grad_fn.next_functions[0][0]
    node.register_hook(lambda *_: called.append("node"))
    x.register_post_accumulate_grad_hook(lambda _: called.append("tensor"))
    x.sum().backward()
    assert called == ["tensor", "node"]
    x.register_post_accumulate_grad_hook(lambda tensor: tensor.grad)
    with pytest.raises(RuntimeError, match="hooks should return None"):
        x.sum().backward()


@BOTH
@pytest.mark.parametrize("name", ["scatter_reduce", "index_reduce"])
def test_second_gradients_of_products_with_several_zeros_are_refused(library, name):
    x = library.ones(1, dtype=library.float64, requires_grad=True)
    source = library.zeros(2, dtype=library.float64, requires_grad=True)
    made = getattr(library, name)(x, 0, library.tensor([0, 0]), source, "prod")
    (first,) = library.autograd.grad(made.sum(), source, create_graph=True)
    assert first.tolist() == [0.0, 0.0]
    with pytest.raises(RuntimeError, match="Double backward is unsupported"):
        first.sum().backward()


def test_the_first_of_equal_elements_of_a_bag_has_the_gradient():
    def gradient(library):
        weight = library.tensor([[3.0, 1.0], [3.0, 2.0], [0.0, 2.0]], requires_grad=True)
        bags = library.tensor([[0, 1, 2], [2, 2, 1]])
        library.nn.functional.embedding_bag(bags, weight, mode="max").sum().backward()
        return weight.grad.tolist()

    assert gradient(st) == gradient(torch)


def test_both_triangles_of_a_matrix_count():
    def gradient(library):
        a = library.tensor([[4.0, 1.0, 0.0], [2.0, 3.0, 0.5], [0.0, 0.5, 1.0]], dtype=library.float64)
        a = ((a + a.mT) / 2).requires_grad_()
        guess = library.ones(3, 1, dtype=library.float64)
        library.lobpcg(a, k=1, X=guess, niter=-1, tol=1e-10)[0].sum().backward()
        return a.grad.tolist()

    assert gradient(st) == [pytest.approx(row, abs=1e-6) for row in gradient(torch)]


@BOTH
@pytest.mark.parametrize("save", ["save_for_backward", "save_for_forward"])
@pytest.mark.parametrize("wanted", [True, False])
def test_what_a_users_forward_returns_as_it_is_may_not_be_saved_by_its_setup(wanted, save, library):
    class Same(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(x):
            return x

        @staticmethod
        def setup_context(ctx, inputs, output):
            getattr(ctx, save)(output)

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    with pytest.raises(RuntimeError, match="An input that has been returned as-is as output is being saved"):
        Same.apply(library.ones(2, requires_grad=wanted))


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("saved", [3, "text", None])
def test_what_is_saved_is_looked_at_when_there_is_a_backward_pass(saved, recorded):
    def run(t):
        class Doubled(t.autograd.Function):  # type: ignore[name-defined]
            @staticmethod
            def forward(ctx, x, other):
                ctx.save_for_backward(x, other)
                return x * 2

        return Doubled.apply(t.ones(2, requires_grad=recorded), saved).detach()

    assert_same_outcome(lambda: run(st), lambda: run(torch))


@BOTH
def test_users_functions_in_vmap_refuse_tensors_given_by_name_only(library):
    class Scaled(library.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(x, *, y):
            return x * y

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

        @staticmethod
        def vmap(info, in_dims, x, *, y):
            return x * y, in_dims[0]

    with pytest.raises(NotImplementedError, match="kwarg-only Tensor"):
        library.func.vmap(Scaled.apply)(library.ones(2, 3), y=library.ones(3))
