"""Functions of neural networks: the rows of the operator table that torch has in `nn.functional`."""

from spiraltorch_rs import _C
from spiraltorch_rs.nn._attention import multi_head_attention_forward

for _function in _C._namespaces["functional"].values():
    _function.__module__ = __name__  # where pickle looks for it
globals().update(_C._namespaces["functional"])
__all__ = sorted([*_C._namespaces["functional"], multi_head_attention_forward.__name__])  # pyright: ignore[reportUnsupportedDunderAll]
