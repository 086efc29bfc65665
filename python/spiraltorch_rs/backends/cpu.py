"""What torch tells of the processor."""

from __future__ import annotations

from spiraltorch_rs import _C


def get_cpu_capability() -> str:
    """The widest vectors that kernels use, in torch's words."""
    devices = next(backend["devices"] for backend in _C._backends() if backend["name"] == "cpu")
    words = [ability for ability in devices[0]["abilities"] if ability in ("avx512", "avx2")]
    return words[0].upper() if words else "DEFAULT"
