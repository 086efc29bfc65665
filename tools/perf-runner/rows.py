"""What is measured: a row for each figure we promise, written once and run on both libraries.

A row's `make` gets a `Side` and gives the program to time; what differs between the libraries is in the Side.
Outputs are fresh at every call, as users run them.
"""

import functools
import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from clock import Program


@dataclass(frozen=True)
class Side:
    """A library under measurement: the module, and how to wait until tensors are computed."""

    library: Any
    wait: Callable[..., Any]
    is_ours: bool

    def random(self, *shape: int, dtype: str = "float32", scale: float = 1.0) -> Any:
        """The same normal numbers on both sides, in memory of the library's own."""
        made = self.library.tensor(normal(shape) * np.float32(scale)).to(getattr(self.library, dtype))
        self.wait(made)
        return made


def side(name: str) -> Side:
    """One of the two libraries, by its module's name; imports no other."""
    library = importlib.import_module(name)
    if name == "torch":
        return Side(library, lambda *tensors: None, is_ours=False)

    def wait(*tensors: Any) -> None:
        """Ours are lazy: compute these now, to the end."""
        library.realize(*tensors)
        library.synchronize()

    return Side(library, wait, is_ours=True)


@functools.lru_cache(maxsize=2)
def normal(shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers; always the same for a shape."""
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


@dataclass(frozen=True)
class Row:
    """A figure: torch's time divided by ours must be at least `target`."""

    group: str
    name: str
    target: float
    make: Callable[[Side], Program]
    against: str = "eager"

    @property
    def key(self) -> str:
        return f"{self.group}/{self.name}"


def gelu_chain(library: Any, x: Any, w: Any) -> Any:
    return library.nn.functional.gelu(x * 2 + w) + x


def computed(side: Side, function: Callable[..., Any], *operands: Any) -> Program:
    """A function of tensors, computed to the end at every call."""

    def work() -> Any:
        result = function(*operands)
        side.wait(result)
        return result

    return Program(work)


def with_backward(side: Side, function: Callable[..., Any], *operands: Any) -> Program:
    """A function and the gradients to its operands, from an upstream gradient that is there already."""
    leaves = [operand.requires_grad_() for operand in operands]
    with side.library.no_grad():
        result = function(*leaves)
    # Not ones: the gradient of a softmax's sum is nothing but noise.
    upstream = side.random(*result.shape) if result.dim() else side.library.ones_like(result)
    side.wait(upstream)

    def work() -> Any:
        result = function(*leaves)
        gradients = side.library.autograd.grad(result, leaves, upstream)
        side.wait(result, *gradients)
        return gradients[0]

    return Program(work)


def fused_chain(count: int, backward: bool, side: Side) -> Program:
    x, w = side.random(count), side.random(count)
    run = with_backward if backward else computed
    return run(side, lambda x, w: gelu_chain(side.library, x, w), x, w)


def compiled_chain(count: int, side: Side) -> Program:
    if side.is_ours:
        return fused_chain(count, False, side)
    compiled = side.library.compile(lambda x, w: gelu_chain(side.library, x, w))
    return computed(side, compiled, side.random(count), side.random(count))


def of_rows(function: Callable[[Any, Any], Any], backward: bool, side: Side) -> Program:
    """A function of a 4096 x 4096 matrix."""
    run = with_backward if backward else computed
    return run(side, lambda x: function(side.library, x), side.random(4096, 4096))


def nll(library: Any, x: Any, classes: Any) -> Any:
    functional = library.nn.functional
    return functional.nll_loss(functional.log_softmax(x, 1), classes)


def log_softmax_and_nll(side: Side) -> Program:
    classes = side.library.arange(4096)
    side.wait(classes)
    return with_backward(side, lambda x: nll(side.library, x, classes), side.random(4096, 4096))


def product(left: tuple[int, ...], right: tuple[int, ...], dtype: str, side: Side) -> Program:
    a, b = side.random(*left, dtype=dtype), side.random(*right, dtype=dtype)
    return computed(side, lambda a, b: a @ b, a, b)


def convolution(side: Side) -> Program:
    image, weight = side.random(8, 64, 56, 56), side.random(64, 64, 3, 3, scale=0.05)
    return computed(side, lambda x, w: side.library.nn.functional.conv2d(x, w, padding=1), image, weight)


def adam_step(library: Any, parameters: list[Any], moments: list[Any], step: int) -> None:
    """Adam, written with tensors."""
    with library.no_grad():
        for p, (m, v) in zip(parameters, moments, strict=True):
            m.mul_(0.9).add_(p.grad, alpha=0.1)
            v.mul_(0.999).addcmul_(p.grad, p.grad, value=0.001)
            denominator = (v / (1 - 0.999**step)).sqrt().add_(1e-8)
            p.addcdiv_(m, denominator, value=-1e-3 / (1 - 0.9**step))


def mlp(side: Side) -> Program:
    """A training step of 784-512-512-10 at batch 128; torch uses its own Adam."""
    library = side.library
    functional = library.nn.functional
    shapes = [(512, 784), (512,), (512, 512), (512,), (10, 512), (10,)]
    parameters = [side.random(*shape, scale=1 / math.sqrt(shape[-1])).requires_grad_() for shape in shapes]
    images, classes = side.random(128, 784), library.arange(128) % 10
    moments = [(library.zeros_like(p), library.zeros_like(p)) for p in parameters]
    side.wait(classes, *(moment for pair in moments for moment in pair))
    optimizer = None if side.is_ours else library.optim.Adam(parameters, lr=1e-3)
    steps = 0

    def work() -> Any:
        nonlocal steps
        steps += 1
        x = images
        for i in (0, 2, 4):
            x = functional.linear(x, parameters[i], parameters[i + 1])
            x = functional.relu(x) if i < 4 else x
        for p in parameters:
            p.grad = None
        loss = functional.cross_entropy(x, classes)
        loss.backward()
        if optimizer is None:
            adam_step(library, parameters, moments, steps)
        else:
            optimizer.step()
        side.wait(loss, *parameters)
        return loss

    return Program(work)


def build_only(side: Side) -> Program:
    """`a + b` as Python sees it; the results are computed after the clock has stopped.

    Ten in a row, so that the call of the function that does it hardly counts.
    """
    a, b = side.random(8), side.random(8)

    def work() -> Any:
        return a + b, a + b, a + b, a + b, a + b, a + b, a + b, a + b, a + b, a + b

    return Program(work, lambda results: side.wait(*(one for ten in results for one in ten)), repeats=10)


def built_and_read(side: Side) -> Program:
    a, b = side.random(8), side.random(8)
    return Program(lambda: (a + b).tolist())


def small_chain(backward: bool, side: Side) -> Program:
    """A hundred operators on eight elements."""
    a, b = side.random(8), side.random(8, scale=0.01)

    def chain(a: Any, b: Any) -> Any:
        for _ in range(50):
            a = a * 0.99 + b
        return a

    return (with_backward if backward else computed)(side, chain, a, b)


def row(
    group: str, name: str, target: float, make: Callable[..., Program], *bound: Any, against: str = "eager"
) -> Row:
    return Row(group, name, target, functools.partial(make, *bound), against)


CHAIN = "gelu(x*2+w)+x"
COUNTS = ((1_000, "1e3", 4.0), (1_000_000, "1e6", 1.5), (16_000_000, "1.6e7", 4.0))
MATRIX = "4096 x 4096"
SKINNY = "skinny, batched, small"

ROWS = [
    *(row(CHAIN, text, target, fused_chain, count, False) for count, text, target in COUNTS),
    *(
        row(CHAIN, f"{text} with backward", target, fused_chain, count, True)
        for count, text, target in COUNTS
    ),
    *(
        row(CHAIN, f"{text}, torch.compile", 1.0, compiled_chain, count, against="compile")
        for count, text, _ in COUNTS
    ),
    row(MATRIX, "softmax", 2.5, of_rows, lambda lib, x: x.softmax(1), False),
    row(MATRIX, "softmax with backward", 2.0, of_rows, lambda lib, x: x.softmax(1), True),
    row(MATRIX, "layer_norm", 2.5, of_rows, lambda lib, x: lib.nn.functional.layer_norm(x, (4096,)), False),
    row(
        MATRIX,
        "layer_norm with backward",
        2.0,
        of_rows,
        lambda lib, x: lib.nn.functional.layer_norm(x, (4096,)),
        True,
    ),
    row(MATRIX, "log_softmax + nll with backward", 2.5, log_softmax_and_nll),
    row(MATRIX, "sum over dim 0", 1.0, of_rows, lambda lib, x: x.sum(0), False),
    row(MATRIX, "sum over dim 1", 1.0, of_rows, lambda lib, x: x.sum(1), False),
    row(MATRIX, "sum of all", 1.0, of_rows, lambda lib, x: x.sum(), False),
    row(MATRIX, "transposed copy", 1.8, of_rows, lambda lib, x: x.t().contiguous(), False),
    row(MATRIX, "argmax over dim 1", 3.0, of_rows, lambda lib, x: x.argmax(1), False),
    row(MATRIX, "cumsum over dim 0", 10.0, of_rows, lambda lib, x: x.cumsum(0), False),
    *(
        row("matmul f32", f"{n}", 0.95, product, (n, n), (n, n), "float32")
        for n in (256, 512, 1024, 2048, 4096)
    ),
    row(SKINNY, "f32 64", 1.0, product, (64, 64), (64, 64), "float32"),
    row(SKINNY, "f32 1 x 4096 x 4096", 1.0, product, (1, 4096), (4096, 4096), "float32"),
    row(SKINNY, "f32 32 x 4096 x 4096", 1.0, product, (32, 4096), (4096, 4096), "float32"),
    row(SKINNY, "f32 64 of 128", 1.0, product, (64, 128, 128), (64, 128, 128), "float32"),
    *(row("matmul bf16", f"{n}", 0.8, product, (n, n), (n, n), "bfloat16") for n in (1024, 4096)),
    row("convolution", "conv2d 8x64x56x56, 3x3", 0.9, convolution),
    row("training", "MLP 784-512-512-10, batch 128, Adam", 1.8, mlp),
    row("Python, 8 elements", "a + b, building only", 4.0, build_only),
    row("Python, 8 elements", "a + b, built, run and read", 0.5, built_and_read),
    row("Python, 8 elements", "chain of 100", 4.0, small_chain, False),
    row("Python, 8 elements", "chain of 100 with backward", 6.0, small_chain, True),
]
