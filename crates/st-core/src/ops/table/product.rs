//! Products of matrices, convolutions, attention.

use super::macros::build;
use crate::ops::composite::{AttentionOptions, scaled_dot_product_attention};
use crate::ops::conv::{ConvOptions, Padding, conv, conv_transpose};
use crate::ops::def::{Forms, Ints, Out};
use crate::ops::einsum::einsum;
use crate::ops::matmul::linear;
use crate::tensor::Tensor;
use st_kernel::{Result, Scalar, runtime_err};

const LAYER: Forms = Forms::FUNCTIONAL;
const CONV: Forms = LAYER.and(Forms::FUNCTION);

build! {
    /// The matrix product, with torch's rules for vectors and batches.
    "matmul" "(input: Tensor, other: Tensor)".forms(Forms::BOTH_OUT).onnx("MatMul"),
        |input: &Tensor, other: &Tensor| input.matmul(other);

    /// The product of two matrices.
    "mm" "(input: Tensor, mat2: Tensor)".forms(Forms::BOTH_OUT), |input: &Tensor, mat2: &Tensor| input.mm(mat2);

    /// The products of two batches of matrices.
    "bmm" "(input: Tensor, mat2: Tensor)".forms(Forms::BOTH_OUT).node("bmm"), |input: &Tensor, mat2: &Tensor| input.bmm(mat2);

    /// The product of a matrix and a vector.
    "mv" "(input: Tensor, vec: Tensor)".forms(Forms::BOTH_OUT).node("mv"), |input: &Tensor, vec: &Tensor| input.mv(vec);

    /// The sum of the products of two vectors' elements.
    "dot" "(input: Tensor, tensor: Tensor)".forms(Forms::BOTH_OUT).out(Out::Same("{op}(): result dtype {got} does not match input dtype {needs}")).node("dot"), |input: &Tensor, tensor: &Tensor| input.dot(tensor);

    /// Every element of one vector times every element of another.
    "outer" "(input: Tensor, vec2: Tensor)".forms(Forms::BOTH_OUT).also(Forms::CAST), |input: &Tensor, vec2: &Tensor| input.outer(vec2);

    /// `beta * input + alpha * (mat1 @ mat2)`.
    "addmm" "(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1)".forms(Forms::EVERY).onnx("Gemm").node("addmm"),
        |input: &Tensor, mat1: &Tensor, mat2: &Tensor, beta: Scalar, alpha: Scalar| input.addmm(mat1, mat2, beta, alpha);

    /// `beta * input + alpha * (batch1 @ batch2)`, for batches of matrices.
    "baddbmm" "(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1)".node("baddbmm").forms(Forms::EVERY),
        |input: &Tensor, batch1: &Tensor, batch2: &Tensor, beta: Scalar, alpha: Scalar| {
            input.baddbmm(batch1, batch2, beta, alpha)
        };

    /// `beta * input + alpha * (mat @ vec)`.
    "addmv" "(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Number = 1, alpha: Number = 1)".node("addmv").forms(Forms::EVERY),
        |input: &Tensor, mat: &Tensor, vec: &Tensor, beta: Scalar, alpha: Scalar| input.addmv(mat, vec, beta, alpha);

    /// Sums of products by letters: "ij,jk->ik" is the matrix product.
    "einsum" "(equation: str, operands: Tensor[])".forms(Forms::FUNCTION).onnx("Einsum").also(Forms::SPREAD),
        |equation: &str, operands: Vec<Tensor>| einsum(equation, &operands);

    /// `input @ weight.T + bias`.
    "linear" "(input: Tensor, weight: Tensor, bias: Tensor? = None)".forms(LAYER.and(Forms::OUT)).torch("torch.nn.functional.linear").onnx("Gemm"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>| linear(input, weight, bias);

    /// The convolution over one dimension.
    "conv1d" "(input: Tensor, weight: Tensor, bias: Tensor? = None, stride: int[] = [1], padding: int[] = [0], dilation: int[] = [1], groups: int = 1)"
        .forms(CONV).torch("torch.nn.functional.conv1d").onnx("Conv"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: Ints, padding: Ints, dilation: Ints, groups: i64| {
            conv_of(1, input, weight, bias, &options(stride, sizes(padding), dilation, groups))
        };

    /// The convolution over one dimension, padded to the same size or not at all.
    "conv1d" "(input: Tensor, weight: Tensor, bias: Tensor? = None, stride: int[] = [1], padding: str = 'valid', dilation: int[] = [1], groups: int = 1)"
        .forms(CONV).torch("torch.nn.functional.conv1d").onnx("Conv"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: Ints, padding: &str, dilation: Ints, groups: i64| {
            conv_of(1, input, weight, bias, &options(stride, named(padding)?, dilation, groups))
        };

    /// The convolution over two dimensions.
    "conv2d" "(input: Tensor, weight: Tensor, bias: Tensor? = None, stride: int[] = [1], padding: int[] = [0], dilation: int[] = [1], groups: int = 1)"
        .forms(CONV).torch("torch.nn.functional.conv2d").onnx("Conv"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: Ints, padding: Ints, dilation: Ints, groups: i64| {
            conv_of(2, input, weight, bias, &options(stride, sizes(padding), dilation, groups))
        };

    /// The convolution over two dimensions, padded to the same size or not at all.
    "conv2d" "(input: Tensor, weight: Tensor, bias: Tensor? = None, stride: int[] = [1], padding: str = 'valid', dilation: int[] = [1], groups: int = 1)"
        .forms(CONV).torch("torch.nn.functional.conv2d").onnx("Conv"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: Ints, padding: &str, dilation: Ints, groups: i64| {
            conv_of(2, input, weight, bias, &options(stride, named(padding)?, dilation, groups))
        };

    /// The convolution over three dimensions.
    "conv3d" "(input: Tensor, weight: Tensor, bias: Tensor? = None, stride: int[] = [1], padding: int[] = [0], dilation: int[] = [1], groups: int = 1)"
        .forms(CONV).torch("torch.nn.functional.conv3d").onnx("Conv"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: Ints, padding: Ints, dilation: Ints, groups: i64| {
            conv_of(3, input, weight, bias, &options(stride, sizes(padding), dilation, groups))
        };

    /// The convolution over three dimensions, padded to the same size or not at all.
    "conv3d" "(input: Tensor, weight: Tensor, bias: Tensor? = None, stride: int[] = [1], padding: str = 'valid', dilation: int[] = [1], groups: int = 1)"
        .forms(CONV).torch("torch.nn.functional.conv3d").onnx("Conv"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: Ints, padding: &str, dilation: Ints, groups: i64| {
            conv_of(3, input, weight, bias, &options(stride, named(padding)?, dilation, groups))
        };

    /// The transposed convolution over one dimension: the gradient of a convolution.
    "conv_transpose1d" "(input: Tensor, weight: Tensor, bias: Tensor? = None, stride: int[] = [1], padding: int[] = [0], output_padding: int[] = [0], groups: int = 1, dilation: int[] = [1])"
        .forms(CONV).torch("torch.nn.functional.conv_transpose1d").onnx("ConvTranspose"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: Ints, padding: Ints, extra: Ints, groups: i64, dilation: Ints| {
            transposed(1, input, weight, bias, extra, options(stride, sizes(padding), dilation, groups))
        };

    /// The transposed convolution over two dimensions: the gradient of a convolution.
    "conv_transpose2d" "(input: Tensor, weight: Tensor, bias: Tensor? = None, stride: int[] = [1], padding: int[] = [0], output_padding: int[] = [0], groups: int = 1, dilation: int[] = [1])"
        .forms(CONV).torch("torch.nn.functional.conv_transpose2d").onnx("ConvTranspose"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: Ints, padding: Ints, extra: Ints, groups: i64, dilation: Ints| {
            transposed(2, input, weight, bias, extra, options(stride, sizes(padding), dilation, groups))
        };

    /// The transposed convolution over three dimensions: the gradient of a convolution.
    "conv_transpose3d" "(input: Tensor, weight: Tensor, bias: Tensor? = None, stride: int[] = [1], padding: int[] = [0], output_padding: int[] = [0], groups: int = 1, dilation: int[] = [1])"
        .forms(CONV).torch("torch.nn.functional.conv_transpose3d").onnx("ConvTranspose"),
        |input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: Ints, padding: Ints, extra: Ints, groups: i64, dilation: Ints| {
            transposed(3, input, weight, bias, extra, options(stride, sizes(padding), dilation, groups))
        };

    /// `softmax(query @ key.T * scale + mask) @ value`.
    "scaled_dot_product_attention"
        "(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor? = None, dropout_p: float = 0.0, is_causal: bool = False, *, scale: float? = None, enable_gqa: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.scaled_dot_product_attention").onnx("Attention"),
        |query: &Tensor, key: &Tensor, value: &Tensor, mask: Option<&Tensor>, dropout: f64, causal: bool, scale: Option<f64>, grouped: bool| {
            scaled_dot_product_attention(query, key, value, mask, &AttentionOptions { dropout, causal, scale, grouped })
        };

    /// The product of two vectors along a dimension, each brought to length 1.
    "cosine_similarity" "(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-08)"
        .forms(CONV).torch("torch.nn.functional.cosine_similarity"),
        |x1: &Tensor, x2: &Tensor, dim: i64, eps: f64| x1.cosine_similarity(x2, dim, eps);

    /// The p-norm of the difference along the last dimension.
    "pairwise_distance" "(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-06, keepdim: bool = False)"
        .forms(CONV).torch("torch.nn.functional.pairwise_distance"),
        |x1: &Tensor, x2: &Tensor, p: f64, eps: f64, keepdim: bool| x1.pairwise_distance(x2, p, eps, keepdim);
}

fn sizes(padding: Ints) -> Padding {
    Padding::Sizes(padding.iter().copied().collect())
}

fn named(padding: &str) -> Result<Padding> {
    match padding {
        "same" => Ok(Padding::Same),
        "valid" => Ok(Padding::Valid),
        other => Err(runtime_err!("Invalid padding string: '{other}'; 'same' and 'valid' are known")),
    }
}

fn options(stride: Ints, padding: Padding, dilation: Ints, groups: i64) -> ConvOptions {
    let (stride, dilation) = (stride.iter().copied().collect(), dilation.iter().copied().collect());
    ConvOptions { stride, padding, dilation, groups, ..ConvOptions::default() }
}

fn conv_of(
    rank: usize,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: &ConvOptions,
) -> Result<Tensor> {
    expect_rank("conv", rank, weight)?;
    conv(input, weight, bias, options)
}

fn transposed(
    rank: usize,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    extra: Ints,
    options: ConvOptions,
) -> Result<Tensor> {
    expect_rank("conv_transpose", rank, weight)?;
    let output_padding = extra.iter().copied().collect();
    conv_transpose(input, weight, bias, &ConvOptions { output_padding, ..options })
}

fn expect_rank(name: &str, rank: usize, weight: &Tensor) -> Result<()> {
    if weight.dim() == rank + 2 {
        return Ok(());
    }
    Err(runtime_err!(
        "{name}{rank}d: expected a weight of {} dimensions, got shape {:?}: {}",
        rank + 2,
        weight.shape(),
        if weight.dim() < 3 {
            "weight should have at least three dimensions".to_string()
        } else {
            format!("Expected {0}-dimensional input for {0}-dimensional weight", weight.dim())
        }
    ))
}
