"""What torch has at its inside and other programs call: the same numbers, gradients and places in memory as torch's."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from reference import assert_same, assert_same_outcome, collected

import spiraltorch_rs as st


def numbers(lib: Any, *shape: int) -> Any:
    """Different numbers that want gradients."""
    count = torch.Size(shape).numel()
    return lib.arange(float(count), dtype=lib.float64).sin().reshape(shape).requires_grad_()


def places(lib: Any) -> tuple[Any, list[Any]]:
    """A mask, and indices that are beyond a matrix of 4 x 3 where it is false."""
    return lib.tensor([[True, False], [True, True], [False, True]]), [
        lib.tensor([[0], [3], [9]]),
        lib.tensor([[1, -2]]),
    ]


# Of the library: the operator's result and what it has gradients by.
CALLS: dict[str, Callable[[Any], tuple[Any, list[Any]]]] = {
    "_neg_view": lambda lib: (lib._neg_view(x := numbers(lib, 2, 3)), [x]),
    "_chunk_cat": lambda lib: (lib._chunk_cat([lib.ones(3, 2), lib.arange(10.0).reshape(5, 2)], 0, 2), []),
    "_chunk_cat of ranks": lambda lib: (lib._chunk_cat([lib.ones(2, 3, 2), lib.ones(2, 5)], 1, 3), []),
    "_safe_softmax": lambda lib: (
        lib._safe_softmax((x := numbers(lib, 2, 3)) + lib.tensor([[0.0], [-float("inf")]]), -1),
        [x],
    ),
    "_softmax_backward_data": lambda lib: (
        lib._softmax_backward_data(x := numbers(lib, 4, 3), numbers(lib, 4, 3).softmax(0), 0, lib.float64),
        [x],
    ),
    "_unsafe_masked_index": lambda lib: (
        lib._unsafe_masked_index(x := numbers(lib, 4, 3), *places(lib), 7.0),
        [x],
    ),
    "_unsafe_masked_index_put_accumulate": lambda lib: (
        lib._unsafe_masked_index_put_accumulate(
            x := numbers(lib, 4, 3), *places(lib), y := numbers(lib, 3, 2)
        ),
        [x, y],
    ),
    "native_dropout_backward": lambda lib: (
        lib.ops.aten.native_dropout_backward(x := numbers(lib, 3), lib.tensor([True, False, True]), 1.5),
        [x],
    ),
    "slice": lambda lib: (lib.ops.aten.slice(x := numbers(lib, 4, 3), 0, 1, 9, 2), [x]),
}


@pytest.mark.parametrize("name", CALLS)
def test_operators_and_their_gradients(name: str) -> None:
    def both(lib: Any) -> Any:
        result, leaves = CALLS[name](lib)
        return result, *(lib.autograd.grad((result * result).sum(), leaves) if leaves else ())

    assert_same(both(st), both(torch))


VIEWS: dict[str, Callable[[Any], Any]] = {
    "transposed": lambda x: x.t(),
    "part": lambda x: x[1:, ::2],
    "row": lambda x: x[1],
    "diagonal": lambda x: x.diagonal(),
    "reshaped": lambda x: x.view(2, 6),
    "expanded": lambda x: x.unsqueeze(0).expand(2, 3, 4),
}


@pytest.mark.parametrize("name", VIEWS)
def test_views_are_made_again(name: str) -> None:
    def both(lib: Any) -> Any:
        x, y = lib.arange(12.0).reshape(3, 4).clone(), lib.ones(3, 4)
        with lib.autograd._force_original_view_tracking(True):
            view = VIEWS[name](x)
        again, base = view._view_func_unsafe(y), view._rev_view_func_unsafe(view.detach())
        assert again._base is y
        assert base._is_view()
        return again, again.stride(), base, base.stride(), base.storage_offset()

    assert_same(both(st), both(torch))


NAMES = "sum amax mean norm std softmax cumsum argmin median".split()


@pytest.mark.parametrize("name", NAMES)
def test_masks_of_masked_calls(name: str) -> None:
    def mask(lib: Any, shape: tuple[int, ...], dim: int, options: dict[str, bool]) -> Any:
        chosen = lib.tensor([True, False, False])[: shape[-1]]
        x = lib.arange(6.0)[: torch.Size(shape).numel()].reshape(shape)
        dims = (2, dim) if name == "norm" else (dim,)
        return lib.masked._output_mask(getattr(lib.masked, name), x, *dims, mask=chosen, **options)

    with collected() as case:
        for shape in ((2, 3), (3,), (1, 2, 3)):
            for dim in range(-len(shape), len(shape) + 1):
                for options in ({}, {"keepdim": True}) if name not in ("softmax", "cumsum") else ({},):
                    with case(f"{shape} {dim} {options}"):
                        calls = (partial(mask, lib, shape, dim, options) for lib in (st, torch))
                        assert_same_outcome(*calls)


def test_a_mask_is_wanted() -> None:
    for lib in (st, torch):
        with pytest.raises(ValueError, match="explicit mask"):
            lib.masked._input_mask(lib.ones(2))
        with pytest.raises(IndexError):
            lib.masked._input_mask(lib.ones(2), mask=lib.ones(2, 2) > 0)
        assert lib.masked._canonical_dim((-1, 0), 3) == (0, 2)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 2)], ids=str)
def test_hashes_have_memory_of_their_own(shape: tuple[int, ...]) -> None:
    x = st.full(shape, 2.0, dtype=st.float64)
    found = st.hash_tensor(x, len(shape) - 1 if shape else ())
    assert_same(
        found, torch.hash_tensor(torch.full(shape, 2.0, dtype=torch.float64), len(shape) - 1 if shape else ())
    )
    before = found.tolist()
    x.zero_()
    assert found.tolist() == before
