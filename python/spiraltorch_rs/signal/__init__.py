"""Signals: windows to weight their samples with."""

from spiraltorch_rs.signal import windows

__all__ = ["windows"]
