"""Special functions against exact values, where torch's own have fewer digits; and what torch refuses."""

import pytest
import torch
from mpmath import mp, mpf  # type: ignore[import-untyped]
from reference import ours, theirs

import spiraltorch_rs as st

EXACT = {
    "bessel_j0": lambda x: mp.besselj(0, x),
    "bessel_j1": lambda x: mp.besselj(1, x),
    "bessel_y0": lambda x: mp.bessely(0, x),
    "bessel_y1": lambda x: mp.bessely(1, x),
    "airy_ai": mp.airyai,
    "modified_bessel_i0": lambda x: mp.besseli(0, x),
    "modified_bessel_i1": lambda x: mp.besseli(1, x),
    "modified_bessel_k0": lambda x: mp.besselk(0, x),
    "modified_bessel_k1": lambda x: mp.besselk(1, x),
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    # On either side of zero, of the tail: what is next to one has no digits left for it.
    "log_ndtr": lambda x: (
        mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2) if x > 0 else mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", EXACT)
def test_values_are_exact(name, dtype):
    """To a few last places; where functions cross zero, of what they are made of."""
    points = torch.linspace(0.05, 25, 113, dtype=torch.float64).to(getattr(torch, dtype))
    if name in ("airy_ai", "log_ndtr"):
        points = torch.cat([points, -points])
    actual = theirs(getattr(st.special, name)(ours(points))).double()
    with mp.workdps(60):
        expected = torch.tensor([float(EXACT[name](mpf(x.item()))) for x in points], dtype=torch.float64)
    eps = torch.finfo(points.dtype).eps
    near_zero = 0.3 * eps * 8 if "bessel" in name or "airy" in name else 0.0
    # Rounded arguments are off by half a last place, which exponentials and waves see as a part of themselves.
    power = 2 if name == "log_ndtr" else 1
    allowed = eps * (8 + 2 * points.abs() ** power) * expected.abs() + near_zero * (1 + points.abs())
    # Below the smallest normal number places are of one size.
    allowed += eps * torch.finfo(points.dtype).smallest_normal
    wrong = (actual - expected).abs() > allowed
    assert not wrong.any(), [
        (points[i].item(), actual[i].item(), expected[i].item()) for i in wrong.nonzero().flatten()[:3]
    ]


@pytest.mark.parametrize("a", [1e-10, 0.3, 1.0, 7.5, 25.0, 310.0, 2e5, 3e6])
def test_incomplete_gammas_are_exact(a):
    for ratio in (0.2, 0.9, 0.999, 1.0, 1.001, 1.1, 2.5):
        x = a * ratio
        with mp.workdps(40):
            upper = mp.gammainc(mpf(a), mpf(x), mp.inf, regularized=True)
            expected = [float(1 - upper), float(upper)]
        pair = st.tensor([a], dtype=st.float64), st.tensor([x], dtype=st.float64)
        actual = [st.special.gammainc(*pair).item(), st.special.gammaincc(*pair).item()]
        for got, exact in zip(actual, expected, strict=True):
            assert abs(got - exact) <= 1e-12 * max(exact, 0.1) or exact < 1e-12


def test_what_has_no_derivative_says_so():
    a = st.tensor([1.0, 2.0], requires_grad=True)
    x = st.tensor([1.5, 2.5], requires_grad=True)
    for function in (st.special.gammainc, st.special.gammaincc, st.special.zeta):
        with pytest.raises(RuntimeError, match=r"the derivative for '.*' is not implemented"):
            function(a + 1, x).sum().backward()
    st.special.gammainc(a.detach(), x).sum().backward()
    assert x.grad is not None
    assert not st.special.legendre_polynomial_p(x, 3).requires_grad


def test_quantiles_of_the_normal_distribution_meet_its_distribution():
    x = torch.linspace(-37, 8, 181, dtype=torch.float64)
    again = theirs(st.special.ndtri(st.special.ndtr(ours(x))))
    # Above, the distribution function is so close to one that it has lost the digits.
    assert torch.allclose(again[x < 0], x[x < 0], rtol=1e-13)
    assert torch.allclose(again[x < 5], x[x < 5], rtol=1e-9, atol=1e-9)


def test_mvlgamma_refuses_matrices_without_size():
    with pytest.raises(RuntimeError):
        st.mvlgamma(st.ones(2), 0)
