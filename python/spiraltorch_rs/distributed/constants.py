"""How long processes wait for each other if nothing else is said."""

from spiraltorch_rs.distributed.distributed_c10d import DEFAULT_TIMEOUTS

default_pg_timeout = DEFAULT_TIMEOUTS["gloo"]
default_pg_nccl_timeout = DEFAULT_TIMEOUTS["nccl"]
