"""LLaMA, written the way transformers writes it: rotary positions, grouped queries, a cache, RMSNorm, SwiGLU."""

import torch
import torch.nn.functional as F
from torch import nn


class RMSNorm(nn.Module):
    def __init__(self, hidden_size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden_size))
        self.variance_epsilon = eps

    def forward(self, hidden_states):
        input_dtype = hidden_states.dtype
        wide = hidden_states.to(torch.promote_types(input_dtype, torch.float32))
        variance = wide.pow(2).mean(-1, keepdim=True)
        wide = wide * torch.rsqrt(variance + self.variance_epsilon)
        return self.weight * wide.to(input_dtype)

    def extra_repr(self):
        return f"{tuple(self.weight.shape)}, eps={self.variance_epsilon}"


class RotaryEmbedding(nn.Module):
    inv_freq: torch.Tensor

    def __init__(self, dim, base=10000.0, device=None):
        super().__init__()
        exponents = torch.arange(0, dim, 2, dtype=torch.int64).to(device=device, dtype=torch.float) / dim
        self.register_buffer("inv_freq", 1.0 / (base**exponents), persistent=False)

    @torch.no_grad()
    def forward(self, x, position_ids):
        inv_freq = self.inv_freq[None, :, None].float().expand(position_ids.shape[0], -1, 1).to(x.device)
        positions = position_ids[:, None, :].float()
        freqs = (inv_freq.float() @ positions.float()).transpose(1, 2)
        emb = torch.cat((freqs, freqs), dim=-1)
        return emb.cos().to(dtype=x.dtype), emb.sin().to(dtype=x.dtype)


def rotate_half(x):
    x1 = x[..., : x.shape[-1] // 2]
    x2 = x[..., x.shape[-1] // 2 :]
    return torch.cat((-x2, x1), dim=-1)


def apply_rotary_pos_emb(q, k, cos, sin, unsqueeze_dim=1):
    cos = cos.unsqueeze(unsqueeze_dim)
    sin = sin.unsqueeze(unsqueeze_dim)
    return (q * cos) + (rotate_half(q) * sin), (k * cos) + (rotate_half(k) * sin)


def apply_rotary_complex(x, freqs_cis):
    """Meta's own way: pairs of neighbours are complex numbers."""
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * freqs_cis).flatten(3).type_as(x)


def repeat_kv(hidden_states: torch.Tensor, n_rep: int) -> torch.Tensor:
    batch, heads, slen, head_dim = hidden_states.shape
    if n_rep == 1:
        return hidden_states
    hidden_states = hidden_states[:, :, None, :, :].expand(batch, heads, n_rep, slen, head_dim)
    return hidden_states.reshape(batch, heads * n_rep, slen, head_dim)


class DynamicCache:
    """Keys and values of what was seen, by layer."""

    def __init__(self):
        self.key_cache: list[torch.Tensor] = []
        self.value_cache: list[torch.Tensor] = []

    def update(self, key_states, value_states, layer_idx):
        if len(self.key_cache) <= layer_idx:
            self.key_cache.append(key_states)
            self.value_cache.append(value_states)
        else:
            self.key_cache[layer_idx] = torch.cat([self.key_cache[layer_idx], key_states], dim=-2)
            self.value_cache[layer_idx] = torch.cat([self.value_cache[layer_idx], value_states], dim=-2)
        return self.key_cache[layer_idx], self.value_cache[layer_idx]

    def get_seq_length(self):
        return self.key_cache[0].shape[-2] if self.key_cache else 0


class Attention(nn.Module):
    def __init__(self, hidden_size, heads, kv_heads, layer_idx, kind):
        super().__init__()
        self.layer_idx, self.kind = layer_idx, kind
        self.head_dim, self.groups = hidden_size // heads, heads // kv_heads
        self.scaling = self.head_dim**-0.5
        self.q_proj = nn.Linear(hidden_size, heads * self.head_dim, bias=False)
        self.k_proj = nn.Linear(hidden_size, kv_heads * self.head_dim, bias=False)
        self.v_proj = nn.Linear(hidden_size, kv_heads * self.head_dim, bias=False)
        self.o_proj = nn.Linear(heads * self.head_dim, hidden_size, bias=False)

    def eager(self, query, key, value, mask):
        key, value = repeat_kv(key, self.groups), repeat_kv(value, self.groups)
        weights = torch.matmul(query, key.transpose(2, 3)) * self.scaling
        if mask is not None:
            weights = weights + mask[:, :, :, : key.shape[-2]]
        wide = torch.promote_types(query.dtype, torch.float32)
        weights = nn.functional.softmax(weights, dim=-1, dtype=wide).to(query.dtype)
        return torch.matmul(weights, value)

    def sdpa(self, query, key, value, mask):
        is_causal = mask is None and query.shape[2] > 1
        return F.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, is_causal=is_causal, scale=self.scaling, enable_gqa=True
        )

    def forward(self, hidden_states, position_embeddings, mask, past):
        input_shape = hidden_states.shape[:-1]
        hidden_shape = (*input_shape, -1, self.head_dim)
        query = self.q_proj(hidden_states).view(hidden_shape).transpose(1, 2)
        key = self.k_proj(hidden_states).view(hidden_shape).transpose(1, 2)
        value = self.v_proj(hidden_states).view(hidden_shape).transpose(1, 2)
        query, key = apply_rotary_pos_emb(query, key, *position_embeddings)
        if past is not None:
            key, value = past.update(key, value, self.layer_idx)
        attend = self.eager if self.kind == "eager" else self.sdpa
        out = attend(query, key, value, mask).transpose(1, 2).contiguous()
        return self.o_proj(out.reshape(*input_shape, -1).contiguous())


class MLP(nn.Module):
    def __init__(self, hidden_size, intermediate_size):
        super().__init__()
        self.gate_proj = nn.Linear(hidden_size, intermediate_size, bias=False)
        self.up_proj = nn.Linear(hidden_size, intermediate_size, bias=False)
        self.down_proj = nn.Linear(intermediate_size, hidden_size, bias=False)
        self.act_fn = nn.SiLU()

    def forward(self, x):
        return self.down_proj(self.act_fn(self.gate_proj(x)) * self.up_proj(x))


class DecoderLayer(nn.Module):
    def __init__(self, hidden_size, heads, kv_heads, layer_idx):
        super().__init__()
        kind = ("eager", "sdpa")[layer_idx % 2]
        self.self_attn = Attention(hidden_size, heads, kv_heads, layer_idx, kind)
        self.mlp = MLP(hidden_size, 2 * hidden_size)
        self.input_layernorm = RMSNorm(hidden_size)
        self.post_attention_layernorm = RMSNorm(hidden_size)

    def forward(self, hidden_states, **kwargs):
        residual = hidden_states
        hidden_states = self.self_attn(self.input_layernorm(hidden_states), **kwargs)
        hidden_states = residual + hidden_states
        return hidden_states + self.mlp(self.post_attention_layernorm(hidden_states))


class LlamaForCausalLM(nn.Module):
    def __init__(self, vocab_size=27, hidden_size=24, layers=2, heads=4, kv_heads=2):
        super().__init__()
        self.embed_tokens = nn.Embedding(vocab_size, hidden_size, 0)
        self.layers = nn.ModuleList([DecoderLayer(hidden_size, heads, kv_heads, i) for i in range(layers)])
        self.norm = RMSNorm(hidden_size)
        self.rotary_emb = RotaryEmbedding(hidden_size // heads)
        self.lm_head = nn.Linear(hidden_size, vocab_size, bias=False)

    def _causal_mask(self, attention_mask, embeds, past_length):
        batch, length = embeds.shape[:2]
        dtype, device = embeds.dtype, embeds.device
        target, min_dtype = past_length + length, torch.finfo(embeds.dtype).min
        mask = torch.full((length, target), fill_value=min_dtype, dtype=dtype, device=device)
        if length != 1:
            mask = torch.triu(mask, diagonal=1 + past_length)
        else:
            mask = mask * 0
        mask = mask[None, None, :, :].expand(batch, 1, -1, -1)
        if attention_mask is not None:
            mask = mask.clone()  # copy to contiguous memory for in-place edit
            padding = mask[:, :, :, :target] + attention_mask[:, None, None, :].to(dtype)
            padding = padding == 0
            mask[:, :, :, :target] = mask[:, :, :, :target].masked_fill(padding, min_dtype)
        return mask

    def forward(self, input_ids, attention_mask=None, past_key_values=None, labels=None):
        embeds = self.embed_tokens(input_ids)
        past_length = past_key_values.get_seq_length() if past_key_values is not None else 0
        cache_position = torch.arange(past_length, past_length + embeds.shape[1], device=embeds.device)
        position_ids = cache_position.unsqueeze(0)
        mask = self._causal_mask(attention_mask, embeds, past_length)
        hidden_states = embeds
        position_embeddings = self.rotary_emb(hidden_states, position_ids)
        for decoder_layer in self.layers:
            hidden_states = decoder_layer(
                hidden_states, position_embeddings=position_embeddings, mask=mask, past=past_key_values
            )
        logits = self.lm_head(self.norm(hidden_states))
        loss = None
        if labels is not None:
            wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
            labels = F.pad(labels, (0, 1), value=-100)[..., 1:].contiguous()
            loss = F.cross_entropy(wide.view(-1, wide.size(-1)), labels.view(-1), reduction="sum")
            loss = loss / (labels != -100).sum()
        return loss, logits


# What is computed in single precision whatever the model's dtype is.
SINGLE = "rotary angles"


def build():
    return LlamaForCausalLM()


def inputs(draw):
    ids = draw.integers(1, 27, (2, 9))
    mask = ids * 0 + 1
    mask[1, 6:] = 0
    labels = ids.copy()
    labels[mask == 0] = -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def loss(model, input_ids, attention_mask, labels):
    return model(input_ids, attention_mask=attention_mask, labels=labels)


def extras(model, input_ids, attention_mask, labels):
    model.eval()
    with torch.no_grad():
        cache, steps = DynamicCache(), []
        for token in input_ids.split(1, dim=1):
            steps.append(model(token, past_key_values=cache)[1])
        whole = model(input_ids)[1]
        heads = cache.key_cache[0]
        angles = torch.outer(torch.arange(heads.shape[-2]).float(), model.rotary_emb.inv_freq.float())
        freqs_cis = torch.polar(torch.ones_like(angles), angles)
        turned = apply_rotary_complex(heads.float(), freqs_cis)
    return torch.cat(steps, dim=1), whole, cache.value_cache[1], turned
