"""Helpers of tests: comparisons with tolerances by dtype, random tensors.

>>> import spiraltorch_rs as st
>>> st.testing.assert_close(st.tensor([1.0, 2.0]), st.tensor([1.0, 2.0000001]))
"""

from spiraltorch_rs.testing._comparison import assert_allclose, assert_close
from spiraltorch_rs.testing._creation import make_tensor

__all__ = ["assert_allclose", "assert_close", "make_tensor"]
