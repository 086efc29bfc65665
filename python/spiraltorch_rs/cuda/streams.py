"""Streams and events: work that overlaps, and marks in it.

What operators are asked for waits for a while; choosing a stream, recording an event and waiting start it, so that work
belongs to the stream in which it was asked for, as in torch.

>>> import spiraltorch_rs as st
>>> if st.cuda.is_available():
...     side = st.cuda.Stream()
...     with st.cuda.stream(side):
...         y = st.ones(3, device="cuda") * 2
...     st.cuda.current_stream().wait_stream(side)
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import spiraltorch_rs.cuda as cuda
from spiraltorch_rs import _C

__all__ = [
    "Event",
    "ExternalStream",
    "Stream",
    "StreamContext",
    "current_stream",
    "default_stream",
    "get_stream_from_external",
    "set_stream",
    "stream",
]


class Stream:
    """Work that is done in the order in which it was asked for, beside that of other streams."""

    def __init__(self, device: Any = None, priority: int = 0, **kwargs: Any) -> None:
        self.device_index = cuda._used(device)
        known = kwargs.get("stream_ptr", kwargs.get("stream_id"))
        self.cuda_stream = _C._stream_new(self._on, priority) if known is None else int(known)
        self.priority = priority
        self.device_type = 1

    @property
    def _on(self) -> str:
        return f"cuda:{self.device_index}"

    @property
    def device(self) -> _C.device:
        """The device whose work it is."""
        return _C.device(self._on)

    @property
    def stream_id(self) -> int:
        """A number that tells it from the device's other streams."""
        return self.cuda_stream

    native_handle = property(lambda self: self.cuda_stream, doc="The driver's handle.")
    _as_parameter_ = native_handle

    @staticmethod
    def priority_range() -> tuple[int, int]:
        """The lowest and the highest priority; lower numbers go first."""
        return _C._stream_priorities(f"cuda:{cuda._used(None)}")

    def query(self) -> bool:
        """Whether all that it was asked for is done."""
        self._start()
        return _C._stream_query(self._on, self.cuda_stream)

    def synchronize(self) -> None:
        """Waits until it is."""
        self._start()
        _C._stream_wait(self._on, self.cuda_stream)

    def wait_event(self, event: Event) -> None:
        """What it is asked for from now on waits for an event."""
        self._start()
        if event.cuda_event:
            _C._stream_order(self._on, self.cuda_stream, event.cuda_event)

    def wait_stream(self, stream: Stream) -> None:
        """What it is asked for from now on waits for what another stream has to do now."""
        self.wait_event(stream.record_event())

    def record_event(self, event: Event | None = None) -> Event:
        """Puts an event, or a new one, after what it has to do now."""
        event = Event() if event is None else event
        event.record(self)
        return event

    def is_capturing(self) -> bool:
        """Whether its work is recorded for a graph."""
        return _C._is_capturing() and _C._stream_current(self._on) == self.cuda_stream

    def _start(self) -> None:
        """What this thread has asked for so far belongs to the stream that it has chosen."""
        _C._flush()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and (self._on, self.cuda_stream) == (other._on, other.cuda_stream)

    def __hash__(self) -> int:
        return hash((self._on, self.cuda_stream))

    def __repr__(self) -> str:
        return f"<torch.cuda.Stream device={self.device} cuda_stream={self.cuda_stream:#x}>"

    def __enter__(self) -> Stream:
        self._context = StreamContext(self)
        self._context.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._context.__exit__(*raised)


class ExternalStream(Stream):
    """A stream that another library has made."""

    def __init__(self, stream_ptr: int, device: Any = None, **kwargs: Any) -> None:
        super().__init__(device, stream_ptr=stream_ptr, **kwargs)


class Event:
    """A mark in a stream's work."""

    def __init__(
        self,
        enable_timing: bool = False,
        blocking: bool = False,
        interprocess: bool = False,
        external: bool = False,
    ) -> None:
        if interprocess:
            raise NotImplementedError("Event: events cannot be shared with other processes")
        self.enable_timing = enable_timing
        self.cuda_event = 0
        self._on = ""

    @property
    def device(self) -> _C.device | None:
        """The device of the stream in which it was recorded."""
        return _C.device(self._on) if self._on else None

    event_id = property(lambda self: self.cuda_event, doc="A number that tells it from other events.")
    _as_parameter_ = property(lambda self: self.cuda_event, doc="The driver's handle.")

    def record(self, stream: Stream | None = None) -> None:
        """Puts it after what a stream, the current one if none is named, has to do now."""
        stream = current_stream() if stream is None else stream
        _C._flush()
        if self.cuda_event and self._on != stream._on:
            raise RuntimeError(
                f"Event device {self._on} does not match recording stream's device {stream._on}."
            )
        if not self.cuda_event:
            self.cuda_event = _C._event_new(stream._on, self.enable_timing)
            self._on = stream._on
        _C._event_record(self._on, self.cuda_event, stream.cuda_stream)

    def wait(self, stream: Stream | None = None) -> None:
        """What a stream is asked for from now on waits for it."""
        (current_stream() if stream is None else stream).wait_event(self)

    def query(self) -> bool:
        """Whether the work before it is done."""
        return not self.cuda_event or _C._event_query(self._on, self.cuda_event)

    def synchronize(self) -> None:
        """Waits until it is."""
        if self.cuda_event:
            _C._event_wait(self._on, self.cuda_event)

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds from this event to another one."""
        if not (self.cuda_event and end_event.cuda_event):
            raise ValueError("Both events must be recorded before calculating elapsed time.")
        if not (self.enable_timing and end_event.enable_timing):
            raise ValueError(
                "Both events must be created with argument 'enable_timing=True' to measure elapsed time."
            )
        return _C._event_between(self._on, self.cuda_event, end_event.cuda_event)

    def ipc_handle(self) -> bytes:
        """Events are not shared with other processes."""
        raise NotImplementedError("ipc_handle: events cannot be shared with other processes")

    def __del__(self) -> None:
        if getattr(self, "cuda_event", 0):
            _C._event_forget(self._on, self.cuda_event)

    def __repr__(self) -> str:
        return (
            f"<torch.cuda.Event {self.cuda_event:#x}>"
            if self.cuda_event
            else "<torch.cuda.Event uninitialized>"
        )


class StreamContext:
    """A context in which a stream is the current one; None changes nothing."""

    def __init__(self, stream: Stream | None) -> None:
        self.stream = stream

    def __enter__(self) -> None:
        if self.stream is not None:
            self._device = cuda.current_device()
            self._before = current_stream(self.stream.device)
            set_stream(self.stream)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.stream is not None:
            set_stream(self._before)
            cuda.set_device(self._device)


def stream(stream: Stream | None) -> StreamContext:
    """A context in which a stream is the current one; None changes nothing."""
    return StreamContext(stream)


def set_stream(stream: Stream | None) -> None:
    """Makes a stream, and its device, the current one of this thread."""
    if stream is not None:
        _C._stream_choose(stream._on, stream.cuda_stream)
        cuda.set_device(stream.device_index)


def current_stream(device: Any = None) -> Stream:
    """The stream to which this thread's work goes."""
    index = cuda._used(device)
    return Stream(index, stream_ptr=_C._stream_current(f"cuda:{index}"))


def default_stream(device: Any = None) -> Stream:
    """The stream to which work goes at first, which is also that of other libraries."""
    return Stream(cuda._used(device), stream_ptr=0)


def get_stream_from_external(data_ptr: int, device: Any = None) -> Stream:
    """A stream that another library has made."""
    return ExternalStream(data_ptr, device)
