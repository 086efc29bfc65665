//! Gamma, Poisson and binomial numbers: rejection written as fixed expressions.
//!
//! A bounded number of proposals is drawn and the first that is accepted is taken, so that an element always reads the
//! same words of the stream, whatever its parameters, and kernels have no loops. Where all proposals are refused (less
//! often than once in 10^8) the distribution's centre is taken.

use super::{Generator, Like, Word, first_word, normal_at, unit, words_of};
use crate::ops::Operand;
use crate::ops::index::expect_known;
use crate::ops::pointwise::{Pointwise, Vjp, apply};
use crate::tensor::Tensor;
use st_kernel::expr::{
    abs, digamma, exp, expm1, floor, ge, gt, le, lgamma, log, log1p, lt, max, min, select, sqrt,
};
use st_kernel::{DType, Ex, Expr, Result, runtime_err};

/// Proposals of a gamma number, of which at least 19 in 20 are accepted.
const GAMMA_PROPOSALS: usize = 6;
/// Proposals of a large Poisson or binomial number, of which at least 5 in 6 are.
const COUNT_PROPOSALS: usize = 12;
/// Below this mean, counts are found by adding up chances.
const FEW: f64 = 10.0;
/// Chances that are added up: more counts than this have a chance below 10^-12.
const CHANCES: usize = 45;

/// Draws an element from the elements of some tensors; `write` gets them, the key and the first word.
fn draw_from(
    name: &'static str,
    tensors: &[&Tensor],
    words: usize,
    generator: Option<Generator>,
    vjp: Option<Vjp>,
    write: impl Fn(&[Ex], Ex, Ex) -> Ex,
) -> Result<Tensor> {
    let to = Like::tensor(tensors[0], None, generator);
    to.expect_float(name)?;
    if let Some(other) = tensors.iter().find(|t| t.dtype() != to.dtype) {
        return Err(runtime_err!(
            "{name}: expected tensors of one dtype, got {} and {}",
            to.dtype,
            other.dtype()
        ));
    }
    let mut inputs = vec![to.dtype; tensors.len()];
    inputs.extend([DType::I64; 2]);
    let n = tensors.len();
    let expr =
        Expr::build(&inputs, |x| vec![write(&x[..n], x[n], first_word(x[n + 1], words)).cast(to.dtype)]);
    let drawn = to.generator.reserve(tensors[0].numel() * words, to.device)?;
    let mut operands: Vec<Operand> = tensors.iter().map(|t| Operand::Tensor(t)).collect();
    operands.extend(drawn.iter().map(Word::operand));
    apply(Pointwise::intern(name, expr, vjp), &operands)
}

impl Tensor {
    /// Gamma numbers with a concentration for each element and a rate of one; the gradient is that of the quantile.
    pub fn standard_gamma(&self, generator: Option<Generator>) -> Result<Tensor> {
        let gradient: Vjp = |x, y, g| vec![Some(g * y * log_gamma_slope(x[0], log(y))), None, None];
        let smallest = match self.dtype() {
            DType::F64 => f64::MIN_POSITIVE,
            DType::F16 => 2f64.powi(-14),
            _ => f64::from(f32::MIN_POSITIVE),
        };
        draw_from(
            "_standard_gamma",
            &[self],
            gamma_words(self.dtype()),
            generator,
            Some(gradient),
            |x, key, at| max(exp(log_gamma_number(x[0], key, at)), smallest),
        )
    }

    /// The logarithms of gamma numbers, also where these are too small to be told from zero.
    pub fn log_standard_gamma(&self, generator: Option<Generator>) -> Result<Tensor> {
        let gradient: Vjp = |x, y, g| vec![Some(g * log_gamma_slope(x[0], y)), None, None];
        let words = gamma_words(self.dtype());
        draw_from("_log_standard_gamma", &[self], words, generator, Some(gradient), |x, key, at| {
            log_gamma_number(x[0], key, at)
        })
    }

    /// Poisson numbers with a mean for each element.
    pub fn poisson(&self, generator: Option<Generator>) -> Result<Tensor> {
        expect_known(
            self,
            |rate| rate.to_f64() >= 0.0,
            "invalid Poisson rate, expected rate to be non-negative",
        )?;
        draw_from(
            "poisson",
            &[self],
            count_words(),
            generator,
            Some(|_, _, _| vec![None; 3]),
            |x, key, at| poisson_number(x[0].cast(DType::F64), key, at),
        )
    }

    /// How many of `self` trials succeed with a chance.
    pub fn binomial(&self, chance: &Tensor, generator: Option<Generator>) -> Result<Tensor> {
        let shape = st_kernel::view::broadcast(self.shape(), chance.shape()).ok_or_else(|| {
            runtime_err!("binomial: the shapes {:?} and {:?} do not broadcast", self.shape(), chance.shape())
        })?;
        let (count, chance) = (self.expand_to(&shape)?, chance.expand_to(&shape)?);
        let flat: Vjp = |_, _, _| vec![None; 4];
        draw_from("binomial", &[&count, &chance], count_words(), generator, Some(flat), |x, key, at| {
            binomial_number(x[0].cast(DType::F64), x[1].cast(DType::F64), key, at)
        })
    }
}

fn gamma_words(dtype: DType) -> usize {
    (3 * GAMMA_PROPOSALS + 1) * words_of(dtype.compute())
}

/// Counts are drawn in double precision: far more words than a short count needs, and exact for large ones.
fn count_words() -> usize {
    (2 * COUNT_PROPOSALS + 1) * words_of(DType::F64)
}

/// The logarithm of a gamma number after Marsaglia and Tsang: cubes of normal numbers. Concentrations below one are those
/// one larger, times a power of a uniform number.
fn log_gamma_number(concentration: Ex, key: Ex, at: Ex) -> Ex {
    let compute = concentration.dtype.compute();
    let (alpha, words) = (concentration.cast(compute), words_of(compute));
    let word = |n: usize| at + (n * words) as f64;
    let small = lt(alpha, 1.0);
    let d = select(small, alpha + 1.0, alpha, alpha) - 1.0 / 3.0;
    let scale = 1.0 / sqrt(d * 9.0);
    let mut log_cube = d.like(0.0);
    for proposal in (0..GAMMA_PROPOSALS).rev() {
        let x = normal_at(key, word(3 * proposal + 1), compute);
        let u = unit(key, word(3 * proposal + 3), compute);
        let root = x * scale + 1.0;
        let cube = root * root * root;
        let log_of = log(max(cube, 1e-30));
        let accepted = gt(root, 0.0) & lt(log1p(-u), x * x * 0.5 + d * (1.0 - cube + log_of));
        log_cube = select(accepted, log_of, log_cube, d);
    }
    let boost = log1p(-unit(key, at, compute)) / alpha;
    log(d) + log_cube + select(small, boost, 0.0, d)
}

/// The derivative of the logarithm of a gamma number by its concentration, at a fixed quantile.
///
/// With p the density, it is -1 / (x p(x)) times the derivative of the distribution function, an integral of
/// p(t) (log t - digamma) over t < x or, with the other sign, over t > x; t = x exp(-s) or x exp(s) leaves integrands that
/// fall off like an exponential or faster. They are added up at the points of the double exponential rule.
fn log_gamma_slope(alpha: Ex, y: Ex) -> Ex {
    let x = exp(y);
    let below = lt(x, alpha);
    let gap = abs(alpha - x);
    // Where the exponent is about one: it begins linear and quadratic, and ends linear below.
    let near = 2.0 / (gap + sqrt(gap * gap + x * 2.0));
    let long = select(gt(near, 1.0), 1.0 / alpha, near, near);
    // Above a small number it ends when the exponential has grown to one.
    let short = select(lt(x, 1.0), min(near, log1p(1.0 / x) * 0.5), near, near);
    let length = select(below, long, short, near);
    let sign = select(below, -1.0, 1.0, x);
    let base = y - digamma(alpha);
    let step = if alpha.dtype == DType::F64 { 0.1 } else { 0.15 };
    let mut sum = x.like(0.0);
    let points = (7.4 / step) as usize;
    for i in 0..=points {
        let t = i as f64 * step - 3.2;
        let u = (t - (-t).exp()).exp();
        let weight = (1.0 + (-t).exp()) * u * step;
        let s = sign * length * u;
        let exponent = alpha * s - x * expm1(min(s, 50.0));
        sum = sum + exp(min(max(exponent, -80.0), 80.0)) * (base + s) * weight;
    }
    sign * length * sum
}

/// The first of the proposals that is accepted; `propose` gives one and whether it is.
fn first_accepted(centre: Ex, key: Ex, at: Ex, propose: impl Fn(Ex, Ex) -> (Ex, Ex)) -> Ex {
    let mut found = centre;
    for proposal in (0..COUNT_PROPOSALS).rev() {
        let word = |n: usize| at + (2 * (2 * proposal + n + 1)) as f64 - 2.0;
        let (number, accepted) =
            propose(unit(key, word(0), DType::F64) - 0.5, 1.0 - unit(key, word(1), DType::F64));
        found = select(accepted, number, found, found);
    }
    found
}

/// How many chances, each the one before times a factor, must be added up to pass a uniform number.
fn counted(first: Ex, key: Ex, at: Ex, factor: impl Fn(f64) -> Ex) -> Ex {
    let u = unit(key, at + (4 * COUNT_PROPOSALS) as f64, DType::F64);
    let (mut chance, mut passed, mut count) = (first, first, first.like(0.0));
    for k in 1..=CHANCES {
        count = count + ge(u, passed).cast(DType::F64);
        chance = chance * factor(k as f64);
        passed = passed + chance;
    }
    count
}

/// Small means by adding up chances, others by Hörmann's transformed rejection.
fn poisson_number(mean: Ex, key: Ex, at: Ex) -> Ex {
    let few = min(mean, FEW);
    let small = counted(exp(-few), key, at, |k| few / k);
    let many = max(mean, FEW);
    let root = sqrt(many);
    let b = root * 2.53 + 0.931;
    let a = b * 0.02483 - 0.059;
    let inverse = 1.1328 / (b - 3.4) + 1.1239;
    let sure = 0.9277 - 3.6224 / (b - 2.0);
    let log_mean = log(many);
    let large = first_accepted(floor(many), key, at, |u, v| {
        let us = 0.5 - abs(u);
        let k = floor((a * 2.0 / us + b) * u + many + 0.43);
        let known = max(k, 0.0);
        let bound = log(v * inverse / (a / (us * us) + b));
        let inside = le(bound, known * log_mean - many - lgamma(known + 1.0));
        let at_once = ge(us, 0.07) & le(v, sure);
        (k, ge(k, 0.0) & (at_once | inside))
    });
    let number = select(lt(mean, FEW), small, large, mean);
    // Nothing else than NaN is known of a mean below zero.
    select(ge(mean, 0.0), number, f64::NAN, mean)
}

/// The same for the number of successes; of chances above one half the failures are counted.
fn binomial_number(trials: Ex, chance: Ex, key: Ex, at: Ex) -> Ex {
    let turned = gt(chance, 0.5);
    let p = select(turned, 1.0 - chance, chance, chance);
    let ratio = p / (1.0 - p);
    let few = lt(trials * p, FEW);
    // Where the other branch is taken the numbers only have to be finite.
    let n_few = select(few, trials, 1.0, trials);
    let small = counted(exp(n_few * log1p(-p)), key, at, |k| max(n_few - (k - 1.0), 0.0) / k * ratio);
    let n = select(few, 100.0, trials, trials);
    let q = select(few, 0.5, p, p);
    let spread = sqrt(n * q * (1.0 - q));
    let b = spread * 2.53 + 1.15;
    let a = b * 0.0248 + q * 0.01 - 0.0873;
    let centre = n * q + 0.5;
    let sure = 0.92 - 4.2 / b;
    let alpha = (5.1 / b + 2.83) * spread;
    let mode = floor((n + 1.0) * q);
    let log_ratio = log(q / (1.0 - q));
    let weight = |k: Ex| k * log_ratio - lgamma(k + 1.0) - lgamma(n - k + 1.0);
    let at_mode = weight(mode);
    let large = first_accepted(mode, key, at, |u, v| {
        let us = 0.5 - abs(u);
        let k = floor((a * 2.0 / us + b) * u + centre);
        let possible = ge(k, 0.0) & le(k, n);
        let bound = log(v * alpha / (a / (us * us) + b));
        let inside = le(bound, weight(min(max(k, 0.0), n)) - at_mode);
        let at_once = ge(us, 0.07) & le(v, sure);
        (k, possible & (at_once | inside))
    });
    let number = select(few, min(small, trials), large, trials);
    let number = select(turned, trials - number, number, trials);
    select(ge(chance, 0.0) & le(chance, 1.0) & ge(trials, 0.0), number, f64::NAN, trials)
}
