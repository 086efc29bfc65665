"""`triplet_margin_with_distance_loss`: a loss that calls a function of the user's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """The anchor nearer to the positive than to the negative, by a margin and in a distance of one's own."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    if distance_function is None:
        from spiraltorch_rs.nn import functional

        F: Any = functional
        distance_function = F.pairwise_distance
    assert distance_function is not None
    dims = {anchor.dim(), positive.dim(), negative.dim()}
    if len(dims) > 1:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {anchor.dim()}D, positive {positive.dim()}D, and negative {negative.dim()}D inputs"
        )
    near, far = distance_function(anchor, positive), distance_function(anchor, negative)
    if swap:
        far = _C.minimum(far, distance_function(positive, negative))
    loss = (margin + near - far).clamp(min=0)
    if reduction == "none":
        return loss
    return loss.mean() if reduction == "mean" else loss.sum()
