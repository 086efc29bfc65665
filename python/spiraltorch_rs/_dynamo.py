"""Torch's compiler by its inner name: what programs ask of it is answered by `compiler`."""

from spiraltorch_rs.compiler import (
    allow_in_graph,
    assume_constant_result,
    disable,
    is_compiling,
    list_backends,
    reset,
)

__all__ = ["allow_in_graph", "assume_constant_result", "disable", "is_compiling", "list_backends", "reset"]
