//! Products with a single row or column: a matrix is read once, so it is never packed. Sixteen-bit floats are widened a
//! few lines at a time, which stay in the first-level cache until they are multiplied.

use super::element::Element;
use super::output::Place;
use super::simd::{Simd, Work};
use super::{Operand, Problem};
use crate::pool::for_each;
use crate::scratch::Scratch;

/// Results that a chunk computes at a time: few enough that the sums stay in the first-level cache, and, where
/// columns lie in memory, enough that they are read in long runs.
const CHUNK: usize = 2048;
const RUN: usize = 512;
/// Elements of the matrix that are worth a thread's while.
const THREAD_WORK: usize = 32 << 10;
/// Lines read side by side, so that many loads are under way.
const SIDE_BY_SIDE: usize = 8;
/// Elements of each of them that are widened at a time.
const WIDENED: usize = 512;

/// Computes the product if it has one row or column and the matrix suits; says whether it did.
///
/// # Safety
/// As for [`gemm`](super::gemm), and the machine has the instructions of S.
pub(super) unsafe fn run<S: Simd, T: Element<Acc = S::Elem>>(problem: &Problem<T>) -> bool {
    let Some(vector) = ByVector::of(problem) else { return false };
    let k = problem.shape.k;
    // SAFETY: the caller's promise; the chunk lies inside the results.
    vector.chunk_by_chunk(&|chunk| unsafe {
        let x = Scratch::new(k);
        let wide = Scratch::new(if T::SUMS_ARE_RESULTS { 0 } else { SIDE_BY_SIDE * WIDENED });
        let matrix = Operand { ptr: vector.matrix.item(chunk.item), batch: &[], ..vector.matrix };
        let x = contiguous::<T>(vector.vector.item(chunk.item), vector.step, k, &x);
        S::enter(VectorProduct { matrix, k, x, chunk, wide: wide.ptr() });
    });
    true
}

/// A product with a vector: one row is the transposed B times it.
pub(super) struct ByVector<'a, T: Element> {
    problem: &'a Problem<'a, T>,
    pub(super) matrix: Operand<'a, T>,
    pub(super) vector: Operand<'a, T>,
    /// Distance between the vector's elements.
    pub(super) step: isize,
    one_row: bool,
}

/// Some results of one product: `count` from `first` on, and where their sums belong.
#[derive(Clone, Copy)]
pub(super) struct Chunk<E> {
    pub(super) item: usize,
    first: usize,
    count: usize,
    sums: *mut E,
}

impl<'a, T: Element> ByVector<'a, T> {
    /// If the product has one row or column, and the matrix lines that lie in memory.
    pub(super) fn of(problem: &'a Problem<'a, T>) -> Option<ByVector<'a, T>> {
        let (shape, one_row) = (problem.shape, problem.shape.m == 1);
        if !(one_row || shape.n == 1) || shape.k == 0 {
            return None;
        }
        let (matrix, vector) =
            if one_row { (problem.b.transposed(), problem.a) } else { (problem.a, problem.b) };
        let step = if one_row { vector.col } else { vector.row };
        let lies = matrix.row == 1 || matrix.col == 1;
        lies.then_some(ByVector { problem, matrix, vector, step, one_row })
    }

    /// Shares the results between the threads.
    ///
    /// `compute` writes all sums of a chunk.
    pub(super) fn chunk_by_chunk(&self, compute: &(dyn Fn(Chunk<T::Acc>) + Sync)) {
        let (shape, threads) = (self.problem.shape, self.problem.threads);
        let len = if self.one_row { shape.n } else { shape.m };
        // Columns are read in runs as long as can be; rows are whole anyway, and chunks of them balance the threads.
        let (shortest, parts) = if self.matrix.row == 1 { (RUN, threads) } else { (8, 4 * threads) };
        let chunk = (THREAD_WORK / shape.k).max(len / parts).next_multiple_of(64).clamp(shortest, CHUNK);
        let chunks = len.div_ceil(chunk);
        for_each(shape.batch * chunks, &|i| {
            let (item, first) = (i / chunks, i % chunks * chunk);
            let count = chunk.min(len - first);
            let sums = Scratch::new(count);
            compute(Chunk { item, first, count, sums: sums.ptr() });
            let place = match self.one_row {
                true => Place { batch: item, row: 0, col: first, rows: 1, cols: count },
                false => Place { batch: item, row: first, col: 0, rows: count, cols: 1 },
            };
            // SAFETY: all sums have been written; the chunk lies inside the results.
            unsafe { self.problem.sink.deliver(place, sums.ptr(), 1) };
        });
    }
}

/// The vector with its elements side by side, in the type of the sums; copied to `room` where they are not.
unsafe fn contiguous<T: Element>(
    from: *const T,
    step: isize,
    k: usize,
    room: &Scratch<T::Acc>,
) -> *const T::Acc {
    if step == 1 && T::SUMS_ARE_RESULTS {
        return from.cast();
    }
    for p in 0..k {
        // SAFETY: the caller's promise, and `room` holds k elements.
        unsafe { widen(from.offset(p as isize * step), room.ptr().add(p), 1) };
    }
    room.ptr()
}

#[inline(always)]
unsafe fn widen<T: Element>(from: *const T, to: *mut T::Acc, n: usize) {
    // SAFETY: the caller promises n readable and n writable elements; all types here are plain numbers, for which
    // a slice over scratch memory is only ever written.
    unsafe { T::widen(std::slice::from_raw_parts(from, n), std::slice::from_raw_parts_mut(to, n)) }
}

/// `sums[i] = sum over p of matrix[first + i, p] * x[p]`, for the results of a chunk.
pub(super) struct VectorProduct<'a, T: Element> {
    pub(super) matrix: Operand<'a, T>,
    pub(super) k: usize,
    pub(super) x: *const T::Acc,
    pub(super) chunk: Chunk<T::Acc>,
    /// Room for what is widened.
    pub(super) wide: *mut T::Acc,
}

/// Lines of the type of the sums, `apart` from each other.
#[derive(Clone, Copy)]
struct Wide<E> {
    from: *const E,
    apart: isize,
}

impl<S: Simd, T: Element<Acc = S::Elem>> Work<S> for VectorProduct<'_, T> {
    #[inline(always)]
    unsafe fn run(self) {
        let from = self.matrix.ptr.wrapping_offset(self.chunk.first as isize * self.matrix.row);
        // SAFETY: the caller's promise.
        unsafe { if self.matrix.row == 1 { self.by_columns::<S>(from) } else { self.by_rows::<S>(from) } }
    }
}

impl<T: Element> VectorProduct<'_, T> {
    /// Some lines, at most [`WIDENED`] elements of each where they have to be widened.
    #[inline(always)]
    unsafe fn wide(&self, from: *const T, apart: isize, lines: usize, len: usize) -> Wide<T::Acc> {
        if T::SUMS_ARE_RESULTS {
            return Wide { from: from.cast(), apart };
        }
        for i in 0..lines {
            // SAFETY: the caller's promise; there is room for the lines.
            unsafe { widen(from.wrapping_offset(i as isize * apart), self.wide.add(i * WIDENED), len) }
        }
        Wide { from: self.wide, apart: WIDENED as isize }
    }

    /// So many elements of a line are worked on at a time.
    #[inline(always)]
    fn run_of(len: usize) -> usize {
        if T::SUMS_ARE_RESULTS { len.max(1) } else { WIDENED }
    }

    /// Columns lie in memory: adds multiples of some of them to all sums.
    #[inline(always)]
    unsafe fn by_columns<S: Simd<Elem = T::Acc>>(&self, from: *const T) {
        let (apart, run) = (self.matrix.col, Self::run_of(self.chunk.count));
        for p in (0..self.k).step_by(SIDE_BY_SIDE) {
            let columns = SIDE_BY_SIDE.min(self.k - p);
            let from = from.wrapping_offset(p as isize * apart);
            for i in (0..self.chunk.count).step_by(run) {
                let len = run.min(self.chunk.count - i);
                // SAFETY: the caller's promise.
                unsafe {
                    let wide = self.wide(from.wrapping_add(i), apart, columns, len);
                    if columns == SIDE_BY_SIDE {
                        self.add_columns::<S, SIDE_BY_SIDE>(wide, p, i, len);
                        continue;
                    }
                    for q in 0..columns {
                        let from = wide.from.wrapping_offset(q as isize * wide.apart);
                        self.add_columns::<S, 1>(Wide { from, ..wide }, p + q, i, len);
                    }
                }
            }
        }
    }

    /// Adds columns from `p` on to `len` sums from `first` on.
    #[inline(always)]
    unsafe fn add_columns<S: Simd<Elem = T::Acc>, const N: usize>(
        &self,
        columns: Wide<S::Elem>,
        p: usize,
        first: usize,
        len: usize,
    ) {
        // SAFETY: the caller's promise; the mask ends at the last result.
        unsafe {
            let mut x = [S::splat(S::Elem::default()); N];
            for q in 0..N {
                x[q] = S::splat(*self.x.add(p + q));
            }
            for i in (0..len).step_by(S::LANES) {
                let (mask, at) = (S::mask(len - i), self.chunk.sums.add(first + i));
                let mut sum = if p == 0 { S::splat(S::Elem::default()) } else { S::load(at, mask) };
                for q in 0..N {
                    let y = S::load(columns.from.offset(q as isize * columns.apart).add(i), mask);
                    sum = S::mul_add(x[q], y, sum);
                }
                S::store(at, sum, mask);
            }
        }
    }

    /// Rows lie in memory: dot products of some of them at a time.
    #[inline(always)]
    unsafe fn by_rows<S: Simd<Elem = T::Acc>>(&self, from: *const T) {
        let (apart, run) = (self.matrix.row, Self::run_of(self.k));
        let mut i = 0;
        while i < self.chunk.count {
            let rows = if i + SIDE_BY_SIDE <= self.chunk.count { SIDE_BY_SIDE } else { 1 };
            let from = from.wrapping_offset(i as isize * apart);
            for p in (0..self.k).step_by(run) {
                let len = run.min(self.k - p);
                // SAFETY: the caller's promise.
                unsafe {
                    let wide = self.wide(from.wrapping_add(p), apart, rows, len);
                    match rows {
                        1 => self.dot_rows::<S, 1>(wide, p, i, len),
                        _ => self.dot_rows::<S, SIDE_BY_SIDE>(wide, p, i, len),
                    }
                }
            }
            i += rows;
        }
    }

    /// Adds the products of `len` steps of k from `first` on to the sums from `i` on.
    #[inline(always)]
    unsafe fn dot_rows<S: Simd<Elem = T::Acc>, const N: usize>(
        &self,
        rows: Wide<S::Elem>,
        first: usize,
        i: usize,
        len: usize,
    ) {
        let last = len - len % S::LANES;
        // SAFETY: the caller's promise; masks end at the last step of k.
        unsafe {
            let x_at = self.x.add(first);
            let zero = S::splat(S::Elem::default());
            let mut sums = [zero; N];
            let full = S::mask(S::LANES);
            for p in (0..last).step_by(S::LANES) {
                let x = S::load(x_at.add(p), full);
                for r in 0..N {
                    let y = S::load(rows.from.offset(r as isize * rows.apart).add(p), full);
                    sums[r] = S::mul_add(x, y, sums[r]);
                }
            }
            if last < len {
                let tail = S::mask(len - last);
                let x = S::load(x_at.add(last), tail);
                for r in 0..N {
                    let y = S::load(rows.from.offset(r as isize * rows.apart).add(last), tail);
                    sums[r] = S::mul_add(x, y, sums[r]);
                }
            }
            let mut found = [S::Elem::default(); N];
            for r in 0..N {
                found[r] = S::sum(sums[r]);
            }
            let sums = std::slice::from_raw_parts_mut(self.chunk.sums.add(i), N);
            if first == 0 { sums.copy_from_slice(&found) } else { T::accumulate(sums, &found) }
        }
    }
}
