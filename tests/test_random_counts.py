"""Random numbers made by rejection, their gradients, and the state of generators."""

import copy
import pickle

import numpy as np
import pytest
import torch
from reference import theirs
from scipy import stats

import spiraltorch_rs as st

COUNT = 20_000
LEVEL = 1e-4


@pytest.fixture(autouse=True)
def seeded():
    st.manual_seed(1234)


def full(value, dtype="float32"):
    return st.full((COUNT,), float(value), dtype=getattr(st, dtype))


def discrete_pvalue(values, distribution):
    """Of counts made continuous: a uniform number in each step of the distribution function."""
    spread = np.random.default_rng(0).random(len(values))
    inside = distribution.cdf(values - 1) + spread * distribution.pmf(values)
    return stats.kstest(inside, "uniform").pvalue


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("concentration", [0.02, 0.3, 1, 2.5, 40, 2000])
def test_gamma(concentration, dtype):
    logs = theirs(st._C._log_standard_gamma(full(concentration, dtype))).double().numpy()
    if concentration < 0.1:  # the distribution function of the smallest numbers is a power
        assert stats.kstest(np.exp(np.minimum(logs * concentration, 0)), "uniform").pvalue > 1e-12
    else:
        assert stats.kstest(np.exp(logs), stats.gamma(concentration).cdf).pvalue > LEVEL
    assert (theirs(st._C._standard_gamma(full(concentration, dtype))) > 0).all()


@pytest.mark.parametrize("mean", [0, 0.1, 3, 9.9, 10.1, 50, 1e5])
def test_poisson(mean):
    values = theirs(st.poisson(full(mean))).double().numpy()
    assert discrete_pvalue(values, stats.poisson(mean)) > LEVEL


@pytest.mark.parametrize(
    ("trials", "chance"),
    [(0, 0.5), (10, 0.0), (10, 1.0), (10, 0.3), (10, 0.9), (1000, 0.002), (1000, 0.6), (100000, 0.3)],
)
def test_binomial(trials, chance):
    values = theirs(st.binomial(full(trials), full(chance))).double().numpy()
    assert discrete_pvalue(values, stats.binom(trials, chance)) > LEVEL


def test_long_tails():
    assert stats.kstest(st.empty(COUNT).cauchy_(1, 2).numpy(), stats.cauchy(1, 2).cdf).pvalue > LEVEL
    logs = st.empty(COUNT).log_normal_(1, 0.5).log().numpy()
    assert stats.kstest(logs, stats.norm(1, 0.5).cdf).pvalue > LEVEL
    for dtype in (st.float32, st.int64):
        trials = st.empty(COUNT, dtype=dtype).geometric_(0.2)
        assert discrete_pvalue(theirs(trials).double().numpy(), stats.geom(0.2)) > LEVEL


def test_dirichlet():
    weights = st.tensor([0.02, 0.5, 3.0])
    shares = theirs(st._C._sample_dirichlet(weights.expand(COUNT, 3))).double()
    torch.testing.assert_close(shares.sum(-1), torch.ones(COUNT).double(), rtol=1e-5, atol=1e-5)
    for i, weight in enumerate((0.02, 0.5, 3.0)):
        if i > 0:  # shares near zero are smaller than float32 has
            assert stats.kstest(shares[:, i].numpy(), stats.beta(weight, 3.52 - weight).cdf).pvalue > LEVEL
        assert abs(shares[:, i].mean() - weight / 3.52) < 0.005


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_of_gamma_numbers(dtype):
    alpha = (st.rand(COUNT, dtype=getattr(st, dtype)) * 30 + 0.05).requires_grad_()
    x = st._C._standard_gamma(alpha)
    (gradient,) = st.autograd.grad(x.sum(), alpha)
    expected = torch._standard_gamma_grad(theirs(alpha), theirs(x))
    # Torch's own is approximate.
    torch.testing.assert_close(theirs(gradient), expected, rtol=2e-3, atol=1e-6)


def test_the_gradient_of_dirichlet_shares_is_that_of_their_expectation():
    weights = st.tensor([0.5, 1.5, 3.0], dtype=st.float64, requires_grad=True)
    shares = st._C._sample_dirichlet(weights.expand(COUNT, 3))
    (gradient,) = st.autograd.grad((shares**2).sum(-1).mean(), weights)
    known = torch.tensor([0.5, 1.5, 3.0], dtype=torch.float64, requires_grad=True)
    total = known.sum()
    (known * (known + 1) / (total * (total + 1))).sum().backward()
    torch.testing.assert_close(theirs(gradient), known.grad, rtol=0, atol=0.01)


def test_random_integers_of_a_dtype():
    for dtype, low, high in (
        ("uint8", 0, 255),
        ("int16", 0, 2**15 - 1),
        ("bool", 0, 1),
        ("float16", 0, 2048),
        ("float32", 0, 2**24),
    ):
        values = theirs(st.empty(COUNT, dtype=getattr(st, dtype)).random_()).double()
        assert values.min() >= low
        assert values.max() <= high
        assert abs(values.mean() / high - 0.5) < 0.02
    assert theirs(st.empty(100).random_(3)).max() == 2


def test_chances_of_each_element():
    chance = st.tensor([0.0, 1.0, 0.0, 1.0])
    assert st.empty(4, dtype=st.int64).bernoulli_(chance).tolist() == [0, 1, 0, 1]


def test_states_of_generators():
    generator = st.Generator()
    assert generator.manual_seed(3) is generator
    first = theirs(st.rand(5, generator=generator))
    copy_of = generator.clone_state()
    assert theirs(st.rand(5, generator=copy_of)).equal(theirs(st.rand(5, generator=generator)))
    state = generator.get_state()
    after = theirs(st.poisson(full(3), generator=generator))
    generator.set_state(state)
    assert theirs(st.poisson(full(3), generator=generator)).equal(after)
    generator.manual_seed(3)
    assert theirs(st.rand(5, generator=generator)).equal(first)
    for same in (pickle.loads(pickle.dumps(generator)), copy.deepcopy(generator)):
        state = generator.get_state()
        assert theirs(st.rand(5, generator=same)).equal(theirs(st.rand(5, generator=generator)))
        generator.set_state(state)


def test_the_default_generator():
    assert st.manual_seed(9).initial_seed() == 9 == st.initial_seed() == st.default_generator.initial_seed()
    with st.random.fork_rng():
        inside = theirs(st.rand(3))
    assert inside.equal(theirs(st.rand(3)))
    state = st.get_rng_state()
    drawn = theirs(st.randn(3))
    st.set_rng_state(state)
    assert theirs(st.randn(3)).equal(drawn)
    assert st.seed() == st.initial_seed()


def test_errors():
    for refused in (
        lambda: st.empty(3).geometric_(0),
        lambda: st.empty(3).geometric_(1.5),
        lambda: st.empty(3).cauchy_(0, 0),
        lambda: st.empty(3).log_normal_(0, -1),
        lambda: st.empty(3, dtype=st.int64).cauchy_(),
        lambda: st.poisson(st.ones(3, dtype=st.int64)),
        lambda: st.empty(3).random_(0),
    ):
        with pytest.raises(RuntimeError):
            refused()
