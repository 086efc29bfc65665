"""A convolutional network for small pictures, as tutorials have it: two blocks with batch norm, a classifier."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, classes=5):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=3, padding="same")
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, stride=1, padding=1, padding_mode="reflect", bias=False)
        self.bn2 = nn.BatchNorm2d(16, momentum=0.05)
        self.dropout = nn.Dropout2d(0.0)
        self.fc = nn.LazyLinear(classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = self.dropout(F.avg_pool2d(F.relu(self.bn2(self.conv2(x))), 2))
        return self.fc(x.flatten(1))


def build():
    model = Net()
    model(torch.zeros(2, 1, 12, 12))  # sizes of the lazy layer
    return model


def inputs(draw):
    # Pictures of five kinds, each with noise of its own.
    labels = draw.integers(0, 5, 32)
    kinds = np.random.default_rng(7).standard_normal((5, 1, 12, 12))
    return {"images": kinds[labels] + 0.5 * draw.standard_normal((32, 1, 12, 12)), "labels": labels}


def loss(model, images, labels):
    log_probabilities = F.log_softmax(model(images), dim=1)
    return F.nll_loss(log_probabilities, labels), log_probabilities


def extras(model, images, labels):
    with torch.no_grad():
        predicted = model(images).max(1, keepdim=True)[1]
    confusion = torch.zeros(5, 5, dtype=torch.int64)
    confusion.index_put_((labels, predicted.squeeze(1)), torch.ones_like(labels), accumulate=True)
    return predicted.eq(labels.view_as(predicted)).float().mean(), confusion
