"""Which modules of a model become units: policies for `auto_wrap_policy`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from spiraltorch_rs.nn.modules.module import Module

__all__ = [
    "CustomPolicy",
    "ModuleWrapPolicy",
    "always_wrap_policy",
    "lambda_auto_wrap_policy",
    "size_based_auto_wrap_policy",
    "transformer_auto_wrap_policy",
]


def always_wrap_policy(*args: Any, **kwargs: Any) -> bool:
    """Every module."""
    return True


def transformer_auto_wrap_policy(
    module: Module, recurse: bool, nonwrapped_numel: int, transformer_layer_cls: Iterable[type[Module]]
) -> bool:
    """Modules of some classes; `functools.partial` says which."""
    return recurse or isinstance(module, tuple(transformer_layer_cls))


def lambda_auto_wrap_policy(
    module: Module, recurse: bool, nonwrapped_numel: int, lambda_fn: Callable[[Module], bool]
) -> bool:
    """Modules for which a function is true."""
    return recurse or lambda_fn(module)


def size_based_auto_wrap_policy(
    module: Module,
    recurse: bool,
    nonwrapped_numel: int,
    min_num_params: int = int(1e8),
    force_leaf_modules: set[type[Module]] | None = None,
    exclude_wrap_modules: set[type[Module]] | None = None,
) -> bool:
    """Modules with so many elements that are not in a unit yet."""
    from spiraltorch_rs.nn import ModuleDict, ModuleList, MultiheadAttention

    leaves = (MultiheadAttention,) if force_leaf_modules is None else tuple(force_leaf_modules)
    excluded = (ModuleList, ModuleDict) if exclude_wrap_modules is None else tuple(exclude_wrap_modules)
    is_large = nonwrapped_numel >= min_num_params
    if recurse:
        return is_large and not isinstance(module, leaves)
    return is_large and not isinstance(module, excluded)


class ModuleWrapPolicy:
    """Modules of some classes."""

    def __init__(self, module_classes: Iterable[type[Module]]) -> None:
        self._classes = tuple(module_classes)

    def __call__(self, module: Module, recurse: bool, *args: Any, **kwargs: Any) -> bool:
        return recurse or isinstance(module, self._classes)


class CustomPolicy:
    """Modules for which a function is true, or gives other options of the unit."""

    def __init__(self, lambda_fn: Callable[[Module], bool | dict[str, Any]]) -> None:
        self._function = lambda_fn

    def options(self, module: Module) -> bool | dict[str, Any]:
        """What the function says of a module."""
        return self._function(module)


def _own_elements(module: Module, unit: type[Module]) -> int:
    """How many elements a module has outside of units."""
    if isinstance(module, unit):
        return 0
    own = sum(p.numel() for p in module._parameters.values() if p is not None)
    return own + sum(_own_elements(child, unit) for child in module._modules.values() if child is not None)


def wrap_inside(module: Module, policy: Any, wrap: Callable[..., Module], unit: type[Module]) -> None:
    """Puts units in the place of modules below a module, the innermost first."""
    for name, child in list(module._modules.items()):
        if child is None or isinstance(child, unit):
            continue
        options: Any = True
        if isinstance(policy, CustomPolicy):
            wrap_inside(child, policy, wrap, unit)
            options = policy.options(child)
        else:
            count = _own_elements(child, unit)
            if policy(module=child, recurse=True, nonwrapped_numel=count):
                wrap_inside(child, policy, wrap, unit)
            options = policy(module=child, recurse=False, nonwrapped_numel=_own_elements(child, unit))
        if options and any(True for _ in child.parameters()):
            module._modules[name] = wrap(child, **(options if isinstance(options, dict) else {}))
