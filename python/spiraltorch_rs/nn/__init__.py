"""Neural networks."""

from spiraltorch_rs.nn import functional

__all__ = ["functional"]
