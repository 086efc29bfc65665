"""`vmap`: a function of single entries applied to a batch of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd._batched import Level
from spiraltorch_rs.autograd.grad_mode import transforms
from spiraltorch_rs.utils._pytree import broadcast_prefix, tree_flatten, tree_unflatten

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["vmap"]


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """A function that applies `func` to every entry of a batch at once.

    `func` is called once, with samples in place of tensors, and its graph is written again for the whole batch. If it
    needs values while it is called (an operator whose result's shape depends on them), it is called for each entry
    instead, and the results are stacked.

    >>> import spiraltorch_rs as st
    >>> st.func.vmap(st.dot)(st.ones(3, 5), st.ones(3, 5))
    tensor([5., 5., 5.])
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(
            f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}"
        )
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @wraps(func)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        call = _Call(func, in_dims, out_dims, randomness, args, kwargs)
        if chunk_size is None or chunk_size >= call.size:
            return tree_unflatten(*call.run(0, call.size))
        return call.in_chunks(chunk_size)

    return wrapped


_WRITTEN = (
    "vmap: inplace arithmetic(self, *extra_args) is not possible because there exists a Tensor `other` in extra_args "
    "that has more elements than `self`. This happened due to `other` being vmapped over but `self` not being vmapped "
    "over in a vmap. Please try to use out-of-place operators instead of inplace arithmetic."
)


def _name(func: Any) -> str:
    return getattr(func, "__name__", repr(func))


class _Call:
    """The arguments of a call, which of them have a batch dimension, and where the results' shall be."""

    def __init__(
        self, func: Any, in_dims: Any, out_dims: Any, randomness: str, args: tuple[Any, ...], kwargs: Any
    ) -> None:
        self.func, self.out_dims, self.randomness, self.kwargs = func, out_dims, randomness, kwargs
        self.leaves, self.spec = tree_flatten(args)
        self.dims = self._in_dims(in_dims, args)
        sizes = {leaf.size(dim) for leaf, dim in zip(self.leaves, self.dims, strict=True) if dim is not None}
        if not sizes:
            raise ValueError("vmap: Expected at least one Tensor to vmap over")
        if len(sizes) > 1:
            listed = [leaf.size(d) for leaf, d in zip(self.leaves, self.dims, strict=True) if d is not None]
            raise ValueError(
                "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
                f"{listed} for the mapped dimension"
            )
        (self.size,) = sizes

    def _in_dims(self, in_dims: Any, args: tuple[Any, ...]) -> list[int | None]:
        name = _name(self.func)
        if not isinstance(in_dims, int | tuple):
            raise ValueError(
                f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): expected `in_dims` to be int or a (potentially "
                f"nested) tuple matching the structure of inputs, got: {type(in_dims)}."
            )
        if not args:
            raise ValueError(
                f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap "
                "over a function with no inputs. The latter is unsupported."
            )
        flat = broadcast_prefix(in_dims, self.spec)
        if flat is None:
            raise ValueError(
                f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): in_dims is not compatible with the structure of "
                f"`inputs`. in_dims has structure {tree_flatten(in_dims)[1]} but inputs has structure {self.spec}."
            )
        return [self._dim(leaf, dim, in_dims) for leaf, dim in zip(self.leaves, flat, strict=True)]

    def _dim(self, leaf: Any, dim: Any, in_dims: Any) -> int | None:
        start = (
            f"vmap({_name(self.func)}, in_dims={in_dims}, ...)(<inputs>): Got in_dim={dim} for an input but "
        )
        out_of_range = start.replace("an input but ", "some input, but ")
        if dim is None:
            return None
        if not isinstance(dim, int):
            raise ValueError(f"{start}in_dim must be either an integer dimension or None.")
        if not isinstance(leaf, Tensor):
            raise ValueError(
                f"{start}the input is of type {type(leaf)}. We cannot vmap over non-Tensor arguments, please use "
                "None as the respective in_dim"
            )
        if not -leaf.dim() <= dim < leaf.dim():
            raise ValueError(
                f"{out_of_range}that input is a Tensor of dimensionality {leaf.dim()} so expected in_dim to satisfy "
                f"-{leaf.dim()} <= in_dim < {leaf.dim()}."
            )
        return dim % leaf.dim()

    def entries(self, start: int, stop: int) -> list[Any]:
        """The leaves, batches with their batch dimension in front and cut to a range."""
        return [
            leaf if dim is None else leaf.movedim(dim, 0)[start:stop]
            for leaf, dim in zip(self.leaves, self.dims, strict=True)
        ]

    def run(self, start: int, stop: int) -> tuple[list[Tensor], Any]:
        """The results for a range of the batch."""
        given = self.entries(start, stop)
        try:
            found, spec = self._record(given, stop - start)
        except (RuntimeError, NotImplementedError) as error:
            if not _C._vmap_needs_value(str(error)) and "vmap: there is no rule" not in str(error):
                raise
            found, spec = self._one_by_one(given, stop - start)
        dims = self._out_dims(spec)
        return [out if dim is None else _moved(out, dim) for out, dim in zip(found, dims, strict=True)], spec

    def _record(self, given: list[Any], count: int) -> tuple[list[Tensor], Any]:
        batched = [i for i, dim in enumerate(self.dims) if dim is not None]
        whole = [leaf for leaf, dim in zip(given, self.dims, strict=True) if dim is None]
        kept = [(leaf, leaf._version, leaf.detach().clone()) for leaf in whole if isinstance(leaf, Tensor)]
        level = Level(count, self.randomness)
        recording = level.recording
        transforms.depth += 1
        transforms.recordings.append(level)
        try:
            leaves = list(given)
            for i in batched:
                leaves[i] = level.sample(given[i], self.dims[i] or 0)
            outputs, spec = self._outputs(leaves)
            for leaf, version, before in kept:
                if leaf._version > version and recording.is_batched(leaf):
                    leaf.data = before
                    raise RuntimeError(_WRITTEN)
        finally:
            transforms.depth -= 1
            transforms.recordings.pop()
            _C._vmap_end()
        dims = self._out_dims(spec)
        for out, dim in zip(outputs, dims, strict=True):
            if dim is None and recording.is_batched(out):
                name = _name(self.func)
                raise ValueError(
                    f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None"
                )
        written = [i for i in batched if leaves[i]._version > 0]
        moved = [i for i, dim in enumerate(dims) if dim is not None]
        lifted = recording.lift([*(outputs[i] for i in moved), *(leaves[i] for i in written)])
        for i, value in zip(written, lifted[len(moved) :], strict=True):
            given[i].copy_(value)
        for i, value in zip(moved, lifted, strict=False):
            outputs[i] = value
        return outputs, spec

    def _one_by_one(self, given: list[Any], count: int) -> tuple[list[Tensor], Any]:
        columns: list[list[Tensor]] = []
        spec: Any = None
        state = _C.get_rng_state()
        for entry in range(count):
            if self.randomness == "same":
                _C.set_rng_state(state)
            leaves = [
                leaf if dim is None else leaf.select(0, entry)
                for leaf, dim in zip(given, self.dims, strict=True)
            ]
            # Recorded without samples: random numbers are refused where they shall be.
            if self.randomness == "error":
                _C._vmap_begin(1, "error")
            try:
                outputs, spec = self._outputs(leaves)
            finally:
                if self.randomness == "error":
                    _C._vmap_end()
            columns.append(outputs)
        dims = self._out_dims(spec)
        rows = zip(zip(*columns, strict=True), dims, strict=True)
        return [row[0] if dim is None else _C.stack(list(row)) for row, dim in rows], spec

    def _outputs(self, leaves: list[Any]) -> tuple[list[Any], Any]:
        result = self.func(*tree_unflatten(leaves, self.spec), **self.kwargs)
        outputs, spec = tree_flatten(result)
        for out, dim in zip(outputs, self._out_dims(spec), strict=True):
            if dim is not None and not isinstance(out, Tensor):
                raise ValueError(
                    f"vmap({_name(self.func)}, ...): `{_name(self.func)}` must only return Tensors, got type "
                    f"{type(out)}. Did you mean to set out_dims= to None for output?"
                )
        return outputs, spec

    def _out_dims(self, spec: Any) -> list[int | None]:
        name, out_dims = _name(self.func), self.out_dims
        prefix = tuple(out_dims) if isinstance(out_dims, list) and spec.type is tuple else out_dims
        # A tuple of one for a function that gives a single tensor, as torch takes it.
        if spec.is_leaf() and isinstance(prefix, tuple) and len(prefix) == 1:
            prefix = prefix[0]
        flat = broadcast_prefix(prefix, spec)
        if flat is not None and not all(dim is None or isinstance(dim, int) for dim in flat):
            raise ValueError(
                f"vmap({name}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a python collection of "
                "ints representing where in the outputs the vmapped dimension should appear."
            )
        if flat is None:
            raise ValueError(
                f"vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure "
                f"of `outputs`. out_dims has structure {tree_flatten(out_dims)[1]} but outputs has structure {spec}."
            )
        return flat

    def in_chunks(self, chunk_size: int) -> Any:
        """The results of parts of the batch, joined."""
        chunks: Sequence[list[Tensor]] = []
        spec: Any = None
        state = _C.get_rng_state()
        for start in range(0, self.size, chunk_size):
            if self.randomness == "same":
                _C.set_rng_state(state)
            found, spec = self.run(start, min(start + chunk_size, self.size))
            chunks = [*chunks, found]
        dims = self._out_dims(spec)
        joined = [
            parts[0] if dim is None else _C.cat(list(parts), dim)
            for parts, dim in zip(zip(*chunks, strict=True), dims, strict=True)
        ]
        return tree_unflatten(joined, spec)


def _moved(out: Tensor, dim: int) -> Tensor:
    return out if dim == 0 else out.movedim(0, dim)
