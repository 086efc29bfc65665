"""What the package offers, by the name of the module it stands in there."""

from spiraltorch_rs.profiler import *  # noqa: F403
from spiraltorch_rs.profiler import _default_schedule_fn as _default_schedule_fn
