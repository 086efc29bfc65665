"""A small GPT learns to add, and answers with a cache of keys and values: each token costs one step, not a whole pass.

python examples/gpt.py [--tiny]
"""

import math
import sys
import time
from typing import Any

import spiraltorch_rs as st

SIGNS = "0123456789+=."
F = st.nn.functional


class Attention(st.nn.Module):
    """Attention to what came before; `cache` has the keys and values of that."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.out = st.nn.Linear(width, 3 * width), st.nn.Linear(width, width)

    def forward(self, x: Any, cache: Any = None) -> tuple[Any, Any]:
        """The result, and the cache with what is new."""
        batch, length, width = x.shape
        parts = self.qkv(x).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind()
        if cache is not None:
            key, value = st.cat([cache[0], key], 2), st.cat([cache[1], value], 2)
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=cache is None)
        return self.out(seen.transpose(1, 2).reshape(batch, length, width)), (key, value)


class Block(st.nn.Module):
    """Attention, then a small network, each added to what it reads."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = st.nn.LayerNorm(width), st.nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.network = st.nn.Sequential(
            st.nn.Linear(width, 4 * width), st.nn.GELU(), st.nn.Linear(4 * width, width)
        )

    def forward(self, x: Any, cache: Any = None) -> tuple[Any, Any]:
        """As `Attention`."""
        seen, cache = self.attention(self.norm1(x), cache)
        x = x + seen
        return x + self.network(self.norm2(x)), cache


class GPT(st.nn.Module):
    """Signs to scores of the next sign."""

    def __init__(self, width: int, layers: int, heads: int = 4, most: int = 32) -> None:
        super().__init__()
        self.signs, self.places = st.nn.Embedding(len(SIGNS), width), st.nn.Embedding(most, width)
        self.blocks = st.nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm, self.head = st.nn.LayerNorm(width), st.nn.Linear(width, len(SIGNS))

    def forward(self, tokens: Any, caches: Any = None) -> tuple[Any, list[Any]]:
        """The scores, and the caches to go on with."""
        before = 0 if caches is None else caches[0][0].shape[2]
        x = self.signs(tokens) + self.places(before + st.arange(tokens.shape[1]))
        new = []
        for block, cache in zip(self.blocks, caches or [None] * len(self.blocks), strict=True):
            x, cache = block(x, cache)
            new.append(cache)
        return self.head(self.norm(x)), new

    def continued(self, tokens: Any, count: int, cached: bool = True) -> Any:
        """The tokens and the likeliest `count` after them."""
        caches, latest = None, tokens
        with st.no_grad():
            for _ in range(count):
                scores, caches = self(latest if cached else tokens, caches if cached else None)
                latest = scores[:, -1:].argmax(-1)
                tokens = st.cat([tokens, latest], 1)
        return tokens


def sums(count: int, digits: int) -> Any:
    """Rows such as `07+18=25.`, the result backwards: its last digit is found first."""
    a, b = (st.randint(10**digits, (count,)).tolist() for _ in range(2))
    rows = [
        f"{x:0{digits}}+{y:0{digits}}={f'{x + y:0{digits + 1}}'[::-1]}." for x, y in zip(a, b, strict=True)
    ]
    return st.tensor([[SIGNS.index(sign) for sign in row] for row in rows])


def main(tiny: bool = False) -> float:
    """Trains, answers, and gives the share of right answers."""
    st.manual_seed(0)
    digits, steps, batch = (1, 260, 64) if tiny else (2, 1500, 128)
    model = GPT(32, 2) if tiny else GPT(64, 3)
    optimizer = st.optim.AdamW(model.parameters(), lr=5e-3 if tiny else 2e-3)
    half = 2 * digits + 2
    schedule = st.optim.lr_scheduler.LambdaLR(optimizer, lambda i: 0.5 + 0.5 * math.cos(math.pi * i / steps))
    for step in range(1, steps + 1):
        rows = sums(batch, digits)
        scores, _ = model(rows[:, :-1])
        # Only the answer can be known.
        loss = F.cross_entropy(scores[:, half - 1 :].flatten(0, 1), rows[:, half:].flatten())
        optimizer.zero_grad()
        loss.backward()
        st.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % (steps // 5) == 0:
            print(f"step {step:5}  loss {loss.item():.4f}")
    rows = sums(200, digits)
    answers = {}
    for cached in (True, False):
        begin = time.perf_counter()
        answers[cached] = model.continued(rows[:, :half], digits + 2, cached)
        answers[cached].tolist()
        print(f"{'with' if cached else 'without'} a cache: {time.perf_counter() - begin:.3f} s")
    assert bool((answers[True] == answers[False]).all()), "the cache changes nothing but the time"
    right: float = (answers[True] == rows).all(1).float().mean().item()
    print("".join(SIGNS[i] for i in answers[True][0].tolist()), f"... {right:.1%} of the sums are right")
    return right


if __name__ == "__main__":
    main("--tiny" in sys.argv)
