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

from spiraltorch_rs import __future__ as __future__  # noqa: E402
from spiraltorch_rs import _internals, autograd, fft, linalg, return_types, special, utils  # noqa: E402
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
from spiraltorch_rs.autograd.anomaly_mode import set_detect_anomaly as set_anomaly_enabled  # noqa: E402
from spiraltorch_rs.functional import (  # noqa: E402
    as_strided_,
    broadcast_shapes,
    get_device,
    gradient,
    grid_sampler,
    grid_sampler_2d,
    grid_sampler_3d,
    hash_tensor,
    histogramdd,
    lobpcg,
    to_dlpack,
    unique,
    unique_consecutive,
)
from spiraltorch_rs.functional import einsum as einsum  # type: ignore[assignment]  # noqa: E402
from spiraltorch_rs.functional import meshgrid as meshgrid  # type: ignore[assignment]  # noqa: E402
from spiraltorch_rs.functional import tensordot as tensordot  # type: ignore[no-redef]  # noqa: E402

_internals.install()

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from spiraltorch_rs import nn as nn
    from spiraltorch_rs import optim as optim
    from spiraltorch_rs.amp import GradScaler as GradScaler
    from spiraltorch_rs.amp import autocast as autocast
    from spiraltorch_rs.serialization import load as load
    from spiraltorch_rs.serialization import save as save
    from spiraltorch_rs.trainer import Trainer as Trainer

newaxis = None

__all__ = [
    *(name for name in dir(_C) if not name.startswith("_")),
    "GradScaler",
    "Size",
    "Trainer",
    "__version__",
    "accelerator",  # noqa: F405
    "amp",  # noqa: F405
    "autocast",
    "autograd",
    "backends",  # noqa: F405
    "compile",
    "compiler",  # noqa: F405
    "cpu",  # noqa: F405
    "cuda",  # noqa: F405
    "are_deterministic_algorithms_enabled",
    "as_strided_",
    "broadcast_shapes",
    "default_generator",  # noqa: F405
    "distributed",  # noqa: F405
    "distributions",  # noqa: F405
    "e",
    "enable_grad",
    "explain",  # noqa: F405
    "fft",
    "func",  # noqa: F405
    "futures",  # noqa: F405
    "fx",  # noqa: F405
    "hub",  # noqa: F405
    "hypergrad",  # noqa: F405
    "inf",
    "inference_mode",
    "install_as_torch",  # noqa: F405
    "get_deterministic_debug_mode",
    "get_float32_matmul_precision",
    "get_num_interop_threads",
    "get_device",
    "get_device_module",  # noqa: F405
    "gradient",
    "grid_sampler",
    "grid_sampler_2d",
    "grid_sampler_3d",
    "hash_tensor",
    "histogramdd",
    "is_deterministic_algorithms_warn_only_enabled",
    "is_storage",
    "is_warn_always_enabled",
    "jit",  # noqa: F405
    "library",  # noqa: F405
    "linalg",
    "load",
    "lobpcg",
    "masked",  # noqa: F405
    "mps",  # noqa: F405
    "multiprocessing",  # noqa: F405
    "nan",
    "newaxis",
    "nn",
    "onnx",  # noqa: F405
    "ops",  # noqa: F405
    "no_grad",
    "optim",
    "overrides",  # noqa: F405
    "pi",
    "profiler",  # noqa: F405
    "random",  # noqa: F405
    "return_types",
    "safetensors",  # noqa: F405
    "save",
    "set_anomaly_enabled",
    "set_deterministic_debug_mode",
    "set_float32_matmul_precision",
    "set_flush_denormal",
    "set_grad_enabled",
    "set_num_interop_threads",
    "set_warn_always",
    "signal",  # noqa: F405
    "special",
    "tensordot",
    "testing",  # noqa: F405
    "to_dlpack",
    "typename",
    "trainer",  # noqa: F405
    "types",  # noqa: F405
    "unique",
    "unique_consecutive",
    "use_deterministic_algorithms",
    "utils",
    "version",  # noqa: F405
    "vmap",  # noqa: F405
    "xpu",  # noqa: F405
]

# Imported when they are first used: `import spiraltorch_rs` stays fast.
_LAZY_MODULES = """
__config__ _dynamo _linalg_utils _utils accelerator amp backends compiler cpu cuda distributed distributions foreach
func futures fx hub hypergrad jit library masked mps multiprocessing nn onnx optim overrides profiler random safetensors
serialization signal storage testing trainer types version xpu
""".split()
_LAZY_NAMES = {
    "Future": "futures",
    "GradScaler": "amp",
    "Trainer": "trainer",
    "autocast": "amp",
    "compile": "compiler",
    "default_generator": "random",
    "explain": "_explain",
    "install_as_torch": "_alias",
    "load": "serialization",
    "ops": "library",
    "save": "serialization",
    "set_default_tensor_type": "_legacy",
    "vmap": "func",
    **dict.fromkeys(
        "_addmm_activation _aminmax _assert _assert_async _segment_reduce _shape_as_tensor get_device_module sym_float "
        "sym_int sym_ite sym_max sym_min sym_not sym_sum".split(),
        "functional",
    ),
    **dict.fromkeys(
        "_check _check_index _check_is_size _check_not_implemented _check_tensor_all _check_tensor_all_with "
        "_check_type _check_value _check_with".split(),
        "_checks",
    ),
    **dict.fromkeys(
        "_chunk_cat _neg_view _safe_softmax _softmax_backward_data _unsafe_masked_index "
        "_unsafe_masked_index_put_accumulate".split(),
        "_inner",
    ),
    **dict.fromkeys(("_dirichlet_grad", "_sample_dirichlet", "_standard_gamma"), "_C"),
    **dict.fromkeys(("ScriptFunction", "ScriptModule"), "jit"),
    **dict.fromkeys("eig lstsq matrix_rank solve symeig".split(), "_linalg_utils"),
    **dict.fromkeys(("TypedStorage", "UntypedStorage", "from_file"), "storage"),
    **dict.fromkeys(("ComplexFloatStorage", "ComplexDoubleStorage"), "_legacy"),
    **dict.fromkeys(
        "autocast_decrement_nesting autocast_increment_nesting get_autocast_cpu_dtype get_autocast_dtype "
        "get_autocast_gpu_dtype is_autocast_cpu_enabled is_autocast_enabled set_autocast_cpu_dtype "
        "set_autocast_cpu_enabled set_autocast_dtype set_autocast_enabled set_autocast_gpu_dtype".split(),
        "amp.autocast_mode",
    ),
    **{
        f"{kind}{of}": "_legacy"
        for kind in "Bool Byte Char Short Int Long Half BFloat16 Float Double".split()
        for of in ("Tensor", "Storage")
    },
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _LAZY_MODULES:
        return import_module(f"spiraltorch_rs.{name}")
    if name in _LAZY_NAMES:
        value = globals()[name] = getattr(import_module(f"spiraltorch_rs.{_LAZY_NAMES[name]}"), name)
        return value
    if name == "Storage":
        from spiraltorch_rs import _legacy

        return _legacy.default_storage()
    if name.startswith("_foreach_"):
        return getattr(import_module("spiraltorch_rs._foreach"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
