"""Sequences of different lengths: padded, packed and unpacked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Self

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class PackedSequence_(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(PackedSequence_):
    """Sequences of different lengths without padding: all first elements, all second ones, and so on."""

    def __new__(
        cls,
        data: Any,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> Self:
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            if not (isinstance(data, (list, tuple)) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        if batch_sizes.device.type != "cpu":
            raise ValueError(
                "batch_sizes should always be on CPU. Instances of PackedSequence should never be created manually. "
                "They should be instantiated by functions like pack_sequence and pack_padded_sequences in nn.utils.rnn."
            )
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def __reduce__(self) -> Any:
        return type(self), tuple(self)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Moves or casts the data."""
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        moved = (None if one is None else one.to(data.device) for one in self[2:])
        return type(self)(data, self.batch_sizes, *moved)

    def cpu(self, *args: Any, **kwargs: Any) -> Self:
        """Moves to the CPU."""
        return self.to("cpu")

    def cuda(self, *args: Any, **kwargs: Any) -> Self:
        """Moves to a CUDA device."""
        return self.to(*(args or ("cuda",)), **kwargs)

    def pin_memory(self) -> Self:
        """Accepted and not needed."""
        return self

    def double(self) -> Self:
        """Casts the data to float64."""
        return self.to(dtype=_C.float64)

    def float(self) -> Self:
        """Casts the data to float32."""
        return self.to(dtype=_C.float32)

    def half(self) -> Self:
        """Casts the data to float16."""
        return self.to(dtype=_C.float16)

    def long(self) -> Self:
        """Casts the data to int64."""
        return self.to(dtype=_C.int64)

    def int(self) -> Self:
        """Casts the data to int32."""
        return self.to(dtype=_C.int32)

    def short(self) -> Self:
        """Casts the data to int16."""
        return self.to(dtype=_C.int16)

    def char(self) -> Self:
        """Casts the data to int8."""
        return self.to(dtype=_C.int8)

    def byte(self) -> Self:
        """Casts the data to uint8."""
        return self.to(dtype=_C.uint8)

    @property
    def is_cuda(self) -> bool:
        """Whether the data are on a CUDA device."""
        return self.data.is_cuda

    def is_pinned(self) -> bool:
        """Whether the data are in pinned memory: never."""
        return False


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes this one."""
    if permutation is None:
        return None
    places = _C.arange(0, permutation.numel(), device=permutation.device)
    return _C.empty_like(permutation).scatter_(0, permutation, places)


def _batch_sizes(lengths: list[int]) -> list[int]:
    """How many sequences are longer than 0, 1, 2, ... elements."""
    return [sum(length > step for length in lengths) for step in range(max(lengths, default=0))]


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Packs padded sequences, whose lengths must fall unless they are to be sorted here."""
    if not input.numel():
        raise RuntimeError("Cannot pack empty tensors.")
    sizes = [int(n) for n in (lengths.tolist() if isinstance(lengths, Tensor) else lengths)]
    order = None
    if not enforce_sorted:
        by_length = sorted(range(len(sizes)), key=lambda i: -sizes[i])
        sizes = [sizes[i] for i in by_length]
        order = _C.tensor(by_length, dtype=_C.int64, device=input.device)
        input = input.index_select(0 if batch_first else 1, order)
    if batch_first:
        input = input.transpose(0, 1)
    if len(sizes) != input.size(1):
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(sizes)} (batch_size={input.size(1)})"
        )
    if not sizes or min(sizes) <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if any(a < b for a, b in pairwise(sizes)):
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this "
            "requirement if you do "
            "not need ONNX exportability."
        )
    if sizes[0] > input.size(0):
        raise RuntimeError(
            f"Expected the longest of `lengths` to be at most {input.size(0)}, the sequence's size, but got {sizes[0]}"
        )
    batches = _batch_sizes(sizes)
    data = _C.cat([input[step, :batch] for step, batch in enumerate(batches)])
    return PackedSequence(data, _C.tensor(batches, dtype=_C.int64, device="cpu"), order, None)


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Sequences with padding, and their lengths."""
    batches = sequence.batch_sizes.tolist()
    longest = len(batches)
    if total_length is not None and total_length < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {longest}"
        )
    data, width = sequence.data, batches[0]
    rest = tuple(data.shape[1:])
    steps = []
    for part, batch in zip(data.split(batches), batches, strict=True):
        missing = _C.full((width - batch, *rest), padding_value, dtype=data.dtype, device=data.device)
        steps.append(_C.cat([part, missing]) if batch < width else part)
    padded = _C.stack(steps)
    extra = 0 if total_length is None else total_length - longest
    if extra:
        missing = _C.full((extra, width, *rest), padding_value, dtype=data.dtype, device=data.device)
        padded = _C.cat([padded, missing])
    lengths = _C.tensor(
        [sum(batch > i for batch in batches) for i in range(width)], dtype=_C.int64, device="cpu"
    )
    if batch_first:
        padded = padded.transpose(0, 1)
    if sequence.unsorted_indices is not None:
        padded = padded.index_select(0 if batch_first else 1, sequence.unsorted_indices)
        lengths = lengths.index_select(0, sequence.unsorted_indices.cpu())
    return padded, lengths


def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Tensors of different lengths in one, padded at an end.

    >>> import spiraltorch_rs as st
    >>> st.nn.utils.rnn.pad_sequence([st.ones(1), st.ones(2)], batch_first=True)
    tensor([[1., 0.],
            [1., 1.]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    tensors = list(sequences)
    if not tensors:
        raise RuntimeError("received an empty list of sequences")
    longest = max(tensor.size(0) for tensor in tensors)
    padded = []
    for tensor in tensors:
        if tuple(tensor.shape[1:]) != tuple(tensors[0].shape[1:]):
            raise RuntimeError(
                "pad_sequence: the sizes of the sequences may differ in the first dimension only, but got "
                f"{tuple(tensors[0].shape)} and {tuple(tensor.shape)}"
            )
        missing = longest - tensor.size(0)
        if missing:
            shape = (missing, *tensor.shape[1:])
            filled = _C.full(shape, padding_value, dtype=tensor.dtype, device=tensor.device)
            tensor = _C.cat([tensor, filled] if padding_side == "right" else [filled, tensor])
        padded.append(tensor)
    return _C.stack(padded, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences without their padding."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[: int(length)] for row, length in zip(rows, lengths.tolist(), strict=True)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Packs tensors of different lengths."""
    lengths = [sequence.size(0) for sequence in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences that were packed."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
