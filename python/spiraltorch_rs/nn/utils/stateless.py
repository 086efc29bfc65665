"""`functional_call` under its old name."""

from spiraltorch_rs.func import functional_call

__all__ = ["functional_call"]
