"""What happens when a module is called: hooks before, the forward pass, hooks after."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import spiraltorch_rs.nn.modules.module as shared
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.nn.modules import _hooks
from spiraltorch_rs.utils.hooks import BackwardHook, RemovableHandle


class CallsHooks:
    """The part of `Module` that is about calls and their hooks."""

    _backward_pre_hooks: OrderedDict[int, Callable[..., Any]]
    _backward_hooks: OrderedDict[int, Callable[..., Any]]
    _is_full_backward_hook: bool | None
    _forward_hooks: OrderedDict[int, Callable[..., Any]]
    _forward_hooks_with_kwargs: OrderedDict[int, bool]
    _forward_hooks_always_called: OrderedDict[int, bool]
    _forward_pre_hooks: OrderedDict[int, Callable[..., Any]]
    _forward_pre_hooks_with_kwargs: OrderedDict[int, bool]
    forward: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call_impl(*args, **kwargs)

    def _call_impl(self, *args: Any, **kwargs: Any) -> Any:
        if not (
            self._forward_pre_hooks
            or self._forward_hooks
            or self._backward_hooks
            or self._backward_pre_hooks
            or _hooks.any_for_calls()
        ):
            return self.forward(*args, **kwargs)
        called: set[int] = set()
        try:
            return self._st_call_with_hooks(args, kwargs, called)
        except Exception:
            self._st_call_skipped(args, kwargs, called)
            raise

    def _st_call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any], called: set[int]) -> Any:
        pre, full, plain = self._st_all_backward_hooks()
        args, kwargs = self._st_before(args, kwargs)
        backward = BackwardHook(self, full, pre) if full or pre else None
        if backward is not None:
            args = backward.setup_input_hook(args)
        result = self.forward(*args, **kwargs)
        for key, hook, with_kwargs in self._st_all_forward_hooks():
            called.add(key)
            changed = hook(self, args, kwargs, result) if with_kwargs else hook(self, args, result)
            if changed is not None:
                result = changed
        if backward is not None:
            if not isinstance(result, (Tensor, tuple)):
                warnings.warn(
                    "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but "
                    f"received {type(result)}",
                    stacklevel=3,
                )
            result = backward.setup_output_hook(result)
        if plain:
            self._st_watch_last_operator(args, result, plain)
        return result

    def _st_before(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        for key, hook in (*shared._global_forward_pre_hooks.items(), *self._forward_pre_hooks.items()):
            if key in self._forward_pre_hooks_with_kwargs:
                changed = hook(self, args, kwargs)
                if changed is None:
                    continue
                if not (isinstance(changed, tuple) and len(changed) == 2):
                    raise RuntimeError(
                        f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                    )
                args, kwargs = changed
            else:
                changed = hook(self, args)
                if changed is not None:
                    args = changed if isinstance(changed, tuple) else (changed,)
        return args, kwargs

    def _st_all_forward_hooks(self) -> list[tuple[int, Callable[..., Any], bool]]:
        flags = shared._global_forward_hooks_with_kwargs
        everywhere = [(key, hook, key in flags) for key, hook in shared._global_forward_hooks.items()]
        return everywhere + [
            (key, hook, key in self._forward_hooks_with_kwargs) for key, hook in self._forward_hooks.items()
        ]

    def _st_call_skipped(self, args: tuple[Any, ...], kwargs: dict[str, Any], called: set[int]) -> None:
        """After an error: the hooks that asked to be called always."""
        for key, hook, with_kwargs in self._st_all_forward_hooks():
            asked = (shared._global_forward_hooks_always_called, self._forward_hooks_always_called)
            if key in called or not any(key in flags for flags in asked):
                continue
            try:
                hook(self, args, kwargs, None) if with_kwargs else hook(self, args, None)
            except Exception as error:
                warnings.warn(
                    "module forward hook with ``always_call=True`` raised an exception that was silenced as "
                    f"another error was raised in forward: {error}",
                    stacklevel=4,
                )

    def _st_all_backward_hooks(self) -> tuple[list[Any], list[Any], list[Any]]:
        pre = [*shared._global_backward_pre_hooks.values(), *self._backward_pre_hooks.values()]
        everywhere, own = list(shared._global_backward_hooks.values()), list(self._backward_hooks.values())
        all_full, own_full = shared._global_is_full_backward_hook, self._is_full_backward_hook
        full = (everywhere if all_full else []) + (own if own_full else [])
        plain = ([] if all_full else everywhere) + ([] if own_full else own)
        return pre, full, plain

    def _st_watch_last_operator(self, args: tuple[Any, ...], given: Any, hooks: list[Any]) -> None:
        """The old kind of backward hooks hangs on the node of the first tensor of the result."""
        result = given
        while not isinstance(result, Tensor):
            result = next(iter(result.values())) if isinstance(result, dict) else result[0]
        if result.grad_fn is None:
            return
        _hooks.warn_of_missing(args, given, result.grad_fn)
        for hook in hooks:

            def call(grad_inputs: Any, grad_outputs: Any, hook: Any = hook) -> Any:
                return hook(self, grad_inputs, grad_outputs)

            result.grad_fn.register_hook(call)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Calls `hook(module, args)` before `forward`; it may give other arguments."""
        handle = RemovableHandle(self._forward_pre_hooks, extra_dict=self._forward_pre_hooks_with_kwargs)
        self._forward_pre_hooks[handle.id] = hook
        if with_kwargs:
            self._forward_pre_hooks_with_kwargs[handle.id] = True
        if prepend:
            self._forward_pre_hooks.move_to_end(handle.id, last=False)
        return handle

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Calls `hook(module, args, output)` after `forward`; it may give another output."""
        handle = RemovableHandle(
            self._forward_hooks,
            extra_dict=[self._forward_hooks_with_kwargs, self._forward_hooks_always_called],
        )
        self._forward_hooks[handle.id] = hook
        if with_kwargs:
            self._forward_hooks_with_kwargs[handle.id] = True
        if always_call:
            self._forward_hooks_always_called[handle.id] = True
        if prepend:
            self._forward_hooks.move_to_end(handle.id, last=False)
        return handle

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Calls `hook(module, grad_output)` before the module's backward pass; it may give other gradients."""
        handle = RemovableHandle(self._backward_pre_hooks)
        self._backward_pre_hooks[handle.id] = hook
        if prepend:
            self._backward_pre_hooks.move_to_end(handle.id, last=False)
        return handle

    def _st_set_full(self, full: bool) -> None:
        if self._is_full_backward_hook is (not full):
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only "
                "one of them."
            )
        self._is_full_backward_hook = full

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Calls `hook(module, grad_input, grad_output)` after the backward pass; it may give other gradients."""
        self._st_set_full(True)
        handle = RemovableHandle(self._backward_hooks)
        self._backward_hooks[handle.id] = hook
        if prepend:
            self._backward_hooks.move_to_end(handle.id, last=False)
        return handle

    def register_backward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """The old kind of backward hook, which sees the gradients of the last operator only."""
        self._st_set_full(False)
        handle = RemovableHandle(self._backward_hooks)
        self._backward_hooks[handle.id] = hook
        return handle
