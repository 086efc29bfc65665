"""The tape's nodes."""

from spiraltorch_rs._C import Node

__all__ = ["Node"]
