"""How a run shows itself: a bar of tqdm's on a terminal, a line an epoch elsewhere."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from spiraltorch_rs.trainer.callbacks import Callback

if TYPE_CHECKING:
    from spiraltorch_rs.trainer.loop import Trainer

__all__ = ["Progress", "memory_in_use"]

_EVERY_SECONDS = 0.2


def memory_in_use() -> int | None:
    """The bytes this process has in memory; `None` where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        pass
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _words(row: dict[str, float]) -> str:
    """The values of an epoch that are about the model."""
    shown = {k: v for k, v in row.items() if k not in ("epoch", "step", "lr", "steps_per_second")}
    return "  ".join(f"{name} {value:.4g}" for name, value in shown.items())


def _size(count: int | None) -> str:
    return "" if count is None else f"{count / 1e6:,.0f} MB"


class Progress(Callback):
    """Shows loss, speed and memory while it goes on."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self._bar: Any = None
        self._shown = 0.0

    @property
    def file(self) -> TextIO:
        """Where it writes: standard error, as it is now."""
        return self._file or sys.stderr

    def on_epoch_begin(self, trainer: Trainer) -> None:
        self._seen = trainer.batch
        if self.file.isatty() and importlib.util.find_spec("tqdm") is not None:
            from tqdm import tqdm

            self._bar = tqdm(
                total=trainer.batches_per_epoch,
                initial=trainer.batch,
                desc=f"epoch {trainer.epoch + 1}/{trainer.epochs}",
                unit="batch",
                file=self.file,
                leave=False,
            )

    def on_step_end(self, trainer: Trainer) -> None:
        now = time.monotonic()
        if self._bar is None or now - self._shown < _EVERY_SECONDS:
            return
        self._shown = now
        self._bar.set_postfix(
            loss=f"{trainer.running_loss:.4f}", memory=_size(memory_in_use()), refresh=False
        )
        self._bar.update(trainer.batch - self._seen)
        self._seen = trainer.batch

    def on_epoch_end(self, trainer: Trainer) -> None:
        self._close()
        row = trainer.history.epochs[-1]
        speed = f"{row['steps_per_second']:,.0f} steps/s" if row["steps_per_second"] >= 10 else ""
        speed = speed or f"{row['steps_per_second']:.2f} steps/s"
        parts = (f"epoch {trainer.epoch}/{trainer.epochs}", _words(row), speed, _size(memory_in_use()))
        print("  ".join(part for part in parts if part), file=self.file, flush=True)

    def on_fit_end(self, trainer: Trainer) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
