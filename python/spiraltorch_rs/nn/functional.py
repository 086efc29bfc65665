"""Functions of neural networks: the rows of the operator table that torch has in `nn.functional`."""

from spiraltorch_rs import _C
from spiraltorch_rs.nn._attention import multi_head_attention_forward

globals().update(_C._namespaces["functional"])
__all__ = sorted(_C._namespaces["functional"])  # pyright: ignore[reportUnsupportedDunderAll]
