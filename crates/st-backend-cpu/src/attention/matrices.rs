//! A batch of strided matrices, as an access of a launch describes it.

use super::Float;
use crate::element::Element;
use crate::gemm;
use crate::nest::Nest;
use crate::operand::{Shared, operand};
use crate::pool;
use crate::scratch::Scratch;
use st_kernel::{Access, Buffer, Launch, Result};

/// A matrix for each item of the batch, checked to lie in its buffer.
pub(super) struct Matrices<T> {
    first: Shared<T>,
    items: Vec<isize>,
    row: isize,
    col: isize,
    /// Their memory, if it is not a buffer of the launch.
    _own: Option<Scratch<T>>,
}

impl<T: Element> Matrices<T> {
    /// `row` and `col` say which of the launch's last four dimensions these are.
    pub(super) fn new(
        launch: &Launch,
        buffers: &[Buffer],
        access: &Access,
        row: usize,
        col: Option<usize>,
    ) -> Result<Matrices<T>> {
        let first = operand::<T>(buffers, access, &launch.dims)?;
        let batch = launch.dims.len() - 4;
        let nest = Nest::new(&launch.dims[..batch], &[access]);
        let mut items = Vec::with_capacity(nest.points());
        nest.walk(0..nest.points(), 1, |at| items.push(at[0]));
        let stride = |dim: usize| access.strides[batch + dim];
        Ok(Matrices { first, items, row: stride(row), col: col.map_or(0, stride), _own: None })
    }

    /// An element; it may be touched if it is inside the matrix.
    pub(super) fn at(&self, item: usize, row: usize, col: usize) -> *mut T {
        let offset = self.items[item] + row as isize * self.row + col as isize * self.col;
        self.first.get().wrapping_offset(offset)
    }

    /// Distances between rows and between columns.
    pub(super) fn strides(&self) -> [isize; 2] {
        [self.row, self.col]
    }
}

impl<T: Float> Matrices<T> {
    /// A copy in the type of sums, in which items that are the same memory are one.
    pub(super) fn widened(&self, rows: usize, cols: usize) -> Matrices<T::Acc> {
        let mut places = self.items.clone();
        places.sort_unstable();
        places.dedup();
        let memory = Scratch::<T::Acc>::new(places.len() * rows * cols);
        let first = Shared::new(memory.ptr());
        let mut item_at = vec![0; places.len()];
        for (item, place) in self.items.iter().enumerate() {
            item_at[places.partition_point(|p| p < place)] = item;
        }
        pool::for_each(places.len(), &|place| {
            for row in 0..rows {
                // SAFETY: the row is inside both; no other task writes this place.
                unsafe {
                    let to = first.get().add((place * rows + row) * cols);
                    self.read(item_at[place], row, std::slice::from_raw_parts_mut(to, cols));
                }
            }
        });
        let offset = |place: &isize| (places.partition_point(|p| p < place) * rows * cols) as isize;
        let items = self.items.iter().map(offset).collect();
        Matrices { first, items, row: cols as isize, col: 1, _own: Some(memory) }
    }

    /// The rows of one item from `row` on, as an operand of a product.
    pub(super) fn operand(&self, item: usize, row: usize) -> gemm::Operand<'static, T> {
        gemm::Operand { ptr: self.at(item, row, 0), batch: &[], row: self.row, col: self.col }
    }

    /// Reads the beginning of a row.
    ///
    /// # Safety
    /// The row is inside the matrix and at least as long.
    pub(super) unsafe fn read(&self, item: usize, row: usize, to: &mut [T::Acc]) {
        let from = self.at(item, row, 0).cast_const();
        if self.col == 1 {
            // SAFETY: the caller's promise; the elements lie side by side.
            return <T as gemm::Element>::widen(unsafe { std::slice::from_raw_parts(from, to.len()) }, to);
        }
        for (i, to) in to.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let x = unsafe { *from.offset(i as isize * self.col) };
            <T as gemm::Element>::widen(&[x], std::slice::from_mut(to));
        }
    }

    /// Writes the beginning of a row.
    ///
    /// # Safety
    /// The row is inside the matrix and at least as long, and nobody else touches it.
    pub(super) unsafe fn write(&self, item: usize, row: usize, from: &[T::Acc]) {
        let to = self.at(item, row, 0);
        if self.col == 1 {
            // SAFETY: the caller's promise; the elements lie side by side.
            let to = unsafe { std::slice::from_raw_parts_mut(to, from.len()) };
            return <T as gemm::Element>::narrow(from, to);
        }
        for (i, x) in from.iter().enumerate() {
            // SAFETY: the caller's promise.
            let to = unsafe { &mut *to.offset(i as isize * self.col) };
            <T as gemm::Element>::narrow(std::slice::from_ref(x), std::slice::from_mut(to));
        }
    }
}
