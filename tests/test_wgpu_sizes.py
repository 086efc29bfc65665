"""Kernels of a GPU that are chosen by size: against torch, at sizes around the edges of what they are made for."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import reference as shared
import torch
from reference import assert_same

import spiraltorch_rs as st

BACKEND = next(backend for backend in st.backends() if backend.name == "wgpu")
pytestmark = [
    pytest.mark.skipif(not BACKEND.usable, reason=f"no GPU: {BACKEND.why_not}"),
    pytest.mark.cpu_only("the files of GPUs choose their device themselves"),
]


@pytest.fixture(autouse=True)
def on_gpu() -> Iterator[None]:
    shared.DEVICE[0] = "wgpu"
    yield
    shared.DEVICE[0] = "cpu"


def values(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    if dtype.is_floating_point:
        return torch.randn(*shape, generator=generator).to(dtype)
    if dtype == torch.bool:
        return torch.rand(*shape, generator=generator) < 0.5
    return torch.randint(0, 100, shape, generator=generator).to(dtype)


def same(function: Callable[..., Any], *tensors: torch.Tensor, loose: float = 4) -> None:
    """Ours of `function(library, *tensors)` is torch's."""
    found = function(st, *(shared.ours(t) for t in tensors))
    assert_same(found, function(torch, *tensors), loose=loose)


DTYPES = [torch.float32, torch.bfloat16, torch.int64, torch.int16, torch.uint8]


@pytest.mark.parametrize("dtype", [*DTYPES, torch.bool])
def test_pointwise_work_by_fours(dtype: torch.dtype) -> None:
    x, row = values(150, 128, dtype=dtype), values(128, dtype=dtype, seed=1)
    same(lambda lib, x: lib.where(x == 0, x, x[:1]), x)
    same(lambda lib, x, row: (x == row) | (x.t().contiguous().t() == row), x, row)
    # Neither the beginning nor the rows are at multiples of four.
    same(lambda lib, x: x[1:, 3:] == x[:-1, :-3], x)
    same(lambda lib, x: x[:, ::2] == x[:, 1::2], x)


def test_what_is_gathered_by_fours() -> None:
    table, index = values(50, 64), values(400, dtype=torch.int64) % 50
    same(lambda lib, table, index: table[index] * 2, table, index)
    same(lambda lib, table, index: table[:, 1:][index], table, index)


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.int16])
@pytest.mark.parametrize(
    "shape", [(300_000,), (3, 40_001), (40_000, 8), (5000, 7), (9, 3000, 12), (600, 128)]
)
def test_reductions_in_parts(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    x = values(*shape, dtype=dtype)
    for dim in [*range(len(shape)), None]:
        kept = {} if dim is None else {"dim": dim}
        same(lambda lib, x, kept=kept: x.sum(**kept), x, loose=64)
        same(lambda lib, x, kept=kept: x.argmax(**kept), x)
        same(lambda lib, x, kept=kept: x.amin(**kept) + 1, x)


def test_two_reductions_at_once_in_parts() -> None:
    x = values(4, 60_000)
    same(lambda lib, x: lib.stack([x.mean(1), x.var(1), (x > 0).any(1).to(x.dtype)]), x, loose=64)


@pytest.mark.parametrize("width", [40, 256, 1000, 1001, 9000])
def test_rows_that_are_kept(width: int) -> None:
    x = values(20_000 // width + 9, width)
    same(lambda lib, x: x.softmax(1), x, loose=16)
    same(lambda lib, x: lib.nn.functional.layer_norm(x, (width,)), x, loose=16)
    same(lambda lib, x: x.log_softmax(1).argmax(1), x)


@pytest.mark.parametrize("width", [64, 1000, 1001])
def test_gradients_of_rows(width: int) -> None:
    x, g = values(40, width), values(40, width, seed=1)

    def gradient(library: Any, x: Any, g: Any) -> Any:
        x = x.clone().requires_grad_()
        weight = library.ones(width).to(x.device).requires_grad_()
        (library.nn.functional.layer_norm(x.softmax(1) * 30, (width,), weight) * g).sum().backward()
        return x.grad, weight.grad

    for a, b in zip(gradient(st, shared.ours(x), shared.ours(g)), gradient(torch, x, g), strict=True):
        assert_same(a, b, loose=256)


@pytest.mark.parametrize("dtype", [*DTYPES, torch.bool])
def test_transposed_copies(dtype: torch.dtype) -> None:
    x, y = values(190, 131, dtype=dtype), values(131, 190, dtype=dtype, seed=1)
    same(lambda lib, x: x.t().contiguous(), x)
    same(lambda lib, x, y: x.t() == y, x, y)
    same(lambda lib, x: x[:130, :128].reshape(2, 65, 128).transpose(1, 2).contiguous(), x)


PRODUCTS = [
    (1, 40, 2000, 44),
    (34, 256, 32, 128),
    (34, 129, 20, 132),
    (1, 1, 300, 64),
    (3, 65, 17, 1),
]


@pytest.mark.parametrize("transposed", ["", "a", "b"])
@pytest.mark.parametrize(("items", "m", "k", "n"), PRODUCTS)
def test_products(items: int, m: int, k: int, n: int, transposed: str) -> None:
    a = values(items, k, m).transpose(1, 2) if "a" in transposed else values(items, m, k)
    b = values(items, n, k, seed=1).transpose(1, 2) if "b" in transposed else values(items, k, n, seed=1)
    same(lambda lib, a, b: lib.nn.functional.relu(a @ b + b[:, :1]), a, b, loose=64)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_products_in_half_precision(dtype: torch.dtype) -> None:
    for m, k, n in [(40, 2000, 44), (130, 64, 132), (33, 21, 35)]:
        same(lambda lib, a, b: a @ b, values(m, k, dtype=dtype), values(k, n, dtype=dtype, seed=1), loose=16)


def attention(library: Any, causal: bool, q: Any, k: Any, v: Any, mask: Any, g: Any) -> Any:
    q, k, v = (t.clone().requires_grad_() for t in (q, k, v))
    mixed = library.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, is_causal=causal, enable_gqa=q.shape[1] != k.shape[1]
    )
    mixed.backward(g)
    return mixed, q.grad, k.grad, v.grad


@pytest.mark.parametrize("kind", ["plain", "causal", "boolean", "added", "grouped"])
@pytest.mark.parametrize(("m", "n", "d", "dv"), [(70, 90, 24, 40), (130, 130, 72, 130)])
def test_attention(m: int, n: int, d: int, dv: int, kind: str) -> None:
    heads = 1 if kind == "grouped" else 2
    q, k, v = values(2, 2, m, d), values(2, heads, n, d, seed=1), values(2, heads, n, dv, seed=2)
    g = values(2, 2, m, dv, seed=3)
    mask = {"boolean": values(m, n, dtype=torch.bool), "added": values(2, 1, m, n, seed=4)}.get(kind)
    if kind == "boolean" and mask is not None:
        mask[0] = True
    given = [shared.ours(t) for t in (q, k, v)]
    own = None if mask is None else shared.ours(mask)
    found = attention(st, kind == "causal", *given, own, shared.ours(g))
    expected = attention(torch, kind == "causal", q, k, v, mask, g)
    for ours, theirs in zip(found, expected, strict=True):
        assert_same(ours, theirs, loose=256)


def test_a_query_without_keys_gives_zeros() -> None:
    q, k, v = values(1, 1, 4, 8), values(1, 1, 5, 8, seed=1), values(1, 1, 5, 8, seed=2)
    mask = torch.ones(4, 5, dtype=torch.bool)
    mask[2] = False
    found = attention(st, False, *(shared.ours(t) for t in (q, k, v, mask)), shared.ours(q))
    assert found[0][0, 0, 2].tolist() == [0.0] * 8
    assert all(st.isfinite(t).all().item() for t in found)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_attention_in_half_precision(dtype: torch.dtype) -> None:
    q, k, v, g = (values(2, 2, 70, 32, dtype=dtype, seed=i) for i in range(4))
    found = attention(st, True, *(shared.ours(t) for t in (q, k, v)), None, shared.ours(g))
    # Gradients are differences of sums: what they are off by is measured by the sums.
    single = attention(torch, True, *(t.float() for t in (q, k, v)), None, g.float())
    for ours, exact in zip(found, single, strict=True):
        torch.testing.assert_close(shared.theirs(ours).float(), exact, rtol=0.02, atol=0.03)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sorts_by_bits(dtype: torch.dtype) -> None:
    for shape, dim, descending in [((2, 300), 1, True), ((2049, 2), 0, False), ((70_000,), 0, True)]:
        x = values(*shape, dtype=dtype)
        if dtype.is_floating_point:
            x = torch.where(x > 1.5, float("nan"), torch.where(x.abs() < 0.3, x * 0, x)).to(dtype)
        found = st.sort(shared.ours(x), dim=dim, descending=descending, stable=True)
        expected = torch.sort(x, dim=dim, descending=descending, stable=True)
        assert_same(found[0], expected[0])
        assert found[1].tolist() == expected[1].tolist()
