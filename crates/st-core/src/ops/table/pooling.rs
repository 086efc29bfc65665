//! Pooling: what becomes of windows that slide over the last dimensions.

use super::macros::build;
use crate::ops::Output;
use crate::ops::composite::pool::*;
use crate::ops::def::{Forms, Ints};
use crate::tensor::Tensor;
use st_kernel::{Result, Scalar, value_err};

const LAYER: Forms = Forms::FUNCTIONAL;
const POOL: Forms = LAYER.and(Forms::FUNCTION);

build! {
    /// The mean of windows over one dimension.
    "avg_pool1d" "(input: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], ceil_mode: bool = False, count_include_pad: bool = True)"
        .forms(POOL).torch("torch.nn.functional.avg_pool1d").onnx("AveragePool"),
        |input: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, ceil: bool, include: bool| {
            avg_pool("avg_pool1d", input, 1, &options(&kernel, &stride, &padding, &[], ceil), include, None)
        };

    /// The mean of windows over two dimensions.
    "avg_pool2d" "(input: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int? = None)"
        .forms(LAYER.and(Forms::OUT)).onnx("AveragePool"),
        |input: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, ceil: bool, include: bool, divisor: Option<i64>| {
            avg_pool("avg_pool2d", input, 2, &options(&kernel, &stride, &padding, &[], ceil), include, divisor)
        };

    /// The mean of windows over three dimensions.
    "avg_pool3d" "(input: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int? = None)"
        .forms(LAYER.and(Forms::OUT)).onnx("AveragePool"),
        |input: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, ceil: bool, include: bool, divisor: Option<i64>| {
            avg_pool("avg_pool3d", input, 3, &options(&kernel, &stride, &padding, &[], ceil), include, divisor)
        };

    /// The largest of windows over one dimension; with `return_indices` also where it is.
    "max_pool1d" "(input: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], dilation: int[] = [1], ceil_mode: bool = False, return_indices: bool = False)"
        .forms(POOL).torch("torch.nn.functional.max_pool1d").onnx("MaxPool"),
        |input: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, dilation: Ints, ceil: bool, indices: bool| {
            largest("max_pool1d", input, 1, &options(&kernel, &stride, &padding, &dilation, ceil), indices)
        };

    /// The largest of windows over one dimension, and where it is.
    "max_pool1d_with_indices" "(input: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], dilation: int[] = [1], ceil_mode: bool = False, return_indices: bool = False)"
        .forms(POOL).torch("torch.nn.functional.max_pool1d_with_indices"),
        |input: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, dilation: Ints, ceil: bool, _indices: bool| {
            max_pool_with_indices("max_pool1d", input, 1, &options(&kernel, &stride, &padding, &dilation, ceil))
        };

    /// The largest of windows over two dimensions; with `return_indices` also where it is.
    "max_pool2d" "(input: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], dilation: int[] = [1], ceil_mode: bool = False, return_indices: bool = False)"
        .forms(POOL).torch("torch.nn.functional.max_pool2d").onnx("MaxPool"),
        |input: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, dilation: Ints, ceil: bool, indices: bool| {
            largest("max_pool2d", input, 2, &options(&kernel, &stride, &padding, &dilation, ceil), indices)
        };

    /// The largest of windows over two dimensions, and where it is.
    "max_pool2d_with_indices" "(input: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], dilation: int[] = [1], ceil_mode: bool = False, return_indices: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.max_pool2d_with_indices"),
        |input: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, dilation: Ints, ceil: bool, _indices: bool| {
            max_pool_with_indices("max_pool2d", input, 2, &options(&kernel, &stride, &padding, &dilation, ceil))
        };

    /// The largest of windows over three dimensions; with `return_indices` also where it is.
    "max_pool3d" "(input: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], dilation: int[] = [1], ceil_mode: bool = False, return_indices: bool = False)"
        .forms(POOL).torch("torch.nn.functional.max_pool3d").onnx("MaxPool"),
        |input: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, dilation: Ints, ceil: bool, indices: bool| {
            largest("max_pool3d", input, 3, &options(&kernel, &stride, &padding, &dilation, ceil), indices)
        };

    /// The largest of windows over three dimensions, and where it is.
    "max_pool3d_with_indices" "(input: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], dilation: int[] = [1], ceil_mode: bool = False, return_indices: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.max_pool3d_with_indices"),
        |input: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, dilation: Ints, ceil: bool, _indices: bool| {
            max_pool_with_indices("max_pool3d", input, 3, &options(&kernel, &stride, &padding, &dilation, ceil))
        };

    /// The means of so many nearly equal parts of the last dimension.
    "adaptive_avg_pool1d" "(input: Tensor, output_size: int[])".forms(POOL).torch("torch.nn.functional.adaptive_avg_pool1d"),
        |input: &Tensor, sizes: Ints| adaptive_avg_pool("adaptive_avg_pool1d", input, 1, &known(&sizes));

    /// The largest of so many nearly equal parts of the last dimension; with `return_indices` also where it is.
    "adaptive_max_pool1d" "(input: Tensor, output_size: int[], return_indices: bool = False)".forms(LAYER).torch("torch.nn.functional.adaptive_max_pool1d"),
        |input: &Tensor, sizes: Ints, indices: bool| {
            adaptive_max_pool("adaptive_max_pool1d", input, 1, &known(&sizes)).map(|both| one_or_both(both, indices))
        };

    /// The largest of so many nearly equal parts of the last dimension, and where it is.
    "adaptive_max_pool1d_with_indices" "(input: Tensor, output_size: int[], return_indices: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.adaptive_max_pool1d_with_indices"),
        |input: &Tensor, sizes: Ints, _indices: bool| adaptive_max_pool("adaptive_max_pool1d", input, 1, &known(&sizes));

    /// The means of so many nearly equal parts of the last two dimensions.
    "adaptive_avg_pool2d" "(input: Tensor, output_size: int?[])".forms(LAYER).torch("torch.nn.functional.adaptive_avg_pool2d"),
        |input: &Tensor, sizes: Vec<Option<i64>>| {
            expect_spatial(input, 2)?;
            adaptive_avg_pool("adaptive_avg_pool2d", input, 2, &sizes)
        };

    /// The largest of so many nearly equal parts of the last two dimensions; with `return_indices` also where it is.
    "adaptive_max_pool2d" "(input: Tensor, output_size: int?[], return_indices: bool = False)".forms(LAYER).torch("torch.nn.functional.adaptive_max_pool2d"),
        |input: &Tensor, sizes: Vec<Option<i64>>, indices: bool| {
            expect_spatial(input, 2)?;
            adaptive_max_pool("adaptive_max_pool2d", input, 2, &sizes).map(|both| one_or_both(both, indices))
        };

    /// The largest of so many nearly equal parts of the last two dimensions, and where it is.
    "adaptive_max_pool2d_with_indices" "(input: Tensor, output_size: int?[], return_indices: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.adaptive_max_pool2d_with_indices"),
        |input: &Tensor, sizes: Vec<Option<i64>>, _indices: bool| adaptive_max_pool("adaptive_max_pool2d", input, 2, &sizes);

    /// The means of so many nearly equal parts of the last three dimensions.
    "adaptive_avg_pool3d" "(input: Tensor, output_size: int?[])".forms(LAYER).torch("torch.nn.functional.adaptive_avg_pool3d"),
        |input: &Tensor, sizes: Vec<Option<i64>>| {
            expect_spatial(input, 3)?;
            adaptive_avg_pool("adaptive_avg_pool3d", input, 3, &sizes)
        };

    /// The largest of so many nearly equal parts of the last three dimensions; with `return_indices` also where it is.
    "adaptive_max_pool3d" "(input: Tensor, output_size: int?[], return_indices: bool = False)".forms(LAYER).torch("torch.nn.functional.adaptive_max_pool3d"),
        |input: &Tensor, sizes: Vec<Option<i64>>, indices: bool| {
            expect_spatial(input, 3)?;
            adaptive_max_pool("adaptive_max_pool3d", input, 3, &sizes).map(|both| one_or_both(both, indices))
        };

    /// The largest of so many nearly equal parts of the last three dimensions, and where it is.
    "adaptive_max_pool3d_with_indices" "(input: Tensor, output_size: int?[], return_indices: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.adaptive_max_pool3d_with_indices"),
        |input: &Tensor, sizes: Vec<Option<i64>>, _indices: bool| adaptive_max_pool("adaptive_max_pool3d", input, 3, &sizes);

    /// The largest of so many nearly equal parts of the last dimension, and where it is.
    "adaptive_max_pool1d" "(input: Tensor, output_size: int[])".forms(Forms::FUNCTION).torch("torch.adaptive_max_pool1d"),
        |input: &Tensor, sizes: Ints| adaptive_max_pool("adaptive_max_pool1d", input, 1, &known(&sizes));

    /// The norm of windows over one dimension.
    "lp_pool1d" "(input: Tensor, norm_type: Number, kernel_size: int[], stride: int[]? = None, ceil_mode: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.lp_pool1d").onnx("LpPool"),
        |input: &Tensor, p: Scalar, kernel: Ints, stride: Option<Ints>, ceil: bool| {
            lp_pool("lp_pool1d", input, 1, p, &options(&kernel, &stride, &[], &[], ceil))
        };

    /// The norm of windows over two dimensions.
    "lp_pool2d" "(input: Tensor, norm_type: Number, kernel_size: int[], stride: int[]? = None, ceil_mode: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.lp_pool2d").onnx("LpPool"),
        |input: &Tensor, p: Scalar, kernel: Ints, stride: Option<Ints>, ceil: bool| {
            lp_pool("lp_pool2d", input, 2, p, &options(&kernel, &stride, &[], &[], ceil))
        };

    /// The norm of windows over three dimensions.
    "lp_pool3d" "(input: Tensor, norm_type: Number, kernel_size: int[], stride: int[]? = None, ceil_mode: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.lp_pool3d").onnx("LpPool"),
        |input: &Tensor, p: Scalar, kernel: Ints, stride: Option<Ints>, ceil: bool| {
            lp_pool("lp_pool3d", input, 3, p, &options(&kernel, &stride, &[], &[], ceil))
        };

    /// Zeros, with the elements where the indices of a pooling say.
    "max_unpool1d" "(input: Tensor, indices: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], output_size: int[]? = None)"
        .forms(LAYER).torch("torch.nn.functional.max_unpool1d").onnx("MaxUnpool"),
        |input: &Tensor, indices: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, sizes: Option<Ints>| {
            let options = options(&kernel, &stride, &padding, &[], false);
            max_unpool("max_unpool1d", input, indices, 1, &options, sizes.as_deref())
        };

    /// Zeros, with the elements where the indices of a pooling say.
    "max_unpool2d" "(input: Tensor, indices: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], output_size: int[]? = None)"
        .forms(LAYER).torch("torch.nn.functional.max_unpool2d").onnx("MaxUnpool"),
        |input: &Tensor, indices: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, sizes: Option<Ints>| {
            let options = options(&kernel, &stride, &padding, &[], false);
            max_unpool("max_unpool2d", input, indices, 2, &options, sizes.as_deref())
        };

    /// Zeros, with the elements where the indices of a pooling say.
    "max_unpool3d" "(input: Tensor, indices: Tensor, kernel_size: int[], stride: int[]? = None, padding: int[] = [0], output_size: int[]? = None)"
        .forms(LAYER).torch("torch.nn.functional.max_unpool3d").onnx("MaxUnpool"),
        |input: &Tensor, indices: &Tensor, kernel: Ints, stride: Option<Ints>, padding: Ints, sizes: Option<Ints>| {
            let options = options(&kernel, &stride, &padding, &[], false);
            max_unpool("max_unpool3d", input, indices, 3, &options, sizes.as_deref())
        };

    /// The largest of windows at random places; with `return_indices` also where it is.
    "fractional_max_pool2d" "(input: Tensor, kernel_size: int[], output_size: int[]? = None, output_ratio: float[]? = None, return_indices: bool = False, _random_samples: Tensor? = None)"
        .forms(LAYER).torch("torch.nn.functional.fractional_max_pool2d"),
        |input: &Tensor, kernel: Ints, sizes: Option<Ints>, ratio: Option<Vec<f64>>, indices: bool, samples: Option<&Tensor>| {
            fractional(2, input, &kernel, sizes, ratio, samples).map(|both| one_or_both(both, indices))
        };

    /// The largest of windows at random places, and where it is.
    "fractional_max_pool2d_with_indices" "(input: Tensor, kernel_size: int[], output_size: int[]? = None, output_ratio: float[]? = None, return_indices: bool = False, _random_samples: Tensor? = None)"
        .forms(LAYER).torch("torch.nn.functional.fractional_max_pool2d_with_indices"),
        |input: &Tensor, kernel: Ints, sizes: Option<Ints>, ratio: Option<Vec<f64>>, _indices: bool, samples: Option<&Tensor>| {
            fractional(2, input, &kernel, sizes, ratio, samples)
        };

    /// The largest of windows at random places; with `return_indices` also where it is.
    "fractional_max_pool3d" "(input: Tensor, kernel_size: int[], output_size: int[]? = None, output_ratio: float[]? = None, return_indices: bool = False, _random_samples: Tensor? = None)"
        .forms(LAYER).torch("torch.nn.functional.fractional_max_pool3d"),
        |input: &Tensor, kernel: Ints, sizes: Option<Ints>, ratio: Option<Vec<f64>>, indices: bool, samples: Option<&Tensor>| {
            fractional(3, input, &kernel, sizes, ratio, samples).map(|both| one_or_both(both, indices))
        };

    /// The largest of windows at random places, and where it is.
    "fractional_max_pool3d_with_indices" "(input: Tensor, kernel_size: int[], output_size: int[]? = None, output_ratio: float[]? = None, return_indices: bool = False, _random_samples: Tensor? = None)"
        .forms(LAYER).torch("torch.nn.functional.fractional_max_pool3d_with_indices"),
        |input: &Tensor, kernel: Ints, sizes: Option<Ints>, ratio: Option<Vec<f64>>, _indices: bool, samples: Option<&Tensor>| {
            fractional(3, input, &kernel, sizes, ratio, samples)
        };
}

fn options<'a>(
    kernel: &'a [i64],
    stride: &'a Option<Ints>,
    padding: &'a [i64],
    dilation: &'a [i64],
    ceil: bool,
) -> PoolOptions<'a> {
    PoolOptions { kernel, stride: stride.as_deref().unwrap_or(&[]), padding, dilation, ceil }
}

fn largest(name: &str, input: &Tensor, n: usize, options: &PoolOptions, indices: bool) -> Result<Output> {
    if indices {
        max_pool_with_indices(name, input, n, options).map(Output::from)
    } else {
        max_pool(name, input, n, options).map(Output::from)
    }
}

fn one_or_both(both: (Tensor, Tensor), indices: bool) -> Output {
    if indices { Output::from(both) } else { Output::from(both.0) }
}

/// Refuses what has too few dimensions for the sizes, as `torch.nn.functional` does.
fn expect_spatial(input: &Tensor, n: usize) -> Result<()> {
    if input.dim() > n {
        return Ok(());
    }
    Err(value_err!("Input dimension should be at least {}", n + 1))
}

fn known(sizes: &[i64]) -> Vec<Option<i64>> {
    sizes.iter().map(|&s| Some(s)).collect()
}

/// `fractional_max_pool` as `torch.nn.functional` has it: sizes or ratios, samples drawn if none are given.
fn fractional(
    n: usize,
    input: &Tensor,
    kernel: &[i64],
    sizes: Option<Ints>,
    ratio: Option<Vec<f64>>,
    samples: Option<&Tensor>,
) -> Result<(Tensor, Tensor)> {
    let name = if n == 2 { "fractional_max_pool2d" } else { "fractional_max_pool3d" };
    let sizes = fractional_sizes(name, input, n, sizes.as_deref(), ratio)?;
    let drawn = if samples.is_none() { Some(fractional_samples(input, n)?) } else { None };
    fractional_max_pool(name, input, kernel, &sizes, samples.or(drawn.as_ref()).expect("one of them is"), n)
}
