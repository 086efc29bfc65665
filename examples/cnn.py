"""A convolutional network on digits, in mixed precision, stopped when it gets no better: `st.Trainer` with callbacks.

python examples/cnn.py [--tiny]
"""

import sys

import numpy as np
from sklearn.datasets import load_digits

import spiraltorch_rs as st
from spiraltorch_rs.trainer import EarlyStopping, GradientClipping, Trainer, accuracy


def network() -> st.nn.Module:
    """Two convolutions and a linear layer."""
    nn = st.nn
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 16, 10),
    )


def main(tiny: bool = False) -> float:
    """Trains, and gives the accuracy on images that were not seen."""
    st.manual_seed(0)
    images, classes = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    data = st.utils.data.TensorDataset(st.from_numpy(images), st.from_numpy(classes.astype(np.int64)))
    train, valid, _ = st.utils.data.random_split(data, [500, 200, 1097] if tiny else [1400, 397, 0])
    model = network()
    trainer = Trainer(
        model,
        st.optim.AdamW(model.parameters(), lr=3e-3),
        st.nn.CrossEntropyLoss(),
        metrics={"accuracy": accuracy},
        precision="bfloat16",
        callbacks=[GradientClipping(1.0), EarlyStopping("valid_loss", patience=2)],
    )
    loader = st.utils.data.DataLoader
    history = trainer.fit(loader(train, 32, shuffle=True), loader(valid, 200), epochs=3 if tiny else 30)
    best = history.best("valid_accuracy", mode="max")
    assert best is not None
    print(f"{best['valid_accuracy']:.1%} in epoch {best['epoch']}")
    return best["valid_accuracy"]


if __name__ == "__main__":
    main("--tiny" in sys.argv)
