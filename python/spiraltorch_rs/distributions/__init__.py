"""Probability distributions, their transforms and constraints."""

from spiraltorch_rs.distributions import constraints, transforms
from spiraltorch_rs.distributions.bernoulli import Bernoulli
from spiraltorch_rs.distributions.beta import Beta
from spiraltorch_rs.distributions.binomial import Binomial
from spiraltorch_rs.distributions.categorical import Categorical
from spiraltorch_rs.distributions.cauchy import Cauchy
from spiraltorch_rs.distributions.chi2 import Chi2
from spiraltorch_rs.distributions.constraint_registry import biject_to, transform_to
from spiraltorch_rs.distributions.continuous_bernoulli import ContinuousBernoulli
from spiraltorch_rs.distributions.dirichlet import Dirichlet
from spiraltorch_rs.distributions.distribution import Distribution
from spiraltorch_rs.distributions.exp_family import ExponentialFamily
from spiraltorch_rs.distributions.exponential import Exponential
from spiraltorch_rs.distributions.fishersnedecor import FisherSnedecor
from spiraltorch_rs.distributions.gamma import Gamma
from spiraltorch_rs.distributions.generalized_pareto import GeneralizedPareto
from spiraltorch_rs.distributions.geometric import Geometric
from spiraltorch_rs.distributions.gumbel import Gumbel
from spiraltorch_rs.distributions.half_cauchy import HalfCauchy
from spiraltorch_rs.distributions.half_normal import HalfNormal
from spiraltorch_rs.distributions.independent import Independent
from spiraltorch_rs.distributions.inverse_gamma import InverseGamma
from spiraltorch_rs.distributions.kl import kl_divergence, register_kl
from spiraltorch_rs.distributions.kumaraswamy import Kumaraswamy
from spiraltorch_rs.distributions.laplace import Laplace
from spiraltorch_rs.distributions.lkj_cholesky import LKJCholesky
from spiraltorch_rs.distributions.log_normal import LogNormal
from spiraltorch_rs.distributions.logistic_normal import LogisticNormal
from spiraltorch_rs.distributions.lowrank_multivariate_normal import LowRankMultivariateNormal
from spiraltorch_rs.distributions.mixture_same_family import MixtureSameFamily
from spiraltorch_rs.distributions.multinomial import Multinomial
from spiraltorch_rs.distributions.multivariate_normal import MultivariateNormal
from spiraltorch_rs.distributions.negative_binomial import NegativeBinomial
from spiraltorch_rs.distributions.normal import Normal
from spiraltorch_rs.distributions.one_hot_categorical import (
    OneHotCategorical,
    OneHotCategoricalStraightThrough,
)
from spiraltorch_rs.distributions.pareto import Pareto
from spiraltorch_rs.distributions.poisson import Poisson
from spiraltorch_rs.distributions.relaxed_bernoulli import RelaxedBernoulli
from spiraltorch_rs.distributions.relaxed_categorical import RelaxedOneHotCategorical
from spiraltorch_rs.distributions.studentT import StudentT
from spiraltorch_rs.distributions.transformed_distribution import TransformedDistribution
from spiraltorch_rs.distributions.transforms import *  # noqa: F403
from spiraltorch_rs.distributions.uniform import Uniform
from spiraltorch_rs.distributions.von_mises import VonMises
from spiraltorch_rs.distributions.weibull import Weibull
from spiraltorch_rs.distributions.wishart import Wishart

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Cauchy",
    "Chi2",
    "ContinuousBernoulli",
    "Dirichlet",
    "Distribution",
    "Exponential",
    "ExponentialFamily",
    "FisherSnedecor",
    "Gamma",
    "GeneralizedPareto",
    "Geometric",
    "Gumbel",
    "HalfCauchy",
    "HalfNormal",
    "Independent",
    "InverseGamma",
    "Kumaraswamy",
    "LKJCholesky",
    "Laplace",
    "LogNormal",
    "LogisticNormal",
    "LowRankMultivariateNormal",
    "MixtureSameFamily",
    "Multinomial",
    "MultivariateNormal",
    "NegativeBinomial",
    "Normal",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "Pareto",
    "Poisson",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
    "StudentT",
    "TransformedDistribution",
    "Uniform",
    "VonMises",
    "Weibull",
    "Wishart",
    "biject_to",
    "constraints",
    "kl_divergence",
    "register_kl",
    "transform_to",
    "transforms",
    *transforms.__all__,
]
