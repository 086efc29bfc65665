"""`History`: the curves of a run, by step and by epoch."""

from __future__ import annotations

from typing import Any

__all__ = ["History"]


class History:
    """What was measured.

    `steps` has a list of `(step, value)` for each curve, `epochs` a dict for each epoch.

    >>> history = History()
    >>> history.add_step("loss", 1, 0.5)
    >>> history.epochs.append({"epoch": 1, "loss": 0.5})
    >>> history.column("loss"), history.best("loss")
    ([(1, 0.5)], {'epoch': 1, 'loss': 0.5})
    """

    def __init__(self) -> None:
        self.steps: dict[str, list[tuple[int, float]]] = {}
        self.epochs: list[dict[str, float]] = []

    def add_step(self, name: str, step: int, value: float) -> None:
        """Adds a point to a curve by step."""
        self.steps.setdefault(name, []).append((step, value))

    def column(self, name: str) -> list[tuple[int, float]]:
        """A curve by epoch: `(epoch, value)` where there is one."""
        return [(int(row["epoch"]), row[name]) for row in self.epochs if name in row]

    def best(self, name: str, mode: str = "min") -> dict[str, float] | None:
        """The epoch with the smallest value, or the largest with `mode="max"`."""
        rows = [row for row in self.epochs if name in row]
        if not rows:
            return None
        return (min if mode == "min" else max)(rows, key=lambda row: row[name])

    def state_dict(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {
            "steps": {name: list(points) for name, points in self.steps.items()},
            "epochs": [dict(row) for row in self.epochs],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        self.steps = {
            name: [(step, value) for step, value in points] for name, points in state["steps"].items()
        }
        self.epochs = [dict(row) for row in state["epochs"]]
