//! Where finished results go: stored as a matrix, or handed tile by tile to a fused epilogue.

use super::element::Element;

/// What becomes of the results.
#[derive(Clone, Copy)]
pub enum Sink<'a, T: Element> {
    /// C is overwritten: row-major, rows `ld` apart, matrices of the batch `batch` apart, in elements.
    Store {
        /// The first element of the first matrix.
        c: *mut T,
        /// Distance between matrices of the batch.
        batch: isize,
        /// Distance between rows.
        ld: isize,
    },
    /// As `Store`, in the type of the sums: what follows is not rounded before.
    Sums {
        /// The first element of the first matrix.
        c: *mut T::Acc,
        /// Distance between matrices of the batch.
        batch: isize,
        /// Distance between rows.
        ld: isize,
    },
    /// Each finished tile is shown once, on any thread, in any order, while it is still in cache.
    Tile(&'a (dyn Fn(&Tile<T::Acc>) + Sync)),
}

// SAFETY: `gemm` writes disjoint parts of C from different threads; the caller made them writable.
unsafe impl<T: Element> Sync for Sink<'_, T> {}

/// A finished rectangle of results, in the type in which they were summed.
#[derive(Clone, Copy, Debug)]
pub struct Tile<Acc> {
    /// Which matrix of the batch.
    pub batch: usize,
    /// The first row in C.
    pub row: usize,
    /// The first column in C.
    pub col: usize,
    /// How many rows.
    pub rows: usize,
    /// How many columns.
    pub cols: usize,
    /// The first result.
    pub(crate) data: *const Acc,
    /// Distance between rows, in results.
    pub(crate) ld: usize,
}

impl<Acc> Tile<Acc> {
    /// The same results at another place.
    pub(crate) fn placed(&self, batch: usize, row: usize, col: usize) -> Self {
        Tile { batch, row, col, ..*self }
    }

    /// Some of its columns, counted from the tile's first.
    pub(crate) fn columns(&self, cols: std::ops::Range<usize>) -> Self {
        assert!(cols.start <= cols.end && cols.end <= self.cols);
        Tile {
            col: self.col + cols.start,
            cols: cols.len(),
            data: self.data.wrapping_add(cols.start),
            ..*self
        }
    }

    /// One row of results; `i` counts from the tile's first row.
    pub fn row(&self, i: usize) -> &[Acc] {
        assert!(i < self.rows);
        // SAFETY: `new` promised rows of `cols` initialised elements, `ld` apart.
        unsafe { std::slice::from_raw_parts(self.data.add(i * self.ld), self.cols) }
    }
}

/// The place of a rectangle in the results.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) batch: usize,
    pub(super) row: usize,
    pub(super) col: usize,
    pub(super) rows: usize,
    pub(super) cols: usize,
}

impl<T: Element> Sink<'_, T> {
    /// Where a result may be summed in place: stored, and in the type of the sums.
    pub(crate) fn in_place(
        &self,
        batch_index: usize,
        row: usize,
        col: usize,
    ) -> Option<(*mut T::Acc, isize)> {
        match *self {
            Sink::Store { c, batch, ld } if T::SUMS_ARE_RESULTS => {
                let offset = batch_index as isize * batch + row as isize * ld + col as isize;
                Some((c.wrapping_offset(offset).cast(), ld))
            }
            Sink::Sums { c, batch, ld } => {
                let offset = batch_index as isize * batch + row as isize * ld + col as isize;
                Some((c.wrapping_offset(offset), ld))
            }
            _ => None,
        }
    }

    /// Delivers finished sums that lie at `data`, rows `ld` apart.
    ///
    /// # Safety
    /// The sums are initialised and readable, and the place is inside the results.
    pub(super) unsafe fn deliver(&self, place: Place, data: *const T::Acc, ld: usize) {
        let Place { batch, row, col, rows, cols } = place;
        // SAFETY: the caller's promise.
        unsafe { self.take(&Tile { batch, row, col, rows, cols, data, ld }) }
    }

    /// Shows or stores a tile.
    ///
    /// # Safety
    /// The tile's place is inside the results.
    pub(crate) unsafe fn take(&self, tile: &Tile<T::Acc>) {
        match *self {
            Sink::Tile(show) => show(tile),
            Sink::Store { c, batch, ld } => {
                for i in 0..tile.rows {
                    let row = tile.batch as isize * batch + (tile.row + i) as isize * ld;
                    // SAFETY: the place is inside the results, which the caller of `gemm` made writable.
                    let out = unsafe {
                        std::slice::from_raw_parts_mut(c.offset(row + tile.col as isize), tile.cols)
                    };
                    T::narrow(tile.row(i), out);
                }
            }
            Sink::Sums { c, batch, ld } => {
                for i in 0..tile.rows {
                    let row = tile.batch as isize * batch + (tile.row + i) as isize * ld;
                    // SAFETY: as above.
                    let out = unsafe {
                        std::slice::from_raw_parts_mut(c.offset(row + tile.col as isize), tile.cols)
                    };
                    out.copy_from_slice(tile.row(i));
                }
            }
        }
    }

    /// The same results, seen from another place: for parts of them. A tile's place is told when it is shown.
    pub(crate) fn placed(self, batch_index: usize, row: usize, col: usize) -> Self {
        let offset =
            |batch: isize, ld: isize| batch_index as isize * batch + row as isize * ld + col as isize;
        match self {
            Sink::Store { c, batch, ld } => {
                Sink::Store { c: c.wrapping_offset(offset(batch, ld)), batch, ld }
            }
            Sink::Sums { c, batch, ld } => Sink::Sums { c: c.wrapping_offset(offset(batch, ld)), batch, ld },
            Sink::Tile(show) => Sink::Tile(show),
        }
    }

    /// Stores one result so many elements after the first.
    ///
    /// # Safety
    /// The sink stores, and the place is inside the results.
    pub(crate) unsafe fn put(&self, at: usize, sum: &T::Acc) {
        // SAFETY: the caller's promise.
        unsafe {
            match *self {
                Sink::Store { c, .. } => {
                    T::narrow(std::slice::from_ref(sum), std::slice::from_mut(&mut *c.add(at)));
                }
                Sink::Sums { c, .. } => *c.add(at) = *sum,
                Sink::Tile(_) => unreachable!("a tile sink cannot be stored to"),
            }
        }
    }
}
