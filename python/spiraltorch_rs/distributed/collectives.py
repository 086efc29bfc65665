"""The collectives of torch, made of the few that a backend has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import spiraltorch_rs as st
from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.distributed._backend import Backend, ReduceOp
from spiraltorch_rs.distributed._work import Done, Work
from spiraltorch_rs.distributed.distributed_c10d import (
    Group,
    ProcessGroup,
    _get_default_group,
    _resolve,
    _warn_not_in_group,
)

__all__ = [
    "P2POp",
    "all_gather",
    "all_gather_into_tensor",
    "all_reduce",
    "all_to_all",
    "all_to_all_single",
    "barrier",
    "batch_isend_irecv",
    "broadcast",
    "gather",
    "irecv",
    "isend",
    "monitored_barrier",
    "recv",
    "reduce",
    "reduce_scatter",
    "reduce_scatter_tensor",
    "scatter",
    "send",
]


# ---- what is given ----


def _check_tensor(given: object, name: str) -> None:
    if not isinstance(given, Tensor):
        raise TypeError(
            f"Invalid function argument. Expected parameter `{name}` of type torch.Tensor\n"
            f"             but got {type(given)} instead."
        )


def _check_list(given: object, name: str) -> None:
    if not isinstance(given, list | tuple) or not all(isinstance(one, Tensor) for one in given):
        raise TypeError(
            f"Invalid function argument. Expected parameter `{name}` of type List[torch.Tensor]\n"
            f"             but got {type(given)} instead."
        )


def _check_dtypes(*given: Any) -> None:
    flat = [one for part in given for one in (part if isinstance(part, list | tuple) else [part])]
    if len({one.dtype for one in flat}) > 1:
        names = [str(one.dtype) for one in flat]
        raise ValueError(f"Invalid usage of tensors with different dtypes: found {names[0]} and {names[-1]}")


def _check_sizes(function: str, tensors: Sequence[Tensor], like: Tensor) -> None:
    for i, one in enumerate(tensors):
        if one.shape != like.shape:
            sizes = [f"({', '.join(map(str, shape))})" for shape in (like.shape, one.shape)]
            raise RuntimeError(
                f"ProcessGroup::{function}: invalid tensor size at index {i} (expected {sizes[0]}, got {sizes[1]})"
            )


def _check_length(function: str, tensors: Sequence[Tensor], size: int) -> None:
    if len(tensors) != size:
        raise RuntimeError(
            f"ProcessGroup::{function}: invalid output tensor list at index 0 "
            f"(expected length {size}, got {len(tensors)})"
        )


def _member(group: Group, function: str) -> ProcessGroup | None:
    found = _resolve(group)
    if found is None:
        _warn_not_in_group(function)
    return found


def _backend(group: ProcessGroup, tensor: Tensor) -> Backend:
    return group._of(tensor.device.type)


def _in_group(
    function: str, group: ProcessGroup, rank: int | None, group_rank: int | None, default: int | None
) -> int:
    """The rank in the group of who is named by one rank or the other."""
    if group_rank is not None:
        if rank is not None:
            raise ValueError(
                "Can't specify both group_src and src" if function else "Can't specify both group_dst and dst"
            )
        found = group_rank
    else:
        rank = default if rank is None else rank
        if rank is None:
            raise ValueError("Must specify a rank, as src or dst, or in the group")
        if rank not in group._ranks:
            if group is _get_default_group():
                raise RuntimeError(f"ProcessGroup::{function}: invalid root rank: {rank}")
            raise ValueError(f"Global rank {rank} is not part of group {group}")
        return group._ranks.index(rank)
    if not 0 <= found < group.size():
        raise RuntimeError(f"ProcessGroup::{function}: invalid root rank: {found}")
    return found


def _flat(tensor: Tensor) -> Tensor:
    """The elements in row-major order, complex ones as pairs."""
    tensor = tensor.detach()
    return (_C.view_as_real(tensor) if tensor.is_complex() else tensor).reshape(-1)


def _joined(tensors: Sequence[Tensor]) -> Tensor:
    return st.cat([_flat(one) for one in tensors])


def _store(target: Tensor, flat: Tensor) -> None:
    """Writes elements in row-major order to a tensor."""
    target = target.detach()
    target = _C.view_as_real(target) if target.is_complex() else target
    target.copy_(flat.view(target.shape))


def _store_parts(targets: Sequence[Tensor], flat: Tensor) -> None:
    at = 0
    for target in targets:
        count = target.numel() * (2 if target.is_complex() else 1)
        _store(target, flat[at : at + count])
        at += count


def _finished(work: Work, async_op: bool, then: Callable[[Tensor], object] | None = None) -> Work | None:
    """Hands the work out if it need not be waited for."""
    if then is not None:
        work._add(then)
    if async_op:
        return work
    work.wait()
    return None


def _check_op(function: str, tensor: Tensor, op: ReduceOp) -> None:
    if tensor.is_complex() and op not in (ReduceOp.SUM, ReduceOp.AVG):
        raise ValueError(f"{function} does not support {op} on complex tensors")


# ---- everybody ----


def all_reduce(
    tensor: Tensor, op: ReduceOp = ReduceOp.SUM, group: Group = None, async_op: bool = False
) -> Work | None:
    """Makes the tensors of all ranks one, element by element; all have the result."""
    _check_tensor(tensor, "tensor")
    if (members := _member(group, "all_reduce")) is None:
        return None
    _check_op("all_reduce", tensor, op)
    work = _backend(members, tensor).all_reduce(_flat(tensor), op, async_op)
    return _finished(work, async_op, lambda flat: _store(tensor, flat))


def reduce(
    tensor: Tensor,
    dst: int | None = None,
    op: ReduceOp = ReduceOp.SUM,
    group: Group = None,
    async_op: bool = False,
    group_dst: int | None = None,
) -> Work | None:
    """Makes the tensors of all ranks one; one rank has the result."""
    _check_tensor(tensor, "tensor")
    if (members := _member(group, "reduce")) is None:
        return None
    _check_op("reduce", tensor, op)
    root = _in_group("reduce", members, dst, group_dst, None)
    work = _backend(members, tensor).all_reduce(_flat(tensor), op, async_op)
    return _finished(work, async_op, (lambda flat: _store(tensor, flat)) if root == members.rank() else None)


def broadcast(
    tensor: Tensor,
    src: int | None = None,
    group: Group = None,
    async_op: bool = False,
    group_src: int | None = None,
) -> Work | None:
    """Gives one rank's tensor to all."""
    _check_tensor(tensor, "tensor")
    if (members := _member(group, "broadcast")) is None:
        return None
    root = _in_group("broadcast", members, src, group_src, None)
    work = _backend(members, tensor).broadcast(_flat(tensor), root, async_op)
    return _finished(work, async_op, None if root == members.rank() else lambda flat: _store(tensor, flat))


def all_gather(
    tensor_list: list[Tensor], tensor: Tensor, group: Group = None, async_op: bool = False
) -> Work | None:
    """Gives the tensors of all ranks to all, as a list."""
    _check_list(tensor_list, "tensor_list")
    _check_tensor(tensor, "tensor")
    _check_dtypes(tensor_list, tensor)
    if (members := _member(group, "all_gather")) is None:
        return None
    _check_length("allgather", tensor_list, members.size())
    _check_sizes("allgather", tensor_list, tensor)
    work = _backend(members, tensor).all_gather(_flat(tensor), async_op)
    return _finished(work, async_op, lambda flat: _store_parts(tensor_list, flat))


def all_gather_into_tensor(
    output_tensor: Tensor, input_tensor: Tensor, group: Group = None, async_op: bool = False
) -> Work | None:
    """Gives the tensors of all ranks to all, one after the other in one tensor."""
    _check_tensor(input_tensor, "input_tensor")
    _check_tensor(output_tensor, "output_tensor")
    if (members := _member(group, "all_gather_into_tensor")) is None:
        return None
    _check_whole("all_gather_into_tensor", output_tensor, input_tensor, members.size())
    work = _backend(members, input_tensor).all_gather(_flat(input_tensor), async_op)
    return _finished(work, async_op, lambda flat: _store(output_tensor, flat))


def _check_whole(function: str, whole: Tensor, part: Tensor, size: int) -> None:
    if whole.dtype != part.dtype:
        raise RuntimeError(f"{function}: output tensor must have the same type as input tensor")
    if whole.numel() != part.numel() * size:
        longer = "output" if function.startswith("all") else "input"
        raise RuntimeError(
            f"{function}: {longer} tensor size must be equal to world_size times the other tensor's: "
            f"{whole.numel()} is not {size} * {part.numel()}"
        )


def reduce_scatter_tensor(
    output: Tensor,
    input: Tensor,
    op: ReduceOp = ReduceOp.SUM,
    group: Group = None,
    async_op: bool = False,
) -> Work | None:
    """Makes the tensors of all ranks one, and gives each rank its part of it."""
    _check_tensor(output, "output")
    _check_tensor(input, "input")
    if (members := _member(group, "reduce_scatter_tensor")) is None:
        return None
    _check_op("reduce_scatter_tensor", input, op)
    _check_whole("reduce_scatter_tensor", input, output, members.size())
    work = _backend(members, input).reduce_scatter(_flat(input), op, async_op)
    return _finished(work, async_op, lambda flat: _store(output, flat))


def reduce_scatter(
    output: Tensor,
    input_list: list[Tensor],
    op: ReduceOp = ReduceOp.SUM,
    group: Group = None,
    async_op: bool = False,
) -> Work | None:
    """Makes the lists of all ranks one, and gives each rank its entry."""
    _check_tensor(output, "output")
    _check_list(input_list, "input_list")
    _check_dtypes(output, input_list)
    if (members := _member(group, "reduce_scatter")) is None:
        return None
    _check_op("reduce_scatter", output, op)
    _check_length("reduce_scatter", input_list, members.size())
    _check_sizes("reduce_scatter", input_list, output)
    work = _backend(members, output).reduce_scatter(_joined(input_list), op, async_op)
    return _finished(work, async_op, lambda flat: _store(output, flat))


def barrier(group: Group = None, async_op: bool = False, device_ids: Any = None) -> Work | None:
    """Waits until all ranks are here."""
    if (members := _member(group, "barrier")) is None:
        return None
    device = members._device()
    signal = _C.zeros(1, device=device)
    work = members._of(device).all_reduce(signal, ReduceOp.SUM, async_op)
    # On a GPU, too, nobody goes on before all are here.
    return _finished(work, async_op, lambda flat: flat.cpu().tolist())


def monitored_barrier(
    group: Group = None, timeout: timedelta | None = None, wait_all_ranks: bool = False
) -> None:
    """Waits until all ranks are here; an error that names who is not, if that takes too long."""
    if (members := _member(group, "monitored_barrier")) is None:
        return
    backend = members._of("cpu")
    usual = backend.timeout
    backend.timeout = usual if timeout is None else timeout.total_seconds()
    try:
        backend.all_reduce(_C.zeros(1), ReduceOp.SUM, False).wait()
    except RuntimeError as error:
        raise RuntimeError(f"Rank {members.rank()} failed to pass monitoredBarrier: {error}") from error
    finally:
        backend.timeout = usual


# ---- one to many, many to one, all to all ----


def _check_own(name: str, given: Any, mine: bool, side: str) -> None:
    if mine and not given:
        raise ValueError(f"Argument ``{name}`` must be specified on {side} rank.")
    if not mine and given:
        raise ValueError(f"Argument ``{name}`` must NOT be specified on non-{side} ranks.")


def gather(
    tensor: Tensor,
    gather_list: list[Tensor] | None = None,
    dst: int | None = None,
    group: Group = None,
    async_op: bool = False,
    group_dst: int | None = None,
) -> Work | None:
    """Gives the tensors of all ranks to one."""
    _check_tensor(tensor, "tensor")
    if (members := _member(group, "gather")) is None:
        return None
    root = _in_group("gather", members, dst, group_dst, 0 if group_dst is None else None)
    mine = root == members.rank()
    _check_own("gather_list", gather_list, mine, "destination")
    flat = _flat(tensor)
    counts = [flat.numel() if peer == root else 0 for peer in range(members.size())]
    targets = gather_list or []
    if mine:
        _check_list(targets, "gather_list")
        _check_dtypes(tensor, targets)
        _check_length("gather", targets, members.size())
        _check_sizes("gather", targets, tensor)
    coming = [flat.numel() if mine else 0] * members.size()
    work = _backend(members, tensor).all_to_all(flat, counts, coming, async_op)
    return _finished(work, async_op, lambda flat: _store_parts(targets, flat))


def scatter(
    tensor: Tensor,
    scatter_list: list[Tensor] | None = None,
    src: int | None = None,
    group: Group = None,
    async_op: bool = False,
    group_src: int | None = None,
) -> Work | None:
    """Gives each rank its entry of one rank's list."""
    _check_tensor(tensor, "tensor")
    if (members := _member(group, "scatter")) is None:
        return None
    root = _in_group("scatter", members, src, group_src, 0 if group_src is None else None)
    mine = root == members.rank()
    _check_own("scatter_list", scatter_list, mine, "source")
    count = _flat(tensor).numel()
    flat = _flat(tensor)[:0]
    if mine:
        assert scatter_list is not None
        _check_list(scatter_list, "scatter_list")
        _check_dtypes(tensor, scatter_list)
        _check_length("scatter", scatter_list, members.size())
        _check_sizes("scatter", scatter_list, tensor)
        flat = _joined(scatter_list)
    counts = [count if mine else 0] * members.size()
    coming = [count if peer == root else 0 for peer in range(members.size())]
    work = _backend(members, tensor).all_to_all(flat, counts, coming, async_op)
    return _finished(work, async_op, lambda flat: _store(tensor, flat))


def _splits(tensor: Tensor, sizes: Sequence[int] | None, size: int) -> list[int]:
    """How many elements go to each rank, or come from it: parts of the first dimension."""
    rows = tensor.shape[0] if tensor.ndim else 1
    if not sizes:
        if rows % size:
            raise RuntimeError("Tensor's dim 0 does not divide equally across group size")
        sizes = [rows // size] * size
    if len(sizes) != size:
        raise RuntimeError("Number of tensor splits not equal to group size")
    if sum(sizes) != rows:
        raise RuntimeError("Split sizes doesn't match total dim 0 size")
    each = _flat(tensor).numel() // rows if rows else 0
    return [count * each for count in sizes]


def all_to_all_single(
    output: Tensor,
    input: Tensor,
    output_split_sizes: Sequence[int] | None = None,
    input_split_sizes: Sequence[int] | None = None,
    group: Group = None,
    async_op: bool = False,
) -> Work | None:
    """Gives each rank a part of every rank's tensor."""
    _check_tensor(output, "output")
    _check_tensor(input, "input")
    _check_dtypes(output, input)
    if (members := _member(group, "all_to_all_single")) is None:
        return None
    counts = _splits(input, input_split_sizes, members.size())
    coming = _splits(output, output_split_sizes, members.size())
    work = _backend(members, input).all_to_all(_flat(input), counts, coming, async_op)
    return _finished(work, async_op, lambda flat: _store(output, flat))


def all_to_all(
    output_tensor_list: list[Tensor],
    input_tensor_list: list[Tensor],
    group: Group = None,
    async_op: bool = False,
) -> Work | None:
    """Gives each rank its entry of every rank's list."""
    _check_list(output_tensor_list, "output_tensor_list")
    _check_list(input_tensor_list, "input_tensor_list")
    _check_dtypes(output_tensor_list, input_tensor_list)
    if (members := _member(group, "all_to_all")) is None:
        return None
    _check_length("alltoall", output_tensor_list, members.size())
    _check_length("alltoall", input_tensor_list, members.size())
    counts = [_flat(one).numel() for one in input_tensor_list]
    coming = [_flat(one).numel() for one in output_tensor_list]
    backend = _backend(members, input_tensor_list[0])
    work = backend.all_to_all(_joined(input_tensor_list), counts, coming, async_op)
    return _finished(work, async_op, lambda flat: _store_parts(output_tensor_list, flat))


# ---- one to one ----


def _peer(members: ProcessGroup, rank: int | None, group_rank: int | None, side: str) -> int:
    function = "send" if side == "destination" else "recv"
    found = _in_group(function, members, rank, group_rank, None)
    if found == members.rank():
        raise ValueError(
            f"Invalid {side} rank: {side} rank should not be the same as the rank of the current process."
        )
    return found


def isend(
    tensor: Tensor, dst: int | None = None, group: Group = None, tag: int = 0, group_dst: int | None = None
) -> Work | None:
    """Sends a tensor to one rank; need not be waited for."""
    _check_tensor(tensor, "tensor")
    if (members := _member(group, "isend")) is None:
        return None
    peer = _peer(members, dst, group_dst, "destination")
    return _backend(members, tensor).send(_flat(tensor), peer, tag)


def send(
    tensor: Tensor, dst: int | None = None, group: Group = None, tag: int = 0, group_dst: int | None = None
) -> None:
    """Sends a tensor to one rank."""
    if (work := isend(tensor, dst, group, tag, group_dst)) is not None:
        work.wait()


def irecv(
    tensor: Tensor,
    src: int | None = None,
    group: Group = None,
    tag: int = 0,
    group_src: int | None = None,
) -> Work | None:
    """Receives a tensor from one rank, or from whoever sends one; it is there once it has been waited for."""
    _check_tensor(tensor, "tensor")
    if (members := _member(group, "irecv")) is None:
        return None
    anybody = src is None and group_src is None
    peer = None if anybody else _peer(members, src, group_src, "source")
    work = _backend(members, tensor).receive(_flat(tensor), peer, tag)
    return work._add(lambda flat: _store(tensor, flat))


def recv(
    tensor: Tensor,
    src: int | None = None,
    group: Group = None,
    tag: int = 0,
    group_src: int | None = None,
) -> int:
    """Receives a tensor; who sent it, -1 if this process is not in the group."""
    if (work := irecv(tensor, src, group, tag, group_src)) is None:
        return -1
    work.wait()
    members = _resolve(group)
    assert members is not None
    return members._ranks[work.source_rank()]


class P2POp:
    """An `isend` or `irecv` for `batch_isend_irecv`."""

    def __init__(
        self,
        op: Callable[..., Work | None],
        tensor: Tensor,
        peer: int | None = None,
        group: Group = None,
        tag: int = 0,
        group_peer: int | None = None,
    ) -> None:
        if op not in (isend, irecv):
            raise ValueError(
                "Invalid ``op``. Expected ``op`` to be of type ``torch.distributed.isend`` "
                "or ``torch.distributed.irecv``."
            )
        _check_tensor(tensor, "tensor")
        self.op, self.tensor, self.peer, self.group, self.tag = op, tensor, peer, group, tag
        self.group_peer = group_peer


def batch_isend_irecv(p2p_op_list: list[P2POp]) -> list[Work]:
    """Starts several messages together."""
    if not isinstance(p2p_op_list, list) or not all(isinstance(one, P2POp) for one in p2p_op_list):
        raise ValueError(
            "Invalid ``p2p_op_list``. Each op is expected to to be of type ``torch.distributed.P2POp``."
        )
    if not p2p_op_list:
        return []
    if (members := _member(p2p_op_list[0].group, "batch_isend_irecv")) is None:
        return []
    backend = _backend(members, p2p_op_list[0].tensor)
    with backend.together():
        begun = [one.op(one.tensor, one.peer, one.group, one.tag, one.group_peer) for one in p2p_op_list]
    return [Done() if work is None else work for work in begun]
