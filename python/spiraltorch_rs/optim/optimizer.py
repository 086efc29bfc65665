"""`Optimizer`: parameter groups, state, hooks; and the loop that all simple optimizers share.

An optimizer says in `_st_update` what happens to one parameter, with tensor operators in place. Nothing is computed
there: at the end of `step()` the graph of the whole step is run; the scheduler makes few kernels of all the updates.
Numbers such as the learning rate are plain numbers of Python, which are parameters of kernels: another value plans
nothing new.
"""

from __future__ import annotations

import functools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd import enable_grad, set_grad_enabled
from spiraltorch_rs.utils.hooks import RemovableHandle

__all__ = [
    "Optimizer",
    "register_optimizer_step_post_hook",
    "register_optimizer_step_pre_hook",
    "required",
]

Group = dict[str, Any]
State = dict[str, Any]
Hook = Callable[..., Any]

_global_pre_hooks: OrderedDict[int, Hook] = OrderedDict()
_global_post_hooks: OrderedDict[int, Hook] = OrderedDict()


class _Required:
    """The default of what every parameter group must say."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


def _registered(hooks: OrderedDict[int, Hook], hook: Hook, prepend: bool = False) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """Calls `hook(optimizer, args, kwargs)` before each step of any optimizer."""
    return _registered(_global_pre_hooks, hook)


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """Calls `hook(optimizer, args, kwargs)` after each step of any optimizer."""
    return _registered(_global_post_hooks, hook)


def _with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """A `step` that calls the hooks, and runs the graph in the end."""

    @functools.wraps(step)
    def hooked(self: Any, *args: Any, **kwargs: Any) -> Any:
        for hook in (*_global_pre_hooks.values(), *self._optimizer_step_pre_hooks.values()):
            changed = hook(self, args, kwargs)
            if changed is None:
                continue
            if not (isinstance(changed, tuple) and len(changed) == 2):
                raise RuntimeError(
                    f"{step} must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                )
            args, kwargs = changed
        result = step(self, *args, **kwargs)
        if not self.defaults.get("differentiable"):
            _C._flush()
        for hook in (*self._optimizer_step_post_hooks.values(), *_global_post_hooks.values()):
            hook(self, args, kwargs)
        return result

    hooked.hooked = True  # type: ignore[attr-defined]
    return hooked


_HOOKS = (
    "_optimizer_step_pre_hooks",
    "_optimizer_step_post_hooks",
    "_optimizer_state_dict_pre_hooks",
    "_optimizer_state_dict_post_hooks",
    "_optimizer_load_state_dict_pre_hooks",
    "_optimizer_load_state_dict_post_hooks",
)


class Optimizer:
    """The base of all optimizers: subclasses define `step`."""

    _optimizer_step_pre_hooks: OrderedDict[int, Hook]
    _optimizer_step_post_hooks: OrderedDict[int, Hook]
    _optimizer_state_dict_pre_hooks: OrderedDict[int, Hook]
    _optimizer_state_dict_post_hooks: OrderedDict[int, Hook]
    _optimizer_load_state_dict_pre_hooks: OrderedDict[int, Hook]
    _optimizer_load_state_dict_post_hooks: OrderedDict[int, Hook]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        step = cls.__dict__.get("step")
        if step is not None and not getattr(step, "hooked", False):
            cls.step = _with_hooks(step)  # type: ignore[method-assign]

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        for name in _HOOKS:
            setattr(self, name, OrderedDict())
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"{params.type()}"
            )
        if isinstance(params, set):
            warnings.warn(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead. This will be an error in a future release.",
                FutureWarning,
                stacklevel=3,
            )
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[Group] = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for name in _HOOKS:
            self.__dict__.setdefault(name, OrderedDict())
        self.defaults.setdefault("differentiable", False)

    def __repr__(self) -> str:
        text = type(self).__name__ + " ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            text += "".join(f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params")
        return text + ")"

    # Hooks.

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Calls `hook(optimizer, args, kwargs)` before each step; it may give other arguments."""
        return _registered(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Calls `hook(optimizer, args, kwargs)` after each step."""
        return _registered(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls `hook(optimizer)` before `state_dict`."""
        return _registered(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls `hook(optimizer, state_dict)` after `state_dict`; it may give another."""
        return _registered(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls `hook(optimizer, state_dict)` before `load_state_dict`; it may give another."""
        return _registered(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls `hook(optimizer)` after `load_state_dict`."""
        return _registered(self._optimizer_load_state_dict_post_hooks, hook, prepend)

    # State.

    def state_dict(self) -> dict[str, Any]:
        """The state of each parameter by its number, and the groups."""
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        numbers: dict[int, int] = {}
        begin, groups = 0, []
        for group in self.param_groups:
            for i, parameter in enumerate(group["params"], begin):
                numbers.setdefault(id(parameter), i)
            packed = {key: value for key, value in group.items() if key != "params"}
            packed["params"] = [numbers[id(parameter)] for parameter in group["params"]]
            begin += len(packed["params"])
            groups.append(packed)
        state = {
            (numbers[id(key)] if isinstance(key, Tensor) else key): value for key, value in self.state.items()
        }
        made: dict[str, Any] = {"state": state, "param_groups": groups}
        for hook in self._optimizer_state_dict_post_hooks.values():
            changed = hook(self, made)
            made = made if changed is None else changed
        return made

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes what `state_dict` gave."""
        given = dict(state_dict)
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            changed = hook(self, given)
            given = given if changed is None else changed
        saved = deepcopy(given["param_groups"])
        if len(self.param_groups) != len(saved):
            raise ValueError("loaded state dict has a different number of parameter groups")
        for mine, theirs in zip(self.param_groups, saved, strict=True):
            if len(mine["params"]) != len(theirs["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
                )
        numbers = chain.from_iterable(group["params"] for group in saved)
        parameters = chain.from_iterable(group["params"] for group in self.param_groups)
        by_number = dict(zip(numbers, parameters, strict=True))
        state: defaultdict[Any, Any] = defaultdict(dict)
        for key, value in given["state"].items():
            parameter = by_number.get(key)
            state[key if parameter is None else parameter] = (
                value if parameter is None else _fitted(parameter, value, None)
            )
        for mine, theirs in zip(self.param_groups, saved, strict=True):
            theirs["params"] = mine["params"]
            if "param_names" in mine:
                theirs.setdefault("param_names", mine["param_names"])
        self.__setstate__({"state": state, "param_groups": saved})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)

    # Work.

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients, or sets them to zero."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                if set_to_none:
                    parameter.grad = None
                else:
                    parameter.grad = parameter.grad.detach()
                    parameter.grad.zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Moves the parameters; `closure` computes loss and gradients, again if need be."""
        raise NotImplementedError

    def add_param_group(self, param_group: Group) -> None:
        """Adds parameters with settings of their own."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        listed = [params] if isinstance(params, Tensor) else list(params)
        names = [one[0] for one in listed if isinstance(one, tuple)]
        param_group["params"] = listed = [one[1] if isinstance(one, tuple) else one for one in listed]
        if names:
            if len(names) != len(listed):
                raise ValueError(
                    "all optimizer params should be with/without names. Some param names are missing"
                )
            param_group["param_names"] = names
        for parameter in listed:
            if not isinstance(parameter, Tensor):
                raise TypeError(
                    f"optimizer can only optimize Tensors, but one of the params is {type(parameter).__name__}"
                )
            if not self.defaults.get("differentiable") and not (parameter.is_leaf or parameter.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(
                    f"parameter group didn't specify a value of required optimization parameter {name}"
                )
            param_group.setdefault(name, default)
        self._st_check_new_group(param_group)
        self.param_groups.append(param_group)

    def _st_check_new_group(self, group: Group) -> None:
        new = {id(parameter) for parameter in group["params"]}
        if len(new) != len(group["params"]):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=4,
            )
        for other in self.param_groups:
            if ("param_names" in group) != ("param_names" in other):
                kind = "with names" if "param_names" in group else "without names"
                raise ValueError(
                    f"all optimizer param groups should be with/without names. cannot add param group {kind} to the "
                    "optimizer"
                )
            if new & {id(parameter) for parameter in other["params"]}:
                raise ValueError("some parameters appear in more than one parameter group")


def _fitted(parameter: Tensor, value: Any, key: str | None) -> Any:
    """A loaded state on the parameter's device and of its dtype; counts stay as they are."""
    if isinstance(value, Tensor):
        if key == "step":
            return value
        if parameter.is_floating_point():
            return value.to(dtype=parameter.dtype, device=parameter.device)
        return value.to(device=parameter.device)
    if isinstance(value, dict):
        return {name: _fitted(parameter, one, name) for name, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return type(value)(_fitted(parameter, one, None) for one in value)  # type: ignore[call-arg]
    return value


class EachParameter(Optimizer):
    """An optimizer that moves each parameter by itself: subclasses define `_st_begin` and `_st_update`."""

    # Whether steps can be recorded for a CUDA graph, if `capturable` is set.
    _st_counts_on_device = False

    def _st_begin(self, state: State, parameter: Any, group: Group) -> None:
        """The state before the first step."""

    def _st_update(self, parameter: Any, grad: Any, state: State, group: Group) -> None:
        """One step of one parameter."""
        raise NotImplementedError

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        self._st_check_capture()
        # Counts on devices: those begun in this step, which parameters share, and those that have counted it.
        self._begun: dict[Any, Tensor] = {}
        self._done: set[int] = set()
        with set_grad_enabled(bool(self.defaults.get("differentiable"))):
            for group in self.param_groups:
                for parameter in group["params"]:
                    grad = parameter.grad
                    if grad is None:
                        continue
                    if group.get("capturable") and parameter.device.type != "cuda":
                        raise AssertionError(
                            "If capturable=True, params and state_steps must be on supported devices: ['cuda']."
                        )
                    state = self.state.get(parameter, {})
                    if not state:
                        self._st_begin(state, parameter, group)
                    update = self._st_update_pairs if parameter.is_complex() else self._st_update
                    update(parameter, -grad if group.get("maximize") else grad, state, group)
                    if state:
                        self.state[parameter] = state
        return loss

    def _st_check_capture(self) -> None:
        if "capturable" not in self.defaults or not _C._is_capturing():
            return
        kind = type(self).__name__
        if not all(group.get("capturable") for group in self.param_groups):
            raise RuntimeError(
                f"Attempting CUDA graph capture of step() for an instance of {kind} but param_groups' capturable is "
                "False."
            )
        if not self._st_counts_on_device:
            raise NotImplementedError(
                f"{kind}.step() cannot be recorded for a CUDA graph: it computes on the host"
            )

    def _st_counter(self, parameter: Tensor, group: Group) -> Tensor:
        """A count of steps: with `capturable` on the parameter's device, so that a CUDA graph goes on counting."""
        if not group.get("capturable") or parameter.device.type != "cuda":
            return counter()
        if parameter.device not in self._begun:
            self._begun[parameter.device] = _C.zeros((), dtype=_C.float32, device=parameter.device)
        return self._begun[parameter.device]

    def _st_counted(self, parameter: Tensor, state: State, group: Group) -> Any:
        """The number of this step: a tensor, if it is counted on a device."""
        if not group.get("capturable") or parameter.device.type != "cuda":
            return counted(state)
        step = state["step"]
        if step.device != parameter.device:
            step = state["step"] = step.to(parameter.device)
        if id(step) not in self._done:
            self._done.add(id(step))
            step.add_(1)
        return step

    def _st_update_pairs(self, parameter: Any, grad: Any, state: State, group: Group) -> None:
        """A complex parameter moves as the pairs of real numbers that it is."""
        given = {
            name: _C.view_as_real(value) if isinstance(value, Tensor) and value.is_complex() else value
            for name, value in state.items()
        }
        pairs, real = dict(given), _C.view_as_real(parameter)
        self._st_update(real, _C.view_as_real(grad), pairs, group)
        for name, value in pairs.items():
            if value is not given.get(name):
                is_pairs = isinstance(value, Tensor) and value.shape == real.shape
                state[name] = _C.view_as_complex(value) if is_pairs else value


def counter(value: float = 0.0) -> Tensor:
    """A count as torch keeps it: a tensor, of which every reader makes a number."""
    return _C.tensor(float(value), dtype=_C.float32)


def counted(state: State) -> float:
    """The number of this step. The tensor is replaced, not written: reading one that waits would run the graph."""
    step = state["step"]
    number = float(step) + 1
    state["step"] = counter(number)
    return number


def scalar(value: Any) -> Any:
    """A setting as a plain number; a tensor only if a gradient is wanted for it, or a CUDA graph will read it again."""
    if not isinstance(value, Tensor) or value.requires_grad:
        return value
    return value if value.device.type == "cuda" and _C._is_capturing() else value.item()


def move(parameter: Any, direction: Any, rate: Any) -> None:
    """Moves a parameter against a direction."""
    if isinstance(rate, Tensor):
        parameter.addcmul_(direction, rate, value=-1)
    else:
        parameter.add_(direction, alpha=-rate)


def decayed(grad: Any, parameter: Any, weight_decay: Any) -> Any:
    """The gradient with that of the parameters' squares."""
    if isinstance(weight_decay, Tensor) and not weight_decay.requires_grad:
        weight_decay = weight_decay.item()
    if isinstance(weight_decay, Tensor):
        return grad.addcmul(parameter.clone(), weight_decay)
    return grad.add(parameter, alpha=weight_decay) if weight_decay != 0 else grad


def check(condition: bool, what: str, value: Any) -> None:
    """Raises where a setting is out of its range."""
    if not condition:
        raise ValueError(f"Invalid {what}: {value}")


def check_rate(lr: Any) -> None:
    """Raises where a learning rate is not one."""
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    check(bool(lr >= 0.0), "learning rate", lr)


def check_betas(betas: Any) -> None:
    """Raises where a factor of forgetting is out of its range."""
    for i, beta in enumerate(betas):
        check(bool(0.0 <= beta < 1.0), f"beta parameter at index {i}", beta)


def check_modes(foreach: Any, fused: Any, differentiable: Any) -> None:
    """Raises where the ways of stepping exclude one another; all are the same here."""
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
