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

/// How the row of a tap is put together from a channel of the source; the same for every channel.
pub(super) struct Pieces {
    copies: Vec<Copied>,
    /// Distance in the source between neighbouring columns.
    step: usize,
    /// Columns that read zeros; copies may have run over them.
    zeros: Vec<Range<usize>>,
}

struct Copied {
    from: usize,
    cols: Range<usize>,
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

    /// What the row of a tap is made of.
    pub(super) fn pieces(&self, tap: [Tap; 3]) -> Pieces {
        let [depth, height, width] = self.axes;
        let [dz, dy, dx] = tap.map(|tap| tap.offset);
        let shift = self.is_shift();
        let mut pieces = Pieces { copies: Vec::new(), step: width.step, zeros: Vec::new() };
        if shift {
            pieces.copies.extend(self.shifted_copy([dz, dy, dx]));
        }
        // Positions that the tap reads inside a row of the source.
        let inside = width.inside(dx);
        for segment in &self.segments {
            let end = segment.col + segment.x.len();
            let (Some(z), Some(y)) = (depth.source(segment.z, dz), height.source(segment.y, dy)) else {
                pieces.zero(segment.col..end);
                continue;
            };
            let first = inside.start.clamp(segment.x.start, segment.x.end);
            let last = inside.end.clamp(first, segment.x.end);
            let cols = segment.col + first - segment.x.start..segment.col + last - segment.x.start;
            pieces.zero(segment.col..cols.start);
            pieces.zero(cols.end..end);
            if !shift && !cols.is_empty() {
                let x = (first * width.step).wrapping_add_signed(dx);
                pieces.copies.push(Copied { from: (z * height.limit + y) * width.limit + x, cols });
            }
        }
        pieces
    }

    /// Whether rows of the source are as long as rows of the output, so that a tap is a shift of the whole channel.
    fn is_shift(&self) -> bool {
        let same = |axis: &Axis| axis.step == 1 && axis.len == axis.limit;
        self.axes[0].step == 1 && same(&self.axes[1]) && same(&self.axes[2])
    }

    /// The shifted channel as far as it reaches; what runs over a row's end is cleared later.
    fn shifted_copy(&self, [dz, dy, dx]: [isize; 3]) -> Option<Copied> {
        let [depth, height, width] = self.axes;
        let shift = (dz * height.limit as isize + dy) * width.limit as isize + dx;
        let source_len = (depth.limit * height.limit * width.limit) as isize;
        let start = self.positions.start as isize + shift;
        let from = start.clamp(0, source_len);
        let to = (start + self.positions.len() as isize).clamp(from, source_len);
        let cols = (from - start) as usize..(to - start) as usize;
        (from < to).then_some(Copied { from: from as usize, cols })
    }
}

impl Pieces {
    fn zero(&mut self, cols: Range<usize>) {
        if !cols.is_empty() {
            self.zeros.push(cols);
        }
    }

    /// Writes the row of a channel.
    ///
    /// # Safety
    /// `channel` points to a dense channel of the source, `row` has room for the strip's positions.
    pub(super) unsafe fn write<T: Copy + Default>(&self, channel: *const T, row: *mut T) {
        // SAFETY: pieces stay inside the channel and the strip.
        unsafe {
            for copied in &self.copies {
                let (from, to) = (channel.add(copied.from), row.add(copied.cols.start));
                copy_every(from, self.step, to, copied.cols.len());
            }
            for cols in &self.zeros {
                for col in cols.clone() {
                    *row.add(col) = T::default();
                }
            }
        }
    }
}

/// # Safety
/// `n` elements, `step` apart, are readable, and `n` side by side writable.
pub(super) unsafe fn copy_every<T: Copy>(from: *const T, step: usize, to: *mut T, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match step {
            1 => std::ptr::copy_nonoverlapping(from, to, n),
            // A constant step becomes vector instructions.
            2 => (0..n).for_each(|i| *to.add(i) = *from.add(i * 2)),
            _ => (0..n).for_each(|i| *to.add(i) = *from.add(i * step)),
        }
    }
}
