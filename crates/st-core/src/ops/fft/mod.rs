//! Fourier transforms: along one dimension, along several, of short pieces of a signal.

mod lines;
mod short;

pub use short::{Istft, Stft, istft, stft};
pub use st_host::Direction;

use crate::complex::{Complex, Numbers, parts_of};
use crate::ops::def::Ints;
use crate::tensor::{Tensor, normalize_dim};
use lines::{transform, transform_of_real, transform_real, transform_to_real};
use smallvec::SmallVec;
use st_kernel::view::Dims;
use st_kernel::{DType, Error, Result, Scalar, index_err, runtime_err, type_err, unsupported};

/// The dimensions to transform, and how long the signal is made there.
type Axes = SmallVec<[(usize, usize); 4]>;

/// What a transform of `n` points is multiplied by.
fn scale(norm: Option<&str>, direction: Direction, n: usize) -> Result<f64> {
    let n = n as f64;
    Ok(match (norm.unwrap_or("backward"), direction) {
        ("backward", Direction::Inverse) | ("forward", Direction::Forward) => 1.0 / n,
        ("backward", Direction::Forward) | ("forward", Direction::Inverse) => 1.0,
        ("ortho", _) => 1.0 / n.sqrt(),
        (other, _) => return Err(runtime_err!("Invalid normalization mode: \"{other}\"")),
    })
}

fn points(n: i64) -> Result<usize> {
    match usize::try_from(n) {
        Ok(n) if n > 0 => Ok(n),
        _ => Err(runtime_err!("Invalid number of data points ({n}) specified")),
    }
}

fn dimension(dim: i64, rank: usize) -> Result<usize> {
    if rank == 0 {
        return Err(index_err!("Dimension specified as {dim} but tensor has no dimensions"));
    }
    normalize_dim(dim, rank)
}

fn expect_precision(parts: DType) -> Result<()> {
    match parts {
        DType::F16 => Err(unsupported!("Unsupported dtype Half")),
        DType::BF16 => Err(unsupported!("Unsupported dtype BFloat16")),
        _ => Ok(()),
    }
}

/// Complex numbers in a precision there is an algorithm for.
fn signal(x: &Numbers) -> Result<Complex> {
    expect_precision(x.parts())?;
    x.to_complex()
}

/// Real numbers in a precision there is an algorithm for.
fn real_signal(name: &str, x: &Numbers, expects: &str) -> Result<Tensor> {
    match x {
        Numbers::Real(x) => {
            expect_precision(x.dtype())?;
            x.to_dtype(parts_of(x.dtype()))
        }
        Numbers::Complex(z) => Err(type_err!(
            "{name} expects a {expects} input tensor, but got {}",
            crate::complex::torch_name(z.parts())
        )),
    }
}

/// Cut, or filled up with zeros, to `n` elements along a dimension.
fn resized(x: &Tensor, d: usize, n: usize) -> Result<Tensor> {
    let now = x.shape()[d];
    if n <= now {
        return if n == now { Ok(x.clone()) } else { x.narrow(d as i64, 0, n as i64) };
    }
    let mut margins = vec![(0, 0); x.dim()];
    margins[d].1 = (n - now) as i64;
    x.padded(&margins, Scalar::Int(0))
}

/// Applies `f` to pairs with dimension `d` last of all but that of the pairs.
fn along(pairs: &Tensor, d: usize, f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let moved = pairs.movedim(&[d as i64], &[-2])?;
    f(&moved)?.movedim(&[-2], &[d as i64])
}

fn complex_along(pairs: &Tensor, d: usize, direction: Direction, scale: f64) -> Result<Tensor> {
    along(pairs, d, |lines| transform(lines, direction, scale))
}

fn half_along(x: &Tensor, d: usize, scale: f64) -> Result<Tensor> {
    let half = transform_real(&x.movedim(&[d as i64], &[-1])?, scale)?;
    half.movedim(&[-2], &[d as i64])
}

fn real_along(half: &Tensor, d: usize, n: usize, scale: f64) -> Result<Tensor> {
    let line = transform_to_real(&half.movedim(&[d as i64], &[-2])?, n, scale)?;
    line.movedim(&[-1], &[d as i64])
}

/// The transform of a complex signal along one dimension.
pub fn fft(
    x: &Numbers,
    n: Option<i64>,
    dim: i64,
    norm: Option<&str>,
    direction: Direction,
) -> Result<Complex> {
    expect_precision(x.parts())?;
    let d = dimension(dim, x.dim())?;
    let n = points(n.unwrap_or(x.shape()[d] as i64))?;
    let scale = scale(norm, direction, n)?;
    let pairs = match x {
        Numbers::Real(x) => {
            let lines = resized(&x.to_dtype(parts_of(x.dtype()))?, d, n)?.movedim(&[d as i64], &[-1])?;
            transform_of_real(&lines, direction, scale)?.movedim(&[-2], &[d as i64])?
        }
        Numbers::Complex(z) => complex_along(&resized(z.pairs(), d, n)?, d, direction, scale)?,
    };
    Ok(Complex::of_pairs(pairs))
}

/// The first half of the transform of a real signal; `ihfft` if the direction is inverse.
pub fn rfft(
    x: &Numbers,
    n: Option<i64>,
    dim: i64,
    norm: Option<&str>,
    direction: Direction,
) -> Result<Complex> {
    let name = if direction == Direction::Forward { "rfft" } else { "ihfft" };
    let real = real_signal(name, x, "real")?;
    let d = dimension(dim, x.dim())?;
    let n = points(n.unwrap_or(x.shape()[d] as i64))?;
    let half = half_along(&resized(&real, d, n)?, d, scale(norm, direction, n)?)?;
    let half = Complex::of_pairs(half);
    if direction == Direction::Forward { Ok(half) } else { half.conj() }
}

/// The real signal of which this is the first half of a transform; `hfft` if the direction is forward.
pub fn irfft(
    x: &Numbers,
    n: Option<i64>,
    dim: i64,
    norm: Option<&str>,
    direction: Direction,
) -> Result<Tensor> {
    let z = signal(x)?;
    let d = dimension(dim, x.dim())?;
    let n = points(n.unwrap_or(2 * (x.shape()[d] as i64 - 1)))?;
    let z = if direction == Direction::Inverse { z } else { z.conj()? };
    real_along(&resized(z.pairs(), d, n / 2 + 1)?, d, n, scale(norm, direction, n)?)
}

/// Dimensions and sizes as torch understands them; of the last one of a half, the size of the whole.
fn axes(x: &Numbers, s: Option<&Ints>, dim: Option<&Ints>, half: bool) -> Result<Axes> {
    let rank = x.dim();
    let dims: SmallVec<[usize; 4]> = match (dim, s) {
        (Some(dim), _) => {
            let dims = dim.iter().map(|&d| dimension(d, rank)).collect::<Result<SmallVec<[usize; 4]>>>()?;
            if (1..dims.len()).any(|i| dims[..i].contains(&dims[i])) {
                return Err(runtime_err!("FFT dims must be unique"));
            }
            dims
        }
        (None, Some(s)) if s.len() > rank => {
            return Err(runtime_err!(
                "Got shape with {} values but input tensor only has {rank} dimensions.",
                s.len()
            ));
        }
        (None, Some(s)) => (rank - s.len()..rank).collect(),
        (None, None) => (0..rank).collect(),
    };
    if s.is_some_and(|s| s.len() != dims.len()) {
        return Err(runtime_err!("When given, dim and shape arguments must have the same length"));
    }
    let size = |(i, &d): (usize, &usize)| {
        let own = x.shape()[d] as i64;
        let own = if half && i + 1 == dims.len() { 2 * (own - 1) } else { own };
        let n = s.map(|s| s[i]).filter(|&n| n != -1).unwrap_or(own);
        points(n).map(|n| (d, n))
    };
    dims.iter().enumerate().map(size).collect()
}

/// A result in torch's order: what was transformed stands inside, and the parts of a complex number (`inner`) within that.
fn laid_out(found: Tensor, axes: &Axes, inner: usize) -> Result<Tensor> {
    let rank = found.dim() - inner;
    let (within, around): (Dims, Dims) = (0..rank).partition(|d| axes.iter().any(|axis| axis.0 == *d));
    let order: Dims = around.into_iter().chain(within).chain(rank..rank + inner).collect();
    found.laid_out(&order)
}

fn total(axes: &Axes) -> usize {
    axes.iter().map(|axis| axis.1).product()
}

/// The transform of a complex signal along several dimensions.
pub fn fftn(
    x: &Numbers,
    s: Option<&Ints>,
    dim: Option<&Ints>,
    norm: Option<&str>,
    direction: Direction,
) -> Result<Complex> {
    let axes = axes(x, s, dim, false)?;
    let mut pairs = signal(x)?.pairs().clone();
    let mut scale = scale(norm, direction, total(&axes))?;
    for &(d, n) in &axes {
        pairs = complex_along(&resized(&pairs, d, n)?, d, direction, scale)?;
        scale = 1.0;
    }
    let pairs = if axes.is_empty() { pairs.copy()? } else { laid_out(pairs, &axes, 1)? };
    Ok(Complex::of_pairs(pairs))
}

fn at_least_one(name: &str) -> Error {
    runtime_err!("{name} must transform at least one axis")
}

/// The half along the last of several dimensions of the transform of a real signal; `ihfftn` if the direction is inverse.
pub fn rfftn(
    x: &Numbers,
    s: Option<&Ints>,
    dim: Option<&Ints>,
    norm: Option<&str>,
    direction: Direction,
) -> Result<Complex> {
    let name = if direction == Direction::Forward { "rfftn" } else { "ihfftn" };
    if direction == Direction::Forward && matches!(x, Numbers::Complex(_)) {
        real_signal(name, x, "real-valued")?;
    }
    let axes = axes(x, s, dim, false)?;
    if axes.is_empty() {
        return Err(at_least_one(name));
    }
    let real = real_signal(name, x, "real-valued")?;
    let Some((&(last, _), others)) = axes.split_last() else { return Err(at_least_one(name)) };
    let real = axes.iter().try_fold(real, |x, &(d, n)| resized(&x, d, n))?;
    let half = Complex::of_pairs(half_along(&real, last, scale(norm, direction, total(&axes))?)?);
    let half = if direction == Direction::Forward { half } else { half.conj()? };
    let pairs =
        others.iter().try_fold(half.pairs().clone(), |x, &(d, _)| complex_along(&x, d, direction, 1.0))?;
    laid_out(pairs, &axes, 1).map(Complex::of_pairs)
}

/// The real signal of which this is the half of a transform; `hfftn` if the direction is forward.
pub fn irfftn(
    x: &Numbers,
    s: Option<&Ints>,
    dim: Option<&Ints>,
    norm: Option<&str>,
    direction: Direction,
) -> Result<Tensor> {
    let name = if direction == Direction::Inverse { "irfftn" } else { "hfftn" };
    let axes = axes(x, s, dim, true)?;
    let Some((&(last, n), others)) = axes.split_last() else { return Err(at_least_one(name)) };
    let mut pairs = resized(signal(x)?.pairs(), last, n / 2 + 1)?;
    for &(d, n) in others {
        pairs = complex_along(&resized(&pairs, d, n)?, d, direction, 1.0)?;
    }
    let half = Complex::of_pairs(pairs);
    let half = if direction == Direction::Inverse { half } else { half.conj()? };
    laid_out(real_along(half.pairs(), last, n, scale(norm, direction, total(&axes))?)?, &axes, 0)
}

/// The frequencies of a transform of `n` points that are `spacing` apart.
pub fn fftfreq(n: i64, spacing: f64, half: bool, dtype: DType, device: u8) -> Result<Tensor> {
    let name = if half { "rfftfreq" } else { "fftfreq" };
    if !dtype.is_float() {
        return Err(runtime_err!("{name} requires a floating point or complex dtype"));
    }
    if n < 0 {
        return Err(runtime_err!("{name}: the number of points must not be negative, got {n}"));
    }
    let step = 1.0 / (n as f64 * spacing);
    let count = if half { n / 2 + 1 } else { n };
    let count = if n == 0 && !half { 0 } else { count };
    let positive = (n + 1) / 2;
    let at = |i: i64| if half || i < positive { i } else { i - n };
    let found: Vec<f64> = (0..count).map(|i| at(i) as f64 * step).collect();
    Tensor::from_slice(&found, &[found.len()])?.to_dtype(dtype)?.to_device(device)
}

/// Frequency zero moved to the middle of some dimensions, or back to their start.
pub fn fftshift(x: &Tensor, dim: Option<&Ints>, back: bool) -> Result<Tensor> {
    let dims: Vec<i64> = match dim {
        Some(dim) => dim.to_vec(),
        None => (0..x.dim() as i64).collect(),
    };
    let shift = |&d: &i64| {
        let n = x.shape()[dimension(d, x.dim())?] as i64;
        Ok(if back { (n + 1) / 2 } else { n / 2 })
    };
    let shifts = dims.iter().map(shift).collect::<Result<Vec<i64>>>()?;
    if dims.is_empty() {
        return Err(runtime_err!("`shifts` required"));
    }
    x.roll(&shifts, &dims)
}
