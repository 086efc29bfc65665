"""st.distributions against torch.distributions, class by class; samples by their moments."""

import itertools
import warnings
from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar

import pytest
import torch
from reference import ours, theirs

import spiraltorch_rs as st

F64 = torch.float64
GENERATOR = torch.Generator().manual_seed(0)


def real(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=F64, generator=GENERATOR)


def positive(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, dtype=F64, generator=GENERATOR) * 3 + 0.3


def share(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, dtype=F64, generator=GENERATOR) * 0.9 + 0.05


def shares(*shape: int) -> torch.Tensor:
    return torch.softmax(real(*shape), -1)


def matrix(*shape: int) -> torch.Tensor:
    """A positive definite one."""
    factor = real(*shape)
    return factor @ factor.mT + torch.eye(shape[-1], dtype=F64)


def factor(*shape: int) -> torch.Tensor:
    return torch.linalg.cholesky(matrix(*shape))


HAS_CHOLESKY = hasattr(st.linalg, "cholesky") and hasattr(st.linalg, "solve_triangular")

# A class, its arguments (numbers, or tensors carried over), and further ones.
CASES: dict[str, tuple[str, tuple[Any, ...], dict[str, Any]]] = {
    "Bernoulli": ("Bernoulli", (share(3),), {}),
    "Bernoulli of logits": ("Bernoulli", (), {"logits": real(2, 3)}),
    "Bernoulli of a number": ("Bernoulli", (0.3,), {}),
    "Beta": ("Beta", (positive(3), positive(2, 3)), {}),
    "Beta of numbers": ("Beta", (0.5, 2.0), {}),
    "Binomial": ("Binomial", (10, share(3)), {}),
    "Binomial of logits": ("Binomial", (torch.tensor([4.0, 7.0, 0.0], dtype=F64),), {"logits": real(3)}),
    "Categorical": ("Categorical", (shares(2, 4),), {}),
    "Categorical of logits": ("Categorical", (), {"logits": real(3, 4)}),
    "Cauchy": ("Cauchy", (real(3), positive(3)), {}),
    "Chi2": ("Chi2", (positive(3),), {}),
    "ContinuousBernoulli": ("ContinuousBernoulli", (torch.tensor([0.1, 0.4999, 0.5, 0.9], dtype=F64),), {}),
    "ContinuousBernoulli of logits": ("ContinuousBernoulli", (), {"logits": real(3)}),
    "Dirichlet": ("Dirichlet", (positive(2, 3),), {}),
    "Exponential": ("Exponential", (positive(3),), {}),
    "Exponential of a number": ("Exponential", (2.0,), {}),
    "FisherSnedecor": ("FisherSnedecor", (positive(3) * 2, positive(3) + 4), {}),
    "Gamma": ("Gamma", (positive(3), positive(3)), {}),
    "GeneralizedPareto": (
        "GeneralizedPareto",
        (real(4).float(), positive(4).float(), torch.tensor([0.0, 0.3, -0.4, 1.2])),
        {},
    ),
    "Geometric": ("Geometric", (share(3),), {}),
    "Geometric of logits": ("Geometric", (), {"logits": real(3)}),
    "Gumbel": ("Gumbel", (real(3), positive(3)), {}),
    "HalfCauchy": ("HalfCauchy", (positive(3),), {}),
    "HalfNormal": ("HalfNormal", (positive(3),), {}),
    "InverseGamma": ("InverseGamma", (positive(3) + 2, positive(3)), {}),
    "Kumaraswamy": ("Kumaraswamy", (positive(3) + 1, positive(3) + 1), {}),
    "LKJCholesky": ("LKJCholesky", (3, positive(2)), {}),
    "Laplace": ("Laplace", (real(3), positive(3)), {}),
    "LogNormal": ("LogNormal", (real(3), positive(3)), {}),
    "LogisticNormal": ("LogisticNormal", (real(2, 3), positive(2, 3)), {}),
    "LowRankMultivariateNormal": ("LowRankMultivariateNormal", (real(3), real(3, 2), positive(2, 3)), {}),
    "Multinomial": ("Multinomial", (5, shares(2, 3)), {}),
    "MultivariateNormal": ("MultivariateNormal", (real(2, 3), matrix(3, 3)), {}),
    "MultivariateNormal of a factor": ("MultivariateNormal", (real(3),), {"scale_tril": factor(2, 3, 3)}),
    "MultivariateNormal of a precision": (
        "MultivariateNormal",
        (real(3),),
        {"precision_matrix": matrix(3, 3)},
    ),
    "NegativeBinomial": ("NegativeBinomial", (positive(3), share(3)), {}),
    "NegativeBinomial of logits": ("NegativeBinomial", (4,), {"logits": real(3)}),
    "Normal": ("Normal", (real(2, 1), positive(3)), {}),
    "Normal of numbers": ("Normal", (0.0, 1.0), {}),
    "OneHotCategorical": ("OneHotCategorical", (shares(2, 4),), {}),
    "OneHotCategoricalStraightThrough": ("OneHotCategoricalStraightThrough", (shares(4),), {}),
    "Pareto": ("Pareto", (positive(3), positive(3) + 2), {}),
    "Poisson": ("Poisson", (positive(3) * 4,), {}),
    "RelaxedBernoulli": ("RelaxedBernoulli", (torch.tensor(0.7, dtype=F64), share(3)), {}),
    "RelaxedOneHotCategorical": ("RelaxedOneHotCategorical", (torch.tensor(0.7, dtype=F64), shares(3)), {}),
    "StudentT": ("StudentT", (positive(3) + 2, real(3), positive(3)), {}),
    "Uniform": ("Uniform", (real(3), real(3) + 6), {}),
    "Uniform of numbers": ("Uniform", (-1.0, 2.0), {}),
    "VonMises": ("VonMises", (real(3), positive(3)), {}),
    "Weibull": ("Weibull", (positive(3), positive(3)), {}),
    "Wishart": ("Wishart", (torch.tensor(5.0, dtype=F64), matrix(2, 3, 3)), {}),
}
NEED_MATRICES = ("MultivariateNormal", "LowRankMultivariateNormal", "Wishart")


def skip_without_matrices(name: str) -> None:
    if name.split()[0] in NEED_MATRICES and not HAS_CHOLESKY:
        pytest.skip("st.linalg has no cholesky and solve_triangular yet")


def both(name: str, **options: Any) -> tuple[Any, Any]:
    """The distribution in both libraries."""
    kind, args, kwargs = CASES[name]
    skip_without_matrices(name)
    carried = [ours(a) if isinstance(a, torch.Tensor) else a for a in args]
    carried_kwargs = {k: ours(v) if isinstance(v, torch.Tensor) else v for k, v in kwargs.items()}
    return (
        getattr(st.distributions, kind)(*carried, **carried_kwargs, **options),
        getattr(torch.distributions, kind)(*args, **kwargs, **options),
    )


def close(found: Any, expected: torch.Tensor, rtol: float = 1e-9, atol: float = 1e-10) -> None:
    assert tuple(found.shape) == tuple(expected.shape)
    if expected.dtype == torch.float32:
        rtol, atol = 1e-5, 1e-6
    torch.testing.assert_close(theirs(found), expected.detach(), rtol=rtol, atol=atol, equal_nan=True)


def agree(name: str, call: Callable[[Any], Any], mine: Any, other: Any, **tolerance: float) -> None:
    """The same result, or the same kind of error."""
    try:
        expected = call(other)
    except NotImplementedError:
        # What torch lacks may be there.
        return
    close(call(mine), expected, **tolerance)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_moments(name: str) -> None:
    mine, other = both(name)
    assert tuple(mine.batch_shape) == tuple(other.batch_shape)
    assert tuple(mine.event_shape) == tuple(other.event_shape)
    assert mine.has_rsample == other.has_rsample or name.startswith("RelaxedBernoulli")
    assert mine.has_enumerate_support == other.has_enumerate_support
    special = {"rtol": 1e-6} if name == "VonMises" else {}
    for what in ("mean", "variance", "stddev", "mode"):
        if (name, what) == ("Kumaraswamy", "mode"):
            continue  # torch's formula gives NaN
        agree(name, attrgetter(what), mine, other, **special)
    agree(name, lambda d: d.entropy(), mine, other)
    assert repr(mine).split("(")[0] == repr(other).split("(")[0]


def drawn(other: Any, seed: int = 3) -> torch.Tensor:
    torch.manual_seed(seed)
    return other.sample((5,))


@pytest.mark.parametrize("name", CASES)
def test_log_prob_cdf_icdf(name: str) -> None:
    mine, other = both(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = drawn(other)
    if name == "VonMises":
        tolerance = {"rtol": 1e-6, "atol": 1e-7}  # torch's Bessel functions are polynomials
    elif "Relaxed" in name or name == "LogisticNormal":
        tolerance = {"rtol": 1e-8, "atol": 1e-8}
    else:
        tolerance = {}
    close(mine.log_prob(ours(value)), other.log_prob(value), **tolerance)
    if name.startswith(("Gamma", "Chi2")) and not hasattr(st.special, "gammainc"):
        return
    try:
        expected = other.cdf(value)
    except NotImplementedError:
        return
    close(mine.cdf(ours(value)), expected)
    q = torch.rand(5, *other.batch_shape, dtype=F64, generator=GENERATOR) * 0.98 + 0.01
    if value.dtype == torch.float32:
        q = q.float()
    agree(name, lambda d: d.icdf(q if d is other else ours(q)), mine, other, rtol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_gradients_of_log_prob(name: str) -> None:
    kind, args, kwargs = CASES[name]
    skip_without_matrices(name)
    _, other = both(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = drawn(other)
    leaves = [[], []]  # type: list[list[Any]]

    def leaf(given: Any, side: int) -> Any:
        if not isinstance(given, torch.Tensor):
            return given
        made = ours(given, requires_grad=True) if side == 0 else given.clone().requires_grad_()
        leaves[side].append(made)
        return made

    for side, library in ((0, st), (1, torch)):
        d = getattr(library.distributions, kind)(
            *(leaf(a, side) for a in args), **{k: leaf(v, side) for k, v in kwargs.items()}
        )
        found = d.log_prob(ours(value) if side == 0 else value).sum()
        wanted = [x for x in leaves[side] if x.requires_grad]
        if not wanted or not found.requires_grad:
            return
        leaves[side] = list(library.autograd.grad(found, wanted, allow_unused=True))
    tolerance = {"rtol": 1e-5, "atol": 1e-6} if name == "VonMises" else {"rtol": 1e-7, "atol": 1e-8}
    for mine, expected in zip(*leaves, strict=True):
        if expected is None:
            assert mine is None
            continue
        close(mine, expected, **tolerance)


@pytest.mark.parametrize("name", CASES)
def test_expand_and_samples(name: str) -> None:
    mine, other = both(name)
    batch = (4, *other.batch_shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wide, expected = mine.expand(batch), other.expand(batch)
        value = expected.sample()
    assert tuple(wide.batch_shape) == tuple(expected.batch_shape)
    assert tuple(wide.event_shape) == tuple(expected.event_shape)
    loose = {"rtol": 1e-6, "atol": 1e-7} if name == "VonMises" else {"rtol": 1e-8, "atol": 1e-8}
    close(wide.log_prob(ours(value)), expected.log_prob(value), **loose)
    agree(name, lambda d: d.mean, wide, expected)
    for shape in ((), (2,), (2, 3)):
        found = mine.sample(shape)
        assert tuple(found.shape) == (*shape, *other.batch_shape, *other.event_shape)
        assert not found.requires_grad
        assert bool(mine.support.check(found).all())
        if mine.has_rsample:
            assert tuple(mine.rsample(shape).shape) == tuple(found.shape)
    assert tuple(wide.sample((2,)).shape) == (2, *batch, *other.event_shape)


HEAVY = ("Pareto", "InverseGamma", "FisherSnedecor", "StudentT", "LogNormal", "GeneralizedPareto")


@pytest.mark.parametrize("name", CASES)
def test_samples_have_the_moments(name: str) -> None:
    count = 20_000
    mine, other = both(name)
    st.manual_seed(7)
    x = theirs(mine.sample((count,))).double()
    if name == "VonMises":
        mean = torch.atan2(x.sin().mean(0), x.cos().mean(0))
        turn = torch.remainder(mean - other.mean + torch.pi, 2 * torch.pi) - torch.pi
        assert turn.abs().max() < 0.06
        return
    try:
        mean, variance = other.mean.double(), other.variance.double()
    except NotImplementedError:
        # The mean of the logarithm of the density is the negative entropy, also by torch's samples.
        torch.manual_seed(5)
        found = theirs(mine.log_prob(mine.sample((count,)))).double()
        wanted = other.log_prob(other.sample((count,))).double()
        spread = (found.std(0) + wanted.std(0)) / count**0.5
        assert ((found.mean(0) - wanted.mean(0)).abs() < 6 * spread).all()
        return
    if name.startswith("Categorical"):
        mean = (torch.arange(other.probs.shape[-1]) * other.probs).sum(-1)
        variance = (torch.arange(other.probs.shape[-1]) ** 2 * other.probs).sum(-1) - mean**2
    known = mean.isfinite() & variance.isfinite()
    spread = (variance / count).sqrt()
    assert (((x.mean(0) - mean).abs() < 6 * spread + 1e-6) | ~known).all(), (x.mean(0), mean)
    if name.split()[0] not in (
        "Pareto",
        "InverseGamma",
        "FisherSnedecor",
        "StudentT",
        "LogNormal",
        "GeneralizedPareto",
    ):
        ratio = (x.var(0) / variance)[known & (variance > 0)]
        assert ((ratio - 1).abs() < 0.25).all(), ratio


@pytest.mark.parametrize("name", ["Binomial", "Bernoulli", "Categorical", "OneHotCategorical"])
@pytest.mark.parametrize("expand", [False, True])
def test_enumerate_support(name: str, expand: bool) -> None:
    mine, other = both(name)
    close(mine.enumerate_support(expand), other.enumerate_support(expand))


PLAIN = [name for name in CASES if " " not in name]


def test_divergences() -> None:
    compared = 0
    for p, q in itertools.product(PLAIN, PLAIN):
        if {p, q} & set(NEED_MATRICES) and not HAS_CHOLESKY:
            continue
        mine_p, other_p = both(p)
        mine_q, other_q = both(q)
        try:
            expected = torch.distributions.kl_divergence(other_p, other_q)
        except NotImplementedError:
            with pytest.raises(NotImplementedError):
                st.distributions.kl_divergence(mine_p, mine_q)
            continue
        except Exception:  # shapes that do not fit
            continue
        found = st.distributions.kl_divergence(mine_p, mine_q)
        shape = torch.broadcast_shapes(tuple(found.shape), expected.shape)
        torch.testing.assert_close(
            theirs(found).expand(shape),
            expected.expand(shape).detach(),
            rtol=1e-7,
            atol=1e-8,
            equal_nan=True,
            msg=f"{p} from {q}: {found} {expected}",
        )
        compared += 1
    assert compared > 90


def pairs_of(kind: str, *args: tuple[torch.Tensor, ...]) -> list[tuple[Any, Any]]:
    return [
        (
            getattr(st.distributions, kind)(*map(ours, one), validate_args=False),
            getattr(torch.distributions, kind)(*one, validate_args=False),
        )
        for one in args
    ]


@pytest.mark.parametrize(
    "name", ["Normal", "Gamma", "Beta", "Dirichlet", "Laplace", "Gumbel", "Cauchy", "Poisson"]
)
def test_divergences_within_a_family(name: str) -> None:
    count = {"Dirichlet": 1, "Poisson": 1}.get(name, 2)
    args = [tuple(positive(3) for _ in range(count)) for _ in range(2)]
    (p, tp), (q, tq) = pairs_of(name, *args)
    close(st.distributions.kl_divergence(p, q), torch.distributions.kl_divergence(tp, tq))


def test_divergence_of_an_exponential_family_that_is_not_registered() -> None:
    def divergence(t: Any) -> Any:
        class Decay(t.distributions.ExponentialFamily):
            arg_constraints: ClassVar[dict[str, Any]] = {}

            def __init__(self, rate: Any) -> None:
                self.rate = rate
                super().__init__(rate.shape, validate_args=False)

            @property
            def _natural_params(self) -> Any:
                return (-self.rate,)

            def _log_normalizer(self, x: Any) -> Any:
                return -(-x).log()

        with pytest.raises(NotImplementedError):
            t.distributions.kl_divergence(Decay(t.ones(2)), t.distributions.Exponential(t.ones(2)))
        p, q = (Decay(t.tensor(rates, dtype=t.float64)) for rates in ([1.0, 2.0], [3.0, 0.5]))
        return t.distributions.kl_divergence(p, q)

    close(divergence(st), divergence(torch))


@pytest.mark.parametrize(
    "name",
    ["Normal", "Gamma", "Beta", "Dirichlet", "StudentT", "Laplace", "Gumbel", "Weibull", "Exponential"],
)
def test_gradients_through_samples_are_those_of_the_mean(name: str) -> None:
    kind, args, _ = CASES[name]
    leaves = [ours(a, requires_grad=True) for a in args]
    d = getattr(st.distributions, kind)(*leaves)
    st.manual_seed(11)
    found = st.autograd.grad(d.rsample((40_000,)).tanh().mean(0).sum(), leaves)
    torch.manual_seed(11)
    others = [a.clone().requires_grad_() for a in args]
    theirs_d = getattr(torch.distributions, kind)(*others)
    expected = torch.autograd.grad(theirs_d.rsample((40_000,)).tanh().mean(0).sum(), others)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(theirs(one), other, rtol=0.1, atol=0.02)


def mixture(m: Any, carry: Callable[[torch.Tensor], Any]) -> Any:
    d = m.distributions
    parts = d.Independent(d.Normal(carry(MIX[1]), carry(MIX[2])), 1)
    return d.MixtureSameFamily(d.Categorical(carry(MIX[0])), parts)


MIX = (shares(2, 4), real(2, 4, 3), positive(2, 4, 3))


def test_mixtures() -> None:
    mine, other = mixture(st, ours), mixture(torch, lambda t: t)
    value = drawn(other)
    close(mine.log_prob(ours(value)), other.log_prob(value))
    close(mine.mean, other.mean)
    close(mine.variance, other.variance)
    assert tuple(mine.expand((5, 2)).sample((7,)).shape) == tuple(other.expand((5, 2)).sample((7,)).shape)
    x = theirs(mine.sample((20_000,)))
    assert ((x.mean(0) - other.mean).abs() < 6 * (other.variance / 20_000).sqrt()).all()
    flat = [
        m.distributions.MixtureSameFamily(
            m.distributions.Categorical(c(MIX[0][0])),
            m.distributions.Normal(c(MIX[1][0, :, 0]), c(MIX[2][0, :, 0])),
        )
        for m, c in ((st, ours), (torch, lambda t: t))
    ]
    close(flat[0].cdf(ours(value[:, 0, 0])), flat[1].cdf(value[:, 0, 0]))


def transformed(m: Any, carry: Callable[[torch.Tensor], Any]) -> list[Any]:
    d = m.distributions
    base = d.Normal(carry(MIX[1][0]), carry(MIX[2][0]))
    scale = carry(-MIX[2][0])
    return [
        d.TransformedDistribution(base, [d.AffineTransform(1.0, scale), d.TanhTransform()]),
        d.TransformedDistribution(base, [d.SigmoidTransform()]),
        d.TransformedDistribution(base, d.StickBreakingTransform()),
        d.TransformedDistribution(
            d.Independent(base, 1), [d.ExpTransform(), d.PowerTransform(carry(MIX[0][0, :1]))]
        ),
        d.TransformedDistribution(base, [d.ReshapeTransform((3,), (3, 1))]),
        d.TransformedDistribution(base, [d.SoftplusTransform()]),
    ]


@pytest.mark.parametrize("number", range(6))
def test_transformed_distributions(number: int) -> None:
    mine, other = transformed(st, ours)[number], transformed(torch, lambda t: t)[number]
    assert tuple(mine.batch_shape) == tuple(other.batch_shape)
    assert tuple(mine.event_shape) == tuple(other.event_shape)
    value = drawn(other)
    close(mine.log_prob(ours(value)), other.log_prob(value), rtol=1e-7, atol=1e-8)
    try:
        expected = other.cdf(value)
    except NotImplementedError:
        return
    close(mine.cdf(ours(value)), expected, rtol=1e-7, atol=1e-8)


TRANSFORMS: dict[str, tuple[Callable[[Any], Any], torch.Tensor]] = {
    "Abs": (lambda d: d.AbsTransform(), real(3)),
    "Affine": (lambda d: d.AffineTransform(1.0, -2.0), real(3)),
    "Affine of events": (lambda d: d.AffineTransform(1.0, 2.0, event_dim=1), real(2, 3)),
    "Cat": (lambda d: d.CatTransform([d.ExpTransform(), d.TanhTransform()], 0, [2, 1]), real(3)),
    "Compose": (lambda d: d.ComposeTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0)]), real(3)),
    "CorrCholesky": (lambda d: d.CorrCholeskyTransform(), real(2, 6)),
    "Exp": (lambda d: d.ExpTransform(), real(3)),
    "Independent": (lambda d: d.IndependentTransform(d.ExpTransform(), 1), real(2, 3)),
    "inverse": (lambda d: d.ExpTransform().inv, positive(3)),
    "LowerCholesky": (lambda d: d.LowerCholeskyTransform(), real(2, 3, 3)),
    "Power": (lambda d: d.PowerTransform(2.0), positive(3).float()),
    "Reshape": (lambda d: d.ReshapeTransform((2, 3), (6,)), real(4, 2, 3)),
    "Sigmoid": (lambda d: d.SigmoidTransform(), real(3)),
    "Softmax": (lambda d: d.SoftmaxTransform(), real(2, 3)),
    "Softplus": (lambda d: d.SoftplusTransform(), real(3)),
    "Stack": (lambda d: d.StackTransform([d.ExpTransform(), d.TanhTransform()], -1), real(3, 2)),
    "StickBreaking": (lambda d: d.StickBreakingTransform(), real(2, 3)),
    "Tanh": (lambda d: d.TanhTransform(), real(3)),
    "CumulativeDistribution": (
        lambda d: d.CumulativeDistributionTransform(d.Normal(0.0, 1.0)),
        real(3).float(),
    ),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms(name: str) -> None:
    make, x = TRANSFORMS[name]
    mine, other = make(st.distributions), make(torch.distributions)
    y = other(x)
    loose = {"rtol": 1e-8, "atol": 1e-9}
    close(mine(ours(x)), y, **loose)
    close(mine.inv(ours(y)), other.inv(y), rtol=1e-6, atol=1e-7)
    assert tuple(mine.forward_shape(tuple(x.shape))) == tuple(other.forward_shape(x.shape))
    assert tuple(mine.inverse_shape(tuple(y.shape))) == tuple(other.inverse_shape(y.shape))
    assert mine.domain.event_dim == other.domain.event_dim
    assert mine.codomain.event_dim == other.codomain.event_dim
    assert mine.bijective == other.bijective
    assert mine == mine.inv.inv
    assert bool(mine.codomain.check(ours(y)).all()) == bool(other.codomain.check(y).all())
    try:
        expected = other.log_abs_det_jacobian(x, y)
    except NotImplementedError:
        return
    close(mine.log_abs_det_jacobian(ours(x), ours(y)), expected, **loose)


def test_caches() -> None:
    transform = st.distributions.ExpTransform(cache_size=1)
    x = st.ones(3)
    y = transform(x)
    assert transform(x) is y
    assert transform.inv(y) is x


CONSTRAINTS = {
    "boolean": lambda c: c.boolean,
    "integers": lambda c: c.integer_interval(0, 3),
    "nonnegative integers": lambda c: c.nonnegative_integer,
    "reals": lambda c: c.real,
    "positive": lambda c: c.positive,
    "nonnegative": lambda c: c.nonnegative,
    "greater": lambda c: c.greater_than(1.0),
    "at least": lambda c: c.greater_than_eq(1.0),
    "less": lambda c: c.less_than(1.0),
    "interval": lambda c: c.interval(-1.0, 2.0),
    "half open": lambda c: c.half_open_interval(0.0, 1.0),
    "unit": lambda c: c.unit_interval,
    "simplex": lambda c: c.simplex,
    "one hot": lambda c: c.one_hot,
    "vector": lambda c: c.real_vector,
    "multinomial": lambda c: c.multinomial(4),
    "lower triangles": lambda c: c.lower_triangular,
    "factors": lambda c: c.lower_cholesky,
    "square": lambda c: c.square,
    "symmetric": lambda c: c.symmetric,
}


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints(name: str) -> None:
    mine, other = (
        CONSTRAINTS[name](st.distributions.constraints),
        CONSTRAINTS[name](torch.distributions.constraints),
    )
    values = [
        torch.tensor([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [2.0, float("nan"), 0.5]], dtype=F64),
        torch.eye(3, dtype=F64),
        shares(3, 3),
        factor(3, 3),
    ]
    for value in values:
        expected = other.check(value)
        found = mine.check(ours(value))
        assert tuple(found.shape) == tuple(expected.shape)
        assert theirs(found).equal(expected)
    assert repr(mine) == repr(other)
    assert mine.event_dim == other.event_dim
    assert mine.is_discrete == other.is_discrete


@pytest.mark.parametrize("which", ["biject_to", "transform_to"])
@pytest.mark.parametrize(
    "name", ["reals", "positive", "greater", "less", "interval", "half open", "unit", "simplex", "vector"]
)
def test_ways_to_constraints(name: str, which: str) -> None:
    x = real(2, 4)
    found = getattr(st.distributions, which)(CONSTRAINTS[name](st.distributions.constraints))(ours(x))
    expected = getattr(torch.distributions, which)(CONSTRAINTS[name](torch.distributions.constraints))(x)
    close(found, expected)


REFUSED = {
    "negative scale": lambda d, m: d.Normal(0.0, m.tensor(-1.0)),
    "outside": lambda d, m: d.Beta(m.tensor(1.0), m.tensor(1.0)).log_prob(m.tensor(2.0)),
    "event shape": lambda d, m: d.Dirichlet(m.ones(3)).log_prob(m.ones(2) / 2),
    "batch shape": lambda d, m: d.Normal(m.zeros(3), 1.0).log_prob(m.zeros(2)),
    "no number": lambda d, m: d.Normal(m.zeros(3), 1.0).log_prob(1.0),
    "both": lambda d, m: d.Bernoulli(0.5, 0.0),
    "neither": lambda d, m: d.Bernoulli(),
    "text": lambda d, m: d.Normal("a", 1.0),
    "scalar shares": lambda d, m: d.Categorical(m.tensor(0.5)),
    "low above high": lambda d, m: d.Uniform(1.0, 0.0),
    "expand too small": lambda d, m: d.Normal(m.zeros(3), 1.0).expand((2,)),
    "too many dims": lambda d, m: d.Independent(d.Normal(m.zeros(3), 1.0), 2),
    "no rsample": lambda d, m: d.Bernoulli(0.5).rsample(),
    "no cdf": lambda d, m: d.Dirichlet(m.ones(3)).cdf(m.ones(3) / 3),
    "no divergence": lambda d, m: d.kl_divergence(d.Normal(0.0, 1.0), d.Poisson(1.0)),
    "no way": lambda d, m: d.biject_to(d.constraints.lower_cholesky),
    "cache": lambda d, m: d.ExpTransform(cache_size=2),
}


@pytest.mark.parametrize("name", REFUSED)
def test_errors_are_of_torchs_kinds(name: str) -> None:
    # (Torch's compiler switches validation off once anything imports it.)
    torch.distributions.Distribution.set_default_validate_args(True)
    with pytest.raises(Exception) as expected:  # noqa: PT011
        REFUSED[name](torch.distributions, torch)
    with pytest.raises(expected.type):
        REFUSED[name](st.distributions, st)


def test_validation_can_be_switched_off() -> None:
    assert st.distributions.Normal(0.0, -1.0, validate_args=False).scale.item() == -1
    st.distributions.Distribution.set_default_validate_args(False)
    try:
        st.distributions.Normal(0.0, -1.0)
    finally:
        st.distributions.Distribution.set_default_validate_args(True)


def test_modules_have_torchs_names() -> None:
    from importlib import import_module

    for module in (
        "normal",
        "kl",
        "utils",
        "multivariate_normal",
        "studentT",
        "constraint_registry",
        "gamma",
    ):
        expected = import_module(f"torch.distributions.{module}")
        found = import_module(f"spiraltorch_rs.distributions.{module}")
        for name in expected.__all__:
            assert hasattr(found, name), f"{module}.{name}"
    assert set(torch.distributions.__all__) <= set(st.distributions.__all__)


@pytest.mark.parametrize("concentration", [0.3, 5.0, 100.0, 3000.0])
def test_gradients_of_gamma_numbers(concentration: float) -> None:
    leaf = st.full((50,), concentration, dtype=st.float64, requires_grad=True)
    drawn = st.distributions.Gamma(leaf, st.ones(50, dtype=st.float64)).rsample()
    drawn.sum().backward()
    expected = torch._standard_gamma_grad(theirs(leaf.detach()), theirs(drawn.detach()))
    assert torch.allclose(theirs(leaf.grad), expected, rtol=2e-3, atol=2e-3)


def test_slope_of_a_binomial_chance_at_even_odds() -> None:
    found = []
    for t in (st, torch):
        odds = t.tensor(0.0, requires_grad=True)
        t.distributions.Binomial(1, logits=odds).log_prob(t.tensor(0.0)).backward()
        found.append(odds.grad.item())
    assert found[0] == found[1]


CONCENTRATIONS = [[0.01, 0.02, 0.5], [0.3, 3.0, 40.0], [1.0, 1.0, 1.0], [300.0, 20.0, 1e-3]]
SHARES = [[0.2, 0.3, 0.5], [1e-3, 1e-8, 0.998999], [0.01, 0.98, 0.01], [0.9, 0.099, 0.001]]


def test_gradient_of_shares_is_a_function_of_the_shares():
    """Torch's formula is an approximation with some three good digits; where it is exact ours is the same."""
    a = torch.tensor(CONCENTRATIONS, dtype=F64)
    x = torch.tensor(SHARES, dtype=F64)
    total = a.sum(-1, True).expand_as(a).contiguous()
    want = torch._dirichlet_grad(x, a, total)
    got = theirs(st._dirichlet_grad(ours(x), ours(a), ours(total)))
    torch.testing.assert_close(got, want, rtol=2e-2, atol=1e-6)


@pytest.mark.parametrize("concentration", [(0.01, 0.01), (0.01, 10.0), (0.1, 0.1, 0.1), (5.0, 0.5, 2.0)])
def test_drawn_shares_move_with_their_concentrations(concentration):
    """The gradient that the tape gives is that of the drawn shares, also of those that all but touch one."""
    a = st.tensor([concentration] * 50, dtype=st.float64, requires_grad=True)
    x = st.distributions.Dirichlet(a).rsample()
    x[:, 0].sum().backward()
    shares = theirs(x.detach())
    a_of_torch = theirs(a.detach())
    total = a_of_torch.sum(-1, True).expand_as(shares).contiguous()
    slopes = theirs(st._dirichlet_grad(ours(shares), ours(a_of_torch), ours(total)))
    upstream = torch.zeros_like(shares)
    upstream[:, 0] = 1
    want = slopes * (upstream - shares[:, :1])
    assert a.grad is not None
    torch.testing.assert_close(theirs(a.grad), want)
    torch.testing.assert_close(shares.sum(-1), torch.ones(50, dtype=F64))


def test_wishart_of_whole_degrees():
    for library in (torch, st):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            drawn = library.distributions.Wishart(library.tensor([3, 4]), library.eye(2)).rsample()
        assert tuple(drawn.shape) == (2, 2, 2)
        assert drawn.dtype == library.float32


@pytest.mark.parametrize("name", ["Uniform", "Binomial"])
def test_constraints_of_parameters_are_torchs(name: str) -> None:
    given = {"Uniform": (0.0, 2.0), "Binomial": (3, 0.25)}[name]
    made, expected = (getattr(lib.distributions, name)(*given) for lib in (st, torch))
    assert {key: str(kind) for key, kind in made.arg_constraints.items()} == {
        key: str(kind) for key, kind in expected.arg_constraints.items()
    }
    assert str(made) == str(expected)
