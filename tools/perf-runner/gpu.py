"""Measures a GPU backend beside torch's CUDA on the same card: `python tools/perf-runner/gpu.py [--device wgpu]`.

Times are of calls in a row, from the first to the end of the last, as a program has them; medians of five such runs,
taken in turn. Steps are measured as graphs of the GPU, too, ours and torch's; `--compile` adds torch.compile.
Above 1 our fastest way is faster than torch's fastest.
"""

import argparse
import functools
import re
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import training

import spiraltorch_rs as st

SIDE = 8192
CALLS = 10


def clocked(work: Callable[[], Any], wait: Callable[[], Any]) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    for _ in range(CALLS):
        work()
    wait()
    return (time.perf_counter() - start) / CALLS * 1e3


# The ways to do the same work, by the columns of the table.
Ways = dict[str, Callable[[], Any]]
COLUMNS = ["ours", "ours, graph", "torch", "torch.compile", "torch, graph"]


def compare(ways: Ways) -> dict[str, float]:
    """Milliseconds of each way."""
    waits = {name: st.synchronize if name.startswith("ours") else torch.cuda.synchronize for name in ways}
    for name, work in ways.items():
        clocked(work, waits[name])
    times = [{name: clocked(work, waits[name]) for name, work in ways.items()} for _ in range(5)]
    return {name: statistics.median(t[name] for t in times) for name in ways}


def graphed(library: Any, work: Callable[[], Any]) -> Callable[[], Any]:
    """Replays of some work; the first times it runs as it is written."""
    side = library.cuda.Stream()
    side.wait_stream(library.cuda.current_stream())
    with library.cuda.stream(side):
        for _ in range(3):
            work()
    library.cuda.current_stream().wait_stream(side)
    graph = library.cuda.CUDAGraph()
    with library.cuda.graph(graph):
        result = work()

    def replay() -> Any:
        graph.replay()
        # Torch's graphs do not keep what they read: whoever holds the work does.
        return result, work

    return replay


def gelu_chain(library: Any, x: Any, w: Any) -> Any:
    return library.nn.functional.gelu(x * 2 + w) + x


def attention(library: Any, q: Any, k: Any, v: Any) -> Any:
    return library.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)


def with_gradient(forward: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient of `forward` for its operands but the last, which is the gradient of its result."""

    def both(library: Any, *operands: Any) -> Any:
        own = [x.detach().requires_grad_() for x in operands[:-1]]
        forward(library, *own).backward(operands[-1])
        return [x.grad for x in own]

    return both


def softmax(_: Any, x: Any) -> Any:
    return x.softmax(1)


def layer_norm(library: Any, x: Any) -> Any:
    return library.nn.functional.layer_norm(x, (SIDE,))


def cross_entropy(library: Any, x: Any) -> Any:
    """The loss and the gradient of the logits; row `i` is of class `i`."""
    own = x.detach().requires_grad_()
    loss = library.nn.functional.cross_entropy(own, library.arange(len(x), device=x.device))
    loss.backward()
    return [loss, own.grad]


def product(_: Any, a: Any, b: Any) -> Any:
    return a @ b


def linear_gelu(library: Any, x: Any, weight: Any, bias: Any, residual: Any) -> Any:
    return library.nn.functional.gelu(library.nn.functional.linear(x, weight, bias)) + residual


MATRIX = (SIDE, SIDE)
BYTES = 4 * SIDE**2


class Row(NamedTuple):
    """A function of some operands; what one call moves or computes, and the unit of that in a nanosecond."""

    name: str
    function: Callable[..., Any]
    shapes: list[tuple[int, ...]]
    work: float = 0
    unit: str = ""
    dtype: str = "float32"
    # Whether torch.compile may have something to fuse.
    compiled: bool = False


def pointwise(name: str, function: Callable[..., Any], operands: int, matrices: int) -> Row:
    """A row of the large matrix, which reads and writes so many matrices."""
    return Row(f"{name}, 8192²", function, [MATRIX] * operands, matrices * BYTES, "GB/s", compiled=True)


def square(name: str, side: int, function: Callable[..., Any] = product, dtype: str = "float32") -> Row:
    """A product of square matrices."""
    return Row(f"matmul {name}", function, [(side, side)] * 2, 2.0 * side**3, "GFLOP/s", dtype)


def loss(name: str, dtype: str, size: int) -> Row:
    """The loss of a vocabulary's logits and its gradient: logits are read, gradients written."""
    rows, words = SIDE, 50257
    label = f"cross-entropy {name}, {rows}x{words}, and its gradient"
    return Row(label, cross_entropy, [(rows, words)], 2 * size * rows * words, "GB/s", dtype, True)


def attentions(name: str, shape: tuple[int, int, int, int], dtype: str) -> list[Row]:
    """Causal attention, and with its gradient. Half of the scores are seen."""
    batch, heads, length, width = shape
    work = 2.0 * batch * heads * length**2 * width
    label = f"attention {name}, causal, {'x'.join(map(str, shape))}"
    return [
        Row(label, attention, [shape] * 3, work, "GFLOP/s", dtype),
        Row(
            f"{label}, and its gradients", with_gradient(attention), [shape] * 4, 3.5 * work, "GFLOP/s", dtype
        ),
    ]


ROWS = [
    pointwise("gelu(x*2+w)+x", gelu_chain, 2, 3),
    pointwise("x + w", lambda lib, x, w: x + w, 2, 3),
    pointwise("softmax", softmax, 1, 2),
    pointwise("softmax and its gradient", with_gradient(softmax), 2, 3),
    pointwise("layer_norm", layer_norm, 1, 2),
    pointwise("layer_norm and its gradient", with_gradient(layer_norm), 2, 3),
    loss("bf16", "bfloat16", 2),
    loss("f32", "float32", 4),
    pointwise("sum over dim 0", lambda lib, x: x.sum(0), 1, 1),
    pointwise("sum over dim 1", lambda lib, x: x.sum(1), 1, 1),
    pointwise("sum of all", lambda lib, x: x.sum(), 1, 1),
    pointwise("transposed copy", lambda lib, x: x.t().contiguous(), 1, 2),
    pointwise("cumsum over dim 0", lambda lib, x: x.cumsum(0), 1, 2),
    pointwise("cumsum over dim 1", lambda lib, x: x.cumsum(1), 1, 2),
    Row("sort, 1M", lambda lib, x: x.sort()[0], [(1 << 20,)]),
    square("f32, 1024", 1024),
    square("f32, 4096", 4096),
    square("f32, 8192", 8192),
    square("f32, 4096, a transposed", 4096, lambda lib, a, b: a.t() @ b),
    square("f32, 4096, b transposed", 4096, lambda lib, a, b: a @ b.t()),
    Row("matmul f32, 128x784x512", product, [(128, 784), (784, 512)], 2.0 * 128 * 784 * 512, "GFLOP/s"),
    square("f16, 8192", 8192, dtype="float16"),
    square("bf16, 1024", 1024, dtype="bfloat16"),
    square("bf16, 4096", 4096, dtype="bfloat16"),
    square("bf16, 8192", 8192, dtype="bfloat16"),
    Row(
        "gelu(linear) + residual, bf16, 8192",
        linear_gelu,
        [MATRIX, MATRIX, (SIDE,), MATRIX],
        2.0 * SIDE**3,
        "GFLOP/s",
        "bfloat16",
        True,
    ),
    *attentions("f32", (8, 16, 2048, 128), "float32"),
    *attentions("bf16", (8, 16, 4096, 128), "bfloat16"),
    *attentions("f16", (8, 16, 4096, 128), "float16"),
    Row("x + w, 8 elements", lambda lib, x, w: x + w, [(8,), (8,)]),
]


def of_row(row: Row, device: str, compiled: bool) -> dict[str, float]:
    """Milliseconds of an operator, or of a few."""
    mine = [st.randn(*shape, device=device).to(getattr(st, row.dtype)) for shape in row.shapes]
    theirs = [torch.randn(*shape, device="cuda", dtype=getattr(torch, row.dtype)) for shape in row.shapes]
    st.realize(*mine)

    def run() -> None:
        made = row.function(st, *mine)
        st.realize(*(made if isinstance(made, list) else [made]))

    ways: Ways = {"ours": run, "torch": lambda: row.function(torch, *theirs)}
    if compiled and row.compiled:
        fused = torch.compile(functools.partial(row.function, torch))
        ways["torch.compile"] = lambda: fused(*theirs)
    return compare(ways)


def steps(library: Any, make: Callable[..., Callable[[], Any]], device: str, compiled: bool) -> Ways:
    """The ways a library does the steps that `make` makes."""
    ours = library is st
    name, device = ("ours", device) if ours else ("torch", "cuda")
    work = make(library, device)

    def run() -> Any:
        made = work()
        if ours:
            st.realize(*(made if isinstance(made, tuple) else (made,)))
        return made

    ways: Ways = {name: run}
    if device.startswith("cuda"):
        ways[f"{name}, graph"] = graphed(library, make(library, device, capturable=True))
    if compiled and not ours:
        ways["torch.compile"] = make(torch, device, compiled=True)
    return ways


def step(model: Any, optimizer: Any, loss: Callable[[], Any]) -> Callable[[], Any]:
    """A training step."""

    def work() -> Any:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        return (value, *model.parameters())

    return work


def mlp_step(
    library: Any, device: str, capturable: bool = False, compiled: bool = False
) -> Callable[[], Any]:
    """784-512-512-10 at batch 128, Adam."""
    nn = library.nn
    layers = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)]
    model = nn.Sequential(*layers).to(device)
    optimizer = library.optim.Adam(model.parameters(), lr=1e-3, capturable=capturable)
    images, classes = library.randn(128, 784).to(device), (library.arange(128) % 10).to(device)

    def loss() -> Any:
        return nn.functional.cross_entropy(model(images), classes)

    return step(model, optimizer, torch.compile(loss) if compiled else loss)


def gpt_step(
    library: Any,
    device: str,
    batch: int,
    amp: bool,
    sizes: dict[str, int],
    capturable: bool = False,
    compiled: bool = False,
) -> Callable[[], Any]:
    """A transformer's step with AdamW; in mixed precision or not."""
    with library.device(device):
        model = training.gpt(library, **sizes)
    optimizer = library.optim.AdamW(model.parameters(), lr=1e-4, capturable=capturable)
    length, vocabulary = sizes["context"], sizes["vocabulary"]
    ids = (
        (library.arange(batch * (length + 1)) * 7919 % 104729 % vocabulary)
        .reshape(batch, length + 1)
        .to(device)
    )
    x, y = ids[:, :-1].contiguous(), ids[:, 1:].reshape(-1)

    def loss() -> Any:
        with library.autocast(device.split(":")[0], dtype=library.bfloat16, enabled=amp):
            return library.nn.functional.cross_entropy(model(x)[0].view(-1, vocabulary), y)

    return step(model, optimizer, torch.compile(loss) if compiled else loss)


def gpt_forward(
    library: Any,
    device: str,
    dtype: str,
    sizes: dict[str, int],
    capturable: bool = False,
    compiled: bool = False,
) -> Callable[[], Any]:
    """The logits of a text of 64 tokens."""
    with library.device(device):
        model = training.gpt(library, **sizes).to(getattr(library, dtype))
    model = torch.compile(model) if compiled else model
    ids = (library.arange(64) * 7919 % 104729 % sizes["vocabulary"]).reshape(1, 64).to(device)

    def work() -> Any:
        with library.no_grad():
            return model(ids)[0]

    return work


SMALL = {"layers": 4, "width": 256, "heads": 8, "context": 128, "vocabulary": 1000}
GPT2 = {"layers": 12, "width": 768, "heads": 12, "context": 1024, "vocabulary": 50257}
STEPS: list[tuple[str, Callable[..., Callable[[], Any]]]] = [
    ("MLP step, batch 128, Adam", mlp_step),
    (
        "GPT step, 4 layers of 256, 8 x 128, f32",
        functools.partial(gpt_step, batch=8, amp=False, sizes=SMALL),
    ),
    ("GPT-2 small forward, 1 x 64, f32", functools.partial(gpt_forward, dtype="float32", sizes=GPT2)),
    ("GPT-2 small forward, 1 x 64, bf16", functools.partial(gpt_forward, dtype="bfloat16", sizes=GPT2)),
    (
        "GPT-2 small step, 8 x 1024, bf16 autocast",
        functools.partial(gpt_step, batch=8, amp=True, sizes=GPT2),
    ),
]


def of_steps(make: Callable[..., Callable[[], Any]], device: str, compiled: bool) -> dict[str, float]:
    """Milliseconds of a step."""
    return compare({**steps(st, make, device, False), **steps(torch, make, device, compiled)})


def line(name: str, times: dict[str, float], work: float, unit: str) -> str:
    """A row of the table."""
    best = {who: min(time for way, time in times.items() if way.startswith(who)) for who in ("ours", "torch")}
    cells = [f"{times[way]:.3f} ms" if way in times else "" for way in COLUMNS]
    rate = f"{work / best['ours'] / 1e6:,.0f} {unit}" if work else ""
    return f"| {name} | {' | '.join(cells)} | {best['torch'] / best['ours']:.2f} | {rate} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="wgpu")
    parser.add_argument("--only", default="", metavar="REGEX", help="rows whose name matches")
    parser.add_argument("--compile", action="store_true", help="torch.compile as well, which takes minutes")
    chosen = parser.parse_args()
    device = chosen.device
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, SpiralTorch {st.__version__}\n")
    print(f"| | {' | '.join(COLUMNS)} | torch / ours | ours |\n|---|{'---:|' * (len(COLUMNS) + 2)}")
    rows: list[tuple[str, Callable[[], dict[str, float]], float, str]] = [
        (row.name, functools.partial(of_row, row, device, chosen.compile), row.work, row.unit) for row in ROWS
    ]
    rows += [(name, functools.partial(of_steps, make, device, chosen.compile), 0, "") for name, make in STEPS]
    for name, measured, work, unit in rows:
        if not re.search(chosen.only, name):
            continue
        try:
            print(line(name, measured(), work, unit), flush=True)
        except (RuntimeError, NotImplementedError) as error:
            print(f"| {name} | {str(error).splitlines()[0]} |{' |' * (len(COLUMNS) + 1)}", flush=True)


if __name__ == "__main__":
    main()
