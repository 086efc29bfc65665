//! Pooling: the mean, the largest or a norm of windows that slide over the last dimensions.

use crate::autograd;
use crate::ops::pointwise::expect_float;
use crate::ops::taps::{Taps, weighed};
use crate::ops::window::{Slide, Slides, argmax_among, taken, window_argmax, window_max, window_sum};
use crate::random::{Like, standard_uniform};
use crate::tensor::Tensor;
use st_kernel::view::Dims;
use st_kernel::{DType, ReduceOp, Result, Scalar, ScatterOp, runtime_err, unsupported, value_err};
use std::sync::Arc;

/// What a pooling operator is called with; a list of one number serves all dimensions.
#[derive(Clone, Debug, Default)]
pub struct PoolOptions<'a> {
    /// Places of a window.
    pub kernel: &'a [i64],
    /// Steps between windows; the kernel's sizes if empty.
    pub stride: &'a [i64],
    /// Margins on both sides.
    pub padding: &'a [i64],
    /// Steps between places; one if empty.
    pub dilation: &'a [i64],
    /// Whether a window that does not fit counts.
    pub ceil: bool,
}

/// Nobody has memory for a dimension of more parts.
const MOST: i64 = 1 << 27;

/// One number for each dimension.
fn list(name: &str, what: &str, values: &[i64], n: usize) -> Result<Vec<i64>> {
    if values.iter().any(|&v| i32::try_from(v).is_err()) {
        return Err(runtime_err!("{name}: {what} is out of range: {values:?}"));
    }
    match values.len() {
        1 => Ok(vec![values[0]; n]),
        k if k == n => Ok(values.to_vec()),
        _ => Err(runtime_err!(
            "{name}: {what} must either be a single int, or a tuple of {n} ints, got {values:?}"
        )),
    }
}

/// Refuses tensors of another rank, and those with nothing in any dimension but the batch.
fn expect_image(name: &str, input: &Tensor, n: usize) -> Result<()> {
    expect_dims(name, input, n, usize::from(input.dim() == n + 2))
}

/// As [`expect_image`]; the dimensions from `first` on have elements.
fn expect_dims(name: &str, input: &Tensor, n: usize, first: usize) -> Result<()> {
    expect_rank(name, input, n)?;
    expect_filled(name, input, n, first)
}

/// Refuses what is neither an image nor a batch of them.
fn expect_rank(name: &str, input: &Tensor, n: usize) -> Result<()> {
    if ![n + 1, n + 2].contains(&input.dim()) {
        return Err(runtime_err!(
            "{name}: non-empty {}D or {}D (batch mode) tensor expected for input, but got input of size: {:?}: {}",
            n + 1,
            n + 2,
            input.shape(),
            wanted(n)
        ));
    }
    Ok(())
}

/// The other words that torch has for both.
fn wanted(n: usize) -> String {
    match n {
        3 => "Expected input to have non-zero size for non-batch dimensions".into(),
        _ => format!(
            "Expected {}D or {}D (batch mode) tensor with optional 0 dim batch size for input",
            n + 1,
            n + 2
        ),
    }
}

/// Refuses a tensor without elements in a dimension from `first` on.
fn expect_filled(name: &str, input: &Tensor, n: usize, first: usize) -> Result<()> {
    if input.shape()[first..].contains(&0) {
        return Err(runtime_err!(
            "{name}: Expected input to have {}D or {}D (batch mode) with optional 0 dim batch size and non-zero size for non-batch dimensions, but got: {:?}: {}",
            n + 1,
            n + 2,
            input.shape(),
            wanted(n)
        ));
    }
    Ok(())
}

impl PoolOptions<'_> {
    /// The windows over the last `n` dimensions of the input, by torch's rules.
    fn slides(&self, name: &str, input: &Tensor, n: usize) -> Result<Slides> {
        expect_rank(name, input, n)?;
        let kernel = list(name, "kernel_size", self.kernel, n)?;
        let stride =
            if self.stride.is_empty() { kernel.clone() } else { list(name, "stride", self.stride, n)? };
        let padding = list(name, "padding", if self.padding.is_empty() { &[0] } else { self.padding }, n)?;
        let dilation =
            list(name, "dilation", if self.dilation.is_empty() { &[1] } else { self.dilation }, n)?;
        let spatial = &input.shape()[input.dim() - n..];
        for d in 0..n {
            let (k, s, p, dil) = (kernel[d], stride[d], padding[d], dilation[d]);
            if k <= 0 {
                return Err(runtime_err!(
                    "{name}: kernel size should be greater than zero (kernel_size must be greater than zero, but got {k})"
                ));
            }
            if s <= 0 {
                return Err(runtime_err!(
                    "{name}: stride must be greater than zero, but got {s}: stride should not be zero"
                ));
            }
            if dil <= 0 {
                return Err(runtime_err!(
                    "{name}: dilation should be greater than zero (dilation must be greater than zero, but got {dil})"
                ));
            }
            if p < 0 {
                return Err(runtime_err!("{name}: pad must be non-negative, but got pad: {p}"));
            }
            if p > ((k - 1) * dil + 1) / 2 {
                return Err(runtime_err!(
                    "{name}: pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and dilation={dil}"
                ));
            }
        }
        expect_filled(name, input, n, usize::from(input.dim() == n + 2))?;
        let mut slides = Slides::new();
        for d in 0..n {
            let (k, s, p, dil, size) = (kernel[d], stride[d], padding[d], dilation[d], spatial[d] as i64);
            let room = size + 2 * p - dil * (k - 1) - 1;
            let mut out = (room + if self.ceil { s - 1 } else { 0 }).div_euclid(s) + 1;
            // The last window starts inside the tensor or the margin in front of it.
            if self.ceil && (out - 1) * s >= size + p {
                out -= 1;
            }
            if out < 1 {
                return Err(runtime_err!(
                    "{name}: Invalid computed output size: {out}. Given input size: {:?}. Calculated output size is too small: {out} at spatial dimension {d}. Output size is too small; use a smaller kernel or more padding",
                    input.shape()
                ));
            }
            slides.push(Slide {
                size: k as usize,
                stride: s as usize,
                dilation: dil as usize,
                before: p as usize,
                length: size as usize,
                out: out as usize,
            });
        }
        Ok(slides)
    }
}

/// The largest of each window.
pub fn max_pool(name: &str, input: &Tensor, n: usize, options: &PoolOptions) -> Result<Tensor> {
    let slides = options.slides(name, input, n)?;
    expect_ordered(name, input)?;
    if !(autograd::is_grad_enabled() && input.requires_grad()) {
        return window_max(input, &slides)?.apart_from(input);
    }
    taken(input, &window_argmax(input, &slides)?, n)
}

/// The largest of each window, and where it is in the last `n` dimensions, taken as one.
pub fn max_pool_with_indices(
    name: &str,
    input: &Tensor,
    n: usize,
    options: &PoolOptions,
) -> Result<(Tensor, Tensor)> {
    let slides = options.slides(name, input, n)?;
    expect_ordered(name, input)?;
    let at = window_argmax(input, &slides)?;
    Ok((taken(input, &at, n)?, at))
}

fn expect_ordered(name: &str, input: &Tensor) -> Result<()> {
    if input.dtype() == DType::Bool {
        return Err(unsupported!("\"{name}\" is not implemented for bool; convert it with .to(uint8)"));
    }
    Ok(())
}

/// The mean of each window: margins count if `include_margin`, or the sum is divided by `divisor`.
pub fn avg_pool(
    name: &str,
    input: &Tensor,
    n: usize,
    options: &PoolOptions,
    include_margin: bool,
    divisor: Option<i64>,
) -> Result<Tensor> {
    let slides = options.slides(name, input, n)?;
    if !input.dtype().is_float() && input.dtype() != DType::I64 {
        expect_float(name, input)?;
    }
    if divisor == Some(0) {
        return Err(runtime_err!("{name}: divisor must be not zero"));
    }
    let x = input.widened()?;
    let sums = if slides.iter().all(Slide::is_whole) {
        let dims: Vec<i64> = (0..n as i64).map(|d| d - n as i64).collect();
        if divisor.is_none() && input.dtype().is_float() {
            return input.mean(&dims, true);
        }
        x.sum(&dims, true)?
    } else {
        window_sum(&x, &slides)?
    };
    let counts = match divisor {
        Some(divisor) => Tensor::full(&[], divisor, DType::I64, x.device())?,
        None => counts(&slides, include_margin)?,
    };
    if !input.dtype().is_float() {
        return sums.div_rounded(&counts, Some("trunc"));
    }
    let mean = match counts.numel() {
        1 => sums.div(counts.item()?.to_f64())?,
        _ => sums.div(&counts.to_dtype(sums.dtype())?)?,
    };
    mean.to_dtype(input.dtype())
}

/// How many elements each window has: one number if they are all equal.
fn counts(slides: &[Slide], include_margin: bool) -> Result<Tensor> {
    let mut product = vec![1i64];
    for s in slides {
        let (n, size, margin) = (s.length as i64, s.size as i64, s.before as i64);
        let each: Vec<i64> = (0..s.out as i64)
            .map(|o| {
                let start = o * s.stride as i64 - margin;
                let end = (start + size).min(n + margin);
                if include_margin { end - start } else { end.min(n) - start.max(0) }
            })
            .collect();
        product = product.iter().flat_map(|&a| each.iter().map(move |&b| a * b)).collect();
    }
    if product.iter().all(|&c| c == product[0]) {
        return Tensor::from_slice(&product[..1], &[]);
    }
    Tensor::from_slice(&product, &slides.iter().map(|s| s.out).collect::<Dims>())
}

/// The p-norm of each window, as torch computes it: from the mean of powers.
pub fn lp_pool(name: &str, input: &Tensor, n: usize, p: Scalar, options: &PoolOptions) -> Result<Tensor> {
    let order = p.to_f64();
    if order == 0.0 {
        return Err(value_err!("{name}: norm_type must be a non-zero value, but got 0"));
    }
    if order.is_infinite() {
        let sign = order.signum() as i64;
        return max_pool(name, &input.abs()?.mul(sign)?, n, options)?.mul(sign);
    }
    let kernel = list(name, "kernel_size", options.kernel, n)?;
    let places: i64 = kernel.iter().product();
    let means = avg_pool(name, &input.pow(p)?, n, options, true, None)?;
    means.sign()?.mul(&means.abs()?.relu()?)?.mul(places)?.pow(1.0 / order)
}

/// The sizes asked for, an unknown one being the input's.
fn adaptive_sizes(name: &str, input: &Tensor, n: usize, sizes: &[Option<i64>]) -> Result<Vec<usize>> {
    // Means of no channels are none.
    let alone = n < 3 || sizes.iter().all(|&s| s == Some(1));
    let first = if name.contains("max") || !alone { 1 } else { input.dim().saturating_sub(n) };
    expect_dims(name, input, n, first)?;
    let sizes = if sizes.len() == 1 { vec![sizes[0]; n] } else { sizes.to_vec() };
    if sizes.len() != n {
        return Err(match n {
            1 => runtime_err!("{name}: 'output_size' should contain one int"),
            _ => runtime_err!("{name}: internal error: output_size must be {n} numbers, got {}", sizes.len()),
        });
    }
    let own = &input.shape()[input.dim() - n..];
    let size = |(s, &own): (&Option<i64>, &usize)| match s {
        None => Ok(own),
        Some(s) if *s > MOST => Err(runtime_err!("{name}: output_size {s} is too large")),
        Some(s) => usize::try_from(*s).map_err(|_| {
            if name.contains("max") {
                return runtime_err!(
                    "{name}: Trying to create tensor with negative dimension {s}: {sizes:?}"
                );
            }
            runtime_err!(
                "{name}: elements of output_size must be greater than or equal to 0 but received {s}"
            )
        }),
    };
    sizes.iter().zip(own).map(size).collect()
}

/// What an adaptive pooling gave; without elements but in the batch it has no gradient, as in torch.
fn adapted(name: &str, out: Tensor) -> Result<Tensor> {
    let Some(d) = out.shape()[1..].iter().position(|&n| n == 0) else { return Ok(out) };
    let (name, shape) = (name.to_owned(), Dims::from_slice(out.shape()));
    autograd::refuse(&out, move || {
        runtime_err!(
            "{name}_backward(): Expected grad_output to have non-zero size for non-batch dimensions, but grad_output has sizes {shape:?} with dimension {} being empty",
            d + 1
        )
    })
}

/// Start and end of each of so many nearly equal parts of a dimension.
fn parts(length: usize, out: usize) -> Vec<(usize, usize)> {
    (0..out).map(|i| (i * length / out, ((i + 1) * length).div_ceil(out))).collect()
}

/// Windows that divide the dimensions evenly, if there are such.
fn even(input: &Tensor, sizes: &[usize]) -> Option<Slides> {
    let lengths = &input.shape()[input.dim() - sizes.len()..];
    let slide = |(&length, &out): (&usize, &usize)| {
        (out > 0 && length % out == 0).then(|| {
            let size = length / out;
            Slide { size, stride: size, dilation: 1, before: 0, length, out }
        })
    };
    lengths.iter().zip(sizes).map(slide).collect()
}

/// A list along dimension `d` of a tensor of so many dimensions.
fn along(list: &[i64], d: usize, rank: usize) -> Result<Tensor> {
    let mut shape = Dims::from_elem(1, rank);
    shape[d] = list.len();
    Tensor::from_slice(list, &shape)
}

/// The mean of so many nearly equal parts of each of the last dimensions.
pub fn adaptive_avg_pool(name: &str, input: &Tensor, n: usize, sizes: &[Option<i64>]) -> Result<Tensor> {
    let sizes = adaptive_sizes(name, input, n, sizes)?;
    expect_float(name, input)?;
    let lead = input.dim() - n;
    if let Some(slides) = even(input, &sizes) {
        let kernel: Vec<i64> = slides.iter().map(|s| s.size as i64).collect();
        let options = PoolOptions { kernel: &kernel, ..PoolOptions::default() };
        if input.numel() > 0 {
            return avg_pool(name, input, n, &options, true, None);
        }
    }
    let mut x = input.widened()?;
    for (i, &out) in sizes.iter().enumerate() {
        let length = x.shape()[lead + i];
        let row = |(a, b): (usize, usize)| (a..b).map(|at| (at, 1.0 / (b - a) as f64)).collect();
        let rows = parts(length, out).into_iter().map(row).collect();
        x = weighed(&x, lead + i, Arc::new(Taps { length, rows }))?;
    }
    adapted(name, x.to_dtype(input.dtype())?)
}

/// The largest of so many nearly equal parts of each of the last dimensions, and where it is.
pub fn adaptive_max_pool(
    name: &str,
    input: &Tensor,
    n: usize,
    sizes: &[Option<i64>],
) -> Result<(Tensor, Tensor)> {
    let sizes = adaptive_sizes(name, input, n, sizes)?;
    expect_float(name, input)?;
    let at = match even(input, &sizes) {
        Some(slides) if input.numel() > 0 => window_argmax(input, &slides)?,
        _ if sizes.contains(&0) || input.numel() == 0 => {
            let shape = [&input.shape()[..input.dim() - n], &sizes[..]].concat();
            Tensor::zeros(&shape, DType::I64, input.device())?
        }
        _ => argmax_of(input, n, |x, i, d| {
            // Part by part; the last element of a shorter one stands there again.
            let parts = parts(x.shape()[d], sizes[i]);
            let most = parts.iter().map(|(a, b)| b - a).max().unwrap_or(0);
            let table = |k: usize| parts.iter().map(|&(a, b)| (a + k).min(b - 1) as i64).collect::<Vec<_>>();
            let tables: Vec<Vec<i64>> = (0..most).map(table).collect();
            let seen = tables.iter().map(|t| x.index_select(d as i64, &Tensor::from_slice(t, &[t.len()])?));
            let places = tables.iter().map(|t| along(t, d, x.dim())).collect::<Result<Vec<_>>>()?;
            argmax_among(seen.collect::<Result<_>>()?, places)
        })?,
    };
    Ok((adapted(name, taken(input, &at, n)?)?, at))
}

/// Where in the last `n` dimensions, taken as one, windows have their largest: found along one dimension after the other.
///
/// `along(x, i, d)` says where it is along dimension `d`, the i-th of the last ones.
fn argmax_of(
    input: &Tensor,
    n: usize,
    along: impl Fn(&Tensor, usize, usize) -> Result<Tensor>,
) -> Result<Tensor> {
    let lead = input.dim() - n;
    let (mut values, mut found): (Tensor, Option<Tensor>) = (input.detach(), None);
    for i in (0..n).rev() {
        let d = lead + i;
        let at = along(&values, i, d)?;
        let below: usize = input.shape()[d + 1..].iter().product();
        let scaled = at.mul(below as i64)?;
        found = Some(match found {
            None => scaled,
            Some(found) => found.gather(d as i64, &at)?.add(&scaled)?,
        });
        values = values.gather(d as i64, &at)?;
    }
    Ok(found.expect("there are dimensions to pool"))
}

/// The sizes of `fractional_max_pool`, which may be given as shares of the input's.
pub fn fractional_sizes(
    name: &str,
    input: &Tensor,
    n: usize,
    sizes: Option<&[i64]>,
    ratios: Option<Vec<f64>>,
) -> Result<Vec<i64>> {
    match (sizes, ratios) {
        (Some(sizes), None) => Ok(sizes.to_vec()),
        (None, Some(ratios)) => {
            let ratios = if ratios.len() == 1 { vec![ratios[0]; n] } else { ratios };
            if ratios.len() != n || ratios.iter().any(|&r| r <= 0.0 || r >= 1.0) {
                return Err(value_err!(
                    "{name} requires output_ratio to either be a single Int or tuple of Ints: {n} numbers between 0 and 1 (got {ratios:?})"
                ));
            }
            expect_image(name, input, n)?;
            let lengths = &input.shape()[input.dim() - n..];
            Ok(lengths.iter().zip(ratios).map(|(&length, r)| (length as f64 * r) as i64).collect())
        }
        (None, None) => {
            Err(value_err!("{name} requires specifying either an output_size or an output_ratio"))
        }
        _ => Err(value_err!("only one of output_size and output_ratio may be specified")),
    }
}

/// Where windows of `fractional_max_pool` start: a random number for each image, channel and dimension.
pub fn fractional_samples(input: &Tensor, n: usize) -> Result<Tensor> {
    expect_image("fractional_max_pool", input, n)?;
    expect_float("fractional_max_pool", input)?;
    let lead = &input.shape()[..input.dim() - n];
    let batch = if lead.len() == 2 { lead[0] } else { 1 };
    let to = Like { shape: vec![batch, lead[lead.len() - 1], n], ..Like::tensor(input, None, None) };
    standard_uniform(&to)
}

/// As `adaptive_max_pool` with windows of one size at places that the samples (one for each image, channel and dimension)
/// say.
pub fn fractional_max_pool(
    name: &str,
    input: &Tensor,
    kernel: &[i64],
    sizes: &[i64],
    samples: &Tensor,
    n: usize,
) -> Result<(Tensor, Tensor)> {
    expect_image(name, input, n)?;
    expect_float(name, input)?;
    let (kernel, sizes) = (list(name, "kernel_size", kernel, n)?, list(name, "output_size", sizes, n)?);
    let lead = input.dim() - n;
    let channels = [&[1usize][..lead.abs_diff(2).min(1)], &input.shape()[..lead]].concat();
    let wanted = [&channels[..], &[n]].concat();
    // Samples of more images than there are do no harm, as in torch.
    let spare = samples.dim() == wanted.len() && samples.shape()[0] > wanted[0];
    let samples = &if spare { samples.narrow(0, 0, wanted[0] as i64)? } else { samples.clone() };
    if samples.shape() != wanted {
        return Err(runtime_err!(
            "{name}: Expect _random_samples to have 3 dimensions, size(0) no less than input batch size, size(1) equals to input channel size and size(2) equals to {n}: shape {wanted:?}, got {:?}",
            samples.shape()
        ));
    }
    for d in 0..n {
        let (k, out, length) = (kernel[d], sizes[d], input.shape()[lead + d] as i64);
        if k <= 0 || out < 0 || out + k - 1 > length - i64::from(n == 3) {
            let which = ["time", "height", "width"][3 - n + d];
            return Err(runtime_err!(
                "{name}(): pool {which} {k} too large relative to input {which} {length} for an output of {out}"
            ));
        }
    }
    let at = argmax_of(input, n, |x, i, d| {
        let (k, out, length) = (kernel[i], sizes[i], input.shape()[d] as i64);
        // Torch takes the samples from the last dimension on for 2-d windows, from the first on for 3-d ones.
        let which = if n == 2 { n - 1 - i } else { i };
        let sample = samples.select(-1, which as i64)?.unsqueeze(-1)?;
        let step = if out > 1 { (length - k) as f64 / (out - 1) as f64 } else { 0.0 };
        let counting = along(&(0..out).collect::<Vec<_>>(), 2, 3)?;
        let from = |t: &Tensor| t.mul(step)?.trunc()?.to_dtype(DType::I64);
        let starts = from(&counting.to_dtype(samples.dtype())?.add(&sample)?)?.sub(&from(&sample)?)?;
        let last = counting.eq(out - 1)?;
        let starts = crate::ops::select(&last, length - k, &starts)?;
        let index = starts.unsqueeze(-1)?.add(&along(&(0..k).collect::<Vec<_>>(), 3, 4)?)?;
        // Shape [batch, channel, out, k] becomes that of the input with `out * k` at dimension `d`.
        let mut shape = Dims::from_slice(&input.shape()[..lead]);
        shape.extend(std::iter::repeat_n(1, n));
        shape[d] = (out * k) as usize;
        let mut whole = Dims::from_slice(x.shape());
        whole[d] = (out * k) as usize;
        let index = index.reshape_to(&shape)?.expand_to(&whole)?;
        let apart = |t: &Tensor| t.unflatten(d as i64, &[out, k]);
        let place = apart(&x.gather(d as i64, &index)?)?.reduce(ReduceOp::ArgMax, &[d as i64 + 1], true)?;
        apart(&index)?.gather(d as i64 + 1, &place)?.squeeze(Some(&[d as i64 + 1]))
    })?;
    Ok((taken(input, &at, n)?, at))
}

/// A tensor of zeros with the elements where `indices` (of a pooling) say.
pub fn max_unpool(
    name: &str,
    input: &Tensor,
    indices: &Tensor,
    n: usize,
    options: &PoolOptions,
    output_size: Option<&[i64]>,
) -> Result<Tensor> {
    let kernel = list(name, "kernel_size", options.kernel, n)?;
    let stride =
        if options.stride.is_empty() { kernel.clone() } else { list(name, "stride", options.stride, n)? };
    let padding = list(name, "padding", options.padding, n)?;
    if stride.iter().any(|&s| s <= 0) {
        return Err(runtime_err!("strides should be greater than zero, but got stride: {stride:?}"));
    }
    if indices.dtype() != DType::I64 {
        return Err(runtime_err!(
            "{name}: elements in indices should be type int64 but got: {}",
            indices.dtype()
        ));
    }
    if ![n + 1, n + 2].contains(&input.dim()) {
        // One dimension is unpooled as two.
        let plane = n.max(2);
        return Err(runtime_err!(
            "Input to max_unpooling{plane}d should be a {}d or {}d Tensor, but got a tensor with {} dimensions.",
            plane + 1,
            plane + 2,
            input.dim() + plane - n
        ));
    }
    expect_image(name, input, n)?;
    if indices.shape() != input.shape() {
        return Err(runtime_err!(
            "{name}: Expected shape of indices to be same as that of the input tensor ({:?}) but got indices tensor with shape: {:?}",
            input.shape(),
            indices.shape()
        ));
    }
    let lead = input.dim() - n;
    let usual: Vec<i64> = (0..n)
        .map(|d| (input.shape()[lead + d] as i64 - 1) * stride[d] + kernel[d] - 2 * padding[d])
        .collect();
    let sizes = match output_size {
        None => usual,
        Some(sizes) => {
            let sizes = if sizes.len() == n + 2 { &sizes[2..] } else { sizes };
            if sizes.len() != n {
                return Err(value_err!(
                    "output_size should be a sequence containing {n} or {} elements, but it has a length of '{}'",
                    n + 2,
                    sizes.len()
                ));
            }
            for d in 0..n {
                let (low, high) = (usual[d] - stride[d], usual[d] + stride[d]);
                if !(low < sizes[d] && sizes[d] < high) {
                    return Err(value_err!(
                        "invalid output_size \"{sizes:?}\" (dim {d} must be between {low} and {high})"
                    ));
                }
            }
            sizes.to_vec()
        }
    };
    unpool(name, input, indices, &crate::tensor::sizes(&sizes)?)
}

/// A tensor of zeros of these sizes with the elements where `indices` say.
pub fn unpool(name: &str, input: &Tensor, indices: &Tensor, sizes: &[usize]) -> Result<Tensor> {
    let lead = input.dim() - sizes.len();
    let count: usize = sizes.iter().product();
    let rows = &input.shape()[..lead];
    let flat = |t: &Tensor| t.reshape_to(&[rows, &[t.shape()[lead..].iter().product()]].concat());
    let base = Tensor::zeros(&[rows, &[count]].concat(), input.dtype(), input.device())?;
    let index = flat(indices)?;
    for i in crate::ops::index::known_elements(&index)?.into_iter().flatten() {
        if !(0..count as i64).contains(&i) {
            return Err(runtime_err!(
                "{name}: Found an invalid max index: {i} (output volumes are of size {sizes:?})"
            ));
        }
    }
    let plan = crate::ops::index::displace(lead, lead + 1);
    let out = base.scatter_by(ScatterOp::Set, &plan, &[index], &flat(input)?)?;
    out.reshape_to(&[rows, sizes].concat())
}
