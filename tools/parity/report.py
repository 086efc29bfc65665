"""What the ledger and the survey of names found, as text."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

Record = dict[str, Any]


def status(record: Record) -> str:
    """`missing`, `crash`, `fails` or `passes`."""
    if record.get("missing"):
        return "missing"
    if "crash" in record:
        return "crash"
    aspects = record["aspects"].values()
    return "passes" if all(a["good"] == a["calls"] for a in aspects) else "fails"


def summary(records: list[Record], seconds: float) -> str:
    """A line of counts."""
    counts: dict[str, int] = defaultdict(int)
    for record in records:
        counts[status(record)] += 1
    operators = len({record["op"] for record in records})
    calls = sum(a["calls"] for r in records for a in r.get("aspects", {}).values())
    found = ", ".join(f"{counts[word]} {word}" for word in ("passes", "fails", "crash", "missing"))
    return f"{operators} operators, {len(records)} pairs with a dtype: {found}; {calls} comparisons in {seconds:.0f} s"


def failures(records: list[Record]) -> str:
    """Crashes first, then by operator: the aspects that fail, with which dtypes, and the first notes of each."""
    lines = [f"{r['op']} {r['dtype']}: {r['crash']}" for r in records if "crash" in r]
    by_operator: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for name, aspect in record.get("aspects", {}).items():
            if aspect["good"] != aspect["calls"]:
                by_operator[record["op"]][name].append(record)
    for operator, aspects in by_operator.items():
        for name, found in aspects.items():
            where = " ".join(
                f"{r['dtype']}({r['aspects'][name]['calls'] - r['aspects'][name]['good']}/{r['aspects'][name]['calls']})"
                for r in found
            )
            lines.append(f"{operator} {name}: {where}")
            shown: set[str] = set()
            for record in found:
                for note in record["aspects"][name]["notes"][:2]:
                    head = note.partition("|")[0][:60]
                    if head not in shown and len(shown) < 4:
                        shown.add(head)
                        lines.append(f"    {record['dtype']}: {note}")
    missing = sorted({r["op"] for r in records if r.get("missing")})
    return "\n".join([*lines, "missing: " + " ".join(missing), ""])


def lost(records: list[Record]) -> list[str]:
    """Pairs that passed before and do not any more."""
    return []


def update(records: list[Record]) -> None:
    """Writes docs/parity.md."""


def names_text(found: Any) -> str:
    """The survey as a table."""
    return str(found)
