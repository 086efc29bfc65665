//! bf16 products on Intel's matrix unit (AMX): tiles of 32 by 32 sums, 32 steps of k at a time.
//!
//! The compiler has no stable intrinsics for it, so its instructions are written as assembly. A thread must load a
//! tile configuration before it uses the unit, and the process must ask Linux for the permission once.

use super::simd::{Avx512, Block, Simd, Work};
use super::tile::{Kernel, Lines, TileArgs};
use half::bf16;
use std::arch::asm;
use std::sync::OnceLock;

/// Rows of a tile register, and the elements of 64 bytes: one row of A, or sixteen pairs of a row of B.
const TILE: usize = 16;
const STEP: usize = 32;
/// Elements of a tile register.
const TILE_LEN: usize = TILE * STEP;

/// Whether the machine has the unit and lets us use it.
pub(super) fn available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(|| has_instructions() && ask_permission())
}

fn has_instructions() -> bool {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    const AMX_BF16: u32 = 1 << 22;
    const AMX_TILE: u32 = 1 << 24;
    let wanted = AMX_BF16 | AMX_TILE;
    __cpuid(0).eax >= 7 && __cpuid_count(7, 0).edx & wanted == wanted
}

/// Linux saves the large tile registers only for processes that asked.
#[cfg(target_os = "linux")]
fn ask_permission() -> bool {
    const ARCH_PRCTL: usize = 158;
    const ARCH_REQ_XCOMP_PERM: usize = 0x1023;
    const XFEATURE_XTILEDATA: usize = 18;
    let result: isize;
    // SAFETY: the call changes nothing but this process's permission; Linux clobbers rcx and r11.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") ARCH_PRCTL => result,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") XFEATURE_XTILEDATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result == 0
}

#[cfg(not(target_os = "linux"))]
fn ask_permission() -> bool {
    false
}

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

/// The kernel. A panel of A holds, for each 32 steps of k, two tiles of 16 rows; a panel of B two tiles of 16
/// columns, in which two steps of k lie side by side.
pub(super) struct Amx;

impl Kernel for Amx {
    type Elem = bf16;
    type Packed = bf16;
    const ROWS: usize = 2 * TILE;
    const COLS: usize = 2 * TILE;
    const READS_IN_PLACE: bool = false;
    const K_STEP: usize = STEP;
    const K_BLOCK: usize = 1024;
    const LONG_K_BLOCK: usize = 1024;

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
        // SAFETY: the configuration is valid, and `available` was true.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &CONFIG, options(nostack, readonly)) }
    }

    unsafe fn end() {
        // SAFETY: as above.
        unsafe { asm!("tilerelease", options(nostack, nomem)) }
    }

    unsafe fn tile(args: &TileArgs<bf16, f32>) {
        let steps = args.k.div_ceil(STEP);
        // SAFETY: panels are padded to whole tiles; C is written directly only where it is as large as the tile.
        unsafe {
            if args.rows == Self::ROWS && args.cols == Self::COLS {
                return multiply(steps, args.a, args.b, args.c, args.c_row, args.add);
            }
            let mut room = [[0f32; Self::COLS]; Self::ROWS];
            if args.add {
                for i in 0..args.rows {
                    let row = args.c.offset(i as isize * args.c_row);
                    std::ptr::copy_nonoverlapping(row, room[i].as_mut_ptr(), args.cols);
                }
            }
            multiply(steps, args.a, args.b, room.as_mut_ptr().cast(), Self::COLS as isize, args.add);
            for i in 0..args.rows {
                let row = args.c.offset(i as isize * args.c_row);
                std::ptr::copy_nonoverlapping(room[i].as_ptr(), row, args.cols);
            }
        }
    }
}

/// C (+)= A B for one tile of 32 by 32.
///
/// # Safety
/// The panels hold `steps` pairs of tiles, C has 32 rows of 32, and the thread has loaded the configuration.
unsafe fn multiply(steps: usize, a: *const bf16, b: *const bf16, c: *mut f32, c_row: isize, add: bool) {
    let corner = |row: usize, col: usize| c.wrapping_offset(row as isize * c_row).wrapping_add(col);
    let (c0, c1, c2, c3) = (corner(0, 0), corner(0, TILE), corner(TILE, 0), corner(TILE, TILE));
    let stride = c_row * size_of::<f32>() as isize;
    // SAFETY: the caller's promise. Tile registers are not known to the compiler, so nothing else uses them.
    unsafe {
        if add {
            asm!(
                "tileloadd tmm0, [{c0} + {stride}]",
                "tileloadd tmm1, [{c1} + {stride}]",
                "tileloadd tmm2, [{c2} + {stride}]",
                "tileloadd tmm3, [{c3} + {stride}]",
                c0 = in(reg) c0, c1 = in(reg) c1, c2 = in(reg) c2, c3 = in(reg) c3, stride = in(reg) stride,
                options(nostack, readonly),
            );
        } else {
            asm!("tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3", options(nostack, nomem));
        }
        if steps > 0 {
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
            for i in 0..Amx::ROWS {
                // SAFETY: the caller's promise; panels have room for whole tiles.
                unsafe {
                    let to = to.add(p * Amx::ROWS + i * STEP);
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
                    let to = to.add(p * Amx::COLS + half * TILE_LEN);
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
