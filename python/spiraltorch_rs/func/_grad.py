"""Gradients and products with Jacobians, as functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.grad_mode import tangents as _tangents
from spiraltorch_rs.func._level import Level
from spiraltorch_rs.utils._pytree import TreeSpec, tree_flatten, tree_map, tree_unflatten

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["grad", "grad_and_value", "jvp", "linearize", "vjp"]

Argnums = int | tuple[int, ...]


def _gradients(
    outputs: list[Tensor], inputs: list[Tensor], vectors: list[Tensor | None] | None, create_graph: bool
) -> list[Tensor]:
    """The gradients, zeros where there are none; the tape stays."""
    kept = [i for i, out in enumerate(outputs) if out.requires_grad]
    if not kept or not inputs:
        return [_C.zeros_like(tensor) for tensor in inputs]
    chosen = None if vectors is None else [vectors[i] for i in kept]
    found = _C._grad(
        [outputs[i] for i in kept],
        inputs,
        chosen,
        retain_graph=True,
        create_graph=create_graph,
        materialize_grads=True,
    )
    return list(found)


def expect_tensors(name: str, what: str, leaves: list[Any]) -> None:
    """Refuses what is no tensor."""
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(
                f"{name}: Expected {what} to only contain Tensors, but got a leaf of type {type(leaf).__name__}"
            )


def _expect_outputs(call: str, result: Any, leaves: list[Any]) -> None:
    """Refuses a function that gives no tensors, or something else beside them."""
    if result is None or not leaves:
        raise RuntimeError(
            f"{call}: Expected f to be a function that has non-empty output (got output = {result})"
        )
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(
                f"{call}: expected f(*primals) to return only tensors, got unsupported type {type(leaf).__name__}"
            )


def _expect_aux(aux: Any) -> Any:
    for leaf in tree_flatten(aux)[0]:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(
                f"Expected tensors, got unsupported type {type(leaf).__name__} in the auxiliary output"
            )
    return aux


def positions_of(argnums: Argnums, count: int, name: str = "grad") -> tuple[int, ...]:
    """The arguments to differentiate by, counted from the front."""
    if not isinstance(argnums, int | tuple) or isinstance(argnums, bool):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    given = (argnums,) if isinstance(argnums, int) else argnums
    if not given:
        raise RuntimeError("argnums must be non-empty")
    for number in given:
        if not isinstance(number, int):
            raise RuntimeError(f"argnum must be int, got: {type(number)}")
        if not -count <= number < count:
            raise RuntimeError(f"Got argnum={number}, but only {count} positional inputs")
    places = tuple(number % count for number in given)
    if len(set(places)) < len(places):
        raise RuntimeError(f"argnums elements must be unique, got {argnums}")
    return places


def _split(name: str, result: Any, has_aux: bool) -> tuple[Any, Any]:
    if not has_aux:
        return result, None
    if not (isinstance(result, tuple) and len(result) == 2):
        raise RuntimeError(
            f"{name}: output of function f should be a tuple: (output, aux) if has_aux is True"
        )
    return result


def grad_and_value(
    func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that gives the gradient of `func` and its value.

    >>> import spiraltorch_rs as st
    >>> st.func.grad_and_value(lambda x: x**3)(st.tensor(2.0))
    (tensor(12.), tensor(8.))
    """

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        places = positions_of(argnums, len(args))
        with Level() as level:
            tracked = list(args)
            flat: list[Tensor] = []
            specs: list[TreeSpec] = []
            for place in places:
                leaves, spec = tree_flatten(args[place])
                expect_tensors("grad", "the inputs to differentiate by", leaves)
                leaves = [level.track(leaf) for leaf in leaves]
                tracked[place] = tree_unflatten(leaves, spec)
                flat.extend(leaves)
                specs.append(spec)
            value, aux = _split("grad_and_value(f)(*args)", func(*tracked, **kwargs), has_aux)
            if has_aux:
                _expect_aux(aux)
            if not isinstance(value, Tensor):
                raise RuntimeError(
                    "grad_and_value(f)(*args): Expected f(*args) to return a tensor, "
                    f"got {type(value).__name__}"
                )
            if value.dim() != 0:
                raise RuntimeError(
                    "grad_and_value(f)(*args): Expected f(*args) to return a scalar tensor, got tensor with "
                    f"{value.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
                )
            found = _gradients([value], flat, None, level.leads_outside([value]))
        found = [level.leave(gradient) for gradient in found]
        parts = []
        for spec in specs:
            parts.append(tree_unflatten(found[: spec.num_leaves], spec))
            found = found[spec.num_leaves :]
        gradients = parts[0] if isinstance(argnums, int) else tuple(parts)
        value = level.leave(value)
        if has_aux:
            return gradients, (value, tree_map(level.leave, aux))
        return gradients, value

    return wrapper


def grad(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that gives the gradient of `func`, which gives a scalar tensor.

    >>> import spiraltorch_rs as st
    >>> st.func.grad(st.func.grad(st.sin))(st.tensor(0.0))
    tensor(-0.)
    """
    both = grad_and_value(func, argnums, has_aux)

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        gradients, value = both(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return wrapper


# What torch's errors call the transforms that others are made of.
_CALLS = {
    "jvp": "jvp(f, primals, tangents)",
    "jacfwd": "jvp(f, primals, tangents)",
    "jacrev": "vjp(f, *primals)",
}


class Linear:
    """A function called at a point: its outputs there, and the tape that leads from them to the inputs."""

    def __init__(self, name: str, func: Callable[..., Any], primals: tuple[Any, ...], has_aux: bool) -> None:
        leaves, self.input_spec = tree_flatten(primals)
        expect_tensors(name, "the primals", leaves)
        if not leaves:
            raise RuntimeError(f"{name}: Expected at least one Tensor among the inputs")
        with Level(forward=name != "vjp") as self.level:
            self.inputs = [self.level.track(leaf) for leaf in leaves]
            # Torch's reverse transforms refuse functions that write their inputs; forward ones take them.
            given = self.inputs if name == "vjp" else [self.level.given(leaf) for leaf in self.inputs]
            result = func(*tree_unflatten(given, self.input_spec))
            call = _CALLS.get(name, f"{name}(f, *primals)")
            result, aux = _split(call, result, has_aux)
            self.outputs, self.output_spec = tree_flatten(result)
            _expect_outputs(call, result, self.outputs)
            if has_aux:
                _expect_aux(aux)
        self.aux = tree_map(self.level.leave, aux)

    def result(self) -> Any:
        """The outputs as the caller sees them."""
        return tree_unflatten([self.level.leave(out) for out in self.outputs], self.output_spec)

    def pull(self, vectors: list[Tensor | None], create_graph: bool | None = None) -> list[Tensor]:
        """The vectors times the Jacobian."""
        if create_graph is None:
            known = any(vector is not None and vector.requires_grad for vector in vectors)
            create_graph = _C.is_grad_enabled() and (known or self.level.leads_outside(self.outputs))
        found = _gradients(self.outputs, self.inputs, vectors, create_graph)
        return [self._leave(gradient, vectors) for gradient in found]

    def _leave(self, gradient: Tensor, vectors: list[Tensor | None]) -> Tensor:
        known = any(vector is not None and vector.requires_grad for vector in vectors)
        return gradient if known else self.level.leave(gradient)

    def transposed(self) -> None:
        """Prepares `push`: the product with the Jacobian is linear in the vector, so its own gradient is the
        product from the other side."""
        with self.level:
            self.vectors = [
                self.level.own(_C.zeros_like(out)) if out.requires_grad else None for out in self.outputs
            ]
            with _tangents.walked("linear"):
                found = _gradients(self.outputs, self.inputs, self.vectors, True)
            self.pairs = [(i, g) for i, g in enumerate(found) if g.requires_grad]

    def push(self, tangents: list[Tensor]) -> list[Tensor]:
        """The Jacobian times the tangents."""
        wanted = [vector for vector in self.vectors if vector is not None]
        # (A user's `jvp` may write them.)
        given = [self.level.given(tangents[i]) for i, _ in self.pairs]
        graph = _C.is_grad_enabled() and (
            any(tangent.requires_grad for tangent in tangents) or self.level.leads_outside(self.outputs)
        )
        products = iter(_gradients([g for _, g in self.pairs], wanted, list(given), graph))
        outside = any(tangent.requires_grad for tangent in tangents)
        found = []
        for out, vector in zip(self.outputs, self.vectors, strict=True):
            product = _C.zeros_like(out) if vector is None else next(products)
            found.append(product if outside else self.level.leave(product))
        return found


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of `func` and a function that multiplies vectors with its Jacobian.

    >>> import spiraltorch_rs as st
    >>> value, pull = st.func.vjp(st.exp, st.tensor([0.0, 0.0]))
    >>> pull(st.tensor([1.0, 2.0]))
    (tensor([1., 2.]),)
    """
    at = Linear("vjp", func, primals, has_aux)

    def vjp_fn(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        vectors, spec = tree_flatten(cotangents)
        if spec != at.output_spec:
            raise RuntimeError(
                f"Expected pytree structure of cotangents to be the same as pytree structure of outputs to the "
                f"function. cotangents: {spec}, primal output: {at.output_spec}"
            )
        for vector, out in zip(vectors, at.outputs, strict=True):
            if not isinstance(vector, Tensor) or vector.shape != out.shape:
                raise RuntimeError(
                    f"vjp: Expected the cotangents to have the shapes of the outputs, got "
                    f"{getattr(vector, 'shape', vector)} for {tuple(out.shape)}"
                )
        found = tree_unflatten(at.pull(vectors, create_graph), at.input_spec)
        return found

    return (at.result(), vjp_fn, at.aux) if has_aux else (at.result(), vjp_fn)


def _expect_tangents(name: str, primals: list[Any], tangents: list[Any]) -> None:
    expect_tensors(name, "the tangents", tangents)
    for primal, tangent in zip(primals, tangents, strict=True):
        if primal.shape != tangent.shape:
            raise RuntimeError(
                f"{name}: Expected the tangents to have the shapes of the primals, got {tuple(tangent.shape)} "
                f"for {tuple(primal.shape)}"
            )


def jvp(
    func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> tuple[Any, ...]:
    """The value of `func` and its Jacobian times the tangents.

    >>> import spiraltorch_rs as st
    >>> st.func.jvp(st.exp, (st.tensor(0.0),), (st.tensor(3.0),))
    (tensor(1.), tensor(3.))
    """
    if not isinstance(primals, tuple):
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call "
            f"f(*primals), got {type(primals).__name__}"
        )
    leaves, spec = tree_flatten(tangents)
    primal_leaves, primal_spec = tree_flatten(primals)
    if spec != primal_spec:
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals and tangents to have the same python structure. "
            "For example, if primals is a tuple of 3 tensors, tangents also must be. "
            f"Got primals {primal_spec} and tangents {spec}"
        )
    expect_tensors("jvp", "the primals", primal_leaves)
    _expect_tangents("jvp", primal_leaves, leaves)
    at = Linear("jvp", func, primals, has_aux)
    at.transposed()
    if strict and not all(vector is not None for vector in at.vectors):
        raise RuntimeError(
            "jvp(f, primals, tangents, strict=True): f has an output that does not depend on the inputs"
        )
    products = tree_unflatten(at.push(leaves), at.output_spec)
    return (at.result(), products, at.aux) if has_aux else (at.result(), products)


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of `func` and the function that multiplies its Jacobian with tangents, which costs less than `jvp`.

    >>> import spiraltorch_rs as st
    >>> value, push = st.func.linearize(st.exp, st.tensor(0.0))
    >>> push(st.tensor(3.0))
    tensor(3.)
    """
    at = Linear("linearize", func, primals, False)
    at.transposed()

    def jvp_fn(*tangents: Any) -> Any:
        leaves, spec = tree_flatten(tangents)
        if spec != at.input_spec:
            raise RuntimeError(
                f"linearize: Expected the tangents {spec} to have the same structure as the primals {at.input_spec}"
            )
        _expect_tangents("linearize", at.inputs, leaves)
        return tree_unflatten(at.push(leaves), at.output_spec)

    return at.result(), jvp_fn
