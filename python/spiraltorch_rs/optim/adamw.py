"""AdamW, where torch keeps it."""

from spiraltorch_rs.optim.adam import AdamW

__all__ = ["AdamW"]
