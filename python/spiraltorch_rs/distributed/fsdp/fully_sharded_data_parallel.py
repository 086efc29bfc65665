"""`FullyShardedDataParallel`: a model whose parameters, gradients and optimizer's states are shared out over the ranks.

A unit has its parameters as one vector, of which each rank has a part: that part is the parameter which an optimizer
sees. The whole is gathered for a forward pass and forgotten after it, gathered again for the backward pass, and its
gradient is added over the ranks so that each gets that of its part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import spiraltorch_rs as st
import spiraltorch_rs.distributed as dist
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.distributed.distributed_c10d import ProcessGroup, _get_default_group
from spiraltorch_rs.distributed.fsdp._flat import Flat, Place
from spiraltorch_rs.distributed.fsdp.api import (
    BackwardPrefetch,
    CPUOffload,
    FullStateDictConfig,
    MixedPrecision,
    ShardingStrategy,
    StateDictType,
)
from spiraltorch_rs.distributed.fsdp.wrap import wrap_inside
from spiraltorch_rs.nn.modules.module import Module
from spiraltorch_rs.nn.parallel.distributed import sync_from_first
from spiraltorch_rs.utils._pytree import tree_map

__all__ = ["FullyShardedDataParallel"]

WRAPPED = "_fsdp_wrapped_module"


class FullyShardedDataParallel(Module):
    """A unit: a module whose parameters are shared out, but for those of units inside it.

    >>> import spiraltorch_rs as st, spiraltorch_rs.distributed as dist
    >>> from spiraltorch_rs.distributed.fsdp import FullyShardedDataParallel
    >>> dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    >>> model = FullyShardedDataParallel(st.nn.Linear(3, 2))
    >>> [p.numel() for p in model.parameters()], list(model.state_dict())
    ([8], ['weight', 'bias'])
    >>> dist.destroy_process_group()
    """

    def __init__(
        self,
        module: Module,
        process_group: ProcessGroup | None = None,
        sharding_strategy: ShardingStrategy | None = None,
        cpu_offload: CPUOffload | None = None,
        auto_wrap_policy: Any = None,
        backward_prefetch: BackwardPrefetch | None = BackwardPrefetch.BACKWARD_PRE,
        mixed_precision: MixedPrecision | None = None,
        ignored_modules: Iterable[Module] | None = None,
        param_init_fn: Callable[[Module], None] | None = None,
        device_id: Any = None,
        sync_module_states: bool = False,
        forward_prefetch: bool = False,
        limit_all_gathers: bool = True,
        use_orig_params: bool = False,
        ignored_states: Iterable[Any] | None = None,
        device_mesh: Any = None,
    ) -> None:
        super().__init__()
        self.process_group = _get_default_group() if process_group is None else process_group
        self.sharding_strategy = sharding_strategy or ShardingStrategy.FULL_SHARD
        if self.sharding_strategy.name.lstrip("_").startswith("HYBRID") or device_mesh is not None:
            raise NotImplementedError(
                "FullyShardedDataParallel: parameters are shared out over one group of ranks"
            )
        if cpu_offload is not None and cpu_offload.offload_params:
            raise NotImplementedError("FullyShardedDataParallel: cpu_offload is not there")
        if param_init_fn is not None:
            param_init_fn(module)
        if device_id is not None:
            module.to(f"cuda:{device_id}" if isinstance(device_id, int) else device_id)
        ignored = _ignored(ignored_modules, ignored_states)
        if sync_module_states:
            kept = [*module.parameters(), *module.buffers()]
            sync_from_first([one for one in kept if id(one) not in ignored], self.process_group)
        if auto_wrap_policy is not None:
            options: dict[str, Any] = {
                "process_group": process_group,
                "sharding_strategy": sharding_strategy,
                "mixed_precision": mixed_precision,
                "ignored_states": [p for p in module.parameters() if id(p) in ignored],
            }

            def wrap(child: Module, **others: Any) -> Module:
                return FullyShardedDataParallel(child, **{**options, **others})

            wrap_inside(module, auto_wrap_policy, wrap, FullyShardedDataParallel)
        self._precision = mixed_precision or MixedPrecision()
        if self._precision.buffer_dtype is not None:
            for one in module.modules():
                for name, buffer in one._buffers.items():
                    if buffer is not None and buffer.is_floating_point():
                        one._buffers[name] = buffer.to(self._precision.buffer_dtype)
        self._state_options = (StateDictType.FULL_STATE_DICT, FullStateDictConfig())
        self._modules[WRAPPED] = module
        self._flats = self._shared_out(module, ignored)
        for i, flat in enumerate(self._flats):
            self.register_parameter("_flat_param" if i == 0 else f"_flat_param_{i}", flat.shard)

    def _shared_out(self, module: Module, ignored: set[int]) -> list[Flat]:
        """Takes the parameters away from the modules, those of a kind together."""
        kinds: dict[tuple[Any, Any, bool], tuple[list[Tensor], list[Place]]] = {}
        numbers: dict[int, int] = {}
        for owner, name, path in _places(module, ""):
            parameter = owner._parameters[name]
            if parameter is None or id(parameter) in ignored:
                continue
            key = (parameter.dtype, parameter.device, parameter.requires_grad)
            parameters, places = kinds.setdefault(key, ([], []))
            if id(parameter) not in numbers:
                # (A parameter that is in two places is one.)
                numbers[id(parameter)] = len(parameters)
                parameters.append(parameter)
            places.append(Place(owner, name, path, numbers[id(parameter)]))
        group, strategy = self.process_group, self.sharding_strategy
        return [Flat(*kind, group, strategy, self._precision) for kind in kinds.values()]

    @property
    def module(self) -> Any:
        """The module itself."""
        return self._modules[WRAPPED]

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self._modules[WRAPPED], name)

    # ---- passes ----

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        dtype = self._precision.param_dtype
        if dtype is not None and (
            self._precision.cast_forward_inputs or self._precision.cast_root_forward_inputs
        ):

            def cast(leaf: Any) -> Any:
                return leaf.to(dtype) if isinstance(leaf, Tensor) and leaf.is_floating_point() else leaf

            args, kwargs = tree_map(cast, args), tree_map(cast, kwargs)
        with ExitStack() as stack:
            for flat in self._flats:
                stack.enter_context(flat.used())
            return self.module(*args, **kwargs)

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """Inside, gradients add up in each process, whole; the first backward pass after it shares them out."""
        flats = [flat for unit in self.fsdp_modules(self) for flat in unit._flats]
        for flat in flats:
            flat.syncs = False
        try:
            yield
        finally:
            for flat in flats:
                flat.syncs = True

    def clip_grad_norm_(self, max_norm: float, norm_type: float = 2.0) -> Tensor:
        """Makes gradients smaller where the norm of all of them together is larger: what it was."""
        gradients = [p.grad.detach() for p in self.parameters() if p.grad is not None]
        device = next(self.parameters()).device
        norms = [st.linalg.vector_norm(g, norm_type).float() for g in gradients] or [
            st.zeros((), device=device)
        ]
        total = st.linalg.vector_norm(st.stack(norms), norm_type)
        if self.sharding_strategy != ShardingStrategy.NO_SHARD:
            is_max = norm_type == float("inf")
            total = total if is_max else total**norm_type
            dist.all_reduce(total, dist.ReduceOp.MAX if is_max else dist.ReduceOp.SUM, self.process_group)
            total = total if is_max else total ** (1.0 / norm_type)
        with no_grad():
            factor = (max_norm / (total + 1e-6)).clamp(max=1.0)
            for gradient in gradients:
                gradient.mul_(factor.to(gradient.dtype))
        return total

    # ---- whole parameters ----

    @staticmethod
    def fsdp_modules(module: Module, root_only: bool = False) -> list[FullyShardedDataParallel]:
        """The units of a model; the outermost ones only, if that is asked for."""
        if isinstance(module, FullyShardedDataParallel) and root_only:
            return [module]
        if not root_only:
            return [one for one in module.modules() if isinstance(one, FullyShardedDataParallel)]
        return [
            one for child in module.children() for one in FullyShardedDataParallel.fsdp_modules(child, True)
        ]

    @staticmethod
    @contextmanager
    def summon_full_params(
        module: Module,
        recurse: bool = True,
        writeback: bool = True,
        rank0_only: bool = False,
        offload_to_cpu: bool = False,
        with_grads: bool = False,
    ) -> Iterator[None]:
        """Inside, all ranks have whole parameters; what they write to them is kept."""
        if with_grads or offload_to_cpu:
            raise NotImplementedError("summon_full_params: with_grads and offload_to_cpu are not there")
        if recurse:
            units = FullyShardedDataParallel.fsdp_modules(module)
        else:
            units = [module] if isinstance(module, FullyShardedDataParallel) else []
        with ExitStack() as stack:
            for unit in units:
                for flat in unit._flats:
                    stack.enter_context(flat.as_parameters(writeback and not rank0_only))
            yield

    @staticmethod
    @contextmanager
    def state_dict_type(
        module: Module,
        state_dict_type: StateDictType,
        state_dict_config: FullStateDictConfig | None = None,
        optim_state_dict_config: Any = None,
    ) -> Iterator[None]:
        """Inside, `state_dict` gives another kind of dict."""
        if state_dict_type != StateDictType.FULL_STATE_DICT:
            raise NotImplementedError(f"{state_dict_type}: state dicts are full ones (FULL_STATE_DICT)")
        units = FullyShardedDataParallel.fsdp_modules(module)
        before = [unit._state_options for unit in units]
        for unit in units:
            unit._state_options = (state_dict_type, state_dict_config or FullStateDictConfig())
        try:
            yield
        finally:
            for unit, options in zip(units, before, strict=True):
                unit._state_options = options

    def state_dict(
        self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> Any:
        """Whole parameters, under the names that they have in the module alone. All ranks ask for it together."""
        config = self._state_options[1]
        with ExitStack() as stack:
            for flat in self._flats:
                stack.enter_context(flat.as_parameters(writeback=False))
            found = self.module.state_dict(*args, destination=destination, prefix=prefix, keep_vars=keep_vars)
        if config.rank0_only and self.process_group.rank() != 0:
            for key in [key for key in found if key.startswith(prefix)]:
                del found[key]
        elif config.offload_to_cpu:
            for key, value in found.items():
                if isinstance(value, Tensor):
                    found[key] = value.cpu()
        return found

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Takes the whole parameters; what else there is goes to the module."""
        for flat in self._flats:
            found: dict[int, Tensor] = {}
            for place in flat.places:
                theirs, key = state_dict.pop(prefix + place.path, None), prefix + place.path
                if theirs is None:
                    missing_keys.append(key)
                elif theirs.shape != flat.shapes[place.number]:
                    error_msgs.append(
                        f"size mismatch for {key}: copying a param with shape {theirs.shape} from checkpoint, the "
                        f"shape in current model is {flat.shapes[place.number]}."
                    )
                else:
                    found[place.number] = theirs
            flat.load(found)
        for key in [key for key in state_dict if key.startswith(prefix)]:
            state_dict[f"{prefix}{WRAPPED}.{key[len(prefix) :]}"] = state_dict.pop(key)


def _ignored(modules: Iterable[Module] | None, states: Iterable[Any] | None) -> set[int]:
    """The parameters and buffers that are left alone."""
    found: set[int] = set()
    for one in [*(modules or ()), *(states or ())]:
        if isinstance(one, Module):
            found |= {id(tensor) for tensor in [*one.parameters(), *one.buffers()]}
        else:
            found.add(id(one))
    return found


def _places(module: Module, prefix: str) -> Iterator[tuple[Module, str, str]]:
    """Where parameters outside of units are, and their names."""
    if isinstance(module, FullyShardedDataParallel):
        return
    for name in module._parameters:
        yield module, name, prefix + name
    for name, child in module._modules.items():
        if child is not None:
            yield from _places(child, f"{prefix}{name}.")
