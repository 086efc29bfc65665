"""Trains different models in turn and watches memory: `python tools/perf-runner/soak.py --device cuda --minutes 20`.

Shapes, precisions and optimizers change from step to step, as in a long session. Memory in use, what the device's pool
holds and what the process has resident are looked at when a round is done. The program fails if the last third of the
rounds needs more than the second one, or if a loss is no number.
"""

import argparse
import functools
import io
import itertools
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import training
from memory import resident

import spiraltorch_rs as st

nn = st.nn
# What the last third may have on top of the second, as a share and in bytes: rounds differ.
SLACK, LITTLE = 0.02, 8 << 20

Job = Iterator[Any]


def steps(model: Any, optimizer: Any, loss: Callable[[], Any]) -> Job:
    """Training steps, one for each loss."""
    while True:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        yield value


def language(device: str) -> Job:
    """A transformer in mixed precision over texts of any length, written to memory and read back now and then."""
    model = training.gpt(st, layers=4, width=256, heads=8, context=512, vocabulary=5003).to(device)
    optimizer = st.optim.AdamW(model.parameters(), lr=1e-4)

    def loss() -> Any:
        length = random.choice([33, 64, 100, 128, 257, 512])
        ids = st.randint(0, 5003, (random.choice([1, 4, 8]), length + 1), device=device)
        with st.autocast(device.split(":")[0], dtype=st.bfloat16):
            logits = model(ids[:, :-1])[0]
            return nn.functional.cross_entropy(logits.reshape(-1, 5003), ids[:, 1:].reshape(-1))

    for count, value in enumerate(steps(model, optimizer, loss)):
        if count % 50 == 49:
            file = io.BytesIO()
            st.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
            file.seek(0)
            kept = st.load(file)
            model.load_state_dict(kept["model"])
            optimizer.load_state_dict(kept["optimizer"])
        yield value


def generation(device: str) -> Job:
    """Texts that grow by a token at a time."""
    model = training.gpt(st).to(device).eval()
    while True:
        with st.no_grad():
            written, past = st.randint(0, training.VOCABULARY, (1, 16), device=device), None
            for _ in range(random.randint(8, 24)):
                logits, past = model(written, past)
                written = logits[:, -1:].argmax(-1)
        yield logits.float().mean()


def images(device: str) -> Job:
    """Convolutions with batch norm, batches from a loader, SGD."""
    layers = [nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten()]
    model = nn.Sequential(*layers, nn.Linear(256, 10)).to(device)
    optimizer = st.optim.SGD(model.parameters(), lr=1e-2, momentum=0.9, nesterov=True)
    data = st.utils.data.TensorDataset(st.randn(100, 3, 20, 20), st.arange(100) % 10)
    batches = itertools.cycle(st.utils.data.DataLoader(data, batch_size=24, shuffle=True))

    def loss() -> Any:
        pictures, classes = next(batches)
        return nn.functional.cross_entropy(model(pictures.to(device)), classes.to(device))

    return steps(model, optimizer, loss)


def sequences(device: str) -> Job:
    """An LSTM over batches of any size, RMSprop."""
    lstm, head = nn.LSTM(32, 64, num_layers=2, batch_first=True), nn.Linear(64, 1)
    model = nn.ModuleList([lstm, head]).to(device)
    optimizer = st.optim.RMSprop(model.parameters(), lr=1e-4)

    def loss() -> Any:
        x = st.randn(random.randint(1, 40), random.choice([5, 16, 30]), 32, device=device)
        return head(lstm(x)[0]).square().mean()

    return steps(model, optimizer, loss)


def scaled(device: str) -> Job:
    """An MLP in half precision with scaled losses, Adam."""
    model = nn.Sequential(nn.Linear(64, 256), nn.GELU(), nn.Dropout(0.1), nn.Linear(256, 1)).to(device)
    optimizer = st.optim.Adam(model.parameters(), lr=1e-3)
    kind = device.split(":")[0]
    scaler = st.amp.GradScaler(kind)
    while True:
        optimizer.zero_grad()
        with st.autocast(kind, dtype=st.float16):
            value = model(st.randn(random.randint(1, 512), 64, device=device)).float().square().mean()
        scaler.scale(value).backward()
        scaler.step(optimizer)
        scaler.update()
        yield value


def mean_square(model: Any, x: Any) -> Any:
    return model(x).square().mean()


def recorded(device: str) -> Job:
    """A step of an MLP as a graph, which is recorded again now and then."""
    while True:
        model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 8)).to(device)
        optimizer = st.optim.Adam(model.parameters(), lr=1e-3, capturable=True)
        x = st.randn(32, 64, device=device)
        job = steps(model, optimizer, functools.partial(mean_square, model, x))
        for _ in range(3):
            next(job).item()
        graph = st.cuda.CUDAGraph()
        with st.cuda.graph(graph):
            value = next(job)
        for _ in range(200):
            x.copy_(st.randn(32, 64, device=device))
            graph.replay()
            yield value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--minutes", type=float, default=20.0)
    chosen = parser.parse_args()
    device, on_gpu = chosen.device, chosen.device.startswith("cuda")
    random.seed(0)
    kinds = [language, generation, images, sequences, scaled] + [recorded] * on_gpu
    jobs = [kind(device) for kind in kinds]
    rounds: list[tuple[int, int, int]] = []
    count, begin, told = 0, time.monotonic(), 0.0
    while (passed := time.monotonic() - begin) < 60 * chosen.minutes:
        for _ in range(25):
            losses = [next(job) for job in jobs]
            count += len(jobs)
        numbers = [loss.item() for loss in losses]
        if not all(abs(number) < 1e6 for number in numbers):
            sys.exit(f"after {count} steps the losses are {numbers}")
        del losses
        st.synchronize()
        held = (st.cuda.memory_allocated(), st.cuda.memory_reserved()) if on_gpu else (0, 0)
        rounds.append((*held, int(resident("VmRSS") * 1e6)))
        if passed >= told:
            shown = ", ".join(f"{size / 1e6:,.1f} MB" for size in rounds[-1])
            print(
                f"{passed / 60:5.1f} min, {count:7,} steps: in use, reserved, resident: {shown}", flush=True
            )
            told += 60
    if len(rounds) < 3:
        sys.exit("too few rounds to compare: more minutes, please")
    third = len(rounds) // 3
    grown = False
    for what, sizes in zip(("in use", "reserved", "resident"), zip(*rounds, strict=True), strict=True):
        before, after = max(sizes[third : 2 * third]), max(sizes[2 * third :])
        grown |= after > before * (1 + SLACK) + LITTLE
        print(
            f"{what}: at most {before / 1e6:,.1f} MB in the second third, {after / 1e6:,.1f} MB in the last"
        )
    sys.exit("memory grew" if grown else 0)


if __name__ == "__main__":
    main()
