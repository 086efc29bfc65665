"""Jacobians and Hessians: products with all unit vectors at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.func._grad import Argnums, Linear, positions_of
from spiraltorch_rs.func._vmap import vmap
from spiraltorch_rs.utils._pytree import tree_unflatten

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["hessian", "jacfwd", "jacrev"]


def unit_vectors(tensor: Tensor) -> Tensor:
    """A batch of tensors of the shape, with a one at another place in each."""
    count = tensor.numel()
    return _C.eye(count, dtype=tensor.dtype, device=tensor.device).reshape(count, *tensor.shape)


def _expect_real(name: str, what: str, tensors: list[Tensor]) -> None:
    if any(tensor.is_complex() for tensor in tensors):
        raise RuntimeError(
            f"{name}: Expected all {what} to be real but received complex tensor(s). Use view_as_real to see pairs."
        )


def _of_arguments(func: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...], kwargs: Any) -> Any:
    """The function of only the arguments to differentiate by, and these."""
    places = positions_of(argnums, len(args), "jacobian")

    def inner(*wanted: Any) -> Any:
        given = list(args)
        for place, value in zip(places, wanted, strict=True):
            given[place] = value
        return func(*given, **kwargs)

    return inner, tuple(args[place] for place in places)


def jacrev(
    func: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable[..., Any]:
    """A function that gives the Jacobian of `func`, row by row: for more inputs than outputs.

    >>> import spiraltorch_rs as st
    >>> st.func.jacrev(st.exp)(st.zeros(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        inner, primals = _of_arguments(func, argnums, args, kwargs)
        at = Linear("jacrev", inner, primals, has_aux)
        _expect_real("jacrev", "inputs", at.inputs)
        _expect_real("jacrev", "outputs", at.outputs)
        rows = []
        for number, out in enumerate(at.outputs):

            def pull(vector: Tensor, number: int = number) -> tuple[Tensor, ...]:
                vectors: list[Tensor | None] = [_C.zeros_like(other) for other in at.outputs]
                vectors[number] = vector
                return tuple(at.pull(vectors))

            found = vmap(pull, chunk_size=chunk_size)(unit_vectors(out))
            shaped = [
                jacobian.reshape((*out.shape, *leaf.shape))
                for jacobian, leaf in zip(found, at.inputs, strict=True)
            ]
            tree = tree_unflatten(shaped, at.input_spec)
            rows.append(tree[0] if isinstance(argnums, int) else tree)
        jacobian = tree_unflatten(rows, at.output_spec)
        return (jacobian, at.aux) if has_aux else jacobian

    return wrapper


def jacfwd(
    func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """A function that gives the Jacobian of `func`, column by column: for more outputs than inputs.

    >>> import spiraltorch_rs as st
    >>> st.func.jacfwd(st.exp)(st.zeros(2))
    tensor([[1., 0.],
            [0., 1.]])
    """

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        inner, primals = _of_arguments(func, argnums, args, kwargs)
        at = Linear("jacfwd", inner, primals, has_aux)
        _expect_real("jacfwd", "inputs", at.inputs)
        _expect_real("jacfwd", "outputs", at.outputs)
        at.transposed()
        columns = []
        for number, leaf in enumerate(at.inputs):

            def push(tangent: Tensor, number: int = number) -> tuple[Tensor, ...]:
                tangents = [_C.zeros_like(other) for other in at.inputs]
                tangents[number] = tangent
                return tuple(at.push(tangents))

            found = vmap(push, out_dims=-1, randomness=randomness)(unit_vectors(leaf.detach()))
            columns.append(
                [
                    jacobian.reshape((*out.shape, *leaf.shape))
                    for jacobian, out in zip(found, at.outputs, strict=True)
                ]
            )
        rows = []
        for number in range(len(at.outputs)):
            tree = tree_unflatten([column[number] for column in columns], at.input_spec)
            rows.append(tree[0] if isinstance(argnums, int) else tree)
        jacobian = tree_unflatten(rows, at.output_spec)
        return (jacobian, at.aux) if has_aux else jacobian

    return wrapper


def hessian(func: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that gives the second derivatives of `func`.

    >>> import spiraltorch_rs as st
    >>> st.func.hessian(lambda x: (x**3).sum())(st.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)
