"""Measures SpiralTorch beside torch: `python tools/perf-runner/run.py [--only REGEX] [--quick] [--json FILE]`.

A full run writes docs/performance/cpu.md.
"""

import argparse
import gc
import json
import re
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clock
import memory
import report
import start
import torch
import training
from rows import ROWS, Row, side
from tqdm import tqdm

import spiraltorch_rs as st

PAGE = Path(__file__).resolve().parents[2] / "docs/performance/cpu.md"


OURS, TORCH = side("spiraltorch_rs"), side("torch")


def missing(row: Row) -> str:
    """Why a row cannot be measured here."""
    if row.against == "compile" and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        return "torch.compile needs a C++ compiler"
    return ""


def size(result: Any) -> float:
    """A number that two equal results share."""
    if isinstance(result, tuple):
        return size(result[0])
    values = torch.tensor(result) if isinstance(result, list) else result
    return (
        float(values.detach().abs().mean().item())
        if values.is_floating_point()
        else float(values.sum().item())
    )


def check(ours: clock.Program, reference: clock.Program) -> str:
    """A time counts only if both compute the same."""
    found = [size(program.work()) for program in (ours, reference)]
    same = abs(found[0] - found[1]) <= 0.02 * max(abs(found[1]), 1e-6)
    return "" if same else f"results differ: {found[0]:g} and torch's {found[1]:g}"


def measure(row: Row, quick: bool) -> report.Result:
    """One row of the table."""
    about = (row.group, row.name, row.target, row.against)
    reason = missing(row)
    try:
        if not reason:
            ours, reference = row.make(OURS), row.make(TORCH)
            reason = check(ours, reference)
        if not reason:
            rounds, budget = (7, 0.5) if quick else (31, 4.0)
            return report.Result(*about, *clock.compare(ours, reference, rounds, budget))
    except (RuntimeError, NotImplementedError, AttributeError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    finally:
        gc.collect()
    return report.Result(*about, skipped=reason)


def starts(quick: bool) -> list[tuple[str, ...]]:
    """The rows of the import table."""
    ours, theirs = (start.measure(name, 3 if quick else 9) for name in ("spiraltorch_rs", "torch"))
    return [
        (
            "time",
            report.duration(ours.seconds),
            report.duration(theirs.seconds),
            report.duration(start.LIMITS["seconds"]),
        ),
        (
            "memory",
            f"{ours.megabytes:.1f} MB",
            f"{theirs.megabytes:.1f} MB",
            f"{start.LIMITS['megabytes']:g} MB",
        ),
    ]


def peaks(only: str, threads: int) -> Iterator[tuple[str, ...]]:
    """The rows of the memory table: a program may take as much as in torch."""
    for name in training.PROGRAMS:
        if re.search(only, f"memory/{name}"):
            ours, theirs = (memory.measure(library, name, threads) for library in ("spiraltorch_rs", "torch"))
            yield (name, f"{ours:.0f} MB", f"{theirs:.0f} MB", "reached" if ours <= theirs else "missed")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only",
        default="",
        metavar="REGEX",
        help="rows whose group/name matches; import and memory/name are such",
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds; the page is not written")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    parser.add_argument("--threads", type=int, default=2, help="threads on both sides (default: 2)")
    parser.add_argument("--list", action="store_true", help="list the rows")
    return parser.parse_args()


def main() -> None:
    chosen = options()
    rows = [row for row in (*ROWS, *training.rows()) if re.search(chosen.only, row.key)]
    if chosen.list:
        print("\n".join(row.key for row in rows))
        return
    warnings.filterwarnings("ignore", module="torch")
    torch.set_num_threads(chosen.threads)
    st.set_num_threads(chosen.threads)
    results: list[report.Result] = []
    show = report.live(tqdm.write)
    with tqdm(rows, unit="row", leave=False, disable=None) as progress:
        for row in progress:
            progress.set_description(row.key)
            results.append(measure(row, chosen.quick))
            show(results[-1])
    costs = starts(chosen.quick) if re.search(chosen.only, "import") else []
    for what, ours, theirs, limit in costs:
        print(f"import, {what}: ours {ours}, torch {theirs}, at most {limit}")
    # Only now: asking for the backends opens GPUs, which every later wait would wait for, too.
    about = report.machine(st, torch, chosen.threads)
    most = []
    for peak in peaks(chosen.only, chosen.threads):
        most.append(peak)
        print("peak memory, {}: ours {}, torch {}: {}".format(*peak), flush=True)
    counts = [
        sum(result.verdict == verdict for result in results) for verdict in ("reached", "missed", "skipped")
    ]
    print("\n{} rows reached, {} missed, {} skipped".format(*counts))
    print("\n".join(about))
    if chosen.json:
        chosen.json.write_text(
            json.dumps({"machine": about, "rows": [r.as_json() for r in results]}, indent=1) + "\n"
        )
    if not chosen.only and not chosen.quick:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(report.page(results, costs, most, about))
        print(f"written: {PAGE.relative_to(PAGE.parents[2])}")


if __name__ == "__main__":
    main()
