"""What training takes of memory at its peak, in fresh processes: megabytes on top of the imported library."""

import subprocess
import sys
from pathlib import Path

ROUNDS = 5


def resident(what: str) -> float:
    """Megabytes that are resident now (`VmRSS`), or were at most (`VmHWM`)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return float(line.split()[1]) / 1e3
    return float("nan")


def measure(library: str, program: str, threads: int) -> float:
    """The peak of one program of training.py."""
    command = [sys.executable, __file__, library, program, str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def child(library: str, program: str, threads: int) -> None:
    """Runs the program a few times in this process and prints the peak."""
    from rows import normal, side
    from training import PROGRAMS

    chosen = side(library)
    chosen.library.set_num_threads(threads)
    normal((1,))  # numpy's generators are imported at their first use
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak of the imports
    work = PROGRAMS[program](chosen).work
    for _ in range(ROUNDS):
        work()
    print(resident("VmHWM") - before)


if __name__ == "__main__":
    child(sys.argv[1], sys.argv[2], int(sys.argv[3]))
