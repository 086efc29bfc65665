"""Recurrent layers as operators on tensors: what a cell computes, and a layer's way through time.

The inputs of all steps go through their weight in one product; what is left for each step is the product with the
hidden state and a few pointwise operators, which become one kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.nn.modules._shared import F

# What a cell keeps from step to step: the hidden state and, for LSTM, the cell state.
State = tuple[Tensor, ...]
# From the input's share of the gates, the state, and the weights of the hidden state to the next state.
Cell = Callable[[Tensor, State, Any], State]


class Weights:
    """The weights of one layer in one direction."""

    def __init__(self, given: Sequence[Tensor], bias: bool, projected: bool) -> None:
        rest = list(given)
        self.w_ih, self.w_hh = rest[:2]
        self.b_ih: Tensor | None = rest[2] if bias else None
        self.b_hh: Tensor | None = rest[3] if bias else None
        self.w_hr = rest[-1] if projected else None

    def from_input(self, x: Tensor) -> Tensor:
        """The input's share of the gates."""
        return F.linear(x, self.w_ih, self.b_ih)  # type: ignore[no-any-return]

    def from_hidden(self, h: Tensor) -> Tensor:
        """The hidden state's share of the gates."""
        return F.linear(h, self.w_hh, self.b_hh)  # type: ignore[no-any-return]


def lstm_cell(gates: Tensor, state: State, weights: Weights) -> State:
    """One step of an LSTM."""
    h, c = state
    i, f, g, o = (gates + weights.from_hidden(h)).chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    h = o.sigmoid() * c.tanh()
    return (h if weights.w_hr is None else F.linear(h, weights.w_hr)), c


def gru_cell(gates: Tensor, state: State, weights: Weights) -> State:
    """One step of a GRU."""
    (h,) = state
    r, z, n = gates.chunk(3, -1)
    hr, hz, hn = weights.from_hidden(h).chunk(3, -1)
    new = (n + (r + hr).sigmoid() * hn).tanh()
    return ((h - new) * (z + hz).sigmoid() + new,)


def tanh_cell(gates: Tensor, state: State, weights: Weights) -> State:
    """One step of a plain network with tanh."""
    return ((gates + weights.from_hidden(state[0])).tanh(),)


def relu_cell(gates: Tensor, state: State, weights: Weights) -> State:
    """One step of a plain network with relu."""
    return ((gates + weights.from_hidden(state[0])).relu(),)


CELLS: dict[str, Cell] = {"LSTM": lstm_cell, "GRU": gru_cell, "RNN_TANH": tanh_cell, "RNN_RELU": relu_cell}


def _steps(gates: Tensor, batches: list[int] | None) -> Sequence[Tensor]:
    return gates.unbind(0) if batches is None else gates.split(batches)


def _forward(cell: Cell, gates: Tensor, state: State, weights: Weights, batches: list[int] | None) -> Any:
    """Through time; sequences that end leave the batch, which gets smaller."""
    outputs, ended = [], []
    for step in _steps(gates, batches):
        if step.size(0) < state[0].size(0):
            ended.append(tuple(part[step.size(0) :] for part in state))
            state = tuple(part[: step.size(0)] for part in state)
        state = cell(step, state, weights)
        outputs.append(state[0])
    if ended:  # the last to leave were the longest: they come first
        parts = [state, *reversed(ended)]
        state = tuple(_C.cat(list(part)) for part in zip(*parts, strict=True))
    return outputs, state


def _backward(cell: Cell, gates: Tensor, first: State, weights: Weights, batches: list[int] | None) -> Any:
    """Back through time; sequences join the batch where they end."""
    outputs: list[Tensor] = []
    state: State = tuple(part[:0] for part in first) if batches is not None else first
    for step in reversed(_steps(gates, batches)):
        joined, size = state[0].size(0), step.size(0)
        if joined < size:
            new = tuple(part[joined:size] for part in first)
            pairs = zip(state, new, strict=True)
            state = tuple(_C.cat([old, begun]) if joined else begun for old, begun in pairs)
        state = cell(step, state, weights)
        outputs.append(state[0])
    return outputs[::-1], state


def run(
    mode: str,
    x: Tensor,
    state: State,
    flat: Sequence[Tensor],
    bias: bool,
    num_layers: int,
    dropout: float,
    training: bool,
    bidirectional: bool,
    batches: list[int] | None = None,
) -> tuple[Tensor, State]:
    """Layers one after another; `x` has time first, or is packed and `batches` says how."""
    cell, directions = CELLS[mode], 2 if bidirectional else 1
    per = len(flat) // (num_layers * directions)
    projected = mode == "LSTM" and per in (3, 5)
    last: list[State] = []
    for layer in range(num_layers):
        outputs = []
        for direction in range(directions):
            i = layer * directions + direction
            weights = Weights(flat[i * per : (i + 1) * per], bias, projected)
            begin = tuple(part[i] for part in state)
            walk = _backward if direction else _forward
            steps, end = walk(cell, weights.from_input(x), begin, weights, batches)
            outputs.append(_C.stack(steps) if batches is None else _C.cat(steps))
            last.append(end)
        x = outputs[0] if directions == 1 else _C.cat(outputs, -1)
        if dropout and training and layer + 1 < num_layers:
            x = F.dropout(x, dropout, True)
    return x, tuple(_C.stack(list(part)) for part in zip(*last, strict=True))
