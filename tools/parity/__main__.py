"""How far we are torch, by program.

python tools/parity names              what of torch's public names is there, by module
python tools/parity ledger [OPERATOR]  torch's samples of every operator (or of some), into docs/parity.md
python tools/parity ledger --quick     few samples of few dtypes; fails where a pair that passed no longer does
python tools/parity ledger --quick --device wgpu --update    the same on a GPU, into the column of docs/parity.md
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from parity import ledger, report

# A pair of operator and dtype takes less than a second; what takes this long hangs.
PATIENCE = 90.0
# On a device that is a program, large samples take longer.
PATIENCE_ELSEWHERE = 300.0
QUICK_DTYPES = ("float32", "float64", "bfloat16", "int64", "bool")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="parity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("names", help="torch's public names")
    runs = commands.add_parser("ledger", help="torch's samples of every operator")
    runs.add_argument("operators", nargs="*", help="names of operators; all if there are none")
    runs.add_argument("--quick", action="store_true", help="what CI runs")
    runs.add_argument("--samples", type=int, default=30, help="samples of a pair at most (default: 30)")
    runs.add_argument("--dtypes", default="", help="dtypes with commas between them; all if there are none")
    runs.add_argument("--device", default="cpu", help="where ours are computed (default: cpu)")
    runs.add_argument("--complex", action="store_true", help="complex dtypes, too")
    runs.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    runs.add_argument("--records", type=Path, help="write the records there, one JSON object a line")
    runs.add_argument("--failures", type=Path, help="write the failures there, by operator")
    runs.add_argument("--update", action="store_true", help="write docs/parity.md (--quick: what passes)")
    options = parser.parse_args()
    return names() if options.command == "names" else run_ledger(options)


def names() -> int:
    """Prints what of torch's names is there."""
    from parity.names import survey

    print(report.names_text(survey()))
    return 0


def run_ledger(options: argparse.Namespace) -> int:
    """Runs the ledger; the exit status says whether a pair that passed fails."""
    start = time.monotonic()
    jobs = all_jobs(options)
    records: list[dict[str, Any]] = []

    if options.records:
        options.records.write_text("")

    def done(record: dict[str, Any]) -> None:
        records.append(record)
        if options.records:
            with options.records.open("a") as file:
                file.write(json.dumps(record) + "\n")
        if "crash" in record:
            print(f"{record['op']} {record['dtype']}: {record['crash']}", file=sys.stderr)

    patience = PATIENCE if options.device == "cpu" else PATIENCE_ELSEWHERE
    ledger.run(jobs, options.workers, patience, done)
    order = {(job["op"], job["dtype"]): i for i, job in enumerate(jobs)}
    records.sort(key=lambda record: order[record["op"], record["dtype"]])
    if options.failures:
        options.failures.write_text(report.failures(records))
    print(f"{report.summary(records)} in {time.monotonic() - start:.0f} s")
    if options.device != "cpu":
        if options.update:
            report.write_column(records, options.device)
        return 0
    if options.update and options.quick:
        report.write_passing(records)
    elif options.update:
        from parity.names import survey

        report.update(records, survey())
    lost = report.lost(records) if options.quick else []
    for line in lost:
        print(f"passed before: {line}")
    return 1 if lost else 0


def all_jobs(options: argparse.Namespace) -> list[ledger.Job]:
    """The pairs to check."""
    from parity import check

    jobs = []
    for name, op in check.operators().items():
        if options.operators and op.name not in options.operators:
            continue
        for dtype in check.dtypes(op, options.complex):
            if options.dtypes and dtype not in options.dtypes.split(","):
                continue
            if options.quick and dtype not in QUICK_DTYPES:
                continue
            limit = 4 if options.quick else options.samples
            more = {"references": not options.quick, "device": options.device}
            jobs.append({"op": name, "dtype": dtype, "limit": limit, **more})
    return jobs


if __name__ == "__main__":
    sys.exit(main())
