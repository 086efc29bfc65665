"""The parameters of a unit as one vector, of which each rank has a part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import spiraltorch_rs as st
import spiraltorch_rs.distributed as dist
from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.function import Function
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.autograd.graph import saved_tensors_hooks
from spiraltorch_rs.distributed.distributed_c10d import ProcessGroup
from spiraltorch_rs.distributed.fsdp.api import MixedPrecision, ShardingStrategy
from spiraltorch_rs.nn.modules.module import Module
from spiraltorch_rs.nn.parameter import Parameter


class Place(NamedTuple):
    """Where a parameter is used: a module below the unit, its name there and from the unit on, and which it is."""

    module: Module
    name: str
    path: str
    number: int


class Part(NamedTuple):
    """Memory of the whole vector, seen as a tensor: what is saved for gradients in its place."""

    flat: Flat
    shape: Any
    stride: Any
    offset: int


class Flat:
    """Parameters of one dtype, all of which want gradients or none."""

    def __init__(
        self,
        parameters: list[Tensor],
        places: list[Place],
        group: ProcessGroup,
        strategy: ShardingStrategy,
        precision: MixedPrecision,
    ) -> None:
        self.group, self.places, self.precision = group, places, precision
        self.is_shared_out = strategy != ShardingStrategy.NO_SHARD
        self.is_freed = strategy == ShardingStrategy.FULL_SHARD
        self.shapes = [p.shape for p in parameters]
        self.sizes = [p.numel() for p in parameters]
        self.size = group.size() if self.is_shared_out else 1
        self.each = -(-sum(self.sizes) // self.size)
        with no_grad():
            self.shard = Parameter(self._own_part(parameters).clone(), parameters[0].requires_grad)
        # (What asks a module for a parameter outside of a pass finds that there is one, without elements.)
        for place in places:
            del place.module._parameters[place.name]
            object.__setattr__(place.module, place.name, _C.empty(0, dtype=self.shard.dtype))
        # The whole vector, while a backward pass needs it; gradients that were not added over the ranks yet.
        self._again: Tensor | None = None
        self.kept_gradient: Tensor | None = None
        self.syncs = True

    def _own_part(self, tensors: list[Tensor]) -> Tensor:
        """This rank's part of tensors laid side by side, with zeros at the end."""
        flat: Tensor = st.cat([tensor.detach().reshape(-1) for tensor in tensors])
        flat = st.nn.functional.pad(flat, (0, self.each * self.size - flat.numel()))
        rank = self.group.rank() if self.is_shared_out else 0
        return flat[rank * self.each : (rank + 1) * self.each]

    def whole(self, dtype: Any = None) -> Tensor:
        """The whole vector, gathered from all ranks."""
        shard: Tensor = self.shard.detach()
        shard = shard if dtype is None else shard.to(dtype)
        if self.size == 1:
            # (A copy: what is written to it, nobody else sees.)
            return shard.clone()
        out = _C.empty(self.each * self.size, dtype=shard.dtype, device=shard.device)
        dist.all_gather_into_tensor(out, shard, self.group)
        return out

    def views(self, whole: Tensor) -> list[Tensor]:
        """The parameters in the whole vector."""
        parts = whole[: sum(self.sizes)].split(self.sizes)
        return [part.view(shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def reduced(self, gradient: Tensor) -> Tensor | None:
        """This rank's part of the mean of all ranks' gradients; nothing yet, if they are not to meet."""
        if self.kept_gradient is not None:
            gradient = gradient + self.kept_gradient
            self.kept_gradient = None
        if not self.syncs:
            self.kept_gradient = gradient
            return None
        gradient = gradient.to(self.precision.reduce_dtype or gradient.dtype) / self.group.size()
        if self.is_shared_out:
            own = _C.empty(self.each, dtype=gradient.dtype, device=gradient.device)
            dist.reduce_scatter_tensor(own, gradient, group=self.group)
        else:
            own = gradient.clone()
            dist.all_reduce(own, group=self.group)
        return own.to(self.shard.dtype)

    # ---- a forward pass ----

    @contextmanager
    def used(self) -> Iterator[None]:
        """Inside, the modules have their parameters. What is saved for gradients is where the parameter was."""
        whole = _Gather.apply(self.shard, self)
        memory = whole._storage_id()
        with self.in_place(self.views(whole)):
            del whole
            if not (self.is_freed and self.shard.requires_grad and _C.is_grad_enabled()):
                yield
                return

            def pack(tensor: Tensor) -> Tensor | Part:
                if tensor._storage_id() != memory:
                    return tensor
                return Part(self, tensor.shape, tensor.stride(), tensor.storage_offset())

            with saved_tensors_hooks(pack, _unpack):
                yield

    @contextmanager
    def in_place(self, tensors: list[Tensor]) -> Iterator[None]:
        """Inside, tensors are where the parameters were."""
        before = [place.module.__dict__[place.name] for place in self.places]
        for place in self.places:
            object.__setattr__(place.module, place.name, tensors[place.number])
        try:
            yield
        finally:
            for place, tensor in zip(self.places, before, strict=True):
                object.__setattr__(place.module, place.name, tensor)

    # ---- a backward pass ----

    def again(self) -> Tensor:
        """The whole vector once more, until its gradient is there."""
        if self._again is None:
            with no_grad():
                self._again = self.whole(self.precision.param_dtype)
        return self._again

    def forget(self) -> None:
        """The backward pass needs the whole vector no longer."""
        self._again = None

    # ---- outside of passes ----

    @contextmanager
    def as_parameters(self, writeback: bool) -> Iterator[None]:
        """Inside, the modules have whole parameters; what is written to them is kept if that is asked for."""
        with no_grad():
            whole = self.views(self.whole())
        parameters = [Parameter(view, self.shard.requires_grad) for view in whole]
        before = [place.module.__dict__.pop(place.name) for place in self.places]
        for place in self.places:
            place.module._parameters[place.name] = parameters[place.number]
        try:
            yield
        finally:
            for place, tensor in zip(self.places, before, strict=True):
                del place.module._parameters[place.name]
                object.__setattr__(place.module, place.name, tensor)
            if writeback:
                with no_grad():
                    self.shard.copy_(self._own_part(list(parameters)))

    def load(self, tensors: dict[int, Tensor]) -> None:
        """Takes whole parameters, by their number; others stay."""
        with no_grad():
            whole = self.views(self.whole()) if len(tensors) < len(self.shapes) else []
            every = [
                tensors[i].to(self.shard.device, self.shard.dtype) if i in tensors else whole[i]
                for i in range(len(self.shapes))
            ]
            self.shard.copy_(self._own_part(every))


def _unpack(kept: Tensor | Part) -> Tensor:
    if isinstance(kept, Tensor):
        return kept
    return kept.flat.again().as_strided(kept.shape, kept.stride, kept.offset)


class _Gather(Function):
    """The whole vector from the parts; the gradient of each part from that of the whole."""

    @staticmethod
    def forward(ctx: Any, shard: Tensor, flat: Flat) -> Tensor:
        ctx.flat = flat
        return flat.whole(flat.precision.param_dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None]:
        flat: Flat = ctx.flat
        flat.forget()
        return flat.reduced(gradient), None
