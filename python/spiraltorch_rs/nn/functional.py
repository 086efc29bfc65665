"""Functions of neural networks: the rows of the operator table that torch has in `nn.functional`, and a few more."""

from spiraltorch_rs import _C
from spiraltorch_rs.nn._attention import multi_head_attention_forward
from spiraltorch_rs.nn._loss import linear_cross_entropy, triplet_margin_with_distance_loss

for _function in _C._namespaces["functional"].values():
    _function.__module__ = __name__  # where pickle looks for it
globals().update({**_C._namespaces["functional"], "linear_cross_entropy": linear_cross_entropy})
__all__ = sorted(  # pyright: ignore[reportUnsupportedDunderAll]
    [
        *_C._namespaces["functional"],
        multi_head_attention_forward.__name__,
        triplet_margin_with_distance_loss.__name__,
    ]
)
