//! Bodies of kernels that have work of their own (products, convolutions): run on tiles of that work's result.

use super::bind::Bound;
use super::machine::{Machine, Roles, Sizes, Tile};
use super::plan::{self, Frame, Plan};
use super::scalars::Geometry;
use super::space::{Part, PerAccess};
use smallvec::SmallVec;
use st_kernel::{Body, Buffer, Launch, Result, Scalar};
use std::borrow::Cow;

/// Rows of so many points are worked on one by one.
const WIDE: usize = 256;

/// A compiled body whose `Hole(0)` is given with each tile.
pub struct Epilogue {
    plan: Plan,
}

/// An epilogue bound to a launch. Tiles may be run from several threads at once.
pub struct EpilogueRun<'a> {
    bound: Bound<'a>,
    scalars: Cow<'a, [bool]>,
    rank: usize,
    /// Steps of the accesses along each dimension.
    steps: SmallVec<[PerAccess; 6]>,
}

impl Epilogue {
    /// Compiles the body of a kernel.
    pub fn compile(body: &Body) -> Result<Epilogue> {
        let frame = Frame { outer: 0, inner: false, row_reads: &[], keep: false };
        Ok(Epilogue { plan: plan::compile(body, frame)? })
    }

    /// Binds a launch; the body runs over the first `rank` (at least 2) of its dimensions.
    pub fn bind<'a>(
        &'a self,
        launch: &'a Launch,
        rank: usize,
        buffers: &[Buffer],
        params: &[Scalar],
    ) -> Result<EpilogueRun<'a>> {
        assert!(rank >= 2, "an epilogue works on rows and columns");
        let bound = Bound::new(&self.plan, launch, rank, rank, buffers, params)?;
        let steps: SmallVec<[PerAccess; 6]> =
            (0..rank).map(|d| (0..bound.accesses()).map(|a| bound.step(a, d)).collect()).collect();
        let geometry = Geometry {
            roles: Roles::OneRow,
            tile_rows: usize::MAX,
            row_steps: &steps[rank - 2],
            col_steps: &steps[rank - 1],
            lanes: 1,
            lane_steps: &steps[rank - 1],
        };
        let scalars = geometry.scalars(&self.plan);
        Ok(EpilogueRun { bound, scalars, rank, steps })
    }
}

impl EpilogueRun<'_> {
    /// Runs the body at `rows` x `cols` points from `origin` on along the last two dimensions.
    ///
    /// `hole` has the kernel's own result for them, in the dtype of `Hole(0)`, rows being `ld` elements apart.
    ///
    /// # Safety
    /// All points lie inside the launch's dimensions, `hole` can be read at all of them, and no other thread works on
    /// the same points.
    pub unsafe fn tile(&self, origin: &[usize], rows: usize, cols: usize, hole: *const u8, ld: usize) {
        debug_assert_eq!(origin.len(), self.rank);
        let mut start = self.bound.origin();
        for (steps, &o) in self.steps.iter().zip(origin) {
            start.iter_mut().zip(steps).for_each(|(at, step)| *at += o as isize * step);
        }
        let sizes = Sizes { lanes: 1, kept: 0 };
        let mut machine = Machine::new(&self.bound, &self.scalars, Roles::OneRow, sizes, None);
        let (row_steps, col_steps) = (&self.steps[self.rank - 2], &self.steps[self.rank - 1]);
        let block = self.bound.plan.block;
        let width = cols.min(block);
        // A row of a tile is contiguous, several are not: loops then work in memory, without copies.
        let height = if width >= WIDE { 1 } else { (block / width.max(1)).min(rows).max(1) };
        let size = self.bound.plan.hole_size;
        let mut at = start.clone();
        for top in (0..rows).step_by(height) {
            for left in (0..cols).step_by(width.max(1)) {
                for (a, at) in at.iter_mut().enumerate() {
                    *at = start[a] + top as isize * row_steps[a] + left as isize * col_steps[a];
                }
                let part = Part { rows: height.min(rows - top), cols: width.min(cols - left) };
                let hole = hole.wrapping_add((top * ld + left) * size);
                let tile = Tile {
                    part,
                    at: &at,
                    row_steps,
                    col_steps,
                    inner: &[],
                    first: 0,
                    hole: (hole, ld as isize),
                };
                // SAFETY: promised by the caller.
                unsafe { machine.run(&self.bound.plan.passes[0], &tile) }
            }
        }
    }

    /// What went wrong in the tiles, if anything.
    pub fn finish(self) -> Result<()> {
        self.bound.faults.result()
    }
}
