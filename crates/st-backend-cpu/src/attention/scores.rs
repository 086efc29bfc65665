//! Blocks of scores, and products of blocks.

use super::lanes::Constrain;
use super::matrices::Matrices;
use super::{Float, Inputs, KEYS, QUERIES, Real};
use crate::element::{Element, Flag};
use crate::gemm::{self, Operand, Shape, Sink, Tile};
use crate::isa::isa;
use crate::operand::Shared;
use crate::scratch::Scratch;
use crate::simd::vectorised;
use half::{bf16, f16};
use st_kernel::{Access, Buffer, DType, Launch, Result};
use std::ops::Range;

/// Queries and keys of a block.
pub(super) const MOST_QUERIES: usize = 64;
pub(super) const MOST_KEYS: usize = 256;
/// Queries that the loops work on together, and those where there are few; blocks have room for a multiple of them.
pub(super) const LANES: usize = 32;
pub(super) const FEW_LANES: usize = 4;
/// Room for queries in a row of a block: an odd number of cache lines, because rows a power of two apart would compete
/// for few lines of the first-level cache.
pub(super) const LD: usize = MOST_QUERIES + 16;

/// The block of `0..len` that starts at `start`.
pub(super) fn block(start: usize, most: usize, len: usize) -> Range<usize> {
    start..(start + most).min(len)
}

/// Working memory for a block of scores or of their gradients.
pub(super) fn room<A: Real>(queries: usize) -> Scratch<A> {
    let room = Scratch::<A>::new(MOST_KEYS * LD);
    if !queries.is_multiple_of(LANES) {
        // Lanes without a query compute too; let them be numbers.
        // SAFETY: this is its size; all zero bits are a zero.
        unsafe { room.ptr().write_bytes(0, MOST_KEYS * LD) };
    }
    room
}

/// Computes a product on this thread, its sums row-major at `to`, rows `ld` apart.
///
/// # Safety
/// As for [`gemm::gemm`].
pub(super) unsafe fn product<T: Float>(
    [m, n, k]: [usize; 3],
    a: Operand<T>,
    b: Operand<T>,
    to: *mut T::Acc,
    ld: usize,
) {
    let shape = Shape { batch: 1, m, n, k };
    if T::SUMS_ARE_RESULTS {
        let sink = Sink::Store { c: to.cast(), batch: 0, ld: ld as isize };
        // SAFETY: the caller's promise.
        return unsafe { gemm::gemm_here(isa(), shape, a, b, sink) };
    }
    let to = Shared::new(to);
    let place = |tile: &Tile<T::Acc>| {
        for i in 0..tile.rows {
            // SAFETY: the tile is inside the results, which do not overlap the tile's own memory.
            unsafe {
                to.get().add((tile.row + i) * ld + tile.col).copy_from(tile.row(i).as_ptr(), tile.cols)
            };
        }
    };
    // SAFETY: the caller's promise.
    unsafe { gemm::gemm_here(isa(), shape, a, b, Sink::Tile(&place)) }
}

/// A block of numbers as an operand: rounded to `T` in `room` unless it has that type already.
///
/// # Safety
/// `block` has `keys` rows of `queries` numbers.
pub(super) unsafe fn rounded<T: Float>(
    block: *mut T::Acc,
    room: &Scratch<T>,
    keys: usize,
    queries: usize,
) -> Operand<'static, T> {
    let operand = |ptr: *const T| Operand { ptr, batch: &[], row: LD as isize, col: 1 };
    if T::SUMS_ARE_RESULTS {
        return operand(block.cast());
    }
    for row in 0..keys {
        // SAFETY: the caller's promise; the room is as large as a block.
        unsafe {
            let from = std::slice::from_raw_parts(block.add(row * LD), queries);
            let to = std::slice::from_raw_parts_mut(room.ptr().add(row * LD), queries);
            <T as gemm::Element>::narrow(from, to);
        }
    }
    operand(room.ptr())
}

/// Room for [`rounded`].
pub(super) fn rounded_room<T: Float>() -> Scratch<T> {
    Scratch::new(if T::SUMS_ARE_RESULTS { 0 } else { MOST_KEYS * LD })
}

impl<T: Float> Inputs<T> {
    /// Working memory for what is added to scores, if anything is.
    pub(super) fn extra_room(&self, queries: usize) -> Scratch<T::Acc> {
        if self.causal || self.mask.is_some() { room(queries) } else { Scratch::new(0) }
    }

    /// The same in the type of sums.
    pub(super) fn widened(self) -> Inputs<T::Acc>
    where
        T::Acc: Float<Acc = T::Acc>,
    {
        let Inputs { sizes, q, k, v, mask, causal, scale } = self;
        let (q, k, v) =
            (q.widened(sizes.m, sizes.d), k.widened(sizes.n, sizes.d), v.widened(sizes.n, sizes.dv));
        Inputs { sizes, q, k, v, mask, causal, scale }
    }

    /// How many of the first keys a block of queries sees.
    pub(super) fn seen(&self, queries: &Range<usize>) -> usize {
        if self.causal { self.sizes.n.min(queries.end) } else { self.sizes.n }
    }

    /// Computes the scores of some keys (rows) and queries (columns). They are still to be multiplied by what it returns.
    ///
    /// # Safety
    /// `item`, `keys` and `queries` are within the sizes, `to` is a block's room and `extra` from [`Inputs::extra_room`].
    pub(super) unsafe fn scores(
        &self,
        item: usize,
        keys: &Range<usize>,
        queries: &Range<usize>,
        to: *mut T::Acc,
        extra: *mut T::Acc,
    ) -> T::Acc {
        let shape = [keys.len(), queries.len(), self.sizes.d];
        let (k, q) = (self.k.operand(item, keys.start), self.q.operand(item, queries.start));
        // SAFETY: the caller's promise; the operands were checked when the launch was read.
        unsafe { product(shape, k, q.transposed(), to, LD) };
        let diagonal = self.causal && keys.end > queries.start + 1;
        let block = |at| Block { keys: keys.clone(), queries: queries.clone(), at };
        // SAFETY: the caller's promise.
        unsafe {
            match &self.mask {
                None if !diagonal => return self.scale,
                // Times the scale this is still the lowest of all.
                None if self.scale > T::Acc::default() => {
                    block(to).hide_the_future();
                    return self.scale;
                }
                None => extra.write_bytes(0, keys.len() * LD),
                Some(mask) => mask.read(item, &block(extra)),
            }
            if diagonal {
                block(extra).hide_the_future();
            }
        }
        vectorised(Constrain {
            scores: to,
            extra,
            keys: keys.len(),
            queries: queries.len(),
            scale: self.scale,
        });
        T::Acc::ONE
    }
}

/// A block of scores, or of what is added to them.
struct Block<A> {
    keys: Range<usize>,
    queries: Range<usize>,
    at: *mut A,
}

impl<A: Real> Block<A> {
    unsafe fn hide_the_future(&self) {
        for (row, key) in self.keys.clone().enumerate() {
            let hidden = key.clamp(self.queries.start, self.queries.end) - self.queries.start;
            // SAFETY: the caller promises a block's room.
            unsafe { std::slice::from_raw_parts_mut(self.at.add(row * LD), hidden) }.fill(A::LOWEST);
        }
    }
}

/// Reads what a mask adds to a block of an item.
type Read<A> = dyn Fn(usize, &Block<A>) + Send + Sync;

/// A mask of any dtype.
pub(super) struct Mask<A> {
    read: Box<Read<A>>,
}

impl<A: Real> Mask<A> {
    pub(super) fn new(dtype: DType, launch: &Launch, buffers: &[Buffer], access: &Access) -> Result<Mask<A>> {
        macro_rules! mask {
            ($t:ty) => {{
                let from = Matrices::<$t>::new(launch, buffers, access, QUERIES, Some(KEYS))?;
                // SAFETY: `read` is called within the mask's sizes, which have been checked.
                Box::new(move |item, block| unsafe { copy(&from, item, block) })
            }};
        }
        let read: Box<Read<A>> = match dtype {
            DType::F16 => mask!(f16),
            DType::BF16 => mask!(bf16),
            DType::F32 => mask!(f32),
            DType::F64 => mask!(f64),
            _ => mask!(Flag),
        };
        Ok(Mask { read })
    }

    /// # Safety
    /// The block is within the sizes and has its room.
    unsafe fn read(&self, item: usize, block: &Block<A>) {
        (self.read)(item, block);
    }
}

/// An element of a mask, as what it adds to a score.
trait Added: Element {
    fn added<A: Real>(self) -> A;
}

impl Added for Flag {
    #[inline(always)]
    fn added<A: Real>(self) -> A {
        if self.0 == 0 { A::LOWEST } else { A::default() }
    }
}

macro_rules! added {
    ($($t:ty)*) => {$(
        impl Added for $t {
            #[inline(always)]
            fn added<A: Real>(self) -> A {
                A::from_f64(f64::from(self))
            }
        }
    )*};
}
added!(f16 bf16 f32 f64);

/// # Safety
/// The block is inside the matrix and has its room.
unsafe fn copy<M: Added, A: Real>(from: &Matrices<M>, item: usize, block: &Block<A>) {
    let first = from.at(item, block.queries.start, block.keys.start);
    let [query, key] = from.strides();
    let (rows, cols) = (block.keys.len(), block.queries.len());
    // Small squares, because either side may lie far apart.
    for row in (0..rows).step_by(SQUARE) {
        for col in (0..cols).step_by(SQUARE) {
            for col in col..cols.min(col + SQUARE) {
                for row in row..rows.min(row + SQUARE) {
                    // SAFETY: the caller's promise.
                    unsafe {
                        let x = *first.offset(row as isize * key + col as isize * query);
                        *block.at.add(row * LD + col) = x.added();
                    }
                }
            }
        }
    }
}

/// A cache line of numbers.
const SQUARE: usize = 16;
