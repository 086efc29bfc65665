//! The vector instructions the kernels are written in: one trait, and a type for each family and element type.

use std::marker::PhantomData;

/// Vectors of one element type. All functions need the family's instructions: call them inside [`Simd::enter`].
pub(super) trait Simd: 'static {
    /// What a lane holds.
    type Elem: Copy + Default + Send + Sync + 'static;
    /// A vector.
    type Vec: Copy;
    /// Says which of the first lanes to load or store.
    type Mask: Copy;
    /// Lanes of a vector.
    const LANES: usize;
    /// Rows of the tallest tile, two vectors wide, whose sums stay in registers.
    const ROWS: usize;

    /// Runs `work` compiled with the family's instructions.
    unsafe fn enter<W: Work<Self>>(work: W)
    where
        Self: Sized;
    /// The first `n` lanes, or all if there are fewer.
    unsafe fn mask(n: usize) -> Self::Mask;
    /// All lanes the same.
    unsafe fn splat(x: Self::Elem) -> Self::Vec;
    /// Loads a whole vector.
    unsafe fn load_all(from: *const Self::Elem) -> Self::Vec;
    /// Loads the masked lanes; the others are zero.
    unsafe fn load(from: *const Self::Elem, mask: Self::Mask) -> Self::Vec;
    /// Stores the masked lanes.
    unsafe fn store(to: *mut Self::Elem, x: Self::Vec, mask: Self::Mask);
    /// x * y + z
    unsafe fn mul_add(x: Self::Vec, y: Self::Vec, z: Self::Vec) -> Self::Vec;
    /// x + y
    unsafe fn add(x: Self::Vec, y: Self::Vec) -> Self::Vec;
    /// The sum of the lanes, in a fixed order.
    unsafe fn sum(x: Self::Vec) -> Self::Elem;
    /// Asks for the cache line at an address, which need not be valid.
    unsafe fn prefetch(at: *const Self::Elem);
    /// The same, but no nearer than the second-level cache.
    unsafe fn prefetch_far(at: *const Self::Elem);

    /// Writes the transpose of a block of at most LANES rows, `from_row` apart, and at most LANES columns.
    #[inline(always)]
    unsafe fn transpose(b: Block<Self::Elem>) {
        for j in 0..b.cols {
            for i in 0..b.rows {
                // SAFETY: inside the block, as the caller promises.
                unsafe { *b.to.add(j * b.to_row + i) = *b.from.offset(i as isize * b.from_row).add(j) };
            }
        }
    }
}

/// A block to transpose: rows `from_row` apart become columns, and columns become rows `to_row` apart.
pub(super) struct Block<T> {
    pub(super) from: *const T,
    pub(super) from_row: isize,
    pub(super) to: *mut T,
    pub(super) to_row: usize,
    pub(super) rows: usize,
    pub(super) cols: usize,
}

/// Something to run inside [`Simd::enter`]. Implementations are `#[inline(always)]`, and so is what they call, so
/// that all of it is compiled with the family's instructions.
pub(super) trait Work<S: Simd> {
    /// Does the work.
    unsafe fn run(self);
}

/// Vectors as arrays, which the compiler maps to whatever the architecture always has.
pub(super) struct Portable<T, const LANES: usize>(PhantomData<T>);

macro_rules! portable {
    ($t:ty, $lanes:literal, $mul_add:expr, $add:expr) => {
        impl Simd for Portable<$t, $lanes> {
            type Elem = $t;
            type Vec = [$t; $lanes];
            type Mask = usize;
            const LANES: usize = $lanes;
            const ROWS: usize = 6;

            #[inline(always)]
            unsafe fn enter<W: Work<Self>>(work: W) {
                // SAFETY: the caller's promise; no special instructions are needed.
                unsafe { work.run() }
            }
            #[inline(always)]
            unsafe fn mask(n: usize) -> usize {
                n.min($lanes)
            }
            #[inline(always)]
            unsafe fn splat(x: $t) -> Self::Vec {
                [x; $lanes]
            }
            #[inline(always)]
            unsafe fn load_all(from: *const $t) -> Self::Vec {
                // SAFETY: the caller's promise.
                unsafe { from.cast::<Self::Vec>().read_unaligned() }
            }
            #[inline(always)]
            unsafe fn load(from: *const $t, mask: usize) -> Self::Vec {
                if mask == $lanes {
                    // SAFETY: all lanes are readable.
                    return unsafe { Self::load_all(from) };
                }
                let mut v = [<$t>::default(); $lanes];
                for i in 0..mask {
                    // SAFETY: the masked lanes are readable.
                    v[i] = unsafe { *from.add(i) };
                }
                v
            }
            #[inline(always)]
            unsafe fn store(to: *mut $t, x: Self::Vec, mask: usize) {
                if mask == $lanes {
                    // SAFETY: all lanes are writable.
                    return unsafe { to.cast::<Self::Vec>().write_unaligned(x) };
                }
                for i in 0..mask {
                    // SAFETY: the masked lanes are writable.
                    unsafe { *to.add(i) = x[i] };
                }
            }
            #[inline(always)]
            unsafe fn mul_add(x: Self::Vec, y: Self::Vec, mut z: Self::Vec) -> Self::Vec {
                for i in 0..$lanes {
                    z[i] = $mul_add(x[i], y[i], z[i]);
                }
                z
            }
            #[inline(always)]
            unsafe fn add(mut x: Self::Vec, y: Self::Vec) -> Self::Vec {
                for i in 0..$lanes {
                    x[i] = $add(x[i], y[i]);
                }
                x
            }
            #[inline(always)]
            unsafe fn sum(x: Self::Vec) -> $t {
                let mut sum = x[0];
                for i in 1..$lanes {
                    sum = $add(sum, x[i]);
                }
                sum
            }
            #[inline(always)]
            unsafe fn prefetch(_: *const $t) {}
            #[inline(always)]
            unsafe fn prefetch_far(_: *const $t) {}
        }
    };
}

/// Fused only where that is an instruction; elsewhere it would be a slow library call.
macro_rules! portable_float {
    ($t:ty, $lanes:literal) => {
        portable!(
            $t,
            $lanes,
            |x: $t, y: $t, z: $t| if cfg!(target_arch = "aarch64") { x.mul_add(y, z) } else { x * y + z },
            |x: $t, y: $t| x + y
        );
    };
}
macro_rules! portable_integer {
    ($t:ty) => {
        portable!($t, 8, |x: $t, y: $t, z: $t| z.wrapping_add(x.wrapping_mul(y)), |x: $t, y| x
            .wrapping_add(y));
    };
}

portable_float!(f32, 4);
portable_float!(f64, 2);
portable_integer!(i64);
portable_integer!(i32);
portable_integer!(i16);
portable_integer!(i8);
portable_integer!(u8);

#[cfg(target_arch = "x86_64")]
mod x86;
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512, Pairs, sixteen, transpose_16x16};
