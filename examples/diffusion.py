"""A diffusion model learns two moons: it takes noise away step by step, and so makes points from nothing but noise.

python examples/diffusion.py [--tiny]
"""

import math
import sys
from typing import Any

import spiraltorch_rs as st


def moons(count: int) -> Any:
    """Points of two half circles that reach into each other."""
    angle, upper = st.rand(count) * math.pi, (st.arange(count) % 2).float()
    x = angle.cos() * (2 * upper - 1) + (0.5 - upper)
    y = angle.sin() * (2 * upper - 1) + (0.25 - 0.5 * upper)
    return st.stack([x, y], 1) + 0.03 * st.randn(count, 2)


class Denoiser(st.nn.Module):
    """Finds the noise in points, told how much there is."""

    def __init__(self, width: int = 128) -> None:
        super().__init__()
        nn = st.nn
        self.network = nn.Sequential(
            nn.Linear(2 + 16, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2)
        )
        self.register_buffer("waves", 2.0 ** st.arange(8))

    def forward(self, points: Any, time: Any) -> Any:
        """The noise; `time` goes from 0 to 1."""
        phase = time[:, None] * self.waves
        return self.network(st.cat([points, phase.sin(), phase.cos()], 1))


def sampled(model: Denoiser, kept: Any, count: int) -> Any:
    """Points from noise: from the last step to the first."""
    steps = len(kept)
    x = st.randn(count, 2)
    with st.no_grad():
        for i in reversed(range(steps)):
            noise = model(x, st.full((count,), i / steps))
            now, before = kept[i], kept[i - 1] if i else st.tensor(1.0)
            rate = 1 - now / before
            x = (x - rate / (1 - now).sqrt() * noise) / (1 - rate).sqrt()
            if i:
                x = x + rate.sqrt() * st.randn(count, 2)
    return x


def distance(points: Any) -> float:
    """How far points are from the moons, on average."""
    mean: float = st.cdist(points, moons(4000)).amin(1).mean().item()
    return mean


def main(tiny: bool = False) -> float:
    """Trains, samples, and gives how far samples are from the moons, on average."""
    st.manual_seed(0)
    steps = 40 if tiny else 100
    kept = st.cumprod(1 - st.linspace(1e-3, 0.25 if tiny else 0.1, steps), 0)  # what is left of the points
    model = Denoiser()
    optimizer = st.optim.AdamW(model.parameters(), lr=2e-3)
    average = st.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=st.optim.swa_utils.get_ema_multi_avg_fn(0.99)
    )
    rounds = 300 if tiny else 3000
    for number in range(1, rounds + 1):
        points, i = moons(256), st.randint(steps, (256,))
        noise, left = st.randn(256, 2), kept[i][:, None]
        found = model(left.sqrt() * points + (1 - left).sqrt() * noise, i / steps)
        loss = st.nn.functional.mse_loss(found, noise)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update_parameters(model)
        if number % (rounds // 5) == 0:
            print(f"round {number:5}  loss {loss.item():.4f}")
    away = distance(sampled(average.module, kept, 500))
    print(f"made points are {away:.3f} from the moons; noise is {distance(st.randn(500, 2)):.3f}")
    return away


if __name__ == "__main__":
    main("--tiny" in sys.argv)
