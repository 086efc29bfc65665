//! Products for algorithms on slices, such as factorisations: `c -= a b`.

use super::{Element, Operand, Shape, Sink, Tile, gemm};
use std::ops::SubAssign;
use std::slice::from_raw_parts_mut;

/// A matrix in a slice: distances between its rows and between its columns count elements.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    /// The elements, the first one first.
    pub elements: &'a [T],
    /// Distance between rows.
    pub row: usize,
    /// Distance between columns.
    pub col: usize,
}

impl<T> Matrix<'_, T> {
    /// Checks that so many rows and columns are there.
    fn operand(&self, rows: usize, cols: usize) -> Operand<'_, T> {
        let last = (rows - 1) * self.row + (cols - 1) * self.col;
        assert!(last < self.elements.len(), "a matrix of {rows} by {cols} is not all in its slice");
        Operand {
            ptr: self.elements.as_ptr(),
            batch: &[],
            row: self.row.cast_signed(),
            col: self.col.cast_signed(),
        }
    }
}

/// Where results are subtracted from.
struct Target<T>(*mut T);

// SAFETY: threads write disjoint tiles.
unsafe impl<T: Send> Sync for Target<T> {}

/// Subtracts the product of `a` (m by k) and `b` (k by n) from the m by n matrix at the beginning of `c`, whose rows are
/// `width` apart.
pub fn subtract_product<T: Element<Acc = T> + SubAssign>(
    c: &mut [T],
    width: usize,
    (m, n, k): (usize, usize, usize),
    a: Matrix<T>,
    b: Matrix<T>,
) {
    if m * n * k == 0 {
        return;
    }
    assert!(n <= width && (m - 1) * width + n <= c.len(), "results of {m} by {n} are not all in their slice");
    let target = Target(c.as_mut_ptr());
    let target = &target;
    let subtract = |tile: &Tile<T>| {
        for i in 0..tile.rows {
            // SAFETY: inside the results, which were checked above; no other tile has these columns of this row.
            let row =
                unsafe { from_raw_parts_mut(target.0.add((tile.row + i) * width + tile.col), tile.cols) };
            row.iter_mut().zip(tile.row(i)).for_each(|(c, &product)| *c -= product);
        }
    };
    let shape = Shape { batch: 1, m, n, k };
    // SAFETY: the operands were checked, and C is borrowed by nobody else.
    unsafe { gemm(shape, a.operand(m, k), b.operand(k, n), Sink::Tile(&subtract)) }
}
