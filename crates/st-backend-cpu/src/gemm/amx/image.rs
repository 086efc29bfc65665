//! Products of units with an image that is split where it lies: each of its three parts has pairs of channels, `len`
//! numbers each, so the sixteen pairs of a tile are rows that far apart, wherever a tap begins.

use super::super::simd::{Avx512, Simd, Work};
use super::thirds::{Parts, Seen};
use super::{SIDE, STEP, Sums, TILE, with_sums};
use std::arch::asm;
use std::arch::x86_64::_mm512_loadu_ps;

/// Splits an image; says whether all its numbers are fit for the unit.
///
/// # Safety
/// `channels * len` numbers are readable, and there is room for as many times three halves of 32 bits.
pub(in crate::gemm) unsafe fn split_image(
    image: *const f32,
    [channels, len]: [usize; 2],
    to: *mut u32,
) -> bool {
    let mut fits = false;
    // SAFETY: the caller's promise.
    unsafe { Avx512::<f32>::enter(SplitImage { image, channels, len, to, fits: &mut fits }) }
    fits
}

struct SplitImage<'a> {
    image: *const f32,
    channels: usize,
    len: usize,
    to: *mut u32,
    fits: &'a mut bool,
}

impl Work<Avx512<f32>> for SplitImage<'_> {
    #[inline(always)]
    unsafe fn run(self) {
        let SplitImage { image, channels, len, to, fits } = self;
        let part = channels / 2 * len;
        // SAFETY: the caller's promise.
        unsafe {
            let mut seen = Seen::nothing();
            for pair in 0..channels / 2 {
                let from = image.add((pair / TILE * STEP + pair % TILE) * len);
                for at in (0..len).step_by(TILE) {
                    let to = to.add(pair * len + at).cast();
                    let (x, y) = (from.add(at), from.add(TILE * len + at));
                    seen = seen.split(_mm512_loadu_ps(x), _mm512_loadu_ps(y), to, 2 * part);
                }
            }
            *fits = seen.is_fit();
        }
    }
}

/// Computes the sums over all taps and channels of units of weights, tap after tap, with what the taps see.
///
/// # Safety
/// After [`begin`](super::begin); the units are there, and the image behind its offsets is as long as the sums are wide.
pub(in crate::gemm) unsafe fn at_taps(
    sums: Sums,
    mut unit: *const Parts,
    image: *const u32,
    [channels, len]: [usize; 2],
    offsets: &[isize],
) {
    let (part, row) = (channels / 2 * len, len * size_of::<u32>());
    // SAFETY: the caller's promise.
    unsafe {
        with_sums(sums, || {
            for &offset in offsets {
                for pair in (0..channels / 2).step_by(TILE) {
                    let first = image.offset(offset).add(pair * len);
                    multiply(unit, [first, first.add(part), first.add(2 * part)], row);
                    unit = unit.add(STEP * SIDE);
                }
            }
        });
    }
}

/// Adds the products of a unit and a tile of each part, whose rows are some bytes apart, to the sums.
///
/// # Safety
/// As for [`at_taps`].
#[inline(always)]
unsafe fn multiply(unit: *const Parts, [first, second, third]: [*const u32; 3], row: usize) {
    // The order is that of units with units.
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "tileloadd tmm4, [{a} + {a_row}]", "tileloadd tmm6, [{first} + {row}]", "tdpbf16ps tmm0, tmm4, tmm6",
            "tileloadd tmm7, [{first} + {row} + 64]", "tdpbf16ps tmm1, tmm4, tmm7",
            "tileloadd tmm5, [{a} + {a_row} + 1024]", "tdpbf16ps tmm2, tmm5, tmm6", "tdpbf16ps tmm3, tmm5, tmm7",
            "tileloadd tmm6, [{second} + {row}]", "tdpbf16ps tmm0, tmm4, tmm6", "tdpbf16ps tmm2, tmm5, tmm6",
            "tileloadd tmm7, [{second} + {row} + 64]", "tdpbf16ps tmm1, tmm4, tmm7", "tdpbf16ps tmm3, tmm5, tmm7",
            "tileloadd tmm6, [{third} + {row}]", "tdpbf16ps tmm0, tmm4, tmm6", "tdpbf16ps tmm2, tmm5, tmm6",
            "tileloadd tmm7, [{third} + {row} + 64]", "tdpbf16ps tmm1, tmm4, tmm7", "tdpbf16ps tmm3, tmm5, tmm7",
            "tileloadd tmm4, [{a} + {a_row} + 2048]", "tileloadd tmm6, [{second} + {row}]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tileloadd tmm7, [{second} + {row} + 64]", "tdpbf16ps tmm1, tmm4, tmm7",
            "tileloadd tmm5, [{a} + {a_row} + 3072]", "tdpbf16ps tmm2, tmm5, tmm6", "tdpbf16ps tmm3, tmm5, tmm7",
            "tileloadd tmm6, [{first} + {row}]", "tdpbf16ps tmm0, tmm4, tmm6", "tdpbf16ps tmm2, tmm5, tmm6",
            "tileloadd tmm7, [{first} + {row} + 64]", "tdpbf16ps tmm1, tmm4, tmm7", "tdpbf16ps tmm3, tmm5, tmm7",
            "tileloadd tmm4, [{a} + {a_row} + 4096]", "tdpbf16ps tmm0, tmm4, tmm6", "tdpbf16ps tmm1, tmm4, tmm7",
            "tileloadd tmm5, [{a} + {a_row} + 5120]", "tdpbf16ps tmm2, tmm5, tmm6", "tdpbf16ps tmm3, tmm5, tmm7",
            a = in(reg) unit, a_row = in(reg) 64usize, row = in(reg) row,
            first = in(reg) first, second = in(reg) second, third = in(reg) third,
            options(nostack, readonly),
        );
    }
}
