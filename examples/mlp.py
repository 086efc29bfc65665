"""A multilayer perceptron tells two spirals apart: the plain training loop, as in any program of torch's.

python examples/mlp.py [--tiny]
"""

import math
import sys
from typing import Any

import spiraltorch_rs as st


def spirals(count: int) -> tuple[Any, Any]:
    """Points of two spirals, and which one each is of."""
    turn = st.rand(count).sqrt() * 3 * math.pi
    which = st.arange(count) % 2
    angle = turn + math.pi * which
    points = st.stack([turn * angle.cos(), turn * angle.sin()], dim=1) / (3 * math.pi)
    return points + 0.01 * st.randn(count, 2), which


def main(tiny: bool = False) -> float:
    """Trains, and gives the accuracy on points that were not seen."""
    st.manual_seed(0)
    points, which = spirals(400 if tiny else 2000)
    model = st.nn.Sequential(
        st.nn.Linear(2, 64), st.nn.GELU(), st.nn.Linear(64, 64), st.nn.GELU(), st.nn.Linear(64, 2)
    )
    optimizer = st.optim.Adam(model.parameters(), lr=1e-2)
    steps = 300 if tiny else 1500
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        loss = st.nn.functional.cross_entropy(model(points), which)
        loss.backward()
        optimizer.step()
        if step % (steps // 5) == 0:
            print(f"step {step:5}  loss {loss.item():.4f}")
    points, which = spirals(1000)
    with st.no_grad():
        right: float = (model(points).argmax(1) == which).float().mean().item()
    print(f"{right:.1%} of new points are right")
    return right


if __name__ == "__main__":
    main("--tiny" in sys.argv)
