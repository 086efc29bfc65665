"""Processes that work together: torch's `torch.distributed`, for the CPU (`gloo`) and NVIDIA's GPUs (`nccl`).

| module | what it holds |
|---|---|
| `store`, `_tcp` | values that processes share, by which they find each other |
| `rendezvous` | from `env://` and other addresses to a store |
| `distributed_c10d` | the groups |
| `collectives`, `objects` | the collectives, of tensors and of objects |
| `_backend`, `_gloo`, `_mesh`, `_nccl` | what does them: connections between processes, or NVIDIA's library |
| `_work` | what has been asked for and may not be done yet |
| `run` | the launcher |
| `fsdp` | models whose parameters are shared out |
"""

from spiraltorch_rs.distributed._bucket import GradBucket
from spiraltorch_rs.distributed._errors import DistBackendError, DistError, DistNetworkError, DistStoreError
from spiraltorch_rs.distributed._work import Future, Work
from spiraltorch_rs.distributed.collectives import *  # noqa: F403
from spiraltorch_rs.distributed.collectives import __all__ as _collectives
from spiraltorch_rs.distributed.distributed_c10d import *  # noqa: F403
from spiraltorch_rs.distributed.distributed_c10d import __all__ as _groups
from spiraltorch_rs.distributed.objects import *  # noqa: F403
from spiraltorch_rs.distributed.objects import __all__ as _objects
from spiraltorch_rs.distributed.rendezvous import register_rendezvous_handler, rendezvous
from spiraltorch_rs.distributed.store import *  # noqa: F403
from spiraltorch_rs.distributed.store import __all__ as _stores

__all__ = [
    *_collectives,
    *_groups,
    *_objects,
    *_stores,
    "DistBackendError",
    "DistError",
    "DistNetworkError",
    "DistStoreError",
    "Future",
    "GradBucket",
    "Work",
    "register_rendezvous_handler",
    "rendezvous",
]
