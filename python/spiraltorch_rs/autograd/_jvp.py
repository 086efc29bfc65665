"""Forward mode of functions written by the user: their `jvp` says what becomes of tangents."""

from __future__ import annotations

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_VIEW = (
    "A custom Function's forward is returning a view (or an input as-is) but the jvp is not returning a view"
)


def remember(out: Tensor, tangent: Tensor) -> None:
    """The tangent of a result."""
    from spiraltorch_rs.autograd.forward_ad import set_tangent

    set_tangent(out, tangent)


def _called(function: Any, ctx: Any, given: list[Any]) -> tuple[Any, ...]:
    ctx._in_jvp = True
    try:
        found = function.jvp(ctx, *given)
    finally:
        ctx._in_jvp = False
    return found if isinstance(found, tuple) else (found,)


def tangents_of(args: tuple[Any, ...]) -> list[Tensor | None]:
    """The tangents of arguments; empty if none has one."""
    from spiraltorch_rs.autograd.forward_ad import unpack_dual

    found = [unpack_dual(x).tangent if isinstance(x, Tensor) and x.requires_grad else None for x in args]
    return [] if all(tangent is None for tangent in found) else found


def pushed(
    function: Any,
    ctx: Any,
    args: tuple[Any, ...],
    tangents: list[Tensor | None],
    outputs: tuple[Any, ...],
    given: tuple[Any, ...],
) -> list[tuple[Tensor, Tensor]]:
    """The outputs that have tangents, with them."""
    if ctx.materialize_grads:
        tangents = [
            _C.zeros_like(arg)
            if tangent is None and isinstance(arg, Tensor) and (arg.is_floating_point() or arg.is_complex())
            else tangent
            for arg, tangent in zip(args, tangents, strict=True)
        ]
    versions = [None if tangent is None else tangent._version for tangent in tangents]
    found = _called(function, ctx, tangents)
    if len(found) != len(outputs):
        raise RuntimeError(
            f"{function.__name__}.jvp: expected a tangent for each of the {len(outputs)} outputs of forward, got "
            f"{len(found)}"
        )
    pairs = []
    for out, made, tangent in zip(outputs, given, found, strict=True):
        if not isinstance(out, Tensor):
            continue
        if any(made is one for one in ctx._non_differentiable):
            if tangent is not None:
                raise RuntimeError(
                    f"{function.__name__}.jvp: an output that was marked as not differentiable has no tangent. "
                    "You should return None at that position instead."
                )
            continue
        if tangent is not None:
            _expect_same_step(ctx, args, tangents, versions, made, tangent)
            pairs.append((out, tangent))
    ctx._knows_tangents = True
    return pairs


def _expect_same_step(
    ctx: Any,
    args: tuple[Any, ...],
    tangents: list[Any],
    versions: list[int | None],
    made: Tensor,
    tangent: Tensor,
) -> None:
    """What `forward` did to memory, `jvp` must do to tangents: write them in place, or view them."""
    for arg, own, version in zip(args, tangents, versions, strict=True):
        if not isinstance(arg, Tensor) or own is None:
            continue
        if any(made is one for one in ctx._dirty):
            if made is arg and (tangent is not own or own._version == version):
                raise RuntimeError(
                    "An inplace custom Function is not modifying the forward mode gradients inplace: the jvp function "
                    "must modify the corresponding gradient inplace where mark_dirty() named the input."
                )
        elif made._storage_id() == arg._storage_id():
            if tangent._base is None:
                raise RuntimeError(f"{_VIEW}.")
            if tangent._base is not own and tangent._base is not own._base:
                what = "of the same base" if arg._base is not None else "of the given input's tangent"
                raise RuntimeError(f"{_VIEW} {what}.")


def transposed(
    function: Any, ctx: Any, count: int, likes: dict[int, Tensor], upstream: tuple[Any, ...]
) -> tuple[Tensor, ...]:
    """Gradients that are linear in those of the outputs, whose own gradient is `jvp`."""
    from spiraltorch_rs.autograd.function import Function

    class Transposed(Function):
        """Its values do not matter, only that they are linear."""

        _st_is_ours = True

        @staticmethod
        def forward(inner: Any, *upstream: Any) -> Any:
            inner.shapes = [x is not None for x in upstream]
            return tuple(_C.zeros_like(like) for like in likes.values())

        @staticmethod
        def backward(inner: Any, *tangents: Any) -> Any:
            given: list[Any] = [None] * count
            for i, tangent in zip(likes, tangents, strict=True):
                given[i] = tangent
            found = [
                t
                for t, is_tensor in zip(_called(function, ctx, given), ctx._is_tensor, strict=True)
                if is_tensor
            ]
            return tuple(t if known else None for t, known in zip(found, inner.shapes, strict=True))

    found = Transposed.apply(*upstream)
    return found if isinstance(found, tuple) else (found,)
