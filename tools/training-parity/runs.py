"""The runs that are compared: a model of tests/models, an optimizer, a schedule, and a handful of batches in turns."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from models import load

SEED = 0
BATCHES = 8


@dataclass(frozen=True)
class Run:
    """What is trained, and how."""

    name: str
    model: str
    optimizer: Callable[[Any, Any], Any]
    schedule: Callable[[Any, Any, int], Any] | None = None
    clip: float | None = None


def decayed(model: Any) -> list[dict[str, Any]]:
    """Weight decay for matrices, none for what has one dimension."""
    parameters = list(model.parameters())
    return [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": 0.1},
        {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
    ]


RUNS = [
    Run("MLP, Adam", "mlp", lambda optim, model: optim.Adam(model.parameters(), lr=1e-3)),
    Run(
        "CNN with batch norm, SGD with momentum",
        "cnn",
        lambda optim, model: optim.SGD(model.parameters(), lr=1e-2, momentum=0.9, weight_decay=5e-4),
    ),
    Run("LSTM, RMSprop", "lstm", lambda optim, model: optim.RMSprop(model.parameters(), lr=1e-3)),
    Run(
        "GPT, AdamW, clipping, cosine",
        "gpt2",
        lambda optim, model: optim.AdamW(decayed(model), lr=1e-3, betas=(0.9, 0.95)),
        lambda optim, optimizer, steps: optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=1e-4),
        clip=1.0,
    ),
    Run(
        "ViT, label smoothing, Adam",
        "vit",
        lambda optim, model: optim.Adam(model.parameters(), lr=3e-4),
    ),
]


@dataclass
class Told:
    """What a training told: a loss and a norm of the gradients for each step, first gradients, last weights."""

    losses: list[float]
    norms: list[float]
    gradients: dict[str, np.ndarray[Any, Any]]
    weights: dict[str, np.ndarray[Any, Any]]


def train(run: Run, library: ModuleType, dtype: str, weights: dict[str, Any], steps: int) -> Told:
    """Trains in one library, from given weights."""
    file = load(run.model, library.__name__)
    model = file.build()
    model.load_state_dict({name: tensor(library, value) for name, value in weights.items()})
    model.to(dtype=getattr(library, dtype))
    batches = [batch(library, file.inputs(np.random.default_rng(i)), dtype) for i in range(BATCHES)]
    optimizer = run.optimizer(library.optim, model)
    schedule = run.schedule(library.optim, optimizer, steps) if run.schedule else None
    told = Told([], [], {}, {})
    for step in range(steps):
        optimizer.zero_grad()
        loss, _ = file.loss(model, **batches[step % BATCHES])
        loss.backward()
        if step == 0:
            told.gradients = {n: array(p.grad) for n, p in model.named_parameters() if p.grad is not None}
        limit = run.clip if run.clip is not None else float("inf")
        norm = library.nn.utils.clip_grad_norm_(model.parameters(), limit)
        optimizer.step()
        if schedule is not None:
            schedule.step()
        told.losses.append(loss.item())
        told.norms.append(float(norm))
    told.weights = {name: array(value) for name, value in model.named_parameters()}
    return told


def first_weights(run: Run) -> dict[str, np.ndarray[Any, Any]]:
    """The weights to start from: those that torch draws."""
    import torch

    torch.manual_seed(SEED)
    return {
        name: value.numpy().copy() for name, value in load(run.model, "torch").build().state_dict().items()
    }


def tensor(library: ModuleType, value: Any) -> Any:
    """An array as a tensor of a library."""
    return library.from_numpy(value.copy()) if value.ndim else library.tensor(value.item())


def batch(library: ModuleType, arrays: dict[str, Any], dtype: str) -> dict[str, Any]:
    """A batch; its fractions are of the dtype."""
    made = {name: library.from_numpy(np.ascontiguousarray(value)) for name, value in arrays.items()}
    return {n: t.to(getattr(library, dtype)) if t.is_floating_point() else t for n, t in made.items()}


def array(value: Any) -> Any:
    """A tensor as an array in double precision."""
    return np.asarray(value.detach().numpy(), dtype=np.float64)
