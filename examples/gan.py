"""A generative adversarial network learns eight clusters on a ring: two optimizers that work against each other.

python examples/gan.py [--tiny]
"""

import math
import sys
from typing import Any

import spiraltorch_rs as st

NOISE = 8


def real(count: int) -> Any:
    """Points near eight places of a circle."""
    angle = st.randint(8, (count,)) * (math.pi / 4)
    return st.stack([angle.cos(), angle.sin()], 1) + 0.05 * st.randn(count, 2)


def network(inputs: int, outputs: int) -> st.nn.Module:
    """Three linear layers."""
    nn = st.nn
    return nn.Sequential(
        nn.Linear(inputs, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, outputs)
    )


def distance(points: Any) -> float:
    """How far points are from the nearest of the eight places, on average."""
    angle = st.arange(8) * (math.pi / 4)
    places = st.stack([angle.cos(), angle.sin()], 1)
    mean: float = st.cdist(points, places).amin(1).mean().item()
    return mean


def main(tiny: bool = False) -> float:
    """Trains, and gives how far made points are from the clusters."""
    st.manual_seed(0)
    generator, critic = network(NOISE, 2), network(2, 1)
    make = st.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.9))
    judge = st.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.5, 0.9))
    loss_fn = st.nn.BCEWithLogitsLoss()
    steps, batch = (400, 64) if tiny else (3000, 256)
    yes, no = st.ones(batch, 1), st.zeros(batch, 1)
    for step in range(1, steps + 1):
        made = generator(st.randn(batch, NOISE))
        judge.zero_grad()
        judged = loss_fn(critic(real(batch)), yes) + loss_fn(critic(made.detach()), no)
        judged.backward()
        judge.step()
        make.zero_grad()
        fooled = loss_fn(critic(made), yes)
        fooled.backward()
        make.step()
        if step % (steps // 5) == 0:
            print(f"step {step:5}  critic {judged.item():.3f}  generator {fooled.item():.3f}")
    with st.no_grad():
        away = distance(generator(st.randn(1000, NOISE)))
    print(f"made points are {away:.3f} from a cluster; real ones {distance(real(1000)):.3f}")
    return away


if __name__ == "__main__":
    main("--tiny" in sys.argv)
