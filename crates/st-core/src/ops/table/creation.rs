//! New tensors: filled, counting, random.

use super::macros::build;
use crate::graph::DeviceId;
use crate::ops::def::{Forms, Ints, On, Out};
use crate::ops::{Operand, composite, select};
use crate::random::{self, Generator, Like};
use crate::tensor::{Tensor, default_device, default_dtype, sizes};
use st_kernel::{DType, Result, Scalar, runtime_err};

const NEW: Forms = Forms::FUNCTION;
const METHOD: Forms = Forms::METHOD;

build! {
    /// Every element zero.
    "zeros" "(size: int[], *, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).also(Forms::CAST),
        |size: Ints, dtype: Option<DType>, device: Option<On>| filled(&size, 0, dtype, device);

    /// Every element one.
    "ones" "(size: int[], *, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).also(Forms::CAST),
        |size: Ints, dtype: Option<DType>, device: Option<On>| filled(&size, 1, dtype, device);

    /// Every element the same number, whose kind says the dtype if none is named.
    "full" "(size: int[], fill_value: Number, *, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).also(Forms::CAST),
        |size: Ints, value: Scalar, dtype: Option<DType>, device: Option<On>| {
            filled(&size, value, Some(dtype.unwrap_or_else(|| Tensor::dtype_of(value))), device)
        };

    /// Memory with undefined contents.
    "empty" "(size: int[], *, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).torch("").also(Forms::CAST),
        |size: Ints, dtype: Option<DType>, device: Option<On>| {
            Tensor::empty(&sizes(&size)?, dtype.unwrap_or_else(default_dtype), id(device))
        };

    /// Zeros like another tensor.
    "zeros_like" "(input: Tensor, *, dtype: dtype? = None, device: device? = None)".forms(NEW),
        |input: &Tensor, dtype: Option<DType>, device: Option<On>| filled_like(input, 0, dtype, device);

    /// Ones like another tensor.
    "ones_like" "(input: Tensor, *, dtype: dtype? = None, device: device? = None)".forms(NEW),
        |input: &Tensor, dtype: Option<DType>, device: Option<On>| filled_like(input, 1, dtype, device);

    /// Every element the same number, like another tensor.
    "full_like" "(input: Tensor, fill_value: Number, *, dtype: dtype? = None, device: device? = None)".forms(NEW),
        |input: &Tensor, value: Scalar, dtype: Option<DType>, device: Option<On>| filled_like(input, value, dtype, device);

    /// Memory with undefined contents, like another tensor.
    "empty_like" "(input: Tensor, *, dtype: dtype? = None, device: device? = None)".forms(NEW).torch(""),
        |input: &Tensor, dtype: Option<DType>, device: Option<On>| {
            Tensor::empty(input.shape(), dtype.unwrap_or(input.dtype()), device.map_or(input.device(), |d| d.0))
        };

    /// Zeros of another shape with the dtype and device of this tensor.
    "new_zeros" "(input: Tensor, size: int[], *, dtype: dtype? = None, device: device? = None)".forms(METHOD).torch("torch.Tensor.new_zeros"),
        |input: &Tensor, size: Ints, dtype: Option<DType>, device: Option<On>| filled_as(input, &size, 0, dtype, device);

    /// Ones of another shape with the dtype and device of this tensor.
    "new_ones" "(input: Tensor, size: int[], *, dtype: dtype? = None, device: device? = None)".forms(METHOD).torch("torch.Tensor.new_ones"),
        |input: &Tensor, size: Ints, dtype: Option<DType>, device: Option<On>| filled_as(input, &size, 1, dtype, device);

    /// A number in another shape with the dtype and device of this tensor.
    "new_full" "(input: Tensor, size: int[], fill_value: Number, *, dtype: dtype? = None, device: device? = None)"
        .forms(METHOD).torch("torch.Tensor.new_full"),
        |input: &Tensor, size: Ints, value: Scalar, dtype: Option<DType>, device: Option<On>| {
            filled_as(input, &size, value, dtype, device)
        };

    /// Memory of another shape with the dtype and device of this tensor.
    "new_empty" "(input: Tensor, size: int[], *, dtype: dtype? = None, device: device? = None)".forms(METHOD).torch(""),
        |input: &Tensor, size: Ints, dtype: Option<DType>, device: Option<On>| {
            Tensor::empty(&sizes(&size)?, dtype.unwrap_or(input.dtype()), device.map_or(input.device(), |d| d.0))
        };

    /// 0, 1 and so on, before `end`.
    "arange" "(end: Number, *, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).onnx("Range").also(Forms::CAST.and(Forms::FILLS)),
        |end: Scalar, dtype: Option<DType>, device: Option<On>| Tensor::arange(0, end, 1, dtype, id(device));

    /// `start`, `start + step` and so on, before `end`.
    "arange" "(start: Number, end: Number, step: Number = 1, *, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).onnx("Range").also(Forms::CAST.and(Forms::FILLS)),
        |start: Scalar, end: Scalar, step: Scalar, dtype: Option<DType>, device: Option<On>| {
            Tensor::arange(start, end, step, dtype, id(device))
        };

    /// So many numbers at equal steps, both ends included, which may be in tensors.
    "linspace" "(start: Operand, end: Operand, steps: int, *, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).also(Forms::FILLS),
        |start: Operand, end: Operand, steps: i64, dtype: Option<DType>, device: Option<On>| {
            match ends("linspace", start, end)? {
                Ends::Known(start, end) => Tensor::linspace(start, end, steps, dtype, id(device)),
                Ends::Samples(start, end) => {
                    spaced(&start, &end, steps)?.to_dtype(dtype.unwrap_or_else(default_dtype))
                }
            }
        };

    /// `base` to the powers at equal steps, both ends included, which may be in tensors.
    "logspace" "(start: Operand, end: Operand, steps: int, base: float = 10.0, *, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).also(Forms::FILLS),
        |start: Operand, end: Operand, steps: i64, base: f64, dtype: Option<DType>, device: Option<On>| {
            match ends("logspace", start, end)? {
                Ends::Known(start, end) => Tensor::logspace(start, end, steps, base, dtype, id(device)),
                Ends::Samples(start, end) => {
                    let powers = composite::number_to_power(base.into(), &spaced(&start, &end, steps)?)?;
                    powers.to_dtype(dtype.unwrap_or_else(default_dtype))
                }
            }
        };

    /// Ones on the diagonal, zeros elsewhere.
    "eye" "(n: int, m: int? = None, *, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).onnx("EyeLike").also(Forms::CAST),
        |n: i64, m: Option<i64>, dtype: Option<DType>, device: Option<On>| {
            for (name, n) in [("n", n), ("m", m.unwrap_or(n))] {
                if n < 0 {
                    return Err(runtime_err!("{name} must be greater or equal to 0, got {n}"));
                }
            }
            let shape = sizes(&[n, m.unwrap_or(n)])?;
            Tensor::eye(shape[0], shape[1], dtype.unwrap_or_else(default_dtype), id(device))
        };

    /// Uniform in [0, 1).
    "rand" "(size: int[], *, generator: Generator? = None, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).torch("").also(Forms::CAST),
        |size: Ints, generator: Option<Generator>, dtype: Option<DType>, device: Option<On>| {
            random::standard_uniform(&Like::new(&size, dtype, id(device), generator)?)
        };

    /// Normal with mean 0 and deviation 1.
    "randn" "(size: int[], *, generator: Generator? = None, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).torch("").also(Forms::CAST),
        |size: Ints, generator: Option<Generator>, dtype: Option<DType>, device: Option<On>| {
            random::standard_normal(&Like::new(&size, dtype, id(device), generator)?)
        };

    /// Integers below `high`.
    "randint" "(high: int, size: int[], *, generator: Generator? = None, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).torch("").also(Forms::CAST),
        |high: i64, size: Ints, generator: Option<Generator>, dtype: Option<DType>, device: Option<On>| {
            random::integers(&Like::new(&size, dtype.or(Some(DType::I64)), id(device), generator)?, 0, high)
        };

    /// Integers from `low` on, below `high`.
    "randint" "(low: int, high: int, size: int[], *, generator: Generator? = None, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).torch("").also(Forms::CAST),
        |low: i64, high: i64, size: Ints, generator: Option<Generator>, dtype: Option<DType>, device: Option<On>| {
            random::integers(&Like::new(&size, dtype.or(Some(DType::I64)), id(device), generator)?, low, high)
        };

    /// The integers below n in random order.
    "randperm" "(n: int, *, generator: Generator? = None, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).torch("").also(Forms::CAST),
        |n: i64, generator: Option<Generator>, dtype: Option<DType>, device: Option<On>| {
            let to = Like::new(&[n], dtype.or(Some(DType::I64)), id(device), generator)?;
            random::expect_countable(n, to.dtype)?;
            random::permutation(n as usize, &to)
        };

    /// Uniform in [0, 1), like another tensor.
    "rand_like" "(input: Tensor, *, generator: Generator? = None, dtype: dtype? = None)".forms(NEW).torch(""),
        |input: &Tensor, generator: Option<Generator>, dtype: Option<DType>| {
            random::standard_uniform(&Like::tensor(input, dtype, generator))
        };

    /// Normal with mean 0 and deviation 1, like another tensor.
    "randn_like" "(input: Tensor, *, generator: Generator? = None, dtype: dtype? = None)".forms(NEW).torch(""),
        |input: &Tensor, generator: Option<Generator>, dtype: Option<DType>| {
            random::standard_normal(&Like::tensor(input, dtype, generator))
        };

    /// Integers below `high`, like another tensor.
    "randint_like" "(input: Tensor, high: int, *, generator: Generator? = None, dtype: dtype? = None)".forms(NEW).torch(""),
        |input: &Tensor, high: i64, generator: Option<Generator>, dtype: Option<DType>| {
            random::integers(&Like::tensor(input, dtype, generator), 0, high)
        };

    /// Integers from `low` on, below `high`, like another tensor.
    "randint_like" "(input: Tensor, low: int, high: int, *, generator: Generator? = None, dtype: dtype? = None)".forms(NEW).torch(""),
        |input: &Tensor, low: i64, high: i64, generator: Option<Generator>, dtype: Option<DType>| {
            random::integers(&Like::tensor(input, dtype, generator), low, high)
        };

    /// Normal with a mean and a deviation.
    "normal" "(mean: float, std: float, size: int[], *, generator: Generator? = None, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).torch("").also(Forms::CAST),
        |mean: f64, std: f64, size: Ints, generator: Option<Generator>, dtype: Option<DType>, device: Option<On>| {
            random::normal_of(&Like::new(&size, dtype, id(device), generator)?, mean, std)
        };

    /// Normal with a mean for each element, and a deviation for each or for all.
    "normal" "(mean: Tensor, std: Operand = 1.0, *, generator: Generator? = None)".forms(NEW.and(Forms::OUT)).torch("").also(Forms::CAST),
        |mean: &Tensor, std: Operand, generator: Option<Generator>| random::normal_around(mean, std, generator);

    /// Normal with a mean for all elements and a deviation for each.
    "normal" "(mean: float, std: Tensor, *, generator: Generator? = None)".forms(NEW.and(Forms::OUT)).torch("").also(Forms::CAST),
        |mean: f64, std: &Tensor, generator: Option<Generator>| {
            random::normal_around(&std.full_like(mean)?, std.into(), generator)
        };

    /// Ones with the probability in each element, else zeros.
    "bernoulli" "(input: Tensor, *, generator: Generator? = None)".torch("").forms(Forms::BOTH_OUT).out(Out::Any),
        |input: &Tensor, generator: Option<Generator>| input.bernoulli(generator);

    /// Ones with probability `p`, else zeros.
    "bernoulli" "(input: Tensor, p: float, *, generator: Generator? = None)".torch("").forms(Forms::BOTH_OUT).out(Out::Any),
        |input: &Tensor, p: f64, generator: Option<Generator>| input.full_like(p)?.bernoulli(generator);

    /// Positions drawn with the probabilities the last dimension is proportional to.
    "multinomial" "(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator? = None)".torch("").forms(Forms::BOTH_OUT),
        |input: &Tensor, samples: i64, replacement: bool, generator: Option<Generator>| {
            input.multinomial(samples, replacement, generator)
        };

    /// Filled in place with uniform numbers in [from, to).
    "uniform_" "(input: Tensor, from: float = 0.0, to: float = 1.0, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, from: f64, to: f64, generator: Option<Generator>| {
            refill(input, random::uniform(&Like::tensor(input, None, generator), from, to)?)
        };

    /// Filled in place with normal numbers.
    "normal_" "(input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, mean: f64, std: f64, generator: Option<Generator>| {
            refill(input, random::normal_of(&Like::tensor(input, None, generator), mean, std)?)
        };

    /// Filled in place with exponential numbers.
    "exponential_" "(input: Tensor, lambd: float = 1.0, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, lambd: f64, generator: Option<Generator>| {
            refill(input, random::exponential(&Like::tensor(input, None, generator), lambd)?)
        };

    /// Filled in place with ones of probability `p` and zeros.
    "bernoulli_" "(input: Tensor, p: float = 0.5, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, p: f64, generator: Option<Generator>| {
            if !(0.0..=1.0).contains(&p) {
                return Err(runtime_err!("bernoulli_ expects p to be in [0, 1], but got p={p}"));
            }
            let chance = Tensor::full(input.shape(), p, DType::F32, input.device())?;
            refill(input, chance.bernoulli(generator)?.to_dtype(input.dtype())?)
        };

    /// Filled in place with integers from `from` on, below `to`.
    "random_" "(input: Tensor, from: int, to: int?, *, generator: Generator? = None)".forms(METHOD).torch(""),
        |input: &Tensor, from: i64, to: Option<i64>, generator: Option<Generator>| {
            let like = Like::tensor(input, None, generator);
            let to = match to {
                Some(to) => {
                    random::expect_room(input.dtype(), from, to)?;
                    to
                }
                None => random::end_of_integers(input.dtype()),
            };
            refill(input, random::integers(&like, from, to)?)
        };
}

pub(super) fn id(device: Option<On>) -> DeviceId {
    device.map_or_else(default_device, |d| d.0)
}

fn filled(
    size: &[i64],
    value: impl Into<Scalar>,
    dtype: Option<DType>,
    device: Option<On>,
) -> Result<Tensor> {
    Tensor::full(&sizes(size)?, value, dtype.unwrap_or_else(default_dtype), id(device))
}

fn filled_like(
    t: &Tensor,
    value: impl Into<Scalar>,
    dtype: Option<DType>,
    device: Option<On>,
) -> Result<Tensor> {
    Tensor::full(t.shape(), value, dtype.unwrap_or(t.dtype()), device.map_or(t.device(), |d| d.0))
}

fn filled_as(
    t: &Tensor,
    size: &[i64],
    value: impl Into<Scalar>,
    dtype: Option<DType>,
    device: Option<On>,
) -> Result<Tensor> {
    Tensor::full(&sizes(size)?, value, dtype.unwrap_or(t.dtype()), device.map_or(t.device(), |d| d.0))
}

/// Other contents for a tensor, in place.
fn refill(t: &Tensor, contents: Tensor) -> Result<Tensor> {
    t.become_(&contents)?;
    Ok(t.clone())
}

/// The ends of a range: numbers, or tensors that have none yet because `vmap` goes over them.
enum Ends {
    Known(f64, f64),
    Samples(Tensor, Tensor),
}

/// Numbers at equal steps between samples, in double precision; both halves count from their own end.
fn spaced(start: &Tensor, end: &Tensor, steps: i64) -> Result<Tensor> {
    let at = Tensor::arange(0, steps, 1, Some(DType::F64), start.device())?;
    let step = end.sub(start)?.div((steps - 1).max(1) as f64)?;
    let from_end = end.sub(&at.neg()?.add(steps - 1)?.mul(&step)?)?;
    select(&at.lt(steps as f64 / 2.0)?, &at.mul(&step)?.add(start)?, &from_end)
}

/// The first and the last of a row of numbers.
fn ends(name: &str, start: Operand, end: Operand) -> Result<Ends> {
    let dims = |operand: &Operand| if let Operand::Tensor(t) = operand { t.dim() } else { 0 };
    if dims(&start) + dims(&end) > 0 {
        return Err(runtime_err!(
            "{name} only supports 0-dimensional start and end tensors, but got start with {} dimension(s) and end with {} dimension(s).",
            dims(&start),
            dims(&end)
        ));
    }
    if [start, end].iter().any(|end| matches!(end, Operand::Tensor(t) if t.is_sample())) {
        let wide = |operand: Operand| match operand {
            Operand::Tensor(t) => t.detach().to_dtype(DType::F64),
            Operand::Scalar(x) => Tensor::full(&[], x, DType::F64, 0),
        };
        return Ok(Ends::Samples(wide(start)?, wide(end)?));
    }
    let number = |operand: Operand| match operand {
        Operand::Tensor(t) => t.item().map(|x| x.to_f64()),
        Operand::Scalar(x) => Ok(x.to_f64()),
    };
    Ok(Ends::Known(number(start)?, number(end)?))
}
