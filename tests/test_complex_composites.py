"""Complex matrices and the operators made of others: values and gradients beside torch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import spiraltorch_rs as st

RANDOM = np.random.default_rng(0)


def numbers(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape) + 1j * RANDOM.standard_normal(shape)


SQUARE, WIDE, TALL = numbers(2, 4, 4) + 4 * np.eye(4), numbers(3, 5), numbers(5, 3)
RIGHT = numbers(2, 4, 3)
FACTOR = np.linalg.cholesky(SQUARE @ SQUARE.conj().swapaxes(-1, -2))
POSITIVE = SQUARE @ SQUARE.conj().swapaxes(-1, -2)
ROWS = numbers(3, 6)

Case = Callable[..., Any]
DIFFERENTIABLE: dict[str, tuple[Case, tuple[np.ndarray, ...]]] = {
    "lu": (lambda t, a: t.linalg.lu(a), (SQUARE,)),
    "lu, wide": (lambda t, a: t.linalg.lu(a)[1:], (WIDE,)),
    "lu, tall": (lambda t, a: t.linalg.lu(a)[1:], (TALL,)),
    "lu_factor": (lambda t, a: t.linalg.lu_factor(a)[0], (SQUARE,)),
    "lu_solve": (lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b), (SQUARE, RIGHT)),
    "lu_solve, adjoint": (
        lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b, adjoint=True),
        (SQUARE, RIGHT),
    ),
    "lu_solve, right": (
        lambda t, a, b: t.linalg.lu_solve(*t.linalg.lu_factor(a), b.mH, left=False),
        (SQUARE, RIGHT),
    ),
    "cholesky": (lambda t, a: t.linalg.cholesky(a), (POSITIVE,)),
    "cholesky, upper": (lambda t, a: t.linalg.cholesky(a, upper=True), (POSITIVE,)),
    "cholesky_solve": (lambda t, a, b: t.cholesky_solve(b, a), (FACTOR, RIGHT)),
    "cholesky_inverse": (lambda t, a: t.cholesky_inverse(a), (FACTOR,)),
    "householder": (
        lambda t, a: t.linalg.householder_product(
            *(part.detach() * a.mean() for part in t.geqrf(a.detach()))
        ),
        (TALL,),
    ),
    "ormqr": (lambda t, a, b: t.ormqr(*t.geqrf(a.detach()), b, True, True), (SQUARE[0], RIGHT[0])),
    "triangular_solve": (lambda t, a, b: t.triangular_solve(b, a)[0], (SQUARE, RIGHT)),
    "pinv, hermitian": (lambda t, a: t.linalg.pinv(a, hermitian=True), (POSITIVE,)),
    "tensorinv": (lambda t, a: t.linalg.tensorinv(a.reshape(2, 2, 4), ind=2), (SQUARE[0],)),
    "tensorsolve": (lambda t, a, b: t.linalg.tensorsolve(a, b), (SQUARE[0], RIGHT[0, :, 0])),
    "vander": (lambda t, a: t.linalg.vander(a, N=4), (WIDE,)),
    "cov": (lambda t, a: t.cov(a), (ROWS,)),
    "cov, weights": (
        lambda t, a: t.cov(a, fweights=t.tensor([1, 2, 1, 3, 1, 1]), aweights=t.arange(1.0, 7.0).double()),
        (ROWS,),
    ),
    "corrcoef": (lambda t, a: t.corrcoef(a), (ROWS,)),
    "renorm": (lambda t, a: t.renorm(a, 2, 0, 1.5), (ROWS,)),
    "as_strided_copy": (lambda t, a: t.as_strided_copy(a, (2, 2), (3, 1), 1), (ROWS,)),
    "triplet": (
        lambda t, a, b, c: t.nn.functional.triplet_margin_loss(a, b, c, swap=True),
        (ROWS, ROWS[::-1].copy(), ROWS * 1.1),
    ),
    "fold": (lambda t, a: t.nn.functional.fold(a, (3, 4), (2, 1)), (numbers(1, 4, 8),)),
    "logcumsumexp": (lambda t, a: t.logcumsumexp(3 * a, 1), (ROWS,)),
    "logcumsumexp over a wide range": (lambda t, a: t.logcumsumexp(90 * a, 0), (ROWS,)),
    "prod of nothing": (lambda t, a: t.prod(a[:, :0], 1), (ROWS,)),
    "istft": (
        lambda t, a, w: t.istft(a, n_fft=6, window=w + 3, center=True, return_complex=True),
        (numbers(6, 5), numbers(6)),
    ),
}


def flat(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_values_and_gradients(name: str) -> None:
    function, arrays = DIFFERENTIABLE[name]
    mine = [st.tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    found, expected = flat(function(st, *mine)), flat(function(torch, *theirs))
    weights = [
        torch.randn(e.shape, dtype=e.dtype, generator=torch.Generator().manual_seed(1)) for e in expected
    ]
    for got, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(got.detach().numpy(), wanted.detach().resolve_conj().numpy(), 1e-9, 1e-9)
        assert got.requires_grad == wanted.requires_grad
    kept = [i for i, e in enumerate(expected) if e.requires_grad]
    own = st.autograd.grad(
        [found[i] for i in kept], mine, [st.tensor(weights[i].numpy()) for i in kept], allow_unused=True
    )
    other = torch.autograd.grad(
        [expected[i] for i in kept], theirs, [weights[i] for i in kept], allow_unused=True
    )
    for got, wanted in zip(own, other, strict=True):
        if wanted is not None:
            np.testing.assert_allclose(got.numpy(), wanted.resolve_conj().numpy(), 1e-8, 1e-8)


@pytest.mark.parametrize("hermitian", [False, True])
def test_indefinite_factors(hermitian: bool) -> None:
    a = SQUARE + SQUARE.swapaxes(-1, -2) if not hermitian else SQUARE + SQUARE.conj().swapaxes(-1, -2)
    mine = st.linalg.ldl_factor(st.tensor(a), hermitian=hermitian)
    theirs = torch.linalg.ldl_factor(torch.tensor(a), hermitian=hermitian)
    np.testing.assert_allclose(mine[0].numpy(), theirs[0].numpy(), 1e-9, 1e-9)
    assert mine[1].tolist() == theirs[1].tolist()
    x = st.linalg.ldl_solve(*mine, st.tensor(RIGHT), hermitian=hermitian)
    np.testing.assert_allclose(a @ x.numpy(), RIGHT, 1e-9, 1e-9)


def test_reflections_and_low_rank() -> None:
    packed, tau = st.geqrf(st.tensor(TALL))
    expected = torch.geqrf(torch.tensor(TALL))
    np.testing.assert_allclose(packed.numpy(), expected[0].numpy(), 1e-9, 1e-9)
    np.testing.assert_allclose(tau.numpy(), expected[1].numpy(), 1e-9, 1e-9)
    for q, values in (
        (3, st.svd_lowrank(st.tensor(TALL), 3)),
        (3, st.pca_lowrank(st.tensor(TALL), 3, False)),
    ):
        u, s, v = values
        assert s.shape == (q,)
        np.testing.assert_allclose(((u * s) @ v.mH).numpy(), TALL, 1e-8, 1e-8)


def test_parts_that_are_replaced_or_resized() -> None:
    whole, part = st.tensor(ROWS), st.tensor(WIDE[:, 0].copy())
    expected = torch.as_strided_scatter(torch.tensor(ROWS), torch.tensor(WIDE[:, 0].copy()), (3,), (6,), 1)
    np.testing.assert_array_equal(st.as_strided_scatter(whole, part, (3,), (6,), 1).numpy(), expected.numpy())
    z = st.tensor(ROWS)
    assert z.resize_(2, 9) is z
    np.testing.assert_array_equal(z.numpy(), ROWS.reshape(2, 9))
    assert st.tensor(ROWS).resize_as_(st.tensor(WIDE)).shape == (3, 5)


@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
def test_dropout_keeps_numbers_or_replaces_them(name: str) -> None:
    z = st.tensor(numbers(20, 30))
    function = getattr(st.nn.functional, name)
    assert function(z, 0.4, training=False).tolist() == z.tolist()
    dropped = function(z, 0.4, training=True)
    factor = ((dropped - dropped.mean()) / z).numpy()
    assert dropped.dtype == st.complex128
    assert not np.allclose(factor, factor[0, 0])
    # What was dropped is one real number.
    assert (np.abs(dropped.imag.numpy()) < 1e-12).mean() == pytest.approx(0.4, abs=0.12)


def test_half_precision() -> None:
    x, y = torch.randn(2, 5).half(), torch.randn(2, 5).half()
    mine = st.complex(st.tensor(x.float().numpy()).half(), st.tensor(y.float().numpy()).half())
    theirs = torch.complex(x, y)
    assert str(mine.dtype).endswith("complex32")
    assert mine.element_size() == 4
    assert mine.tolist() == theirs.tolist()
    assert (mine * mine).dtype == st.chalf
    assert (mine + st.ones(5)).dtype == st.complex64
    assert (st.ones(2).half() * 1j).dtype == st.complex32
    product, wide = (mine * mine).to(st.complex64), theirs.to(torch.complex64)
    np.testing.assert_allclose(product.numpy(), (wide * wide).numpy(), 2e-3, 2e-3)
    polar = st.polar(st.ones(3).half(), st.zeros(3).half())
    assert polar.dtype == st.complex32
    assert polar.tolist() == [1, 1, 1]
    assert st.view_as_complex(st.ones(3, 2).half()).dtype == st.complex32


@pytest.mark.parametrize("places", [[2, 0, 1], [[1], [1]], []])
def test_rows_of_complex_tables(places: Any) -> None:
    for padding in (None, 0):
        found = st.nn.functional.embedding(st.tensor(places, dtype=st.int64), st.tensor(TALL), padding)
        expected = torch.nn.functional.embedding(
            torch.tensor(places, dtype=torch.int64), torch.tensor(TALL), padding
        )
        np.testing.assert_array_equal(found.numpy(), expected.numpy())


@pytest.mark.parametrize("biased", [False, True])
def test_forms_of_two_complex_operands(biased: bool) -> None:
    operands = [TALL, RIGHT[0, :1].repeat(5, 0), numbers(2, 3, 3)] + [numbers(2)] * biased
    found = st.nn.functional.bilinear(*(st.tensor(a) for a in operands))
    expected = torch.nn.functional.bilinear(*(torch.tensor(a) for a in operands))
    np.testing.assert_allclose(found.numpy(), expected.numpy(), 1e-12)
