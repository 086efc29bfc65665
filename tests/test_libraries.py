"""What libraries written for torch reach for: compilers that are switched off, operators of their own, files, names."""

import collections
import functools
import importlib
import operator
import sys

import pytest
import torch
from reference import assert_same, assert_same_outcome, ours, pair
from test_alias import with_alias
from torch.nn.attention import flex_attention as their_flex
from twins import same, told

import spiraltorch_rs as st
from spiraltorch_rs.nn.attention import flex_attention as our_flex

pytestmark = pytest.mark.cpu_only("other libraries share memory")

BOTH = pytest.mark.parametrize("t", [st, torch], ids=["ours", "torch"])


def check(program):
    assert same(told(program, st), told(program, torch))


def test_marks_for_compilers_change_nothing():
    def program(t):
        @t.jit.ignore
        def plain(x):
            return x + 1

        @t.jit.ignore(drop=True)
        def dropped(x):
            return x * 2

        @t.jit.unused
        @t.compiler.disable
        def unused(x):
            return x - 1

        values = [f(t.ones(2)) for f in (plain, dropped, unused)]
        told = [
            t.jit.is_scripting(),
            t.jit.is_tracing(),
            t.compiler.is_compiling(),
            t.compiler.is_exporting(),
        ]
        return values, told, t.jit.annotate(int, 3), t.jit.isinstance([1], list[int])

    check(program)


def test_what_is_compiled_runs_as_it_is():
    model = st.nn.Linear(2, 2)
    assert st.compile(model, mode="max-autotune", fullgraph=True) is model
    assert st.jit.script(model) is model
    assert st.jit.trace(model, st.ones(1, 2)) is model

    @st.compile(dynamic=True)
    def twice(x):
        return 2 * x

    assert twice(st.ones(2)).tolist() == [2, 2]
    with pytest.raises(TypeError, match="unexpected"):
        st.compile(model, speed=11)


def test_operators_of_a_program_have_their_gradient():
    def program(t):
        library = f"spiral_test_{t.__name__}"

        @t.library.custom_op(f"{library}::cube", mutates_args=(), schema="(Tensor x) -> Tensor")
        def cube(x):
            return x * x * x

        @cube.register_fake
        def fake(x):
            return t.empty_like(x)

        def keep(ctx, inputs, output):
            ctx.save_for_backward(inputs[0])

        # Not the true gradient, so that it shows whose it is.
        t.library.register_autograd(
            f"{library}::cube", lambda ctx, grad: 5 * grad * ctx.saved_tensors[0], setup_context=keep
        )
        x = t.tensor([1.0, -2.0], requires_grad=True)
        y = getattr(t.ops, library).cube(x)
        y.sum().backward()
        return y, x.grad, cube(x.detach())

    check(program)


INNER = {
    "_conj": lambda t, f: f(t.tensor([1 + 2j])).resolve_conj(),
    "_local_scalar_dense": lambda t, f: f(t.tensor(3.5)),
    "_to_copy": lambda t, f: f(t.ones(2), dtype=t.float64),
    "_unsafe_view": lambda t, f: f(t.arange(6), [2, 3]),
    "alias": lambda t, f: f(t.arange(3)),
    "sym_size": lambda t, f: f(t.ones(2, 3), 1),
    "_foreach_add": lambda t, f: f([t.ones(2), t.ones(1)], 2),
}


@pytest.mark.parametrize("name", INNER)
def test_operators_of_the_inside(name):
    def overload(t):
        packet = getattr(t.ops.aten, name)
        return getattr(packet, {"_foreach_add": "Scalar", "sym_size": "int"}.get(name, "default"))

    check(lambda t: INNER[name](t, overload(t)))


def test_operators_that_can_only_be_named():
    # Torch_geometric's classes name them when they are defined.
    assert torch.ops.aten._sparse_addmm.default is not None
    with pytest.raises(NotImplementedError, match="aten::_sparse_addmm"):
        st.ops.aten._sparse_addmm.default(st.ones(2))


@BOTH
def test_an_operator_that_nobody_registered_is_an_error(t):
    with pytest.raises(AttributeError):
        t.ops.nobody.nothing(t.ones(1))


def test_classes_of_programs_are_structures():
    def program(t):
        class Pair(dict):
            pass

        pytree = t.utils._pytree
        pytree.register_pytree_node(
            Pair,
            lambda pair: (list(pair.values()), list(pair)),
            lambda values, keys: Pair(zip(keys, values, strict=True)),
        )
        both = Pair(a=t.ones(3), b=(t.arange(3.0), 2))
        leaves, spec = pytree.tree_flatten(both)
        again = pytree.tree_unflatten(leaves, spec)
        mapped = t.func.vmap(lambda pair: pair["a"] * pair["b"][0])(Pair(a=t.ones(2, 3), b=(t.ones(2, 3),)))
        return len(leaves), type(again).__name__, dict(again), mapped

    check(program)


def test_leaves_are_asked():
    def program(t):
        pytree = t.utils._pytree
        tree = {"a": 1, "b": [2, "text"], "c": ()}
        above = [functools.partial(operator.lt, limit) for limit in ("0", "1", "2", "z")]
        whole = [
            [getattr(pytree, f"tree_{name}")(lambda leaf, f=f: f(str(leaf)), tree) for name in ("all", "any")]
            for f in above
        ]
        return whole, [
            getattr(pytree, f"tree_{name}_only")(str, f, tree) for name in ("all", "any") for f in above
        ]

    check(program)


def test_containers_of_every_kind_are_taken_apart_alike():
    def program(t):
        pytree = t.utils._pytree
        Point = collections.namedtuple("Point", "x y")
        trees = [
            {"a": 1, "b": (2.0, [3, None])},
            collections.OrderedDict(z=1, a=Point(2, "three")),
            collections.defaultdict(list, k=[1]),
            collections.deque([1, (2,)], maxlen=4),
            Point(x=[], y=4),
            "leaf",
        ]
        told = []
        for tree in trees:
            leaves, spec = pytree.tree_flatten(tree)
            again = pytree.tree_unflatten(leaves, spec)
            ints = pytree.tree_map_only(int, lambda x: x + 0.5, tree)
            told.append(
                (leaves, type(again), again, ints, spec.num_leaves, isinstance(spec, pytree.LeafSpec))
            )
            told.append(pytree._get_node_type(tree) in pytree.SUPPORTED_NODES)
        return told

    check(program)


def test_distributions_share_what_libraries_of_them_use():
    def program(t):
        d = t.distributions
        t.manual_seed(0)
        normal = d.utils._standard_normal(t.Size([500]), t.float64, t.device("cpu"))
        x = t.linspace(-200, 200, 7)
        inverse = d.transforms._InverseTransform(d.ExpTransform())
        return (
            normal.dtype,
            abs(normal.mean().item()) < 0.2,
            d.utils._sum_rightmost(t.ones(2, 3, 4), 2),
            d.transforms._clipped_sigmoid(x),
            inverse(t.ones(2)),
            (d.Normal, d.Normal) in d.kl._KL_REGISTRY,
        )

    check(program)


@pytest.mark.parametrize(
    "name",
    [
        "nn.modules.dropout._DropoutNd",
        "nn.parameter._ParameterMeta",
        "utils.data.dataloader._BaseDataLoaderIter",
        "utils.data.dataloader._MultiProcessingDataLoaderIter",
        "utils._contextlib._DecoratorContextManager",
    ],
)
def test_classes_within_torch_that_libraries_ask_for(name):
    def instances(t):
        cls = functools.reduce(getattr, name.split("."), t)
        loader = t.utils.data.DataLoader([1, 2])
        candidates = [t.nn.Dropout2d(), t.nn.ReLU(), t.nn.Parameter, iter(loader), t.no_grad()]
        return [isinstance(one, cls) for one in candidates]

    importlib.import_module(f"spiraltorch_rs.{name.rpartition('.')[0]}")
    assert instances(st) == instances(torch)


def test_activations_by_name():
    ours, theirs = (t.nn.modules.transformer._get_activation_fn for t in (st, torch))
    assert [f("gelu").__name__ for f in (ours, theirs)] == ["gelu", "gelu"]
    for f in (ours, theirs):
        with pytest.raises(RuntimeError, match="activation should be relu/gelu"):
            f("tanh")


def test_weights_come_from_an_address(tmp_path):
    made = torch.nn.Linear(2, 3).state_dict()
    torch.save(made, tmp_path / "weights.pt")
    url = (tmp_path / "weights.pt").as_uri()
    found = st.hub.load_state_dict_from_url(url, model_dir=tmp_path / "cache", progress=False)
    for name, value in made.items():
        assert_same(found[name], value, exact=True)
    (tmp_path / "weights.pt").unlink()
    again = st.hub.load_state_dict_from_url(url, model_dir=tmp_path / "cache", progress=False)
    assert list(again) == list(found)


def test_a_download_that_is_not_what_it_should_be_leaves_nothing(tmp_path):
    (tmp_path / "source").write_text("contents")
    with pytest.raises(RuntimeError, match="invalid hash value"):
        st.hub.download_url_to_file((tmp_path / "source").as_uri(), tmp_path / "got", "0123", progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


# ---- flex_attention ----


def causal(b, h, q, kv):
    return q >= kv


def window(b, h, q, kv):
    return abs(q - kv) < 3


def slope(score, b, h, q, kv):
    return score + (kv - q) * 0.1 * (h + 1)


@pytest.mark.parametrize("score", [None, slope], ids=["plain", "slope"])
@pytest.mark.parametrize("masks", [(), (causal,), (causal, window)], ids=len)
def test_flex_attention(masks, score):
    draw = [torch.randn(2, heads, 7, 8) for heads in (4, 2, 2)]

    def run(flex, tensors):
        mask = flex.create_block_mask(flex.and_masks(*masks), 2, 4, 7, 7, device="cpu") if masks else None
        return flex.flex_attention(*tensors, score_mod=score, block_mask=mask, enable_gqa=True)

    assert_same(run(our_flex, [ours(x) for x in draw]), run(their_flex, draw), loose=8)


def test_a_query_that_sees_nothing_gives_zeros():
    mask = our_flex.create_block_mask(our_flex.or_masks(), None, None, 3, 3)
    x = st.randn(1, 1, 3, 4, requires_grad=True)
    out = our_flex.flex_attention(x, x, x, block_mask=mask)
    out.sum().backward()
    assert out.tolist() == st.zeros(1, 1, 3, 4).tolist()
    assert bool(x.grad.isfinite().all())


def test_kernels_of_attention_may_be_chosen():
    x = torch.randn(1, 2, 3, 4)
    attend = "scaled_dot_product_attention"
    with st.nn.attention.sdpa_kernel([st.nn.attention.SDPBackend.MATH]):
        mine = getattr(st.nn.functional, attend)(ours(x), ours(x), ours(x))
    assert_same(mine, getattr(torch.nn.functional, attend)(x, x, x), loose=8)
    with pytest.raises(TypeError), st.nn.attention.sdpa_kernel("math"):
        pass


# ---- bytes, devices ----


@pytest.mark.parametrize("new", ["uint8", "int16", "int32", "float32", "int64", "float64", "bfloat16"])
@pytest.mark.parametrize("shape", [(2, 8), (8,), (3, 2), (0, 4), ()])
@pytest.mark.parametrize("old", ["uint8", "float32", "int64", "bfloat16"])
def test_bytes_seen_as_another_dtype(old, new, shape):
    mine, reference = pair((torch.rand(shape) * 50).to(getattr(torch, old)))
    assert_same_outcome(
        lambda: mine.view(getattr(st, new)), lambda: reference.view(getattr(torch, new)), exact=True
    )


def test_bytes_of_a_file(tmp_path):
    values = torch.arange(6, dtype=torch.float32)
    (tmp_path / "bytes").write_bytes(values.numpy().tobytes())
    storage = st.UntypedStorage.from_file(str(tmp_path / "bytes"), False, 24)
    assert storage.nbytes() == 24
    part = st.asarray(storage[8:24], dtype=st.uint8).view(st.float32)
    assert_same(part, values[2:], exact=True)


@BOTH
def test_a_device_is_a_context(t):
    before = t.get_default_device()
    with t.device("cpu") as device:
        assert t.ones(1).device == device

    assert t.get_default_device() == before


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(RuntimeError, match="not available"), st.device("hip"):
        pass
    assert st.get_default_device() == st.device("cpu")


# ---- names under the alias ----


def test_libraries_can_ask_for_the_version() -> None:
    done = with_alias(
        "import importlib.metadata, importlib.util, torch\n"
        "assert importlib.util.find_spec('torch') is not None\n"
        "print(importlib.metadata.version('torch') == torch.__version__, torch.version.cuda)\n"
    )
    assert done.stdout == "True None\n", done.stderr


def test_names_for_annotations_are_there_and_cannot_be_used() -> None:
    done = with_alias(
        "import torch\n"
        "from torch.distributed.tensor import DTensor\n"
        "def f(mesh: torch.distributed.device_mesh.DeviceMesh, stream: torch.cuda.Stream): ...\n"
        "assert not isinstance(torch.ones(1), DTensor)\n"
        # What transformers says when it is imported, of models on many machines.
        "from torch.distributed._functional_collectives import wait_tensor\n"
        "from torch.distributed.fsdp import CPUOffloadPolicy, MixedPrecisionPolicy\n"
        "from torch.distributed.tensor.placement_types import Shard, _StridedShard\n"
        "styles = {'rows': Shard(0)}\n"
        "assert torch.float32 != torch.float8_e4m3fn\n"
        "assert torch.finfo(torch.float8_e4m3fn).max == 448\n"
        "with torch.export.Dim(): pass\n"
    )
    assert "torch.export.Dim" in done.stderr.splitlines()[-1]
    assert "SpiralTorch" in done.stderr.splitlines()[-1]


def test_the_limits_of_named_dtypes_are_torchs() -> None:
    from spiraltorch_rs._alias_names import FLOAT8, finfo, placeholder

    for name in FLOAT8:
        mine, reference = finfo(placeholder(name)), torch.finfo(getattr(torch, name))
        for part in ("bits", "max", "min", "tiny", "smallest_normal", "eps"):
            assert getattr(mine, part) == getattr(reference, part), (name, part)


def test_hooks_of_one_gradient_see_one_object():
    # Captum's layers hand each other what they computed as an attribute of the gradient.
    def program(t):
        x = t.ones(2, requires_grad=True)
        y = x * 2
        seen = []

        def first(gradient):
            gradient.note = "first"
            seen.append(gradient)

        def second(gradient):
            seen.append((gradient is seen[0], gradient.note))
            return gradient * 3

        for hook in (first, second, lambda gradient: seen.append(hasattr(gradient, "note"))):
            y.register_hook(hook)
        y.sum().backward()
        return x.grad, seen[1:]

    check(program)


def test_members_that_are_made_for_the_question_are_all_named():
    # Pyro's parameters are computed from what is stored.
    def program(t):
        model = t.nn.Sequential(*(t.nn.Linear(2, 2) for _ in range(8)))

        def doubled(module):
            for name in module._parameters:
                yield name, getattr(module, name) * 2

        return [name for name, _ in model._named_members(doubled)]

    check(program)


def test_a_transform_may_be_a_module():
    def program(t):
        class Scale(t.distributions.Transform, t.nn.Module):  # type: ignore[name-defined]
            domain = codomain = t.distributions.constraints.real
            __hash__ = t.nn.Module.__hash__

            def __init__(self):
                super().__init__(cache_size=1)
                self.weight = t.nn.Parameter(t.full((), 2.0))

            def _call(self, x):
                return x * self.weight

        scale = Scale()
        x = t.ones(2)
        y = scale(x)
        return y, [name for name, _ in scale.named_parameters()], [part.shape for part in scale._cached_x_y]

    check(program)


@BOTH
def test_divergences_of_classes_that_are_not_derived_from_ours(t):
    class Own:
        pass

    t.distributions.register_kl(Own, Own)(lambda p, q: 3)
    assert t.distributions.kl_divergence(Own(), Own()) == 3


TREES = {
    "nest": lambda t: {"a": [1, (2, 3)], "b": collections.OrderedDict(c=4)},
    "named": lambda t: collections.namedtuple("Pair", "left right")(1, [2]),
    "size": lambda t: [t.Size([1, 2])],
    "leaf": lambda t: 5,
    "result": lambda t: tuple(t.tensor([[1.0, 2.0]]).max(1)),
}


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_leaves_have_keys(tree):
    def program(t):
        pytree = importlib.import_module(f"{t.__name__}.utils._pytree")
        made = tree(t)
        pairs, spec = pytree.tree_flatten_with_path(made)
        names = [(pytree.keystr(path), repr(path)) for path, _ in pairs]
        reached = [pytree.key_get(made, path) is leaf for path, leaf in pairs]
        mapped = pytree.tree_map_with_path(lambda path, leaf: leaf if path or leaf == 5 else None, made)
        told = [leaf for _, leaf in pairs], pytree.tree_leaves(pytree.tree_unflatten(range(len(pairs)), spec))
        equal = [a == b for a, _ in pairs for b, _ in pairs]
        return (
            names,
            reached,
            told,
            equal,
            pytree.tree_leaves(mapped),
            pytree.arg_tree_leaves(made, more=made),
        )

    check(program)


def test_named_functions_without_a_tracer():
    def program(t):
        seen: list[int] = []
        pytree = importlib.import_module(f"{t.__name__}.utils._pytree")
        tree = pytree.tree_map_(seen.append, {"a": 1, "b": [2]})
        numbers = (
            t.sym_int(2.7),
            t.sym_float(2),
            t.sym_max(1, 2),
            t.sym_min(1, 2),
            t.sym_not(True),
            t.sym_sum([1, 2]),
        )
        return (
            tree,
            seen,
            numbers,
            t.sym_ite(True, 3, 4),
            t._shape_as_tensor(t.ones(2, 3)),
            t._assert_async(t.ones(1)),
        )

    check(program)
    for t in (st, torch):
        with pytest.raises(RuntimeError, match="too small"):
            t._assert_async(t.zeros(1), "too small")


@BOTH
def test_futures_are_waited_for_together(t):
    futures = importlib.import_module(f"{t.__name__}.futures")
    waited = [futures.Future() for _ in range(3)]
    together = futures.collect_all(waited)
    assert not together.done()
    for i, future in enumerate(waited):
        future.set_result(i)
    assert [future.value() for future in together.wait()] == [0, 1, 2]
    assert futures.wait_all(waited) == [0, 1, 2]
    assert isinstance(waited[0].then(lambda f: f.value() + 1), t.Future)


def test_the_modules_of_the_alias_can_be_walked_through():
    program = (
        "import torch\n"
        "found = {n: v for n, v in torch.distributions.__dict__.items() if isinstance(v, type)}\n"
        "print(found['Normal'] is torch.distributions.Normal, len(found) > 40, 'Tensor' in vars(torch))\n"
        "from unittest import mock\n"
        "with mock.patch.object(torch.nn.functional, 'relu', 3): assert torch.nn.functional.relu == 3\n"
        "print(torch.nn.functional.relu(torch.ones(1)), torch.torch is torch)"
    )
    done = with_alias(program)
    assert done.stdout == "True True True\ntensor([1.]) True\n", done.stderr


@BOTH
def test_a_scheduler_may_be_given_another_reduction(t):
    parameter = t.nn.Parameter(t.ones(1))
    scheduler = t.optim.lr_scheduler.ReduceLROnPlateau(t.optim.SGD([parameter], lr=1.0), patience=0)
    epochs: list[int] = []
    scheduler._reduce_lr = epochs.append
    for loss in (1, 2, 3, 0.5, 4):
        scheduler.step(loss)
    assert epochs == [2, 3, 5]


def test_selective_checkpoints_give_the_same():
    def program(t):
        part = importlib.import_module(f"{t.__name__}.utils.checkpoint")
        aten = t.ops.aten
        keep = [aten.mm.default]

        def policy(ctx, op, *args, **kwargs):
            return part.CheckpointPolicy.MUST_SAVE if op in keep else part.CheckpointPolicy.PREFER_RECOMPUTE

        found = []
        for how in (keep, policy):
            x = t.linspace(0, 1, 4).reshape(2, 2).requires_grad_()
            contexts = functools.partial(part.create_selective_checkpoint_contexts, how)
            y = part.checkpoint(lambda x: (x @ x).sin(), x, use_reentrant=False, context_fn=contexts)
            y.sum().backward()
            found += [y, x.grad]
        return found, aten.add.Tensor(t.ones(1), 2), aten.relu(-t.ones(1))

    check(program)
    for wrong, error in (([3], ValueError), (3, TypeError)):
        for t in (st, torch):
            with pytest.raises(error):
                importlib.import_module(
                    f"{t.__name__}.utils.checkpoint"
                ).create_selective_checkpoint_contexts(wrong)


def test_optimizers_group_by_device_and_dtype():
    def program(t):
        group = importlib.import_module(
            f"{t.__name__}.utils._foreach_utils"
        )._group_tensors_by_device_and_dtype
        lists = [[t.ones(1), t.ones(2).double(), t.zeros(3)], [t.ones(3), t.ones(2), t.ones(1)]]
        found = group(lists, with_indices=True).values()
        return sorted(([[len(x) for x in part] for part in parts], places) for parts, places in found)

    check(program)


BASES = """
    nn.Module optim.Optimizer optim.Adam optim.SGD optim.lr_scheduler.LRScheduler optim.lr_scheduler.ReduceLROnPlateau
    distributions.Distribution distributions.transforms.Transform utils.data.Dataset utils.data.Sampler
    autograd.Function
"""


@pytest.mark.parametrize("base", BASES.split())
def test_private_names_are_left_to_the_classes_derived_from_a_base(base):
    # Torchmetrics' metrics have an attribute `_persistent` of their own.
    ours, theirs = (set(dir(operator.attrgetter(base)(t))) for t in (st, torch))
    assert not [
        name for name in ours - theirs - {"_forward_unimplemented"} if not name.startswith(("_st_", "__"))
    ]


def test_processes_have_a_module_of_their_own():
    done = with_alias(
        "import torch, torch.multiprocessing as mp\n"
        "from torch.multiprocessing.spawn import ProcessRaisedException, spawn\n"
        "assert mp.spawn is spawn and mp.ProcessRaisedException is ProcessRaisedException\n"
        "assert torch._C._get_accelerator().type and not torch.xpu.is_available()\n"
        "torch.xpu.empty_cache(), torch.mps.empty_cache(), torch._logging.set_logs()\n"
    )
    assert not done.stderr, done.stderr


@pytest.mark.parametrize("kind", ["storage", "untyped_storage"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_storages_are_as_large_as_their_memory(kind):
    def program(t):
        small, large = (sys.getsizeof(getattr(t.ones(size), kind)()) for size in (4, 100))
        return large - small

    check(program)
