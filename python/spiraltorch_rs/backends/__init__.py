"""`st.backends()`: what this build can compute on, and why not on the rest. Torch's module of the name has switches."""

import sys
from dataclasses import dataclass, field
from types import ModuleType

from spiraltorch_rs import _C


@dataclass(frozen=True)
class Device:
    """A device of a backend; `memory` is None where the driver does not tell."""

    name: str
    memory: int | None
    abilities: tuple[str, ...]
    dtypes: tuple[str, ...]

    def __str__(self) -> str:
        size = "" if self.memory is None else f", {self.memory / 2**30:.1f} GiB"
        return f"{self.name}{size}; {', '.join(self.abilities)}"


@dataclass(frozen=True)
class Backend:
    """A backend: whether it is in this build, whether it can be used and, if not, why."""

    name: str
    built_in: bool
    usable: bool
    why_not: str = ""
    devices: tuple[Device, ...] = field(default=())


class Backends(list[Backend]):
    """A list of backends that prints as a table."""

    def __repr__(self) -> str:
        rows = [("backend", "built in", "usable", "devices, or why not")]
        for backend in self:
            built_in, usable = ("yes" if backend.built_in else "no"), ("yes" if backend.usable else "no")
            lines = [str(device) for device in backend.devices] or [backend.why_not]
            rows.append((backend.name, built_in, usable, lines[0]))
            rows.extend(("", "", "", line) for line in lines[1:])
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        return "\n".join(
            "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]])
            for row in rows
        )


_KINDS = ("cpu", "cuda", "wgpu", "mps", "hip")


def backends() -> Backends:
    """The backends this package knows, with their devices.

    >>> import spiraltorch_rs as st
    >>> "cpu" in [backend.name for backend in st.backends() if backend.usable]
    True
    """
    known = {backend["name"]: backend for backend in _C._backends()}
    found = Backends()
    for kind in _KINDS:
        backend = known.get(
            kind, {"built_in": False, "reason": f"this build has no backend '{kind}'", "devices": []}
        )
        devices = tuple(
            Device(d["name"], d["memory"], tuple(d["abilities"]), tuple(d["dtypes"]))
            for d in backend["devices"]
        )
        found.append(
            Backend(kind, backend["built_in"], bool(devices), "" if devices else backend["reason"], devices)
        )
    return found


class _Callable(ModuleType):
    """A module that may be called."""

    def __call__(self) -> Backends:
        return backends()


# Below the class and the function it needs.
sys.modules[__name__].__class__ = _Callable

from spiraltorch_rs.backends import cpu, cuda, cudnn, mkldnn, mps, opt_einsum  # noqa: E402


def _absent(name: str) -> ModuleType:
    """The module of a library that we do not use, of which torch's programs ask whether it is there."""
    module = sys.modules[f"{__name__}.{name}"] = ModuleType(
        f"{__name__}.{name}", "Of a library not used here."
    )
    vars(module)["is_available"] = lambda: False
    return module


mkl, nnpack, openmp = _absent("mkl"), _absent("nnpack"), _absent("openmp")
# Programs choose among the engines of quantised operators, of which there are none, when they are imported.
quantized = _absent("quantized")
vars(quantized).update(engine="none", supported_engines=["none"])

__all__ = ["Backend", "Backends", "Device", "backends", "cpu", "cuda", "cudnn", "mkl", "mkldnn", "mps"]
__all__ += ["nnpack", "openmp", "opt_einsum", "quantized"]
