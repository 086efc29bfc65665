"""What an import costs, in fresh interpreters: seconds, and memory on top of bare Python."""

import statistics
import subprocess
import sys
from dataclasses import dataclass

# Resident memory comes from /proc: the peak (ru_maxrss) would start at the parent's.
PROGRAM = """
import os, sys, time
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
before, start = resident(), time.perf_counter()
__import__(sys.argv[1])
print(time.perf_counter() - start, resident() - before)
"""
LIMITS = {"seconds": 0.060, "megabytes": 40.0}


@dataclass(frozen=True)
class Start:
    """Medians over several fresh interpreters."""

    seconds: float
    megabytes: float


def measure(module: str, rounds: int) -> Start:
    """The cost of `import module`."""
    costs = []
    for _ in range(rounds):
        command = [sys.executable, "-c", PROGRAM, module]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        costs.append([float(word) for word in done.stdout.split()])
    return Start(statistics.median(c[0] for c in costs), statistics.median(c[1] for c in costs) / 1e6)
