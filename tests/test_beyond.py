"""Numbers that a dtype cannot hold, indices and targets of other dtypes, refusals: as in torch."""

import functools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from reference import assert_same, collected, outcome

import spiraltorch_rs as st

INF = float("inf")
NUMBERS = [INF, float("nan"), -INF, -1, -300, 2.5, 300, 70000.0, 2**31, 1e10, 1e300]
DTYPES = "uint8 int8 int32 int64 bool float16 bfloat16 float32 float64".split()

# Of the library, a tensor [1, 0] and the number.
FILLS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "masked_fill": lambda lib, x, v: lib.masked_fill(x, x != 0, v),
    "masked_fill_": lambda lib, x, v: x.masked_fill_(x != 0, v),
    "fill_": lambda lib, x, v: x.fill_(v),
    "full_like": lambda lib, x, v: lib.full_like(x, v),
    "index_fill": lambda lib, x, v: lib.index_fill(x, 0, lib.tensor([0]), v),
    "scatter": lambda lib, x, v: lib.scatter(x, 0, lib.tensor([0]), v),
    "where": lambda lib, x, v: lib.where(x != 0, x, v),
    "clamp": lambda lib, x, v: x.clamp(max=v),
    "clip": lambda lib, x, v: lib.clip(x, v),
    "threshold": lambda lib, x, v: lib.nn.functional.threshold(x, 0, v),
    "add": lambda lib, x, v: x.add(v),
    "alpha": lambda lib, x, v: lib.add(x, x, alpha=v),
    "addcmul": lambda lib, x, v: lib.addcmul(x, x, x, value=v),
    "lerp": lambda lib, x, v: lib.lerp(x, x, v),
    "elu": lambda lib, x, v: lib.nn.functional.elu(x, v),
    "leaky_relu": lambda lib, x, v: lib.nn.functional.leaky_relu(x, v),
    "close": lambda lib, x, v: lib.isclose(x, x, rtol=abs(v)),
    "isin": lambda lib, x, v: lib.isin(x, v),
    "searchsorted": lambda lib, x, v: lib.searchsorted(x.flip(0), v),
    "addmm": lambda lib, x, v: lib.addmm(lib.stack([x, x]), lib.stack([x, x]), lib.stack([x, x]), beta=v),
    "baddbmm": lambda lib, x, v: lib.baddbmm(x, x.view(1, 2, 1), x.view(1, 1, 2), beta=v),
    "addmv": lambda lib, x, v: lib.addmv(x, lib.stack([x, x]), x, alpha=v),
    "addr": lambda lib, x, v: lib.addr(lib.stack([x, x]), x, x, alpha=v),
    "index_add": lambda lib, x, v: x.index_add(0, lib.tensor([0, 1]), x, alpha=v),
    "hardshrink": lambda lib, x, v: lib.nn.functional.hardshrink(x, v),
    "softshrink": lambda lib, x, v: lib.nn.functional.softshrink(x, v),
    "rrelu": lambda lib, x, v: lib.nn.functional.rrelu(x, v, v),
    "huber_loss": lambda lib, x, v: lib.nn.functional.huber_loss(x, x * 3, delta=v),
    "nan_to_num": lambda lib, x, v: lib.nan_to_num(x / 0, v),
    "renorm": lambda lib, x, v: lib.renorm(lib.stack([x, x]), 2, 0, v),
    "pow": lambda lib, x, v: x.pow(v),
}


def agree(call: Callable[[Any], Any], loose: float = 1.0) -> None:
    """The same result as torch's, or an error of the same kind."""
    expected, refused = outcome(lambda: call(torch))
    actual, error = outcome(lambda: call(st))
    if refused is None:
        assert error is None, f"{error!r} where torch gives {expected}"
        assert_same(actual, expected, loose=loose)
    else:
        assert isinstance(error, type(refused)), f"{error or actual!r} where torch raises {refused!r}"


def filled(name: str, dtype: str, number: float, lib: Any) -> Any:
    return FILLS[name](lib, lib.tensor([1, 0], dtype=getattr(lib, dtype)), number)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FILLS)
def test_numbers_beyond_a_dtype(name: str, dtype: str) -> None:
    with collected() as case:
        for number in NUMBERS:
            with case(f"{number}"):
                agree(functools.partial(filled, name, dtype, number))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "int8"])
@pytest.mark.parametrize("number", [1e10, -1e9, 1e300, 2**31, 1j], ids=str)
@pytest.mark.parametrize("key", [0, slice(0, 1), [0]], ids=str)
def test_numbers_beyond_a_dtype_are_written(dtype: str, number: complex, key: Any) -> None:
    def call(lib: Any) -> Any:
        x = lib.ones(2, dtype=getattr(lib, dtype))
        x[key] = number
        return x

    agree(call)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "bool"])
@pytest.mark.parametrize("exponent", [2, 100, 200, 300, 2**31])
def test_powers_of_integers_beyond_their_dtype(dtype: str, exponent: int) -> None:
    agree(lambda lib: lib.tensor([1, 0], dtype=getattr(lib, dtype)) ** exponent)


# Of the library, a matrix and indices.
PLACES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "gather": lambda lib, x, i: lib.gather(x, 0, i),
    "scatter": lambda lib, x, i: lib.scatter(x, 0, i, x),
    "scatter_number": lambda lib, x, i: lib.scatter(x, 0, i, 2.0),
    "scatter_add": lambda lib, x, i: lib.scatter_add(x, 0, i, x),
    "scatter_reduce": lambda lib, x, i: lib.scatter_reduce(x, 0, i, x, "amax"),
    "index_select": lambda lib, x, i: lib.index_select(x, 0, i[:, 0]),
    "index_add": lambda lib, x, i: lib.index_add(x, 0, i[:, 0], x[: len(i)]),
    "index_copy": lambda lib, x, i: lib.index_copy(x, 0, i[:, 0], x[: len(i)]),
    "index_reduce": lambda lib, x, i: lib.index_reduce(x, 0, i[:, 0], x[: len(i)], "prod"),
    "index_fill": lambda lib, x, i: lib.index_fill(x, 0, i[:, 0], 3.0),
}


@pytest.mark.parametrize("dtype", ["float32", "bool", "uint8", "int64"])
@pytest.mark.parametrize("rows", [0, 2])
@pytest.mark.parametrize("name", PLACES)
def test_indices_of_other_dtypes(name: str, rows: int, dtype: str) -> None:
    def call(lib: Any) -> Any:
        index = lib.tensor([[1, 0, 1], [0, 1, 0]][:rows]).reshape(rows, 3).to(getattr(lib, dtype))
        return PLACES[name](lib, lib.arange(6.0).reshape(2, 3), index)

    agree(call)


# Of the library and a tensor of ones: complex numbers for real ones.
COMPLEX: dict[str, Callable[[Any, Any], Any]] = {
    "fill_": lambda lib, x: x.fill_(1j),
    "fill_ of a real one": lambda lib, x: x.fill_(2 + 0j),
    "fill": lambda lib, x: lib.fill(x, 1j),
    "masked_fill": lambda lib, x: x.masked_fill(x == 0, 1j),
    "index_fill": lambda lib, x: x.index_fill(0, lib.tensor([0]), 1j),
    "scatter": lambda lib, x: x.scatter(0, lib.tensor([0]), 1j),
    "write": lambda lib, x: x.__setitem__(0, 1j),
    "write of a real one": lambda lib, x: (x.__setitem__(0, 3 + 0j), x)[1],
    "full": lambda lib, x: lib.full((2,), 1j, dtype=x.dtype),
    "full_like": lambda lib, x: lib.full_like(x, 1j),
}


@pytest.mark.parametrize("dtype", ["int64", "float16", "float32"])
@pytest.mark.parametrize("name", COMPLEX)
def test_complex_numbers_in_real_tensors(name: str, dtype: str) -> None:
    agree(lambda lib: COMPLEX[name](lib, lib.ones(2, dtype=getattr(lib, dtype))))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("exponents", ["int8", "int64", "float32"])
def test_powers_of_two_beyond_their_dtype(dtype: str, exponents: str) -> None:
    def call(lib: Any) -> Any:
        x = lib.tensor([0.0, -0.0, 1.0, -3.0, 1e-30, INF, float("nan"), 1.5], dtype=getattr(lib, dtype))
        powers: list[float] = (
            [-128, -20, -1, 0, 3, 60, 127] if exponents == "int8" else [-2300, -300, -149, 7, 140, 300, 2300]
        )
        if exponents == "float32":
            powers = [-2.5, 0.0, 0.5, 20.0]
        by = lib.tensor(powers, dtype=getattr(lib, exponents))
        return lib.ldexp(x, by[:, None]), lib.ldexp(x.double(), by[:, None])

    agree(call)


LOSS_DTYPES = ["float16", "bfloat16", "float32", "float64"]


@pytest.mark.parametrize("dtype", LOSS_DTYPES)
@pytest.mark.parametrize("target", LOSS_DTYPES)
@pytest.mark.parametrize("reduction", ["none", "mean"])
def test_a_target_that_only_chooses_leaves_the_loss_its_dtype(
    dtype: str, target: str, reduction: str
) -> None:
    def call(lib: Any) -> Any:
        x = lib.tensor([0.25, -0.5, 2.0], dtype=getattr(lib, dtype))
        y = lib.tensor([1, -1, -1], dtype=getattr(lib, target))
        return lib.nn.functional.hinge_embedding_loss(x, y, 0.75, reduction=reduction)

    agree(call)


@pytest.mark.parametrize("dtype", [*LOSS_DTYPES, "int64"])
@pytest.mark.parametrize("target", [*LOSS_DTYPES, "int64"])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_huber_losses_are_of_the_inputs_dtype(dtype: str, target: str, reduction: str) -> None:
    def call(lib: Any) -> Any:
        x = lib.tensor([0.25, -0.5, 2.0, 3.0]).to(getattr(lib, dtype))
        y = lib.tensor([1.0, -1.0, 0.125, 3.0]).to(getattr(lib, target))
        return lib.nn.functional.huber_loss(x, y, reduction=reduction, delta=0.75)

    agree(call)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "replicated corner": lambda lib: lib.nn.functional.pad(lib.ones(1, 2, 0, 3, 4), (1, 1), "replicate"),
    "replicated row": lambda lib: lib.nn.functional.pad(lib.ones(2, 0, 3), (1,) * 6, "reflect"),
    "groups of one": lambda lib: lib.nn.functional.group_norm(lib.ones(3, 1), 2),
    "complex quotients": lambda lib: lib.div(lib.ones(2) * 1j, 2, rounding_mode="trunc"),
    "narrow norm": lambda lib: lib.norm(lib.ones(2), 2, dtype=lib.bfloat16),
    "narrow Frobenius": lambda lib: lib.norm(lib.ones(2, 2), "fro", dtype=lib.half),
    "narrow linalg": lambda lib: lib.linalg.norm(lib.ones(2).double(), dtype=lib.float32),
    "narrow vector": lambda lib: lib.linalg.vector_norm(lib.ones(2).half(), dtype=lib.bfloat16),
    "narrow matrix": lambda lib: lib.linalg.matrix_norm(lib.ones(2, 2).double(), dtype=lib.float32),
    "wide norm": lambda lib: lib.linalg.norm(lib.ones(2).half(), dtype=lib.float32),
    "complex weight": lambda lib: lib.lerp(lib.zeros(2), lib.ones(2), 1j),
    "complex border": lambda lib: lib.nn.functional.pad(lib.ones(2), (1, 1), value=1j),
    "memory of a leaf": lambda lib: lib.ones(2, requires_grad=True).set_(lib.ones(3)),
    "a turned vector": lambda lib: lib.ones(2).mT,
    "no norm": lambda lib: lib.nn.functional.lp_pool1d(lib.ones(1, 2, 4), 0, 2),
}


@pytest.mark.parametrize("what", REFUSED)
def test_kinds_of_refusals(what: str) -> None:
    agree(REFUSED[what])


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("p", [INF, -INF])
def test_pools_by_the_largest_and_the_smallest_magnitude(n: int, p: float) -> None:
    def call(lib: Any) -> Any:
        x = (lib.arange(2.0 * 4**n).sin() * 9).reshape(1, 2, *[4] * n).requires_grad_()
        out = getattr(lib.nn.functional, f"lp_pool{n}d")(x, p, 2)
        return out, *lib.autograd.grad(out.square().sum(), x)

    agree(call)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("shape", [(2, 0, 7), (0, 7), (0, 2, 7)], ids=str)
@pytest.mark.parametrize("name", ["adaptive_avg_pool", "adaptive_max_pool"])
def test_pools_of_nothing(name: str, shape: tuple[int, ...], size: int, n: int) -> None:
    agree(lambda lib: getattr(lib.nn.functional, f"{name}{n}d")(lib.ones(*shape, *[7] * (n - 1)), size))


MODES = [
    ("linear", 1),
    ("bilinear", 2),
    ("trilinear", 3),
    ("bicubic", 2),
    ("nearest", 2),
    ("nearest-exact", 2),
]


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize(("mode", "n"), MODES)
@pytest.mark.parametrize("scale", [1.2, 1.3, 0.9])
def test_lengths_that_a_scale_leaves_as_they_are(scale: float, mode: str, n: int, antialias: bool) -> None:
    if antialias and mode not in ("bilinear", "bicubic"):
        pytest.skip("torch smooths only these")
    with collected() as case:
        for dtype in ("float32", "float64", "uint8") if n == 2 else ("float32", "float64"):
            for lengths in ((3, 3, 3), (3, 4, 3), (2, 5, 4)):
                with case(f"{dtype} {lengths[:n]}"):
                    agree(functools.partial(resized, lengths[:n], dtype, scale, mode, antialias), 10.0)


def resized(lengths: tuple[int, ...], dtype: str, scale: float, mode: str, antialias: bool, lib: Any) -> Any:
    x = lib.arange(2 * torch.Size(lengths).numel()).mul(7).remainder(13).reshape(1, 2, *lengths)
    x = x.to(getattr(lib, dtype))
    return lib.nn.functional.interpolate(x, scale_factor=scale, mode=mode, antialias=antialias)
