//! bf16 products by the dot products of pairs that AVX-512 has for them: two steps of k are one 32-bit number, which
//! the kernels of f32 handle as they would an f32, but for what they multiply with.

use super::pack;
use super::simd::{Avx512, Pairs, Simd, Work};
use super::tile::{Ahead, Fma, Kernel, Lines, TileArgs};
use super::vector::{ByVector, VectorProduct};
use super::{Operand, Problem};
use half::bf16;
use std::convert::Infallible;
use std::ptr::null_mut;

/// The kernel.
pub(super) struct PairKernel;

type Tiles = Fma<Pairs, f32>;

impl Kernel for PairKernel {
    type Elem = bf16;
    type Packed = bf16;
    const ROWS: usize = Tiles::ROWS;
    const COLS: usize = Tiles::COLS;
    const READS_IN_PLACE: bool = false;
    const K_STEP: usize = 2;
    const THREAD_WORK: usize = 2 * Tiles::THREAD_WORK;
    type Ahead = Infallible;

    fn k_block(m: usize, n: usize) -> usize {
        2 * Tiles::k_block(m, n)
    }

    fn panel_rows(rows: usize) -> usize {
        rows
    }

    unsafe fn pack_a(lines: Lines<bf16>, to: *mut bf16, rows: usize, panel: usize) {
        // SAFETY: the caller's promise.
        unsafe { pack_pairs(lines, to, rows, panel) }
    }

    unsafe fn pack_b(lines: Lines<bf16>, to: *mut bf16, panel: usize) {
        // SAFETY: the caller's promise.
        unsafe { pack_pairs(lines, to, Self::COLS, panel) }
    }

    unsafe fn tile(args: &TileArgs<bf16, f32>) {
        let next = args.ahead.pair[0].wrapping_sub(Self::COLS / 2 - 1).cast::<f32>();
        let pair = [next, next.wrapping_add(Self::COLS - 1)];
        let pairs = TileArgs {
            k: args.k.div_ceil(2),
            a: args.a.cast(),
            // Rows and columns of a panel lie as far apart as single steps would.
            a_row: args.a_row,
            a_step: args.a_step,
            b: args.b.cast(),
            b_step: args.b_step,
            b_offsets: args.b_offsets,
            b_whole: true,
            copy: args.copy.cast(),
            ahead: Ahead { every: args.ahead.every, ..Ahead::evenly(pair, Self::COLS as isize) },
            c: args.c,
            c_row: args.c_row,
            rows: args.rows,
            cols: args.cols,
            add: args.add,
        };
        // SAFETY: the caller's promise; panels of B are padded to whole vectors.
        unsafe { Tiles::packed(&pairs) }
    }
}

/// Computes a product with a vector whose matrix has rows of whole pairs; says whether it did.
///
/// # Safety
/// As for [`gemm`](super::gemm), and the machine has the instructions.
pub(super) unsafe fn by_vector(problem: &Problem<bf16>) -> bool {
    let k = problem.shape.k;
    let whole =
        |v: &ByVector<bf16>| v.matrix.col == 1 && v.step == 1 && k.is_multiple_of(2) && v.matrix.row % 2 == 0;
    let Some(vector) = ByVector::of(problem).filter(whole) else { return false };
    // SAFETY: the caller's promise; what is read as 32-bit numbers needs no alignment.
    vector.chunk_by_chunk(&|chunk| unsafe {
        let ptr = vector.matrix.item(chunk.item).cast::<f32>();
        let matrix = Operand { ptr, batch: &[], row: vector.matrix.row / 2, col: 1 };
        let x = vector.vector.item(chunk.item).cast();
        Pairs::enter(VectorProduct { matrix, k: k / 2, x, chunk, wide: null_mut() });
    });
    true
}

/// Packs lines into panels of `width`: pair p of line i of a panel lies at pair `p * width + i`, panels `panel` apart. A
/// step that an odd k lacks is zero, and so are lines that the last panel lacks.
///
/// # Safety
/// As for [`pack::panels`].
unsafe fn pack_pairs(lines: Lines<bf16>, to: *mut bf16, width: usize, panel: usize) {
    let Lines { from, line, step, count, k } = lines;
    // SAFETY: the caller's promise; what is read as 32-bit numbers needs no alignment.
    unsafe {
        if step == 1 && line != 1 && line % 2 == 0 && k.is_multiple_of(2) {
            let pairs = Lines { from: from.cast::<f32>(), line: line / 2, step: 1, count, k: k / 2 };
            return pack::panels::<Avx512<f32>, f32>(pairs, to.cast(), width, panel / 2);
        }
        if count % width > 0 {
            std::ptr::write_bytes(to.add(count / width * panel), 0, width * k.next_multiple_of(2));
        }
        Avx512::<f32>::enter(Interleave { lines, to, width, panel });
    }
}

/// Two steps of each line become one pair.
struct Interleave {
    lines: Lines<bf16>,
    to: *mut bf16,
    width: usize,
    panel: usize,
}

impl Work<Avx512<f32>> for Interleave {
    #[inline(always)]
    unsafe fn run(self) {
        let Interleave { lines: Lines { from, line, step, count, k }, to, width, panel } = self;
        for p in (0..k).step_by(2) {
            // SAFETY: within the lines, and within the room for them.
            unsafe {
                let (mut even, mut to) = (from.offset(p as isize * step), to.add(p * width).cast::<u32>());
                let mut left = count;
                while left > 0 {
                    let n = left.min(width);
                    let odd = (p + 1 < k).then(|| even.offset(step));
                    match (line, odd) {
                        (1, Some(odd)) => side_by_side(even, odd, to, n, 1),
                        (_, Some(odd)) => side_by_side(even, odd, to, n, line),
                        (_, None) => {
                            (0..n).for_each(|i| *to.add(i) = bits(even.offset(i as isize * line)));
                        }
                    }
                    (even, to) = (even.wrapping_offset(n as isize * line), to.wrapping_add(panel / 2));
                    left -= n;
                }
            }
        }
    }
}

/// Inlined with a `line` of 1 it is a loop over vectors.
#[inline(always)]
unsafe fn side_by_side(even: *const bf16, odd: *const bf16, to: *mut u32, n: usize, line: isize) {
    for i in 0..n {
        let at = i as isize * line;
        // SAFETY: the caller promises so many readable elements, and room for the pairs.
        unsafe { *to.add(i) = bits(even.offset(at)) | bits(odd.offset(at)) << 16 }
    }
}

#[inline(always)]
unsafe fn bits(at: *const bf16) -> u32 {
    // SAFETY: the caller promises that it is readable.
    unsafe { u32::from((*at).to_bits()) }
}
