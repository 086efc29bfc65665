//! Softmax and the norms of layers.

use super::macros::build;
use crate::ops::def::{Forms, Ints};
use crate::tensor::Tensor;
use st_kernel::{DType, value_err};

const LAYER: Forms = Forms::FUNCTIONAL;

build! {
    /// exp(x) over its sum along a dimension.
    "softmax" "(input: Tensor, dim: int, dtype: dtype? = None)".forms(Forms::BOTH.and(Forms::OUT)).onnx("Softmax").node("softmax"),
        |input: &Tensor, dim: i64, dtype: Option<DType>| input.softmax(dim, dtype);

    /// The logarithm of `softmax`.
    "log_softmax" "(input: Tensor, dim: int, dtype: dtype? = None)".forms(Forms::BOTH.and(Forms::OUT)).onnx("LogSoftmax").node("log_softmax"),
        |input: &Tensor, dim: i64, dtype: Option<DType>| input.log_softmax(dim, dtype);

    /// exp(x) over its sum along a dimension.
    "softmax" "(input: Tensor, dim: int? = None, _stacklevel: int = 3, dtype: dtype? = None)"
        .forms(LAYER).torch("torch.nn.functional.softmax").onnx("Softmax").node("softmax"),
        |input: &Tensor, dim: Option<i64>, _stacklevel: i64, dtype: Option<DType>| input.softmax(usual(dim, input), dtype);

    /// The logarithm of `softmax`.
    "log_softmax" "(input: Tensor, dim: int? = None, _stacklevel: int = 3, dtype: dtype? = None)"
        .forms(LAYER).torch("torch.nn.functional.log_softmax").onnx("LogSoftmax").node("log_softmax"),
        |input: &Tensor, dim: Option<i64>, _stacklevel: i64, dtype: Option<DType>| input.log_softmax(usual(dim, input), dtype);

    /// `softmax` of -x.
    "softmin" "(input: Tensor, dim: int? = None, _stacklevel: int = 3, dtype: dtype? = None)"
        .forms(LAYER).torch("torch.nn.functional.softmin"),
        |input: &Tensor, dim: Option<i64>, _stacklevel: i64, dtype: Option<DType>| input.neg()?.softmax(usual(dim, input), dtype);

    /// The last dimensions brought to mean 0 and variance 1, then scaled and moved.
    "layer_norm"
        "(input: Tensor, normalized_shape: int[], weight: Tensor? = None, bias: Tensor? = None, eps: float = 1e-05)"
        .forms(LAYER).torch("torch.nn.functional.layer_norm").onnx("LayerNormalization"),
        |input: &Tensor, shape: Ints, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64| {
            input.layer_norm(&shape, weight, bias, eps)
        };

    /// The last dimensions divided by their root mean square, then scaled.
    "rms_norm" "(input: Tensor, normalized_shape: int[], weight: Tensor? = None, eps: float? = None)"
        .forms(LAYER.and(Forms::FUNCTION)).torch("torch.nn.functional.rms_norm").onnx("RMSNormalization"),
        |input: &Tensor, shape: Ints, weight: Option<&Tensor>, eps: Option<f64>| input.rms_norm(&shape, weight, eps);

    /// Channels in groups, each group of each sample brought to mean 0 and variance 1.
    "group_norm" "(input: Tensor, num_groups: int, weight: Tensor? = None, bias: Tensor? = None, eps: float = 1e-05)"
        .forms(LAYER).torch("torch.nn.functional.group_norm").onnx("GroupNormalization").node("native_group_norm"),
        |input: &Tensor, groups: i64, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64| {
            input.group_norm(groups, weight, bias, eps)
        };

    /// Each channel brought to mean 0 and variance 1: those of the batch in training, which also move the running ones.
    "batch_norm"
        "(input: Tensor, running_mean: Tensor?, running_var: Tensor?, weight: Tensor? = None, bias: Tensor? = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-05)"
        .forms(LAYER).torch("torch.nn.functional.batch_norm").onnx("BatchNormalization"),
        |input: &Tensor, mean: Option<&Tensor>, var: Option<&Tensor>, weight: Option<&Tensor>, bias: Option<&Tensor>, training: bool, momentum: f64, eps: f64| {
            if training && eps <= 0.0 {
                return Err(value_err!("batch_norm eps must be positive during training, but got {eps}"));
            }
            input.batch_norm(mean, var, weight, bias, training, momentum, eps)
        };

    /// Each channel of each sample brought to mean 0 and variance 1.
    "instance_norm"
        "(input: Tensor, running_mean: Tensor? = None, running_var: Tensor? = None, weight: Tensor? = None, bias: Tensor? = None, use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-05)"
        .forms(LAYER).onnx("InstanceNormalization"),
        |input: &Tensor, mean: Option<&Tensor>, var: Option<&Tensor>, weight: Option<&Tensor>, bias: Option<&Tensor>, own: bool, momentum: f64, eps: f64| {
            if own && input.dim() > 1 && input.shape()[2..].iter().product::<usize>() == 1 {
                return Err(value_err!("Expected more than 1 spatial element when training, got input size {:?}", input.shape()));
            }
            input.instance_norm(mean, var, weight, bias, own, momentum, eps)
        };

    /// Divided by a power of the mean square of neighbouring channels.
    "local_response_norm" "(input: Tensor, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0)".forms(LAYER).onnx("LRN").gives("Tensor"),
        |input: &Tensor, size: i64, alpha: f64, beta: f64, k: f64| input.local_response_norm(size, alpha, beta, k);

    /// Divided by its p-norm along a dimension, which counts as at least `eps`.
    "normalize" "(input: Tensor, p: float = 2.0, dim: int[] = 1, eps: float = 1e-12)"
        .forms(LAYER.and(Forms::OUT)).torch("torch.nn.functional.normalize").onnx("LpNormalization").also(Forms::CAST),
        |input: &Tensor, p: f64, dim: Ints, eps: f64| input.normalize(p, &dim, eps);
}

/// The dimension that torch takes where none is named.
fn usual(dim: Option<i64>, input: &Tensor) -> i64 {
    dim.unwrap_or(match input.dim() {
        0 | 1 | 3 => 0,
        _ => 1,
    })
}
