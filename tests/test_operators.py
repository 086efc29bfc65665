"""Every operator of the table against torch: dtypes, layouts, extremes, gradients, double gradients, forms."""

import itertools
from functools import partial
from typing import Any

import pytest
import torch
from operators import (
    as_ours,
    case,
    cases,
    forms,
    is_pointwise,
    mine,
    names,
    reference,
    required,
    samples,
)
from reference import (
    DEVICE,
    DTYPES,
    FLOATS,
    HALVES,
    INTEGERS,
    LAYOUTS,
    assert_close,
    assert_same,
    collected,
    in_single,
    name_of,
    ours,
    outcome,
    pair,
    theirs,
    tolerance,
)
from samples import ELSEWHERE, SAMPLES

import spiraltorch_rs as st

NAMES = names()
POINTWISE = [name for name in NAMES if is_pointwise(name)]
# Reductions, products and norms may add in another order than torch does.
REORDERED = 8.0
# Torch's own result of these has fewer good digits than the dtype.
LOOSE = {
    "lgamma": 16.0,
    "digamma": 16.0,
    "polygamma": 64.0,
    "mvlgamma": 64.0,
    "erfinv": 16.0,
    "tan": 16.0,
    "sinc": 8.0,
    "special_airy_ai": 1024.0,
}
# As `LOOSE`, in half precision only: torch rounds at every step.
LOOSE_HALF = dict.fromkeys("gru lstm rnn_tanh".split(), 4.0)
# As `LOOSE`, in double precision only: torch takes a short series for the derivatives of digamma, and its Bessel
# functions have constants with few digits. (Ours are compared with exact values in `test_special.py`.)
SHORT = 1e8
SHORT_CONSTANTS = (
    "special_airy_ai special_bessel_j0 special_bessel_j1 special_bessel_y0 special_bessel_y1".split()
)
LOOSE_DOUBLE = {
    "polygamma": 64.0,
    **dict.fromkeys(SHORT_CONSTANTS, SHORT),
    **dict.fromkeys("igamma igammac special_gammainc special_gammaincc".split(), SHORT),
}
# As `LOOSE_DOUBLE`, for gradients: constants in single precision, the short series, an epsilon that is added.
LOOSE_GRADIENTS = {
    "celu": 3e4,
    "hardsigmoid": 3e4,
    "digamma": 64.0,
    "polygamma": 64.0,
    "binary_cross_entropy": 16.0,
    **dict.fromkeys(SHORT_CONSTANTS, SHORT),
}
# What torch's own code cannot do, though it documents it: a part of the message.
TOO_STRICT = {
    **dict.fromkeys(("take_along_dim", "conv_tbc", "kron"), "view size is not compatible"),
    "instance_norm/function": "index 0 out of range",
}
# Torch rounds bytes between the dimensions, in numbers of 16 bits.
ROUNDED_BYTES = ("interpolate", "upsample", "upsample_bilinear")
# Results that torch leaves open: only shape and dtype are compared.
OPEN = {"rrelu"}


def looseness(name: str, dtype: str = "float32") -> float:
    """How much wider than usual the tolerance of an operator's values is."""
    double = LOOSE_DOUBLE.get(name, 1.0) if dtype == "float64" else 1.0
    half = LOOSE_HALF.get(name, 1.0) if dtype in HALVES else 1.0
    return double * half * LOOSE.get(name, 1.0 if is_pointwise(name) else REORDERED)


def test_every_operator_has_samples():
    missing = [name for name in names(tested=False) if name not in ELSEWHERE]
    assert missing == [], "add sample arguments to tests/samples.py"


@pytest.mark.parametrize("name", NAMES)
def test_torch_takes_the_samples(name):
    """A sample that torch refuses in every dtype would compare nothing."""
    function = reference(name)
    for sample in samples(name):
        calls = [case(name, sample, dtype, "contiguous").torch for dtype in DTYPES]
        refusals = [outcome(partial(function, *call[0], **call[1]))[1] for call in calls]
        assert None in refusals, f"torch refuses {sample}: {refusals[-1]}"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_values(name, dtype):
    if name in ROUNDED_BYTES and dtype == "uint8":
        pytest.skip("torch rounds between the dimensions")
    function, torch_function = mine(name), reference(name)
    unsupported = set()
    with collected() as failures:
        for one in cases(name, dtype, LAYOUTS):
            layout, _, sample = one.what.partition(" ")
            args, kwargs = one.torch
            expected, refused = outcome(partial(torch_function, *args, **kwargs))
            if layout == "contiguous" and refused is not None:
                unsupported.add(sample)
            if layout == "empty" and sample in unsupported:
                continue  # torch takes any dtype where there is nothing to compute
            with failures(one.what):
                if refused is None:
                    actual = function(*one.ours[0], **one.ours[1])
                    single = single_precision(torch_function, one) if dtype in HALVES else None
                    assert_same(actual, expected, loose=looseness(name, dtype), single=single)
                elif "not implemented for" not in str(refused) and not isinstance(
                    refused, NotImplementedError
                ):
                    # Where torch finds the operands wrong, so do we; where it lacks a kernel, we need not.
                    # (A wrong index is found when the value is wanted; a GPU divides integers by zero as torch's do.)
                    _, error = outcome(partial(computed, function, *one.ours[0], **one.ours[1]))
                    wider = dtype_refusal(str(refused)) or TOO_STRICT.get(name, "\0") in str(refused)
                    assert error is not None or wider or goes_on(refused), f"torch: {refused}"


def single_precision(torch_function: Any, one: Any) -> Any:
    """What torch gives for the operands of a case in single precision."""
    args, kwargs = one.torch
    wide = {key: in_single(value) for key, value in kwargs.items()}
    return outcome(lambda: torch_function(*in_single(args), **wide))[0]


def dtype_refusal(message: str) -> bool:
    """Whether torch refused the dtype, not the call: a wider choice of dtypes is no fault."""
    return any(
        word in message
        for word in ("dtype", "Bool", "bool", "Half", "BFloat16", "type", "float", "Byte", "Long")
    )


def goes_on(refused: Exception) -> bool:
    """Whether torch's CPU refused what its GPUs do not: there integers are divided by zero without a word."""
    return DEVICE[0] != "cpu" and str(refused) == "ZeroDivisionError"


def flat(result: Any) -> list[Any]:
    """The tensors of a result."""
    if isinstance(result, (tuple, list)):
        return [tensor for part in result for tensor in flat(part)]
    return [result] if hasattr(result, "requires_grad") else []


def weights(results: list[torch.Tensor]) -> list[torch.Tensor]:
    """Upstream gradients: fixed, all different, of the results' shapes."""
    generator = torch.Generator().manual_seed(1)
    return [torch.rand(r.shape, generator=generator, dtype=torch.float64).to(r.dtype) + 0.5 for r in results]


def gradients(
    library: Any, results: list[Any], leaves: list[Any], upstream: list[Any], create: bool
) -> list[Any]:
    """Gradients of the results, weighted, to the leaves; None where there is no path."""
    return list(library.autograd.grad(results, leaves, upstream, create_graph=create, allow_unused=True))


def assert_gradients(
    actual: list[Any], expected: list[Any], loose: float, singles: list[Any] | None = None
) -> None:
    """Equal gradients; no gradient and a gradient of zeros are the same."""
    for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
        try:
            if a is not None and e is not None:
                assert_same(a, e, loose=loose, single=singles and singles[i])
            elif a is not None or e is not None:
                assert bool(((a if a is not None else e) == 0).all()), f"{a} where torch gives {e}"
        except AssertionError as error:
            raise AssertionError(f"gradient of tensor {i}: {error}") from None


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("name", [name for name in NAMES if name not in OPEN])
def test_gradients(name, dtype):
    """Gradients in three dtypes; double gradients in double precision."""
    function, torch_function = mine(name), reference(name)
    layouts = LAYOUTS if dtype == "float64" else ("contiguous",)
    loose = 8 * looseness(name, dtype if dtype in HALVES else "float32")
    loose *= LOOSE_GRADIENTS.get(name, 1.0) if dtype == "float64" else 1.0
    with collected() as failures:
        for one in cases(name, dtype, layouts, requires_grad=True):
            args, kwargs = one.torch
            expected, refused = outcome(partial(torch_function, *args, **kwargs))
            tracked = [i for i, result in enumerate(flat(expected)) if result.requires_grad]
            if refused is not None or not tracked:
                continue
            with failures(one.what):
                results = flat(function(*one.ours[0], **one.ours[1]))
                assert all(results[i].requires_grad for i in tracked), "no gradient is recorded"
                outputs, references = [results[i] for i in tracked], [flat(expected)[i] for i in tracked]
                if dtype in HALVES:
                    assert_first_order(torch_function, one, tracked, outputs, references, loose)
                else:
                    assert_all_orders(outputs, references, one.leaves, loose, dtype == "float64")


def assert_first_order(
    torch_function: Any, one: Any, tracked: list[int], results: list[Any], expected: list[Any], loose: float
) -> None:
    """First derivatives in half precision: torch's, or what torch has in single precision."""
    leaves = [leaf[1] for leaf in one.leaves]
    wide = {id(leaf): in_single(leaf) for leaf in leaves}

    def widened(argument: Any) -> Any:
        if isinstance(argument, (list, tuple)):
            return type(argument)(widened(part) for part in argument)
        return wide.get(id(argument), argument)

    upstream = weights(expected)
    theirs_, missing = outcome(lambda: gradients(torch, expected, leaves, upstream, False))
    if missing is not None:
        return
    args, kwargs = one.torch
    again = outcome(lambda: torch_function(*widened(args), **{k: widened(v) for k, v in kwargs.items()}))[0]
    outputs = [flat(again)[i] for i in tracked] if again is not None else []
    upstream_again = [u.to(o.dtype) for u, o in zip(upstream, outputs, strict=False)]
    singles, _ = outcome(lambda: gradients(torch, outputs, list(wide.values()), upstream_again, False))
    firsts = gradients(st, results, [leaf[0] for leaf in one.leaves], as_ours(upstream), False)
    assert_gradients(firsts, theirs_, loose, singles)


def assert_all_orders(
    results: list[Any], expected: list[Any], leaves: list[Any], loose: float, double: bool
) -> None:
    """First and, if asked and if torch has them, second derivatives."""
    my_leaves, their_leaves = ([leaf[side] for leaf in leaves] for side in (0, 1))
    upstream = weights(expected)
    theirs_, missing = outcome(lambda: gradients(torch, expected, their_leaves, upstream, double))
    if missing is not None:
        return
    firsts = gradients(st, results, my_leaves, as_ours(upstream), double)
    assert_gradients(firsts, theirs_, loose)
    chosen = [i for i, g in enumerate(theirs_) if g is not None and g.requires_grad]
    if not double or not chosen:
        return
    upstream = weights([theirs_[i] for i in chosen])
    seconds_, missing = outcome(
        lambda: gradients(torch, [theirs_[i] for i in chosen], their_leaves, upstream, False)
    )
    if missing is not None:
        return
    kept = [k for k, i in enumerate(chosen) if firsts[i] is not None and firsts[i].requires_grad]
    if not kept:
        assert all(s is None or not bool(s.any()) for s in seconds_), "the gradient has no gradient"
        return
    seconds = gradients(
        st, [firsts[chosen[k]] for k in kept], my_leaves, as_ours([upstream[k] for k in kept]), False
    )
    assert_gradients(seconds, seconds_, 8 * loose)


FLOAT_EDGES = [float("nan"), float("inf"), float("-inf"), -0.0, 0.0, 1.0, -1.0, 0.5, -2.0, 3.5, 1e3, -1e3]
# Undefined in torch (C's behaviour of the machine): pairs of integers that stop the process or wrap at random.
DIVISIONS = {"floor_divide", "remainder", "fmod", "div", "true_divide", "trunc_divide"}
# Where the quotient overflows, torch's vectors give NaN; the rest itself is well defined.
RESTS = {"fmod", "remainder"}
# Torch adds to integers what overflows them.
OVERFLOWING = {"softsign"}
# Torch's own error is of the size of the operands, not of the result.
CANCELLING = {"logaddexp2"}
# The sign of NaN is no value.
SIGNS = {"signbit", "copysign"}
# Methods whose operands stand in another order than the function's.
SWAPPED = {"where"}
# Where torch's result at an edge is not a rule but an accident of its kernel.
UNRULED = {
    "gcd": "abs(min) overflows",
    "lcm": "abs(min) overflows",
    "bitwise_left_shift": "C leaves shifts out of range open",
    "bitwise_right_shift": "C leaves shifts out of range open",
    "rrelu": "random",
    "ldexp": "torch computes 2**x, which overflows before the product does",
    "nextafter": "compared by its own samples",
    "digamma": "at the poles",
    "logit": "outside of (0, 1)",
    "polygamma": "at the poles",
    "special_modified_bessel_k1": "half a denormal number is zero",
    "special_scaled_modified_bessel_k1": "half a denormal number is zero",
    **dict.fromkeys(SHORT_CONSTANTS, "large arguments are reduced in their own precision"),
}


def edges(dtype: str) -> torch.Tensor:
    """The values of a dtype where operators go wrong."""
    kind = getattr(torch, dtype)
    if dtype == "bool":
        return torch.tensor([False, True])
    if dtype in INTEGERS:
        info = torch.iinfo(kind)
        return torch.tensor([info.min, info.min + 1, 0, 1, 2, 3, info.max - 1, info.max], dtype=kind)
    info = torch.finfo(kind)
    small = [info.tiny, -info.tiny, info.tiny / 4, info.smallest_normal * info.eps, info.eps]
    return torch.cat(
        [
            torch.tensor(FLOAT_EDGES, dtype=kind),
            torch.tensor([*small, info.max, info.min], dtype=torch.float64).to(kind),
        ]
    )


def grid(dtype: str, count: int) -> list[torch.Tensor]:
    """Every combination of the edges for so many operands."""
    values = edges(dtype)
    places = torch.tensor(list(itertools.product(range(len(values)), repeat=count)))
    return [values[places[:, i]] for i in range(count)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [name for name in POINTWISE if name not in UNRULED])
def test_extremes(name, dtype):
    """NaN, infinities, zeros of both signs, denormals, the ends of the range; each with each."""
    kinds = required(name)
    if name in SAMPLES and name not in ("add", "sub", "mul", "div", "pow", "gelu", "clamp"):
        pytest.skip("its operands are not all free")
    operands = grid(dtype, sum(kind in ("Tensor", "Operand") for kind in kinds))
    if name in DIVISIONS and dtype in INTEGERS:
        # Zero and, for the smallest integer, -1 as divisor stop torch.
        fine = (operands[1] != 0) & (operands[1].double() != -1)
        operands = [operand[fine] for operand in operands]
    if name in RESTS and dtype in FLOATS:
        a, b = operands
        fine = (a / b).isfinite() | ~a.isfinite() | (b == 0)
        operands = [operand[fine] for operand in operands]
    if name in OVERFLOWING and dtype in INTEGERS:
        pytest.skip("torch computes in integers")
    if name in SIGNS:
        fine = ~operands[-1].isnan()
        operands = [operand[fine] for operand in operands]
    expected, refused = outcome(lambda: reference(name)(*operands))
    if refused is not None:
        return
    actual = mine(name)(*map(ours, operands))
    assert name_of(actual.dtype) == name_of(expected.dtype)
    try:
        # A denormal is compared to its own size: the absolute tolerance is the smallest normal number.
        relative, _ = tolerance(name_of(expected.dtype), looseness(name))
        smallest = torch.finfo(expected.dtype).tiny if expected.is_floating_point() else 0.0
        if name in CANCELLING:
            smallest = torch.finfo(expected.dtype).eps
        single = outcome(lambda: reference(name)(*map(in_single, operands)))[0]
        assert_close(theirs(actual), expected, relative, smallest, single)
    except AssertionError as error:
        place = int(str(error).partition("first at (")[2].partition(",")[0])
        raise AssertionError(f"{name}{tuple(o[place].item() for o in operands)}: {error}") from None


def zeros_may_be_told_apart(device):
    if device.startswith("cuda"):
        pytest.skip("for NVIDIA's maximum and minimum 0 is above -0, as for torch's on GPUs")


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    "name",
    "relu relu6 elu selu celu leaky_relu hardtanh hardshrink softsign silu gelu hardswish tanhshrink".split(),
)
def test_zero_keeps_its_sign_where_torchs_does(name, dtype, device):
    zeros_may_be_told_apart(device)
    zeros = torch.tensor([-0.0, 0.0] * 20).to(getattr(torch, dtype))
    actual = getattr(st.nn.functional, name)(ours(zeros))
    assert_same(actual, getattr(torch.nn.functional, name)(zeros), exact=True)


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_bound_of_zero_keeps_the_sign_of_zero(dtype, device):
    zeros_may_be_told_apart(device)
    zeros = torch.tensor([-0.0, 0.0] * 20).to(getattr(torch, dtype))
    x, reference = pair(zeros)
    with collected() as failures:
        for low, high in ((0.0, 1.0), (-1.0, 0.0), (0.0, None), (None, 0.0)):
            with failures(f"clamp {low} {high}"):
                assert_same(x.clamp(low, high), reference.clamp(low, high), exact=True)
        with failures("hardtanh"):
            expected = torch.nn.functional.hardtanh(reference, 0.0, 1.0)
            assert_same(st.nn.functional.hardtanh(x, 0.0, 1.0), expected, exact=True)


@pytest.mark.parametrize("name", [name for name in POINTWISE if name not in OPEN and name not in SAMPLES])
def test_gradients_at_corners(name):
    """Where an operator has a corner or a jump, the gradient is torch's choice."""
    corners = torch.tensor(
        [-6.0, -3.0, -2.5, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 1.5, 3.0, 6.0, 20.0, -20.0]
    ).double()
    count = sum(kind in ("Tensor", "Operand") for kind in required(name))
    places = torch.tensor(list(itertools.product(range(len(corners)), repeat=count)))
    leaves = [pair(corners[places[:, i]], requires_grad=True) for i in range(count)]
    expected, refused = outcome(lambda: reference(name)(*(leaf[1] for leaf in leaves)))
    if refused is not None or not expected.requires_grad:
        return
    upstream = torch.ones_like(expected)
    reference_gradients, missing = outcome(
        lambda: gradients(torch, [expected], [leaf[1] for leaf in leaves], [upstream], False)
    )
    if missing is None:
        actual = mine(name)(*(leaf[0] for leaf in leaves))
        mine_ = gradients(st, [actual], [leaf[0] for leaf in leaves], [ours(upstream)], False)
        assert_gradients(mine_, reference_gradients, 64.0 * LOOSE_GRADIENTS.get(name, 1.0))


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in OPEN and {"method", "inplace", "out"} & forms(name)]
)
def test_forms(name):
    """The method, the in-place method and `out=` give what the function gives."""
    function, where = mine(name), forms(name)
    with collected() as failures:
        for dtype in ("float32", "int64"):
            for one in cases(name, dtype, ("contiguous", "strided")):
                args, kwargs = one.ours
                expected, refused = outcome(partial(computed, function, *args, **kwargs))
                if refused is not None or not args:
                    continue
                if "method" in where and name not in SWAPPED and isinstance(args[0], st.Tensor):
                    with failures(f"method {dtype} {one.what}"):
                        assert_same(getattr(args[0], name)(*args[1:], **kwargs), expected, exact=True)
                if "out" in where and isinstance(expected, torch.Tensor) and takes_out(name, one, expected):
                    with failures(f"out= {dtype} {one.what}"):
                        out = st.empty(tuple(expected.shape), dtype=getattr(st, name_of(expected.dtype)))
                        given = function(*args, **kwargs, out=out)
                        assert given is out, "out= gives another tensor"
                        assert_same(out, expected, exact=True)
                if "inplace" in where and hasattr(torch.Tensor, name + "_"):
                    with failures(f"in place {dtype} {one.what}"):
                        assert_in_place(name, one)


def takes_out(name: str, one: Any, expected: torch.Tensor) -> bool:
    """Whether torch has `out=` for these arguments."""
    args, kwargs = one.torch
    out = torch.empty_like(expected)
    return outcome(lambda: reference(name)(*args, **kwargs, out=out))[1] is None


def computed(function: Any, *args: Any, **kwargs: Any) -> Any:
    """What a function of ours gives, as torch's."""
    return theirs_of(function(*args, **kwargs))


def theirs_of(result: Any) -> Any:
    """Our results as torch's, so that they stay when the operands change."""
    if isinstance(result, (tuple, list)):
        return [theirs_of(part) for part in result]
    return theirs(result) if isinstance(result, st.Tensor) else result


def assert_in_place(name: str, one: Any) -> None:
    """`x.name_()` does what torch's does: the value, the same object, or the same refusal."""
    (self, *args), kwargs = one.ours
    (their_self, *their_args), their_kwargs = one.torch
    if not isinstance(their_self, torch.Tensor):
        return
    expected, refused = outcome(lambda: getattr(their_self, name + "_")(*their_args, **their_kwargs))
    actual, error = outcome(lambda: getattr(self, name + "_")(*args, **kwargs))
    if refused is not None:
        assert error is not None or goes_on(refused), f"torch raises {refused}"
        return
    assert error is None, repr(error)
    assert actual is self, "gives another tensor"
    assert_same(actual, expected, loose=looseness(name))


@pytest.mark.parametrize("dtype", FLOATS)
def test_nothing_is_lost_in_a_round_trip(dtype):
    """The tests' own bridge: what goes through it comes back bit for bit."""
    values = edges(dtype)
    assert_close(theirs(ours(values)), values, 0.0, 0.0)
