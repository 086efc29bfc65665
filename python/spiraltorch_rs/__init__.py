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

from spiraltorch_rs import autograd, fft, linalg, nn, return_types, special, utils  # noqa: E402
from spiraltorch_rs.autograd import (  # noqa: E402
    enable_grad,
    inference_mode,
    no_grad,
    set_grad_enabled,
)

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
    "func",  # noqa: F405
    "inf",
    "inference_mode",
    "linalg",
    "nan",
    "newaxis",
    "nn",
    "no_grad",
    "pi",
    "return_types",
    "set_grad_enabled",
    "special",
    "utils",
    "vmap",  # noqa: F405
]

# Names and the modules they are in, or are.
_LAZY = {
    "backends": "_backends",
    "explain": "_explain",
    "default_generator": "random",
    "distributions": "distributions",
    "func": "func",
    "hypergrad": "hypergrad",
    "random": "random",
    "vmap": "func",
}


def __getattr__(name: str) -> object:
    # Imported when they are first used: `import spiraltorch_rs` stays fast.
    if name in _LAZY:
        from importlib import import_module

        value: object = import_module(f"spiraltorch_rs.{_LAZY[name]}")
        if _LAZY[name] != name:
            value = getattr(value, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
