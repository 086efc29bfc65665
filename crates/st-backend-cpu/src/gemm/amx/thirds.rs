//! f32 products on the matrix unit: each number is the sum of three bf16, exactly, and of the nine products of their
//! parts the six that matter in f32 are summed: what is left out is less than a rounding of f32. The unit sums
//! 32 steps before it rounds into C, so results are rather nearer to the true ones than those of multiply-adds.
//!
//! It takes subnormal parts for zero, and parts of what is not finite say nothing. A panel is packed in units of 32
//! lines by 32 steps; a unit with such numbers keeps them as they are, and is multiplied by vectors.

use super::super::Shape;
use super::super::simd::{Avx512, Block, Simd, Work, sixteen, transpose_16x16};
use super::super::tile::{Ahead, Fma, Kernel, Lines, TileArgs};
use super::{SIDE, STEP, Sums, TILE, TILE_LEN, with_sums};
use std::arch::asm;
use std::arch::x86_64::*;
use std::ops::Range;
use std::ptr::{null, null_mut};

/// The room of a number: three bf16.
pub(in crate::gemm) type Parts = [u16; 3];

/// Numbers of a unit.
pub(super) const UNIT: usize = SIDE * STEP;
/// bf16 of a unit of which one part of all numbers lies together, tile after tile.
const PART: usize = 2 * TILE_LEN;
/// The first bf16 of a unit that is kept as it is: not a number, which no part is.
const KEPT: u16 = 0x7fff;
/// Where in such a unit the numbers start, in bf16: the lines of each step side by side.
const KEPT_AT: usize = 1024;
/// The largest first part of a unit lies between these, or is zero: then products of its parts are neither subnormal nor
/// infinite. Smaller numbers lose their last parts from some 1e-33 on, as all f32 lose digits from 1e-38 on.
const LEAST: u32 = (127 - 46) << 7;
const MOST: u32 = (127 + 60) << 7;

/// Whether the matrix unit is sooner done with a product than vectors are: as measured, in hundredths of a cycle.
pub(in crate::gemm) fn pays(Shape { m, n, k, .. }: Shape) -> bool {
    const START: u128 = 400_000;
    const MULTIPLY_ADD: u128 = 4;
    const UNITS: u128 = 44_000;
    /// A number, where all of them stay in the second-level cache, and where they do not.
    const PACKED: [u128; 2] = [80, 120];
    const CACHE: u128 = 1 << 20;
    let [whole_m, whole_n, whole_k] =
        [m.div_ceil(SIDE), n.div_ceil(SIDE), k.div_ceil(STEP)].map(|x| x as u128);
    let [m, n, k] = [m, n, k].map(|x| x as u128);
    let packed = (m + n) * k;
    let each = PACKED[usize::from(packed * size_of::<Parts>() as u128 > CACHE)];
    START + whole_m * whole_n * whole_k * UNITS + packed * each < m * n * k * MULTIPLY_ADD
}

/// The kernel. A unit of A or B holds, for each of the three parts, the two tiles that bf16 products have.
pub(in crate::gemm) struct Thirds;

impl Kernel for Thirds {
    type Elem = f32;
    type Packed = Parts;
    const ROWS: usize = SIDE;
    const ROW_STEP: usize = SIDE;
    const COLS: usize = SIDE;
    const READS_IN_PLACE: bool = false;
    const K_STEP: usize = STEP;
    const A_BLOCK_BYTES: usize = 800 << 10;
    const THREAD_WORK: usize = 300_000;
    const PACKS_AHEAD: bool = true;
    type Ahead = Panel;

    fn k_block(m: usize, _: usize) -> usize {
        // Sums are added to seldom, unless the block then has too many steps for all rows.
        const FEW: usize = 512;
        const MANY: usize = 1024;
        let fit = |steps: usize| m * steps * size_of::<Parts>() <= Self::A_BLOCK_BYTES;
        if fit(FEW) && !fit(MANY) { FEW } else { MANY }
    }

    fn panel_rows(_: usize) -> usize {
        Self::ROWS
    }

    unsafe fn pack_a(lines: Lines<f32>, to: *mut Parts, rows: usize, panel: usize) {
        // SAFETY: the caller's promise.
        unsafe { Avx512::<f32>::enter(PackA { lines, to, rows, panel }) }
    }

    unsafe fn pack_b(lines: Lines<f32>, to: *mut Parts, panel: usize) {
        let each = lines.parts(Self::COLS).enumerate();
        let mut panels: Vec<Panel> =
            each.map(|(i, lines)| Panel::new(lines, to.wrapping_add(i * panel))).collect();
        // From unit to unit the way memory does.
        let at_once = if lines.line == 1 { QUARTERS } else { usize::MAX };
        for _ in (0..lines.k.div_ceil(STEP)).step_by(at_once / QUARTERS) {
            // SAFETY: the caller's promise.
            panels.iter_mut().for_each(|panel| unsafe { panel.pack(at_once) });
        }
    }

    fn ahead(lines: Lines<f32>, to: *mut Parts) -> Option<Panel> {
        Some(Panel::new(lines, to))
    }

    unsafe fn begin() {
        // SAFETY: the caller's promise.
        unsafe { super::begin() }
    }

    unsafe fn end() {
        // SAFETY: the caller's promise.
        unsafe { super::end() }
    }

    unsafe fn tile(args: &TileArgs<Parts, f32>) {
        // SAFETY: the caller's promise.
        unsafe { by_units(args, || ()) }
    }

    unsafe fn tile_ahead(args: &TileArgs<Parts, f32>, ahead: &mut Panel, tiles: usize) {
        let units = args.k.div_ceil(STEP);
        let share = ahead.left().div_ceil(tiles * units);
        // SAFETY: the caller's promise.
        unsafe {
            by_units(args, || ahead.pack(share));
            if tiles == 1 {
                ahead.pack(usize::MAX);
            }
        }
    }
}

/// Multiplies unit after unit, and does something else after each: the matrix unit works on meanwhile.
#[inline(always)]
unsafe fn by_units(args: &TileArgs<Parts, f32>, mut meanwhile: impl FnMut()) {
    let units = args.k.div_ceil(STEP);
    // SAFETY: the caller's promise; panels are padded to whole units.
    unsafe {
        let mut done = by_tiles(args, 0, &mut meanwhile);
        while done < units {
            by_vectors(args, done);
            done += 1;
            if done < units {
                done = by_tiles(args, done, &mut meanwhile);
            }
        }
    }
}

/// Multiplies units from one on, up to the first that is kept as it is; says which that is, or how many there are.
#[inline(always)]
unsafe fn by_tiles(args: &TileArgs<Parts, f32>, first: usize, meanwhile: &mut impl FnMut()) -> usize {
    let sums = Sums::of(args, first > 0);
    let units = Units { a: args.a, b: args.b, range: first..args.k.div_ceil(STEP) };
    let (tall, wide) = (sums.rows > TILE, sums.cols > TILE);
    let mut end = first;
    // SAFETY: the caller's promise.
    unsafe {
        with_sums(sums, || {
            end = match (tall, wide) {
                (true, true) => units.each(|a, b| multiply_2x2(a, b), meanwhile),
                (true, false) => units.each(|a, b| multiply_2x1(a, b), meanwhile),
                (false, true) => units.each(|a, b| multiply_1x2(a, b), meanwhile),
                (false, false) => units.each(|a, b| multiply_1x1(a, b), meanwhile),
            };
        });
    }
    end
}

/// Units of two panels.
struct Units {
    a: *const Parts,
    b: *const Parts,
    range: Range<usize>,
}

impl Units {
    /// Multiplies up to the first unit that is kept as it is, and says which that is.
    #[inline(always)]
    unsafe fn each(
        &self,
        multiply: impl Fn(*const Parts, *const Parts),
        meanwhile: &mut impl FnMut(),
    ) -> usize {
        for unit in self.range.clone() {
            let (a, b) = (self.a.wrapping_add(unit * UNIT), self.b.wrapping_add(unit * UNIT));
            // SAFETY: the caller promises the units.
            unsafe {
                if is_kept(a) || is_kept(b) {
                    return unit;
                }
                multiply(a, b);
            }
            meanwhile();
        }
        self.range.end
    }
}

/// A function that adds the product of two units to the sums. Of the parts the first lie at 0, the second at 2048, the
/// third at 4096 bytes, and tiles 1024 apart.
macro_rules! multiply {
    ($name:ident, $($instruction:literal)*) => {
        #[inline(always)]
        unsafe fn $name(a: *const Parts, b: *const Parts) {
            // SAFETY: the caller promises the units, and that the thread has loaded the configuration.
            unsafe {
                asm!(
                    $($instruction,)*
                    a = in(reg) a, b = in(reg) b, row = in(reg) 64usize,
                    options(nostack, readonly),
                );
            }
        }
    };
}

// First of A with all of B, then second with second and first, then third with first.
multiply!(multiply_2x2,
    "tileloadd tmm4, [{a} + {row}]" "tileloadd tmm6, [{b} + {row}]" "tdpbf16ps tmm0, tmm4, tmm6"
    "tileloadd tmm7, [{b} + {row} + 1024]" "tdpbf16ps tmm1, tmm4, tmm7"
    "tileloadd tmm5, [{a} + {row} + 1024]" "tdpbf16ps tmm2, tmm5, tmm6" "tdpbf16ps tmm3, tmm5, tmm7"
    "tileloadd tmm6, [{b} + {row} + 2048]" "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm2, tmm5, tmm6"
    "tileloadd tmm7, [{b} + {row} + 3072]" "tdpbf16ps tmm1, tmm4, tmm7" "tdpbf16ps tmm3, tmm5, tmm7"
    "tileloadd tmm6, [{b} + {row} + 4096]" "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm2, tmm5, tmm6"
    "tileloadd tmm7, [{b} + {row} + 5120]" "tdpbf16ps tmm1, tmm4, tmm7" "tdpbf16ps tmm3, tmm5, tmm7"
    "tileloadd tmm4, [{a} + {row} + 2048]" "tileloadd tmm6, [{b} + {row} + 2048]" "tdpbf16ps tmm0, tmm4, tmm6"
    "tileloadd tmm7, [{b} + {row} + 3072]" "tdpbf16ps tmm1, tmm4, tmm7"
    "tileloadd tmm5, [{a} + {row} + 3072]" "tdpbf16ps tmm2, tmm5, tmm6" "tdpbf16ps tmm3, tmm5, tmm7"
    "tileloadd tmm6, [{b} + {row}]" "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm2, tmm5, tmm6"
    "tileloadd tmm7, [{b} + {row} + 1024]" "tdpbf16ps tmm1, tmm4, tmm7" "tdpbf16ps tmm3, tmm5, tmm7"
    "tileloadd tmm4, [{a} + {row} + 4096]" "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm1, tmm4, tmm7"
    "tileloadd tmm5, [{a} + {row} + 5120]" "tdpbf16ps tmm2, tmm5, tmm6" "tdpbf16ps tmm3, tmm5, tmm7"
);
multiply!(multiply_2x1,
    "tileloadd tmm4, [{a} + {row}]" "tileloadd tmm5, [{a} + {row} + 1024]"
    "tileloadd tmm6, [{b} + {row}]" "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm2, tmm5, tmm6"
    "tileloadd tmm7, [{b} + {row} + 2048]" "tdpbf16ps tmm0, tmm4, tmm7" "tdpbf16ps tmm2, tmm5, tmm7"
    "tileloadd tmm6, [{b} + {row} + 4096]" "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm2, tmm5, tmm6"
    "tileloadd tmm4, [{a} + {row} + 2048]" "tileloadd tmm5, [{a} + {row} + 3072]"
    "tdpbf16ps tmm0, tmm4, tmm7" "tdpbf16ps tmm2, tmm5, tmm7"
    "tileloadd tmm6, [{b} + {row}]" "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm2, tmm5, tmm6"
    "tileloadd tmm4, [{a} + {row} + 4096]" "tileloadd tmm5, [{a} + {row} + 5120]"
    "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm2, tmm5, tmm6"
);
multiply!(multiply_1x2,
    "tileloadd tmm6, [{b} + {row}]" "tileloadd tmm7, [{b} + {row} + 1024]"
    "tileloadd tmm4, [{a} + {row}]" "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm1, tmm4, tmm7"
    "tileloadd tmm5, [{a} + {row} + 2048]" "tdpbf16ps tmm0, tmm5, tmm6" "tdpbf16ps tmm1, tmm5, tmm7"
    "tileloadd tmm4, [{a} + {row} + 4096]" "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm1, tmm4, tmm7"
    "tileloadd tmm6, [{b} + {row} + 2048]" "tileloadd tmm7, [{b} + {row} + 3072]"
    "tdpbf16ps tmm0, tmm5, tmm6" "tdpbf16ps tmm1, tmm5, tmm7"
    "tileloadd tmm4, [{a} + {row}]" "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm1, tmm4, tmm7"
    "tileloadd tmm6, [{b} + {row} + 4096]" "tileloadd tmm7, [{b} + {row} + 5120]"
    "tdpbf16ps tmm0, tmm4, tmm6" "tdpbf16ps tmm1, tmm4, tmm7"
);
multiply!(multiply_1x1,
    "tileloadd tmm4, [{a} + {row}]" "tileloadd tmm6, [{b} + {row}]" "tdpbf16ps tmm0, tmm4, tmm6"
    "tileloadd tmm7, [{b} + {row} + 2048]" "tdpbf16ps tmm0, tmm4, tmm7"
    "tileloadd tmm5, [{b} + {row} + 4096]" "tdpbf16ps tmm0, tmm4, tmm5"
    "tileloadd tmm5, [{a} + {row} + 2048]" "tdpbf16ps tmm0, tmm5, tmm6" "tdpbf16ps tmm0, tmm5, tmm7"
    "tileloadd tmm4, [{a} + {row} + 4096]" "tdpbf16ps tmm0, tmm4, tmm6"
);

/// Whether a unit is kept as it is.
pub(in crate::gemm) unsafe fn is_kept(unit: *const Parts) -> bool {
    // SAFETY: the caller promises a unit.
    unsafe { *unit.cast::<u16>() == KEPT }
}

/// Panels of so many rows of A.
struct PackA {
    lines: Lines<f32>,
    to: *mut Parts,
    rows: usize,
    panel: usize,
}

impl Work<Avx512<f32>> for PackA {
    /// Goes from unit to unit the way memory does.
    #[inline(always)]
    unsafe fn run(self) {
        let (panels, units) = (self.lines.count.div_ceil(self.rows), self.lines.k.div_ceil(STEP));
        let mut room = [[0f32; SIDE]; STEP];
        for i in 0..panels * units {
            let (panel, unit) =
                if self.lines.line == 1 { (i % panels, i / panels) } else { (i / units, i % units) };
            // SAFETY: the caller's promise.
            unsafe { self.unit(panel, unit, room.as_mut_ptr().cast()) }
        }
    }
}

impl PackA {
    #[inline(always)]
    unsafe fn unit(&self, panel: usize, unit: usize, room: *mut f32) {
        let lines = unit_of(&self.lines, panel * self.rows, self.rows, unit);
        let Lines { from, line, step, count, k } = lines;
        let to = self.to.wrapping_add(panel * self.panel + unit * UNIT).cast::<u16>();
        // SAFETY: inside the lines; panels have room for whole units.
        unsafe {
            let next = Rows { at: from.wrapping_add(SIDE), step: if step == 1 { line } else { step } };
            let numbers = match (count, k, step) {
                (SIDE, SIDE, 1) => Rows { at: from, step: line },
                _ => gather(
                    &Block { from, from_row: line, to: room, to_row: SIDE, rows: count, cols: k },
                    step,
                ),
            };
            let mut seen = Seen::nothing();
            for i in 0..TILE {
                for row in [next.row(i), next.row(i + TILE)] {
                    Avx512::<f32>::prefetch_far(row);
                    Avx512::<f32>::prefetch_far(row.wrapping_add(TILE));
                }
                for (tile, row) in [numbers.row(i), numbers.row(i + TILE)].into_iter().enumerate() {
                    let (x, y) = (_mm512_loadu_ps(row), _mm512_loadu_ps(row.add(TILE)));
                    seen = seen.split(x, y, to.add(tile * TILE_LEN + i * STEP), PART);
                }
            }
            if !seen.is_fit() {
                keep(&lines, to);
            }
        }
    }
}

/// Lines and steps of a unit.
#[inline(always)]
fn unit_of(lines: &Lines<f32>, first: usize, most: usize, unit: usize) -> Lines<f32> {
    let Lines { from, line, step, count, k } = *lines;
    let at = unit * STEP;
    Lines {
        from: from.wrapping_offset(first as isize * line + at as isize * step),
        count: (count - first).min(most),
        k: (k - at).min(STEP),
        ..*lines
    }
}

/// Columns of B, packed a quarter of a unit at a time: 8 times 16 columns of a pair of steps, 16 apart.
pub(in crate::gemm) struct Panel {
    lines: Lines<f32>,
    to: *mut Parts,
    /// Quarters that are done.
    done: usize,
    seen: Seen,
}

/// Parts of a unit.
const QUARTERS: usize = 4;
const PAIRS: usize = TILE / 2;

impl Panel {
    fn new(lines: Lines<f32>, to: *mut Parts) -> Panel {
        Panel { lines, to, done: 0, seen: Seen::nothing() }
    }

    /// Quarters that are left.
    fn left(&self) -> usize {
        self.lines.k.div_ceil(STEP) * QUARTERS - self.done
    }

    /// Packs some of what is left.
    ///
    /// # Safety
    /// The lines are readable, there is room for them, and the machine has the instructions.
    unsafe fn pack(&mut self, quarters: usize) {
        // SAFETY: the caller's promise.
        unsafe { Avx512::<f32>::enter(Quarters { panel: self, count: quarters }) }
    }

    #[inline(always)]
    unsafe fn quarter(&mut self, mut seen: Seen) -> Seen {
        let (unit, quarter) = (self.done / QUARTERS, self.done % QUARTERS);
        let lines = unit_of(&self.lines, 0, SIDE, unit);
        let to = self.to.wrapping_add(unit * UNIT).cast::<u16>();
        // Beyond the last unit there may be what another thread writes.
        let next = if self.lines.k > (unit + 1) * STEP { STEP } else { 0 };
        let is_along = lines.step == 1;
        // SAFETY: inside the lines; panels have room for whole units.
        unsafe {
            let steps = match is_along {
                true => pairs_along(&lines, quarter, next),
                false => pairs_across(&lines, quarter, next),
            };
            for i in 0..PAIRS {
                let (half, pair) = place(is_along, quarter, i);
                let to = to.add(half * TILE_LEN + pair * STEP);
                seen = seen.split(steps[i], steps[PAIRS + i], to, PART);
            }
            if quarter + 1 == QUARTERS {
                if !seen.is_fit() {
                    keep(&lines, to);
                }
                seen = Seen::nothing();
            }
        }
        self.done += 1;
        seen
    }
}

/// Which half of the columns, and which pair of steps, vector `i` of a quarter is of: half of the columns, or a quarter of
/// the steps.
#[inline(always)]
fn place(is_along: bool, quarter: usize, i: usize) -> (usize, usize) {
    if is_along { (quarter / 2, quarter % 2 * PAIRS + i) } else { (i % 2, quarter * PAIRS / 2 + i / 2) }
}

/// A quarter of a unit whose steps lie side by side, the first steps of all pairs and then the second. Fetches what is so
/// many steps on.
#[inline(always)]
unsafe fn pairs_along(lines: &Lines<f32>, quarter: usize, next: usize) -> [__m512; TILE] {
    let (half, first) = place(true, quarter, 0);
    let from = lines.from.wrapping_offset((half * TILE) as isize * lines.line).wrapping_add(first);
    let count = lines.count.saturating_sub(half * TILE);
    let masks = [below(lines.k.saturating_sub(first)), below(lines.k.saturating_sub(first + TILE))];
    // SAFETY: masks keep to the lines and steps there are.
    unsafe {
        transpose_16x16(sixteen!(i => {
            let from = from.wrapping_offset(i as isize * lines.line);
            Avx512::<f32>::prefetch_far(from.wrapping_add(next));
            let is_there = below(usize::from(i < count) * PAIRS);
            let low = _mm256_maskz_loadu_ps(masks[0] & is_there, from);
            let high = _mm256_maskz_loadu_ps(masks[1] & is_there, from.wrapping_add(TILE));
            _mm512_insertf32x8::<1>(_mm512_castps256_ps512(low), high)
        }))
    }
}

/// The same where the columns lie side by side, or nothing does.
#[inline(always)]
unsafe fn pairs_across(lines: &Lines<f32>, quarter: usize, next: usize) -> [__m512; TILE] {
    let &Lines { from, line, step, count, k } = lines;
    // SAFETY: masks keep to the lines and steps there are.
    unsafe {
        sixteen!(i => {
            let (half, pair) = place(false, quarter, i % PAIRS);
            let at = pair + i / PAIRS * TILE;
            let from = from.wrapping_offset((half * TILE) as isize * line + at as isize * step);
            Avx512::<f32>::prefetch_far(from.wrapping_offset(next as isize * step));
            let mask = Avx512::<f32>::mask(if at < k { count.saturating_sub(half * TILE) } else { 0 });
            if line == 1 { _mm512_maskz_loadu_ps(mask, from) } else { one_by_one(from, line, mask) }
        })
    }
}

/// Bits for so many lanes of eight.
fn below(lanes: usize) -> u8 {
    if lanes >= PAIRS { u8::MAX } else { (1 << lanes) - 1 }
}

/// Numbers that are some way apart.
#[cold]
unsafe fn one_by_one(from: *const f32, apart: isize, mask: u16) -> __m512 {
    let number = |i: usize| match mask >> i & 1 {
        0 => 0.0,
        // SAFETY: the caller promises those of the mask.
        _ => unsafe { *from.wrapping_offset(i as isize * apart) },
    };
    let numbers: [f32; TILE] = std::array::from_fn(number);
    // SAFETY: the caller promises the instructions.
    unsafe { _mm512_loadu_ps(numbers.as_ptr()) }
}

/// So many quarters of a panel to pack, or all that are left.
struct Quarters<'p> {
    panel: &'p mut Panel,
    count: usize,
}

impl Work<Avx512<f32>> for Quarters<'_> {
    #[inline(always)]
    unsafe fn run(self) {
        let mut seen = self.panel.seen;
        for _ in 0..self.count.min(self.panel.left()) {
            // SAFETY: the caller's promise.
            seen = unsafe { self.panel.quarter(seen) };
        }
        self.panel.seen = seen;
    }
}

/// Rows of numbers that lie side by side.
#[derive(Clone, Copy)]
struct Rows {
    at: *const f32,
    /// How far apart they are.
    step: isize,
}

impl Rows {
    #[inline(always)]
    fn row(self, i: usize) -> *const f32 {
        self.at.wrapping_offset(i as isize * self.step)
    }
}

/// Copies a part of a unit, whose neighbours in a row are `along` apart, and zeros around it.
#[inline(always)]
unsafe fn gather(block: &Block<f32>, along: isize) -> Rows {
    let &Block { from, from_row, to, to_row, rows, cols } = block;
    // SAFETY: the caller promises the block and room for a whole unit.
    unsafe {
        if rows < SIDE || cols < to_row {
            std::ptr::write_bytes(to, 0, SIDE * to_row);
        }
        if along == 1 {
            for i in 0..rows {
                let from = from.offset(i as isize * from_row);
                for j in (0..cols).step_by(TILE) {
                    let mask = Avx512::<f32>::mask(cols - j);
                    let x = Avx512::<f32>::load(from.add(j), mask);
                    Avx512::<f32>::store(to.add(i * to_row + j), x, mask);
                }
            }
        } else if from_row == 1 {
            for i in (0..rows).step_by(TILE) {
                for j in (0..cols).step_by(TILE) {
                    Avx512::<f32>::transpose(Block {
                        from: from.offset(j as isize * along).add(i),
                        from_row: along,
                        to: to.add(i * to_row + j),
                        to_row,
                        rows: (cols - j).min(TILE),
                        cols: (rows - i).min(TILE),
                    });
                }
            }
        } else {
            for i in 0..rows {
                for j in 0..cols {
                    *to.add(i * to_row + j) = *from.offset(i as isize * from_row + j as isize * along);
                }
            }
        }
    }
    Rows { at: to, step: to_row as isize }
}

/// What was seen of numbers that were split.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    /// The largest first parts, without their signs.
    most: __m512i,
    /// All bits that any number has.
    bits: __m512i,
}

impl Seen {
    #[inline(always)]
    pub(super) fn nothing() -> Seen {
        // SAFETY: all bits zero are a vector.
        unsafe { std::mem::zeroed() }
    }

    /// Splits two vectors into vectors of bf16, the numbers of both by turns, `part` bf16 apart.
    #[inline(always)]
    pub(super) unsafe fn split(self, x: __m512, y: __m512, to: *mut u16, part: usize) -> Seen {
        // SAFETY: the caller promises room for the parts, and the instructions.
        unsafe {
            let either = _mm512_or_si512(_mm512_castps_si512(x), _mm512_castps_si512(y));
            let (first_x, first_y) = (rounded(x), rounded(y));
            let first = by_turns(first_x, first_y);
            let (x, y) = (rest(x, first_x), rest(y, first_y));
            let (second_x, second_y) = (rounded(x), rounded(y));
            let second = by_turns(second_x, second_y);
            // What is left now has no more bits than a bf16.
            let (x, y) = (rest(x, second_x), rest(y, second_y));
            let third = by_turns(_mm512_castps_si512(x), _mm512_castps_si512(y));
            _mm512_storeu_si512(to.cast(), first);
            _mm512_storeu_si512(to.add(part).cast(), second);
            _mm512_storeu_si512(to.add(2 * part).cast(), third);
            Seen {
                most: _mm512_max_epu16(self.most, _mm512_and_si512(first, _mm512_set1_epi16(i16::MAX))),
                bits: _mm512_or_si512(self.bits, either),
            }
        }
    }

    /// Whether all numbers are fit for the unit.
    #[inline(always)]
    pub(super) unsafe fn is_fit(self) -> bool {
        // SAFETY: the caller promises the instructions.
        unsafe {
            let upper = _mm512_reduce_max_epu32(self.most);
            let lower = _mm512_reduce_max_epu32(_mm512_slli_epi32::<16>(self.most));
            let is_zero = _mm512_reduce_or_epi32(self.bits) & i32::MAX == 0;
            is_zero || (LEAST..MOST).contains(&(upper.max(lower) >> 16))
        }
    }
}

/// Numbers whose upper halves are the nearest bf16.
#[inline(always)]
unsafe fn rounded(x: __m512) -> __m512i {
    // SAFETY: the caller promises the instructions.
    unsafe { _mm512_add_epi32(_mm512_castps_si512(x), _mm512_set1_epi32(0x8000)) }
}

/// What the upper half of `part` leaves of a number.
#[inline(always)]
unsafe fn rest(x: __m512, part: __m512i) -> __m512 {
    // SAFETY: the caller promises the instructions.
    unsafe {
        let upper = _mm512_and_si512(part, _mm512_set1_epi32(0xffff_0000_u32.cast_signed()));
        _mm512_sub_ps(x, _mm512_castsi512_ps(upper))
    }
}

/// The upper halves of the numbers of two vectors, by turns.
#[inline(always)]
unsafe fn by_turns(x: __m512i, y: __m512i) -> __m512i {
    // SAFETY: the caller promises the instructions.
    unsafe { _mm512_mask_blend_epi16(0xaaaa_aaaa, _mm512_srli_epi32::<16>(x), y) }
}

/// Keeps the numbers of a unit as they are: the lines of each step side by side.
#[cold]
unsafe fn keep(lines: &Lines<f32>, to: *mut u16) {
    // SAFETY: the caller promises a unit and room for one.
    unsafe {
        *to = KEPT;
        let to = to.add(KEPT_AT).cast::<f32>();
        for at in 0..UNIT {
            let (step, line) = (at / SIDE, at % SIDE);
            let is_there = line < lines.count && step < lines.k;
            let from = lines.from.wrapping_offset(line as isize * lines.line + step as isize * lines.step);
            *to.add(at) = if is_there { *from } else { 0.0 };
        }
    }
}

/// Multiplies a unit by vectors, its numbers as they were.
#[cold]
#[inline(never)]
unsafe fn by_vectors(args: &TileArgs<Parts, f32>, unit: usize) {
    const HIGH: usize = SIDE.div_ceil(3);
    let (mut a, mut b) = ([0f32; UNIT], [0f32; UNIT]);
    // SAFETY: the caller's promise; tiles are no higher or wider than the kernel's.
    unsafe {
        let a = joined::<false>(args.a.add(unit * UNIT), &mut a);
        let b = joined::<true>(args.b.add(unit * UNIT), &mut b);
        for row in (0..args.rows).step_by(HIGH) {
            Fma::<Avx512<f32>, f32>::tile(&TileArgs {
                k: STEP,
                a: a.add(row),
                a_row: 1,
                a_step: SIDE as isize,
                b,
                b_step: SIDE as isize,
                b_offsets: null(),
                b_whole: true,
                copy: null_mut(),
                ahead: Ahead::nothing(b),
                c: args.c.offset(row as isize * args.c_row),
                c_row: args.c_row,
                rows: (args.rows - row).min(HIGH),
                cols: args.cols,
                add: args.add || unit > 0,
            });
        }
    }
}

/// The numbers of a unit, the lines of each step side by side.
unsafe fn joined<const OF_B: bool>(unit: *const Parts, room: &mut [f32; UNIT]) -> *const f32 {
    let unit = unit.cast::<u16>();
    // SAFETY: the caller promises a unit.
    unsafe {
        if *unit == KEPT {
            return unit.add(KEPT_AT).cast();
        }
        for (at, x) in room.iter_mut().enumerate() {
            let (step, line) = (at / SIDE, at % SIDE);
            let (pair, of_pair) = (step % TILE, step / TILE);
            let at = match OF_B {
                true => line / TILE * TILE_LEN + pair * STEP + line % TILE * 2 + of_pair,
                false => line * STEP + 2 * pair + of_pair,
            };
            let part = |part: usize| f32::from_bits(u32::from(*unit.add(part * PART + at)) << 16);
            *x = part(2) + part(1) + part(0);
        }
    }
    room.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::super::super::drive::drive;
    use super::super::super::{Operand, Problem, Sink};
    use super::*;
    use crate::isa::Isa;

    /// Numbers with all their bits, between -1 and 1.
    fn numbers(seed: u64, count: usize) -> Vec<f32> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    /// Compares a product with sums in double precision; `by_columns` and `apart` say how factors lie in memory.
    fn check(
        (m, n, k): (usize, usize, usize),
        by_columns: [bool; 2],
        apart: usize,
        spoil: impl Fn(&mut [f32], &mut [f32]),
    ) {
        if Isa::available().last() != Some(Isa::Amx) {
            return;
        }
        let (mut a, mut b) = (numbers(1, apart * m * k), numbers(2, apart * k * n));
        spoil(&mut a, &mut b);
        let matrix = |x: &[f32], rows: usize, cols: usize, by_columns| Operand {
            ptr: x.as_ptr(),
            batch: &[],
            row: (apart * if by_columns { 1 } else { cols }).cast_signed(),
            col: (apart * if by_columns { rows } else { 1 }).cast_signed(),
        };
        let (a, b) = (matrix(&a, m, k, by_columns[0]), matrix(&b, k, n, by_columns[1]));
        let mut c = vec![f32::NAN; m * n];
        let sink = Sink::Store { c: c.as_mut_ptr(), batch: 0, ld: n.cast_signed() };
        let problem = Problem { shape: Shape { batch: 1, m, n, k }, a, b, sink, threads: 2 };
        // SAFETY: the matrices are as large as the shape says, and the machine has the unit.
        unsafe { drive::<Thirds>(&problem) };
        for (at, &got) in c.iter().enumerate() {
            let (mut sum, mut size) = (0.0, 0.0);
            for p in 0..k {
                // SAFETY: inside the matrices.
                let (x, y) = unsafe {
                    let x = *a.ptr.offset((at / n) as isize * a.row + p as isize * a.col);
                    let y = *b.ptr.offset(p as isize * b.row + (at % n) as isize * b.col);
                    (f64::from(x), f64::from(y))
                };
                sum += x * y;
                size += (x * y).abs();
            }
            let same = f64::from(got) == f64::from(sum as f32) || got.is_nan() && sum.is_nan();
            let error = (f64::from(got) - sum).abs();
            assert!(same || error <= 4e-7 * size, "{m} x {n} x {k} at {at}: {got}, wanted {sum}");
        }
    }

    #[test]
    fn products_are_as_near_as_in_f32() {
        for shape in [(1, 1, 1), (17, 15, 31), (32, 32, 32), (40, 70, 100), (100, 33, 600), (64, 300, 1100)] {
            for by_columns in [[false, false], [false, true], [true, false], [true, true]] {
                check(shape, by_columns, 1, |_, _| {});
            }
        }
    }

    #[test]
    fn panels_are_packed_ahead_however_they_lie() {
        for shape in [(40, 300, 70), (600, 290, 130)] {
            for (by_columns, apart) in [([false, false], 1), ([true, true], 1), ([false, true], 2)] {
                check(shape, by_columns, apart, |_, b| b[200] = f32::INFINITY);
            }
        }
    }

    #[test]
    fn numbers_that_the_unit_cannot_take_are_multiplied_by_vectors() {
        // Half of a NaN with all its bits rounds to zero.
        let nan = [0x7fff_ffff, 0xffff_ffff].map(f32::from_bits);
        let spoils: [f32; 9] =
            [f32::NAN, nan[0], nan[1], f32::INFINITY, -f32::INFINITY, f32::MAX, 1e30, 1e-40, 0.0];
        for x in spoils {
            for by_columns in [[false, false], [true, true]] {
                check((40, 300, 100), by_columns, 1, |a, b| (a[777], b[4321]) = (x, -1.0));
                check((40, 70, 100), by_columns, 1, |a, b| (a[0], b[0]) = (0.5, x));
            }
        }
        for scale in [1e-44_f32, 1e-30, 1e-15, 1e15, 1e19] {
            check((40, 70, 100), [false, false], 1, |a, b| {
                a.iter_mut().for_each(|a| *a *= scale);
                b.iter_mut().for_each(|b| *b /= scale.sqrt());
            });
        }
    }
}
