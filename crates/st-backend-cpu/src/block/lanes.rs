//! What a machine does around the tiles of a pass that reduces: starting, joining and finishing its cells.

use super::call::Call;
use super::machine::{Machine, Roles};

/// Lanes are joined into their cells after this many tiles, which bounds the rounding errors of long sums.
const FLUSH_EVERY: usize = 64;

impl<'b> Machine<'b> {
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
                nest: &[],
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
            nest: &[],
            aux: [0; 2],
            faults: &self.bound.faults,
        }
    }
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
