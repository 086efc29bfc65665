//! Images of other sizes: `interpolate` and what belongs to it.
//!
//! Every mode works on one dimension after the other: it reads at most a few places for each new one, whose indices and
//! weights are known from the sizes alone.

use super::pool::adaptive_avg_pool;
use crate::ops::pointwise::expect_float;
use crate::ops::taps::{Taps, weighed};
use crate::ops::window::{Slide, spread};
use crate::tensor::Tensor;
use st_kernel::{DType, Result, runtime_err, unsupported, value_err};
use std::sync::Arc;

/// How new elements follow from old ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The element that the new one's corner falls on.
    Nearest,
    /// The element that the new one's middle falls on.
    NearestExact,
    /// Weighed by the distance of the two neighbours.
    Linear,
    /// A cubic through four neighbours.
    Cubic,
    /// The mean of what the new one covers.
    Area,
}

impl Mode {
    /// By torch's name, with the number of spatial dimensions that the name asks for.
    fn parse(name: &str) -> Option<(Mode, Option<usize>)> {
        Some(match name {
            "nearest" => (Mode::Nearest, None),
            "nearest-exact" => (Mode::NearestExact, None),
            "area" => (Mode::Area, None),
            "linear" => (Mode::Linear, Some(1)),
            "bilinear" => (Mode::Linear, Some(2)),
            "trilinear" => (Mode::Linear, Some(3)),
            "bicubic" => (Mode::Cubic, Some(2)),
            _ => return None,
        })
    }
}

/// What [`interpolate`] is asked for.
#[derive(Clone, Debug, Default)]
pub struct ResizeOptions<'a> {
    /// New sizes.
    pub size: Option<&'a [i64]>,
    /// Or what the sizes are multiplied by.
    pub scale: Option<Vec<f64>>,
    /// Torch's name of the mode.
    pub mode: &'a str,
    /// Whether the corner elements keep their places.
    pub align_corners: Option<bool>,
    /// Whether the scale is worked out again from the sizes.
    pub recompute: Option<bool>,
    /// Whether fine detail is smoothed before it is lost.
    pub antialias: bool,
}

/// The input at other sizes of its spatial dimensions.
pub fn interpolate(input: &Tensor, options: &ResizeOptions) -> Result<Tensor> {
    let ResizeOptions { size, ref scale, mode, align_corners, recompute, antialias } = *options;
    let known = Mode::parse(mode);
    if matches!(known, Some((Mode::Nearest | Mode::NearestExact | Mode::Area, _))) && align_corners.is_some()
    {
        return Err(value_err!(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        ));
    }
    let n = input.dim().saturating_sub(2);
    let lengths = input.shape().get(2..).unwrap_or(&[]).to_vec();
    let (sizes, scales) = match (size, scale) {
        (Some(_), Some(_)) => {
            return Err(value_err!("only one of size or scale_factor should be defined"));
        }
        (None, None) => return Err(value_err!("either size or scale_factor should be defined")),
        (Some(size), None) => {
            let size = spatial("size", size, n, &lengths)?;
            if recompute == Some(true) {
                return Err(value_err!("recompute_scale_factor is not meaningful with an explicit size."));
            }
            (crate::tensor::sizes(&size)?, None)
        }
        (None, Some(scale)) => {
            let scale = spatial("scale_factor", scale, n, &lengths)?;
            let sizes: Vec<i64> =
                lengths.iter().zip(&scale).map(|(&length, s)| (length as f64 * s).floor() as i64).collect();
            let again = recompute == Some(true) || matches!(known, Some((Mode::Area, _)));
            (crate::tensor::sizes(&sizes)?, (!again).then_some(scale))
        }
    };
    let aligned = align_corners.unwrap_or(false);
    if antialias && !(matches!(mode, "bilinear" | "bicubic") && n == 2) {
        return Err(value_err!(
            "Anti-alias option is restricted to bilinear and bicubic modes and requires a 4-D tensor as input"
        ));
    }
    match known {
        Some((how, wanted)) if (1..=3).contains(&n) && wanted.is_none_or(|w| w == n) => {
            resize(input, n, &sizes, scales.as_deref(), how, aligned, antialias)
        }
        Some((_, Some(wanted))) if (1..=3).contains(&n) => {
            Err(unsupported!("Got {}D input, but {mode} mode needs {}D input", n + 2, wanted + 2))
        }
        _ => Err(unsupported!(
            "Input Error: Only 3D, 4D and 5D input Tensors supported (got {}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got {mode})",
            input.dim()
        )),
    }
}

/// One for each spatial dimension.
fn spatial<T: Copy + std::fmt::Debug>(
    what: &str,
    given: &[T],
    n: usize,
    lengths: &[usize],
) -> Result<Vec<T>> {
    match given.len() {
        1 => Ok(vec![given[0]; n]),
        k if k == n => Ok(given.to_vec()),
        _ => Err(value_err!(
            "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of {lengths:?} and {what} of {given:?}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and {what} in (o1, o2, ...,oK) format"
        )),
    }
}

/// The last `n` dimensions at other sizes; `scales` says what they were multiplied by, if the sizes do not.
pub fn resize(
    input: &Tensor,
    n: usize,
    sizes: &[usize],
    scales: Option<&[f64]>,
    mode: Mode,
    align_corners: bool,
    antialias: bool,
) -> Result<Tensor> {
    let lead = input.dim() - n;
    if mode == Mode::Area {
        let sizes: Vec<Option<i64>> = sizes.iter().map(|&s| Some(s as i64)).collect();
        return adaptive_avg_pool("interpolate", input, n, &sizes);
    }
    let lengths = &input.shape()[lead..];
    if sizes.contains(&0) || lengths.contains(&0) {
        return Err(runtime_err!(
            "Input and output sizes should be greater than 0, but got input {lengths:?} and output {sizes:?}"
        ));
    }
    if sizes.iter().any(|&n| n > 1 << 27) && !crate::runtime::has_no_values(input.device()) {
        return Err(runtime_err!("interpolate: the output sizes {sizes:?} are too large"));
    }
    if input.shape()[1..].contains(&0) {
        return Err(runtime_err!(
            "Non-empty {}D data tensor expected but got a tensor with sizes {:?}",
            n + 2,
            input.shape()
        ));
    }
    let byte = input.dtype() == DType::U8;
    let copies = matches!(mode, Mode::Nearest | Mode::NearestExact);
    if !byte || (!copies && n != 2) {
        expect_float("interpolate", input)?;
    }
    let mut x = if byte && !copies {
        input.to_dtype(DType::F32)?
    } else if copies && !input.requires_grad() {
        input.clone()
    } else {
        // Gradients of copies are sums, which are not rounded between one dimension and the next.
        input.widened()?
    };
    for i in (0..n).rev() {
        // Images as large as before or twice that are copied so whatever the scale was, but not sequences and volumes.
        let plain = n == 2 && mode == Mode::Nearest && [lengths[i], 2 * lengths[i]].contains(&sizes[i]);
        let plan = Line {
            length: lengths[i],
            out: sizes[i],
            scale: scales.map(|s| s[i]).filter(|&s| s > 0.0 && !plain),
            align_corners,
            single: input.dtype() != DType::F64 && (copies || !byte),
            byte,
        };
        x = plan.resize(&x, lead + i, mode, antialias)?;
        if byte && !copies {
            x = x.add(0.5)?.floor()?.clamp_above(0.0)?.clamp_below(255.0)?;
        }
    }
    x.to_dtype(input.dtype())?.apart_from(input)
}

/// A dimension and its new size.
struct Line {
    length: usize,
    out: usize,
    scale: Option<f64>,
    align_corners: bool,
    /// Whether torch computes places in single precision.
    single: bool,
    /// Whether weights are whole numbers of some small fraction, as torch has them for bytes.
    byte: bool,
}

impl Line {
    /// As the precision has it.
    fn real(&self, x: f64) -> f64 {
        if self.single { f64::from(x as f32) } else { x }
    }

    /// Old steps in a new one.
    fn step(&self) -> f64 {
        if self.align_corners {
            let out = self.out as f64 - 1.0;
            return if out > 0.0 { self.real((self.length as f64 - 1.0) / out) } else { 0.0 };
        }
        match self.scale {
            Some(scale) => self.real(1.0 / scale),
            None => self.real(self.length as f64 / self.out as f64),
        }
    }

    /// Where a new element falls among the old ones.
    fn source(&self, i: usize, step: f64) -> f64 {
        if self.align_corners {
            return self.real(step * i as f64);
        }
        self.real(self.real(step * (i as f64 + 0.5)) - 0.5)
    }

    fn resize(&self, x: &Tensor, d: usize, mode: Mode, antialias: bool) -> Result<Tensor> {
        // Where torch goes dimension by dimension, one that keeps its length is copied, whatever the scale was.
        let one_by_one = antialias || mode == Mode::Linear || (self.byte && mode == Mode::Cubic);
        match mode {
            _ if self.out == self.length && (one_by_one || self.scale.is_none()) => Ok(x.clone()),
            _ if antialias => self.smoothed(x, d, mode),
            Mode::Nearest | Mode::NearestExact => self.nearest(x, d, mode == Mode::NearestExact),
            Mode::Linear => self.weighed(x, d, self.linear_taps()),
            _ => self.weighed(x, d, self.cubic_taps()),
        }
    }

    fn nearest(&self, x: &Tensor, d: usize, middle: bool) -> Result<Tensor> {
        let factor = self.out / self.length;
        let even = self.out == factor * self.length && self.scale.is_none_or(|s| s == factor as f64);
        if even && x.dtype().is_float() {
            // Each element several times: what a sum over windows is the gradient of.
            let still = |n: usize| Slide { size: 1, stride: 1, dilation: 1, before: 0, length: n, out: n };
            let mut slides: Vec<Slide> = x.shape()[d..].iter().map(|&n| still(n)).collect();
            slides[0] =
                Slide { size: factor, stride: factor, length: self.out, out: self.length, ..slides[0] };
            return spread(x, &slides);
        }
        let step =
            if self.out == 2 * self.length && self.scale.is_none() { 0.5 } else { self.step_unaligned() };
        let shift = if middle { 0.5 } else { 0.0 };
        let at = |i: usize| (self.real((i as f64 + shift) * step).floor() as i64).min(self.length as i64 - 1);
        let index: Vec<i64> = (0..self.out).map(at).collect();
        x.index_select(d as i64, &Tensor::from_slice(&index, &[self.out])?)
    }

    fn step_unaligned(&self) -> f64 {
        let ratio = self.scale.map_or(self.length as f64 / self.out as f64, |s| 1.0 / s);
        self.real(ratio)
    }

    /// The two neighbours of each new element.
    fn linear_taps(&self) -> Vec<Vec<(usize, f64)>> {
        let (step, last) = (self.step(), self.length - 1);
        let taps = |i: usize| {
            let source = self.source(i, step).max(0.0);
            let low = (source as usize).min(last);
            let share = self.real(source - low as f64).clamp(0.0, 1.0);
            vec![(low, self.real(1.0 - share)), ((low + 1).min(last), share)]
        };
        (0..self.out).map(taps).collect()
    }

    /// The four neighbours of each new element; the edge goes on outside.
    fn cubic_taps(&self) -> Vec<Vec<(usize, f64)>> {
        let (step, last) = (self.step(), self.length as i64 - 1);
        let taps = |i: usize| {
            let source = self.source(i, step);
            let low = (source.floor() as i64).min(last);
            let t = self.real(source - low as f64).clamp(0.0, 1.0);
            let weights = cubic_weights(t, -0.75);
            (0..4).map(|k| ((low - 1 + k).clamp(0, last) as usize, self.real(weights[k as usize]))).collect()
        };
        (0..self.out).map(taps).collect()
    }

    fn weighed(&self, x: &Tensor, d: usize, mut rows: Vec<Vec<(usize, f64)>>) -> Result<Tensor> {
        if self.byte {
            rows.iter_mut().for_each(merge);
            round_weights(&mut rows.iter_mut().flatten().map(|tap| &mut tap.1).collect::<Vec<_>>());
        }
        weighed(x, d, Arc::new(Taps { length: self.length, rows }))
    }

    /// Weights of all elements that the new one's filter covers, as a product with a matrix.
    fn smoothed(&self, x: &Tensor, d: usize, mode: Mode) -> Result<Tensor> {
        let step = self.step();
        let (reach, filter): (f64, fn(f64) -> f64) = match mode {
            Mode::Linear => (1.0, |x| (1.0 - x.abs()).max(0.0)),
            _ => (2.0, |x| {
                let (x, a) = (x.abs(), -0.5);
                if x < 1.0 {
                    ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
                } else if x < 2.0 {
                    (((x - 5.0) * x + 8.0) * x - 4.0) * a
                } else {
                    0.0
                }
            }),
        };
        let (support, narrow) = if step >= 1.0 { (reach * step, 1.0 / step) } else { (reach, 1.0) };
        let mut weights = vec![0.0f64; self.out * self.length];
        for i in 0..self.out {
            let center = step * (i as f64 + 0.5);
            let low = ((center - support + 0.5) as i64).max(0) as usize;
            let high = ((center + support + 0.5) as i64).min(self.length as i64) as usize;
            let row = &mut weights[i * self.length..][low..high];
            for (j, w) in row.iter_mut().enumerate() {
                *w = filter(((j + low) as f64 - center + 0.5) * narrow);
            }
            let total: f64 = row.iter().sum();
            if total != 0.0 {
                row.iter_mut().for_each(|w| *w /= total);
            }
        }
        if self.byte {
            round_weights(&mut weights.iter_mut().collect::<Vec<_>>());
        }
        let weights = Tensor::from_slice(&weights, &[self.out, self.length])?.to_dtype(x.dtype())?;
        let last = x.transpose(d as i64, -1)?;
        last.matmul(&weights.t()?)?.transpose(d as i64, -1)?.contiguous()
    }
}

/// One weight for each place.
fn merge(row: &mut Vec<(usize, f64)>) {
    row.sort_by_key(|tap| tap.0);
    row.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
}

/// Rounds to multiples of the smallest power of two of which the largest weight is less than 2^15.
fn round_weights(weights: &mut [&mut f64]) {
    let largest = weights.iter().fold(0.0f64, |most, w| most.max(**w));
    let fits = |bits: i32| ((0.5 + largest * f64::powi(2.0, bits + 1)) as i64) < 1 << 15;
    let bits = (0..22).find(|&bits| !fits(bits)).unwrap_or(22);
    let unit = f64::powi(2.0, bits);
    weights.iter_mut().for_each(|w| **w = (**w * unit).round() / unit);
}

/// The weights of four neighbours, `t` of the way from the second to the third.
fn cubic_weights(t: f64, a: f64) -> [f64; 4] {
    let near = |x: f64| ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    let far = |x: f64| ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a;
    [far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)]
}
