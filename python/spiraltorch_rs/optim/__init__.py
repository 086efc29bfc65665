"""Optimizers, schedules of their learning rates, and averages of their parameters."""

from spiraltorch_rs.optim import lr_scheduler, swa_utils
from spiraltorch_rs.optim._adafactor import Adafactor
from spiraltorch_rs.optim._muon import Muon
from spiraltorch_rs.optim.adadelta import Adadelta
from spiraltorch_rs.optim.adagrad import Adagrad
from spiraltorch_rs.optim.adam import Adam, AdamW
from spiraltorch_rs.optim.adamax import Adamax
from spiraltorch_rs.optim.asgd import ASGD
from spiraltorch_rs.optim.lbfgs import LBFGS
from spiraltorch_rs.optim.nadam import NAdam
from spiraltorch_rs.optim.optimizer import Optimizer
from spiraltorch_rs.optim.radam import RAdam
from spiraltorch_rs.optim.rmsprop import RMSprop
from spiraltorch_rs.optim.rprop import Rprop
from spiraltorch_rs.optim.sgd import SGD
from spiraltorch_rs.optim.sparse_adam import SparseAdam

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "SparseAdam",
    "lr_scheduler",
    "swa_utils",
]
