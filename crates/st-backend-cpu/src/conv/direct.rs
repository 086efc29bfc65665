//! A correlation without a matrix of what the taps see. The part of an image that a task reads is copied once, with
//! zeros around it, and with the positions of each phase of the step side by side: then what a tap sees of neighbouring
//! results are neighbours too, wherever the tap lies, and the product gathers its rows by a list of offsets.
//!
//! Results are computed as if rows were as long as the padded ones; the few that lie between rows are left out.
//!
//! A matrix unit does the same from a copy that is split in parts, unless there are numbers that it cannot take.

use super::columns::copy_every;
use super::pass::{Axis, FEW_CHANNELS, Pass, Shared, Weights, all_taps};
use crate::gemm::{Element, Filters, Gathered, Operand, Panels, RowsAt, Sink, Split, Tile, copy_rows};
use crate::pool::{for_each, num_threads};
use crate::scratch::Scratch;
use std::ops::Range;

/// Bytes of the copied part of an image, which should stay in the second-level cache.
const PART_BYTES: usize = 768 << 10;
/// The most results of a channel that a task computes, and the fewest where there are as many.
const LONGEST: usize = 1024;
const SHORTEST: usize = 128;
/// Steps of the sum for which a panel of weights stays in the first-level cache.
const STEPS: usize = 512;
/// Numbers beyond a part that its last vectors may read.
const BEYOND: usize = 64;
/// How a dimension of the source is copied: for each phase of the step that a tap reads, one number for each position,
/// with room for those that taps read before the first and after the last.
struct Layout {
    step: usize,
    phases: Vec<usize>,
    before: usize,
    after: usize,
    /// For each tap, which phase it reads and how many positions further.
    taps: Vec<(usize, isize)>,
}

impl Layout {
    fn new(axis: &Axis) -> Layout {
        let step = axis.step as isize;
        let mut layout =
            Layout { step: axis.step, phases: Vec::new(), before: 0, after: 0, taps: Vec::new() };
        for tap in &axis.taps {
            let (shift, phase) = (tap.offset.div_euclid(step), tap.offset.rem_euclid(step) as usize);
            let index = layout.phases.iter().position(|&p| p == phase).unwrap_or_else(|| {
                layout.phases.push(phase);
                layout.phases.len() - 1
            });
            layout.before = layout.before.max((-shift).max(0) as usize);
            layout.after = layout.after.max(shift.max(0) as usize);
            layout.taps.push((index, shift));
        }
        layout
    }

    /// Of `len` copied numbers, for positions from `first` on, those that a source of this size has in a phase, and which
    /// element the first of them is.
    fn held_in(&self, limit: usize, phase: usize, first: usize, len: usize) -> (Range<usize>, usize) {
        let held = self.held(limit, phase);
        let start = first.saturating_sub(self.before).min(held);
        let end = (first + len).saturating_sub(self.before).clamp(start, held);
        let at = |i: usize| (i + self.before).saturating_sub(first);
        (at(start)..at(end), start * self.step + phase)
    }

    /// Numbers of a phase that there are in a source of this size.
    fn held(&self, limit: usize, phase: usize) -> usize {
        limit.saturating_sub(phase).div_ceil(self.step)
    }

    /// The length of a copied row of so many positions. Zeros after a row are also those before the next one.
    fn row(&self, axis: &Axis, len: usize) -> usize {
        if len < axis.len {
            return len + self.before + self.after;
        }
        let held = self.phases.iter().map(|&phase| self.held(axis.limit, phase)).max().unwrap_or(0);
        (len + self.after).max(held.min(len + self.after) + self.before)
    }
}

/// A pass done in this way.
pub(super) struct Direct<'a> {
    pass: &'a Pass,
    height: Layout,
    width: Layout,
    /// Rows of results of a task, and positions of each: all of a row where there are several.
    rows: usize,
    cols: usize,
    /// The length of a copied row, and how far apart planes and channels are.
    row: usize,
    plane: usize,
    channel: usize,
    /// What the steps of the sums read: for each source channel, the taps in the order of the weights.
    offsets: Vec<isize>,
    /// Taps that are neighbours among the weights.
    runs: Vec<Range<usize>>,
}

impl<'a> Direct<'a> {
    /// Plans the pass, unless a matrix is better: where there is one tap only, or rows are so short that zeros
    /// prevail.
    pub(super) fn new(pass: &'a Pass, kernel: [usize; 3]) -> Option<Direct<'a>> {
        let [depth, height, width] = &pass.axes;
        let taps = all_taps(&pass.axes, kernel);
        if taps.is_empty()
            || pass.source_channels == 0
            || taps.len() == 1 && pass.axes.iter().all(|axis| axis.step == 1)
        {
            return None;
        }
        let (tall, wide) = (Layout::new(height), Layout::new(width));
        let blocks = depth.taps.len() * tall.phases.len() * wide.phases.len();
        // Results of which the copied sources fit.
        let fits = PART_BYTES / (size_of::<f32>() * pass.source_channels * blocks);
        let cols = width.len.min(fits.clamp(SHORTEST, LONGEST));
        let row = wide.row(width, cols);
        if 3 * row > 4 * cols {
            return None;
        }
        let most = (fits / row).saturating_sub(tall.before + tall.after).min(LONGEST / cols);
        let rows = match cols == width.len {
            true => height.len.div_ceil(height.len.div_ceil(most.max(1))),
            false => 1,
        };
        let plane = (rows + tall.before + tall.after) * row + wide.before;
        // An odd number of cache lines, so that channels spread over the cache.
        let channel = (blocks * plane).next_multiple_of(32) + 16;
        let mut seen = Vec::with_capacity(taps.len());
        for z in 0..depth.taps.len() {
            for &(y_phase, y) in &tall.taps {
                for &(x_phase, x) in &wide.taps {
                    let block = (z * tall.phases.len() + y_phase) * wide.phases.len() + x_phase;
                    let (y, x) = (y + tall.before as isize, x + wide.before as isize);
                    seen.push((taps[seen.len()].0, (block * plane) as isize + y * row as isize + x));
                }
            }
        }
        seen.sort_unstable();
        let channels = (0..pass.source_channels).map(|source| (source * channel) as isize);
        let offsets = channels.flat_map(|channel| seen.iter().map(move |tap| channel + tap.1)).collect();
        let runs = seen.chunk_by(|a, b| a.0 + 1 == b.0).map(|run| run[0].0..run[0].0 + run.len()).collect();
        Some(Direct { pass, height: tall, width: wide, rows, cols, row, plane, channel, offsets, runs })
    }

    /// Computes all results.
    ///
    /// # Safety
    /// The source and the weights are dense and readable; a stored result is writable.
    pub(super) unsafe fn run<T: Element>(&self, source: *const T, weights: &Weights<T>, sink: Sink<T>) {
        let pass = self.pass;
        // SAFETY: the caller's promise.
        let factors = unsafe { self.factors(weights) };
        let count = factors[0].count();
        let [depth, height, width] = &pass.axes;
        let (tall, wide) = (height.len.div_ceil(self.rows), width.len.div_ceil(self.cols));
        let tasks = pass.batch * pass.groups * depth.len * tall * wide;
        let parts = (2 * num_threads()).div_ceil(tasks).min(pass.result_channels.div_ceil(FEW_CHANNELS));
        let source = Shared(source.cast_mut());
        for_each(tasks * parts, &|i| {
            let (rest, part) = (i / parts, i % parts);
            let (rest, x) = (rest / wide, rest % wide * self.cols);
            let (rest, y) = (rest / tall, rest % tall * self.rows);
            let (rest, z) = (rest / depth.len, rest % depth.len);
            let (image, group) = (rest / pass.groups, rest % pass.groups);
            let task = Task {
                of: self,
                image,
                group,
                panels: part * count / parts..(part + 1) * count / parts,
                z,
                rows: y..(y + self.rows).min(height.len),
                cols: x..(x + self.cols).min(width.len),
            };
            // SAFETY: the caller's promise; each task has results of its own.
            unsafe { task.run(source.get(), &factors[group], weights, sink) }
        });
    }

    /// The weights of each group as they are multiplied.
    unsafe fn factors<T: Element>(&self, weights: &Weights<T>) -> Vec<Factor<T>> {
        let pass = self.pass;
        let (rows, channels) = (pass.result_channels, pass.source_channels);
        let taps: Vec<usize> = self.runs.iter().flat_map(Clone::clone).collect();
        let filters: Option<Vec<Filters>> =
            (0..pass.groups).map(|_| Filters::new::<T>(pass.isa, rows, channels, taps.len())).collect();
        if let Some(filters) = filters {
            let count = filters[0].count() * taps.len();
            for_each(pass.groups * count, &|i| {
                let (group, panel, tap) = (i / count, i % count / taps.len(), i % taps.len());
                let ptr = weights.ptr.wrapping_add(group * weights.group + taps[tap]);
                let (row, col) = (weights.result as isize, weights.source as isize);
                // SAFETY: the caller's promise; each unit is packed once.
                unsafe { filters[group].pack(panel, tap, Operand { ptr, batch: &[], row, col }) }
            });
            // SAFETY: all are packed.
            if filters.iter().all(|filters| unsafe { filters.are_split() }) {
                return filters.into_iter().map(Factor::Split).collect();
            }
        }
        let panels: Vec<Panels<T>> =
            (0..pass.groups).map(|_| Panels::new(pass.isa, rows, self.offsets.len())).collect();
        let count = panels[0].count();
        for_each(pass.groups * count, &|i| {
            // SAFETY: the caller's promise; each panel is packed once.
            unsafe { self.pack(&panels[i / count], i % count, weights, i / count * weights.group) }
        });
        panels.into_iter().map(Factor::Whole).collect()
    }

    /// Packs the weights of a panel of result channels, which start at the `first`: runs of taps, or all at once where these follow each other.
    unsafe fn pack<T: Element>(&self, panels: &Panels<T>, panel: usize, weights: &Weights<T>, first: usize) {
        let channels = self.pass.source_channels;
        let taps = self.offsets.len() / channels;
        let all = self.runs[0].start..self.runs[0].start + self.offsets.len();
        let (times, runs) = match taps == self.runs[0].len() && weights.source == taps {
            true => (1, std::slice::from_ref(&all)),
            false => (channels, &self.runs[..]),
        };
        let mut step = 0;
        for source in 0..times {
            for run in runs {
                let at = first + source * weights.source + run.start;
                let ptr = weights.ptr.wrapping_add(at);
                let matrix = Operand { ptr, batch: &[], row: weights.result as isize, col: 1 };
                // SAFETY: the caller's promise.
                unsafe { panels.pack(panel, step..step + run.len(), matrix) }
                step += run.len();
            }
        }
    }
}

impl Direct<'_> {
    /// Where each tap sees a channel.
    fn taps(&self) -> &[isize] {
        &self.offsets[..self.offsets.len() / self.pass.source_channels]
    }

    /// Multiplies panels by what the taps see, as many steps at a time as stay in cache.
    ///
    /// # Safety
    /// As for [`Panels::times`].
    unsafe fn multiply<T: Element>(
        &self,
        weights: &Panels<T>,
        panels: Range<usize>,
        b: Gathered<T::Acc>,
        c: RowsAt<*mut T::Acc>,
        ahead: RowsAt<*const T::Acc>,
    ) {
        let k = self.offsets.len();
        let block = k.div_ceil(k.div_ceil(STEPS));
        for panel in panels {
            for start in (0..k).step_by(block) {
                let steps = start..(start + block).min(k);
                // SAFETY: the caller's promise.
                unsafe { weights.times(panel, steps, b, c, start > 0, ahead) }
            }
        }
    }

    /// The same by weights of so many result channels, from the `first` weight on, that are packed for this alone: rare enough.
    ///
    /// # Safety
    /// As for [`Panels::times`]; the weights are readable.
    unsafe fn multiply_packing<T: Element>(
        &self,
        (weights, first): (&Weights<T>, usize),
        channels: usize,
        b: Gathered<T::Acc>,
        c: RowsAt<*mut T::Acc>,
    ) {
        let panels = Panels::new(self.pass.isa, channels, self.offsets.len());
        let ahead = RowsAt { at: c.at.cast_const(), step: c.step };
        // SAFETY: the caller's promise; nobody else has these panels.
        unsafe {
            (0..panels.count()).for_each(|panel| self.pack(&panels, panel, weights, first));
            self.multiply(&panels, 0..panels.count(), b, c, ahead);
        }
    }
}

/// The weights of a group: in parts for the matrix unit, or as they are.
enum Factor<T: Element> {
    Split(Filters),
    Whole(Panels<T>),
}

impl<T: Element> Factor<T> {
    /// How many panels there are.
    fn count(&self) -> usize {
        match self {
            Factor::Split(filters) => filters.count(),
            Factor::Whole(panels) => panels.count(),
        }
    }

    /// The result channels of some panels.
    fn channels(&self, panels: &Range<usize>) -> Range<usize> {
        match self {
            Factor::Split(filters) => filters.rows(panels.clone()),
            Factor::Whole(all) => all.rows(panels.start).start..all.rows(panels.end - 1).end,
        }
    }
}

/// Some rows of one plane of an image, or a part of one row, for some result channels of a group.
struct Task<'a> {
    of: &'a Direct<'a>,
    image: usize,
    group: usize,
    panels: Range<usize>,
    z: usize,
    rows: Range<usize>,
    cols: Range<usize>,
}

impl Task<'_> {
    unsafe fn run<T: Element>(
        &self,
        source: *const T,
        factor: &Factor<T>,
        weights: &Weights<T>,
        sink: Sink<T>,
    ) {
        if self.panels.is_empty() {
            return;
        }
        let (of, pass) = (self.of, self.of.pass);
        let copied = Scratch::<T::Acc>::new(pass.source_channels * of.channel + BEYOND);
        let image = (self.image * pass.groups + self.group) * pass.source_channels * pass.source_len();
        let channels = factor.channels(&self.panels);
        // Rows of results as they are computed.
        let len = (self.rows.len() - 1) * of.row + self.cols.len();
        let ld = len.next_multiple_of(32) + 16;
        let sums = Scratch::<T::Acc>::new(channels.len() * ld);
        let [_, height, width] = &pass.axes;
        let place = Tile {
            batch: self.image,
            row: self.group * pass.result_channels + channels.start,
            col: (self.z * height.len + self.rows.start) * width.len + self.cols.start,
            rows: channels.len(),
            cols: self.rows.len() * self.cols.len(),
            data: sums.ptr().cast_const(),
            ld,
        };
        let stored = sink.in_place(place.batch, place.row, place.col).filter(|_| pass.is_dense());
        let first = channels.start;
        let c = RowsAt { at: sums.ptr().wrapping_sub(first * ld), step: ld };
        let ahead = stored.map_or(RowsAt { at: c.at.cast_const(), step: ld }, |(at, ld)| RowsAt {
            at: at.cast_const().wrapping_offset(-(first as isize * ld)),
            step: ld as usize,
        });
        let b = Gathered { at: copied.ptr().cast_const(), offsets: &of.offsets, cols: len };
        // SAFETY: the caller's promise; there is room for the copies and for the sums.
        unsafe {
            self.copy(source.wrapping_add(image), copied.ptr());
            match factor {
                Factor::Whole(panels) => of.multiply(panels, self.panels.clone(), b, c, ahead),
                Factor::Split(filters) => match Split::new(b.at, pass.source_channels, of.channel) {
                    Some(image) => image.times(filters, self.panels.clone(), of.taps(), len, c),
                    None => {
                        let at = self.group * weights.group + first * weights.result;
                        let c = RowsAt { at: sums.ptr(), step: ld };
                        of.multiply_packing((weights, at), channels.len(), b, c);
                    }
                },
            }
            match stored {
                Some((at, apart)) => {
                    for channel in 0..channels.len() {
                        let to = at.wrapping_offset(channel as isize * apart);
                        self.close_gaps::<T>(sums.ptr().wrapping_add(channel * ld), to);
                    }
                }
                None => {
                    for channel in 0..channels.len() {
                        let sums = sums.ptr().wrapping_add(channel * ld);
                        self.close_gaps::<T>(sums, sums);
                    }
                    pass.deliver(&place, sink);
                }
            }
        }
    }

    /// Moves rows of results together, which may be where they are.
    unsafe fn close_gaps<T: Element>(&self, sums: *const T::Acc, to: *mut T::Acc) {
        let (rows, cols) = (self.rows.len(), self.cols.len());
        let (from, to) = (RowsAt { at: sums, step: self.of.row }, RowsAt { at: to, step: cols });
        // SAFETY: the caller's promise: there is room for as many results.
        unsafe { copy_rows::<T>(self.of.pass.isa, from, to, [rows, cols, cols]) }
    }

    /// Copies what the task reads of an image.
    unsafe fn copy<T: Element>(&self, image: *const T, to: *mut T::Acc) {
        let (of, pass) = (self.of, self.of.pass);
        let [depth, height, width] = &pass.axes;
        let plane_len = height.limit * width.limit;
        for channel in 0..pass.source_channels {
            let from = image.wrapping_add(channel * pass.source_len());
            let mut to = to.wrapping_add(channel * of.channel);
            let end = to.wrapping_add(of.channel);
            for tap in &depth.taps {
                let plane = depth.source(self.z, tap.offset).map(|z| from.wrapping_add(z * plane_len));
                for &y in &of.height.phases {
                    for &x in &of.width.phases {
                        // SAFETY: the plane is inside the image, and there is room for its copy.
                        unsafe { self.copy_plane(plane, [y, x], to) }
                        to = to.wrapping_add(of.plane);
                    }
                }
            }
            // Results between rows are computed from what lies between channels too: denormal numbers would be slow.
            // SAFETY: room that every channel has after its last plane.
            unsafe { zero(to, end.offset_from_unsigned(to)) }
        }
        // SAFETY: room after the last channel.
        unsafe { zero(to.wrapping_add(pass.source_channels * of.channel), BEYOND) }
    }

    /// Copies what the rows of a plane have of a phase, with zeros where there is nothing.
    unsafe fn copy_plane<T: Element>(&self, plane: Option<*const T>, phase: [usize; 2], to: *mut T::Acc) {
        let (of, [tall, wide]) = (self.of, [&self.of.height, &self.of.width]);
        let [_, height, width] = &of.pass.axes;
        // Rows and columns of the copy that hold something, and what the first of them holds.
        let all = self.rows.len() + tall.before + tall.after;
        let (rows, y) = tall.held_in(height.limit, phase[0], self.rows.start, all);
        let (cols, x) = wide.held_in(width.limit, phase[1], self.cols.start, of.row);
        // SAFETY: the caller's promise.
        unsafe {
            let Some(plane) = plane.filter(|_| !rows.is_empty() && !cols.is_empty()) else {
                return zero(to, of.plane);
            };
            let start = rows.start * of.row + cols.start;
            let end = rows.end * of.row + cols.start;
            zero(to, start);
            zero(to.add(end), of.plane - end);
            let from = plane.add(y * width.limit + x);
            let (apart, to) = (tall.step * width.limit, to.add(start));
            if T::SUMS_ARE_RESULTS && wide.step == 1 {
                let from = RowsAt { at: from.cast(), step: apart };
                let to = RowsAt { at: to, step: of.row };
                return copy_rows::<T>(of.pass.isa, from, to, [rows.len(), cols.len(), of.row]);
            }
            for row in 0..rows.len() {
                let to = to.add(row * of.row);
                widen_every(from.add(row * apart), wide.step, to, cols.len());
                zero(to.add(cols.len()), of.row - cols.len());
            }
        }
    }
}

/// # Safety
/// `n` numbers are writable.
unsafe fn zero<Acc: Default>(to: *mut Acc, n: usize) {
    for i in 0..n {
        // SAFETY: the caller's promise.
        unsafe { to.add(i).write(Acc::default()) }
    }
}

/// # Safety
/// `n` elements, `step` apart, are readable, and `n` numbers side by side writable.
unsafe fn widen_every<T: Element>(from: *const T, step: usize, to: *mut T::Acc, n: usize) {
    // SAFETY: the caller's promise; plain numbers, of which the slice is only written.
    unsafe {
        if T::SUMS_ARE_RESULTS {
            return copy_every(from, step, to.cast(), n);
        }
        if step == 1 {
            return T::widen(std::slice::from_raw_parts(from, n), std::slice::from_raw_parts_mut(to, n));
        }
        for i in 0..n {
            T::widen(std::slice::from_ref(&*from.add(i * step)), std::slice::from_mut(&mut *to.add(i)));
        }
    }
}
