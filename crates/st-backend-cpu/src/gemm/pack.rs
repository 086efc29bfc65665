//! Copies rows of A or columns of B into panels, where one step of k is one run of memory.

use super::element::Element;
use super::simd::{Block, Simd, Work};
use super::tile::Lines;

/// How many runs ahead memory is fetched.
const RUNS_AHEAD: isize = 2;

/// Packs lines into panels of `width`: step p of line i of a panel lies at `p * width + i`, panels `panel` apart.
///
/// # Safety
/// The lines are readable, `to` has room for the panels, and the machine has the instructions of S.
pub(super) unsafe fn panels<S: Simd, T: Element<Acc = S::Elem>>(
    lines: Lines<T>,
    to: *mut S::Elem,
    width: usize,
    panel: usize,
) {
    let pack = Pack { lines, to, width, panel };
    let (whole, rest) = (lines.count / width, lines.count % width);
    if rest > 0 {
        // Tiles read whole vectors of a panel, though they store only the columns there are.
        // SAFETY: the room for the last panel; all zero bits are a zero of every type here.
        unsafe { std::ptr::write_bytes(to.add(whole * panel), 0, width * lines.k) }
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

#[derive(Clone, Copy)]
struct Pack<T: Element> {
    lines: Lines<T>,
    to: *mut T::Acc,
    width: usize,
    panel: usize,
}

impl<T: Element> Pack<T> {
    /// Any strides.
    unsafe fn one_by_one(&self) {
        let Lines { from, line, step, count, k } = self.lines;
        for i in 0..count {
            for p in 0..k {
                // SAFETY: within the lines, and within the room for them.
                unsafe {
                    let x = from.offset(p as isize * step + i as isize * line);
                    widen_run::<T>(x, self.place(i, p), 1);
                }
            }
        }
    }

    /// Where step p of line i goes.
    #[inline(always)]
    unsafe fn place(&self, i: usize, p: usize) -> *mut T::Acc {
        // SAFETY: within the room for the panels.
        unsafe { self.to.add(i / self.width * self.panel + p * self.width + i % self.width) }
    }
}

#[inline(always)]
unsafe fn widen_run<T: Element>(from: *const T, to: *mut T::Acc, n: usize) {
    // SAFETY: the caller promises n readable and n writable elements; all types here are plain numbers, for which
    // a slice over scratch memory is only ever written.
    unsafe { T::widen(std::slice::from_raw_parts(from, n), std::slice::from_raw_parts_mut(to, n)) }
}

/// The lines lie side by side: each step of k is a run already. All panels advance together, so that memory is
/// read in long runs.
struct Runs<T: Element>(Pack<T>);

impl<S: Simd, T: Element<Acc = S::Elem>> Work<S> for Runs<T> {
    #[inline(always)]
    unsafe fn run(self) {
        let Pack { lines, to, width, panel } = self.0;
        for p in 0..lines.k {
            // SAFETY: within the lines, and within the room for them.
            unsafe {
                let (mut from, mut to) = (lines.from.offset(p as isize * lines.step), to.add(p * width));
                let mut left = lines.count;
                while left > 0 {
                    let n = left.min(width);
                    if T::SUMS_ARE_RESULTS {
                        let later = from.wrapping_offset(RUNS_AHEAD * lines.step);
                        S::prefetch_far(later.cast());
                        S::prefetch_far(later.wrapping_add(n - 1).cast());
                        copy_run::<S>(from.cast(), to, n);
                    } else {
                        widen_run::<T>(from, to, n);
                    }
                    (from, to, left) = (from.add(n), to.wrapping_add(panel), left - n);
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn copy_run<S: Simd>(from: *const S::Elem, to: *mut S::Elem, n: usize) {
    let whole = n - n % S::LANES;
    for i in (0..whole).step_by(S::LANES) {
        // SAFETY: a whole vector before n.
        unsafe { S::store(to.add(i), S::load_all(from.add(i)), S::mask(S::LANES)) }
    }
    if whole < n {
        // SAFETY: the mask ends at n.
        unsafe {
            let mask = S::mask(n - whole);
            S::store(to.add(whole), S::load(from.add(whole), mask), mask);
        }
    }
}

/// The steps of each line lie side by side: blocks are transposed in registers.
struct Transposed<T: Element>(Pack<T>);

impl<S: Simd, T: Element<Acc = S::Elem>> Work<S> for Transposed<T> {
    #[inline(always)]
    unsafe fn run(self) {
        let Pack { lines, width, .. } = self.0;
        let mut widened = [[S::Elem::default(); 16]; 16];
        for first in (0..lines.count).step_by(width) {
            let end = (first + width).min(lines.count);
            // SAFETY: within the room for the panels.
            let panel = unsafe { self.0.place(first, 0) };
            for p in (0..lines.k).step_by(S::LANES) {
                let cols = (lines.k - p).min(S::LANES);
                for i in (first..end).step_by(S::LANES) {
                    let rows = (end - i).min(S::LANES);
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
                        let to = panel.add(p * width + i - first);
                        S::transpose(Block { from, from_row, to, to_row: width, rows, cols });
                    }
                }
            }
        }
    }
}
