"""`Trainer`: epochs over a loader, with mixed precision, accumulation, evaluation and callbacks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.amp import GradScaler, autocast
from spiraltorch_rs.autograd import no_grad
from spiraltorch_rs.trainer import checkpoint
from spiraltorch_rs.trainer.batches import on_device, size_of
from spiraltorch_rs.trainer.callbacks import Callback
from spiraltorch_rs.trainer.history import History
from spiraltorch_rs.trainer.progress import Progress
from spiraltorch_rs.trainer.report import write_report

__all__ = ["Trainer", "accuracy", "best_device"]

_PRECISIONS = {
    "float32": None,
    "fp32": None,
    "bfloat16": _C.bfloat16,
    "bf16": _C.bfloat16,
    "float16": _C.float16,
    "fp16": _C.float16,
}


def best_device() -> Any:
    """The graphics processor if one is there, else the CPU."""
    from spiraltorch_rs.accelerator import current_accelerator

    return current_accelerator() or _C.device("cpu")


def accuracy(output: Tensor, target: Tensor) -> Tensor:
    """The share of rows whose largest score is at the target's class: a metric for `Trainer`."""
    return (output.argmax(-1) == target).float().mean()


class Trainer:
    """Trains a model.

    `loss_fn(output, target)` is what is made small, `metrics` are more functions of output and target to be shown.
    A batch is `(input, target)`; for any other, `step(model, batch)` gives the loss. The optimizer steps after every
    `accumulate` batches, the scheduler after every epoch or, with `schedule="step"`, after every step of the optimizer.

    >>> import spiraltorch_rs as st
    >>> _ = st.manual_seed(0)
    >>> x = st.randn(64, 3)
    >>> data = st.utils.data.TensorDataset(x, x.sum(1, keepdim=True))
    >>> loader = st.utils.data.DataLoader(data, batch_size=16, shuffle=True)
    >>> model = st.nn.Linear(3, 1)
    >>> optimizer = st.optim.SGD(model.parameters(), lr=0.1)
    >>> trainer = st.Trainer(model, optimizer, st.nn.MSELoss(), progress=False)
    >>> history = trainer.fit(loader, epochs=20)
    >>> history.epochs[-1]["loss"] < 1e-3
    True
    """

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        loss_fn: Callable[..., Tensor] | None = None,
        *,
        scheduler: Any = None,
        schedule: str = "epoch",
        metrics: Mapping[str, Callable[[Any, Any], Any]] | None = None,
        precision: str = "float32",
        accumulate: int = 1,
        callbacks: Iterable[Callback] = (),
        step: Callable[[Any, Any], Tensor] | None = None,
        device: Any = None,
        progress: bool = True,
        log_every: int = 10,
    ) -> None:
        if loss_fn is None and step is None:
            raise TypeError(
                "Trainer: give a loss_fn(output, target), or a step(model, batch) that gives the loss"
            )
        if precision not in _PRECISIONS:
            raise ValueError(f"Trainer: precision is one of {', '.join(_PRECISIONS)}, not {precision!r}")
        if schedule not in ("epoch", "step"):
            raise ValueError(f"Trainer: schedule is 'epoch' or 'step', not {schedule!r}")
        if accumulate < 1:
            raise ValueError(f"Trainer: accumulate is at least 1, not {accumulate}")
        self.model, self.optimizer, self.loss_fn = model, optimizer, loss_fn
        self.scheduler, self.schedule = scheduler, schedule
        self.metrics = dict(metrics or {})
        self.precision, self.accumulate = precision, accumulate
        self.device = None if device is None else _C.device(device)
        if self.device is not None:
            model.to(self.device)
        self._dtype = _PRECISIONS[precision]
        self.scaler = GradScaler(self._device_type(), enabled=self._dtype is _C.float16)
        # Checkpoints come last: they write what the others have become.
        chosen = [*callbacks, *([Progress()] if progress else [])]
        self.callbacks = sorted(chosen, key=lambda callback: isinstance(callback, checkpoint.Checkpoint))
        self._step, self._log_every = step, max(1, log_every)
        self.history = History()
        self.epoch = self.batch = self.step = 0
        self.epochs = 0
        self.batches_per_epoch: int | None = None
        self.should_stop = False
        self._pending: list[tuple[str, int, Any]] = []
        self._losses: list[tuple[Tensor, int]] = []
        self._loss_sum, self._samples = 0.0, 0
        self._loader: Any = None
        self._resume_at: dict[str, Any] | None = None
        self.epoch_start: dict[str, Any] = {}

    # ---- what users call ----

    def fit(
        self,
        train: Iterable[Any],
        valid: Iterable[Any] | None = None,
        *,
        epochs: int,
        resume: str | Path | bool | None = None,
    ) -> History:
        """Trains until `epochs` epochs are done, and gives the curves.

        `resume` names a checkpoint to go on from, bit for bit; `True` means the last one of the `Checkpoint` callback,
        if there is one yet.
        """
        self._loader = train
        if resume:
            checkpoint.resume(self, resume)
        self.epochs, self.should_stop = epochs, False
        self.batches_per_epoch = len(train) if hasattr(train, "__len__") else None  # type: ignore[arg-type]
        self._call("on_fit_begin")
        try:
            while self.epoch < epochs and not self.should_stop:
                self._train_epoch(train)
                self._finish_epoch(valid)
        finally:
            self._call("on_fit_end")
        return self.history

    def evaluate(self, loader: Iterable[Any]) -> dict[str, float]:
        """The loss and the metrics over a loader, in evaluation mode."""
        sums: dict[str, float] = {}
        samples = 0
        for batch, values in self._inference(loader, self._measure):
            size = size_of(batch)
            samples += size
            for name, value in values.items():
                sums[name] = sums.get(name, 0.0) + float(value) * size
        return {name: value / max(samples, 1) for name, value in sums.items()}

    def predict(self, loader: Iterable[Any]) -> Tensor:
        """The model's outputs for the inputs of a loader, one after another."""
        outputs = self._inference(loader, lambda batch: self.model(self._input(batch)))
        return _C.cat([output for _, output in outputs])

    def save(self, path: str | Path) -> None:
        """Writes all that it takes to go on: see `load`."""
        checkpoint.save(self, path)

    def load(self, path: str | Path) -> None:
        """Goes on from where `save` was called, with the next `fit`."""
        checkpoint.load(self, path)

    def report(self, path: str | Path, title: str = "Training") -> list[Path]:
        """Writes the curves as an HTML page that needs nothing else, and as a PNG beside it if matplotlib is there."""
        return write_report(self.history, path, title, self.describe())

    def log(self, name: str, value: Any) -> None:
        """Adds a point to a curve of the history; a tensor is read later, with others."""
        self._pending.append((name, self.step, value))

    def describe(self) -> dict[str, str]:
        """What is trained, and how, in words."""
        parameters = sum(p.numel() for p in self.model.parameters())
        rates = {f"{group['lr']:g}" for group in self.optimizer.param_groups}
        return {
            "Model": f"{type(self.model).__name__}, {parameters:,} parameters",
            "Optimizer": f"{type(self.optimizer).__name__}, lr {', '.join(sorted(rates))}",
            "Precision": self.precision,
            "Device": str(self.device or self._device_type()),
            "Steps": f"{self.step:,}",
            "Version": f"SpiralTorch {_C.__version__}",
        }

    # ---- an epoch ----

    def training_step(self, batch: Any) -> Tensor:
        """The loss of a batch: what a subclass may say otherwise."""
        if self._step is not None:
            return self._step(self.model, batch)
        assert self.loss_fn is not None
        return self.loss_fn(self.model(self._input(batch)), batch[1])

    def _train_epoch(self, loader: Iterable[Any]) -> None:
        self.model.train()
        batches = self._begin(loader)
        self._call("on_epoch_begin")
        self._began, self._steps_before = time.perf_counter(), self.step
        waiting = self.batch % self.accumulate
        for batch in batches:
            self._train_batch(on_device(batch, self.device))
            waiting += 1
            if waiting == self.accumulate:
                self._optimizer_step()
                waiting = 0
            if self.should_stop:
                break
        if waiting:
            self._optimizer_step()
        self._flush()

    def _begin(self, loader: Iterable[Any]) -> Iterator[Any]:
        """The batches of an epoch, or what a checkpoint has left of them."""
        resumed, self._resume_at = self._resume_at, None
        if resumed is None or not self.batch:
            if resumed is not None:
                checkpoint.set_random_state(resumed, loader)
            self.batch, self._loss_sum, self._samples = 0, 0.0, 0
            self.epoch_start = checkpoint.random_state(loader)
            return iter(loader)
        # The batches that were seen are made again, so that whatever random numbers they took are taken.
        checkpoint.set_random_state(self.epoch_start, loader)
        batches = iter(loader)
        for _ in range(self.batch):
            next(batches, None)
        checkpoint.set_random_state(resumed, loader)
        return batches

    def _train_batch(self, batch: Any) -> None:
        with self._autocast():
            loss = self.training_step(batch)
        self.batch += 1
        scaled = loss / self.accumulate if self.accumulate > 1 else loss
        self.scaler.scale(scaled).backward()
        self._losses.append((loss.detach(), size_of(batch)))

    def _optimizer_step(self) -> None:
        self.scaler.unscale_(self.optimizer)
        self._call("on_before_optimizer_step")
        scale = self.scaler.get_scale()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        # A step that was left out because a gradient overflowed is none to the schedule.
        if self.scheduler is not None and self.schedule == "step" and self.scaler.get_scale() >= scale:
            self.scheduler.step()
        self.step += 1
        self.log("loss", self._losses[-1][0])
        if self.step % self._log_every == 0:
            self._flush()
        self._call("on_step_end")

    def _finish_epoch(self, valid: Iterable[Any] | None) -> None:
        elapsed = max(time.perf_counter() - self._began, 1e-9)
        row = {
            "epoch": self.epoch + 1,
            "step": self.step,
            "loss": self.running_loss,
            "lr": float(self.optimizer.param_groups[0]["lr"]),
            "steps_per_second": (self.step - self._steps_before) / elapsed,
        }
        if valid is not None:
            row.update({f"valid_{name}": value for name, value in self.evaluate(valid).items()})
        if self.scheduler is not None and self.schedule == "epoch":
            if hasattr(self.scheduler, "num_bad_epochs"):  # ReduceLROnPlateau looks at a value
                self.scheduler.step(row.get("valid_loss", row["loss"]))
            else:
                self.scheduler.step()
        self.history.epochs.append(row)
        self.epoch += 1
        self.batch = 0
        self._call("on_epoch_end")

    # ---- values ----

    @property
    def running_loss(self) -> float:
        """The mean loss of this epoch so far."""
        self._flush()
        return self._loss_sum / max(self._samples, 1)

    def _flush(self) -> None:
        """Reads what was measured: rarely, since a device has to finish first."""
        for loss, size in self._losses:
            self._loss_sum += float(loss) * size
            self._samples += size
        for name, step, value in self._pending:
            self.history.add_step(name, step, float(value.detach() if isinstance(value, Tensor) else value))
        self._losses, self._pending = [], []

    def _measure(self, batch: Any) -> dict[str, Any]:
        if self._step is not None:
            return {"loss": self._step(self.model, batch)}
        assert self.loss_fn is not None
        output, target = self.model(self._input(batch)), batch[1]
        values = {name: metric(output, target) for name, metric in self.metrics.items()}
        return {"loss": self.loss_fn(output, target), **values}

    def _inference(self, loader: Iterable[Any], function: Callable[[Any], Any]) -> Iterable[tuple[Any, Any]]:
        was_training = self.model.training
        self.model.eval()
        try:
            for batch in loader:
                batch = on_device(batch, self.device)
                with no_grad(), self._autocast():
                    values = function(batch)
                yield batch, values
        finally:
            self.model.train(was_training)

    def _input(self, batch: Any) -> Any:
        return batch[0] if isinstance(batch, (list, tuple)) else batch

    # ---- small things ----

    def _device_type(self) -> str:
        if self.device is not None:
            return str(self.device.type)
        return next((str(p.device.type) for p in self.model.parameters()), "cpu")

    def _autocast(self) -> AbstractContextManager[Any]:
        return nullcontext() if self._dtype is None else autocast(self._device_type(), self._dtype)

    def _call(self, event: str) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self)
