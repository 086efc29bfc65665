"""GPT-2, written the way transformers writes it: Conv1D, a mask as a buffer, the past of keys and values."""

import math

import torch
from torch import nn


class Conv1D(nn.Module):
    """A linear layer whose weight is transposed."""

    def __init__(self, nf, nx):
        super().__init__()
        self.nf = nf
        self.weight = nn.Parameter(torch.empty(nx, nf))
        self.bias = nn.Parameter(torch.zeros(nf))
        nn.init.normal_(self.weight, std=0.2)

    def forward(self, x):
        size_out = x.size()[:-1] + (self.nf,)
        x = torch.addmm(self.bias, x.view(-1, x.size(-1)), self.weight)
        return x.view(size_out)


class NewGELUActivation(nn.Module):
    def forward(self, input):
        inner = math.sqrt(2.0 / math.pi) * (input + 0.044715 * torch.pow(input, 3.0))
        return 0.5 * input * (1.0 + torch.tanh(inner))


class Attention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_positions):
        super().__init__()
        self.register_buffer(
            "bias",
            torch.tril(torch.ones((max_positions, max_positions), dtype=torch.bool)).view(
                1, 1, max_positions, max_positions
            ),
            persistent=False,
        )
        self.register_buffer("masked_bias", torch.tensor(-1e4), persistent=False)
        self.num_heads, self.head_dim, self.split_size = num_heads, embed_dim // num_heads, embed_dim
        self.c_attn = Conv1D(3 * embed_dim, embed_dim)
        self.c_proj = Conv1D(embed_dim, embed_dim)
        self.attn_dropout = nn.Dropout(0.0)

    def _attn(self, query, key, value):
        weights = torch.matmul(query, key.transpose(-1, -2))
        weights = weights / torch.full([], value.size(-1) ** 0.5, dtype=weights.dtype, device=weights.device)
        query_length, key_length = query.size(-2), key.size(-2)
        causal = self.bias[:, :, key_length - query_length : key_length, :key_length]
        mask_value = torch.full([], torch.finfo(weights.dtype).min, dtype=weights.dtype)
        weights = torch.where(causal, weights.to(weights.dtype), mask_value)
        weights = nn.functional.softmax(weights, dim=-1).type(value.dtype)
        return torch.matmul(self.attn_dropout(weights), value)

    def forward(self, hidden_states, layer_past=None):
        query, key, value = self.c_attn(hidden_states).split(self.split_size, dim=2)
        shape = (*query.shape[:-1], -1, self.head_dim)
        query, key, value = (part.view(shape).transpose(1, 2) for part in (query, key, value))
        if layer_past is not None:
            past_key, past_value = layer_past
            key = torch.cat((past_key, key), dim=-2)
            value = torch.cat((past_value, value), dim=-2)
        out = self._attn(query, key, value).permute(0, 2, 1, 3).contiguous()
        return self.c_proj(out.view(*out.size()[:-2], self.split_size)), (key, value)


class Block(nn.Module):
    def __init__(self, embed_dim, num_heads, max_positions):
        super().__init__()
        self.ln_1 = nn.LayerNorm(embed_dim, eps=1e-5)
        self.attn = Attention(embed_dim, num_heads, max_positions)
        self.ln_2 = nn.LayerNorm(embed_dim, eps=1e-5)
        self.mlp = nn.Sequential(
            Conv1D(4 * embed_dim, embed_dim), NewGELUActivation(), Conv1D(embed_dim, 4 * embed_dim)
        )

    def forward(self, hidden_states, layer_past=None):
        attended, present = self.attn(self.ln_1(hidden_states), layer_past)
        hidden_states = attended + hidden_states
        return hidden_states + self.mlp(self.ln_2(hidden_states)), present


class GPT2LMHeadModel(nn.Module):
    def __init__(self, vocab_size=29, embed_dim=16, num_heads=2, layers=2, max_positions=24):
        super().__init__()
        self.wte = nn.Embedding(vocab_size, embed_dim)
        self.wpe = nn.Embedding(max_positions, embed_dim)
        self.h = nn.ModuleList(Block(embed_dim, num_heads, max_positions) for _ in range(layers))
        self.ln_f = nn.LayerNorm(embed_dim, eps=1e-5)
        self.lm_head = nn.Linear(embed_dim, vocab_size, bias=False)
        self.lm_head.weight = self.wte.weight
        for name, p in self.named_parameters():
            if name.endswith("1.weight") and "mlp" in name:
                p.data.normal_(mean=0.0, std=(0.2 / math.sqrt(2 * layers)))

    def forward(self, input_ids, past_key_values=None, labels=None):
        past_length = 0 if past_key_values is None else past_key_values[0][0].size(-2)
        position_ids = torch.arange(
            past_length, input_ids.shape[-1] + past_length, dtype=torch.long, device=input_ids.device
        )
        hidden_states = self.wte(input_ids) + self.wpe(
            position_ids.unsqueeze(0).view(-1, input_ids.shape[-1])
        )
        presents = []
        for i, block in enumerate(self.h):
            hidden_states, present = block(hidden_states, past_key_values[i] if past_key_values else None)
            presents.append(present)
        logits = self.lm_head(self.ln_f(hidden_states))
        loss = None
        if labels is not None:
            shift_logits = logits[..., :-1, :].contiguous()
            shift_labels = labels[..., 1:].contiguous()
            loss = nn.functional.cross_entropy(
                shift_logits.view(-1, shift_logits.size(-1)), shift_labels.view(-1), ignore_index=-100
            )
        return loss, logits, tuple(presents)

    @torch.no_grad()
    def generate(self, input_ids, max_new_tokens, repetition_penalty=1.2):
        past, tokens = None, input_ids
        while max_new_tokens:
            _, logits, past = self(tokens[:, -1:] if past else tokens, past_key_values=past)
            scores = logits[:, -1, :].float()
            seen = torch.gather(scores, 1, tokens)
            seen = torch.where(seen < 0, seen * repetition_penalty, seen / repetition_penalty)
            scores = scores.scatter(1, tokens, seen)
            tokens = torch.cat([tokens, scores.argmax(dim=-1)[:, None]], dim=-1)
            max_new_tokens -= 1
        return tokens, past


def nucleus(logits, top_p=0.8, top_k=12):
    """Logits of which unlikely tokens are taken out, as sampling has them."""
    kth = torch.topk(logits, top_k)[0][..., -1, None]
    logits = logits.masked_fill(logits < kth, -float("Inf"))
    ordered, indices = torch.sort(logits, descending=False)
    remove = ordered.softmax(dim=-1).cumsum(dim=-1) <= (1 - top_p)
    remove[..., -1:] = 0
    return logits.masked_fill(remove.scatter(1, indices, remove), -float("Inf"))


def build():
    return GPT2LMHeadModel()


def inputs(draw):
    ids = draw.integers(0, 29, (2, 10))
    return {"input_ids": ids, "labels": ids}


def loss(model, input_ids, labels):
    loss, logits, _ = model(input_ids, labels=labels)
    return loss, logits


def extras(model, input_ids, labels):
    tokens, past = model.generate(input_ids[:, :4], 6)
    whole = model(tokens)[1].detach()
    _, _, cache = model(tokens[:, :5])
    rest = model(tokens[:, 5:], past_key_values=cache)[1].detach()
    chances = torch.softmax(nucleus(whole[:, -1]), dim=-1)
    return tokens, past[1][0], whole, rest, chances
