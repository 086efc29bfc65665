"""Training as a function of its hyperparameters: every step is on the tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.function import Function
from spiraltorch_rs.autograd.grad_mode import enable_grad, no_grad
from spiraltorch_rs.hypergrad.optimizers import Optimizer
from spiraltorch_rs.utils._pytree import tree_flatten, tree_unflatten

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Unrolled", "unroll"]


class Unrolled(NamedTuple):
    """The end of a training run."""

    parameters: Any
    state: list[list[Tensor]]
    losses: Tensor


def unroll(
    loss: Callable[[Any, Any, Any], Tensor],
    parameters: Any,
    hyper: Any,
    batches: Sequence[Any] | int,
    optimizer: Optimizer,
    *,
    settings: Callable[[Any], dict[str, Any]] | None = None,
    checkpoint_every: int | None = None,
    last: int | None = None,
) -> Unrolled:
    """Trains with a step for each batch; the result depends on `hyper` and on the parameters at the start.

    `loss(parameters, hyper, batch)` gives a scalar; `batches` may be a number of steps. `settings(hyper)` says which
    settings the optimizer takes from `hyper`: by default those of the names it has, if `hyper` is a dictionary.

    With `checkpoint_every`, only the parameters after so many steps are kept, and the steps between are done again when
    their gradient is asked for: memory for `steps / checkpoint_every + checkpoint_every` steps instead of all. With
    `last`, only so many steps at the end are differentiated.

    >>> import spiraltorch_rs as st
    >>> rate = st.tensor(0.1, requires_grad=True)
    >>> end = st.hypergrad.unroll(
    ...     lambda w, hyper, batch: w**2, st.tensor(1.0), {"lr": rate}, 2, st.hypergrad.SGD()
    ... )
    >>> end.parameters
    tensor(0.6400, grad_fn=<SubBackward0>)
    >>> st.autograd.grad(end.parameters, rate)
    (tensor(-3.2000),)
    """
    given = [None] * batches if isinstance(batches, int) else list(batches)
    run = _Run(loss, optimizer, settings, parameters, hyper)
    values, losses = run.start, []
    free = 0 if last is None else max(len(given) - last, 0)
    if free:
        with no_grad():
            values, found = run.steps(run.without_history(values), given[:free], 1)
        losses.append(found.detach())
        values = [value.detach() for value in values]
    size = checkpoint_every or max(len(given) - free, 1)
    if size < 1:
        raise ValueError(f"unroll: checkpoint_every must be positive, got {checkpoint_every}")
    for begin in range(free, len(given), size):
        part, first = given[begin : begin + size], begin + 1
        if checkpoint_every is None:
            values, found = run.steps([*values, *run.hyper], part, first)
        else:
            *values, found = _Segment.apply(run, part, first, *values, *run.hyper)
        losses.append(found)
    trained, state = run.parts(list(values))
    joined = _C.cat(losses) if losses else _C.zeros(0)
    return Unrolled(tree_unflatten(trained, run.spec), state, joined)


class _Run:
    """What all steps share, and the trees as flat lists: parameters, state, then hyperparameters."""

    def __init__(
        self,
        loss: Callable[[Any, Any, Any], Tensor],
        optimizer: Optimizer,
        settings: Callable[[Any], dict[str, Any]] | None,
        parameters: Any,
        hyper: Any,
    ) -> None:
        self.loss, self.optimizer = loss, optimizer
        self.settings = settings or self._by_name
        weights, self.spec = tree_flatten(parameters)
        self.hyper, self.hyper_spec = tree_flatten(hyper)
        self.hyper = [h if isinstance(h, Tensor) else _C.tensor(h) for h in self.hyper]
        self.count = len(weights)
        state = optimizer.init([weight.detach() for weight in weights])
        self.rows = len(state)
        self.start: list[Tensor] = [*weights, *(tensor for row in state for tensor in row)]

    def _by_name(self, hyper: Any) -> dict[str, Any]:
        if not isinstance(hyper, dict):
            return {}
        return {name: value for name, value in hyper.items() if name in self.optimizer.settings}

    def without_history(self, values: list[Tensor]) -> list[Tensor]:
        """Values and hyperparameters off the tape."""
        return [tensor.detach() for tensor in [*values, *self.hyper]]

    def parts(self, values: list[Tensor]) -> tuple[list[Tensor], list[list[Tensor]]]:
        """The parameters and the state."""
        n = self.count
        return values[:n], [values[n * (row + 1) : n * (row + 2)] for row in range(self.rows)]

    def steps(
        self, given: Sequence[Tensor], batches: Sequence[Any], first: int
    ) -> tuple[list[Tensor], Tensor]:
        """The values after some steps, and their losses; on the tape where that is being recorded."""
        recorded = _C.is_grad_enabled()
        split = self.count * (self.rows + 1)
        values = list(given[:split])
        hyper = tree_unflatten(given[split:], self.hyper_spec)
        settings = self.settings(hyper)
        losses = []
        for number, batch in enumerate(batches, first):
            weights, state = self.parts(values)
            with enable_grad():
                tracked = [
                    w if w.requires_grad and recorded else w.detach().requires_grad_() for w in weights
                ]
                loss = self.loss(tree_unflatten(tracked, self.spec), hyper, batch)
                slopes = _C._grad([loss], tracked, create_graph=recorded, materialize_grads=True)
            step = self.optimizer.step(weights, list(slopes), state, number, **settings)
            values = [*step.parameters, *(tensor for row in step.state for tensor in row)]
            losses.append(loss.detach().reshape(1))
            if not recorded:
                # Nobody will ask for this step's graph: it need not grow.
                _C.realize(*values)
        return values, _C.cat(losses)


class _Segment(Function):
    """Some steps that are done again in the backward pass."""

    _st_is_ours = True

    @staticmethod
    def forward(
        ctx: Any, run: _Run, batches: Sequence[Any], first: int, *given: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.run, ctx.batches, ctx.first = run, batches, first
        ctx.random = _C.get_rng_state()
        ctx.save_for_backward(*given)
        values, losses = run.steps([tensor.detach() for tensor in given], batches, first)
        ctx.mark_non_differentiable(losses)
        return (*values, losses)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        again = _C.is_grad_enabled()
        needed = ctx.needs_input_grad[3:]
        now = _C.get_rng_state()
        with enable_grad():
            # Views of their own: one may have been computed from another.
            given = [
                tensor.view_as(tensor)
                if again and tensor.requires_grad
                else tensor.detach().requires_grad_(wanted)
                for tensor, wanted in zip(ctx.saved_tensors, needed, strict=True)
            ]
            _C.set_rng_state(ctx.random)
            try:
                values, _ = ctx.run.steps(given, ctx.batches, ctx.first)
            finally:
                _C.set_rng_state(now)
        kept = [i for i, value in enumerate(values) if value.requires_grad]
        wanted = [i for i, yes in enumerate(needed) if yes]
        found = _C._grad(
            [values[i] for i in kept],
            [given[i] for i in wanted],
            [gradients[i] for i in kept],
            create_graph=again,
            materialize_grads=True,
        )
        answers: list[Tensor | None] = [None] * len(given)
        for i, gradient in zip(wanted, found, strict=True):
            answers[i] = gradient
        return (None, None, None, *answers)
