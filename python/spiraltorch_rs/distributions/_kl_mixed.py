"""Divergences between families: the entropy of the one, and what the other's logarithm is on average."""

from __future__ import annotations

import math

from spiraltorch_rs import _C
from spiraltorch_rs.distributions.bernoulli import Bernoulli
from spiraltorch_rs.distributions.beta import Beta
from spiraltorch_rs.distributions.binomial import Binomial
from spiraltorch_rs.distributions.continuous_bernoulli import ContinuousBernoulli
from spiraltorch_rs.distributions.exponential import Exponential
from spiraltorch_rs.distributions.gamma import Gamma
from spiraltorch_rs.distributions.gumbel import Gumbel
from spiraltorch_rs.distributions.kl import register_kl
from spiraltorch_rs.distributions.laplace import Laplace
from spiraltorch_rs.distributions.normal import Normal
from spiraltorch_rs.distributions.pareto import Pareto
from spiraltorch_rs.distributions.poisson import Poisson
from spiraltorch_rs.distributions.uniform import Uniform
from spiraltorch_rs.distributions.utils import euler_constant

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ROOT = math.log(2 * math.pi) / 2


def _infinite(p: Any, q: Any) -> Any:
    """Where p has what q excludes."""
    like = next(iter(p.__dict__[name] for name in p.arg_constraints if name in p.__dict__), p.mean)
    return _C.full_like(like, math.inf)


_EXCLUDED = {
    Beta: (Pareto,),
    ContinuousBernoulli: (Pareto,),
    Exponential: (Beta, ContinuousBernoulli, Pareto, Uniform),
    Gamma: (Beta, ContinuousBernoulli, Pareto, Uniform),
    Gumbel: (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform),
    Laplace: (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform),
    Normal: (Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform),
    Pareto: (Beta, ContinuousBernoulli, Uniform),
    Poisson: (Bernoulli, Binomial),
}
for _p, _qs in _EXCLUDED.items():
    for _q in _qs:
        register_kl(_p, _q)(_infinite)


def _to_normal(p: Any, q: Any) -> Any:
    """To a normal distribution: mean and variance are enough."""
    distance = (p.variance + (p.mean - q.loc).square()) / q.scale.square()
    return -p.entropy() + _ROOT + q.scale.log() + 0.5 * distance


for _p in (Beta, ContinuousBernoulli, Exponential, Gamma, Gumbel, Laplace, Pareto, Uniform):
    register_kl(_p, Normal)(_to_normal)


def _inside(p: Any, q: Any, low: Any, high: Any, found: Any) -> Any:
    """Infinite unless all of p lies between q's ends."""
    return _C.where((q.high < high) | (q.low > low), math.inf, found)


def _support_below(p: Any, found: Any) -> Any:
    """Infinite where a uniform distribution reaches below zero."""
    return _C.where(p.low < 0, math.inf, found)


@register_kl(Bernoulli, Poisson)
def _bernoulli_poisson(p: Any, q: Any) -> Any:
    return -p.entropy() - (p.probs * q.rate.log() - q.rate)


@register_kl(Beta, ContinuousBernoulli)
def _beta_continuous_bernoulli(p: Any, q: Any) -> Any:
    return -p.entropy() - p.mean * q.logits - _C.log1p(-q.probs) - q._cont_bern_log_norm()


def _to_exponential(p: Any, q: Any) -> Any:
    return -p.entropy() - q.rate.log() + q.rate * p.mean


for _p in (Beta, ContinuousBernoulli, Gamma):
    register_kl(_p, Exponential)(_to_exponential)


@register_kl(Pareto, Exponential)
def _pareto_exponential(p: Any, q: Any) -> Any:
    return _C.where(p.alpha <= 1, math.inf, _to_exponential(p, q))


@register_kl(Uniform, Exponential)
def _uniform_exponential(p: Any, q: Any) -> Any:
    return _support_below(p, _to_exponential(p, q))


def _to_gamma(p: Any, q: Any, mean_log: Any) -> Any:
    """To a gamma distribution: the means of x and of log x."""
    normalizer = q.concentration.lgamma() - q.concentration * q.rate.log()
    return -p.entropy() + normalizer - (q.concentration - 1) * mean_log + q.rate * p.mean


@register_kl(Beta, Gamma)
def _beta_gamma(p: Any, q: Any) -> Any:
    total = p.concentration1 + p.concentration0
    return _to_gamma(p, q, p.concentration1.digamma() - total.digamma())


@register_kl(Exponential, Gamma)
def _exponential_gamma(p: Any, q: Any) -> Any:
    return _to_gamma(p, q, -euler_constant - p.rate.log())


@register_kl(Pareto, Gamma)
def _pareto_gamma(p: Any, q: Any) -> Any:
    return _C.where(p.alpha <= 1, math.inf, _to_gamma(p, q, p.scale.log() + p.alpha.reciprocal()))


def _mean_log(p: Any) -> Any:
    """The mean of log x over an interval."""
    return (_C.xlogy(p.high, p.high) - _C.xlogy(p.low, p.low)) / (p.high - p.low) - 1


@register_kl(Uniform, Gamma)
def _uniform_gamma(p: Any, q: Any) -> Any:
    return _support_below(p, _to_gamma(p, q, _mean_log(p)))


@register_kl(Beta, Uniform)
def _beta_uniform(p: Any, q: Any) -> Any:
    return _inside(p, q, 0.0, 1.0, -p.entropy() + (q.high - q.low).log())


@register_kl(ContinuousBernoulli, Uniform)
def _continuous_bernoulli_uniform(p: Any, q: Any) -> Any:
    found = -p.entropy() + (q.high - q.low).log()
    return _C.where((q.high <= 1) | (q.low >= 0), math.inf, found)


def _to_gumbel(p: Any, q: Any, mean_exp: Any) -> Any:
    """To a Gumbel distribution: the means of x and of exp(-x / scale), without the shift."""
    shift = q.loc / q.scale
    return -p.entropy() + q.scale.log() - shift + p.mean / q.scale + shift.exp() * mean_exp


@register_kl(Exponential, Gumbel)
def _exponential_gumbel(p: Any, q: Any) -> Any:
    product = p.rate * q.scale
    return _to_gumbel(p, q, product / (product + 1))


@register_kl(Gamma, Gumbel)
def _gamma_gumbel(p: Any, q: Any) -> Any:
    return _to_gumbel(p, q, (1 + (p.rate * q.scale).reciprocal()).pow(-p.concentration))


@register_kl(Normal, Gumbel)
def _normal_gumbel(p: Any, q: Any) -> Any:
    return _to_gumbel(p, q, _C.exp(0.5 * (p.scale / q.scale).square() - p.loc / q.scale))


@register_kl(Uniform, Gumbel)
def _uniform_gumbel(p: Any, q: Any) -> Any:
    gap = (p.high - p.low) / q.scale
    return _to_gumbel(p, q, (_C.exp(-p.low / q.scale) - _C.exp(-p.high / q.scale)) / gap)


@register_kl(Normal, Laplace)
def _normal_laplace(p: Any, q: Any) -> Any:
    gap = (p.loc - q.loc) / p.scale
    folded = math.sqrt(2 / math.pi) * p.scale * _C.exp(-0.5 * gap.square())
    folded = folded + p.scale * gap * _C.erf(math.sqrt(0.5) * gap)
    return -p.entropy() + (2 * q.scale).log() + folded / q.scale


@register_kl(Uniform, Beta)
def _uniform_beta(p: Any, q: Any) -> Any:
    a, b, width = q.concentration1, q.concentration0, p.high - p.low
    one = _mean_log(p)
    other = (_C.xlogy(1 - p.low, 1 - p.low) - _C.xlogy(1 - p.high, 1 - p.high)) / width - 1
    found = -width.log() - (a - 1) * one - (b - 1) * other
    found = found + a.lgamma() + b.lgamma() - (a + b).lgamma()
    return _C.where((p.high > 1) | (p.low < 0), math.inf, found)


@register_kl(Uniform, ContinuousBernoulli)
def _uniform_continuous_bernoulli(p: Any, q: Any) -> Any:
    found = -p.entropy() - p.mean * q.logits - _C.log1p(-q.probs) - q._cont_bern_log_norm()
    return _C.where((p.high >= 1) | (p.low <= 0), math.inf, found)


@register_kl(Uniform, Pareto)
def _uniform_pareto(p: Any, q: Any) -> Any:
    found = -p.entropy() - (q.alpha * q.scale.pow(q.alpha)).log() + (q.alpha + 1) * _mean_log(p)
    return _C.where(p.low < q.scale.expand(p.low.shape), math.inf, found)
