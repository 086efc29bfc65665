"""What torch does at the edges of operators: overflow, bytes, empty operands, results that ask for gradients."""

import numpy as np
import pytest
import torch

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
