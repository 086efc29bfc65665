"""Forward-mode differentiation with dual tensors.

A dual tensor is an input on the tape. Its partner is what the tape gives when it is walked twice: the product of a
vector with the Jacobian is linear in the vector, and the gradient of that by the vector is the Jacobian times the
tangents.
"""

from __future__ import annotations

from typing import NamedTuple

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd._decorator import ContextDecorator
from spiraltorch_rs.autograd.grad_mode import enable_grad, tangents

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "UnpackedDualTensor",
    "dual_level",
    "enter_dual_level",
    "exit_dual_level",
    "make_dual",
    "unpack_dual",
]


class UnpackedDualTensor(NamedTuple):
    """The value and the tangent of a dual tensor."""

    primal: Tensor
    tangent: Tensor | None


class _Dual(NamedTuple):
    """A dual tensor as it was made: its version then, and what gradients are taken of."""

    tensor: Tensor
    tangent: Tensor
    version: int
    start: Tensor


class _Duals:
    """The dual tensors of a level and their tangents."""

    def __init__(self) -> None:
        self.since = _C._tape_position()
        self.recorded = _C.is_grad_enabled()
        self.mode = enable_grad()
        self.duals: list[_Dual] = []
        self.leaves: list[Tensor] = []


_levels: list[_Duals] = []


# The innermost level; -1 if there is none.
_current_level = -1
_enabled = True


def _is_fwd_grad_enabled() -> bool:
    return _enabled


class _set_fwd_grad_enabled(ContextDecorator):
    """Whether tensors have tangents inside."""

    def __init__(self, mode: bool) -> None:
        global _enabled
        self.mode, self._before = mode, _enabled
        _enabled = mode

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: Any) -> None:
        global _enabled
        _enabled = self._before

    def clone(self) -> _set_fwd_grad_enabled:
        return _set_fwd_grad_enabled(self.mode)


def enter_dual_level() -> int:
    """Begins a level; there can be one at a time."""
    if _levels:
        raise RuntimeError(
            "Nested forward mode AD is not supported at the moment. Leave the level with exit_dual_level() first."
        )
    _levels.append(_Duals())
    _levels[-1].mode.__enter__()
    tangents.depth += 1
    global _current_level
    _current_level += 1
    return _current_level


def exit_dual_level(*, level: int | None = None) -> None:
    """Ends the level: dual tensors made in it lose their tangents."""
    if level is None:
        level = len(_levels) - 1
    if not _levels or level != len(_levels) - 1:
        raise RuntimeError("Trying to exit a forward AD level that was not the last one that was created.")
    global _current_level
    _current_level -= 1
    tangents.depth -= 1
    _levels.pop().mode.__exit__()


def _level(what: str) -> _Duals:
    if not _levels:
        raise RuntimeError(f"{what} no level exists, make sure to enter_dual_level() first.")
    return _levels[-1]


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """A tensor with a tangent, with which functions are differentiated as they are computed.

    >>> import spiraltorch_rs as st
    >>> from spiraltorch_rs.autograd import forward_ad
    >>> with forward_ad.dual_level():
    ...     forward_ad.unpack_dual(st.exp(forward_ad.make_dual(st.tensor(0.0), st.tensor(3.0)))).tangent
    tensor(3.)
    """
    duals = _level("Trying to create a dual Tensor for forward AD but")
    for name, one in (("primal", tensor), ("tangent", tangent)):
        if not (one.is_floating_point() or one.is_complex()):
            raise ValueError(f"Expected {name} to be floating point or complex, but got: {one.dtype}")
    if unpack_dual(tangent).tangent is not None:
        raise RuntimeError(
            "make_dual: the tangent has a forward gradient at the same level itself; pass what unpack_dual gives of it"
        )
    if tensor.shape != tangent.shape:
        raise RuntimeError(
            "make_dual: Trying to set a forward gradient that has a different size than that of the original Tensor, "
            f"this is not supported. Tensor is of size {list(tensor.shape)} while the given forward gradient is of "
            f"size {list(tangent.shape)}."
        )
    if _C.promote_types(tensor.dtype, tangent.dtype) == tensor.dtype:
        tangent = tangent.to(tensor.dtype)
    else:
        raise RuntimeError(
            f"make_dual: the tangent ({tuple(tangent.shape)}, {tangent.dtype}) must have the shape and the dtype of "
            f"the primal ({tuple(tensor.shape)}, {tensor.dtype})"
        )
    with enable_grad():
        if tensor.requires_grad:
            dual = tensor.view_as(tensor)
        else:
            leaf = tensor.detach().requires_grad_()
            duals.leaves.append(leaf)
            # One step on from the leaf: what is written in place has a tangent, too.
            dual = leaf if leaf.is_complex() else _C._passed_on(leaf)
    duals.duals.append(_Dual(dual, tangent, dual._version, dual if tensor.requires_grad else leaf))
    return dual


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """The value and the tangent of what was computed from dual tensors; no tangent if it does not depend on any."""
    if not (_levels and _enabled):
        return UnpackedDualTensor(tensor, None)
    duals = _levels[-1]
    for dual in duals.duals:
        if dual.tensor is tensor and dual.version == tensor._version:
            return UnpackedDualTensor(tensor if dual.start is tensor else tensor.detach(), dual.tangent)
    if not tensor.requires_grad or not duals.duals:
        return UnpackedDualTensor(tensor, None)
    outside = duals.recorded and bool(_C._leads_outside([tensor], duals.since, duals.leaves))
    primal = tensor if outside else tensor.detach()
    return UnpackedDualTensor(primal, _tangent(tensor, duals, outside))


def set_tangent(tensor: Tensor, tangent: Tensor) -> None:
    """From now on this is the tangent of a result, whatever it was computed from."""
    duals = _levels[-1].duals
    duals[:] = [dual for dual in duals if dual.start is not tensor and dual.tensor is not tensor]
    duals.append(_Dual(tensor, tangent, tensor._version, tensor))


def _tangent(tensor: Tensor, duals: _Duals, outside: bool) -> Tensor | None:
    with enable_grad(), tangents.walked("known"):
        vector = _C.zeros_like(tensor).requires_grad_()
        found = _C._grad(
            [tensor],
            [dual.start for dual in duals.duals],
            [vector],
            retain_graph=True,
            create_graph=True,
            allow_unused=True,
        )
    pairs = [
        (g, t) for g, t in zip(found, (dual.tangent for dual in duals.duals), strict=True) if g is not None
    ]
    if not pairs:
        return None
    pairs = [(g, t) for g, t in pairs if g.requires_grad]
    if not pairs:
        return _C.zeros_like(tensor)
    create_graph = outside or any(t.requires_grad for _, t in pairs)
    tangent: Tensor = _C._grad(
        [g for g, _ in pairs],
        [vector],
        [t for _, t in pairs],
        retain_graph=True,
        create_graph=create_graph,
        materialize_grads=True,
    )[0]
    return tangent if create_graph else tangent.detach()


class dual_level(ContextDecorator):
    """Inside, dual tensors can be made; their tangents end with it."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *error: Any) -> None:
        exit_dual_level()

    def clone(self) -> dual_level:
        return dual_level()
