"""Curves as SVG, made of text: no other package is needed to look at a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["chart", "thinned"]

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 620, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 34, 40
_MOST = 400  # points of a curve: a page of a long run stays small


def thinned(points: Points, most: int = _MOST) -> list[tuple[float, float]]:
    """Not more points than can be seen: of each stretch the smallest and the largest."""
    if len(points) <= most:
        return list(points)
    kept: list[tuple[float, float]] = []
    stretch = math.ceil(len(points) / (most // 2))
    for start in range(0, len(points), stretch):
        part = points[start : start + stretch]
        ends = {min(part, key=lambda p: p[1]), max(part, key=lambda p: p[1])}
        kept += sorted(ends)
    return kept


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers between two.

    >>> ticks(0.0, 1.0)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    span = high - low
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 12) for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _range(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    if low == high:
        margin = abs(low) * 0.1 or 1.0
        return low - margin, high + margin
    return low, high


def _label(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 and value == int(value) else f"{value:.4g}"


def chart(title: str, curves: Mapping[str, Points], *, across: str = "step") -> str:
    """Curves over a common axis as an SVG element; a logarithmic scale where the values span two decades."""
    finite = {
        name: thinned([(x, y) for x, y in points if math.isfinite(y)]) for name, points in curves.items()
    }
    finite = {name: points for name, points in finite.items() if points}
    if not finite:
        return ""
    values = [y for points in finite.values() for _, y in points]
    logarithmic = min(values) > 0 and max(values) / min(values) > 100
    scale = math.log10 if logarithmic else float
    x0, x1 = _range([x for points in finite.values() for x, _ in points])
    y0, y1 = _range([scale(y) for y in values])
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        across_part, up_part = (x - x0) / (x1 - x0), (y - y0) / (y1 - y0)
        return LEFT + across_part * inner_width, TOP + (1 - up_part) * inner_height

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">']
    parts.append(f'<text class="title" x="{LEFT}" y="18">{escape(title)}</text>')
    for tick in ticks(y0, y1):
        _, y = place(x0, tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        label = _label(10**tick if logarithmic else tick)
        parts.append(f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for tick in ticks(x0, x1):
        x, _ = place(tick, y0)
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{_label(tick)}</text>'
        )
    parts.append(
        f'<text class="tick" x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{escape(across)}</text>'
    )
    for i, (name, points) in enumerate(finite.items()):
        placed = [place(x, scale(y)) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(
            f'<polyline class="curve c{i % 6}" points="{path}"><title>{escape(name)}</title></polyline>'
        )
        if len(placed) <= 40:
            parts += [f'<circle class="dot c{i % 6}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in placed]
    return "".join([*parts, _legend(list(finite)), "</svg>"])


def _legend(names: list[str]) -> str:
    """The curves' names at the top right, from the right."""
    if len(names) < 2:
        return ""
    parts, x = [], WIDTH - RIGHT
    for i, name in reversed(list(enumerate(names))):
        parts.append(f'<text class="tick" x="{x}" y="18" text-anchor="end">{escape(name)}</text>')
        x -= 7 * len(name) + 8
        parts.append(f'<line class="curve c{i % 6}" x1="{x - 12}" x2="{x}" y1="14" y2="14"/>')
        x -= 24
    return "".join(parts)
