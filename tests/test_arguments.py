"""Ways of calling that torch takes, and what it refuses: each call is written once and made in both libraries."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from reference import assert_same

import spiraltorch_rs as st

Call = Callable[[Any], Any]


def x(t: Any) -> Any:
    return t.tensor([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])


def n(t: Any) -> Any:
    return t.tensor([[1, 2, 3], [4, 5, 6]])


TAKEN: list[Call] = [
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
]
REFUSED: list[Call] = [
    lambda t: t.maximum(x(t), 1),
    lambda t: t.atan2(x(t), 1.0),
    lambda t: t.gather(x(t), 1, t.tensor([[7]])).tolist(),
    lambda t: x(t).scatter(1, t.tensor([[7]]), x(t)).tolist(),
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


LEGACY: list[Call] = [
    lambda t: t.FloatTensor(2, 3).shape[1],
    lambda t: t.LongTensor([1, 2]),
    lambda t: t.DoubleTensor([[1, 2]]),
    lambda t: t.BoolTensor([True, False]),
    lambda t: t.FloatTensor().shape[0],
    lambda t: [isinstance(t.ones(1), kind) for kind in (t.FloatTensor, t.LongTensor, t.Tensor)],
    lambda t: t.ones(2).type(t.LongTensor),
    lambda t: t.split(tensor=x(t), split_size_or_sections=1, dim=1)[2],
    lambda t: str(t.finfo(t.bfloat16)),
    lambda t: str(t.finfo(t.float64)),
]


@pytest.mark.parametrize("call", LEGACY, ids=lambda call: f"line {call.__code__.co_firstlineno}")
def test_older_ways(call: Call) -> None:
    assert_same(call(st), call(torch))
