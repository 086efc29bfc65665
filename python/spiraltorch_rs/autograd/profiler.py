"""What a piece of a program costs: ranges that the program names, calls of operators, and the kernels that ran in them.

Kernels run when their values are needed. While something is recorded, the ends of ranges are such moments, so that a
kernel stands in the range that asked for it. A kernel has the names of all operators that it computes.
"""

from __future__ import annotations

import os
import threading
from time import time_ns
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.autograd._decorator import ContextDecorator
from spiraltorch_rs.autograd.profiler_util import (
    DeviceType,
    EventList,
    FunctionEvent,
    FunctionEventAvg,
    Interval,
    Kernel,
    events_of,
)

__all__ = [
    "DeviceType",
    "EventList",
    "FunctionEvent",
    "FunctionEventAvg",
    "Interval",
    "Kernel",
    "profile",
    "record_function",
]


class _Recorded(threading.local):
    """What this thread records: None if it does not."""

    about: dict[str, Any] | None = None


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
        self._number: int | None = None

    def __enter__(self) -> record_function:
        self._number = _C._trace_enter(self.name)
        return self

    def __exit__(self, *error: object) -> None:
        if self._number is not None:
            _C._trace_leave(self._number)
            self._number = None

    def clone(self) -> record_function:
        return record_function(self.name, self.args)


def start_recording(
    record_shapes: bool = False, profile_memory: bool = False, with_stack: bool = False, use_cuda: bool = True
) -> None:
    """Records what this thread does from here on."""
    if use_cuda and _C._device_count("cuda") > 0:
        _C._stream_current(f"cuda:{_C._current_device()}")  # which opens it
    _C._trace_start(record_shapes, profile_memory, with_stack, use_cuda)
    about = {"record_shapes": record_shapes, "profile_memory": profile_memory, "with_stack": with_stack}
    _recorded.about = {**about, "began": time_ns()}


def stop_recording() -> EventList:
    """What happened since then, each event in the one that holds it."""
    about, _recorded.about = _recorded.about or {}, None
    return events_of(_C._trace_stop(), threading.get_native_id(), **about)


_disable_profiler = stop_recording


def _profiler_enabled() -> bool:
    """Whether this thread's work is recorded."""
    return _recorded.about is not None


class profile:
    """Records what runs inside, by torch's first interface; `spiraltorch_rs.profiler.profile` is the newer one."""

    def __init__(
        self,
        enabled: bool = True,
        *,
        use_cuda: bool = False,
        use_device: str | None = None,
        record_shapes: bool = False,
        with_flops: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        **options: Any,
    ) -> None:
        self.enabled = enabled
        self.record_shapes, self.profile_memory, self.with_stack = record_shapes, profile_memory, with_stack
        self.use_cuda = use_cuda or use_device == "cuda"
        self.function_events: EventList | None = None
        self.entered = False

    def __enter__(self) -> profile:
        if self.entered:
            raise RuntimeError("Profiler context manager is not reentrant")
        if self.enabled:
            self.entered = True
            start_recording(self.record_shapes, self.profile_memory, self.with_stack, self.use_cuda)
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
