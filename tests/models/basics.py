"""The network of PyTorch's "Learn the basics": pictures of clothes, a stack of linear layers."""

import torch
from torch import nn


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(12 * 12, 32),
            nn.ReLU(),
            nn.Linear(32, 32),
            nn.ReLU(),
            nn.Linear(32, 10),
        )

    def forward(self, x):
        x = self.flatten(x)
        logits = self.linear_relu_stack(x)
        return logits


def build():
    device = torch.accelerator.current_accelerator().type if torch.accelerator.is_available() else "cpu"
    return NeuralNetwork().to(device)


def inputs(draw):
    return {"pictures": draw.standard_normal((6, 1, 12, 12)), "labels": draw.integers(0, 10, 6)}


def loss(model, pictures, labels):
    logits = model(pictures)
    return nn.CrossEntropyLoss()(logits, labels), logits


def extras(model, pictures, labels):
    with torch.no_grad():
        logits = model(pictures)
        probabilities = nn.Softmax(dim=1)(logits)
        chosen = probabilities.argmax(1)
        correct = (chosen == labels).type(torch.float).sum().item()
    one_hot = torch.zeros(10, dtype=torch.float).scatter_(0, labels[0], value=1)
    return probabilities, chosen, torch.tensor(correct), one_hot
