"""Averages of a model's parameters over its training."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd import no_grad
from spiraltorch_rs.nn.modules.batchnorm import _BatchNorm
from spiraltorch_rs.nn.modules.module import Module
from spiraltorch_rs.optim._schedule import LRScheduler, Rates, for_each_group
from spiraltorch_rs.optim.optimizer import Optimizer

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[Any, Any, Any], Any]
AverageAll = Callable[[list[Any], list[Any], Any], None]


def _check_decay(decay: float) -> None:
    if decay < 0.0 or decay > 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def get_ema_multi_avg_fn(decay: float = 0.999) -> AverageAll:
    """The exponential moving average, of all parameters at once."""
    _check_decay(decay)

    def update(averages: list[Any], current: list[Any], _: Any) -> None:
        with no_grad():
            for average, now in zip(averages, current, strict=True):
                if average.is_floating_point():
                    average.lerp_(now, 1 - decay)
                else:
                    average.copy_(average * decay + now * (1 - decay))

    return update


def get_swa_multi_avg_fn() -> AverageAll:
    """The mean over all updates, of all parameters at once."""

    def update(averages: list[Any], current: list[Any], count: Any) -> None:
        n = int(count)
        with no_grad():
            for average, now in zip(averages, current, strict=True):
                if average.is_floating_point():
                    average.lerp_(now, 1 / (n + 1))
                else:
                    average.copy_(average + (now - average) / (n + 1))

    return update


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """The exponential moving average, of a parameter."""
    _check_decay(decay)

    def update(average: Any, current: Any, _: Any) -> Any:
        with no_grad():
            return decay * average + (1 - decay) * current

    return update


def get_swa_avg_fn() -> Average:
    """The mean over all updates, of a parameter."""

    def update(average: Any, current: Any, count: Any) -> Any:
        with no_grad():
            return average + (current - average) / (count + 1)

    return update


class AveragedModel(Module):
    """A copy of a model whose parameters are averages of the model's.

    >>> import spiraltorch_rs as st
    >>> model = st.nn.Linear(2, 1)
    >>> averaged = st.optim.swa_utils.AveragedModel(model)
    >>> averaged.update_parameters(model)
    >>> averaged.n_averaged
    tensor(1)
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: AverageAll | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", _C.tensor(0, dtype=_C.int64, device=device))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def _averaged(self, model: Module) -> list[Any]:
        parameters: Iterable[Any] = model.parameters()
        if self.use_buffers:
            parameters = itertools.chain(parameters, model.buffers())
        return [parameter.detach() for parameter in parameters]

    def update_parameters(self, model: Module) -> None:
        """Adds the parameters of a model to the averages."""
        averages = self._averaged(self.module)
        current = [
            now.to(average.device) for now, average in zip(self._averaged(model), averages, strict=True)
        ]
        count = int(self.n_averaged)
        with no_grad():
            if count == 0:
                for average, now in zip(averages, current, strict=True):
                    average.copy_(now)
            elif self.avg_fn is not None:
                for average, now in zip(averages, current, strict=True):
                    average.copy_(self.avg_fn(average, now, self.n_averaged))
            else:
                (self.multi_avg_fn or get_swa_multi_avg_fn())(averages, current, self.n_averaged)
            if not self.use_buffers:
                for mine, theirs in zip(self.module.buffers(), model.buffers(), strict=True):
                    mine.copy_(theirs.detach().to(mine.device))
        self.n_averaged = _C.tensor(count + 1, dtype=_C.int64)
        _C._flush()


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Measures the statistics of batch normalisation again, with the data of a loader."""
    momenta = {module: module.momentum for module in model.modules() if isinstance(module, _BatchNorm)}
    if not momenta:
        return
    was_training = model.training
    model.train()
    for module in momenta:
        module.reset_running_stats()
        module.momentum = None
    with no_grad():
        for batch in loader:
            given = batch[0] if isinstance(batch, (list, tuple)) else batch
            model(given if device is None else given.to(device))
    for module, momentum in momenta.items():
        module.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """From the rate as it is to one that stays."""

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: Any,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        for lr, group in zip(
            for_each_group("swa_lr", optimizer, swa_lr), optimizer.param_groups, strict=True
        ):
            group["swa_lr"] = lr
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy, self.anneal_epochs = anneal_strategy, anneal_epochs
        super().__init__(optimizer, last_epoch)

    def anneal_func(self, t: float) -> float:
        """How far the way is gone at a share of the epochs."""
        return t if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * t)) / 2

    def get_lr(self) -> Rates:
        self._st_warn_outside_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        epochs = max(1, self.anneal_epochs)
        before = self.anneal_func(max(0, min(1, (step - 1) / epochs)))
        now = self.anneal_func(max(0, min(1, step / epochs)))
        rates = []
        for group in self.optimizer.param_groups:
            target, lr = group["swa_lr"], group["lr"]
            first = target if before == 1 else (lr - before * target) / (1 - before)
            rates.append(target * now + first * (1 - now))
        return rates
