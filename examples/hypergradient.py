"""Learns the learning rate and the weight decay of a small classifier, by gradient descent through its training.

The digits that ship with scikit-learn; few of them are for training, so that weight decay matters. Every round trains
a classifier from the same start, takes the loss on other digits, and moves both hyperparameters against their gradient.

    python examples/hypergradient.py [--tiny]
"""

import sys
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from tqdm import tqdm

import spiraltorch_rs as st

STEPS, BATCH, ROUNDS = 40, 32, 25


def digits() -> list[tuple[Any, Any]]:
    """A few images to train with, some to validate, the rest to test."""
    images, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    images, classes = (images[order] / 16).astype(np.float32), classes[order]
    parts = (slice(0, 150), slice(150, 500), slice(500, None))
    return [(st.tensor(images[part]), st.tensor(classes[part])) for part in parts]


def start() -> dict[str, Any]:
    """The classifier before its training: two layers."""
    random = np.random.default_rng(1)

    def layer(inputs: int, outputs: int) -> Any:
        return st.tensor(random.standard_normal((outputs, inputs), dtype=np.float32) / inputs**0.5)

    return {"first": layer(64, 32), "second": layer(32, 10)}


def loss(weights: dict[str, Any], hyper: Any, batch: tuple[Any, Any]) -> Any:
    """How badly a classifier does on a batch."""
    functional, (images, classes) = st.nn.functional, batch
    hidden = functional.gelu(functional.linear(images, weights["first"]))
    return functional.cross_entropy(functional.linear(hidden, weights["second"]), classes)


def settings(hyper: dict[str, Any]) -> dict[str, Any]:
    """Learned are the logarithms: both settings stay positive."""
    return {"lr": hyper["log_lr"].exp(), "weight_decay": hyper["log_decay"].exp()}


def main(tiny: bool = False) -> float:
    """Trains `ROUNDS` times, and gives the last share of right answers."""
    train, validate, test = digits()
    random = np.random.default_rng(2)
    chosen = [st.tensor(random.choice(150, BATCH, replace=False)) for _ in range(STEPS)]
    batches = [(train[0][places], train[1][places]) for places in chosen]
    hyper = {"log_lr": st.tensor(0.01).log(), "log_decay": st.tensor(0.001).log()}
    meta, names = st.hypergrad.Adam(lr=0.25), list(hyper)
    state = meta.init(list(hyper.values()))
    with tqdm(range(1, (3 if tiny else ROUNDS) + 1)) as rounds:
        for number in rounds:
            hyper = {name: value.detach().requires_grad_() for name, value in hyper.items()}
            trained = st.hypergrad.unroll(
                loss,
                start(),
                hyper,
                batches,
                st.hypergrad.SGD(momentum=0.9),
                settings=settings,
                checkpoint_every=8,
            ).parameters
            error = loss(trained, None, validate)
            slopes = st.autograd.grad(error, list(hyper.values()))
            moved, state = meta.step([value.detach() for value in hyper.values()], slopes, state, number)
            right = (classes_of(trained, test[0]) == test[1]).float().mean()
            rounds.set_description(
                f"lr {float(hyper['log_lr'].exp()):.3f}, decay {float(hyper['log_decay'].exp()):.4f}: "
                f"loss {float(error):.3f}, {float(right):.1%} of the test right"
            )
            hyper = dict(zip(names, moved, strict=True))
    return float(right)


def classes_of(weights: dict[str, Any], images: Any) -> Any:
    """The classes a classifier finds."""
    hidden = st.nn.functional.gelu(st.nn.functional.linear(images, weights["first"].detach()))
    return st.nn.functional.linear(hidden, weights["second"].detach()).argmax(1)


if __name__ == "__main__":
    main("--tiny" in sys.argv)
