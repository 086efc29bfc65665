"""Discrete Fourier transforms."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from collections.abc import Sequence
from typing import overload

from spiraltorch_rs._C import DeviceLike, Generator, Number, Tensor, _dtype
# names of results

# functions of fft
