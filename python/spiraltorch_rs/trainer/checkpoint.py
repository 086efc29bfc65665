"""Saving a run and going on from there, bit for bit: weights, optimizer, random numbers, place in the data."""

from __future__ import annotations

import math
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spiraltorch_rs import _C
from spiraltorch_rs.serialization import load as load_file
from spiraltorch_rs.serialization import save as save_file
from spiraltorch_rs.trainer.callbacks import Callback

if TYPE_CHECKING:
    from spiraltorch_rs.trainer.loop import Trainer

__all__ = ["Checkpoint", "load", "random_state", "resume", "save", "set_random_state"]

FORMAT = 1


class Checkpoint(Callback):
    """Writes `last.pt` after every epoch (and every `every_steps` steps), and `best.pt` when `monitor` got better.

    A file is there as a whole or not at all, whenever the program is killed.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        monitor: str | None = None,
        mode: str = "min",
        every_epochs: int = 1,
        every_steps: int | None = None,
    ) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f"Checkpoint: mode is 'min' or 'max', not {mode!r}")
        self.folder, self.monitor, self.mode = Path(folder), monitor, mode
        self.every_epochs, self.every_steps = every_epochs, every_steps
        self.best_value = math.inf

    @property
    def last(self) -> Path:
        """Where the newest checkpoint is."""
        return self.folder / "last.pt"

    @property
    def best(self) -> Path:
        """Where the best one is."""
        return self.folder / "best.pt"

    def on_fit_begin(self, trainer: Trainer) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def on_step_end(self, trainer: Trainer) -> None:
        if self.every_steps is not None and trainer.step % self.every_steps == 0:
            save(trainer, self.last)

    def on_epoch_end(self, trainer: Trainer) -> None:
        row = trainer.history.epochs[-1]
        value = None
        if self.monitor is not None:
            if self.monitor not in row:
                raise KeyError(f"Checkpoint: there is no {self.monitor!r}; there are {', '.join(row)}")
            value = row[self.monitor] if self.mode == "min" else -row[self.monitor]
        better = value is not None and value < self.best_value
        if better and value is not None:
            self.best_value = value
            save(trainer, self.best)
        if trainer.epoch % self.every_epochs == 0 or trainer.epoch == trainer.epochs or trainer.should_stop:
            save(trainer, self.last)

    def state_dict(self) -> dict[str, Any]:
        return {"best_value": self.best_value}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best_value = state["best_value"]


# ---- random numbers ----


def _generators(loader: Any) -> list[Any]:
    """The generators a loader draws from, each once."""
    sampler, batches = getattr(loader, "sampler", None), getattr(loader, "batch_sampler", None)
    holders = (loader, sampler, batches, getattr(batches, "sampler", None))
    found = {id(g): g for g in (getattr(holder, "generator", None) for holder in holders) if g is not None}
    return list(found.values())


def _bytes_of(state: Any) -> bytes:
    return bytes(state.tolist())


def _torch() -> Any:
    """The real torch, if the program uses it: its loaders draw from its generator."""
    torch = sys.modules.get("torch")
    return (
        torch
        if torch is not None and hasattr(torch, "_C") and "+spiraltorch" not in str(torch.__version__)
        else None
    )


def random_state(loader: Any = None) -> dict[str, Any]:
    """Where all sources of random numbers stand: ours, Python's, numpy's and torch's if they are used, a loader's."""
    state: dict[str, Any] = {
        "spiraltorch": _C.get_rng_state(),
        "python": random.getstate(),
        "loader": [_bytes_of(generator.get_state()) for generator in _generators(loader)],
    }
    numpy, torch = sys.modules.get("numpy"), _torch()
    if numpy is not None:
        name, keys, *rest = numpy.random.get_state()
        state["numpy"] = (name, [int(key) for key in keys], *rest)
    if torch is not None:
        state["torch"] = _bytes_of(torch.get_rng_state())
    return state


def set_random_state(state: dict[str, Any], loader: Any = None) -> None:
    """Puts them there again."""
    _C.set_rng_state(state["spiraltorch"])
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    torch = _torch()
    for generator, data in zip(_generators(loader), state["loader"], strict=False):
        ours = isinstance(generator, _C.Generator)
        generator.set_state((_C if ours else torch).tensor(list(data), dtype=(_C if ours else torch).uint8))
    if "numpy" in state and "numpy" in sys.modules:
        numpy = sys.modules["numpy"]
        name, keys, *rest = state["numpy"]
        numpy.random.set_state((name, numpy.array(keys, dtype=numpy.uint32), *rest))
    if "torch" in state and torch is not None:
        torch.set_rng_state(torch.tensor(list(state["torch"]), dtype=torch.uint8))


# ---- the whole ----


def _parts(trainer: Trainer) -> dict[str, Any]:
    """What has a `state_dict`, by the name it has in the file."""
    parts = {"model": trainer.model, "optimizer": trainer.optimizer, "scaler": trainer.scaler}
    if trainer.scheduler is not None:
        parts["scheduler"] = trainer.scheduler
    return {**parts, "history": trainer.history}


def save(trainer: Trainer, path: str | Path) -> None:
    """Writes a checkpoint."""
    trainer._flush()
    state: dict[str, Any] = {name: part.state_dict() for name, part in _parts(trainer).items()}
    state["trainer"] = {
        "format": FORMAT,
        "epoch": trainer.epoch,
        "batch": trainer.batch,
        "step": trainer.step,
        "loss_sum": trainer._loss_sum,
        "samples": trainer._samples,
        "precision": trainer.precision,
        "accumulate": trainer.accumulate,
    }
    state["callbacks"] = [[type(c).__name__, c.state_dict()] for c in trainer.callbacks]
    state["random"] = random_state(trainer._loader)
    state["epoch_start"] = trainer.epoch_start
    save_file(state, path)


def load(trainer: Trainer, path: str | Path) -> None:
    """Reads one; the next `fit` goes on there."""
    state = load_file(path, map_location=trainer.device)
    if not isinstance(state, dict) or "trainer" not in state:
        raise RuntimeError(
            f"{path} is no checkpoint of a Trainer; load its weights with load_state_dict(st.load(...))"
        )
    place = state["trainer"]
    if place["format"] > FORMAT:
        raise RuntimeError(
            f"{path} was written by a newer version: its format is {place['format']}, ours {FORMAT}"
        )
    for name in ("precision", "accumulate"):
        if place[name] != getattr(trainer, name):
            raise RuntimeError(
                f"{path} is of a run with {name}={place[name]!r}, this one has {getattr(trainer, name)!r}"
            )
    for name, part in _parts(trainer).items():
        if name not in state:
            raise RuntimeError(f"{path} has no {name}: it is of a run without one")
        if name != "scaler" or state[name]:
            part.load_state_dict(state[name])
    kept = dict.fromkeys(name for name, _ in state["callbacks"])
    for name in kept:
        states = [one for kind, one in state["callbacks"] if kind == name]
        mine = [c for c in trainer.callbacks if type(c).__name__ == name]
        for callback, one in zip(mine, states, strict=False):
            callback.load_state_dict(one)
    trainer.epoch, trainer.batch, trainer.step = place["epoch"], place["batch"], place["step"]
    trainer._loss_sum, trainer._samples = place["loss_sum"], place["samples"]
    trainer.epoch_start = state["epoch_start"]
    trainer.optimizer.zero_grad(set_to_none=True)
    trainer._losses, trainer._pending = [], []
    trainer._resume_at = state["random"]


def resume(trainer: Trainer, path: str | Path | bool) -> None:
    """As `load`; `True` finds the newest checkpoint of the callback, and starts afresh if there is none."""
    if path is not True:
        load(trainer, str(path))
        return
    folders = [callback for callback in trainer.callbacks if isinstance(callback, Checkpoint)]
    if not folders:
        raise RuntimeError("fit: resume=True needs a Checkpoint among the callbacks; or name a file")
    if folders[0].last.exists():
        load(trainer, folders[0].last)
