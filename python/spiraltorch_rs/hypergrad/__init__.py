"""Gradients by hyperparameters: through the steps of an optimizer, or of its fixed point.

`unroll` trains a model and gives parameters that depend on the hyperparameters step by step; `implicit` takes trained
parameters and gives the same by the implicit function theorem. What is computed from either has gradients as usual.
"""

from spiraltorch_rs.hypergrad.implicit import implicit
from spiraltorch_rs.hypergrad.optimizers import SGD, Adam, AdamW, Optimizer
from spiraltorch_rs.hypergrad.solvers import conjugate_gradient, neumann
from spiraltorch_rs.hypergrad.unrolled import Unrolled, unroll

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Optimizer",
    "Unrolled",
    "conjugate_gradient",
    "implicit",
    "neumann",
    "unroll",
]
