"""The shape of a tensor: a tuple of sizes."""

from __future__ import annotations

import operator
from functools import partial

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The name a program imports this package under.
package = "spiraltorch_rs"


def _whole(sizes: tuple[Any, ...]) -> list[int]:
    """The sizes as Python's integers; what has no `__index__`, or is an array or a tensor of floats, is none."""
    out = []
    for i, size in enumerate(sizes):
        try:
            out.append(operator.index(size))
        except (TypeError, RuntimeError, ValueError):
            raise TypeError(
                f"torch.Size() takes an iterable of 'int' (item {i} is '{type(size).__name__}')"
            ) from None
    return out


class Size(tuple[int, ...]):
    """A tuple of sizes."""

    __slots__ = ()

    def __new__(cls, sizes: Any = ()) -> Size:
        made = tuple.__new__(cls, sizes)
        if any(type(size) is not int for size in made):
            return tuple.__new__(cls, _whole(made))
        return made

    def numel(self) -> int:
        """How many elements a tensor of this shape has."""
        count = 1
        for size in self:
            count *= size
        return count

    def __repr__(self) -> str:
        return f"{package}.Size([{', '.join(map(str, self))}])"

    def __getitem__(self, key: Any) -> Any:
        part = tuple.__getitem__(self, key)
        return Size(part) if isinstance(key, slice) else part

    def __add__(self, other: Any) -> Any:
        return Size(tuple.__add__(self, other)) if isinstance(other, tuple) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        return Size(tuple.__add__(other, self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times: Any) -> Any:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__

    def __reduce__(self) -> Any:
        return Size, (tuple(self),)


of_whole = partial(tuple.__new__, Size)
"""A `Size` of what are integers already, without looking at them: the extension makes one for every shape."""
