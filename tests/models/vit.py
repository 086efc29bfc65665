"""A vision transformer, written the way torchvision writes it; attention is `nn.MultiheadAttention`."""

import math
from collections import OrderedDict
from functools import partial

import numpy as np
import torch
import torch.nn as nn


class MLPBlock(nn.Sequential):
    def __init__(self, in_dim, mlp_dim, dropout):
        super().__init__(
            nn.Linear(in_dim, mlp_dim),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(mlp_dim, in_dim),
            nn.Dropout(dropout),
        )
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)
                if m.bias is not None:
                    nn.init.normal_(m.bias, std=1e-6)


class EncoderBlock(nn.Module):
    def __init__(self, num_heads, hidden_dim, mlp_dim, norm_layer=partial(nn.LayerNorm, eps=1e-6)):
        super().__init__()
        self.ln_1 = norm_layer(hidden_dim)
        self.self_attention = nn.MultiheadAttention(hidden_dim, num_heads, dropout=0.0, batch_first=True)
        self.dropout = nn.Dropout(0.0)
        self.ln_2 = norm_layer(hidden_dim)
        self.mlp = MLPBlock(hidden_dim, mlp_dim, 0.0)

    def forward(self, input: torch.Tensor):
        torch._assert(input.dim() == 3, f"Expected (batch, sequence, hidden), got {input.shape}")
        x = self.ln_1(input)
        x, _ = self.self_attention(x, x, x, need_weights=False)
        x = self.dropout(x) + input
        return x + self.mlp(self.ln_2(x))


class VisionTransformer(nn.Module):
    def __init__(self, image_size=16, patch_size=4, layers=2, heads=4, hidden_dim=16, classes=6):
        super().__init__()
        self.patch_size, self.hidden_dim = patch_size, hidden_dim
        self.conv_proj = nn.Conv2d(3, hidden_dim, kernel_size=patch_size, stride=patch_size)
        self.class_token = nn.Parameter(torch.zeros(1, 1, hidden_dim))
        length = (image_size // patch_size) ** 2 + 1
        self.pos_embedding = nn.Parameter(torch.empty(1, length, hidden_dim).normal_(std=0.02))
        blocks: OrderedDict[str, nn.Module] = OrderedDict()
        for i in range(layers):
            blocks[f"encoder_layer_{i}"] = EncoderBlock(heads, hidden_dim, 2 * hidden_dim)
        self.layers = nn.Sequential(blocks)
        self.ln = nn.LayerNorm(hidden_dim, eps=1e-6)
        self.heads = nn.Sequential(OrderedDict(head=nn.Linear(hidden_dim, classes)))

        fan_in = self.conv_proj.in_channels * self.conv_proj.kernel_size[0] * self.conv_proj.kernel_size[1]
        nn.init.trunc_normal_(self.conv_proj.weight, std=math.sqrt(1 / fan_in))
        if self.conv_proj.bias is not None:
            nn.init.zeros_(self.conv_proj.bias)
        if isinstance(self.heads.head, nn.Linear):
            nn.init.trunc_normal_(self.heads.head.weight, std=0.02)
            nn.init.zeros_(self.heads.head.bias)

    def _process_input(self, x: torch.Tensor) -> torch.Tensor:
        n, _, h, w = x.shape
        p = self.patch_size
        n_h, n_w = h // p, w // p
        x = self.conv_proj(x)
        x = x.reshape(n, self.hidden_dim, n_h * n_w)
        return x.permute(0, 2, 1)

    def forward(self, x: torch.Tensor):
        x = self._process_input(x)
        batch_class_token = self.class_token.expand(x.shape[0], -1, -1)
        x = torch.cat([batch_class_token, x], dim=1) + self.pos_embedding
        x = self.ln(self.layers(x))
        return self.heads(x[:, 0])


def interpolated(table, old, new):
    """Position embeddings for another picture size, as fine-tuning needs them."""
    token, grid = table[:, :1], table[:, 1:].permute(0, 2, 1).unflatten(2, (old, old))
    grid = nn.functional.interpolate(grid, size=new, mode="bicubic", align_corners=True)
    return torch.cat([token, grid.flatten(2).transpose(1, 2)], dim=1)


def build():
    return VisionTransformer()


def inputs(draw):
    # Pictures of six kinds, each with noise of its own.
    labels = draw.integers(0, 6, 16)
    kinds = np.random.default_rng(7).standard_normal((6, 3, 16, 16))
    return {"images": kinds[labels] + draw.standard_normal((16, 3, 16, 16)), "labels": labels}


def loss(model, images, labels):
    logits = model(images)
    return nn.CrossEntropyLoss(label_smoothing=0.1)(logits, labels), logits


def extras(model, images, labels):
    larger = interpolated(model.pos_embedding, 4, 6)
    block = model.layers.encoder_layer_0
    tokens = block.ln_1(model._process_input(images))
    mixed, weights = block.self_attention(tokens, tokens, tokens, average_attn_weights=False)
    return larger, mixed, weights
