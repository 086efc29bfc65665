"""The gradient of a fixed point of training: the implicit function theorem."""

from __future__ import annotations

from collections.abc import Callable

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.function import Function, once_differentiable
from spiraltorch_rs.autograd.grad_mode import enable_grad
from spiraltorch_rs.hypergrad.solvers import Solver, Vector, conjugate_gradient
from spiraltorch_rs.utils._pytree import tree_flatten, tree_unflatten

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["implicit"]


def implicit(
    loss: Callable[[Any, Any], Tensor], parameters: Any, hyper: Any, solver: Solver | None = None
) -> Any:
    """Trained parameters as a function of the hyperparameters.

    `parameters` are where the gradient of `loss(parameters, hyper)` is zero. The result has their values; its gradient
    by `hyper` is the one that keeps it there: minus the mixed derivatives times the inverse of the Hessian. The inverse
    is never formed: `solver` (conjugate gradients by default) needs products with the Hessian only.

    >>> import spiraltorch_rs as st
    >>> target = st.tensor(3.0, requires_grad=True)
    >>> w = st.hypergrad.implicit(lambda w, t: (w - t) ** 2, st.tensor(3.0), target)
    >>> st.autograd.grad(w**2, target)
    (tensor(6.),)
    """
    weights, weight_spec = tree_flatten(parameters)
    settings, hyper_spec = tree_flatten(hyper)

    def flat(values: list[Tensor], given: list[Any]) -> Tensor:
        return loss(tree_unflatten(values, weight_spec), tree_unflatten(given, hyper_spec))

    detached = [weight.detach() for weight in weights]
    found = _FixedPoint.apply(flat, solver or conjugate_gradient(), detached, *settings)
    return tree_unflatten(found, weight_spec)


class _FixedPoint(Function):
    """The parameters; their gradient solves a linear system."""

    _st_is_ours = True

    @staticmethod
    def forward(
        ctx: Any,
        loss: Callable[[list[Tensor], list[Any]], Tensor],
        solver: Solver,
        weights: list[Tensor],
        *settings: Any,
    ) -> tuple[Tensor, ...]:
        ctx.loss, ctx.solver, ctx.weights, ctx.settings = loss, solver, weights, settings
        return tuple(weight.view_as(weight) for weight in weights)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        with enable_grad():
            weights = [weight.detach().requires_grad_() for weight in ctx.weights]
            wanted = [i for i, needed in enumerate(ctx.needs_input_grad[3:]) if needed]
            settings = list(ctx.settings)
            for i in wanted:
                settings[i] = settings[i].detach().requires_grad_()
            slopes = list(
                _C._grad([ctx.loss(weights, settings)], weights, create_graph=True, materialize_grads=True)
            )

        def product(vector: Vector) -> Vector:
            return _pulled(slopes, weights, vector)

        solution = ctx.solver(product, list(gradients))
        found = _pulled(slopes, [settings[i] for i in wanted], solution)
        answers: list[Tensor | None] = [None] * len(settings)
        for i, gradient in zip(wanted, found, strict=True):
            answers[i] = -gradient
        return (None, None, None, *answers)


def _pulled(outputs: Vector, inputs: Vector, vector: Vector) -> Vector:
    """A vector times the derivatives; zeros where there are none."""
    kept = [i for i, out in enumerate(outputs) if out.requires_grad]
    if not kept:
        return [_C.zeros_like(tensor) for tensor in inputs]
    found = _C._grad(
        [outputs[i] for i in kept],
        inputs,
        [vector[i] for i in kept],
        retain_graph=True,
        materialize_grads=True,
    )
    return list(found)
