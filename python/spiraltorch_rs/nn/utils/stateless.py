"""`functional_call` under its old names."""

from spiraltorch_rs.func import functional_call

__all__ = ["functional_call"]

_functional_call = functional_call
