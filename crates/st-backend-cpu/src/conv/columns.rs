//! Lays out, as a matrix, the inputs that a strip of output positions sees: a row for each channel and tap, a column
//! for each position.

use super::pass::{Axis, Tap};
use std::ops::Range;

/// The positions of a strip, cut where a row of the output ends.
pub(super) struct Strip<'a> {
    axes: &'a [Axis; 3],
    positions: Range<usize>,
    segments: Vec<Segment>,
}

/// Neighbouring positions of one row of the output.
struct Segment {
    z: usize,
    y: usize,
    x: Range<usize>,
    /// Column of the first position.
    col: usize,
}

impl<'a> Strip<'a> {
    pub(super) fn new(axes: &'a [Axis; 3], positions: Range<usize>) -> Self {
        let (height, width) = (axes[1].len, axes[2].len);
        let mut segments = Vec::new();
        let mut at = positions.start;
        while at < positions.end {
            let (row, x) = (at / width, at % width);
            let end = width.min(x + positions.end - at);
            segments.push(Segment { z: row / height, y: row % height, x: x..end, col: at - positions.start });
            at += end - x;
        }
        Strip { axes, positions, segments }
    }

    /// Writes the row of one channel and tap.
    ///
    /// # Safety
    /// `channel` points to a dense channel of the source, `row` has room for the positions.
    pub(super) unsafe fn write_row<T: Copy + Default>(&self, channel: *const T, taps: [Tap; 3], row: *mut T) {
        // SAFETY: the caller's promise.
        let row = unsafe { std::slice::from_raw_parts_mut(row, self.positions.len()) };
        let [depth, height, width] = self.axes;
        let [dz, dy, dx] = taps.map(|tap| tap.offset);
        // Positions that the tap reads inside a row of the source.
        let inside = width.inside(dx);
        // SAFETY: the caller's promise.
        let shifted = self.is_shift() && unsafe { self.copy_shifted(channel, [dz, dy, dx], row) };
        // Nothing to clear, unless positions lie beyond the last layer of the source.
        if shifted && dz == 0 && dy == 0 && dx == 0 && depth.len <= depth.limit {
            return;
        }
        for segment in &self.segments {
            let out = &mut row[segment.col..segment.col + segment.x.len()];
            let (Some(z), Some(y)) = (depth.source(segment.z, dz), height.source(segment.y, dy)) else {
                out.fill(T::default());
                continue;
            };
            let first = inside.start.clamp(segment.x.start, segment.x.end);
            let last = inside.end.clamp(first, segment.x.end);
            let (before, after) = (first - segment.x.start, last - segment.x.start);
            out[..before].fill(T::default());
            out[after..].fill(T::default());
            if !shifted && before < after {
                let x = (first * width.step) as isize + dx;
                let at = ((z * height.limit + y) * width.limit) as isize + x;
                // SAFETY: z, y and the positions from `first` to `last` are inside the source.
                unsafe { copy_every(channel.offset(at), width.step, &mut out[before..after]) }
            }
        }
    }

    /// Whether rows of the source are as long as rows of the output, so that a tap is a shift of the whole channel.
    fn is_shift(&self) -> bool {
        let same = |axis: &Axis| axis.step == 1 && axis.len == axis.limit;
        self.axes[0].step == 1 && same(&self.axes[1]) && same(&self.axes[2])
    }

    /// Copies the shifted channel in one go, as far as it reaches; what runs over a row's end is cleared later.
    unsafe fn copy_shifted<T: Copy>(&self, channel: *const T, taps: [isize; 3], row: &mut [T]) -> bool {
        let [depth, height, width] = self.axes;
        let shift = (taps[0] * height.limit as isize + taps[1]) * width.limit as isize + taps[2];
        let source_len = (depth.limit * height.limit * width.limit) as isize;
        let clip = |at: isize| at.clamp(0, source_len);
        let start = self.positions.start as isize + shift;
        let (from, to) = (clip(start), clip(start + row.len() as isize));
        if from < to {
            let col = (from - start) as usize;
            // SAFETY: clipped to the source.
            let source = unsafe { std::slice::from_raw_parts(channel.offset(from), (to - from) as usize) };
            row[col..col + source.len()].copy_from_slice(source);
        }
        true
    }
}

/// # Safety
/// `out.len()` elements, `step` apart, are readable.
unsafe fn copy_every<T: Copy>(from: *const T, step: usize, out: &mut [T]) {
    if step == 1 {
        // SAFETY: the caller's promise.
        out.copy_from_slice(unsafe { std::slice::from_raw_parts(from, out.len()) });
    } else {
        for (i, x) in out.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            *x = unsafe { *from.add(i * step) };
        }
    }
}
