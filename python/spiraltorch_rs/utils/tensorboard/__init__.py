"""`SummaryWriter`: what TensorBoard shows of a training. The files are written by the `tensorboard` package."""

from spiraltorch_rs.utils.tensorboard.writer import FileWriter, SummaryWriter

__all__ = ["FileWriter", "SummaryWriter"]
