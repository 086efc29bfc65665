"""Modules on several devices."""

from spiraltorch_rs.nn.parallel.data_parallel import DataParallel

__all__ = ["DataParallel"]
