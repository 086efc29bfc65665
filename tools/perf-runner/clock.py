"""Measures two programs side by side: alternating, so that a busy moment of the machine hits both, and by medians."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Work = Callable[[], Any]
# A sample lasts at least this long, so that the clock's own cost does not count.
SAMPLE_SECONDS = 0.004
# Threads of an OpenMP runtime go on spinning for milliseconds after their work, on the cores that the other library's
# turn needs. Every turn begins with calls that do not count, for so long that they are asleep and its own are awake.
AWAKE_SECONDS = 0.025


@dataclass(frozen=True)
class Program:
    """What is timed, and what must happen after it outside of the clock (it gets the results)."""

    work: Work
    after: Callable[[list[Any]], None] | None = None
    # How often a call does what is measured.
    repeats: int = 1


@dataclass(frozen=True)
class Timing:
    """Median seconds of one call, and how far the middle half of the samples spreads around it."""

    seconds: float
    spread: float


def sample(program: Program, calls: int) -> float:
    """Seconds of one call, out of several in a row."""
    if program.after is None:
        start = time.perf_counter()
        for _ in range(calls):
            program.work()
        return (time.perf_counter() - start) / (calls * program.repeats)
    results = []
    start = time.perf_counter()
    for _ in range(calls):
        results.append(program.work())
    seconds = time.perf_counter() - start
    program.after(results)
    return seconds / (calls * program.repeats)


def turn(program: Program, calls: int) -> float:
    """A sample as if the program were alone on the machine."""
    stop = time.perf_counter() + AWAKE_SECONDS
    while time.perf_counter() < stop:
        sample(program, calls)
    return sample(program, calls)


def warm(program: Program, seconds: float) -> int:
    """Runs until caches, plans and threads are warm; how many calls make a sample."""
    once, stop = sample(program, 1), time.perf_counter() + seconds
    while time.perf_counter() < stop:
        once = min(once, sample(program, 1))
    # Results that are kept until the clock has stopped must stay few, or they are computed before.
    most = 1000 if program.after is None else 100 // program.repeats
    return max(1, min(most, round(SAMPLE_SECONDS / max(once * program.repeats, 1e-7))))


def timing(samples: list[float]) -> Timing:
    """The median, and the quartiles' distance as a share of it."""
    middle = statistics.median(samples)
    low, _, high = statistics.quantiles(samples, n=4)
    return Timing(middle, (high - low) / middle)


def compare(ours: Program, reference: Program, rounds: int, budget: float) -> tuple[Timing, Timing]:
    """Times both, in turn, for so many rounds or until the budget of seconds is spent (five rounds at least)."""
    calls = [warm(program, budget / 10) for program in (ours, reference)]
    samples: tuple[list[float], list[float]] = ([], [])
    stop = time.perf_counter() + budget
    for done in range(rounds):
        if done >= 5 and time.perf_counter() > stop:
            break
        # Who comes first changes too: the second one finds a warmer machine.
        for side in (0, 1) if done % 2 else (1, 0):
            samples[side].append(turn((ours, reference)[side], calls[side]))
    return timing(samples[0]), timing(samples[1])
