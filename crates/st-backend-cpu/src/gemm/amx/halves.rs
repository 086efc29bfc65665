//! bf16 products: what the matrix unit is made for.

use super::super::simd::{Avx512, Block, Simd, Work};
use super::super::tile::{Kernel, Lines, TileArgs};
use super::{SIDE, STEP, Sums, TILE, TILE_LEN, with_sums};
use half::bf16;
use std::arch::asm;
use std::convert::Infallible;

/// The kernel. A panel of A holds, for each 32 steps of k, two tiles of 16 rows; a panel of B two tiles of 16
/// columns, in which two steps of k lie side by side.
pub(in crate::gemm) struct Halves;

impl Kernel for Halves {
    type Elem = bf16;
    type Packed = bf16;
    const ROWS: usize = SIDE;
    const ROW_STEP: usize = SIDE;
    const COLS: usize = SIDE;
    const READS_IN_PLACE: bool = false;
    const K_STEP: usize = STEP;
    type Ahead = Infallible;

    fn k_block(_: usize, _: usize) -> usize {
        1024
    }

    fn panel_rows(_: usize) -> usize {
        Self::ROWS
    }

    unsafe fn pack_a(lines: Lines<bf16>, to: *mut bf16, rows: usize, panel: usize) {
        for (i, lines) in lines.parts(rows).enumerate() {
            // SAFETY: the caller's promise.
            unsafe { Avx512::<f32>::enter(PackA { lines, to: to.add(i * panel) }) }
        }
    }

    unsafe fn pack_b(lines: Lines<bf16>, to: *mut bf16, panel: usize) {
        for (i, lines) in lines.parts(Self::COLS).enumerate() {
            // SAFETY: the caller's promise.
            unsafe { Avx512::<f32>::enter(PackB { lines, to: to.add(i * panel) }) }
        }
    }

    unsafe fn begin() {
        // SAFETY: the caller's promise.
        unsafe { super::begin() }
    }

    unsafe fn end() {
        // SAFETY: the caller's promise.
        unsafe { super::end() }
    }

    unsafe fn tile(args: &TileArgs<bf16, f32>) {
        let steps = args.k.div_ceil(STEP);
        // SAFETY: panels are padded to whole tiles.
        unsafe { with_sums(Sums::of(args, false), || multiply(steps, args.a, args.b)) }
    }
}

/// Adds the products of some pairs of tiles to the sums.
///
/// # Safety
/// The panels hold `steps` pairs of tiles, and the thread has loaded the configuration.
#[inline(always)]
unsafe fn multiply(steps: usize, a: *const bf16, b: *const bf16) {
    if steps == 0 {
        return;
    }
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "2:",
            "tileloadd tmm4, [{a} + {row}]",
            "tileloadd tmm6, [{b} + {row}]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tileloadd tmm7, [{b} + {row} + 1024]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tileloadd tmm5, [{a} + {row} + 1024]",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "add {a}, 2048",
            "add {b}, 2048",
            "dec {steps}",
            "jnz 2b",
            a = inout(reg) a => _, b = inout(reg) b => _, steps = inout(reg) steps => _, row = in(reg) 64usize,
            options(nostack, readonly),
        );
    }
}

impl Lines<bf16> {
    /// The element at step p of line i; zero beyond the lines and steps there are.
    #[inline(always)]
    unsafe fn at(&self, i: usize, p: usize) -> bf16 {
        if i < self.count && p < self.k {
            // SAFETY: the caller promises readable lines.
            unsafe { *self.from.offset(i as isize * self.line + p as isize * self.step) }
        } else {
            bf16::ZERO
        }
    }
}

/// Rows of A: tiles of 16 rows of 32 steps.
struct PackA {
    lines: Lines<bf16>,
    to: *mut bf16,
}

impl Work<Avx512<f32>> for PackA {
    #[inline(always)]
    unsafe fn run(self) {
        let PackA { lines, to } = self;
        for p in (0..lines.k).step_by(STEP) {
            for i in 0..Halves::ROWS {
                // SAFETY: the caller's promise; panels have room for whole tiles.
                unsafe {
                    let to = to.add(p * Halves::ROWS + i * STEP);
                    if i < lines.count && lines.step == 1 && p + STEP <= lines.k {
                        let from = lines.from.offset(i as isize * lines.line).add(p);
                        std::ptr::copy_nonoverlapping(from, to, STEP);
                    } else {
                        for q in 0..STEP {
                            *to.add(q) = lines.at(i, p + q);
                        }
                    }
                }
            }
        }
    }
}

/// Columns of B: tiles of 16 pairs of steps by 16 columns.
struct PackB {
    lines: Lines<bf16>,
    to: *mut bf16,
}

impl Work<Avx512<f32>> for PackB {
    #[inline(always)]
    unsafe fn run(self) {
        let PackB { lines, to } = self;
        for p in (0..lines.k).step_by(STEP) {
            for half in 0..2 {
                let col = half * TILE;
                // SAFETY: the caller's promise; panels have room for whole tiles.
                unsafe {
                    let to = to.add(p * Halves::COLS + half * TILE_LEN);
                    let whole = col + TILE <= lines.count && p + STEP <= lines.k;
                    let from =
                        lines.from.wrapping_offset(col as isize * lines.line + p as isize * lines.step);
                    if whole && lines.line == 1 {
                        interleave(from, lines.step, to);
                    } else if whole && lines.step == 1 && lines.line % 2 == 0 {
                        // Two steps of k are one 32-bit number.
                        let from_row = lines.line / 2;
                        let (from, to) = (from.cast(), to.cast());
                        Avx512::<f32>::transpose(Block {
                            from,
                            from_row,
                            to,
                            to_row: TILE,
                            rows: TILE,
                            cols: TILE,
                        });
                    } else {
                        for pair in 0..TILE {
                            for c in 0..TILE {
                                *to.add(pair * STEP + 2 * c) = lines.at(col + c, p + 2 * pair);
                                *to.add(pair * STEP + 2 * c + 1) = lines.at(col + c, p + 2 * pair + 1);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Rows of B lie in memory: two of them become one row of pairs.
#[inline(always)]
unsafe fn interleave(from: *const bf16, step: isize, to: *mut bf16) {
    for pair in 0..TILE {
        // SAFETY: the caller promises a whole tile.
        unsafe {
            let even = from.offset(2 * pair as isize * step).cast::<[u16; TILE]>().read_unaligned();
            let odd = from.offset((2 * pair as isize + 1) * step).cast::<[u16; TILE]>().read_unaligned();
            let mut pairs = [0u32; TILE];
            for c in 0..TILE {
                pairs[c] = even[c] as u32 | (odd[c] as u32) << 16;
            }
            to.add(pair * STEP).cast::<[u32; TILE]>().write_unaligned(pairs);
        }
    }
}
