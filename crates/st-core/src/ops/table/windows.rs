//! Windows for signals, and tensors made in less usual ways.

use super::creation::id;
use super::macros::build;
use crate::graph::DeviceId;
use crate::ops::def::{Forms, Ints, On};
use crate::tensor::{Tensor, default_dtype, sizes};
use st_kernel::{DType, Result, Scalar, runtime_err};
use std::f64::consts::PI;

const NEW: Forms = Forms::FUNCTION;

build! {
    /// The window that rises to 1 in a line and falls.
    "bartlett_window" "(window_length: int, periodic: bool = True, *, dtype: dtype? = None, device: device? = None)".forms(NEW),
        |window_length: i64, periodic: bool, dtype: Option<DType>, device: Option<On>| {
            window("bartlett_window", window_length, periodic, dtype, device, |x| x.mul(2.0)?.sub(1.0)?.abs()?.divided_from_one())
        };

    /// The raised cosine that is zero at the ends.
    "hann_window" "(window_length: int, periodic: bool = True, *, dtype: dtype? = None, device: device? = None)".forms(NEW),
        |window_length: i64, periodic: bool, dtype: Option<DType>, device: Option<On>| {
            window("hann_window", window_length, periodic, dtype, device, |x| cosines(x, &[0.5, -0.5]))
        };

    /// The raised cosine `alpha - beta * cos`.
    "hamming_window" "(window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, *, dtype: dtype? = None, device: device? = None)".forms(NEW),
        |window_length: i64, periodic: bool, alpha: f64, beta: f64, dtype: Option<DType>, device: Option<On>| {
            window("hamming_window", window_length, periodic, dtype, device, |x| cosines(x, &[alpha, -beta]))
        };

    /// A sum of two cosines that is zero at the ends.
    "blackman_window" "(window_length: int, periodic: bool = True, *, dtype: dtype? = None, device: device? = None)".forms(NEW),
        |window_length: i64, periodic: bool, dtype: Option<DType>, device: Option<On>| {
            window("blackman_window", window_length, periodic, dtype, device, |x| cosines(x, &[0.42, -0.5, 0.08]))
        };

    /// Kaiser's window of a shape `beta`.
    "kaiser_window" "(window_length: int, periodic: bool = True, beta: float = 12.0, *, dtype: dtype? = None, device: device? = None)".forms(NEW),
        |window_length: i64, periodic: bool, beta: f64, dtype: Option<DType>, device: Option<On>| {
            window("kaiser_window", window_length, periodic, dtype, device, |x| {
                let arm = x.mul(2.0)?.sub(1.0)?.square()?.divided_from_one()?.clamp_min(0.0)?.sqrt()?.mul(beta)?;
                arm.i0()?.div(&x.full_like(beta)?.i0()?)
            })
        };

    /// Numbers from `start` to `end`, both included.
    "range" "(*, end: Number, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).also(Forms::CAST.and(Forms::FILLS)),
        |end: Scalar, dtype: Option<DType>, device: Option<On>| range(Scalar::Int(0), end, Scalar::Int(1), dtype, device);

    /// Numbers from `start` to `end` in steps, both included.
    "range" "(start: Number, end: Number, step: Number = 1, *, dtype: dtype? = None, device: device? = None)".forms(NEW.and(Forms::OUT)).also(Forms::CAST.and(Forms::FILLS)),
        |start: Scalar, end: Scalar, step: Scalar, dtype: Option<DType>, device: Option<On>| range(start, end, step, dtype, device);

    /// A number as a tensor without dimensions.
    "scalar_tensor" "(s: Number, *, dtype: dtype? = None, device: device? = None)".forms(NEW),
        |s: Scalar, dtype: Option<DType>, device: Option<On>| Tensor::full(&[], s, dtype.unwrap_or_else(default_dtype), id(device));

    /// Memory with undefined contents, seen in strides.
    "empty_strided" "(size: int[], stride: int[], *, dtype: dtype? = None, device: device? = None)".forms(NEW).torch(""),
        |size: Ints, stride: Ints, dtype: Option<DType>, device: Option<On>| {
            empty_strided(&size, &stride, dtype.unwrap_or_else(default_dtype), id(device))
        };

    /// Memory with undefined contents, seen in strides; the dtype and device are the tensor's.
    "new_empty_strided" "(input: Tensor, size: int[], stride: int[], *, dtype: dtype? = None, device: device? = None)"
        .forms(Forms::METHOD).torch(""),
        |input: &Tensor, size: Ints, stride: Ints, dtype: Option<DType>, device: Option<On>| {
            empty_strided(&size, &stride, dtype.unwrap_or(input.dtype()), device.map_or(input.device(), |d| d.0))
        };

    /// Memory with undefined contents, its dimensions laid out in an order.
    "empty_permuted" "(size: int[], physical_layout: int[], *, dtype: dtype? = None, device: device? = None)".forms(NEW).torch(""),
        |size: Ints, physical_layout: Ints, dtype: Option<DType>, device: Option<On>| {
            empty_permuted(&size, &physical_layout, dtype.unwrap_or_else(default_dtype), id(device))
        };
}

impl Tensor {
    fn divided_from_one(&self) -> Result<Tensor> {
        self.neg()?.add(1.0)
    }
}

/// A window as a function of how far along it each element is, from 0 to 1.
fn window(
    name: &str,
    length: i64,
    periodic: bool,
    dtype: Option<DType>,
    device: Option<On>,
    of: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let (dtype, device) = (dtype.unwrap_or_else(default_dtype), id(device));
    if !dtype.is_float() {
        return Err(runtime_err!("{name} expects floating point dtypes, got: {dtype}"));
    }
    if length < 0 {
        return Err(runtime_err!("{name} requires non-negative window_length, got window_length={length}"));
    }
    if length <= 1 {
        return Tensor::ones(&[length as usize], dtype, device);
    }
    let wide = crate::tensor::precise(device);
    let steps = (length - i64::from(!periodic)) as f64;
    of(&Tensor::arange(0, length, 1, Some(wide), device)?.div(steps)?)?.to_dtype(dtype)
}

/// The sum of cosines of multiples of the way round.
fn cosines(x: &Tensor, shares: &[f64]) -> Result<Tensor> {
    let mut sum = x.full_like(shares[0])?;
    for (k, &share) in shares.iter().enumerate().skip(1) {
        sum = sum.add(&x.mul(2.0 * PI * k as f64)?.cos()?.mul(share)?)?;
    }
    Ok(sum)
}

fn range(
    start: Scalar,
    end: Scalar,
    step: Scalar,
    dtype: Option<DType>,
    device: Option<On>,
) -> Result<Tensor> {
    let (first, last, by) = (start.to_f64(), end.to_f64(), step.to_f64());
    if by == 0.0 || by.is_nan() {
        return Err(runtime_err!("step must be nonzero"));
    }
    if !first.is_finite() || !last.is_finite() {
        return Err(runtime_err!("unsupported range: {first} -> {last}"));
    }
    if (last - first) * by < 0.0 {
        return Err(runtime_err!("upper bound and lower bound inconsistent with step sign"));
    }
    let (dtype, device) = (dtype.unwrap_or_else(default_dtype), id(device));
    let count = ((last - first) / by).floor() as i64 + 1;
    let wide = crate::tensor::precise(device);
    Tensor::arange(0, count, 1, Some(wide), device)?.mul(by)?.add(first)?.to_dtype(dtype)
}

fn empty_strided(size: &[i64], stride: &[i64], dtype: DType, device: DeviceId) -> Result<Tensor> {
    if size.len() != stride.len() {
        return Err(runtime_err!(
            "dimensionality of sizes ({}) must match dimensionality of strides ({})",
            size.len(),
            stride.len()
        ));
    }
    let shape = sizes(size)?;
    if let Some(s) = stride.iter().find(|&&s| s < 0) {
        return Err(runtime_err!(
            "as_strided: Negative strides are not supported at the moment, got strides: {s}"
        ));
    }
    let last: i64 = size.iter().zip(stride).map(|(&n, &s)| (n - 1).max(0) * s).sum();
    let count = if shape.contains(&0) { 0 } else { last as usize + 1 };
    let strides: Vec<isize> = stride.iter().map(|&s| s as isize).collect();
    Ok(Tensor::empty(&[count], dtype, device)?.as_strided(&shape, &strides, 0)?.detach())
}

fn empty_permuted(size: &[i64], layout: &[i64], dtype: DType, device: DeviceId) -> Result<Tensor> {
    let shape = sizes(size)?;
    if layout.len() != size.len() {
        return Err(runtime_err!(
            "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = {} is not equal to len(physical_layout) = {}",
            size.len(),
            layout.len()
        ));
    }
    let mut order = vec![0i64; layout.len()];
    let mut seen = vec![false; size.len()];
    for (at, &d) in layout.iter().enumerate() {
        let Some(known) = usize::try_from(d).ok().filter(|&d| d < size.len()) else {
            return Err(runtime_err!(
                "Dimension out of range (expected to be between 0 and {}, but got {d} at index {at}).",
                size.len() - 1
            ));
        };
        if seen[known] {
            return Err(runtime_err!("Duplicate dim not allowed"));
        }
        (seen[known], order[known]) = (true, at as i64);
    }
    let physical: Vec<usize> = layout.iter().map(|&d| shape[d as usize]).collect();
    Ok(Tensor::empty(&physical, dtype, device)?.permute(&order)?.detach())
}
