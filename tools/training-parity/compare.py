"""Compares a training in both libraries, in single precision, with both in double precision as referees.

Single precision rounds, and training makes small differences larger. Whether a difference is more than that, double
precision says: there, formulas that are the same stay together to many digits, and how far torch's own single precision
drifts from it is how far anybody's may.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import runs
import torch
from runs import Run, Told

import spiraltorch_rs as st

# How far losses may be apart, relative: in single precision by rounding, in double precision if formulas agree.
SINGLE, DOUBLE = 1e-4, 1e-7
# Beyond SINGLE, ours may be so many times as far from double precision as torch's single precision is.
AS_TORCH = 3.0


@dataclass
class Compared:
    """The four trainings of a run, and what is between them."""

    run: Run
    ours: Told
    torch: Told
    ours_double: Told
    torch_double: Told

    @property
    def apart(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """How far the losses are apart at each step, relative."""
        return relative(self.ours.losses, self.torch.losses)

    @property
    def drift(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """How far torch's losses in single precision are from those in double precision."""
        return relative(self.torch.losses, self.torch_double.losses)

    @property
    def our_drift(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """How far our losses in single precision are from torch's in double precision."""
        return relative(self.ours.losses, self.torch_double.losses)

    @property
    def double_apart(self) -> float:
        """How far the losses in double precision are apart."""
        return float(relative(self.ours_double.losses, self.torch_double.losses).max())

    @property
    def norms_apart(self) -> float:
        """How far the norms of the gradients are apart, of all steps."""
        return float(relative(self.ours.norms, self.torch.norms).max())

    @property
    def gradients_apart(self) -> tuple[float, str]:
        """The largest difference of the first gradients, of the largest gradient, and whose it is."""
        return furthest(self.ours.gradients, self.torch.gradients)

    @property
    def weights_apart(self) -> tuple[float, str]:
        """The largest difference of the last weights, of the largest weight, and whose it is."""
        return furthest(self.ours.weights, self.torch.weights)

    def verdict(self) -> tuple[bool, str]:
        """Whether the curves agree, and in what sense."""
        largest = float(self.apart.max())
        if not np.isfinite(self.our_drift).all() or self.double_apart > DOUBLE:
            return False, f"formulas differ: {self.double_apart:.1e} apart in double precision"
        if largest <= SINGLE:
            return True, f"within {SINGLE:.0e}"
        if self.our_drift.max() <= AS_TORCH * self.drift.max():
            return True, "rounding: torch's single precision is as far from double precision"
        return False, f"{largest:.1e} apart, more than rounding explains"


def compare(run: Run, steps: int) -> Compared:
    """Trains four times from the same weights."""
    weights = runs.first_weights(run)
    trainings = (
        runs.train(run, library, dtype, weights, steps)
        for dtype in ("float32", "float64")
        for library in (st, torch)
    )
    return Compared(run, *trainings)


def relative(a: list[float], b: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Relative differences of two curves."""
    x, y = np.array(a), np.array(b)
    return np.asarray(np.abs(x - y) / np.maximum(np.abs(y), 1e-12))


def furthest(
    ours: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]],
    theirs: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]],
) -> tuple[float, str]:
    """The largest difference of any element, of the largest element of all."""
    if list(ours) != list(theirs):
        return float("inf"), "other names"
    scale = max(float(np.abs(value).max()) for value in theirs.values())
    return max((float(np.abs(ours[name] - theirs[name]).max()) / scale, name) for name in theirs)
