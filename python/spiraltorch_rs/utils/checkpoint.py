"""Checkpointing: less memory for a second forward pass."""

from __future__ import annotations

import enum
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.function import Function
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.utils._pytree import tree_flatten, tree_unflatten

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = [
    "CheckpointPolicy",
    "SelectiveCheckpointContext",
    "checkpoint",
    "checkpoint_sequential",
    "create_selective_checkpoint_contexts",
    "get_device_states",
    "set_checkpoint_early_stop",
    "set_device_states",
]

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


class CheckpointPolicy(enum.Enum):
    """What becomes of an operator's result: whether it is kept for the backward pass or computed again."""

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3
    MUST_CPU_OFFLOAD = 4
    PREFER_CPU_OFFLOAD = 5


class SelectiveCheckpointContext:
    """What a policy is told of the pass that an operator belongs to."""

    def __init__(self, *, is_recompute: bool) -> None:
        self.is_recompute = is_recompute


def create_selective_checkpoint_contexts(
    policy_fn_or_list: Callable[..., Any] | Sequence[Any], allow_cache_entry_mutation: bool = False
) -> tuple[Any, Any]:
    """The contexts for `checkpoint(context_fn=...)` that keep some operators' results in torch.

    Here operators are fused before they run, so that there is no result of one to keep: all are computed again.
    """
    from spiraltorch_rs.library import CustomOpDef

    if isinstance(policy_fn_or_list, list):
        for op in policy_fn_or_list:
            if not isinstance(op, CustomOpDef):
                raise ValueError(
                    f"Expected op in `op_list` to be an OpOverload but got: {op} of type {type(op)}."
                )
    elif not callable(policy_fn_or_list):
        raise TypeError("policy_fn_or_list must be either a function or a list of ops.")
    return nullcontext(), nullcontext()


def _no_contexts() -> tuple[Any, Any]:
    return nullcontext(), nullcontext()


_early_stop: list[bool] = []


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Whether the second call of a function ends as soon as all that gradients need has been computed again."""
    _early_stop.append(enable)
    try:
        yield
    finally:
        _early_stop.pop()


class _Constant(Function):
    """A result that does not depend on what wants a gradient."""

    _st_is_ours = True

    @staticmethod
    def forward(ctx: Any, wanting: Tensor, out: Tensor) -> Tensor:
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")


def get_device_states(*args: Any) -> tuple[list[int], list[Tensor]]:
    """The numbers of the devices that tensors are on, and the states of their generators. The CPU is not one."""
    tensors = [leaf for leaf in tree_flatten(args)[0] if isinstance(leaf, Tensor)]
    devices = [t.device for t in tensors if t.device.type not in ("cpu", "meta")]
    return [device.index or 0 for device in devices], [_C.get_rng_state() for _ in devices]


def set_device_states(devices: Sequence[int], states: Sequence[Tensor], *, device_type: Any = None) -> None:
    """Sets the generators to such states: all devices draw from one."""
    for state in states:
        _C.set_rng_state(state)


def _warn_of_omission(name: str) -> None:
    warnings.warn(
        f"{name}: the use_reentrant parameter should be passed explicitly; use_reentrant=False is recommended.",
        stacklevel=3,
    )


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    context_fn: Callable[[], tuple[Any, Any]] = _no_contexts,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """Calls `function`; what it would save for the backward pass is computed again there.

    Arguments and result may be lists, tuples and dictionaries with tensors anywhere in them. `context_fn()` gives the
    contexts of the first call and of the second.

    >>> import spiraltorch_rs as st
    >>> from spiraltorch_rs.utils.checkpoint import checkpoint
    >>> x = st.tensor([1.0, 2.0], requires_grad=True)
    >>> checkpoint(lambda x: (x * x).exp(), x, use_reentrant=False).sum().backward()
    """
    if use_reentrant is None:
        _warn_of_omission("torch.utils.checkpoint")
    if use_reentrant and kwargs:
        raise ValueError(f"Unexpected keyword arguments: {','.join(kwargs)}")
    if use_reentrant and not any(isinstance(arg, Tensor) and arg.requires_grad for arg in args):
        # The function would run within one on the tape, which is on it for the sake of its own arguments only.
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)
        with no_grad(), context_fn()[0]:
            return function(*args)
    leaves, spec = tree_flatten((args, kwargs))
    places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
    state = _C.get_rng_state()
    regions = {kind: _C._autocast(kind) for kind in _KINDS}
    contexts = context_fn()
    calls = 0
    first: list[tuple[list[Any], Any]] = []

    def call(tensors: tuple[Tensor, ...]) -> list[Any]:
        filled = list(leaves)
        for place, tensor in zip(places, tensors, strict=True):
            filled[place] = tensor
        own, named = tree_unflatten(filled, spec)
        with _as_before(regions), contexts[min(calls, 2) - 1]:
            found, shape = tree_flatten(function(*own, **named))
        if not first:
            # (The tensors themselves are not kept: that is the point.)
            first.append(([Tensor if isinstance(leaf, Tensor) else leaf for leaf in found], shape))
        return found

    def run(*tensors: Tensor) -> tuple[Tensor, ...]:
        nonlocal calls
        calls += 1
        if calls > 1 and preserve_rng_state:
            # The second time: the same random numbers as the first, and nobody else's are used up.
            now = _C.get_rng_state()
            _C.set_rng_state(state)
            try:
                found = call(tensors)
            finally:
                _C.set_rng_state(now)
        else:
            found = call(tensors)
        return tuple(leaf for leaf in found if isinstance(leaf, Tensor))

    given = [leaves[i] for i in places]
    stop_early = _early_stop[-1] if _early_stop else early_stop
    results = _C._checkpoint(run, given, stop_early and not use_reentrant)
    wanting = [tensor for tensor in given if tensor.requires_grad and _C.is_grad_enabled()]
    if use_reentrant and wanting and not any(out.requires_grad for out in results):
        # Where gradients were wanted, the backward pass says that there are none.
        results = [_Constant.apply(wanting[0], out) if out.is_floating_point() else out for out in results]
    outputs = iter(results)
    found, shape = first[0]
    return tree_unflatten([next(outputs) if leaf is Tensor else leaf for leaf in found], shape)


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
    >>> checkpoint_sequential([st.exp, st.log, st.sin], 2, x, use_reentrant=False).backward()
    """
    if use_reentrant is None:
        _warn_of_omission("torch.utils.checkpoint.checkpoint_sequential")
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
        input = checkpoint(
            piece(start, start + size), input, use_reentrant=False, preserve_rng_state=preserve
        )
    return piece(last, len(steps))(input)
