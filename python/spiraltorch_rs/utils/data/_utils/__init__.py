"""How a loader works: collating, fetching, worker processes."""

from spiraltorch_rs.utils.data._utils import collate, fetch, worker

__all__ = ["collate", "fetch", "worker"]
