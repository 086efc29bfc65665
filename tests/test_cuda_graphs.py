"""Graphs of NVIDIA's GPUs, what GPUs tell the profiler, copies between them. Skipped without one."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import spiraltorch_rs as st

pytestmark = [
    pytest.mark.skipif(not st.cuda.is_available(), reason="no GPU of NVIDIA, or no driver"),
    pytest.mark.cpu_only("the files of GPUs choose their device themselves"),
]


def captured(work: Callable[[], Any], **options: Any) -> tuple[Any, Any]:
    """A graph of some work, and what the work gave."""
    graph = st.cuda.CUDAGraph()
    with st.cuda.graph(graph, **options):
        result = work()
    return graph, result


def model_of(library: Any) -> Any:
    """The same small network on both sides, on the GPU."""
    nn = library.nn
    model = nn.Sequential(nn.Linear(20, 64), nn.GELU(), nn.LayerNorm(64), nn.Linear(64, 5))
    with library.no_grad():
        for i, parameter in enumerate(model.parameters()):
            numbers = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(i)) / 4
            parameter.copy_(library.tensor(numbers.tolist()))
    return model.to("cuda")


def batches(count: int) -> list[list[list[float]]]:
    generator = torch.Generator().manual_seed(7)
    return [torch.randn(16, 20, generator=generator).tolist() for _ in range(count)]


def test_a_replay_reads_what_inputs_are_now() -> None:
    x, w = st.zeros(4, 3, device="cuda"), st.full((3,), 2.0, device="cuda")
    graph, y = captured(lambda: (x * w + 1).sum(1))
    for step in range(3):
        x.copy_(st.full((4, 3), step + 1.0))
        graph.replay()
        assert y.tolist() == [3 * (2 * (step + 1.0) + 1)] * 4
    w.fill_(-1.0)
    graph.replay()
    assert y.tolist() == [3 * (-3.0 + 1)] * 4
    x[0] = 0.0
    x[1:, 0] += 1
    graph.replay()
    assert y.tolist() == [3.0, -7.0, -7.0, -7.0]


def test_what_was_asked_for_before_a_replay_sees_the_result_before() -> None:
    x = st.ones(5, device="cuda")
    graph, y = captured(lambda: x * 10)
    graph.replay()
    kept = y + 0.5
    old = x * 3
    x.fill_(2.0)
    later = x * 3
    graph.replay()
    assert y.tolist() == [20.0] * 5
    assert kept.tolist() == [10.5] * 5
    assert (old.tolist(), later.tolist()) == ([3.0] * 5, [6.0] * 5)


def test_writes_in_place_are_part_of_the_graph() -> None:
    total, x = st.zeros(6, device="cuda"), st.ones(6, device="cuda")
    view = total[2:4]

    def work() -> Any:
        total.add_(x)
        view.mul_(2)
        return total.sum()

    graph, result = captured(work)
    expected = torch.zeros(6)
    for _ in range(4):
        graph.replay()
        expected.add_(1)
        expected[2:4].mul_(2)
        assert total.tolist() == expected.tolist()
        assert result.item() == expected.sum().item()
    total.zero_()
    graph.replay()
    assert total.tolist() == [1, 1, 2, 2, 1, 1]
    assert view.tolist() == [2, 2]


def test_contents_that_are_not_read_are_replaced_where_they_are() -> None:
    x, target = st.ones(3, device="cuda"), st.zeros(3, device="cuda")
    graph, _ = captured(lambda: target.copy_(x * 5))
    graph.replay()
    assert target.tolist() == [5.0] * 3
    x.fill_(2.0)
    graph.replay()
    assert (target + 1).tolist() == [11.0] * 3


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "RMSprop", "Adadelta", "Rprop"])
def test_a_training_step_is_torchs(kind: str) -> None:
    options: dict[str, Any] = {"lr": 0.01}
    if kind == "SGD":
        options["momentum"] = 0.9
    own_options = dict(options)
    if kind != "SGD":
        own_options["capturable"] = True

    def steps(library: Any, graphed: bool) -> list[float]:
        model = model_of(library)
        optimizer = getattr(library.optim, kind)(model.parameters(), **(own_options if graphed else options))
        x = library.zeros(16, 20, device="cuda")

        def step() -> Any:
            optimizer.zero_grad(set_to_none=True)
            loss = model(x).square().mean()
            loss.backward()
            optimizer.step()
            return loss

        data = batches(6)
        losses = []
        if not graphed:
            for batch in [*data[:2], *data]:
                x.copy_(library.tensor(batch))
                losses.append(step().item())
            return losses
        for batch in data[:2]:
            x.copy_(library.tensor(batch))
            losses.append(step().item())
        graph, loss = captured(step)
        for batch in data:
            x.copy_(library.tensor(batch))
            graph.replay()
            losses.append(loss.item())
        return losses

    found, expected = steps(st, True), steps(torch, False)
    assert found == pytest.approx(expected, rel=2e-4)


def test_an_optimizer_that_counts_on_the_host_is_refused() -> None:
    for library in (st, torch):
        x = library.ones(3, device="cuda", requires_grad=True)
        optimizer = library.optim.Adam([x])
        x.sum().backward()
        optimizer.step()
        graph = library.cuda.CUDAGraph()
        with pytest.raises(RuntimeError, match="capturable is False"), library.cuda.graph(graph):
            optimizer.step()
    assert not st.cuda.is_current_stream_capturing()
    assert (st.ones(2, device="cuda") + 1).tolist() == [2, 2]


def test_statistics_of_norms_go_on() -> None:
    ours, theirs = (library.nn.BatchNorm1d(4).to("cuda") for library in (st, torch))
    data = torch.randn(5, 8, 4, generator=torch.Generator().manual_seed(1))
    x = st.zeros(8, 4, device="cuda")
    graph, _ = captured(lambda: ours(x))
    ours.running_mean.zero_()
    ours.running_var.fill_(1.0)
    for batch in data:
        x.copy_(st.tensor(batch.tolist()))
        graph.replay()
        theirs(batch.cuda())
    assert ours.running_mean.tolist() == pytest.approx(theirs.running_mean.tolist(), abs=1e-5)
    assert ours.running_var.tolist() == pytest.approx(theirs.running_var.tolist(), rel=1e-4)


def test_every_replay_draws_new_random_numbers() -> None:
    x = st.ones(1000, device="cuda")

    def work() -> Any:
        return st.nn.functional.dropout(x, 0.5), st.rand(1000, device="cuda"), st.bernoulli(x * 0.5)

    graph, results = captured(work)

    def draw() -> list[list[float]]:
        graph.replay()
        return [result.tolist() for result in results]

    st.manual_seed(3)
    first, second = draw(), draw()
    assert all(a != b for a, b in zip(first, second, strict=True))
    st.manual_seed(3)
    assert draw() == first
    for values, mean in zip(second, (1.0, 0.5, 0.5), strict=True):
        assert abs(sum(values) / 1000 - mean) < 0.15
    st.manual_seed(3)
    eager = [result.tolist() for result in work()]
    assert eager == first


def test_memory_of_a_graph_serves_nobody_else() -> None:
    x = st.ones(1 << 16, device="cuda")

    def work() -> Any:
        for _ in range(3):
            y = (x.cumsum(0) + 1).flip(0)
        return y.sum()

    graph, result = captured(work)
    graph.replay()
    expected = result.item()
    reserved = st.cuda.memory_reserved()
    others = [st.full((1 << 16,), 7.0, device="cuda") for _ in range(8)]
    st.realize(*others)
    for _ in range(3):
        graph.replay()
        assert result.item() == expected
        assert all(other[0].item() == 7.0 and other[-1].item() == 7.0 for other in others)
    del others
    graph.reset()
    del graph, result
    st.cuda.empty_cache()
    assert st.cuda.memory_reserved() < reserved


def test_graphs_share_a_pool() -> None:
    x = st.ones(1 << 20, device="cuda")
    handle = st.cuda.graph_pool_handle()
    first, a = captured(lambda: (x * 2).cumsum(0).sum(), pool=handle)
    assert first.pool() == handle
    before = st.cuda.memory_reserved()
    second, b = captured(lambda: (x * 3).cumsum(0).sum(), pool=first.pool())
    assert st.cuda.memory_reserved() - before < 4 << 20
    for graph, result, factor in ((first, a, 2), (second, b, 3), (first, a, 2)):
        graph.replay()
        assert result.item() == pytest.approx(factor * (1 << 20) * ((1 << 20) + 1) / 2, rel=1e-5)
    assert handle != st.cuda.graph_pool_handle()


def test_what_cannot_be_recorded_is_an_error_and_the_gpu_goes_on() -> None:
    x = st.ones(3, device="cuda")
    # Torch's graphs are not ended by errors inside, so only these two are asked of both.
    for library in (st, torch):
        with pytest.raises(RuntimeError, match="non-default stream"):
            library.cuda.CUDAGraph().capture_begin()
        with pytest.raises(RuntimeError, match="without a preceding successful capture"):
            library.cuda.CUDAGraph().replay()
    with pytest.raises(RuntimeError, match="not permitted when stream is capturing"):
        captured(lambda: x.sum().item())
    with pytest.raises(RuntimeError, match="unless the CPU tensor is pinned"):
        captured(lambda: st.ones(3).to("cuda"))
    with pytest.raises(RuntimeError, match="not permitted when stream is capturing"):
        captured(st.cuda.synchronize)
    with pytest.raises(RuntimeError, match="capture error mode"):
        captured(lambda: x, capture_error_mode="none")

    def fails() -> None:
        assert st.cuda.is_current_stream_capturing()
        assert st.cuda.current_stream().is_capturing()
        assert not st.cuda.default_stream().is_capturing()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        captured(fails)
    assert not st.cuda.is_current_stream_capturing()
    graph, y = captured(lambda: x + 1)
    graph.replay()
    assert y.tolist() == [2.0] * 3


def test_constants_and_pinned_memory() -> None:
    x = st.ones(3, device="cuda")
    host = st.tensor([1.0, 2.0, 3.0]).pin_memory()

    def work() -> Any:
        constant = st.tensor([10.0, 20.0, 30.0], device="cuda")
        return (x + constant) * 1, host.to("cuda", non_blocking=True) * 2

    graph, (sums, copied) = captured(work)
    for _ in range(2):
        graph.replay()
        assert sums.tolist() == [11.0, 21.0, 31.0]
        assert copied.tolist() == [2.0, 4.0, 6.0]
    host.copy_(st.tensor([5.0, 6.0, 7.0]))
    graph.replay()
    assert copied.tolist() == [10.0, 12.0, 14.0]


def test_products_attention_and_long_graphs() -> None:
    generator = torch.Generator().manual_seed(0)
    data = [torch.randn(2, 4, 128, 64, generator=generator) / 4 for _ in range(3)]
    ours = [st.tensor(t.tolist()).to("cuda", st.bfloat16) for t in data]
    theirs = [t.to("cuda", torch.bfloat16) for t in data]

    def work(library: Any, q: Any, k: Any, v: Any) -> Any:
        mixed = library.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        wide = mixed.reshape(-1, 64) @ mixed.reshape(-1, 64).t()
        for _ in range(1100):  # more nodes than a graph may have before it runs by itself
            wide = wide * 0.999
        return wide.float().sum(1)

    graph, result = captured(lambda: work(st, *ours))
    graph.replay()
    expected = work(torch, *theirs)
    got = torch.tensor(result.tolist())
    assert (got - expected.cpu()).norm() <= 3e-2 * expected.norm().cpu()


def test_a_graph_is_drawn(tmp_path: Path) -> None:
    x = st.ones(3, device="cuda")
    graph, _ = captured(lambda: x + 1)
    graph.debug_dump(str(tmp_path / "graph.dot"))
    assert "digraph" in (tmp_path / "graph.dot").read_text()


@pytest.mark.parametrize("as_module", [True, False])
def test_graphed_callables_train_as_torchs(as_module: bool) -> None:
    def losses(library: Any, graphed: bool) -> list[float]:
        model = model_of(library)
        optimizer = library.optim.SGD(model.parameters(), lr=0.05)
        sample = library.zeros(16, 20, device="cuda")
        head = model[3]
        body: Any = model[:3] if as_module else lambda x: model[:3](x)
        if graphed and as_module:
            body = library.cuda.make_graphed_callables(body, (sample,))
        elif graphed:
            body = model[:3]
            head = library.cuda.make_graphed_callables(
                lambda hidden: library.nn.functional.gelu(hidden * 2),
                (library.zeros(16, 64, device="cuda", requires_grad=True),),
            )
            inner, last = head, model[3]
            head = lambda hidden: last(inner(hidden))  # noqa: E731
        elif not as_module:
            last = model[3]
            head = lambda hidden: last(library.nn.functional.gelu(hidden * 2))  # noqa: E731
        found = []
        for batch in batches(5):
            x = library.tensor(batch).to("cuda")
            optimizer.zero_grad(set_to_none=True)
            loss = head(body(x)).square().mean()
            loss.backward()
            optimizer.step()
            found.append(loss.item())
        return found

    assert losses(st, True) == pytest.approx(losses(torch, False), rel=1e-4)


def profiled(work: Callable[[], Any], folder: Path, **options: Any) -> tuple[Any, list[dict[str, Any]]]:
    both = [st.profiler.ProfilerActivity.CPU, st.profiler.ProfilerActivity.CUDA]
    with st.profiler.profile(activities=both, **options) as prof:
        work()
    prof.export_chrome_trace(folder / "trace.json")
    return prof, json.loads((folder / "trace.json").read_text())["traceEvents"]


def training_step() -> None:
    x = st.ones(256, 256).to("cuda").requires_grad_()
    with st.profiler.record_function("forward"):
        loss = (x @ x).relu().sum()
    loss.backward()
    assert x.grad is not None
    x.grad.cpu()


def check_trace(prof: Any, events: list[dict[str, Any]]) -> None:
    """GPU kernels have the names of operators, lie within the recording and after the calls that asked for them."""
    kernels = [e for e in events if e.get("cat") == "kernel" and e["pid"] != os.getpid()]
    launches = [event for event in events if event.get("cat") == "launch"]
    assert kernels
    assert launches
    assert {kernel["name"] for kernel in kernels} <= {launch["name"] for launch in launches}
    assert any("relu" in kernel["name"] for kernel in kernels)
    first = min(event["ts"] for event in events if event["ph"] == "X")
    assert first >= 0
    for kernel in kernels:
        asked = [launch for launch in launches if launch["name"] == kernel["name"]]
        assert min(launch["ts"] for launch in asked) <= kernel["ts"] + 20
        assert 0 < kernel["dur"] < 1e5
    table = prof.key_averages().table(sort_by="cuda_time_total", row_limit=10)
    assert "Self CUDA time total" in table
    averages = {average.key: average for average in prof.key_averages()}
    assert sum(average.self_cuda_time_total for average in averages.values()) > 0


def test_gpus_tell_what_they_did(tmp_path: Path) -> None:
    training_step()
    prof, events = profiled(training_step, tmp_path, profile_memory=True)
    check_trace(prof, events)
    (cuda,) = [backend for backend in st.backends() if backend.name == "cuda"]
    abilities = " ".join(cuda.devices[0].abilities)
    assert "CUPTI" in abilities
    memory = [event for event in events if event["name"] == "[memory]"]
    assert any(event["args"]["Device Type"] == 1 and event["args"]["Bytes"] >= 1 << 18 for event in memory)
    if "no CUPTI" in abilities:
        pytest.skip("no CUPTI: copies are not told")
    categories = {event.get("cat") for event in events}
    assert {"gpu_memcpy", "cuda_driver", "cuda_sync", "kernel", "user_annotation", "cpu_op"} <= categories
    copies = {event["name"] for event in events if event.get("cat") == "gpu_memcpy"}
    assert {"Memcpy HtoD", "Memcpy DtoH"} <= copies
    arrows = [event for event in events if event.get("cat") == "ac2g"]
    assert len([a for a in arrows if a["ph"] == "s"]) == len([a for a in arrows if a["ph"] == "f"]) > 0
    launched = [e for e in prof.events() if e.category == "cuda_driver" and e.kernels]
    assert launched


def test_replays_are_told(tmp_path: Path) -> None:
    x = st.ones(1 << 16, device="cuda")
    graph, y = captured(lambda: (x * 2).cumsum(0))
    graph.replay()

    def work() -> None:
        graph.replay()
        y.sum().item()

    prof, _ = profiled(work, tmp_path)
    assert sum(event.on_device and event.category == "kernel" for event in prof.events()) >= 2


def test_memory_that_another_stream_used_may_go_while_a_graph_is_recorded() -> None:
    stream = st.cuda.Stream()
    with st.cuda.stream(stream):
        old = st.ones(1000, device="cuda") * 2
        st.realize(old)
    assert (old + 1).sum().item() == 3000
    x, graph = st.ones(4, device="cuda"), st.cuda.CUDAGraph()
    with st.cuda.graph(graph, stream=stream):
        del old
        y = x + 1
    x.fill_(4)
    graph.replay()
    assert y.tolist() == [5.0] * 4


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import test_cuda_graphs as tests, pathlib
tests.training_step()
prof, events = tests.profiled(tests.training_step, pathlib.Path(sys.argv[2]))
tests.check_trace(prof, events)
assert "no CUPTI" in str([b.devices[0].abilities for b in tests.st.backends() if b.name == "cuda"])
"""


def test_without_cupti_events_are_timed(tmp_path: Path) -> None:
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", PROGRAM, here, str(tmp_path)]
    done = subprocess.run(command, env={**os.environ, "ST_CUDA_CUPTI": "0"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(st.cuda.device_count() < 2, reason="one GPU")
def test_tensors_go_from_one_gpu_to_another() -> None:
    x = st.randn(1 << 20, device="cuda:0")
    side = st.cuda.Stream(device="cuda:1")
    for _ in range(5):
        y = (x * 2).to("cuda:1")
        z = (y + 1).to("cuda:0")
        assert y.device == st.device("cuda:1")
        assert (z - x * 2 - 1).abs().max().item() < 1e-5
    with st.cuda.stream(side):
        w = (x + 3).to("cuda:1") * 2
    side.synchronize()
    assert (w.cpu() - (x.cpu() + 3) * 2).abs().max().item() < 1e-5
    assert x[::2].to("cuda:1").tolist() == x[::2].tolist()
    assert st.cuda.can_device_access_peer(0, 1) == torch.cuda.can_device_access_peer(0, 1)
    leaf = st.ones(4, device="cuda:0", requires_grad=True)
    (leaf.to("cuda:1") * 3).sum().backward()
    assert leaf.grad.tolist() == [3.0] * 4
