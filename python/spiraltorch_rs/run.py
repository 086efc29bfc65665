"""`python -m spiraltorch_rs.run script.py arguments`: runs a program written for torch, unchanged."""

import os
import runpy
import sys

from spiraltorch_rs._alias import install_as_torch

USAGE = "usage: python -m spiraltorch_rs.run (script.py | -m module) [arguments]"


def main(arguments: list[str]) -> None:
    """Runs the program as Python would, with `torch` being this package."""
    as_module = arguments[:1] == ["-m"]
    program = arguments[as_module:]
    if not program or program[0] in ("-h", "--help"):
        sys.exit(USAGE if not program else print(USAGE))
    install_as_torch()
    sys.argv = program
    # As Python does: the script's folder, or the current one.
    sys.path[0] = os.getcwd() if as_module else os.path.dirname(os.path.abspath(program[0]))
    if as_module:
        runpy.run_module(program[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(program[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
