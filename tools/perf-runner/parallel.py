"""Measures training in several processes beside torch's, a GPU each: `python tools/perf-runner/parallel.py [--size 2]`.

GPT-2 small in mixed precision, 8 texts of 1024 tokens for each process: the same step alone, by DistributedDataParallel
and with the model shared out. The ratio is that of texts in a second to what as many single processes would do.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import training

SIZES = {"layers": 12, "width": 768, "heads": 12, "context": 1024, "vocabulary": 50257}
BATCH, CALLS, RUNS = 8, 10, 5
WAYS = ["alone", "data parallel", "shared out"]


class Logits:
    """The model as a module whose forward pass gives the logits alone."""

    def __new__(cls, library: Any, device: str) -> Any:
        class Module(library.nn.Module):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.gpt = training.gpt(library, **SIZES)

            def forward(self, x: Any) -> Any:
                return self.gpt(x)[0]

        return Module().to(device)


def wrapped(library: Any, way: str, model: Any, rank: int) -> Any:
    """The model as one of several."""
    if way == "data parallel":
        return library.nn.parallel.DistributedDataParallel(
            model, device_ids=[rank], gradient_as_bucket_view=True
        )
    fsdp = __import__(f"{library.__name__}.distributed.fsdp.wrap", fromlist=["wrap"])
    policy = fsdp.ModuleWrapPolicy({type(model.gpt.blocks[0])})
    whole = __import__(f"{library.__name__}.distributed.fsdp", fromlist=["fsdp"])
    return whole.FullyShardedDataParallel(
        model, auto_wrap_policy=policy, device_id=rank, use_orig_params=False
    )


def stepping(library: Any, way: str, rank: int) -> Callable[[], Any]:
    """A training step."""
    device = f"cuda:{rank}"
    model = Logits(library, device)
    model = model if way == "alone" else wrapped(library, way, model, rank)
    optimizer = library.optim.AdamW(model.parameters(), lr=1e-4)
    length, vocabulary = SIZES["context"], SIZES["vocabulary"]
    ids = library.arange(BATCH * (length + 1)) * (7919 + rank) % 104729 % vocabulary
    ids = ids.reshape(BATCH, length + 1).to(device)
    x, y = ids[:, :-1].contiguous(), ids[:, 1:].reshape(-1)

    def step() -> Any:
        optimizer.zero_grad()
        with library.autocast("cuda", dtype=library.bfloat16):
            loss = library.nn.functional.cross_entropy(model(x).view(-1, vocabulary), y)
        loss.backward()
        optimizer.step()
        if hasattr(library, "realize"):
            library.realize(loss, *model.parameters())
        return loss

    return step


def measured(library: Any, step: Callable[[], Any]) -> float:
    """Milliseconds of a step, from the first of several to the end of the last."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        for _ in range(CALLS):
            loss = step()
        library.cuda.synchronize()
        times.append((time.perf_counter() - start) / CALLS * 1e3)
    if not loss.item() < 1e3:
        raise SystemExit(f"the loss is {loss.item()}")
    return statistics.median(times[1:])


def one_rank(name: str, way: str, size: int, rank: int, folder: Path) -> None:
    """Measures as one of the processes."""
    library = __import__(name)
    __import__(f"{name}.distributed")
    library.cuda.set_device(rank)
    if way != "alone":
        library.distributed.init_process_group(
            "nccl", init_method=f"file://{folder}/store", rank=rank, world_size=size
        )
    step = stepping(library, way, rank)
    told = {"ms": measured(library, step), "peak": library.cuda.max_memory_allocated() / 2**30}
    (folder / f"{rank}.json").write_text(json.dumps(told))
    if way != "alone":
        library.distributed.destroy_process_group()


def together(name: str, way: str, size: int) -> tuple[float, float]:
    """Milliseconds of a step, and GiB of memory at the peak, of the process that took most."""
    with tempfile.TemporaryDirectory() as folder:
        count = 1 if way == "alone" else size
        command = [sys.executable, __file__, "--size", str(size), "--of", name, way, folder]
        ranks = [subprocess.Popen([*command, str(rank)]) for rank in range(count)]
        if any(process.wait() for process in ranks):
            raise SystemExit(f"{name}, {way}: a process failed")
        told = [json.loads((Path(folder) / f"{rank}.json").read_text()) for rank in range(count)]
    return max(one["ms"] for one in told), max(one["peak"] for one in told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2, help="how many processes")
    parser.add_argument("--of", nargs=4, metavar=("LIBRARY", "WAY", "FOLDER", "RANK"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.of:
        name, way, folder, rank = chosen.of
        one_rank(name, way, chosen.size, int(rank), Path(folder))
        return
    print("| | ours | texts kept | GiB | torch | texts kept | GiB |\n|---|---:|---:|---:|---:|---:|---:|")
    alone: dict[str, float] = {}
    for way in WAYS:
        cells = []
        for name in ("spiraltorch_rs", "torch"):
            ms, peak = together(name, way, chosen.size)
            alone.setdefault(name, ms)
            cells += [f"{ms:.2f} ms", f"{alone[name] / ms:.2f}", f"{peak:.2f}"]
        print(f"| {way} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
