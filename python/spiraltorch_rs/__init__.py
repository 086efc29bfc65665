"""SpiralTorch: PyTorch's API on a Rust core.

>>> import spiraltorch_rs as st
>>> x = st.tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
tensor([2., 4., 6.])
"""

from math import e, inf, nan, pi

from spiraltorch_rs import _C, _tensor
from spiraltorch_rs._C import *  # noqa: F403
from spiraltorch_rs._C import __version__
from spiraltorch_rs._size import Size

_tensor.install()
Size.__module__ = __name__

from spiraltorch_rs import autograd, fft, linalg, return_types, special, utils  # noqa: E402
from spiraltorch_rs.autograd import (  # noqa: E402
    enable_grad,
    inference_mode,
    no_grad,
    set_grad_enabled,
)

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from spiraltorch_rs import nn as nn
    from spiraltorch_rs import optim as optim
    from spiraltorch_rs.serialization import load as load
    from spiraltorch_rs.serialization import save as save

strided = "spiraltorch_rs.strided"
contiguous_format = "spiraltorch_rs.contiguous_format"
preserve_format = "spiraltorch_rs.preserve_format"
newaxis = None

__all__ = [
    *(name for name in dir(_C) if not name.startswith("_")),
    "Size",
    "__version__",
    "autograd",
    "backends",  # noqa: F405
    "e",
    "enable_grad",
    "explain",  # noqa: F405
    "fft",
    "inf",
    "inference_mode",
    "linalg",
    "load",
    "nan",
    "newaxis",
    "nn",
    "no_grad",
    "optim",
    "pi",
    "return_types",
    "save",
    "set_grad_enabled",
    "special",
    "utils",
]


def __getattr__(name: str) -> object:
    # Imported when they are first used: `import spiraltorch_rs` stays fast.
    from importlib import import_module

    value: object = None
    if name in ("backends", "explain"):
        value = getattr(import_module(f"spiraltorch_rs._{name}"), name)
    elif name in ("nn", "optim"):
        value = import_module(f"spiraltorch_rs.{name}")
    elif name in ("load", "save"):
        value = getattr(import_module("spiraltorch_rs.serialization"), name)
    if value is not None:
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
