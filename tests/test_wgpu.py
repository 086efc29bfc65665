"""Operators on a GPU against torch: wherever an adapter is found, a program that stands in for one included.

The whole suite runs there with `--device wgpu`; this is the part that fits into every run, and what was found there.
"""

import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import reference as shared
import torch
from operators import cases, mine, names, reference
from reference import assert_same, collected, outcome
from test_operators import looseness

import spiraltorch_rs as st

BACKEND = next(backend for backend in st.backends() if backend.name == "wgpu")
DOUBLES = BACKEND.usable and "float64" in BACKEND.devices[0].dtypes
pytestmark = [
    pytest.mark.skipif(not BACKEND.usable, reason=f"no GPU: {BACKEND.why_not}"),
    pytest.mark.cpu_only("the files of GPUs choose their device themselves"),
]

# Every primitive, and every kind of kernel.
NAMES = sorted(
    set(names())
    & set(
        "abs acos acosh add addmm all amax amin any argmax argmin asin asinh atan atan2 atanh bitwise_and"
        " bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor bmm cat ceil clamp"
        " conv1d conv2d conv_transpose2d copysign cos cosh cross_entropy cummax cummin cumprod cumsum diff"
        " digamma div embedding eq erf erfc erfinv exp exp2 expm1 flip floor floor_divide fmod gather gcd"
        " gelu group_norm index_add index_select isnan layer_norm le lerp lgamma log log10 log1p log2"
        " log_softmax logaddexp logcumsumexp logsumexp lt masked_fill matmul max_pool2d maximum mean min mm"
        " mul neg nll_loss pad pow prod reciprocal remainder roll round rsqrt scatter scatter_add"
        " scatter_reduce sigmoid sign silu sin sinh softmax softplus sort sqrt std sub sum take_along_dim"
        " tan tanh topk tril trunc unfold var where".split()
    )
)
LAYOUTS = ("contiguous", "transposed", "strided")


@pytest.fixture(autouse=True)
def on_gpu() -> Iterator[None]:
    shared.DEVICE[0] = "wgpu"
    yield
    shared.DEVICE[0] = "cpu"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int64", "uint8", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_values(name: str, dtype: str) -> None:
    function, torch_function = mine(name), reference(name)
    with collected() as failures:
        for one in cases(name, dtype, LAYOUTS):
            args, kwargs = one.torch
            expected, refused = outcome(partial(torch_function, *args, **kwargs))
            if refused is not None or ("float64" in one.what and not DOUBLES):
                continue
            with failures(one.what):
                # Functions in single precision are polynomials of our own there, with a few more units of error.
                found = function(*one.ours[0], **one.ours[1])
                assert_same(found, expected, loose=4 * looseness(name, dtype))


def test_gradients_of_a_network_are_torchs() -> None:
    generator = torch.Generator().manual_seed(0)
    x, w, v = (torch.randn(shape, generator=generator) for shape in ((6, 40), (70, 40), (5, 70)))

    def loss(library, x, w, v):
        functional = library.nn.functional
        hidden = functional.layer_norm(functional.gelu(functional.linear(x, w)), (70,))
        return functional.cross_entropy(functional.linear(hidden, v), library.arange(6).to(x.device) % 5)

    mine_ = [shared.ours(t, requires_grad=True) for t in (x, w, v)]
    theirs = [t.clone().requires_grad_() for t in (x, w, v)]
    ours, torchs = loss(st, *mine_), loss(torch, *theirs)
    ours.backward()
    torchs.backward()
    assert_same(ours, torchs, loose=16)
    for a, b in zip(mine_, theirs, strict=True):
        assert_same(a.grad, b.grad, loose=64)


def test_training_moves_parameters_as_on_the_cpu() -> None:
    def train(device: str) -> list[float]:
        st.manual_seed(0)
        model = st.nn.Sequential(st.nn.Linear(8, 32), st.nn.Tanh(), st.nn.Linear(32, 1)).to(device)
        x = st.randn(64, 8).to(device)
        y = x.sum(1, keepdim=True).sin()
        optimizer = st.optim.Adam(model.parameters(), lr=0.01)
        losses = []
        for _ in range(10):
            optimizer.zero_grad()
            loss = st.nn.functional.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    assert train("wgpu") == pytest.approx(train("cpu"), rel=1e-4)


@pytest.mark.parametrize("shape", [(), (1,), (1000,)])
def test_random_numbers_are_the_cpus(shape: tuple[int, ...]) -> None:
    st.manual_seed(7)
    there, normal = (make(shape, device="wgpu").cpu() for make in (st.rand, st.randn))
    st.manual_seed(7)
    assert st.equal(there, st.rand(shape))
    st.testing.assert_close(normal, st.randn(shape))


def test_a_forked_process_is_told_that_it_has_no_gpu() -> None:
    x = st.ones(3, device="wgpu")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = str(x.tolist())
        except RuntimeError as error:
            said = str(error)
        os.write(write, said.encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert "forked process cannot use wgpu" in os.read(read, 1000).decode()
    assert x.tolist() == [1.0, 1.0, 1.0]


def test_a_wrong_index_is_an_error_when_the_value_is_read() -> None:
    x = st.arange(5.0).to("wgpu")
    with pytest.raises(IndexError, match="out of range"):
        x[st.tensor([7]).to("wgpu")].cpu()
    assert (x + 1).tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_tensors_of_two_devices_do_not_meet() -> None:
    x = st.ones(3).to("wgpu")
    with pytest.raises(RuntimeError, match="same device"):
        x + st.ones(3)
    assert (x * st.tensor(2.0)).tolist() == [2.0, 2.0, 2.0]


def test_doubles_are_exact_or_refused_by_name() -> None:
    def doubled() -> list[float]:
        return (st.ones(3).to("wgpu").double() * 2).tolist()

    if DOUBLES:
        assert doubled() == [2.0, 2.0, 2.0]
    else:
        with pytest.raises(NotImplementedError, match="float64"):
            doubled()


def test_new_sizes_compile_nothing_new() -> None:
    def work(rows: int) -> None:
        x = st.ones(rows, 9).to("wgpu")
        (x * 2).softmax(1).sum(0).cpu()

    work(5)
    before = st._C._stats()["kernels_compiled"]
    for rows in (6, 7, 50):
        work(rows)
    assert st._C._stats()["kernels_compiled"] == before


def test_a_missing_device_is_named() -> None:
    with pytest.raises(RuntimeError, match=r"wgpu:7|does not exist"):
        st.ones(2).to("wgpu:7")


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_result_in_an_operands_memory_does_not_spoil_another(dtype: str) -> None:
    """Two results of a kernel of rows, one of which may take over what the other one reads."""

    def program(library, x):
        before = x * 0.5
        x.add_(1)
        after = x + before.sum() * 0.25
        return [x, before, after]

    start = (torch.arange(300) / 64).to(getattr(torch, dtype))
    for found, expected in zip(program(st, shared.ours(start)), program(torch, start.clone()), strict=True):
        assert_same(found, expected, loose=16)


def test_index_lists_and_masks_of_the_cpu_go_where_the_tensor_is() -> None:
    x, reference = st.arange(12, device="wgpu").reshape(3, 4), torch.arange(12).reshape(3, 4)
    assert_same(x[[0, 2]], reference[[0, 2]])
    assert_same(x[:, st.tensor([3, -1])], reference[:, [3, -1]])
    x[st.tensor([True, False, True])] = 7
    reference[torch.tensor([True, False, True])] = 7
    assert_same(x, reference)
    assert x.new_tensor([1, 2]).device == x.device


def test_complex_tensors_move() -> None:
    z = st.tensor([1 + 2j, -3j]).to("wgpu")
    assert (z.device.type, z.cpu().device.type, z.to("cpu").device.type) == ("wgpu", "cpu", "cpu")
    assert (z * z).cpu().tolist() == [-3 + 4j, -9]
    assert st.tensor([2.0]).to(z).device == z.device


def test_small_logarithms_and_polynomials_keep_their_digits() -> None:
    x = torch.logspace(-30, 0, 100)
    assert_same(st.log1p(shared.ours(x)), torch.log1p(x))
    n = torch.tensor([0.0, 1.0, 5.0, 40.0])[:, None]
    for name in ("chebyshev_polynomial_t", "hermite_polynomial_h", "laguerre_polynomial_l"):
        expected = getattr(torch.special, name)(x, n)
        assert_same(getattr(st.special, name)(shared.ours(x), shared.ours(n)), expected, loose=64)


@pytest.mark.parametrize("columns", [1, 5003])
@pytest.mark.parametrize("other", [0.0, 0.5, float("inf")])
def test_a_row_is_looked_at_where_one_class_is(columns: int, other: float) -> None:
    """A sum of what is chosen at one place of a row; the last places are in no row."""
    x = torch.randn(5, columns, generator=torch.Generator().manual_seed(0))
    places = torch.tensor([[0], [columns - 1], [-1], [columns], [(1 << 32) + 5]])

    def chosen(lib: Any, x: Any, places: Any) -> Any:
        return lib.where(lib.arange(columns, device=x.device) == places, x.exp() + 1, other).sum(1)

    found = chosen(st, shared.ours(x), shared.ours(places))
    torch.testing.assert_close(shared.theirs(found), chosen(torch, x, places), rtol=1e-5, atol=1e-4)


def test_nan_is_true_and_remainders_by_zero_are_zero() -> None:
    assert st.tensor([float("nan"), 0.0], device="wgpu").bool().tolist() == [True, False]
    assert st.tensor([float("nan"), 0.0], device="wgpu").any().item()
    # (The CPU raises an error, which a kernel cannot.)
    for dtype in (st.int32, st.int64):
        x, zeros = st.arange(4, dtype=dtype, device="wgpu"), st.zeros(4, dtype=dtype, device="wgpu")
        assert st.fmod(x, zeros).tolist() == [0] * 4


SPECIAL = [float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1.0, -1.0, 0.25, -2.5, 1e30]
OF_ONE = (
    "relu relu6 hardtanh leaky_relu tanh expm1 sinh asinh atanh sin tan erf abs neg trunc sqrt square".split()
)


def assert_same_bits(found: st.Tensor, expected: torch.Tensor) -> None:
    """Rounding aside: the same numbers are NaN, infinite, and negative, zeros too."""
    assert_same(found, expected, loose=16)
    negative = torch.where(expected.isnan(), False, expected.signbit())
    assert_same(found.signbit() & ~found.isnan(), negative)


@pytest.mark.parametrize("name", OF_ONE)
def test_special_values(name: str) -> None:
    x = torch.tensor(SPECIAL)
    found, expected = (
        (getattr(library, name, None) or getattr(library.nn.functional, name))(values)
        for library, values in ((st, shared.ours(x)), (torch, x))
    )
    assert_same_bits(found, expected)


EXTREMES = ["maximum", "minimum", "fmax", "fmin", "clamp_min", "clamp_max"]


@pytest.mark.parametrize("name", [*EXTREMES, "copysign", "add", "mul"])
def test_special_values_of_two(name: str) -> None:
    # (Which of two zeros is the larger is nobody's rule.)
    pairs = [(a, b) for a in SPECIAL for b in SPECIAL if a or b or name not in EXTREMES]
    a, b = torch.tensor(pairs).unbind(1)
    found = getattr(st, name)(shared.ours(a), shared.ours(b))
    assert_same_bits(found, getattr(torch, name)(a, b))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_autocast(dtype: str) -> None:
    """Products are in half precision there, too, on a program that stands in for a GPU as well."""
    w, x = torch.randn(5, 7), torch.randn(3, 7)

    def results(library, device, w, x):
        with library.autocast(device, getattr(library, dtype)):
            y = library.nn.functional.linear(x, w)
            return y, library.nn.functional.mse_loss(y, y * 2)

    found = results(st, "wgpu", shared.ours(w), shared.ours(x))
    assert_same(found, results(torch, "cpu", w, x), loose=4)
    assert st.amp.GradScaler("wgpu").is_enabled()
