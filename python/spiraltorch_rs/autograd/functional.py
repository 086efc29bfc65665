"""Jacobians, Hessians and products with them, of a function at a point."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.grad_mode import enable_grad

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tensors = tuple[Tensor, ...]
Given = Tensor | Sequence[Tensor]


def _as_tuple(given: Any, what: str, name: str) -> tuple[bool, Tensors]:
    """Whether it was several, and the tensors."""
    several = isinstance(given, tuple)
    tensors = given if several else (given,)
    for i, tensor in enumerate(tensors):
        if not isinstance(tensor, Tensor):
            place = f"The value at index {i} in" if several else ""
            raise TypeError(
                f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the given {what} "
                f"has type {type(tensor)}. {place}".strip()
            )
    return several, tensors


def _tracked(tensors: Tensors, keep: bool) -> Tensors:
    """Tensors of our own on the tape: with their history if it is to be kept, else as leaves."""
    return tuple(
        tensor.view_as(tensor) if keep and tensor.requires_grad else tensor.detach().requires_grad_()
        for tensor in tensors
    )


def _finished(tensors: Sequence[Tensor], keep: bool) -> Tensors:
    return tuple(tensors) if keep else tuple(tensor.detach() for tensor in tensors)


def _as_given(several: bool, tensors: Any) -> Any:
    return tuple(tensors) if several else tensors[0]


def _expect_recorded(outputs: Tensors, strict: bool, what: str = "user-provided function") -> None:
    for i, out in enumerate(outputs):
        if strict and not out.requires_grad:
            raise RuntimeError(
                f"Output {i} of the {what} does not require gradients. The outputs must be computed in a "
                "differentiable manner from the input when running in strict mode."
            )


def _grad(
    outputs: Sequence[Tensor],
    inputs: Tensors,
    vectors: Sequence[Tensor | None] | None = None,
    create_graph: bool = False,
) -> list[Tensor | None]:
    """Gradients, `None` where an input is not part of the outputs."""
    kept = [i for i, out in enumerate(outputs) if out.requires_grad]
    wanted = [i for i, tensor in enumerate(inputs) if tensor.requires_grad]
    found: list[Tensor | None] = [None] * len(inputs)
    if kept and wanted:
        chosen = None if vectors is None else [vectors[i] for i in kept]
        given = _C._grad(
            [outputs[i] for i in kept],
            [inputs[i] for i in wanted],
            chosen,
            retain_graph=True,
            create_graph=create_graph,
            allow_unused=True,
        )
        for i, gradient in zip(wanted, given, strict=True):
            found[i] = gradient
    return found


def _filled(
    found: Sequence[Tensor | None], like: Tensors, strict: bool, create_graph: bool, what: str
) -> list[Tensor]:
    """Zeros in place of what does not depend on the inputs, which strict mode refuses."""
    done = []
    for i, (gradient, tensor) in enumerate(zip(found, like, strict=True)):
        if gradient is None and strict:
            raise RuntimeError(
                f"The output of the user-provided function is independent of input {i}. This is not allowed in "
                f"strict mode ({what})."
            )
        if gradient is not None and strict and create_graph and not gradient.requires_grad:
            raise RuntimeError(
                f"The {what} of the user-provided function with respect to input {i} is independent of the input. "
                "This is not allowed in strict mode when create_graph=True."
            )
        done.append(_C.zeros_like(tensor) if gradient is None else gradient)
    return done


def _vectors(v: Any, like: Tensors, several: bool, name: str, owner: str) -> Tensors:
    """The vectors for some tensors, checked; ones where a single element needs none."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(f"The vector v can only be None if {owner} with a single element.")
        return (_C.ones_like(like[0]),)
    _, vectors = _as_tuple(v, "v", name)
    if len(vectors) != len(like):
        if several:
            raise RuntimeError(
                f"v is a tuple of invalid length: should be {len(like)} but got {len(vectors)}."
            )
        raise RuntimeError("The given v should contain a single Tensor.")
    for i, (vector, tensor) in enumerate(zip(vectors, like, strict=True)):
        if vector.shape != tensor.shape:
            which = f"Entry {i} in v" if several else "v"
            raise RuntimeError(f"{which} has invalid size: should be {tensor.shape} but got {vector.shape}.")
    return vectors


def vjp(
    func: Callable[..., Any], inputs: Given, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The outputs of `func`, and the vector `v` times its Jacobian.

    >>> import spiraltorch_rs as st
    >>> st.autograd.functional.vjp(lambda x: x**2, st.tensor([1.0, 2.0]), st.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    with enable_grad():
        several, tensors = _as_tuple(inputs, "inputs", "vjp")
        tensors = _tracked(tensors, create_graph)
        many, outputs = _as_tuple(func(*tensors), "outputs of the user-provided function", "vjp")
        _expect_recorded(outputs, strict)
        vectors = _vectors(v, outputs, many, "vjp", "the user-provided function returns a single Tensor")
    found = _grad(outputs, tensors, vectors, create_graph)
    products = _filled(found, tensors, strict, create_graph, "vjp")
    return _as_given(many, _finished(outputs, create_graph)), _as_given(
        several, _finished(products, create_graph)
    )


def _push(
    outputs: Tensors, inputs: Tensors, tangents: Tensors, create_graph: bool, strict: bool, what: str
) -> list[Tensor]:
    """The Jacobian times tangents: its other product is linear in the vector, whose gradient this is."""
    with enable_grad():
        vectors = tuple(_C.zeros_like(out).requires_grad_() for out in outputs)
        back = _grad(outputs, inputs, vectors, True)
        zeros = [_C.zeros_like(tensor) for tensor in inputs]
        pulled = [zero if g is None else g for g, zero in zip(back, zeros, strict=True)]
        _expect_recorded(tuple(pulled), strict and any(g is not None for g in back), f"{what} (its gradient)")
    found = _grad(pulled, vectors, tangents, create_graph)
    return _filled(found, outputs, strict, create_graph, what)


def jvp(
    func: Callable[..., Any], inputs: Given, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The outputs of `func`, and its Jacobian times the vector `v`.

    >>> import spiraltorch_rs as st
    >>> st.autograd.functional.jvp(lambda x: x**2, st.tensor([1.0, 2.0]), st.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    with enable_grad():
        several, tensors = _as_tuple(inputs, "inputs", "jvp")
        tensors = _tracked(tensors, create_graph)
        vectors = _vectors(
            v, tensors, several, "jvp", "the input to the user-provided function is a single Tensor"
        )
        many, outputs = _as_tuple(func(*tensors), "outputs of the user-provided function", "jvp")
        _expect_recorded(outputs, strict)
    products = _push(outputs, tensors, vectors, create_graph, strict, "jvp")
    return _as_given(many, _finished(outputs, create_graph)), _as_given(
        many, _finished(products, create_graph)
    )


def jacobian(
    func: Callable[..., Any],
    inputs: Given,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of `func`: for each output, the derivatives by each input.

    >>> import spiraltorch_rs as st
    >>> st.autograd.functional.jacobian(lambda x: x**2, st.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more '
            'outputs than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use '
            '"reverse-mode".'
        )
    if strategy == "forward-mode" and create_graph:
        raise NotImplementedError(
            'torch.autograd.functional.jacobian: `create_graph=True` and `strategy="forward-mode"` are not '
            'supported together (yet). Please either set `create_graph=False` or `strategy="reverse-mode"`.'
        )
    if strict and (vectorize or strategy == "forward-mode"):
        raise RuntimeError(
            "torch.autograd.functional.jacobian: `strict=True` and `vectorize=True` are not supported together. "
            "Please either set `strict=False` or `vectorize=False`."
        )
    if strategy == "forward-mode" and not vectorize:
        raise NotImplementedError(
            'torch.autograd.functional.jacobian: `vectorize=False` and `strategy="forward-mode"` are not '
            'supported together (yet). Please either set `vectorize=True` or `strategy="reverse-mode"`.'
        )
    with enable_grad():
        several, tensors = _as_tuple(inputs, "inputs", "jacobian")
        tensors = _tracked(tensors, create_graph)
        many, outputs = _as_tuple(func(*tensors), "outputs of the user-provided function", "jacobian")
        _expect_recorded(outputs, strict)
        columns_first = strategy == "forward-mode"
        make = _columns if columns_first else _rows_at_once if vectorize else _rows
        rows = [
            _as_given(several, _finished(blocks, create_graph))
            for blocks in make(outputs, tensors, create_graph, strict)
        ]
    return _as_given(many, rows)


def _rows(outputs: Tensors, inputs: Tensors, create_graph: bool, strict: bool) -> list[list[Tensor]]:
    """Row after row."""
    blocks = []
    for i, out in enumerate(outputs):
        rows: list[list[Tensor]] = [[] for _ in inputs]
        for element in out.reshape(-1).unbind():
            found = _grad([element], inputs, None, create_graph)
            for row, gradient, tensor, j in zip(rows, found, inputs, range(len(inputs)), strict=True):
                if gradient is None and strict:
                    raise RuntimeError(
                        f"Output {i} of the user-provided function is independent of input {j}. This is not "
                        "allowed in strict mode."
                    )
                if gradient is not None and strict and create_graph and not gradient.requires_grad:
                    raise RuntimeError(
                        f"The jacobian of the user-provided function is independent of input {j}. This is not "
                        "allowed in strict mode when create_graph=True."
                    )
                row.append(_C.zeros_like(tensor) if gradient is None else gradient)
        blocks.append(
            [
                _C.stack(row).reshape((*out.shape, *tensor.shape))
                if row
                else _C.zeros(*out.shape, *tensor.shape, dtype=tensor.dtype)
                for row, tensor in zip(rows, inputs, strict=True)
            ]
        )
    return blocks


def _rows_at_once(outputs: Tensors, inputs: Tensors, create_graph: bool, strict: bool) -> list[list[Tensor]]:
    """The rows as a batch."""
    from spiraltorch_rs.func._jacobian import unit_vectors
    from spiraltorch_rs.func._vmap import vmap

    blocks = []
    for out in outputs:

        def pull(vector: Tensor, out: Tensor = out) -> Tensors:
            found = _grad([out], inputs, [vector], create_graph)
            return tuple(
                _C.zeros_like(tensor) if g is None else g for g, tensor in zip(found, inputs, strict=True)
            )

        found = vmap(pull)(unit_vectors(out.detach()))
        blocks.append([g.reshape((*out.shape, *t.shape)) for g, t in zip(found, inputs, strict=True)])
    return blocks


def _columns(outputs: Tensors, inputs: Tensors, create_graph: bool, strict: bool) -> list[list[Tensor]]:
    """The columns as a batch."""
    from spiraltorch_rs.func._jacobian import unit_vectors
    from spiraltorch_rs.func._vmap import vmap

    columns = []
    for number, tensor in enumerate(inputs):

        def push(tangent: Tensor, number: int = number) -> Tensors:
            tangents = [_C.zeros_like(other) for other in inputs]
            tangents[number] = tangent
            return tuple(_push(outputs, inputs, tuple(tangents), create_graph, False, "jacobian"))

        found = vmap(push, out_dims=-1)(unit_vectors(tensor.detach()))
        columns.append(
            [g.reshape((*out.shape, *tensor.shape)) for g, out in zip(found, outputs, strict=True)]
        )
    return [list(row) for row in zip(*columns, strict=True)]


def _depending(slopes: Sequence[Tensor], strict: bool) -> Sequence[Tensor]:
    """First derivatives, which strict mode wants to depend on the inputs."""
    for i, slope in enumerate(slopes):
        if strict and not slope.requires_grad:
            raise RuntimeError(
                f"While computing the hessian, the jacobian of the user-provided function with respect to input {i} is "
                "independent of the input. This is not allowed in strict mode."
            )
    return slopes


def _expect_scalar(outputs: Any, name: str) -> Tensor:
    several, tensors = _as_tuple(outputs, "outputs of the user-provided function", name)
    if (several and len(tensors) != 1) or (not several and not isinstance(outputs, Tensor)):
        raise RuntimeError(f"The function given to {name} should return a single Tensor")
    (out,) = tensors
    if out.numel() != 1:
        raise RuntimeError(
            f"The Tensor returned by the function given to {name} should contain a single element"
        )
    return out.reshape(())


def hessian(
    func: Callable[..., Any],
    inputs: Given,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The Hessian of `func`, which gives a single element.

    >>> import spiraltorch_rs as st
    >>> st.autograd.functional.hessian(lambda x: (x**3).sum(), st.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    several, _ = _as_tuple(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def scalar(*tensors: Tensor) -> Tensor:
        out = _expect_scalar(func(*tensors), "hessian")
        _expect_recorded((out,), strict)
        return out

    def gradient(*tensors: Tensor) -> Any:
        if outer_jacobian_strategy == "forward-mode":
            tensors = tuple(tensor.requires_grad_(True) for tensor in tensors)
        found = jacobian(scalar, tensors, create_graph=True)
        return _depending(found, strict) if several else _depending(found, strict)[0]

    return jacobian(
        gradient,
        inputs,
        create_graph=create_graph,
        strict=strict,
        vectorize=vectorize,
        strategy=outer_jacobian_strategy,
    )


def vhp(
    func: Callable[..., Any], inputs: Given, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The value of `func`, and the vector `v` times its Hessian.

    >>> import spiraltorch_rs as st
    >>> st.autograd.functional.vhp(lambda x: (x**3).sum(), st.tensor([1.0, 2.0]), st.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    with enable_grad():
        several, tensors = _as_tuple(inputs, "inputs", "vhp")
        tensors = _tracked(tensors, create_graph)
        vectors = _vectors(
            v, tensors, several, "vhp", "the input to the user-provided function is a single Tensor"
        )
        result = func(*tensors)
        out = _expect_scalar(result, "vhp")
        _expect_recorded((out,), strict)
        slopes = _depending(
            _filled(_grad([out], tensors, None, True), tensors, strict, False, "gradient"), strict
        )
    found = _grad(slopes, tensors, vectors, create_graph)
    products = _filled(found, tensors, strict, create_graph, "hessian")
    value = result[0] if isinstance(result, tuple) else result
    return _finished([value], create_graph)[0], _as_given(several, _finished(products, create_graph))


def hvp(
    func: Callable[..., Any], inputs: Given, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The value of `func`, and its Hessian times the vector `v`.

    >>> import spiraltorch_rs as st
    >>> st.autograd.functional.hvp(lambda x: (x**3).sum(), st.tensor([1.0, 2.0]), st.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    with enable_grad():
        several, tensors = _as_tuple(inputs, "inputs", "hvp")
        tensors = _tracked(tensors, create_graph)
        vectors = _vectors(
            v, tensors, several, "hvp", "the input to the user-provided function is a single Tensor"
        )
        result = func(*tensors)
        out = _expect_scalar(result, "hvp")
        _expect_recorded((out,), strict)
        slopes = _depending(
            _filled(_grad([out], tensors, None, True), tensors, strict, False, "gradient"), strict
        )
    products = _push(tuple(slopes), tensors, vectors, create_graph, strict, "hessian")
    value = result[0] if isinstance(result, tuple) else result
    return _finished([value], create_graph)[0], _as_given(several, _finished(products, create_graph))
