"""`Compare`: measurements as a table, a row for each statement and a column for each description."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable

from spiraltorch_rs.utils.benchmark.utils.common import (
    Measurement,
    ordered_unique,
    select_unit,
    trim_sigfig,
    unit_to_english,
)

__all__ = ["Colorize", "Compare"]

# Beside the best: so many times its time and more, or less, is shown so.
END = "\033[0m"
BEST, GOOD, BAD, VERY_BAD = "\033[92m\033[1m", "\033[34m\033[1m", "\033[2m\033[91m", "\033[31m\033[1m"
Row = list[Measurement | None]


class Colorize(enum.Enum):
    """Whether times are coloured, and which of them are compared."""

    NONE = "none"
    COLUMNWISE = "columnwise"
    ROWWISE = "rowwise"


def _coloured(text: str, time: float, best: float) -> str:
    if time <= best * 1.01 or time <= best + 100e-9:
        return BEST + text + END * 2
    if time <= best * 1.1:
        return GOOD + text + END * 2
    if time >= best * 5:
        return VERY_BAD + text + END * 2
    return BAD + text + END * 2 if time >= best * 2 else text


class _Column:
    """How the times of a column are written, so that they stand below each other."""

    def __init__(self, times: Row, scale: float, trim: bool, warn: bool) -> None:
        held = [one for one in times if one is not None]
        self.scale, self.trim = scale, trim
        self.warn = warn and any(one.has_warnings for one in held)
        before = [math.ceil(math.log10(one.median / scale)) for one in held]
        behind = (
            min(max(one.significant_figures - n, 0) for one, n in zip(held, before, strict=True))
            if trim
            else 1
        )
        width = max(before) + behind + (1 if behind else 0)
        self.form = f"{{:>{width}.{behind}f}}{{:>{7 if self.warn else 0}}}"

    def text(self, one: Measurement | None) -> str:
        if one is None:
            return " " * len(self.form.format(1, ""))
        time = one.median / self.scale
        shown = trim_sigfig(time, one.significant_figures) if self.trim else time
        spread = f" (! {one.iqr / one.median * 100:.0f}%)" if self.warn and one.has_warnings else ""
        return self.form.format(shown, spread)


class _Table:
    """The measurements of one label."""

    def __init__(self, of: list[Measurement], colours: Colorize, trim: bool, warn: bool) -> None:
        self.label, self.colours = of[0].label, colours
        self.unit, scale = select_unit(min(one.median for one in of))
        self.heads = ordered_unique(one.description for one in of)
        keys = ordered_unique((one.num_threads, one.env, one.as_row_name) for one in of)
        self.keys = sorted(keys, key=lambda key: key[:2])
        self.rows: list[Row] = [[None] * len(self.heads) for _ in self.keys]
        for one in of:
            row = self.keys.index((one.num_threads, one.env, one.as_row_name))
            self.rows[row][self.heads.index(one.description)] = one
        self.columns = [
            _Column([row[i] for row in self.rows], scale, trim, warn) for i in range(len(self.heads))
        ]
        self.warned = warn and any(one.has_warnings for one in of)

    def _names(self) -> list[str]:
        """What stands on the left: the environment where there are several, and a new one begins."""
        several = len({env for _, env, _ in self.keys}) > 1
        width = max(len(env) for _, env, _ in self.keys) if several else 0
        names, before = [], None
        for threads, env, name in self.keys:
            shown = f"({env})" if several and (threads, env) != before else ""
            names.append("  " + shown.ljust(width + 4) + name)
            before = (threads, env)
        return names

    def _best(self, at: int, column: int) -> float | None:
        """The time that others are coloured by: of the row, or of the column's rows of as many threads."""
        if self.colours is Colorize.ROWWISE:
            beside = self.rows[at]
        else:
            beside = [
                r[column] for r, key in zip(self.rows, self.keys, strict=True) if key[0] == self.keys[at][0]
            ]
        return min((one.median for one in beside if one is not None), default=None)

    def _line(self, at: int, texts: list[str], widths: list[int]) -> str:
        cells = [texts[0].ljust(widths[0])]
        for i, one in enumerate(self.rows[at]):
            cell, best = texts[i + 1].center(widths[i + 1]), self._best(at, i)
            plain = self.colours is Colorize.NONE or one is None or best is None
            cells.append(cell if plain else _coloured(cell, one.median, best))  # type: ignore[union-attr, arg-type]
        return "  |  ".join(cells)

    def __str__(self) -> str:
        texts = [["", *self.heads]]
        for name, row in zip(self._names(), self.rows, strict=True):
            texts.append([name, *(column.text(one) for column, one in zip(self.columns, row, strict=True))])
        widths = [max(len(cell) for cell in column) for column in zip(*texts, strict=True)]
        head = "  |  ".join(cell.center(width) for cell, width in zip(texts[0], widths, strict=True))
        lines = [f"[{f' {self.label or str()} '.center(len(head) - 2, '-')}]", head]
        for at, (threads, _, _) in enumerate(self.keys):
            if at == 0 or threads != self.keys[at - 1][0]:
                lines.append(f"{threads} threads: ".ljust(len(head), "-"))
            lines.append(self._line(at, texts[at + 1], widths))
        lines += ["", f"Times are in {unit_to_english(self.unit)}s ({self.unit}).", ""]
        if self.warned:
            meaning = "Measurement has high variance, where XX is the IQR / median * 100."
            lines[-1:] = [f"(! XX%) {meaning}", ""]
        return "\n".join(lines)


class Compare:
    """A table of measurements for each label."""

    def __init__(self, results: list[Measurement]) -> None:
        self._results: list[Measurement] = []
        self.extend_results(results)
        self._trim_significant_figures = self._highlight_warnings = False
        self._colorize = Colorize.NONE

    def extend_results(self, results: Iterable[Measurement]) -> None:
        """Adds some more."""
        for one in results:
            if not isinstance(one, Measurement):
                raise ValueError(f"Expected an instance of `Measurement`, got {type(one)} instead.")
            self._results.append(one)

    def trim_significant_figures(self) -> None:
        """Shows the digits only that the spread of the times leaves."""
        self._trim_significant_figures = True

    def colorize(self, rowwise: bool = False) -> None:
        """Colours times by the best of their column, or of their row."""
        self._colorize = Colorize.ROWWISE if rowwise else Colorize.COLUMNWISE

    def highlight_warnings(self) -> None:
        """Says of times how far apart they are, where they are."""
        self._highlight_warnings = True

    def __str__(self) -> str:
        labels: dict[str | None, list[Measurement]] = {}
        for one in Measurement.merge(self._results):
            labels.setdefault(one.label, []).append(one)
        shown = (self._colorize, self._trim_significant_figures, self._highlight_warnings)
        return "\n".join(str(_Table(of, *shown)) for of in labels.values())

    def print(self) -> None:
        """Prints it."""
        print(self)
