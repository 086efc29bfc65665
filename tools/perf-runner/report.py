"""Prints the rows as they come, and writes the page docs/performance/cpu.md."""

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from clock import Timing


@dataclass(frozen=True)
class Result:
    """A measured row, or why it was left out."""

    group: str
    name: str
    target: float
    against: str
    ours: Timing | None = None
    reference: Timing | None = None
    skipped: str = ""

    @property
    def ratio(self) -> float:
        """Above 1 we are faster."""
        assert self.ours is not None
        assert self.reference is not None
        return self.reference.seconds / self.ours.seconds

    @property
    def verdict(self) -> str:
        if self.skipped or not self.target:
            return "skipped" if self.skipped else ""
        return "reached" if self.ratio >= self.target else "missed"

    @property
    def wanted(self) -> str:
        """Nothing where nothing was promised."""
        return f"{self.target:g}" if self.target else ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | ({} if self.skipped else {"ratio": self.ratio, "verdict": self.verdict})


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


HEADS = ("", "ours", "torch", "torch / ours", "wanted", "")
WIDTHS = (44, 10, 10, 12, 7, 8)


def line(cells: tuple[str, ...]) -> str:
    """One line of the table on the terminal: words to the left, numbers to the right."""
    first, *rest = zip(cells, WIDTHS, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]).rstrip()


def cells(result: Result) -> tuple[str, ...]:
    """A result as text."""
    if result.skipped:
        return (
            f"{result.group}, {result.name}",
            "",
            "",
            "",
            result.wanted,
            f"skipped: {result.skipped}",
        )
    assert result.ours is not None
    assert result.reference is not None
    times = (duration(result.ours.seconds), duration(result.reference.seconds))
    return (
        f"{result.group}, {result.name}",
        *times,
        f"{result.ratio:.2f}",
        result.wanted,
        result.verdict,
    )


def live(write: Callable[[str], None]) -> Callable[[Result], None]:
    """Prints the head now and gives what prints a result."""
    write(line(HEADS))
    write(line(tuple("-" * width for width in WIDTHS)))
    return lambda result: write(line(cells(result)))


def machine(st: Any, torch: Any, threads: int) -> list[str]:
    """What was measured on; nothing that names the machine."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            text.partition(":")[2].strip()
            for text in cpuinfo.read_text().splitlines()
            if text.startswith("model name")
        ]
        model = names[0] if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    (cpu,) = (backend for backend in st.backends() if backend.name == "cpu")
    return [
        f"{model}, {os.cpu_count()} logical cores, {memory:.0f} GiB of memory",
        f"{platform.system()} {platform.machine()}",
        f"{threads} threads on both sides; {', '.join(cpu.devices[0].abilities)}",
        f"SpiralTorch {st.__version__}, torch {torch.__version__}, Python {platform.python_version()}",
        f"{date.today().isoformat()}",
    ]


PAGE = """# Measured on a CPU

Written by `make bench` (`tools/perf-runner`). Both libraries compute the same values from the same numbers, in turn; a
time is the median of one call after a warm-up, outputs are fresh as users run them, and ours are computed to the end
before the clock stops. Above 1 we are faster; `wanted` is what we promise.

{machine}

{rows}
{start}
{memory}
"""


def page(
    results: list[Result], start: list[tuple[str, ...]], memory: list[tuple[str, ...]], about: list[str]
) -> str:
    """The whole document."""
    rows = ["| | ours | torch | torch / ours | wanted | |", "|---|---:|---:|---:|---:|---|"]
    rows += ["| " + " | ".join(cells(result)) + " |" for result in results]
    costs = ["", "| `import` | ours | torch | at most |", "|---|---:|---:|---:|"] if start else []
    costs += ["| " + " | ".join(cost) + " |" for cost in start]
    peaks = ["", "| peak memory | ours | torch | |", "|---|---:|---:|---|"] if memory else []
    peaks += ["| " + " | ".join(peak) + " |" for peak in memory]
    return (
        PAGE.format(
            machine="\n".join(f"- {text}" for text in about),
            rows="\n".join(rows),
            start="\n".join(costs),
            memory="\n".join(peaks),
        ).rstrip()
        + "\n"
    )


def warn(message: str) -> None:
    """Says on the error stream what a reader of the table must know."""
    print(message, file=sys.stderr)
