"""Trains a convolutional network and a small vision transformer on handwritten digits: `make demo`.

The data are the 1,797 images of 8 x 8 pixels that ship with scikit-learn. Each model is trained with `st.Trainer` on
the best device there is, writes a report and a checkpoint, and is read and tested again by a fresh process. If torch
is installed, it trains the same models with the same program but for the loop.

    python examples/digits.py [--tiny] [--folder runs/digits]
"""

import argparse
import importlib.util
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import spiraltorch_rs as st

BATCH, RATE = 64, 2e-3
MODELS = {"cnn": "Convolutional network", "vit": "Vision transformer"}


def data() -> list[np.ndarray]:
    """Images to train and to test with, then their classes."""
    images, classes = load_digits(return_X_y=True)
    images = (images / 8 - 1).astype(np.float32).reshape(-1, 1, 8, 8)
    parts: list[np.ndarray] = train_test_split(
        images, classes.astype(np.int64), test_size=0.2, random_state=0
    )
    return parts


def loaders(library: Any, most: int | None = None) -> tuple[Any, Any]:
    """What gives a library's batches: at most so many images to train with, in random order; those to test."""
    images, test_images, classes, test_classes = (library.from_numpy(part) for part in data())
    tools = library.utils.data
    train = tools.TensorDataset(images[:most], classes[:most])
    test = tools.TensorDataset(test_images, test_classes)
    return tools.DataLoader(train, BATCH, shuffle=True, drop_last=True), tools.DataLoader(test, 360)


def convolutional(library: Any) -> Any:
    """Two convolutions, then two linear layers."""
    nn = library.nn
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(64 * 4 * 4, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def transformer(library: Any) -> Any:
    """Patches of 2 x 2 pixels, two blocks of attention, the mean of what they say."""
    nn = library.nn
    module: Any = nn.Module

    class VisionTransformer(module):
        def __init__(self, width: int = 64) -> None:
            super().__init__()
            self.patches = nn.Conv2d(1, width, 2, stride=2)
            self.places = nn.Parameter(library.randn(1, 16, width) * 0.02)
            block = nn.TransformerEncoderLayer(
                width, 4, 2 * width, dropout=0.1, activation="gelu", batch_first=True, norm_first=True
            )
            self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

        def forward(self, images: Any) -> Any:
            tokens = self.patches(images).flatten(2).transpose(1, 2) + self.places
            return self.head(self.norm(self.blocks(tokens)).mean(1))

    return VisionTransformer()


def new_model(library: Any, name: str) -> Any:
    """A model before its training."""
    library.manual_seed(0)
    return {"cnn": convolutional, "vit": transformer}[name](library)


def accuracy(model: Any, loader: Any) -> float:
    """The share of a loader's images that a model recognises: the loop that any program of torch's has."""
    model.eval()
    right = [(model(images).argmax(1) == classes).float().mean().item() for images, classes in loader]
    return statistics.mean(right)


def train_ours(name: str, epochs: int, most: int | None, folder: Path) -> tuple[float, float]:
    """Accuracy and steps per second of a model that `st.Trainer` trains."""
    model = new_model(st, name)
    train, test = loaders(st, most)
    optimizer = st.optim.AdamW(model.parameters(), lr=RATE)
    trainer = st.Trainer(
        model,
        optimizer,
        st.nn.CrossEntropyLoss(label_smoothing=0.05),
        scheduler=st.optim.lr_scheduler.OneCycleLR(optimizer, RATE, epochs * len(train)),
        schedule="step",
        metrics={"accuracy": st.trainer.accuracy},
        callbacks=[st.trainer.LearningRateMonitor(), st.trainer.Checkpoint(folder, monitor="valid_loss")],
        device=st.trainer.best_device(),
    )
    history = trainer.fit(train, test, epochs=epochs)
    for written in trainer.report(folder / "report.html", f"{MODELS[name]} on digits"):
        print(f"report      {written}")
    speeds = [row["steps_per_second"] for row in history.epochs]
    return history.epochs[-1]["valid_accuracy"], statistics.median(speeds)


def train_torch(name: str, epochs: int, most: int | None) -> tuple[float, float]:
    """The same, by torch."""
    import torch

    torch.set_num_threads(st.get_num_threads())
    model, (train, test) = new_model(torch, name), loaders(torch, most)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, epochs * len(train))
    loss_fn = torch.nn.CrossEntropyLoss(label_smoothing=0.05)
    speeds = []
    for _ in range(epochs):
        model.train()
        begin = time.perf_counter()
        for images, classes in train:
            loss_fn(model(images), classes).backward()
            optimizer.step()
            optimizer.zero_grad()
            scheduler.step()
        speeds.append(len(train) / (time.perf_counter() - begin))
    with torch.no_grad():
        return accuracy(model, test), statistics.median(speeds)


def reload(name: str, folder: Path) -> float:
    """The accuracy that a fresh process finds for the checkpoint."""
    command = [sys.executable, __file__, "--check", name, "--folder", str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def check(name: str, folder: Path) -> None:
    """What that process does."""
    model = new_model(st, name)
    model.load_state_dict(st.load(folder / "last.pt")["model"])
    with st.no_grad():
        print(accuracy(model, loaders(st)[1]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tiny", action="store_true", help="few images and epochs, to try whether it runs")
    parser.add_argument(
        "--folder", type=Path, default=Path("runs/digits"), help="for reports and checkpoints"
    )
    parser.add_argument("--check", choices=MODELS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.check:
        check(options.check, options.folder)
        return
    epochs, most = (2, 256) if options.tiny else (15, None)
    lines = {}
    for name, title in MODELS.items():
        print(f"\n{title}, {epochs} epochs", flush=True)
        folder = options.folder / name
        reached, speed = train_ours(name, epochs, most, folder)
        again = reload(name, folder)
        print(f"checkpoint  {folder / 'last.pt'}: a fresh process finds {again:.1%}", flush=True)
        lines[name] = f"{title:24}{reached:10.1%}{speed:10,.0f}"
    if importlib.util.find_spec("torch"):
        for name in MODELS:
            reached, speed = train_torch(name, epochs, most)
            lines[name] += f"{reached:14.1%}{speed:10,.0f}"
    print(
        f"\n{'':24}{'accuracy':>10}{'steps/s':>10}{'in torch':>14}{'steps/s':>10}", *lines.values(), sep="\n"
    )


if __name__ == "__main__":
    main()
