"""Modules on several devices."""

from typing import TYPE_CHECKING

from spiraltorch_rs.nn.parallel.data_parallel import DataParallel

if TYPE_CHECKING:
    from spiraltorch_rs.nn.parallel.distributed import DistributedDataParallel

__all__ = ["DataParallel", "DistributedDataParallel"]


def __getattr__(name: str) -> object:
    """`DistributedDataParallel` brings connections along: it is imported when it is asked for."""
    if name != "DistributedDataParallel":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from spiraltorch_rs.nn.parallel.distributed import DistributedDataParallel

    return DistributedDataParallel
