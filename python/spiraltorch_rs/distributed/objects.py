"""Collectives of Python objects, pickled: what comes from other ranks is trusted."""

from __future__ import annotations

import pickle
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.distributed import collectives
from spiraltorch_rs.distributed.distributed_c10d import Group, ProcessGroup, get_group_rank

__all__ = [
    "all_gather_object",
    "broadcast_object_list",
    "gather_object",
    "recv_object_list",
    "scatter_object_list",
    "send_object_list",
]


def _packed(value: Any, group: ProcessGroup) -> tuple[Tensor, Tensor]:
    """An object's bytes, and how many they are."""
    data = _C.frombuffer(bytearray(pickle.dumps(value)), dtype=_C.uint8)
    return data.to(group._device()), _C.tensor([data.numel()], device=group._device())


def _unpacked(data: Tensor) -> Any:
    return pickle.loads(data.cpu().numpy().tobytes())


def _sizes(size: Tensor, group: ProcessGroup) -> list[int]:
    """Everybody's."""
    all_of_them = _C.zeros(group.size(), dtype=_C.int64, device=size.device)
    collectives.all_gather_into_tensor(all_of_them, size, group)
    return [int(one) for one in all_of_them.tolist()]


def all_gather_object(object_list: list[Any], obj: Any, group: Group = None) -> None:
    """Gives the objects of all ranks to all."""
    if (members := collectives._member(group, "all_gather_object")) is None:
        return
    data, size = _packed(obj, members)
    sizes = _sizes(size, members)
    backend = members._of(members._device())
    work = backend.all_to_all(data.repeat(members.size()), [data.numel()] * members.size(), sizes, False)
    work.wait()
    for i, part in enumerate(work.result()[0].split(sizes)):
        object_list[i] = _unpacked(part)


def gather_object(
    obj: Any,
    object_gather_list: list[Any] | None = None,
    dst: int | None = None,
    group: Group = None,
    group_dst: int | None = None,
) -> None:
    """Gives the objects of all ranks to one."""
    if (members := collectives._member(group, "gather_object")) is None:
        return
    root = collectives._in_group("gather", members, dst, group_dst, 0 if group_dst is None else None)
    mine = root == members.rank()
    collectives._check_own("object_gather_list", object_gather_list, mine, "destination")
    data, size = _packed(obj, members)
    sizes = _sizes(size, members)
    counts = [data.numel() if peer == root else 0 for peer in range(members.size())]
    coming = sizes if mine else [0] * members.size()
    work = members._of(members._device()).all_to_all(data, counts, coming, False)
    work.wait()
    if object_gather_list is not None:
        for i, part in enumerate(work.result()[0].split(sizes)):
            object_gather_list[i] = _unpacked(part)


def broadcast_object_list(
    object_list: list[Any],
    src: int | None = None,
    group: Group = None,
    device: Any = None,
    group_src: int | None = None,
) -> None:
    """Gives one rank's objects to all."""
    if (members := collectives._member(group, "broadcast_object_list")) is None:
        return
    root = collectives._in_group("broadcast", members, src, group_src, 0 if group_src is None else None)
    mine = root == members.rank()
    data, size = _packed(list(object_list) if mine else None, members)
    collectives.broadcast(size, group=members, group_src=root)
    if not mine:
        data = _C.empty(int(size.item()), dtype=_C.uint8, device=size.device)
    collectives.broadcast(data, group=members, group_src=root)
    if not mine:
        object_list[:] = _unpacked(data)


def scatter_object_list(
    scatter_object_output_list: list[Any],
    scatter_object_input_list: list[Any] | None = None,
    src: int | None = None,
    group: Group = None,
    group_src: int | None = None,
) -> None:
    """Gives each rank its entry of one rank's objects."""
    if (members := collectives._member(group, "scatter_object_list")) is None:
        return
    if not isinstance(scatter_object_output_list, list) or not scatter_object_output_list:
        raise ValueError("Expected argument scatter_object_output_list to be a list of size at least 1.")
    root = collectives._in_group("scatter", members, src, group_src, 0 if group_src is None else None)
    everything = [scatter_object_input_list]
    broadcast_object_list(everything, group=members, group_src=root)
    entries = everything[0]
    if entries is None or len(entries) != members.size():
        raise ValueError("Argument ``scatter_object_input_list`` must have an entry for each rank.")
    scatter_object_output_list[0] = entries[members.rank()]


def send_object_list(
    object_list: list[Any],
    dst: int | None = None,
    group: Group = None,
    device: Any = None,
    group_dst: int | None = None,
    use_batch: bool = False,
) -> None:
    """Sends objects to one rank."""
    if (members := collectives._member(group, "send_object_list")) is None:
        return
    data, size = _packed(list(object_list), members)
    for one in (size, data):
        collectives.send(one, dst, members, group_dst=group_dst)


def recv_object_list(
    object_list: list[Any],
    src: int | None = None,
    group: Group = None,
    device: Any = None,
    group_src: int | None = None,
    use_batch: bool = False,
) -> int:
    """Receives objects from one rank, or from whoever sends some: who it was."""
    if (members := collectives._member(group, "recv_object_list")) is None:
        return -1
    size = _C.zeros(1, dtype=_C.int64, device=members._device())
    source = collectives.recv(size, src, members, group_src=group_src)
    data = _C.empty(int(size.item()), dtype=_C.uint8, device=size.device)
    collectives.recv(data, group=members, group_src=get_group_rank(members, source))
    object_list[:] = _unpacked(data)
    return source
