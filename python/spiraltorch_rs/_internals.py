"""Names in `torch._C` that programs and libraries use although they are torch's inside."""

from __future__ import annotations

import os
from types import SimpleNamespace

from spiraltorch_rs import _C

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _parse_to(*args: Any, **kwargs: Any) -> tuple[Any, Any, bool, Any]:
    """Device, dtype, `non_blocking` and `memory_format` from what `Tensor.to` accepts."""
    from spiraltorch_rs.nn.modules.module import _parsed_to

    return _parsed_to(*args, **kwargs)


def _undefined_grad() -> Any:
    """A function of a tensor that gives it back, and no gradient."""
    from spiraltorch_rs.autograd.gradcheck import _Undefined

    return _Undefined.apply


def _delayed_error(message: str, num_inputs: int) -> Any:
    """A function of tensors that gives them back, and an error in the backward pass."""
    from spiraltorch_rs.autograd.function import Function

    class Error(Function):
        _st_is_ours = True

        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            made = tuple(tensor.view_as(tensor) for tensor in tensors)
            return made if num_inputs > 1 else made[0]

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            raise RuntimeError(message)

    return Error.apply


def install() -> None:
    """Puts the names in place."""
    from spiraltorch_rs.accelerator import current_accelerator
    from spiraltorch_rs.autograd import forward_ad, graph

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_C._forked)
    for name, value in {
        "_nn": SimpleNamespace(_parse_to=_parse_to),
        "_functions": SimpleNamespace(
            AccumulateGrad=_C._node_class("AccumulateGrad"),
            DelayedError=_delayed_error,
            UndefinedGrad=_undefined_grad,
        ),
        "_autograd": SimpleNamespace(
            _saved_tensors_hooks_is_enabled=lambda: not graph._disabled,
            _saved_tensors_hooks_disable=graph._disabled.append,
            _saved_tensors_hooks_enable=graph._disabled.clear,
        ),
        "_get_accelerator": lambda check=None: current_accelerator() or _C.device("cpu"),
        "_is_fwd_grad_enabled": forward_ad._is_fwd_grad_enabled,
        "_set_fwd_grad_enabled": forward_ad._set_fwd_grad_enabled,
    }.items():
        setattr(_C, name, value)
