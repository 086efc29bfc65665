"""`multi_head_attention_forward`: attention in several heads with its projections, as torch has it."""

from __future__ import annotations

import math
import warnings
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs._dispatch import overridable


def _check_dims(
    query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None, mask: Tensor | None, heads: int
) -> bool:
    """Whether the arguments have a batch; raises where they do not fit together."""
    n = query.dim()
    if n not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {n}-D query tensor"
        )
    kind = "batched (3-D)" if n == 3 else "unbatched (2-D)"
    if key.dim() != n or value.dim() != n:
        raise AssertionError(
            f"For {kind} `query`, expected `key` and `value` to be {n}-D but found {key.dim()}-D and "
            f"{value.dim()}-D tensors respectively"
        )
    if padding is not None and padding.dim() != n - 1:
        raise AssertionError(
            f"For {kind} `query`, expected `key_padding_mask` to be `None` or {n - 1}-D but found "
            f"{padding.dim()}-D tensor instead"
        )
    if mask is not None and mask.dim() not in (2, 3):
        raise AssertionError(
            f"For {kind} `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found {mask.dim()}-D tensor "
            "instead"
        )
    if mask is not None and n == 2 and mask.dim() == 3:
        expected = (heads, query.shape[0], key.shape[0])
        if tuple(mask.shape) != expected:
            raise AssertionError(f"Expected `attn_mask` shape to be {expected} but got {mask.shape}")
    return n == 3


def canonical_mask(
    mask: Tensor | None,
    mask_name: str,
    other_type: Any,
    other_name: str,
    target_type: Any,
    check_other: bool = True,
) -> Tensor | None:
    """A mask as numbers that are added: 0 where attention is allowed, minus infinity where it is not."""
    if mask is None:
        return None
    if mask.dtype != _C.bool and not mask.is_floating_point():
        raise AssertionError(f"only bool and floating types of {mask_name} are supported")
    if check_other and other_type is not None and mask.dtype != other_type:
        warnings.warn(
            f"Support for mismatched {mask_name} and {other_name} is deprecated. Use same type for both instead.",
            stacklevel=3,
        )
    if mask.is_floating_point():
        return mask
    return _C.zeros_like(mask, dtype=target_type).masked_fill_(mask, -math.inf)


def _packed(query: Tensor, key: Tensor, value: Tensor, weight: Tensor, bias: Tensor | None, F: Any) -> Any:
    """Query, key and value through the three parts of one weight, in as few products as can be."""
    size = query.size(-1)
    if key is value:
        if query is key:
            return F.linear(query, weight, bias).chunk(3, -1)
        parts = weight.split([size, size * 2])
        biases = (None, None) if bias is None else bias.split([size, size * 2])
        return (F.linear(query, parts[0], biases[0]), *F.linear(key, parts[1], biases[1]).chunk(2, -1))
    three = (None, None, None) if bias is None else bias.chunk(3)
    return tuple(
        F.linear(x, w, b) for x, w, b in zip((query, key, value), weight.chunk(3), three, strict=True)
    )


def _separate(q: Tensor, k: Tensor, v: Tensor, weights: Any, bias: Tensor | None, F: Any) -> Any:
    """Query, key and value through weights of their own."""
    for name, weight in zip("qkv", weights, strict=True):
        if weight is None:
            raise AssertionError(f"use_separate_proj_weight is True but {name}_proj_weight is None")
    three = (None, None, None) if bias is None else bias.chunk(3)
    return tuple(F.linear(x, w, b) for x, w, b in zip((q, k, v), weights, three, strict=True))


def _mask_3d(mask: Tensor | None, batch: int, heads: int, rows: int, columns: int) -> Tensor | None:
    if mask is None:
        return None
    expected = (rows, columns) if mask.dim() == 2 else (batch * heads, rows, columns)
    if tuple(mask.shape) != expected:
        raise RuntimeError(
            f"The shape of the {mask.dim()}D attn_mask is {mask.shape}, but should be {expected}."
        )
    return mask.unsqueeze(0) if mask.dim() == 2 else mask


def _static(given: Tensor, name: str, heads: int, size: int) -> Tensor:
    if given.size(0) != heads or given.size(2) != size:
        raise AssertionError(
            f"expecting {name}.size(0) of {heads} and size(2) of {size}, but got {tuple(given.shape)}"
        )
    return given


@overridable
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
    """Attention in several heads between two projections; sequences come first, then the batch."""
    from spiraltorch_rs.nn import functional

    F: Any = functional
    batched = _check_dims(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        alike = query is key, key is value
        query = query.unsqueeze(1)
        key = query if alike[0] else key.unsqueeze(1)
        value = key if alike[1] else value.unsqueeze(1)
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    rows, batch, size = query.shape
    columns = key.shape[0]
    head_size = size // num_heads
    key_padding_mask = canonical_mask(
        key_padding_mask,
        "key_padding_mask",
        None if attn_mask is None else attn_mask.dtype,
        "attn_mask",
        query.dtype,
    )
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if is_causal and key_padding_mask is None and not need_weights:
        attn_mask = None  # attention knows the causal mask by itself
    else:
        attn_mask = canonical_mask(attn_mask, "attn_mask", None, "", query.dtype, check_other=False)
        if key_padding_mask is not None:
            is_causal = False
    if size != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {size}")
    if head_size * num_heads != size:
        raise AssertionError(f"embed_dim {size} not divisible by num_heads {num_heads}")
    if use_separate_proj_weight:
        if tuple(key.shape[:2]) != tuple(value.shape[:2]):
            raise AssertionError(
                f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}"
            )
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
        q, k, v = _separate(query, key, value, weights, in_proj_bias, F)
    else:
        if tuple(key.shape) != tuple(value.shape):
            raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
        if in_proj_weight is None:
            raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
        q, k, v = _packed(query, key, value, in_proj_weight, in_proj_bias, F)

    attn_mask = _mask_3d(attn_mask, batch, num_heads, rows, columns)
    extra = 0  # columns that every row may see
    if (bias_k is None) != (bias_v is None):
        raise AssertionError("bias_k and bias_v must both be given, or neither")
    if bias_k is not None and bias_v is not None:
        if static_k is not None or static_v is not None:
            raise AssertionError("bias cannot be added to static key or value.")
        k = _C.cat([k, bias_k.repeat(1, batch, 1)])
        v = _C.cat([v, bias_v.repeat(1, batch, 1)])
        extra += 1

    def by_head(x: Tensor) -> Tensor:
        return x.contiguous().view(x.shape[0], batch * num_heads, head_size).transpose(0, 1)

    heads = batch * num_heads
    q = by_head(q)
    k = by_head(k) if static_k is None else _static(static_k, "static_k", heads, head_size)
    v = by_head(v) if static_v is None else _static(static_v, "static_v", heads, head_size)
    if add_zero_attn:
        zeros = _C.zeros((heads, 1, head_size), dtype=k.dtype, device=k.device)
        k, v = _C.cat([k, zeros], 1), _C.cat([v, zeros], 1)
        extra += 1
    if extra:
        attn_mask = None if attn_mask is None else F.pad(attn_mask, (0, extra))
        key_padding_mask = None if key_padding_mask is None else F.pad(key_padding_mask, (0, extra))
    columns = k.size(1)
    if key_padding_mask is not None:
        if tuple(key_padding_mask.shape) != (batch, columns):
            raise AssertionError(
                f"expecting key_padding_mask shape of {(batch, columns)}, but got {tuple(key_padding_mask.shape)}"
            )
        spread = key_padding_mask.view(batch, 1, 1, columns).expand(-1, num_heads, -1, -1)
        spread = spread.reshape(heads, 1, columns)
        attn_mask = spread if attn_mask is None else attn_mask + spread
    if not training:
        dropout_p = 0.0

    if not need_weights:
        if attn_mask is not None:
            whole = attn_mask.size(0) == 1
            attn_mask = (
                attn_mask.unsqueeze(0)
                if whole
                else attn_mask.view(batch, num_heads, attn_mask.size(1), columns)
            )
        parts = (x.view(batch, num_heads, x.size(1), head_size) for x in (q, k, v))
        result = F.scaled_dot_product_attention(*parts, attn_mask, dropout_p, is_causal)
        result = result.permute(2, 0, 1, 3).reshape(batch * rows, size)
        output = F.linear(result, out_proj_weight, out_proj_bias).view(rows, batch, out_proj_weight.size(0))
        return (output if batched else output.squeeze(1)), None

    scaled = q * math.sqrt(1.0 / float(head_size))
    scores = _C.bmm(scaled, k.transpose(-2, -1))
    if attn_mask is not None:
        scores = scores + attn_mask
    shares = F.softmax(scores, -1)
    if dropout_p > 0.0:
        shares = F.dropout(shares, dropout_p)
    result = _C.bmm(shares, v).transpose(0, 1).reshape(rows * batch, size)
    output = F.linear(result, out_proj_weight, out_proj_bias).view(rows, batch, -1)
    shares = shares.view(batch, num_heads, rows, columns)
    if average_attn_weights:
        shares = shares.mean(1)
    return (output, shares) if batched else (output.squeeze(1), shares.squeeze(0))
