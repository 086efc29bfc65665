"""Torch's switches of products on NVIDIA's processors. They may be set; products of float32 are full float32."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from spiraltorch_rs import _C

matmul = SimpleNamespace(
    allow_tf32=False,
    allow_fp16_reduced_precision_reduction=False,
    allow_bf16_reduced_precision_reduction=False,
    allow_fp16_accumulation=False,
    fp32_precision="ieee",
)
_attention = dict.fromkeys(("flash", "mem_efficient", "math", "cudnn"), True)


_linalg = ["default"]


def preferred_linalg_library(backend: str | None = None) -> str:
    """Which library is asked for linear algebra on a GPU. One serves all; the choice is remembered."""
    if backend is not None:
        if backend not in ("default", "cusolver", "magma"):
            raise RuntimeError(
                f"Unknown input value. Choose from: default, cusolver, magma, instead of {backend!r}."
            )
        _linalg[0] = backend
    return _linalg[0]


def is_built() -> bool:
    """Whether this package was built with it."""
    return _C._is_built_in("cuda")


def flash_sdp_enabled() -> bool:
    """What was set."""
    return _attention["flash"]


def enable_flash_sdp(enabled: bool) -> None:
    """One kernel serves all attention; the choice is remembered."""
    _attention["flash"] = enabled


def mem_efficient_sdp_enabled() -> bool:
    """What was set."""
    return _attention["mem_efficient"]


def enable_mem_efficient_sdp(enabled: bool) -> None:
    """One kernel serves all attention; the choice is remembered."""
    _attention["mem_efficient"] = enabled


def math_sdp_enabled() -> bool:
    """What was set."""
    return _attention["math"]


def enable_math_sdp(enabled: bool) -> None:
    """One kernel serves all attention; the choice is remembered."""
    _attention["math"] = enabled


def cudnn_sdp_enabled() -> bool:
    """What was set."""
    return _attention["cudnn"]


def enable_cudnn_sdp(enabled: bool) -> None:
    """One kernel serves all attention; the choice is remembered."""
    _attention["cudnn"] = enabled


@contextmanager
def sdp_kernel(*args: Any, **kwargs: Any) -> Iterator[None]:
    """Within it attention is computed as everywhere."""
    yield
