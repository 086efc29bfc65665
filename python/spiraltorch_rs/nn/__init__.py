"""Neural networks: layers, losses, how parameters begin, and helpers."""

from typing import Any

from spiraltorch_rs.nn import attention, functional, grad, init, modules, parameter, utils
from spiraltorch_rs.nn.modules import *  # noqa: F403
from spiraltorch_rs.nn.modules import __all__ as _layers
from spiraltorch_rs.nn.parallel import DataParallel
from spiraltorch_rs.nn.parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter


def factory_kwargs(kwargs: dict[str, Any] | None) -> dict[str, Any]:
    """The arguments that say where and of which dtype a tensor is made."""
    if kwargs is None:
        return {}
    simple = {"device", "dtype", "memory_format"}
    unknown = set(kwargs) - simple - {"factory_kwargs"}
    if unknown:
        raise TypeError(f"unexpected kwargs {unknown}")
    made = dict(kwargs.get("factory_kwargs", {}))
    for name in simple & set(kwargs):
        if name in made:
            raise TypeError(f"{name} specified twice, in **kwargs and in factory_kwargs")
        made[name] = kwargs[name]
    return made


__all__ = [
    *_layers,
    "attention",
    "Buffer",
    "DataParallel",
    "Parameter",
    "UninitializedBuffer",
    "UninitializedParameter",
    "factory_kwargs",
    "functional",
    "grad",
    "init",
    "modules",
    "parameter",
    "utils",
]
