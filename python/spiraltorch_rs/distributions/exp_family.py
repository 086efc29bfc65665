"""Exponential families."""

from spiraltorch_rs.distributions.distribution import ExponentialFamily

__all__ = ["ExponentialFamily"]
