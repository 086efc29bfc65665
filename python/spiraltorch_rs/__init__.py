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
from spiraltorch_rs._settings import (  # noqa: E402
    are_deterministic_algorithms_enabled,
    get_deterministic_debug_mode,
    get_float32_matmul_precision,
    get_num_interop_threads,
    is_deterministic_algorithms_warn_only_enabled,
    is_storage,
    is_warn_always_enabled,
    set_deterministic_debug_mode,
    set_float32_matmul_precision,
    set_flush_denormal,
    set_num_interop_threads,
    set_warn_always,
    typename,
    use_deterministic_algorithms,
)
from spiraltorch_rs.autograd import (  # noqa: E402
    enable_grad,
    inference_mode,
    no_grad,
    set_grad_enabled,
)
from spiraltorch_rs.functional import (  # type: ignore[assignment]  # noqa: E402
    broadcast_shapes,
    gradient,
    histogramdd,
    tensordot,
    unique,
    unique_consecutive,
)

newaxis = None

__all__ = [
    *(name for name in dir(_C) if not name.startswith("_")),
    "Size",
    "__version__",
    "are_deterministic_algorithms_enabled",
    "autograd",
    "backends",  # noqa: F405
    "broadcast_shapes",
    "e",
    "enable_grad",
    "explain",  # noqa: F405
    "fft",
    "get_deterministic_debug_mode",
    "get_float32_matmul_precision",
    "get_num_interop_threads",
    "gradient",
    "histogramdd",
    "inf",
    "inference_mode",
    "is_deterministic_algorithms_warn_only_enabled",
    "is_storage",
    "is_warn_always_enabled",
    "linalg",
    "nan",
    "newaxis",
    "nn",
    "no_grad",
    "pi",
    "return_types",
    "set_deterministic_debug_mode",
    "set_float32_matmul_precision",
    "set_flush_denormal",
    "set_grad_enabled",
    "set_num_interop_threads",
    "set_warn_always",
    "special",
    "tensordot",
    "typename",
    "unique",
    "unique_consecutive",
    "use_deterministic_algorithms",
    "utils",
]


def __getattr__(name: str) -> object:
    # Imported when they are first used: `import spiraltorch_rs` stays fast.
    if name in ("backends", "explain"):
        from importlib import import_module

        value = getattr(import_module(f"spiraltorch_rs._{name}"), name)
        globals()[name] = value
        return value
    if name in ("UntypedStorage", "TypedStorage"):
        from spiraltorch_rs import storage

        return getattr(storage, name)
    if name == "set_default_tensor_type" or name.endswith(("Tensor", "Storage")):
        from spiraltorch_rs import _legacy

        if name == "set_default_tensor_type":
            return _legacy.set_default_tensor_type
        if name in _legacy.CLASSES:
            return _legacy.CLASSES[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
