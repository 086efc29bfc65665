"""BERT, written the way transformers writes it: additive masks, buffers that are not saved, tied embeddings."""

import math
from dataclasses import dataclass

import torch
import torch.utils.checkpoint
from torch import nn
from torch.nn import CrossEntropyLoss


@dataclass
class Config:
    vocab_size: int = 31
    hidden_size: int = 16
    num_hidden_layers: int = 2
    num_attention_heads: int = 4
    intermediate_size: int = 32
    max_position_embeddings: int = 24
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12
    initializer_range: float = 0.2
    pad_token_id: int = 0


class Embeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.word_embeddings = nn.Embedding(
            config.vocab_size, config.hidden_size, padding_idx=config.pad_token_id
        )
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(0.0)
        self.register_buffer(
            "position_ids", torch.arange(config.max_position_embeddings).expand((1, -1)), persistent=False
        )
        self.register_buffer(
            "token_type_ids", torch.zeros(self.position_ids.size(), dtype=torch.long), persistent=False
        )

    def forward(self, input_ids, token_type_ids=None):
        batch_size, seq_length = input_ids.size()
        position_ids = self.position_ids[:, :seq_length]
        if token_type_ids is None:
            buffered = self.token_type_ids.expand(position_ids.shape[0], -1)
            buffered = torch.gather(buffered, dim=1, index=position_ids)
            token_type_ids = buffered.expand(batch_size, seq_length)
        embeddings = self.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        embeddings += self.position_embeddings(position_ids)
        return self.dropout(self.LayerNorm(embeddings))


class SelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.num_attention_heads = config.num_attention_heads
        self.attention_head_size = int(config.hidden_size / config.num_attention_heads)
        self.all_head_size = self.num_attention_heads * self.attention_head_size
        self.query = nn.Linear(config.hidden_size, self.all_head_size)
        self.key = nn.Linear(config.hidden_size, self.all_head_size)
        self.value = nn.Linear(config.hidden_size, self.all_head_size)
        self.dropout = nn.Dropout(0.0)

    def transpose_for_scores(self, x):
        new_x_shape = x.size()[:-1] + (self.num_attention_heads, self.attention_head_size)
        return x.view(new_x_shape).permute(0, 2, 1, 3)

    def forward(self, hidden_states, attention_mask=None, output_attentions=False):
        query, key, value = (
            self.transpose_for_scores(layer(hidden_states)) for layer in (self.query, self.key, self.value)
        )
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(self.attention_head_size)
        if attention_mask is not None:
            scores = scores + attention_mask
        probs = self.dropout(nn.functional.softmax(scores, dim=-1))
        context = torch.matmul(probs, value).permute(0, 2, 1, 3).contiguous()
        context = context.view(context.size()[:-2] + (self.all_head_size,))
        return (context, probs) if output_attentions else (context,)


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = SelfAttention(config)
        self.output = nn.Linear(config.hidden_size, config.hidden_size)
        self.norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.intermediate = nn.Linear(config.hidden_size, config.intermediate_size)
        self.final = nn.Linear(config.intermediate_size, config.hidden_size)
        self.norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, hidden_states, attention_mask=None, output_attentions=False):
        mixed, *probs = self.attention(hidden_states, attention_mask, output_attentions)
        attended = self.norm1(self.output(mixed) + hidden_states)
        out = self.norm2(self.final(nn.functional.gelu(self.intermediate(attended))) + attended)
        return (out, *probs)


class PreTrainedModel(nn.Module):
    """What every model inherits: weights are drawn by kind of module, masks are extended, weights tied."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.gradient_checkpointing = False

    @property
    def dtype(self) -> torch.dtype:
        return next(parameter.dtype for parameter in self.parameters())

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def _init_weights(self, module):
        if isinstance(module, nn.Linear):
            module.weight.data.normal_(mean=0.0, std=self.config.initializer_range)
            if module.bias is not None:
                module.bias.data.zero_()
        elif isinstance(module, nn.Embedding):
            module.weight.data.normal_(mean=0.0, std=self.config.initializer_range)
            if module.padding_idx is not None:
                module.weight.data[module.padding_idx].zero_()
        elif isinstance(module, nn.LayerNorm):
            module.bias.data.zero_()
            module.weight.data.fill_(1.0)

    def get_extended_attention_mask(self, attention_mask, dtype):
        if attention_mask.dim() == 3:
            extended = attention_mask[:, None, :, :]
        elif attention_mask.dim() == 2:
            extended = attention_mask[:, None, None, :]
        else:
            raise ValueError(f"Wrong shape for attention_mask (shape {attention_mask.shape})")
        extended = extended.to(dtype=dtype)
        return (1.0 - extended) * torch.finfo(dtype).min


class BertForMaskedLM(PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = Embeddings(config)
        self.layer = nn.ModuleList([Layer(config) for _ in range(config.num_hidden_layers)])
        self.pooler = nn.Linear(config.hidden_size, config.hidden_size)
        self.transform = nn.Sequential(
            nn.Linear(config.hidden_size, config.hidden_size), nn.GELU(), nn.LayerNorm(config.hidden_size)
        )
        self.decoder = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.apply(self._init_weights)
        self.decoder.weight = self.embeddings.word_embeddings.weight

    def encode(self, input_ids, attention_mask=None, output_attentions=False):
        if attention_mask is None:
            attention_mask = torch.ones(input_ids.shape, device=input_ids.device)
        mask = self.get_extended_attention_mask(attention_mask, self.dtype)
        hidden_states = self.embeddings(input_ids)
        all_attentions: tuple | None = () if output_attentions else None
        for layer in self.layer:
            if self.gradient_checkpointing and self.training:
                outputs = torch.utils.checkpoint.checkpoint(
                    layer.__call__, hidden_states, mask, output_attentions, use_reentrant=False
                )
            else:
                outputs = layer(hidden_states, mask, output_attentions)
            hidden_states = outputs[0]
            if output_attentions:
                all_attentions = all_attentions + (outputs[1],)
        return hidden_states, torch.tanh(self.pooler(hidden_states[:, 0])), all_attentions

    def forward(self, input_ids, attention_mask=None, labels=None):
        hidden_states, pooled, _ = self.encode(input_ids, attention_mask)
        scores = self.decoder(self.transform(hidden_states)) + self.bias
        loss = None
        if labels is not None:
            loss = CrossEntropyLoss()(scores.view(-1, self.config.vocab_size), labels.view(-1))
        return loss, scores, pooled


def build():
    return BertForMaskedLM(Config())


def inputs(draw):
    ids = draw.integers(1, 31, (3, 12))
    mask = ids * 0 + 1
    for row, length in enumerate((12, 9, 5)):
        mask[row, length:] = 0
    labels = ids.copy()
    labels[draw.random((3, 12)) > 0.4] = -100
    return {"input_ids": ids * mask, "attention_mask": mask, "labels": labels}


def loss(model, input_ids, attention_mask, labels):
    loss, scores, pooled = model(input_ids, attention_mask, labels)
    return loss + pooled.mean(), (scores, pooled)


def extras(model, input_ids, attention_mask, labels):
    # Gradients with checkpointing, and the mean of the tokens that are there.
    plain = torch.autograd.grad(
        model(input_ids, attention_mask, labels)[0], model.embeddings.LayerNorm.weight
    )
    model.train()
    model.gradient_checkpointing = True
    again = torch.autograd.grad(
        model(input_ids, attention_mask, labels)[0], model.embeddings.LayerNorm.weight
    )
    model.gradient_checkpointing = False
    hidden, _, attentions = model.encode(input_ids, attention_mask, output_attentions=True)
    weights = attention_mask.unsqueeze(-1).expand(hidden.size()).to(hidden.dtype)
    sentence = (hidden * weights).sum(1) / torch.clamp(weights.sum(1), min=1e-9)
    return plain[0], again[0], nn.functional.normalize(sentence, p=2, dim=1), torch.stack(attentions)
