"""Padding: what stands around an image."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.nn.modules._norm_base import check_dims
from spiraltorch_rs.nn.modules._shared import F, to_tuple
from spiraltorch_rs.nn.modules.module import Module

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _ConstantPad(Module):
    _n = 0

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__()
        self.value = value
        self.padding = to_tuple(padding, 2 * self._n)

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, "constant", self.value)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _Pad(Module):
    _n = 0
    _mode = ""

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = to_tuple(padding, 2 * self._n)

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self._mode)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ReflectionPad(_Pad):
    _mode = "reflect"


class _ReplicationPad(_Pad):
    _mode = "replicate"


class _CircularPad(_Pad):
    _mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        check_dims(input, self._n + 1, self._n + 2)
        return super().forward(input)


class ConstantPad1d(_ConstantPad):
    """A number around the last dimension."""

    _n = 1


class ConstantPad2d(_ConstantPad):
    """A number around the last two dimensions."""

    _n = 2


class ConstantPad3d(_ConstantPad):
    """A number around the last three dimensions."""

    _n = 3


class ReflectionPad1d(_ReflectionPad):
    """The mirror image around the last dimension."""

    _n = 1


class ReflectionPad2d(_ReflectionPad):
    """The mirror image around the last two dimensions."""

    _n = 2


class ReflectionPad3d(_ReflectionPad):
    """The mirror image around the last three dimensions."""

    _n = 3


class ReplicationPad1d(_ReplicationPad):
    """The edge's values around the last dimension."""

    _n = 1


class ReplicationPad2d(_ReplicationPad):
    """The edge's values around the last two dimensions."""

    _n = 2


class ReplicationPad3d(_ReplicationPad):
    """The edge's values around the last three dimensions."""

    _n = 3


class CircularPad1d(_CircularPad):
    """The other end's values around the last dimension."""

    _n = 1


class CircularPad2d(_CircularPad):
    """The other end's values around the last two dimensions."""

    _n = 2


class CircularPad3d(_CircularPad):
    """The other end's values around the last three dimensions."""

    _n = 3


class ZeroPad1d(ConstantPad1d):
    """Zeros around the last dimension."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad2d(ConstantPad2d):
    """Zeros around the last two dimensions."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad3d(ConstantPad3d):
    """Zeros around the last three dimensions."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"
