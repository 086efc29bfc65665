"""LoRA: a trained model learns something new by two thin matrices beside each of its weights, which stay as they are.

A network that knows digits learns them upside down; `parametrize` adds the thin matrices, and merges them in the end.

    python examples/lora.py [--tiny]
"""

import sys
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

import spiraltorch_rs as st
from spiraltorch_rs.nn.utils import parametrize


class LowRank(st.nn.Module):
    """A weight plus a product of two thin matrices, which is zero in the beginning."""

    def __init__(self, weight: Any, rank: int) -> None:
        super().__init__()
        outputs, inputs = weight.shape
        self.down = st.nn.Parameter(st.randn(rank, inputs) / inputs**0.5)
        self.up = st.nn.Parameter(st.zeros(outputs, rank))

    def forward(self, weight: Any) -> Any:
        """The weight as it is used."""
        return weight + self.up @ self.down


def fit(model: st.nn.Module, images: Any, classes: Any, epochs: int, rate: float) -> None:
    """Trains what wants a gradient."""
    data = st.utils.data.DataLoader(st.utils.data.TensorDataset(images, classes), 64, shuffle=True)
    optimizer = st.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=rate)
    st.Trainer(model, optimizer, st.nn.CrossEntropyLoss(), progress=False).fit(data, epochs=epochs)


def right(model: st.nn.Module, images: Any, classes: Any) -> float:
    """The share of right answers."""
    with st.no_grad():
        share: float = (model(images).argmax(1) == classes).float().mean().item()
    return share


def main(tiny: bool = False) -> float:
    """Trains, adapts, merges, and gives the accuracy on what is new."""
    st.manual_seed(0)
    images, classes = load_digits(return_X_y=True)
    upright, classes = (
        st.from_numpy((images / 16).astype(np.float32)),
        st.from_numpy(classes.astype(np.int64)),
    )
    turned = upright.flip(1)
    nn = st.nn
    model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    fit(model, upright, classes, 3 if tiny else 15, 2e-3)
    print(f"upright {right(model, upright, classes):.1%}, upside down {right(model, turned, classes):.1%}")
    model.requires_grad_(False)
    for layer in model:
        if isinstance(layer, nn.Linear):
            parametrize.register_parametrization(layer, "weight", LowRank(layer.weight, rank=4))
    counts = [
        sum(p.numel() for p in model.parameters() if p.requires_grad is wanted) for wanted in (True, False)
    ]
    print(f"{counts[0]:,} numbers learn, {counts[1]:,} stay")
    fit(model, turned, classes, 4 if tiny else 15, 5e-3)
    adapted = right(model, turned, classes)
    for layer in model:
        if isinstance(layer, nn.Linear):
            parametrize.remove_parametrizations(layer, "weight")  # the plain layers again, with other weights
    merged = right(model, turned, classes)
    print(f"upside down {adapted:.1%}, and {merged:.1%} when merged")
    return merged


if __name__ == "__main__":
    main("--tiny" in sys.argv)
