"""What torch's programs print of the build that they run on."""

from __future__ import annotations

from spiraltorch_rs import _C
from spiraltorch_rs.backends import backends


def show() -> str:
    """The version and what can be computed on."""
    return f"SpiralTorch {_C.__version__}\n{backends()!r}"


def _cxx_flags() -> str:
    """What a C++ compiler was told: there is none."""
    return ""


def parallel_info() -> str:
    """How many threads the CPU's kernels have."""
    return f"SpiralTorch's thread pool:\n\ttorch.get_num_threads() : {_C.get_num_threads()}\n"
