"""`Trainer`: the loop around a model, an optimizer and a loss, with what a long run needs.

| file | what is there |
|---|---|
| `loop` | `Trainer`: epochs, mixed precision, accumulation, evaluation |
| `callbacks` | `Callback` and those for clipping, early stopping, learning rates, logs |
| `checkpoint` | saving and resuming, bit for bit |
| `batches` | from what a loader gives to tensors on a device |
| `history` | the curves of a run |
| `progress` | the bar, or lines where nobody watches |
| `report`, `svg` | the report of a run as a page and a picture |
"""

from spiraltorch_rs.trainer.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    GradientClipping,
    LearningRateMonitor,
)
from spiraltorch_rs.trainer.checkpoint import Checkpoint
from spiraltorch_rs.trainer.history import History
from spiraltorch_rs.trainer.loop import Trainer, accuracy, best_device
from spiraltorch_rs.trainer.progress import Progress
from spiraltorch_rs.trainer.report import write_report

__all__ = [
    "CSVLogger",
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "GradientClipping",
    "History",
    "LearningRateMonitor",
    "Progress",
    "Trainer",
    "accuracy",
    "best_device",
    "write_report",
]
