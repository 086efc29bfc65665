"""Complex tensors: operators, gradients, views, writing and printing, all as torch's."""

import copy
import pickle

import numpy as np
import pytest
import torch
from reference import ours

import spiraltorch_rs as st

DTYPES = {"complex64": np.complex64, "complex128": np.complex128}
REAL = {"complex64": np.float32, "complex128": np.float64}
TOLERANCE = {"complex64": 2e-4, "complex128": 1e-9}

SIMPLE = """
    abs acos acosh adjoint angle asin asinh atan atanh clone conj conj_physical cos cosh diag exp exp2 expm1 flipud
    fliplr isfinite isinf isnan isreal log log10 log1p log2 logical_not mean neg positive prod ravel real imag
    reciprocal rsqrt sgn sigmoid sin sinh sqrt square std sum t tan tanh trace tril triu var view_as_real any all
    count_nonzero nonzero atleast_3d
"""
UNARY: dict[str, tuple] = dict.fromkeys(SIMPLE.split(), ()) | {
    "cumprod": (1,),
    "cumsum": (0,),
    "diagonal": (1,),
    "diag_embed": (1,),
    "flip": ([0, 1],),
    "index_select": (1, torch.tensor([2, 0, 2])),
    "mean": (0,),
    "movedim": (0, 1),
    "narrow": (1, 1, 2),
    "norm": (),
    "permute": ((1, 0),),
    "pow": (2.5,),
    "prod": (1, True),
    "repeat_interleave": (2, 0),
    "reshape": ((2, 6),),
    "roll": (1, 0),
    "select": (0, 1),
    "std": (1,),
    "sum": (1, True),
    "tile": ((2, 1),),
    "transpose": (0, 1),
    "unsqueeze": (1,),
    "var": (0,),
}
BINARY = dict.fromkeys("add sub mul div pow eq ne rsub outer isclose allclose equal".split(), ())
PRODUCTS = ("matmul", "mm")


def numbers(shape: tuple[int, ...], dtype: str, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (random.standard_normal(shape) + 1j * random.standard_normal(shape)).astype(DTYPES[dtype])


def same(mine, theirs, tolerance: float) -> None:
    """Equal values, dtype and shape."""
    if not isinstance(theirs, torch.Tensor):
        assert mine == theirs
        return
    expected = theirs.detach().resolve_conj().resolve_neg().numpy()
    got = mine.detach().numpy()
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
    np.testing.assert_allclose(got, expected, tolerance, tolerance)


def leaves(*arrays: np.ndarray) -> tuple[list[st.Tensor], list[torch.Tensor]]:
    return (
        [st.tensor(a, requires_grad=True) for a in arrays],
        [torch.tensor(a, requires_grad=True) for a in arrays],
    )


def same_gradients(mine, theirs, own, other, tolerance: float) -> None:
    """Gradients of a weighted sum, first and second."""
    if not theirs.requires_grad:
        assert not mine.requires_grad
        return
    weight = torch.randn(theirs.shape, dtype=theirs.dtype, generator=torch.Generator().manual_seed(1))
    first = st.autograd.grad(mine, own, st.tensor(weight.numpy()), create_graph=True)
    expected = torch.autograd.grad(theirs, other, weight, create_graph=True)
    for g, e in zip(first, expected, strict=True):
        same(g, e, tolerance)
    if not any(e.requires_grad for e in expected):
        return
    total = sum((g.abs() ** 2).sum() for g in first)
    second = st.autograd.grad(total, own, allow_unused=True, materialize_grads=True)
    whole = sum((e.abs() ** 2).sum() for e in expected)
    again = torch.autograd.grad(whole, other, allow_unused=True, materialize_grads=True)
    for g, e in zip(second, again, strict=True):
        same(g, e, 20 * tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_an_operator_of_one_tensor(name, dtype):
    array = numbers((3, 4), dtype)
    args = UNARY[name]
    own, other = leaves(array)
    mine = getattr(st, name)(own[0], *(ours(a) if isinstance(a, torch.Tensor) else a for a in args))
    theirs = getattr(torch, name)(other[0], *args)
    same(mine, theirs, TOLERANCE[dtype])
    same_gradients(mine, theirs, own, other, 10 * TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kinds", ["complex complex", "complex real", "real complex"])
@pytest.mark.parametrize("name", BINARY)
def test_an_operator_of_two_tensors(name, kinds, dtype):
    pair = []
    for seed, kind in enumerate(kinds.split()):
        array = numbers((3, 4), dtype, seed)
        pair.append(array if kind == "complex" else np.abs(array).astype(REAL[dtype]))
    if name == "outer":
        pair = [a[0] for a in pair]
    own, other = leaves(*pair)
    try:
        theirs = getattr(torch, name)(*other)
    except RuntimeError:
        with pytest.raises(RuntimeError):
            getattr(st, name)(*own)
        return
    mine = getattr(st, name)(*own)
    same(mine, theirs, TOLERANCE[dtype])
    if isinstance(theirs, torch.Tensor):
        same_gradients(mine, theirs, own, other, 10 * TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_products_of_matrices(dtype):
    a, b, c = numbers((2, 3, 4), dtype), numbers((2, 4, 5), dtype, 1), numbers((3, 5), dtype, 2)
    calls = {
        "bmm": lambda m, x, y, z: m.bmm(x, y),
        "matmul": lambda m, x, y, z: x @ y[0],
        "einsum": lambda m, x, y, z: m.einsum("bij,bjk,ik->bi", x, y, z),
        "addmm": lambda m, x, y, z: m.addmm(z, x[0], y[0], beta=2, alpha=0.5 + 1j),
        "dot": lambda m, x, y, z: m.dot(x[0, 0], y[0, :, 0]),
        "vdot": lambda m, x, y, z: m.vdot(x[0, 0], y[0, :, 0]),
        "linear": lambda m, x, y, z: m.nn.functional.linear(x, y[0].mT, z[0]),
        "mH": lambda m, x, y, z: x.mH @ x,
    }
    for call in calls.values():
        own, other = leaves(a, b, c)
        mine, theirs = call(st, *own), call(torch, *other)
        same(mine, theirs, TOLERANCE[dtype])
        kept = [
            i
            for i, t in enumerate(
                torch.autograd.grad(theirs.abs().sum(), other, allow_unused=True, retain_graph=True)
            )
            if t is not None
        ]
        same_gradients(mine, theirs, [own[i] for i in kept], [other[i] for i in kept], 10 * TOLERANCE[dtype])


LAYOUTS = {
    "in order": lambda a: a,
    "transposed": lambda a: a.mT.contiguous().mT,
    "rows reversed in memory": lambda a: a.flip(0),
    "every second": lambda a: a.repeat_interleave(2, 1)[:, ::2],
    "odd offset": lambda a: a.flatten()[1:],
    "one row for all": lambda a: a[:1].expand(a.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["add", "mul", "div"])
def test_many_numbers_in_any_order(name, layout):
    for shape in [(70, 9), (3, 700), (1500, 1)]:
        (x, y), (p, q) = leaves(*(numbers(shape, "complex64", seed) for seed in (0, 1)))
        mine, theirs = (
            getattr(m, name)(LAYOUTS[layout](a), LAYOUTS["odd offset"](b) if layout == "odd offset" else b)
            for m, a, b in ((st, x, y), (torch, p, q))
        )
        same(mine, theirs, 1e-4)
        same_gradients(mine, theirs, [x, y], [p, q], 1e-2)
        # A real operand stands for both parts of the result.
        same(getattr(st, name)(x, y.real), getattr(torch, name)(p, q.real), 1e-4)


SHAPES = [
    ((3, 4), (4, 5)),
    ((2, 3, 4), (4, 5)),
    ((2, 1, 3, 4), (5, 4, 2)),
    ((40, 70), (70, 33)),
    ((0, 4), (4, 5)),
    ((3, 0), (0, 5)),
    ((4,), (4, 5)),
    ((3, 4), (4,)),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_products_of_matrices_of_all_shapes(shapes, dtype):
    for turned in (False, True):
        arrays = [numbers(shape, dtype, seed) for seed, shape in enumerate(shapes)]
        if turned and min(map(len, shapes)) < 2:
            continue
        own, other = leaves(*(a.swapaxes(-1, -2).copy() if turned else a for a in arrays))
        mine, theirs = (x.mT @ y.mT if turned else x @ y for x, y in (own, other))
        same(mine, theirs, TOLERANCE[dtype])
        same_gradients(mine, theirs, own, other, 10 * TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_arithmetic_with_numbers(dtype):
    array = numbers((3, 4), dtype)
    for call in (
        lambda z: z * 2j,
        lambda z: 2 - z,
        lambda z: 1j / z,
        lambda z: z**2,
        lambda z: z**-1,
        lambda z: z**1.5,
        lambda z: 2**z,
        lambda z: z.real * 1j,
        lambda z: z + True,
        lambda z: -z == z,
    ):
        same(call(st.tensor(array)), call(torch.tensor(array)), TOLERANCE[dtype])


def test_promotion():
    for mine, theirs in (
        (st.ones(2) + st.ones(2, dtype=st.complex64), torch.complex64),
        (st.ones(2, dtype=st.float64) * 1j, torch.complex128),
        (st.ones(2, dtype=st.float64) + st.tensor(1j), torch.complex128),
        (st.ones(2, dtype=st.complex64) + st.tensor(1.0, dtype=st.float64), torch.complex64),
        (st.arange(3) * 1j, torch.complex64),
        (st.full((2,), 1j), torch.complex64),
        (st.tensor([1, 2.5, 3j]), torch.complex64),
        (st.randn(3, dtype=st.complex128), torch.complex128),
    ):
        assert str(mine.dtype).split(".")[1] == str(theirs).split(".")[1]
    assert st.promote_types(st.complex64, st.float64) is st.complex128
    assert not st.can_cast(st.complex64, st.float64)


def test_views_share_memory():
    array = numbers((3, 4), "complex64")
    mine, theirs = st.tensor(array), torch.tensor(array)
    for lib, z in ((st, mine), (torch, theirs)):
        z[0] = 1 + 2j
        z[:, 1] *= 2
        z.mul_(1j)
        z.real[2] = 5
        z.add_(1)
        z[z.abs() > 3] = 0
        z.t()[0].fill_(7j)
        z.view(-1)[3:5] = 3
        z[1, 1:].imag.neg_()
        lib.view_as_real(z)[2, 3] = 9
        z.unsqueeze(0).expand(1, 3, 4)[0, 0, 2:].copy_(lib.ones(2))
    same(mine, theirs, 1e-6)
    assert mine.stride() == theirs.stride()
    assert mine[1:, 1].storage_offset() == theirs[1:, 1].storage_offset()


def test_leaves_have_complex_gradients():
    array, real = numbers((3, 3), "complex128"), np.random.default_rng(3).standard_normal((3, 3))

    def gradients(lib):
        z, x = lib.tensor(array, requires_grad=True), lib.tensor(real, requires_grad=True)
        seen = []
        z.register_hook(lambda gradient: seen.append(gradient.dtype))
        loss = ((z * x).exp() + z.conj() * 1j).abs().sum() + (lib.view_as_real(z) ** 2).sum()
        (loss + z.imag.sum() * 2 + (z @ z.mH).real.sum()).backward()
        assert len(seen) == 1
        assert z.grad.is_complex()
        return z.grad, x.grad

    for mine, theirs in zip(gradients(st), gradients(torch), strict=True):
        same(mine, theirs, 1e-9)


def test_gradients_lie_as_complex_numbers_do():
    """A product with a transposed matrix gives gradients whose parts are apart in memory."""
    x, w = (
        np.random.default_rng(i).standard_normal(s).astype(np.float32)
        for i, s in enumerate([(3, 4), (5, 3, 4)])
    )

    def gradients(m, tensor):
        a, z = tensor(x).requires_grad_(), tensor(numbers((5, 4, 2), "complex64")).requires_grad_()
        seen = []
        z.register_hook(lambda gradient: seen.append(gradient.clone()))
        z.register_hook(lambda gradient: (gradient.mul_(2), None)[1])
        z.register_hook(seen.append)
        (first,) = m.autograd.grad(a @ m.view_as_real(z).flatten(-2, -1), (a,), tensor(w), create_graph=True)
        (again,) = m.autograd.grad(first.pow(2).sum(), (z,), retain_graph=True)
        first.pow(2).sum().backward()
        return again, z.grad, *seen

    for mine, theirs in zip(gradients(st, st.tensor), gradients(torch, torch.tensor), strict=True):
        assert mine.stride() == theirs.stride()
        same(mine, theirs, 1e-5)


def test_functions_of_users_see_complex_numbers():
    class Turn(st.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z * 1j

        @staticmethod
        def backward(ctx, gradient):
            (z,) = ctx.saved_tensors
            assert z.is_complex()
            assert gradient.is_complex()
            return gradient * -1j

    z = st.tensor([1 + 2j, 3.0], requires_grad=True)
    Turn.apply(z).real.sum().backward()
    assert z.grad.tolist() == [-1j, -1j]


def test_where_a_gradient_has_no_value_it_is_zero():
    z = st.zeros(2, dtype=st.complex64, requires_grad=True)
    (z.abs().sum() + z.angle().sum() + z.sgn().real.sum()).backward()
    assert z.grad.tolist() == [0j, 0j]


def test_made_of_others_and_given_away():
    array = numbers((2, 3), "complex64")
    z = st.from_numpy(array)
    array[0, 0] = 5j
    assert z[0, 0].item() == 5j
    assert np.asarray(z).dtype == np.complex64
    assert torch.from_dlpack(z)[0, 0] == 5j
    assert st.from_dlpack(torch.tensor(array)).dtype is st.complex64
    assert z.tolist() == array.tolist()
    assert pickle.loads(pickle.dumps(z)).equal(z)
    assert copy.deepcopy(z.t()).equal(z.t())
    assert complex(z[0, 0]) == 5j
    assert st.complex(z.real, z.imag).equal(z)
    assert st.polar(z.abs(), z.angle()).allclose(z)
    assert st.view_as_complex(st.view_as_real(z)).equal(z)
    assert z.to(st.complex128).dtype is st.complex128


@pytest.mark.cpu_only("other devices print their name, too")
@pytest.mark.parametrize(
    "values",
    [[1 + 2j, 3.0], [1.5 + 2j, complex("nan") + 1e-5j], [[1j, -2.5], [0j, 1e9]], [], 3 - 4j],
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_printing_is_torchs(values, dtype):
    mine = st.tensor(values, dtype=getattr(st, dtype))
    theirs = torch.tensor(values, dtype=getattr(torch, dtype))
    # The longer name of the package may break the line elsewhere.
    assert repr(mine).replace("spiraltorch_rs", "torch").split() == repr(theirs).split()


@pytest.mark.parametrize(
    "call",
    [
        lambda z: z.sort(),
        lambda z: z < z,
        lambda z: z.max(),
        lambda z: z.sum().backward(),
        lambda z: z // 2,
        lambda z: z.detach().abs().add_(1j),
        lambda z: z.matmul(z.mT.abs()),
        lambda z: z[0, 0, 0],
    ],
)
def test_what_has_no_meaning_is_refused(call):
    for lib in (st, torch):
        with pytest.raises((RuntimeError, IndexError, TypeError, NotImplementedError)):
            call(lib.tensor(numbers((2, 3), "complex64"), requires_grad=True))


def test_products_at_indices_of_single_numbers():
    """0-d tensors and empty indices, where the shapes need not agree."""

    def products(lib):
        one, two = lib.ones((), dtype=lib.complex64), lib.tensor(2j)
        place, none = lib.zeros((), dtype=lib.int64), lib.zeros(0, dtype=lib.int64)
        table = lib.full((3, 4), 1j)
        return [
            one.scatter_reduce(0, place.reshape(1), two, "prod"),
            one.clone().scatter_(0, place, two, reduce="multiply"),
            table.scatter_reduce(0, none, table, "prod"),
            lib.full((1,), 3j).scatter(0, place, two, reduce="multiply"),
        ]

    for got, want in zip(products(st), products(torch), strict=True):
        assert tuple(got.shape) == tuple(want.shape)
        assert got.tolist() == want.tolist()


def test_whether_complex_numbers_are_zero():
    for number in (0j, 1j, 1 + 0j):
        assert st.tensor(number).is_nonzero() == torch.tensor(number).is_nonzero()
    assert int(st.tensor(2 + 0j)) == int(torch.tensor(2 + 0j))
    st.realize(st.tensor(1j))


ON_AXES = [2 + 0j, -2 + 0j, 0.5 + 0j, -0.5 + 0j, 2j, -2j, 0.5j, -0.5j, 1 + 1j, -1 + 2j, -1 - 1j, 1 - 2j]
HOLOMORPHIC = """
    acos acosh asin asinh atan atanh cos cosh exp exp2 expm1 log log10 log1p log2 reciprocal rsqrt sigmoid sin sinc sinh
    sqrt square tan tanh
""".split()


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_gradients_on_the_axes(name):
    def gradients(lib):
        z = lib.tensor(ON_AXES, dtype=lib.complex128, requires_grad=True)
        weight = lib.tensor([1.0, -2.0], dtype=lib.float64)
        loss = (lib.view_as_real(getattr(lib, name)(z)) * weight).sum()
        (first,) = lib.autograd.grad(loss, z, create_graph=True)
        (second,) = lib.autograd.grad((lib.view_as_real(first) * weight).sum(), z)
        return first.detach(), second

    for mine, theirs in zip(gradients(st), gradients(torch), strict=True):
        same(mine, theirs, 1e-9)


SEVERAL = {
    "logsumexp": lambda lib, z: lib.logsumexp(z, 0),
    "logaddexp": lambda lib, z: lib.logaddexp(z, z * 2),
    "power of a half": lambda lib, z: z**0.5,
    "complex power": lambda lib, z: z ** (1.5 + 0.5j),
    "power of two": lambda lib, z: 2**z,
    "softsign": lambda lib, z: lib.nn.functional.softsign(z),
}


@pytest.mark.parametrize("case", SEVERAL)
def test_gradients_on_the_axes_of_functions_made_of_others(case):
    def gradient(lib):
        z = lib.tensor(ON_AXES, dtype=lib.complex128, requires_grad=True)
        weight = lib.tensor([1.0, -2.0], dtype=lib.float64)
        (lib.view_as_real(SEVERAL[case](lib, z)) * weight).sum().backward()
        return z.grad

    same(gradient(st), gradient(torch), 1e-9)


@pytest.mark.parametrize("order", [1, 2, 3, float("inf")])
def test_second_gradients_of_sizes_at_zero(order):
    def gradients(lib):
        z = lib.tensor([0j, 3 + 4j], dtype=lib.complex128, requires_grad=True)
        size = z.abs() if order == 2 else lib.linalg.vector_norm(z[:1], order)
        (first,) = lib.autograd.grad(size.sum(), z, create_graph=True)
        (second,) = lib.autograd.grad(lib.view_as_real(first).sum(), z)
        return first.detach(), second

    for mine, theirs in zip(gradients(st), gradients(torch), strict=True):
        same(mine, theirs, 1e-9)


@pytest.mark.parametrize(
    "matrix", [[[0, 0], [1, -3]], [[1, 1], [1, 1]], [[0, 0], [0, 0]], [[1j, 2], [1, -2j]]]
)
def test_determinants_of_singular_matrices_have_gradients(matrix):
    def gradient(lib):
        z = lib.tensor(matrix, dtype=lib.complex128, requires_grad=True)
        weight = lib.tensor([1.0, -2.0], dtype=lib.float64)
        # (Torch has the gradient only where it is recorded; elsewhere it gives 0.)
        determinant = (lib.view_as_real(lib.linalg.det(z)) * weight).sum()
        return lib.autograd.grad(determinant, z, create_graph=True)[0].detach()

    same(gradient(st), gradient(torch), 1e-9)
