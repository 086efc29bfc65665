"""Checkpointing: less memory for a second forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["checkpoint", "checkpoint_sequential"]

_KINDS = ("cpu", "cuda", "hip", "mps", "wgpu")


@contextmanager
def _as_before(regions: dict[str, tuple[bool, Any]]) -> Iterator[None]:
    """Autocast as it was when the function was called first."""
    if all(_C._autocast(kind) == region for kind, region in regions.items()):
        yield
        return
    from spiraltorch_rs.amp import autocast

    with ExitStack() as stack:
        for kind, (enabled, dtype) in regions.items():
            stack.enter_context(autocast(kind, dtype, enabled))
        yield


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """Calls `function`; what it would save for the backward pass is computed again there.

    >>> import spiraltorch_rs as st
    >>> from spiraltorch_rs.utils.checkpoint import checkpoint
    >>> x = st.tensor([1.0, 2.0], requires_grad=True)
    >>> checkpoint(lambda x: (x * x).exp(), x).sum().backward()
    """
    places = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
    state = _C.get_rng_state()
    kinds: list[type] = []
    regions = {kind: _C._autocast(kind) for kind in _KINDS}

    def call(tensors: tuple[Tensor, ...]) -> Any:
        filled = list(args)
        for place, tensor in zip(places, tensors, strict=True):
            filled[place] = tensor
        return function(*filled, **kwargs)

    def run(*tensors: Tensor) -> tuple[Tensor, ...]:
        if kinds and preserve_rng_state:
            # The second time: the same random numbers as the first, and nobody else's are used up.
            now = _C.get_rng_state()
            _C.set_rng_state(state)
            try:
                with _as_before(regions):
                    result = call(tensors)
            finally:
                _C.set_rng_state(now)
        else:
            with _as_before(regions):
                result = call(tensors)
        kinds.append(type(result))
        return tuple(result) if isinstance(result, (tuple, list)) else (result,)

    outputs = _C._checkpoint(run, [args[i] for i in places])
    if issubclass(kinds[0], (tuple, list)):
        return kinds[0](outputs)
    return outputs[0]


def checkpoint_sequential(
    functions: Sequence[Callable[..., Any]],
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Calls functions one after another in so many pieces, all but the last one with `checkpoint`.

    >>> import spiraltorch_rs as st
    >>> from spiraltorch_rs.utils.checkpoint import checkpoint_sequential
    >>> x = st.tensor([1.0], requires_grad=True)
    >>> checkpoint_sequential([st.exp, st.log, st.sin], 2, x).backward()
    """
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError(f"Unexpected keyword arguments: {','.join(kwargs)}")
    steps = list(functions.children()) if hasattr(functions, "children") else list(functions)
    size = len(steps) // segments

    def piece(start: int, end: int) -> Callable[[Any], Any]:
        def forward(value: Any) -> Any:
            for step in steps[start:end]:
                value = step(value)
            return value

        return forward

    last = size * (segments - 1)
    for start in range(0, last, size or 1):
        input = checkpoint(piece(start, start + size), input, preserve_rng_state=preserve)
    return piece(last, len(steps))(input)
