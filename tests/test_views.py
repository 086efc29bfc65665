"""Views alias: programs of random views, in-place writes and arithmetic do the same in both libraries."""

import math
from typing import Any

import pytest
import torch
from hypothesis import assume, given, note, settings
from hypothesis import strategies as draws
from reference import assert_close, assert_same, collected, ours, pair, theirs

import spiraltorch_rs as st

SHAPES = [(4,), (3, 4), (2, 3, 4), (1, 4, 2), (2, 2, 2, 2)]


def reshaped(shape: tuple[int, ...], pick: int) -> tuple[int, ...]:
    """Another shape of as many elements."""
    count = math.prod(shape)
    choices = [(count,), (1, count), *[(n, count // n) for n in (2, 3, 4) if count and count % n == 0]]
    return choices[pick % len(choices)]


def view(x: Any, kind: str, a: int, b: int) -> Any:
    """One view of a tensor of either library; numbers are taken modulo what is possible."""
    rank = x.dim()
    shape = tuple(x.shape)
    if kind == "reshape":
        return x.reshape(reshaped(shape, a))
    if kind == "unsqueeze":
        return x.unsqueeze(a % (rank + 1)) if rank < 5 else x
    if rank == 0:
        return x
    dim, other = a % rank, b % rank
    size = shape[dim]
    if kind == "transpose":
        return x.transpose(dim, other)
    if kind == "permute":
        return x.permute(tuple((i + a) % rank for i in range(rank)))
    if kind == "slice" and size > 1:
        return x[(slice(None),) * dim + (slice(b % size, None, 1 + a % 2),)]
    if kind == "select" and size:
        return x.select(dim, b % size)
    if kind == "narrow" and size:
        start = b % size
        return x.narrow(dim, start, 1 + (size - start - 1) // 2)
    if kind == "squeeze":
        return x.squeeze()
    if kind == "flatten":
        return x.flatten()
    if kind == "diagonal" and rank > 1 and dim != other:
        return x.diagonal(0, dim, other)
    if kind == "expand" and rank < 4:
        return x.unsqueeze(0).expand(2, *shape)
    if kind == "chunk" and size > 1:
        return x.chunk(2, dim)[b % 2]
    if kind == "unfold" and size > 2:
        return x.unfold(dim, 2, 1)
    return x


VIEWS = "reshape unsqueeze transpose permute slice select narrow squeeze flatten diagonal expand chunk unfold".split()


def meets_itself(x: Any) -> bool:
    """Whether elements of a tensor share memory without a stride of zero, as windows that overlap do.

    Torch notices shared memory by strides of zero only: what a write does to windows that overlap is undefined there.
    """
    sizes_and_strides = list(zip(x.shape, x.stride(), strict=True))
    if any(size > 1 and stride == 0 for size, stride in sizes_and_strides):
        return False
    places = [0]
    for size, stride in sizes_and_strides:
        places = [place + i * stride for place in places for i in range(size)]
    return len(set(places)) != len(places)


def write(library: Any, x: Any, kind: str, number: int) -> None:
    """One write in place."""
    if meets_itself(x):
        return
    if kind == "add_":
        x.add_(number)
    elif kind == "mul_":
        x.mul_(1.25)
    elif kind == "fill_":
        x.fill_(number)
    elif kind == "zero_":
        x.zero_()
    elif kind == "copy_":
        x.copy_(library.arange(x.numel(), dtype=x.dtype).reshape(tuple(x.shape)))
    elif kind == "setitem" and x.dim() and x.shape[0]:
        x[number % x.shape[0]] = number
    elif kind == "iadd":
        x += x.detach().sum() * 0.125
    elif kind == "sigmoid_":
        x.sigmoid_()


WRITES = "add_ mul_ fill_ zero_ copy_ setitem iadd sigmoid_".split()


def programs(views: list[str]) -> draws.SearchStrategy[list[tuple]]:
    """Lists of steps: what to do, to which tensor, and the numbers it needs."""
    step = draws.tuples(
        draws.sampled_from(["view"] * 3 + ["write"] * 2 + ["compute", "join"]),
        draws.integers(0, 9),
        draws.sampled_from(views),
        draws.sampled_from(WRITES),
        draws.integers(0, 5),
        draws.integers(0, 5),
    )
    return draws.lists(step, min_size=2, max_size=12)


def run(library: Any, start: Any, steps: list[tuple]) -> tuple[list[Any], list[str]]:
    """Runs a program on one library: all tensors it made, and the kinds of errors it met."""
    tensors, errors = [start], []
    for step, which, view_kind, write_kind, a, b in steps:
        x = tensors[which % len(tensors)]
        try:
            if step == "view":
                tensors.append(view(x, view_kind, a, b))
            elif step == "write":
                write(library, x, write_kind, a)
            elif step == "compute":
                tensors.append(x * 0.5 + b)
            else:
                tensors.append(x + tensors[-1].sum() * 0.25)
        except (RuntimeError, IndexError, ValueError) as error:
            errors.append(type(error).__name__)
    return tensors, errors


def assert_same_tensors(mine: list[Any], reference: list[Any]) -> None:
    assert len(mine) == len(reference)
    with collected() as failures:
        for i, (actual, expected) in enumerate(zip(mine, reference, strict=True)):
            with failures(f"tensor {i}"):
                assert_same(actual, expected, loose=8)


@settings(max_examples=250)
@given(draws.sampled_from(SHAPES), programs(VIEWS))
def test_programs(shape, steps):
    value = torch.arange(math.prod(shape), dtype=torch.float64).reshape(shape) / 4
    mine, reference = pair(value)
    (actual, errors), (expected, their_errors) = run(st, mine, steps), run(torch, reference, steps)
    note(f"errors: {errors} and torch's {their_errors}")
    assert errors == their_errors
    assert_same_tensors(actual, expected)


# Torch forbids writes into the pieces of `chunk` where gradients are recorded.
@settings(max_examples=200)
@given(draws.sampled_from(SHAPES), programs([kind for kind in VIEWS if kind != "chunk"]))
def test_programs_with_gradients(shape, steps):
    """Writes into views rewrite the history of their base: gradients flow as in torch."""
    value = torch.linspace(-1, 1, math.prod(shape), dtype=torch.float64).reshape(shape)
    found = []
    for library, leaf in zip((st, torch), pair(value, requires_grad=True), strict=True):
        tensors, errors = run(library, leaf * 1.0, steps)
        total = sum((t * t).sum() for t in tensors if t.requires_grad)
        outcome: Any = None
        try:
            if not isinstance(total, int):
                total.backward()
                outcome = leaf.grad
        except RuntimeError as error:
            # Torch lets `fill_` write an expanded tensor, but its backward pass does not.
            assume("more than one element of the written-to tensor" not in str(error))
            outcome = "error"
        found.append((tensors, errors, outcome))
    (actual, errors, gradient), (expected, their_errors, their_gradient) = found
    assert errors == their_errors
    assert_same_tensors(actual, expected)
    assert [t.requires_grad for t in actual] == [t.requires_grad for t in expected]
    if isinstance(their_gradient, torch.Tensor):
        assert isinstance(gradient, st.Tensor), gradient
        assert_same(gradient, their_gradient, loose=64)
    else:
        assert gradient == their_gradient


@settings(max_examples=100)
@given(
    draws.sampled_from(SHAPES),
    draws.lists(
        draws.tuples(draws.sampled_from(VIEWS), draws.integers(0, 5), draws.integers(0, 5)), max_size=4
    ),
)
def test_strides_and_offsets(shape, steps):
    mine, reference = pair(torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape))
    for kind, a, b in steps:
        mine, reference = view(mine, kind, a, b), view(reference, kind, a, b)
    assert tuple(mine.shape) == tuple(reference.shape)
    assert mine.is_contiguous() == reference.is_contiguous()
    assert mine.storage_offset() == reference.storage_offset()
    strides = [
        (m, r) for m, r, n in zip(mine.stride(), reference.stride(), reference.shape, strict=True) if n > 1
    ]
    assert all(m == r for m, r in strides), f"{mine.stride()} is not torch's {reference.stride()}"


def test_a_write_is_seen_by_every_view():
    base = st.zeros(4, 6)
    row, column, corner = base[1], base[:, 2], base[:2, :3]
    corner.fill_(7)
    row[5] = 3
    base.t()[2, 3] = 9
    assert row.tolist() == [7, 7, 7, 0, 0, 3]
    assert column.tolist() == [7, 7, 0, 9]
    assert base.sum().item() == 6 * 7 + 3 + 9


def test_views_share_memory_and_copies_do_not():
    x = st.arange(6.0)
    assert x.view(2, 3).data_ptr() == x.data_ptr()
    assert x[2:].data_ptr() == x.data_ptr() + 8
    assert x.clone().data_ptr() != x.data_ptr()
    assert x.view(2, 3)._base is x or x.view(2, 3)._is_view()


def test_view_of_a_transposed_tensor_is_refused_and_reshape_copies():
    x = st.arange(6).reshape(2, 3).t()
    with pytest.raises(RuntimeError, match="view"):
        x.view(6)
    y = x.reshape(6)
    y[0] = 100
    assert x[0, 0].item() == 0
    assert y.tolist() == [100, 3, 1, 4, 2, 5]


def test_a_write_to_expanded_memory_is_refused():
    x = st.zeros(1, 3).expand(4, 3)
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
        x.add_(1)
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
        x[1:].mul_(2)


def test_a_write_to_windows_that_overlap_is_refused():
    x = st.zeros(4)
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
        x.unfold(0, 2, 1).add_(1)
    x.unfold(0, 2, 2).add_(1)
    assert x.tolist() == [1, 1, 1, 1]


PIECES = {
    "split": lambda x: x.split(2),
    "split by sizes": lambda x: x.split([1, 3], dim=1),
    "unbind": lambda x: x.unbind(1),
    "chunk": lambda x: x.chunk(2, dim=1),
    "tensor_split": lambda x: x.tensor_split(3),
}


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_writes_to_pieces_reach_the_base_and_the_other_way_round(pieces):
    found = []
    for library in (st, torch):
        x = library.arange(16.0).reshape(4, 4)
        parts = pieces(x)
        parts[0].fill_(-1)
        parts[1].mul_(2)
        x[3] += 100
        found.append([x, *parts])
    assert_same(*found)


def test_overlapping_copy_within_one_tensor():
    for library in (st, torch):
        x = library.arange(6)
        x[1:] = x[:-1].clone()
        assert x.tolist() == [0, 0, 1, 2, 3, 4], library.__name__


def test_the_version_counts_writes_and_views_share_it():
    x = st.zeros(3)
    before = x._version
    x[0:1].add_(1)
    assert x._version == before + 1
    assert x.detach()._version == x._version


def test_detach_and_data_alias():
    x = st.zeros(3, requires_grad=True)
    x.detach().fill_(2)
    assert x.tolist() == [2, 2, 2]
    assert not x.detach().requires_grad
    assert_close(theirs(x), torch.full((3,), 2.0), 0, 0)


LAYOUTS: dict[str, Any] = {
    "contiguous": lambda x: x,
    "part": lambda x: x[::2, ::2],
    "transposed": lambda x: x.transpose(0, 2),
    "cut": lambda x: x[..., 0:4],
    "behind": lambda x: x[:, 1:],
    "tracked": lambda x: x.clone().requires_grad_(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
def test_memory_seen_as_another_dtype(dtype, layout):
    def found(library, wanted):
        x = LAYOUTS[layout](library.ones(8, 8, 8, dtype=getattr(library, dtype)))
        try:
            seen = x.view(getattr(library, wanted))
        except RuntimeError as error:
            return str(error)
        return tuple(seen.shape), seen.stride(), seen.storage_offset(), seen.requires_grad, seen.tolist()

    with collected() as failures:
        for wanted in ("uint8", "float16", "float32", "int64", "float64", "complex64", "complex128"):
            with failures(wanted):
                assert found(st, wanted) == found(torch, wanted)


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
def test_bytes_seen_as_bools(dtype):
    """Whatever is not zero is true, also where it is not one."""
    bools, expected = (
        library.tensor([2, 0, 1, 127], dtype=getattr(library, dtype)).view(library.bool)
        for library in (st, torch)
    )
    other = torch.tensor([True, True, False, True])
    assert_same(bools, expected)
    assert_same(bools.sum(), expected.sum())
    assert_same(bools.int(), expected.int())
    assert_same(~bools, ~expected)
    for name in ("eq", "logical_and", "bitwise_xor", "lt", "add"):
        assert_same(getattr(bools, name)(ours(other)), getattr(expected, name)(other))


def test_expanded_by_dimensions_of_one():
    for shape, wanted in [((5,), (1, 1, 5)), ((5, 1), (1, 1, 5, 1)), ((5,), (2, 1, 5)), ((3, 1), (1, 3, 4))]:
        assert st.ones(shape).expand(wanted).stride() == torch.ones(shape).expand(wanted).stride()


def test_a_copy_under_another_shape_is_no_view():
    for library in (st, torch):
        x = library.ones(2, 3, 2, 3).transpose(2, 3)
        copy = x.flatten(1, 3)
        copy[0, 0] = 0
        assert not copy._is_view()
        assert x[0, 0, 0, 0] == 1


@pytest.mark.parametrize("shape", [(10, 3, 4, 5), (2, 3, 4, 5, 6)])
def test_resized_in_a_format(shape):
    def strides(library):
        name = "channels_last" if len(shape) == 4 else "channels_last_3d"
        last = getattr(library, name)
        count = math.prod(shape)
        like = library.ones(shape).contiguous(memory_format=last)
        flat = library.arange(count).resize_(shape, memory_format=last)
        return [
            flat.stride(), flat.tolist(), library.ones(count).resize_as_(like).stride(),
            library.ones(count).resize_as_(like, memory_format=library.preserve_format).stride(),
        ]  # fmt: skip

    assert strides(st) == strides(torch)


@pytest.mark.parametrize("before", range(-7, 4))
@pytest.mark.parametrize("mode", ["replicate", "reflect", "circular"])
def test_margins_that_cut(mode, before):
    x = torch.arange(1.0, 7.0).reshape(1, 6)
    for after in range(-7, 4):
        if mode == "circular" and min(before, after) <= -6:
            continue  # torch reads memory that is not the tensor's
        try:
            expected = torch.nn.functional.pad(x, (before, after), mode)
        except RuntimeError:
            with pytest.raises(RuntimeError):
                st.nn.functional.pad(ours(x), (before, after), mode)
        else:
            assert torch.equal(theirs(st.nn.functional.pad(ours(x), (before, after), mode)), expected)


@pytest.mark.parametrize("name", ["unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes"])
def test_unsafe_parts_may_be_written(name):
    found = []
    for library in (st, torch):
        x = library.arange(6.0).requires_grad_()
        parts = getattr(library, name)(x * 2, (3, 3) if name.endswith("sizes") else 2)
        parts[0].mul_(parts[1])
        parts[0].sum().backward()
        found.append([x.grad.tolist(), *(part.tolist() for part in parts)])
    assert found[0] == found[1]
