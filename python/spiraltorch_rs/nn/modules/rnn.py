"""Recurrent layers: RNN, LSTM and GRU, stacked and single cells."""

from __future__ import annotations

import math
import warnings
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.amp.autocast_mode import autocast
from spiraltorch_rs.nn import init
from spiraltorch_rs.nn.modules.module import Module
from spiraltorch_rs.nn.parameter import Parameter
from spiraltorch_rs.nn.utils.rnn import PackedSequence

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNBase", "RNNCell", "RNNCellBase"]

_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


def _check_sizes(input_size: Any, hidden_size: Any) -> None:
    for name, size in (("input_size", input_size), ("hidden_size", hidden_size)):
        if not isinstance(size, int):
            raise TypeError(f"{name} should be of type int, got: {type(size).__name__}")
        if size <= 0:
            raise ValueError(f"{name} must be greater than zero")


class RNNBase(Module):
    """What the recurrent layers share: their weights, and the way in and out."""

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.mode = mode
        if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
            )
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={num_layers}",
                stacklevel=3,
            )
        for name, flag in (("bias", bias), ("batch_first", batch_first)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name} should be of type bool, got: {type(flag).__name__}")
        _check_sizes(input_size, hidden_size)
        if num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero to disable projections")
        if proj_size >= hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
        if mode not in _GATES:
            raise ValueError("Unrecognized RNN mode: " + mode)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        self._all_weights: list[list[str]] = []
        for layer in range(num_layers):
            for direction in range(self._directions):
                self._add_layer(layer, direction, device, dtype)
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _output_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _add_layer(self, layer: int, direction: int, device: Any, dtype: Any) -> None:
        rows = _GATES[self.mode] * self.hidden_size
        inputs = self.input_size if layer == 0 else self._output_size * self._directions
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, inputs),
            "weight_hh": (rows, self._output_size),
        }
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size > 0:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        suffix = f"_l{layer}" + ("_reverse" if direction else "")
        for name, shape in shapes.items():
            setattr(self, name + suffix, Parameter(_C.empty(shape, device=device, dtype=dtype)))
        self._all_weights.append([name + suffix for name in shapes])

    @property
    def _flat_weights_names(self) -> list[str]:
        return [name for names in self._all_weights for name in names]

    @property
    def _flat_weights(self) -> list[Tensor]:
        return [getattr(self, name) for name in self._flat_weights_names]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The weights of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def flatten_parameters(self) -> None:
        """Accepted and not needed."""

    def reset_parameters(self) -> None:
        """Draws all weights again."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def check_input(self, input: Tensor, batch_sizes: Tensor | None) -> None:
        """Raises where the input does not fit."""
        dtype = self._flat_weights[0].dtype
        if input.dtype != dtype and not _C._is_any_autocast_enabled():
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({dtype}). Convert input: "
                f"input.to({dtype}), or convert model: model.to({input.dtype})"
            )
        expected = 2 if batch_sizes is not None else 3
        if input.dim() != expected:
            raise RuntimeError(f"input must have {expected} dimensions, got {input.dim()}")
        if self.input_size != input.size(-1):
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.size(-1)}"
            )

    def get_expected_hidden_size(self, input: Tensor, batch_sizes: Tensor | None) -> tuple[int, int, int]:
        """The shape of the hidden state."""
        dim = 0 if self.batch_first else 1
        batch = input.size(dim) if batch_sizes is None else int(batch_sizes[0])
        return self.num_layers * self._directions, batch, self._output_size

    def check_hidden_size(
        self,
        hx: Tensor,
        expected_hidden_size: tuple[int, int, int],
        msg: str = "Expected hidden size {}, got {}",
    ) -> None:
        """Raises where a state does not fit."""
        if tuple(hx.size()) != tuple(expected_hidden_size):
            raise RuntimeError(msg.format(expected_hidden_size, list(hx.size())))

    def _state_shapes(self, batch: int) -> list[tuple[int, int, int]]:
        return [(self.num_layers * self._directions, batch, self._output_size)]

    def _check_states(self, states: tuple[Tensor, ...], batch: int) -> None:
        for hx, shape in zip(states, self._state_shapes(batch), strict=True):
            self.check_hidden_size(hx, shape)

    def _check_state_dims(self, states: tuple[Tensor, ...], batched: bool) -> None:
        n = 3 if batched else 2
        if states[0].dim() != n:
            kind = "batched 3-D" if batched else "unbatched 2-D"
            raise RuntimeError(
                f"For {kind} input, hx should also be {n}-D but got {states[0].dim()}-D tensor"
            )

    def _as_states(self, hx: Any) -> tuple[Tensor, ...]:
        return (hx,)

    def _as_given(self, states: tuple[Tensor, ...]) -> Any:
        return states[0]

    def _run(
        self, input: Tensor, hx: Any, batch: int, batch_sizes: Tensor | None, order: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        if hx is None:
            states = tuple(
                _C.zeros(shape, dtype=input.dtype, device=input.device) for shape in self._state_shapes(batch)
            )
        else:
            states = self._as_states(hx)
            self._check_states(states, batch)
            if order is not None:
                states = tuple(state.index_select(1, order) for state in states)
        return self._network(input, states, self._flat_weights, batch_sizes)

    def _network(
        self, input: Tensor, states: tuple[Tensor, ...], weights: list[Tensor], batch_sizes: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        given = states if self.mode == "LSTM" else states[0]
        settings = (self.bias, self.num_layers, self.dropout, self.training, self.bidirectional)
        network = getattr(_C, self.mode.lower())
        if batch_sizes is None:
            output, *ends = network(input, given, weights, *settings, False)
        else:
            output, *ends = network(input, batch_sizes, given, weights, *settings)
        return output, tuple(ends)

    def _forward_packed(self, packed: PackedSequence, hx: Any) -> tuple[PackedSequence, Any]:
        data, batch_sizes, order, back = packed
        self.check_input(data, batch_sizes)
        output, states = self._run(data, hx, int(batch_sizes[0]), batch_sizes, order)
        if back is not None:
            states = tuple(state.index_select(1, back) for state in states)
        return PackedSequence(output, batch_sizes, order, back), self._as_given(states)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        if input.dim() not in (2, 3):
            raise ValueError(f"{self._get_name()}: Expected input to be 2D or 3D, got {input.dim()}D instead")
        batched = input.dim() == 3
        if hx is not None:
            self._check_state_dims(self._as_states(hx), batched)
        if not batched:
            input = input.unsqueeze(0 if self.batch_first else 1)
            if hx is not None:
                hx = self._as_given(tuple(state.unsqueeze(1) for state in self._as_states(hx)))
        self.check_input(input, None)
        x = input.transpose(0, 1) if self.batch_first else input
        if x.size(0) == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        output, states = self._run(x, hx, x.size(1), None, None)
        if not batched:
            return output.squeeze(1), self._as_given(tuple(state.squeeze(1) for state in states))
        return (output.transpose(0, 1) if self.batch_first else output), self._as_given(states)

    def extra_repr(self) -> str:
        parts = [
            f"{self.input_size}, {self.hidden_size}",
            f"proj_size={self.proj_size}" if self.proj_size != 0 else "",
            f"num_layers={self.num_layers}" if self.num_layers != 1 else "",
            f"bias={self.bias}" if self.bias is not True else "",
            f"batch_first={self.batch_first}" if self.batch_first is not False else "",
            f"dropout={self.dropout}" if self.dropout != 0 else "",
            f"bidirectional={self.bidirectional}" if self.bidirectional is not False else "",
        ]
        return ", ".join(part for part in parts if part)


class RNN(RNNBase):
    """Layers of a plain recurrent network."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        if len(args) > 3:
            self.nonlinearity = args[3]
            args = args[:3] + args[4:]
        else:
            self.nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if self.nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{self.nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{self.nonlinearity.upper()}", *args, **kwargs)


class LSTM(RNNBase):
    """Layers of long short-term memory.

    >>> import spiraltorch_rs as st
    >>> output, (h, c) = st.nn.LSTM(3, 4)(st.ones(5, 2, 3))
    >>> output.shape
    spiraltorch_rs.Size([5, 2, 4])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def _state_shapes(self, batch: int) -> list[tuple[int, int, int]]:
        layers = self.num_layers * self._directions
        return [(layers, batch, self._output_size), (layers, batch, self.hidden_size)]

    def get_expected_cell_size(self, input: Tensor, batch_sizes: Tensor | None) -> tuple[int, int, int]:
        """The shape of the cell state."""
        layers, batch, _ = self.get_expected_hidden_size(input, batch_sizes)
        return layers, batch, self.hidden_size

    def _check_states(self, states: tuple[Tensor, ...], batch: int) -> None:
        for i, (state, shape) in enumerate(zip(states, self._state_shapes(batch), strict=True)):
            self.check_hidden_size(state, shape, f"Expected hidden[{i}] size {{}}, got {{}}")

    def _check_state_dims(self, states: tuple[Tensor, ...], batched: bool) -> None:
        n = 3 if batched else 2
        if any(state.dim() != n for state in states):
            kind = "batched 3-D" if batched else "unbatched 2-D"
            found = ", ".join(f"{state.dim()}-D" for state in states)
            raise RuntimeError(f"For {kind} input, hx and cx should also be {n}-D but got ({found}) tensors")

    def _network(
        self, input: Tensor, states: tuple[Tensor, ...], weights: list[Tensor], batch_sizes: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        enabled, low = _C._autocast("cpu")
        if not (enabled and self.proj_size and input.device.type == "cpu"):
            return super()._network(input, states, weights, batch_sizes)
        with autocast("cpu", enabled=False):
            # Torch rounds only the products of a network with projections; its cells stay as they are.
            narrow = (states[0].to(low), states[1])
            return super()._network(input.to(low), narrow, [w.to(low) for w in weights], batch_sizes)

    def _as_states(self, hx: Any) -> tuple[Tensor, ...]:
        return tuple(hx)

    def _as_given(self, states: tuple[Tensor, ...]) -> Any:
        return states


class GRU(RNNBase):
    """Layers of gated recurrent units."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", *args, **kwargs)


class RNNCellBase(Module):
    """What the cells share: their weights."""

    bias_ih: Tensor | None
    bias_hh: Tensor | None
    _mode = ""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = num_chunks * hidden_size

        def empty(*shape: int) -> Parameter:
            made: Parameter = Parameter(_C.empty(shape, device=device, dtype=dtype))
            return made

        self.weight_ih = empty(rows, input_size)
        self.weight_hh = empty(rows, hidden_size)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, empty(rows) if bias else None)
        self.reset_parameters()

    def extra_repr(self) -> str:
        parts = [f"{self.input_size}, {self.hidden_size}"]
        if self.bias is not True:
            parts.append(f"bias={self.bias}")
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            parts.append(f"nonlinearity={self.nonlinearity}")
        return ", ".join(parts)

    def reset_parameters(self) -> None:
        """Draws all weights again."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _step(self, input: Tensor, states: tuple[Tensor, ...] | None, count: int) -> tuple[Tensor, ...]:
        name = self._get_name()
        for what, value in (("input", input), *((f"hx[{i}]", s) for i, s in enumerate(states or ()))):
            if value.dim() not in (1, 2):
                what = "hidden" if count == 1 and what == "hx[0]" else what
                raise ValueError(f"{name}: Expected {what} to be 1D or 2D, got {value.dim()}D instead")
        batched = input.dim() == 2
        x = input if batched else input.unsqueeze(0)
        if x.size(1) != self.input_size:
            raise RuntimeError(
                f"input has inconsistent input_size: got {x.size(1)} expected {self.input_size}"
            )
        if states is None:
            zeros = _C.zeros((x.size(0), self.hidden_size), dtype=x.dtype, device=x.device)
            states = (zeros,) * count
        elif not batched:
            states = tuple(state.unsqueeze(0) for state in states)
        for i, state in enumerate(states):
            if state.size(0) != x.size(0):
                raise RuntimeError(
                    f"Input batch size {x.size(0)} doesn't match hidden{i} batch size {state.size(0)}"
                )
            if state.size(1) != self.hidden_size:
                raise RuntimeError(
                    f"hidden{i} has inconsistent hidden_size: got {state.size(1)}, expected {self.hidden_size}"
                )
        step = getattr(_C, f"{self._mode}_cell")
        given = states[0] if count == 1 else states
        made = step(x, given, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        new = (made,) if count == 1 else tuple(made)
        return new if batched else tuple(state.squeeze(0) for state in new)


class RNNCell(RNNCellBase):
    """One step of a plain recurrent network."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        self._mode = f"rnn_{self.nonlinearity}"
        return self._step(input, None if hx is None else (hx,), 1)[0]


class LSTMCell(RNNCellBase):
    """One step of an LSTM."""

    _mode = "lstm"

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        h, c = self._step(input, None if hx is None else tuple(hx), 2)
        return h, c


class GRUCell(RNNCellBase):
    """One step of a GRU."""

    _mode = "gru"

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        return self._step(input, None if hx is None else (hx,), 1)[0]
