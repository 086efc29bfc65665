//! Copies rows of A or columns of B into panels, where one step of k is one run of memory.

use super::element::Element;
use super::simd::{Block, Simd, Work};
use super::tile::Lines;

/// Packs lines so that step p of line i lies at `p * width + i`.
///
/// # Safety
/// The lines are readable, `to` has room for `k * width` values, and the machine has the instructions of S.
pub(super) unsafe fn lines<S: Simd, T: Element<Acc = S::Elem>>(
    lines: Lines<T>,
    to: *mut S::Elem,
    width: usize,
) {
    let pack = Pack { lines, to, width };
    if width > lines.count {
        // Tiles read whole vectors of a panel, though they store only the columns there are.
        // SAFETY: the room for the panel; all zero bits are a zero of every type here.
        unsafe { std::ptr::write_bytes(to, 0, width * lines.k) }
    }
    // SAFETY: the caller's promise.
    unsafe {
        if lines.line == 1 || lines.count == 1 {
            S::enter(Runs(pack))
        } else if lines.step == 1 || lines.k == 1 {
            S::enter(Transposed(pack))
        } else {
            pack.one_by_one();
        }
    }
}

struct Pack<T: Element> {
    lines: Lines<T>,
    to: *mut T::Acc,
    width: usize,
}

impl<T: Element> Pack<T> {
    /// Any strides.
    unsafe fn one_by_one(&self) {
        let Lines { from, line, step, count, k } = self.lines;
        for p in 0..k {
            for i in 0..count {
                // SAFETY: within the lines, and within the room for them.
                unsafe {
                    let x = from.offset(p as isize * step + i as isize * line);
                    widen_run::<T>(x, self.to.add(p * self.width + i), 1);
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn widen_run<T: Element>(from: *const T, to: *mut T::Acc, n: usize) {
    // SAFETY: the caller promises n readable and n writable elements; all types here are plain numbers, for which
    // a slice over scratch memory is only ever written.
    unsafe { T::widen(std::slice::from_raw_parts(from, n), std::slice::from_raw_parts_mut(to, n)) }
}

/// The lines lie side by side: each step of k is a run already.
struct Runs<T: Element>(Pack<T>);

impl<S: Simd, T: Element<Acc = S::Elem>> Work<S> for Runs<T> {
    #[inline(always)]
    unsafe fn run(self) {
        let Pack { lines, to, width } = self.0;
        for p in 0..lines.k {
            // SAFETY: within the lines, and within the room for them.
            unsafe {
                let (from, to) = (lines.from.offset(p as isize * lines.step), to.add(p * width));
                if T::SUMS_ARE_RESULTS {
                    copy_run::<S>(from.cast(), to, lines.count);
                } else {
                    widen_run::<T>(from, to, lines.count);
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn copy_run<S: Simd>(from: *const S::Elem, to: *mut S::Elem, n: usize) {
    let mut i = 0;
    while i < n {
        // SAFETY: the mask ends at n.
        unsafe {
            let mask = S::mask(n - i);
            S::store(to.add(i), S::load(from.add(i), mask), mask);
        }
        i += S::LANES;
    }
}

/// The steps of each line lie side by side: blocks are transposed in registers.
struct Transposed<T: Element>(Pack<T>);

impl<S: Simd, T: Element<Acc = S::Elem>> Work<S> for Transposed<T> {
    #[inline(always)]
    unsafe fn run(self) {
        let Pack { lines, to, width } = self.0;
        let mut widened = [[S::Elem::default(); 16]; 16];
        for i in (0..lines.count).step_by(S::LANES) {
            let rows = (lines.count - i).min(S::LANES);
            for p in (0..lines.k).step_by(S::LANES) {
                let cols = (lines.k - p).min(S::LANES);
                // SAFETY: within the lines, and within the room for them; vectors have at most 16 lanes.
                unsafe {
                    let from = lines.from.offset(i as isize * lines.line).add(p);
                    let (from, from_row) = if T::SUMS_ARE_RESULTS {
                        (from.cast(), lines.line)
                    } else {
                        for (r, row) in widened[..rows].iter_mut().enumerate() {
                            widen_run::<T>(from.offset(r as isize * lines.line), row.as_mut_ptr(), cols);
                        }
                        (widened.as_ptr().cast(), 16)
                    };
                    S::transpose(Block {
                        from,
                        from_row,
                        to: to.add(p * width + i),
                        to_row: width,
                        rows,
                        cols,
                    });
                }
            }
        }
    }
}
