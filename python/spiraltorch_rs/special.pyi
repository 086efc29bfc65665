"""Special functions of mathematics."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from collections.abc import Sequence
from typing import overload

from spiraltorch_rs._C import (
    Number,
    Tensor,
    _dtype,
)

def airy_ai(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Airy function."""

def bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the first kind of order 0."""

def bessel_j1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the first kind of order 1."""

def bessel_y0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the second kind of order 0."""

def bessel_y1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the second kind of order 1."""

@overload
def chebyshev_polynomial_t(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the first kind."""

@overload
def chebyshev_polynomial_t(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the first kind, at a number."""

@overload
def chebyshev_polynomial_u(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the second kind."""

@overload
def chebyshev_polynomial_u(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the second kind, at a number."""

@overload
def chebyshev_polynomial_v(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the third kind."""

@overload
def chebyshev_polynomial_v(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the third kind, at a number."""

@overload
def chebyshev_polynomial_w(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the fourth kind."""

@overload
def chebyshev_polynomial_w(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the fourth kind, at a number."""

def digamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The derivative of `lgamma`."""

def entr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """-x * log(x); 0 at zero, minus infinity below."""

def erf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The error function."""

def erfc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 - erf(x), exact far from zero."""

def erfcx(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`exp(x * x) * erfc(x)`, without overflow or underflow."""

def erfinv(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of the error function."""

def exp2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """2 to the power x."""

def expit(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / (1 + exp(-x))."""

def expm1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exp(x) - 1, exact near zero."""

def gammainc(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The regularised lower incomplete gamma function of `input`, up to `other`."""

def gammaincc(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The regularised upper incomplete gamma function of `input`, from `other` on."""

def gammaln(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of |gamma(x)|."""

@overload
def hermite_polynomial_h(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Hermite's polynomials, as physicists have them."""

@overload
def hermite_polynomial_h(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Hermite's polynomials, as physicists have them, at a number."""

@overload
def hermite_polynomial_he(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Hermite's polynomials, as statisticians have them."""

@overload
def hermite_polynomial_he(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Hermite's polynomials, as statisticians have them, at a number."""

def i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 0."""

def i0e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`i0(x) * exp(-|x|)`."""

def i1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 1."""

def i1e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`i1(x) * exp(-|x|)`."""

@overload
def laguerre_polynomial_l(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Laguerre's polynomials."""

@overload
def laguerre_polynomial_l(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Laguerre's polynomials, at a number."""

@overload
def legendre_polynomial_p(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Legendre's polynomials."""

@overload
def legendre_polynomial_p(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Legendre's polynomials, at a number."""

def log1p(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """log(1 + x), exact near zero."""

def log_ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of `ndtr`, exact far below zero."""

def log_softmax(
    input: Tensor, dim: _int, dtype: _dtype | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The logarithm of `softmax`."""

@overload
def logit(input: Tensor, eps: _float | None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `sigmoid`, of `input` clamped to [eps, 1 - eps]."""

@overload
def logit(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `sigmoid`: log(x / (1 - x))."""

def logsumexp(
    input: Tensor, dim: _int | Sequence[_int], keepdim: _bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The logarithm of the sum of exponentials."""

def modified_bessel_i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 0."""

def modified_bessel_i1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 1."""

def modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 0."""

def modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 1."""

def multigammaln(input: Tensor, p: _int, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the gamma function of matrices of size `p`."""

def ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The distribution function of the normal distribution."""

def ndtri(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of `ndtr`."""

def polygamma(n: _int, input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The n-th derivative of `digamma`."""

def psi(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The derivative of `lgamma`."""

@overload
def round(input: Tensor, *, decimals: _int, out: Tensor | None = None) -> Tensor:
    """Rounds to so many decimals; to tens, hundreds .. if they are negative."""

@overload
def round(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounds to the nearest integer, halves to the even one."""

def scaled_modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`modified_bessel_k0(x) * exp(x)`."""

def scaled_modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """`modified_bessel_k1(x) * exp(x)`."""

@overload
def shifted_chebyshev_polynomial_t(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the first kind, of 2 x - 1."""

@overload
def shifted_chebyshev_polynomial_t(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the first kind, of 2 x - 1, at a number."""

@overload
def shifted_chebyshev_polynomial_u(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the second kind, of 2 x - 1."""

@overload
def shifted_chebyshev_polynomial_u(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the second kind, of 2 x - 1, at a number."""

@overload
def shifted_chebyshev_polynomial_v(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the third kind, of 2 x - 1."""

@overload
def shifted_chebyshev_polynomial_v(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the third kind, of 2 x - 1, at a number."""

@overload
def shifted_chebyshev_polynomial_w(input: Tensor, n: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the fourth kind, of 2 x - 1."""

@overload
def shifted_chebyshev_polynomial_w(input: Number, n: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Chebyshev's polynomials of the fourth kind, of 2 x - 1, at a number."""

def sinc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """sin(pi x) / (pi x), 1 at zero."""

def softmax(input: Tensor, dim: _int, dtype: _dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """exp(x) over its sum along a dimension."""

def spherical_bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """sin(x) / x."""

@overload
def xlog1py(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x * log1p(y); 0 where x is, even if the logarithm is not a number."""

@overload
def xlog1py(input: Number, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """x * log1p(y) of a number x."""

@overload
def xlogy(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """x * log(y); 0 where x is, even if the logarithm is not a number."""

@overload
def xlogy(input: Number, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """x * log(y) of a number x."""

@overload
def zeta(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """The sum of (other + k)^-input over all k from 0 on: Hurwitz's zeta function."""

@overload
def zeta(input: Number, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Hurwitz's zeta function of a number."""
