//! Random numbers: counter-based (Philox4x32-10), so that they are equal on every device and generated inside kernels.
//!
//! A [`Generator`] is a key (the seed) and how many 32-bit words it has given out. An operator reserves words and reads
//! word `offset + position` for each element; key and offset are parameters of the kernel, so a new draw needs no new plan.

mod create;
mod dirichlet;
mod rejection;

pub(crate) use dirichlet::dirichlet_slopes;

use crate::autograd::torch_name;
use crate::graph::DeviceId;
use crate::ops::index::expect_known;
use crate::ops::pointwise::{Pointwise, apply, flat_in, generate};
use crate::ops::{Operand, def::Ints};
use crate::tensor::{Tensor, default_dtype};
use st_kernel::expr::{ceil, cos, exp, gt, log1p, lt, max, modulo, random, select, shl, shr, sqrt, tan};
use st_kernel::view::{broadcast, numel};
use st_kernel::{DType, Ex, Expr, Result, Scalar, runtime_err, unsupported};
use std::f64::consts::TAU;
use std::sync::{Arc, LazyLock, Mutex};

/// A source of random numbers. Cloning copies the handle.
#[derive(Clone)]
pub struct Generator(Arc<Mutex<State>>);

/// The seed and the number of words given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The key of the counter's hash: the seed.
    pub key: u64,
    /// Words given out so far.
    pub offset: u64,
}

impl Default for Generator {
    fn default() -> Generator {
        Generator::new(DEFAULT_SEED)
    }
}

/// Torch's seed of a generator nobody has seeded.
const DEFAULT_SEED: u64 = 67_280_421_310_721;

static DEFAULT: LazyLock<Generator> = LazyLock::new(|| Generator::new(entropy()));

impl Generator {
    /// A generator of a seed.
    pub fn new(seed: u64) -> Generator {
        Generator(Arc::new(Mutex::new(State { key: seed, offset: 0 })))
    }

    /// The one operators use when none is given.
    pub fn global() -> &'static Generator {
        &DEFAULT
    }

    /// Starts over with a seed.
    pub fn manual_seed(&self, seed: u64) {
        self.set_state(State { key: seed, offset: 0 });
    }

    /// Starts over with a seed nobody knows, and tells it.
    pub fn seed(&self) -> u64 {
        let seed = entropy();
        self.manual_seed(seed);
        seed
    }

    /// The seed it started with.
    pub fn initial_seed(&self) -> u64 {
        self.state().key
    }

    /// What comes next.
    pub fn state(&self) -> State {
        *self.0.lock().expect("no panic while the lock is held")
    }

    /// Goes on from a state.
    pub fn set_state(&self, state: State) {
        *self.0.lock().expect("no panic while the lock is held") = state;
    }

    /// Whether it is the same source.
    pub(crate) fn is(&self, other: &Generator) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Key and first word of a run of words that nobody else gets.
    pub(crate) fn take(&self, words: usize) -> [u64; 2] {
        let mut state = self.0.lock().expect("no panic while the lock is held");
        let first = state.offset;
        state.offset = first.wrapping_add(words as u64);
        [state.key, first]
    }

    /// The same as operands on a device: numbers, or tensors where work is recorded that will draw again and again.
    fn reserve(&self, words: usize, device: DeviceId) -> Result<[Word; 2]> {
        // Four words come from one counter: a run starts at a whole one.
        let words = (words * crate::vmap::batch_of_draws()?).next_multiple_of(4);
        match crate::runtime::draws(self, words, device)? {
            Some(tensors) => Ok(tensors.map(Word::Tensor)),
            None => Ok(self.take(words).map(|word| Word::Number(Scalar::Int(word as i64)))),
        }
    }
}

/// A key or a place in the stream of words.
enum Word {
    Number(Scalar),
    Tensor(Tensor),
}

impl Word {
    fn operand(&self) -> Operand<'_> {
        match self {
            Word::Number(number) => Operand::Scalar(*number),
            Word::Tensor(tensor) => Operand::Tensor(tensor),
        }
    }
}

/// Seeds the generator operators use when none is given.
pub fn manual_seed(seed: u64) {
    DEFAULT.manual_seed(seed);
}

/// Seeds it with a number nobody knows, and tells it.
pub fn seed() -> u64 {
    DEFAULT.seed()
}

/// The seed it started with.
pub fn initial_seed() -> u64 {
    DEFAULT.initial_seed()
}

/// 64 bits from the operating system's source, by way of the standard library's hash keys.
fn entropy() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// Words of an element of a uniform number: two where one has too few bits.
fn words_of(dtype: DType) -> usize {
    if dtype == DType::F64 { 2 } else { 1 }
}

/// A number in [0, 1) with all the bits `dtype` holds there, from the element's words `at..`, in the dtype computed in.
fn unit(key: Ex, at: Ex, dtype: DType) -> Ex {
    let bits = match dtype {
        DType::F16 => 11,
        DType::BF16 => 8,
        DType::F64 => {
            let (high, low) = (random(key, at), random(key, at + 1.0));
            return (shl(high, 21.0) | shr(low, 11.0)).cast(DType::F64) * 2f64.powi(-53);
        }
        _ => 24,
    };
    shr(random(key, at), f64::from(32 - bits)).cast(DType::F32) * 2f64.powi(-bits)
}

/// The first word of the element when each has `words` of them.
fn first_word(offset: Ex, words: usize) -> Ex {
    offset + Ex::position() * words as f64
}

/// A standard normal number for each element, from two uniform ones.
fn normal(key: Ex, offset: Ex, dtype: DType) -> Ex {
    // Half precision is computed from single: its own few bits would show.
    let compute = dtype.compute();
    normal_at(key, first_word(offset, 2 * words_of(compute)), compute)
}

/// A standard normal number by Box and Muller, from the words `at..`.
fn normal_at(key: Ex, at: Ex, compute: DType) -> Ex {
    let words = words_of(compute);
    let (u, v) = (unit(key, at, compute), unit(key, at + words as f64, compute));
    sqrt(log1p(-u) * -2.0) * cos(v * TAU)
}

/// Numbers of a distribution: `write` gets key, offset and the parameters.
fn draw(
    name: &'static str,
    to: &Like,
    words: usize,
    params: &[Scalar],
    write: impl FnOnce(Ex, Ex, &[Ex]) -> Ex,
) -> Result<Tensor> {
    let mut inputs = vec![DType::I64, DType::I64];
    inputs.extend(
        params.iter().map(|p| if let Scalar::Float(_) = p { to.dtype.compute() } else { DType::I64 }),
    );
    let expr = Expr::build(&inputs, |x| vec![write(x[0], x[1], &x[2..]).cast(to.dtype)]);
    let op = Pointwise::intern(name, expr, None);
    match to.generator.reserve(numel(&to.shape) * words, to.device)? {
        [Word::Number(key), Word::Number(offset)] => {
            generate(op, &[&[key, offset], params].concat(), &to.shape, to.device)
        }
        [key, offset] => {
            let sizes: Ints = to.shape.iter().map(|&n| n as i64).collect();
            let key = match key {
                Word::Tensor(key) => Word::Tensor(key.expand(&sizes)?),
                number => number,
            };
            let params = params.iter().map(|&number| Operand::Scalar(number));
            apply(op, &[key.operand(), offset.operand()].into_iter().chain(params).collect::<Vec<_>>())
        }
    }
}

/// What a random tensor shall be like.
pub(crate) struct Like {
    pub(crate) shape: Vec<usize>,
    pub(crate) dtype: DType,
    pub(crate) device: DeviceId,
    pub(crate) generator: Generator,
}

impl Like {
    /// As asked for by a caller's arguments.
    pub(crate) fn new(
        size: &[i64],
        dtype: Option<DType>,
        device: DeviceId,
        generator: Option<Generator>,
    ) -> Result<Like> {
        let shape = crate::tensor::sizes(size)?;
        let generator = generator.unwrap_or_else(|| Generator::global().clone());
        Ok(Like { shape, dtype: dtype.unwrap_or_else(default_dtype), device, generator })
    }

    /// As another tensor.
    pub(crate) fn tensor(t: &Tensor, dtype: Option<DType>, generator: Option<Generator>) -> Like {
        let generator = generator.unwrap_or_else(|| Generator::global().clone());
        Like { shape: t.shape().to_vec(), dtype: dtype.unwrap_or(t.dtype()), device: t.device(), generator }
    }

    fn expect_float(&self, name: &str) -> Result<()> {
        if self.dtype.is_float() {
            return Ok(());
        }
        Err(unsupported!("\"{name}\" is not implemented for {}; ask for a floating-point dtype", self.dtype))
    }
}

/// An error if the numbers up to `n` are not all numbers of a dtype.
pub(crate) fn expect_countable(n: i64, dtype: DType) -> Result<()> {
    let most = match dtype {
        DType::F16 => 1 << 11,
        DType::BF16 => 1 << 8,
        DType::F32 => 1 << 24,
        DType::F64 => 1 << 53,
        whole if n - 1 > whole.integers().1 => {
            return Err(runtime_err!("value cannot be converted to type {whole} without overflow"));
        }
        _ => return Ok(()),
    };
    if n > most + 1 {
        return Err(runtime_err!("n cannot be greater than {} for {} type.", most + 1, torch_name(dtype)));
    }
    Ok(())
}

/// The largest number of a floating-point dtype.
fn largest(dtype: DType) -> f64 {
    match dtype {
        DType::F16 => 65504.0,
        DType::BF16 => f64::from(f32::from_bits(0x7f7f_0000)),
        DType::F32 => f64::from(f32::MAX),
        _ => f64::MAX,
    }
}

/// Uniform in [low, high).
pub(crate) fn uniform(to: &Like, low: f64, high: f64) -> Result<Tensor> {
    to.expect_float("uniform")?;
    if low > high {
        return Err(runtime_err!(
            "uniform_ expects to return a [from, to) range, but found from={low} > to={high}"
        ));
    }
    let most = largest(to.dtype);
    for (bound, name) in [(low, "from"), (high, "to")] {
        if bound.abs() > most || bound.is_nan() {
            return Err(runtime_err!("{name} is out of bounds for {}", torch_name(to.dtype)));
        }
    }
    if high - low > most {
        return Err(runtime_err!(
            "uniform_ expects to-from <= std::numeric_limits<{}>::max(), but found to={high} and from={low} which result in to-from to exceed the limit",
            torch_name(to.dtype)
        ));
    }
    let words = words_of(to.dtype);
    draw("uniform", to, words, &[low.into(), (high - low).into()], |key, offset, p| {
        unit(key, first_word(offset, words), to.dtype) * p[1] + p[0]
    })
}

/// Uniform in [0, 1).
pub(crate) fn standard_uniform(to: &Like) -> Result<Tensor> {
    to.expect_float("rand")?;
    let words = words_of(to.dtype);
    draw("rand", to, words, &[], |key, offset, _| unit(key, first_word(offset, words), to.dtype))
}

/// Normal with mean 0 and deviation 1.
pub(crate) fn standard_normal(to: &Like) -> Result<Tensor> {
    to.expect_float("randn")?;
    draw("randn", to, 2 * words_of(to.dtype), &[], |key, offset, _| normal(key, offset, to.dtype))
}

/// Normal with a mean and a deviation.
pub(crate) fn normal_of(to: &Like, mean: f64, std: f64) -> Result<Tensor> {
    to.expect_float("normal")?;
    if std.is_nan() || std < 0.0 {
        return Err(runtime_err!("normal expects std >= 0.0, but found std {std}"));
    }
    draw("normal", to, 2 * words_of(to.dtype), &[mean.into(), std.into()], |key, offset, p| {
        normal(key, offset, to.dtype) * p[1] + p[0]
    })
}

/// Normal with a mean for each element and a deviation for each or for all.
pub(crate) fn normal_around(mean: &Tensor, std: Operand, generator: Option<Generator>) -> Result<Tensor> {
    let std = match std {
        Operand::Tensor(std) => std.clone(),
        Operand::Scalar(std) => mean.detach().full_like(std)?,
    };
    if std.numel() > 0 && !std.is_sample() && std.min_all()?.item()?.to_f64() < 0.0 {
        return Err(runtime_err!("normal expects all elements of std >= 0.0"));
    }
    let shape = broadcast(mean.shape(), std.shape())
        .ok_or_else(|| crate::tensor::inplace::no_broadcast(mean.shape(), std.shape()))?;
    let to = Like { shape: shape.to_vec(), ..Like::tensor(mean, None, generator) };
    let drawn = standard_normal(&to)?.mul(&std.detach())?.add(&mean.detach())?;
    flat_in(&drawn, mean).and_then(|drawn| flat_in(&drawn, &std))
}

/// Exponential with a rate.
pub(crate) fn exponential(to: &Like, rate: f64) -> Result<Tensor> {
    to.expect_float("exponential")?;
    if rate.is_nan() || rate <= 0.0 {
        return Err(runtime_err!("exponential_ expects lambda > 0.0, but found lambda={rate}"));
    }
    let compute = to.dtype.compute();
    let words = words_of(compute);
    draw("exponential", to, words, &[rate.into()], |key, offset, p| {
        -log1p(-unit(key, first_word(offset, words), compute)) / p[0]
    })
}

/// How many trials it takes until one succeeds.
pub(crate) fn geometric(to: &Like, p: f64) -> Result<Tensor> {
    if to.dtype == DType::Bool {
        return Err(unsupported!("\"geometric_cpu\" not implemented for 'Bool'"));
    }
    if !(p > 0.0 && p < 1.0) {
        return Err(runtime_err!("geometric_ expects p to be in (0, 1), but got p={p}"));
    }
    if !to.dtype.is_float() {
        let (shape, generator) = (to.shape.clone(), to.generator.clone());
        let wide = Like { shape, dtype: DType::F64, device: to.device, generator };
        return geometric(&wide, p)?.to_dtype(to.dtype);
    }
    draw("geometric", to, 2, &[(-p).ln_1p().into()], |key, offset, q| {
        let u = unit(key, first_word(offset, 2), DType::F64);
        max(ceil(log1p(-u) / q[0].cast(DType::F64)), 1.0)
    })
}

/// Cauchy with a median and a width.
pub(crate) fn cauchy(to: &Like, median: f64, sigma: f64) -> Result<Tensor> {
    to.expect_float("cauchy")?;
    if sigma.is_nan() || sigma <= 0.0 {
        return Err(runtime_err!("cauchy_ expects sigma > 0.0, but found sigma={sigma}"));
    }
    let compute = to.dtype.compute();
    let words = words_of(compute);
    draw("cauchy", to, words, &[median.into(), sigma.into()], |key, offset, p| {
        let u = unit(key, first_word(offset, words), compute);
        p[0] + p[1] * tan((u - 0.5) * (TAU / 2.0))
    })
}

/// Numbers whose logarithms are normal.
pub(crate) fn log_normal(to: &Like, mean: f64, std: f64) -> Result<Tensor> {
    to.expect_float("log_normal")?;
    if std.is_nan() || std <= 0.0 {
        return Err(runtime_err!("log_normal_ expects std > 0.0, but found std={std}"));
    }
    draw("log_normal", to, 2 * words_of(to.dtype), &[mean.into(), std.into()], |key, offset, p| {
        exp(normal(key, offset, to.dtype) * p[1] + p[0])
    })
}

/// Integers of all of a dtype's range from zero on, as far as each of them can be told from its neighbours.
pub(crate) fn any_integer(to: &Like) -> Result<Tensor> {
    integers(to, 0, end_of_integers(to.dtype))
}

/// The integer behind the last one of a dtype that can be told from its neighbours.
pub(crate) fn end_of_integers(dtype: DType) -> i64 {
    match dtype {
        DType::Bool => 2,
        DType::F16 => (1 << 11) + 1,
        DType::BF16 => (1 << 8) + 1,
        DType::F32 => (1 << 24) + 1,
        DType::F64 => (1 << 53) + 1,
        other => other.integers().1.saturating_add(1),
    }
}

/// An error if a dtype has no room for the integers from `low` on, below `high`.
pub(crate) fn expect_room(dtype: DType, low: i64, high: i64) -> Result<()> {
    if high <= low {
        return Ok(());
    }
    for (name, bound) in [("from", low), ("to - 1", high - 1)] {
        let fits = match dtype {
            DType::Bool => (0..=1).contains(&bound),
            float if float.is_float() => Scalar::Int(bound).fits(float),
            integer => (integer.integers().0..=integer.integers().1).contains(&bound),
        };
        if !fits {
            return Err(runtime_err!("{name} is out of bounds for {}", crate::dtype_name(dtype)));
        }
    }
    Ok(())
}

/// Integers in [low, high).
pub(crate) fn integers(to: &Like, low: i64, high: i64) -> Result<Tensor> {
    let range = i128::from(high) - i128::from(low);
    if range <= 0 {
        return Err(runtime_err!(
            "random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        ));
    }
    let numbers = [Scalar::Int(low), Scalar::Int(range.min(i128::from(i64::MAX)) as i64)];
    if range < 1 << 31 {
        return draw("randint", to, 1, &numbers, |key, offset, p| {
            shr(random(key, first_word(offset, 1)) * p[1], 32.0) + p[0]
        });
    }
    if range > i128::from(i64::MAX) {
        // At least half of all integers: any 64 bits, and what falls outside is drawn from the lower half.
        return draw("randint", to, 2, &[Scalar::Int(low), Scalar::Int(high)], |key, offset, p| {
            let at = first_word(offset, 2);
            let any = shl(random(key, at), 32.0) | random(key, at + 1.0);
            let inside = select(lt(any, p[0]), p[1], any, any);
            select(lt(inside, p[1]), any, wide(key, offset) + p[0], any)
        });
    }
    draw("randint", to, 2, &numbers, |key, offset, p| modulo(wide(key, offset), p[1]) + p[0])
}

/// 63 random bits.
fn wide(key: Ex, offset: Ex) -> Ex {
    let at = first_word(offset, 2);
    shl(shr(random(key, at), 1.0), 32.0) | random(key, at + 1.0)
}

/// The integers below n in random order: the order that sorts random keys.
pub(crate) fn permutation(n: usize, to: &Like) -> Result<Tensor> {
    let keys = Like { shape: vec![n], dtype: DType::I64, device: to.device, generator: to.generator.clone() };
    let keys = draw("randperm", &keys, 2, &[], |key, offset, _| wide(key, offset))?;
    let (_, order) = keys.sort(0, false, true)?;
    order.to_dtype(to.dtype)
}

impl Tensor {
    /// Ones with the probability in each element, else zeros.
    pub fn bernoulli(&self, generator: Option<Generator>) -> Result<Tensor> {
        let to = Like::tensor(self, None, generator);
        to.expect_float("bernoulli")?;
        expect_known(
            self,
            |p| (0.0..=1.0).contains(&p.to_f64()),
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false.",
        )?;
        let compute = to.dtype.compute();
        let words = words_of(compute);
        let expr = Expr::build(&[to.dtype, DType::I64, DType::I64], |x| {
            vec![lt(unit(x[1], first_word(x[2], words), compute), x[0].cast(compute)).cast(to.dtype)]
        });
        let [key, offset] = to.generator.reserve(self.numel() * words, self.device())?;
        let operands = [self.into(), key.operand(), offset.operand()];
        apply(Pointwise::intern("bernoulli", expr, None), &operands)
    }

    /// Zeros with probability `p`; what stays is scaled by 1 / (1 - p). Nothing changes outside training.
    pub fn dropout(&self, p: f64, training: bool) -> Result<Tensor> {
        if !(0.0..=1.0).contains(&p) {
            return Err(runtime_err!("dropout probability has to be between 0 and 1, but got {p}"));
        }
        if !training || p == 0.0 || self.numel() == 0 {
            return Ok(self.clone());
        }
        crate::ops::pointwise::expect_float("dropout", self)?;
        if p == 1.0 {
            return self.mul(0.0);
        }
        let dtype = self.dtype();
        let compute = dtype.compute();
        // The gradient draws the same numbers again, so that no mask is kept.
        let expr = Expr::build(&[dtype, DType::I64, DType::I64, DType::F32, compute], |x| {
            let kept = gt(x[3], unit(x[1], first_word(x[2], 1), DType::F32));
            vec![select(kept, x[0].cast(compute) * x[4], x[4].like(0.0), x[4]).cast(dtype)]
        });
        let [key, offset] = Generator::global().reserve(self.numel(), self.device())?;
        let [kept, scale] = [1.0 - p, 1.0 / (1.0 - p)].map(|number| Operand::Scalar(Scalar::Float(number)));
        let operands = [self.into(), key.operand(), offset.operand(), kept, scale];
        apply(Pointwise::intern("dropout", expr, None), &operands)
    }

    /// Whole channels (the first two dimensions say which) are zero with probability `p`; the others are scaled.
    pub fn feature_dropout(&self, p: f64, training: bool) -> Result<Tensor> {
        if !training || p == 0.0 || self.numel() == 0 {
            return self.dropout(p, training);
        }
        if self.dim() < 2 {
            return Err(runtime_err!("Feature dropout requires at least 2 dimensions in the input"));
        }
        let mut shape = vec![1; self.dim()];
        shape[..2].copy_from_slice(&self.shape()[..2]);
        self.mul(&Tensor::ones(&shape, self.dtype(), self.device())?.dropout(p, training)?)
    }

    /// Positions drawn with the probabilities the last dimension is proportional to.
    pub fn multinomial(
        &self,
        samples: i64,
        replacement: bool,
        generator: Option<Generator>,
    ) -> Result<Tensor> {
        let n = match self.shape() {
            [n] | [_, n] => *n,
            _ => return Err(runtime_err!("prob_dist must be 1 or 2 dim")),
        };
        if !self.dtype().is_float() {
            return Err(runtime_err!(
                "multinomial only supports floating-point dtypes for input, got: {}",
                torch_name(self.dtype())
            ));
        }
        if samples <= 0 {
            return Err(runtime_err!("cannot sample n_sample <= 0 samples"));
        }
        if n > 1 << 24 {
            return Err(runtime_err!("number of categories cannot exceed 2^24"));
        }
        if !replacement && samples as usize > n {
            return Err(runtime_err!(
                "cannot sample n_sample > prob_dist.size(-1) samples without replacement, got {samples} of {n}"
            ));
        }
        let weights = self.detach().to_dtype(self.dtype().compute())?;
        expect_probabilities(&weights)?;
        let dims: Ints = self.shape().iter().map(|&n| n as i64).collect();
        let race = |shape: &[i64]| {
            let to = Like::new(shape, Some(weights.dtype()), self.device(), generator.clone())?;
            exponential(&to, 1.0)
        };
        // A race of exponential clocks: who rings first (weight / clock largest) has won by its weight.
        if replacement {
            let mut shape = dims.clone();
            shape.insert(dims.len() - 1, samples);
            let rows = weights.unsqueeze(-2)?.div(&race(&shape)?)?;
            return rows.argmax(Some(-1), false);
        }
        Ok(weights.div(&race(&dims)?)?.topk(samples, -1, true, true)?.1)
    }
}

/// Refuses what is no distribution. The graph runs.
fn expect_probabilities(weights: &Tensor) -> Result<()> {
    if weights.numel() == 0 || weights.is_sample() || crate::runtime::has_no_values(weights.device()) {
        return Ok(());
    }
    let fine = weights.ge(0.0)?.logical_and(&weights.isfinite()?)?.all(&[], false)?;
    let some = weights.sum(&[-1], false)?.gt(0.0)?.all(&[], false)?;
    crate::runtime::realize(&[fine.clone(), some.clone()])?;
    if !fine.item()?.to_bool() {
        return Err(runtime_err!("probability tensor contains either `inf`, `nan` or element < 0"));
    }
    if !some.item()?.to_bool() {
        return Err(runtime_err!("invalid multinomial distribution (sum of probabilities <= 0)"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use st_kernel::prim::philox_word;

    fn like(n: usize, dtype: DType, seed: u64) -> Like {
        Like { shape: vec![n], dtype, device: 0, generator: Generator::new(seed) }
    }

    #[test]
    fn uniform_numbers_are_the_words_of_the_stream() {
        let to = like(10, DType::F32, 7);
        let first = standard_uniform(&to).unwrap().to_vec::<f32>().unwrap();
        let second = standard_uniform(&to).unwrap().to_vec::<f32>().unwrap();
        let word = |n: u64| (philox_word(7, n) >> 8) as f32 / 16_777_216.0;
        assert_eq!(first, (0..10).map(word).collect::<Vec<_>>());
        assert_eq!(second, (12..22).map(word).collect::<Vec<_>>());
        assert_eq!(to.generator.state(), State { key: 7, offset: 24 });
    }

    #[test]
    fn distributions_have_their_moments() {
        const N: usize = 40_000;
        let check = |t: Tensor, mean: f64, std: f64| {
            let x = t.to_vec::<f64>().unwrap();
            let m = x.iter().sum::<f64>() / N as f64;
            let s = (x.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / N as f64).sqrt();
            assert!((m - mean).abs() < 5.0 * std / (N as f64).sqrt() + 2e-3, "mean {m}, not {mean}");
            assert!((s - std).abs() < 0.03 * std, "deviation {s}, not {std}");
        };
        for dtype in [DType::F32, DType::F64, DType::BF16] {
            let to = like(N, dtype, 3);
            check(standard_normal(&to).unwrap(), 0.0, 1.0);
            check(normal_of(&to, 2.0, 0.5).unwrap(), 2.0, 0.5);
            check(exponential(&to, 2.0).unwrap(), 0.5, 0.5);
            if dtype != DType::BF16 {
                check(uniform(&to, -1.0, 3.0).unwrap(), 1.0, 4.0 / 12f64.sqrt());
            }
        }
        let to = like(N, DType::I64, 3);
        check(integers(&to, -5, 6).unwrap(), 0.0, (120.0f64 / 12.0).sqrt());
        let wide = integers(&to, 0, 1 << 40).unwrap().to_dtype(DType::F64).unwrap();
        check(wide.div((1u64 << 40) as f64).unwrap(), 0.5, 1.0 / 12f64.sqrt());
        let coins =
            Tensor::full(&[N], 0.3, DType::F32, 0).unwrap().bernoulli(Some(Generator::new(5))).unwrap();
        check(coins, 0.3, (0.3f64 * 0.7).sqrt());
    }

    #[test]
    fn a_permutation_has_every_number_once() {
        let mut order = permutation(500, &like(500, DType::I64, 1)).unwrap().to_vec::<i64>().unwrap();
        assert_ne!(order, (0..500).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..500).collect::<Vec<_>>());
    }

    #[test]
    fn dropout_scales_what_it_keeps() {
        let kept = Tensor::ones(&[4000], DType::F32, 0)
            .unwrap()
            .dropout(0.25, true)
            .unwrap()
            .to_vec::<f32>()
            .unwrap();
        let count = kept.iter().filter(|&&x| x != 0.0).count();
        assert!(kept.iter().all(|&x| x == 0.0 || (x - 4.0 / 3.0).abs() < 1e-6));
        assert!((2800..3200).contains(&count), "{count} of 4000 kept");
        assert_eq!(
            Tensor::ones(&[3], DType::F32, 0).unwrap().dropout(1.0, true).unwrap().to_vec::<f32>().unwrap(),
            [0.0; 3]
        );
    }

    #[test]
    fn multinomial_follows_the_weights() {
        let weights = Tensor::from_slice(&[1.0f32, 0.0, 3.0], &[3]).unwrap();
        let drawn =
            weights.multinomial(4000, true, Some(Generator::new(9))).unwrap().to_vec::<i64>().unwrap();
        let count = |n: i64| drawn.iter().filter(|&&d| d == n).count();
        assert_eq!((drawn.len(), count(1)), (4000, 0));
        assert!((2850..3150).contains(&count(2)), "{}", count(2));
        let both = weights.multinomial(2, false, None).unwrap().to_vec::<i64>().unwrap();
        assert!(both.contains(&0) && both.contains(&2));
    }
}
