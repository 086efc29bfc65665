"""`profiler.profile` beside torch's: what a trace holds, what a table shows, whose time and memory is whose."""

import gzip
import itertools
import json
import time
from pathlib import Path
from typing import Any

import pytest
import torch

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("what GPUs tell is in test_cuda.py")


def program(library: Any) -> None:
    """A training step in a named range."""
    with library.profiler.record_function("step"):
        weight = library.ones(32, 32, requires_grad=True)
        loss = (weight @ weight).relu().add(1).sum()
        loss.backward()
        loss.item()


def recorded(library: Any, **options: Any) -> Any:
    with library.profiler.profile(activities=[library.profiler.ProfilerActivity.CPU], **options) as prof:
        program(library)
    return prof


def trace(prof: Any, folder: Path, name: str = "trace.json") -> dict[str, Any]:
    prof.export_chrome_trace(str(folder / name))
    opened = gzip.open if name.endswith(".gz") else open
    with opened(folder / name, "rt") as file:
        return json.load(file)


def spans(found: dict[str, Any], category: str) -> list[dict[str, Any]]:
    return [event for event in found["traceEvents"] if event.get("cat") == category]


def parents(event: Any) -> list[str]:
    names = []
    while event.cpu_parent is not None:
        event = event.cpu_parent
        names.append(event.name)
    return names


def test_a_trace_has_the_keys_of_torchs(tmp_path: Path) -> None:
    options: dict[str, Any] = {"record_shapes": True, "profile_memory": True, "with_stack": True}
    ours, theirs = (
        trace(recorded(library, **options), tmp_path, library.__name__) for library in (st, torch)
    )
    assert set(theirs) - {"trace_id"} <= set(ours)
    for name in ("schemaVersion", "displayTimeUnit", "with_stack", "profile_memory", "record_shapes"):
        assert ours[name] == theirs[name]
    for category in ("user_annotation", "cpu_op", "cpu_instant_event"):
        mine, their = spans(ours, category), spans(theirs, category)
        assert mine
        assert {event["ph"] for event in mine} == {event["ph"] for event in their}
        for key in set(their[0]) - {"args"}:
            assert all(type(event[key]) in (type(their[0][key]), int, float) for event in mine), key
    kinds = {event["name"] for event in ours["traceEvents"] if event["ph"] == "M"}
    assert {"process_name", "process_labels", "thread_name"} <= kinds
    about = spans(ours, "cpu_instant_event")[0]["args"]
    assert {"Bytes", "Total Allocated", "Total Reserved", "Device Type", "Device Id"} <= set(about)


def test_calls_plans_and_kernels_stand_on_one_clock(tmp_path: Path) -> None:
    before = time.perf_counter()
    found = trace(recorded(st), tmp_path)
    passed = (time.perf_counter() - before) * 1e6
    whole = spans(found, "user_annotation")[0]
    inside = [e for cat in ("cpu_op", "scheduler", "kernel") for e in spans(found, cat)]
    assert all(spans(found, cat) for cat in ("cpu_op", "scheduler", "kernel"))
    for event in inside:
        assert whole["ts"] <= event["ts"]
        assert event["ts"] + event["dur"] <= whole["ts"] + whole["dur"] + 1
        assert event["dur"] >= 0
    assert 0 <= whole["ts"] <= whole["ts"] + whole["dur"] <= passed
    kernels = spans(found, "kernel")
    assert all(a["ts"] + a["dur"] <= b["ts"] + 1 for a, b in itertools.pairwise(kernels))


def test_operators_have_torchs_names() -> None:
    ours, theirs = ({e.key for e in recorded(library).key_averages()} for library in (st, torch))
    asked = {"step", "aten::matmul", "aten::relu", "aten::add", "aten::sum", "aten::item"}
    assert asked <= theirs
    assert asked <= ours
    gradients = {"MmBackward0", "ReluBackward0", "AddBackward0", "SumBackward0"}
    assert {f"autograd::engine::evaluate_function: {name}" for name in gradients} <= theirs
    assert sum(name.startswith("autograd::engine::evaluate_function: ") for name in ours) >= len(gradients)


def test_the_plan_is_made_once_and_then_found() -> None:
    x = st.ones(5)
    with st.profiler.profile() as prof:
        for _ in range(3):
            (x * 3 - 0.125).exp().tolist()
    plans = [
        event for event in prof.events() if event.category == "scheduler" and event.name.startswith("plan")
    ]
    assert [plan.name for plan in plans][1:] == ["plan found", "plan found"]
    (kernel,) = plans[-1].note["kernels"]
    assert plans[-1].note["nodes"] >= 3
    kernels = [event for event in prof.events() if event.category == "kernel"]
    assert [event.name for event in kernels] == [kernel] * 3
    assert "exp" in kernel


def test_times_add_up() -> None:
    prof = recorded(st)
    events = prof.events()
    assert all(event.self_cpu_time_total >= -1e-3 for event in events)
    top = [event for event in events if event.cpu_parent is None]
    total = sum(event.cpu_time_total for event in top)
    assert events.self_cpu_time_total == pytest.approx(total)
    kernels = [event for event in events if event.category == "kernel"]
    assert kernels
    assert all("step" in parents(kernel) for kernel in kernels)


def test_memory_is_that_of_the_innermost_event() -> None:
    with st.profiler.profile(profile_memory=True) as prof:
        with st.profiler.record_function("kept"):
            kept = st.ones(1 << 18) + 1
        with st.profiler.record_function("dropped"):
            (st.ones(1 << 18) + 2).tolist()
    usage = {event.key: event.cpu_memory_usage for event in prof.key_averages()}
    assert usage["kept"] >= 4 << 18
    assert abs(usage["dropped"]) < 1 << 18
    assert kept[0].item() == 2
    assert "CPU Mem" in prof.key_averages().table()
    totals = [told["details"]["Total Allocated"] for told in prof.events().memory]
    changes = [told["details"]["Bytes"] for told in prof.events().memory]
    assert all(b - a == change for a, b, change in zip(totals, totals[1:], changes[1:], strict=False))


def test_a_table_has_torchs_columns() -> None:
    def columns(library: Any, **options: Any) -> list[str]:
        prof = recorded(library, **options)
        text = prof.key_averages(group_by_input_shape=bool(options)).table(
            sort_by="cpu_time_total", row_limit=3
        )
        lines = text.splitlines()
        assert len(lines) == 3 + 3 + 2
        assert lines[-1].startswith("Self CPU time total: ")
        return [name.strip() for name in lines[1].split("  ") if name.strip()]

    options = {"record_shapes": True, "profile_memory": True}
    assert columns(st) == [name for name in columns(torch) if "Mem" not in name]
    assert columns(st, **options) == columns(torch, **options)


def test_shapes_and_lines() -> None:
    prof = recorded(st, record_shapes=True, with_stack=True)
    product = next(event for event in prof.events() if event.name == "aten::matmul")
    assert product.input_shapes == [[32, 32], [32, 32]]
    assert any(line.endswith(": program") and "test_profiler.py(" in line for line in product.stack)
    theirs = recorded(torch, record_shapes=True)
    assert next(e for e in theirs.events() if e.name == "aten::matmul").input_shapes == product.input_shapes
    grouped = prof.key_averages(group_by_stack_n=5)
    assert "Source Location" in grouped.table()
    shapes = {
        str(e.input_shapes) for e in prof.key_averages(group_by_input_shape=True) if e.key == "aten::matmul"
    }
    assert str([[32, 32], [32, 32]]) in shapes


def test_traces_are_written_for_tensorboard_and_compressed(tmp_path: Path) -> None:
    handler = st.profiler.tensorboard_trace_handler(str(tmp_path), worker_name="one", use_gzip=True)
    plan = st.profiler.schedule(wait=1, warmup=0, active=1, repeat=2)
    with st.profiler.profile(schedule=plan, on_trace_ready=handler) as prof:
        for _ in range(4):
            program(st)
            prof.step()
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2
    for number, file in zip((1, 3), files, strict=True):
        assert file.name.startswith("one.")
        assert file.name.endswith(".pt.trace.json.gz")
        with gzip.open(file, "rt") as opened:
            found = json.load(opened)
        assert f"ProfilerStep#{number}" in {event["name"] for event in found["traceEvents"]}


def test_what_is_said_of_a_trace_is_in_it(tmp_path: Path) -> None:
    with st.profiler.profile() as prof:
        program(st)
        prof.add_metadata("who", "me")
        prof.add_metadata_json("sizes", "[1, 2]")
    found = trace(prof, tmp_path, "trace.json.gz")
    assert (found["who"], found["sizes"]) == ("me", [1, 2])


def test_torchs_first_interface() -> None:
    with st.autograd.profiler.profile(record_shapes=True) as prof:
        program(st)
    assert "aten::matmul" in {event.key for event in prof.key_averages()}
    assert prof.total_average().count == len(list(prof))
    with pytest.raises(RuntimeError, match="not reentrant"):
        prof.__enter__()
    with st.profiler.profile(), pytest.raises(RuntimeError, match="already enabled"):
        st.autograd.profiler.profile().__enter__()


def test_nothing_is_recorded_outside() -> None:
    with st.profiler.record_function("before"):
        st.ones(2).tolist()
    with st.profiler.profile() as prof:
        pass
    st.ones(2).tolist()
    assert list(prof.events()) == []


def test_an_error_ends_the_recording_and_keeps_what_was() -> None:
    prof = st.profiler.profile()
    with pytest.raises(RuntimeError), prof, st.profiler.record_function("range"):
        st.ones(2) @ st.ones(3)
    assert "range" in {event.key for event in prof.key_averages()}
    recorded(st)


def test_a_value_is_the_same_under_the_profiler() -> None:
    x = torch.randn(64, 64)
    expected = st.tensor(x.tolist()).softmax(1).sum(0)
    with st.profiler.profile(profile_memory=True, record_shapes=True, with_stack=True):
        found = st.tensor(x.tolist()).softmax(1).sum(0)
    assert found.tolist() == expected.tolist()
