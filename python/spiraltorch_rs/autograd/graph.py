"""The tape's nodes, and what happens to tensors that are saved on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from spiraltorch_rs import _C
from spiraltorch_rs._C import Node, RemovableHandle, Tensor
from spiraltorch_rs.autograd.grad_mode import enable_grad

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = [
    "GradientEdge",
    "Node",
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]


class GradientEdge(NamedTuple):
    """Where a gradient flows: an output of a node."""

    node: Node
    output_nr: int
    ownership_token: Node | None = None


class _ComplexEdge(GradientEdge):
    """That of a tensor of complex numbers, which nodes do not know."""

    __slots__ = ()
    _complex = True


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """The edge that a tensor's gradient flows along."""
    if not tensor.requires_grad:
        raise RuntimeError(
            "It is not possible to get the gradient edge for a Tensor that does not require gradients"
        )
    node = tensor.grad_fn
    edge: type[GradientEdge] = _ComplexEdge if tensor.is_complex() else GradientEdge
    if node is not None:
        return edge(node, tensor.output_nr)
    with enable_grad():
        seen = tensor.view_as(tensor).grad_fn
    assert seen is not None
    leaf = seen.next_functions[0][0]
    assert leaf is not None
    return edge(leaf, 0, seen)


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Tells the tape that the memory of tensors was written."""
    for one in (tensor,) if isinstance(tensor, Tensor) else tensor:
        _C._increment_version(one)


_disabled: list[str] = []
# The `saved_tensors_hooks` we are in.
_inside: list[saved_tensors_hooks] = []


class saved_tensors_hooks:
    """Inside, what is saved for gradients goes through `pack_hook`, and comes back through `unpack_hook`.

    >>> import spiraltorch_rs as st
    >>> x = st.tensor(3.0, requires_grad=True)
    >>> with st.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), lambda kept: st.tensor(kept)):
    ...     y = x * x
    >>> st.autograd.grad(y, x)
    (tensor(6.),)
    """

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        if _disabled:
            raise RuntimeError(_disabled[-1])
        _C._push_saved_tensors_hooks(self.pack_hook, self.unpack_hook)
        _inside.append(self)

    def __exit__(self, *error: Any) -> None:
        if not _inside:
            return
        _inside.pop()
        _C._pop_saved_tensors_hooks()


class save_on_cpu(saved_tensors_hooks):
    """Inside, what is saved for gradients waits in the memory of the CPU."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        def pack(tensor: Tensor) -> tuple[Any, Tensor]:
            return tensor.device, tensor.cpu()

        def unpack(packed: tuple[Any, Tensor]) -> Tensor:
            return packed[1].to(packed[0])

        super().__init__(pack, unpack)


# The region of `allow_mutation_on_saved_tensors` that the program is in.
_may_be_written: list[object] = []


@contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[None]:
    """Inside, what is saved for gradients may be written in place: the gradients see the old values.

    >>> import spiraltorch_rs as st
    >>> x = st.tensor(3.0, requires_grad=True)
    >>> with st.autograd.graph.allow_mutation_on_saved_tensors():
    ...     y = x * 2
    ...     z = y.square()
    ...     _ = y.zero_()
    ...     z.backward()
    >>> x.grad
    tensor(24.)
    """
    if _may_be_written:
        raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
    region = object()

    def unpack(kept: Tensor) -> Tensor:
        if region not in _may_be_written:
            raise AssertionError(
                "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context in which the graph was "
                "originally recorded."
            )
        return kept

    _may_be_written.append(region)
    try:
        # (A copy of what nobody writes costs nothing until it is run.)
        with saved_tensors_hooks(lambda tensor: tensor.detach().clone(), unpack):
            yield
    finally:
        _may_be_written.remove(region)


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """Inside, hooks for saved tensors are refused with a message."""
    if _inside:
        raise RuntimeError(error_message)
    _disabled.append(error_message)
    try:
        yield
    finally:
        _disabled.pop()


class _Handles:
    """Several hooks as one."""

    def __init__(self, handles: Sequence[RemovableHandle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        """Takes them away."""
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> _Handles:
        return self

    def __exit__(self, *error: Any) -> None:
        self.remove()


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., None], *, mode: str = "all"
) -> _Handles:
    """Calls `fn` once the gradients of all tensors are there, or with the first of them (`mode="any"`)."""
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    if mode == "any":
        return _first_of(tensors, fn)
    nodes = [get_gradient_edge(tensor).node for tensor in tensors]
    # By backward pass: the gradients that have come, and how many are still to come.
    passes: dict[int, tuple[list[Tensor | None], list[int]]] = {}

    def hook(i: int) -> Callable[[Tensor], None]:
        def arrived(gradient: Tensor) -> None:
            number = _C._current_graph_task_id()
            if number not in passes:
                to_come = sum(_C._will_engine_execute_node(node) for node in nodes)
                passes[number] = [None] * len(tensors), [to_come]
            gradients, left = passes[number]
            gradients[i] = gradient
            left[0] -= 1
            if left[0] == 0:
                del passes[number]
                fn(gradients)

        return arrived

    return _Handles([tensor.register_hook(hook(i)) for i, tensor in enumerate(tensors)])


def _first_of(tensors: Sequence[Tensor], fn: Callable[..., None]) -> _Handles:
    # The backward passes that have come by; several threads may be in one each.
    passes: set[int] = set()
    lock = Lock()

    def hook(gradient: Tensor) -> None:
        number = _C._current_graph_task_id()
        with lock:
            is_first = number not in passes
            passes.add(number)
        if is_first:
            fn(gradient)

    return _Handles([tensor.register_hook(hook) for tensor in tensors])
