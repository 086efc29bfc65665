//! Loops between memory and registers: strided loads and stores, positions, gathers.

use super::call::{BlockLoop, Call, Elem, Step, clone_for, each, map2};
use super::class::{Class, Stored, with_class, with_stored};
use crate::isa::Isa;
use crate::math::Fma;
use st_kernel::DType;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// `rows` x `cols` elements at `src[0]`, `steps` apart, into a register.
pub(crate) fn load_step(dtype: DType, isa: Isa) -> Step {
    with_stored!(dtype, M => clone_for::<Load<M>>(isa))
}

/// A register (or a number) to `rows` x `cols` elements at `dst`, `steps` apart.
pub(crate) fn store_step(dtype: DType, isa: Isa) -> Step {
    with_stored!(dtype, M => clone_for::<Store<M>>(isa))
}

/// As [`load_step`] from memory that holds registers.
pub(crate) fn spread_step(class: Class, isa: Isa) -> Step {
    with_class!(class, T => clone_for::<Spread<T>>(isa))
}

/// The number `aux[0]` plus the point's row and column times `steps`.
pub(crate) fn position_step(isa: Isa) -> Step {
    clone_for::<Position>(isa)
}

/// Positions `src[0]` moved by indices `src[1]` into a dimension of size `aux[0]` and step `aux[1]`.
pub(crate) fn displace_step(isa: Isa) -> Step {
    clone_for::<Displace>(isa)
}

/// The elements at positions `src[1]` from `src[0]` on; if `aux[1]` is not 0, those are where the rows of the grid begin,
/// and the elements of a row are `aux[0]` apart.
pub(crate) fn gather_step(dtype: DType, isa: Isa) -> Step {
    with_stored!(dtype, M => clone_for::<Gather<M>>(isa))
}

struct Load<M>(PhantomData<M>);

impl<M: Stored> BlockLoop for Load<M> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: promised by the caller.
        unsafe { load(call, M::load) }
    }
}

struct Spread<T>(PhantomData<T>);

impl<T: Elem> BlockLoop for Spread<T> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: promised by the caller.
        unsafe { load(call, |x: T| x) }
    }
}

/// Rows shorter than this are read in runs of so many numbers, for the rest of a row is slow.
const SHORT: usize = 64;
const RUN: usize = 16;
/// Says of a read that nobody writes its memory meanwhile, between its points neither.
pub(crate) const MAY_READ_ON: i64 = 1;

/// Rows of a block that is read across: as many as a cache line has single-precision numbers.
const ACROSS: usize = 16;

#[inline(always)]
unsafe fn load<M: Copy, T: Elem>(call: &Call<'_>, f: impl Fn(M) -> T) {
    let (src, dst): (*const M, *mut T) = (call.src[0].cast(), call.dst.cast());
    for (point, at) in call.grids() {
        // SAFETY: promised by the caller.
        unsafe { load_grid(call, src.wrapping_offset(at), dst.add(point), &f) }
    }
}

#[inline(always)]
unsafe fn load_grid<M: Copy, T: Elem>(call: &Call<'_>, src: *const M, dst: *mut T, f: impl Fn(M) -> T) {
    let [row_step, col_step] = call.steps;
    let (rows, cols) = call.lines();
    // Plain loops: what functions of iterators are handed is compiled for any machine where it is not inlined.
    // SAFETY: the caller promises that all points of the grid can be read and that `dst` has room for them.
    unsafe {
        if cols == 2 && col_step == 0 {
            return twice(dst, src, rows, row_step, f);
        }
        let first = match col_step {
            0 => in_runs::<0, M, T>(call, src, dst, &f),
            1 => in_runs::<1, M, T>(call, src, dst, &f),
            2 => in_runs::<2, M, T>(call, src, dst, &f),
            _ if row_step == 1 => return across(dst, src, rows, cols, col_step, f),
            _ => 0,
        };
        for r in first..rows {
            let start = src.offset(r as isize * row_step);
            let row = std::slice::from_raw_parts_mut(dst.add(r * cols).cast::<MaybeUninit<T>>(), cols);
            line(row, start, col_step, &f);
        }
    }
}

/// Reads each of `count` elements into two places, as where both parts of complex numbers need one of an operand's.
#[inline(always)]
unsafe fn twice<M: Copy, T: Copy>(dst: *mut T, src: *const M, count: usize, step: isize, f: impl Fn(M) -> T) {
    // SAFETY: promised by the caller. A constant step becomes vector instructions.
    unsafe {
        match step {
            1 => twice_spaced(dst, src, count, 1, f),
            2 => twice_spaced(dst, src, count, 2, f),
            _ => twice_spaced(dst, src, count, step, f),
        }
    }
}

#[inline(always)]
unsafe fn twice_spaced<M: Copy, T: Copy>(
    dst: *mut T,
    src: *const M,
    count: usize,
    step: isize,
    f: impl Fn(M) -> T,
) {
    for i in 0..count {
        // SAFETY: the caller promises as many elements, so far apart, and room for two of each.
        unsafe {
            let x = f(*src.offset(i as isize * step));
            *dst.add(2 * i) = x;
            *dst.add(2 * i + 1) = x;
        }
    }
}

/// Reads elements that are `step` apart.
#[inline(always)]
unsafe fn line<M: Copy, T: Elem>(
    out: &mut [MaybeUninit<T>],
    from: *const M,
    step: isize,
    f: impl Fn(M) -> T,
) {
    // SAFETY: the caller promises as many elements, so far apart.
    unsafe {
        match step {
            1 => contiguous(out, std::slice::from_raw_parts(from, out.len()), f),
            0 => out.fill(MaybeUninit::new(f(*from))),
            // A constant step becomes vector instructions.
            2 => spaced::<2, M, T>(out, from, f),
            -1 => spaced::<-1, M, T>(out, from, f),
            _ => {
                for (c, out) in out.iter_mut().enumerate() {
                    out.write(f(*from.offset(c as isize * step)));
                }
            }
        }
    }
}

/// Reads short rows in whole runs, which become vectors: what is written beyond a row, the next row overwrites. Returns
/// the first row to be read otherwise, because nothing follows it in memory or in the register.
#[inline(always)]
unsafe fn in_runs<const STEP: usize, M: Copy, T: Elem>(
    call: &Call<'_>,
    src: *const M,
    dst: *mut T,
    f: impl Fn(M) -> T,
) -> usize {
    let cols = call.lines().1;
    if cols >= SHORT || cols.is_multiple_of(RUN) {
        return 0;
    }
    let rows = rows_in_runs(call);
    for r in 0..rows {
        // SAFETY: the caller promises all points of the grid, and `rows_in_runs` what lies between them.
        unsafe {
            let (start, row) = (src.offset(r as isize * call.steps[0]), dst.add(r * cols));
            let mut from = [*start; RUN];
            for first in (0..cols).step_by(RUN) {
                // All is read before any is written: the compiler cannot know that they are different memory.
                if STEP > 0 {
                    for (c, from) in from.iter_mut().enumerate() {
                        *from = *start.add((first + c) * STEP);
                    }
                }
                let mut run = [T::default(); RUN];
                for (to, &x) in run.iter_mut().zip(&from) {
                    *to = f(x);
                }
                row.add(first).cast::<[T; RUN]>().write_unaligned(run);
            }
        }
    }
    rows
}

#[inline(always)]
unsafe fn spaced<const STEP: isize, M: Copy, T>(
    out: &mut [MaybeUninit<T>],
    from: *const M,
    f: impl Fn(M) -> T,
) {
    for (c, out) in out.iter_mut().enumerate() {
        // SAFETY: the caller promises as many elements, so far apart.
        out.write(f(unsafe { *from.offset(STEP * c as isize) }));
    }
}

/// How many rows of a grid can be read in whole runs: where the grid goes on behind them, in memory and in the register.
fn rows_in_runs(call: &Call<'_>) -> usize {
    let [row_step, col_step] = call.steps;
    let (rows, cols) = call.lines();
    let reach = cols.next_multiple_of(RUN);
    let with_room = (rows + 1).saturating_sub(reach.div_ceil(cols));
    match col_step {
        0 => with_room,
        1 | 2 if row_step > 0 && call.aux[0] == MAY_READ_ON => {
            let beyond = ((reach - cols) * col_step as usize).div_ceil(row_step as usize);
            with_room.min(rows.saturating_sub(beyond))
        }
        _ => 0,
    }
}

#[inline(always)]
fn contiguous<M: Copy, T>(out: &mut [MaybeUninit<T>], from: &[M], f: impl Fn(M) -> T) {
    for (out, &x) in out.iter_mut().zip(from) {
        out.write(f(x));
    }
}

/// Reads columns that are contiguous in memory, a cache line of each at a time.
#[inline(always)]
unsafe fn across<M: Copy, T>(
    dst: *mut T,
    src: *const M,
    rows: usize,
    cols: usize,
    col_step: isize,
    f: impl Fn(M) -> T,
) {
    for top in (0..rows).step_by(ACROSS) {
        let height = ACROSS.min(rows - top);
        for c in 0..cols {
            // SAFETY: the caller promises that all points of the grid can be read and written.
            unsafe {
                let column = src.offset(c as isize * col_step).add(top);
                let out = dst.add(top * cols + c);
                for r in 0..height {
                    *out.add(r * cols) = f(*column.add(r));
                }
            }
        }
    }
}

struct Store<M>(PhantomData<M>);

impl<M: Stored> BlockLoop for Store<M> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        for (point, at) in call.grids() {
            // SAFETY: promised by the caller.
            unsafe { store_grid(call, point, call.dst.cast::<M>().wrapping_offset(at)) }
        }
    }
}

#[inline(always)]
unsafe fn store_grid<M: Stored>(call: &Call<'_>, point: usize, dst: *mut M) {
    let [row_step, col_step] = call.steps;
    let (rows, cols) = call.lines();
    // SAFETY: the caller promises that all points of the grid can be written.
    unsafe {
        let x = M::store(call.number(0));
        for r in 0..rows {
            let start = dst.offset(r as isize * row_step);
            if call.scalar[0] {
                for c in 0..cols {
                    *start.offset(c as isize * col_step) = x;
                }
                continue;
            }
            let from = call.src[0].cast::<M::Reg>().add(point + r * cols);
            let from = std::slice::from_raw_parts(from, cols);
            if col_step == 1 {
                let out = std::slice::from_raw_parts_mut(start.cast::<MaybeUninit<M>>(), cols);
                contiguous(out, from, M::store);
            } else if col_step == 2 {
                from.iter().enumerate().for_each(|(c, &x)| *start.add(2 * c) = M::store(x));
            } else {
                for (c, &x) in from.iter().enumerate() {
                    *start.offset(c as isize * col_step) = M::store(x);
                }
            }
        }
    }
}

/// Writes rows of a register past the caches; elements have `size` bytes in both places.
///
/// # Safety
/// All points of the grid can be read and written, and the elements of a row follow one another. What is written is
/// seen by other threads after [`finish_streams`].
pub(crate) unsafe fn stream(call: &Call<'_>, size: usize) {
    let bytes = call.cols * size;
    for r in 0..call.rows {
        let to = call.dst.wrapping_offset(r as isize * call.steps[0] * size as isize);
        // SAFETY: promised by the caller.
        unsafe { stream_bytes(to, call.src[0].wrapping_add(r * bytes), bytes) }
    }
}

#[cfg(target_arch = "x86_64")]
unsafe fn stream_bytes(to: *mut u8, from: *const u8, bytes: usize) {
    use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_stream_si128};
    const LINE: usize = 64;
    // Only whole lines of the cache go past it.
    let head = to.align_offset(LINE).min(bytes);
    let whole = (bytes - head) / LINE * LINE;
    // SAFETY: `bytes` bytes can be read and written by the caller's promise; streamed words are aligned.
    unsafe {
        to.copy_from_nonoverlapping(from, head);
        for at in (head..head + whole).step_by(size_of::<__m128i>()) {
            _mm_stream_si128(to.add(at).cast(), _mm_loadu_si128(from.add(at).cast()));
        }
        let end = head + whole;
        to.add(end).copy_from_nonoverlapping(from.add(end), bytes - end);
    }
}

#[cfg(not(target_arch = "x86_64"))]
unsafe fn stream_bytes(to: *mut u8, from: *const u8, bytes: usize) {
    // SAFETY: promised by the caller.
    unsafe { to.copy_from_nonoverlapping(from, bytes) }
}

/// Lets other threads see what this one has streamed, once they are told that it is there.
pub(crate) fn finish_streams() {
    // SAFETY: every x86-64 machine has the instruction.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::x86_64::_mm_sfence()
    }
}

struct Position;

impl BlockLoop for Position {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        let [row_step, col_step] = call.steps.map(|s| s as i64);
        // SAFETY: promised by the caller.
        let out = unsafe { call.out::<i64>() };
        let cols = call.lines().1;
        for (point, at) in call.grids() {
            let grid = &mut out[point..point + call.rows * call.cols];
            if cols == 2 {
                let (rows, _) = grid.as_chunks_mut::<2>();
                let mut start = call.aux[0] + at as i64;
                for [first, second] in rows {
                    first.write(start);
                    second.write(start + col_step);
                    start += row_step;
                }
                continue;
            }
            for (r, row) in grid.chunks_mut(cols).enumerate() {
                let start = call.aux[0] + at as i64 + r as i64 * row_step;
                for (c, out) in row.iter_mut().enumerate() {
                    out.write(start + c as i64 * col_step);
                }
            }
        }
    }
}

struct Displace;

impl BlockLoop for Displace {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        let [size, step] = call.aux;
        let wrap = |i: i64| if i < 0 { i.wrapping_add(size) } else { i };
        let outside = |i: i64| wrap(i) as u64 >= size as u64;
        // SAFETY: promised by the caller.
        unsafe {
            let index: &[i64] = match call.scalar[1] {
                true => std::slice::from_ref(&*call.src[1].cast()),
                false => call.vector(1),
            };
            if index.iter().fold(false, |bad, &i| bad | outside(i)) {
                let first = index.iter().copied().find(|&i| outside(i)).unwrap_or_default();
                call.faults.index(first, size);
            }
            map2(call, |at: i64, i: i64| at.wrapping_add(wrap(i).wrapping_mul(step)));
        }
    }
}

struct Gather<M>(PhantomData<M>);

impl<M: Stored> BlockLoop for Gather<M> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        let memory: *const M = call.src[0].cast();
        // SAFETY: promised by the caller; without faults all positions are inside the buffer.
        unsafe {
            let out = call.out::<M::Reg>();
            if call.faults.any() {
                return out.fill(MaybeUninit::new(M::Reg::default()));
            }
            if call.aux[1] != 0 {
                let [rows, cols] = [call.rows, call.cols];
                let starts = std::slice::from_raw_parts(call.src[1].cast::<i64>(), rows);
                for (out, &start) in out.chunks_mut(cols).zip(starts) {
                    line(out, memory.offset(start as isize), call.aux[0] as isize, M::load);
                }
                return;
            }
            let at = call.vector::<i64>(1);
            let first = at[0];
            let run = at.iter().enumerate().fold(true, |run, (i, &x)| run & (x == first + i as i64));
            if run {
                let from = std::slice::from_raw_parts(memory.offset(first as isize), call.n);
                contiguous(out, from, M::load);
            } else {
                each(out, at, |i| (*memory.offset(i as isize)).load());
            }
        }
    }
}
