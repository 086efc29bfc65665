"""What all schedules of learning rates share."""

from __future__ import annotations

import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from weakref import ref

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.optim.optimizer import Optimizer

Rates = list[Any]

EPOCH_DEPRECATION_WARNING = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use "
    "`scheduler.step()` to step the scheduler."
)

_ORDER = "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"


def for_each_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """A value for each parameter group, from one for all or from one for each."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * count
    if len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} values, param_groups "
            f"has {count}."
        )
    return list(value)


def values_of(optimizer: Optimizer, key: str) -> list[Any]:
    """A setting of each group."""
    found = (group[key] for group in optimizer.param_groups)
    return [value.clone() if isinstance(value, Tensor) else value for value in found]


def set_value(group: dict[str, Any], key: str, value: Any) -> None:
    """Sets a setting; one that is a tensor stays that tensor."""
    if isinstance(group[key], Tensor):
        group[key].fill_(value.item() if isinstance(value, Tensor) else value)
    else:
        group[key] = value.item() if isinstance(value, Tensor) else value


def function_state(function: Any) -> Any:
    """What a state dict keeps of a function: the attributes of an object, nothing of a plain function."""
    return None if isinstance(function, types.FunctionType) else dict(function.__dict__)


def _notice_steps(optimizer: Any) -> None:
    """Lets the optimizer remember that it has made a step."""
    if hasattr(optimizer.step, "_wrapped_by_lr_sched"):
        return
    function, me = optimizer.step.__func__, ref(optimizer)

    @wraps(function)
    def step(*args: Any, **kwargs: Any) -> Any:
        owner: Any = me()
        owner._opt_called = True
        return function(owner, *args, **kwargs)

    step._wrapped_by_lr_sched = True  # type: ignore[attr-defined]
    optimizer.step = step


class LRScheduler:
    """The base of all schedules: subclasses say the rates of the groups in `get_lr`."""

    _get_lr_called_within_step: bool = False
    _is_initial: bool = False
    _last_lr: Rates

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                lr = group["lr"]
                group.setdefault("initial_lr", lr.clone() if isinstance(lr, Tensor) else lr)
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler "
                    "with last_epoch >= "
                    "0. Load the optimizer's state first, or begin with last_epoch=-1."
                )
        self.base_lrs: Rates = values_of(optimizer, "initial_lr")
        self.last_epoch: Any = last_epoch
        _notice_steps(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes what `state_dict` gave."""
        self.__dict__.update(state_dict)

    def get_last_lr(self) -> Rates:
        """The rates that were set last."""
        return self._last_lr

    def get_lr(self) -> Rates:
        """The rates to be set."""
        raise NotImplementedError

    def _st_current(self) -> Rates:
        return values_of(self.optimizer, "lr")

    def _st_times(self, factor: Any) -> Rates:
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _st_warn_outside_step(self) -> None:
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
                UserWarning,
                stacklevel=3,
            )

    @contextmanager
    def _st_within_step(self) -> Iterator[None]:
        self._get_lr_called_within_step = True
        try:
            yield
        finally:
            self._get_lr_called_within_step = False

    def step(self, epoch: int | None = None) -> None:
        """Goes on to the next epoch's rates."""
        if self._step_count == 1:
            if not hasattr(self.optimizer.step, "_wrapped_by_lr_sched"):
                warnings.warn(
                    "Seems like `optimizer.step()` has been overridden after learning rate scheduler initialization. "
                    "Please, make sure to call `optimizer.step()` before `lr_scheduler.step()`. See more details at "
                    f"{_ORDER}",
                    UserWarning,
                    stacklevel=2,
                )
            elif not getattr(self.optimizer, "_opt_called", False):
                warnings.warn(
                    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. Call them in the "
                    "opposite order, or "
                    f"the first value of the learning rate schedule is skipped. See more details at {_ORDER}",
                    UserWarning,
                    stacklevel=2,
                )
        self._step_count += 1
        if epoch is not None:
            warn_epoch()
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        with self._st_within_step():
            if epoch is None:
                self.last_epoch += 1
                values = self.get_lr()
            else:
                self.last_epoch = epoch
                closed: Callable[[], Rates] = getattr(self, "_get_closed_form_lr", self.get_lr)
                values = closed()
        self._st_set(values)

    def _st_set(self, values: Rates) -> None:
        for group, lr in zip(self.optimizer.param_groups, values, strict=True):
            set_value(group, "lr", lr)
        self._last_lr = self._st_current()


def warn_epoch() -> None:
    """Says that an epoch should not be named."""
    warnings.warn(EPOCH_DEPRECATION_WARNING, UserWarning, stacklevel=3)


def set_momentum(optimizer: Optimizer, group: dict[str, Any], value: Any) -> None:
    """Sets the momentum, which Adam calls the first of its betas."""
    if "betas" in optimizer.defaults:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value


def begin_momentum(optimizer: Optimizer, base: Any, most: Any, last_epoch: int) -> tuple[Rates, Rates]:
    """The bounds between which a cycle moves the momentum, which begins at the upper one."""
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
    bases = for_each_group("base_momentum", optimizer, base)
    largest = for_each_group("max_momentum", optimizer, most)
    if last_epoch == -1:
        for low, high, group in zip(bases, largest, optimizer.param_groups, strict=True):
            set_momentum(optimizer, group, high)
            group["max_momentum"], group["base_momentum"] = high, low
    return bases, largest
