"""`DistributedDataParallel`: the same model in several processes, each on its own share of the data.

Gradients are averaged in buckets: those of the last layers, which are there first, travel while the backward pass goes
on with the layers before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import spiraltorch_rs as st
import spiraltorch_rs.distributed as dist
from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.grad_mode import is_grad_enabled, no_grad
from spiraltorch_rs.autograd.variable import Variable
from spiraltorch_rs.distributed._bucket import GradBucket, pieces
from spiraltorch_rs.distributed.distributed_c10d import ProcessGroup, _get_default_group
from spiraltorch_rs.nn.modules.module import Module
from spiraltorch_rs.utils._pytree import tree_leaves, tree_map

__all__ = ["DistributedDataParallel"]

# Bytes of the first bucket, which should be under way soon, and of the others; and of what is sent at the start.
FIRST_BUCKET = 1 << 20
BUCKET_MB = 25
SYNC_BYTES = 250 << 20

UNFINISHED = (
    "Expected to have finished reduction in the prior iteration before starting a new one. This error indicates that "
    "your module has parameters that were not used in producing loss. You can enable unused parameter detection by "
    "passing the keyword argument `find_unused_parameters=True` to `torch.nn.parallel.DistributedDataParallel`, and by "
    "making sure all `forward` function outputs participate in calculating loss. Parameters that did not receive a "
    "gradient: {}"
)


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _kind(tensor: Tensor) -> str:
    return f"{tensor.dtype} {tensor.device}"


def _in_buckets(tensors: Sequence[Tensor], sizes: Iterator[int]) -> list[list[Tensor]]:
    """Neighbours of the same dtype and device, until they are as many bytes as the next of the sizes."""
    buckets: list[list[Tensor]] = []
    for _, group in groupby(tensors, _kind):
        bucket: list[Tensor] = []
        most = next(sizes)
        for tensor in group:
            bucket.append(tensor)
            if sum(map(_bytes, bucket)) >= most:
                buckets.append(bucket)
                bucket, most = [], next(sizes)
        if bucket:
            buckets.append(bucket)
    return buckets


def _same(size: int) -> Iterator[int]:
    while True:
        yield size


def _growing(first: int, size: int) -> Iterator[int]:
    yield first
    yield from _same(size)


def _flattened(tensors: Sequence[Tensor]) -> Tensor:
    parts = [tensor.detach().reshape(-1) for tensor in tensors]
    return parts[0] if len(parts) == 1 else st.cat(parts)


def sync_from_first(tensors: Sequence[Tensor], group: ProcessGroup) -> None:
    """Gives all ranks the values of the group's first one."""
    with no_grad():
        for bucket in _in_buckets(sorted(tensors, key=_kind), _same(SYNC_BYTES)):
            flat = _flattened(bucket).clone()
            dist.broadcast(flat, group=group, group_src=0)
            if group.rank() != 0:
                for tensor, piece in zip(bucket, pieces(flat, bucket), strict=True):
                    tensor.detach().copy_(piece)


def check_shapes(parameters: Sequence[Tensor], group: ProcessGroup) -> None:
    """Raises if the ranks have different models."""
    everybody: list[Any] = [None] * group.size()
    dist.all_gather_object(everybody, [(tuple(p.shape), str(p.dtype)) for p in parameters], group)
    for rank, theirs in enumerate(everybody):
        if len(theirs) != len(everybody[0]):
            raise RuntimeError(
                f"DDP expects same model across all ranks, but Rank 0 has {len(everybody[0])} params, while "
                f"rank {rank} has inconsistent {len(theirs)} params."
            )
        for i, (first, other) in enumerate(zip(everybody[0], theirs, strict=True)):
            if first != other:
                raise RuntimeError(
                    f"[{i}]: params[{i}] in this process with sizes {other[0]}, {other[1]}, on rank {rank}, appears "
                    f"not to match that of the same param in process 0: {first[0]}, {first[1]}"
                )


class DistributedDataParallel(Module):
    """A module whose gradients are the mean over all ranks of those that each computes on its own input.

    At the start all ranks get the parameters and buffers of the first one.

    >>> import spiraltorch_rs as st, spiraltorch_rs.distributed as dist
    >>> dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    >>> model = st.nn.parallel.DistributedDataParallel(st.nn.Linear(2, 1))
    >>> model(st.ones(3, 2)).sum().backward()
    >>> model.module.bias.grad, list(model.state_dict())
    (tensor([3.]), ['module.weight', 'module.bias'])
    >>> dist.destroy_process_group()
    """

    def __init__(
        self,
        module: Module,
        device_ids: Sequence[Any] | None = None,
        output_device: Any = None,
        dim: int = 0,
        broadcast_buffers: bool | None = None,
        init_sync: bool = True,
        process_group: ProcessGroup | None = None,
        bucket_cap_mb: float | None = None,
        find_unused_parameters: bool = False,
        check_reduction: bool = False,
        gradient_as_bucket_view: bool = False,
        static_graph: bool = False,
        *,
        forward_sync_buffers: bool | None = None,
    ) -> None:
        super().__init__()
        self.process_group = _get_default_group() if process_group is None else process_group
        names = getattr(module, "_ddp_params_and_buffers_to_ignore", ())
        named = [(name, p) for name, p in module.named_parameters() if p.requires_grad and name not in names]
        if not named:
            raise RuntimeError(
                "DistributedDataParallel is not needed when a module doesn't have any parameter that requires a "
                "gradient."
            )
        if device_ids is not None and len(device_ids) > 1:
            raise ValueError("device_ids can only be None or contain a single element.")
        self.module = module
        self.dim = dim
        asked = [one for one in (forward_sync_buffers, broadcast_buffers) if one is not None]
        self.broadcast_buffers = asked[0] if asked else True
        self.device = named[0][1].device
        self.device_ids = list(device_ids) if device_ids else None
        self.output_device = output_device
        self.find_unused_parameters = find_unused_parameters or static_graph
        self.static_graph, self.gradient_as_bucket_view = static_graph, gradient_as_bucket_view
        self.require_backward_grad_sync = self.require_forward_param_sync = True
        self._names = {id(p): name for name, p in named}
        self._buffers_to_sync = [b for name, b in module.named_buffers() if name not in names]
        parameters = [p for _, p in named]
        if init_sync:
            check_shapes(parameters, self.process_group)
            every = [p for name, p in module.named_parameters() if name not in names]
            # (Who says `broadcast_buffers=False` has buffers of its own from the start.)
            buffers = [] if broadcast_buffers is False else self._buffers_to_sync
            sync_from_first([*every, *buffers], self.process_group)
        size = int((BUCKET_MB if bucket_cap_mb is None else bucket_cap_mb) * (1 << 20))
        grouped = _in_buckets(parameters[::-1], _growing(min(size, FIRST_BUCKET), size))
        self._buckets = [GradBucket(i, b, i == len(grouped) - 1) for i, b in enumerate(grouped)]
        self._bucket_of = {id(p): bucket for bucket in self._buckets for p in bucket._parameters}
        self._comm_hook: tuple[Any, Callable[[Any, GradBucket], Any]] | None = None
        self._expects = False
        self._used: set[int] = set()
        self._next = 0
        for parameter in parameters:
            parameter.register_post_accumulate_grad_hook(self._is_ready)

    # ---- forward ----

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        syncs = is_grad_enabled() and self.require_backward_grad_sync
        if syncs:
            self._refuse_unfinished()
        if self.require_forward_param_sync and self.broadcast_buffers and self._buffers_to_sync:
            sync_from_first(self._buffers_to_sync, self.process_group)
        if self.device_ids:
            inputs, kwargs = self._moved(inputs), self._moved(kwargs)
        result = self.module(*inputs, **kwargs)
        # (A forward pass without gradients, in between, changes nothing.)
        if is_grad_enabled():
            self._expects = syncs
            self.require_forward_param_sync = syncs
        if syncs:
            self._expect(result)
        return result

    def _moved(self, given: Any) -> Any:
        assert self.device_ids is not None
        device = self.device_ids[0]
        device = f"cuda:{device}" if isinstance(device, int) else device
        return tree_map(lambda leaf: leaf.to(device) if isinstance(leaf, Tensor) else leaf, given)

    def _refuse_unfinished(self) -> None:
        if self._expects and (
            self._next or any(bucket._waits != self._all(bucket) for bucket in self._buckets)
        ):
            waiting = [self._names[one] for bucket in self._buckets for one in bucket._waits]
            raise RuntimeError(UNFINISHED.format(", ".join(waiting)))

    @staticmethod
    def _all(bucket: GradBucket) -> set[int]:
        return {id(p) for p in bucket._parameters}

    def _expect(self, result: Any) -> None:
        """Gradients are on their way for the parameters on which the result depends."""
        self._next = 0
        self._used = set(self._names)
        if self.find_unused_parameters:
            leaves = _leaves(leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor))
            parameters = [p for bucket in self._buckets for p in bucket._parameters]
            self._used = {id(p) for p in parameters if p._storage_id() in leaves}
        for bucket in self._buckets:
            bucket._future = None
            bucket._waits = self._all(bucket)

    # ---- backward ----

    def _is_ready(self, parameter: Tensor) -> None:
        """Called when a parameter's gradient is there."""
        if not self._expects:
            return
        self._bucket_of[id(parameter)]._waits.discard(id(parameter))
        if self.find_unused_parameters:
            for bucket in self._buckets:
                bucket._waits &= self._used
        while self._next < len(self._buckets) and not self._buckets[self._next]._waits:
            self._begin(self._buckets[self._next])
            self._next += 1
            if self._next == len(self._buckets):
                Variable._execution_engine.queue_callback(self._finish)

    def _begin(self, bucket: GradBucket) -> None:
        """Sends a bucket on its way. All ranks do so in the same order."""
        with no_grad():
            gradients = [st.zeros_like(p) if p.grad is None else p.grad for p in bucket._parameters]
            flat = _flattened(gradients)
            if self._comm_hook is not None:
                bucket._buffer = flat
                state, hook = self._comm_hook
                bucket._future = hook(state, bucket)
                return
            bucket._buffer = flat / self.process_group.size()
            work = dist.all_reduce(bucket._buffer, group=self.process_group, async_op=True)
            assert work is not None
            bucket._future = work.get_future()

    def _finish(self) -> None:
        """Puts the means where the gradients were. A parameter that no rank has used keeps what it had."""
        self._expects = False
        self._next = 0
        unused = self._used_by_nobody()
        with no_grad():
            for bucket in self._buckets:
                mean = bucket._future.wait()
                mean = mean[0] if isinstance(mean, list | tuple) else mean
                for parameter, piece in zip(
                    bucket._parameters, pieces(mean, bucket._parameters), strict=True
                ):
                    if id(parameter) in unused:
                        continue
                    if parameter.grad is None or self.gradient_as_bucket_view:
                        parameter.grad = piece
                    else:
                        parameter.grad.detach().copy_(piece)
                bucket._future = bucket._buffer = None

    def _used_by_nobody(self) -> set[int]:
        if not self.find_unused_parameters:
            return set()
        every = list(self._names)
        counts = st.tensor([one in self._used for one in every], dtype=_C.int32, device=self.device)
        dist.all_reduce(counts, group=self.process_group)
        return {one for one, count in zip(every, counts.tolist(), strict=True) if not count}

    # ---- what users ask ----

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """Inside, gradients add up in each process; the first backward pass after it averages them."""
        before = self.require_backward_grad_sync
        self.require_backward_grad_sync = False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before

    def _get_ddp_logging_data(self) -> dict[str, Any]:
        """What trainers ask of it when they are done."""
        return {
            "world_size": dist.get_world_size(self.process_group),
            "rank": dist.get_rank(self.process_group),
            "module_name": type(self.module).__name__,
            "can_set_static_graph": False,
        }

    def register_comm_hook(self, state: Any, hook: Callable[[Any, GradBucket], Any]) -> None:
        """Has a function average the gradients of a bucket; it gives a future of them."""
        if not callable(hook):
            raise TypeError("Communication hook must be callable.")
        if self._comm_hook is not None:
            raise RuntimeError("register_comm_hook or register_builtin_comm_hook can only be called once.")
        self._comm_hook = (state, hook)

    def train(self, mode: bool = True) -> DistributedDataParallel:
        """Says whether it is trained."""
        super().train(mode)
        return self


def _leaves(results: Iterator[Tensor]) -> set[int]:
    """The memory of the leaves on which results depend."""
    todo = [result.grad_fn for result in results if result.grad_fn is not None]
    seen = set(todo)
    found: set[int] = set()
    while todo:
        node = todo.pop()
        variable = getattr(node, "variable", None)
        if variable is not None:
            found.add(variable._storage_id())
        for after, _ in node.next_functions:
            if after is not None and after not in seen:
                seen.add(after)
                todo.append(after)
    return found
