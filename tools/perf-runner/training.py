"""Training steps, generation and loading, as users write them: modules, optimizers, a loader.

Both libraries start from the same weights. Rows against torch.compile have torch's forward pass and loss compiled.
"""

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

from clock import Program
from rows import Row, Side, row

Loss = Callable[[], Any]


def same_weights(side: Side, model: Any) -> Any:
    """Fills the matrices with the same numbers on both sides; what has one dimension stays as it was made."""
    with side.library.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                fan_in = math.prod(parameter.shape[1:])
                parameter.copy_(side.random(*parameter.shape, scale=1 / math.sqrt(fan_in)))
            elif parameter.abs().max() < 0.999:  # biases; the scales of norms are ones
                parameter.zero_()
    return model


def tokens(side: Side, *shape: int, below: int) -> Any:
    """Whole numbers that look random."""
    count = math.prod(shape)
    return (side.library.arange(count) * 7919 % 104729 % below).reshape(shape)


def step(side: Side, model: Any, optimizer: Any, loss: Loss, compiled: bool) -> Program:
    """A training step: gradients away, loss, backward, update."""
    if compiled and not side.is_ours:
        loss = side.library.compile(loss)

    def work() -> Any:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        side.wait(value, *model.parameters())
        return value

    return Program(work)


def classifier(side: Side, model: Any, optimizer: Any, images: Any, compiled: bool) -> Program:
    """A step of a network that tells ten classes apart."""
    classes = side.library.arange(len(images)) % 10

    def loss() -> Any:
        return side.library.nn.functional.cross_entropy(model(images), classes)

    return step(side, model, optimizer, loss, compiled)


def mlp(compiled: bool, side: Side) -> Program:
    """784-512-512-10, batch 128, Adam."""
    nn = side.library.nn
    model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
    model = same_weights(side, model)
    optimizer = side.library.optim.Adam(model.parameters(), lr=1e-4)
    return classifier(side, model, optimizer, side.random(128, 784), compiled)


def cnn(compiled: bool, side: Side) -> Program:
    """Two convolutions with batch norm and pooling, batch 64 of 1x28x28, SGD with momentum."""
    nn = side.library.nn
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )
    model = same_weights(side, model)
    optimizer = side.library.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    return classifier(side, model, optimizer, side.random(64, 1, 28, 28), compiled)


LAYERS, WIDTH, HEADS, CONTEXT, VOCABULARY = 4, 256, 8, 128, 1000


def gpt(
    library: Any,
    layers: int = LAYERS,
    width: int = WIDTH,
    heads: int = HEADS,
    context: int = 2 * CONTEXT,
    vocabulary: int = VOCABULARY,
) -> Any:
    """A decoder-only transformer whose forward pass also gives the keys and values it has seen."""
    nn = library.nn

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x: Any, past: Any) -> tuple[Any, Any]:
            batch, length, _ = x.shape
            parts = self.qkv(self.norm1(x)).view(batch, length, 3, heads, width // heads)
            q, k, v = (part.transpose(1, 2) for part in parts.unbind(2))
            if past is not None:
                k, v = library.cat((past[0], k), 2), library.cat((past[1], v), 2)
            mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=past is None)
            x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
            return x + self.down(nn.functional.gelu(self.up(self.norm2(x)))), (k, v)

    class GPT(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.token, self.place = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
            self.blocks = nn.ModuleList(Block() for _ in range(layers))
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

        def forward(self, ids: Any, past: Any = None) -> tuple[Any, Any]:
            before = 0 if past is None else past[0][0].shape[2]
            x = self.token(ids) + self.place(library.arange(before, before + ids.shape[1], device=ids.device))
            seen = []
            for i, block in enumerate(self.blocks):
                x, kept = block(x, None if past is None else past[i])
                seen.append(kept)
            return self.head(self.norm(x)), seen

    return GPT()


def gpt_step(compiled: bool, side: Side) -> Program:
    """4 layers of 256, batch 8 of 128 tokens, AdamW."""
    functional = side.library.nn.functional
    model = same_weights(side, gpt(side.library))
    optimizer = side.library.optim.AdamW(model.parameters(), lr=1e-4)
    ids = tokens(side, 8, CONTEXT + 1, below=VOCABULARY)
    x, y = ids[:, :-1].contiguous(), ids[:, 1:].reshape(-1)

    def loss() -> Any:
        return functional.cross_entropy(model(x)[0].view(-1, VOCABULARY), y)

    return step(side, model, optimizer, loss, compiled)


def decode(side: Side) -> Program:
    """Greedy generation of 64 tokens after a prompt of 64, one by one, with a cache of keys and values."""
    library, count = side.library, 64
    model = same_weights(side, gpt(library)).eval()
    prompt = tokens(side, 1, 64, below=VOCABULARY)

    def work() -> Any:
        with library.no_grad():
            logits, past = model(prompt)
            written = [logits[:, -1:].argmax(-1)]
            for _ in range(count - 1):
                logits, past = model(written[-1], past)
                written.append(logits.argmax(-1))
                written[-1].item()  # whoever generates looks at each token
            return library.cat(written, 1)

    return Program(work, repeats=count)


def lstm_step(compiled: bool, side: Side) -> Program:
    """Two layers of 256 over 32 sequences of 64 tokens, Adam."""
    library, nn = side.library, side.library.nn

    class Model(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.token = nn.Embedding(VOCABULARY, 128)
            self.lstm = nn.LSTM(128, 256, num_layers=2, batch_first=True)
            self.head = nn.Linear(256, VOCABULARY)

        def forward(self, ids: Any) -> Any:
            return self.head(self.lstm(self.token(ids))[0])

    model = same_weights(side, Model())
    optimizer = library.optim.Adam(model.parameters(), lr=1e-4)
    ids = tokens(side, 32, 65, below=VOCABULARY)
    x, y = ids[:, :-1].contiguous(), ids[:, 1:].reshape(-1)

    def loss() -> Any:
        return nn.functional.cross_entropy(model(x).view(-1, VOCABULARY), y)

    return step(side, model, optimizer, loss, compiled)


def loader(side: Side) -> Program:
    """An epoch over 8192 images of 1x28x28 with two workers, that stay; a sample is an image."""
    data, count = side.library.utils.data, 8192
    images, classes = side.random(count, 1, 28, 28), side.library.arange(count) % 10

    class Images(data.Dataset):  # type: ignore[misc, name-defined]
        def __len__(self) -> int:
            return count

        def __getitem__(self, index: int) -> tuple[Any, int]:
            return images[index], index % 10

    side.wait(images, classes)
    batches = data.DataLoader(Images(), batch_size=64, num_workers=2, persistent_workers=True)

    def work() -> Any:
        last = None
        for pictures, _ in batches:
            last = pictures
        return last

    return Program(work, repeats=count)


STEPS = [
    ("MLP 784-512-512-10, batch 128, Adam", 2.3, mlp),
    ("CNN, batch 64 of 1x28x28, SGD", 1.5, cnn),
    ("GPT, 4 layers of 256, 8 x 128, AdamW", 1.3, gpt_step),
    ("LSTM, 2 layers of 256, 32 x 64, Adam", 1.3, lstm_step),
]


def rows() -> Iterator[Row]:
    """The figures of training."""
    for name, target, make in STEPS:
        yield row("step", name, target, make, False)
    for name, _, make in STEPS:
        yield row("step", f"{name}, torch.compile", 0.0, make, True, against="compile")
    yield row("GPT, a token", "batch 1, cache of keys and values", 2.0, decode)
    yield row("DataLoader, an image", "1x28x28, 2 workers", 1.0, loader)


PROGRAMS: dict[str, Callable[[Side], Program]] = {
    **{name: functools.partial(make, False) for name, _, make in STEPS},
    "GPT, generation": decode,
}
