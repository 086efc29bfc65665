"""`Timer`: how long a statement takes, told as often as it takes to be sure."""

from __future__ import annotations

import enum
import timeit
from collections.abc import Callable
from textwrap import dedent
from typing import Any, NoReturn

import spiraltorch_rs
from spiraltorch_rs import accelerator
from spiraltorch_rs.utils.benchmark.utils.common import Measurement, TaskSpec, set_torch_threads

__all__ = ["Language", "Timer", "timer"]

Callback = Callable[[int, float], Any]
LARGEST = 2**31 - 1


def timer() -> float:
    """The clock, once what a device still does is done."""
    if accelerator.is_available():
        accelerator.synchronize()
    return timeit.default_timer()


class Language(enum.Enum):
    """What a statement is written in; Python only."""

    PYTHON = 0
    CPP = 1


def _plain(text: str) -> str:
    """Without the indent of the program that it stands in."""
    return dedent(text).removeprefix("\n").rstrip()


class Timer:
    """Measures a statement."""

    _timer_cls = timeit.Timer

    def __init__(
        self,
        stmt: str = "pass",
        setup: str = "pass",
        global_setup: str = "",
        timer: Callable[[], float] = timer,
        globals: dict[str, Any] | None = None,
        label: str | None = None,
        sub_label: str | None = None,
        description: str | None = None,
        env: str | None = None,
        num_threads: int = 1,
        language: Language | str = Language.PYTHON,
    ) -> None:
        if not isinstance(stmt, str):
            raise ValueError("Currently only a `str` stmt is supported.")
        if language in (Language.CPP, "cpp", "c++"):
            raise NotImplementedError("Timer: statements of C++ are not compiled here; measure Python's")
        if language not in (Language.PYTHON, "py", "python"):
            raise ValueError(f"Invalid language `{language}`.")
        if global_setup:
            raise ValueError(f"global_setup is for C++ only, got `{global_setup}`: move it to `setup`")
        self._globals = {"torch": spiraltorch_rs, **(globals or {})}
        stmt, setup = _plain(stmt), _plain(setup)
        self._timer = self._timer_cls(stmt=stmt, setup=setup, timer=timer, globals=self._globals)
        self._task_spec = TaskSpec(stmt, setup, "", label, sub_label, description, env, num_threads)

    def _timeit(self, number: int) -> float:
        # Even what takes no time takes some, so that it can be divided by.
        return max(self._timer.timeit(number), 1e-9)

    def _told(self, number: int, times: list[float]) -> Measurement:
        return Measurement(number, times, self._task_spec)

    def timeit(self, number: int = 1000000) -> Measurement:
        """So many runs, told as one time."""
        with set_torch_threads(self._task_spec.num_threads):
            self._timeit(max(int(number // 100), 2))
            return self._told(number, [self._timeit(number)])

    def repeat(self, repeat: int = -1, number: int = -1) -> NoReturn:
        """Not here: `blocked_autorange` repeats."""
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def autorange(self, callback: Callback | None = None) -> NoReturn:
        """Not here: `blocked_autorange` finds out how often."""
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def _estimate_block_size(self, min_run_time: float) -> int:
        """How many runs hide what looking at the clock costs."""
        with set_torch_threads(self._task_spec.num_threads):
            overhead = sorted(self._timeit(0) for _ in range(5))[2]
            number = 1
            while True:
                taken = self._timeit(number)
                hidden = overhead / taken <= 1e-4 and taken >= min_run_time / 1000
                if hidden or taken > min_run_time or number * 10 > LARGEST:
                    return number
                number *= 10

    def _measure(
        self,
        number: int,
        enough: Callable[[list[float]], bool],
        least: float,
        most: float | None,
        callback: Callback | None,
    ) -> Measurement:
        times: list[float] = []
        with set_torch_threads(self._task_spec.num_threads):
            while sum(times) < least or not enough(times):
                times.append(self._timeit(number))
                if callback:
                    callback(number, times[-1])
                if most and sum(times) > most:
                    break
        return self._told(number, times)

    def blocked_autorange(self, callback: Callback | None = None, min_run_time: float = 0.2) -> Measurement:
        """As many times as fit into `min_run_time`, each of as many runs as hide the clock."""
        number = self._estimate_block_size(min_run_time)
        return self._measure(number, bool, min_run_time, None, callback)

    def adaptive_autorange(
        self,
        threshold: float = 0.1,
        *,
        min_run_time: float = 0.01,
        max_run_time: float = 10.0,
        callback: Callback | None = None,
    ) -> Measurement:
        """Until the times are close to each other, or `max_run_time` is over."""
        number = self._estimate_block_size(min_run_time=0.05)

        def enough(times: list[float]) -> bool:
            return len(times) > 3 and self._told(number, times).meets_confidence(threshold)

        return self._measure(number, enough, min_run_time, max_run_time, callback)

    def collect_callgrind(self, number: int = 100, **options: Any) -> NoReturn:
        """Not here: run the program under valgrind."""
        raise NotImplementedError("Timer: instructions are not counted here; run the program under callgrind")
