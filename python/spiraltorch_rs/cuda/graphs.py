"""Graphs of a GPU: work that is recorded once and done again as a whole, without the program that asked for it.

What is asked for while a graph is captured is not done; `replay` does it, on the same memory each time. So inputs are
written in place, and results are read where they are:

>>> import spiraltorch_rs as st
>>> if st.cuda.is_available():
...     x = st.ones(3, device="cuda")
...     graph = st.cuda.CUDAGraph()
...     with st.cuda.graph(graph):
...         y = x * 2
...     _ = x.copy_(st.tensor([1.0, 2.0, 3.0]))
...     graph.replay()
...     assert y.tolist() == [2, 4, 6]
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from itertools import count
from types import TracebackType
from typing import Any, NewType

import spiraltorch_rs.cuda as cuda
from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.cuda.streams import Stream, StreamContext, current_stream

__all__ = [
    "CUDAGraph",
    "graph",
    "graph_pool_handle",
    "is_current_stream_capturing",
    "make_graphed_callables",
]

_POOL_HANDLE = NewType("_POOL_HANDLE", tuple[int, int])
_pools = count(1)


def is_current_stream_capturing() -> bool:
    """Whether work is recorded for a graph instead of being done."""
    return _C._is_capturing()


def graph_pool_handle() -> _POOL_HANDLE:
    """A name for memory that several graphs may share: those that are never replayed at once."""
    return _POOL_HANDLE((0, next(_pools)))


class CUDAGraph:
    """Work of a GPU that is recorded between `capture_begin` and `capture_end`, and done by `replay`.

    Memory that is asked for meanwhile belongs to the graph, which keeps what it reads as well.
    """

    def __init__(self, keep_graph: bool = False) -> None:
        cuda._required()
        self._pool: _POOL_HANDLE | None = None
        self._recorded: _C._Graph | None = None

    def capture_begin(self, pool: Any = None, capture_error_mode: str = "global") -> None:
        """Records what this thread asks of the current stream from here on; `pool` is another graph's, or a handle.

        Whatever the mode, memory may be asked for meanwhile, and other threads may do as they like.
        """
        if capture_error_mode not in ("global", "thread_local", "relaxed"):
            raise RuntimeError(
                "Unknown capture error mode. Expected `global`, `thread_local`, or `relaxed`, got "
                f"{capture_error_mode}"
            )
        if self._recorded is not None:
            raise RuntimeError(
                "This CUDAGraph instance already owns a captured graph. To capture a new graph, create a new instance."
            )
        self._pool = graph_pool_handle() if pool is None else pool
        _C._capture_begin(f"cuda:{cuda.current_device()}", self._pool[1])

    def capture_end(self) -> None:
        """What was asked for is a graph from now on."""
        self._recorded = _C._capture_end()

    def instantiate(self) -> None:
        """Makes it ready for replay, which it is already."""
        self._ready()

    def replay(self) -> None:
        """Does the recorded work in the current stream."""
        self._ready().replay()

    def reset(self) -> None:
        """Forgets the recorded work. Its memory is given back when no tensor needs it."""
        self._recorded = None

    def pool(self) -> _POOL_HANDLE:
        """A name for its memory, for graphs that are never replayed at the same time."""
        if self._pool is None:
            raise RuntimeError("Called CUDAGraph::pool() without a preceding successful capture.")
        return self._pool

    def enable_debug_mode(self) -> None:
        """What `debug_dump` needs is always kept."""

    def debug_dump(self, debug_path: str) -> None:
        """Writes the recorded work to a file that Graphviz draws."""
        self._ready().draw(debug_path)

    def register_generator_state(self, generator: Any) -> None:
        """Accepted: every replay draws new random numbers from all generators that the work draws from."""

    def _ready(self) -> _C._Graph:
        if self._recorded is None:
            raise RuntimeError("Called CUDAGraph::replay without a preceding successful capture.")
        return self._recorded


class graph:
    """A context whose work is recorded for a graph, in a stream beside the current one."""

    default_capture_stream: Stream | None = None

    def __init__(
        self,
        cuda_graph: CUDAGraph,
        pool: Any = None,
        stream: Stream | None = None,
        capture_error_mode: str = "global",
        **kwargs: Any,
    ) -> None:
        if stream is None:
            if graph.default_capture_stream is None:
                graph.default_capture_stream = Stream()
            stream = graph.default_capture_stream
        self.cuda_graph = cuda_graph
        self.pool = pool
        self.capture_stream = stream
        self.stream_ctx = StreamContext(stream)
        self.capture_error_mode = capture_error_mode

    def __enter__(self) -> None:
        cuda.synchronize()
        gc.collect()
        cuda.empty_cache()
        self.stream_ctx.__enter__()
        try:
            self.cuda_graph.capture_begin(self.pool, self.capture_error_mode)
        except BaseException:
            self.stream_ctx.__exit__(None, None, None)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.cuda_graph.capture_end()
            else:
                _C._capture_abort()
        finally:
            self.stream_ctx.__exit__(kind, error, trace)


def make_graphed_callables(
    callables: Any,
    sample_args: Any,
    num_warmup_iters: int = 3,
    allow_unused_input: bool = False,
    pool: Any = None,
) -> Any:
    """Modules or functions whose calls, and the gradients of these, are replays of graphs.

    Arguments must be tensors of the shapes and dtypes of `sample_args`, and want gradients where these do. A module
    that is graphed in training mode runs as it is written in evaluation mode, and the other way round.
    """
    cuda._required()
    single = not isinstance(callables, tuple)
    functions = (callables,) if single else callables
    samples = (sample_args,) if single else sample_args
    graphed = [_Plan(f, tuple(args)) for f, args in zip(functions, samples, strict=True)]
    pool = graph_pool_handle() if pool is None else pool
    cuda.synchronize()
    side = Stream()
    side.wait_stream(current_stream())
    with StreamContext(side):
        for plan in graphed:
            plan.warm_up(num_warmup_iters, allow_unused_input)
    current_stream().wait_stream(side)
    # Backwards in the order in which gradients will ask for them, so that the graphs may share memory.
    for plan in graphed:
        plan.capture_forward(pool)
    for plan in reversed(graphed):
        plan.capture_backward(pool, allow_unused_input)
    results = tuple(plan.finished() for plan in graphed)
    return results[0] if single else results


class _Plan:
    """A callable, and the graphs of its call and of its gradients."""

    def __init__(self, function: Callable[..., Any], sample_args: tuple[Any, ...]) -> None:
        from spiraltorch_rs.nn import Module

        self.function = function
        self.module = function if isinstance(function, Module) else None
        if self.module is not None:
            self._refuse(self.module)
        flat = _flat(sample_args)
        if not all(isinstance(arg, Tensor) for arg in flat):
            raise AssertionError(
                "In the beta API, sample_args for each callable must contain only Tensors. "
                "Other types are not allowed."
            )
        self.sample_args = sample_args
        self.inputs: tuple[Tensor, ...] = tuple(flat)
        parameters = () if self.module is None else tuple(self.module.parameters())
        self.surface = (*self.inputs, *parameters)
        self.wanting = tuple(tensor for tensor in self.surface if tensor.requires_grad)
        self.forward, self.backward = CUDAGraph(), CUDAGraph()

    @staticmethod
    def _refuse(module: Any) -> None:
        hooks = (module._backward_hooks, module._forward_hooks, module._forward_pre_hooks)
        if any(hooks):
            raise AssertionError(
                "Modules must not have hooks registered at the time they are passed. However, registering hooks on "
                "modules after passing them through make_graphed_callables is allowed."
            )
        if any(buffer.requires_grad for buffer in module.buffers()):
            raise AssertionError(
                "In any :class:`~torch.nn.Module` passed to :func:`~make_graphed_callables`, only parameters may be "
                "trainable. All buffers must have ``requires_grad=False``."
            )

    def warm_up(self, times: int, allow_unused: bool) -> None:
        """What happens once only, such as choosing kernels, happens now."""
        for _ in range(times):
            results = [r for r in _flat(self.function(*self.sample_args)) if r.requires_grad]
            if results:
                self._gradients(results, [_C.empty_like(r) for r in results], allow_unused)

    def _gradients(self, results: Sequence[Tensor], given: Sequence[Tensor], allow_unused: bool) -> Any:
        from spiraltorch_rs.autograd import grad

        return grad(
            outputs=tuple(results),
            inputs=self.wanting,
            grad_outputs=tuple(given),
            only_inputs=True,
            allow_unused=allow_unused,
        )

    def capture_forward(self, pool: Any) -> None:
        """Records the call."""
        with graph(self.forward, pool=pool):
            self.structured = self.function(*self.sample_args)
        self.results: tuple[Tensor, ...] = tuple(_flat(self.structured))

    def capture_backward(self, pool: Any, allow_unused: bool) -> None:
        """Records the gradients of what was called."""
        self.given = tuple(_C.empty_like(r) if r.requires_grad else None for r in self.results)
        _C.realize(*[g for g in self.given if g is not None])
        wanted = [r for r in self.results if r.requires_grad]
        found: Any = ()
        if wanted:
            with graph(self.backward, pool=pool):
                found = self._gradients(wanted, [g for g in self.given if g is not None], allow_unused)
        gradients = iter(found)
        self.gradients = tuple(next(gradients, None) if t.requires_grad else None for t in self.surface)

    def finished(self) -> Any:
        """What is called in place of the callable."""
        from spiraltorch_rs.autograd import Function
        from spiraltorch_rs.autograd.function import once_differentiable

        plan = self

        class Graphed(Function):
            """A replay of the call, with one of its gradients."""

            @staticmethod
            def forward(ctx: Any, *surface: Tensor) -> tuple[Tensor, ...]:
                for own, given in zip(plan.inputs, surface, strict=False):
                    if own is not given:
                        own.copy_(given)
                plan.forward.replay()
                return tuple(result.detach() for result in plan.results)

            @staticmethod
            @once_differentiable
            def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
                for own, gradient in zip(plan.given, given, strict=True):
                    if own is not None:
                        own.copy_(gradient)
                plan.backward.replay()
                return tuple(g if g is None else g.detach() for g in plan.gradients)

        parameters = self.surface[len(self.inputs) :]

        def call(*args: Any) -> Any:
            made = Graphed.apply(*_flat(args), *parameters)
            made = made if isinstance(made, tuple) else (made,)
            return _like(plan.structured, iter(made))

        return call if self.module is None else self._in_module(call)

    def _in_module(self, call: Callable[..., Any]) -> Any:
        module, written = self.module, self.function.forward  # type: ignore[attr-defined]
        mode = module.training  # type: ignore[union-attr]

        def forward(*args: Any) -> Any:
            return call(*args) if module.training == mode else written(*args)  # type: ignore[union-attr]

        module.forward = forward  # type: ignore[union-attr]
        return module


def _flat(value: Any) -> list[Any]:
    """What nested tuples, lists and dictionaries hold."""
    if isinstance(value, dict):
        return [one for part in value.values() for one in _flat(part)]
    if isinstance(value, (tuple, list)):
        return [one for part in value for one in _flat(part)]
    return [value]


def _like(value: Any, parts: Any) -> Any:
    """The same structure, made of other parts."""
    if isinstance(value, dict):
        return type(value)((name, _like(part, parts)) for name, part in value.items())
    if isinstance(value, (tuple, list)):
        made = [_like(part, parts) for part in value]
        return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)
    return next(parts)
