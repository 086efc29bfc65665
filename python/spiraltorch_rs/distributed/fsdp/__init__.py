"""Models whose parameters are shared out over the ranks."""

from spiraltorch_rs.distributed.fsdp.api import *  # noqa: F403
from spiraltorch_rs.distributed.fsdp.api import __all__ as _options
from spiraltorch_rs.distributed.fsdp.fully_sharded_data_parallel import FullyShardedDataParallel

__all__ = [*_options, "FullyShardedDataParallel"]
