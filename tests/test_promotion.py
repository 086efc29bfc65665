"""Type promotion: tensors, 0-d tensors and Python numbers, in every pairing of dtypes."""

import operator
from functools import partial
from operator import attrgetter

import pytest
import torch
from reference import DTYPES, assert_same_outcome, collected, name_of, ours, pair, theirs

import spiraltorch_rs as st

ARITHMETIC = [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "eq",
    "lt",
    "and_",
    "or_",
    "xor",
    "lshift",
]
NUMBERS = [True, 3, 2.5, -1]


def operands(dtype: str) -> list[tuple]:
    """A vector and a 0-d tensor of the dtype, in both libraries."""
    kind = getattr(torch, dtype)
    return [pair(torch.tensor([1, 2, 3]).to(kind)), pair(torch.tensor(2).to(kind))]


@pytest.mark.parametrize("name", ARITHMETIC)
@pytest.mark.parametrize("left", DTYPES)
def test_operators_between_tensors(left, name):
    function = getattr(operator, name)
    with collected() as failures:
        for right in DTYPES:
            for i, a in enumerate(operands(left)):
                for j, b in enumerate(operands(right)):
                    with failures(f"{left} {('vector', '0-d')[i]} {name} {right} {('vector', '0-d')[j]}"):
                        assert_same_outcome(partial(function, a[0], b[0]), partial(function, a[1], b[1]))


@pytest.mark.parametrize("name", ARITHMETIC)
@pytest.mark.parametrize("dtype", DTYPES)
def test_operators_with_numbers(dtype, name):
    function = getattr(operator, name)
    with collected() as failures:
        for tensor in operands(dtype):
            for number in NUMBERS:
                if number == -1 and name in ("pow", "lshift", "floordiv", "mod"):
                    continue  # undefined on integers
                with failures(f"{dtype}{list(tensor[1].shape)} {name} {number!r}"):
                    assert_same_outcome(
                        partial(function, tensor[0], number),
                        partial(function, tensor[1], number),
                    )
                with failures(f"{number!r} {name} {dtype}{list(tensor[1].shape)}"):
                    assert_same_outcome(
                        partial(function, number, tensor[0]),
                        partial(function, number, tensor[1]),
                    )


@pytest.mark.parametrize("number", [True, False, 2, 2.0, 0])
def test_truth_to_a_power(number):
    mine, reference = pair(torch.tensor([True, False]))
    assert_same_outcome(lambda: mine**number, lambda: reference**number)
    assert_same_outcome(lambda: number**mine, lambda: number**reference)


@pytest.mark.parametrize("left", DTYPES)
def test_queries(left):
    a, reference = getattr(st, left), getattr(torch, left)
    assert a.is_floating_point == reference.is_floating_point
    assert a.itemsize == reference.itemsize
    for right in DTYPES:
        b, other = getattr(st, right), getattr(torch, right)
        assert name_of(st.promote_types(a, b)) == name_of(torch.promote_types(reference, other))
        assert st.can_cast(a, b) == torch.can_cast(reference, other)
        for x in operands(left):
            for y in operands(right):
                assert name_of(st.result_type(x[0], y[0])) == name_of(torch.result_type(x[1], y[1]))


@pytest.mark.parametrize("default", ["float64", "float32", "bfloat16"])
def test_default_dtype_is_what_numbers_and_integers_become(default):
    made = []
    for library in (st, torch):
        library.set_default_dtype(getattr(library, default))
        try:
            ints = library.tensor([1, 2])
            found = [library.tensor([1.5]), ints + 0.5, ints / 2, library.ones(2), ints.sqrt(), ints.mul(1.5)]
            made.append([name_of(x.dtype) for x in [*found, library.arange(0.0, 1.0, 0.5)]])
            assert name_of(library.get_default_dtype()) == default
        finally:
            library.set_default_dtype(library.float32)
    assert made[0] == made[1]


@pytest.mark.parametrize("dtype", DTYPES)
def test_casts(dtype):
    """Every dtype to every other; the values fit, so the results are exact."""
    values = torch.tensor([0.0, 1.0, 2.5, 100.75, 3.0]).to(getattr(torch, dtype))
    mine, reference = pair(values)
    with collected() as failures:
        for other in DTYPES:
            with failures(f"{dtype} to {other}"):
                assert_same_outcome(
                    partial(mine.to, getattr(st, other)),
                    partial(reference.to, getattr(torch, other)),
                    exact=True,
                )


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_rounding_to_half_precision_is_to_nearest_even(half):
    generator = torch.Generator().manual_seed(3)
    singles = (
        torch.randint(-(2**31), 2**31 - 1, (4096,), generator=generator).to(torch.int32).view(torch.float32)
    )
    mine, reference = pair(singles)
    assert_same_outcome(
        lambda: mine.to(getattr(st, half)), lambda: reference.to(getattr(torch, half)), exact=True
    )
    ties = (1 + torch.arange(64, dtype=torch.float64) * 2.0**-12).float()
    mine, reference = pair(ties)
    assert_same_outcome(
        lambda: mine.to(getattr(st, half)), lambda: reference.to(getattr(torch, half)), exact=True
    )


def halves(dtype):
    values = [0.1, -0.7, 2.3, 3.14, 1.5, -2.25, 0.0, 1e-3]
    return torch.tensor(values).to(getattr(torch, dtype))


WITH_NUMBERS = "add sub rsub mul div fmod remainder pow eq ne lt le gt ge floor_divide true_divide".split()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", WITH_NUMBERS)
@pytest.mark.parametrize("number", [0.1, 2.3, -0.7, 3.14])
def test_numbers_beside_halves_are_rounded_as_torchs(dtype, name, number):
    x = halves(dtype)
    expected = getattr(torch, name)(x, number)
    mine = theirs(getattr(st, name)(ours(x), number))
    assert mine.dtype == expected.dtype
    # Powers differ in the last place.
    torch.testing.assert_close(mine, expected, rtol=0 if name != "pow" else 1e-2, atol=0, equal_nan=True)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("other", ["int32", "int64"])
@pytest.mark.parametrize("name", "add sub mul div maximum eq gt copysign fmod".split())
def test_whole_numbers_beside_halves_are_rounded_first(dtype, other, name):
    x = halves(dtype)
    y = torch.arange(2045, 2053).to(getattr(torch, other))
    expected = getattr(torch, name)(x, y)
    mine = theirs(getattr(st, name)(ours(x), ours(y)))
    assert mine.dtype == expected.dtype
    assert torch.equal(mine, expected)


MIXED = {
    "addr": lambda lib, x, y: lib.addr(x[:1], y, y, beta=0.6, alpha=0.2),
    "addr of truths": lambda lib, x, y: lib.addr(x[:1] > 1, y, y, beta=0.6, alpha=0.2),
    "cross_entropy": lambda lib, x, y: lib.nn.functional.cross_entropy(x[None], y[None] / 8),
    "broadcast_tensors": lambda lib, x, y: lib.broadcast_tensors(x, y.to(lib.complex64)[None])[0],
    "expand_as": lambda lib, x, y: x[:1].expand_as(y.to(lib.complex64)),
    "select_scatter": lambda lib, x, y: x[None].select_scatter(y.to(lib.complex64), 0, 0),
    "diagonal_scatter": lambda lib, x, y: lib.diag(x).diagonal_scatter(y.to(lib.complex64) + 1),
}


@pytest.mark.filterwarnings("ignore:Casting complex")
@pytest.mark.parametrize("left", ["bfloat16", "float32", "float64"])
@pytest.mark.parametrize("right", ["bfloat16", "float32", "float64"])
@pytest.mark.parametrize("name", MIXED)
def test_operators_made_of_others_between_dtypes(name, left, right):
    x, y = torch.tensor([1.0, 2.5, -3.0]).to(getattr(torch, left)), torch.ones(3).to(getattr(torch, right))
    expected = MIXED[name](torch, x, y)
    mine = theirs(MIXED[name](st, ours(x), ours(y)))
    assert mine.dtype == expected.dtype
    # What was rounded to a half on the way is as good as a half.
    rounded = torch.bfloat16 if "bfloat16" in (left, right) else expected.dtype
    torch.testing.assert_close(mine.to(rounded), expected.to(rounded))


BESIDE_TRUTHS = [
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "atan2",
    "xlogy",
    "clamp_min",
    "clamp_max",
    "remainder",
    "mul",
]
BESIDE_TRUTHS += [
    "nn.functional.mse_loss",
    "nn.functional.smooth_l1_loss",
    "special.xlog1py",
    "nextafter",
    "hypot",
]


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("name", BESIDE_TRUTHS)
def test_gradients_beside_truth_values(name, first, dtype):
    x, truth = (
        torch.tensor([0.5, 2.0, 1.0, 3.0]).to(getattr(torch, dtype)),
        torch.tensor([True, True, False, True]),
    )
    if name == "atan2" and first:
        pytest.skip("torch refuses it")
    if name == "remainder" and not first:
        truth = ~torch.zeros(4, dtype=torch.bool)

    def gradient(library, x, truth):
        result = attrgetter(name)(library)(*((truth, x) if first else (x, truth)))
        result.sum().backward()
        return x.grad

    expected = gradient(torch, x.clone().requires_grad_(), truth)
    mine = theirs(gradient(st, ours(x, requires_grad=True), ours(truth)))
    torch.testing.assert_close(mine, expected)


# Torch has neither a mean nor a sum without NaN in integers.
OF_INTEGERS = ["sum", "prod", "cumsum", "cumprod"]
SUMS_INTO = [(name, "int64") for name in OF_INTEGERS]
SUMS_INTO += [(name, wide) for name in [*OF_INTEGERS, "nansum", "mean"] for wide in ("float32", "float64")]


@pytest.mark.parametrize(("name", "wide"), SUMS_INTO)
def test_sums_are_made_in_the_dtype_of_what_they_are_written_to(name, wide):
    x = halves("bfloat16")
    args = (0,)
    kind = getattr(torch, wide)
    expected = getattr(torch, name)(x, *args, out=torch.empty(0, dtype=kind))
    mine = getattr(st, name)(ours(x), *args, out=st.empty(0, dtype=getattr(st, wide)))
    torch.testing.assert_close(theirs(mine), expected)


@pytest.mark.parametrize("log_target", [False, True])
def test_divergence_from_what_is_no_distribution(log_target):
    x, t = torch.tensor([0.5, -1.0, 2.0]), torch.tensor([0.25, -0.5, 1.5])
    expected = torch.nn.functional.kl_div(x, t, reduction="none", log_target=log_target)
    mine = st.nn.functional.kl_div(ours(x), ours(t), reduction="none", log_target=log_target)
    torch.testing.assert_close(theirs(mine), expected, equal_nan=True)
