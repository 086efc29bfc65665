//! Runs the programs of a plan on tiles: one thread's registers and where each value is right now.

use super::bind::Bound;
use super::call::{BLOCK, Call, PADDING};
use super::plan::{Action, Home, NO_SLOT, Op, Plan, Program, Slot, Write};
use super::space::Part;
use crate::scratch::Scratch;
use smallvec::SmallVec;
use std::borrow::Cow;

/// Lanes are joined into their cells after this many tiles, which bounds the rounding errors of long sums.
const FLUSH_EVERY: usize = 64;

/// How the points of a tile belong to rows of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Roles {
    /// All to one row, whose values are numbers. Also pointwise work, which has no rows.
    OneRow,
    /// Each row of the tile is a row of the kernel, complete.
    Rows,
    /// Each column of the tile is part of a row of the kernel: of a lane.
    Lanes,
}

/// What a program works on: a grid of points and how the accesses walk it.
#[derive(Clone, Copy)]
pub(crate) struct Tile<'t> {
    pub(crate) part: Part,
    /// Positions at the first point.
    pub(crate) at: &'t [isize],
    pub(crate) row_steps: &'t [isize],
    pub(crate) col_steps: &'t [isize],
    /// Points of the row before this tile.
    pub(crate) first: usize,
    /// The kernel's own result for these points, and the step between its rows.
    pub(crate) hole: (*const u8, isize),
}

/// What decides which slots are one number for all points of a tile.
pub(crate) struct Geometry<'t> {
    pub(crate) roles: Roles,
    /// Most rows of a tile.
    pub(crate) tile_rows: usize,
    pub(crate) row_steps: &'t [isize],
    pub(crate) col_steps: &'t [isize],
    /// Most lanes worked on together, and the steps from one to the next.
    pub(crate) lanes: usize,
    pub(crate) lane_steps: &'t [isize],
}

impl Geometry<'_> {
    /// The slots that are numbers for the whole launch.
    pub(crate) fn scalars<'p>(&self, plan: &'p Plan) -> Cow<'p, [bool]> {
        let still = |a: usize| self.still_in_tile(plan, a);
        if self.roles == Roles::OneRow && !plan.loaded.iter().any(|&a| still(a as usize)) {
            return Cow::Borrowed(&plan.scalars);
        }
        Cow::Owned(self.mark_all(plan))
    }

    /// As [`Geometry::scalars`] for launches where every full access moves, which most are.
    pub(crate) fn usual_scalars(plan: &Plan) -> Vec<bool> {
        let steps = vec![1; plan.dtypes.len() + 1 + plan.coords.len()];
        let (row_steps, col_steps, lane_steps) = (&steps[..], &steps[..], &steps[..]);
        Geometry { roles: Roles::OneRow, tile_rows: 2, row_steps, col_steps, lanes: 1, lane_steps }
            .mark_all(plan)
    }

    fn still_in_tile(&self, plan: &Plan, a: usize) -> bool {
        let hole = a == plan.dtypes.len();
        !hole && self.col_steps[a] == 0 && (self.row_steps[a] == 0 || self.tile_rows == 1)
    }

    fn mark_all(&self, plan: &Plan) -> Vec<bool> {
        let mut scalars: Vec<bool> = plan.homes.iter().map(|h| matches!(h, Home::Uniform(_))).collect();
        for fold in &plan.folds {
            scalars[fold.result as usize] = self.roles == Roles::OneRow;
        }
        for d in 0..plan.rows.len().max(plan.passes.len()) {
            if let Some(program) = plan.rows.get(d) {
                mark(&mut scalars, program, &|a| self.lanes == 1 || self.lane_steps[a] == 0);
            }
            if let Some(program) = plan.passes.get(d) {
                mark(&mut scalars, program, &|a| self.still_in_tile(plan, a));
            }
        }
        scalars
    }
}

fn mark(scalars: &mut [bool], program: &Program, still: &dyn Fn(usize) -> bool) {
    for op in &program.ops {
        let of = |s: Slot| scalars[s as usize];
        let scalar = match op.action {
            Action::Load { access, .. } | Action::Position { access } => still(access as usize),
            Action::Fold(_) => continue,
            _ => op.src.iter().all(|&s| of(s)),
        };
        scalars[op.dst as usize] = scalar;
    }
}

/// Sizes of a machine's memory.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    /// Most lanes worked on together.
    pub(crate) lanes: usize,
    /// Points of a row for which values are kept.
    pub(crate) kept: usize,
}

/// Where the kinds of values begin, and how far apart they are.
#[derive(Clone, Copy)]
struct Places {
    uniforms: *mut u8,
    registers: *mut u8,
    row_values: *mut u8,
    row_bytes: usize,
    kept: *mut u8,
    kept_bytes: usize,
}

impl Places {
    #[inline(always)]
    fn of(&self, home: Home) -> *mut u8 {
        match home {
            Home::Uniform(i) => self.uniforms.wrapping_add(i as usize * 8),
            Home::Row(i) => self.row_values.wrapping_add(i as usize * self.row_bytes),
            Home::Kept(i, _) => self.kept.wrapping_add(i as usize * self.kept_bytes),
            Home::Register { at, .. } => self.registers.wrapping_add(at as usize),
        }
    }
}

/// One thread's registers, per-row values, running reductions and kept values.
pub(crate) struct Machine<'b> {
    bound: &'b Bound<'b>,
    scalars: &'b [bool],
    roles: Roles,
    /// The memory of everything but uniform values.
    _memory: Scratch<u8>,
    /// Where each slot's value is at the moment.
    now: SmallVec<[*mut u8; 32]>,
    /// Slots whose value lies outside our own memory, where loops must not run past the end.
    outside: SmallVec<[bool; 32]>,
    places: Places,
    cells: *mut u8,
    lanes: *mut u8,
    lane_capacity: usize,
    lane_tiles: usize,
    lane_origin: usize,
}

impl<'b> Machine<'b> {
    /// A machine; `rows` are the per-row values of another one to be used (and not changed) by this one.
    pub(crate) fn new(
        bound: &'b Bound<'b>,
        scalars: &'b [bool],
        roles: Roles,
        sizes: Sizes,
        rows: Option<*mut u8>,
    ) -> Machine<'b> {
        let plan = bound.plan;
        let row_bytes = if roles == Roles::OneRow { 8 } else { sizes.lanes.next_multiple_of(PADDING) * 8 };
        let kept_bytes = (sizes.kept.next_multiple_of(PADDING) + PADDING) * 8;
        let lane_bytes = if roles == Roles::Lanes { 2 * BLOCK * 8 } else { 0 };
        let rows_at = plan.register_bytes;
        let cells_at = (rows_at + plan.row_values * row_bytes).next_multiple_of(64);
        let lanes_at = cells_at + plan.folds.len() * 2 * row_bytes;
        let kept_at = (lanes_at + plan.folds.len() * lane_bytes).next_multiple_of(64);
        let memory = Scratch::<u8>::new(kept_at + plan.kept_values * kept_bytes);
        let base = memory.ptr();
        let places = Places {
            uniforms: bound.uniforms.as_ptr().cast::<u8>().cast_mut(),
            registers: base,
            row_values: rows.unwrap_or(base.wrapping_add(rows_at)),
            row_bytes,
            kept: base.wrapping_add(kept_at),
            kept_bytes,
        };
        Machine {
            bound,
            scalars,
            roles,
            now: plan.homes.iter().map(|&home| places.of(home)).collect(),
            outside: SmallVec::from_elem(false, plan.homes.len()),
            places,
            cells: base.wrapping_add(cells_at),
            lanes: base.wrapping_add(lanes_at),
            lane_capacity: sizes.lanes,
            lane_tiles: 0,
            lane_origin: 0,
            _memory: memory,
        }
    }

    #[inline(always)]
    fn home(&self, slot: Slot) -> *mut u8 {
        self.places.of(self.bound.plan.homes[slot as usize])
    }

    /// The per-row values, for another machine's use.
    pub(crate) fn row_values(&self) -> *mut u8 {
        self.places.row_values
    }

    /// The cells of a reduction: values and places.
    pub(crate) fn cells(&self, fold: usize) -> (*mut u8, *mut u8) {
        let cells = self.cells.wrapping_add(fold * 2 * self.places.row_bytes);
        (cells, cells.wrapping_add(self.places.row_bytes))
    }

    /// Bytes of one reduction's cells, places included.
    pub(crate) fn cell_bytes(&self) -> usize {
        2 * self.places.row_bytes
    }

    /// The lanes of a reduction: values and places.
    fn lanes(&self, fold: usize) -> (*mut u8, *mut u8) {
        let lanes = self.lanes.wrapping_add(fold * 2 * BLOCK * 8);
        (lanes, lanes.wrapping_add(BLOCK * 8))
    }

    /// Runs a program on a tile.
    ///
    /// # Safety
    /// The tile lies inside the launch's dimensions, and no other thread writes its points.
    pub(crate) unsafe fn run(&mut self, program: &Program, tile: &Tile<'_>) {
        let n = tile.part.rows * tile.part.cols;
        let padded = n.next_multiple_of(PADDING);
        for &slot in &program.kept {
            if let Home::Kept(_, size) = self.bound.plan.homes[slot as usize] {
                self.now[slot as usize] =
                    self.home(slot).wrapping_add(tile.first * self.lane_capacity * size as usize);
            }
        }
        let direct = self.aim_writes(program, tile);
        for op in &program.ops {
            let mut call = self.call(op, tile);
            let mut step = op.step;
            match op.action {
                Action::Compute { pad } => {
                    let inside = !op.src.iter().chain([&op.dst]).any(|&s| self.outside[s as usize]);
                    call.n = if self.scalars[op.dst as usize] {
                        1
                    } else if pad && inside {
                        padded
                    } else {
                        n
                    };
                }
                Action::Load { access, native } => {
                    if !self.prepare_load(op, access, native, tile, &mut call) {
                        continue;
                    }
                }
                Action::Position { access } => {
                    call.aux[0] = tile.at[access as usize] as i64;
                    call.steps = [tile.row_steps[access as usize], tile.col_steps[access as usize]];
                }
                Action::Displace { read, index } => {
                    let (size, step) = self.bound.launch.reads[read as usize].gather[index as usize];
                    call.aux = [size as i64, step as i64];
                }
                Action::Gather { read } => call.src[0] = self.bound.flows[read as usize].ptr,
                Action::Spread => {
                    if !self.prepare_spread(op, tile, &mut call) {
                        continue;
                    }
                }
                Action::Fold(fold) => {
                    if self.scalars[op.src[0] as usize] {
                        // SAFETY: as below; the step's own register has room for the points.
                        unsafe { (self.bound.plan.folds[fold as usize].steps.spread)(&call) }
                        call.src[0] = call.dst;
                    }
                    self.prepare_fold(fold as usize, tile, &mut call);
                    if self.roles == Roles::Lanes {
                        step = self.bound.plan.folds[fold as usize].steps.lanes;
                    }
                }
            }
            // SAFETY: the plan chose the loop for this machine and these types; all addresses were computed for `n`
            // points that the caller promises to be inside the checked launch.
            unsafe { step(&call) }
        }
        for (i, write) in program.writes.iter().enumerate() {
            if direct >> i & 1 == 0 {
                // SAFETY: as above.
                unsafe { self.write(write, tile) }
            }
        }
    }

    /// What all steps are told.
    #[inline(always)]
    fn call(&self, op: &Op, tile: &Tile<'_>) -> Call<'b> {
        let scalar = self.scalars[op.dst as usize];
        let part = if scalar && op.dst != NO_SLOT { Part { rows: 1, cols: 1 } } else { tile.part };
        Call {
            dst: self.now[op.dst as usize],
            src: op.src.map(|s| self.now[s as usize].cast_const()),
            scalar: op.src.map(|s| self.scalars[s as usize]),
            n: part.rows * part.cols,
            rows: part.rows,
            cols: part.cols,
            steps: [0; 2],
            aux: [0; 2],
            faults: &self.bound.faults,
        }
    }

    /// Lets loops write contiguous results to memory themselves. Returns a bit for each write that needs no other.
    fn aim_writes(&mut self, program: &Program, tile: &Tile<'_>) -> u64 {
        let mut direct = 0;
        for (i, write) in program.writes.iter().enumerate().take(64).filter(|(_, w)| w.direct) {
            let slot = write.slot as usize;
            let flow = self.bound.flows[write.access as usize];
            let aim = !flow.aliased && !self.scalars[slot] && contiguous(write.access, tile);
            self.outside[slot] = aim;
            self.now[slot] = if aim {
                direct |= 1 << i;
                address(flow, tile.at[write.access as usize])
            } else {
                self.home(write.slot)
            };
        }
        direct
    }

    /// Uses memory in place (false) or prepares a loop to copy it.
    fn prepare_load(
        &mut self,
        op: &Op,
        access: u16,
        native: bool,
        tile: &Tile<'_>,
        call: &mut Call<'_>,
    ) -> bool {
        let (a, dst) = (access as usize, op.dst as usize);
        let hole = a == self.bound.plan.dtypes.len();
        let flow = self.bound.flows[a];
        let from = if hole { tile.hole.0.cast_mut() } else { address(flow, tile.at[a]) };
        let steps = if hole { [tile.hole.1, 1] } else { [tile.row_steps[a], tile.col_steps[a]] };
        let dense = dense(steps, tile.part);
        let register = matches!(self.bound.plan.homes[dst], Home::Register { .. });
        if native && register && !flow.aliased && (dense || self.scalars[dst]) {
            (self.now[dst], self.outside[dst]) = (from, true);
            return false;
        }
        (self.now[dst], self.outside[dst]) = (self.home(op.dst), false);
        (call.dst, call.src[0], call.steps) = (self.home(op.dst), from, steps);
        if dense {
            (call.cols, call.rows, call.steps) = (call.n, 1, [0, 1]);
        }
        true
    }

    /// Uses a per-row value as it is (false) or prepares a loop to spread it over the tile.
    fn prepare_spread(&mut self, op: &Op, tile: &Tile<'_>, call: &mut Call<'_>) -> bool {
        let (src, dst) = (op.src[0] as usize, op.dst as usize);
        if self.scalars[dst] || self.roles == Roles::Lanes && tile.part.rows == 1 {
            self.now[dst] = self.now[src];
            return false;
        }
        self.now[dst] = self.home(op.dst);
        call.dst = self.home(op.dst);
        call.steps = if self.roles == Roles::Lanes { [0, 1] } else { [1, 0] };
        true
    }

    fn prepare_fold(&self, fold: usize, tile: &Tile<'_>, call: &mut Call<'_>) {
        let (cells, places) = self.cells(fold);
        (call.dst, call.src[1]) = (cells, places);
        call.aux[0] = tile.first as i64;
        match self.roles {
            Roles::OneRow => (call.rows, call.cols) = (1, call.n),
            Roles::Rows => {}
            Roles::Lanes => {
                let (lanes, places) = self.lanes(fold);
                (call.dst, call.src[1]) = (lanes, places);
                call.aux[0] = (tile.first - self.lane_origin) as i64;
            }
        }
    }

    /// # Safety
    /// As [`Machine::run`].
    unsafe fn write(&self, write: &Write, tile: &Tile<'_>) {
        let a = write.access as usize;
        let part = tile.part;
        let mut call = Call {
            dst: address(self.bound.flows[a], tile.at[a]),
            src: [self.now[write.slot as usize].cast_const(); 3],
            scalar: [self.scalars[write.slot as usize]; 3],
            n: part.rows * part.cols,
            rows: part.rows,
            cols: part.cols,
            steps: [tile.row_steps[a], tile.col_steps[a]],
            aux: [0; 2],
            faults: &self.bound.faults,
        };
        if dense(call.steps, part) {
            (call.cols, call.rows, call.steps) = (call.n, 1, [0, 1]);
        }
        // SAFETY: promised by the caller.
        unsafe { (write.step)(&call) }
    }

    /// Starts the reductions of a pass over `lanes` lanes.
    ///
    /// # Safety
    /// The machine has room for the lanes.
    pub(crate) unsafe fn start(&mut self, pass: usize, lanes: usize) {
        for (i, fold) in self.bound.plan.folds.iter().enumerate().filter(|(_, f)| f.pass == pass) {
            let (cells, places) = self.cells(i);
            // SAFETY: each reduction has `row_bytes` for cells and as many for places.
            unsafe {
                std::slice::from_raw_parts_mut(cells.cast::<u64>(), lanes).fill(fold.steps.cell_start);
                if fold.steps.arg {
                    std::slice::from_raw_parts_mut(places.cast::<i64>(), lanes).fill(0);
                }
            }
        }
        (self.lane_tiles, self.lane_origin) = (0, 0);
    }

    /// Called before each tile of a pass: starts lanes where there are some, and joins them into cells now and then.
    ///
    /// # Safety
    /// As [`Machine::start`].
    pub(crate) unsafe fn before_tile(&mut self, pass: usize, first: usize, lanes: usize, rows: usize) {
        if self.roles != Roles::Lanes {
            return;
        }
        if self.lane_tiles == FLUSH_EVERY {
            // SAFETY: as above.
            unsafe { self.flush(pass, lanes, rows) }
        }
        if self.lane_tiles == 0 {
            self.lane_origin = first;
            for (i, fold) in self.bound.plan.folds.iter().enumerate().filter(|(_, f)| f.pass == pass) {
                let (values, places) = self.lanes(i);
                // SAFETY: each reduction has room for a block of lanes and as many places, of 8 bytes each.
                unsafe {
                    fill(values, fold.steps.lane_start, fold.steps.lane_size, lanes * rows);
                    if fold.steps.arg {
                        std::ptr::write_bytes(places, 0, lanes * rows * 8);
                    }
                }
            }
        }
        self.lane_tiles += 1;
    }

    /// Joins the lanes of a pass into their cells.
    ///
    /// # Safety
    /// As [`Machine::start`].
    pub(crate) unsafe fn flush(&mut self, pass: usize, lanes: usize, rows: usize) {
        if self.lane_tiles == 0 {
            return;
        }
        for (i, fold) in self.bound.plan.folds.iter().enumerate().filter(|(_, f)| f.pass == pass) {
            let ((cells, places), (values, lane_places)) = (self.cells(i), self.lanes(i));
            let call = Call {
                dst: cells,
                src: [values, places, lane_places],
                scalar: [false; 3],
                n: lanes * rows,
                rows,
                cols: lanes,
                steps: [0; 2],
                aux: [self.lane_origin as i64, 0],
                faults: &self.bound.faults,
            };
            // SAFETY: the plan chose the loop for this machine and these types.
            unsafe { (fold.steps.flush)(&call) }
        }
        self.lane_tiles = 0;
    }

    /// Joins cells computed elsewhere into those of a reduction.
    ///
    /// # Safety
    /// `values` and `places` hold `lanes` cells of this reduction.
    pub(crate) unsafe fn merge(&mut self, fold: usize, lanes: usize, values: *const u8, places: *const u8) {
        let (cells, own_places) = self.cells(fold);
        let call = self.plain_call(cells, [values, own_places, places], lanes);
        // SAFETY: promised by the caller.
        unsafe { (self.bound.plan.folds[fold].steps.merge)(&call) }
    }

    /// Turns the cells of a pass into per-row values.
    ///
    /// # Safety
    /// As [`Machine::start`].
    pub(crate) unsafe fn finish(&mut self, pass: usize, lanes: usize) {
        for (i, fold) in self.bound.plan.folds.iter().enumerate().filter(|(_, f)| f.pass == pass) {
            let (cells, places) = self.cells(i);
            let call = self.plain_call(self.home(fold.result), [cells, places, cells], lanes);
            // SAFETY: the plan chose the loop for this machine and these types.
            unsafe { (fold.steps.finish)(&call) }
        }
    }

    fn plain_call(&self, dst: *mut u8, src: [*const u8; 3], n: usize) -> Call<'b> {
        Call {
            dst,
            src,
            scalar: [false; 3],
            n,
            rows: 1,
            cols: n,
            steps: [0; 2],
            aux: [0; 2],
            faults: &self.bound.faults,
        }
    }
}

fn address(flow: super::bind::Flow, at: isize) -> *mut u8 {
    flow.ptr.wrapping_offset(at * flow.size as isize)
}

fn contiguous(access: u16, tile: &Tile<'_>) -> bool {
    dense([tile.row_steps[access as usize], tile.col_steps[access as usize]], tile.part)
}

/// Whether the points of a grid follow one another in memory.
fn dense([row_step, col_step]: [isize; 2], part: Part) -> bool {
    (col_step == 1 || part.cols == 1) && (part.rows == 1 || row_step == part.cols as isize)
}

/// # Safety
/// There is room for `n` numbers of `size` bytes at `to`.
unsafe fn fill(to: *mut u8, bits: u64, size: usize, n: usize) {
    // SAFETY: promised by the caller.
    unsafe {
        match size {
            1 => std::ptr::write_bytes(to, bits as u8, n),
            4 => std::slice::from_raw_parts_mut(to.cast::<u32>(), n).fill(bits as u32),
            _ => std::slice::from_raw_parts_mut(to.cast::<u64>(), n).fill(bits),
        }
    }
}
