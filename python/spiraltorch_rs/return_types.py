"""The classes of results with named parts, such as `return_types.max`; made when first needed."""

from __future__ import annotations

from operator import itemgetter

from spiraltorch_rs import _size

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# Of functions that are written in Python.
_FIELDS = {"histogramdd": ("hist", "bin_edges"), "linalg_polar": ("U", "H")}


def _repr(self: Any) -> str:
    parts = ",\n".join(f"{name}={part!r}" for name, part in zip(self._fields, self, strict=True))
    return f"{_size.package}.return_types.{type(self).__name__}(\n{parts})"


def _class_of(name: str, fields: tuple[str, ...]) -> type:
    known: type | None = globals().get(name)
    if known is not None:
        return known
    parts = {field: property(itemgetter(i)) for i, field in enumerate(fields)}
    members = {
        "__slots__": (),
        "__module__": __name__,
        "__repr__": _repr,
        "_fields": fields,
        "n_fields": len(fields),
    }
    made = type(
        name,
        (tuple,),
        {**members, "__reduce__": lambda self: (_rebuild, (name, fields, tuple(self))), **parts},
    )
    globals()[name] = made
    return made


def _rebuild(name: str, fields: tuple[str, ...], parts: tuple[Any, ...]) -> Any:
    return _class_of(name, fields)(parts)


def __getattr__(name: str) -> type:
    from spiraltorch_rs import _C

    if name in _FIELDS:
        return _class_of(name, _FIELDS[name])
    for row in _C._table():
        if row["name"] == name and row["returns"]:
            return _class_of(name, tuple(row["returns"]))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
