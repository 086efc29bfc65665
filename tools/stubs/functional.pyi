"""Functions of neural networks."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from collections.abc import Sequence
from typing import overload

from spiraltorch_rs._C import DeviceLike, Generator, Number, Tensor, _dtype

# names of results
from spiraltorch_rs.nn._attention import multi_head_attention_forward as multi_head_attention_forward
from spiraltorch_rs.nn._loss import (
    triplet_margin_with_distance_loss as triplet_margin_with_distance_loss,
)

# functions of nn.functional
