"""Operators that torch has at its inside: programs written by its compiler, and tests of other backends, call them."""

from __future__ import annotations

from collections.abc import Sequence

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "_chunk_cat",
    "_neg_view",
    "_safe_softmax",
    "_slice",
    "_softmax_backward_data",
    "_unsafe_masked_index",
    "_unsafe_masked_index_put_accumulate",
    "native_dropout_backward",
]


def _neg_view(self: Tensor) -> Tensor:
    """`-self`: a tensor of its own, as negation is never postponed here."""
    return -self


def _chunk_cat(tensors: Sequence[Tensor], dim: int, num_chunks: int, *, out: Tensor | None = None) -> Tensor:
    """Each tensor padded with zeros to so many equal chunks; those of one number side by side, flat from `dim` on."""
    rows = []
    for tensor in tensors:
        dim = dim % tensor.dim()
        size = tensor.shape[dim]
        width = -(-size // num_chunks)
        padding = [0, 0] * (tensor.dim() - dim - 1) + [0, width * num_chunks - size]
        rows.append(_C._namespaces["functional"]["pad"](tensor, padding).unflatten(dim, (num_chunks, width)))
    return _C.cat([row.flatten(dim + 1) for row in rows], dim + 1, out=out)


def _slice(
    self: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """`self[start:end:step]` along a dimension."""
    if not -self.dim() <= dim < self.dim():
        raise IndexError(f"slice: dimension {dim} is out of range for a tensor of shape {tuple(self.shape)}")
    return self[(slice(None),) * (dim % self.dim()) + (slice(start, end, step),)]


def _safe_softmax(self: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """`softmax` that is zero, not NaN, where all elements are minus infinity."""
    nothing = (self == float("-inf")).all(dim, keepdim=True)
    return _C.softmax(self.masked_fill(nothing, 0.0), dim, dtype).masked_fill(nothing, 0.0)


def _softmax_backward_data(
    grad_output: Tensor, output: Tensor, dim: int, input_dtype: Any, *, grad_input: Tensor | None = None
) -> Tensor:
    """The gradient of `softmax` from its result."""
    wide = output.to(_C.promote_types(output.dtype, _C.float32))
    product = grad_output * wide
    found = (product - wide * product.sum(dim, keepdim=True)).to(input_dtype)
    return found if grad_input is None else grad_input.resize_(found.shape).copy_(found)


def native_dropout_backward(
    grad_output: Tensor, mask: Tensor, scale: float, *, out: Tensor | None = None
) -> Tensor:
    """The gradient of `native_dropout` from its mask."""
    return _C.mul(grad_output * mask, scale, out=out)


def _clamped(self: Tensor, indices: Sequence[Tensor | None]) -> list[Any]:
    """Indices that are not beyond their dimensions."""
    kept = zip(indices, self.shape, strict=False)
    return [slice(None) if i is None else i.clamp(-size, max(size - 1, 0)) for i, size in kept]


def _unsafe_masked_index(self: Tensor, mask: Tensor, indices: Sequence[Tensor | None], fill: Any) -> Tensor:
    """`self[indices]` where the mask is true, a number elsewhere, whatever the indices are there."""
    if self.numel() == 0:
        return self.new_full((), fill).expand(mask.shape)
    found = self[tuple(_clamped(self, indices))]
    return found.masked_fill(~mask.bool(), fill)


def _unsafe_masked_index_put_accumulate(
    self: Tensor, mask: Tensor, indices: Sequence[Tensor | None], values: Tensor
) -> Tensor:
    """A copy of `self` with the values that a mask chooses added at indices."""
    chosen = values.masked_fill(~mask.bool(), 0)
    return self.index_put(_clamped(self, indices), chosen, accumulate=True) if self.numel() else self.clone()
