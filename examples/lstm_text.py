"""An LSTM learns a text letter by letter, and goes on from a beginning.

python examples/lstm_text.py [--tiny]
"""

import sys
from typing import Any

import spiraltorch_rs as st

TEXT = """The wind was a torrent of darkness among the gusty trees.
The moon was a ghostly galleon tossed upon cloudy seas.
The road was a ribbon of moonlight over the purple moor,
And the highwayman came riding, riding, riding,
The highwayman came riding, up to the old inn-door.
"""
LETTERS = sorted(set(TEXT))


class Writer(st.nn.Module):
    """Letters to scores of the next one."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embed = st.nn.Embedding(len(LETTERS), width)
        self.lstm = st.nn.LSTM(width, width, batch_first=True)
        self.head = st.nn.Linear(width, len(LETTERS))

    def forward(self, letters: Any, state: Any = None) -> Any:
        """The scores, and the state after the last letter."""
        output, state = self.lstm(self.embed(letters), state)
        return self.head(output), state


def write(model: Writer, start: str, count: int) -> str:
    """Goes on from a beginning, always with the likeliest letter."""
    text, state = start, None
    letters = st.tensor([[LETTERS.index(c) for c in start]])
    with st.no_grad():
        for _ in range(count):
            scores, state = model(letters, state)
            letters = scores[:, -1:].argmax(-1)
            text += LETTERS[int(letters)]
    return text


def main(tiny: bool = False) -> float:
    """Trains, writes, and gives the last loss."""
    st.manual_seed(0)
    text = st.tensor([LETTERS.index(c) for c in TEXT])
    model = Writer(48 if tiny else 128)
    optimizer = st.optim.Adam(model.parameters(), lr=1e-2)
    steps, length, batch = (60, 24, 8) if tiny else (400, 64, 16)
    loss = st.tensor(0.0)
    for step in range(1, steps + 1):
        places = st.randint(len(TEXT) - length - 1, (batch, 1)) + st.arange(length + 1)
        window = text[places]
        scores, _ = model(window[:, :-1])
        loss = st.nn.functional.cross_entropy(scores.flatten(0, 1), window[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        st.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % (steps // 4) == 0:
            print(f"step {step:4}  loss {loss.item():.3f}")
    print(write(model, "The moon ", 60 if tiny else 200))
    return loss.item()


if __name__ == "__main__":
    main("--tiny" in sys.argv)
