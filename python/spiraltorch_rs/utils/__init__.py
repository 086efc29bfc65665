"""Helpers."""

from spiraltorch_rs.utils import checkpoint as checkpoint
