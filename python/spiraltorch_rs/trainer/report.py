"""The report of a run: one HTML file that needs nothing else, and a PNG if matplotlib is there."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from spiraltorch_rs.trainer.history import History
from spiraltorch_rs.trainer.svg import Points, chart, thinned

__all__ = ["write_report"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #66707f; --line: #dfe3e8; --page: #ffffff; --card: #f7f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --soft: #98a2b0; --line: #333b47; --page: #14181e; --card: #1c222a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1340px; padding: 24px; color: var(--ink); background: var(--page);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; }
.charts { display: grid; gap: 16px; margin: 16px 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
figure { margin: 0; padding: 12px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
svg { width: 100%; height: auto; display: block; font: 11px system-ui, sans-serif; }
.title { font-size: 14px; font-weight: 600; fill: var(--ink); }
.tick { fill: var(--soft); }
.grid { stroke: var(--line); }
.curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.c0 { stroke: #2a6fdb; } .c1 { stroke: #d9622b; } .c2 { stroke: #2f9e63; } .c3 { stroke: #9a55c4; }
.c4 { stroke: #c2a000; } .c5 { stroke: #1aa0a8; }
circle.dot { stroke-width: 3; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 12px 0; }
dt { color: var(--soft); } dd { margin: 0; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 14px 4px 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; }
tr.best td { font-weight: 600; }
"""


def _charts(history: History) -> dict[str, tuple[str, dict[str, Points]]]:
    """What is drawn: for each title the axis and the curves."""
    found: dict[str, tuple[str, dict[str, Points]]] = {}
    names = list(dict.fromkeys(name for row in history.epochs for name in row))
    plain = [
        n for n in names if n not in ("epoch", "step", "steps_per_second") and not n.startswith("valid_")
    ]
    for name in [*plain, *(n.removeprefix("valid_") for n in names if n.startswith("valid_"))]:
        curves = {"training": history.column(name), "validation": history.column(f"valid_{name}")}
        found[f"{name} by epoch"] = ("epoch", {label: points for label, points in curves.items() if points})
    for name, points in history.steps.items():
        found[f"{name} by step"] = ("step", {name: points})
    if "lr" in history.steps:
        found.pop("lr by epoch", None)
    if "steps_per_second" in names:
        found["steps per second"] = ("epoch", {"speed": history.column("steps_per_second")})
    return found


def _table(history: History) -> str:
    names = list(dict.fromkeys(name for row in history.epochs for name in row))
    best = history.best("valid_loss") or history.best("loss")
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in names)
    rows = []
    for row in history.epochs:
        cells = "".join(f"<td>{row[name]:.5g}</td>" if name in row else "<td></td>" for name in names)
        rows.append(f"<tr{' class=best' if row is best else ''}>{cells}</tr>")
    return f'<div class="table"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def _page(history: History, title: str, facts: Mapping[str, str]) -> str:
    figures = (chart(name, curves, across=axis) for name, (axis, curves) in _charts(history).items())
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    shown = "".join(f"<figure>{figure}</figure>" for figure in figures if figure)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style>'
        f"<h1>{escape(title)}</h1><dl>{listed}</dl>"
        f'<div class="charts">{shown}</div>{_table(history)}</html>\n'
    )


def _picture(history: History, path: Path, title: str) -> None:
    from matplotlib.figure import Figure

    charts = {name: parts for name, parts in _charts(history).items() if any(parts[1].values())}
    columns = min(3, max(1, len(charts)))
    lines = -(-len(charts) // columns) or 1
    figure: Any = Figure(figsize=(5 * columns, 3.2 * lines), layout="constrained")
    axes = list(figure.subplots(lines, columns, squeeze=False).flat)
    for axis, (name, (across, curves)) in zip(axes, charts.items(), strict=False):
        for label, points in curves.items():
            kept = thinned(points)
            axis.plot([x for x, _ in kept], [y for _, y in kept], label=label)
        axis.set(title=name, xlabel=across)
        axis.grid(alpha=0.3)
        if len(curves) > 1:
            axis.legend()
    for axis in axes[len(charts) :]:
        axis.set_axis_off()
    figure.suptitle(title)
    figure.savefig(path, dpi=110)


def write_report(
    history: History, path: str | Path, title: str = "Training", facts: Mapping[str, str] | None = None
) -> list[Path]:
    """Writes the page, and the picture if matplotlib can be imported; gives the files.

    >>> import tempfile
    >>> history = History()
    >>> history.epochs += [{"epoch": 1, "loss": 2.0}, {"epoch": 2, "loss": 1.0}]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = write_report(history, f"{folder}/report.html")[0]
    ...     "<svg" in page.read_text()
    True
    """
    page = Path(path)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(_page(history, title, facts or {}), encoding="utf-8")
    written = [page]
    if importlib.util.find_spec("matplotlib") is not None:
        picture = page.with_suffix(".png")
        _picture(history, picture, title)
        written.append(picture)
    return written
