"""What torch does at the edges of operators: overflow, bytes, empty operands, results that ask for gradients."""

import math

import numpy as np
import pytest
import torch
from reference import ours, theirs

import spiraltorch_rs as st


@pytest.mark.parametrize("dtype", ["int8", "int16"])
def test_least_common_multiples_wrap_as_torchs(dtype: str) -> None:
    info = np.iinfo(dtype)
    # (Torch divides by a negative divisor where both are the least number and the divisor is not.)
    values = np.array([info.min + 1, -6, -3, -2, -1, 0, 1, 2, 3, 6, info.max - 1, info.max], dtype)
    a, b = np.meshgrid(values, values)
    expected = torch.lcm(torch.tensor(a), torch.tensor(b))
    assert st.lcm(st.tensor(a), st.tensor(b)).tolist() == expected.tolist()
    least = np.array([info.min], dtype)
    assert st.lcm(st.tensor(least), st.tensor(least)).tolist() == [info.min]


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_indices_are_unravelled_to_int64(dtype: str) -> None:
    at = np.array([[3, 19], [7, 0]], dtype)
    mine, theirs = st.unravel_index(st.tensor(at), (4, 5)), torch.unravel_index(torch.tensor(at), (4, 5))
    assert [(m.dtype, m.tolist()) for m in mine] == [(st.int64, t.tolist()) for t in theirs]


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [(3, 4), (9, 13), (7, 20), (16, 5)])
def test_images_of_bytes_are_weighed_in_whole_numbers(
    mode: str, antialias: bool, align: bool, size: tuple[int, int]
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (2, 3, 7, 9)).astype(np.uint8)
    options = {"size": size, "mode": mode, "antialias": antialias, "align_corners": align}
    mine = st.nn.functional.interpolate(st.tensor(image), **options)
    theirs = torch.nn.functional.interpolate(torch.tensor(image), **options)
    assert mine.dtype == st.uint8
    np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "logsumexp"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32"])
def test_masked_reductions_keep_the_dtype(name: str, dtype: str) -> None:
    values, mask = (
        np.array([[1, 2, 3], [4, 5, 6]], dtype),
        np.array([[True, False, True], [True, True, False]]),
    )
    mine = getattr(st.masked, name)(st.tensor(values), 1, mask=st.tensor(mask))
    theirs = getattr(torch.masked._ops, name)(torch.tensor(values), 1, mask=torch.tensor(mask))
    assert str(mine.dtype).rpartition(".")[2] == str(theirs.dtype).rpartition(".")[2]
    np.testing.assert_allclose(mine.numpy(), theirs.numpy(), 1e-6)


def test_all_results_of_group_norm_ask_for_gradients() -> None:
    for of_input in (True, False):
        x = st.randn(2, 6, 5, requires_grad=of_input)
        weight = st.ones(6, requires_grad=True)
        results = st.native_group_norm(x, weight, None, 2, 6, 5, 2, 1e-5)
        assert [r.requires_grad for r in results] == [True, True, True]


def test_a_product_of_no_reflections_is_on_the_tape() -> None:
    for shape in ((0, 0), (3, 0)):
        made = st.linalg.householder_product(st.zeros(shape, requires_grad=True), st.zeros(0))
        assert made.requires_grad
        assert tuple(made.shape) == shape
    a = st.randn(3, 2, requires_grad=True)
    st.linalg.householder_product(a, st.zeros(0)).sum().backward()
    assert a.grad.tolist() == [[0, 0]] * 3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "name",
    "chebyshev_polynomial_t chebyshev_polynomial_u legendre_polynomial_p laguerre_polynomial_l "
    "hermite_polynomial_h hermite_polynomial_he shifted_chebyshev_polynomial_t".split(),
)
def test_polynomials_out_of_range_are_not_numbers(name: str, dtype: str) -> None:
    x = np.array([-501.0, 501.0, -1001.2, 3.0, np.inf, -np.inf, 0.5], dtype)
    for n in (1.0, 4.0, 501.0, 4988429.0, 1e20, -3.0):
        if n == 4988429.0 and name.startswith("la"):
            continue  # torch runs the recurrence to the end, which takes seconds
        degrees = np.full_like(x, n)
        mine = getattr(st.special, name)(st.tensor(x), st.tensor(degrees)).numpy()
        theirs = getattr(torch.special, name)(torch.tensor(x), torch.tensor(degrees)).numpy()
        apart = np.isnan(mine) != np.isnan(theirs)
        # (Inside the interval torch runs Legendre's and Laguerre's recurrences as long as it takes.)
        assert not apart[:6].any(), (n, mine, theirs)


def test_names_of_results() -> None:
    assert st.return_types.linalg_polar is type(st.linalg.polar(st.eye(2)))
    assert st.return_types.histogramdd is type(st.histogramdd(st.rand(4, 2), [2, 2]))
    assert st.GradScaler is st.amp.GradScaler


def test_a_subclass_of_the_same_tensor() -> None:
    class Image(st.Tensor):
        pass

    x = st.ones(2, requires_grad=True)
    image = (x * 3).as_subclass(Image)
    assert type(image) is Image
    image.sum().backward()
    assert x.grad.tolist() == [3, 3]
    assert type(image.as_subclass(st.Tensor)) is st.Tensor


def test_refusals_are_torchs() -> None:
    with pytest.raises(NotImplementedError):
        st.gradient(st.ones(4, dtype=st.uint8))
    x, weight = st.ones(3, dtype=st.int64), st.ones(4, 3, dtype=st.int64)
    with pytest.raises(ValueError, match="float"):
        st.nn.functional.linear_cross_entropy(x, weight, st.tensor(1), options=object())


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("name", ["hardshrink", "softshrink"])
@pytest.mark.parametrize("limit", [0.1, 0.3, 0.5])
def test_a_limit_is_rounded_to_the_elements(dtype: str, name: str, limit: float) -> None:
    values = [limit, -limit, 0.0999, 0.1001, 0.30078125, 0.5, -0.502, float("nan")]
    mine, theirs = (
        getattr(lib.nn.functional, name)(lib.tensor(values, dtype=getattr(lib, dtype)), limit)
        for lib in (st, torch)
    )
    assert str(mine.tolist()) == str(theirs.tolist())


@pytest.mark.parametrize("dim", [0, 1])
def test_unique_rows_beside_nan_and_of_long_numbers(dim: int) -> None:
    nan = float("nan")
    tables = [[[nan, 1], [nan, 1], [0, 2], [0, 2], [nan, 0]], [[0, 1], [nan, 1], [0.0, 2], [-0.0, 2], [3, 0]]]
    long = 2**53
    tables.append([[long + 1, 0], [long, 0], [long + 1, 0]])
    for table in tables:
        for function in ("unique", "unique_consecutive"):
            mine, theirs = (
                getattr(lib, function)(lib.tensor(table), return_inverse=True, return_counts=True, dim=dim)
                for lib in (st, torch)
            )
            assert str([part.tolist() for part in mine]) == str([part.tolist() for part in theirs])


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_a_convolution_of_no_channels_makes_none(dtype: str) -> None:
    results = []
    for lib in (st, torch):
        kind = getattr(lib, dtype)
        image = lib.zeros(2, 0, 4, 4, dtype=kind, requires_grad=True)
        weight = lib.zeros(3, 0, 2, 2, dtype=kind, requires_grad=True)
        bias = lib.ones(3, dtype=kind, requires_grad=True)
        out = lib.nn.functional.conv2d(image, weight, bias)
        out.abs().sum().backward()
        results.append(
            [tuple(out.shape), bias.grad.tolist(), tuple(weight.grad.shape), tuple(image.grad.shape)]
        )
    assert results[0] == results[1]


def test_a_view_names_the_object_it_is_a_view_of() -> None:
    for lib in (st, torch):
        x = lib.ones(2, 3)
        for view in (x.t(), x[0], x.view(6).view(3, 2), x.unbind()[0], x.chunk(2)[1]):
            assert view._base is x
        loose = lib.ones(4).view(2, 2)
        assert loose._base.shape == (4,)
        assert x._base is None


def test_data_may_become_complex() -> None:
    for lib in (st, torch):
        x = lib.ones(2)
        x.data = lib.ones(2, dtype=lib.complex64)
        assert x.is_complex()
        assert x.shape == (2,)


def test_sums_in_another_dtype_of_complex_numbers() -> None:
    for name in ("sum", "prod", "cumsum", "cumprod", "mean"):
        for source, wanted in [
            ("complex128", "complex64"),
            ("complex64", "float32"),
            ("float32", "complex128"),
        ]:
            mine, theirs = (
                getattr(lib, name)(
                    lib.full((2, 3), 1.5, dtype=getattr(lib, source)), 0, dtype=getattr(lib, wanted)
                )
                for lib in (st, torch)
            )
            assert str(mine.dtype).endswith(wanted)
            assert mine.tolist() == theirs.tolist()


@pytest.mark.cpu_only("memory is shared")
def test_memory_is_read_as_a_dtype() -> None:
    for lib in (st, torch):
        memory = bytearray(np.arange(6, dtype=np.float32).tobytes())
        seen = lib.asarray(memoryview(memory), dtype=lib.complex64)
        assert seen.tolist() == [1j, 2 + 3j, 4 + 5j]
        seen[0] = 9
        assert np.frombuffer(memory, np.float32)[0] == 9
        capsule = lib.utils.dlpack.to_dlpack(lib.ones(2))
        assert lib.asarray(capsule).tolist() == [1, 1]


@pytest.mark.parametrize("name", ["trapezoid", "cumulative_trapezoid"])
def test_places_with_more_dimensions_than_samples(name: str) -> None:
    y, x = torch.tensor([-8.0, 1.0]), torch.tensor([[5.0, 5.0], [7.0, 1.0], [6.0, -5.0]])
    for places in (x, x[:2]):
        expected = getattr(torch, name)(y, places)
        torch.testing.assert_close(theirs(getattr(st, name)(ours(y), ours(places))), expected)


def test_the_nearest_sample_leaves_the_grid_on_the_tape() -> None:
    x, grid = torch.randn(1, 2, 4, 4), torch.rand(1, 3, 3, 2) * 2 - 1
    given = ((torch, x, grid.clone().requires_grad_()), (st, ours(x), ours(grid, requires_grad=True)))
    for library, image, at in given:
        library.nn.functional.grid_sample(image, at, mode="nearest", align_corners=False).sum().backward()
        assert at.grad.count_nonzero() == 0


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("far", [math.inf, -math.inf, math.nan, 1e30])
def test_a_sample_beyond_a_volume_is_nothing(mode: str, far: float) -> None:
    x, grid = torch.randn(1, 2, 3, 4, 4), torch.rand(1, 2, 2, 3, 3) * 2 - 1
    grid[0, 0, 1, 2, 1] = far
    found = []
    for library, image, at in (
        (torch, x.requires_grad_(), grid.requires_grad_()),
        (st, ours(x, requires_grad=True), ours(grid, requires_grad=True)),
    ):
        out = library.nn.functional.grid_sample(image, at, mode=mode, align_corners=False)
        found.append([out, *library.autograd.grad(out.exp().sum(), (image, at))])
    for expected, mine in zip(*found, strict=True):
        torch.testing.assert_close(theirs(mine), expected.detach(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["RNNCell", "GRUCell", "LSTMCell"])
def test_a_cell_without_a_state(name: str) -> None:
    for library in (torch, st):
        state = getattr(library.nn, name)(10, 0)(library.ones(3, 10))
        state = state[0] if name == "LSTMCell" else state
        assert tuple(state.shape) == (3, 0)


@pytest.mark.parametrize("p", [0.0, 1.0, 2.0])
def test_distances_of_rows_without_columns(p: float) -> None:
    expected = torch.nn.functional.pdist(torch.ones(4, 0), p)
    assert torch.equal(theirs(st.nn.functional.pdist(st.ones(4, 0), p)), expected)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("target", ["float16", "float32", "float64"])
def test_a_loss_of_logits_has_the_dtype_of_its_target(dtype: str, target: str) -> None:
    x, y = (
        torch.tensor([0.5, -1.0]).to(getattr(torch, dtype)),
        torch.tensor([0.0, 1.0]).to(getattr(torch, target)),
    )
    expected = torch.nn.functional.binary_cross_entropy_with_logits(x, y)
    mine = theirs(st.nn.functional.binary_cross_entropy_with_logits(ours(x), ours(y)))
    torch.testing.assert_close(mine, expected, rtol=2e-3, atol=1e-3)
