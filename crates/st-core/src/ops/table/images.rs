//! Images: other sizes, places between pixels, other arrangements of their elements.

use super::macros::build;
use crate::ops::composite::grid::{Between, Outside, affine_grid, grid_sample};
use crate::ops::composite::images::*;
use crate::ops::composite::resize::{ResizeOptions, interpolate};
use crate::ops::def::{Forms, Ints};
use crate::tensor::Tensor;

const LAYER: Forms = Forms::FUNCTIONAL;
const BOTH: Forms = LAYER.and(Forms::FUNCTION);

build! {
    /// The input at other sizes of its spatial dimensions.
    "interpolate" "(input: Tensor, size: int[]? = None, scale_factor: float[]? = None, mode: str = 'nearest', align_corners: bool? = None, recompute_scale_factor: bool? = None, antialias: bool = False)"
        .forms(LAYER).onnx("Resize").gives("Tensor"),
        |input: &Tensor, size: Option<Ints>, scale: Option<Vec<f64>>, mode: &str, align_corners: Option<bool>, recompute: Option<bool>, antialias: bool| {
            interpolate(input, &ResizeOptions { size: size.as_deref(), scale, mode, align_corners, recompute, antialias })
        };

    /// `interpolate` by its old name.
    "upsample" "(input: Tensor, size: int[]? = None, scale_factor: float[]? = None, mode: str = 'nearest', align_corners: bool? = None)"
        .forms(LAYER).gives("Tensor"),
        |input: &Tensor, size: Option<Ints>, scale: Option<Vec<f64>>, mode: &str, align_corners: Option<bool>| {
            interpolate(input, &ResizeOptions { size: size.as_deref(), scale, mode, align_corners, ..Default::default() })
        };

    /// `interpolate` with mode='nearest'.
    "upsample_nearest" "(input: Tensor, size: int[]? = None, scale_factor: float[]? = None)".forms(LAYER).gives("Tensor"),
        |input: &Tensor, size: Option<Ints>, scale: Option<Vec<f64>>| {
            interpolate(input, &ResizeOptions { size: size.as_deref(), scale, mode: "nearest", ..Default::default() })
        };

    /// `interpolate` with mode='bilinear' and aligned corners.
    "upsample_bilinear" "(input: Tensor, size: int[]? = None, scale_factor: float[]? = None)".forms(LAYER).gives("Tensor"),
        |input: &Tensor, size: Option<Ints>, scale: Option<Vec<f64>>| {
            let options = ResizeOptions { size: size.as_deref(), scale, mode: "bilinear", align_corners: Some(true), ..Default::default() };
            interpolate(input, &options)
        };

    /// The input at the places a grid says: -1 and 1 are the ends of a dimension.
    "grid_sample" "(input: Tensor, grid: Tensor, mode: str = 'bilinear', padding_mode: str = 'zeros', align_corners: bool? = None)"
        .forms(LAYER).onnx("GridSample"),
        |input: &Tensor, grid: &Tensor, mode: &str, padding: &str, align_corners: Option<bool>| {
            grid_sample(input, grid, Between::parse(mode)?, Outside::parse(padding)?, align_corners.unwrap_or(false))
        };

    /// `grid_sample` with its modes as numbers.
    "grid_sampler" "(input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool)".forms(Forms::FUNCTION),
        |input: &Tensor, grid: &Tensor, mode: i64, padding: i64, align_corners: bool| {
            let (between, outside) = (Between::parse(&mode.to_string())?, Outside::parse(&padding.to_string())?);
            grid_sample(input, grid, between, outside, align_corners)
        };

    /// The grid that reads an image turned, moved or stretched by matrices.
    "affine_grid" "(theta: Tensor, size: int[], align_corners: bool? = None)".forms(LAYER).onnx("AffineGrid").gives("Tensor"),
        |theta: &Tensor, size: Ints, align_corners: Option<bool>| affine_grid(theta, &size, align_corners.unwrap_or(false));

    /// `affine_grid` with all of its arguments.
    "affine_grid_generator" "(theta: Tensor, size: int[], align_corners: bool)".forms(Forms::FUNCTION).gives("Tensor"),
        |theta: &Tensor, size: Ints, align_corners: bool| affine_grid(theta, &size, align_corners);

    /// The windows of an image as columns.
    "unfold" "(input: Tensor, kernel_size: int[], dilation: int[] = [1], padding: int[] = [0], stride: int[] = [1])"
        .forms(LAYER).torch("torch.nn.functional.unfold").node("unfold"),
        |input: &Tensor, kernel: Ints, dilation: Ints, padding: Ints, stride: Ints| {
            unfold(input, &Sliding { kernel: &kernel, dilation: &dilation, padding: &padding, stride: &stride })
        };

    /// The image whose elements are the sums of what columns hold for them.
    "fold" "(input: Tensor, output_size: int[], kernel_size: int[], dilation: int[] = [1], padding: int[] = [0], stride: int[] = [1])"
        .forms(LAYER).onnx("Col2Im"),
        |input: &Tensor, size: Ints, kernel: Ints, dilation: Ints, padding: Ints, stride: Ints| {
            fold(input, &size, &Sliding { kernel: &kernel, dilation: &dilation, padding: &padding, stride: &stride })
        };

    /// Channels become pixels.
    "pixel_shuffle" "(input: Tensor, upscale_factor: int)".forms(BOTH).onnx("DepthToSpace"),
        |input: &Tensor, factor: i64| pixel_shuffle(input, factor);

    /// Pixels become channels.
    "pixel_unshuffle" "(input: Tensor, downscale_factor: int)".forms(BOTH).onnx("SpaceToDepth"),
        |input: &Tensor, factor: i64| pixel_unshuffle(input, factor);

    /// The channels of all groups in turns.
    "channel_shuffle" "(input: Tensor, groups: int)".forms(BOTH), |input: &Tensor, groups: i64| channel_shuffle(input, groups);

    /// The channels of all groups in turns.
    "native_channel_shuffle" "(input: Tensor, groups: int)".forms(BOTH), |input: &Tensor, groups: i64| channel_shuffle(input, groups);

    /// The convolution over time of `[time, batch, channel]`.
    "conv_tbc" "(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0)".forms(BOTH).gives("Tensor"),
        |input: &Tensor, weight: &Tensor, bias: &Tensor, pad: i64| conv_tbc(input, weight, bias, pad);

    /// `input1 @ weight[k] @ input2 + bias[k]` for every k.
    "bilinear" "(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor? = None)".forms(BOTH).gives("Tensor"),
        |x1: &Tensor, x2: &Tensor, weight: &Tensor, bias: Option<&Tensor>| bilinear(x1, x2, weight, bias);
}
