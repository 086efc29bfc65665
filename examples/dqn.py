"""Deep Q-learning balances a pole on a cart: a memory of what happened, a second network that follows slowly.

python examples/dqn.py [--tiny]
"""

import math
import random
import sys
from collections import deque
from copy import deepcopy

import spiraltorch_rs as st

State = tuple[float, float, float, float]


class CartPole:
    """A pole on a cart that is pushed left or right, by the usual equations of motion."""

    def reset(self) -> State:
        """Begins nearly upright."""
        self.state: State = (0.0, 0.0, random.uniform(-0.05, 0.05), random.uniform(-0.05, 0.05))
        return self.state

    def step(self, push: int) -> tuple[State, bool]:
        """What a push leads to, and whether the pole has fallen."""
        place, speed, angle, turning = self.state
        force = 10.0 if push else -10.0
        sine, cosine = math.sin(angle), math.cos(angle)
        pull = (force + 0.05 * turning**2 * sine) / 1.1
        turn = (9.8 * sine - cosine * pull) / (0.5 * (4 / 3 - 0.1 * cosine**2 / 1.1))
        rate = pull - 0.05 * turn * cosine / 1.1
        self.state = (
            place + 0.02 * speed,
            speed + 0.02 * rate,
            angle + 0.02 * turning,
            turning + 0.02 * turn,
        )
        return self.state, abs(self.state[0]) > 2.4 or abs(self.state[2]) > 0.21


def learn(network: st.nn.Module, target: st.nn.Module, optimizer: st.optim.Optimizer, batch: list) -> None:
    """A step towards what the rewards say."""
    states, pushes, rewards, nexts, falls = (st.tensor(column) for column in zip(*batch, strict=True))
    with st.no_grad():
        wanted = rewards + 0.98 * target(nexts).amax(1) * (1 - falls)
    found = network(states).gather(1, pushes[:, None])[:, 0]
    optimizer.zero_grad()
    st.nn.functional.smooth_l1_loss(found, wanted).backward()
    optimizer.step()
    with st.no_grad():
        for slow, fast in zip(target.parameters(), network.parameters(), strict=True):
            slow.lerp_(fast, 0.02)


def main(tiny: bool = False) -> float:
    """Plays and learns; gives how long the pole stood in the last games, on average."""
    st.manual_seed(0)
    random.seed(0)
    nn = st.nn
    network = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    target = deepcopy(network)
    optimizer = st.optim.Adam(network.parameters(), lr=1e-3)
    memory: deque = deque(maxlen=10_000)
    lengths: list[int] = []
    game, games = CartPole(), 15 if tiny else 250
    for number in range(1, games + 1):
        state, curious = game.reset(), max(0.02, 1 - number / (0.5 * games))
        length = 0
        while length < 300:
            length += 1
            if random.random() < curious:
                push = random.randrange(2)
            else:
                with st.no_grad():
                    push = int(network(st.tensor(state)).argmax())
            after, fell = game.step(push)
            memory.append((state, push, 1.0, after, float(fell)))
            state = after
            if len(memory) >= 64:
                learn(network, target, optimizer, random.sample(memory, 64))
            if fell:
                break
        lengths.append(length)
        if number % (games // 5) == 0:
            latest = lengths[-(games // 5) :]
            print(f"game {number:4}  stood {sum(latest) / len(latest):.0f} steps")
    return sum(lengths[-(games // 5) :]) / (games // 5)


if __name__ == "__main__":
    main("--tiny" in sys.argv)
