"""Hooks: handles that take them away, and those around a module's backward pass."""

from __future__ import annotations

import itertools
import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.function import Function

__all__ = ["BackwardHook", "RemovableHandle", "unserializable_hook", "warn_if_has_hooks"]


class RemovableHandle:
    """Takes a hook away: by `remove()`, or at the end of a `with`."""

    _ids = itertools.count()

    def __init__(self, hooks_dict: Any, *, extra_dict: Any = None) -> None:
        self.hooks_dict_ref = weakref.ref(hooks_dict)
        self.id = next(RemovableHandle._ids)
        extra = extra_dict if isinstance(extra_dict, list) else [extra_dict]
        self.extra_dict_ref = tuple(weakref.ref(one) for one in extra if one is not None)

    def remove(self) -> None:
        """Takes the hook away; nothing happens the second time."""
        for reference in (self.hooks_dict_ref, *self.extra_dict_ref):
            hooks = reference()
            if hooks is not None:
                hooks.pop(self.id, None)

    def __getstate__(self) -> tuple[Any, ...]:
        return (self.hooks_dict_ref(), self.id, tuple(one() for one in self.extra_dict_ref))

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        hooks, self.id, extra = state
        self.hooks_dict_ref = weakref.ref(OrderedDict() if hooks is None else hooks)
        self.extra_dict_ref = tuple(weakref.ref(OrderedDict() if one is None else one) for one in extra)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: Any) -> None:
        self.remove()


def unserializable_hook(hook: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a hook that `save` should warn about."""
    hook.__torch_unserializable__ = True  # type: ignore[attr-defined]
    return hook


def warn_if_has_hooks(tensor: Tensor) -> None:
    """Says which hooks of a tensor are left behind when it is saved."""
    for hook in (getattr(tensor, "_backward_hooks", None) or {}).values():
        if not hasattr(hook, "__torch_unserializable__"):
            warnings.warn(f"backward hook {hook!r} on tensor will not be serialized", stacklevel=2)


class _Passing(Function):
    """Nothing but a node of the tape to hang hooks on."""

    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> Any:
        ctx.mark_non_differentiable(*(tensor for tensor in tensors if not tensor.requires_grad))
        return tensors

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients


_Passing.__name__ = _Passing.__qualname__ = "BackwardHookFunction"


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


class BackwardHook:
    """The backward hooks of one call of a module: its inputs and outputs pass through nodes that call them."""

    def __init__(
        self,
        module: Any,
        user_hooks: Iterable[Callable[..., Any]],
        user_pre_hooks: Iterable[Callable[..., Any]],
    ) -> None:
        self.module = module
        self.user_hooks = list(user_hooks)
        self.user_pre_hooks = list(user_pre_hooks)
        self.grad_outputs: tuple[Any, ...] | None = None
        self.input_places: list[int] | None = None
        self.n_inputs = -1

    def setup_input_hook(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The module's inputs, with a node before them."""
        passed, self.input_places = self._pass(args, self._watch_inputs)
        self.n_inputs = len(args)
        return passed

    def setup_output_hook(self, result: Any) -> Any:
        """The module's outputs, with a node behind them."""
        passed, _ = self._pass(_as_tuple(result), self._watch_outputs)
        return passed if isinstance(result, tuple) else passed[0]

    def _pass(
        self, args: tuple[Any, ...], watch: Callable[[Any, list[int], int], None]
    ) -> tuple[tuple[Any, ...], list[int] | None]:
        places = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
        if not any(args[i].requires_grad for i in places):
            return args, None
        passed = list(args)
        for i, tensor in zip(places, _Passing.apply(*(args[i] for i in places)), strict=True):
            passed[i] = tensor
        node = next(passed[i].grad_fn for i in places if passed[i].grad_fn is not None)
        watch(node, places, len(args))
        if type(args) is not tuple and hasattr(args, "_fields"):
            return type(args)(*passed), places
        return tuple(passed), places

    @staticmethod
    def _spread(gradients: Any, places: list[int], count: int) -> tuple[Any, ...]:
        spread = [None] * count
        for i, gradient in zip(places, gradients, strict=True):
            spread[i] = gradient
        return tuple(spread)

    def _watch_inputs(self, node: Any, places: list[int], count: int) -> None:
        def hook(grad_inputs: Any, _: Any) -> Any:
            if self.grad_outputs is None:
                return None  # no gradient reached the outputs
            full = self._call(self._spread(grad_inputs, places, count), self.grad_outputs)
            self.grad_outputs = None
            return tuple(full[i] for i in places)

        node.register_hook(hook)

    def _watch_outputs(self, node: Any, places: list[int], count: int) -> None:
        def hook(gradients: Any) -> Any:
            self.grad_outputs = self._spread(gradients, places, count)
            for user_hook in self.user_pre_hooks:
                replaced = user_hook(self.module, self.grad_outputs)
                if replaced is not None:
                    self._check(replaced, self.grad_outputs, "pre hook", "grad_output")
                    self.grad_outputs = _as_tuple(replaced)
            kept = self.grad_outputs
            if self.input_places is None:  # no input wants a gradient: now is the only time
                if self.user_hooks:
                    warnings.warn(
                        "Full backward hook is firing when gradients are computed with respect to module outputs since "
                        "no inputs require gradients.",
                        stacklevel=5,
                    )
                self._call((None,) * max(self.n_inputs, 0), kept, final=True)
                self.grad_outputs = None
            return tuple(kept[i] for i in places)

        node.register_prehook(hook)

    def _call(
        self, grad_inputs: tuple[Any, ...], grad_outputs: tuple[Any, ...], final: bool = False
    ) -> tuple[Any, ...]:
        for hook in self.user_hooks:
            replaced = hook(self.module, grad_inputs, grad_outputs)
            if replaced is None:
                continue
            if final and not all(one is None for one in _as_tuple(replaced)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or "
                    f"None for all gradients (hook of {type(self.module).__name__})."
                )
            self._check(replaced, grad_inputs, "hook", "grad_input")
            grad_inputs = _as_tuple(replaced)
        return grad_inputs

    @staticmethod
    def _check(replaced: Any, given: tuple[Any, ...], kind: str, what: str) -> None:
        if len(_as_tuple(replaced)) != len(given):
            raise RuntimeError(
                f"Backward {kind} returned an invalid number of {what}, got {len(_as_tuple(replaced))}, but "
                f"expected {len(given)}"
            )
