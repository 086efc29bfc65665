"""Modules called with other parameters than their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import contextmanager

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["functional_call", "stack_module_state"]

State = Mapping[str, Tensor]


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: State | Sequence[State],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Calls a module with these tensors in place of its parameters and buffers, which come back afterwards."""
    if isinstance(parameter_and_buffer_dicts, Mapping):
        state = (
            parameter_and_buffer_dicts
            if isinstance(parameter_and_buffer_dicts, dict)
            else dict(parameter_and_buffer_dicts)
        )
    elif isinstance(parameter_and_buffer_dicts, Sequence):
        state = {}
        for part in parameter_and_buffer_dicts:
            if not isinstance(part, Mapping):
                raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
            twice = [name for name in part if name in state]
            if twice:
                raise ValueError(
                    f"{twice} appeared in multiple dictionaries; behavior of functional call is ambiguous"
                )
            state.update(part)
    else:
        raise ValueError(
            "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
            f"{type(parameter_and_buffer_dicts)}"
        )
    given = () if args is None else args if isinstance(args, tuple) else (args,)
    with _replaced(module, state, tie_weights, strict):
        return module(*given, **(kwargs or {}))


def _places(module: Any) -> dict[str, tuple[dict[str, Any], str]]:
    """Where each parameter and buffer is kept."""
    found = {}
    for prefix, part in module.named_modules(remove_duplicate=False):
        start = f"{prefix}." if prefix else ""
        for kept in (part._parameters, part._buffers):
            found.update({start + name: (kept, name) for name in kept})
    return found


_NOTHING = object()


def _exchanged(module: Any, name: str, value: Any) -> Any:
    """Puts a tensor, or nothing, where a name says; gives what was there. A name may be new to the module."""
    *path, key = name.split(".")
    for part in path:
        if not hasattr(module, part):
            raise AttributeError(f"{type(module).__name__} has no attribute `{part}`")
        module = getattr(module, part)
    from spiraltorch_rs.nn.parameter import Parameter

    if not (isinstance(value, Tensor) or value is None or value is _NOTHING):
        raise TypeError(f"{value} is not an instance of torch.Tensor")
    for kept in (module._parameters, module._buffers):
        if key in kept:
            old = kept[key]
            if value is _NOTHING:
                del kept[key]
            else:
                kept[key] = value
            return old
    old = vars(module).get(key, _NOTHING)
    if not (old is _NOTHING or isinstance(old, Tensor)):
        raise TypeError(f"attribute `{name}`: {old} is not an instance of torch.Tensor")
    if old is _NOTHING and isinstance(value, Parameter):
        module._parameters[key] = value
    elif value is _NOTHING:
        delattr(module, key)
    else:
        object.__setattr__(module, key, value)
    return old


@contextmanager
def _replaced(module: Any, given: dict[str, Any], tie_weights: bool, strict: bool) -> Iterator[None]:
    state = _tied(_places(module), given) if tie_weights else dict(given)
    if strict:
        places = _places(module)
        wrong = {
            "Unexpected": sorted(name for name in state if name not in places),
            "Missing": sorted(
                n for n, (kept, key) in places.items() if n not in state and kept[key] is not None
            ),
        }
        texts = [f"{kind} key(s): {', '.join(map(repr, names))}." for kind, names in wrong.items() if names]
        if texts:
            raise RuntimeError(
                "\n\t".join([f"Error(s) in reparametrizing for {type(module).__name__}:", *texts])
            )
    before: dict[str, Any] = {}
    try:
        for name, value in state.items():
            before[name] = _exchanged(module, name, value)
        yield
    finally:
        for name, old in reversed(before.items()):
            now = _exchanged(module, name, old)
            # What the call assigned is the caller's, in the dictionary that was given.
            if name in given and isinstance(now, Tensor):
                given[name] = now


def _tied(places: dict[str, tuple[dict[str, Any], str]], state: dict[str, Any]) -> dict[str, Any]:
    """Names of one tensor are given the same replacement."""
    owners: dict[int, list[str]] = {}
    for name, (kept, key) in places.items():
        if kept[key] is not None:
            owners.setdefault(id(kept[key]), []).append(name)
    tied = dict(state)
    for names in owners.values():
        given = [name for name in names if name in state]
        if len(names) == 1 or not given:
            continue
        if any(state[name] is not state[given[0]] for name in given):
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(given)}, which are tied. Consider using "
                "tie_weights=False"
            )
        tied.update(dict.fromkeys(names, state[given[0]]))
    return tied


def stack_module_state(models: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the buffers of some models of one architecture, stacked, for `vmap`."""
    models = list(models)
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({model.training for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if any(type(model) is not type(models[0]) for model in models):
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    every = [dict(model.named_parameters()) for model in models]
    parameters = {name: _stacked([one[name] for one in every]) for name in every[0]}
    every = [dict(model.named_buffers()) for model in models]
    buffers = {name: _stacked([one[name] for one in every]) for name in every[0]}
    return parameters, buffers


def _stacked(tensors: list[Any]) -> Tensor:
    wanted = {tensor.requires_grad for tensor in tensors}
    if len(wanted) > 1:
        raise RuntimeError(
            "stack_module_state: Expected the parameters of a name to have the same .requires_grad in all models"
        )
    return _C.stack([tensor.detach() for tensor in tensors]).requires_grad_(wanted.pop())
