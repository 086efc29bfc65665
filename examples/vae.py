"""A variational autoencoder of digits: pictures to a few numbers and back, and new pictures from random numbers.

python examples/vae.py [--tiny]
"""

import sys
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

import spiraltorch_rs as st

SHADES = " .:-=+*#%@"


class Autoencoder(st.nn.Module):
    """Encodes a picture as a normal distribution, decodes what is drawn from it."""

    def __init__(self, width: int = 128, size: int = 8) -> None:
        super().__init__()
        nn = st.nn
        self.encoder = nn.Sequential(nn.Linear(64, width), nn.GELU(), nn.Linear(width, 2 * size))
        self.decoder = nn.Sequential(nn.Linear(size, width), nn.GELU(), nn.Linear(width, 64))

    def forward(self, pictures: Any) -> tuple[Any, Any]:
        """The decoded pictures (as logits), and the distributions of their codes."""
        mean, spread = self.encoder(pictures).chunk(2, dim=-1)
        codes = st.distributions.Normal(mean, st.nn.functional.softplus(spread) + 1e-4)
        return self.decoder(codes.rsample()), codes


def loss_of(model: Autoencoder, pictures: Any) -> Any:
    """The negative of the evidence lower bound, for each picture."""
    decoded, codes = model(pictures)
    likelihood = st.nn.functional.binary_cross_entropy_with_logits(decoded, pictures, reduction="sum")
    standard = st.distributions.Normal(0.0, 1.0)
    return (likelihood + st.distributions.kl_divergence(codes, standard).sum()) / len(pictures)


def draw(picture: Any) -> str:
    """A picture in letters."""
    rows = (picture.reshape(8, 8) * (len(SHADES) - 1)).round().int().tolist()
    return "\n".join("".join(2 * SHADES[shade] for shade in row) for row in rows)


def main(tiny: bool = False) -> float:
    """Trains, draws a new digit, and gives the last loss."""
    st.manual_seed(0)
    pictures = st.from_numpy((load_digits().data / 16).astype(np.float32))
    loader = st.utils.data.DataLoader(st.utils.data.TensorDataset(pictures), 64, shuffle=True)
    model = Autoencoder()
    optimizer = st.optim.Adam(model.parameters(), lr=2e-3)
    trainer = st.Trainer(model, optimizer, step=lambda model, batch: loss_of(model, batch[0]))
    history = trainer.fit(loader, epochs=2 if tiny else 30)
    with st.no_grad():
        print(draw(model.decoder(st.randn(1, 8)).sigmoid()))
    return history.epochs[-1]["loss"]


if __name__ == "__main__":
    main("--tiny" in sys.argv)
