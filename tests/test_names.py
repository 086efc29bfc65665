"""Functions and methods that torch has beside the operator table, against torch."""

import math
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from reference import DTYPES, FLOATS, assert_same, assert_same_outcome, ours, outcome, pair, theirs

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("names only")

FREE = torch.Generator().manual_seed(3)


def draw(*shape: int, dtype: str = "float32") -> torch.Tensor:
    """Small numbers of a dtype, some of them equal."""
    return torch.randint(-3, 4, shape, generator=FREE).to(getattr(torch, dtype))


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d not in ("bfloat16", "float16")])
@pytest.mark.parametrize("shape", [(7,), (4, 5), (), (0,), (3, 2, 4)])
def test_unique(dtype, shape):
    x = draw(*shape, dtype=dtype)
    for options in (
        {},
        {"return_inverse": True},
        {"return_counts": True},
        {"return_inverse": True, "return_counts": True},
    ):
        assert_same(st.unique(ours(x), **options), torch.unique(x, **options), exact=True)
        assert_same(ours(x).unique(**options), x.unique(**options), exact=True)
        assert_same(
            st.unique_consecutive(ours(x), **options), torch.unique_consecutive(x, **options), exact=True
        )


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_unique_along_a_dimension(dtype, dim):
    for x in (
        draw(6, 2, dtype=dtype),
        draw(8, 3, dtype=dtype).remainder(2) if dtype != "bool" else draw(8, 3, dtype=dtype),
    ):
        for function in ("unique", "unique_consecutive"):
            mine, reference = getattr(st, function), getattr(torch, function)
            options = {"return_inverse": True, "return_counts": True, "dim": dim}
            assert_same(mine(ours(x), **options), reference(x, **options), exact=True)
            assert_same(mine(ours(x), dim=dim), reference(x, dim=dim), exact=True)


def test_unique_keeps_every_nan():
    x = torch.tensor([math.nan, 1.0, math.nan, 1.0])
    assert st.unique(ours(x)).shape == torch.unique(x).shape


@pytest.mark.parametrize("dtype", FLOATS)
def test_nextafter(dtype):
    info = torch.finfo(getattr(torch, dtype))
    edges = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.7, info.max, info.min, info.tiny, -info.tiny, info.tiny / 4]
    edges += [math.inf, -math.inf, math.nan, 65536.0 if dtype != "float16" else 1024.0, 1e-3]
    x = torch.tensor(edges, dtype=torch.float64).to(getattr(torch, dtype))
    a, b = torch.meshgrid(x, x, indexing="ij")
    expected, refused = outcome(lambda: torch.nextafter(a, b))
    if refused is not None:
        pytest.skip("torch has no kernel")
    actual = theirs(st.nextafter(ours(a), ours(b)))
    same = (actual == expected) & (actual.signbit() == expected.signbit()) | (
        actual.isnan() & expected.isnan()
    )
    assert same.all(), [
        (a[i, j], b[i, j], actual[i, j], expected[i, j]) for i, j in (~same).nonzero()[:4].tolist()
    ]


@pytest.mark.parametrize("dtype", FLOATS)
def test_frexp_at_the_ends(dtype):
    info = torch.finfo(getattr(torch, dtype))
    x = torch.tensor(
        [0.0, -0.0, 1.0, 0.5, info.max, info.tiny, info.tiny / 2, math.inf, math.nan, 0.99, 1023.9, 2.0]
    )
    x = x.to(getattr(torch, dtype))
    expected, refused = outcome(lambda: torch.frexp(x))
    if refused is not None:
        pytest.skip("torch has no kernel")
    mantissa, exponent = st.frexp(ours(x))
    finite = x.isfinite()
    assert_same(mantissa, expected.mantissa, exact=True)
    assert torch.equal(theirs(exponent)[finite], expected.exponent[finite])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pdist(dtype):
    x, reference = pair(torch.randn(5, 4, dtype=getattr(torch, dtype)), requires_grad=True)
    for p in (0.0, 1.0, 2.0, 3.0, math.inf):
        actual, expected = st.pdist(x, p), torch.pdist(reference, p)
        assert_same(actual, expected, loose=8)
        if p > 0:
            (g,) = st.autograd.grad(actual.sum(), x)
            assert_same(g, torch.autograd.grad(expected.sum(), reference)[0], loose=64)
    assert_same(st.pdist(ours(torch.zeros(1, 3))), torch.pdist(torch.zeros(1, 3)))


def test_histogram():
    x = torch.randn(40, generator=FREE)
    weight = torch.rand(40, generator=FREE)
    edges = torch.tensor([-2.0, -0.5, 0.0, 0.1, 3.0])
    for args, options in (
        ((5,), {"range": (0.0, 1.0)}),
        ((4,), {}),
        ((7,), {"density": True}),
        ((), {"density": True}),
        ((6,), {"range": (-2.0, 3.0), "weight": weight}),
        ((edges,), {}),
        ((edges,), {"weight": weight, "density": True}),
    ):
        mine = [ours(a) if isinstance(a, torch.Tensor) else a for a in args]
        my_options = {k: ours(v) if isinstance(v, torch.Tensor) else v for k, v in options.items()}
        actual, expected = st.histogram(ours(x), *mine, **my_options), torch.histogram(x, *args, **options)
        assert_same(actual.hist, expected.hist, loose=8)
        assert_same(actual.bin_edges, expected.bin_edges, loose=8)
    same = torch.full((5,), 2.0)
    assert_same(st.histogram(ours(same), 3).bin_edges, torch.histogram(same, 3).bin_edges, loose=8)
    with pytest.raises(RuntimeError):
        st.histogram(st.ones(3), 0)


def test_histogramdd():
    points = torch.rand(30, 2, generator=FREE)
    weight = torch.rand(30, generator=FREE)
    edges = (torch.tensor([0.0, 0.3, 1.0]), torch.tensor([0.1, 0.5, 0.6, 0.9]))
    for bins, options in (
        ([3, 4], {}),
        (3, {"range": [0.0, 1.0, 0.2, 0.8]}),
        ([2, 2], {"weight": weight, "density": True}),
        (edges, {}),
    ):
        mine = [ours(e) for e in bins] if bins is edges else bins
        my_options = {k: ours(v) if isinstance(v, torch.Tensor) else v for k, v in options.items()}
        actual = st.histogramdd(ours(points), mine, **my_options)
        expected = torch.histogramdd(points, list(bins) if bins is edges else bins, **options)
        assert_same(actual.hist, expected.hist, loose=8)
        assert_same(list(actual.bin_edges), list(expected.bin_edges), loose=8)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_gradient(dtype):
    x = torch.randint(-9, 10, (4, 5), generator=FREE).to(getattr(torch, dtype))
    places = [torch.tensor([0.0, 1.0, 1.5, 4.0]), torch.tensor([0.0, 0.5, 1.5, 3.0, 3.25])]
    choices: list[dict[str, Any]] = [
        {},
        {"spacing": 2.0},
        {"spacing": [0.5, 3.0]},
        {"dim": 1},
        {"dim": (1, 0), "edge_order": 2},
        {"spacing": places},
        {"spacing": places, "edge_order": 2},
        {"spacing": [places[1]], "dim": -1},
    ]
    for options in choices:
        mine = dict(options)
        if isinstance(options.get("spacing"), list) and isinstance(options["spacing"][0], torch.Tensor):
            mine["spacing"] = [ours(place) for place in options["spacing"]]
        assert_same(list(st.gradient(ours(x), **mine)), list(torch.gradient(x, **options)), loose=16)
    with pytest.raises(RuntimeError):
        st.gradient(st.ones(1))


def test_tensordot_and_shapes():
    a, b = torch.randn(2, 3, 4), torch.randn(3, 2, 5)
    for dims in (([1, 0], [0, 1]), torch.tensor([[1, 0], [0, 1]]), [[1], [0]]):
        mine = ours(dims) if isinstance(dims, torch.Tensor) else dims
        assert_same(st.tensordot(ours(a), ours(b), mine), torch.tensordot(a, b, dims), loose=8)
    for shapes in (((2,), (3, 1), (1, 1)), ((0,), (1,)), ((), (4, 1, 2)), (3, (2, 3))):
        assert tuple(st.broadcast_shapes(*shapes)) == tuple(torch.broadcast_shapes(*shapes))
    with pytest.raises(RuntimeError):
        st.broadcast_shapes((2,), (3,))


def test_diagonals_filled_in_place():
    for shape, wrap in (((4, 4), False), ((7, 3), True), ((7, 3), False), ((3, 7), True), ((3, 3, 3), False)):
        x, reference = pair(torch.zeros(shape))
        assert x.fill_diagonal_(2.5, wrap) is x
        assert_same(x, reference.fill_diagonal_(2.5, wrap), exact=True)
    x, reference = pair(torch.zeros(4, 6))
    x.t().fill_diagonal_(1)
    reference.t().fill_diagonal_(1)
    assert_same(x, reference, exact=True)


def test_strided_scatter():
    x = torch.arange(12.0)
    for args in (((3, 2), (4, 1)), ((3, 2), (1, 4), 2)):
        part = torch.randn(3, 2)
        assert_same(
            st.as_strided_scatter(ours(x), ours(part), *args), torch.as_strided_scatter(x, part, *args)
        )


def test_resized_in_place():
    x, reference = pair(torch.arange(6.0))
    assert x.resize_(2, 3) is x
    assert_same(x, reference.resize_(2, 3), exact=True)
    assert_same(x.resize_((2, 2)), reference.resize_((2, 2)), exact=True)
    x.resize_(5, 2)
    reference.resize_(5, 2)
    assert torch.equal(theirs(x)[:3], reference[:3])
    assert x.resize_as_(st.ones(1, 2)).shape == (1, 2)
    with pytest.raises(RuntimeError):
        st.ones(2, requires_grad=True).resize_(3)


def test_set_and_storages():
    x, y = st.arange(6.0), st.zeros(2)
    assert y.set_(x) is y
    y[0] = 9
    assert x[0].item() == 9
    z = st.empty(0).set_(x.untyped_storage(), 1, (2, 2), (1, 2))
    assert_same(z, torch.tensor([[1.0, 3.0], [2.0, 4.0]]), exact=True)
    storage = x.storage()
    assert len(storage) == 6
    assert storage[0] == 9
    assert storage.dtype == st.float32
    assert x.untyped_storage().nbytes() == 24 == len(x.untyped_storage())
    assert x.untyped_storage().data_ptr() == x.data_ptr()
    assert st.is_storage(storage)
    assert x[2:].untyped_storage() == x.untyped_storage()
    assert st.empty(3).set_().shape == (0,)


def test_functions_of_python_applied_to_elements():
    x, reference = pair(draw(2, 3))
    assert_same(x.apply_(lambda v: v * 2 + 1), reference.apply_(lambda v: v * 2 + 1), exact=True)
    y, other = pair(draw(2, 3))
    assert_same(x.map_(y, lambda a, b: a * b), reference.map_(other, lambda a, b: a * b), exact=True)


def test_legacy_classes():
    assert st.FloatTensor(2, 3).shape == (2, 3)
    assert st.FloatTensor(2, 3).dtype == st.float32
    assert_same(st.LongTensor([1, 2]), torch.LongTensor([1, 2]), exact=True)
    assert_same(st.DoubleTensor([[1.5]]), torch.DoubleTensor([[1.5]]), exact=True)
    assert isinstance(st.ones(1), st.FloatTensor)
    assert not isinstance(st.ones(1), st.LongTensor)
    assert st.ByteTensor().dtype == st.uint8
    x = st.ones(2, dtype=st.int32)
    assert x.new(3).dtype == st.int32
    assert x.new([1, 2]).tolist() == [1, 2]
    assert st.FloatStorage(3).size() == 3
    with pytest.raises(TypeError):
        st.LongTensor(st.ones(2))
    try:
        st.set_default_tensor_type(st.DoubleTensor)
        assert st.tensor(1.0).dtype == st.float64
        st.set_default_tensor_type("spiraltorch_rs.FloatTensor")
    finally:
        st.set_default_dtype(st.float32)


@pytest.mark.parametrize(
    "name",
    "is_cpu is_cuda is_mps is_meta is_xpu is_ipu is_mtia is_maia is_xla is_vulkan is_mkldnn is_nested is_sparse"
    " is_sparse_csr is_quantized volatile name".split(),
)
def test_attributes(name):
    assert getattr(st.ones(2), name) == getattr(torch.ones(2), name)


def test_questions():
    x, reference = pair(torch.randn(2, 3))
    for name in "get_device is_pinned is_shared is_distributed dim_order is_inference".split():
        assert getattr(x, name)() == getattr(reference, name)(), name
    assert x.transpose(0, 1).dim_order() == reference.transpose(0, 1).dim_order()
    assert x.pin_memory() is x or x.pin_memory().is_pinned()
    assert x.share_memory_() is x
    assert x.to_dense() is x
    assert st.is_signed(x)
    assert not st.is_signed(st.ones(1, dtype=st.uint8))
    assert st.typename(x) == "spiraltorch_rs.FloatTensor"
    assert st.typename(3) == "int"
    assert x.layout == st.strided
    assert repr(st.strided) == "spiraltorch_rs.strided"
    assert isinstance(x.layout, st.layout)
    assert st.strided != st.sparse_coo


def test_settings():
    assert st.get_float32_matmul_precision() == "highest"
    st.set_float32_matmul_precision("high")
    assert st.get_float32_matmul_precision() == "high"
    st.set_float32_matmul_precision("highest")
    with pytest.raises(RuntimeError):
        st.set_float32_matmul_precision("low")
    st.use_deterministic_algorithms(True, warn_only=True)
    assert st.are_deterministic_algorithms_enabled()
    assert st.get_deterministic_debug_mode() == 1
    st.set_deterministic_debug_mode("default")
    assert not st.are_deterministic_algorithms_enabled()
    assert st.set_flush_denormal(False)


@pytest.mark.parametrize("rank", [4, 5])
def test_channels_last(rank):
    name = {4: "channels_last", 5: "channels_last_3d"}[rank]
    mine, reference = getattr(st, name), getattr(torch, name)
    x, y = pair(torch.randn((2, 3, 4, 5, 6)[:rank]))
    for change in (
        lambda t, f: t.contiguous(memory_format=f),
        lambda t, f: t.to(memory_format=f),
        lambda t, f: t.clone(memory_format=f),
    ):
        a, b = change(x, mine), change(y, reference)
        assert_same(a, b, exact=True)
        assert a.stride() == b.stride()
        assert a.is_contiguous(memory_format=mine)
        assert not a.is_contiguous()
    assert not x.is_contiguous(memory_format=mine)
    assert x.contiguous(memory_format=st.contiguous_format) is x
    assert pickle.loads(pickle.dumps(mine)) == mine
    with pytest.raises(RuntimeError):
        st.ones(2).contiguous(memory_format=mine)


def test_limits():
    for name in FLOATS:
        mine, reference = st.finfo(getattr(st, name)), torch.finfo(getattr(torch, name))
        assert repr(mine) == repr(reference)
        for part in "bits eps max min tiny smallest_normal resolution dtype".split():
            assert getattr(mine, part) == getattr(reference, part), (name, part)
    for name in "uint8 int8 int16 int32 int64".split():
        assert repr(st.iinfo(getattr(st, name))) == repr(torch.iinfo(getattr(torch, name)))
    for wrong in (lambda: st.finfo(st.int8), lambda: st.iinfo(st.bool)):
        with pytest.raises(TypeError):
            wrong()


def test_strided_memory():
    x = st.empty_strided((2, 3), (1, 2))
    assert x.shape == (2, 3)
    assert x.stride() == (1, 2)
    assert st.ones(1, dtype=st.int64).new_empty_strided((2,), (3,)).stride() == (3,)
    assert st.empty_strided((2, 3), (4, 1), dtype=st.complex64).stride() == (4, 1)
    assert st.ones(1).new_empty_strided((2, 3), (1, 2), dtype=st.complex64).stride() == (1, 2)
    y, reference = st.empty_permuted((2, 3, 5), (0, 2, 1)), torch.empty_permuted((2, 3, 5), (0, 2, 1))
    assert y.shape == reference.shape
    assert y.stride() == reference.stride()
    z = st.arange(6.0)
    assert z.as_strided_((2, 2), (1, 2)) is z
    assert z.tolist() == [[0.0, 2.0], [1.0, 3.0]]


def test_functions_in_place():
    x = st.ones(3)
    assert st.zero_(x) is x
    assert x.sum().item() == 0
    assert st.fill_(x, 2) is x
    assert x.sum().item() == 6
    assert not st.detach(st.ones(2, requires_grad=True) * 2).requires_grad
    indexed = st.arange(6).reshape(2, 3).index((None, st.tensor([2, 0])))  # type: ignore[arg-type]
    assert indexed.tolist() == [[2, 0], [5, 3]]


QUESTIONS = {
    "old class": lambda t: (t.cuda.FloatTensor.__name__, isinstance(t.ones(1), t.cuda.FloatTensor)),
    "the same class": lambda t: t.cuda.FloatTensor is t.cuda.FloatTensor,
    "no class": lambda t: t.cuda.FloatTensors,
    "other libraries": lambda t: [
        t.backends.mkl.is_available() in (True, False),
        t.backends.openmp.is_available() in (True, False),
        t.backends.nnpack.is_available() in (True, False),
    ],
    "its build": lambda t: [
        isinstance(text, str)
        for text in (t.__config__.show(), t.__config__.parallel_info(), t.__config__._cxx_flags())
    ],
    "processor": lambda t: t.backends.cpu.get_cpu_capability() in ("DEFAULT", "AVX2", "AVX512"),
}


@pytest.mark.parametrize("case", QUESTIONS)
def test_what_programs_ask_of_a_machine(case):
    assert_same_outcome(lambda: QUESTIONS[case](st), lambda: QUESTIONS[case](torch))


def of_bytes(kind: str, order: str) -> Any:
    return lambda t: getattr(t, kind + "Storage").from_buffer(bytearray(range(16)), order).tolist()


STORAGES = {
    "bytes": lambda t: t.ByteStorage.from_buffer(bytearray([1, 2, 3, 4])).tolist(),
    **{
        f"{kind}, {order} end first": of_bytes(kind, order)
        for kind in ("Short", "Int", "Long", "Float", "Double", "Bool")
        for order in ("big", "little", "native")
    },
    "casts": lambda t: [
        (made.type(), made.tolist())
        for made in (
            getattr(t.IntStorage([-1, 0, 2]), kind)() for kind in "float double half long char bool".split()
        )
    ],
    "of a tensor": lambda t: t.ones(3, dtype=t.int16).storage_type().__name__,
    "complex": lambda t: t.ComplexFloatStorage(2).element_size(),
    "nowhere": lambda t: (t.UntypedStorage([1, 2, 3], device="meta").nbytes(), t.ones(2, device="meta").storage()[0]),
    "sizes": lambda t: t.TypedStorage([1, 2], dtype=t.float64).tolist(),
    "set": lambda t: t.tensor([], dtype=t.int32).set_(t.ones(3).untyped_storage()).tolist(),
    "set of another dtype": lambda t: t.tensor([], dtype=t.int32).set_(t.ones(3).storage()),
}  # fmt: skip


def test_the_storage_of_floats():
    assert st.Storage is st.FloatStorage
    assert torch.Storage is torch.FloatStorage


@pytest.mark.parametrize("dtype", ["float32", "int16", "complex64", None])
def test_numbers_of_a_file(tmp_path, dtype):
    path = tmp_path / "numbers"
    path.write_bytes(np.arange(1.0, 9.0, dtype="float32").tobytes())
    found = []
    for library in (st, torch):
        kind = dtype and getattr(library, dtype)
        x = library.from_file(str(path), False, 3, dtype=kind)
        x[0] = 7
        found.append((str(x.dtype).rpartition(".")[2], x.tolist()))
    assert found[0] == found[1]
    assert path.read_bytes() == np.arange(1.0, 9.0, dtype="float32").tobytes()


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
@pytest.mark.parametrize("case", STORAGES)
def test_old_storages(case):
    assert_same_outcome(lambda: STORAGES[case](st), lambda: STORAGES[case](torch))
