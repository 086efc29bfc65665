"""Linear algebra against torch: values, gradients of two orders, layouts, batches, nothing at all, errors.

Vectors that are determined up to a sign are compared by what does not depend on it.
"""

# Each case is run where its lambda is made.
# ruff: noqa: B023

from itertools import product

import pytest
import torch
from reference import collected, ours, theirs

import spiraltorch_rs as st

DTYPES = ("float32", "float64")
SQUARE = [(3, 3), (1, 1), (2, 4, 4), (0, 0), (2, 0, 0), (0, 3, 3), (2, 1, 3, 3), (35, 35)]
OBLONG = [(5, 3), (3, 5), (2, 4, 2), (2, 2, 4), (0, 3), (3, 0), (0, 4, 2), (1, 3)]
TOLERANCE = {"float32": 3e-4, "float64": 1e-8}


def drawn(shape, dtype, seed=0):
    generator = torch.Generator().manual_seed(seed + sum(shape))
    return torch.randn(shape, generator=generator, dtype=getattr(torch, dtype))


def regular(shape, dtype):
    """Square matrices far from singular."""
    size = shape[-1]
    return drawn(shape, dtype) / max(1, size / 4) ** 0.5 + 3 * torch.eye(size, dtype=getattr(torch, dtype))


def positive(shape, dtype):
    half = regular(shape, dtype)
    return half @ half.mT


def tensors(result):
    return [result] if isinstance(result, (torch.Tensor, st.Tensor)) else list(result)


def number_of(module, result):
    """A number that depends on every float output, each element with a weight of its own."""
    total = 0.0
    for out in tensors(result):
        if out.requires_grad:
            weight = torch.linspace(-1, 1, out.numel(), dtype=torch.float64).cos().reshape(tuple(out.shape))
            weight = weight.to(getattr(torch, str(out.dtype).rpartition(".")[2]))
            total = total + (out * (ours(weight) if module is st else weight)).sum()
    return total


def assert_close(mine, reference, dtype):
    assert len(mine) == len(reference)
    for i, (a, b) in enumerate(zip(mine, reference, strict=True)):
        assert tuple(a.shape) == tuple(b.shape), f"output {i}"
        assert str(a.dtype).rpartition(".")[2] == str(b.dtype).rpartition(".")[2], f"output {i}"
        scale = 1.0 + float(b.detach().abs().max()) if b.numel() and b.is_floating_point() else 1.0
        limit = TOLERANCE[dtype] * scale
        torch.testing.assert_close(theirs(a), b.detach(), rtol=limit, atol=limit, equal_nan=True)


def agree(function, *args, dtype, gradients=True):
    """A function of a module and tensors gives what torch gives, on contiguous and on transposed matrices."""
    for turned in (False, True):
        given, mine, reference = [], [], []
        for arg in args:
            if not isinstance(arg, torch.Tensor):
                mine.append(arg)
                reference.append(arg)
                continue
            wants = gradients and arg.is_floating_point()
            given.append((ours(arg, wants), arg.detach().clone().requires_grad_(wants)))
            if turned and arg.dim() > 1:
                base = arg.mT.contiguous()
                given[-1] = (ours(base, wants), base.clone().requires_grad_(wants))
                mine.append(given[-1][0].mT)
                reference.append(given[-1][1].mT)
            else:
                mine.append(given[-1][0])
                reference.append(given[-1][1])
        assert_close(
            collect(st, function, mine, [g[0] for g in given]),
            collect(torch, function, reference, [g[1] for g in given]),
            dtype,
        )


def collect(module, function, args, leaves):
    results = tensors(function(module, *args))
    leaves = [leaf for leaf in leaves if leaf.requires_grad]
    number = number_of(module, results)
    if isinstance(number, float) or not leaves:
        return results
    first = module.autograd.grad(number, leaves, create_graph=True, materialize_grads=True)
    return [*results, *first, *second(module, first, leaves)]


def second(module, first, leaves):
    again = [g for g in first if g.requires_grad]
    if not again:
        return [leaf.detach() * 0 for leaf in leaves]
    number = sum((g * g.sin()).sum() for g in again)
    return module.autograd.grad(number, leaves, materialize_grads=True)


def symmetric(m, a):
    return m.linalg.eigh(a + a.mT)


OF_SQUARE = {
    "inv": lambda m, a: m.linalg.inv(a),
    "inv_ex": lambda m, a: m.linalg.inv_ex(a),
    "inverse": lambda m, a: a.inverse(),
    "det": lambda m, a: m.linalg.det(a),
    "slogdet": lambda m, a: m.linalg.slogdet(a),
    "logdet": lambda m, a: m.logdet(a @ a.mT),
    "lu": lambda m, a: m.linalg.lu(a),
    "lu_factor": lambda m, a: m.linalg.lu_factor(a),
    "matrix_exp": lambda m, a: m.matrix_exp(a),
    "matrix_power": lambda m, a: m.linalg.matrix_power(a, 3),
    "matrix_power_0": lambda m, a: m.matrix_power(a, 0),
    "matrix_power_-2": lambda m, a: m.matrix_power(a, -2),
    "cholesky": lambda m, a: m.linalg.cholesky(a @ a.mT),
    "cholesky_upper": lambda m, a: m.linalg.cholesky_ex(a @ a.mT, upper=True),
    "cholesky_inverse": lambda m, a: m.cholesky_inverse(m.linalg.cholesky(a @ a.mT)),
    "eigvalsh": lambda m, a: m.linalg.eigvalsh(a, UPLO="U"),
    "eigh": lambda m, a: (symmetric(m, a)[0], symmetric(m, a)[1].abs()),
    "cond": lambda m, a: m.linalg.cond(a),
    "pinv_hermitian": lambda m, a: m.linalg.pinv(a + a.mT, hermitian=True),
    "rank_hermitian": lambda m, a: m.linalg.matrix_rank(a + a.mT, hermitian=True),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OF_SQUARE)
def test_square_matrices(name, dtype):
    with collected() as failures:
        for shape in SQUARE:
            with failures(str(shape)):
                agree(OF_SQUARE[name], regular(shape, dtype), dtype=dtype)


def reduced_svd(m, a):
    u, s, vh = m.linalg.svd(a, full_matrices=False)
    return s, (u * s.unsqueeze(-2)) @ vh, u.abs(), vh.abs()


def full_svd(m, a):
    u, s, vh = m.linalg.svd(a)
    return s, *(t.detach() @ t.detach().mT for t in (u, vh))


OF_ANY = {
    "qr": lambda m, a: m.linalg.qr(a),
    "qr_r": lambda m, a: [t.detach() for t in m.linalg.qr(a, mode="r")],
    "qr_complete": lambda m, a: [t.detach() for t in m.linalg.qr(a, mode="complete")],
    "svd": reduced_svd,
    "svd_full": full_svd,
    "svd_old": lambda m, a: (m.svd(a)[1], m.svd(a)[2].abs()),
    "svd_values": lambda m, a: m.svd(a, compute_uv=False),
    "svdvals": lambda m, a: m.linalg.svdvals(a),
    "pinv": lambda m, a: m.linalg.pinv(a),
    "pinv_rtol": lambda m, a: m.linalg.pinv(a, rtol=0.3),
    "pinv_atol": lambda m, a: m.linalg.pinv(a, atol=0.5),
    "pinverse": lambda m, a: a.pinverse(),
    "matrix_rank": lambda m, a: m.linalg.matrix_rank(a),
    "matrix_rank_tol": lambda m, a: m.linalg.matrix_rank(a, 1.0),
    "lu_ex": lambda m, a: m.linalg.lu_factor_ex(a),
    "lu_unpack": lambda m, a: m.lu_unpack(*m.linalg.lu_factor(a)),
    "geqrf": lambda m, a: [t.detach() for t in m.geqrf(a)],
    "nuclear_norm": lambda m, a: m.nuclear_norm(a, (-2, -1), True),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OF_ANY)
def test_matrices_of_any_shape(name, dtype):
    with collected() as failures:
        for shape in [*OBLONG, (3, 3)]:
            # There, which singular vectors belong to no value is anybody's choice.
            if name in ("lu_ex", "lu_unpack") and 0 in shape[-2:]:
                continue
            with failures(str(shape)):
                agree(OF_ANY[name], drawn(shape, dtype), dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SQUARE[:-1], ids=str)
def test_systems_of_equations(shape, dtype):
    a, n = regular(shape, dtype), shape[-1]
    matrices = [drawn((*shape[:-1], 2), dtype), drawn((n, 3), dtype)]
    with collected() as failures:
        for b in [*matrices, drawn(shape[:-1], dtype), drawn((n,), dtype)]:
            with failures(f"solve {tuple(b.shape)}"):
                agree(lambda m, a, b: m.linalg.solve(a, b), a, b, dtype=dtype)
        for b, upper, unit in product(matrices, (False, True), (False, True)):
            options = {"upper": upper, "unitriangular": unit}
            with failures(f"triangular {options}"):
                agree(lambda m, a, b: m.linalg.solve_triangular(a, b, **options), a, b, dtype=dtype)
                agree(
                    lambda m, a, b: m.linalg.solve_triangular(a, b.mT, left=False, **options),
                    a,
                    b,
                    dtype=dtype,
                )
                agree(lambda m, a, b: m.triangular_solve(b, a, upper, False, unit), a, b, dtype=dtype)
        for b, adjoint in product(matrices, (False, True)):
            with failures(f"factored, adjoint {adjoint}"):
                agree(
                    lambda m, a, b: m.linalg.lu_solve(*m.linalg.lu_factor(a), b, adjoint=adjoint),
                    a,
                    b,
                    dtype=dtype,
                )
                agree(
                    lambda m, a, b: m.linalg.lu_solve(
                        *m.linalg.lu_factor(a), b.mT, left=False, adjoint=adjoint
                    ),
                    a,
                    b,
                    dtype=dtype,
                )
            with failures(f"other ways, {adjoint}"):
                agree(lambda m, a, b: m.linalg.solve(a, b.mT, left=False), a, b, dtype=dtype)
                agree(
                    lambda m, a, b: m.cholesky_solve(b, m.linalg.cholesky(a @ a.mT, upper=adjoint), adjoint),
                    a,
                    b,
                    dtype=dtype,
                )
                agree(
                    lambda m, a, b: m.linalg.ldl_solve(
                        *m.linalg.ldl_factor(a + a.mT, hermitian=adjoint),
                        b,
                        hermitian=adjoint,
                    ),
                    a,
                    b,
                    dtype=dtype,
                    gradients=False,
                )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("driver", [None, "gels", "gelsy", "gelsd", "gelss"])
def test_least_squares(driver, dtype):
    with collected() as failures:
        for shape in [(5, 3), (3, 5), (2, 4, 2), (0, 3), (0, 4, 2)]:
            with failures(str(shape)):
                b = drawn((*shape[:-1], 2), dtype, seed=1)
                agree(
                    lambda m, a, b: m.linalg.lstsq(a, b, driver=driver), drawn(shape, dtype), b, dtype=dtype
                )
                agree(lambda m, a, b: m.linalg.lstsq(a, b[..., 0])[0], drawn(shape, dtype), b, dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 3), (4, 4), (2, 4, 2)], ids=str)
def test_reflections(shape, dtype):
    packed, tau = torch.geqrf(drawn(shape, dtype))
    agree(lambda m, a, tau: m.linalg.householder_product(a, tau), packed, tau, dtype=dtype)
    agree(lambda m, a, tau: m.orgqr(a, tau), packed, tau, dtype=dtype, gradients=False)
    for left, transpose, gradients in product((False, True), repeat=3):
        rows = shape[-2]
        c = drawn((*shape[:-2], rows, 2) if left else (*shape[:-2], 2, rows), dtype)
        agree(
            lambda m, a, tau, c: m.ormqr(a, tau, c, left, transpose),
            *(packed, tau, c),
            dtype=dtype,
            gradients=gradients,
        )


@pytest.mark.parametrize("p", [None, 2, -2, 1, -1, float("inf"), -float("inf"), "fro", "nuc"])
def test_condition_numbers(p):
    for shape in SQUARE:
        agree(lambda m, a: m.linalg.cond(a, p), regular(shape, "float64"), dtype="float64", gradients=False)
    assert st.linalg.cond(st.zeros(2, 2), 1).item() == float("inf")


def test_tensors_as_matrices():
    a, b = drawn((2, 3, 6), "float64"), drawn((2, 3), "float64")
    agree(lambda m, a: m.linalg.tensorinv(a), a, dtype="float64")
    agree(lambda m, a: m.linalg.tensorinv(a.reshape(6, 2, 3), ind=1), a, dtype="float64")
    agree(lambda m, a, b: m.linalg.tensorsolve(a, b), a, b, dtype="float64")
    agree(lambda m, a, b: m.linalg.tensorsolve(a.mT, b, dims=(1,)), a, b, dtype="float64")


def test_determinant_of_singular_matrices_has_a_gradient():
    for diagonal in ([1.0, 2.0, 0.0], [0.0, 0.0, 3.0]):
        mine = st.diag(st.tensor(diagonal)).requires_grad_()
        mine.det().backward()
        others = [diagonal[1] * diagonal[2], diagonal[0] * diagonal[2], diagonal[0] * diagonal[1]]
        torch.testing.assert_close(theirs(mine.grad), torch.diag(torch.tensor(others)))


def test_low_rank():
    a = drawn((20, 3), "float64") @ drawn((3, 12), "float64")
    for mine in (ours(a), ours(a).mT):
        u, s, v = st.svd_lowrank(mine, q=3)
        torch.testing.assert_close(theirs((u * s) @ v.mT), theirs(mine))
        u, s, v = st.pca_lowrank(mine, q=4)
        torch.testing.assert_close(theirs((u * s) @ v.mT), theirs(mine - mine.mean(0)))


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.linalg.inv(m.zeros(3, 3)),
        lambda m: m.linalg.inv(m.zeros(2, 3, 3) + m.tensor([1.0, 0.0]).reshape(2, 1, 1) * m.eye(3)),
        lambda m: m.linalg.solve(m.ones(3, 3), m.ones(3)),
        lambda m: m.linalg.cholesky(m.tensor([[1.0, 2.0], [2.0, 1.0]])),
        lambda m: m.linalg.svd(m.full((3, 3), float("nan"))),
        lambda m: m.linalg.svdvals(m.full((3, 3), float("nan"))),
        lambda m: m.linalg.lu_factor(m.zeros(2, 2)),
        lambda m: m.linalg.lu(m.ones(2, 2), pivot=False),
        lambda m: m.linalg.inv(m.zeros(2, 3)),
        lambda m: m.linalg.det(m.zeros(3)),
        lambda m: m.linalg.inv(m.zeros(2, 2, dtype=m.float16)),
        lambda m: m.linalg.qr(m.zeros(2, 2, dtype=m.bfloat16)),
        lambda m: m.linalg.cholesky(m.zeros(2, 2, dtype=m.int64)),
        lambda m: m.linalg.eigh(m.zeros(2, 2), UPLO="x"),
        lambda m: m.linalg.qr(m.zeros(2, 2), mode="x"),
        lambda m: m.linalg.solve(m.eye(2), m.ones(3, 1)),
        lambda m: m.linalg.solve(m.eye(2), m.ones(2, 1, dtype=m.float64)),
        lambda m: m.linalg.cond(m.eye(2), "x"),
        lambda m: m.linalg.tensorinv(m.eye(2), ind=0),
        lambda m: m.linalg.tensorsolve(m.eye(2), m.ones(3)),
        lambda m: m.linalg.lstsq(m.ones(3, 2), m.ones(3, 1), driver="x"),
        lambda m: m.linalg.householder_product(m.ones(2, 3), m.ones(2)),
        lambda m: m.linalg.pinv(m.ones(3)),
    ],
)
def test_errors(call):
    with pytest.raises(Exception) as reference:  # noqa: PT011
        call(torch)
    with pytest.raises(Exception) as mine:  # noqa: PT011
        call(st)
    kind = "LinAlgError" if isinstance(reference.value, torch.linalg.LinAlgError) else None
    assert type(mine.value).__name__ == (kind or type(reference.value).__name__)
    assert isinstance(mine.value, RuntimeError) == isinstance(reference.value, RuntimeError)
    sentence = str(reference.value).split("(the leading")[0].split("\n")[0].rstrip(". ")
    assert sentence in str(mine.value)


def complex_pair(value):
    mine = st.tensor(value.detach().resolve_conj().numpy().copy()).requires_grad_()
    return mine, value.detach().clone().requires_grad_()


def drawn_complex(shape):
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.complex128)


def parts(module, result):
    """Results as real tensors."""
    return [module.view_as_real(t.resolve_conj()) if t.is_complex() else t for t in tensors(result)]


def agree_on_complex(function, *args):
    found = []
    pairs = [complex_pair(arg) for arg in args]
    for module, leaves in ((st, [p[0] for p in pairs]), (torch, [p[1] for p in pairs])):
        results = parts(module, function(module, *leaves))
        found.append(list(results))
        number = number_of(module, results)
        if not isinstance(number, float):
            found[-1] += parts(module, module.autograd.grad(number, leaves, materialize_grads=True))
    assert_close(*found, "float64")


def eigen_invariants(m, a):
    values, vectors = m.linalg.eig(a)
    back = (vectors * (values * values).unsqueeze(-2)) @ m.linalg.inv(vectors)
    return (values**3).sum(-1), back, (vectors.abs() ** 3).sum((-2, -1)) if vectors.numel() else values


def hermitian_invariants(m, a):
    values, vectors = m.linalg.eigh(a + a.mH)
    return values, (vectors * (values * values).unsqueeze(-2)) @ vectors.mH, vectors.abs()


def singular_invariants(m, a):
    u, s, vh = m.linalg.svd(a, full_matrices=False)
    return s, (u * (s * s * s).unsqueeze(-2)) @ vh, u.abs(), vh.abs()


COMPLEX_SQUARE = {
    "inv": lambda m, a: m.linalg.inv(a),
    "det": lambda m, a: m.linalg.det(a),
    "slogdet": lambda m, a: m.linalg.slogdet(a),
    "matrix_exp": lambda m, a: m.linalg.matrix_exp(a),
    "matrix_power": lambda m, a: m.linalg.matrix_power(a, -2),
    "cholesky": lambda m, a: m.linalg.cholesky(a @ a.mH),
    "cholesky_upper": lambda m, a: m.linalg.cholesky(a @ a.mH, upper=True),
    "eig": eigen_invariants,
    "eigvals": lambda m, a: (m.linalg.eigvals(a) ** 3).sum(-1),
    "eigh": hermitian_invariants,
    "eigvalsh": lambda m, a: m.linalg.eigvalsh(a, UPLO="U"),
    "cond": lambda m, a: m.linalg.cond(a),
    "solve": lambda m, a: m.linalg.solve(a, a @ a),
    "triangular": lambda m, a: m.linalg.solve_triangular(a, a @ a, upper=True),
    "triangular_right": lambda m, a: m.linalg.solve_triangular(
        a, a @ a, upper=False, left=False, unitriangular=True
    ),
}
COMPLEX_ANY = {
    "qr": lambda m, a: m.linalg.qr(a),
    "svd": singular_invariants,
    "svdvals": lambda m, a: m.linalg.svdvals(a),
    "pinv": lambda m, a: m.linalg.pinv(a),
    "matrix_rank": lambda m, a: m.linalg.matrix_rank(a),
    "lstsq": lambda m, a: m.linalg.lstsq(a, a @ a.mH)[0],
}


@pytest.mark.parametrize("name", COMPLEX_SQUARE)
def test_complex_square_matrices(name):
    with collected() as failures:
        for shape in SQUARE[:-2]:
            with failures(str(shape)):
                size = 2 * torch.eye(shape[-1], dtype=torch.complex128)
                agree_on_complex(COMPLEX_SQUARE[name], drawn_complex(shape) + size)


@pytest.mark.parametrize("name", COMPLEX_ANY)
def test_complex_matrices_of_any_shape(name):
    with collected() as failures:
        for shape in [(3, 3), *OBLONG]:
            with failures(str(shape)):
                agree_on_complex(COMPLEX_ANY[name], drawn_complex(shape))


def test_eigenvalues_of_real_matrices():
    for shape in SQUARE[:-1]:
        agree(lambda m, a: parts(m, eigen_invariants(m, a)), regular(shape, "float64"), dtype="float64")
    rotation = st.linalg.eigvals(st.tensor([[0.0, -1.0], [1.0, 0.0]]))
    torch.testing.assert_close(torch.tensor(rotation.numpy()).imag.abs(), torch.ones(2))
    with pytest.raises(RuntimeError, match="infs or NaNs"):
        st.linalg.eig(st.full((2, 2), float("nan")))


COMPLEX = ("complex64", "complex128")


def gaussian(shape, dtype, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=getattr(torch, dtype))


@pytest.mark.parametrize("dtype", COMPLEX)
@pytest.mark.parametrize("p", [None, "fro", "nuc", 1, -1, 2, -2, float("inf"), -float("inf")])
def test_condition_numbers_of_complex_matrices(dtype, p):
    a = gaussian((2, 4, 4), dtype)
    expected = torch.linalg.cond(a, p)
    mine = st.linalg.cond(ours(a), p)
    torch.testing.assert_close(theirs(mine), expected, rtol=2e-4, atol=1e-6)
    if p not in (None, 2, -2):
        singular = a.clone()
        singular[1, 2] = 0
        assert st.linalg.cond(ours(singular), p)[1].item() == float("inf")


@pytest.mark.parametrize("dtype", DTYPES + COMPLEX)
def test_codes_of_inverses_name_the_first_zero(dtype):
    a = gaussian((3, 5, 5), dtype)
    a[1, 3] = 0
    expected = torch.linalg.inv_ex(a).info
    assert st.linalg.inv_ex(ours(a)).info.tolist() == expected.tolist()
    assert st.linalg.solve_ex(ours(a), ours(a)).info.tolist() == torch.linalg.solve_ex(a, a).info.tolist()
    with pytest.raises(
        st.linalg.LinAlgError, match=rf"Batch element 1\): The diagonal element {expected[1]} is zero"
    ):
        st.linalg.inv(ours(a))


@pytest.mark.parametrize("dtype", DTYPES + COMPLEX)
def test_large_systems(dtype):
    a, b = gaussian((150, 150), dtype), gaussian((150, 3), dtype, 1)
    limit = 1e-2 if dtype in ("float32", "complex64") else 1e-9
    torch.testing.assert_close(
        theirs(st.linalg.solve(ours(a), ours(b))), torch.linalg.solve(a, b), rtol=limit, atol=limit
    )
    inverse = theirs(st.linalg.inv(ours(a)))
    torch.testing.assert_close(inverse, torch.linalg.inv(a), rtol=limit, atol=limit)
    a[:, 7] = 0
    assert st.linalg.inv_ex(ours(a)).info.item() == torch.linalg.inv_ex(a).info.item() == 8


@pytest.mark.parametrize("dtype", DTYPES + COMPLEX)
@pytest.mark.parametrize("driver", ["gels", "gelsy", "gelsd", "gelss"])
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_least_squares_of_any_numbers(dtype, driver, shape):
    a, b = gaussian((2, *shape), dtype), gaussian((2, shape[0], 2), dtype, 1)
    for right in (b, b[..., 0]):
        found = st.linalg.lstsq(ours(a), ours(right), driver=driver)
        for mine, expected in zip(found, torch.linalg.lstsq(a, right, driver=driver), strict=True):
            torch.testing.assert_close(theirs(mine), expected, rtol=1e-3, atol=1e-4)
