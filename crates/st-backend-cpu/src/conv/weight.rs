//! The gradient of a convolution with respect to its weights: for each input channel and tap, the products of what
//! that tap saw with the output's gradient, summed over positions and images.
//!
//! Where the channels and the taps along a row fill a vector, images are laid out with their channels last: what a row
//! of taps saw at a position lies side by side then, and products gather it by the positions' offsets. Otherwise the
//! matrix of what taps saw is laid out strip by strip.

use super::columns::Strip;
use super::pass::{Axis, Shared, all_taps, strip_len, strip_row};
use super::{Conv, Window};
use crate::gemm::{
    Element, Gathered, Operand, Panels, RowsAt, Shape, Sink, Tile, WIDTH, gemm_here, transpose,
};
use crate::isa::Isa;
use crate::pool::for_each;
use crate::scratch::Scratch;
use std::ops::Range;

/// Tasks to cut the work into. The images a task sums depend on this, so it does not depend on the threads.
const TASKS: usize = 16;
/// Channels and taps of a row that make up for laying images out anew: a whole vector of single precision.
const WORTH_GATHERING: usize = 16;
/// Positions whose products are summed in registers, so that what is read stays in the first-level cache.
const STEPS: usize = 256;
/// Positions that are laid out together, so that it stays in the second-level cache.
const POSITIONS: usize = 1024;
/// Sums that a task adds up.
const CHUNK: usize = 16 << 10;
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
    // Parts of the channels are done with the same output's gradient, which each packs.
    let run = conv.windows[2].kernel;
    let most = if T::GATHERS { (ins * run / WIDTH).max(1) } else { ins };
    let channel_parts = TASKS.div_ceil(conv.groups * image_parts).min(most);
    let channels = |part: usize| part * ins / channel_parts..(part + 1) * ins / channel_parts;
    let sums = Scratch::<T::Acc>::new(image_parts * len);
    let shared = Shared(sums.ptr());
    // The sums of a part of the images: by group, then by part of the channels.
    let first = |group: usize, part: usize| (group * ins + channels(part).start) * taps * outs;
    let (input, grad_output) = (Shared(input.cast_mut()), Shared(grad_output.cast_mut()));
    let gathers = T::GATHERS && ins / channel_parts * run >= WORTH_GATHERING;
    for_each(image_parts * conv.groups * channel_parts, &|i| {
        let (image_part, rest) = (i / (conv.groups * channel_parts), i % (conv.groups * channel_parts));
        let (group, part) = (rest / channel_parts, rest % channel_parts);
        let images = image_part * conv.batch / image_parts..(image_part + 1) * conv.batch / image_parts;
        let sums = shared.get().wrapping_add(image_part * len + first(group, part));
        let task = Task { isa, conv, axes: &axes, group, channels: channels(part), images };
        // SAFETY: the caller's promise; each task has sums of its own, which hold plain numbers.
        unsafe {
            std::slice::from_raw_parts_mut(sums, task.len()).fill(T::Acc::default());
            match gathers {
                true => task.gather(input.get(), grad_output.get(), sums),
                false => task.run(input.get(), grad_output.get(), sums),
            }
        }
    });
    for_each(len.div_ceil(CHUNK), &|i| {
        let (start, n) = (i * CHUNK, CHUNK.min(len - i * CHUNK));
        let of = |part: usize| shared.get().wrapping_add(part * len + start);
        for part in 1..image_parts {
            // SAFETY: all tasks have written their sums, and each chunk is added up by one task.
            unsafe {
                let total = std::slice::from_raw_parts_mut(of(0), n);
                T::accumulate(total, std::slice::from_raw_parts(of(part), n));
            }
        }
    });
    for_each(conv.groups * outs, &|i| {
        let (group, out) = (i / outs, i % outs);
        for part in 0..channel_parts {
            let (all, start) = (channels(part), shared.get().wrapping_add(first(group, part)));
            for (c, channel) in all.clone().enumerate() {
                for tap in 0..taps {
                    let at = match gathers {
                        true => (out * taps + tap) * all.len() + c,
                        false => (c * taps + tap) * outs + out,
                    };
                    // SAFETY: all sums have been added up; the sink has `len` elements.
                    unsafe { sink.put((i * ins + channel) * taps + tap, &*start.add(at)) }
                }
            }
        }
    });
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
    /// How many sums there are.
    fn len(&self) -> usize {
        self.channels.len() * self.conv.kernel_len() * self.conv.out_group()
    }

    /// Adds to sums that lie by channel, tap, and out channel.
    unsafe fn run<T: Element>(&self, input: *const T, grad_output: *const T, sums: *mut T::Acc) {
        let conv = self.conv;
        let (outs, positions) = (conv.out_group(), conv.output_len());
        let taps = all_taps(self.axes, conv.sizes(|w| w.kernel));
        let rows = self.channels.len() * taps.len();
        let sums = Shared(sums);
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

    /// Adds to sums that lie by out channel, tap, and channel.
    unsafe fn gather<T: Element>(&self, input: *const T, grad_output: *const T, sums: *mut T::Acc) {
        let conv = self.conv;
        let [_, height, width] = conv.windows;
        if conv.output_len() == 0 {
            return;
        }
        let rows = height.output.min(POSITIONS.div_ceil(width.output));
        let layout = ChannelsLast::new(conv, self.channels.len(), rows);
        let copied = Scratch::<T::Acc>::new(layout.planes() + WIDTH);
        // SAFETY: there is room behind the planes for what the last vectors read.
        unsafe { copied.ptr().add(layout.planes()).write_bytes(0, WIDTH) }
        let panels = Panels::<T>::new(self.isa, conv.out_group(), rows * width.output);
        for image in self.images.clone() {
            for z in 0..conv.windows[0].output {
                for y in (0..height.output).step_by(rows) {
                    let part = Part { image, z, rows: y..(y + rows).min(height.output) };
                    // SAFETY: the caller's promise; there is room for the copies.
                    unsafe {
                        self.copy(&part, &layout, input, copied.ptr());
                        self.pack(&part, grad_output, &panels);
                        self.multiply(&part, &layout, copied.ptr(), &panels, sums);
                    }
                }
            }
        }
    }

    /// Lays out the channels last what the taps see of a part, plane by plane.
    unsafe fn copy<T: Element>(&self, part: &Part, layout: &ChannelsLast, input: *const T, to: *mut T::Acc) {
        let conv = self.conv;
        let [depth, height, width] = &conv.windows;
        let first = (part.image * conv.groups + self.group) * conv.in_group() + self.channels.start;
        let image = input.wrapping_add(first * conv.input_len());
        let channels = self.channels.len();
        // Columns before the image, inside it, and after it.
        let before = width.padding.min(layout.cols);
        let inside = width.input.min(layout.cols - before);
        let after = layout.cols - before - inside;
        for tap in 0..depth.kernel {
            let z = inside_of(depth, part.z * depth.stride + tap * depth.dilation);
            for row in 0..layout.rows {
                let y = inside_of(height, part.rows.start * height.stride + row);
                let mut to = to.wrapping_add((tap * layout.rows + row) * layout.cols * channels);
                // SAFETY: the caller's promise; a row of the copy has room for its columns.
                unsafe {
                    let (Some(z), Some(y)) = (z, y) else {
                        to.write_bytes(0, layout.cols * channels);
                        continue;
                    };
                    to.write_bytes(0, before * channels);
                    to = to.add(before * channels);
                    let from = image.wrapping_add((z * height.input + y) * width.input);
                    transpose(self.isa, from, conv.input_len(), [channels, inside], to);
                    to.add(inside * channels).write_bytes(0, after * channels);
                }
            }
        }
    }

    /// Packs the output's gradient at a part.
    unsafe fn pack<T: Element>(&self, part: &Part, grad_output: *const T, panels: &Panels<T>) {
        let conv = self.conv;
        let [_, height, width] = &conv.windows;
        let first = (part.image * conv.groups + self.group) * conv.out_group() * conv.output_len();
        let at = (part.z * height.output + part.rows.start) * width.output;
        let positions = part.rows.len() * width.output;
        let matrix = Operand {
            ptr: grad_output.wrapping_add(first + at),
            batch: &[],
            row: conv.output_len() as isize,
            col: 1,
        };
        for panel in 0..panels.count() {
            // SAFETY: the caller's promise; the panels are this task's.
            unsafe { panels.pack(panel, 0..positions, matrix) }
        }
    }

    unsafe fn multiply<T: Element>(
        &self,
        part: &Part,
        layout: &ChannelsLast,
        copied: *const T::Acc,
        panels: &Panels<T>,
        sums: *mut T::Acc,
    ) {
        let [_, _, width] = &self.conv.windows;
        let positions = part.rows.len() * width.output;
        let offsets = &layout.offsets[..positions];
        let row = self.conv.kernel_len() * self.channels.len();
        for start in (0..positions).step_by(STEPS) {
            let steps = start..(start + STEPS).min(positions);
            for (run, &at) in layout.runs.iter().enumerate() {
                for col in (0..layout.run).step_by(WIDTH) {
                    let at = copied.wrapping_add(at + col);
                    let b = Gathered { at, offsets, cols: (layout.run - col).min(WIDTH) };
                    let c = RowsAt { at: sums.wrapping_add(run * layout.run + col), step: row };
                    let ahead = RowsAt { at: c.at.cast_const(), step: c.step };
                    for panel in 0..panels.count() {
                        // SAFETY: the copies and the panels have been written; the sums are this task's.
                        unsafe { panels.times(panel, steps.clone(), b, c, true, ahead) }
                    }
                }
            }
        }
    }
}

/// Some rows of results of an image, in one plane.
struct Part {
    image: usize,
    z: usize,
    rows: Range<usize>,
}

/// Where things lie in what is copied of an image: a plane for each tap along the depth, rows with zeros around them,
/// and for each column all channels.
struct ChannelsLast {
    rows: usize,
    cols: usize,
    channels: usize,
    depth: usize,
    /// Where each position's first tap looks.
    offsets: Vec<isize>,
    /// Where the neighbours start that a run of taps sees, from there, and how many they are.
    runs: Vec<usize>,
    run: usize,
}

impl ChannelsLast {
    /// For so many rows of results.
    fn new(conv: &Conv, channels: usize, rows: usize) -> ChannelsLast {
        let [depth, height, width] = conv.windows;
        let spread = |w: &Window, len: usize| (len - 1) * w.stride + (w.kernel - 1) * w.dilation + 1;
        let (tall, wide) = (spread(&height, rows), spread(&width, width.output));
        let place = |y: usize, x: usize| (y * wide + x) * channels;
        let offsets = (0..rows * width.output)
            .map(|p| place(p / width.output * height.stride, p % width.output * width.stride) as isize)
            .collect();
        // Taps side by side see neighbours.
        let together = if width.dilation == 1 { width.kernel } else { 1 };
        let mut runs = Vec::new();
        for z in 0..depth.kernel {
            for y in 0..height.kernel {
                for x in (0..width.kernel).step_by(together) {
                    runs.push(place(z * tall + y * height.dilation, x * width.dilation));
                }
            }
        }
        let run = together * channels;
        ChannelsLast { rows: tall, cols: wide, channels, depth: depth.kernel, offsets, runs, run }
    }

    /// The length of all planes.
    fn planes(&self) -> usize {
        self.depth * self.rows * self.cols * self.channels
    }
}

/// A place of the padded input inside the input.
fn inside_of(window: &Window, padded: usize) -> Option<usize> {
    padded.checked_sub(window.padding).filter(|&at| at < window.input)
}
