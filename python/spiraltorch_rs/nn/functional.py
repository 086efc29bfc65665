"""Functions of neural networks: the rows of the operator table that torch has in `nn.functional`, and a few more."""

from spiraltorch_rs import _C
from spiraltorch_rs.nn import grad as grad
from spiraltorch_rs.nn._attention import multi_head_attention_forward
from spiraltorch_rs.nn._loss import linear_cross_entropy, triplet_margin_with_distance_loss

for _function in _C._namespaces["functional"].values():
    _function.__module__ = __name__  # where pickle looks for it
globals().update({**_C._namespaces["functional"], "linear_cross_entropy": linear_cross_entropy})
_PYTHON = (multi_head_attention_forward, triplet_margin_with_distance_loss)
__all__ = sorted([*_C._namespaces["functional"], *(function.__name__ for function in _PYTHON)])  # pyright: ignore
