//! One dense correlation: results at evenly spaced positions, each a sum over source channels and kernel taps.
//!
//! A forward convolution is one pass. The gradient with respect to the input is one for each phase of the stride:
//! the inputs of a phase are seen through the same few taps, and by neighbouring outputs.

use super::Window;
use super::columns::Strip;
use crate::gemm::{Element, Operand, Shape, Sink, Tile, gemm_here};
use crate::isa::Isa;
use crate::pool::{for_each, num_threads};
use crate::scratch::Scratch;
use std::ops::Range;

/// Bytes of the matrix of a strip, which should stay in the second-level cache.
const STRIP_BYTES: usize = 768 << 10;
/// The longest strip, and what lengths are multiples of.
const STRIP_LONGEST: usize = 512;
const STRIP_UNIT: usize = 32;
/// Fewer result channels than this make a poor block.
const FEW_CHANNELS: usize = 28;

/// A tap of the kernel along one dimension, and where it reads relative to a position.
#[derive(Clone, Copy)]
pub(super) struct Tap {
    pub(super) index: usize,
    pub(super) offset: isize,
}

/// One dimension of a pass: position `i` of the result reads the source at `i * step + offset` of each tap.
pub(super) struct Axis {
    pub(super) len: usize,
    pub(super) step: usize,
    /// Size of the source; beyond it are zeros.
    pub(super) limit: usize,
    pub(super) taps: Vec<Tap>,
    /// Position `i` is element `first + i * every` of the result.
    first: usize,
    every: usize,
}

impl Axis {
    pub(super) fn forward(w: &Window) -> Axis {
        let offset = |tap: usize| (tap * w.dilation) as isize - w.padding as isize;
        let taps = (0..w.kernel).map(|index| Tap { index, offset: offset(index) }).collect();
        Axis { len: w.output, step: w.stride, limit: w.input, taps, first: 0, every: 1 }
    }

    /// The inputs `phase`, `phase + stride`, ... : output `o` reads input `i` by the tap for which
    /// `o * stride + tap * dilation = i + padding`.
    pub(super) fn backward(w: &Window, phase: usize) -> Axis {
        let stride = w.stride as isize;
        let reach = |tap: usize| (phase + w.padding) as isize - (tap * w.dilation) as isize;
        let taps = (0..w.kernel)
            .filter(|&tap| reach(tap) % stride == 0)
            .map(|index| Tap { index, offset: reach(index) / stride })
            .collect();
        let len = w.input.saturating_sub(phase).div_ceil(w.stride);
        Axis { len, step: 1, limit: w.output, taps, first: phase, every: w.stride }
    }

    /// What position `i` reads at a tap, if that is inside the source.
    pub(super) fn source(&self, i: usize, offset: isize) -> Option<usize> {
        usize::try_from((i * self.step) as isize + offset).ok().filter(|&at| at < self.limit)
    }

    /// The positions that read inside the source at a tap.
    pub(super) fn inside(&self, offset: isize) -> Range<usize> {
        let first_at_least =
            |at: isize| usize::try_from(at).map_or(0, |at| at.div_ceil(self.step)).min(self.len);
        let start = first_at_least(-offset);
        start..first_at_least(self.limit as isize - offset).max(start)
    }
}

/// A correlation of all images.
pub(super) struct Pass {
    pub(super) isa: Isa,
    pub(super) batch: usize,
    pub(super) groups: usize,
    /// Channels of a group.
    pub(super) source_channels: usize,
    pub(super) result_channels: usize,
    pub(super) axes: [Axis; 3],
    pub(super) result_sizes: [usize; 3],
}

/// Where the weight of (group, result channel, source channel, tap) lies.
pub(super) type WeightAt<'a> = &'a (dyn Fn(usize, usize, usize, usize) -> usize + Sync);

/// An address that tasks may share: they read it, or write disjoint places.
#[derive(Clone, Copy)]
pub(super) struct Shared<T>(pub(super) *mut T);

// SAFETY: an address; whoever uses it answers for what is done there.
unsafe impl<T: Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub(super) fn get(&self) -> *mut T {
        self.0
    }
}

/// All taps of a kernel: their index in it and their offsets.
pub(super) fn all_taps(axes: &[Axis; 3], kernel: [usize; 3]) -> Vec<(usize, [Tap; 3])> {
    let mut all = Vec::new();
    for &z in &axes[0].taps {
        for &y in &axes[1].taps {
            for &x in &axes[2].taps {
                all.push(((z.index * kernel[1] + y.index) * kernel[2] + x.index, [z, y, x]));
            }
        }
    }
    all
}

/// The length of strips whose matrix has `rows` rows: even parts of `positions`.
pub(super) fn strip_len<T>(rows: usize, positions: usize) -> usize {
    let fits = STRIP_BYTES / (rows * size_of::<T>()).max(1) / STRIP_UNIT * STRIP_UNIT;
    let strips = positions.div_ceil(fits.clamp(STRIP_UNIT, STRIP_LONGEST)).max(1);
    positions.div_ceil(strips).max(1).next_multiple_of(STRIP_UNIT)
}

/// Distance between rows of a strip's matrix: an odd number of cache lines, so that rows spread over the cache.
pub(super) fn strip_row<T>(len: usize) -> usize {
    let line = 64 / size_of::<T>();
    len.next_multiple_of(2 * line) + line
}

impl Pass {
    fn positions(&self) -> usize {
        self.axes.iter().map(|axis| axis.len).product()
    }

    /// Computes all results.
    ///
    /// # Safety
    /// The source and the weights are dense and readable; a stored result is writable.
    pub(super) unsafe fn run<T: Element>(
        &self,
        source: *const T,
        weight: *const T,
        kernel: [usize; 3],
        weight_at: WeightAt,
        sink: Sink<T>,
    ) {
        let (positions, channels) = (self.positions(), self.result_channels);
        let taps = all_taps(&self.axes, kernel);
        let k = self.source_channels * taps.len();
        if positions == 0 || channels == 0 || self.batch == 0 {
            return;
        }
        // SAFETY: the caller's promise.
        let weights = unsafe { self.arrange_weights(weight, &taps, weight_at) };
        let strip = strip_len::<T>(k, positions);
        let strips = positions.div_ceil(strip);
        let tasks = self.batch * self.groups * strips;
        let parts = (2 * num_threads()).div_ceil(tasks).min(channels.div_ceil(FEW_CHANNELS));
        let part = channels.div_ceil(parts);
        let (source, weights) = (Shared(source.cast_mut()), Shared(weights.ptr()));
        for_each(tasks * parts, &|i| {
            let (rest, first) = (i / parts, (i % parts * part).min(channels));
            let (image_group, start) = (rest / strips, rest % strips * strip);
            let task = Task {
                pass: self,
                taps: &taps,
                image: image_group / self.groups,
                group: image_group % self.groups,
                channels: first..(first + part).min(channels),
                positions: start..(start + strip).min(positions),
            };
            // SAFETY: the caller's promise; each task has results of its own.
            unsafe { task.run(source.get(), weights.get(), sink) }
        });
    }

    /// Copies the weights so that result channels lie side by side: (group, source channel, tap, result channel).
    unsafe fn arrange_weights<T: Element>(
        &self,
        weight: *const T,
        taps: &[(usize, [Tap; 3])],
        weight_at: WeightAt,
    ) -> Scratch<T> {
        let (sources, results) = (self.source_channels, self.result_channels);
        let arranged = Scratch::new(self.groups * sources * taps.len() * results);
        let mut to = arranged.ptr();
        for group in 0..self.groups {
            for channel in 0..sources {
                for (tap, _) in taps {
                    for result in 0..results {
                        // SAFETY: the caller's promise; there is room for all weights.
                        unsafe {
                            *to = *weight.add(weight_at(group, result, channel, *tap));
                            to = to.add(1);
                        }
                    }
                }
            }
        }
        arranged
    }
}

/// A strip of positions, for some result channels of one group of one image.
struct Task<'a> {
    pass: &'a Pass,
    taps: &'a [(usize, [Tap; 3])],
    image: usize,
    group: usize,
    channels: Range<usize>,
    positions: Range<usize>,
}

impl Task<'_> {
    unsafe fn run<T: Element>(&self, source: *const T, weights: *const T, sink: Sink<T>) {
        if self.channels.is_empty() {
            return;
        }
        let pass = self.pass;
        let (k, len) = (pass.source_channels * self.taps.len(), self.positions.len());
        let source_len: usize = pass.axes.iter().map(|axis| axis.limit).product();
        let first_channel = (self.image * pass.groups + self.group) * pass.source_channels;
        let source = source.wrapping_add(first_channel * source_len);
        let row = strip_row::<T>(len);
        let room = Scratch::<T>::new(if self.reads_in_place() { 0 } else { k * row });
        let (columns, row) = if self.reads_in_place() {
            (source.wrapping_add(self.positions.start), source_len)
        } else {
            let strip = Strip::new(&pass.axes, self.positions.clone());
            for channel in 0..pass.source_channels {
                for (i, (_, tap)) in self.taps.iter().enumerate() {
                    let to = room.ptr().wrapping_add((channel * self.taps.len() + i) * row);
                    // SAFETY: the caller's promise; there is room for every row.
                    unsafe { strip.write_row(source.wrapping_add(channel * source_len), *tap, to) }
                }
            }
            (room.ptr().cast_const(), row)
        };
        let results = pass.result_channels;
        let first_weight = self.group * k * results + self.channels.start;
        let a =
            Operand { ptr: weights.wrapping_add(first_weight), batch: &[], row: 1, col: results as isize };
        let b = Operand { ptr: columns, batch: &[], row: row as isize, col: 1 };
        let shape = Shape { batch: 1, m: self.channels.len(), n: len, k };
        let first_row = self.group * results + self.channels.start;
        // SAFETY: the operands were laid out above; each task has results of its own.
        unsafe {
            match sink {
                Sink::Store { c, batch, ld } if pass.axes.iter().all(|axis| axis.every == 1) => {
                    let offset = self.image as isize * batch + first_row as isize * ld;
                    let c = c.wrapping_offset(offset + self.positions.start as isize);
                    gemm_here(pass.isa, shape, a, b, Sink::Store { c, batch, ld });
                }
                Sink::Store { c, batch, ld } => {
                    let c = Shared(c.wrapping_offset(self.image as isize * batch + first_row as isize * ld));
                    let show = |tile: &Tile<T::Acc>| self.scatter::<T>(tile, c.get(), ld);
                    gemm_here(pass.isa, shape, a, b, Sink::Tile(&show));
                }
                Sink::Tile(show) => {
                    let start = self.positions.start;
                    let moved = |tile: &Tile<T::Acc>| {
                        show(&tile.placed(self.image, first_row + tile.row, start + tile.col));
                    };
                    gemm_here(pass.isa, shape, a, b, Sink::Tile(&moved));
                }
            }
        }
    }

    /// Whether the channels of the source are the matrix already: one tap that reads each position itself.
    fn reads_in_place(&self) -> bool {
        self.taps.len() == 1
            && self.pass.axes.iter().all(|axis| axis.step == 1 && axis.len == axis.limit)
            && self.taps[0].1.iter().all(|tap| tap.offset == 0)
    }

    /// Stores a tile at positions that are not neighbours.
    unsafe fn scatter<T: Element>(&self, tile: &Tile<T::Acc>, c: *mut T, ld: isize) {
        let [depth, height, width] = &self.pass.axes;
        let [_, rows, cols] = self.pass.result_sizes;
        for i in 0..tile.rows {
            for (j, sum) in tile.row(i).iter().enumerate() {
                let position = self.positions.start + tile.col + j;
                let (row, x) = (position / width.len, position % width.len);
                let (z, y) = (row / height.len, row % height.len);
                let at = |axis: &Axis, i: usize| axis.first + i * axis.every;
                let element = (at(depth, z) * rows + at(height, y)) * cols + at(width, x);
                let offset = (tile.row + i) as isize * ld + element as isize;
                // SAFETY: the position is inside the result, which the caller made writable.
                let out = unsafe { std::slice::from_mut(&mut *c.wrapping_offset(offset)) };
                T::narrow(std::slice::from_ref(sum), out);
            }
        }
    }
}
