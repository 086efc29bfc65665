"""A perceptron of two classes with everything a table of numbers gets: embeddings, norms, dropout."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, width, activation=nn.GELU):
        super().__init__()
        self.norm = nn.BatchNorm1d(width)
        self.fc = nn.Linear(width, width)
        self.act = activation()
        self.drop = nn.Dropout(0.0)
        self.scale = nn.Parameter(torch.full((width,), 0.5))

    def forward(self, x):
        return x + self.scale * self.drop(self.act(self.fc(self.norm(x))))


class TabularNet(nn.Module):
    def __init__(self, columns=5, kinds=(4, 7), width=16):
        super().__init__()
        self.embeddings = nn.ModuleList([nn.Embedding(count, 3) for count in kinds])
        self.stem = nn.Linear(columns + 3 * len(kinds), width)
        self.blocks = nn.ModuleDict({"first": Block(width), "second": Block(width, nn.SiLU)})
        self.head = nn.Linear(width, 1)
        self.reset_parameters()

    def reset_parameters(self):
        for name, parameter in self.named_parameters():
            if name.endswith("weight") and parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter, gain=nn.init.calculate_gain("relu"))

    def forward(self, numbers, kinds):
        parts = [embed(kinds[:, i]) for i, embed in enumerate(self.embeddings)]
        x = F.leaky_relu(self.stem(torch.cat([numbers, *parts], dim=-1)), 0.1)
        for block in self.blocks.values():
            x = block(x)
        return self.head(x).squeeze(-1)


def build():
    return TabularNet()


def inputs(draw):
    kinds = draw.integers(0, 4, (24, 2))
    return {"numbers": draw.standard_normal((24, 5)), "kinds": kinds, "labels": draw.integers(0, 2, 24)}


def loss(model, numbers, kinds, labels):
    logits = model(numbers, kinds)
    weight = torch.tensor(2.0, dtype=logits.dtype, device=logits.device)
    labels = labels.to(logits)
    return F.binary_cross_entropy_with_logits(logits, labels, pos_weight=weight), logits


def extras(model, numbers, kinds, labels):
    with torch.inference_mode():
        chances = torch.sigmoid(model(numbers, kinds))
        decisions = chances > 0.5
        matrix = torch.bincount(labels * 2 + decisions.long(), minlength=4).view(2, 2)
        order = chances.argsort(descending=True)
    return chances, matrix, labels[order].cumsum(0)
