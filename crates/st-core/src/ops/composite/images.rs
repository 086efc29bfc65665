//! Other arrangements of an image's elements: windows as columns and back, pixels from channels, channels in turns.

use crate::ops::conv::{ConvOptions, Padding, conv};
use crate::ops::window::{self, Slide, Slides};
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::{DType, Result, runtime_err};

/// How windows slide over two dimensions; a list of one number serves both.
#[derive(Clone, Copy, Debug)]
pub struct Sliding<'a> {
    /// Places of a window.
    pub kernel: &'a [i64],
    /// Steps between places.
    pub dilation: &'a [i64],
    /// Margins on both sides.
    pub padding: &'a [i64],
    /// Steps between windows.
    pub stride: &'a [i64],
}

impl Sliding<'_> {
    fn over(&self, name: &str, lengths: [i64; 2]) -> Result<Slides> {
        let large = |list: &[i64]| list.iter().any(|&v| i32::try_from(v).is_err());
        let pick = |what: &str, list: &[i64], least: i64, d: usize| match *list {
            _ if large(list) => Err(runtime_err!("{name}: {what} is out of range: {list:?}")),
            [one] | [one, _] if d == 0 && one >= least => Ok(one),
            [one] | [_, one] if d == 1 && one >= least => Ok(one),
            _ => Err(runtime_err!(
                "{name}: expected {what} to be one or two numbers of at least {least}, got {list:?}"
            )),
        };
        (0..2)
            .map(|d| {
                let k = pick("kernel_size", self.kernel, 1, d)?;
                let dilation = pick("dilation", self.dilation, 1, d)?;
                let padding = pick("padding", self.padding, 0, d)?;
                let stride = pick("stride", self.stride, 1, d)?;
                let out = (lengths[d] + 2 * padding - dilation * (k - 1) - 1).div_euclid(stride) + 1;
                if out < 1 {
                    return Err(runtime_err!(
                        "{name}: Given an image of spatial size {lengths:?}, kernel_size={:?}, dilation={:?}, padding={:?}, stride={:?}, calculated shape of the array of sliding blocks as {out} in dimension {d}, but its components must be at least one",
                        self.kernel,
                        self.dilation,
                        self.padding,
                        self.stride
                    ));
                }
                Ok(Slide {
                    size: k as usize,
                    stride: stride as usize,
                    dilation: dilation as usize,
                    before: padding as usize,
                    length: lengths[d] as usize,
                    out: out as usize,
                })
            })
            .collect()
    }
}

/// The windows of an image as the columns of a matrix.
pub fn unfold(input: &Tensor, sliding: &Sliding) -> Result<Tensor> {
    if !matches!(input.dim(), 3 | 4) || input.shape()[input.dim() - 3..].contains(&0) {
        return Err(runtime_err!(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: {:?}",
            input.shape()
        ));
    }
    let lead = input.dim() - 2;
    let slides = sliding.over("unfold", [input.shape()[lead] as i64, input.shape()[lead + 1] as i64])?;
    let columns = window::unfold(input, &slides)?;
    let rows: usize = slides.iter().map(|s| s.size).product::<usize>() * input.shape()[lead - 1];
    let count: usize = slides.iter().map(|s| s.out).product();
    columns.reshape_to(&[&input.shape()[..lead - 1], &[rows, count]].concat())
}

/// The image whose elements are the sums of what the columns hold for them.
pub fn fold(input: &Tensor, output_size: &[i64], sliding: &Sliding) -> Result<Tensor> {
    let lengths = match *output_size {
        [one] => [one, one],
        [rows, columns] => [rows, columns],
        _ => {
            return Err(runtime_err!(
                "fold: expected output_size to be one or two numbers, got {output_size:?}"
            ));
        }
    };
    if !matches!(input.dim(), 2 | 3) || input.shape()[input.dim() - 2..].contains(&0) {
        return Err(runtime_err!(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: {:?}",
            input.shape()
        ));
    }
    if lengths.iter().any(|&n| n < 1) {
        return Err(runtime_err!("Expected output spatial size to be positive, got {output_size:?}"));
    }
    let slides = sliding.over("fold", lengths)?;
    let lead = input.dim() - 2;
    let (rows, count) = (input.shape()[lead], input.shape()[lead + 1]);
    let places: usize = slides.iter().map(|s| s.size).product();
    if !rows.is_multiple_of(places) {
        return Err(runtime_err!(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)={rows} and kernel_size={:?}",
            sliding.kernel
        ));
    }
    let blocks: usize = slides.iter().map(|s| s.out).product();
    if count != blocks {
        return Err(runtime_err!(
            "Given output_size={output_size:?}, kernel_size={:?}, dilation={:?}, padding={:?}, stride={:?}, expected size of input's dimension 2 to match the calculated number of sliding blocks {} * {} = {blocks}, but got input.size(2)={count}.",
            sliding.kernel,
            sliding.dilation,
            sliding.padding,
            sliding.stride,
            slides[0].out,
            slides[1].out
        ));
    }
    let apart = [rows / places, slides[0].size, slides[1].size, slides[0].out, slides[1].out];
    let wide = if input.dtype().is_float() { input.widened()? } else { input.to_dtype(DType::I64)? };
    let columns = wide.reshape_to(&[&input.shape()[..lead], &apart].concat())?;
    window::fold(&columns, &slides)?.to_dtype(input.dtype())
}

/// Channels become pixels: images that are `factor` times as large in both dimensions.
pub fn pixel_shuffle(input: &Tensor, factor: i64) -> Result<Tensor> {
    let (lead, [c, h, w]) = image(input, "pixel_shuffle")?;
    if factor <= 0 {
        return Err(runtime_err!("pixel_shuffle expects a positive upscale_factor, but got {factor}"));
    }
    let r = factor as usize;
    if r == 1 {
        return input.copy()?.contiguous();
    }
    if r.checked_mul(r).is_none_or(|square| !c.is_multiple_of(square)) {
        return Err(runtime_err!(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)={c} is not divisible by {r} * {r}"
        ));
    }
    let apart = input.reshape_to(&[lead, &[c / (r * r), r, r, h, w]].concat())?;
    ordered(&apart, lead.len(), &[0, 3, 1, 4, 2])?.reshape_to(&[lead, &[c / (r * r), h * r, w * r]].concat())
}

/// Pixels become channels: [`pixel_shuffle`] the other way.
pub fn pixel_unshuffle(input: &Tensor, factor: i64) -> Result<Tensor> {
    let (lead, [c, h, w]) = image(input, "pixel_unshuffle")?;
    if factor <= 0 {
        return Err(runtime_err!("pixel_unshuffle expects a positive downscale_factor, but got {factor}"));
    }
    let r = factor as usize;
    for (what, n) in [("height", h), ("width", w)] {
        if !n.is_multiple_of(r) {
            return Err(runtime_err!(
                "pixel_unshuffle expects {what} to be divisible by downscale_factor, but {n} is not divisible by {factor}"
            ));
        }
    }
    if input.numel() == 0 || r == 1 {
        return input.copy()?.contiguous();
    }
    let apart = input.reshape_to(&[lead, &[c, h / r, r, w / r, r]].concat())?;
    ordered(&apart, lead.len(), &[0, 2, 4, 1, 3])?.reshape_to(&[lead, &[c * r * r, h / r, w / r]].concat())
}

/// The leading dimensions of an image, its channels, height and width.
fn image<'a>(input: &'a Tensor, name: &str) -> Result<(&'a [usize], [usize; 3])> {
    match input.shape() {
        [lead @ .., c, h, w] => Ok((lead, [*c, *h, *w])),
        shape => Err(runtime_err!(
            "{name} expects input to have at least 3 dimensions, but got input with {} dimension(s)",
            shape.len()
        )),
    }
}

/// The dimensions after the first `lead` in another order.
fn ordered(t: &Tensor, lead: usize, order: &[usize]) -> Result<Tensor> {
    let order: Vec<i64> = (0..lead).chain(order.iter().map(|d| d + lead)).map(|d| d as i64).collect();
    t.permute(&order)
}

/// The channels of all groups in turns.
pub fn channel_shuffle(input: &Tensor, groups: i64) -> Result<Tensor> {
    if input.dim() < 3 {
        return Err(runtime_err!(
            "channel_shuffle expects input with > 2 dims, but got input with sizes {:?}",
            input.shape()
        ));
    }
    let channels = input.shape()[1];
    if groups <= 0 {
        return Err(runtime_err!(
            "Number of groups to divide channels in must be positive. Value of groups:{groups}"
        ));
    }
    if channels as i64 % groups != 0 {
        return Err(runtime_err!(
            "Number of channels must be divisible by groups. Got {channels} channels and {groups} groups."
        ));
    }
    let apart = input.unflatten(1, &[groups, channels as i64 / groups])?;
    apart.transpose(1, 2)?.contiguous()?.reshape_to(input.shape())?.apart_from(input)
}

/// The convolution over time of `[time, batch, channel]`, with a weight of `[time, in, out]`.
pub fn conv_tbc(input: &Tensor, weight: &Tensor, bias: &Tensor, pad: i64) -> Result<Tensor> {
    if input.dim() != 3 || weight.dim() != 3 || bias.dim() != 1 {
        return Err(runtime_err!(
            "conv_tbc: input and weight must have 3 dimensions (time, batch, channels) and bias 1, got {:?}, {:?} and {:?}",
            input.shape(),
            weight.shape(),
            bias.shape()
        ));
    }
    if input.shape()[2] != weight.shape()[1] || weight.shape()[2] != bias.shape()[0] {
        return Err(runtime_err!(
            "conv_tbc: the channels of input {:?}, weight {:?} and bias {:?} do not match",
            input.shape(),
            weight.shape(),
            bias.shape()
        ));
    }
    let options =
        ConvOptions { padding: Padding::Sizes(SmallVec::from_slice(&[pad])), ..ConvOptions::default() };
    let out = conv(&input.permute(&[1, 2, 0])?, &weight.permute(&[2, 1, 0])?, Some(bias), &options)?;
    out.permute(&[2, 0, 1])
}

/// `x1 @ weight[k] @ x2 + bias[k]` for every k.
pub fn bilinear(x1: &Tensor, x2: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let &[out, left, right] = weight.shape() else {
        return Err(runtime_err!("bilinear(): expected a weight of 3 dimensions, got {:?}", weight.shape()));
    };
    let (Some((&n1, lead1)), Some((&n2, lead2))) = (x1.shape().split_last(), x2.shape().split_last()) else {
        return Err(runtime_err!("bilinear(): expected inputs of at least 1 dimension"));
    };
    if lead1 != lead2 || n1 != left || n2 != right || bias.is_some_and(|b| b.shape() != [out]) {
        return Err(runtime_err!(
            "bilinear(): the shapes of input1 {:?}, input2 {:?}, weight {:?} and bias {:?} do not match",
            x1.shape(),
            x2.shape(),
            weight.shape(),
            bias.map(Tensor::shape)
        ));
    }
    if [Some(x2), Some(weight), bias].into_iter().flatten().any(|t| t.dtype() != x1.dtype()) {
        return Err(runtime_err!("bilinear(): expected all tensors to have the dtype {}", x1.dtype()));
    }
    let (a, b, w) = (x1.widened()?, x2.widened()?, weight.widened()?);
    let seen =
        a.reshape(&[-1, left as i64])?.matmul(&w.permute(&[1, 0, 2])?.reshape_to(&[left, out * right])?)?;
    let seen = seen.reshape_to(&[lead1, &[out, right]].concat())?;
    let sums = seen.mul(&b.unsqueeze(-2)?)?.sum(&[-1], false)?;
    let sums = bias.map_or(Ok(sums.clone()), |bias| sums.add(bias))?;
    sums.to_dtype(x1.dtype())
}
