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
