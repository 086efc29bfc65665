//! Layers in the low-level forms torch has beside `torch.nn.functional`: all arguments given, other orders, more results.

use super::macros::build;
use crate::ops::composite::bags::*;
use crate::ops::conv::{ConvOptions, Padding, conv, conv_transpose};
use crate::ops::def::{Forms, Ints};
use crate::ops::gather::embedding;
use crate::tensor::Tensor;
use st_kernel::{Result, Scalar, runtime_err};

const FUNCTION: Forms = Forms::FUNCTION;

build! {
    /// Each channel brought to mean 0 and variance 1.
    "batch_norm" "(input: Tensor, weight: Tensor?, bias: Tensor?, running_mean: Tensor?, running_var: Tensor?, training: bool, momentum: float, eps: float, cudnn_enabled: bool)".forms(FUNCTION),
        |input: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>, mean: Option<&Tensor>, var: Option<&Tensor>, training: bool, momentum: f64, eps: f64, _cudnn: bool| {
            input.batch_norm(mean, var, weight, bias, training, momentum, eps)
        };

    /// `batch_norm` with the means and the inverse deviations.
    "native_batch_norm" "(input: Tensor, weight: Tensor?, bias: Tensor?, running_mean: Tensor?, running_var: Tensor?, training: bool, momentum: float, eps: float)".forms(FUNCTION.and(Forms::OUT)).gives("Tensor[]").also(Forms::CAST),
        |input: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>, mean: Option<&Tensor>, var: Option<&Tensor>, training: bool, momentum: f64, eps: f64| {
            input.native_batch_norm(weight, bias, mean, var, training, momentum, eps)
        };

    /// Each channel of each sample brought to mean 0 and variance 1.
    "instance_norm" "(input: Tensor, weight: Tensor?, bias: Tensor?, running_mean: Tensor?, running_var: Tensor?, use_input_stats: bool, momentum: float, eps: float, cudnn_enabled: bool)".forms(FUNCTION).gives("Tensor"),
        |input: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>, mean: Option<&Tensor>, var: Option<&Tensor>, own: bool, momentum: f64, eps: f64, _cudnn: bool| {
            input.instance_norm(mean, var, weight, bias, own, momentum, eps)
        };

    /// The last dimensions brought to mean 0 and variance 1, then scaled and moved.
    "layer_norm" "(input: Tensor, normalized_shape: int[], weight: Tensor? = None, bias: Tensor? = None, eps: float = 1e-05, cudnn_enable: bool = True)".forms(FUNCTION),
        |input: &Tensor, shape: Ints, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64, _cudnn: bool| {
            input.layer_norm(&shape, weight, bias, eps)
        };

    /// `layer_norm` with the means and the inverse deviations.
    "native_layer_norm" "(input: Tensor, normalized_shape: int[], weight: Tensor?, bias: Tensor?, eps: float)".forms(FUNCTION),
        |input: &Tensor, shape: Ints, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64| {
            input.native_layer_norm(&shape, weight, bias, eps)
        };

    /// Channels in groups, each group of each sample brought to mean 0 and variance 1.
    "group_norm" "(input: Tensor, num_groups: int, weight: Tensor? = None, bias: Tensor? = None, eps: float = 1e-05, cudnn_enabled: bool = True)".forms(FUNCTION).node("native_group_norm"),
        |input: &Tensor, groups: i64, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64, _cudnn: bool| {
            input.group_norm(groups, weight, bias, eps)
        };

    /// `group_norm` with the means and the inverse deviations of the groups.
    "native_group_norm" "(input: Tensor, weight: Tensor?, bias: Tensor?, N: int, C: int, HxW: int, group: int, eps: float)".forms(FUNCTION).gives("Tensor[]"),
        |input: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>, _n: i64, _c: i64, _area: i64, group: i64, eps: f64| {
            input.native_group_norm(group, weight, bias, eps)
        };

    /// The convolution over as many dimensions as the weight has beyond channels, transposed or not.
    "convolution" "(input: Tensor, weight: Tensor, bias: Tensor?, stride: int[], padding: int[], dilation: int[], transposed: bool, output_padding: int[], groups: int)".forms(FUNCTION).gives("Tensor"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: Ints, padding: Ints, dilation: Ints, transposed: bool, extra: Ints, groups: i64| {
            let options = ConvOptions {
                stride: stride.iter().copied().collect(),
                padding: Padding::Sizes(padding.iter().copied().collect()),
                dilation: dilation.iter().copied().collect(),
                groups,
                output_padding: extra.iter().copied().collect(),
            };
            if transposed { conv_transpose(input, weight, bias, &options) } else { conv(input, weight, bias, &options) }
        };

    /// The rows of `weight` at the indices; the row `padding_idx` gets no gradient, rows longer than `max_norm` are scaled down in place.
    "embedding" "(input: Tensor, weight: Tensor, padding_idx: int? = None, max_norm: float? = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False)"
        .forms(Forms::FUNCTIONAL).torch("torch.nn.functional.embedding").onnx("Gather").node("embedding"),
        |input: &Tensor, weight: &Tensor, padding_idx: Option<i64>, max_norm: Option<f64>, norm_type: f64, by_frequency: bool, _sparse: bool| {
            if let Some(max_norm) = max_norm {
                renorm_rows(weight, input, max_norm, norm_type)?;
            }
            rows(input, weight, padding_idx, by_frequency)
        };

    /// The rows of `weight` at the indices.
    "embedding" "(weight: Tensor, indices: Tensor, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False)".forms(FUNCTION).gives("Tensor").node("embedding"),
        |weight: &Tensor, indices: &Tensor, padding: i64, by_frequency: bool, _sparse: bool| {
            rows(indices, weight, (padding >= 0).then_some(padding), by_frequency)
        };

    /// Scales the rows at the indices that are longer down to `max_norm`, in place.
    "embedding_renorm_" "(input: Tensor, indices: Tensor, max_norm: float, norm_type: float)".forms(FUNCTION).torch("").gives("Tensor"),
        |input: &Tensor, indices: &Tensor, max_norm: f64, norm_type: f64| {
            renorm_rows(input, indices, max_norm, norm_type)?;
            Ok(input.clone())
        };

    /// The rows of `weight` at the indices of each bag as one row.
    "embedding_bag" "(input: Tensor, weight: Tensor, offsets: Tensor? = None, max_norm: float? = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False, mode: str = 'mean', sparse: bool = False, per_sample_weights: Tensor? = None, include_last_offset: bool = False, padding_idx: int? = None)"
        .forms(Forms::FUNCTIONAL).torch("torch.nn.functional.embedding_bag").gives("Tensor"),
        |input: &Tensor, weight: &Tensor, offsets: Option<&Tensor>, max_norm: Option<f64>, norm_type: f64, by_frequency: bool, mode: &str, _sparse: bool, per_sample: Option<&Tensor>, last_offset: bool, padding_idx: Option<i64>| {
            let (input, weight) = if input.dtype().is_float() && weight.dtype().is_int() { (weight, input) } else { (input, weight) };
            if let Some(per_sample) = per_sample
                && per_sample.shape() != input.shape()
            {
                return Err(st_kernel::value_err!(
                    "embedding_bag: If per_sample_weights ({:?}) is not None, then it must have the same shape as the input ({:?})",
                    per_sample.shape(),
                    input.shape()
                ));
            }
            let bags = Bags::new(input, offsets, last_offset)?;
            let mode = Bag::parse(mode)?;
            if let Some(max_norm) = max_norm {
                renorm_rows(weight, input, max_norm, norm_type)?;
            }
            embedding_bag(&bags, weight, per_sample, &BagOptions { mode, by_frequency, last_offset, padding_idx })
        };

    /// `embedding_bag` with each index's bag, the bags' sizes and, of the largest, where they are.
    "embedding_bag" "(weight: Tensor, indices: Tensor, offsets: Tensor, scale_grad_by_freq: bool = False, mode: int = 0, sparse: bool = False, per_sample_weights: Tensor? = None, include_last_offset: bool = False, padding_idx: int? = None)".forms(FUNCTION).torch("").gives("Tensor[]"),
        |weight: &Tensor, indices: &Tensor, offsets: &Tensor, by_frequency: bool, mode: i64, _sparse: bool, per_sample: Option<&Tensor>, last_offset: bool, padding_idx: Option<i64>| {
            let bags = Bags::new(indices, Some(offsets), last_offset)?;
            let mode = Bag::parse(&mode.to_string())?;
            embedding_bag_parts(&bags, weight, per_sample, &BagOptions { mode, by_frequency, last_offset, padding_idx })
        };

    /// Margins of a number, `(before, after)` from the last dimension on.
    "constant_pad_nd" "(input: Tensor, pad: int[], value: Number = 0)".forms(FUNCTION),
        |input: &Tensor, pad: Ints, value: Scalar| {
            if pad.len() % 2 == 1 {
                return Err(runtime_err!("Length of pad must be even but instead it equals {}", pad.len()));
            }
            input.pad_constant(&pad.chunks(2).map(|p| (p[0], p[1])).collect::<Vec<_>>(), value)
        };

    /// The p-norms of the differences of all pairs of rows.
    "pdist" "(input: Tensor, p: float = 2.0)".forms(Forms::FUNCTIONAL.and(FUNCTION)), |input: &Tensor, p: f64| pdist(input, p);
}

fn pdist(input: &Tensor, p: f64) -> Result<Tensor> {
    if input.dim() != 2 {
        return Err(runtime_err!("pdist only supports 2D tensors, got: {}D", input.dim()));
    }
    crate::ops::pointwise::expect_float("pdist", input)?;
    if p < 0.0 {
        return Err(runtime_err!("pdist only supports non-negative p values"));
    }
    input.pdist(p)
}

fn rows(indices: &Tensor, weight: &Tensor, padding_idx: Option<i64>, by_frequency: bool) -> Result<Tensor> {
    if by_frequency && weight.dtype().is_float() {
        embedding_by_frequency(indices, weight, padding_idx)
    } else {
        embedding(indices, weight, padding_idx)
    }
}
