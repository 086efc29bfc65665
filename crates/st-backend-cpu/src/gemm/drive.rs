//! Cuts a product into blocks of C and shares them between the threads.
//!
//! Rows are cut into panels of nearly equal height and columns into panels of the kernel's width; a block of C is a
//! range of both. Over k a block advances in steps small enough that a panel of B stays in the first-level cache
//! and a block of A in the second. An operand is read in place where that is as fast, packed once by all threads
//! where many blocks read it, and packed by each block otherwise.

use super::output::Place;
use super::tile::{Ahead, Kernel, Lines, ROWS_IN_PLACE, TileArgs};
use super::{Operand, Problem, Shape, Sink};
use crate::gemm::Element;
use crate::pool::for_each;
use crate::scratch::Scratch;
use std::ops::Range;
use std::ptr::{null, null_mut};

/// Bytes of B that are packed at a time, for all threads.
const B_SLAB_BYTES: usize = 16 << 20;
/// Columns of a block that reads or packs B for itself: enough that memory is read in long runs.
const BLOCK_COLS: usize = 1024;
/// Fewer rows than this do not make up for packing B: the first tile copies what the others read.
const FEW_ROWS: usize = 64;
/// A panel of B that is read in place reaches over so many bytes at most. Its steps are often a power of two apart, so that
/// more of them compete for a few sets of the second-level cache before they are read.
const IN_PLACE_BYTES: usize = 1 << 20;
/// Fewer columns than this do not make up for packing A, nor do few elements.
const FEW_COLS: usize = 32;
const SMALL_A_BYTES: usize = 16 << 10;
/// An A up to this size is packed whole, once, where several blocks read it.
const SHARED_A_BYTES: usize = 16 << 20;
/// An A up to this size is packed sooner by each thread for itself than by all for all, if each has one block.
const FEW_A_BYTES: usize = 768 << 10;
/// The same of a B that has to be packed.
const FEW_B_BYTES: usize = 256 << 10;
/// Matrices of a batch whose B is no larger than this are multiplied by one thread each.
const ALONE_BYTES: usize = 1 << 20;
/// Panels packed together, so that memory is read in long runs.
const PANELS_TOGETHER: usize = 8;
/// Columns after which finished sums are handed to the sink, while they are in cache.
const GROUP_COLS: usize = 256;
/// Multiply-adds that make a good block.
const BLOCK_WORK: usize = 8_000_000;

/// A length cut into parts that differ by at most one.
#[derive(Clone, Copy)]
pub(super) struct Split {
    pub(super) len: usize,
    pub(super) parts: usize,
}

impl Split {
    pub(super) fn start(self, part: usize) -> usize {
        // The longer parts come first.
        let (short, longer) = (self.len / self.parts, self.len % self.parts);
        part * short + part.min(longer)
    }

    pub(super) fn range(self, part: usize) -> Range<usize> {
        self.start(part)..self.start(part + 1)
    }

    /// Neighbouring parts in two runs of equally long ones.
    fn even_runs(self, parts: Range<usize>) -> [Range<usize>; 2] {
        let middle = (self.len % self.parts).clamp(parts.start, parts.end);
        [parts.start..middle, middle..parts.end]
    }
}

/// A part of a length whose longer parts stand between the others: each thread takes neighbouring parts, and as much.
fn spread(len: usize, parts: usize, part: usize) -> Range<usize> {
    len * part / parts..len * (part + 1) / parts
}

/// So many panels that threads can have as many each, where that makes them little lower.
fn even_panels(panels: usize, threads: usize) -> usize {
    if panels < 4 * threads { panels } else { panels.next_multiple_of(threads) }
}

/// Where the kernel finds an operand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    InPlace,
    /// Packed by all threads before the blocks start.
    Shared,
    /// Packed by each block for itself.
    Own,
    /// So packed, a panel of B while the one before is multiplied.
    Ahead,
}

struct Plan {
    a: Home,
    b: Home,
    /// In units of the kernel's [`ROW_STEP`](Kernel::ROW_STEP).
    row_panels: Split,
    /// Panels of A and of B that are packed together, where all threads pack them.
    a_together: usize,
    b_together: usize,
    /// Blocks of row panels, and of the column panels of a slab.
    row_blocks: usize,
    col_blocks: usize,
    /// Columns for which B is packed at a time.
    slab_cols: usize,
    k_blocks: Split,
    k_padded: usize,
}

impl Plan {
    fn new<K: Kernel>(threads: usize, shape: Shape, a: &Operand<K::Elem>, b: &Operand<K::Elem>) -> Plan {
        let Shape { batch, m, n, k } = shape;
        let size = size_of::<K::Packed>();
        let k_padded = k.next_multiple_of(K::K_STEP);
        let (a_bytes, b_bytes) = (m * k_padded * size, n * k_padded * size);
        let a_in_place = K::READS_IN_PLACE && reads_a_in_place(a, n, a_bytes);
        let b_in_place = K::READS_IN_PLACE && reads_b_in_place(b, m, b_bytes);
        let alone = batch > 1 && (b_bytes <= ALONE_BYTES || b_in_place);

        let rows = if a_in_place && a.row != 1 { K::ROWS.min(ROWS_IN_PLACE) } else { K::ROWS };
        let row_panels = match K::ROW_STEP {
            1 => Split { len: m, parts: even_panels(m.div_ceil(rows), threads) },
            step => Split { len: m.div_ceil(step), parts: m.div_ceil(rows) },
        };
        let mut k_block = K::k_block(m, n);
        if b_in_place && b.row != 0 {
            k_block = k_block.min((IN_PLACE_BYTES / (b.row.unsigned_abs() * size)).max(32));
        }
        let k_units = Split { len: k_padded / K::K_STEP, parts: k.div_ceil(k_block).max(1) };
        let max_rows = K::A_BLOCK_BYTES / (k_units.start(1) * K::K_STEP * size).max(1);

        // With one block of rows, each panel of B is read by one block only, which may as well pack it.
        let col_panels = n.div_ceil(K::COLS);
        let many_cols = col_panels >= 4 * threads;
        let one_row_block = m <= max_rows.min(n) && many_cols;
        // Waiting for each other costs threads more than packing little twice.
        let few_in_b = b_bytes <= FEW_B_BYTES;
        let b_home = match () {
            _ if b_in_place => Home::InPlace,
            _ if packs_ahead::<K>(b) && !alone && many_cols && m <= threads * max_rows => Home::Ahead,
            _ if alone || one_row_block || few_in_b => Home::Own,
            _ => Home::Shared,
        };
        let slab_panels = match b_home {
            Home::Shared => (B_SLAB_BYTES / (k_padded * size * K::COLS).max(1)).clamp(1, col_panels),
            _ => col_panels,
        };
        let slab_cols = (slab_panels * K::COLS).min(n);
        let blocks = blocks_wanted::<K>(threads, m * slab_cols * k, if alone { batch } else { 1 });
        let (row_blocks, col_blocks) = if b_home != Home::Shared && !alone && one_row_block {
            let wide_blocks = n.div_ceil(BLOCK_COLS).next_multiple_of(threads);
            (1, blocks.min(wide_blocks).max(threads).min(col_panels))
        } else if b_home == Home::Ahead {
            // The more rows, the less it matters that each block packs B.
            (threads.min(row_panels.parts), 1)
        } else if !a_in_place && !alone && row_panels.parts >= 2 * blocks {
            // Blocks of whole rows pack what they need of A into the cache they read it from.
            (blocks.max(m.div_ceil(max_rows)).next_multiple_of(threads).min(row_panels.parts), 1)
        } else {
            grid(&row_panels, m, slab_panels * K::COLS, slab_panels, max_rows, blocks, threads)
        };
        Plan {
            a: match () {
                _ if a_in_place => Home::InPlace,
                _ if col_blocks <= threads && a_bytes <= FEW_A_BYTES => Home::Own,
                _ if !alone && a_bytes <= SHARED_A_BYTES && col_blocks > 1 => Home::Shared,
                _ => Home::Own,
            },
            b: b_home,
            a_together: row_panels.parts.div_ceil(2 * threads).min(PANELS_TOGETHER),
            b_together: slab_panels.div_ceil(2 * threads).min(PANELS_TOGETHER),
            row_panels,
            row_blocks,
            col_blocks,
            slab_cols,
            k_blocks: k_units,
            k_padded,
        }
    }

    /// The padded height of every packed panel of A.
    fn panel_rows<K: Kernel>(&self) -> usize {
        K::panel_rows(self.row_panels.start(1) * K::ROW_STEP)
    }

    /// The most steps of k in a block of k, padded.
    fn longest_pass<K: Kernel>(&self) -> usize {
        self.k_blocks.start(1) * K::K_STEP
    }

    /// Panels of B that a block packs for itself and has at a time: those of a group, or two.
    fn own_panels<K: Kernel>(&self) -> usize {
        match self.b {
            Home::Own => GROUP_COLS / K::COLS,
            Home::Ahead => 2,
            Home::InPlace | Home::Shared => 0,
        }
    }

    fn needs_packing_first(&self) -> bool {
        self.a == Home::Shared || self.b == Home::Shared
    }
}

/// Packing a small A, or one for few columns, costs more than reading it in place.
fn reads_a_in_place<T>(a: &Operand<T>, n: usize, bytes: usize) -> bool {
    (a.row == 1 || a.col == 1) && (n <= FEW_COLS || bytes <= SMALL_A_BYTES)
}

/// Panels read in place are spread over as many pages as k has steps, which many rows make up for.
fn reads_b_in_place<T>(b: &Operand<T>, m: usize, bytes: usize) -> bool {
    b.col == 1 && (m < FEW_ROWS || bytes <= 512 << 10 || (m <= 512 && bytes <= 2 << 20))
}

/// Whether the kernel packs ahead, and the steps of a panel of B are not each on a page of its own.
fn packs_ahead<K: Kernel>(b: &Operand<K::Elem>) -> bool {
    const PAGE: usize = 4096;
    K::PACKS_AHEAD && (b.col != 1 || b.row.unsigned_abs() * size_of::<K::Elem>() < PAGE)
}

/// Whether panels of B are slow to read in place again and again: their steps straddle cache lines, or compete for
/// a few sets of the first-level cache.
fn worth_copying<T>(b: &Operand<T>) -> bool {
    let stride = b.row * size_of::<T>() as isize;
    !b.ptr.addr().is_multiple_of(64) || stride % 64 != 0 || stride % 256 == 0
}

/// Columns of B that lie in memory would have to be transposed to be packed. As rows of A in the transposed product
/// they can be read in place, and then A is the operand to pack: better where it is the smaller.
fn better_swapped<T: Copy>(shape: Shape, b: &Operand<T>) -> bool {
    let bytes = shape.n * shape.k * size_of::<T>();
    b.row == 1 && b.col != 1 && shape.m < shape.n && reads_a_in_place(&b.transposed(), shape.m, bytes)
}

/// How many blocks each matrix is cut into: enough to balance the threads, not so many that starting them counts.
fn blocks_wanted<K: Kernel>(threads: usize, work: usize, items: usize) -> usize {
    let threads = threads.min((work * items / K::THREAD_WORK).max(1));
    if threads == 1 {
        return 1;
    }
    let for_balance = threads * (work * items / threads / BLOCK_WORK).clamp(1, 8);
    for_balance.div_ceil(items)
}

/// Cuts panels of rows and columns into at least `wanted` blocks, as square as can be.
fn grid(
    rows: &Split,
    height: usize,
    cols: usize,
    col_panels: usize,
    max_rows: usize,
    wanted: usize,
    threads: usize,
) -> (usize, usize) {
    let mut row_blocks = height.div_ceil(max_rows.max(1)).min(rows.parts);
    if row_blocks > 1 {
        row_blocks = row_blocks.next_multiple_of(threads).min(rows.parts);
    }
    let mut col_blocks = 1;
    while row_blocks * col_blocks < wanted {
        let (tall, wide) = (height / row_blocks, cols / col_blocks);
        if tall >= wide && row_blocks < rows.parts {
            row_blocks += 1;
        } else if col_blocks < col_panels {
            col_blocks += 1;
        } else if row_blocks < rows.parts {
            row_blocks += 1;
        } else {
            break;
        }
    }
    (row_blocks, col_blocks)
}

/// Computes a product.
///
/// # Safety
/// As for [`gemm`](super::gemm), and the machine has the kernel's instructions.
pub(super) unsafe fn drive<K: Kernel>(problem: &Problem<K::Elem>) {
    let Problem { mut shape, mut a, mut b, .. } = *problem;
    let swapped = K::READS_IN_PLACE && better_swapped(shape, &b);
    if swapped {
        (a, b) = (b.transposed(), a.transposed());
        (shape.m, shape.n) = (shape.n, shape.m);
    }
    // A single row or column may have any stride; let it be the one that reads best.
    if shape.m == 1 {
        a.row = 1;
    }
    if shape.n == 1 {
        b.col = 1;
    }
    let plan = Plan::new::<K>(problem.threads, shape, &a, &b);
    let product = Product::<K> { shape, a, b, sink: problem.sink, swapped, plan };
    if product.plan.needs_packing_first() {
        for item in 0..shape.batch {
            // SAFETY: the caller's promise.
            unsafe { product.slab_by_slab(item) };
        }
    } else {
        let blocks = product.plan.row_blocks * product.plan.col_blocks;
        for_each(shape.batch * blocks, &|i| {
            let all = Slab { cols: 0..shape.n, a: null_mut(), b: null_mut() };
            // SAFETY: the caller's promise; each block of C is written once.
            unsafe { product.block(i / blocks, i % blocks, &all) }
        });
    }
}

struct Product<'a, K: Kernel> {
    shape: Shape,
    a: Operand<'a, K::Elem>,
    b: Operand<'a, K::Elem>,
    sink: Sink<'a, K::Elem>,
    /// Whether the rows of this product are the columns of the results.
    swapped: bool,
    plan: Plan,
}

/// The columns worked on at a time, and what is packed for all threads.
struct Slab<P> {
    cols: Range<usize>,
    a: *mut P,
    b: *mut P,
}

// SAFETY: threads write disjoint panels, and read them only after all are written.
unsafe impl<P> Sync for Slab<P> {}

type Acc<K> = <<K as Kernel>::Elem as Element>::Acc;

impl<K: Kernel> Product<'_, K> {
    /// Packs and multiplies the columns of one matrix slab by slab.
    unsafe fn slab_by_slab(&self, item: usize) {
        let plan = &self.plan;
        let (share_a, share_b) = (plan.a == Home::Shared, plan.b == Home::Shared);
        let a_len = if share_a { plan.row_panels.parts * plan.panel_rows::<K>() * plan.k_padded } else { 0 };
        let b_len = if share_b { plan.slab_cols.next_multiple_of(K::COLS) * plan.k_padded } else { 0 };
        let (a, b) = (Scratch::new(a_len), Scratch::new(b_len));
        for first in (0..self.shape.n).step_by(plan.slab_cols) {
            let cols = first..(first + plan.slab_cols).min(self.shape.n);
            let slab = Slab { a: a.ptr(), b: b.ptr(), cols };
            let b_parts = if share_b { slab.cols.len().div_ceil(K::COLS * plan.b_together) } else { 0 };
            let a_parts =
                if share_a && first == 0 { plan.row_panels.parts.div_ceil(plan.a_together) } else { 0 };
            // SAFETY: the caller's promise; each panel is written once.
            for_each(a_parts + b_parts, &|i| unsafe { self.pack_shared(item, &slab, i, b_parts) });
            // SAFETY: the caller's promise; each block of C is written once.
            for_each(plan.row_blocks * plan.col_blocks, &|i| unsafe { self.block(item, i, &slab) });
        }
    }

    /// Packs part `i` of what all threads share: first the parts of B, then those of A.
    unsafe fn pack_shared(&self, item: usize, slab: &Slab<K::Packed>, i: usize, b_parts: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            if i < b_parts {
                let together = K::COLS * self.plan.b_together;
                let first = slab.cols.start + i * together;
                let cols = first..(first + together).min(slab.cols.end);
                let to = slab.b.add(i * together * self.plan.k_padded);
                self.pack_b(item, cols, 0..self.shape.k, to, self.plan.k_padded);
            } else {
                let first = (i - b_parts) * self.plan.a_together;
                let panels = first..(first + self.plan.a_together).min(self.plan.row_panels.parts);
                let room = self.plan.panel_rows::<K>() * self.plan.k_padded;
                self.pack_a(item, panels, 0..self.shape.k, slab.a.add(first * room), room);
            }
        }
    }

    /// Packs panels of some columns, `room` steps of k apart.
    unsafe fn pack_b(
        &self,
        item: usize,
        cols: Range<usize>,
        steps: Range<usize>,
        to: *mut K::Packed,
        room: usize,
    ) {
        // SAFETY: the caller's promise; `to` has room for the panels.
        unsafe { K::pack_b(self.cols_of_b(item, cols, steps), to, K::COLS * room) }
    }

    fn cols_of_b(&self, item: usize, cols: Range<usize>, steps: Range<usize>) -> Lines<K::Elem> {
        let offset = cols.start as isize * self.b.col + steps.start as isize * self.b.row;
        Lines {
            from: self.b.item(item).wrapping_offset(offset),
            line: self.b.col,
            step: self.b.row,
            count: cols.len(),
            k: steps.len(),
        }
    }

    /// Packs panels of rows, `room` elements apart.
    unsafe fn pack_a(
        &self,
        item: usize,
        panels: Range<usize>,
        steps: Range<usize>,
        to: *mut K::Packed,
        room: usize,
    ) {
        for run in self.plan.row_panels.even_runs(panels.clone()) {
            if run.is_empty() {
                continue;
            }
            let height = self.rows(run.start..run.start + 1).len();
            let to = to.wrapping_add((run.start - panels.start) * room);
            // SAFETY: the caller's promise; `to` has room for the panels.
            unsafe { K::pack_a(self.rows_of_a(item, run, steps.clone()), to, height, room) }
        }
    }

    /// The rows of some panels.
    fn rows(&self, panels: Range<usize>) -> Range<usize> {
        let start = |panel| (self.plan.row_panels.start(panel) * K::ROW_STEP).min(self.shape.m);
        start(panels.start)..start(panels.end)
    }

    fn rows_of_a(&self, item: usize, panels: Range<usize>, steps: Range<usize>) -> Lines<K::Elem> {
        let rows = self.rows(panels);
        let offset = rows.start as isize * self.a.row + steps.start as isize * self.a.col;
        Lines {
            from: self.a.item(item).wrapping_offset(offset),
            line: self.a.row,
            step: self.a.col,
            count: rows.len(),
            k: steps.len(),
        }
    }

    /// Computes block `index` of a slab of C.
    unsafe fn block(&self, item: usize, index: usize, slab: &Slab<K::Packed>) {
        let plan = &self.plan;
        let slab_panels = slab.cols.len().div_ceil(K::COLS);
        let panels = spread(plan.row_panels.parts, plan.row_blocks, index / plan.col_blocks);
        let col_panels = spread(slab_panels, plan.col_blocks, index % plan.col_blocks);
        if col_panels.is_empty() {
            return;
        }
        let rows = self.rows(panels.clone());
        let col = |panel: usize| (slab.cols.start + panel * K::COLS).min(slab.cols.end);
        let cols = col(col_panels.start)..col(col_panels.end);

        let longest = plan.longest_pass::<K>();
        let own_b = match plan.b {
            Home::InPlace if panels.len() > 1 && worth_copying(&self.b) => {
                Some(Scratch::new(K::COLS * longest))
            }
            Home::Own | Home::Ahead => {
                let panels = plan.own_panels::<K>().min(cols.len().div_ceil(K::COLS));
                Some(Scratch::new(panels * K::COLS * longest))
            }
            _ => None,
        };
        let shared_b = slab.b.wrapping_add(col_panels.start * K::COLS * plan.k_padded);
        let one_pass = plan.k_blocks.parts == 1;
        let sums = Sums::new(self, item, rows, cols, one_pass);
        let block = Block { product: self, item, panels, sums, shared_a: slab.a, shared_b, own_b };
        // SAFETY: the caller's promise.
        unsafe { block.compute() }
    }
}

/// Where a block's sums are kept: in C where it has their type, else in scratch until the sink takes them.
struct Sums<'a, K: Kernel> {
    product: &'a Product<'a, K>,
    item: usize,
    rows: Range<usize>,
    cols: Range<usize>,
    ptr: *mut Acc<K>,
    row: isize,
    /// Scratch holds all columns of the block, or one group's at a time.
    whole: bool,
    scratch: Option<Scratch<Acc<K>>>,
}

impl<'a, K: Kernel> Sums<'a, K> {
    fn new(
        p: &'a Product<'a, K>,
        item: usize,
        rows: Range<usize>,
        cols: Range<usize>,
        one_pass: bool,
    ) -> Self {
        if !p.swapped
            && let Some((ptr, row)) = p.sink.in_place(item, rows.start, cols.start)
        {
            return Sums { product: p, item, rows, cols, ptr, row, whole: true, scratch: None };
        }
        let row = if one_pass { cols.len().min(GROUP_COLS) } else { cols.len() }.next_multiple_of(K::COLS);
        let scratch = Scratch::new(rows.len() * row);
        let (ptr, row) = (scratch.ptr(), row as isize);
        Sums { product: p, item, rows, cols, ptr, row, whole: !one_pass, scratch: Some(scratch) }
    }

    /// Where the sums of a group of columns start; `col` counts from the block's first column.
    fn group(&self, col: usize) -> *mut Acc<K> {
        if self.whole { self.ptr.wrapping_add(col) } else { self.ptr }
    }

    /// Hands finished columns to the sink, unless they are in C already.
    unsafe fn finish(&self, group: Range<usize>) {
        if self.scratch.is_none() {
            return;
        }
        let (row, col) = (self.rows.start, self.cols.start + group.start);
        let (rows, cols) = (self.rows.len(), group.len());
        let (sums, sink, batch) = (self.group(group.start), self.product.sink, self.item);
        // SAFETY: the tiles of these columns have written all their sums. A swapped product is one whose kernel
        // reads in place, so elements, packed elements and sums are the same type, and to pack is to transpose.
        unsafe {
            if self.product.swapped {
                let turned = Scratch::<Acc<K>>::new(rows * cols);
                let lines =
                    Lines { from: sums.cast_const().cast(), line: self.row, step: 1, count: rows, k: cols };
                K::pack_a(lines, turned.ptr().cast(), rows, 0);
                sink.deliver(Place { batch, row: col, col: row, rows: cols, cols: rows }, turned.ptr(), rows);
            } else {
                sink.deliver(Place { batch, row, col, rows, cols }, sums, self.row as usize);
            }
        }
    }
}

/// A block of C while it is computed.
struct Block<'a, K: Kernel> {
    product: &'a Product<'a, K>,
    item: usize,
    panels: Range<usize>,
    sums: Sums<'a, K>,
    shared_a: *mut K::Packed,
    /// The block's packed panels of B, if all threads share them.
    shared_b: *mut K::Packed,
    /// Room for the steps of a group of columns of B, or of a panel that is copied.
    own_b: Option<Scratch<K::Packed>>,
}

impl<K: Kernel> Block<'_, K> {
    unsafe fn compute(&self) {
        let plan = &self.product.plan;
        let k_blocks = plan.k_blocks;
        let longest = plan.longest_pass::<K>();
        let own_a = (plan.a == Home::Own)
            .then(|| Scratch::<K::Packed>::new(self.panels.len() * plan.panel_rows::<K>() * longest));
        for part in 0..k_blocks.parts {
            let steps = k_blocks.range(part);
            let steps = steps.start * K::K_STEP..(steps.end * K::K_STEP).min(self.product.shape.k);
            if let Some(own) = &own_a {
                let room = plan.panel_rows::<K>() * longest;
                // SAFETY: the caller's promise; there is room for every panel.
                unsafe {
                    self.product.pack_a(self.item, self.panels.clone(), steps.clone(), own.ptr(), room);
                }
            }
            let own_a = own_a.as_ref().map(|own| (own.ptr(), plan.panel_rows::<K>() * longest));
            // SAFETY: the caller's promise.
            unsafe { self.pass(steps, own_a, part + 1 == k_blocks.parts) }
        }
    }

    /// Adds the products of some steps of k to all sums of the block; the last pass finishes them.
    unsafe fn pass(&self, steps: Range<usize>, own_a: Option<(*mut K::Packed, usize)>, last: bool) {
        let (product, cols) = (self.product, self.sums.cols.len());
        for group in (0..cols).step_by(GROUP_COLS) {
            let end = (group + GROUP_COLS).min(cols);
            // Ahead of the first panel there is no other.
            let to_pack = match product.plan.b {
                Home::Own => group..end,
                Home::Ahead if group == 0 => 0..end.min(K::COLS),
                _ => 0..0,
            };
            if let Some(own) = self.own_b.as_ref().filter(|_| !to_pack.is_empty()) {
                let cols = self.sums.cols.start + to_pack.start..self.sums.cols.start + to_pack.end;
                let room = product.plan.longest_pass::<K>();
                // SAFETY: the caller's promise; there is room for the panels.
                unsafe { product.pack_b(self.item, cols, steps.clone(), own.ptr(), room) }
            }
            // SAFETY: the caller's promise that the machine has the instructions.
            unsafe { K::begin() }
            for col in (group..end).step_by(K::COLS) {
                // SAFETY: the caller's promise; inside the block.
                unsafe {
                    let c = self.sums.group(group).wrapping_add(col - group);
                    self.column_panel(steps.clone(), own_a, col, (end - col).min(K::COLS), c);
                }
            }
            // SAFETY: after the `begin` above.
            unsafe { K::end() }
            if last {
                // SAFETY: the tiles above wrote these sums.
                unsafe { self.sums.finish(group..end) }
            }
        }
    }

    /// One panel of columns times all row panels of the block.
    unsafe fn column_panel(
        &self,
        steps: Range<usize>,
        own_a: Option<(*mut K::Packed, usize)>,
        col: usize,
        cols: usize,
        c: *mut Acc<K>,
    ) {
        let (product, plan) = (self.product, &self.product.plan);
        let ColumnPanel { mut b, mut b_step, next, mut copy } = self.panel_of_b(&steps, col);
        let mut b_whole = plan.b != Home::InPlace || cols.is_multiple_of(K::COLS / 2);
        // The first tile copies a panel that is read in place; all fetch what comes next, as few lines can be under way.
        let mut ahead = self.ahead(&steps, col, next);
        let share = steps.len().div_ceil(ahead.every);
        let mut packing = self.packing(&steps, col + K::COLS);
        for (i, panel) in self.panels.clone().enumerate() {
            let rows = product.rows(panel..panel + 1);
            let height = K::panel_rows(rows.len()) as isize;
            let (a, a_row, a_step) = match (plan.a, own_a) {
                (Home::InPlace, _) => {
                    let lines = product.rows_of_a(self.item, panel..panel + 1, steps.clone());
                    (lines.from.cast(), lines.line, lines.step)
                }
                (Home::Own, Some((own, stride))) => (own.cast_const().wrapping_add(i * stride), 1, height),
                _ => {
                    let at = panel * plan.panel_rows::<K>() * plan.k_padded + steps.start * height as usize;
                    (self.shared_a.cast_const().wrapping_add(at), 1, height)
                }
            };
            let args = TileArgs {
                k: steps.len(),
                a,
                a_row,
                a_step,
                b,
                b_step,
                b_offsets: null(),
                copy,
                ahead,
                b_whole,
                c: c.wrapping_offset((rows.start - self.sums.rows.start) as isize * self.sums.row),
                c_row: self.sums.row,
                rows: rows.len(),
                cols,
                add: steps.start > 0,
            };
            // SAFETY: the caller's promise; the tile is inside the block, and no other thread writes it.
            unsafe {
                match &mut packing {
                    Some(next) => K::tile_ahead(&args, next, self.panels.len() - i),
                    None => K::tile(&args),
                }
            }
            if !copy.is_null() {
                (b, b_step, b_whole) = (copy, K::COLS as isize, true);
                copy = null_mut();
            }
            ahead = ahead.after(share);
        }
    }

    /// What the tiles of a panel of B fetch: of a packed B the next panel, of one that is read in place their share of the
    /// next group's columns, in long runs.
    fn ahead(&self, steps: &Range<usize>, col: usize, next: *const K::Packed) -> Ahead<K::Packed> {
        let (b, cols) = (&self.product.b, self.sums.cols.len());
        // (The end of a vector may lie on another line than its start, which a vector before has.)
        let pair = |at: *const K::Packed| [at.wrapping_add(K::COLS / 2 - 1), at.wrapping_add(K::COLS - 1)];
        let every = self.panels.len();
        if self.product.plan.b != Home::InPlace {
            return Ahead { every, ..Ahead::evenly(pair(next), K::COLS as isize) };
        }
        let (group, within) = (col / GROUP_COLS + 1, col % GROUP_COLS / K::COLS);
        let (step, col) =
            if group * GROUP_COLS < cols { (steps.start, group * GROUP_COLS) } else { (steps.end, 0) };
        let run = (cols - col).min(GROUP_COLS).div_ceil(K::COLS);
        let offset = step as isize * b.row + (self.sums.cols.start + col) as isize;
        let at: *const K::Packed = b.item(self.item).wrapping_offset(offset).cast();
        let all = Ahead {
            pair: pair(at),
            step: K::COLS as isize,
            left: run,
            run,
            jump: b.row - (run * K::COLS) as isize,
            every,
        };
        all.after(within * steps.len())
    }

    /// The panel of B from a column on, if there is one and it is packed while another is worked on.
    fn packing(&self, steps: &Range<usize>, col: usize) -> Option<K::Ahead> {
        let is_there = self.product.plan.b == Home::Ahead && col < self.sums.cols.len();
        let own = self.own_b.as_ref().filter(|_| is_there)?;
        let first = self.sums.cols.start + col;
        let cols = first..(first + K::COLS).min(self.sums.cols.end);
        let panel = col / K::COLS % self.product.plan.own_panels::<K>();
        let to = own.ptr().wrapping_add(panel * K::COLS * self.product.plan.longest_pass::<K>());
        K::ahead(self.product.cols_of_b(self.item, cols, steps.clone()), to)
    }

    /// Where the tiles of the block find some steps of a panel of B; `col` counts from the block's first column.
    fn panel_of_b(&self, steps: &Range<usize>, col: usize) -> ColumnPanel<K::Packed> {
        let (product, plan) = (self.product, &self.product.plan);
        let own_b = self.own_b.as_ref().map_or(null_mut(), Scratch::ptr);
        let packed = |b: *const K::Packed, room: usize| ColumnPanel {
            b,
            b_step: K::COLS as isize,
            next: b.wrapping_add(K::COLS * room),
            copy: null_mut(),
        };
        match plan.b {
            Home::InPlace => {
                let offset = steps.start as isize * product.b.row + (self.sums.cols.start + col) as isize;
                let b: *const K::Packed = product.b.item(self.item).wrapping_offset(offset).cast();
                ColumnPanel { b, b_step: product.b.row, next: b.wrapping_add(K::COLS), copy: own_b }
            }
            Home::Own | Home::Ahead => {
                let room = plan.longest_pass::<K>();
                let panel = col / K::COLS % plan.own_panels::<K>();
                packed(own_b.wrapping_add(panel * K::COLS * room), room)
            }
            Home::Shared => {
                let at = col * plan.k_padded + steps.start * K::COLS;
                packed(self.shared_b.wrapping_add(at), plan.k_padded)
            }
        }
    }
}

/// Some steps of a panel of B.
struct ColumnPanel<P> {
    b: *const P,
    b_step: isize,
    /// The same steps of the next panel.
    next: *const P,
    /// Where the first tile copies the steps, if it reads them in place and others follow; else null.
    copy: *mut P,
}
