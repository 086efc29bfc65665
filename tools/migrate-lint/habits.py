"""The table of habits (habits.toml): what people write for torch, and what to write here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "habits.toml"
STATUSES = ("same", "different", "missing")


@dataclass(frozen=True)
class Habit:
    """A row of the guide, and by what the checker knows it in a program."""

    topic: str
    torch: str
    here: str
    status: str
    names: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    methods_with_dtype: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"{self.torch}: status is one of {', '.join(STATUSES)}, not {self.status!r}")
        if (self.status == "same") == any(self.marks()):
            raise ValueError(f"{self.torch}: a habit is flagged by something unless its status is 'same'")

    def marks(self) -> Iterator[str]:
        """Everything it is flagged by."""
        for group in (self.names, self.methods, self.methods_with_dtype, self.keywords, self.imports):
            yield from group


def read() -> list[Habit]:
    """The rows, in the order of the guide."""
    return [Habit(**row) for row in tomllib.loads(TABLE.read_text())["habit"]]
