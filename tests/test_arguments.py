"""Ways of calling that torch takes, and what it refuses: each call is written once and made in both libraries."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from reference import assert_same

import spiraltorch_rs as st

Call = Callable[[Any], Any]
# A GPU finds a wrong index when the kernel has run: an IndexError, whatever the operator, when a value is read.
ON_CPU = pytest.mark.cpu_only("elsewhere a wrong index is found by a kernel, and told when a value is read")
OF_HOST = pytest.mark.cpu_only("arrays of numpy, and types of tensors by their old names, are the host's")


def x(t: Any) -> Any:
    return t.tensor([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])


def n(t: Any) -> Any:
    return t.tensor([[1, 2, 3], [4, 5, 6]])


TAKEN: list[Any] = [
    # numbers as the first operand
    lambda t: t.add(2, x(t)),
    lambda t: t.add(2, x(t), alpha=3),
    lambda t: t.sub(1.5, n(t)),
    lambda t: t.mul(True, n(t)),
    lambda t: t.multiply(0.1, x(t).double()),
    lambda t: t.div(7, n(t), rounding_mode="floor"),
    lambda t: t.div(0.1, x(t).double(), rounding_mode="trunc"),
    lambda t: t.true_divide(1, n(t)),
    lambda t: t.remainder(-5.5, x(t)),
    lambda t: t.floor_divide(7, n(t)),
    lambda t: t.xlogy(2, x(t).abs()),
    lambda t: t.bitwise_and(6, n(t)),
    lambda t: t.sub(2.5, 1),
    # keywords
    lambda t: x(t).std(dim=None, correction=None),
    lambda t: t.var_mean(x(t), dim=1, correction=None),
    lambda t: x(t).to(t.float64, memory_format=t.preserve_format),
    lambda t: x(t).long(memory_format=t.contiguous_format),
    lambda t: t.zeros_like(x(t), device="cpu", memory_format=t.preserve_format),
    lambda t: t.rand_like(x(t), device="cpu").shape,
    lambda t: t.repeat_interleave(n(t), 2, dim=0, output_size=4),
    # out=, where it has to be given back
    lambda t: t.diag(x(t), out=t.empty(0)),
    lambda t: t.softmax(x(t), 1, out=t.empty(2, 3)),
    lambda t: t.nn.functional.gelu(x(t)),
    lambda t: t.argmax(x(t), 1, out=t.empty(0, dtype=t.int64)),
    lambda t: t.sort(x(t), out=(t.empty(0), t.empty(0, dtype=t.int64))),
    # tensors where there are mostly numbers, lists where there are mostly tensors
    lambda t: x(t).tensor_split(t.tensor([1, 2]), 1),
    lambda t: x(t).tensor_split(t.tensor(2), dim=1),
    lambda t: t.narrow(x(t), 1, t.tensor(1), 2),
    lambda t: t.atleast_2d([t.tensor(1.0), t.ones(3)]),
    lambda t: t.atleast_3d(t.tensor(1.0), x(t)),
    # integers out of floats
    lambda t: t.arange(2.1, -2.9, -1.0, dtype=t.int8),
    lambda t: t.arange(0.1, -7.9, -4.0, dtype=t.int16),
    lambda t: t.linspace(4.3, 0.9, 7, dtype=t.int32),
    lambda t: t.logspace(4.3, 0, 4, 2.0, dtype=t.uint8),
    lambda t: t.addmv(t.tensor([1, 2]), n(t), t.tensor([1, 1, 1]), beta=1, alpha=2),
    # bounds that cross, shapes that broadcast
    lambda t: t.logit(t.tensor([0.1, 0.5, 0.7]), 0.6),
    lambda t: t.nn.functional.cosine_similarity(x(t)[None], x(t)[:, None], dim=-2),
    lambda t: t.gather(x(t), 1, t.empty(0, dtype=t.uint8)),
    lambda t: x(t).as_strided_((2, 2), (1, 2), 1),
    # no indices, of whatever shape
    lambda t: x(t).scatter(1, t.empty(0, dtype=t.int64), x(t)),
    lambda t: x(t).scatter_(0, t.empty(0, dtype=t.int64), 5.0),
    lambda t: x(t).scatter_add(0, t.empty(0, dtype=t.int64), x(t)),
    lambda t: x(t).scatter_reduce(0, t.empty(0, dtype=t.int64), x(t), "amax", include_self=False),
    # results that are looked at by name, coins of any dtype, what is in order already
    lambda t: t.sort(x(t), out=(t.empty(0), t.empty(0, dtype=t.int64))).indices,
    lambda t: t.bernoulli(t.ones(3), out=t.empty(3, dtype=t.int8)),
    lambda t: t.ones(1, 2, 2, 3).permute(0, 3, 1, 2).contiguous(memory_format=t.channels_last).stride(),
    lambda t: t.nn.functional.embedding_bag(n(t) % 2, x(t), mode="max"),
    lambda t: t.segment_reduce(x(t)[0], "amax", lengths=t.tensor([1, 2])),
    # names of what combines
    *(
        lambda t, how=how: x(t).scatter_reduce(0, t.zeros(1, 3, dtype=t.int64), x(t), how)
        for how in ("sum", "prod", "mean", "amax", "amin", "max", "min")
    ),
    *(
        lambda t, how=how: x(t).scatter(0, t.zeros(1, 3, dtype=t.int64), x(t), reduce=how)
        for how in ("add", "multiply")
    ),
    *(
        lambda t, how=how: t.segment_reduce(x(t)[0], how, lengths=t.tensor([1, 2]))
        for how in ("sum", "prod", "mean", "max", "amin")
    ),
    # sums, products and places in other dtypes
    lambda t: t.nansum(n(t), 0, dtype=t.int32),
    lambda t: t.view_as_real(t.prod(x(t), dtype=t.complex64)),
    lambda t: t.view_as_real(t.cumprod(x(t), 0, dtype=t.complex64)),
    lambda t: t.searchsorted(t.tensor([1, 2, 3]), t.tensor([0.5, 2.5])),
    lambda t: t.bucketize(n(t), t.tensor([1.5, 4.0], dtype=t.float64)),
    lambda t: t.linalg.cond(t.diag(t.tensor([1.0, 0.0])), "nuc"),
    # rows of numbers in places that are there, factories in the dtype of what is there
    lambda t: _written(t, lambda out: t.linspace(0, 3, 4, out=out)),
    lambda t: _written(t, lambda out: t.arange(4, out=out)),
    lambda t: t.linspace(0, 1, 3, out=t.empty(3, dtype=t.float64)),
    lambda t: t.full((2,), 1, out=t.empty(2, dtype=t.float64)),
    lambda t: t.zeros(2, out=t.empty(2, dtype=t.complex64)).abs(),
    lambda t: t.max(n(t), n(t), out=t.empty(2, 3, dtype=t.int32)),
    # tensors one by one, or none
    lambda t: t.block_diag(),
    lambda t: t.cartesian_prod(n(t)[0]),
    lambda t: t.meshgrid(n(t)[0], n(t)[1], indexing="ij")[1],
    lambda t: t.cat([t.empty(0), t.empty(0)], 1),
    lambda t: t.repeat_interleave(t.tensor([0, 2, 1])),
    lambda t: t.add(x1=x(t), x2=n(t)),
    # operands and lists of numbers in turn
    lambda t: t.einsum(x(t), [0, 1], x(t), [2, 1], [2, 0]),
    lambda t: t.einsum(x(t), [..., 30], x(t), [..., 30]),
    # parts of complex numbers, and their storage
    lambda t: COMPLEX["real part"](t),
    lambda t: COMPLEX["imaginary part"](t),
    lambda t: COMPLEX["resized"](t),
    lambda t: COMPLEX["set"](t),
    # a factor by its place, where the operand is a number or holds one
    lambda t: t.add(x(t), 2, 3),
    lambda t: t.sub(n(t), t.tensor(2), 3),
    lambda t: x(t).add(t.tensor(2.0), 3),
    lambda t: t.rsub(x(t), 2, 3),
    lambda t: n(t).sub_(2, 3),
    # what is written once and several times seen
    lambda t: t.zeros(3, 1).expand(3, 4).index_fill_(0, t.tensor([0]), 1.0),
    lambda t: t.zeros(3, 1).expand(3, 4).masked_fill_(t.tensor([True, False, False, True]), 1.0),
    lambda t: t.zeros(3, 1).expand(3, 4).index_put_((t.tensor([2]),), t.tensor(1.0)),
    lambda t: t.zeros(4, dtype=t.complex64)[:1].expand(4).index_fill_(0, t.tensor([2]), 1j),
    lambda t: (lambda e: (e.__setitem__(t.tensor([0]), 2.0), e)[1])(t.zeros(3, 1).expand(3, 4)),
    lambda t: (lambda e: (e.__setitem__(t.tensor([True, False, True]), 2.0), e)[1])(
        t.zeros(3, 1).expand(3, 4)
    ),
    # no dimension to reduce
    *(
        lambda t, f=f, k=k: getattr(t, f)(n(t) - 2, dim=(), keepdim=k)
        for f in ("all", "any")
        for k in (True, False)
    ),
    lambda t: t.any(n(t).to(t.uint8), dim=[]),
    # the bits of all, or along dimensions
    lambda t: t.hash_tensor(x(t)),
    lambda t: t.hash_tensor(n(t), 1),
    lambda t: t.hash_tensor(n(t), None, keepdim=True),
    lambda t: n(t).hash_tensor((0, 1), keepdim=True),
    lambda t: t.hash_tensor(x(t).half()[:, :2] > 0, 0),
    lambda t: t.hash_tensor(t.ones(0, 3), 1),
    # complex numbers
    lambda t: t.tensor([1 + 2j, 0j, 2j], dtype=t.bool),
    lambda t: t.sum(t.tensor([1 + 2j, 3j]), dtype=t.int32),
    lambda t: t.view_as_real(t.mean(t.tensor([complex(float("inf"), 1), 2j, 1]))),
    lambda t: t.mean(t.tensor([[1 + 1j, 2j], [3, 4 - 1j]]), 0, keepdim=True),
    *(
        lambda t, s=s: t.tensor([1 + 1j, 2, 3j]).scatter_reduce(
            0, t.tensor([0, 0, 2]), t.tensor([2j, 3 + 0j, 1 - 1j]), "prod", include_self=s
        )
        for s in (True, False)
    ),
    # memory of others, of which one may not be written
    lambda t: t.frombuffer(b"abcd", dtype=t.uint8),
    lambda t: t.frombuffer(np.ones((), "float32"), dtype=t.float32),
    lambda t: t.randperm(256, dtype=t.bfloat16).sort()[0],
    pytest.param(lambda t: x(t) == np.full((2, 3), 1), marks=OF_HOST),
    pytest.param(lambda t: x(t) == np.arange(3.0), marks=OF_HOST),
    pytest.param(lambda t: np.arange(3) == n(t)[0], marks=OF_HOST),
    lambda t: np.arange(3.0) / (x(t).abs() + 1),
    lambda t: np.array([1, 2, 4]) / t.tensor([2, 2, 2]),
    lambda t: t.norm(x(t), None),
    lambda t: t.nn.functional.normalize(x(t), dim=(0, 1)),
    lambda t: t.view_as_real(t.nn.functional.normalize(x(t) + 1j, dim=(0, 1))),
    lambda t: [t.linalg.matrix_norm(t.empty(2, 0, 0), order) for order in (1, 2, float("inf"), "fro", "nuc")],
    lambda t: t.linalg.matrix_norm(t.empty(0, 0, dtype=t.complex64), 2, keepdim=True),
    lambda t: t.logsumexp(t.empty(2, 0, dtype=t.complex64), ()).real,
    lambda t: t.trapezoid(t.tensor([[200, 100, 250, 7]], dtype=t.uint8)),
    lambda t: t.trapezoid(t.tensor([3, 100, 120, 7], dtype=t.int8), dx=2),
    lambda t: t.trapezoid(x(t), dx=0.5, dim=0),
    lambda t: t.ldexp(t.tensor([1e-30, 3.0, 0.0]), t.tensor([200, -140, 127])),
    lambda t: t.ldexp(x(t), t.tensor([0.5, 2.0, -1.5])),
    # integers that floats do not tell apart, numbers whose parts are hardly there
    lambda t: t.isclose(*_beyond_floats(t), rtol=0, atol=0),
    lambda t: t.isclose(*_beyond_floats(t)),
    lambda t: t.allclose(*_beyond_floats(t), rtol=0, atol=0),
    lambda t: t.tensor([1e-323, 1e-324, 0j, 1e-323j, 1 + 2j, -1j], dtype=t.bool),
    # orders of complex images, equal limits, old classes
    lambda t: [
        z.is_contiguous(memory_format=order)
        for z in (t.zeros(2, 3, 4, 5, dtype=t.complex64), t.rand(2, 3, 4, 5).to(t.complex64))
        for z in (z, z.contiguous(memory_format=t.channels_last), z[:, :1], z.mT)
        for order in (t.contiguous_format, t.channels_last)
    ],
    lambda t: [
        t.finfo(t.float16) == t.finfo(t.float16),
        t.finfo(t.float16) == t.finfo(t.bfloat16),
        t.finfo() == t.finfo(t.float32),
        t.iinfo(t.int8) == t.iinfo(t.int8),
        len({t.finfo(), t.finfo()}),
    ],
    lambda t: n(t).type(t.Tensor),
    lambda t: f"{t.tensor(1.5):.2f}",
    lambda t: t.full((2,), t.tensor(2.0)),
    lambda t: t.add(x(t), x(t), alpha=t.tensor(2.0)),
]


def _beyond_floats(t: Any) -> tuple[Any, Any]:
    return t.tensor([2**53, 5, 2**62]), t.tensor([2**53 + 1, 5, 2**62])


def _written(t: Any, write: Call) -> Any:
    room = t.zeros(2, 3)
    write(room.narrow(1, 1, 2))
    return room


def _after(t: Any, change: Callable[[Any], Any]) -> Any:
    made = t.tensor([1 + 2j, 3 - 1j, 0j, 2 + 2j])
    change(made)
    return t.view_as_real(made)


COMPLEX: dict[str, Call] = {
    "real part": lambda t: _after(t, lambda z: setattr(z, "real", 7)),
    "imaginary part": lambda t: _after(t, lambda z: setattr(z, "imag", t.ones(4))),
    "resized": lambda t: _after(t, lambda z: z.resize_(2, 2)),
    "set": lambda t: _after(t, lambda z: z.set_(t.tensor([5 + 1j]))),
}


def _within_itself() -> list[Any]:
    made: list[Any] = [0]
    made.append(made)
    return made


REFUSED: list[Any] = [
    lambda t: t.maximum(x(t), 1),
    lambda t: t.atan2(x(t), 1.0),
    pytest.param(lambda t: t.gather(x(t), 1, t.tensor([[7]])).tolist(), marks=ON_CPU),
    pytest.param(lambda t: x(t).scatter(1, t.tensor([[7]]), x(t)).tolist(), marks=ON_CPU),
    lambda t: x(t)[t.tensor([7])].tolist(),
    lambda t: t.index_select(x(t), 0, t.tensor([7])).tolist(),
    lambda t: t.hstack([]),
    lambda t: t.vstack([]),
    lambda t: t.tensor(1.0).unbind(0),
    lambda t: t.roll(t.tensor(1.0), 1, 0),
    lambda t: t.rot90(t.ones(3)),
    lambda t: t.isclose(x(t), x(t), atol=-1.0),
    lambda t: t.nn.functional.rrelu(x(t), 0.5, 0.1),
    lambda t: t.nn.functional.group_norm(t.ones(1, 2, 0), 1),
    lambda t: t.nn.functional.huber_loss(x(t), x(t), delta=0.0),
    lambda t: x(t).masked_fill(x(t) > 0, t.ones(1)),
    lambda t: x(t).narrow(1, t.tensor([1]), 1),
    lambda t: t.sin(x(t), out=t.ones(3).expand(2, 3)),
    lambda t: x(t).tensor_split(t.tensor([1.0]), 1),
    lambda t: t.nonzero(x(t), out=t.empty(0)),
    lambda t: t.cat(x(t)),
    lambda t: t.hstack(x(t)),
    lambda t: int(t.empty(0)),
    lambda t: t.diff(x(t), prepend=t.ones(1)),
    lambda t: x(t).__setitem__(x(t).to(t.uint8), 1.0),
    lambda t: t.pow(n(t)[0], n(t)[1], out=n(t)[0][:1].expand(3)),
    lambda t: t.nn.functional.nll_loss(t.tensor(0.0), t.tensor(0)),
    lambda t: t.nn.functional.nll_loss(x(t), t.tensor([0])),
    pytest.param(lambda t: t.nn.functional.embedding_bag(t.tensor([[7]]), x(t), mode="max"), marks=ON_CPU),
    lambda t: t.nn.GroupNorm(3, 3)(t.ones(1, 3, 1)),
    lambda t: t.einsum(""),
    lambda t: t.einsum(x(t), [0, 99]),
    lambda t: t.nn.Linear(1, 1).to("cpu", copy=True),
    lambda t: t.take_along_dim(t.tensor(1.0), t.tensor(0), 0),
    pytest.param(lambda t: t.take_along_dim(x(t), t.tensor([-1])), marks=ON_CPU),
    lambda t: x(t).take(t.tensor([0], dtype=t.int32)),
    lambda t: x(t).index_fill(0, t.tensor([[0, 1]]), 2),
    lambda t: x(t).index_fill(0, t.tensor([0], dtype=t.int32), 2),
    lambda t: x(t).put(t.tensor([0, 1]), t.ones(3)),
    # names of what combines
    *(
        lambda t, how=how: x(t).scatter_reduce(0, t.zeros(1, 3, dtype=t.int64), x(t), how)
        for how in ("add", "multiply", "any")
    ),
    *(
        lambda t, how=how: x(t).scatter(0, t.zeros(1, 3, dtype=t.int64), x(t), reduce=how)
        for how in ("sum", "prod", "mean", "amax", "min")
    ),
    lambda t: t.segment_reduce(x(t)[0], "add", lengths=t.tensor([1, 2])),
    # numbers whose gradient would be lost
    *(
        lambda t, call=call: call(t, t.tensor(2.0, requires_grad=True))
        for call in (
            lambda t, number: t.add(x(t), x(t), alpha=number),
            lambda t, number: t.addcmul(x(t), x(t), x(t), value=number),
            lambda t, number: t.isclose(x(t), x(t), number),
            lambda t, number: t.full((2,), number),
            lambda t, number: t.norm(x(t), number),
        )
    ),
    *(
        lambda t, call=call: call(t, t.ones(2), t.ones(2, requires_grad=True))
        for call in (
            lambda t, plain, grown: grown.apply_(lambda a: a),
            lambda t, plain, grown: plain.map_(grown, lambda a, b: a),
            lambda t, plain, grown: plain.map2_(plain, grown, lambda a, b, c: a),
        )
    ),
    lambda t: t.int64.to_complex(),
    lambda t: t.broadcast_shapes(1.5),
    lambda t: t.meshgrid(t.ones(2), t.ones(2, device="meta"), indexing="ij"),
    lambda t: t.asarray([1, 2], copy=False),
    lambda t: t.tensor([0, [1]]),
    lambda t: t.tensor([0, _within_itself()]),
]


@pytest.mark.parametrize("call", TAKEN, ids=lambda call: f"line {call.__code__.co_firstlineno}")
def test_taken(call: Call) -> None:
    assert_same(call(st), call(torch))


@pytest.mark.parametrize("call", REFUSED, ids=lambda call: f"line {call.__code__.co_firstlineno}")
def test_refused(call: Call) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises
        call(torch)
    with pytest.raises(theirs.type):
        call(st)


@pytest.mark.parametrize("t", [st, torch], ids=["ours", "torch"])
def test_what_is_said_on_the_way(t: Any) -> None:
    with pytest.warns(UserWarning, match="resized since it had shape"):
        t.add(x(t), 1, out=t.ones(1))
    with pytest.warns(UserWarning, match="torch.uint8 is now deprecated"):
        x(t)[t.ones(2, 3, dtype=t.uint8)]
    assert t.ones(1).__iadd__(object()) is NotImplemented
    assert t.ones(1).layout is t.strided


@pytest.mark.parametrize("t", [st, torch], ids=["ours", "torch"])
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_of_nothing_have_a_gradient(t: Any, mode: str) -> None:
    weight = t.ones(4, 2, requires_grad=True)
    nothing, bags = t.empty(0, dtype=t.int64), t.zeros(3, dtype=t.int64)
    t.nn.functional.embedding_bag(nothing, weight, bags, mode=mode).sum().backward()
    assert not weight.grad.any()


def test_integers_of_all_the_range() -> None:
    drawn = st.empty(1000, dtype=st.int64).random_(-(2**63), None)
    assert drawn.min() < -(2**62) < 2**62 < drawn.max()
    assert (st.empty(1000, dtype=st.int64).random_(-(2**63), 0) < 0).all()


def test_out_is_what_is_given_back() -> None:
    out = st.empty(0)
    assert st.nn.functional.gelu(st.ones(2), out=out) is out
    assert out.shape == (2,)


def test_index_fill_passes_the_gradient_of_its_value_once() -> None:
    index, found = [0, 2, 2, 0], []
    for t in (st, torch):
        value = t.tensor(2.0, requires_grad=True)
        t.zeros(2, 3).index_fill(1, t.tensor(index), value).sum().backward()
        found.append(value.grad.item())
    assert found[0] == found[1] == 4.0


def test_norm_of_order_zero_has_a_gradient_of_zeros() -> None:
    leaf = st.tensor([0.0, 1.0, float("nan")], requires_grad=True)
    norm = leaf.norm(0)
    assert norm.item() == 2.0
    norm.backward()
    assert leaf.grad.tolist() == [0.0, 0.0, 0.0]


def test_gradients_of_weights_in_half_precision_are_summed_before_they_are_rounded() -> None:
    torch.manual_seed(0)
    value, weight = torch.randn(64, 8).bfloat16(), torch.rand(8).bfloat16()
    mine = st.tensor(weight.float().tolist()).bfloat16().requires_grad_()
    st.nn.functional.layer_norm(st.tensor(value.float().tolist()).bfloat16(), (8,), mine).sum().backward()
    wide = weight.double().requires_grad_()
    torch.nn.functional.layer_norm(value.double(), (8,), wide).sum().backward()
    assert torch.allclose(torch.tensor(mine.grad.float().tolist()).double(), wide.grad, rtol=5e-3, atol=1e-2)


LEGACY: list[Any] = [
    lambda t: t.FloatTensor(2, 3).shape[1],
    lambda t: t.LongTensor([1, 2]),
    lambda t: t.DoubleTensor([[1, 2]]),
    lambda t: t.BoolTensor([True, False]),
    lambda t: t.FloatTensor().shape[0],
    pytest.param(
        lambda t: [isinstance(t.ones(1), kind) for kind in (t.FloatTensor, t.LongTensor, t.Tensor)],
        marks=OF_HOST,
    ),
    lambda t: t.ones(2).type(t.LongTensor),
    lambda t: t.split(tensor=x(t), split_size_or_sections=1, dim=1)[2],
    lambda t: t.add(x(t), 2, x(t)),
    lambda t: x(t).sub_(2, x(t)),
    lambda t: t.addcmul(x(t), 2, x(t), x(t)),
    lambda t: x(t).addcdiv_(0.5, x(t), x(t)),
    lambda t: t.addmm(0.5, x(t) @ x(t).T, 2, x(t), x(t).T),
    lambda t: (x(t) @ x(t).T).addmm_(0.5, 2, x(t), x(t).T),
    lambda t: t.addmv(0.5, t.ones(2), x(t), t.ones(3)),
    lambda t: str(t.finfo(t.bfloat16)),
    lambda t: str(t.finfo(t.float64)),
]


@pytest.mark.parametrize("call", LEGACY, ids=lambda call: f"line {call.__code__.co_firstlineno}")
def test_older_ways(call: Call) -> None:
    assert_same(call(st), call(torch))
