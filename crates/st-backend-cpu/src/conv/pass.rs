//! One dense correlation: results at evenly spaced positions, each a sum over source channels and kernel taps.
//!
//! A forward convolution is one pass. The gradient with respect to the input is one for each phase of the stride:
//! the inputs of a phase are seen through the same few taps, and by neighbouring outputs.

use super::Window;
use super::columns::Strip;
use super::direct::Direct;
use crate::gemm::{Element, Operand, Shape, Sink, Tile, gemm_here};
use crate::isa::Isa;
use crate::pool::{for_each, num_threads};
use crate::scratch::Scratch;
use std::ops::Range;

/// Bytes of the matrix of a strip, which should stay in the second-level cache.
const STRIP_BYTES: usize = 768 << 10;
/// The longest strip, the shortest where there are as many positions, and what lengths are multiples of.
const STRIP_LONGEST: usize = 512;
const STRIP_SHORTEST: usize = 256;
const STRIP_UNIT: usize = 32;
/// Fewer result channels than this make a poor block.
pub(super) const FEW_CHANNELS: usize = 28;

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

/// The kernels: taps are neighbours, the rest lies this far apart, in elements.
pub(super) struct Weights<T> {
    pub(super) ptr: *const T,
    /// Taps in each dimension.
    pub(super) kernel: [usize; 3],
    pub(super) group: usize,
    pub(super) result: usize,
    pub(super) source: usize,
}

// SAFETY: tasks only read through the pointer.
unsafe impl<T: Sync> Sync for Weights<T> {}

/// The weights of a pass as matrices of result channels by (source channel, tap), one for each group. Columns lie
/// in memory, which the kernels of matrix products read best.
struct WeightMatrix<T> {
    ptr: *const T,
    group: usize,
    col: usize,
    _room: Scratch<T>,
}

// SAFETY: tasks only read through the pointer.
unsafe impl<T: Sync> Sync for WeightMatrix<T> {}

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
    let strips = positions.div_ceil(fits.clamp(STRIP_SHORTEST, STRIP_LONGEST)).max(1);
    positions.div_ceil(strips).max(1).next_multiple_of(STRIP_UNIT)
}

/// Distance between rows of a strip's matrix: an odd number of cache lines, so that rows spread over the cache.
pub(super) fn strip_row<T>(len: usize) -> usize {
    let line = 64 / size_of::<T>();
    len.next_multiple_of(2 * line) + line
}

impl Pass {
    /// Elements of one channel of the source.
    pub(super) fn source_len(&self) -> usize {
        self.axes.iter().map(|axis| axis.limit).product()
    }

    fn positions(&self) -> usize {
        self.axes.iter().map(|axis| axis.len).product()
    }

    /// Computes all results.
    ///
    /// # Safety
    /// The source and the weights are dense and readable; a stored result is writable.
    pub(super) unsafe fn run<T: Element>(&self, source: *const T, weights: &Weights<T>, sink: Sink<T>) {
        let (positions, channels) = (self.positions(), self.result_channels);
        let taps = all_taps(&self.axes, weights.kernel);
        let k = self.source_channels * taps.len();
        if positions == 0 || channels == 0 || self.batch == 0 {
            return;
        }
        if let (true, Some(direct)) = (T::GATHERS, Direct::new(self, weights.kernel)) {
            // SAFETY: the caller's promise.
            return unsafe { direct.run(source, weights, sink) };
        }
        // SAFETY: the caller's promise.
        let weights = unsafe { self.weight_matrix(weights, &taps) };
        // A strip is a part of an image, or several images where these are small.
        let strip = strip_len::<T>(k, positions);
        let strips = positions.div_ceil(strip);
        let together = (STRIP_SHORTEST / positions).clamp(1, self.batch.div_ceil(num_threads()));
        let tasks = self.batch.div_ceil(together) * self.groups * strips;
        let parts = (2 * num_threads()).div_ceil(tasks).min(channels.div_ceil(FEW_CHANNELS));
        let part = channels.div_ceil(parts);
        let source = Shared(source.cast_mut());
        for_each(tasks * parts, &|i| {
            let (rest, first) = (i / parts, (i % parts * part).min(channels));
            let (rest, start) = (rest / strips, rest % strips * strip);
            let (image, group) = (rest / self.groups * together, rest % self.groups);
            let task = Task {
                pass: self,
                taps: &taps,
                images: image..(image + together).min(self.batch),
                group,
                channels: first..(first + part).min(channels),
                positions: start..(start + strip).min(positions),
            };
            // SAFETY: the caller's promise; each task has results of its own.
            unsafe { task.run(source.get(), &weights, sink) }
        });
    }

    /// The weights of the taps of this pass.
    unsafe fn weight_matrix<T: Element>(
        &self,
        weights: &Weights<T>,
        taps: &[(usize, [Tap; 3])],
    ) -> WeightMatrix<T> {
        let (sources, results) = (self.source_channels, self.result_channels);
        let group = sources * taps.len() * results;
        let room = Scratch::<T>::new(self.groups * group);
        let to = Shared(room.ptr());
        for_each(self.groups * sources, &|i| {
            let from = weights.ptr.wrapping_add(i / sources * weights.group + i % sources * weights.source);
            let to = to.get().wrapping_add(i * taps.len() * results);
            for (t, (tap, _)) in taps.iter().enumerate() {
                for result in 0..results {
                    // SAFETY: the caller's promise; there is room for all weights.
                    unsafe { *to.add(t * results + result) = *from.add(result * weights.result + tap) }
                }
            }
        });
        WeightMatrix { ptr: room.ptr(), group, col: results, _room: room }
    }

    /// Whether neighbouring positions are neighbouring results.
    pub(super) fn is_dense(&self) -> bool {
        self.axes.iter().all(|axis| axis.every == 1)
    }

    /// Hands over results of neighbouring positions of an image.
    ///
    /// # Safety
    /// Their places are inside the results.
    pub(super) unsafe fn deliver<T: Element>(&self, tile: &Tile<T::Acc>, sink: Sink<T>) {
        // SAFETY: the caller's promise.
        unsafe {
            match sink {
                Sink::Store { .. } | Sink::Sums { .. } if !self.is_dense() => self.scatter(tile, sink),
                _ => sink.take(tile),
            }
        }
    }

    /// Stores a tile at positions that are not neighbours.
    unsafe fn scatter<T: Element>(&self, tile: &Tile<T::Acc>, sink: Sink<T>) {
        let [depth, height, width] = &self.axes;
        let [_, rows, cols] = self.result_sizes;
        let at = |axis: &Axis, i: usize| axis.first + i * axis.every;
        let mut col = 0;
        while col < tile.cols {
            let (row, x) = ((tile.col + col) / width.len, (tile.col + col) % width.len);
            let (z, y) = (row / height.len, row % height.len);
            let run = (width.len - x).min(tile.cols - col);
            let element = (at(depth, z) * rows + at(height, y)) * cols + at(width, x);
            for i in 0..tile.rows {
                let row = sink.placed(tile.batch, tile.row + i, 0);
                for (j, sum) in tile.row(i)[col..col + run].iter().enumerate() {
                    // SAFETY: the position is inside the result, which the caller made writable.
                    unsafe { row.put(element + j * width.every, sum) }
                }
            }
            col += run;
        }
    }
}

/// A strip of positions of an image, or all positions of several, for some result channels of one group.
struct Task<'a> {
    pass: &'a Pass,
    taps: &'a [(usize, [Tap; 3])],
    images: Range<usize>,
    group: usize,
    channels: Range<usize>,
    positions: Range<usize>,
}

impl Task<'_> {
    unsafe fn run<T: Element>(&self, source: *const T, weights: &WeightMatrix<T>, sink: Sink<T>) {
        if self.channels.is_empty() {
            return;
        }
        let pass = self.pass;
        let (k, len) = (pass.source_channels * self.taps.len(), self.images.len() * self.positions.len());
        let (room, row);
        let columns = if self.reads_in_place() {
            row = pass.source_len();
            self.source_of(source, self.images.start).wrapping_add(self.positions.start)
        } else {
            row = strip_row::<T>(len);
            room = Scratch::<T>::new(k * row);
            // SAFETY: the caller's promise; there is room for every row.
            unsafe { self.lay_out(source, room.ptr(), row) }
            room.ptr().cast_const()
        };
        let first_weight = self.group * weights.group + self.channels.start;
        let a = Operand {
            ptr: weights.ptr.wrapping_add(first_weight),
            batch: &[],
            row: 1,
            col: weights.col as isize,
        };
        let b = Operand { ptr: columns, batch: &[], row: row as isize, col: 1 };
        let shape = Shape { batch: 1, m: self.channels.len(), n: len, k };
        let dense = pass.is_dense();
        // SAFETY: the operands were laid out above; each task has results of its own.
        unsafe {
            match sink {
                Sink::Store { .. } | Sink::Sums { .. } if dense && self.images.len() == 1 => {
                    let sink = sink.placed(self.images.start, self.first_row(), self.positions.start);
                    gemm_here(pass.isa, shape, a, b, sink);
                }
                _ => {
                    let show = |tile: &Tile<T::Acc>| {
                        self.by_image(tile, |piece| pass.deliver(&piece, sink));
                    };
                    gemm_here(pass.isa, shape, a, b, Sink::Tile(&show));
                }
            }
        }
    }

    /// The first result channel, counted over all groups.
    fn first_row(&self) -> usize {
        self.group * self.pass.result_channels + self.channels.start
    }

    /// The first source channel of the group in an image.
    fn source_of<T>(&self, source: *const T, image: usize) -> *const T {
        let channel = (image * self.pass.groups + self.group) * self.pass.source_channels;
        source.wrapping_add(channel * self.pass.source_len())
    }

    /// Writes the matrix of the strip.
    unsafe fn lay_out<T: Element>(&self, source: *const T, to: *mut T, row: usize) {
        let strip = Strip::new(&self.pass.axes, self.positions.clone());
        for (t, (_, tap)) in self.taps.iter().enumerate() {
            let pieces = strip.pieces(*tap);
            for (i, image) in self.images.clone().enumerate() {
                let source = self.source_of(source, image);
                for channel in 0..self.pass.source_channels {
                    let from = source.wrapping_add(channel * self.pass.source_len());
                    let at = (channel * self.taps.len() + t) * row + i * self.positions.len();
                    // SAFETY: the caller's promise.
                    unsafe { pieces.write(from, to.wrapping_add(at)) }
                }
            }
        }
    }

    /// Whether the channels of the source are the matrix already: one tap that reads each position itself.
    fn reads_in_place(&self) -> bool {
        self.images.len() == 1
            && self.taps.len() == 1
            && self.pass.axes.iter().all(|axis| axis.step == 1 && axis.len == axis.limit)
            && self.taps[0].1.iter().all(|tap| tap.offset == 0)
    }

    /// Cuts a tile of the strip's product where images end, and places the pieces in the results.
    fn by_image<Acc>(&self, tile: &Tile<Acc>, take: impl Fn(Tile<Acc>)) {
        let len = self.positions.len();
        let mut at = 0;
        while at < tile.cols {
            let (image, position) = ((tile.col + at) / len, (tile.col + at) % len);
            let end = tile.cols.min(at + len - position);
            let row = self.first_row() + tile.row;
            take(tile.columns(at..end).placed(
                self.images.start + image,
                row,
                self.positions.start + position,
            ));
            at = end;
        }
    }
}
