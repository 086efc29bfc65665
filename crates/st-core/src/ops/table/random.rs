//! Random numbers beyond the plain ones of `creation`: counts, gamma numbers, long tails.

use super::macros::build;
use crate::ops::def::Forms;
use crate::random::{self, Generator, Like};
use crate::tensor::Tensor;
use st_kernel::{DType, Result};

const NEW: Forms = Forms::FUNCTION;
const METHOD: Forms = Forms::METHOD;

build! {
    /// Poisson numbers with a mean for each element.
    "poisson" "(input: Tensor, generator: Generator? = None)".forms(NEW).torch(""),
        |input: &Tensor, generator: Option<Generator>| input.poisson(generator);

    /// How many of `count` trials succeed with probability `prob`.
    "binomial" "(count: Tensor, prob: Tensor, generator: Generator? = None)".forms(NEW).torch(""),
        |count: &Tensor, prob: &Tensor, generator: Option<Generator>| count.binomial(prob, generator);

    /// Gamma numbers with a concentration for each element and rate 1; the gradient is that of the quantile.
    "_standard_gamma" "(input: Tensor, generator: Generator? = None)".forms(NEW).torch(""),
        |input: &Tensor, generator: Option<Generator>| input.standard_gamma(generator);

    /// The logarithms of gamma numbers.
    "_log_standard_gamma" "(input: Tensor, generator: Generator? = None)".forms(NEW).torch(""),
        |input: &Tensor, generator: Option<Generator>| input.log_standard_gamma(generator);

    /// Shares that add up to one, with a concentration for each of the last dimension.
    "_sample_dirichlet" "(input: Tensor, generator: Generator? = None)".forms(NEW).torch(""),
        |input: &Tensor, generator: Option<Generator>| input.dirichlet_shares(generator);

    /// How shares of the last dimension move with their concentrations, each over what the others have.
    "_dirichlet_grad" "(x: Tensor, alpha: Tensor, total: Tensor)".forms(NEW).torch(""),
        |x: &Tensor, alpha: &Tensor, total: &Tensor| random::dirichlet_slopes(x, alpha, total);

    /// Filled in place with the number of trials until one succeeds.
    "geometric_" "(input: Tensor, p: float, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, p: f64, generator: Option<Generator>| {
            refill(input, random::geometric(&Like::tensor(input, None, generator), p)?)
        };

    /// Filled in place with Cauchy numbers.
    "cauchy_" "(input: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, median: f64, sigma: f64, generator: Option<Generator>| {
            refill(input, random::cauchy(&Like::tensor(input, None, generator), median, sigma)?)
        };

    /// Filled in place with numbers whose logarithms are normal.
    "log_normal_" "(input: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, mean: f64, std: f64, generator: Option<Generator>| {
            refill(input, random::log_normal(&Like::tensor(input, None, generator), mean, std)?)
        };

    /// Filled in place with ones, with the probability that a tensor has for each, and zeros.
    "bernoulli_" "(input: Tensor, p: Tensor, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, p: &Tensor, generator: Option<Generator>| {
            let p = if p.dtype().is_float() { p.clone() } else { p.to_dtype(DType::F32)? };
            refill(input, p.expand_to(input.shape())?.bernoulli(generator)?.to_dtype(input.dtype())?)
        };

    /// Filled in place with integers from 0 on, as many as the dtype has.
    "random_" "(input: Tensor, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, generator: Option<Generator>| {
            refill(input, random::any_integer(&Like::tensor(input, None, generator))?)
        };

    /// Filled in place with integers from 0 on, below `to`.
    "random_" "(input: Tensor, to: int, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, to: i64, generator: Option<Generator>| {
            random::expect_room(input.dtype(), 0, to)?;
            refill(input, random::integers(&Like::tensor(input, None, generator), 0, to)?)
        };
}

/// Other contents for a tensor, in place.
fn refill(t: &Tensor, contents: Tensor) -> Result<Tensor> {
    t.become_(&contents)?;
    Ok(t.clone())
}
