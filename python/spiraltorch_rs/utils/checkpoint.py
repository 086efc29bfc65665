"""Checkpointing: less memory for a second forward pass."""

from collections.abc import Callable
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

__all__ = ["checkpoint"]


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
    state = _C.get_rng_state() if preserve_rng_state else None
    shape: list[Any] = []

    def run(*tensors: Tensor) -> tuple[Tensor, ...]:
        filled = list(args)
        for place, tensor in zip(places, tensors, strict=True):
            filled[place] = tensor
        again = bool(shape) and state is not None
        now = _C.get_rng_state() if again else None
        if again:
            _C.set_rng_state(state)
        try:
            result = function(*filled, **kwargs)
        finally:
            if again:
                _C.set_rng_state(now)
        if not shape:
            shape.append(type(result))
        return result if isinstance(result, tuple) else (tuple(result) if isinstance(result, list) else (result,))

    outputs = _C._checkpoint(run, [args[i] for i in places])
    if issubclass(shape[0], (tuple, list)):
        return shape[0](outputs)
    return outputs[0]
