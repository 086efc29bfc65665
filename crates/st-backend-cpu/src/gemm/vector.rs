//! Products with a single row or column: a matrix is read once, so it is never packed.

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

/// Computes the product if it has one row or column and the matrix suits; says whether it did.
///
/// # Safety
/// As for [`gemm`](super::gemm), and the machine has the instructions of S.
pub(super) unsafe fn run<S: Simd, T: Element<Acc = S::Elem>>(problem: &Problem<T>) -> bool {
    let shape = problem.shape;
    let one_row = shape.m == 1;
    if !T::SUMS_ARE_RESULTS || !(one_row || shape.n == 1) || shape.k == 0 {
        return false;
    }
    // Both cases are matrix times vector: one row is the transposed B times it.
    let (matrix, vector) = if one_row { (problem.b.transposed(), problem.a) } else { (problem.a, problem.b) };
    let (len, step) = if one_row { (shape.n, vector.col) } else { (shape.m, vector.row) };
    if matrix.row != 1 && matrix.col != 1 {
        return false;
    }
    // Columns are read in runs as long as can be; rows are whole anyway, and chunks of them balance the threads.
    let (shortest, parts) = if matrix.row == 1 { (RUN, problem.threads) } else { (8, 4 * problem.threads) };
    let chunk = (THREAD_WORK / shape.k).max(len / parts).next_multiple_of(64).clamp(shortest, CHUNK);
    let chunks = len.div_ceil(chunk);
    for_each(shape.batch * chunks, &|i| {
        let (item, first) = (i / chunks, i % chunks * chunk);
        let count = chunk.min(len - first);
        let sums = Scratch::new(count);
        let x = Scratch::new(shape.k);
        // SAFETY: the caller's promise; the chunk lies inside the results.
        unsafe {
            let product = VectorProduct {
                matrix: Operand { ptr: matrix.item(item), batch: &[], ..matrix },
                first,
                count,
                k: shape.k,
                x: contiguous::<T>(vector.item(item), step, shape.k, &x),
                sums: sums.ptr(),
            };
            S::enter(product);
            let place = match one_row {
                true => Place { batch: item, row: 0, col: first, rows: 1, cols: count },
                false => Place { batch: item, row: first, col: 0, rows: count, cols: 1 },
            };
            problem.sink.deliver(place, sums.ptr(), 1);
        }
    });
    true
}

/// The vector with its elements side by side; copied to `room` where they are not.
unsafe fn contiguous<T: Element>(
    from: *const T,
    step: isize,
    k: usize,
    room: &Scratch<T::Acc>,
) -> *const T::Acc {
    if step == 1 {
        return from.cast();
    }
    for p in 0..k {
        // SAFETY: the caller's promise, and `room` holds k elements of the same type.
        unsafe { *room.ptr().add(p) = *from.offset(p as isize * step).cast() };
    }
    room.ptr()
}

/// `sums[i] = sum over p of matrix[first + i, p] * x[p]`, for `count` results.
struct VectorProduct<'a, T: Element> {
    matrix: Operand<'a, T>,
    first: usize,
    count: usize,
    k: usize,
    x: *const T::Acc,
    sums: *mut T::Acc,
}

impl<S: Simd, T: Element<Acc = S::Elem>> Work<S> for VectorProduct<'_, T> {
    #[inline(always)]
    unsafe fn run(self) {
        let from = self.matrix.ptr.wrapping_offset(self.first as isize * self.matrix.row).cast();
        // SAFETY: the caller's promise.
        unsafe { if self.matrix.row == 1 { self.by_columns::<S>(from) } else { self.by_rows::<S>(from) } }
    }
}

impl<T: Element> VectorProduct<'_, T> {
    /// Columns lie in memory: adds multiples of some of them to all sums.
    #[inline(always)]
    unsafe fn by_columns<S: Simd<Elem = T::Acc>>(&self, from: *const S::Elem) {
        if self.k == 0 {
            // SAFETY: the caller's promise; no column will start the sums.
            return unsafe { std::slice::from_raw_parts_mut(self.sums, self.count) }.fill(T::Acc::default());
        }
        for p in (0..self.k).step_by(SIDE_BY_SIDE) {
            let column = from.wrapping_offset(p as isize * self.matrix.col);
            // SAFETY: the caller's promise.
            unsafe {
                if p + SIDE_BY_SIDE <= self.k {
                    self.add_columns::<S, SIDE_BY_SIDE>(column, p);
                } else {
                    for q in p..self.k {
                        self.add_columns::<S, 1>(from.wrapping_offset(q as isize * self.matrix.col), q);
                    }
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn add_columns<S: Simd<Elem = T::Acc>, const N: usize>(&self, from: *const S::Elem, p: usize) {
        // SAFETY: the caller's promise; the mask ends at the last result.
        unsafe {
            let mut x = [S::splat(S::Elem::default()); N];
            for q in 0..N {
                x[q] = S::splat(*self.x.add(p + q));
            }
            for i in (0..self.count).step_by(S::LANES) {
                let mask = S::mask(self.count - i);
                let mut sum =
                    if p == 0 { S::splat(S::Elem::default()) } else { S::load(self.sums.add(i), mask) };
                for q in 0..N {
                    let y = S::load(from.offset(q as isize * self.matrix.col).add(i), mask);
                    sum = S::mul_add(x[q], y, sum);
                }
                S::store(self.sums.add(i), sum, mask);
            }
        }
    }

    /// Rows lie in memory: dot products of some of them at a time.
    #[inline(always)]
    unsafe fn by_rows<S: Simd<Elem = T::Acc>>(&self, from: *const S::Elem) {
        let mut i = 0;
        while i < self.count {
            let row = from.wrapping_offset(i as isize * self.matrix.row);
            // SAFETY: the caller's promise.
            unsafe {
                if i + SIDE_BY_SIDE <= self.count {
                    self.dot_rows::<S, SIDE_BY_SIDE>(row, i);
                    i += SIDE_BY_SIDE;
                } else {
                    self.dot_rows::<S, 1>(row, i);
                    i += 1;
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn dot_rows<S: Simd<Elem = T::Acc>, const N: usize>(&self, from: *const S::Elem, i: usize) {
        let last = self.k - self.k % S::LANES;
        // SAFETY: the caller's promise; masks end at the last step of k.
        unsafe {
            let zero = S::splat(S::Elem::default());
            let mut sums = [zero; N];
            let full = S::mask(S::LANES);
            for p in (0..last).step_by(S::LANES) {
                let x = S::load(self.x.add(p), full);
                for r in 0..N {
                    let y = S::load(from.offset(r as isize * self.matrix.row).add(p), full);
                    sums[r] = S::mul_add(x, y, sums[r]);
                }
            }
            if last < self.k {
                let tail = S::mask(self.k - last);
                let x = S::load(self.x.add(last), tail);
                for r in 0..N {
                    let y = S::load(from.offset(r as isize * self.matrix.row).add(last), tail);
                    sums[r] = S::mul_add(x, y, sums[r]);
                }
            }
            for r in 0..N {
                *self.sums.add(i + r) = S::sum(sums[r]);
            }
        }
    }
}
