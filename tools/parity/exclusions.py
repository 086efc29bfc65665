"""Names of torch that we leave out on purpose: a reason, and what it covers (searched in the dotted name)."""

import re


def words(text: str, places: str = r"torch(\.Tensor|\.nn\.functional|\.utils\.checkpoint)?") -> str:
    """A pattern of whole names in some places."""
    return rf"^({places})\.({'|'.join(text.split())})$"


def classes(*patterns: str) -> str:
    """A pattern of names directly in `torch`."""
    return rf"^torch\.({'|'.join(patterns)})$"


EXCLUSIONS: dict[str, str] = {
    "sparse layouts": "|".join(
        [
            r"\.(\w*sparse(?!_grad)\w*|SparseAdam|\w*(col|row|ccol|crow)_indices\w*|sspaddmm|hspmm|hsmm|dsmm|spmm|smm|saddmm)$",
            words("indices indices_copy values values_copy coalesce is_coalesced dense_dim to_dense"),
            r"^torch\.nn\.init\.sparse$",
        ]
    ),
    "quantised and sub-byte dtypes": "|".join(
        [
            r"\.(\w*quanti[sz]e\w*|quantization|ao|q_\w+|q(int|uint)\w+|QU?Int\w+|quint\w+|qscheme|int_repr|fused_moving\w+)$",
            r"\.(per_(channel|tensor)_\w+|choose_qparams\w*|bits\w+|bit|u?int[1-7]|float[48]_\w+)$",
            r"\.(scaled_\w*mm\w*|grouped_mm|ScalingType|SwizzleType)$",
        ]
    ),
    "named and nested": r"\.(names?|rename_?|align_\w+|refine_names|has_names|(is_)?nested|jagged|to_padded\w+)$",
    # Sobol's sequences: the numbers of their 21,201 dimensions are larger than the rest of the package's Python.
    "tables of many megabytes": r"^torch\.quasirandom$",
    "torch's compiler, exporter and JIT": "|".join(
        [
            classes(
                r"\w*(Script|Type|Graph|Serial|IODescriptor|Argument)\w*",
                "AliasDb|Block|CallStack|Capsule|Code|CompilationUnit|DeepCopyMemoTable|ErrorReport|ExecutionPlan",
                "FatalError|FileCheck|FunctionSchema|Gradient|InferredType|JITException|LockingLogger|LoggerBase",
                "NoopLogger|OperatorInfo|StaticModule|TracingState|Use|Value|BenchmarkConfig|Future|Tag|AVG|SUM",
                "BenchmarkExecutionStats|ThroughputBenchmark|PRIVATE_OPS|USE_\\w+|PyTorchFile\\w+|BufferDict",
                "ParameterDict|ModuleDict|DispatchKey\\w*|ExcludeDispatchKeyGuard|DisableTorchFunction\\w*",
                "compile|compiler|compiled_with\\w+|export|jit|fx|package|library|ops|classes|classproperty|cond",
                "while_loop|foreach|fork|wait|futures|import_ir\\w+|parse_\\w+|unify_type_list|merge_type\\w+",
                "slice_inverse|get_file_path|typename|prepare_\\w+|init_num_threads|profiler_allow\\w+|hash_tensor",
                "functional|overrides|types|utils|windows|signal|monitor|segment_reduce|thread_safe_\\w+",
            ),
            r"^torch\.Tensor\.(slice_inverse|hash_tensor|__torch_dispatch__|module_load|reinforce|index|map2?_|apply_)$",
            r"^torch\.utils\.(ThroughputBenchmark|cmake_prefix_path|generate_\w+|get_cpp\w+|rename_\w+|set_module)$",
            r"^torch\.nn\.functional\.(BroadcastingList\w|boolean_dispatch|assert_int_or_pair|\w*torch_function\w*|\w+_notes)$",
            r"^torch\.nn\.functional\.(GRID_SAMPLE_\w+|Tensor)$|^torch\.(special|fft)\.(Tensor|\w*common\w*)$",
            r"^torch\.linalg\.common_notes$|^torch\.func\.(debug_unwrap|rearrange|functionalize|linearize)$",
            r"^torch\.nn\.(LinearCrossEntropyOptions|factory_kwargs)$|^torch\.testing\.FileCheck$",
            r"^torch\.utils\.checkpoint\.(?!checkpoint)",
            r"^torch\.autograd\.(NestedIOFunction|variable|enforce_\w+|set_multithreading_enabled)$",
            r"^torch\.autograd\.graph\.(node_creation_hook|queue_callback|region_\w+|set_\w+|increment_version)$",
            r"^torch\.return_types\.(\w+_out|all_return_types|pytree_\w+)$|^torch\.types\.",
            r"^torch\.nn\.attention\.(?!SDPBackend|sdpa_kernel)",
        ]
    ),
    "symbolic shapes": r"^torch\.(sym_\w+|Sym\w+)$",
    "distributed training's internals": "|".join(
        [
            r"^torch\.(distributed|is_distributed|multiprocessing|torch_version|Tensor\.is_distributed|Tensor\.(is_shared|share_memory_))$",
            r"^torch\.nn\.(DataParallel|SyncBatchNorm)$|^torch\.utils\.data\.DistributedSampler$",
            r"batch_norm_(backward_elemt|backward_reduce|elemt|gather\w+|stats|update_stats)$",
        ]
    ),
    "kernels of one vendor": "|".join(
        [
            r"\.(cudnn|miopen|mkldnn|fbgemm|mps|mtia|xpu|ipu|vulkan|hip|rocm|philox|graphsafe)_\w+$",
            r"\.(is_(ipu|maia|meta|mkldnn|mps|mtia|vulkan|vulkan_available|xla|xpu)|to_mkldnn|ipu|xpu|mtia|mps|has_\w+)$",
            r"\.(__cuda_array_interface__|record_stream|Stream\w*|Event|DeviceObjType|AcceleratorError|get_device_module)$",
            r"^torch\.version\.|^torch\.(accelerator|cpu|Generator\.\w*philox\w*|set_flush_denormal)$",
            r"_autocast_(ipu|xla|gpu|cpu)_\w+$|is_autocast_(ipu|xla|gpu|cpu)_enabled$|autocast_(in|de)crement_nesting$",
        ]
    ),
    "the inside of composites (torch keeps them out of its documentation)": "|".join(
        [
            words(
                r"\w+_copy native_\w+ grid_sampler\w* affine_grid_generator embedding_renorm_ convolution conv_tbc"
            ),
            words(
                r"feature_dropout_? \w*rnn_\w+ (gru|lstm)(_cell)? norm_except_dim frobenius_norm nuclear_norm"
            ),
            words(r"constant_pad_nd unsafe_\w+ dim_order const_data_ptr grad_dtype is_same_size"),
            words(
                r"is_neg resolve_neg nonzero_static split_with_sizes slice_inverse scalar_tensor empty_permuted"
            ),
            words(
                "cpp range_ bit cudnn_is_acceptable is_inference set_autocast_cache_enabled clear_autocast_cache"
            ),
            r"^torch\.nn\.functional\.\w+_with_indices$|^torch\.nn\.NLLLoss2d$|^torch\.utils\.dlpack\.(DLDeviceType|Read\w+)$",
            r"^torch\.Tensor\.(__dlpack_c_exchange_api__|__(long|nonzero|div|idiv)__|storage_type|volatile)$",
            r"^torch\.utils\.data\.(\w*DataPipe\w*|\w*datapipe\w*|DataChunk|argument_\w+|runtime_\w+|non_deterministic)$",
        ]
    ),
    "storages": "|".join(
        [
            r"^torch\.(\w*Storage\w*|storage|is_storage|from_file|legacy_\w+|set_default_tensor_type)$",
            r"^torch\.Tensor\.(storage|untyped_storage|new|resize|resize_as|is_pinned|pin_memory)$",
            r"^torch\.optim\.swap_in\w+$|^torch\.nn\.init\.(?!calculate_gain)\w+[^_]$|^torch\.nn\.utils\.clip_grad_norm$",
        ]
    ),
    "removed from torch: they raise an error there, too": words(
        "cholesky eig lstsq matrix_rank solve symeig svd_ qr_ typename lobpcg_ has_spectral",
        r"torch(\.Tensor)?",
    ),
}
COMPILED = {reason: re.compile(pattern) for reason, pattern in EXCLUSIONS.items()}


def excluded(dotted: str) -> str | None:
    """Why a name is not ours to have; None if it is."""
    return next((reason for reason, pattern in COMPILED.items() if pattern.search(dotted)), None)
