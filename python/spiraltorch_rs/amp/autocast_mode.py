"""`autocast`: inside, products run in half precision and what needs more digits in single, by torch's lists.

The lists, the casts and the cache of cast parameters are the core's (`crates/st-core/src/autocast`); here is what is
about Python.
"""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from spiraltorch_rs import _C
from spiraltorch_rs._C import (
    Tensor,
    clear_autocast_cache,
    is_autocast_cache_enabled,
    set_autocast_cache_enabled,
)

__all__ = ["autocast", "autocast_decorator", "custom_bwd", "custom_fwd", "is_autocast_available"]

F = TypeVar("F", bound=Callable[..., Any])
_SUPPORTED = (_C.bfloat16, _C.float16)


def is_autocast_available(device_type: str) -> bool:
    """Whether there is mixed precision on a kind of device."""
    return _C.device(device_type).type != "meta"


def autocast_decorator(autocast_instance: autocast, func: F) -> F:
    """A function that runs in a region of its own."""

    @functools.wraps(func)
    def decorate_autocast(*args: Any, **kwargs: Any) -> Any:
        with autocast_instance:
            return func(*args, **kwargs)

    return decorate_autocast  # type: ignore[return-value]


class autocast:
    """A region, or with `@` a function, in which operators choose their dtype.

    Products of matrices, convolutions and attention run in `dtype` (bfloat16 on the processor, else float16), with sums
    in float32; losses and what would lose too many digits run in float32; the rest in the dtype of its operands.

    >>> import spiraltorch_rs as st
    >>> model, x = st.nn.Linear(3, 2), st.ones(1, 3)
    >>> with st.autocast("cpu"):
    ...     y = model(x)
    ...     loss = st.nn.functional.mse_loss(y, st.zeros(1, 2))
    >>> y.dtype, loss.dtype
    (spiraltorch_rs.bfloat16, spiraltorch_rs.float32)
    """

    def __init__(
        self,
        device_type: str,
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        if not is_autocast_available(device_type):
            raise RuntimeError(f"User specified an unsupported autocast device_type '{device_type}'")
        self.device = device_type
        self.fast_dtype = get_autocast_dtype(device_type) if dtype is None else dtype
        self._cache_enabled = is_autocast_cache_enabled() if cache_enabled is None else cache_enabled
        self._enabled = enabled and self._usable()
        self._before: list[tuple[bool, Any, bool]] = []

    def _usable(self) -> bool:
        """Whether the device is there and has the dtype; a warning if not."""
        if self.device != "cpu" and not _C._device_count(self.device, software=True):
            warnings.warn(f"{self.device.upper()} is not available. Disabling autocast.", stacklevel=3)
            return False
        if self.fast_dtype not in _SUPPORTED:
            warnings.warn(
                f"In {self.device.upper()} autocast, but the target dtype is not supported. Disabling autocast.\n"
                f"{self.device.upper()} Autocast only supports dtypes of {_SUPPORTED[0]}, {_SUPPORTED[1]} currently.",
                stacklevel=3,
            )
            return False
        return True

    def __enter__(self) -> autocast:
        self._before.append((*_C._autocast(self.device), is_autocast_cache_enabled()))
        _C._set_autocast(self.device, self._enabled, self.fast_dtype)
        _C._nest_autocast(1)
        set_autocast_cache_enabled(self._cache_enabled)
        return self

    def __exit__(self, *error: Any) -> None:
        if _C._nest_autocast(-1) == 0:
            clear_autocast_cache()
        enabled, dtype, cache = self._before.pop()
        _C._set_autocast(self.device, enabled, dtype)
        set_autocast_cache_enabled(cache)

    def __call__(self, func: F) -> F:
        if not callable(func):
            raise TypeError(
                f"autocast()(func) requires a callable, but got {type(func).__name__}. As a context manager it is "
                "used with `with`."
            )
        return autocast_decorator(self, func)


def _cast(value: Any, device_type: str, dtype: Any) -> Any:
    """An argument with its floats in a dtype, whatever they are in."""
    if isinstance(value, Tensor):
        castable = (
            value.is_floating_point() and value.device.type == device_type and value.dtype != _C.float64
        )
        return value.to(dtype) if castable else value
    if isinstance(value, Mapping):
        return {_cast(k, device_type, dtype): _cast(v, device_type, dtype) for k, v in value.items()}
    numpy = sys.modules.get("numpy")
    if isinstance(value, (str, bytes)) or (numpy is not None and isinstance(value, numpy.ndarray)):
        return value
    if isinstance(value, Iterable):
        parts = (_cast(part, device_type, dtype) for part in value)
        return type(value)(parts) if isinstance(value, (list, tuple)) else parts
    return value


def _expect_text(device_type: Any) -> None:
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")


def custom_fwd(fwd: Any = None, *, device_type: str, cast_inputs: Any = None) -> Any:
    """For the `forward` of an `autograd.Function`: casts what comes in, and then runs it without autocast."""
    _expect_text(device_type)
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def decorate_fwd(*args: Any, **kwargs: Any) -> Any:
        context, on = args[0], is_autocast_enabled(device_type)
        context._dtype = get_autocast_dtype(device_type)
        context._fwd_used_autocast = on and cast_inputs is None
        if cast_inputs is None or not on:
            return fwd(*args, **kwargs)
        with autocast(device_type, enabled=False):
            return fwd(*_cast(args, device_type, cast_inputs), **_cast(kwargs, device_type, cast_inputs))

    return decorate_fwd


def custom_bwd(bwd: Any = None, *, device_type: str) -> Any:
    """For the `backward` of an `autograd.Function`: runs as `forward` ran."""
    _expect_text(device_type)
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def decorate_bwd(*args: Any, **kwargs: Any) -> Any:
        context = args[0]
        with autocast(device_type, enabled=context._fwd_used_autocast, dtype=context._dtype):
            return bwd(*args, **kwargs)

    return decorate_bwd


# ---- functions of the package: `st.is_autocast_enabled` and others ----


def _kind(device_type: str) -> str:
    kind: str = _C.device(device_type).type
    return kind


def is_autocast_enabled(device_type: str = "cuda") -> bool:
    """Whether autocast is on for a kind of device."""
    on: bool = _C._autocast(_kind(device_type))[0]
    return on


def set_autocast_enabled(device_type: str | bool, enabled: bool | None = None) -> None:
    """Switches it on or off, for `cuda` if no kind of device is named."""
    if enabled is None:
        device_type, enabled = "cuda", bool(device_type)
    _C._set_autocast(_kind(str(device_type)), enabled)


def get_autocast_dtype(device_type: str) -> Any:
    """The dtype of what is fast in low precision."""
    return _C._autocast(_kind(device_type))[1]


def set_autocast_dtype(device_type: str, dtype: Any) -> None:
    """Sets that dtype."""
    _C._set_autocast(_kind(device_type), None, dtype)


def autocast_increment_nesting() -> int:
    """Enters a region; how deep this thread is then."""
    return _C._nest_autocast(1)


def autocast_decrement_nesting() -> int:
    """Leaves a region; how deep this thread is then."""
    return _C._nest_autocast(-1)


def is_autocast_cpu_enabled() -> bool:
    """Torch's old name of `is_autocast_enabled("cpu")`."""
    return is_autocast_enabled("cpu")


def set_autocast_cpu_enabled(enabled: bool) -> None:
    """Torch's old name of `set_autocast_enabled("cpu", ...)`."""
    set_autocast_enabled("cpu", enabled)


def get_autocast_cpu_dtype() -> Any:
    """Torch's old name of `get_autocast_dtype("cpu")`."""
    return get_autocast_dtype("cpu")


def get_autocast_gpu_dtype() -> Any:
    """Torch's old name of `get_autocast_dtype("cuda")`."""
    return get_autocast_dtype("cuda")


def set_autocast_cpu_dtype(dtype: Any) -> None:
    """Torch's old name of `set_autocast_dtype("cpu", ...)`."""
    set_autocast_dtype("cpu", dtype)


def set_autocast_gpu_dtype(dtype: Any) -> None:
    """Torch's old name of `set_autocast_dtype("cuda", ...)`."""
    set_autocast_dtype("cuda", dtype)
