"""Data sets, samplers and loaders."""

from spiraltorch_rs.utils.data._utils.collate import default_collate, default_convert
from spiraltorch_rs.utils.data._utils.worker import get_worker_info
from spiraltorch_rs.utils.data.dataloader import DataLoader
from spiraltorch_rs.utils.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from spiraltorch_rs.utils.data.distributed import DistributedSampler
from spiraltorch_rs.utils.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

__all__ = [
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "DistributedSampler",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "default_collate",
    "default_convert",
    "get_worker_info",
    "random_split",
]
