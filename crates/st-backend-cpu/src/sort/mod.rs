//! Stable sorts and top-k along one dimension.
//!
//! Every element becomes a [key](key) that orders as the element does, packed with its position. Packed keys are distinct,
//! so any sort of them is a stable sort of the elements: short rows go to the standard library's, long ones to a
//! [radix](radix) sort, and a top-k keeps a short list of candidates.

mod key;
mod radix;

use crate::element::with_element;
use crate::math::Fma;
use crate::nest::{Dim, Nest, chunk_size};
use crate::operand::{Shared, operand};
use crate::pool;
use crate::scratch::Scratch;
use crate::simd::{Loops, vectorised};
use key::{Packed, SortKey};
use st_kernel::{Buffer, DType, Launch, Program, Result, Scalar, runtime_err};
use std::marker::PhantomData;
use std::sync::Arc;

/// Rows up to this length are sorted by comparison.
const SHORT: usize = 256;
/// Rows from this length on are sorted by all threads together, if there are fewer rows than threads.
const LONG: usize = 64 * 1024;
/// Elements for which a second thread pays.
const GRAIN: usize = 4 * 1024;
/// Elements a top-k compares with the worst candidate at once.
const GLANCE: usize = 64;

/// The program of a sort.
pub(crate) fn program(descending: bool, dtype: DType) -> Arc<dyn Program> {
    with_element!(dtype, T => Arc::new(Sort::<T> { descending, element: PhantomData }) as Arc<dyn Program>)
}

struct Sort<T> {
    descending: bool,
    element: PhantomData<fn(T)>,
}

impl<T: SortKey> Program for Sort<T> {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], _: &[Scalar]) -> Result<()> {
        let Some((&length, outer)) = launch.dims.split_last() else {
            return Err(runtime_err!("cpu: a sort without dimensions"));
        };
        let kept = launch.ints.first().map_or(length, |&kept| kept.min(length));
        if kept == 0 || launch.dims.contains(&0) {
            return Ok(());
        }
        if u32::try_from(length).is_err() {
            return Err(runtime_err!("cpu: a sort of {length} elements; at most {} are possible", u32::MAX));
        }
        let mut kept_dims = launch.dims.clone();
        kept_dims[outer.len()] = kept;
        let accesses = [&launch.reads[0], &launch.writes[0], &launch.writes[1]];
        let job = Job::<T> {
            read: operand(buffers, accesses[0], &launch.dims)?,
            values: operand(buffers, accesses[1], &kept_dims)?,
            positions: operand(buffers, accesses[2], &kept_dims)?,
            rows: Nest::new(outer, &accesses).merged(),
            axis: Dim { size: length, steps: accesses.map(|a| a.strides[outer.len()]).into_iter().collect() },
            kept,
            flip: if self.descending { u64::MAX } else { 0 },
        };
        job.run();
        Ok(())
    }
}

/// A launch.
struct Job<T> {
    read: Shared<T>,
    values: Shared<T>,
    positions: Shared<i64>,
    rows: Nest,
    axis: Dim,
    /// How many of each row's elements are written.
    kept: usize,
    /// What turns the order of keys around, or 0.
    flip: u64,
}

impl<T: SortKey> Job<T> {
    fn run(&self) {
        let (rows, length, threads) = (self.rows.points(), self.axis.size, pool::num_threads());
        let top_k = self.kept < length / 4;
        if rows < threads && length >= LONG && !top_k {
            let (keys, spare) = (Scratch::new(length), Scratch::new(length));
            return (0..rows).for_each(|row| self.sort_row(row, &keys, &spare, threads));
        }
        let chunk = chunk_size(rows, threads, GRAIN.div_ceil(length));
        pool::for_each(rows.div_ceil(chunk), &|task| {
            let mine = task * chunk..rows.min((task + 1) * chunk);
            if top_k {
                let mut candidates = Vec::with_capacity(candidates(self.kept));
                mine.for_each(|row| self.top_k(row, &mut candidates));
            } else {
                let (keys, spare) = (Scratch::new(length), Scratch::new(length));
                mine.for_each(|row| self.sort_row(row, &keys, &spare, 1));
            }
        });
    }

    fn sort_row(&self, row: usize, keys: &Scratch<T::Packed>, spare: &Scratch<T::Packed>, threads: usize) {
        let at = self.rows.at(row, 3);
        let length = self.axis.size;
        let chunk = chunk_size(length, threads, GRAIN);
        let to = Shared::new(keys.ptr());
        pool::for_each(length.div_ceil(chunk), &|task| {
            let from = task * chunk;
            // SAFETY: the chunks are disjoint parts of the scratch memory.
            let to = unsafe { to.at(from as isize) };
            self.pack(at[0], from, chunk.min(length - from), to);
        });
        // SAFETY: all of it has just been written.
        let keys = unsafe { std::slice::from_raw_parts_mut(keys.ptr(), length) };
        if length <= SHORT {
            keys.sort_unstable();
            self.store(&at, keys, 1);
        } else {
            self.store(&at, radix::sort(keys, spare, threads), threads);
        }
    }

    /// Keeps the elements that may be among the first, and drops the worse half whenever they are too many.
    fn top_k(&self, row: usize, list: &mut Vec<T::Packed>) {
        let at = self.rows.at(row, 3);
        let (length, kept) = (self.axis.size, self.kept);
        let mut glance = [T::Packed::WORST; GLANCE];
        let mut worst = T::Packed::WORST;
        list.clear();
        for from in (0..length).step_by(GLANCE) {
            let count = GLANCE.min(length - from);
            self.pack(at[0], from, count, glance.as_mut_ptr());
            let glance = &glance[..count];
            if !glance.iter().fold(false, |any, &key| any | (key < worst)) {
                continue;
            }
            list.extend(glance.iter().filter(|&&key| key < worst));
            if list.len() + GLANCE > candidates(kept) {
                worst = *list.select_nth_unstable(kept - 1).1;
                list.truncate(kept);
            }
        }
        if list.len() > kept {
            list.select_nth_unstable(kept - 1);
        }
        list[..kept].sort_unstable();
        self.store(&at, &list[..kept], 1);
    }

    /// Packs `count` elements of the row at `row`, beginning with the one at `from`.
    fn pack(&self, row: isize, from: usize, count: usize, to: *mut T::Packed) {
        let step = self.axis.steps[0];
        let read = Shared::new(self.read.get().wrapping_offset(row + from as isize * step));
        vectorised(Pack { read, step, from, count, flip: self.flip, to: Shared::new(to) });
    }

    /// Writes the elements that sorted keys stand for, and their positions.
    fn store(&self, at: &[isize], sorted: &[T::Packed], threads: usize) {
        let [read, value, position] = [self.axis.steps[0], self.axis.steps[1], self.axis.steps[2]];
        let kept = &sorted[..self.kept];
        let chunk = chunk_size(kept.len(), threads, GRAIN);
        pool::for_each(kept.len().div_ceil(chunk), &|task| {
            for (i, packed) in kept.iter().enumerate().skip(task * chunk).take(chunk) {
                let (from, to) = (packed.position() as isize, i as isize);
                // SAFETY: `launch` has checked the operands' bounds; rows and chunks write disjoint elements.
                unsafe {
                    *self.values.at(at[1] + to * value) = *self.read.at(at[0] + from * read);
                    *self.positions.at(at[2] + to * position) = from as i64;
                }
            }
        });
    }
}

/// How long a top-k's list may grow.
fn candidates(kept: usize) -> usize {
    2 * kept + 4 * GLANCE
}

struct Pack<T: SortKey> {
    read: Shared<T>,
    step: isize,
    from: usize,
    count: usize,
    flip: u64,
    to: Shared<T::Packed>,
}

impl<T: SortKey> Loops for Pack<T> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        let each = |step: isize| {
            for i in 0..self.count as isize {
                // SAFETY: `launch` has checked the operand's bounds, and `to` has room for `count`.
                unsafe {
                    let key = (*self.read.at(i * step)).key() ^ self.flip;
                    self.to.at(i).write(T::Packed::new(key, (self.from + i as usize) as u32));
                }
            }
        };
        // A constant step lets the compiler use vectors.
        if self.step == 1 { each(1) } else { each(self.step) }
    }
}
