//! First values of parameters, by torch's formulas, in the default dtype and on the default device.
//!
//! ```
//! # fn main() -> st_core::Result<()> {
//! use st_nn::{Linear, init};
//! let layer = Linear::new(64, 32)?;
//! layer.weight.set(&init::kaiming_normal(&[32, 64], init::Fan::In, init::Nonlinearity::Relu)?)?;
//! # Ok(()) }
//! ```

use st_core::{Result, Tensor, default_device, default_dtype, value_err};

/// Uniform in [low, high).
pub fn uniform(shape: &[usize], low: f64, high: f64) -> Result<Tensor> {
    Tensor::uniform(low, high, shape, default_dtype(), default_device())
}

/// Normal with a mean and a deviation.
pub fn normal(shape: &[usize], mean: f64, std: f64) -> Result<Tensor> {
    Tensor::normal(mean, std, shape, default_dtype(), default_device())
}

/// Normal with a mean and a deviation, cut to [low, high]: the quantiles of uniform numbers.
pub fn trunc_normal(shape: &[usize], mean: f64, std: f64, low: f64, high: f64) -> Result<Tensor> {
    if low > high || std < 0.0 {
        return Err(value_err!(
            "trunc_normal: expected low <= high and std >= 0, got {low}, {high} and {std}"
        ));
    }
    let below = |x: f64| -> Result<f64> {
        let z = Tensor::of((x - mean) / (std * 2f64.sqrt()))?;
        z.erf()?.to_scalar()
    };
    let (from, to) = (below(low)?, below(high)?);
    let z = uniform(shape, from, to)?.erfinv()?;
    ((z * (std * 2f64.sqrt()))? + mean)?.clamp(Some(low.into()), Some(high.into()))
}

/// Every element the same number.
pub fn constant(shape: &[usize], value: f64) -> Result<Tensor> {
    Tensor::full(shape, value, default_dtype(), default_device())
}

/// Zeros.
pub fn zeros(shape: &[usize]) -> Result<Tensor> {
    constant(shape, 0.0)
}

/// Ones.
pub fn ones(shape: &[usize]) -> Result<Tensor> {
    constant(shape, 1.0)
}

/// Which connections of a weight are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// Those into an output: keeps the size of activations.
    In,
    /// Those out of an input: keeps the size of gradients.
    Out,
}

/// What follows a layer, and so how much larger its weights should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nonlinearity {
    /// Nothing, a convolution, a sigmoid.
    Linear,
    /// The hyperbolic tangent.
    Tanh,
    /// max(x, 0).
    Relu,
    /// A slope for what is negative.
    LeakyRelu(f64),
    /// The self-normalising unit.
    Selu,
}

impl Nonlinearity {
    /// The factor torch recommends.
    pub fn gain(self) -> f64 {
        match self {
            Nonlinearity::Linear => 1.0,
            Nonlinearity::Tanh => 5.0 / 3.0,
            Nonlinearity::Relu => 2f64.sqrt(),
            Nonlinearity::LeakyRelu(slope) => (2.0 / (1.0 + slope * slope)).sqrt(),
            Nonlinearity::Selu => 0.75,
        }
    }
}

/// Connections into and out of the units of a weight `[out, in, kernel..]`.
pub fn fans(shape: &[usize]) -> Result<(usize, usize)> {
    let &[outputs, inputs, ref kernel @ ..] = shape else {
        return Err(value_err!(
            "fan in and fan out can not be computed for a tensor of shape {shape:?}, which has fewer than 2 dimensions"
        ));
    };
    let places: usize = kernel.iter().product();
    Ok((inputs * places, outputs * places))
}

fn kaiming_std(shape: &[usize], fan: Fan, then: Nonlinearity) -> Result<f64> {
    let (into, out) = fans(shape)?;
    let count = if fan == Fan::In { into } else { out };
    Ok(then.gain() / (count.max(1) as f64).sqrt())
}

/// He's uniform initialisation: in [-b, b] with b = gain * sqrt(3 / fan).
pub fn kaiming_uniform(shape: &[usize], fan: Fan, then: Nonlinearity) -> Result<Tensor> {
    let bound = 3f64.sqrt() * kaiming_std(shape, fan, then)?;
    uniform(shape, -bound, bound)
}

/// He's normal initialisation, with a deviation of gain / sqrt(fan).
pub fn kaiming_normal(shape: &[usize], fan: Fan, then: Nonlinearity) -> Result<Tensor> {
    normal(shape, 0.0, kaiming_std(shape, fan, then)?)
}

fn xavier_std(shape: &[usize], gain: f64) -> Result<f64> {
    let (into, out) = fans(shape)?;
    Ok(gain * (2.0 / (into + out).max(1) as f64).sqrt())
}

/// Glorot's uniform initialisation: in [-b, b] with b = gain * sqrt(6 / (fan in + fan out)).
pub fn xavier_uniform(shape: &[usize], gain: f64) -> Result<Tensor> {
    let bound = 3f64.sqrt() * xavier_std(shape, gain)?;
    uniform(shape, -bound, bound)
}

/// Glorot's normal initialisation, with a deviation of gain * sqrt(2 / (fan in + fan out)).
pub fn xavier_normal(shape: &[usize], gain: f64) -> Result<Tensor> {
    normal(shape, 0.0, xavier_std(shape, gain)?)
}

/// Rows, or columns where there are fewer of them, that are orthogonal and of one length.
pub fn orthogonal(shape: &[usize], gain: f64) -> Result<Tensor> {
    let (&rows, rest) = match shape {
        [rows, rest @ ..] if !rest.is_empty() => (rows, rest),
        _ => return Err(value_err!("orthogonal: expected at least 2 dimensions, got {shape:?}")),
    };
    let columns: usize = rest.iter().product();
    let square = normal(&[rows.max(columns), rows.min(columns)], 0.0, 1.0)?;
    let (q, r) = square.linalg_qr("reduced")?;
    // The signs of R's diagonal make the factorisation, and so the distribution, unique.
    let q = q.mul(&r.diagonal(0, 0, 1)?.sign()?)?;
    let q = if rows < columns { q.t()? } else { q };
    (q * gain)?.reshape(&shape.iter().map(|&n| n as i64).collect::<Vec<_>>())
}

/// The bound of torch's usual weights and biases: 1 / sqrt(fan in).
pub(crate) fn usual_bound(fan_in: usize) -> f64 {
    1.0 / (fan_in.max(1) as f64).sqrt()
}
