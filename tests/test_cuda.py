"""What only NVIDIA's GPUs have: products by cuBLASLt, memory figures, the device in use. Skipped without one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import reference as shared
import torch
from reference import assert_same

import spiraltorch_rs as st

pytestmark = [
    pytest.mark.skipif(not st.cuda.is_available(), reason="no GPU of NVIDIA, or no driver"),
    pytest.mark.cpu_only("the files of GPUs choose their device themselves"),
]
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16]


@pytest.fixture(autouse=True)
def on_gpu() -> Iterator[None]:
    shared.DEVICE[0] = "cuda"
    yield
    shared.DEVICE[0] = "cpu"


def near(function: Callable[..., torch.Tensor], *tensors: torch.Tensor) -> None:
    """Ours of `function(library, *tensors)` is torch's: of some hundred terms in any order."""
    found = function(st, *(shared.ours(t) for t in tensors))
    expected = function(torch, *(t.double() for t in tensors)).to(tensors[0].dtype)
    half = tensors[0].dtype in (torch.float16, torch.bfloat16)
    assert_same(found, expected, loose=64 if half else 256)


def matrices(dtype: torch.dtype, *shapes: tuple[int, ...]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randint(-3, 4, shape, generator=generator).to(dtype) / 4 for shape in shapes]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("turns", ["nn", "nt", "tn", "tt"])
def test_products_of_all_layouts(turns: str, dtype: torch.dtype) -> None:
    m, n, k = 520, 776, 512
    a, b = matrices(dtype, (m, k) if turns[0] == "n" else (k, m), (k, n) if turns[1] == "n" else (n, k))

    def product(_: object, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (a if turns[0] == "n" else a.t()) @ (b if turns[1] == "n" else b.t())

    near(product, a, b)


@pytest.mark.parametrize("dtype", DTYPES)
def test_products_with_more_work_behind_them(dtype: torch.dtype) -> None:
    a, b, bias = matrices(dtype, (300, 700), (900, 700), (900,))
    near(lambda lib, a, b, bias: lib.nn.functional.relu(lib.nn.functional.linear(a, b, bias)) * 2, a, b, bias)


@pytest.mark.parametrize("dtype", DTYPES)
def test_products_of_batches_parts_and_odd_sizes(dtype: torch.dtype) -> None:
    a, b = matrices(dtype, (3, 4, 130, 257), (4, 257, 131))
    near(lambda lib, a, b: a @ b, a, b)
    near(lambda lib, a, b: a[:, :, 1:, 3:] @ b[:, 3:, 5:], a, b)
    near(lambda lib, a, b: a.transpose(0, 1)[:, :, ::2] @ b[:, None], a, b)
    near(lambda lib, a, b: (a.permute(2, 0, 1, 3)[:, 0] @ b[1]).transpose(0, 1).contiguous(), a, b)


def test_gradients_of_products() -> None:
    a, b = matrices(torch.float32, (512, 640), (640, 768))
    ours = [shared.ours(t).requires_grad_() for t in (a, b)]
    theirs = [t.double().requires_grad_() for t in (a, b)]
    (ours[0] @ ours[1]).square().sum().backward()
    (theirs[0] @ theirs[1]).square().sum().backward()
    for mine, their in zip(ours, theirs, strict=True):
        assert_same(mine.grad, their.grad.float(), loose=512)


def test_memory_is_counted_and_given_back() -> None:
    st.cuda.synchronize()
    before = st.cuda.memory_allocated()
    x = st.zeros(1 << 20, device="cuda")
    st.realize(x)
    assert st.cuda.memory_allocated() - before >= 4 << 20
    del x
    assert st.cuda.memory_allocated() == before
    assert st.cuda.max_memory_allocated() >= before + (4 << 20)
    st.cuda.reset_peak_memory_stats()
    assert st.cuda.max_memory_allocated() == before
    st.cuda.empty_cache()
    assert st.cuda.memory_reserved() == before


def test_a_tensor_that_does_not_fit_leaves_the_device_usable() -> None:
    with pytest.raises(st.OutOfMemoryError, match="bytes"):
        st.realize(st.zeros(1 << 45, dtype=st.uint8, device="cuda"))
    assert st.ones(3, device="cuda").sum().item() == 3


def test_the_device_in_use() -> None:
    assert st.cuda.current_device() == 0
    with st.cuda.device(0):
        assert st.ones(1, device="cuda").device == st.device("cuda:0")
    with pytest.raises(RuntimeError, match="cuda:7"):
        st.cuda.set_device(7)
    about = st.cuda.get_device_properties()
    assert about.total_memory > 1 << 30
    assert about.multi_processor_count > 0
    assert st.cuda.get_device_capability() == (about.major, about.minor)


def test_a_wrong_index_is_an_error_and_the_device_stays_usable() -> None:
    x = st.arange(5.0, device="cuda")
    with pytest.raises(IndexError):
        x[st.tensor([7], device="cuda")].cpu()
    assert (x + 1).tolist() == [1, 2, 3, 4, 5]


def attention(library: Any, causal: bool, q: Any, k: Any, v: Any, g: Any) -> list[Any]:
    """The result and the gradients of q, k and v, which lie as models have them: heads within a row."""
    q, k, v = (t.clone().requires_grad_() for t in (q, k, v))
    heads = [t.transpose(1, 2) for t in (q, k, v)]
    mixed = library.nn.functional.scaled_dot_product_attention(*heads, is_causal=causal, enable_gqa=True)
    mixed.transpose(1, 2).backward(g)
    return [mixed, q.grad, k.grad, v.grad]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize(
    ("m", "n", "d", "dv", "heads"),
    [
        (64, 64, 64, 64, 2),
        (130, 130, 128, 128, 2),
        (1, 200, 32, 32, 2),
        (77, 300, 40, 72, 4),
        (300, 77, 96, 16, 2),
    ],
)
def test_attention_by_matrix_units(
    m: int, n: int, d: int, dv: int, heads: int, dtype: torch.dtype, causal: bool
) -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = [(2, m, 4, d), (2, n, heads, d), (2, n, heads, dv), (2, m, 4, dv)]
    tensors = [torch.randn(shape, generator=generator).to(dtype) for shape in shapes]
    found = attention(st, causal, *(shared.ours(t) for t in tensors))
    expected = attention(torch, causal, *(t.double() for t in tensors))
    limit = 8e-3 if dtype == torch.bfloat16 else 1e-3
    for mine, their in zip(found, expected, strict=True):
        got = torch.tensor(mine.float().tolist(), dtype=torch.float64).reshape(their.shape)
        assert (got - their).norm() <= limit * their.norm() + 1e-5


@pytest.mark.parametrize("width", [32, 64, 128])
@pytest.mark.parametrize("causal", [False, True])
def test_attention_of_more_items_than_are_begun_together(causal: bool, width: int) -> None:
    """More than caches hold at a time, which take turns: some are what torch makes of them alone."""
    generator = torch.Generator().manual_seed(0)
    items, rows = (1 << 25) // (1100 * 2 * width), 1100
    tensors = [torch.randn(items, rows, 1, width, generator=generator).bfloat16() for _ in range(4)]
    found = attention(st, causal, *(shared.ours(t) for t in tensors))
    some = [0, items // 2 - 1, items // 2, items - 1]
    expected = attention(torch, causal, *(t[some].double() for t in tensors))
    for mine, their in zip(found, expected, strict=True):
        got = torch.tensor(mine[some].float().tolist(), dtype=torch.float64)
        assert (got - their).norm() <= 8e-3 * their.norm()
        assert mine.isfinite().all().item()


def test_streams_and_events() -> None:
    side, other = st.cuda.Stream(), st.cuda.Stream(priority=-1)
    assert side != other
    assert st.cuda.current_stream() == st.cuda.default_stream()
    assert st.cuda.default_stream().cuda_stream == torch.cuda.default_stream().cuda_stream
    start, end = st.cuda.Event(enable_timing=True), st.cuda.Event(enable_timing=True)
    x = st.ones(1 << 20, device="cuda")
    start.record()
    with st.cuda.stream(side):
        assert st.cuda.current_stream() == side
        side.wait_stream(st.cuda.default_stream())
        y = (x * 3).cumsum(0)
        end.record()
    assert st.cuda.current_stream() == st.cuda.default_stream()
    end.synchronize()
    assert end.query()
    assert 0 < start.elapsed_time(end) < 1e4
    st.cuda.default_stream().wait_event(end)
    assert (y + 1)[-1].item() == 3 * 2**20 + 1
    side.synchronize()
    assert side.query()
    with pytest.raises(ValueError, match="recorded"):
        st.cuda.Event(enable_timing=True).elapsed_time(end)
    with pytest.raises(ValueError, match="enable_timing"):
        start.elapsed_time(side.record_event())
    low, high = st.cuda.Stream.priority_range()
    assert (low, high) == torch.cuda.Stream.priority_range()


def test_memory_of_one_stream_is_not_given_to_another_too_early() -> None:
    side = st.cuda.Stream()
    for turn in range(20):
        x = st.full((1 << 20,), turn, dtype=st.float32, device="cuda")
        st.realize(x)
        with st.cuda.stream(side):
            side.wait_stream(st.cuda.default_stream())
            y = x * 2
            st.realize(y)
        del x
        # This may take over the memory of x, which the other stream still reads.
        z = st.full((1 << 20,), -1.0, device="cuda")
        st.realize(z)
        assert y.sum().item() == 2 * turn * 2**20
        assert z.sum().item() == -(2**20)


def test_pinned_memory() -> None:
    x = st.arange(1 << 16).float()
    pinned = x.pin_memory()
    assert pinned.is_pinned()
    assert not x.is_pinned()
    assert pinned.tolist() == x.tolist()
    moved = pinned.to("cuda", non_blocking=True)
    del pinned
    assert (moved + 1).sum().item() == (x + 1).sum().item()
    again = x.pin_memory().cuda(non_blocking=True)
    assert again.cpu().tolist() == x.tolist()
    z = st.complex(x[:4], x[1:5]).pin_memory()
    assert z.is_pinned()
    assert z.tolist() == st.complex(x[:4], x[1:5]).tolist()
    loader = st.utils.data.DataLoader(st.utils.data.TensorDataset(x[:100]), batch_size=50, pin_memory=True)
    assert all(batch.is_pinned() for (batch,) in loader)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int64", "bool", "complex64"])
def test_torch_shares_memory_by_dlpack(dtype: str) -> None:
    theirs = torch.arange(12).reshape(3, 4).to(getattr(torch, dtype)).cuda()
    ours = st.from_dlpack(theirs)
    assert ours.device == st.device("cuda:0")
    assert ours.data_ptr() == theirs.data_ptr()
    assert ours.tolist() == theirs.tolist()
    assert ours.t().tolist() == theirs.t().tolist()
    ours[1] = 1
    assert theirs[1].tolist() == [1, 1, 1, 1]
    theirs[2] = 0
    assert ours[2].tolist() == theirs[2].tolist()
    mine = st.ones(5, 2, device="cuda").to(getattr(st, dtype))
    back = torch.from_dlpack(mine)
    assert back.data_ptr() == mine.data_ptr()
    back[1, 0] = 0
    assert mine[1].tolist() == back[1].tolist()
    mine.zero_()
    assert back.tolist() == mine.tolist()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.uint8])
@pytest.mark.parametrize("before", [1, 3, 4])
def test_shared_memory_begins_anywhere(before: int, dtype: torch.dtype) -> None:
    if not torch.cuda.is_available():
        pytest.skip("torch has no GPU here")
    all_of_it = torch.arange(64 * 4096 + 8, device="cuda").remainder(7).to(dtype)
    theirs = all_of_it[before : before + 64 * 4096].view(64, 4096)
    ours = st.from_dlpack(theirs)
    assert ours.data_ptr() == theirs.data_ptr()
    assert torch.equal(shared.theirs(ours + 1), (theirs + 1).cpu())
    assert torch.equal(shared.theirs(ours.float().sum(1)), theirs.float().sum(1).cpu())
    if dtype.is_floating_point:
        assert torch.equal(shared.theirs(ours @ ours.t()), (theirs @ theirs.t()).cpu())
    ours.add_(1)
    st.synchronize()
    expected = torch.arange(64 * 4096 + 8).remainder(7)
    expected[before : before + 64 * 4096] += 1
    assert torch.equal(all_of_it.cpu(), expected.to(dtype))


def test_dlpack_waits_for_the_streams_of_both() -> None:
    side = st.cuda.Stream()
    with st.cuda.stream(side):
        mine = (st.ones(1 << 22, device="cuda") * 2).cumsum(0)
        theirs = torch.from_dlpack(mine)
    assert theirs[-1].item() == 2**23
    other = torch.cuda.Stream()
    with torch.cuda.stream(other):
        big = torch.ones(1 << 22, device="cuda").cumsum(0)
        ours = st.from_dlpack(big)
    assert ours[-1].item() == 2**22


def test_arrays_of_other_libraries() -> None:
    theirs = torch.arange(6.0, device="cuda").reshape(2, 3)

    said = {**theirs.t().__cuda_array_interface__, "stream": 1, "version": 3}
    foreign = type("Foreign", (), {"__cuda_array_interface__": said})()
    ours = st.as_tensor(foreign, device="cuda")
    assert ours.tolist() == theirs.t().tolist()
    assert ours.data_ptr() == theirs.data_ptr()
    mine = st.arange(6, device="cuda").reshape(2, 3).t()
    about = mine.__cuda_array_interface__
    assert about["shape"] == (3, 2)
    assert about["typestr"] == "<i8"
    assert about["strides"] == (8, 24)
    shared = torch.as_tensor(type("Ours", (), {"__cuda_array_interface__": about})(), device="cuda")
    assert shared.tolist() == mine.tolist()
    with pytest.raises(AttributeError):
        _ = st.ones(1).__cuda_array_interface__


def test_what_the_device_is() -> None:
    ours, theirs = st.cuda.get_device_properties(), torch.cuda.get_device_properties()
    for name in "name major minor total_memory multi_processor_count L2_cache_size warp_size".split():
        assert getattr(ours, name) == getattr(theirs, name), name
    assert st.cuda.get_device_capability() == torch.cuda.get_device_capability()
    assert st.cuda.is_bf16_supported() == torch.cuda.is_bf16_supported()
    free, total = st.cuda.mem_get_info()
    assert 0 < free < total == torch.cuda.mem_get_info()[1]
    assert st.cuda.memory_stats()["allocated_bytes.all.current"] == st.cuda.memory_allocated()
    assert "in use" in st.cuda.memory_summary()


def test_random_states_and_ranges() -> None:
    st.cuda.manual_seed_all(3)
    state = st.cuda.get_rng_state()
    first = st.rand(4, device="cuda").tolist()
    st.cuda.set_rng_state(state)
    assert st.rand(4, device="cuda").tolist() == first
    with st.cuda.nvtx.range("outer {}", 1):
        st.cuda.nvtx.range_push("inner")
        st.cuda.nvtx.range_pop()
        st.cuda.nvtx.mark("here")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rows", [100, 5000])
def test_rows_are_added_in_the_order_of_the_source(rows: int, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    places = torch.randint(-40, 40, (rows,), generator=generator)
    values = torch.randn(rows, 24, generator=generator).to(dtype)
    start = torch.randn(40, 24, generator=generator).to(dtype)
    device = [shared.ours(t) for t in (start, places % 40, values)]
    host = [st.tensor(t.float().tolist()).to(getattr(st, str(dtype)[6:])) for t in (start, values)]
    found = device[0].index_add(0, device[1], device[2])
    expected = host[0].index_add(0, st.tensor((places % 40).tolist()), host[1])
    assert found.tolist() == expected.tolist()
    near_to = start.double().index_add(0, places % 40, values.double())
    if dtype in (torch.float32, torch.float64):
        assert torch.allclose(torch.tensor(found.tolist(), dtype=torch.float64), near_to, atol=1e-3)
    table = st.nn.Embedding(40, 24, device="cuda")
    table(device[1]).mul(device[2].float()).sum().backward()
    sums = torch.zeros(40, 24, dtype=torch.float64).index_add(0, places % 40, values.double())
    grad = torch.tensor(table.weight.grad.tolist(), dtype=torch.float64)
    assert torch.allclose(grad, sums, atol=1e-3)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("turns", ["nn", "nt", "tn", "tt"])
@pytest.mark.parametrize("sizes", [(1024, 2049, 1536), (1001, 1024, 2047), (1021, 1019, 1013)])
def test_products_whose_rows_begin_anywhere(
    sizes: tuple[int, int, int], turns: str, dtype: torch.dtype
) -> None:
    m, n, k = sizes
    a, b = matrices(dtype, (m, k) if turns[0] == "n" else (k, m), (k, n) if turns[1] == "n" else (n, k))
    near(lambda _, a, b: (a if turns[0] == "n" else a.t()) @ (b if turns[1] == "n" else b.t()), a, b)
    bias = matrices(dtype, (n,))[0]
    left = (a if turns[0] == "n" else a.t()).contiguous()
    right = (b.t() if turns[1] == "n" else b).contiguous()
    near(lambda lib, x, w, c: lib.nn.functional.relu(lib.nn.functional.linear(x, w, c)), left, right, bias)


def linear(lib: Any, x: Any, weight: Any, bias: Any) -> Any:
    return lib.nn.functional.linear(x, weight, bias)


# What follows a product: what the library adds and rounds itself, what is left to a kernel, and both.
FOLLOWING: dict[str, Callable[..., Any]] = {
    "bias": lambda lib, x, w, b, r: linear(lib, x, w, b),
    "bias and more": lambda lib, x, w, b, r: lib.nn.functional.relu(linear(lib, x, w, b)) + r,
    "bias of another step": lambda lib, x, w, b, r: linear(lib, x, w, lib.stack([b, b], 1)[:, 0]),
    "bias that is computed": lambda lib, x, w, b, r: linear(lib, x, w, b * 2 + 1),
    "bias of rows": lambda lib, x, w, b, r: x @ w.t() + r[:, :1],
    "bias turned": lambda lib, x, w, b, r: (linear(lib, x, w, b).t() + 1).contiguous(),
    "more only": lambda lib, x, w, b, r: (x @ w.t()) * r,
    "sums twice": lambda lib, x, w, b, r: (x @ w.t()).square() + (x @ w.t()) * b,
    "columns cut": lambda lib, x, w, b, r: linear(lib, x, w, b)[:, 3:] * 2,
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("columns", [704, 701])
@pytest.mark.parametrize("name", FOLLOWING)
def test_what_follows_a_product(name: str, columns: int, dtype: torch.dtype) -> None:
    shapes = (600, 512), (columns, 512), (columns,), (600, columns)
    near(FOLLOWING[name], *matrices(dtype, *shapes))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_product_and_what_follows_are_both_kept(dtype: torch.dtype) -> None:
    tensors = matrices(dtype, (600, 512), (704, 512), (704,), (600, 704))
    x, w, b, sum_ = (shared.ours(t) for t in tensors)
    first = linear(st, x, w, b)
    second = first.relu() * 2
    sum_ += first
    st.realize(first, second, sum_)
    x, w, b, r = (t.double() for t in tensors)
    wanted = linear(torch, x, w, b)
    for found, expected in ((first, wanted), (second, wanted.relu() * 2), (sum_, r + wanted)):
        assert_same(found, expected.to(dtype), loose=64 if dtype in (torch.float16, torch.bfloat16) else 256)


def test_mixed_precision_adds_its_bias() -> None:
    x, w, b = matrices(torch.float32, (600, 512), (704, 512), (704,))
    results = []
    for library, device in ((st, "cuda"), (torch, "cpu")):
        x, w, b = (library.tensor(t.tolist(), device=device) for t in (x, w, b))
        w.requires_grad_()
        b.requires_grad_()
        with library.autocast(device, dtype=library.bfloat16):
            y = library.nn.functional.gelu(linear(library, x, w, b))
        y.float().square().mean().backward()
        results.append((y, w.grad, b.grad))
    for found, expected in zip(*results, strict=True):
        assert_same(found.float(), expected.float().detach(), loose=1 << 18)


@pytest.mark.parametrize("width", [64, 60])
def test_biases_that_are_rounded_together_are_those_of_their_products(width: int) -> None:
    """Autocast rounds biases of forty products in one run, which takes more kernels than one."""
    generator = torch.Generator().manual_seed(0)
    x, *weights = matrices(torch.float32, (600, 64), *[(width, 64)] * 40)
    weights = [w * (i % 5 + 1) for i, w in enumerate(weights)]
    biases = [torch.randn(width, generator=generator) for _ in weights]
    with st.autocast("cuda", dtype=st.bfloat16):
        own = shared.ours(x)
        found = [
            linear(st, own, shared.ours(w), shared.ours(b)) for w, b in zip(weights, biases, strict=True)
        ]
    st.realize(*found)
    for y, w, b in zip(found, weights, biases, strict=True):
        assert_same(y, (x.double() @ w.t().double() + b.bfloat16()).bfloat16(), loose=64)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("rows", [1, 7, 64])
def test_few_rows_of_logits(rows: int, dtype: torch.dtype) -> None:
    """Several groups copy a row from where it is made to where it begins."""
    x, w = matrices(dtype, (rows, 768), (50257, 768))
    near(lambda _, x, w: x @ w.t(), x, w)


def test_large_products_are_made_in_pieces() -> None:
    """Lines of a product are those of a product of fewer lines, although it is made of copies, a piece at a time."""
    x = st.randn(9000, 300, device="cuda").bfloat16()
    w = st.randn(50257, 300, device="cuda").bfloat16()
    st.cuda.empty_cache()
    st.cuda.reset_peak_memory_stats()
    before = st.cuda.memory_allocated()
    y = x @ w.t()
    st.realize(y)
    assert st.cuda.max_memory_allocated() - before < y.nbytes + (400 << 20)
    back, turned = y @ w, y.t() @ x
    for lines in (slice(0, 100), slice(4000, 4100), slice(8900, 9000)):
        assert_same(y[lines], shared.theirs((x[lines].float() @ w.float().t()).bfloat16()), loose=64)
        assert_same(back[lines], shared.theirs((y[lines].float() @ w.float()).bfloat16()), loose=256)
    for lines in (slice(0, 100), slice(25000, 25100), slice(50200, 50257)):
        assert_same(turned[lines], shared.theirs((y.t()[lines].float() @ x.float()).bfloat16()), loose=256)


@pytest.mark.parametrize(
    "sizes", [(4096, 768, 768), (2048, 1000, 1024), (768, 768, 8192), (1024, 50257, 128)]
)
@pytest.mark.parametrize("biased", [False, True])
def test_the_fastest_way_has_the_bits_of_the_first(sizes: tuple[int, int, int], biased: bool) -> None:
    """Nothing is timed while a graph is recorded: there the library's first way is taken."""
    m, n, k = sizes
    generator = torch.Generator().manual_seed(0)
    shapes = [(m, k), (n, k), (n,)]
    x, w, b = (shared.ours(torch.randn(shape, generator=generator).bfloat16()) for shape in shapes)

    def product() -> Any:
        return st.nn.functional.linear(x, w, b if biased else None)

    st.realize(x, w, b)
    graph = st.cuda.CUDAGraph()
    with st.cuda.graph(graph):
        recorded = product()
    graph.replay()
    first = recorded.clone()
    st.realize(first)
    eager = [product() for _ in range(3)]
    st.realize(*eager)
    assert all(st.equal(first, found) for found in eager)
    x, w, b = (shared.theirs(t).double() for t in (x[:64], w, b))
    wanted = torch.nn.functional.linear(x, w, b if biased else None)
    assert (shared.theirs(first[:64]).double() - wanted).norm() < 4e-3 * wanted.norm()


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_logits_that_nobody_keeps_lie_as_products_like(dtype: torch.dtype, kept: bool) -> None:
    """Lines of an odd number of words: those of logits that only one run sees are apart in memory."""
    rows, width, words = 1100, 96, 1031
    x, w = (t / 4 for t in matrices(dtype, (rows, width), (words, width)))
    y = torch.arange(rows) * 7919 % words

    def gradients(lib: Any, x: Any, w: Any, y: Any) -> Any:
        own = [x.detach().requires_grad_(), w.detach().requires_grad_()]
        logits = lib.nn.functional.linear(own[0], own[1])
        held = logits if kept else None
        loss = lib.nn.functional.cross_entropy(logits.view(11, 100, words).view(-1, words).float(), y)
        del logits
        loss.backward()
        return [loss, own[0].grad, own[1].grad] + ([held.float().sum(1)] if kept else [])

    found = gradients(st, shared.ours(x), shared.ours(w), st.tensor(y.tolist(), device="cuda"))
    st.realize(*found)
    wanted = gradients(torch, x.double(), w.double(), y)
    for mine, their in zip(found, wanted, strict=True):
        error = (shared.theirs(mine).double() - their.detach().double()).norm() / their.norm()
        assert error < 2e-2


def test_long_rows_of_pointwise_work_begin_anywhere() -> None:
    x, c = matrices(torch.bfloat16, (600, 2051), (600, 1))
    near(lambda lib, x, c: (x * c).exp() + x, x, c)
    near(lambda lib, x, c: (x[:, 2:] * c + 1).relu(), x, c)


@pytest.mark.parametrize("rows", [64, 1000, 8192])
def test_gradients_of_embeddings_add_up_by_targets(rows: int) -> None:
    places = torch.arange(rows) ** 2 % 97
    values = torch.arange(rows * 48).reshape(rows, 48) % 7 - 3.0
    found = st.zeros(120, 48, device="cuda").index_add(0, shared.ours(places), shared.ours(values))
    assert_same(found, torch.zeros(120, 48).index_add(0, places, values))


# Losses of long rows, which begin anywhere: how many columns, and where the first one is.
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("columns", "first"), [(50257, 0), (16387, 1), (16384, 3), (8195, 2), (1030, 1), (20000, 0)]
)
@pytest.mark.parametrize(
    "settings", [{}, {"label_smoothing": 0.1}, {"reduction": "sum"}, {"ignore_index": 5}]
)
def test_losses_of_long_rows(settings: dict[str, Any], columns: int, first: int, dtype: torch.dtype) -> None:
    rows = 70
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(rows, columns + first, generator=generator, dtype=torch.float64).to(dtype)
    target = torch.randint(0, columns, (rows,), generator=generator)
    target[::7], target[1], target[2] = 5, 0, columns - 1

    def loss(lib: Any, x: Any, y: Any) -> Any:
        x.requires_grad_()
        value = lib.nn.functional.cross_entropy(x[:, first:], y, **settings)
        value.backward()
        return value, x.grad, x[:, first:].detach().log_softmax(1), x[:, first:].detach().sum(1)

    found = loss(st, shared.ours(logits), st.tensor(target.tolist(), device="cuda"))
    wanted = loss(torch, logits.double(), target)
    half = dtype in (torch.float16, torch.bfloat16)
    for mine, their in zip(found, wanted, strict=True):
        assert_same(mine, their.detach().to(dtype), loose=64 if half else 1024)


def test_losses_of_long_rows_with_extreme_logits() -> None:
    """Sums of exponentials are made while the largest logit is not known yet: masked, infinite and rising ones."""
    columns, inf = 40001, float("inf")
    logits = torch.randn(8, columns, generator=torch.Generator().manual_seed(0))
    logits[1, : columns // 2] = -inf
    logits[2, 1:] = -inf
    logits[3] = -inf
    logits[4, 777] = inf
    logits[5, -1] = float("nan")
    logits[6] = torch.linspace(-1e4, 1e4, columns)
    logits[7] = torch.finfo(torch.float32).min
    target = torch.tensor([5, columns - 1, 0, 7, 777, 3, columns - 1, 9])

    def values(lib: Any, x: Any, y: Any) -> Any:
        return lib.nn.functional.cross_entropy(x, y, reduction="none"), x.logsumexp(1), x.softmax(1).sum(1)

    found = values(st, shared.ours(logits), st.tensor(target.tolist(), device="cuda"))
    for mine, their in zip(found, values(torch, logits, target), strict=True):
        torch.testing.assert_close(shared.theirs(mine), their, rtol=1e-5, atol=1e-4, equal_nan=True)


def test_a_row_is_looked_at_where_one_class_is() -> None:
    """A sum of what is chosen at one place of a row, with another value elsewhere, and places that are not in it."""
    columns = 30011
    x = torch.randn(6, columns, generator=torch.Generator().manual_seed(0))
    places = torch.tensor([[0], [columns - 1], [77], [-1], [columns], [(1 << 32) + 5]])

    def chosen(lib: Any, x: Any, places: Any, other: float) -> Any:
        here = lib.arange(columns, device=x.device) == places
        return lib.where(here, x.exp() + 1, other).sum(1)

    for other in (0.0, 0.5):
        found = chosen(st, shared.ours(x), shared.ours(places), other)
        wanted = chosen(torch, x.double(), places, other).float()
        torch.testing.assert_close(shared.theirs(found), wanted, rtol=1e-5, atol=1e-4)


def test_the_peak_is_of_all_memory_at_one_time() -> None:
    """A graph's memory counts beside that of other work, not beside what that had at another time."""
    x = st.zeros(1 << 20, device="cuda")
    st.realize(x)
    stream = st.cuda.Stream()

    def work() -> Any:
        return (x.view(1024, 1024) @ x.view(1024, 1024)).sum()

    with st.cuda.stream(stream):
        st.realize(work())
    st.synchronize()
    st.cuda.reset_peak_memory_stats()
    before = st.cuda.memory_allocated()
    large = st.ones(32 << 20, device="cuda")
    st.realize(large)
    del large
    graph = st.cuda.CUDAGraph()
    with st.cuda.graph(graph):
        result = work()
    graph.replay()
    assert result.item() == 0
    # The library of products takes 32 MB, while the large tensor is gone.
    assert (128 << 20) <= st.cuda.max_memory_allocated() - before < (144 << 20)
    st.cuda.reset_peak_memory_stats()
    assert st.cuda.max_memory_allocated() == st.cuda.memory_allocated()


def ordered(dtype: torch.dtype, *shape: int) -> torch.Tensor:
    """Numbers with many equal ones among them and, of floats, zeros of both signs, infinities and NaN."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(-300, 300, shape, generator=generator)
    if not dtype.is_floating_point:
        wide = dtype in (torch.int32, torch.int64)
        return (x * (torch.iinfo(dtype).max // 300) if wide else x).to(dtype)
    few = torch.tensor([0.0, -0.0, float("inf"), -float("inf"), float("nan"), 1e-6, -1e-6, 2.5])
    chosen = torch.randint(0, 40, shape, generator=generator)
    return torch.where(chosen < 8, few[chosen % 8], x / 7).to(dtype)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    "dtype", [*DTYPES, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]
)
def test_sorts_by_bits(dtype: torch.dtype, descending: bool) -> None:
    for shape, dim in [((3, 300), 1), ((2, 2048), 1), ((2049, 2), 0), ((150_000,), 0)]:
        x = ordered(dtype, *shape)
        found = st.sort(shared.ours(x), dim=dim, descending=descending, stable=True)
        values, places = torch.sort(x, dim=dim, descending=descending, stable=True)
        assert_same(found[0], values)
        assert found[1].tolist() == places.tolist()
        if dtype != torch.bool:
            assert_same(shared.ours(x).topk(7, dim, descending)[0], x.topk(7, dim, descending)[0])


def test_gradients_of_attention_sum_over_rows_of_any_width() -> None:
    for width in (8, 24, 64, 120, 136):
        q, k, v = (torch.randn(1, 2, 70, width, generator=torch.Generator().manual_seed(i)) for i in range(3))

        def gradients(lib: Any, *operands: Any) -> Any:
            own = [x.detach().requires_grad_() for x in operands]
            made = lib.nn.functional.scaled_dot_product_attention(*own, is_causal=True)
            (made * made).sum().backward()
            return own[0].grad

        near(gradients, q, k, v)


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("shape", [(8192, 96), (4, 1025, 260), (5000, 768), (8191, 96)])
def test_gradients_of_norms_of_many_rows(shape: tuple[int, ...], half: bool) -> None:
    """The kernel of the rows sums columns for each block of them, if their number has blocks."""
    width = shape[-1]
    generator = torch.Generator().manual_seed(0)
    sizes = [shape, (width, width), (width,), (width,), (width,), (width, width), shape]
    scales = [1, width**-0.5, 1, 1, 1, width**-0.5, 1]
    made = [torch.randn(size, generator=generator) * s for size, s in zip(sizes, scales, strict=True)]

    def gradients(lib: Any, tensors: list[Any], mixed: bool) -> list[Any]:
        functional = lib.nn.functional
        x, *parameters, by = tensors
        up, bias, weight, shift, down = (parameter.requires_grad_() for parameter in parameters)
        with lib.autocast("cuda", dtype=lib.bfloat16, enabled=mixed):
            y = x + functional.linear(x, up, bias)
            z = functional.linear(functional.layer_norm(y, (width,), weight, shift), down)
        (z.float() * by if mixed else z * by).sum().backward()
        made = [parameter.grad for parameter in (up, bias, weight, shift, down)]
        if lib is st:  # All in one run, in which the sums meet the rows.
            st.realize(*made)
        return made

    expected = gradients(torch, [t.double() for t in made], False)
    found = gradients(st, [shared.ours(t) for t in made], half)
    again = gradients(st, [shared.ours(t) for t in made], half)
    for ours, once_more, true in zip(found, again, expected, strict=True):
        off = (shared.theirs(ours).double() - true).norm() / true.norm()
        assert off < (1e-2 if half else 2e-6), off
        assert st.equal(ours, once_more)
