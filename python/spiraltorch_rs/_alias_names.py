"""Names of torch that libraries say when they are imported, in annotations or questions, and use only where asked to.

Under the alias they are there, so that the import works; calling one says what is missing.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NoReturn, TypeVar

from spiraltorch_rs import _C

# Without `torch.`; what stands before a dot is a module.
NAMES = frozenset(
    """
    Event PyTorchFileReader Stream SymBool SymFloat SymInt
    cuda.CUDAGraph cuda.CUDAPluggableAllocator cuda.Event cuda.MemPool cuda.Stream cuda.StreamContext cuda.graph
    _dynamo.eval_frame.OptimizedModule _higher_order_ops.associative_scan.associative_scan
    _dynamo.OptimizedModule
    ao.quantization.DeQuantStub ao.quantization.FakeQuantizeBase ao.quantization.ObserverBase
    ao.quantization.QConfig ao.quantization.QuantStub ao.quantization.default_observer
    distributed.DeviceMesh distributed.device_mesh.DeviceMesh distributed.device_mesh.init_device_mesh
    distributed._composable.fsdp.FSDPModule distributed._composable.fsdp.fully_shard
    distributed.algorithms._checkpoint.checkpoint_wrapper.CheckpointWrapper
    distributed.algorithms.ddp_comm_hooks.post_localSGD_hook.PostLocalSGDState
    distributed.algorithms.join.Join distributed.algorithms.model_averaging.averagers.ModelAverager
    distributed.checkpoint.hf_storage.HuggingFaceStorageReader
    distributed.checkpoint.hf_storage.HuggingFaceStorageWriter
    distributed.fsdp.CPUOffloadPolicy distributed.fsdp.FSDPModule distributed.fsdp.MixedPrecisionPolicy
    distributed.fsdp.OffloadPolicy distributed.fsdp.fully_shard
    distributed.fsdp.sharded_grad_scaler.ShardedGradScaler
    distributed.rpc.init_rpc distributed.rpc.rpc_async distributed.rpc.shutdown
    distributed.optim.DistributedOptimizer distributed.optim.PostLocalSGDOptimizer
    distributed.optim.ZeroRedundancyOptimizer distributed._tensor.DTensor
    distributed._functional_collectives.all_to_all_single_autograd distributed._functional_collectives.wait_tensor
    distributed.tensor.DTensor distributed.tensor.distribute_tensor
    distributed.tensor._utils.compute_local_shape_and_global_offset
    export.Dim export.ExportedProgram
    float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu
    fx.passes.infra.pass_base.PassResult
    jit._get_trace_graph nested.nested_tensor onnx.ONNXProgram
    nn.parallel.scatter_gather.scatter
    int1 int2 int3 int4 int5 int6 int7 uint1 uint2 uint3 uint4 uint5 uint6 uint7
    qint8 quint8 qint32 quasirandom.SobolEngine
    utils.cpp_extension.load
    utils.data.datapipes.iter.combinatorics.ShufflerIterDataPipe
    """.split()
)
# The limits of dtypes that can be named only: largest, smallest normal, precision.
FLOAT8 = {
    "float8_e4m3fn": (448.0, 2.0**-6, 2.0**-3),
    "float8_e4m3fnuz": (240.0, 2.0**-7, 2.0**-3),
    "float8_e5m2": (57344.0, 2.0**-14, 2.0**-2),
    "float8_e5m2fnuz": (57344.0, 2.0**-15, 2.0**-2),
}
# Torch's inside: libraries hand these around, call, decorate and enter them without an effect that matters here.
INTERNALS = frozenset(
    """
    _C._functorch.is_batchedtensor
    _C.Graph _C.Value _C._TensorMeta _C._get_tracing_state fx.experimental.proxy_tensor.get_proxy_mode
    fx._compatibility.compatibility fx._symbolic_trace.compatibility
    _C.DispatchKey _C.DispatchKeySet _C._ExcludeDispatchKeyGuard _C._log_api_usage_once
    _dynamo._trace_wrapped_higher_order_op.TransformGetItemToIndex _dynamo.config _dynamo.mark_dynamic
    _dynamo.mark_static_address
    _dynamo.utils.is_compile_supported _logging.set_logs
    distributed.tensor.Partial distributed.tensor.Replicate distributed.tensor.Shard
    distributed.tensor.placement_types.Partial distributed.tensor.placement_types.Replicate
    distributed.tensor.placement_types.Shard distributed.tensor.placement_types._StridedShard
    jit.annotations.BroadcastingList1 jit.annotations.BroadcastingList2 jit.annotations.BroadcastingList3
    jit.annotations.List jit.annotations.Optional jit.annotations.Tuple
    _tensor_str.PRINT_OPTS _tensor_str._add_suffixes _tensor_str._str_intern _tensor_str._tensor_str
    _subclasses.fake_tensor.is_fake onnx.register_custom_op_symbolic
    onnx.symbolic_helper.parse_args onnx.symbolic_opset11.unsqueeze
    """.split()
)


class NamedOnly(type):
    """The class of names without anything behind them. Nothing is an instance, nothing is equal."""

    dotted: str

    def __call__(cls, *args: object, **kwargs: object) -> NoReturn:
        raise NotImplementedError(f"{cls.dotted} is not in SpiralTorch: it can be named, not used")

    def __repr__(cls) -> str:
        return cls.dotted


class Internal(NamedOnly):
    """Names of torch's inside: parts and calls of them are such names, too."""

    def __getattr__(cls, name: str) -> Internal:
        if name.startswith("__"):
            raise AttributeError(name)
        return named(f"{cls.dotted}.{name}", Internal)

    def __call__(cls, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        return args[0] if len(args) == 1 and callable(args[0]) and not kwargs else cls

    def __getitem__(cls, item: object) -> Internal:
        return cls

    def __bool__(cls) -> bool:
        return False

    def __or__(cls, other: object) -> Internal:
        return cls

    def __enter__(cls) -> None:
        pass

    def __exit__(cls, *error: object) -> None:
        pass


Kind = TypeVar("Kind", bound=NamedOnly)


def named(dotted: str, kind: type[Kind]) -> Kind:
    """A class of the name."""
    return kind(dotted.rpartition(".")[2], (), {"dotted": dotted, "__module__": dotted.rpartition(".")[0]})


def placeholder(dotted: str) -> NamedOnly | None:
    """What stands for `torch.NAME`, if it is one of these names."""
    name = dotted.removeprefix("torch.")
    if name in INTERNALS:
        return named(dotted, Internal)
    return named(dotted, NamedOnly) if name in NAMES else None


def finfo(type: Any = None) -> Any:
    """The limits of a floating-point dtype; of those that can be named only, too."""
    if isinstance(type, NamedOnly) and type.__name__ in FLOAT8:
        largest, smallest, eps = FLOAT8[type.__name__]
        return SimpleNamespace(
            bits=8, max=largest, min=-largest, tiny=smallest, smallest_normal=smallest, eps=eps, dtype=type
        )
    return _C.finfo() if type is None else _C.finfo(type)


def is_module(dotted: str) -> bool:
    """Whether other names stand in it."""
    inside = dotted.removeprefix("torch.") + "."
    return any(name.startswith(inside) for name in NAMES | INTERNALS)
