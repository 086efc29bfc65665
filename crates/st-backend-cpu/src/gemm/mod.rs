//! Matrix products on the CPU: C = A B for a batch of matrices with any strides and any element type.
//!
//! Read it in this order: this file (what is asked for), [`drive`] (how the work is cut into blocks and shared by
//! the threads), [`pack`] (how operands are laid out for the kernels), [`tile`] (the innermost kernel) over
//! [`simd`] (the vector instructions), of [`pairs`] (those for bf16) or of [`amx`] (Intel's matrix unit). [`vector`] holds products
//! with a single row or column, [`gathered`] and [`packed`] what other kernels ask for: rows anywhere, and a factor that is
//! packed once; [`update`] what algorithms on slices ask for.
//!
//! The order in which products are summed over k depends on shapes and strides only, so results are the same bits
//! for any number of threads.

#![expect(
    clippy::needless_range_loop,
    reason = "kernels index several arrays of registers by one constant range"
)]

#[cfg(target_arch = "x86_64")]
mod amx;
mod drive;
mod element;
mod gathered;
mod output;
mod pack;
mod packed;
#[cfg(target_arch = "x86_64")]
mod pairs;
mod simd;
#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(dead_code, unused_variables, reason = "only Intel's matrix unit packs and multiplies")
)]
mod taps;
#[cfg(test)]
mod tests;
mod tile;
mod update;
mod vector;

pub use element::Element;
pub(crate) use gathered::{Gathered, Panels, copy_rows, transpose};
pub use output::{Sink, Tile};
pub(crate) use packed::{Packed, RowsAt, WIDTH};
pub(crate) use taps::{Filters, Split};
pub use update::{Matrix, subtract_product};

use crate::isa::{Isa, isa};
use crate::pool::num_threads;

/// The sizes of a product: `batch` times (m x k) by (k x n).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Number of products.
    pub batch: usize,
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B.
    pub k: usize,
}

/// A batch of matrices to read. Strides and offsets count elements.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'a, T> {
    /// Where offsets start.
    pub ptr: *const T,
    /// The offset of each matrix of the batch; empty when all are the one at `ptr`.
    pub batch: &'a [isize],
    /// Distance between rows.
    pub row: isize,
    /// Distance between columns.
    pub col: isize,
}

// SAFETY: an address and distances; reading through them is unsafe and says what it needs.
unsafe impl<T: Sync> Send for Operand<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Operand<'_, T> {}

impl<T> Operand<'_, T> {
    /// The first element of one matrix of the batch.
    fn item(&self, index: usize) -> *const T {
        self.ptr.wrapping_offset(self.batch.get(index).copied().unwrap_or(0))
    }

    /// The same matrices read with rows and columns exchanged.
    pub(crate) fn transposed(self) -> Self {
        Operand { row: self.col, col: self.row, ..self }
    }
}

/// A product to compute.
pub(crate) struct Problem<'a, T: Element> {
    shape: Shape,
    a: Operand<'a, T>,
    b: Operand<'a, T>,
    sink: Sink<'a, T>,
    /// How many threads may share the work; the results do not depend on it.
    threads: usize,
}

/// Computes every product of the batch and hands the results to `sink`.
///
/// # Safety
/// Every element that the shape, offsets and strides of `a` and `b` reach must be readable, every element of a
/// stored result writable, and results must overlap neither each other nor the operands. Non-empty lists of
/// offsets have one for each matrix of the batch.
pub unsafe fn gemm<T: Element>(shape: Shape, a: Operand<T>, b: Operand<T>, sink: Sink<T>) {
    // SAFETY: the caller's promise.
    unsafe { gemm_on(isa(), shape, a, b, sink) }
}

/// Fewest rows of a product in bf16 that a matrix unit is used for.
pub(crate) const TILE_ROWS: usize = 16;

/// Whether products in bf16 run on a matrix unit.
pub(crate) fn has_matrix_unit() -> bool {
    isa() == Isa::Amx
}

/// [`gemm`] with given instructions, which this machine must have.
///
/// # Safety
/// As for [`gemm`].
pub(crate) unsafe fn gemm_on<T: Element>(
    isa: Isa,
    shape: Shape,
    a: Operand<T>,
    b: Operand<T>,
    sink: Sink<T>,
) {
    // SAFETY: the caller's promise.
    unsafe { run(isa, &Problem { shape, a, b, sink, threads: num_threads() }) }
}

/// [`gemm`] on the calling thread, for use inside a task that has its share of the threads already.
///
/// # Safety
/// As for [`gemm`].
pub(crate) unsafe fn gemm_here<T: Element>(
    isa: Isa,
    shape: Shape,
    a: Operand<T>,
    b: Operand<T>,
    sink: Sink<T>,
) {
    // SAFETY: the caller's promise.
    unsafe { run(isa, &Problem { shape, a, b, sink, threads: 1 }) }
}

unsafe fn run<T: Element>(isa: Isa, problem: &Problem<T>) {
    let Problem { shape, a, b, .. } = problem;
    if shape.batch == 0 || shape.m == 0 || shape.n == 0 {
        return;
    }
    debug_assert!(a.batch.is_empty() || a.batch.len() == shape.batch);
    debug_assert!(b.batch.is_empty() || b.batch.len() == shape.batch);
    // SAFETY: the caller's promise.
    unsafe { T::run(isa, problem) }
}
