//! Dropout of elements and of channels, in the forms of `torch.nn.functional`.

use crate::graph::DeviceId;
use crate::ops::pointwise::expect_float;
use crate::random::{Like, exponential};
use crate::tensor::Tensor;
use st_kernel::{DType, Result, runtime_err, value_err};

/// Minus the value that `selu` goes to far on the left: what `alpha_dropout` puts in place of elements.
const ALPHA: f64 = 1.758_099_340_847_376_6;

/// Refuses what is no probability, as `torch.nn.functional` does.
pub fn expect_probability(p: f64) -> Result<()> {
    if (0.0..=1.0).contains(&p) {
        return Ok(());
    }
    Err(value_err!("dropout probability has to be between 0 and 1, but got {p}"))
}

/// Whole channels of images with `n` dimensions are zero with probability `p`; one image may come without a batch.
pub fn dropout_channels(name: &str, input: &Tensor, n: usize, p: f64, training: bool) -> Result<Tensor> {
    expect_probability(p)?;
    // Torch takes three dimensions for a batch of lines, in `dropout2d` too.
    let one = match (n, input.dim()) {
        (1, 2) => true,
        (1, 3) | (2, _) => false,
        (3, rank) => rank != 5,
        _ => {
            return Err(runtime_err!(
                "{name}: Expected {}D or {}D input, but received a {}D input.",
                n + 1,
                n + 2,
                input.dim()
            ));
        }
    };
    if one {
        return input.unsqueeze(0)?.feature_dropout(p, training)?.squeeze(Some(&[0]));
    }
    input.feature_dropout(p, training)
}

/// Elements (or whole channels) become what `selu` goes to far on the left with probability `p`; the result is scaled so
/// that mean and variance stay.
pub fn alpha_dropout(input: &Tensor, p: f64, training: bool, channels: bool) -> Result<Tensor> {
    if !(0.0..=1.0).contains(&p) {
        return Err(runtime_err!("dropout probability has to be between 0 and 1, but got {p}"));
    }
    if !training || p == 0.0 || input.numel() == 0 {
        return Ok(input.clone());
    }
    expect_float("alpha_dropout", input)?;
    if p == 1.0 {
        return input.mul(0.0);
    }
    let wide = input.widened()?;
    let (factor, shift) = alpha_noise(input.shape(), wide.dtype(), input.device(), p, channels)?;
    wide.mul(&factor)?.add(&shift)?.to_dtype(input.dtype())
}

/// What elements of `alpha_dropout` are multiplied by, and what is added then.
pub(crate) fn alpha_noise(
    shape: &[usize],
    dtype: DType,
    device: DeviceId,
    p: f64,
    channels: bool,
) -> Result<(Tensor, Tensor)> {
    let mut shape = shape.to_vec();
    if channels {
        if shape.len() < 2 {
            return Err(runtime_err!("Feature dropout requires at least 2 dimensions in the input"));
        }
        shape[2..].fill(1);
    }
    let kept = Tensor::full(&shape, 1.0 - p, dtype, device)?.bernoulli(None)?;
    let scale = 1.0 / ((ALPHA * ALPHA * p + 1.0) * (1.0 - p)).sqrt();
    Ok((kept.mul(scale)?, kept.sub(1.0)?.mul(ALPHA * scale)?.add(ALPHA * scale * p)?))
}

/// `dropout`, and what it kept.
pub fn native_dropout(input: &Tensor, p: f64, training: bool) -> Result<(Tensor, Tensor)> {
    if !training || p == 0.0 || input.numel() == 0 {
        return Ok((input.copy()?, Tensor::full(input.shape(), true, DType::Bool, input.device())?));
    }
    expect_float("native_dropout", input)?;
    let kept = Tensor::full(input.shape(), 1.0 - p, input.dtype(), input.device())?.bernoulli(None)?;
    let scale = if p == 1.0 { 0.0 } else { 1.0 / (1.0 - p) };
    Ok((input.mul(&kept)?.mul(scale)?, kept.to_dtype(DType::Bool)?))
}

/// A softmax that chooses at random; `hard` gives ones and zeros with the gradient of the soft choice.
pub fn gumbel_softmax(logits: &Tensor, tau: f64, hard: bool, dim: i64) -> Result<Tensor> {
    let noise = exponential(&Like::tensor(logits, None, None), 1.0)?.log()?.neg()?;
    let soft = logits.add(&noise)?.div(tau)?.softmax(dim, None)?;
    if !hard {
        return Ok(soft);
    }
    let (_, index) = soft.detach().max_dim(dim, true)?;
    let chosen = soft.detach().full_like(0.0)?.scatter(dim, &index, 1.0)?;
    chosen.sub(&soft.detach())?.add(&soft)
}
