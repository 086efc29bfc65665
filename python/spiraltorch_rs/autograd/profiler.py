"""What a piece of a program costs: ranges that the program names, and the kernels that ran in them.

Kernels run when their values are needed. While something is recorded, the ends of ranges are such moments, so that a
kernel stands in the range that asked for it. A kernel has the names of all operators that it computes.
"""

from __future__ import annotations

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable
from time import perf_counter
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.autograd._decorator import ContextDecorator

__all__ = ["EventList", "FunctionEvent", "FunctionEventAvg", "profile", "record_function"]


class _Recorded(threading.local):
    """The recording of this thread: when it began, and the ranges that have ended."""

    began: float | None = None
    ranges: list[FunctionEvent]


_recorded = _Recorded()


class record_function(ContextDecorator):
    """Names a range of the program, or the calls of a function, for the profiler.

    >>> import spiraltorch_rs as st
    >>> with st.profiler.profile() as prof:
    ...     with st.profiler.record_function("twice"):
    ...         y = st.ones(3) * 2
    >>> [event.key for event in prof.key_averages()].count("twice")
    1
    """

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name, self.args = name, args
        self._began = 0.0

    def __enter__(self) -> record_function:
        if _recorded.began is not None:
            _C.synchronize()
        self._began = perf_counter()
        return self

    def __exit__(self, *error: object) -> None:
        if _recorded.began is not None and self._began >= _recorded.began:
            _C.synchronize()
            now = perf_counter()
            start, end = (round((t - _recorded.began) * 1e6, 3) for t in (self._began, now))
            _recorded.ranges.append(FunctionEvent(self.name, start, end, "user_annotation"))

    def clone(self) -> record_function:
        return record_function(self.name, self.args)


class _Costs:
    """The times of an event, or of all events of a name, in microseconds."""

    key: str
    count: int
    cpu_time_total: float
    self_cpu_time_total: float
    cpu_memory_usage = self_cpu_memory_usage = device_memory_usage = self_device_memory_usage = 0
    device_time_total = self_device_time_total = device_time = 0.0
    cuda_time_total = self_cuda_time_total = cuda_time = 0.0
    flops = 0

    @property
    def cpu_time(self) -> float:
        """The time of one call."""
        return self.cpu_time_total / max(self.count, 1)

    @property
    def cpu_time_str(self) -> str:
        """The same, readable."""
        return _readable(self.cpu_time)

    @property
    def cpu_time_total_str(self) -> str:
        """The time of all calls, readable."""
        return _readable(self.cpu_time_total)

    @property
    def self_cpu_time_total_str(self) -> str:
        """The time beside that of inner events, readable."""
        return _readable(self.self_cpu_time_total)


class FunctionEvent(_Costs):
    """A range, or a kernel, from start to end in microseconds."""

    count = 1

    def __init__(self, name: str, start: float, end: float, category: str, note: Any = None) -> None:
        self.name = self.key = name
        self.start, self.end = start, end
        self.category = category
        self.note = note or {}
        self.input_shapes = self.note.get("loops", [])
        self.cpu_children: list[FunctionEvent] = []
        self.cpu_parent: FunctionEvent | None = None
        self.thread = threading.get_ident()

    @property
    def cpu_time_total(self) -> float:  # type: ignore[override]
        """How long it took."""
        return self.end - self.start

    @property
    def self_cpu_time_total(self) -> float:  # type: ignore[override]
        """How long it took beside inner events."""
        return self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children)

    def __repr__(self) -> str:
        return f"<FunctionEvent name={self.name} cpu_time={self.cpu_time_str} start_us={self.start} end_us={self.end}>"


class FunctionEventAvg(_Costs):
    """All events of a name."""

    def __init__(self, key: str, events: list[FunctionEvent]) -> None:
        self.key = self.name = key
        self.count = len(events)
        self.cpu_time_total = sum(event.cpu_time_total for event in events)
        self.self_cpu_time_total = sum(event.self_cpu_time_total for event in events)
        self.input_shapes = events[0].input_shapes if events else []

    def __repr__(self) -> str:
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} "
            f"cpu_time={self.cpu_time_str}>"
        )


class EventList(list[Any]):
    """Events, or what they come to by name."""

    @property
    def self_cpu_time_total(self) -> float:
        """All times, none counted twice."""
        return float(sum(event.self_cpu_time_total for event in self))

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """What the events of each name come to."""
        groups: OrderedDict[Any, list[FunctionEvent]] = OrderedDict()
        for event in self:
            shapes = tuple(event.input_shapes) if group_by_input_shape else ()
            groups.setdefault((event.key, shapes), []).append(event)
        return EventList(FunctionEventAvg(key, events) for (key, _), events in groups.items())

    def total_average(self) -> FunctionEventAvg:
        """What all events come to."""
        return FunctionEventAvg("Total", list(self))

    def table(
        self,
        sort_by: str | None = None,
        row_limit: int = 100,
        max_src_column_width: int = 75,
        max_name_column_width: int = 55,
        max_shapes_column_width: int = 80,
        header: str | None = None,
        top_level_events_only: bool = False,
        time_unit: str | None = None,
    ) -> str:
        """The events as a text."""
        events = [e for e in self if not top_level_events_only or getattr(e, "cpu_parent", None) is None]
        if sort_by is not None:
            events.sort(key=lambda event: -float(getattr(event, sort_by, 0)))
        total = self.self_cpu_time_total
        heads = ["Name", "Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg", "# of Calls"]
        rows = [
            [
                _cut(event.key, max_name_column_width),
                _percent(event.self_cpu_time_total, total),
                event.self_cpu_time_total_str,
                _percent(event.cpu_time_total, total),
                event.cpu_time_total_str,
                event.cpu_time_str,
                str(event.count),
            ]
            for event in (events if row_limit < 0 else events[:row_limit])
        ]
        widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
        line = "  ".join("-" * width for width in widths)
        texts = [
            "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in [heads, *rows]
        ]
        head = [] if header is None else [line, header]
        body = [line, texts[0], line, *texts[1:], line, f"Self CPU time total: {_readable(total)}"]
        return "\n".join([*head, *body]) + "\n"

    def __str__(self) -> str:
        return self.table()

    def export_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes what `chrome://tracing` and Perfetto show."""
        events = [
            {
                "ph": "X",
                "cat": event.category,
                "name": event.name,
                "pid": os.getpid(),
                "tid": event.thread,
                "ts": event.start,
                "dur": event.cpu_time_total,
                "args": event.note,
            }
            for event in self
        ]
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"schemaVersion": 1, "traceEvents": events, "displayTimeUnit": "ms"}, file)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _percent(part: float, total: float) -> str:
    return f"{100 * part / total:.2f}%" if total else "NaN"


def _readable(microseconds: float) -> str:
    for size, unit in ((1e6, "s"), (1e3, "ms")):
        if microseconds >= size:
            return f"{microseconds / size:.3f}{unit}"
    return f"{microseconds:.3f}us"


def start_recording() -> None:
    """Records the ranges and kernels of this thread from here on."""
    if _recorded.began is not None:
        raise RuntimeError("Profiler is already enabled on this thread")
    _C._start_recording()
    _recorded.began, _recorded.ranges = perf_counter(), []


def stop_recording() -> EventList:
    """The ranges and kernels since then, each in the one that holds it."""
    kernels = [_kernel(step) for step in _C._stop_recording()]
    events = sorted([*_recorded.ranges, *kernels], key=lambda event: (event.start, -event.end))
    _recorded.began, _recorded.ranges = None, []
    _nest(events)
    return EventList(events)


def _kernel(step: dict[str, Any]) -> FunctionEvent:
    end = round(step["done"] * 1e6, 3)
    note = {"kernel": step["kind"], "loops": list(step["dims"]), "bytes": step["bytes"]}
    if step["origin"]:
        note["origin"] = step["origin"]
    return FunctionEvent(step["operators"], round(end - step["seconds"] * 1e6, 3), end, "kernel", note)


def _nest(events: Iterable[FunctionEvent]) -> None:
    open_ranges: list[FunctionEvent] = []
    for event in events:
        while open_ranges and open_ranges[-1].end < event.end:
            open_ranges.pop()
        if open_ranges:
            event.cpu_parent = open_ranges[-1]
            open_ranges[-1].cpu_children.append(event)
        if event.category != "kernel":
            open_ranges.append(event)


class profile:
    """Records what runs inside, by torch's first interface; `spiraltorch_rs.profiler.profile` is the newer one."""

    def __init__(self, enabled: bool = True, **options: Any) -> None:
        self.enabled = enabled
        self.function_events: EventList | None = None

    def __enter__(self) -> profile:
        if self.enabled:
            start_recording()
        return self

    def __exit__(self, *error: object) -> None:
        if self.enabled:
            self.function_events = stop_recording()

    def _events(self) -> EventList:
        if self.function_events is None:
            raise RuntimeError("Profiler didn't finish running")
        return self.function_events

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """What the events of each name come to."""
        return self._events().key_averages(group_by_input_shape, group_by_stack_n)

    def total_average(self) -> FunctionEventAvg:
        """What all events come to."""
        return self._events().total_average()

    def table(self, *args: Any, **kwargs: Any) -> str:
        """The events as a text."""
        return self._events().table(*args, **kwargs)

    def export_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes what `chrome://tracing` and Perfetto show."""
        self._events().export_chrome_trace(path)

    @property
    def self_cpu_time_total(self) -> float:
        """All times, none counted twice."""
        return self._events().self_cpu_time_total

    def __iter__(self) -> Any:
        return iter(self._events())

    def __str__(self) -> str:
        return str(self._events()) if self.function_events is not None else "<unfinished profiler>"


class _Nothing(ContextDecorator):
    """What marks ranges for tools of one maker's GPUs: without effect here."""

    def __init__(self, enabled: bool = True, record_shapes: bool = False) -> None:
        self.enabled = enabled

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def clone(self) -> _Nothing:
        return self


emit_nvtx = emit_itt = _Nothing
