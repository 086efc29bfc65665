"""Random numbers on GPUs: all devices draw from the one generator there is, so a program gives the same on each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import spiraltorch_rs.cuda as cuda
from spiraltorch_rs import _C

__all__ = [
    "get_rng_state",
    "get_rng_state_all",
    "initial_seed",
    "manual_seed",
    "manual_seed_all",
    "seed",
    "seed_all",
    "set_rng_state",
    "set_rng_state_all",
]


def manual_seed(seed: int) -> None:
    """Seeds the generator."""
    _C.manual_seed(seed)


manual_seed_all = manual_seed


def seed() -> None:
    """Seeds the generator with a number nobody knows."""
    _C.seed()


seed_all = seed


def initial_seed() -> int:
    """The seed with which the generator started."""
    cuda._required()
    return _C.initial_seed()


def get_rng_state(device: Any = "cuda") -> _C.Tensor:
    """The generator's state."""
    cuda._used(device)
    return _C.get_rng_state()


def get_rng_state_all() -> list[_C.Tensor]:
    """The generator's state for each device."""
    return [get_rng_state(index) for index in range(cuda.device_count())]


def set_rng_state(new_state: _C.Tensor, device: Any = "cuda") -> None:
    """Goes on with random numbers from a state."""
    cuda._used(device)
    _C.set_rng_state(new_state)


def set_rng_state_all(new_states: Iterable[_C.Tensor]) -> None:
    """Goes on with random numbers from the states of all devices: the last one counts."""
    for index, state in enumerate(new_states):
        set_rng_state(state, index)
