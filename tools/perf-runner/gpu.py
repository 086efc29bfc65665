"""Measures a GPU backend beside torch's CUDA on the same card: `python tools/perf-runner/gpu.py [--device wgpu]`.

Times are of calls in a row, from the first to the end of the last, as a program has them; medians of five such runs,
taken in turn. Above 1 we are faster.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

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


def compare(ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[float, float]:
    """Both libraries' milliseconds."""
    both = [(ours, st.synchronize), (theirs, torch.cuda.synchronize)]
    for pair in both:
        clocked(*pair)
    times = [[clocked(*pair) for pair in both] for _ in range(5)]
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)


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


def product(_: Any, a: Any, b: Any) -> Any:
    return a @ b


MATRIX = (SIDE, SIDE)
BYTES = 4 * SIDE**2
HEADS = (8, 16, 2048, 128)
# Operations of a forward pass: half of the scores are seen.
SCORES = 2.0 * 8 * 16 * 2048**2 * 128
# Name, function, operands, bytes or operations of one call, their unit per millisecond.
Row = tuple[str, Callable[..., Any], list[tuple[int, ...]], float, str]
ROWS: list[Row] = [
    ("gelu(x*2+w)+x, 8192²", gelu_chain, [MATRIX, MATRIX], 3 * BYTES, "GB/s"),
    ("x + w, 8192²", lambda lib, x, w: x + w, [MATRIX, MATRIX], 3 * BYTES, "GB/s"),
    ("softmax, 8192²", softmax, [MATRIX], 2 * BYTES, "GB/s"),
    ("softmax and its gradient, 8192²", with_gradient(softmax), [MATRIX, MATRIX], 3 * BYTES, "GB/s"),
    ("layer_norm, 8192²", layer_norm, [MATRIX], 2 * BYTES, "GB/s"),
    ("layer_norm and its gradient, 8192²", with_gradient(layer_norm), [MATRIX, MATRIX], 3 * BYTES, "GB/s"),
    ("sum over dim 0, 8192²", lambda lib, x: x.sum(0), [MATRIX], BYTES, "GB/s"),
    ("sum over dim 1, 8192²", lambda lib, x: x.sum(1), [MATRIX], BYTES, "GB/s"),
    ("sum of all, 8192²", lambda lib, x: x.sum(), [MATRIX], BYTES, "GB/s"),
    ("transposed copy, 8192²", lambda lib, x: x.t().contiguous(), [MATRIX], 2 * BYTES, "GB/s"),
    ("cumsum over dim 1, 8192²", lambda lib, x: x.cumsum(1), [MATRIX], 2 * BYTES, "GB/s"),
    ("sort, 1M", lambda lib, x: x.sort()[0], [(1 << 20,)], 0, ""),
    ("matmul f32, 1024", product, [(1024, 1024)] * 2, 2.0 * 1024**3, "GFLOP/s"),
    ("matmul f32, 4096", product, [(4096, 4096)] * 2, 2.0 * 4096**3, "GFLOP/s"),
    ("matmul f32, 8192", product, [MATRIX] * 2, 2.0 * SIDE**3, "GFLOP/s"),
    (
        "matmul f32, 4096, a transposed",
        lambda lib, a, b: a.t() @ b,
        [(4096, 4096)] * 2,
        2.0 * 4096**3,
        "GFLOP/s",
    ),
    (
        "matmul f32, 4096, b transposed",
        lambda lib, a, b: a @ b.t(),
        [(4096, 4096)] * 2,
        2.0 * 4096**3,
        "GFLOP/s",
    ),
    ("matmul f32, 128x784x512", product, [(128, 784), (784, 512)], 2.0 * 128 * 784 * 512, "GFLOP/s"),
    ("attention f32, causal, 8x16x2048x128", attention, [HEADS] * 3, SCORES, "GFLOP/s"),
    (
        "attention f32 and its gradients",
        with_gradient(attention),
        [HEADS] * 4,
        3.5 * SCORES,
        "GFLOP/s",
    ),
    ("x + w, 8 elements", lambda lib, x, w: x + w, [(8,), (8,)], 0, ""),
]


def of_row(function: Callable[..., Any], shapes: list[tuple[int, ...]], device: str) -> tuple[float, float]:
    mine = [st.randn(*shape, device=device) for shape in shapes]
    theirs = [torch.randn(*shape, device="cuda") for shape in shapes]
    st.realize(*mine)

    def run() -> None:
        made = function(st, *mine)
        st.realize(*(made if isinstance(made, list) else [made]))

    return compare(run, lambda: function(torch, *theirs))


def mlp_step(library: Any, device: str) -> Callable[[], Any]:
    """A training step of 784-512-512-10 at batch 128 with Adam."""
    nn = library.nn
    layers = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)]
    model = nn.Sequential(*layers).to(device)
    optimizer = library.optim.Adam(model.parameters(), lr=1e-3)
    images, classes = library.randn(128, 784).to(device), (library.arange(128) % 10).to(device)

    def step() -> Any:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), classes)
        loss.backward()
        optimizer.step()
        if library is st:
            st.realize(loss, *model.parameters())
        return loss

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="wgpu")
    device = parser.parse_args().device
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, SpiralTorch {st.__version__}\n")
    print("| | ours | torch | torch / ours | ours |\n|---|---:|---:|---:|---:|")
    for name, function, shapes, work, unit in ROWS:
        ours, theirs = of_row(function, shapes, device)
        rate = f"{work / ours / 1e6:,.0f} {unit}" if work else ""
        print(f"| {name} | {ours:.3f} ms | {theirs:.3f} ms | {theirs / ours:.2f} | {rate} |", flush=True)
    ours, theirs = compare(mlp_step(st, device), mlp_step(torch, "cuda"))
    print(f"| MLP step, batch 128, Adam | {ours:.3f} ms | {theirs:.3f} ms | {theirs / ours:.2f} | |")


if __name__ == "__main__":
    main()
