"""Trains small models here and in torch from equal weights, and compares losses, gradients and weights.

python tools/training-parity                      all runs, 200 steps each; fit for a nightly job
python tools/training-parity gpt2 --steps 20      one run, by the name of its model
python tools/training-parity --report FILE        writes a report with curves, in Markdown

The exit status is 1 where a curve is further from torch's than single precision explains.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import compare
import curves
import runs


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="training-parity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    models = [run.model for run in runs.RUNS]
    parser.add_argument("models", nargs="*", help=f"some of: {' '.join(models)}")
    parser.add_argument("--steps", type=int, default=200, help="steps of each run (default: 200)")
    parser.add_argument("--report", type=Path, help="write a report there")
    options = parser.parse_args()
    unknown = sorted(set(options.models) - set(models))
    if unknown:
        parser.error(f"no run of {', '.join(unknown)}; there are {', '.join(models)}")
    found = []
    for run in runs.RUNS:
        if not options.models or run.model in options.models:
            found.append(compare.compare(run, options.steps))
            print(curves.line(found[-1]), flush=True)
    if options.report:
        options.report.write_text(curves.page(found, options.steps))
    return int(not all(compared.verdict()[0] for compared in found))
