"""Infinities, NaN, ties and the ends of integers: torch's results and refusals, expression by expression."""

from typing import Any

import numpy as np
import pytest
import torch
from reference import assert_same_outcome, outcome

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("dtypes that GPUs lack, and torch's way of doing it on the CPU")

INFINITE = "t([complex(inf, 1), complex(1, inf), complex(inf, nan), complex(-inf, -inf), 2j, 0j])"
LARGE = "t([2**63 + 5, 3, 2**64 - 1, 0], dtype=torch.uint64)"
SPANS = "t([[1.0, inf, 2], [-inf, inf, 1], [1, 2, 3]])"
PARTS = "t([1.0, nan, 2, 3, nan, nan, 4])"
BAGS = "t([[1.0, nan], [2, 1], [nan, 3]])"
ALONE = "include_self=False"
BINS = "[0.1 * i for i in range(100)]"
ENDS = "torch.iinfo(torch.{0}).min, torch.iinfo(torch.{0}).max"
LINES = "torch.ones(1, 1, 4, 4)"
LAST = "torch.ones(2, 3, 4).index_put((t(1), t(2), t(3)), t(inf))"
START = "lengths=t([2, 0, 2]), initial=1"

COMPLEX = {
    "sums": f"{INFINITE} + t([complex(1, inf), complex(inf, 1), 1, 2, 1j, 0])",
    "differences": f"t([1 + 1j, 2, 3, 4, 5, 6]) - {INFINITE}",
    "multiples": f"torch.add({INFINITE}, {INFINITE}, alpha=2)",
    "a number": f"{INFINITE} + 1",
    "subtracted": f"torch.rsub({INFINITE}, 2j)",
    "to zero": f"{INFINITE} ** t([0, 0, 0, 0, 0, 0j])",
    "zero to": "0j ** t([1, 2 + 1j, 0j, -1, 2.5])",
    "on the way": "torch.lerp(t([complex(inf, 1), 1j, 0]), t([1j, 1j, 2]), 0.5)",
    "little of the way": "torch.lerp(t([complex(inf, 1), 1j, 0]), t([1j, 1j, 2]), 0.2)",
    **{
        f"running logarithm {i}": f"torch.logcumsumexp(t({values}, dtype=torch.complex128), 0)"
        for i, values in enumerate(
            (
                "[complex(-inf, 4), complex(-inf, 1), 1.2 + 2.1j, 30 + 2j, complex(inf, 0), 1, complex(inf, 1)]",
                "[complex(inf, 1), complex(inf, 2), 1, complex(inf, 3)]",
                "[complex(inf, 1), 1 + 1j, complex(-inf, 2)]",
                "[complex(-inf, nan), 1 + 1j]",
                "[1 + 1j, complex(1, nan), 2]",
                "[complex(inf, inf), 1]",
                "[-500 + 1j, -30 + 3j, 2j, 0.1 - 2j, 1e-20 + 3j]",
                "[3 + 1j, 100 + 2j, 700 + 4j, 700 + 1j, -5]",
                "[0, complex(0, 3.141592653589793), 1]",
            )
        )
    },
    **{
        f"slope of {radius} in a direction": f"slope(lambda r: torch.view_as_real(torch.polar(r, r + 1)), t({radius}))"
        for radius in (0.0, -0.0, -1.5, 2.0)
    },
    "real part": "(lambda z: (torch.asarray(z, dtype=torch.float32).add_(1), z)[1])(t([1j, 2]))",
    **{
        f"powers of {power}": f"{INFINITE} ** {power}"
        for power in ("2", "3", "-1", "-2", "0.5", "(1 + 1j)", "t([1 + 1j, 2, -1, 0, 1j, 2 - 1j])")
    },
    "powers of zero and two": f"torch.stack([torch.pow(0, {INFINITE}), torch.pow(2, {INFINITE})])",
    "logarithms of sums": f"torch.logaddexp({INFINITE}, {INFINITE}.flip(0))",
    "logarithms of like sums": f"torch.logaddexp({INFINITE}, {INFINITE})",
    **{
        f"{name} of multiples in {dtype}": (
            f"torch.{name}(*(t([x] * 64, dtype=torch.{dtype}) for x in {terms}), alpha=0.333)"
        )
        for name, terms in (
            ("add", "(-333.0, 1000.0)"),
            ("sub", "(333.0, 1000.0)"),
            ("rsub", "(1000.0, 333.0)"),
        )
        for dtype in ("float16", "bfloat16")
    },
    "a quotient by nothing": "torch.addcdiv(t([1 + 1j, 2]), t([1 - 1j, 1j]), t([0, 1]))",
    "a sum from the right": "1j + t([complex(inf, 2), complex(1, -inf)])",
    "a number and a vector": "torch.inner(t(2.0), t([1j, 2 + 1j]))",
    "real part as it was": "(lambda z, x: (x.fill_(7), z)[1])(*(lambda z: (z, z.float()))(t([1 + 2j, 3])))",
    "real part of another": "(lambda z, x: (x.fill_(7), z)[1])(*(lambda z: (z, z.type_as(t(1.0))))(t([1 + 2j, 3])))",
    "sigmoid": "t([complex(r, i) for r in (1e3, -1e3, 9, inf, -inf, 0) for i in (0, 1, 1e3, inf, nan)]).sigmoid()",
}
STATISTICS = {
    "variance": f"torch.var_mean({SPANS}, 0)",
    "deviation": f"torch.std_mean({SPANS}, 1)",
    "of all": f"torch.var_mean({SPANS})",
    **{
        f"mean of {row}": f"torch.var_mean(t({row}))"
        for row in ("[1.0, inf]", "[inf, 1]", "[inf, 1, inf]", "[1.0, 2, -inf]", "[1.0, nan, inf]")
    },
    "means of planes": f"torch.std_mean({LAST}, (0, 2), keepdim=True)",
    "slope of a mean": "slope(lambda x: torch.var_mean(x)[1], t([inf, 1.0]))",
    "of one": "torch.var_mean(t([[inf], [1.0]]), 1, correction=0)",
    **{
        f"bag of {bags}": f"F.embedding_bag(t({bags}), {BAGS}, {starts}, mode='max')"
        for bags, starts in (
            ("[0, 1, 2, 0]", "t([0, 2])"),
            ("[2, 1, 1, 2, 0]", "t([0, 3])"),
            ("[[0, 1], [2, 2]]", "None"),
        )
    },
    "slope of a bag": f"slope(lambda w: F.embedding_bag(t([2, 0, 1, 1, 2]), w, t([0, 2]), mode='max'), {BAGS})",
    **{
        f"{name} {how} without itself": (
            f"slope(lambda s: t([3.0, 1, 0, 5]).{name}(0, t([0, 0, 0, 1, 1, 2]), s, '{how}', {ALONE}), "
            "t([3.0, 3, 1, 1, 1, 0]))"
        )
        for name in ("scatter_reduce", "index_reduce")
        for how in ("amax", "amin")
    },
    **{
        f"{how} of a tie with itself": (
            f"slope(lambda x: x.scatter_reduce(0, t([0, 0, 1]), t([3.0, 3, 2]), '{how}', {ALONE}), t([3.0, 2, 1]))"
        )
        for how in ("amax", "amin")
    },
    "masked median": "torch.masked.median(t([[3.0, nan, 1], [nan, nan, 2]]), 1)",
    "scaled by powers": "torch.ldexp(t([1.0, -2, 0, inf, 1, 3]), t([inf, inf, inf, -inf, -inf, nan]))",
    "zeta": "torch.special.zeta(t([2.0, 1, 0.5, inf, inf, inf, 2]), t([1.0, 2, 3, 5, 1, 0.5, inf]))",
    **{f"polygamma {n}": f"torch.polygamma({n}, t([inf, nan, 1.0, 2.5]))" for n in (2, 3)},
    "many bins of bfloat16": "torch.histc(t([0.0, 5e-6, 1e-5, 1.2e-5], dtype=torch.bfloat16), 1000, 0, 1e-5)",
    "bins of bfloat16": f"torch.histc(t({BINS}, dtype=torch.bfloat16), 13, 0.1, 7.3)",
    "bins of float16": f"torch.histc(t({BINS}, dtype=torch.float16), 13, 0.1, 7.3)",
    "parts": f"torch.segment_reduce({PARTS}, 'max', lengths=t([2, 0, 5]), initial=1)",
    **{
        f"{how} of parts": f"slope(lambda x: torch.segment_reduce(x, '{how}', lengths=t([2, 2])), {PARTS}[:4])"
        for how in ("max", "min", "prod", "mean")
    },
    **{
        f"{how} from a start": f"slope(lambda x: torch.segment_reduce(x, '{how}', {START}), {at})"
        for how, at in (
            ("max", "t([1.0, 1, 3, nan])"),
            ("min", "t([1.0, 1, 0, 3])"),
            ("prod", "t([2.0, 3, 0, 1])"),
        )
    },
    **{
        f"distances of nothing by {p}": f"slope(lambda x: torch.cdist(x, torch.ones(2, 0), {p}), torch.ones(3, 0))"
        for p in ("1.0", "inf")
    },
    "NaN twice": f"slope(lambda x: torch.segment_reduce(x, 'min', lengths=t([2, 5])), {PARTS})",
    "ties of distances": "slope(lambda x: F.pdist(x, inf), t([[1.0, 2], [3, 4], [1, 2]]))",
    "ties beside others": "slope(lambda x: torch.cdist(x, t([[0.0, 1], [5, 6]]), inf), t([[1.0, 2], [3, 4]]))",
}
INTEGERS = {
    "relu": f"F.relu({LARGE})",
    "relu6": f"F.relu6({LARGE})",
    "hardtanh": f"F.hardtanh({LARGE})",
    "signbit": f"torch.signbit({LARGE})",
    "clamp": f"torch.clamp({LARGE}, max=4)",
    "clamp from": f"torch.clamp_min({LARGE}, 4)",
    "larger": f"torch.maximum({LARGE}, {LARGE}.flip(0))",
    "smaller": f"torch.minimum({LARGE}, {LARGE}.flip(0))",
    **{
        f"softsign of {dtype}": f"F.softsign(t([{ENDS.format(dtype)}, 3], dtype=torch.{dtype}))"
        for dtype in ("uint8", "int8", "int16", "int32", "int64")
    },
    **{f"nothing {how} zero": f"torch.zeros(0, dtype=torch.int64) {how} 0" for how in ("//", "%")},
    "no values": "(torch.ones(2, dtype=torch.int64, device='meta') // 0).shape[0]",
    "softsign of truth": "F.softsign(t([True, False]))",
    "whole factor": "torch.addcmul(t([1, 2]), t([1, 2]), t([1, 2]), value=1.5)",
    "all bytes": "torch.all(t([1, 0], dtype=torch.uint8), dim=0, out=torch.empty((), dtype=torch.bool))",
    "any byte": "torch.any(t([1, 0], dtype=torch.uint8), out=torch.empty((), dtype=torch.bool))",
}
PLACES = {
    "images of no batch": "F.conv2d(torch.zeros(0, 3, 8, 8) + 0j, torch.ones(4, 3, 3, 3) + 1j, torch.ones(4) + 0j)",
    "one truth": "t([1.0, 2]).index_put_((t(True),), t(5.0))",
    "one lie": "t([1.0, 2]).index_put_((t(False),), t(5.0))",
    "truth and places": "t([[1.0, 2], [3, 4]]).index_put_((t(True), t([0, 1])), t(5.0))",
    "lie and a place": "t([[1.0, 2], [3, 4]]).index_put_((t(False), t(1)), t([5.0, 6]))",
    "one size": f"F.interpolate(t([[[1.0, 2]]]), size=(4,)), F.interpolate({LINES}, size=3)",
    **{f"slice {bounds}": f"torch.arange(3)[{bounds}]" for bounds in (":2**70", "2**70:", "0:2**70:2")},
}
SAMPLES = {
    "ranges": "torch.vmap(lambda a, b: torch.linspace(a, b, 5))(t([0.0, 1, 2]), t([3.0, 3, -3]))",
    "powers": "torch.vmap(lambda a: torch.logspace(0, a, 5))(t([0.0, 1, 2]))",
    "medians": "torch.vmap(lambda a: torch.masked.median(a, 1, mask=a % 3 > 0))(torch.arange(24.0).view(2, 3, 4))",
}
RESULTS = {**COMPLEX, **STATISTICS, **INTEGERS, **PLACES, **SAMPLES}

QUOTIENTS = (
    "t([1, 2]) // {}",
    "t([1, 2]) % {}",
    "torch.fmod(t([1, 2]), {})",
    "torch.div(t([1, 2]), {}, rounding_mode='trunc')",
    "t([1, 2]).floor_divide_({})",
)
REFUSALS = [
    *(quotient.format(divisor) for quotient in QUOTIENTS for divisor in ("0", "t(0)", "t([0, 1])")),
    "5 // t([0, 1])",
    *(f"t([{number}, 1], dtype=torch.uint64)" for number in ("-1", "2**64", "-2**70")),
    "torch.ones(3)[2**70]",
    "torch.ones(3)[-2**70]",
    "torch.ones(3, 3)[0, 2**70]",
    "torch.add(t([1.0]), t([1.0]), alpha=1j)",
    "t([1j]) - True",
    *(f"torch.{name}(t([True]), t([1j]))" for name in ("sub", "rsub", "dist")),
    *(f"torch.{name}(t([1j]), t([1.0]))" for name in ("maximum", "minimum", "fmax", "fmin", "max")),
    *(f"torch.{name}(t([1j]), 0)" for name in ("max", "min", "argmax", "sort", "cummax", "median")),
    "torch.topk(t([1j]), 1)",
    *(
        f"F.one_hot({args})"
        for args in ("t([3, 1, 0]), -2", "t([3, 1]), 0", "t([3, 1]), 2", "torch.arange(0), 0")
    ),
    "torch.max(t([1j]))",
    "torch.argsort(t([1j]))",
    f"F.interpolate({LINES}, size=(3,))",
    f"F.interpolate({LINES}, [3])",
    f"F.interpolate({LINES}, scale_factor=(2.0,))",
    f"F.interpolate({LINES}, size=(3,), mode='bilinear')",
    f"F.fractional_max_pool2d({LINES}, (2,), output_size=2)",
    f"F.fractional_max_pool2d({LINES}, 2, output_size=(2,))",
    f"F.fractional_max_pool2d({LINES}, 2, output_ratio=(0.5,))",
    "F.fractional_max_pool3d(torch.ones(1, 1, 4, 4, 4), (2,), output_size=2)",
]

TIES = {
    "whole": "t([[2, 1, 1, 2, 1, 2, 0, 2], [3, 3, 3, 3, 3, 3, 3, 3]])",
    "floats": "t([[5.0, 5, 5, 1, 1, 1, 2, 2, 2, 9, 9], [nan, 1, nan, 2, 1, nan, 0, 0, 1, 2, 2]])",
    "many": "(torch.arange(120) * 7 % 5).view(4, 30)",
}


def evaluated(code: str, library: Any) -> Any:
    """What an expression gives; complex numbers as pairs."""

    def slope(function: Any, at: Any) -> Any:
        at.requires_grad_()
        function(at).sum().backward()
        return at.grad

    names = {"torch": library, "F": library.nn.functional, "t": library.tensor, "slope": slope}
    found = eval(code, {**names, "inf": np.inf, "nan": np.nan})
    pairs = isinstance(found, library.Tensor) and found.is_complex()
    return library.view_as_real(found) if pairs else found


@pytest.mark.parametrize("case", RESULTS)
def test_a_result(case: str) -> None:
    assert_same_outcome(lambda: evaluated(RESULTS[case], st), lambda: evaluated(RESULTS[case], torch))


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_at_the_call(code: str) -> None:
    _, mine = outcome(lambda: evaluated(code, st))
    _, theirs = outcome(lambda: evaluated(code, torch))
    assert theirs is not None
    assert type(mine) is type(theirs)


@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("values", TIES)
def test_which_of_equal_elements_is_the_kth(values: str, dim: int) -> None:
    for k in range(1, evaluated(TIES[values], torch).shape[dim] + 1):
        code = f"torch.kthvalue({TIES[values]}, {k}, {dim})"
        mine, theirs = (evaluated(code, library) for library in (st, torch))
        assert mine.indices.tolist() == theirs.indices.tolist()
        assert str(mine.values.tolist()) == str(theirs.values.tolist())
