//! The gradient of a convolution with respect to its weights: for each input channel and tap, the products of what
//! that tap saw with the output's gradient, summed over positions and images.

use super::Conv;
use super::columns::Strip;
use super::pass::{Axis, Shared, all_taps, strip_len, strip_row};
use crate::gemm::{Element, Operand, Shape, Sink, Tile, gemm_here};
use crate::isa::Isa;
use crate::pool::for_each;
use crate::scratch::Scratch;
use std::ops::Range;

/// Tasks to cut the work into. The images a task sums depend on this, so it does not depend on the threads.
const TASKS: usize = 16;
/// Elements of all partial sums together.
const PARTIAL_SUMS: usize = 4 << 20;

/// Computes the gradient.
///
/// # Safety
/// As for [`super::weight_gradient`].
pub(super) unsafe fn gradient<T: Element>(
    isa: Isa,
    conv: &Conv,
    input: *const T,
    grad_output: *const T,
    sink: Sink<T>,
) {
    let axes = conv.windows.each_ref().map(Axis::forward);
    let (ins, outs, taps) = (conv.in_group(), conv.out_group(), conv.kernel_len());
    let len = conv.groups * outs * ins * taps;
    if len == 0 {
        return;
    }
    // Parts of the images need partial sums of their own, so few of them where there are many weights.
    let image_parts = TASKS.div_ceil(conv.groups).min(PARTIAL_SUMS / len).clamp(1, conv.batch.max(1));
    let channel_parts = TASKS.div_ceil(conv.groups * image_parts).min(ins);
    // Partial sums of each part of the images: (group, in channel, tap, out channel).
    let sums = Scratch::<T::Acc>::new(image_parts * len);
    let shared = Shared(sums.ptr());
    let (input, grad_output) = (Shared(input.cast_mut()), Shared(grad_output.cast_mut()));
    for_each(image_parts * conv.groups * channel_parts, &|i| {
        let (image_part, rest) = (i / (conv.groups * channel_parts), i % (conv.groups * channel_parts));
        let (group, part) = (rest / channel_parts, rest % channel_parts);
        let channels = part * ins / channel_parts..(part + 1) * ins / channel_parts;
        let images = image_part * conv.batch / image_parts..(image_part + 1) * conv.batch / image_parts;
        let sums = shared.get().wrapping_add(image_part * len + (group * ins + channels.start) * taps * outs);
        let task = Task { isa, conv, axes: &axes, group, channels, images };
        // SAFETY: the caller's promise; each task has sums of its own.
        unsafe { task.run(input.get(), grad_output.get(), sums) }
    });
    // SAFETY: all tasks have written their sums; the sink has `len` elements.
    unsafe {
        let sums = std::slice::from_raw_parts_mut(sums.ptr(), image_parts * len);
        let (total, rest) = sums.split_at_mut(len);
        for part in rest.chunks_exact(len) {
            T::accumulate(total, part);
        }
        for i in 0..len {
            let (group_out, channel_tap) = (i / (ins * taps), i % (ins * taps));
            let (group, o) = (group_out / outs, group_out % outs);
            let at = (group * ins * taps + channel_tap) * outs + o;
            sink.put(i, &total[at]);
        }
    }
}

/// Some input channels of a group, summed over some images.
struct Task<'a> {
    isa: Isa,
    conv: &'a Conv,
    axes: &'a [Axis; 3],
    group: usize,
    channels: Range<usize>,
    images: Range<usize>,
}

impl Task<'_> {
    unsafe fn run<T: Element>(&self, input: *const T, grad_output: *const T, sums: *mut T::Acc) {
        let conv = self.conv;
        let (outs, positions) = (conv.out_group(), conv.output_len());
        let taps = all_taps(self.axes, conv.sizes(|w| w.kernel));
        let rows = self.channels.len() * taps.len();
        // SAFETY: the caller gave room for these sums, which hold plain numbers.
        let sums = unsafe {
            let zeroed = std::slice::from_raw_parts_mut(sums, rows * outs);
            zeroed.fill(T::Acc::default());
            Shared(sums)
        };
        let strip = strip_len::<T>(rows, positions);
        let row = strip_row::<T>(strip);
        let columns = Scratch::<T>::new(rows * row);
        for image in self.images.clone() {
            let first_in = (image * conv.groups + self.group) * conv.in_group() + self.channels.start;
            let first_out = (image * conv.groups + self.group) * outs;
            for start in (0..positions).step_by(strip) {
                let cut = Strip::new(self.axes, start..(start + strip).min(positions));
                for (i, (_, tap)) in taps.iter().enumerate() {
                    let pieces = cut.pieces(*tap);
                    for channel in 0..self.channels.len() {
                        let source = input.wrapping_add((first_in + channel) * conv.input_len());
                        let to = columns.ptr().wrapping_add((channel * taps.len() + i) * row);
                        // SAFETY: the caller's promise; there is room for every row.
                        unsafe { pieces.write(source, to) }
                    }
                }
                let k = strip.min(positions - start);
                let a = Operand { ptr: columns.ptr().cast_const(), batch: &[], row: row as isize, col: 1 };
                let grad = grad_output.wrapping_add(first_out * positions + start);
                let b = Operand { ptr: grad, batch: &[], row: 1, col: positions as isize };
                let add = |tile: &Tile<T::Acc>| {
                    for i in 0..tile.rows {
                        let at = sums.get().wrapping_add((tile.row + i) * outs + tile.col);
                        // SAFETY: inside this task's sums.
                        let total = unsafe { std::slice::from_raw_parts_mut(at, tile.cols) };
                        T::accumulate(total, tile.row(i));
                    }
                };
                let shape = Shape { batch: 1, m: rows, n: outs, k };
                // SAFETY: the operands are laid out as they say.
                unsafe { gemm_here(self.isa, shape, a, b, Sink::Tile(&add)) }
            }
        }
    }
}
