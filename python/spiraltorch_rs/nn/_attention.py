"""Attention with several heads and its projections, as `torch.nn.MultiheadAttention` calls it."""

from __future__ import annotations

import math

import spiraltorch_rs as st
from spiraltorch_rs import _C

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from spiraltorch_rs._C import Tensor

_F = _C._namespaces["functional"]


def _expect(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)


def _is_batched(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_padding_mask: Tensor | None,
    attn_mask: Tensor | None,
    num_heads: int,
) -> bool:
    """Whether there is a batch; the other arguments must agree."""
    rank = query.dim()
    if rank not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {rank}-D query tensor"
        )
    _expect(
        key.dim() == rank and value.dim() == rank,
        f"For a {rank}-D query, expected key and value to be {rank}-D but found {key.dim()}-D and "
        f"{value.dim()}-D tensors respectively",
    )
    if key_padding_mask is not None:
        _expect(
            key_padding_mask.dim() == rank - 1,
            f"For a {rank}-D query, expected key_padding_mask to be None or {rank - 1}-D but found "
            f"{key_padding_mask.dim()}-D tensor instead",
        )
    if attn_mask is not None:
        _expect(
            attn_mask.dim() in (2, 3),
            f"For a {rank}-D query, expected attn_mask to be None, 2-D or 3-D but found "
            f"{attn_mask.dim()}-D tensor instead",
        )
        if rank == 2 and attn_mask.dim() == 3:
            expected = (num_heads, query.shape[0], key.shape[0])
            _expect(
                tuple(attn_mask.shape) == expected,
                f"Expected attn_mask shape to be {expected} but got {tuple(attn_mask.shape)}",
            )
    return rank == 3


def _added(mask: Tensor | None, name: str, like: Tensor) -> Tensor | None:
    """A mask as numbers to add: where a boolean one is true, nothing is seen."""
    if mask is None or mask.is_floating_point():
        return mask
    if mask.dtype != st.bool:
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return st.zeros_like(mask, dtype=like.dtype).masked_fill_(mask, -math.inf)


def _projected(
    query: Tensor, key: Tensor, value: Tensor, weights: list[Tensor], bias: Tensor | None
) -> list[Tensor]:
    """Query, key and value of all heads."""
    biases = bias.chunk(3) if bias is not None else (None, None, None)
    linear = _F["linear"]
    return [linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases, strict=True)]


def _own_weights(
    width: int, in_proj_weight: Tensor | None, separate: bool, parts: tuple[Tensor | None, ...]
) -> list[Tensor]:
    """The weights of query, key and value: parts of one matrix, or three."""
    if not separate:
        if in_proj_weight is None:
            raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
        return list(in_proj_weight.split(width))
    found = []
    for name, part in zip("qkv", parts, strict=True):
        if part is None:
            raise AssertionError(f"use_separate_proj_weight is True but {name}_proj_weight is None")
        found.append(part)
    return found


def _expect_mask(mask: Tensor, shapes: dict[int, tuple[int, ...]]) -> Tensor:
    """The mask with a dimension for heads."""
    rank = mask.dim()
    if rank not in shapes:
        raise RuntimeError(f"attn_mask's dimension {rank} is not supported")
    if tuple(mask.shape) != shapes[rank]:
        raise RuntimeError(
            f"The shape of the {rank}D attn_mask is {tuple(mask.shape)}, but should be {shapes[rank]}."
        )
    return mask.unsqueeze(0) if rank == 2 else mask


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Attention of several heads between projections, over `[time, batch, width]`: output and weights."""
    batched = _is_batched(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = (x.unsqueeze(1) for x in (query, key, value))
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    (targets, batch, width), sources = query.shape, key.shape[0]
    key_padding_mask = _added(key_padding_mask, "key_padding_mask", query)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if is_causal and key_padding_mask is None and not need_weights:
        attn_mask = None
    else:
        attn_mask = _added(attn_mask, "attn_mask", query)
        is_causal = is_causal and key_padding_mask is None
    _expect(
        width == embed_dim_to_check,
        f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}",
    )
    head = width // num_heads
    _expect(head * num_heads == width, f"embed_dim {width} not divisible by num_heads {num_heads}")
    if use_separate_proj_weight:
        _expect(
            key.shape[:2] == value.shape[:2],
            f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}",
        )
    else:
        _expect(
            key.shape == value.shape, f"key shape {key.shape} does not match value shape {value.shape}"
        )
    parts = (q_proj_weight, k_proj_weight, v_proj_weight)
    weights = _own_weights(width, in_proj_weight, use_separate_proj_weight, parts)
    q, k, v = _projected(query, key, value, weights, in_proj_bias)
    heads = batch * num_heads
    if attn_mask is not None:
        attn_mask = _expect_mask(attn_mask, {2: (targets, sources), 3: (heads, targets, sources)})

    masks = [attn_mask, key_padding_mask]

    def one_more_source() -> None:
        # What is added to the sources is seen by all.
        masks[:] = [None if mask is None else _F["pad"](mask, (0, 1)) for mask in masks]

    if bias_k is not None and bias_v is not None:
        _expect(static_k is None, "bias cannot be added to static key.")
        _expect(static_v is None, "bias cannot be added to static value.")
        k, v = st.cat([k, bias_k.repeat(1, batch, 1)]), st.cat([v, bias_v.repeat(1, batch, 1)])
        one_more_source()
    else:
        _expect(bias_k is None, "bias_k is set but bias_v is None")
        _expect(bias_v is None, "bias_v is set but bias_k is None")

    def of_heads(x: Tensor, given: Tensor | None, name: str) -> Tensor:
        if given is None:
            return x.reshape(x.shape[0], heads, head).transpose(0, 1)
        for d, expected in ((0, heads), (2, head)):
            _expect(
                given.shape[d] == expected,
                f"expecting {name}.size({d}) of {expected}, but got {given.shape[d]}",
            )
        return given

    q, k, v = of_heads(q, None, ""), of_heads(k, static_k, "static_k"), of_heads(v, static_v, "static_v")
    if add_zero_attn:
        nothing = st.zeros((heads, 1, head), dtype=k.dtype, device=k.device)
        k, v = st.cat([k, nothing], dim=1), st.cat([v, nothing], dim=1)
        one_more_source()
    sources = k.shape[1]
    mask, padding = masks
    if padding is not None:
        _expect(
            tuple(padding.shape) == (batch, sources),
            f"expecting key_padding_mask shape of {(batch, sources)}, but got {tuple(padding.shape)}",
        )
        padding = padding.reshape(batch, 1, 1, sources).expand(-1, num_heads, -1, -1)
        padding = padding.reshape(heads, 1, sources)
        mask = padding if mask is None else mask + padding
    dropout_p = dropout_p if training else 0.0

    if not need_weights:
        if mask is not None:
            one_for_all = mask.shape[0] == 1 and mask.dim() == 3
            mask = mask.unsqueeze(0) if one_for_all else mask.reshape(batch, num_heads, -1, sources)
        q, k, v = (x.reshape(batch, num_heads, -1, head) for x in (q, k, v))
        seen = _F["scaled_dot_product_attention"](q, k, v, mask, dropout_p, is_causal)
        seen = seen.permute(2, 0, 1, 3).reshape(batch * targets, width)
        out = _F["linear"](seen, out_proj_weight, out_proj_bias)
        out = out.reshape(targets, batch, out.shape[1])
        return (out if batched else out.squeeze(1)), None

    _expect(not (is_causal and mask is None), "FIXME: is_causal not implemented for need_weights")
    scores = st.bmm(q * math.sqrt(1.0 / head), k.transpose(-2, -1))
    shares = st.softmax(scores if mask is None else scores + mask, -1)
    if dropout_p > 0.0:
        shares = _F["dropout"](shares, dropout_p)
    seen = st.bmm(shares, v).transpose(0, 1).reshape(targets * batch, width)
    out = _F["linear"](seen, out_proj_weight, out_proj_bias)
    out = out.reshape(targets, batch, out.shape[1])
    shares = shares.reshape(batch, num_heads, targets, sources)
    if average_attn_weights:
        shares = shares.mean(1)
    return (out, shares) if batched else (out.squeeze(1), shares.squeeze(0))
