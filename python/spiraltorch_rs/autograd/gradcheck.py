"""Gradients compared with differences of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.function import Function
from spiraltorch_rs.autograd.grad_mode import enable_grad

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


def _parts(x: Tensor) -> Tensor:
    """Complex numbers as pairs of real ones, in the same memory."""
    return _C.view_as_real(x) if x.is_complex() else x


def _checked(inputs: tuple[Any, ...]) -> list[int]:
    """The places of inputs that want a gradient."""
    places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    if not places:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have "
            "requires_grad=True."
        )
    import warnings

    for i in places:
        x = inputs[i]
        if x.dtype not in (_C.float64, _C.complex128):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the inputs are not of double precision floating point or complex. ",
                stacklevel=4,
            )
        if any(step == 0 and size > 1 for step, size in zip(x.stride(), x.shape, strict=True)):
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping to be able to compute the numerical gradients correctly. You should call "
                ".contiguous on the input before passing it to gradcheck."
            )
    return places


def _difference(sides: list[list[Tensor]], eps: float) -> list[Tensor]:
    for a, b in zip(*sides, strict=True):
        for what, one, other in (("shape", a.shape, b.shape), ("dtype", a.dtype, b.dtype)):
            if one != other:
                raise AssertionError(
                    f"Expected `func` to return outputs with the same {what} when inputs are perturbed on index 0 by "
                    f"{eps}, but got {what}s {one} and {other}."
                )
    return [_parts(a - b) / (2 * eps) for a, b in zip(*sides, strict=True)]


def _moved(func: Callable[..., Any], inputs: tuple[Any, ...], i: int, u: Tensor, eps: float) -> list[Tensor]:
    """By central differences: how the outputs move with an input along `u`, which is moved where it stands."""
    memory = _parts(inputs[i].detach())
    before = memory.clone()
    sides = []
    try:
        for step in (eps, -eps):
            memory.copy_(before + u * step)
            sides.append([out.detach().clone() for out in _outputs(func, inputs)])
    finally:
        memory.copy_(before)
    return _difference(sides, eps)


def _now(values: list[Tensor]) -> list[Tensor]:
    """Runs them: one small plan again and again is sooner done than one of all of them."""
    _C.realize(*values)
    return values


def numerical_jacobians(
    func: Callable[..., Any], inputs: tuple[Any, ...], place: int, eps: float
) -> list[Tensor]:
    """By central differences: for each output a matrix of derivatives by the elements of an input."""
    like = _parts(inputs[place].detach())
    if not like.numel():
        outputs = [_parts(out.detach()) for out in _outputs(func, inputs)]
        return [_C.zeros(0, out.numel(), dtype=out.dtype) for out in outputs]
    units = _C.eye(like.numel(), dtype=like.dtype).reshape(like.numel(), *like.shape)
    rows = [_now([d.reshape(-1) for d in _moved(func, inputs, place, unit, eps)]) for unit in units]
    return [_C.stack(list(columns)) for columns in zip(*rows, strict=True)]


def _pull(out: Tensor, tensor: Tensor, vector: Tensor) -> Tensor:
    """A vector, in parts as the output is, times the Jacobian by the tape, in parts as the input is."""
    vector = _C.view_as_complex(vector.contiguous()) if out.is_complex() else vector
    (found,) = _C._grad([out], [tensor], [vector], retain_graph=True, materialize_grads=True)
    return _parts(found.detach())


def analytical_jacobian(out: Tensor, tensor: Tensor) -> Tensor:
    """By the tape: a row for each element of the input, a column for each of the output."""
    like = _parts(out.detach())
    size = _parts(tensor.detach()).numel()
    if not like.numel():
        return _C.zeros(size, 0, dtype=like.dtype)
    units = _C.eye(like.numel(), dtype=like.dtype).reshape(like.numel(), *like.shape)
    # The first pass makes what the others read, and may round it otherwise: it is done again.
    rows = [_now([_pull(out, tensor, unit).reshape(-1)])[0] for unit in (units[0], *units)]
    return _C.stack(rows[1:], 1)


def _direction(x: Tensor, generator: Any) -> Tensor:
    """A random vector of length one, none of its elements negative."""
    like = _parts(x.detach())
    drawn = _C.rand(like.shape, generator=generator, dtype=like.dtype)
    return drawn / drawn.norm() if like.numel() else drawn


def _check_fast(
    func: Callable[..., Any], inputs: tuple[Any, ...], eps: float, atol: float, rtol: float, nondet_tol: float
) -> None:
    """As `_check_backward`, of one random combination of each Jacobian's elements."""
    generator = _C.Generator().manual_seed(0)
    places = _checked(inputs)
    directions = [_direction(inputs[i], generator) for i in places]
    moves = [_moved(func, inputs, i, u, eps) for i, u in zip(places, directions, strict=True)]
    outputs = _outputs(func, inputs)
    _expect_constant([out.requires_grad for out in outputs], moves, eps)
    for i, u, moved in zip(places, directions, moves, strict=True):
        for number, (out, along) in enumerate(zip(outputs, moved, strict=True)):
            if not out.requires_grad:
                continue
            v = _direction(out, generator)
            # The first pass makes what the others read, and may round it otherwise.
            _, found, again = (_now([_pull(out, inputs[i], v)])[0] for _ in range(3))
            _expect_same(found, again, nondet_tol, f"(output {number}, input {i})")
            tolerance = atol * float(u.sum()) * float(v.sum())
            if not _close((found * u).sum(), (along * v).sum(), rtol, tolerance):
                # Which element it is says the slow check.
                _check_backward(func, inputs, eps, atol, rtol, nondet_tol)
                raise GradcheckError(
                    "Fast gradcheck failed but element-wise differences are small. This means that the test "
                    "might've passed in slow_mode!"
                )


def _expect_constant(differentiable: list[bool], moves: list[list[Tensor]], eps: float) -> None:
    """Where no output has a gradient, none may depend on the inputs."""
    if any(differentiable):
        return
    for moved in moves:
        if any(bool((along.abs() > eps).any()) for along in moved):
            raise GradcheckError("Numerical gradient for function expected to be zero")


def _expect_same(found: Tensor, again: Tensor, nondet_tol: float, where: str) -> None:
    """Twice the same backward pass."""
    if not _close(found, again, 0.0, nondet_tol):
        raise GradcheckError(
            "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives "
            "different values, although analytical gradient matches numerical gradient. The tolerance for "
            f"nondeterminism was {nondet_tol} {where}"
        )


def _close(a: Tensor, b: Tensor, rtol: float, atol: float) -> bool:
    return bool(_C.allclose(a.double(), b.double(), rtol, atol))


def _check_backward(
    func: Callable[..., Any], inputs: tuple[Any, ...], eps: float, atol: float, rtol: float, nondet_tol: float
) -> None:
    places = _checked(inputs)
    numerical = [numerical_jacobians(func, inputs, i, eps) for i in places]
    # After the inputs have been moved: what the tape saves must not be written before it is used.
    outputs = _outputs(func, inputs)
    _expect_constant([out.requires_grad for out in outputs], numerical, eps)
    for i, jacobians in zip(places, numerical, strict=True):
        checked = [pair for pair in zip(outputs, jacobians, strict=True) if pair[0].requires_grad]
        for number, (out, expected) in enumerate(checked):
            found = analytical_jacobian(out, inputs[i])
            again = analytical_jacobian(out, inputs[i])
            _expect_same(found, again, nondet_tol, f"(output {number}, input {i})")
            where = f"for output {number} with respect to input {i},\n"
            if found.shape != expected.shape:
                raise GradcheckError(f"Jacobian mismatch {where}shapes {found.shape} and {expected.shape}")
            for part, a, b in _by_part(out, found, expected):
                if not _close(a, b, rtol, atol):
                    raise GradcheckError(f"{part}Jacobian mismatch {where}numerical:{b}\nanalytical:{a}\n")


def _by_part(out: Tensor, found: Tensor, expected: Tensor) -> list[tuple[str, Tensor, Tensor]]:
    """Columns to compare: of complex outputs the imaginary parts, then the real ones."""
    if not out.is_complex():
        return [("", found, expected)]
    text = "While considering the {} part of complex outputs only, "
    return [
        (text.format(part), found[:, start::2], expected[:, start::2])
        for part, start in (("imaginary", 1), ("real", 0))
    ]


def _check_scaled(func: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    """Gradients of zero for all outputs give zeros or nothing."""
    outputs = [out for out in _outputs(func, inputs) if out.requires_grad]
    if not outputs:
        return
    wanted = [x for x in inputs if isinstance(x, Tensor) and x.requires_grad]
    found = _C._grad(outputs, wanted, [_C.zeros_like(out) for out in outputs], allow_unused=True)
    for grad, x in zip(found, wanted, strict=True):
        if grad is None:
            continue
        if bool((grad != 0).any()):
            raise GradcheckError("backward not multiplied by grad_output")
        if grad.shape != x.shape:
            raise GradcheckError("grad is incorrect size")


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


def _check_forward(
    func: Callable[..., Any], inputs: tuple[Any, ...], eps: float, atol: float, rtol: float, fast: bool
) -> None:
    """As `_check_backward`, of real inputs by forward mode; of complex ones by pairs of real numbers."""
    from spiraltorch_rs.autograd.forward_ad import dual_level, make_dual, unpack_dual

    func, inputs = _of_pairs(func, inputs)
    generator = _C.Generator().manual_seed(0)
    places = _checked(inputs)
    for i in places:
        base = inputs[i].detach()
        if fast:
            directions = [_direction(base, generator)]
        else:
            directions = list(_C.eye(base.numel(), dtype=base.dtype).reshape(base.numel(), *base.shape))
        for tangent in directions:
            numerical = _moved(func, inputs, i, tangent, eps)
            given = [x.detach() if isinstance(x, Tensor) else x for x in inputs]
            with dual_level(), enable_grad():
                for j in places:  # with memory of its own, which a function in place may write
                    given[j] = make_dual(given[j], tangent.clone() if j == i else _C.zeros_like(given[j]))
                found = [unpack_dual(out).tangent for out in _outputs(func, tuple(given))]
            for number, (one, expected) in enumerate(zip(found, numerical, strict=True)):
                row = expected.reshape(-1)
                one = _C.zeros_like(row) if one is None else one.reshape(-1)
                if not _close(one, row, rtol, atol):
                    raise GradcheckError(
                        f"Jacobian computed with forward mode mismatch for output {number} with respect to input "
                        f"{i},\nnumerical:{row}\nanalytical:{one}\n"
                    )


class _Undefined(Function):
    """The same tensor, to which no gradient comes."""

    _st_is_ours = True

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        return None


def _check_undefined(func: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    """Where no gradient comes to the outputs, or not to one of them, none or zeros come to the inputs."""
    wanted = [x for x in inputs if isinstance(x, Tensor) and x.requires_grad]
    count = sum(out.requires_grad for out in _outputs(func, inputs))
    for without in (range(count), *([i] for i in range(count) if count > 1)):
        outputs = [out for out in _outputs(func, inputs) if out.requires_grad]
        outputs = [_Undefined.apply(out) if i in without else out for i, out in enumerate(outputs)]
        zeros = [_C.zeros_like(out) for out in outputs]
        fault = ""
        try:
            found = _C._grad(outputs, wanted, zeros, allow_unused=True) if outputs else ()
            if any(grad is not None and bool((grad != 0).any()) for grad in found):
                fault = "Expected all input grads to be undefined or zero when all output grads are undefined or zero"
        except RuntimeError as error:
            fault = f"Expected backward function to handle undefined output grads: {error}"
        if fault:
            import warnings

            warnings.warn(
                "Backwards compatibility: New undefined gradient support checking feature is enabled by default; "
                "check_undefined_grad=False turns it off",
                stacklevel=3,
            )
            raise GradcheckError(fault)


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
    check_batched_forward_grad: bool = False,
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
    if check_batched_forward_grad and not check_forward_ad:
        raise AssertionError("Setting check_batched_forward_grad=True requires check_forward_ad to be True")
    try:
        if check_backward_ad:
            check = _check_fast if fast_mode else _check_backward
            check(func, given, eps, atol, rtol, nondet_tol)
            _check_scaled(func, given)
            if check_undefined_grad:
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
