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
CALLS = 20


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


MATRIX = (SIDE, SIDE)
# Name, function, operands, bytes or operations of one call, their unit per millisecond.
Row = tuple[str, Callable[..., Any], list[tuple[int, ...]], float, str]
ROWS: list[Row] = [
    ("gelu(x*2+w)+x, 8192²", gelu_chain, [MATRIX, MATRIX], 12 * SIDE**2, "GB/s"),
    ("x + w, 8192²", lambda lib, x, w: x + w, [MATRIX, MATRIX], 12 * SIDE**2, "GB/s"),
    ("softmax, 8192²", lambda lib, x: x.softmax(1), [MATRIX], 8 * SIDE**2, "GB/s"),
    (
        "layer_norm, 8192²",
        lambda lib, x: lib.nn.functional.layer_norm(x, (SIDE,)),
        [MATRIX],
        8 * SIDE**2,
        "GB/s",
    ),
    ("sum over dim 0, 8192²", lambda lib, x: x.sum(0), [MATRIX], 4 * SIDE**2, "GB/s"),
    ("sum over dim 1, 8192²", lambda lib, x: x.sum(1), [MATRIX], 4 * SIDE**2, "GB/s"),
    ("sum of all, 8192²", lambda lib, x: x.sum(), [MATRIX], 4 * SIDE**2, "GB/s"),
    ("transposed copy, 8192²", lambda lib, x: x.t().contiguous(), [MATRIX], 8 * SIDE**2, "GB/s"),
    ("matmul f32, 1024", lambda lib, a, b: a @ b, [(1024, 1024)] * 2, 2.0 * 1024**3, "GFLOP/s"),
    ("matmul f32, 4096", lambda lib, a, b: a @ b, [(4096, 4096)] * 2, 2.0 * 4096**3, "GFLOP/s"),
    ("x + w, 8 elements", lambda lib, x, w: x + w, [(8,), (8,)], 0, ""),
]


def of_row(function: Callable[..., Any], shapes: list[tuple[int, ...]], device: str) -> tuple[float, float]:
    mine = [st.randn(*shape, device=device) for shape in shapes]
    theirs = [torch.randn(*shape, device="cuda") for shape in shapes]
    st.realize(*mine)
    return compare(lambda: st.realize(function(st, *mine)), lambda: function(torch, *theirs))


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
