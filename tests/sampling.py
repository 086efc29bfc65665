"""How sample arguments are written: operands that are drawn, and calls."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class T:
    """A tensor operand, drawn from the operator's domain in the tested dtype unless said otherwise.

    `low` and `high` bound the values; `dtype` fixes the dtype, and then the layout too (indices, masks);
    `distinct` draws a shuffled range, so that orders and positions are unique.
    """

    shape: tuple[int, ...]
    low: float | None = None
    high: float | None = None
    dtype: str | None = None
    distinct: bool = False

    def __repr__(self) -> str:
        return f"{self.dtype or 'T'}{list(self.shape)}"


@dataclass(frozen=True)
class DType:
    """A dtype argument, by name."""

    name: str


@dataclass(frozen=True)
class Sample:
    """The arguments of one call."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __str__(self) -> str:
        words = [*map(repr, self.args), *(f"{key}={value!r}" for key, value in self.kwargs.items())]
        return f"({', '.join(words)})"


def call(*args: Any, **kwargs: Any) -> Sample:
    """A sample, written as the call it is."""
    return Sample(args, kwargs)


def index(shape: tuple[int, ...], size: int) -> T:
    """Indices below `size`."""
    return T(shape, 0, size - 1, "int64")


def each(*calls: Sample, names: str) -> dict[str, list[Sample]]:
    """The same samples for several operators."""
    return {name: list(calls) for name in names.split()}


X = T((3, 5))
Y = T((3, 5))
V = T((5,))
CUBE = T((2, 3, 4))
ORDER = T((4, 6), distinct=True)
MASK = T((3, 5), dtype="bool")
UNIT = T((4, 5), 0.05, 0.95)
IMAGE = T((2, 4, 6, 7))
CLASSES = index((4,), 5)
F32, F64, I64 = DType("float32"), DType("float64"), DType("int64")
