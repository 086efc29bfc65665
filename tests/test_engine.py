"""The engine's finer points, and files: each program runs in both libraries, and what it tells is compared."""

import io
from typing import Any

import pytest
import torch
from twins import Program, attempt, same, texted, told

import spiraltorch_rs as st

PROGRAMS: list[Program] = []


def both(program: Program) -> Program:
    """A program that must tell the same in both libraries."""
    PROGRAMS.append(program)
    return program


@both
def hooks_of_several_tensors(t):
    a, b, c = (t.ones(2, requires_grad=True) for _ in range(3))
    seen: list[Any] = []
    t.autograd.graph.register_multi_grad_hook(
        (a, b, c), lambda grads: seen.append([g is not None for g in grads])
    )
    (a * b).sum().backward()
    (a * b * c).sum().backward(inputs=(b, c))
    a.sum().backward(inputs=(a,))
    return seen


@both
def hooks_of_nodes(t):
    log: list[Any] = []
    a = t.tensor(1.0, requires_grad=True)
    b = a.clone()
    leaf = b.grad_fn.next_functions[0][0]
    leaf.register_hook(
        lambda inputs, outputs: log.append(("after", len(inputs), [g.item() for g in outputs]))
    )
    leaf.register_prehook(lambda outputs: log.append("before"))
    b.grad_fn.register_prehook(lambda outputs: log.append("b"))
    a.register_hook(lambda g: g * 3)
    b.backward(retain_graph=True)
    b.sum().backward(inputs=(b,), retain_graph=True)
    t.autograd.grad(b, a)
    return [log, a.grad, b.grad]


@both
def a_number_on_the_left_is_the_second_operand(t):
    x = t.ones(2, requires_grad=True)
    return [[bool(node) for node, _ in y.grad_fn.next_functions] for y in (2 * x, 2 + x, x * 2)]


@both
def what_nodes_are(t):
    class Mine(t.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    x = t.ones(2, requires_grad=True)
    y = Mine.apply(x)
    node = (x * 2).exp().grad_fn
    return [
        type(y.grad_fn).__name__,
        type(node).__name__,
        type(node.next_functions[0][0]).__name__,
        y.grad_fn is y.grad_fn,
        type(y.grad_fn) is Mine._backward_cls,
        isinstance(x.view(2).grad_fn.next_functions[0][0], t._C._functions.AccumulateGrad),
        attempt(lambda: Mine()(x)),
    ]


@both
def callbacks_at_the_end(t):
    log: list[Any] = []
    engine = t.autograd.Variable._execution_engine

    class Queue(t.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            engine.queue_callback(lambda: log.append("end"))
            log.append("backward")
            return g

    x = t.ones(1, requires_grad=True)
    Queue.apply(Queue.apply(x)).backward()
    return [log, attempt(lambda: engine.queue_callback(print))]


@both
def views_of_one_call(t):
    def written(make, wants=True):
        x = t.ones(4, requires_grad=wants).clone()
        return attempt(lambda: make(x).add_(1))

    return [
        written(lambda x: x.unbind()[0]),
        written(lambda x: x.split(2)[0]),
        written(lambda x: x.chunk(2)[1].view(-1)),
        written(lambda x: x.unbind()[0], wants=False),
        written(lambda x: x.tensor_split(2)[0]),
        written(lambda x: x[:2]),
    ]


@both
def filled_in_place(t):
    told: list[Any] = []
    for fill in ("normal_", "uniform_", "zero_"):
        x = t.ones(3, requires_grad=True)
        y = x * 2
        getattr(y, fill)()
        (y * 3 + x).sum().backward()
        part = t.ones(3, requires_grad=True)
        z = part * 2
        getattr(z[:1], fill)()
        z.sum().backward()
        told += [x.grad, part.grad]
    return told


@both
def gradients_of_nothing(t):
    x, a = t.tensor(0.5, requires_grad=True), t.tensor(1.0, requires_grad=True)
    (first,) = t.autograd.grad(x * a, x, create_graph=True)
    (second,) = t.autograd.grad(first, x, create_graph=True, allow_unused=True, materialize_grads=True)
    (third,) = t.autograd.grad(second, x, materialize_grads=True)
    batched = attempt(lambda: t.autograd.grad(x * t.ones(2), x, t.ones(2), is_grads_batched=True))
    return [second.detach(), second.requires_grad, third.detach(), batched]


@both
def duals_written_in_place(t):
    forward = t.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(t.tensor([1.0, 2.0]), t.tensor([3.0, 4.0]))
        dual *= 2
        once = forward.unpack_dual(dual)
        other = forward.unpack_dual(dual.sin())
        level = forward._current_level
    return [once.primal, once.tangent, other.tangent, level, forward._current_level]


@both
def gradcheck_moves_what_a_function_closes_over(t):
    weight = t.tensor([1.0, 2.0], dtype=t.float64, requires_grad=True)
    number = t.tensor([1.0 + 2.0j], dtype=t.complex128, requires_grad=True)
    noisy = t.ones(1, dtype=t.float64, requires_grad=True)

    def wrong(x):
        y = x.clone()
        y.register_hook(lambda g: g + 1e-2)
        return y

    check = t.autograd.gradcheck
    return [
        check(lambda _: (weight * weight).sum(), (weight,)),
        check(lambda z: (z * z.conj()).real, (number,)),
        check(lambda z: z.exp(), (number,), fast_mode=True),
        attempt(lambda: check(wrong, (noisy,), atol=1e-1)),
        attempt(lambda: check(lambda x: x.detach() * 2, (noisy,))),
        attempt(lambda: check(lambda x: x, (noisy.expand(3),))),
        t.autograd.gradgradcheck(lambda x: x.sin(), (weight,)),
    ]


@both
def files(t):
    x = t.arange(6.0)
    x.note = {"of": "mine"}
    told: list[Any] = []
    for new in (True, False):
        file = io.BytesIO()
        t.save({"x": x, "part": x[2:], "storage": x.storage()}, file, _use_new_zipfile_serialization=new)
        file.seek(0)
        read = t.load(file, weights_only=False)
        read["x"][3] = 10
        told += [
            read["part"],
            read["x"].note,
            type(read["storage"]).__name__.strip("_")[:5],
            list(read["storage"]),
        ]
    file = io.BytesIO()
    t.save(t.empty(2, 3, device="meta"), file)
    file.seek(0)
    again = t.load(file)
    return [told, tuple(again.shape), again.is_meta]


def _view_of_function(t):
    class View(t.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            return x.view(3)

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    return View.apply


STALE = {
    "no_grad": lambda t, x: t.no_grad()(lambda: x.view(3))(),
    "inference": lambda t, x: t.inference_mode()(lambda: x.view(3))(),
    "unbind": lambda t, x: x.unbind()[0],
    "chunk": lambda t, x: x.chunk(3)[0],
    "function": lambda t, x: _view_of_function(t)(x),
    "recorded": lambda t, x: x.view(3),
}


@pytest.mark.parametrize("made", STALE)
def test_views_whose_base_was_written(made):
    """Where torch will not say what their gradients are, nobody does."""

    def program(t):
        x = t.ones(3, requires_grad=True) * 1
        view = STALE[made](t, x)
        before = [view.requires_grad, view.is_leaf]
        x.add_(1)
        loss = attempt(lambda: (view * 2).sum().backward())
        node = attempt(lambda: view.grad_fn.name())
        return [before, texted(repr(view)), bool(loss), str(node)[:150]]

    assert program(st) == program(torch)


@both
def nodes_are_called(t):
    x, y = t.tensor([1.0, 2.0], requires_grad=True), t.tensor([3.0, 4.0], requires_grad=True)
    node = (x * y).grad_fn
    leaf = node.next_functions[0][0]
    told = [list(node(t.ones(2))), (x * 2).grad_fn(t.ones(2))[0], node(None), leaf(t.ones(2)), x.grad]
    return [*told, attempt(node), attempt(lambda: node(t.ones(2), 1)), attempt(lambda: node(1))]


@both
def gradients_that_do_not_fit(t):
    real, whole = t.ones(2, 2, requires_grad=True), t.ones(2, 2, 2, requires_grad=True)
    turned = t.ones(2, 2, dtype=t.complex64, requires_grad=True)
    starts = [
        *((real, t.ones(2, 2, dtype=kind)) for kind in (t.complex64, t.float64, t.int64)),
        *((turned, t.ones(2, 2, dtype=kind)) for kind in (t.float32, t.complex128)),
        (whole, t.ones(2, 2, dtype=t.complex64)),
        (turned, t.ones(2, 2, 2)),
        (turned, t.ones(2, dtype=t.complex64)),
        (turned.sum(), None),
    ]
    told = []
    for x, up in starts:
        for call in (
            lambda y, x, up: t.autograd.grad(y, x, up),
            lambda y, x, up: y.backward(up),
            lambda y, x, up: t.autograd.backward([y], [up]),
        ):
            found = attempt(lambda call=call, x=x, up=up: call(x * 2, x, up))
            told.append((type(found).__name__, str(found) if isinstance(found, Exception) else None))
    return [told, attempt(lambda: real.imag), attempt(lambda: setattr(real, "imag", real))]


@both
def passes_within_passes(t):
    class Deeper(t.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx, x):
            with t.enable_grad():
                ctx.x = x.detach().requires_grad_() - 1
            return ctx.x.detach()

        @staticmethod
        def backward(ctx, gradient):
            if ctx.x >= 0:
                with t.enable_grad():
                    Deeper.apply(ctx.x).sum().backward()
                if ctx.x == 200 and gradient.numel():
                    t.ones(3).view(2)
            return gradient

    deep, broken = t.tensor(300.0, requires_grad=True), t.tensor(400.0, requires_grad=True)
    Deeper.apply(deep.remainder(200)).backward()
    return [deep.grad, attempt(lambda: Deeper.apply(broken).backward()), t.is_grad_enabled()]


@both
def a_tangent_that_is_written(t):
    class Same(t.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(x):
            return x

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.mark_dirty(inputs[0])

        @staticmethod
        def backward(ctx, gradient):
            return gradient

        @staticmethod
        def jvp(ctx, tangent):
            return tangent.mul_(3)

    x, tangent = (t.tensor(2.0, requires_grad=True) for _ in range(2))
    return [part.detach() for part in t.func.jvp(lambda x: Same.apply(x.clone()), (x,), (tangent,))]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_programs(program):
    mine, reference = told(program, st), told(program, torch)
    assert all(same(a, b) for a, b in zip(mine, reference, strict=True)), list(
        zip(mine, reference, strict=True)
    )


@pytest.mark.cpu_only("torch, which reads the file, does not know other devices of ours")
@pytest.mark.parametrize(("writer", "reader"), [(st, torch), (torch, st)], ids=["ours", "torch"])
@pytest.mark.filterwarnings("ignore")
def test_old_files_travel(writer, reader):
    file = io.BytesIO()
    x = writer.arange(6.0)
    x.note = 3
    writer.save([x, x[2:]], file, _use_new_zipfile_serialization=False)
    file.seek(0)
    whole, part = reader.load(file)
    whole[2] = 20
    assert part.tolist() == [20, 3, 4, 5]
    assert whole.note == 3


class Reader:
    """A file that can do little."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.read, self.readline = self._file.read, self._file.readline
        self.seek, self.tell = self._file.seek, self._file.tell


@pytest.mark.parametrize("new", [True, False])
def test_a_file_without_more_than_it_needs(new):
    file = io.BytesIO()
    st.save(st.arange(3), file, _use_new_zipfile_serialization=new)
    assert st.load(Reader(file.getvalue())).tolist() == [0, 1, 2]
