"""Hooks that all modules share: seldom used, for debugging and profiling. `module` has them, under torch's
names: programs empty them by setting another dictionary there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import spiraltorch_rs.nn.modules.module as shared
from spiraltorch_rs.utils.hooks import RemovableHandle

Hooks = OrderedDict[int, Callable[..., Any]]
Flags = OrderedDict[int, bool]


def any_for_calls() -> bool:
    """Whether a call of a module has to look for hooks of all modules."""
    return bool(
        shared._global_backward_pre_hooks
        or shared._global_backward_hooks
        or shared._global_forward_pre_hooks
        or shared._global_forward_hooks
    )


def _add(hooks: Hooks, hook: Callable[..., Any], *extra: Flags) -> RemovableHandle:
    handle = RemovableHandle(hooks, extra_dict=list(extra) or None)
    hooks[handle.id] = hook
    return handle


def register_module_buffer_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, name, buffer)` at every `register_buffer`; it may give another buffer."""
    return _add(shared._global_buffer_registration_hooks, hook)


def register_module_module_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, name, submodule)` at every `register_module`; it may give another module."""
    return _add(shared._global_module_registration_hooks, hook)


def register_module_parameter_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, name, parameter)` at every `register_parameter`; it may give another one."""
    return _add(shared._global_parameter_registration_hooks, hook)


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, args)` before every forward pass; it may give other arguments."""
    return _add(shared._global_forward_pre_hooks, hook)


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Calls `hook(module, args, output)` after every forward pass; it may give another output."""
    handle = _add(
        shared._global_forward_hooks,
        hook,
        shared._global_forward_hooks_with_kwargs,
        shared._global_forward_hooks_always_called,
    )
    if with_kwargs:
        shared._global_forward_hooks_with_kwargs[handle.id] = True
    if always_call:
        shared._global_forward_hooks_always_called[handle.id] = True
    return handle


def _set_full(full: bool) -> None:
    if shared._global_is_full_backward_hook is (not full):
        raise RuntimeError(
            "Cannot use both regular backward hooks and full backward hooks as a global Module hook. Please use "
            "only one of them."
        )
    shared._global_is_full_backward_hook = full


def register_module_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """The old kind of backward hook, which sees the gradients of the last operator only."""
    _set_full(False)
    return _add(shared._global_backward_hooks, hook)


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, grad_output)` before every backward pass of a module."""
    return _add(shared._global_backward_pre_hooks, hook)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, grad_input, grad_output)` after every backward pass of a module."""
    _set_full(True)
    return _add(shared._global_backward_hooks, hook)
