"""Groups of processes: the one of all, made by `init_process_group`, and others of some of them."""

from __future__ import annotations

import os
import warnings
import zlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

import spiraltorch_rs as st
from spiraltorch_rs import _C
from spiraltorch_rs.backends import backends
from spiraltorch_rs.distributed._backend import Backend as _Implementation
from spiraltorch_rs.distributed._backend import ReduceOp
from spiraltorch_rs.distributed._gloo import Gloo
from spiraltorch_rs.distributed._mesh import Mesh
from spiraltorch_rs.distributed._nccl import Nccl
from spiraltorch_rs.distributed.rendezvous import rendezvous
from spiraltorch_rs.distributed.store import PrefixStore, Store

__all__ = [
    "Backend",
    "GroupMember",
    "ProcessGroup",
    "ReduceOp",
    "destroy_process_group",
    "get_backend",
    "get_backend_config",
    "get_default_backend_for_device",
    "get_global_rank",
    "get_group_rank",
    "get_node_local_rank",
    "get_process_group_ranks",
    "get_rank",
    "get_world_size",
    "group",
    "init_process_group",
    "is_available",
    "is_backend_available",
    "is_gloo_available",
    "is_initialized",
    "is_mpi_available",
    "is_nccl_available",
    "is_torchelastic_launched",
    "is_ucc_available",
    "is_xccl_available",
    "new_group",
    "new_subgroups",
]

DEFAULT_TIMEOUTS = {"gloo": timedelta(minutes=30), "nccl": timedelta(minutes=10)}


class Backend(str):
    """The name of a backend, in small letters."""

    UNDEFINED = "undefined"
    GLOO = "gloo"
    NCCL = "nccl"
    MPI = "mpi"
    UCC = "ucc"
    XCCL = "xccl"
    backend_list: ClassVar[list[str]] = ["undefined", "gloo", "nccl"]
    # Which backend a device's tensors go to if nobody says.
    default_device_backend_map: ClassVar[dict[str, str]] = {"cpu": GLOO, "cuda": NCCL}

    def __new__(cls, name: str) -> Backend:
        if not isinstance(name, str):
            raise ValueError(f"Backend constructor parameter must be string-ish: {name}")
        return super().__new__(cls, name.lower())


def _by_device(backend: str | None) -> dict[str, str]:
    """The backend of each kind of device, from names such as `gloo` and `cpu:gloo,cuda:nccl`."""
    name = Backend(backend or Backend.UNDEFINED)
    if name == "mpi":
        raise RuntimeError(
            "Distributed package doesn't have MPI built in. The backends here are gloo, for the CPU, and nccl, for "
            "CUDA."
        )
    if name == Backend.UNDEFINED:
        return dict(Backend.default_device_backend_map)
    if ":" in name:
        pairs = [pair.split(":") for pair in name.split(",")]
        if any(len(pair) != 2 for pair in pairs):
            raise ValueError(
                f"Invalid device:backend pairing: {name}. `backend` should have the form device:backend,..."
            )
        found = dict(pairs)
    else:
        found = {"cpu": name, "cuda": name} if name == "gloo" else {"cuda": name}
    for kind in found.values():
        if kind not in Backend.backend_list:
            raise AssertionError(f"Unknown backend type {kind}")
    return found


class ProcessGroup:
    """Some of the processes, and the backends through which they talk."""

    def __init__(
        self, world: _World, ranks: Sequence[int], backends: dict[str, str], channel: int, timeout: timedelta
    ) -> None:
        self._world, self._ranks, self._backends = world, list(ranks), backends
        self._channel, self._timeout = channel, timeout
        self._open: dict[str, _Implementation] = {}
        self.group_desc = "undefined"
        if "gloo" in backends.values():
            # (All ranks are here together, as they have to be to find each other.)
            self._of("cpu" if backends.get("cpu") == "gloo" else "cuda")

    def rank(self) -> int:
        """This process's rank among them."""
        return self._ranks.index(self._world.rank)

    def size(self) -> int:
        """How many they are."""
        return len(self._ranks)

    def name(self) -> str:
        """The backend's name."""
        return ",".join(dict.fromkeys(self._backends.values()))

    @property
    def group_name(self) -> str:
        """A name that tells it from other groups."""
        return str(self._channel)

    @property
    def _devices(self) -> list[str]:
        return list(self._backends)

    def _of(self, device: str) -> _Implementation:
        """The backend for tensors of a kind of device."""
        kind = self._backends.get(device)
        if kind is None:
            raise RuntimeError(f"No backend type associated with device type {device}")
        if kind not in self._open:
            seconds = self._timeout.total_seconds()
            if kind == "gloo":
                mesh = self._world.mesh()
                self._open[kind] = Gloo(mesh, self._channel, self._ranks, self.rank(), seconds)
            else:
                store = PrefixStore(f"nccl/{self._channel}", self._world.store)
                self._open[kind] = Nccl(store, self._ranks, self.rank(), seconds)
        return self._open[kind]

    def _device(self) -> str:
        """Where objects go to be sent."""
        return "cpu" if "cpu" in self._backends else self._devices[0]

    def _close(self) -> None:
        for backend in self._open.values():
            backend.close()
        self._open.clear()


class _World:
    """What this process knows of the others."""

    def __init__(self, store: Store, rank: int, size: int, timeout: timedelta) -> None:
        self.store, self.rank, self.size, self.timeout = store, rank, size, timeout
        self.groups: list[ProcessGroup] = []
        self.count = 0
        self._mesh: Mesh | None = None

    def mesh(self) -> Mesh:
        """The connections, made when they are first needed; all ranks make them together."""
        if self._mesh is None:
            store = PrefixStore("mesh", self.store)
            self._mesh = Mesh(store, self.rank, self.size, self.timeout.total_seconds())
        return self._mesh

    def close(self) -> None:
        if self._mesh is not None:
            self._mesh.close()


class GroupMember:
    """The group of all processes, and what `new_group` gives those that are not in the new one."""

    WORLD: ProcessGroup | None = None
    NON_GROUP_MEMBER = -100


group = GroupMember
Group = ProcessGroup | int | None
_rounds = 0


def _get_default_group() -> ProcessGroup:
    if GroupMember.WORLD is None:
        raise ValueError(
            "Default process group has not been initialized, please make sure to call init_process_group."
        )
    return GroupMember.WORLD


def _resolve(of: Group) -> ProcessGroup | None:
    """The group that is meant; none if this process is not in it."""
    if isinstance(of, ProcessGroup):
        return of
    return None if of == GroupMember.NON_GROUP_MEMBER else _get_default_group()


def _warn_not_in_group(function: str) -> None:
    rank = -1 if GroupMember.WORLD is None else GroupMember.WORLD.rank()
    warnings.warn(
        f"Running {function} on global rank {rank} which does not belong to the given group.", stacklevel=3
    )


def is_available() -> bool:
    """Whether processes can be joined."""
    return True


def is_initialized() -> bool:
    """Whether this process is one of a group."""
    return GroupMember.WORLD is not None


def is_torchelastic_launched() -> bool:
    """Whether a launcher started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def is_gloo_available() -> bool:
    """Whether there is a backend for the CPU's tensors."""
    return True


def is_nccl_available() -> bool:
    """Whether NVIDIA's library of collectives is installed."""
    found = next(one for one in backends() if one.name == "cuda")
    return any(ability.startswith("NCCL ") for device in found.devices for ability in device.abilities)


def _absent() -> bool:
    """Not here."""
    return False


is_mpi_available = is_ucc_available = is_xccl_available = _absent


def is_backend_available(backend: str) -> bool:
    """Whether there is a backend of that name."""
    return {"gloo": True, "nccl": is_nccl_available()}.get(backend.lower(), False)


def get_default_backend_for_device(device: Any) -> str:
    """The backend that a device's tensors go to if nobody says."""
    kind = device.type if isinstance(device, _C.device) else str(device).partition(":")[0]
    if kind not in Backend.default_device_backend_map:
        raise ValueError(f"Default backend not registered for device : {device}")
    return Backend.default_device_backend_map[kind]


def init_process_group(
    backend: str | None = None,
    init_method: str | None = None,
    timeout: timedelta | None = None,
    world_size: int = -1,
    rank: int = -1,
    store: Store | None = None,
    group_name: str = "",
    pg_options: Any = None,
    device_id: Any = None,
) -> None:
    """Joins this process with the others.

    >>> import spiraltorch_rs as st, spiraltorch_rs.distributed as dist
    >>> dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    >>> x = st.ones(3)
    >>> dist.all_reduce(x)
    >>> x, dist.get_rank(), dist.get_world_size()
    (tensor([1., 1., 1.]), 0, 1)
    >>> dist.destroy_process_group()
    """
    global _rounds
    if GroupMember.WORLD is not None:
        raise ValueError("trying to initialize the default process group twice!")
    if store is not None and init_method is not None:
        raise AssertionError("Cannot specify both init_method and store.")
    if store is not None:
        if not world_size > 0:
            raise AssertionError("world_size must be positive if using store")
        if not rank >= 0:
            raise AssertionError("rank must be non-negative if using store")
    if timeout is not None and not isinstance(timeout, timedelta):
        raise TypeError(f"Expected timeout argument to be of type datetime.timedelta, got {timeout}")
    backends = _by_device(backend)
    if timeout is None:
        timeout = max(DEFAULT_TIMEOUTS[kind] for kind in backends.values())
    if store is None:
        store, rank, world_size = next(rendezvous(init_method or "env://", rank, world_size, timeout=timeout))
        store.set_timeout(timeout)
    if not 0 <= rank < world_size:
        raise ValueError(f"rank {rank} is not one of {world_size} processes")
    if device_id is not None:
        st.cuda.set_device(device_id)
    # A store may serve several groups of all, one after the other.
    world = _World(PrefixStore(f"round/{_rounds}", store), rank, world_size, timeout)
    _rounds += 1
    GroupMember.WORLD = ProcessGroup(world, range(world_size), backends, 0, timeout)
    GroupMember.WORLD.group_desc = "default_pg"
    world.groups.append(GroupMember.WORLD)


def destroy_process_group(group: Group = None) -> None:
    """Ends a group; if none is named, all of them."""
    if group == GroupMember.NON_GROUP_MEMBER:
        return
    everything = GroupMember.WORLD
    if everything is None:
        raise AssertionError("Process group cannot be None")
    ended = everything if group is None else group
    world = everything._world
    if ended not in world.groups:
        raise ValueError("Invalid process group specified")
    if ended is not everything:
        ended._close()
        world.groups.remove(ended)
        return
    for one in world.groups:
        one._close()
    world.close()
    GroupMember.WORLD = None


def new_group(
    ranks: Sequence[int] | None = None,
    timeout: timedelta | None = None,
    backend: str | None = None,
    pg_options: Any = None,
    use_local_synchronization: bool = False,
    group_desc: str | None = None,
    device_id: Any = None,
) -> Any:
    """A group of some of the processes. All processes call it, in the same order; those outside get a number."""
    everything = _get_default_group()
    world = everything._world
    members = list(range(world.size)) if ranks is None else sorted(ranks)
    if len(members) > world.size:
        raise ValueError(
            "the new group's world size should be less or equal to the world size set by init_process_group"
        )
    for rank in members:
        if not 0 <= rank < world.size:
            raise ValueError(
                f"Rank {rank} is out of range. Valid ranks are 0 to {world.size - 1} (world_size={world.size})"
            )
    if len(set(members)) != len(members):
        raise ValueError(f"ranks of a group are different ones, got {members}")
    backends = dict(everything._backends) if backend is None else _by_device(backend)
    if "gloo" in backends.values():
        world.mesh()
    if use_local_synchronization:
        # Only members call: what they agree on is who they are.
        count = sum(one._ranks == members for one in world.groups)
        channel = 1 << 32 | zlib.crc32(repr((members, count)).encode())
    else:
        world.count += 1
        channel = world.count
    if world.rank not in members:
        return GroupMember.NON_GROUP_MEMBER
    made = ProcessGroup(world, members, backends, channel, timeout or everything._timeout)
    made.group_desc = group_desc or "undefined"
    world.groups.append(made)
    return made


def new_subgroups(
    group_size: int | None = None,
    group: ProcessGroup | None = None,
    timeout: timedelta | None = None,
    backend: str | None = None,
    pg_options: Any = None,
    group_desc: str | None = None,
) -> tuple[Any, list[Any]]:
    """Groups of so many neighbours each: this process's own, and all of them."""
    size = get_world_size()
    each = group_size or st.cuda.device_count()
    if not 0 < each <= size:
        raise ValueError(f"The arg 'group_size' ({each}) must not exceed the world size ({size})")
    if size % each:
        raise ValueError(f"The world size ({size}) must be divisible by 'group_size={each}'")
    made = [new_group(range(at, at + each), timeout, backend) for at in range(0, size, each)]
    return made[get_rank() // each], made


def get_backend_config(group: Group = None) -> str:
    """The backend of each kind of device."""
    return ",".join(f"{device}:{kind}" for device, kind in _member(group)._backends.items())


def _member(of: Group) -> ProcessGroup:
    found = _resolve(of)
    if found is None:
        raise ValueError("Invalid process group specified")
    return found


def get_backend(group: Group = None) -> Backend:
    """The name of a group's backend."""
    return Backend(next(reversed(_member(group)._backends.values())))


def get_rank(group: Group = None) -> int:
    """This process's rank in a group; -1 if it is not in it."""
    found = _resolve(group)
    return -1 if found is None else found.rank()


def get_world_size(group: Group = None) -> int:
    """How many processes a group has; -1 if this one is not in it."""
    found = _resolve(group)
    return -1 if found is None else found.size()


def get_node_local_rank(fallback_rank: int | None = None) -> int:
    """This process's rank among those of its machine, as the launcher says."""
    if "LOCAL_RANK" in os.environ:
        return int(os.environ["LOCAL_RANK"])
    if fallback_rank is not None:
        return int(fallback_rank)
    raise RuntimeError(
        "LOCAL_RANK is not in the environment. Consider passing fallback_rank to allow `get_node_local_rank` to work, "
        "assuming you are not running in a multi-device context and want the code to run locally instead."
    )


def get_process_group_ranks(group: ProcessGroup | None) -> list[int]:
    """The ranks, among all, of a group's processes."""
    return list(_member(group)._ranks)


def get_global_rank(group: ProcessGroup, group_rank: int) -> int:
    """The rank among all of a process that has a rank in a group."""
    ranks = _member(group)._ranks
    if not 0 <= group_rank < len(ranks):
        raise ValueError(f"Group rank {group_rank} is not part of group {group}")
    return ranks[group_rank]


def get_group_rank(group: ProcessGroup, global_rank: int) -> int:
    """The rank in a group of a process that has a rank among all."""
    ranks = _member(group)._ranks
    if global_rank not in ranks:
        raise ValueError(f"Global rank {global_rank} is not part of group {group}")
    return ranks.index(global_rank)


for _public in (Backend, ProcessGroup, GroupMember, ReduceOp):
    _public.__module__ = "spiraltorch_rs.distributed"
