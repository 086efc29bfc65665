"""`explain()`: what ran, how it was fused, what it cost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spiraltorch_rs import _C


@dataclass(frozen=True)
class Kernel:
    """A kernel that ran."""

    kind: str
    operators: str
    dims: tuple[int, ...]
    bytes: int
    seconds: float
    origin: str | None


class Report:
    """The kernels of a piece of work; prints as a table."""

    def __init__(self, result: Any, text: str, kernels: list[Kernel]) -> None:
        self.result = result
        self.kernels = kernels
        self._text = text

    def __len__(self) -> int:
        return len(self.kernels)

    def __repr__(self) -> str:
        return self._text


def explain(work: "Callable[..., Any] | _C.Tensor", *args: Any, **kwargs: Any) -> Report:
    """Runs a function with its arguments, or what one or several tensors wait for, and tells which kernels that took.

    >>> import spiraltorch_rs as st
    >>> x = st.tensor([1.0, 2.0])
    >>> len(st.explain(lambda: (x * 2 + 1).exp()))
    1
    """
    if isinstance(work, _C.Tensor):
        result, text, steps = _C._explain_tensors((work, *args) if args else work)
    elif callable(work):
        result, text, steps = _C._explain(lambda: work(*args, **kwargs))
    else:
        raise TypeError(f"explain(): expected a function or tensors, but got {type(work).__name__}")
    kernels = [
        Kernel(s["kind"], s["operators"], tuple(s["dims"]), s["bytes"], s["seconds"], s["origin"])
        for s in steps
    ]
    return Report(result, text, kernels)
