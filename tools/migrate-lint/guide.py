"""The tables of docs/migration.md: a part for each topic, a row for each habit."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from habits import Habit

PAGE = Path(__file__).resolve().parents[2] / "docs/migration.md"
BEGIN, END = "<!-- the table of tools/migrate-lint/habits.toml -->\n", "<!-- end of the table -->\n"
SIGNS = {"same": "same", "different": "differs", "missing": "not here"}


def tables(habits: list[Habit]) -> str:
    """The text between the marks."""
    lines = []
    for topic, rows in groupby(habits, lambda habit: habit.topic):
        lines += [f"### {topic}", "", "| what you write for torch | | what to write here |", "|---|---|---|"]
        lines += [f"| {row.torch} | {SIGNS[row.status]} | {row.here} |" for row in rows]
        lines.append("")
    return "\n".join(lines)


def page(text: str, habits: list[Habit]) -> str:
    """The page with the tables of today."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables(habits)}\n{END}{after}"
