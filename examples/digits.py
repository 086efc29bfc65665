"""Trains a small classifier on handwritten digits, with tensors and autograd only: `make demo`.

The data are the 1,797 images of 8 x 8 pixels that ship with scikit-learn. If torch is installed, the same
program runs on it for comparison; nothing but the import differs.
"""

import importlib.util
import statistics
import time
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import spiraltorch_rs as st

SIZES = [(64, 128), (128, 128), (128, 10)]
BATCH, EPOCHS, RATE = 64, 20, 2e-3


class Classifier:
    """Three linear layers and Adam, written with the tensors of a library (ours or torch)."""

    def __init__(self, library: Any) -> None:
        self.library = library
        random = np.random.default_rng(0)
        self.parameters = []
        for inputs, outputs in SIZES:
            weight = random.standard_normal((outputs, inputs), dtype=np.float32) * (2 / inputs) ** 0.5
            self.parameters += [library.tensor(weight), library.zeros(outputs)]
        for parameter in self.parameters:
            parameter.requires_grad_()
        self.moments = [(library.zeros_like(p), library.zeros_like(p)) for p in self.parameters]
        self.steps = 0

    def logits(self, images: Any) -> Any:
        """The scores of the ten classes."""
        functional, x = self.library.nn.functional, images
        for i in range(0, len(self.parameters), 2):
            x = functional.linear(x if i == 0 else functional.gelu(x), *self.parameters[i : i + 2])
        return x

    def step(self, images: Any, classes: Any) -> Any:
        """One step of training; the loss before it."""
        for parameter in self.parameters:
            parameter.grad = None
        loss = self.library.nn.functional.cross_entropy(self.logits(images), classes)
        loss.backward()
        self.adam()
        return loss

    def adam(self) -> None:
        """Moves every parameter against its gradient."""
        self.steps += 1
        with self.library.no_grad():
            for p, (mean, square) in zip(self.parameters, self.moments, strict=True):
                mean.mul_(0.9).add_(p.grad, alpha=0.1)
                square.mul_(0.999).addcmul_(p.grad, p.grad, value=0.001)
                deviation = (square / (1 - 0.999**self.steps)).sqrt() + 1e-8
                p.addcdiv_(mean, deviation, value=-RATE / (1 - 0.9**self.steps))

    def accuracy(self, images: Any, classes: Any) -> float:
        """The share of images whose best score is their class."""
        with self.library.no_grad():
            return (self.logits(images).argmax(1) == classes).float().mean().item()


class Run:
    """A classifier on its way: what it has learned, and how fast."""

    def __init__(self, name: str, library: Any, data: list[np.ndarray]) -> None:
        self.name, self.library, self.model = name, library, Classifier(library)
        self.images, self.test_images, self.classes, self.test_classes = data
        self.order = np.random.default_rng(0)
        self.rates: list[float] = []

    def batch(self, chosen: np.ndarray) -> tuple[Any, Any]:
        """Images and classes as tensors."""
        return self.library.tensor(self.images[chosen]), self.library.tensor(self.classes[chosen])

    def epoch(self) -> float:
        """Goes through the data once, in random order; the last loss."""
        order = self.order.permutation(len(self.images))
        starts = range(0, len(order) - BATCH + 1, BATCH)
        begin = time.perf_counter()
        for start in starts:
            loss = self.model.step(*self.batch(order[start : start + BATCH]))
        value = loss.item()  # a lazy library is not done before a value is read
        self.rates.append(len(starts) / (time.perf_counter() - begin))
        return value

    def accuracy(self) -> float:
        """The share of unseen images that are recognised."""
        return self.model.accuracy(
            self.library.tensor(self.test_images), self.library.tensor(self.test_classes)
        )


def runs() -> list[Run]:
    """Ours and, where torch is installed, torch's."""
    digits = load_digits()
    images, classes = (digits.data / 16).astype(np.float32), digits.target.astype(np.int64)
    data = train_test_split(images, classes, test_size=0.2, random_state=0)
    found = [Run("SpiralTorch", st, data)]
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(st.get_num_threads())
        found.append(Run("torch", torch, data))
    return found


def main() -> None:
    both = runs()
    # In turn, an epoch each: a busy moment of the machine is not held against one of them.
    with tqdm(range(EPOCHS), desc="training", unit="epoch") as progress:
        for _ in progress:
            losses = {run.name: f"{run.epoch():.4f}" for run in both}
            progress.set_postfix(losses)

    print("\nThe kernels of one step (forward, backward and Adam):")
    ours = both[0]
    batch = ours.batch(np.arange(BATCH))
    print(st.explain(lambda: ours.model.step(*batch)), end="\n\n")
    for run in both:
        print(f"{run.name:12} accuracy {run.accuracy():.1%}, {statistics.median(run.rates):,.0f} steps/s")


if __name__ == "__main__":
    main()
