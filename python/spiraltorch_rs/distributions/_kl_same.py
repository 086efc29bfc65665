"""Divergences within a family."""

from __future__ import annotations

import math

from spiraltorch_rs import _C, linalg
from spiraltorch_rs.distributions._matrices import log_diagonal, mahalanobis
from spiraltorch_rs.distributions.bernoulli import Bernoulli
from spiraltorch_rs.distributions.beta import Beta
from spiraltorch_rs.distributions.binomial import Binomial
from spiraltorch_rs.distributions.categorical import Categorical
from spiraltorch_rs.distributions.cauchy import Cauchy
from spiraltorch_rs.distributions.continuous_bernoulli import ContinuousBernoulli
from spiraltorch_rs.distributions.dirichlet import Dirichlet
from spiraltorch_rs.distributions.distribution import ExponentialFamily
from spiraltorch_rs.distributions.exponential import Exponential
from spiraltorch_rs.distributions.gamma import Gamma
from spiraltorch_rs.distributions.geometric import Geometric
from spiraltorch_rs.distributions.gumbel import Gumbel
from spiraltorch_rs.distributions.half_normal import HalfNormal
from spiraltorch_rs.distributions.independent import Independent
from spiraltorch_rs.distributions.kl import kl_divergence, register_kl
from spiraltorch_rs.distributions.laplace import Laplace
from spiraltorch_rs.distributions.lowrank_multivariate_normal import LowRankMultivariateNormal
from spiraltorch_rs.distributions.multivariate_normal import MultivariateNormal
from spiraltorch_rs.distributions.normal import Normal
from spiraltorch_rs.distributions.one_hot_categorical import OneHotCategorical
from spiraltorch_rs.distributions.pareto import Pareto
from spiraltorch_rs.distributions.poisson import Poisson
from spiraltorch_rs.distributions.transformed_distribution import TransformedDistribution
from spiraltorch_rs.distributions.uniform import Uniform
from spiraltorch_rs.distributions.utils import _sum_rightmost, euler_constant
from spiraltorch_rs.nn.functional import softplus

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Any, q: Any) -> Any:
    one = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    one = _C.where(q.probs == 0, math.inf, one)
    one = _C.where(p.probs == 0, 0.0, one)
    zero = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    zero = _C.where(q.probs == 1, math.inf, zero)
    zero = _C.where(p.probs == 1, 0.0, zero)
    return one + zero


@register_kl(Beta, Beta)
def _beta(p: Any, q: Any) -> Any:
    total_p, total_q = (d.concentration1 + d.concentration0 for d in (p, q))
    found = q.concentration1.lgamma() + q.concentration0.lgamma() + total_p.lgamma()
    found = found - p.concentration1.lgamma() - p.concentration0.lgamma() - total_q.lgamma()
    found = found + (p.concentration1 - q.concentration1) * p.concentration1.digamma()
    found = found + (p.concentration0 - q.concentration0) * p.concentration0.digamma()
    return found + (total_q - total_p) * total_p.digamma()


@register_kl(Binomial, Binomial)
def _binomial(p: Any, q: Any) -> Any:
    # Of fewer trials there may be too many successes.
    if bool((p.total_count < q.total_count).any()):
        raise NotImplementedError(
            "KL between Binomials where q.total_count > p.total_count is not implemented"
        )
    found = p.total_count * (p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p())
    return _C.where(p.total_count > q.total_count, math.inf, found)


@register_kl(Categorical, Categorical)
def _categorical(p: Any, q: Any) -> Any:
    found = p.probs * (p.logits - q.logits)
    found = _C.where((q.probs == 0).expand(found.shape), math.inf, found)
    found = _C.where((p.probs == 0).expand(found.shape), 0.0, found)
    return found.sum(-1)


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _continuous_bernoulli(p: Any, q: Any) -> Any:
    found = p.mean * (p.logits - q.logits) + p._cont_bern_log_norm() + _C.log1p(-p.probs)
    return found - q._cont_bern_log_norm() - _C.log1p(-q.probs)


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    total = a.sum(-1)
    found = total.lgamma() - b.sum(-1).lgamma() - (a.lgamma() - b.lgamma()).sum(-1)
    return found + ((a - b) * (a.digamma() - total.digamma().unsqueeze(-1))).sum(-1)


@register_kl(Exponential, Exponential)
def _exponential(p: Any, q: Any) -> Any:
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


@register_kl(ExponentialFamily, ExponentialFamily)
def _family(p: Any, q: Any) -> Any:
    if type(p) is not type(q):
        raise NotImplementedError(
            f"The cross KL-divergence between different exponential families cannot be computed using Bregman "
            f"divergences: {type(p).__name__} and {type(q).__name__}"
        )
    natural = [parameter.detach().requires_grad_() for parameter in p._natural_params]
    normalizer = p._log_normalizer(*natural)
    slopes = _C._grad([normalizer.sum()], natural, create_graph=True)
    found = q._log_normalizer(*q._natural_params) - normalizer
    for a, b, slope in zip(natural, q._natural_params, slopes, strict=True):
        found = found - _sum_rightmost((b - a) * slope, len(q.event_shape))
    return found


@register_kl(Gamma, Gamma)
def _gamma(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    found = b * (p.rate / q.rate).log() + b.lgamma() - a.lgamma()
    return found + (a - b) * a.digamma() + (q.rate - p.rate) * (a / p.rate)


@register_kl(Gumbel, Gumbel)
def _gumbel(p: Any, q: Any) -> Any:
    ratio = p.scale / q.scale
    gap, shift = p.loc / q.scale, q.loc / q.scale
    return (
        -ratio.log()
        - shift
        + gap
        + ratio * euler_constant
        + _C.exp(shift + (1 + ratio).lgamma() - gap)
        - (1 + euler_constant)
    )


@register_kl(Geometric, Geometric)
def _geometric(p: Any, q: Any) -> Any:
    return -p.entropy() - _C.log1p(-q.probs) / p.probs - q.logits


@register_kl(HalfNormal, HalfNormal)
def _half_normal(p: Any, q: Any) -> Any:
    return _normal(p.base_dist, q.base_dist)


@register_kl(Laplace, Laplace)
def _laplace(p: Any, q: Any) -> Any:
    ratio, gap = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + gap / q.scale + ratio * _C.exp(-gap / p.scale) - 1


@register_kl(Normal, Normal)
def _normal(p: Any, q: Any) -> Any:
    ratio = (p.scale / q.scale).square()
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).square() - 1 - ratio.log())


@register_kl(OneHotCategorical, OneHotCategorical)
def _one_hot(p: Any, q: Any) -> Any:
    return _categorical(p._categorical, q._categorical)


@register_kl(Pareto, Pareto)
def _pareto(p: Any, q: Any) -> Any:
    ratio = q.alpha / p.alpha
    found = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return _C.where(p.scale < q.scale, math.inf, found)


@register_kl(Poisson, Poisson)
def _poisson(p: Any, q: Any) -> Any:
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p: Any, q: Any) -> Any:
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError("kl_divergence: the two distributions are transformed differently")
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Uniform, Uniform)
def _uniform(p: Any, q: Any) -> Any:
    found = ((q.high - q.low) / (p.high - p.low)).log()
    return _C.where((q.low > p.low) | (q.high < p.high), math.inf, found)


@register_kl(Independent, Independent)
def _independent(p: Any, q: Any) -> Any:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("kl_divergence: the two Independents take other dimensions as events")
    return _sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


@register_kl(Cauchy, Cauchy)
def _cauchy(p: Any, q: Any) -> Any:
    distance = (p.scale + q.scale).square() + (p.loc - q.loc).square()
    return distance.log() - (4 * p.scale * q.scale).log()


@register_kl(ExponentialFamily, ExponentialFamily)
def _exponential_family(p: Any, q: Any) -> Any:
    """By the gradient of the log normalizer: the divergence of a family of which nothing else is known."""
    if type(p) is not type(q):
        raise NotImplementedError(
            f"kl_divergence: {type(p).__name__} and {type(q).__name__} are different exponential families"
        )
    natural = [x.detach().requires_grad_() for x in p._natural_params]
    others = q._natural_params
    normalizer = p._log_normalizer(*natural)
    means = _C._grad([normalizer.sum()], natural, create_graph=True)
    found = q._log_normalizer(*others) - normalizer
    for own, other, mean in zip(natural, others, means, strict=True):
        found = found - _sum_rightmost((other - own) * mean, len(q.event_shape))
    return found


def _of_normals(p: Any, q: Any) -> Any:
    """Of normal vectors, by their factors."""
    if p.event_shape != q.event_shape:
        raise ValueError(
            f"KL-divergence between two {type(p).__name__}s with different event shapes cannot be computed"
        )
    a, b = (getattr(d, "_unbroadcasted_scale_tril", None) for d in (p, q))
    a, b = p.scale_tril if a is None else a, q.scale_tril if b is None else b
    n = p.event_shape[0]
    shape = _C.broadcast_tensors([a, b])[0].shape
    spread = linalg.solve_triangular(b.expand(shape), a.expand(shape), upper=False).square().sum((-2, -1))
    return log_diagonal(b) - log_diagonal(a) + 0.5 * (spread + mahalanobis(b, q.loc - p.loc) - n)


for _p in (MultivariateNormal, LowRankMultivariateNormal):
    for _q in (MultivariateNormal, LowRankMultivariateNormal):
        register_kl(_p, _q)(_of_normals)
