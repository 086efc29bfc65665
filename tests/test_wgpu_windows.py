"""Tensors of which a kernel sees a part at a time, against torch: in a program of its own, where that part is small."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import reference
import torch
from reference import assert_same

import spiraltorch_rs as st

BACKEND = next(backend for backend in st.backends() if backend.name == "wgpu")
pytestmark = [
    pytest.mark.skipif(not BACKEND.usable, reason=f"no GPU: {BACKEND.why_not}"),
    pytest.mark.cpu_only("the files of GPUs choose their device themselves"),
]

WINDOW = 16 << 10  # bytes
ROWS, WIDTH = 300, 136  # a matrix of ten windows
CASES: dict[str, tuple[Callable[..., Any], tuple[torch.Tensor, ...]]] = {}


def case(*tensors: torch.Tensor) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What both libraries compute of tensors: one result or a list of them."""

    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        CASES[function.__name__] = function, tensors
        return function

    return keep


def values(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    if dtype == torch.int64:
        return torch.randint(0, 100, shape, generator=generator)
    return torch.randn(*shape, generator=generator).to(dtype)


X, Y, ROW = values(ROWS, WIDTH), values(ROWS, WIDTH, seed=1), values(WIDTH, seed=2)
COLUMN, LONG = values(ROWS, 1, seed=3), values(5, 3 * WINDOW, seed=4)


@case(X, Y, ROW, COLUMN)
def pointwise(lib: Any, x: Any, y: Any, row: Any, column: Any) -> Any:
    return [lib.tanh(x * row + y) * column, x + 1, x > y]


@case(X.bfloat16(), Y.half())
def half_precision(lib: Any, x: Any, y: Any) -> Any:
    return [x * 2 + 1, y.float().round().half(), (y > 0) | (y < -1)]


@case(X, values(30_001, dtype=torch.int64))
def odd_offsets(lib: Any, x: Any, z: Any) -> Any:
    return [x[1:, 3:] * x[:-1, :-3], z[1:] - z[:-1], x[:, ::2] + x[:, 1::2], x.flip(0) * 2]


@case(X)
def halves_apart(lib: Any, x: Any) -> Any:
    return [x[: ROWS // 2] * x[ROWS // 2 :], lib.cat([x, x[:20]]), x + x.flip(0)]


@case(X)
def ranges_and_fills(lib: Any, x: Any) -> Any:
    on = x.device
    ones = lib.ones(ROWS, WIDTH, device=on)
    return [
        lib.arange(30_000, device=on),
        lib.full((ROWS, WIDTH), 7, device=on),
        lib.tril(x, -3) + lib.triu(ones, 5),
        lib.eye(200, device=on) * 3,
    ]


@case(X, Y)
def written_in_place(lib: Any, x: Any, y: Any) -> Any:
    x = x.clone()
    x[10:250].mul_(2).add_(y[:240])
    x[:, 7] = 1
    return x.masked_fill_(y > 1, 0)


@case(X, LONG[:, :4000])
def rows(lib: Any, x: Any, long: Any) -> Any:
    return [x.softmax(1), x.sum(1), x.argmax(1), x.amax(1), x.var(1), long.log_softmax(1), long.mean(1)]


@case(X[:25], LONG[:, :4000])
def columns(lib: Any, x: Any, long: Any) -> Any:
    return [x.sum(0), x.view(5, 5, WIDTH).softmax(1), long[:1].argmin(1)]


@case(X, Y, LONG)
def all_in_one(lib: Any, x: Any, y: Any, long: Any) -> Any:
    sums = [(x * y).sum(0), x.sum(), long.sum(1) + 1, (x.half() * 2).mean(), lib.linalg.vector_norm(x)]
    return [*sums, x.amax(), long.amin(1), (x > 3).any(0), (x > 9).any(), x[:9].prod(0), x.clone().norm(p=1)]


@case(X, Y)
def norms_and_their_gradients(lib: Any, x: Any, y: Any) -> Any:
    x = x.clone().requires_grad_()
    normed = lib.nn.functional.layer_norm(x.softmax(1) * 30, (WIDTH,))
    (normed * y).backward(lib.ones_like(y))
    return x.grad


@case(X, values(WIDTH, ROWS))
def turned(lib: Any, x: Any, y: Any) -> Any:
    return [x.t().contiguous(), x.t() * y, x.view(3, 100, WIDTH).permute(1, 2, 0).contiguous()]


@case(values(400, 64), values(64, 48), values(70, 60, 50))
def products(lib: Any, a: Any, b: Any, c: Any) -> Any:
    tall = lib.nn.functional.relu(a @ b + a[:, :48])
    return [tall, b.t() @ a[:60].t(), c @ c.transpose(1, 2)]


@case(values(400, 64), values(64, 48))
def products_with_coordinates(lib: Any, a: Any, b: Any) -> Any:
    return (a @ b).tril(3)


@case(values(6, 4, 40, 16), values(6, 4, 40, 16, seed=1))
def attention(lib: Any, q: Any, k: Any) -> Any:
    q, k = q.clone().requires_grad_(), k.clone().requires_grad_()
    mixed = lib.nn.functional.scaled_dot_product_attention(q, k, k * 2, is_causal=True)
    mixed.backward(lib.ones_like(mixed))
    return [mixed, q.grad, k.grad]


@case(X)
def lines(lib: Any, x: Any) -> Any:
    ordered, positions = x.sort(1)
    top, at = x.topk(5, 1)
    return [x.cumsum(1), x[:25].cumsum(0), ordered, positions, top, at, x.cummax(1)[1]]


@case(X[:25], values(900, dtype=torch.int64) % 25)
def gathered(lib: Any, x: Any, i: Any) -> Any:
    added = lib.zeros(25, WIDTH, device=x.device).index_add(0, i, x[i])
    return [x[i] * 2, x.gather(0, i[:75].view(25, 3)), added]


@case(X)
def as_bytes(lib: Any, x: Any) -> Any:
    flags = x > 0
    return [flags, ~flags, (x * 10).to(lib.int8), (x * 10).to(lib.int16), x.double() * 2]


def outcome(function: Callable[..., Any], tensors: tuple[torch.Tensor, ...]) -> str:
    """What is wrong with our results of a case."""
    expected, found = function(torch, *tensors), function(st, *map(reference.ours, tensors))
    several = isinstance(expected, list)
    pairs: Iterable[Any] = zip(found, expected, strict=True) if several else [(found, expected)]
    try:
        for ours, theirs in pairs:
            assert_same(ours, theirs, loose=64)
    except AssertionError as error:
        return str(error) or "they differ"
    return ""


def all_outcomes() -> dict[str, str]:
    reference.DEVICE[0] = "wgpu"
    outcomes = {}
    for name, (function, tensors) in CASES.items():
        try:
            outcomes[name] = outcome(function, tensors)
        except (RuntimeError, IndexError) as error:
            outcomes[name] = repr(error)
    x = reference.ours(LONG)
    st.manual_seed(1)
    drawn = st.rand(ROWS, WIDTH, device="wgpu").cpu()
    st.manual_seed(1)
    same = bool((drawn == st.rand(ROWS, WIDTH)).all())
    outcomes["random"] = "" if same else "other numbers than on the CPU"
    try:
        x[0].sort()[0].tolist()
        outcomes["too_long_a_line"] = "it was sorted"
    except NotImplementedError as error:
        outcomes["too_long_a_line"] = "" if "give it parts" in str(error) else str(error)
    return outcomes


@pytest.fixture(scope="session")
def outcomes() -> dict[str, str]:
    environment = {**os.environ, "ST_WGPU_WINDOW": str(WINDOW), "SPIRALTORCH_BANNER": "0"}
    run = subprocess.run(
        [sys.executable, __file__], env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("name", [*CASES, "random", "too_long_a_line"])
def test_in_windows(name: str, outcomes: dict[str, str]) -> None:
    assert outcomes[name] == ""


if __name__ == "__main__":
    print(json.dumps(all_outcomes()))
