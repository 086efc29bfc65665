"""Hooks that all modules share: seldom used, for debugging and profiling."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from spiraltorch_rs.utils.hooks import RemovableHandle

Hooks = OrderedDict[int, Callable[..., Any]]
Flags = OrderedDict[int, bool]

buffer_registration: Hooks = OrderedDict()
module_registration: Hooks = OrderedDict()
parameter_registration: Hooks = OrderedDict()
backward_pre: Hooks = OrderedDict()
backward: Hooks = OrderedDict()
forward_pre: Hooks = OrderedDict()
forward: Hooks = OrderedDict()
forward_always_called: Flags = OrderedDict()
forward_with_kwargs: Flags = OrderedDict()
# Whether `backward` holds full hooks; None while it never held any.
is_full_backward: bool | None = None


def any_for_calls() -> bool:
    """Whether a call of a module has to look for hooks of all modules."""
    return bool(backward_pre or backward or forward_pre or forward)


def _add(hooks: Hooks, hook: Callable[..., Any], *extra: Flags) -> RemovableHandle:
    handle = RemovableHandle(hooks, extra_dict=list(extra) or None)
    hooks[handle.id] = hook
    return handle


def register_module_buffer_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, name, buffer)` at every `register_buffer`; it may give another buffer."""
    return _add(buffer_registration, hook)


def register_module_module_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, name, submodule)` at every `register_module`; it may give another module."""
    return _add(module_registration, hook)


def register_module_parameter_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, name, parameter)` at every `register_parameter`; it may give another one."""
    return _add(parameter_registration, hook)


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, args)` before every forward pass; it may give other arguments."""
    return _add(forward_pre, hook)


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Calls `hook(module, args, output)` after every forward pass; it may give another output."""
    handle = _add(forward, hook, forward_with_kwargs, forward_always_called)
    if with_kwargs:
        forward_with_kwargs[handle.id] = True
    if always_call:
        forward_always_called[handle.id] = True
    return handle


def _set_full(full: bool) -> None:
    global is_full_backward
    if is_full_backward is (not full):
        raise RuntimeError(
            "Cannot use both regular backward hooks and full backward hooks as a global Module hook. Please use "
            "only one of them."
        )
    is_full_backward = full


def register_module_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """The old kind of backward hook, which sees the gradients of the last operator only."""
    _set_full(False)
    return _add(backward, hook)


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, grad_output)` before every backward pass of a module."""
    return _add(backward_pre, hook)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook(module, grad_input, grad_output)` after every backward pass of a module."""
    _set_full(True)
    return _add(backward, hook)
