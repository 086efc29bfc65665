"""`with device("cpu"):` makes tensors on that device."""

from __future__ import annotations

from spiraltorch_rs import _C

# The default devices to go back to, innermost last.
_before: list[_C.device] = []


def _enter(self: _C.device) -> _C.device:
    before = _C.get_default_device()
    _C.set_default_device(self)
    _before.append(before)
    return self


def _exit(self: _C.device, *error: object) -> None:
    _C.set_default_device(_before.pop())


METHODS = {"__enter__": _enter, "__exit__": _exit}
