//! Products whose right factor has its rows anywhere in memory: what the taps of a convolution see of an image with
//! zeros around it. The left factor is packed in panels as high as a tile.

use super::Operand;
use super::drive::Split;
use super::element::{Element, OnVectors};
use super::pack;
use super::packed::RowsAt;
use super::simd::{Simd, Work};
use super::tile::{Ahead, Fma, Kernel, Lines, TileArgs, WIDE};
use crate::isa::Isa;
use crate::scratch::Scratch;
use std::ops::Range;
use std::ptr::null_mut;

/// The rows of the left factor.
pub(crate) struct Panels<T: Element> {
    isa: Isa,
    rows: Split,
    longest: usize,
    memory: Scratch<T::Acc>,
}

// SAFETY: panels are packed by one task each, and read when all are.
unsafe impl<T: Element> Sync for Panels<T> {}

/// The right factor: a row for each step, as many columns as are asked for.
#[derive(Clone, Copy)]
pub(crate) struct Gathered<'a, Acc> {
    pub(crate) at: *const Acc,
    /// Where rows start, counted from `at`.
    pub(crate) offsets: &'a [isize],
    pub(crate) cols: usize,
}

impl<T: Element> Panels<T> {
    /// Room for rows of at most `longest` steps.
    pub(crate) fn new(isa: Isa, rows: usize, longest: usize) -> Self {
        // SAFETY: nothing is done with the vectors.
        let high = unsafe { T::on_vectors(isa, TileRows) };
        let rows = Split { len: rows, parts: rows.div_ceil(high) };
        Panels { isa, rows, longest, memory: Scratch::new(rows.len * longest) }
    }

    /// How many panels there are.
    pub(crate) fn count(&self) -> usize {
        self.rows.parts
    }

    /// The rows of a panel.
    pub(crate) fn rows(&self, panel: usize) -> Range<usize> {
        self.rows.range(panel)
    }

    fn panel(&self, panel: usize) -> *mut T::Acc {
        self.memory.ptr().wrapping_add(self.rows.start(panel) * self.longest)
    }

    /// Packs a panel's rows at some steps.
    ///
    /// # Safety
    /// The matrix of all rows is readable at as many steps, and nobody else uses the panel.
    pub(crate) unsafe fn pack(&self, panel: usize, steps: Range<usize>, matrix: Operand<T>) {
        debug_assert!(steps.end <= self.longest);
        let rows = self.rows(panel);
        let lines = Lines {
            from: matrix.item(0).wrapping_offset(rows.start as isize * matrix.row),
            line: matrix.row,
            step: matrix.col,
            count: rows.len(),
            k: steps.len(),
        };
        let to = self.panel(panel).wrapping_add(steps.start * rows.len());
        // SAFETY: the caller's promise; there is room for the panel.
        unsafe { T::on_vectors(self.isa, Pack { lines, to, width: rows.len() }) }
    }

    /// Multiplies some steps of a panel, on the calling thread; adds to the results or replaces them. `c` is the place
    /// of the first of all rows; what lies `ahead`, in rows too, is fetched meanwhile.
    ///
    /// # Safety
    /// The panel is packed, rows of the right factor are readable in whole vectors, and nobody else uses the results.
    pub(crate) unsafe fn times(
        &self,
        panel: usize,
        steps: Range<usize>,
        b: Gathered<T::Acc>,
        c: RowsAt<*mut T::Acc>,
        add: bool,
        ahead: RowsAt<*const T::Acc>,
    ) {
        let rows = self.rows(panel);
        let ahead = RowsAt { at: ahead.at.wrapping_add(rows.start * ahead.step), ..ahead };
        let args = TileArgs {
            k: steps.len(),
            a: self.panel(panel).cast_const().wrapping_add(steps.start * rows.len()),
            a_row: 1,
            a_step: rows.len() as isize,
            b: b.at,
            b_step: 0,
            b_offsets: b.offsets[steps].as_ptr(),
            b_whole: true,
            copy: null_mut(),
            ahead: Ahead::evenly([ahead.at; 2], ahead.step as isize),
            c: c.at.wrapping_add(rows.start * c.step),
            c_row: c.step as isize,
            rows: rows.len(),
            cols: b.cols,
            add,
        };
        // SAFETY: the caller's promise.
        unsafe { T::on_vectors(self.isa, Multiply::<T>(args)) }
    }
}

/// Transposes rows, `row` apart, of `cols` neighbours each, into columns side by side.
///
/// # Safety
/// The rows are readable, and there is room for `rows * cols` numbers.
pub(crate) unsafe fn transpose<T: Element>(
    isa: Isa,
    from: *const T,
    row: usize,
    [rows, cols]: [usize; 2],
    to: *mut T::Acc,
) {
    let lines = Lines { from, line: row as isize, step: 1, count: rows, k: cols };
    // SAFETY: the caller's promise.
    unsafe { T::on_vectors(isa, Pack { lines, to, width: rows }) }
}

/// Copies rows of `cols` numbers, and zeros behind each up to `wide`. The places may overlap if rows move to the front.
///
/// # Safety
/// The rows are readable, and as many of `wide` numbers are writable.
pub(crate) unsafe fn copy_rows<T: Element>(
    isa: Isa,
    from: RowsAt<*const T::Acc>,
    to: RowsAt<*mut T::Acc>,
    [rows, cols, wide]: [usize; 3],
) {
    // SAFETY: the caller's promise.
    unsafe { T::on_vectors(isa, Copies { from, to, rows, cols, wide }) }
}

struct Copies<E> {
    from: RowsAt<*const E>,
    to: RowsAt<*mut E>,
    rows: usize,
    cols: usize,
    wide: usize,
}

impl<E> OnVectors<E> for Copies<E> {
    type Out = ();

    unsafe fn run<S: Simd<Elem = E>>(self) {
        // SAFETY: the caller's promise.
        unsafe { S::enter(self) }
    }
}

impl<S: Simd> Work<S> for Copies<S::Elem> {
    #[inline(always)]
    unsafe fn run(self) {
        for row in 0..self.rows {
            let from = self.from.at.wrapping_add(row * self.from.step);
            let to = self.to.at.wrapping_add(row * self.to.step);
            for col in (0..self.wide).step_by(S::LANES) {
                // SAFETY: masks end where the rows do.
                unsafe {
                    let read = S::mask(self.cols.saturating_sub(col));
                    let x = S::load(from.wrapping_add(col), read);
                    S::store(to.wrapping_add(col), x, S::mask(self.wide - col));
                }
            }
        }
    }
}

/// How high a tile is.
struct TileRows;

impl<E> OnVectors<E> for TileRows {
    type Out = usize;

    unsafe fn run<S: Simd<Elem = E>>(self) -> usize {
        S::ROWS
    }
}

/// Packs a single panel.
struct Pack<T: Element> {
    lines: Lines<T>,
    to: *mut T::Acc,
    width: usize,
}

impl<T: Element> OnVectors<T::Acc> for Pack<T> {
    type Out = ();

    unsafe fn run<S: Simd<Elem = T::Acc>>(self) {
        // SAFETY: the caller's promise.
        unsafe { pack::panels::<S, T>(self.lines, self.to, self.width, 0) }
    }
}

/// A row of tiles.
struct Multiply<T: Element>(TileArgs<T::Acc, T::Acc>);

impl<T: Element> OnVectors<T::Acc> for Multiply<T> {
    type Out = ();

    unsafe fn run<S: Simd<Elem = T::Acc>>(self) {
        let all = self.0;
        let mut column = 0;
        while column < all.cols {
            let left = all.cols - column;
            // A single row has registers for many columns.
            let cols = match all.rows == 1 && left >= WIDE * S::LANES {
                true => WIDE * S::LANES,
                false => left.min(<Fma<S, T> as Kernel>::COLS),
            };
            let tile = TileArgs {
                b: all.b.wrapping_add(column),
                c: all.c.wrapping_add(column),
                ahead: Ahead {
                    pair: [column, column + cols - 1].map(|column| all.ahead.pair[0].wrapping_add(column)),
                    ..all.ahead
                },
                cols,
                ..all
            };
            // SAFETY: inside the columns that the caller promises.
            unsafe { Fma::<S, T>::gathered(&tile) }
            column += cols;
        }
    }
}
