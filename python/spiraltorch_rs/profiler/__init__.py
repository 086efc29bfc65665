"""`profile`: what the steps of a program cost, by range and by kernel."""

from __future__ import annotations

import enum
import json
import os
import socket
from collections.abc import Callable, Iterable
from time import time_ns
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs.autograd.profiler import (
    DeviceType,
    EventList,
    FunctionEvent,
    record_function,
    start_recording,
    stop_recording,
)

__all__ = [
    "ProfilerAction",
    "ProfilerActivity",
    "kineto_available",
    "profile",
    "record_function",
    "schedule",
    "supported_activities",
    "tensorboard_trace_handler",
]


def kineto_available() -> bool:
    """Whether torch's own recorder is there: traces have its form, what records them is ours."""
    return True


class ProfilerActivity(enum.Enum):
    """What is recorded: what the program does, and what GPUs do."""

    CPU = 0
    XPU = 1
    MTIA = 2
    CUDA = 3
    HPU = 4
    PrivateUse1 = 5


class ProfilerAction(enum.Enum):
    """What is done in a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


_RECORDING = (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE)


def supported_activities() -> set[ProfilerActivity]:
    """What can be recorded."""
    gpus = {ProfilerActivity.CUDA} if _C._device_count("cuda") > 0 else set()
    return {ProfilerActivity.CPU, *gpus}


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, skip_first_wait: int = 0
) -> Callable[[int], ProfilerAction]:
    """Which steps are recorded: after `skip_first` steps, cycles of waiting, warming up and recording.

    >>> import spiraltorch_rs as st
    >>> plan = st.profiler.schedule(wait=1, warmup=1, active=1)
    >>> [plan(step).name for step in range(4)]
    ['NONE', 'WARMUP', 'RECORD_AND_SAVE', 'NONE']
    """
    if min(wait, warmup, repeat, skip_first) < 0 or active <= 0:
        raise AssertionError("Invalid profiler schedule arguments")

    def action(step: int) -> ProfilerAction:
        if step < 0:
            raise AssertionError("Step must be non-negative")
        if step < skip_first:
            return ProfilerAction.NONE
        step -= skip_first
        if skip_first_wait:
            step += wait
        cycle = wait + warmup + active
        if repeat > 0 and step // cycle >= repeat:
            return ProfilerAction.NONE
        at = step % cycle
        if at < wait:
            return ProfilerAction.NONE
        if at < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if at < cycle - 1 else ProfilerAction.RECORD_AND_SAVE

    return action


def _default_schedule_fn(_: int) -> ProfilerAction:
    return ProfilerAction.RECORD


def tensorboard_trace_handler(
    dir_name: str, worker_name: str | None = None, use_gzip: bool = False
) -> Callable[[Any], None]:
    """Writes each trace to a file of a folder, for `profile(on_trace_ready=...)`."""

    def handler(prof: Any) -> None:
        os.makedirs(dir_name, exist_ok=True)
        worker = worker_name or f"{socket.gethostname()}_{os.getpid()}"
        end = ".gz" if use_gzip else ""
        prof.export_chrome_trace(os.path.join(dir_name, f"{worker}.{time_ns()}.pt.trace.json{end}"))

    return handler


class profile:
    """Records calls, named ranges, plans, kernels and copies of what runs inside, on one clock.

    >>> import spiraltorch_rs as st
    >>> with st.profiler.profile(activities=[st.profiler.ProfilerActivity.CPU]) as prof:
    ...     _ = (st.ones(3) * 2).tolist()
    >>> "Self CPU time total" in prof.key_averages().table(sort_by="cpu_time_total", row_limit=10)
    True
    """

    def __init__(
        self,
        *,
        activities: Iterable[ProfilerActivity] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[[Any], Any] | None = None,
        record_shapes: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_flops: bool = False,
        with_modules: bool = False,
        experimental_config: Any = None,
        execution_trace_observer: Any = None,
        acc_events: bool = False,
        use_cuda: bool | None = None,
        custom_trace_id_callback: Any = None,
    ) -> None:
        self.activities = set(activities) if activities else supported_activities()
        if use_cuda:
            self.activities.add(ProfilerActivity.CUDA)
        if not self.activities:
            raise AssertionError("No valid profiler activities found")
        self.record_shapes, self.profile_memory, self.with_stack = record_shapes, profile_memory, with_stack
        self._metadata: dict[str, Any] = {}
        self.schedule = schedule or _default_schedule_fn
        self.on_trace_ready = on_trace_ready
        self.step_num = 0
        self.current_action = self._action()
        self._events = EventList()
        self._step: record_function | None = None
        self._recording = False

    def _action(self) -> ProfilerAction:
        return self.schedule(self.step_num)

    def start(self) -> None:
        """Begins with the first step."""
        self._enter_step()

    def stop(self) -> None:
        """Ends the last step."""
        self._leave_step(last=True)

    def step(self) -> None:
        """Says that the next step of the program begins."""
        self._leave_step(last=False)
        self.step_num += 1
        self.current_action = self._action()
        self._enter_step()

    def _enter_step(self) -> None:
        if self.current_action not in _RECORDING:
            return
        if not self._recording:
            gpus = ProfilerActivity.CUDA in self.activities
            start_recording(self.record_shapes, self.profile_memory, self.with_stack, gpus)
            self._recording = True
        if self.schedule is not _default_schedule_fn:
            self._step = record_function(f"ProfilerStep#{self.step_num}").__enter__()

    def _leave_step(self, last: bool) -> None:
        if self._step is not None:
            self._step.__exit__()
            self._step = None
        complete = self.current_action is ProfilerAction.RECORD_AND_SAVE
        if self._recording and (last or complete):
            self._events = stop_recording()
            self._events.about["metadata"] = self._metadata
            self._recording = False
            if self.on_trace_ready is not None:
                self.on_trace_ready(self)

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def events(self) -> EventList:
        """The events of the last recording."""
        return self._events

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """What the events of each name come to."""
        return self._events.key_averages(group_by_input_shape, group_by_stack_n)

    def export_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes what `chrome://tracing` and Perfetto show."""
        self._events.export_chrome_trace(path)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """Writes a line for each event: the ranges around it, and its time."""
        with open(path, "w", encoding="utf-8") as file:
            for event in self._events:
                names, at = [], event
                while at is not None:
                    names.append(at.name.replace(" ", "_"))
                    at = at.cpu_parent
                file.write(f"{';'.join(reversed(names))} {int(getattr(event, metric))}\n")

    def add_metadata(self, key: str, value: str) -> None:
        """Adds a text to traces."""
        self._metadata[key] = value

    def add_metadata_json(self, key: str, value: str) -> None:
        """Adds a value, written as JSON, to traces."""
        self._metadata[key] = json.loads(value)

    preset_metadata_json = add_metadata_json

    def toggle_collection_dynamic(self, enable: bool, activities: Iterable[ProfilerActivity]) -> None:
        """Pauses and resumes are not offered: use a schedule."""
        raise NotImplementedError("toggle_collection_dynamic: use schedule=... to choose what is recorded")


__all__ += ["DeviceType", "EventList", "FunctionEvent"]
