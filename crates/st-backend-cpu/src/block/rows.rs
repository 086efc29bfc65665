//! Kernels with inner dimensions: reductions, and rows that are reduced and rewritten (softmax, norms).
//!
//! Rows whose points are close in memory are worked on one by one, or several short ones in a tile. Where instead
//! neighbouring rows are close in memory, a block of rows is worked on side by side, one in each lane. Few long rows
//! are cut into chunks, by their size alone, so that the result does not depend on the number of threads.

use super::bind::Bound;
use super::machine::{Machine, Roles, Sizes, Tile};
use super::plan::Plan;
use super::pointwise::split;
use super::scalars::{Geometry, narrow};
use super::space::{Part, PerAccess, Space, Walk, balanced};
use crate::pool;
use crate::scratch::Scratch;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::ops::Range;
use std::ptr::null;

/// Rows up to this length share tiles with others, though what is known of a row is then spread over its points.
const SHORT: usize = 512;
/// Most lanes worked on together.
const LANES: usize = 1024;
/// Fewer lanes than these are not worth keeping values for.
const FEW_LANES: usize = 16;
/// Most points of a row (times lanes) for which values are kept.
const KEPT: usize = 1 << 16;
/// Rows with at least this many points (times lanes) are cut, if there are fewer than [`MANY`] of them.
const LONG: usize = 1 << 18;
const MANY: usize = 32;
/// Points in each piece of a cut row.
const PIECE: usize = 1 << 16;

/// The two ways a kernel was compiled: with values kept between passes, and with everything computed again.
pub(crate) struct Plans {
    pub(crate) kept: Plan,
    pub(crate) again: Option<Plan>,
}

/// How the dimensions of a launch are worked on.
struct Layout {
    roles: Roles,
    outer: Space,
    inner: Space,
    /// Most lanes worked on together.
    lanes: usize,
    /// Rows and columns of the inner walk's tiles.
    tile: (usize, usize),
}

/// What all threads share.
struct Job<'b> {
    bound: &'b Bound<'b>,
    layout: &'b Layout,
    scalars: Cow<'b, [bool]>,
    /// Slots of one number for each row of a tile.
    narrow: Option<Vec<bool>>,
    blocks: Walk<'b>,
    tiles: Walk<'b>,
    /// Most rows of a tile of lanes.
    lane_rows: usize,
}

/// Runs the body over `rank` dimensions, the first `outer` of which are independent.
///
/// `bind` gives the plan bound to the launch.
pub(crate) fn run<'a>(
    plans: &'a Plans,
    bind: impl Fn(&'a Plan) -> st_kernel::Result<Bound<'a>>,
    outer: usize,
    rank: usize,
) -> st_kernel::Result<()> {
    let mut bound = bind(&plans.kept)?;
    let mut layout = Layout::new(&bound, outer, rank, LANES.min(bound.plan.block));
    if layout.outer.points() == 0 {
        return Ok(());
    }
    let length = layout.inner.points();
    let cut = layout.blocks() < MANY && length * layout.lanes >= LONG;
    if let Some(again) = &plans.again {
        let fit = KEPT / length.max(1);
        let enough = if layout.roles == Roles::Lanes { FEW_LANES } else { 1 };
        if cut || fit < enough {
            bound = bind(again)?;
            // Other registers, other blocks.
            layout = Layout::new(&bound, outer, rank, LANES.min(bound.plan.block));
        } else if fit < layout.lanes {
            layout = Layout::new(&bound, outer, rank, fit);
        }
    }
    let job = Job::new(&bound, &layout);
    if cut {
        job.run_cut();
    } else {
        let cost = layout.outer.points() * length.max(1) * bound.plan.cost.max(1);
        split(job.blocks.tiles, cost, &|blocks| job.run_blocks(blocks));
    }
    bound.faults.result()
}

impl Layout {
    fn new(bound: &Bound<'_>, outer: usize, rank: usize, most_lanes: usize) -> Layout {
        let (plan, block) = (bound.plan, bound.plan.block);
        // The full accesses decide; positions must come in row-major order. What is broadcast along the rows, or along
        // all of a row, is small, and as quick to read either way.
        let varies = |a: usize, mut dims: Range<usize>| dims.any(|d| bound.step(a, d) != 0);
        let is_full = |a: usize| varies(a, 0..outer) && varies(a, outer..rank);
        let read: SmallVec<[usize; 8]> =
            (0..plan.dtypes.len()).filter(|&a| plan.touched[a] && !plan.per_row[a]).collect();
        let any_full = read.iter().any(|&a| is_full(a));
        let full = || read.iter().copied().filter(|&a| !any_full || is_full(a));
        let key = full().next();
        let ordered = plan.folds.iter().any(|f| f.steps.arg);
        let inner = bound.space(outer, rank, key.filter(|_| !ordered));
        let mut outer = bound.space(0, outer, key);
        let votes = |space: &Space| full().filter(|&a| space.unit_dim(a).is_some()).count();
        if votes(&outer) > votes(&inner) {
            let lane_dim = full().find_map(|a| outer.unit_dim(a)).unwrap_or(outer.rank() - 1);
            outer.move_dim(lane_dim, outer.rank() - 1);
            let size = outer.size_from_last(0);
            let lanes = balanced(size, most_lanes).min(size);
            // Parts of longer lanes would not be dense side by side.
            let side_by_side = if lanes < size { 1 } else { block / lanes };
            return Layout { roles: Roles::Lanes, outer, inner, lanes, tile: (1, side_by_side) };
        }
        let length = inner.points();
        let flat = inner.size_from_last(0) == length;
        let short = if plan.spreads() { SHORT.min(block) } else { block / 2 };
        if flat && (1..=short).contains(&length) && outer.size_from_last(0) > 1 {
            let lanes = outer.size_from_last(0).min(block / length);
            return Layout { roles: Roles::Rows, outer, inner, lanes, tile: (1, length) };
        }
        let cols = inner.size_from_last(0);
        let tile = match balanced(cols, block) {
            part if part < cols => (1, part),
            _ => (inner.size_from_last(1).min(block / cols.max(1)).max(1), cols.max(1)),
        };
        Layout { roles: Roles::OneRow, outer, inner, lanes: 1, tile }
    }

    /// Steps along the rows and columns of tiles.
    fn tile_steps(&self) -> (&[isize], &[isize]) {
        let (lane, inner) = (self.outer.steps_from_last(0), self.inner.steps_from_last(0));
        match self.roles {
            Roles::OneRow => (self.inner.steps_from_last(1), inner),
            Roles::Rows => (lane, inner),
            Roles::Lanes => (inner, lane),
        }
    }

    /// Number of blocks of rows.
    fn blocks(&self) -> usize {
        self.outer.points() / self.outer.size_from_last(0) * self.outer.size_from_last(0).div_ceil(self.lanes)
    }
}

impl<'b> Job<'b> {
    fn new(bound: &'b Bound<'b>, layout: &'b Layout) -> Job<'b> {
        let tile_rows = if layout.roles == Roles::OneRow { layout.tile.0 } else { usize::MAX };
        let (row_steps, col_steps) = layout.tile_steps();
        let lane_steps = layout.outer.steps_from_last(0);
        let geometry = Geometry {
            roles: layout.roles,
            tile_rows,
            row_steps,
            col_steps,
            lanes: layout.lanes,
            lane_steps,
        };
        let scalars = geometry.scalars(bound.plan);
        Job {
            bound,
            layout,
            narrow: narrow(bound.plan, layout.roles, &scalars, col_steps),
            scalars,
            blocks: Walk::new(&layout.outer, 1, layout.lanes),
            tiles: Walk::new(&layout.inner, layout.tile.0, layout.tile.1),
            lane_rows: layout.tile.1.min(layout.inner.size_from_last(0)).max(1),
        }
    }

    fn sizes(&self) -> Sizes {
        let kept =
            if self.bound.plan.kept_values == 0 { 0 } else { self.layout.inner.points() * self.layout.lanes };
        Sizes { lanes: self.layout.lanes, kept }
    }

    fn machine(&self, rows: Option<*mut u8>) -> Machine<'_> {
        let mut machine = Machine::new(self.bound, &self.scalars, self.layout.roles, self.sizes(), rows);
        if let Some(narrow) = &self.narrow {
            machine.set_narrow(narrow);
        }
        machine
    }

    /// Runs whole blocks of rows.
    fn run_blocks(&self, blocks: std::ops::Range<usize>) {
        let mut machine = self.machine(None);
        let (origin, mut start, mut at) = (self.bound.origin(), self.bound.origin(), self.bound.origin());
        for b in blocks {
            let lanes = self.blocks.tile(b, &origin, &mut start).cols;
            for pass in 0..self.bound.plan.passes.len() {
                // SAFETY: blocks lie inside the space and the machine has room for a block's lanes; each block is
                // run by one thread.
                unsafe {
                    self.run_row_program(&mut machine, pass, &start, lanes);
                    machine.start(pass, lanes);
                    self.run_tiles(&mut machine, pass, 0..self.tiles.tiles, (&start, &mut at), lanes);
                    machine.finish(pass, lanes);
                }
            }
            // SAFETY: as above.
            unsafe { self.run_row_program(&mut machine, self.bound.plan.passes.len(), &start, lanes) }
        }
    }

    /// Runs blocks of rows one after the other, the tiles of each on all threads.
    fn run_cut(&self) {
        let mut machine = self.machine(None);
        let (origin, mut start) = (self.bound.origin(), self.bound.origin());
        let pieces =
            (self.layout.inner.points() * self.layout.lanes).div_ceil(PIECE).min(self.tiles.tiles).max(1);
        let bytes = machine.cell_bytes();
        let cells = Scratch::<u8>::new(pieces * self.bound.plan.folds.len() * bytes);
        for b in 0..self.blocks.tiles {
            let lanes = self.blocks.tile(b, &origin, &mut start).cols;
            for pass in 0..self.bound.plan.passes.len() {
                // SAFETY: as in `run_blocks`; each piece has cells of its own.
                unsafe {
                    self.run_row_program(&mut machine, pass, &start, lanes);
                    machine.start(pass, lanes);
                    self.run_pieces(
                        &machine,
                        pass,
                        &start,
                        lanes,
                        pieces,
                        Cells { base: cells.ptr(), bytes },
                    );
                    for piece in 0..pieces {
                        self.merge(&mut machine, pass, lanes, piece, Cells { base: cells.ptr(), bytes });
                    }
                    machine.finish(pass, lanes);
                }
            }
            // SAFETY: as above.
            unsafe { self.run_row_program(&mut machine, self.bound.plan.passes.len(), &start, lanes) }
        }
    }

    /// Runs a pass over the pieces of a block of rows, and leaves each piece's cells in `cells`.
    ///
    /// # Safety
    /// As [`Machine::run`]; `cells` has room for all.
    unsafe fn run_pieces(
        &self,
        machine: &Machine<'_>,
        pass: usize,
        start: &PerAccess,
        lanes: usize,
        pieces: usize,
        cells: Cells,
    ) {
        let rows = Cells { base: machine.row_values(), bytes: 0 };
        let folds = self.folds(pass);
        pool::for_each(pieces, &|piece| {
            let mut own = self.machine(Some(rows.at(0)));
            let tile = |piece: usize| piece * self.tiles.tiles / pieces;
            // SAFETY: promised by the caller; per-row values are only read during a pass.
            unsafe {
                own.start(pass, lanes);
                self.run_tiles(
                    &mut own,
                    pass,
                    tile(piece)..tile(piece + 1),
                    (start, &mut start.clone()),
                    lanes,
                );
                for fold in folds.clone() {
                    let to = cells.at(piece * self.bound.plan.folds.len() + fold);
                    std::ptr::copy_nonoverlapping(own.cells(fold).0, to, cells.bytes);
                }
            }
        });
    }

    /// # Safety
    /// The piece's cells were written by [`Job::run_pieces`].
    unsafe fn merge(&self, machine: &mut Machine<'_>, pass: usize, lanes: usize, piece: usize, cells: Cells) {
        for fold in self.folds(pass) {
            let values = cells.at(piece * self.bound.plan.folds.len() + fold);
            // SAFETY: promised by the caller.
            unsafe { machine.merge(fold, lanes, values, values.wrapping_add(cells.bytes / 2)) }
        }
    }

    /// The numbers of the reductions of a pass; they follow one another.
    fn folds(&self, pass: usize) -> std::ops::Range<usize> {
        let folds = &self.bound.plan.folds;
        let from = folds.iter().position(|f| f.pass == pass).unwrap_or(0);
        from..from + folds.iter().filter(|f| f.pass == pass).count()
    }

    /// # Safety
    /// As [`Machine::run`].
    unsafe fn run_row_program(
        &self,
        machine: &mut Machine<'_>,
        depth: usize,
        start: &PerAccess,
        lanes: usize,
    ) {
        let program = &self.bound.plan.rows[depth];
        if program.ops.is_empty() && program.writes.is_empty() {
            return;
        }
        let steps = self.layout.outer.steps_from_last(0);
        let part = Part { rows: 1, cols: lanes };
        let tile = Tile {
            part,
            at: start,
            row_steps: steps,
            col_steps: steps,
            inner: &[],
            first: 0,
            hole: (null(), 0),
        };
        // SAFETY: promised by the caller.
        unsafe { machine.run(program, &tile) }
    }

    /// # Safety
    /// As [`Machine::run`].
    unsafe fn run_tiles(
        &self,
        machine: &mut Machine<'_>,
        pass: usize,
        tiles: std::ops::Range<usize>,
        (start, at): (&PerAccess, &mut PerAccess),
        lanes: usize,
    ) {
        let program = &self.bound.plan.passes[pass];
        let (row_steps, col_steps) = self.layout.tile_steps();
        let mut first = self.tiles.points_before(tiles.start);
        for t in tiles {
            let inner = self.tiles.tile(t, start, at);
            let part = match self.layout.roles {
                Roles::OneRow => inner,
                Roles::Rows => Part { rows: lanes, cols: inner.cols },
                Roles::Lanes => Part { rows: inner.cols, cols: lanes },
            };
            let tile = Tile { part, at, row_steps, col_steps, inner: &[], first, hole: (null(), 0) };
            // SAFETY: promised by the caller.
            unsafe {
                machine.before_tile(pass, first, lanes, self.lane_rows);
                machine.run(program, &tile);
            }
            first += inner.rows * inner.cols;
        }
        // SAFETY: promised by the caller.
        unsafe { machine.flush(pass, lanes, self.lane_rows) }
    }
}

/// Memory shared by the pieces of a row.
#[derive(Clone, Copy)]
struct Cells {
    base: *mut u8,
    bytes: usize,
}

// SAFETY: each piece writes its own part; see the uses.
unsafe impl Sync for Cells {}

impl Cells {
    fn at(&self, i: usize) -> *mut u8 {
        self.base.wrapping_add(i * self.bytes)
    }
}
