//! Products on Intel's matrix unit (AMX): tiles of 32 by 32 sums, 32 steps of k at a time.
//!
//! The compiler has no stable intrinsics for it, so its instructions are written as assembly. A thread must load a
//! tile configuration before it uses the unit; whether the machine has it, and Linux lets us, is known by
//! [`Isa::Amx`](crate::isa::Isa). [`halves`] multiplies bf16, which the unit is made for, [`thirds`] f32,
//! and [`image`] f32 with what the taps of a convolution see.

mod halves;
mod image;
mod thirds;

pub(super) use halves::Halves;
pub(super) use image::{at_taps, split_image};
pub(super) use thirds::{Thirds, is_kept, pays};

use super::simd::{Avx512, Simd, Work};
use super::tile::TileArgs;
use std::arch::asm;
use std::mem::MaybeUninit;

/// Rows of a tile register, and the bf16 of 64 bytes: one row of A, or sixteen pairs of a row of B.
const TILE: usize = 16;
const STEP: usize = 32;
/// Elements of a tile register.
const TILE_LEN: usize = TILE * STEP;
/// Rows and columns of sums: two tile registers each.
const SIDE: usize = 2 * TILE;

/// All eight tile registers with 16 rows of 64 bytes, in the layout `ldtilecfg` reads.
#[repr(C, align(64))]
struct Config {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    bytes_per_row: [u16; 16],
    rows: [u8; 16],
}

static CONFIG: Config = {
    let mut config =
        Config { palette: 1, start_row: 0, reserved: [0; 14], bytes_per_row: [0; 16], rows: [0; 16] };
    let mut tile = 0;
    while tile < 8 {
        config.bytes_per_row[tile] = 64;
        config.rows[tile] = 16;
        tile += 1;
    }
    config
};

/// Readies the thread for tiles.
///
/// # Safety
/// The machine has the unit, and this process may use it.
pub(super) unsafe fn begin() {
    // SAFETY: the configuration is valid.
    unsafe { asm!("ldtilecfg [{}]", in(reg) &CONFIG, options(nostack, readonly)) }
}

/// Ends what [`begin`] began.
///
/// # Safety
/// After `begin`.
pub(super) unsafe fn end() {
    // SAFETY: the caller's promise.
    unsafe { asm!("tilerelease", options(nostack, nomem)) }
}

/// Where the sums of a tile belong.
pub(super) struct Sums {
    pub(super) c: *mut f32,
    pub(super) c_row: isize,
    pub(super) rows: usize,
    pub(super) cols: usize,
    /// Whether to add to what C holds.
    pub(super) add: bool,
}

impl Sums {
    /// Those of a tile; with `more`, C holds the first of them already. What else the arguments say must not be read here: a
    /// load of several numbers that were stored one by one waits until all tiles before are stored.
    #[inline(always)]
    fn of<P>(args: &TileArgs<P, f32>, more: bool) -> Sums {
        Sums { c: args.c, c_row: args.c_row, rows: args.rows, cols: args.cols, add: args.add || more }
    }
}

/// Keeps sums in the first four registers while `multiply` adds to them. They start at zero: what C holds is added in the
/// end, so that long sums are rounded as those of their blocks are.
///
/// # Safety
/// After [`begin`]; C is as the sums say.
#[inline(always)]
unsafe fn with_sums(sums: Sums, multiply: impl FnOnce()) {
    // SAFETY: C is used directly only where it is as large as the tile.
    unsafe {
        clear();
        multiply();
        if sums.rows == SIDE && sums.cols == SIDE && !sums.add {
            return store(sums.c, sums.c_row);
        }
        let mut room = MaybeUninit::<[f32; SIDE * SIDE]>::uninit();
        store(room.as_mut_ptr().cast(), SIDE as isize);
        Avx512::<f32>::enter(Place { room: room.as_ptr().cast(), sums });
    }
}

/// Stores sums in C, or adds them to what it holds.
struct Place {
    room: *const f32,
    sums: Sums,
}

impl Work<Avx512<f32>> for Place {
    #[inline(always)]
    unsafe fn run(self) {
        let Sums { c, c_row, rows, cols, add } = self.sums;
        for i in 0..rows {
            for j in (0..cols).step_by(TILE) {
                // SAFETY: masks keep to the columns of C, and the room is as wide as the tile.
                unsafe {
                    let (from, to) = (self.room.add(i * SIDE + j), c.offset(i as isize * c_row).add(j));
                    let (x, mask) = (Avx512::<f32>::load_all(from), Avx512::<f32>::mask(cols - j));
                    let x = if add { Avx512::<f32>::add(Avx512::<f32>::load(to, mask), x) } else { x };
                    Avx512::<f32>::store(to, x, mask);
                }
            }
        }
    }
}

/// The corners of the four registers' parts of C, and the bytes between its rows.
fn corners(c: *mut f32, c_row: isize) -> ([*mut f32; 4], isize) {
    let corner = |row: usize, col: usize| c.wrapping_offset(row as isize * c_row).wrapping_add(col);
    let corners = [corner(0, 0), corner(0, TILE), corner(TILE, 0), corner(TILE, TILE)];
    (corners, c_row * size_of::<f32>() as isize)
}

/// Zeros in the registers of the sums. Tile registers are not known to the compiler, so nothing else uses them.
#[inline(always)]
unsafe fn clear() {
    // SAFETY: the caller's promise.
    unsafe {
        asm!("tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3", options(nostack, nomem))
    }
}

/// Stores the registers of the sums.
#[inline(always)]
unsafe fn store(c: *mut f32, c_row: isize) {
    let ([c0, c1, c2, c3], stride) = corners(c, c_row);
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "tilestored [{c0} + {stride}], tmm0",
            "tilestored [{c1} + {stride}], tmm1",
            "tilestored [{c2} + {stride}], tmm2",
            "tilestored [{c3} + {stride}], tmm3",
            c0 = in(reg) c0, c1 = in(reg) c1, c2 = in(reg) c2, c3 = in(reg) c3, stride = in(reg) stride,
            options(nostack),
        );
    }
}
