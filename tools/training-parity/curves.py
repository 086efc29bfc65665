"""The report of a comparison: a table, and for each run a picture of the curves and of what is between them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from compare import SINGLE, Compared

WIDTH, HEIGHT, MARGIN = 420, 150, 34
COLOURS = ("#1764ab", "#d95f02", "#555555")


def line(compared: Compared) -> str:
    """A run in a line for a terminal."""
    good, why = compared.verdict()
    apart = compared.apart
    return (
        f"{'ok  ' if good else 'FAIL'} {compared.run.name}: loss {compared.ours.losses[0]:.4f} to "
        f"{compared.ours.losses[-1]:.4f}; losses {apart.max():.1e} apart (step {int(apart.argmax())}), "
        f"norms of gradients {compared.norms_apart:.1e}, first gradients {compared.gradients_apart[0]:.1e}, "
        f"last weights {compared.weights_apart[0]:.1e}; torch's own rounding {compared.drift.max():.1e}; {why}"
    )


def page(found: list[Compared], steps: int) -> str:
    """The report, in Markdown."""
    lines = [
        "# Training parity",
        "",
        f"Losses of {steps} steps in single precision from equal weights, ours beside torch's, and their largest",
        f"relative difference, which may be {SINGLE:.0e}. *Rounding* is how far torch's losses in single precision are",
        "from its own in double precision, and *double* how far the two libraries are apart there: where formulas",
        "differ, that column shows it.",
        "",
        "| run | loss | losses | step | norms of gradients | first gradients | last weights | rounding | double | |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    lines += [row(compared) for compared in found]
    for compared in found:
        lines += ["", f"## {compared.run.name}", "", pictures(compared)]
    return "\n".join([*lines, ""])


def row(compared: Compared) -> str:
    """A line of the table."""
    (gradients, whose), (weights, which) = compared.gradients_apart, compared.weights_apart
    cells = [
        compared.run.name,
        f"{compared.ours.losses[0]:.4f} → {compared.ours.losses[-1]:.4f}",
        f"{compared.apart.max():.1e}",
        f"{int(compared.apart.argmax())}",
        f"{compared.norms_apart:.1e}",
        f"{gradients:.1e} `{whose}`",
        f"{weights:.1e} `{which}`",
        f"{compared.drift.max():.1e}",
        f"{compared.double_apart:.1e}",
        compared.verdict()[1],
    ]
    return f"| {' | '.join(cells)} |"


def pictures(compared: Compared) -> str:
    """The two curves, and the differences on a logarithmic scale."""
    losses = plot("loss", [("ours", compared.ours.losses), ("torch", compared.torch.losses)])
    differences = plot(
        "relative difference, power of ten",
        [
            ("ours, torch", powers(compared.apart)),
            ("torch in single and double precision", powers(compared.drift)),
            ("allowed", [math.log10(SINGLE)] * len(compared.apart)),
        ],
    )
    return f"{losses}\n{differences}"


def powers(values: Iterable[float]) -> list[float]:
    """Powers of ten; equal numbers are those of the last digit."""
    return [math.log10(max(value, 1e-9)) for value in values]


def plot(title: str, curves: list[tuple[str, list[float]]]) -> str:
    """A picture of curves as SVG, in one line, so that Markdown leaves it alone."""
    numbers = [value for _, values in curves for value in values if math.isfinite(value)]
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
        f'font-size="10"><text x="{MARGIN}" y="12">{title}</text>',
        f'<text x="2" y="{MARGIN}">{high:.3g}</text><text x="2" y="{HEIGHT - 18}">{low:.3g}</text>',
    ]
    for place, ((name, values), colour) in enumerate(zip(curves, COLOURS, strict=False)):
        across, down = (WIDTH - MARGIN - 6) / max(len(values) - 1, 1), HEIGHT - 22 - MARGIN + 6
        points = " ".join(
            f"{MARGIN + i * across:.1f},{MARGIN - 6 + (high - value) / span * down:.1f}"
            for i, value in enumerate(values)
            if math.isfinite(value)
        )
        dashes = ' stroke-dasharray="4 3"' if place else ""
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"{dashes}/>')
        parts.append(f'<text x="{MARGIN + place * 120}" y="{HEIGHT - 4}" fill="{colour}">{name}</text>')
    return "".join([*parts, "</svg>"])
