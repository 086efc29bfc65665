"""How long statements take: `Timer`, and `Compare`, a table of what several told.

>>> from spiraltorch_rs.utils import benchmark
>>> told = benchmark.Timer("x + x", globals={"x": 1}).blocked_autorange(min_run_time=0.01)
>>> told.median < 1e-3
True
"""

from spiraltorch_rs.utils.benchmark.utils.common import (
    Measurement,
    TaskSpec,
    ordered_unique,
    select_unit,
    set_torch_threads,
    trim_sigfig,
    unit_to_english,
)
from spiraltorch_rs.utils.benchmark.utils.compare import Colorize, Compare
from spiraltorch_rs.utils.benchmark.utils.timer import Language, Timer, timer

__all__ = [
    "Colorize",
    "Compare",
    "Language",
    "Measurement",
    "TaskSpec",
    "Timer",
    "ordered_unique",
    "select_unit",
    "set_torch_threads",
    "timer",
    "trim_sigfig",
    "unit_to_english",
]
