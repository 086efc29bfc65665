"""Gradients compared with differences of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.grad_mode import enable_grad, no_grad

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(RuntimeError):
    """What a failed check raises."""


def _tensors(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def _is_continuous(x: Any) -> bool:
    return isinstance(x, Tensor) and (x.is_floating_point() or x.is_complex())


def _outputs(func: Callable[..., Any], inputs: tuple[Any, ...]) -> list[Tensor]:
    return [out for out in _tensors(func(*inputs)) if _is_continuous(out)]


def _of_pairs(
    func: Callable[..., Any], inputs: tuple[Any, ...]
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The same function of real numbers: a complex one is a pair, and so is its gradient."""
    is_pair = [isinstance(x, Tensor) and x.is_complex() for x in inputs]

    def of_pairs(*values: Any) -> tuple[Any, ...]:
        given = (
            _C.view_as_complex(x.contiguous()) if pair else x for x, pair in zip(values, is_pair, strict=True)
        )
        found = _tensors(func(*given))
        return tuple(
            _C.view_as_real(out) if isinstance(out, Tensor) and out.is_complex() else out for out in found
        )

    pairs = tuple(
        _C.view_as_real(x.detach()).requires_grad_(x.requires_grad) if pair else x
        for x, pair in zip(inputs, is_pair, strict=True)
    )
    return of_pairs, pairs


def _checked(inputs: tuple[Any, ...], eps: float) -> list[int]:
    """The places of inputs that want a gradient."""
    places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    if not places:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have "
            "requires_grad=True."
        )
    if any(inputs[i].dtype is not _C.float64 for i in places):
        import warnings

        warnings.warn(
            "An input requires gradient and is not a double precision floating point: the check will likely fail. "
            "Use float64.",
            stacklevel=4,
        )
    return places


def numerical_jacobians(
    func: Callable[..., Any], inputs: tuple[Any, ...], place: int, eps: float
) -> list[Tensor]:
    """By central differences: for each output a matrix of derivatives by the elements of an input."""
    given = list(inputs)
    base = inputs[place].detach()
    columns: list[list[Tensor]] = []
    with no_grad():
        for element in range(base.numel()):
            sides = []
            for step in (eps, -eps):
                moved = base.clone().reshape(-1)
                moved[element] += step
                given[place] = moved.reshape(base.shape)
                sides.append([out.clone() for out in _outputs(func, tuple(given))])
            columns.append([((a - b) / (2 * eps)).reshape(-1) for a, b in zip(*sides, strict=True)])
        if not columns:
            given[place] = base
            return [_C.zeros(0, out.numel(), dtype=out.dtype) for out in _outputs(func, tuple(given))]
    return [_C.stack(list(rows)) for rows in zip(*columns, strict=True)]


def analytical_jacobian(out: Tensor, tensor: Tensor) -> Tensor:
    """By the tape: a row for each element of the input, a column for each of the output."""
    if not out.requires_grad:
        return _C.zeros(tensor.numel(), out.numel(), dtype=out.dtype)
    columns = []
    for element in range(out.numel()):
        vector = _C.zeros_like(out).reshape(-1)
        vector[element] = 1
        (found,) = _C._grad(
            [out], [tensor], [vector.reshape(out.shape)], retain_graph=True, materialize_grads=True
        )
        columns.append(found.reshape(-1))
    if not columns:
        return _C.zeros(tensor.numel(), 0, dtype=out.dtype)
    return _C.stack(columns, 1)


def _direction(like: Tensor, generator: Any) -> Tensor:
    """A random vector of length one, none of its elements negative."""
    drawn = _C.rand(like.shape, generator=generator, dtype=like.dtype)
    return drawn / drawn.norm() if like.numel() else drawn


def _moved(func: Callable[..., Any], inputs: tuple[Any, ...], i: int, u: Tensor, eps: float) -> list[Tensor]:
    """By central differences: how the outputs move with an input along `u`."""
    given = list(inputs)
    sides = []
    with no_grad():
        for step in (eps, -eps):
            given[i] = inputs[i].detach() + u * step
            sides.append([out.clone() for out in _outputs(func, tuple(given))])
    return [(a - b) / (2 * eps) for a, b in zip(*sides, strict=True)]


def _check_fast(
    func: Callable[..., Any], inputs: tuple[Any, ...], eps: float, atol: float, rtol: float, nondet_tol: float
) -> None:
    """As `_check_backward`, of one random combination of each Jacobian's elements."""
    generator = _C.Generator().manual_seed(0)
    with enable_grad():
        outputs = _outputs(func, inputs)
    vectors = [_direction(out, generator) for out in outputs]
    for i in _checked(inputs, eps):
        u = _direction(inputs[i].detach(), generator)
        for out, v, moved in zip(outputs, vectors, _moved(func, inputs, i, u, eps), strict=True):
            found = _C.zeros_like(u)
            if out.requires_grad:
                (found,) = _C._grad([out], [inputs[i]], [v], retain_graph=True, materialize_grads=True)
            tolerance = atol * float(u.sum()) * float(v.sum())
            if not _close((found * u).sum(), (moved * v).sum(), rtol, tolerance):
                # Which element it is says the slow check.
                _check_backward(func, inputs, eps, atol, rtol, nondet_tol)
                raise GradcheckError(
                    "Fast gradcheck failed but element-wise differences are small. This means that the test "
                    "might've passed in slow_mode!"
                )


def _close(a: Tensor, b: Tensor, rtol: float, atol: float) -> bool:
    return bool(_C.allclose(a.double(), b.double(), rtol, atol))


def _check_backward(
    func: Callable[..., Any], inputs: tuple[Any, ...], eps: float, atol: float, rtol: float, nondet_tol: float
) -> None:
    places = _checked(inputs, eps)
    with enable_grad():
        outputs = _outputs(func, inputs)
    for i in places:
        numerical = numerical_jacobians(func, inputs, i, eps)
        for number, (out, expected) in enumerate(zip(outputs, numerical, strict=True)):
            found = analytical_jacobian(out, inputs[i])
            if not _close(found, analytical_jacobian(out, inputs[i]), 0.0, nondet_tol):
                raise GradcheckError(
                    f"Backward is not reentrant, i.e., running backward with same input and grad_output multiple "
                    f"times gives different values (output {number}, input {i})"
                )
            if found.shape != expected.shape or not _close(found, expected, rtol, atol):
                raise GradcheckError(
                    f"Jacobian mismatch for output {number} with respect to input {i},\n"
                    f"numerical:{expected}\nanalytical:{found}\n"
                )


def _check_undefined(func: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    """Gradients of zero for all outputs give zeros or nothing."""
    with enable_grad():
        outputs = [out for out in _outputs(func, inputs) if out.requires_grad]
    if not outputs:
        return
    wanted = [x for x in inputs if isinstance(x, Tensor) and x.requires_grad]
    zeros = [_C.zeros_like(out) for out in outputs]
    found = _C._grad(outputs, wanted, zeros, allow_unused=True)
    if any(g is not None and bool((g != 0).any()) for g in found):
        raise GradcheckError("backward not multiplied by grad_output")


def _check_forward(
    func: Callable[..., Any], inputs: tuple[Any, ...], eps: float, atol: float, rtol: float, fast: bool
) -> None:
    from spiraltorch_rs.autograd.forward_ad import dual_level, make_dual, unpack_dual

    generator = _C.Generator().manual_seed(0)
    for i in _checked(inputs, eps):
        base = inputs[i].detach()
        if fast:
            directions = [_direction(base, generator)]
        else:
            directions = list(_C.eye(base.numel(), dtype=base.dtype).reshape(base.numel(), *base.shape))
        for tangent in directions:
            numerical = _moved(func, inputs, i, tangent, eps)
            given = [x.detach() if isinstance(x, Tensor) else x for x in inputs]
            with dual_level(), enable_grad():
                given[i] = make_dual(base, tangent)
                found = [unpack_dual(out).tangent for out in _outputs(func, tuple(given))]
            for number, (one, expected) in enumerate(zip(found, numerical, strict=True)):
                row = expected.reshape(-1)
                one = _C.zeros_like(row) if one is None else one.reshape(-1)
                if not _close(one, row, rtol, atol):
                    raise GradcheckError(
                        f"Jacobian computed with forward mode mismatch for output {number} with respect to input "
                        f"{i},\nnumerical:{row}\nanalytical:{one}\n"
                    )


def _check_batched(func: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    """A batch of gradients gives what they give one after the other."""
    from spiraltorch_rs.func._vmap import vmap

    wanted = [x for x in inputs if isinstance(x, Tensor) and x.requires_grad]
    with enable_grad():
        outputs = [out for out in _outputs(func, inputs) if out.requires_grad]
    for out in outputs:

        def pull(vector: Tensor, out: Tensor = out) -> tuple[Tensor, ...]:
            return tuple(_C._grad([out], wanted, [vector], retain_graph=True, materialize_grads=True))

        vectors = [_C.randn_like(out) for _ in range(2)]
        batched = vmap(pull)(_C.stack(vectors))
        single = [pull(vector) for vector in vectors]
        for one, parts in zip(batched, zip(*single, strict=True), strict=True):
            if not _close(one, _C.stack(list(parts)), 1e-5, 1e-8):
                raise GradcheckError("While testing batched gradients: they differ from single ones")


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_ad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether the gradients of `func` at these inputs are what differences of its values say.

    >>> import spiraltorch_rs as st
    >>> x = st.tensor([1.0, 2.0], dtype=st.float64, requires_grad=True)
    >>> st.autograd.gradcheck(st.sin, (x,))
    True
    """
    given = _tensors(inputs)
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    func, given = _of_pairs(func, given)
    try:
        if check_backward_ad:
            check = _check_fast if fast_mode else _check_backward
            check(func, given, eps, atol, rtol, nondet_tol)
        if check_undefined_grad and check_backward_ad:
            _check_undefined(func, given)
        if check_forward_ad:
            _check_forward(func, given, eps, atol, rtol, fast_mode)
        if check_batched_grad:
            _check_batched(func, given)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """As `gradcheck`, of the gradients: by the inputs and by the gradients of the outputs."""
    given = _tensors(inputs)
    count = len(given)
    outputs = _outputs(func, given)
    if grad_outputs is None:
        vectors = []
        for out in outputs:
            vector = _C.randn(out.shape, dtype=out.dtype)
            if gen_non_contig_grad_outputs:
                vector = _C.stack([vector, vector], -1).select(-1, 1)
            vectors.append(vector.requires_grad_())
    else:
        vectors = list(_tensors(grad_outputs))

    def gradients(*values: Any) -> Any:
        with enable_grad():
            values = (
                tuple(
                    x.detach().requires_grad_()
                    if isinstance(x, Tensor)
                    and _is_continuous(x)
                    and not x.requires_grad
                    and given[i].requires_grad
                    else x
                    for i, x in enumerate(values[:count])
                )
                + values[count:]
            )
            results = _outputs(func, values[:count])
            wanted = [x for x in values[:count] if isinstance(x, Tensor) and x.requires_grad]
            kept = [i for i, out in enumerate(results) if out.requires_grad]
            return _C._grad(
                [results[i] for i in kept],
                wanted,
                [values[count + i] for i in kept],
                create_graph=True,
                materialize_grads=True,
            )

    return gradcheck(
        gradients,
        (*given, *vectors),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        fast_mode=fast_mode,
        masked=masked,
    )
