"""Events of a recording: what happened when, what that comes to by name, as a table and as a trace for Chrome."""

from __future__ import annotations

import enum
import gzip
import json
import os
import socket
import sys
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple

__all__ = ["DeviceType", "EventList", "FunctionEvent", "FunctionEventAvg", "Interval", "Kernel"]


class DeviceType(enum.Enum):
    """Where something happened."""

    CPU = 0
    CUDA = 1


class Interval:
    """From when to when, in microseconds."""

    def __init__(self, start: float, end: float) -> None:
        self.start, self.end = start, end

    def elapsed_us(self) -> float:
        """How long it was."""
        return self.end - self.start


class Kernel(NamedTuple):
    """Work of a GPU that a call asked for."""

    name: str
    device: int
    duration: float


def _readable(microseconds: float) -> str:
    for size, unit in ((1e6, "s"), (1e3, "ms")):
        if microseconds >= size:
            return f"{microseconds / size:.3f}{unit}"
    return f"{microseconds:.3f}us"


def _bytes(count: int) -> str:
    for power, unit in ((30, "GB"), (20, "MB"), (10, "KB")):
        if abs(count) >= 1 << power:
            return f"{count / (1 << power):.2f} {unit}"
    return f"{count} B"


def _percent(part: float, total: float) -> str:
    return f"{100 * part / total:.2f}%" if total else "NaN"


def _cut(text: str, width: int | None) -> str:
    return text if width is None or len(text) <= width else text[: width - 3] + "..."


class _Costs:
    """The times of an event, or of all events of a name, in microseconds, and its memory in bytes."""

    key: str
    count: int
    cpu_time_total: float
    self_cpu_time_total: float
    device_time_total: float
    self_device_time_total: float
    cpu_memory_usage: int
    self_cpu_memory_usage: int
    device_memory_usage: int
    self_device_memory_usage: int
    device_type: DeviceType
    input_shapes: Any
    stack: list[str]
    flops = 0
    is_async = is_remote = is_legacy = False
    use_device = "cuda"

    @property
    def cpu_time(self) -> float:
        """The time of one call."""
        return self.cpu_time_total / self.count if self.count else 0.0

    @property
    def device_time(self) -> float:
        """The GPU's time for one call."""
        return self.device_time_total / self.count if self.count else 0.0

    cpu_time_str = property(lambda self: _readable(self.cpu_time))
    cpu_time_total_str = property(lambda self: _readable(self.cpu_time_total))
    self_cpu_time_total_str = property(lambda self: _readable(self.self_cpu_time_total))
    device_time_str = property(lambda self: _readable(self.device_time))
    device_time_total_str = property(lambda self: _readable(self.device_time_total))
    self_device_time_total_str = property(lambda self: _readable(self.self_device_time_total))
    # The names that torch had before other makers' GPUs.
    cuda_time = property(lambda self: self.device_time)
    cuda_time_total = property(lambda self: self.device_time_total)
    self_cuda_time_total = property(lambda self: self.self_device_time_total)
    cuda_memory_usage = property(lambda self: self.device_memory_usage)
    self_cuda_memory_usage = property(lambda self: self.self_device_memory_usage)


class FunctionEvent(_Costs):
    """A call, a range, a kernel: from start to end in microseconds since the recording began."""

    count = 1

    def __init__(self, told: dict[str, Any], thread: int, number: int) -> None:
        self.id = number
        self.name = self.key = self.trace_name = told["name"]
        self.category = told["category"]
        self.time_range = Interval(told["start"] / 1000, told["end"] / 1000)
        self.on_device = told["device"] is not None
        self.device_type = DeviceType.CUDA if self.on_device else DeviceType.CPU
        self.device_index = told["device"] or 0
        self.device_resource_id = told["stream"] if self.on_device else thread
        self.link = told["link"]
        self.note = told["details"]
        self.input_shapes = self.note.get("Input Dims", self.note.get("loops", []))
        self.stack = self.note.get("Call stack", [])
        self.thread = thread
        self.is_user_annotation = self.category == "user_annotation"
        self.cpu_children: list[FunctionEvent] = []
        self.cpu_parent: FunctionEvent | None = None
        self.kernels: list[Kernel] = []
        # Changes of memory in it and in no inner event: of the host, of GPUs.
        self._memory = [0, 0]

    @property
    def start(self) -> float:
        """When it began."""
        return self.time_range.start

    @property
    def end(self) -> float:
        """When it was over."""
        return self.time_range.end

    @property
    def cpu_time_total(self) -> float:  # type: ignore[override]
        """How long the host was in it."""
        return 0.0 if self.on_device else self.time_range.elapsed_us()

    @property
    def self_cpu_time_total(self) -> float:  # type: ignore[override]
        """How long, beside inner events."""
        return self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children)

    @property
    def self_device_time_total(self) -> float:  # type: ignore[override]
        """What GPUs needed for what it asked for, beside inner events."""
        if self.on_device:
            return self.time_range.elapsed_us()
        return sum(kernel.duration for kernel in self.kernels)

    @property
    def device_time_total(self) -> float:  # type: ignore[override]
        """What GPUs needed for what it asked for."""
        return self.self_device_time_total + sum(child.device_time_total for child in self.cpu_children)

    def _memory_with_inner(self, which: int) -> int:
        return self._memory[which] + sum(child._memory_with_inner(which) for child in self.cpu_children)

    cpu_memory_usage = property(lambda self: self._memory_with_inner(0))
    device_memory_usage = property(lambda self: self._memory_with_inner(1))
    self_cpu_memory_usage = property(lambda self: self._memory[0])
    self_device_memory_usage = property(lambda self: self._memory[1])

    def __repr__(self) -> str:
        return (
            f"<FunctionEvent id={self.id} name={self.name} device_type={self.device_type} "
            f"cpu_time={self.cpu_time_str} start_us={self.start} end_us={self.end} "
            f"cpu_children={[child.id for child in self.cpu_children]} cuda_time={self.device_time_str} "
            f"thread={self.thread} input_shapes={self.input_shapes}>"
        )


_SUMMED = (
    "cpu_time_total self_cpu_time_total device_time_total self_device_time_total cpu_memory_usage "
    "self_cpu_memory_usage device_memory_usage self_device_memory_usage"
).split()


class FunctionEventAvg(_Costs):
    """All events of a name."""

    def __init__(self, key: str | None = None, events: Iterable[FunctionEvent] = ()) -> None:
        events = list(events)
        self.key = self.name = key or ""
        self.count = len(events)
        for name in _SUMMED:
            setattr(self, name, sum(getattr(event, name) for event in events))
        self.input_shapes = events[0].input_shapes if events else []
        self.stack = events[0].stack if events else []
        self.device_type = events[0].device_type if events else DeviceType.CPU
        self.is_user_annotation = bool(events) and events[0].is_user_annotation

    def __repr__(self) -> str:
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} "
            f"cpu_time={self.cpu_time_str}  self_cuda_time={self.self_device_time_total_str} "
            f"cuda_time={self.device_time_str} input_shapes={self.input_shapes}>"
        )


class EventList(list[Any]):
    """Events, or what they come to by name."""

    def __init__(
        self, events: Iterable[Any] = (), memory: Iterable[dict[str, Any]] = (), **about: Any
    ) -> None:
        super().__init__(events)
        self.memory = list(memory)
        self.about = about

    @property
    def self_cpu_time_total(self) -> float:
        """All times of the host, none counted twice."""
        return float(sum(event.self_cpu_time_total for event in self))

    @property
    def self_device_time_total(self) -> float:
        """All times of GPUs, none counted twice."""
        own = (e.self_device_time_total for e in self if e.device_type is DeviceType.CUDA)
        return float(sum(own))

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """What the events of each name come to."""
        groups: OrderedDict[Any, list[FunctionEvent]] = OrderedDict()
        for event in self:
            shapes = repr(event.input_shapes) if group_by_input_shape else ""
            place = (event.key, event.device_type, shapes, *event.stack[:group_by_stack_n])
            groups.setdefault(place, []).append(event)
        averages = EventList(
            (FunctionEventAvg(events[0].key, events) for events in groups.values()), **self.about
        )
        for average in averages:
            average.stack = average.stack[:group_by_stack_n]
            average.input_shapes = average.input_shapes if group_by_input_shape else ""
        averages.about.update(shapes=group_by_input_shape, stacks=group_by_stack_n > 0)
        return averages

    def total_average(self) -> FunctionEventAvg:
        """What all events come to."""
        return FunctionEventAvg("Total", self)

    def table(
        self,
        sort_by: str | None = None,
        row_limit: int = 100,
        max_src_column_width: int | None = 75,
        max_name_column_width: int | None = 55,
        max_shapes_column_width: int | None = 80,
        header: str | None = None,
        top_level_events_only: bool = False,
        time_unit: str | None = None,
    ) -> str:
        """The events as a text."""
        events = [e for e in self if not top_level_events_only or getattr(e, "cpu_parent", None) is None]
        if sort_by is not None:
            events.sort(key=lambda event: float(getattr(event, sort_by)), reverse=True)
        columns = self._columns(time_unit)
        limits = {"Name": max_name_column_width, "Input Shapes": max_shapes_column_width}
        limits["Source Location"] = max_src_column_width
        rows = [
            [_cut(cell(event), limits.get(name, 1000)) for name, cell in columns]
            for event in (events if row_limit < 0 else events[:row_limit])
        ]
        heads = [name for name, _ in columns]
        widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
        line = "  ".join("-" * width for width in widths) + "  "
        texts = [
            "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) + "  " for row in [heads, *rows]
        ]
        head = [] if header is None else [line, header]
        totals = [f"Self CPU time total: {_readable(self.self_cpu_time_total)}"]
        if self._has_gpu():
            totals.append(f"Self CUDA time total: {_readable(self.self_device_time_total)}")
        return "\n".join([*head, line, texts[0], line, *texts[1:], line, *totals]) + "\n"

    def _has_gpu(self) -> bool:
        return any(event.self_device_time_total > 0 for event in self)

    def _columns(self, unit: str | None) -> list[tuple[str, Any]]:
        """Torch's columns: their names, and what stands there for an event."""
        host, gpu = self.self_cpu_time_total, self.self_device_time_total
        size = {"s": 1e6, "ms": 1e3, "us": 1.0}.get(unit or "")

        def time(value: float) -> str:
            return f"{value / size:.3f}{unit}" if size else _readable(value)

        columns: list[tuple[str, Any]] = [
            ("Name", lambda e: e.key),
            ("Self CPU %", lambda e: _percent(e.self_cpu_time_total, host)),
            ("Self CPU", lambda e: time(e.self_cpu_time_total)),
            ("CPU total %", lambda e: _percent(e.cpu_time_total, host)),
            ("CPU total", lambda e: time(e.cpu_time_total)),
            ("CPU time avg", lambda e: time(e.cpu_time)),
        ]
        if self._has_gpu():
            columns += [
                ("Self CUDA", lambda e: time(e.self_device_time_total)),
                ("Self CUDA %", lambda e: _percent(e.self_device_time_total, gpu)),
                ("CUDA total", lambda e: time(e.device_time_total)),
                ("CUDA time avg", lambda e: time(e.device_time)),
            ]
        if self.about.get("profile_memory"):
            columns += [
                ("CPU Mem", lambda e: _bytes(e.cpu_memory_usage)),
                ("Self CPU Mem", lambda e: _bytes(e.self_cpu_memory_usage)),
            ]
            if self._has_gpu():
                columns += [
                    ("CUDA Mem", lambda e: _bytes(e.device_memory_usage)),
                    ("Self CUDA Mem", lambda e: _bytes(e.self_device_memory_usage)),
                ]
        columns.append(("# of Calls", lambda e: str(e.count)))
        if self.about.get("shapes"):
            columns.append(("Input Shapes", lambda e: str(e.input_shapes)))
        if self.about.get("stacks"):
            columns.append(("Source Location", lambda e: "; ".join(e.stack)))
        return columns

    def __str__(self) -> str:
        return self.table()

    def export_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes what Perfetto and `chrome://tracing` show; compressed if the name ends with `.gz`."""
        trace = {
            "schemaVersion": 1,
            "deviceProperties": [],
            **{
                name: int(bool(self.about.get(name)))
                for name in ("with_stack", "profile_memory", "record_shapes")
            },
            **self.about.get("metadata", {}),
            "host_name": socket.gethostname(),
            "displayTimeUnit": "ms",
            "baseTimeNanoseconds": self.about.get("began", 0),
            "traceEvents": [*self._names(), *self._spans(), *self._instants(), *self._arrows()],
            "traceName": os.fspath(path),
        }
        opened = gzip.open if os.fspath(path).endswith(".gz") else open
        with opened(path, "wt", encoding="utf-8") as file:
            json.dump(trace, file)

    def _names(self) -> list[dict[str, Any]]:
        """What the tracks are called, and their order."""
        host, threads = os.getpid(), sorted({e.thread for e in self})
        program = os.path.basename(sys.executable) or "python"
        gpus = sorted({e.device_index for e in self if e.on_device})
        streams = sorted({(e.device_index, e.device_resource_id) for e in self if e.on_device})

        def named(kind: str, pid: int, tid: int, **args: Any) -> dict[str, Any]:
            return {"ph": "M", "name": kind, "ts": 0, "pid": pid, "tid": tid, "args": args}

        return [
            named("process_name", host, 0, name=program),
            named("process_labels", host, 0, labels="CPU"),
            *(named("thread_name", host, thread, name=f"thread {thread} ({program})") for thread in threads),
            *(named("process_name", gpu, 0, name=program) for gpu in gpus),
            *(named("process_labels", gpu, 0, labels=f"GPU {gpu}") for gpu in gpus),
            *(named("thread_name", gpu, stream, name=f"stream {stream}") for gpu, stream in streams),
        ]

    def _spans(self) -> list[dict[str, Any]]:
        return [
            {
                "ph": "X",
                "cat": event.category,
                "name": event.name,
                **_track(event),
                "ts": event.start,
                "dur": event.time_range.elapsed_us(),
                "args": {
                    "External id": event.id,
                    **({"correlation": event.link} if event.link else {}),
                    **event.note,
                },
            }
            for event in self
        ]

    def _instants(self) -> list[dict[str, Any]]:
        threads = [event.thread for event in self][:1] or [0]
        return [
            {
                "ph": "i",
                "cat": told["category"],
                "s": "t",
                "name": told["name"],
                "pid": os.getpid(),
                "tid": threads[0],
                "ts": told["start"] / 1000,
                "args": told["details"],
            }
            for told in self.memory
        ]

    def _arrows(self) -> list[dict[str, Any]]:
        """From calls of the driver to what they asked the GPU for."""
        calls = {event.link: event for event in self if event.link and event.category == "cuda_driver"}
        arrows = []
        for event in self:
            call = calls.get(event.link) if event.on_device else None
            if call is not None:
                about = {"id": event.link, "cat": "ac2g", "name": "ac2g"}
                arrows.append({"ph": "s", **about, **_track(call), "ts": call.start})
                arrows.append({"ph": "f", "bp": "e", **about, **_track(event), "ts": event.start})
        return arrows


def _track(event: FunctionEvent) -> dict[str, int]:
    if event.on_device:
        return {"pid": event.device_index, "tid": event.device_resource_id}
    return {"pid": os.getpid(), "tid": event.thread}


def events_of(told: list[dict[str, Any]], thread: int, **about: Any) -> EventList:
    """The events of a recording, each in the one around it."""
    memory = [one for one in told if one["name"] == "[memory]"]
    events = [FunctionEvent(one, thread, i) for i, one in enumerate(told) if one["name"] != "[memory]"]
    events.sort(key=lambda event: (event.start, -event.end))
    _nest([event for event in events if not event.on_device])
    _link(events)
    _remember(events, memory)
    return EventList(events, memory, **about)


def _nest(events: list[FunctionEvent]) -> None:
    around: list[FunctionEvent] = []
    for event in events:
        while around and around[-1].end < event.end:
            around.pop()
        if around:
            event.cpu_parent = around[-1]
            around[-1].cpu_children.append(event)
        around.append(event)


def _link(events: list[FunctionEvent]) -> None:
    """What GPUs did belongs to the call of the driver that asked for it."""
    calls = {event.link: event for event in events if event.link and event.category == "cuda_driver"}
    for event in events:
        if event.on_device and event.link in calls:
            kernel = Kernel(event.name, event.device_index, event.time_range.elapsed_us())
            calls[event.link].kernels.append(kernel)


def _remember(events: list[FunctionEvent], memory: list[dict[str, Any]]) -> None:
    """A change of memory belongs to the innermost event around it."""
    for change in memory:
        at = change["start"] / 1000
        inside = [event for event in events if not event.on_device and event.start <= at <= event.end]
        if inside:
            gpu = change["details"]["Device Type"]
            inside[-1]._memory[gpu] += change["details"]["Bytes"]
