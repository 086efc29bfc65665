//! Convolutions over one to three spatial dimensions, with their gradients.
//!
//! Images are dense: (batch, channels, depth, height, width); weights are (out channels, in channels of a group,
//! kernel depth, height, width). The gradient with respect to the input is a convolution of the output's gradient, one
//! for each phase of the stride ([`pass`]); it also serves the transposed convolution. [`weight`] holds the gradient
//! with respect to the weights.
//!
//! Floating-point numbers are gathered for products from a padded copy of the image ([`direct`]). For other types and
//! for short rows, the inputs under the kernel are laid out as a matrix ([`columns`]), a strip of output positions at a
//! time, that stays in the second-level cache and is multiplied by the weights.

mod columns;
mod direct;
mod pass;
#[cfg(test)]
mod tests;
mod weight;

use crate::gemm::{Element, Sink};
use crate::isa::isa;
use pass::{Axis, Pass, Weights};

/// How a kernel slides along one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Size of the input.
    pub input: usize,
    /// Size of the output. Windows that would start beyond the input or end before it read zeros.
    pub output: usize,
    /// Taps of the kernel.
    pub kernel: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
    /// Zeros before the input.
    pub padding: usize,
    /// Distance between neighbouring taps.
    pub dilation: usize,
}

impl Window {
    /// A dimension that is not there.
    const ABSENT: Window = Window { input: 1, output: 1, kernel: 1, stride: 1, padding: 0, dilation: 1 };

    /// A window with equal padding on both sides and as many outputs as fit.
    pub fn new(input: usize, kernel: usize, stride: usize, padding: usize, dilation: usize) -> Window {
        let reach = dilation * kernel.saturating_sub(1) + 1;
        let output = (input + 2 * padding).checked_sub(reach).map_or(0, |room| room / stride + 1);
        Window { input, output, kernel, stride, padding, dilation }
    }
}

/// A convolution: sizes, groups, and a window for each spatial dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Number of images.
    pub batch: usize,
    /// Groups of channels that do not see each other.
    pub groups: usize,
    /// Input channels of all groups.
    pub in_channels: usize,
    /// Output channels of all groups.
    pub out_channels: usize,
    windows: [Window; 3],
}

impl Conv {
    /// A convolution over as many dimensions, at most three, as there are windows; the last is the contiguous one.
    pub fn new(
        batch: usize,
        groups: usize,
        in_channels: usize,
        out_channels: usize,
        windows: &[Window],
    ) -> Conv {
        assert!(in_channels.is_multiple_of(groups) && out_channels.is_multiple_of(groups));
        let mut all = [Window::ABSENT; 3];
        all[3 - windows.len()..].copy_from_slice(windows);
        Conv { batch, groups, in_channels, out_channels, windows: all }
    }

    fn sizes(&self, of: impl Fn(&Window) -> usize) -> [usize; 3] {
        [of(&self.windows[0]), of(&self.windows[1]), of(&self.windows[2])]
    }

    /// Elements of one channel of the input.
    fn input_len(&self) -> usize {
        self.sizes(|w| w.input).iter().product()
    }

    /// Elements of one channel of the output.
    fn output_len(&self) -> usize {
        self.sizes(|w| w.output).iter().product()
    }

    fn kernel_len(&self) -> usize {
        self.sizes(|w| w.kernel).iter().product()
    }

    fn in_group(&self) -> usize {
        self.in_channels / self.groups
    }

    fn out_group(&self) -> usize {
        self.out_channels / self.groups
    }
}

/// Computes a convolution. The results are, for the sink, a batch of matrices: images of out channels by positions.
///
/// # Safety
/// `input` and `weight` are dense and readable, a stored result is writable and overlaps neither.
pub unsafe fn forward<T: Element>(conv: &Conv, input: *const T, weight: *const T, sink: Sink<T>) {
    let pass = Pass {
        isa: isa(),
        batch: conv.batch,
        groups: conv.groups,
        source_channels: conv.in_group(),
        result_channels: conv.out_group(),
        axes: conv.windows.each_ref().map(Axis::forward),
        result_sizes: conv.sizes(|w| w.output),
    };
    let kernel = conv.sizes(|w| w.kernel);
    let (row, channel) = (conv.in_group() * conv.kernel_len(), conv.kernel_len());
    let weights =
        Weights { ptr: weight, kernel, group: conv.out_group() * row, result: row, source: channel };
    // SAFETY: the caller's promise.
    unsafe { pass.run(input, &weights, sink) }
}

/// Computes the gradient with respect to the input from the gradient with respect to the output.
///
/// # Safety
/// `grad_output` and `weight` are dense and readable; the sink stores: images of in channels by positions.
pub unsafe fn input_gradient<T: Element>(
    conv: &Conv,
    grad_output: *const T,
    weight: *const T,
    sink: Sink<T>,
) {
    let kernel = conv.sizes(|w| w.kernel);
    let (row, channel) = (conv.in_group() * conv.kernel_len(), conv.kernel_len());
    let weights =
        Weights { ptr: weight, kernel, group: conv.out_group() * row, result: channel, source: row };
    let [depth, height, width] = conv.windows;
    for z in 0..depth.stride {
        for y in 0..height.stride {
            for x in 0..width.stride {
                let pass = Pass {
                    isa: isa(),
                    batch: conv.batch,
                    groups: conv.groups,
                    source_channels: conv.out_group(),
                    result_channels: conv.in_group(),
                    axes: [Axis::backward(&depth, z), Axis::backward(&height, y), Axis::backward(&width, x)],
                    result_sizes: conv.sizes(|w| w.input),
                };
                // SAFETY: the caller's promise; each phase writes positions of its own.
                unsafe { pass.run(grad_output, &weights, sink) }
            }
        }
    }
}

/// Computes the gradient with respect to the weights.
///
/// # Safety
/// `input` and `grad_output` are dense and readable; the sink stores, and is dense.
pub unsafe fn weight_gradient<T: Element>(
    conv: &Conv,
    input: *const T,
    grad_output: *const T,
    sink: Sink<T>,
) {
    // SAFETY: the caller's promise.
    unsafe { weight::gradient(isa(), conv, input, grad_output, sink) }
}
