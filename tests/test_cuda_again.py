"""Work that comes again and again, which NVIDIA's GPUs are given as graphs without being asked. Skipped without one."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch

import spiraltorch_rs as st

pytestmark = [
    pytest.mark.skipif(not st.cuda.is_available(), reason="no GPU of NVIDIA, or no driver"),
    pytest.mark.cpu_only("the files of GPUs choose their device themselves"),
]
TIMES = 8


def several_kernels(x: Any, w: Any) -> Any:
    """Work that cannot be one kernel: products and sums of what sums make."""
    y = (x @ w).tanh()
    y = y - y.sum(1, keepdim=True) / 7
    y = (y @ w).cumsum(0)
    return y / (1 + y.abs().sum(0)) @ w


def matrices(count: int, *shape: int) -> list[Any]:
    generator = torch.Generator().manual_seed(11)
    return [torch.randn(*shape, generator=generator) for _ in range(count)]


def on_gpu(x: Any) -> Any:
    return st.tensor(x.tolist(), device="cuda")


def near(ours: Any, theirs: Any) -> None:
    torch.testing.assert_close(torch.tensor(ours.tolist()), theirs, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("kept", [False, True], ids=["the same memory", "new memory each time"])
def test_new_operands_each_time(kept: bool) -> None:
    inputs, w = matrices(TIMES, 40, 24), matrices(1, 24, 24)[0]
    ours, results = on_gpu(w), []
    for x in inputs:
        made = several_kernels(on_gpu(x), ours)
        st.realize(made)
        results.append(made if kept else made.tolist())
    for made, x in zip(results, inputs, strict=True):
        near(made if kept else st.tensor(made), several_kernels(x, w))


def test_numbers_that_change() -> None:
    x, w = matrices(2, 24, 24)
    ours = on_gpu(x), on_gpu(w)
    for step in range(TIMES):
        near(several_kernels(ours[0] * (step + 0.5), ours[1]), several_kernels(x * (step + 0.5), w))


def test_sizes_that_come_back() -> None:
    w = matrices(1, 24, 24)[0]
    ours = on_gpu(w)
    for step in range(3 * TIMES):
        x = matrices(1, 16 + 8 * (step % 3), 24)[0]
        near(several_kernels(on_gpu(x), ours), several_kernels(x, w))


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_training_is_torchs(kind: str) -> None:
    def losses(library: Any, to: Callable[[Any], Any]) -> list[float]:
        nn = library.nn
        model = nn.Sequential(nn.Linear(24, 40), nn.GELU(), nn.LayerNorm(40), nn.Linear(40, 5))
        with library.no_grad():
            for parameter, numbers in zip(model.parameters(), values, strict=True):
                parameter.copy_(library.tensor(numbers.tolist()))
        if library is st:
            model = model.to("cuda")
        optimizer = getattr(library.optim, kind)(model.parameters(), lr=0.02)
        made = []
        for x in inputs:
            optimizer.zero_grad()
            loss = (model(to(x)) ** 2).mean()
            loss.backward()
            optimizer.step()
            made.append(loss.item())
        return made

    generator = torch.Generator().manual_seed(3)
    shapes = [(40, 24), (40,), (40,), (40,), (5, 40), (5,)]
    values = [torch.randn(*shape, generator=generator) / 5 for shape in shapes]
    inputs = matrices(2 * TIMES, 16, 24)
    ours, theirs = losses(st, on_gpu), losses(torch, lambda x: x)
    assert ours == pytest.approx(theirs, rel=2e-4)


def test_writes_in_place_go_on() -> None:
    total, w = st.zeros(24, 24, device="cuda"), matrices(1, 24, 24)[0]
    ours, theirs = on_gpu(w), torch.zeros(24, 24)
    for _ in range(TIMES):
        total.add_(several_kernels(total + 1, ours)).mul_(0.5)
        theirs.add_(several_kernels(theirs + 1, w)).mul_(0.5)
        st.realize(total)
    near(total, theirs)


def test_a_wrong_index_is_told_and_the_next_run_is_right() -> None:
    table, w = matrices(2, 24, 24)
    ours = on_gpu(table), on_gpu(w)
    for step in range(TIMES):
        rows = torch.arange(16) + step
        index = st.tensor((rows if step != 5 else rows + 100).tolist(), device="cuda")
        made = several_kernels(st.nn.functional.embedding(index, ours[0]), ours[1])
        if step == 5:
            with pytest.raises(IndexError):
                made.tolist()
        else:
            near(made, several_kernels(table[rows], w))


def test_streams_take_turns() -> None:
    x, w = matrices(2, 24, 24)
    ours, streams = (on_gpu(x), on_gpu(w)), [st.cuda.Stream(), st.cuda.Stream()]
    want = several_kernels(x, w)
    for step in range(2 * TIMES):
        stream = streams[step % 2]
        stream.wait_stream(st.cuda.current_stream())
        with st.cuda.stream(stream):
            made = several_kernels(*ours)
            st.realize(made)
        st.cuda.current_stream().wait_stream(stream)
        near(made, want)


def test_a_graph_of_the_users_in_between() -> None:
    x, w = matrices(2, 24, 24)
    ours, want = (on_gpu(x), on_gpu(w)), several_kernels(x, w)
    for step in range(TIMES):
        if step == 5:
            graph = st.cuda.CUDAGraph()
            with st.cuda.graph(graph):
                kept = several_kernels(*ours)
            graph.replay()
            near(kept, want)
        near(several_kernels(*ours), want)


def test_others_ask_for_memory_meanwhile() -> None:
    """Memory that a run gives back is not somebody else's before the GPU was asked for the run."""
    x, w = matrices(2, 64, 64)
    ours, want, done = (on_gpu(x), on_gpu(w)), several_kernels(x, w), threading.Event()
    wrong: list[Any] = []

    def ask() -> None:
        numbers = [float(i) for i in range(64 * 64)]
        while not done.is_set():
            made = [st.tensor(numbers, device="cuda") for _ in range(4)]
            wrong.extend(m for m in made if m.tolist() != numbers)

    other = threading.Thread(target=ask)
    other.start()
    try:
        for _ in range(20 * TIMES):
            near(several_kernels(*ours), want)
    finally:
        done.set()
        other.join()
    assert not wrong
