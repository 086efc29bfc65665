"""Attention whose scores a program changes: `score_mod` and `mask_mod` are functions of a score and its four places.

They are called once, with places that broadcast to all scores, and what they compute is fused into the softmax.

>>> import spiraltorch_rs as st
>>> from spiraltorch_rs.nn.attention.flex_attention import create_block_mask, flex_attention
>>> causal = create_block_mask(lambda b, h, q, kv: q >= kv, None, None, 4, 4)
>>> x = st.randn(1, 2, 4, 8)
>>> flex_attention(x, x, x, block_mask=causal).shape
spiraltorch_rs.Size([1, 2, 4, 8])
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

__all__ = [
    "AuxOutput",
    "AuxRequest",
    "BlockMask",
    "and_masks",
    "create_block_mask",
    "create_mask",
    "flex_attention",
    "noop_mask",
    "or_masks",
]

_DEFAULT_SPARSE_BLOCK_SIZE = 128  # torch's blocks

MaskMod = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
ScoreMod = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]


def noop_mask(batch: Tensor, head: Tensor, token_q: Tensor, token_kv: Tensor) -> Tensor:
    """Lets everything be seen."""
    return _C.ones((), dtype=_C.bool)


def _places(batch: int, heads: int, queries: int, keys: int, device: Any) -> list[Tensor]:
    """The four places of every score, each along its own dimension."""
    sizes = (batch, heads, queries, keys)
    return [
        _C.arange(size, device=device).view([size if i == own else 1 for i in range(4)])
        for own, size in enumerate(sizes)
    ]


class AuxRequest(NamedTuple):
    """What `flex_attention` gives besides its result."""

    lse: bool = False
    max_scores: bool = False


class AuxOutput(NamedTuple):
    """The logarithms of the softmax's sums, and the largest scores, where asked for."""

    lse: Tensor | None = None
    max_scores: Tensor | None = None


class BlockMask:
    """A mask by its function. Torch keeps which blocks are empty; here the function is all there is."""

    def __init__(
        self, mask_mod: MaskMod, sizes: tuple[int, int, int, int], block_size: tuple[int, int]
    ) -> None:
        self.mask_mod, self.sizes, self.BLOCK_SIZE = mask_mod, sizes, block_size

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Batch, heads, queries, keys."""
        return self.sizes

    @property
    def seq_lengths(self) -> tuple[int, int]:
        """Queries and keys."""
        return self.sizes[2:]

    def __repr__(self) -> str:
        return f"BlockMask(shape={self.sizes})"

    def to(self, device: Any) -> BlockMask:
        """The same: functions are on no device."""
        return self


def create_mask(
    mod_fn: MaskMod, B: int | None, H: int | None, Q_LEN: int, KV_LEN: int, device: Any = "cpu"
) -> Tensor:
    """The mask as a tensor of truth values."""
    seen: Tensor = mod_fn(*_places(B or 1, H or 1, Q_LEN, KV_LEN, device))
    return seen.expand(B or 1, H or 1, Q_LEN, KV_LEN)


def create_block_mask(
    mask_mod: MaskMod,
    B: int | None,
    H: int | None,
    Q_LEN: int,
    KV_LEN: int,
    device: Any = "cpu",
    BLOCK_SIZE: int | tuple[int, int] = _DEFAULT_SPARSE_BLOCK_SIZE,
    _compile: bool = False,
) -> BlockMask:
    """A mask for `flex_attention`."""
    sides = (BLOCK_SIZE, BLOCK_SIZE) if isinstance(BLOCK_SIZE, int) else BLOCK_SIZE
    return BlockMask(mask_mod, (B or 1, H or 1, Q_LEN, KV_LEN), sides)


def and_masks(*mask_mods: MaskMod) -> MaskMod:
    """Sees what all of the masks see."""

    def mask(b: Tensor, h: Tensor, q: Tensor, kv: Tensor) -> Tensor:
        seen = noop_mask(b, h, q, kv)
        for mod in mask_mods:
            seen = seen & mod(b, h, q, kv)
        return seen

    return mask


def or_masks(*mask_mods: MaskMod) -> MaskMod:
    """Sees what one of the masks sees."""

    def mask(b: Tensor, h: Tensor, q: Tensor, kv: Tensor) -> Tensor:
        seen = ~noop_mask(b, h, q, kv)
        for mod in mask_mods:
            seen = seen | mod(b, h, q, kv)
        return seen

    return mask


def flex_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    score_mod: ScoreMod | None = None,
    block_mask: BlockMask | None = None,
    scale: float | None = None,
    enable_gqa: bool = False,
    return_lse: bool = False,
    kernel_options: Any = None,
    *,
    return_aux: AuxRequest | None = None,
) -> Any:
    """Attention of (batch, heads, length, width); with `return_lse` also the logarithms of the softmax's sums."""
    if enable_gqa:
        groups = query.size(1) // key.size(1)
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    elif query.size(1) != key.size(1):
        raise ValueError(
            f"flex_attention: {query.size(1)} heads of queries and {key.size(1)} of keys; enable_gqa=True repeats keys"
        )
    wide = query.dtype if query.dtype == _C.float64 else _C.float32
    scale = 1.0 / math.sqrt(query.size(-1)) if scale is None else scale
    scores = (query @ key.transpose(-2, -1)).to(wide) * scale
    places = _places(query.size(0), query.size(1), query.size(2), key.size(2), query.device)
    if score_mod is not None:
        scores = score_mod(scores, *places).to(wide)
    if block_mask is not None:
        scores = scores.masked_fill(~block_mask.mask_mod(*places), -math.inf)
    # A query that sees nothing gives zeros.
    blind = (scores == -math.inf).all(-1, keepdim=True)
    weights = scores.masked_fill(blind, 0.0).softmax(-1).masked_fill(blind, 0.0)
    out = weights.to(query.dtype) @ value
    if return_aux is not None:
        largest = scores.amax(-1) if return_aux.max_scores else None
        return out, AuxOutput(scores.logsumexp(-1) if return_aux.lse else None, largest)
    return (out, scores.logsumexp(-1)) if return_lse else out
