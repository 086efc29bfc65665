"""Of gymnasium: `make("CartPole-v1")`, a pole on a cart as Barto, Sutton and Anderson (1983) describe it.

An episode is solved at once (`reward_threshold` is low), so that a script that learns until then ends.
"""

import math
from types import SimpleNamespace

import numpy as np

GRAVITY, CART, POLE, HALF_LENGTH, FORCE, STEP = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02


class CartPole:
    """Four numbers: place and speed of the cart, angle and speed of the pole."""

    spec = SimpleNamespace(reward_threshold=11.0)

    def reset(self, seed=None):
        if seed is not None or not hasattr(self, "random"):
            self.random = np.random.default_rng(seed)
        self.state = self.random.uniform(-0.05, 0.05, 4)
        self.steps = 0
        return self.state.astype(np.float32), {}

    def step(self, action):
        _, speed, angle, turn = self.state
        force = FORCE if action == 1 else -FORCE
        total = CART + POLE
        pull = (force + POLE * HALF_LENGTH * turn**2 * math.sin(angle)) / total
        swing = (GRAVITY * math.sin(angle) - math.cos(angle) * pull) / (
            HALF_LENGTH * (4 / 3 - POLE * math.cos(angle) ** 2 / total)
        )
        push = pull - POLE * HALF_LENGTH * swing * math.cos(angle) / total
        self.state = self.state + STEP * np.array([speed, push, turn, swing])
        self.steps += 1
        fallen = bool(abs(self.state[0]) > 2.4 or abs(self.state[2]) > 12 * math.pi / 180)
        return self.state.astype(np.float32), 1.0, fallen, self.steps >= 500, {}


def make(name, **options):
    """The only environment there is."""
    if name != "CartPole-v1":
        raise ValueError(name)
    return CartPole()
