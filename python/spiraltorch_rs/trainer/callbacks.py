"""What is done beside training: `Callback`, and those that most runs want."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spiraltorch_rs.nn.utils import clip_grad_norm_, clip_grad_value_

if TYPE_CHECKING:
    from spiraltorch_rs.trainer.loop import Trainer

__all__ = ["CSVLogger", "Callback", "EarlyStopping", "GradientClipping", "LearningRateMonitor"]


class Callback:
    """Is told what happens; subclasses say what they want to hear.

    >>> class Shout(Callback):
    ...     def on_epoch_end(self, trainer):
    ...         print("EPOCH", trainer.epoch)
    """

    def on_fit_begin(self, trainer: Trainer) -> None:
        """Before the first epoch."""

    def on_epoch_begin(self, trainer: Trainer) -> None:
        """Before the first batch."""

    def on_before_optimizer_step(self, trainer: Trainer) -> None:
        """The gradients are there, in their own scale."""

    def on_step_end(self, trainer: Trainer) -> None:
        """After each step of the optimizer."""

    def on_epoch_end(self, trainer: Trainer) -> None:
        """After validation: `trainer.history.epochs[-1]` has the values."""

    def on_fit_end(self, trainer: Trainer) -> None:
        """At the end, also after an error."""

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint should remember."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""


class GradientClipping(Callback):
    """Keeps the norm of all gradients below `max_norm`, or each of them within `value`; logs the norm before."""

    def __init__(self, max_norm: float | None = None, *, value: float | None = None) -> None:
        if (max_norm is None) == (value is None):
            raise TypeError("GradientClipping: give either max_norm or value")
        self.max_norm, self.value = max_norm, value

    def on_before_optimizer_step(self, trainer: Trainer) -> None:
        parameters = [p for group in trainer.optimizer.param_groups for p in group["params"]]
        if self.max_norm is not None:
            trainer.log("grad_norm", clip_grad_norm_(parameters, self.max_norm))
        elif self.value is not None:
            clip_grad_value_(parameters, self.value)


class LearningRateMonitor(Callback):
    """Logs the learning rates of all groups of parameters."""

    def on_before_optimizer_step(self, trainer: Trainer) -> None:
        groups = trainer.optimizer.param_groups
        for i, group in enumerate(groups):
            trainer.log("lr" if len(groups) == 1 else f"lr_{i}", group["lr"])


class EarlyStopping(Callback):
    """Stops when a value of the epochs has not become better by `min_delta` for `patience` epochs."""

    def __init__(
        self, monitor: str = "valid_loss", patience: int = 3, *, mode: str = "min", min_delta: float = 0.0
    ) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f"EarlyStopping: mode is 'min' or 'max', not {mode!r}")
        self.monitor, self.patience, self.mode, self.min_delta = monitor, patience, mode, min_delta
        self.best, self.waited = math.inf, 0

    def on_epoch_end(self, trainer: Trainer) -> None:
        row = trainer.history.epochs[-1]
        if self.monitor not in row:
            raise KeyError(f"EarlyStopping: there is no {self.monitor!r}; there are {', '.join(row)}")
        value = row[self.monitor] if self.mode == "min" else -row[self.monitor]
        if value < self.best - self.min_delta:
            self.best, self.waited = value, 0
            return
        self.waited += 1
        trainer.should_stop = trainer.should_stop or self.waited >= self.patience

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "waited": self.waited}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self.waited = state["best"], state["waited"]


class CSVLogger(Callback):
    """Writes the values of every epoch to a file, a line each."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def on_epoch_end(self, trainer: Trainer) -> None:
        rows = trainer.history.epochs
        names = list(dict.fromkeys(name for row in rows for name in row))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("w", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
