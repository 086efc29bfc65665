"""Settings of the whole program that torch has: precision of products, determinism, warnings, denormal numbers.

Results here are the same at every run and products are computed in full precision, so most of these only remember what
they were told.
"""

from __future__ import annotations

__all__ = [
    "are_deterministic_algorithms_enabled",
    "get_deterministic_debug_mode",
    "get_float32_matmul_precision",
    "get_num_interop_threads",
    "is_deterministic_algorithms_warn_only_enabled",
    "is_storage",
    "is_warn_always_enabled",
    "set_deterministic_debug_mode",
    "set_float32_matmul_precision",
    "set_flush_denormal",
    "set_num_interop_threads",
    "set_warn_always",
    "typename",
    "use_deterministic_algorithms",
]

_precision = "highest"
_deterministic = False
_warn_only = False
_warn_always = False
_interop_threads = 1
_MODES = {"default": 0, "warn": 1, "error": 2}


def get_float32_matmul_precision() -> str:
    """How exact products of float32 matrices must be."""
    return _precision


def set_float32_matmul_precision(precision: str) -> None:
    """Says how exact products of float32 matrices must be: 'highest', 'high' or 'medium'. They always are the first."""
    global _precision
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current precision is {_precision}"
        )
    _precision = precision


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Asks for results that are the same at every run, which they always are."""
    global _deterministic, _warn_only
    _deterministic, _warn_only = bool(mode), bool(mode and warn_only)


def are_deterministic_algorithms_enabled() -> bool:
    """What `use_deterministic_algorithms` was told."""
    return _deterministic


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """What `use_deterministic_algorithms` was told of `warn_only`."""
    return _warn_only


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """As `use_deterministic_algorithms`, by a number or a word: 'default', 'warn' or 'error'."""
    if not isinstance(debug_mode, (int, str)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    mode = _MODES.get(debug_mode) if isinstance(debug_mode, str) else debug_mode
    if mode not in (0, 1, 2):
        raise RuntimeError(
            f"invalid value of debug_mode, expected one of `default`, `warn`, `error` or 0, 1, 2, but got {debug_mode}"
        )
    use_deterministic_algorithms(mode > 0, warn_only=mode == 1)


def get_deterministic_debug_mode() -> int:
    """The number `set_deterministic_debug_mode` takes."""
    return (1 if _warn_only else 2) if _deterministic else 0


def set_warn_always(b: bool, /) -> None:
    """Whether warnings that are usually given once are given always."""
    global _warn_always
    _warn_always = bool(b)


def is_warn_always_enabled() -> bool:
    """What `set_warn_always` was told."""
    return _warn_always


def set_flush_denormal(mode: bool) -> bool:
    """Whether denormal numbers count as zero: they never do. Says whether it could be set."""
    return not mode


def get_num_interop_threads() -> int:
    """How many operators may run beside one another."""
    return _interop_threads


def set_num_interop_threads(n: int) -> None:
    """Sets what `get_num_interop_threads` gives; the scheduler decides for itself."""
    global _interop_threads
    if n <= 0:
        raise RuntimeError("expected positive number of threads")
    _interop_threads = n


def typename(obj: object, /) -> str:
    """The name of an object's type; of a tensor that of its old class, such as `FloatTensor`."""
    from spiraltorch_rs._C import Tensor

    if isinstance(obj, Tensor):
        return str(obj.type())
    kind = type(obj)
    module = kind.__module__
    return kind.__qualname__ if module in (None, "builtins") else f"{module}.{kind.__qualname__}"


def is_storage(obj: object, /) -> bool:
    """Whether an object is a storage."""
    from spiraltorch_rs.storage import TypedStorage, UntypedStorage

    return isinstance(obj, (TypedStorage, UntypedStorage))
