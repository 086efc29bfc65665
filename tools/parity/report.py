"""What the ledger and the survey of names found: texts, docs/parity.md, and the list of pairs that pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .reasons import reason

if TYPE_CHECKING:
    from .names import Found

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/parity.md"
PASSING = Path(__file__).resolve().parent / "passing.txt"
INTEGERS = "uint8 int8 int16 int32 int64".split()
COLUMNS = {"bool": ["bool"], "integers": INTEGERS} | {
    name: [name] for name in "float16 bfloat16 float32 float64 complex64 complex128".split()
}
VALUES = ("forward", "backward", "double")
# What a device other than the CPU passes with few samples of few dtypes: a line for each operator.
DEVICES = {"wgpu": Path(__file__).resolve().parent / "wgpu.txt"}
TITLES = {"wgpu": "WebGPU"}

Record = dict[str, Any]


def status(record: Record) -> str:
    """`missing`, `crash`, `fails`, `differs` (with a reason) or `passes`."""
    if record.get("missing"):
        return "missing"
    if "crash" in record:
        return "crash"
    wrong = [name for name, a in record["aspects"].items() if a["good"] != a["calls"]]
    if not wrong:
        return "passes"
    reasoned = all(reason(record["op"], name, record["dtype"]) for name in wrong)
    return "differs" if reasoned else "fails"


def summary(records: list[Record]) -> str:
    """A line of counts."""
    counts: dict[str, int] = defaultdict(int)
    for record in records:
        counts[status(record)] += 1
    operators = len({record["op"] for record in records})
    calls = sum(a["calls"] for r in records for a in r.get("aspects", {}).values())
    words = {"passes": "pass", "differs": "differ with a reason", "fails": "fail", "crash": "crash"}
    found = ", ".join(f"{counts[word]} {text}" for word, text in (words | {"missing": "missing"}).items())
    return f"{operators} operators, {len(records)} pairs with a dtype: {found}; {calls} comparisons"


def failing(records: list[Record]) -> dict[str, dict[str, list[Record]]]:
    """The records that fail, by operator and aspect."""
    found: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for name, aspect in record.get("aspects", {}).items():
            if aspect["good"] != aspect["calls"]:
                found[record["op"]][name].append(record)
    return found


def counted(records: Iterable[Record], aspect: str) -> str:
    """`float32(2/9) float64(1/9)`: calls that differ, of calls."""
    parts = ((r["dtype"], r["aspects"][aspect]) for r in records)
    return " ".join(f"{dtype}({a['calls'] - a['good']}/{a['calls']})" for dtype, a in parts)


def missing(records: list[Record]) -> list[str]:
    """Operators that we do not have."""
    return sorted({r["op"] for r in records if r.get("missing")})


def failures(records: list[Record]) -> str:
    """Crashes first, then by operator: the aspects that fail, with which dtypes, and the first notes of each."""
    lines = [f"{r['op']} {r['dtype']}: {r['crash']}" for r in records if "crash" in r]
    for operator, aspects in failing(records).items():
        for name, found in aspects.items():
            lines.append(f"{operator} {name}: {counted(found, name)}")
            shown: set[str] = set()
            for record in found:
                for note in record["aspects"][name]["notes"][:2]:
                    head = note.partition("|")[0][:60]
                    if head not in shown and len(shown) < 4:
                        shown.add(head)
                        lines.append(f"    {record['dtype']}: {note}")
    return "\n".join([*lines, "missing: " + " ".join(missing(records)), ""])


# ---- the pairs that passed ----


def passing(records: list[Record]) -> dict[str, list[str]]:
    """The dtypes an operator passes with."""
    found: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if status(record) == "passes" and record["aspects"]:
            found[record["op"]].append(record["dtype"])
    return found


def write_passing(records: list[Record]) -> None:
    """A line for each operator."""
    lines = (f"{name}: {' '.join(dtypes)}\n" for name, dtypes in passing(records).items())
    PASSING.write_text("".join(lines))


def lost(records: list[Record]) -> list[str]:
    """Pairs that passed before and do not any more, with what is wrong."""
    lines = PASSING.read_text().splitlines() if PASSING.exists() else []
    before = {name: dtypes.split() for name, _, dtypes in (line.partition(": ") for line in lines)}
    found = []
    for record in records:
        if record["dtype"] in before.get(record["op"], ()) and status(record) not in ("passes", "differs"):
            notes = [n for a in record.get("aspects", {}).values() for n in a["notes"]]
            why = record.get("crash") or "; ".join(notes[:1]) or "missing"
            found.append(f"{record['op']} {record['dtype']}: {why}")
    return found


# ---- the page ----

HEAD = """\
# Parity with torch

`make parity` writes this page (`tools/parity`). It asks two questions, by program: which of torch's public names
are there, and whether operators give what torch gives.

## Names

Of the names outside the exclusions below.

| module | present | missing | share |
|---|---:|---:|---:|
"""
LEDGER_HEAD = """\
## Ledger

Torch's test suite describes its operators with samples of their arguments (`op_db`). Each sample is drawn for each
dtype, contiguous and not, and called in both libraries. A cell has the largest relative error seen, forward ·
backward · double backward, in units of the larger of the value and torch's absolute tolerance; results are compared
with torch's tolerances of the dtype. Where torch's narrow result differs from ours, its result of the same values in
the next wider type is a second measure: sums may be twice as far from it as torch's. ✗ is a difference (the lists below
say which, and why it stays), · without a number an aspect torch does not have, an empty cell a dtype it refuses.
Random operators are compared in shape and dtype.

The column of WebGPU is a run of its own, `python tools/parity ledger --quick --device wgpu --update`: up to four
samples of bool, int64, bfloat16, float32 and float64, on the device that the line below names. ✓ is that all of them
agree; the dtypes of what disagrees are named. Algorithms of the host were allowed.
Six disagree on llvmpipe. `gather`, `scatter` and `scatter_add`: a wrong index is an `IndexError` there, as a kernel
finds it. `multinomial`: a sample is larger than the 128 MiB that a tensor may have there. `logcumsumexp`, its second
derivative, and `special.hermite_polynomial_he` cancel in single precision: other roundings, as far from the exact
result as torch's.

"""


def update(records: list[Record], found: list[Found]) -> None:
    """Writes docs/parity.md."""
    parts = [names_part(found), ledger_part(records), differences_part(records)]
    PAGE.write_text(with_columns(HEAD + "\n".join(parts)))


def write_column(records: list[Record], device: str) -> None:
    """Keeps what a device passes, and writes its column into the page."""
    from spiraltorch_rs.backends import backends

    found: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if not record.get("missing"):
            found[record["op"]] += [record["dtype"]] if status(record) in ("fails", "crash") else []
    name = next(b.devices[0].name for b in backends() if b.name == device)
    lines = [f"{name}: {summary(records)}"]
    lines += [f"{operator}: {' '.join(wrong) or 'all'}" for operator, wrong in sorted(found.items())]
    DEVICES[device].write_text("\n".join([*lines, ""]))
    PAGE.write_text(with_columns(PAGE.read_text()))


def with_columns(page: str) -> str:
    """The page with a column for each device whose results are kept, in place of those it has."""
    for device, path in DEVICES.items():
        if not path.exists():
            continue
        first, *rest = path.read_text().splitlines()
        cells = dict(line.split(": ", 1) for line in rest)
        page = with_column(page, TITLES[device], first, cells)
    return page


def with_column(page: str, title: str, summed: str, cells: dict[str, str]) -> str:
    """The page with one device's column at the end of the ledger's table."""
    lines, table, known = [], False, False
    for line in page.splitlines():
        if line.startswith("| operator |"):
            table, known = True, line.endswith(f" {title} |")
            lines += [] if known else [f"On {summed}.", ""]
        elif line.startswith("On ") and " pairs with a dtype: " in line:
            line = f"On {summed}."
        elif table and not line.startswith("|"):
            table = False
        if table:
            operator = line.split("|")[1].strip().strip("`")
            found = cells.get(operator, "")
            shown = {"all": "✓", "": ""}.get(found, f"✗ {found}")
            cell = title if operator == "operator" else "---" if operator == "---" else shown
            kept = line.rsplit("|", 2)[0] + "|" if known else line
            line = f"{kept}---|" if cell == "---" else f"{kept} {cell} |"
        lines.append(line)
    return "\n".join([*lines, ""])


def names_text(found: list[Found]) -> str:
    """The survey for a terminal: every module with what is missing, and what is left out why."""
    lines = []
    for module in found:
        lines.append(f"{module.module}: {len(module.present)} present, {len(module.missing)} missing")
        if module.missing:
            lines.append(f"    missing: {' '.join(module.missing)}")
        lines += [f"    left out, {what}: {' '.join(names)}" for what, names in module.excluded.items()]
    return "\n".join(lines)


def names_part(found: list[Found]) -> str:
    """Counts, missing names, exclusions."""
    lines = [f"| `{f.module}` | {len(f.present)} | {len(f.missing)} | {100 * f.share:.0f} % |" for f in found]
    lines += ["", "### Missing", ""]
    for module in found:
        if module.missing:
            lines.append(f"- `{module.module}`: {' '.join(f'`{name}`' for name in module.missing)}")
    lines += ["", "### Left out on purpose", "", "| what | names | for example |", "|---|---:|---|"]
    reasons: dict[str, list[str]] = defaultdict(list)
    for module in found:
        for what, names in module.excluded.items():
            reasons[what] += names
    for what, names in sorted(reasons.items()):
        chosen = sorted(set(names))
        examples = chosen[:: max(1, len(chosen) // 5)][:5]
        lines.append(f"| {what} | {len(chosen)} | {' '.join(f'`{name}`' for name in examples)} |")
    return "\n".join([*lines, ""])


def ledger_part(records: list[Record]) -> str:
    """A row for each operator, a column for each dtype; the integers share one."""
    by_operator: dict[str, dict[str, Record]] = defaultdict(dict)
    for record in records:
        if not record.get("missing"):
            by_operator[record["op"]][record["dtype"]] = record
    seen = {record["dtype"] for record in records}
    columns = {name: dtypes for name, dtypes in COLUMNS.items() if seen & set(dtypes)}
    lines = [f"{summary(records)}.", "", f"| operator | {' | '.join(columns)} | other forms |"]
    lines.append("|---" * (len(columns) + 2) + "|")
    for operator, found in sorted(by_operator.items()):
        cells = [cell([found[d] for d in dtypes if d in found]) for dtypes in columns.values()]
        lines.append(f"| `{operator}` | {' | '.join(cells)} | {' '.join(other_forms(found.values()))} |")
    return LEDGER_HEAD + "\n".join([*lines, ""])


def cell(records: list[Record]) -> str:
    """The errors of some dtypes of an operator."""
    if any("crash" in record for record in records):
        return "crash"
    if not any(record["aspects"] for record in records):
        return ""
    parts = []
    for name in VALUES:
        found = [r["aspects"][name] for r in records if name in r["aspects"]]
        wrong = any(a["good"] != a["calls"] for a in found)
        parts.append("" if not found else "✗" if wrong else short(max(a["error"] for a in found)))
    while parts and not parts[-1]:
        parts.pop()
    return " · ".join(parts)


def other_forms(records: Iterable[Record]) -> Iterator[str]:
    """Methods, in-place forms, `out=` and errors."""
    listed = list(records)
    for name in ("reference", "method", "inplace", "out", "errors", "refused"):
        found = [r["aspects"][name] for r in listed if name in r.get("aspects", {})]
        if found:
            yield name if all(a["good"] == a["calls"] for a in found) else f"✗{name}"


def short(error: float) -> str:
    """`3e-7`."""
    return "0" if error == 0 else f"{error:.0e}".replace("e-0", "e-").replace("e+00", "")


def differences_part(records: list[Record]) -> str:
    """A line for each aspect that differs, those with a reason apart, and what is not there."""
    lines = ["## Differences", ""]
    lines += [f"- `{r['op']}` {r['dtype']}: {escaped(r['crash'])}" for r in records if "crash" in r]
    lines += [line for why, line in differences(records) if why is None]
    lines += ["" if len(lines) > 2 else "None.\n", "### With a reason", ""]
    by_reason: dict[str, list[str]] = defaultdict(list)
    for why, line in differences(records):
        if why is not None:
            by_reason[why].append("  " + line)
    for why, found in by_reason.items():
        lines += [f"- {why[0].upper()}{why[1:]}:", *found]
    absent = " ".join(f"`{name}`" for name in missing(records))
    return "\n".join(
        [*lines, "", "Operators with samples that are not there: " + (absent or "none") + ".", ""]
    )


def differences(records: list[Record]) -> Iterator[tuple[str | None, str]]:
    """The reason for each difference, if there is one, and its line."""
    for operator, aspects in sorted(failing(records).items()):
        for name, found in aspects.items():
            by_reason: dict[str | None, list[Record]] = defaultdict(list)
            for record in found:
                by_reason[reason(operator, name, record["dtype"])].append(record)
            for why, some in by_reason.items():
                note = some[0]["aspects"][name]["notes"][0].partition(" | ")[0]
                yield why, f"- `{operator}` {name}, {counted(some, name)}: {escaped(note)}"


def escaped(text: str) -> str:
    """As it stands in a page, in a line."""
    return text[:200].replace("|", "\\|").replace("*", "\\*").replace("<", "\\<").replace("_", "\\_")
