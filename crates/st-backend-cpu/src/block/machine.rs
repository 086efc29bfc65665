//! Runs the programs of a plan on tiles: one thread's registers and where each value is right now.

use super::bind::Bound;
use super::call::{Call, PADDING, Step};
use super::memory::{MAY_READ_ON, finish_streams, stream};
use super::plan::{Action, Home, NO_SLOT, Op, Program, Slot, Write};
use super::space::{Loops, Part, push_loop};
use crate::scratch::Scratch;
use std::ptr::{null, null_mut};

/// So many writes of a kernel may go to memory directly, one for each bit of a word; the others are copied there.
const MOST_DIRECT: usize = u64::BITS as usize;

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
    /// [`NESTED`] where it takes several loops to walk a row.
    pub(crate) col_steps: &'t [isize],
    /// The loops inside the rows, for each access, if a row is made of several dimensions.
    pub(crate) inner: &'t [Loops],
    /// Points of the row before this tile.
    pub(crate) first: usize,
    /// The kernel's own result for these points, and the step between its rows.
    pub(crate) hole: (*const u8, isize),
}

/// Stands for a step along columns that are not evenly apart.
pub(crate) const NESTED: isize = isize::MIN;

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
    registers: [*mut u8; 2],
    block: usize,
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
            Home::Register(r) => self.registers[r.rare as usize].wrapping_add(r.at as usize * self.block),
        }
    }
}

/// A slot at the moment.
#[derive(Clone, Copy)]
struct State {
    /// Where its value is.
    at: *mut u8,
    /// What was last copied into its register: from where, as how many rows and columns.
    copied: (*mut u8, u32, u32),
    /// It is one number for the whole tile.
    scalar: bool,
    /// It is one number for each row of the tile.
    narrow: bool,
    /// It lies outside our own memory, where loops must not run past the end.
    outside: bool,
}

/// One thread's registers, per-row values, running reductions and kept values.
pub(crate) struct Machine<'b> {
    pub(super) bound: &'b Bound<'b>,
    slots: *mut State,
    pub(super) roles: Roles,
    /// The memory of everything but uniform values.
    _memory: Scratch<u8>,
    places: Places,
    cells: *mut u8,
    lanes: *mut u8,
    lane_capacity: usize,
    pub(super) lane_tiles: usize,
    pub(super) lane_origin: usize,
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
        let block = plan.block;
        let lane_bytes = if roles == Roles::Lanes { 2 * block * 8 } else { 0 };
        let [usual, rare] = plan.register_bytes.map(|bytes| bytes as usize * block);
        let rows_at = usual + rare;
        let cells_at = (rows_at + plan.row_values * row_bytes).next_multiple_of(64);
        let lanes_at = cells_at + plan.folds.len() * 2 * row_bytes;
        let kept_at = (lanes_at + plan.folds.len() * lane_bytes).next_multiple_of(64);
        let slots_at = kept_at + plan.kept_values * kept_bytes;
        let memory = Scratch::<u8>::new(slots_at + plan.homes.len() * size_of::<State>());
        let base = memory.ptr();
        let places = Places {
            uniforms: bound.uniforms.as_ptr().cast::<u8>().cast_mut(),
            registers: [base, base.wrapping_add(usual)],
            block,
            row_values: rows.unwrap_or(base.wrapping_add(rows_at)),
            row_bytes,
            kept: base.wrapping_add(kept_at),
            kept_bytes,
        };
        let slots = base.wrapping_add(slots_at).cast::<State>();
        for (i, (&home, &scalar)) in plan.homes.iter().zip(scalars).enumerate() {
            // SAFETY: there is room for a state of each slot, at a multiple of 64 bytes.
            unsafe {
                let copied = (null_mut(), 0, 0);
                let at = places.of(home);
                slots.add(i).write(State { at, copied, scalar, narrow: false, outside: false })
            }
        }
        Machine {
            bound,
            slots,
            roles,
            places,
            cells: base.wrapping_add(cells_at),
            lanes: base.wrapping_add(lanes_at),
            lane_capacity: sizes.lanes,
            lane_tiles: 0,
            lane_origin: 0,
            _memory: memory,
        }
    }

    /// Has some slots hold one number for each row of a tile.
    pub(crate) fn set_narrow(&mut self, narrow: &[bool]) {
        debug_assert_eq!(narrow.len(), self.bound.plan.homes.len());
        for (i, &narrow) in narrow.iter().enumerate() {
            // SAFETY: as in `slot`; nobody else holds the states.
            unsafe { (*self.slots.add(i)).narrow = narrow }
        }
    }

    #[inline(always)]
    pub(super) fn home(&self, slot: Slot) -> *mut u8 {
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
    pub(super) fn lanes(&self, fold: usize) -> (*mut u8, *mut u8) {
        let lanes = self.lanes.wrapping_add(fold * 2 * self.bound.plan.block * 8);
        (lanes, lanes.wrapping_add(self.bound.plan.block * 8))
    }

    /// What is known of a slot.
    #[inline(always)]
    fn slot(&self, slot: Slot) -> State {
        debug_assert!((slot as usize) < self.bound.plan.homes.len());
        // SAFETY: the plan's programs name slots that it has; `new` has written their states.
        unsafe { *self.slots.add(slot as usize) }
    }

    #[inline(always)]
    fn place(&mut self, slot: Slot, at: *mut u8, outside: bool) {
        debug_assert!((slot as usize) < self.bound.plan.homes.len());
        // SAFETY: as in `slot`; nobody else holds the states.
        let state = unsafe { &mut *self.slots.add(slot as usize) };
        (state.at, state.outside) = (at, outside);
    }

    /// Runs a program on a tile.
    ///
    /// # Safety
    /// The tile lies inside the launch's dimensions, and no other thread writes its points.
    pub(crate) unsafe fn run(&mut self, program: &Program, tile: &Tile<'_>) {
        let n = tile.part.rows * tile.part.cols;
        debug_assert!(n <= self.bound.plan.block, "a tile of {n} points does not fit the registers");
        let padded = n.next_multiple_of(PADDING);
        for &slot in &program.kept {
            if let Home::Kept(_, size) = self.bound.plan.homes[slot as usize] {
                let before = tile.first * self.lane_capacity * size as usize;
                self.place(slot, self.home(slot).wrapping_add(before), false);
            }
        }
        let direct = self.aim_writes(program, tile);
        let mut call = Call {
            dst: null_mut(),
            src: [null(); 3],
            scalar: [false; 3],
            n,
            rows: tile.part.rows,
            cols: tile.part.cols,
            steps: [0; 2],
            nest: &[],
            aux: [0; 2],
            faults: &self.bound.faults,
        };
        for op in &program.ops {
            let (dst, src) = (self.slot(op.dst), op.src.map(|s| self.slot(s)));
            call.dst = dst.at;
            call.src = src.map(|s| s.at.cast_const());
            call.scalar = src.map(|s| s.scalar);
            let mut full = n;
            if let Action::Compute { pad } = op.action {
                let outside = dst.outside | src[0].outside | src[1].outside | src[2].outside;
                full = if pad & !outside { padded } else { n };
                call.n = match (dst.scalar, dst.narrow) {
                    (true, _) => 1,
                    (_, true) => tile.part.rows,
                    _ => full,
                };
                // SAFETY: the plan chose the loop for this machine and these types; all addresses were computed for
                // `n` points that the caller promises to be inside the checked launch.
                unsafe { (op.step)(&call) }
            } else {
                let part = match (dst.scalar && op.dst != NO_SLOT, dst.narrow) {
                    (true, _) => Part { rows: 1, cols: 1 },
                    (_, true) => Part { cols: 1, ..tile.part },
                    _ => tile.part,
                };
                (call.n, call.rows, call.cols) = (part.rows * part.cols, part.rows, part.cols);
                // SAFETY: as above.
                unsafe { self.run_special(op, tile, &mut call) }
                (call.rows, call.cols) = (tile.part.rows, tile.part.cols);
            }
            if full < padded {
                self.clear_behind(op.dst, n, padded);
            }
        }
        for (i, write) in program.writes.iter().enumerate() {
            if i >= MOST_DIRECT || direct >> i & 1 == 0 {
                // SAFETY: as above.
                unsafe { self.write(write, tile) }
            }
        }
    }

    /// Puts zeros behind a value's last point, for padded loops that read it. What lies there by chance is often a
    /// denormal number, and vectors with one of those take some hundred cycles.
    fn clear_behind(&self, slot: Slot, n: usize, padded: usize) {
        let State { at, scalar, outside, .. } = self.slot(slot);
        let size = match self.bound.plan.homes[slot as usize] {
            Home::Register(register) => register.class.size(),
            Home::Kept(_, size) => size as usize,
            Home::Uniform(_) | Home::Row(_) => return,
        };
        if !scalar && !outside {
            // SAFETY: our own memory has room for what padded loops write.
            unsafe { at.add(n * size).write_bytes(0, (padded - n) * size) }
        }
    }

    /// Runs a step that is more than a loop on registers.
    ///
    /// # Safety
    /// As [`Machine::run`].
    unsafe fn run_special(&mut self, op: &Op, tile: &Tile<'_>, call: &mut Call<'_>) {
        let mut step = op.step;
        match op.action {
            Action::Load { access, native, .. } => {
                if !self.prepare_load(op, access, native, tile, call) {
                    return;
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
            Action::Gather { read } => {
                call.src[0] = self.bound.flows[read as usize].ptr;
                let narrow = self.slot(op.src[1]).narrow;
                call.aux = [tile.col_steps[read as usize] as i64, i64::from(narrow)];
            }
            Action::Spread => {
                if !self.prepare_spread(op, tile, call) {
                    return;
                }
            }
            Action::Fold(fold) => {
                let steps = &self.bound.plan.folds[fold as usize].steps;
                if call.scalar[0] {
                    call.steps = [0; 2];
                    // SAFETY: promised by the caller; the step's own register has room for the points.
                    unsafe { (steps.spread)(call) }
                    call.src[0] = call.dst;
                }
                self.prepare_fold(fold as usize, tile, call);
                if self.roles == Roles::Lanes {
                    step = steps.lanes;
                }
            }
            Action::Compute { .. } => {}
        }
        // SAFETY: promised by the caller.
        unsafe {
            match op.action {
                Action::Load { access, .. } | Action::Position { access } => {
                    by_grids(step, call, tile, access as usize);
                }
                _ => step(call),
            }
        }
    }

    /// Lets loops write contiguous results to memory themselves. Returns a bit for each write that needs no other.
    fn aim_writes(&mut self, program: &Program, tile: &Tile<'_>) -> u64 {
        let mut direct = 0;
        for (i, write) in program.writes.iter().enumerate().take(MOST_DIRECT).filter(|(_, w)| w.direct) {
            let flow = self.bound.flows[write.access as usize];
            let aim = !flow.aliased
                && !flow.streams
                && !self.slot(write.slot).scalar
                && contiguous(write.access, tile);
            direct |= u64::from(aim) << i;
            let at = if aim { address(flow, tile.at[write.access as usize]) } else { self.home(write.slot) };
            self.place(write.slot, at, aim);
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
        let a = access as usize;
        let hole = a == self.bound.plan.dtypes.len();
        let flow = self.bound.flows[a];
        let from = if hole { tile.hole.0.cast_mut() } else { address(flow, tile.at[a]) };
        let steps = if hole { [tile.hole.1, 1] } else { [tile.row_steps[a], tile.col_steps[a]] };
        let dense = dense(steps, Part { rows: call.rows, cols: call.cols });
        let register = matches!(self.bound.plan.homes[op.dst as usize], Home::Register(_));
        call.aux[0] = if flow.aliased { 0 } else { MAY_READ_ON };
        // A tile's results are written after all of its loops, one after the other.
        let stored = matches!(op.action, Action::Load { stored: true, .. });
        let stays = !flow.aliased || flow.in_step && !stored;
        if native && register && stays && (dense || self.slot(op.dst).scalar) {
            self.place(op.dst, from, true);
            return false;
        }
        let to = self.home(op.dst);
        self.place(op.dst, to, false);
        if native && !flow.aliased {
            let copied = (from, call.rows as u32, call.cols as u32);
            // SAFETY: as in `slot`.
            let last = unsafe { &mut (*self.slots.add(op.dst as usize)).copied };
            if std::mem::replace(last, copied) == copied {
                return false;
            }
        }
        (call.dst, call.src[0], call.steps) = (to, from, steps);
        if dense {
            (call.cols, call.rows, call.steps) = (call.n, 1, [0, 1]);
        }
        true
    }

    /// Uses a per-row value as it is (false) or prepares a loop to spread it over the tile.
    fn prepare_spread(&mut self, op: &Op, tile: &Tile<'_>, call: &mut Call<'_>) -> bool {
        if self.slot(op.dst).scalar || self.roles == Roles::Lanes && tile.part.rows == 1 {
            self.place(op.dst, self.slot(op.src[0]).at, false);
            return false;
        }
        call.dst = self.home(op.dst);
        self.place(op.dst, call.dst, false);
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
        let (part, value) = (tile.part, self.slot(write.slot));
        let mut call = Call {
            dst: address(self.bound.flows[a], tile.at[a]),
            src: [value.at; 3],
            scalar: [value.scalar; 3],
            n: part.rows * part.cols,
            rows: part.rows,
            cols: part.cols,
            steps: [tile.row_steps[a], tile.col_steps[a]],
            nest: &[],
            aux: [0; 2],
            faults: &self.bound.faults,
        };
        if dense(call.steps, part) {
            (call.cols, call.rows, call.steps) = (call.n, 1, [0, 1]);
        }
        let streams = self.bound.flows[a].streams && call.steps[1] == 1 && !value.scalar;
        // SAFETY: promised by the caller; what streams is in memory as it is in registers.
        unsafe {
            if streams {
                stream(&call, self.bound.flows[a].size);
            } else {
                by_grids(write.step, &call, tile, a);
            }
        }
    }
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        if self.bound.flows.iter().any(|flow| flow.streams) {
            finish_streams();
        }
    }
}

/// Runs a step that touches memory: where an access needs several loops to walk a row, over one grid after another.
///
/// # Safety
/// As [`Step`].
unsafe fn by_grids(step: Step, call: &Call<'_>, tile: &Tile<'_>, access: usize) {
    let mut nest = Loops::new();
    if call.steps[1] == NESTED {
        push_loop(&mut nest, (call.rows, call.steps[0]));
        tile.inner[access].iter().for_each(|&inner| push_loop(&mut nest, inner));
    }
    // SAFETY: promised by the caller; the grids are the same points.
    unsafe {
        match (nest.pop(), nest.pop()) {
            (Some((cols, col_step)), rows) => {
                let (rows, row_step) = rows.unwrap_or((1, 0));
                step(&Call { rows, cols, steps: [row_step, col_step], nest: &nest, ..*call });
            }
            _ => step(call),
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
