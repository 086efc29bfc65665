"""What the scheduler makes of well-known programs, as files: a change of a plan shows in the review.

The files under `plans/` name each kernel's kind, loops, memory traffic and operators. Where a change is meant,
`ST_UPDATE_PLANS=1 pytest tests/test_plans.py` writes them again.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("the plans on file are the CPU's")

F = st.nn.functional
PLANS = Path(__file__).parent / "plans"
UPDATE = os.environ.get("ST_UPDATE_PLANS") == "1"

CLASSES = st.arange(256) % 10
st.realize(CLASSES)

Program = Callable[..., Any]
# Programs by name, each with the shapes of the tensors it is given.
PROGRAMS: dict[str, tuple[Program, tuple[tuple[int, ...], ...]]] = {}


def program(*shapes: tuple[int, ...]) -> Callable[[Program], Program]:
    """Adds a function to the programs; it is given tensors of these shapes."""

    def add(function: Program) -> Program:
        PROGRAMS[function.__name__] = function, shapes
        return function

    return add


def with_backward(function: Program, *operands: Any) -> Any:
    leaves = [operand.detach().requires_grad_() for operand in operands]
    result = function(*leaves)
    return result, st.autograd.grad(result.sum(), leaves)


@program((256, 512), (512,))
def gelu_chain(x, w):
    return F.gelu(x * 2 + w) + x


@program((256, 512), (512,))
def gelu_chain_backward(x, w):
    return with_backward(gelu_chain, x, w)


@program((256, 512))
def softmax(x):
    return x.softmax(-1)


@program((256, 512), (256, 512))
def softmax_backward(x, weight):
    return with_backward(lambda x: x.softmax(-1) * weight, x)


@program((256, 512), (512,), (512,))
def layer_norm(x, scale, shift):
    return F.layer_norm(x, (512,), scale, shift)


@program((256, 512), (512,), (512,))
def layer_norm_backward(x, scale, shift):
    return with_backward(layer_norm, x, scale, shift)


@program((256, 512))
def log_softmax_and_nll_backward(x):
    return with_backward(lambda x: F.nll_loss(x.log_softmax(-1), CLASSES), x)


MLP = (256, 128), (256,), (10, 256), (10,)


@program((256, 128), *MLP, *MLP, *MLP)
def mlp_step_with_adam(images, *state):
    parameters, means, squares = state[:4], state[4:8], state[8:]
    leaves = [parameter.detach().requires_grad_() for parameter in parameters]
    loss = F.cross_entropy(F.linear(F.relu(F.linear(images, *leaves[:2])), *leaves[2:]), CLASSES)
    gradients = st.autograd.grad(loss, leaves)
    for parameter, mean, square, gradient in zip(parameters, means, squares, gradients, strict=True):
        mean.mul_(0.9).add_(gradient, alpha=0.1)
        square.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
        parameter.addcdiv_(mean, (square / 0.001).sqrt() + 1e-8, value=-0.01)
    return loss


@program((128, 256), (256, 64), (64,))
def matmul_bias_relu(x, w, b):
    return F.relu(x @ w + b)


@program((2, 8, 16, 16), (4, 8, 3, 3), (4,))
def conv_bias_relu(x, w, b):
    return F.relu(F.conv2d(x, w, b, padding=1))


@program((2, 4, 64, 32), (2, 4, 64, 32), (2, 4, 64, 32))
def attention(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@program((2, 4, 64, 32), (2, 4, 64, 32), (2, 4, 64, 32))
def attention_backward(q, k, v):
    return with_backward(attention, q, k, v)


@program((2, 64, 3, 4, 32))
def attention_of_one_projection_backward(projected):
    def mixed(projected):
        return attention(*(part.transpose(1, 2) for part in projected.unbind(2)))

    return with_backward(mixed, projected)


@program((2, 64, 3, 4, 32), (128, 128))
def attention_between_projections_backward(projected, weight):
    def mixed(projected, weight):
        found = attention(*(part.transpose(1, 2) for part in projected.unbind(2)))
        return found.transpose(1, 2).reshape(2, 64, 128) @ weight

    return with_backward(mixed, projected, weight)


@program((128, 256), (256, 256), (256,), (128, 256), (256,))
def residual_and_norm_in_half_precision(x, w, b, residual, scale):
    x, w, b = (t.bfloat16() for t in (x, w, b))
    return F.layer_norm(residual + F.linear(x, w, b), (256,), scale)


@program((4, 16, 64), (192, 64), (192, 64), (192,), (192,))
def gru_backward(x, *weights):
    start = x.new_zeros(1, 16, 64)
    return with_backward(lambda x, *w: st.gru(x, start, w, True, 1, 0.0, True, False, False)[0], x, *weights)


@program((4, 16, 64), (256, 64), (256, 64), (256,), (256,))
def lstm_backward(x, *weights):
    start = x.new_zeros(1, 16, 64)
    return with_backward(
        lambda x, *w: st.lstm(x, (start, start), w, True, 1, 0.0, True, False, False)[0], x, *weights
    )


@program((256, 512))
def cumsum(x):
    return (x * 2).cumsum(0) + 1


@program((256, 512))
def argmax(x):
    return (x * 2 + 1).argmax(-1)


def planned(name: str) -> str:
    """A line for each kernel of a program."""
    function, shapes = PROGRAMS[name]
    operands = [st.ones(*shape) for shape in shapes]
    st.realize(*operands)
    lines = [
        f"{kernel.kind:<8} {'x'.join(map(str, kernel.dims)):<16} {kernel.bytes:>9} bytes  {kernel.operators}"
        for kernel in st.explain(function, *operands).kernels
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_plan_is_the_one_on_file(name):
    file = PLANS / f"{name}.txt"
    plan = planned(name)
    if UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(plan)
    assert file.exists(), "no plan on file; ST_UPDATE_PLANS=1 writes it"
    assert plan == file.read_text(), "another plan than on file; if it is meant, ST_UPDATE_PLANS=1 writes it"


def test_every_file_has_its_program():
    assert {file.stem for file in PLANS.glob("*")} == set(PROGRAMS)
