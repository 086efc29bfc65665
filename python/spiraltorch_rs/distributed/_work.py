"""What has been asked for and may not be done yet."""

from __future__ import annotations

from collections.abc import Callable
from concurrent import futures
from datetime import timedelta
from typing import Any

from spiraltorch_rs.autograd.grad_mode import no_grad

__all__ = ["Future", "Work"]


class Work:
    """A collective, or a message, that is under way.

    What it gives is written to the caller's tensors by whoever first sees that it is done: `wait`, `is_completed`.
    """

    def __init__(self, timeout: float, source: int | None = None) -> None:
        self._timeout = timeout
        self._source = source
        self._then: list[Callable[[Any], object]] = []
        self._is_finished = False
        self._result: Any = None
        self._error: Exception | None = None

    def _wait(self, timeout: float) -> Any:
        """Waits for the result; raises what went wrong."""
        raise NotImplementedError

    def _is_there(self) -> bool:
        """Whether the result is there, or an error."""
        raise NotImplementedError

    def _add(self, then: Callable[[Any], object]) -> Work:
        """Has a function called with the result."""
        self._then.append(then)
        return self

    def wait(self, timeout: timedelta = timedelta(0)) -> bool:
        """Waits until it is done; what went wrong is raised here. On a GPU only what is asked for next waits."""
        if self._error is not None:
            raise self._error
        if not self._is_finished:
            try:
                self._result = self._wait(timeout.total_seconds() or self._timeout)
            except Exception as error:
                self._error = error
                raise
            self._is_finished = True
            with no_grad():
                for then in self._then:
                    then(self._result)
        return True

    def synchronize(self) -> None:
        """As `wait`."""
        self.wait()

    def is_completed(self) -> bool:
        """Whether it is done."""
        if not self._is_finished and self._error is None and self._is_there():
            try:
                self.wait()
            except Exception as error:
                self._error = error
        return self._is_finished or self._error is not None

    def is_success(self) -> bool:
        """Whether it is done and nothing went wrong."""
        return self.is_completed() and self._error is None

    def exception(self) -> Exception | None:
        """What went wrong."""
        self.is_completed()
        return self._error

    def source_rank(self) -> int:
        """Who sent the message."""
        if self._source is None:
            raise RuntimeError(
                "sourceRank() may only be called on work objects that correspond to a recv or recv-from-any"
            )
        return self._source

    def result(self) -> list[Any]:
        """The tensors that it gives."""
        self.wait()
        return [self._result]

    def get_future(self) -> Future:
        """The result as a future."""
        return Future(self)


class Future:
    """A value that comes when some work is done, or when it is set."""

    def __init__(self, work: Work | None = None, *, devices: Any = None) -> None:
        self._work = work
        self._set: futures.Future[Any] = futures.Future()

    def __class_getitem__(cls, kind: Any) -> type[Future]:
        return cls

    def done(self) -> bool:
        """Whether it has come."""
        return self._work.is_completed() if self._work else self._set.done()

    def wait(self) -> Any:
        """Waits for it."""
        if self._work is None:
            return self._set.result()
        return self._work.result()

    value = wait

    def set_result(self, result: Any) -> None:
        """Says what it is."""
        self._set.set_result(result)

    def set_exception(self, error: Exception) -> None:
        """Says that it will not come, and why."""
        self._set.set_exception(error)

    def then(self, callback: Callable[[Future], Any]) -> Future:
        """What a function makes of it. (The function is called when that is asked for.)"""
        return _Chained(self, callback)


class _Chained(Future):
    def __init__(self, before: Future, callback: Callable[[Future], Any]) -> None:
        super().__init__()
        self._before, self._callback = before, callback

    def done(self) -> bool:
        return self._before.done()

    def wait(self) -> Any:
        if not self._set.done():
            self._before.wait()
            self._set.set_result(self._callback(self._before))
        return self._set.result()

    value = wait


class Done(Work):
    """Work that was done at once."""

    def __init__(self, result: Any = None) -> None:
        super().__init__(0.0)
        self._result = result

    def _wait(self, timeout: float) -> Any:
        return self._result

    def _is_there(self) -> bool:
        return True
