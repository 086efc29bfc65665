"""What a measurement knows and says of itself, and how seconds are written."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from textwrap import indent
from typing import Any

from spiraltorch_rs import _C

__all__ = [
    "Measurement",
    "TaskSpec",
    "ordered_unique",
    "select_unit",
    "set_torch_threads",
    "trim_sigfig",
    "unit_to_english",
]

UNITS = {
    "ns": ("nanosecond", 1e-9),
    "us": ("microsecond", 1e-6),
    "ms": ("millisecond", 1e-3),
    "s": ("second", 1),
}
# How wide the middle half of the times may be, as a part of the median: beyond the first it is told,
# beyond the second in other words.
SPREAD, GROSS_SPREAD = 0.1, 0.25
# What a clock cannot tell apart, and the most digits that are believed.
SHORTEST, MOST_DIGITS = 25e-9, 4


@dataclass(repr=False, frozen=True)
class TaskSpec:
    """What is measured, and what it is called."""

    stmt: str
    setup: str
    global_setup: str = ""
    label: str | None = None
    sub_label: str | None = None
    description: str | None = None
    env: str | None = None
    num_threads: int = 1

    @property
    def title(self) -> str:
        """The label, or the statement."""
        name = self.label if self.label is not None else self.stmt
        if self.label is None and "\n" in name:
            beside = f" ({self.sub_label})" if self.sub_label else ""
            return f"stmt:{beside}\n{indent(name, '  ')}"
        return f"{name}: {self.sub_label}" if self.sub_label else name

    def setup_str(self) -> str:
        """What was done before, if anything was."""
        if self.setup in ("", "pass"):
            return ""
        several = "\n" in self.setup
        return f"setup:\n{indent(self.setup, '  ')}" if several else f"setup: {self.setup}"

    def summarize(self) -> str:
        """The lines of a measurement's text that stand for its task."""
        parts = filter(None, (self.title, self.description, self.setup_str()))
        return "\n".join(f"{part}\n" if "\n" in part else part for part in parts)


SPEC = frozenset(field.name for field in fields(TaskSpec))


@dataclass(repr=False)
class Measurement:
    """Times of one task: `raw_times` are of `number_per_run` runs each."""

    number_per_run: int
    raw_times: list[float]
    task_spec: TaskSpec
    metadata: dict[Any, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if name in SPEC:
            return getattr(self.task_spec, name)
        raise AttributeError(name)

    @property
    def times(self) -> list[float]:
        """Seconds of one run."""
        return [time / self.number_per_run for time in self.raw_times]

    def _quantile(self, part: float) -> float:
        times = sorted(self.times)
        place = part * (len(times) - 1)
        below = math.floor(place)
        above = min(below + 1, len(times) - 1)
        return times[below] + (times[above] - times[below]) * (place - below)

    @property
    def median(self) -> float:
        """Half of the runs took no longer."""
        return self._quantile(0.5) if self.raw_times else -1.0

    @property
    def mean(self) -> float:
        """The average."""
        return sum(self.times) / len(self.raw_times) if self.raw_times else -1.0

    @property
    def iqr(self) -> float:
        """How far apart the slowest and the fastest of the middle half are."""
        return self._quantile(0.75) - self._quantile(0.25) if self.raw_times else 0.0

    @property
    def significant_figures(self) -> int:
        """How many digits of the median the spread of the middle half leaves."""
        count = len(self.raw_times)
        middle = sorted(self.times)[count // 4 : math.ceil(3 * count / 4)]
        mean = sum(middle) / len(middle)
        deviation = math.sqrt(sum((time - mean) ** 2 for time in middle) / len(middle))
        unsure = max(1.645 * deviation / math.sqrt(len(middle)), SHORTEST)
        return min(max(math.floor(math.log10(self.median / unsure)), 1), MOST_DIGITS)

    def meets_confidence(self, threshold: float = SPREAD) -> bool:
        """Whether the times are close enough to each other."""
        return self.iqr / self.median < threshold

    @property
    def has_warnings(self) -> bool:
        """Whether the times are far from each other."""
        return bool(self.raw_times) and not self.meets_confidence()

    @property
    def title(self) -> str:
        """The task's."""
        return self.task_spec.title

    @property
    def as_row_name(self) -> str:
        """What its row is called in a table."""
        return self.sub_label or self.stmt or "[Unknown]"

    def __repr__(self) -> str:
        unit, scale = select_unit(self.median)
        count, runs, threads = len(self.raw_times), self.number_per_run, self.num_threads
        lines = [object.__repr__(self), self.task_spec.summarize()]
        lines.append(f"  {'Median: ' if count > 1 else ''}{self.median / scale:.2f} {unit}")
        if count >= 4:
            low, high = (self._quantile(part) / scale for part in (0.25, 0.75))
            lines.append(f"  IQR:    {self.iqr / scale:.2f} {unit} ({low:.2f} to {high:.2f})")
        of_each = "s, {} runs per measurement," if count > 1 else ", {} runs ,"
        plural = "s" if threads > 1 else ""
        lines.append(f"  {count} measurement{of_each.format(runs)} {threads} thread{plural}")
        if self.has_warnings:
            gross = not self.meets_confidence(GROSS_SPREAD)
            cause = (
                "suggests significant environmental influence"
                if gross
                else "could indicate system fluctuation"
            )
            lines.append(
                f"  WARNING: Interquartile range is {self.iqr / self.median * 100:.1f}% of the median measurement."
            )
            lines.append(f"           This {cause}.")
        return "\n".join(lines)

    @staticmethod
    def merge(measurements: Iterable[Measurement]) -> list[Measurement]:
        """Those of the same task as one."""
        times: dict[TaskSpec, list[float]] = {}
        for one in measurements:
            times.setdefault(one.task_spec, []).extend(one.times)
        return [Measurement(1, of_task, task) for task, of_task in times.items()]


def select_unit(t: float) -> tuple[str, float]:
    """The unit that some seconds are best said in, and how many seconds it is."""
    power = math.log10(t) // 3 if t > 0 else math.nan
    unit = {-3: "ns", -2: "us", -1: "ms"}.get(power, "s")  # type: ignore[call-overload]
    return unit, UNITS[unit][1]


def unit_to_english(u: str) -> str:
    """The word for a unit."""
    return UNITS[u][0]


def trim_sigfig(x: float, n: int) -> float:
    """The number with so many digits only."""
    if n != int(n):
        raise AssertionError("Number of significant figures must be an integer")
    scale = 10.0 ** (math.ceil(math.log10(abs(x))) - n)
    return round(x / scale) * scale


def ordered_unique(elements: Iterable[Any]) -> list[Any]:
    """Each once, the first first."""
    return list(dict.fromkeys(elements))


@contextmanager
def set_torch_threads(n: int) -> Iterator[None]:
    """So many threads inside."""
    before = _C.get_num_threads()
    try:
        _C.set_num_threads(n)
        yield
    finally:
        _C.set_num_threads(before)
