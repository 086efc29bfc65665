//! Kernels without inner dimensions: every point is on its own.

use super::bind::Bound;
use super::call::MOST_LOOPS;
use super::machine::{Machine, NESTED, Roles, Sizes, Tile};
use super::scalars::{Geometry, narrow};
use super::space::{Loops, PerAccess, Space, Walk, balanced};
use crate::pool;
use smallvec::SmallVec;
use std::ptr::null;

/// Work below this many additions stays on the calling thread: handing it over costs about a microsecond.
pub(crate) const SMALL: usize = 30_000;
/// Additions in a chunk of work given to a thread.
const CHUNK: usize = 200_000;

/// Side of the square tiles used where some operand is contiguous along another dimension than the result.
const SIDE: usize = 32;

/// So few columns are too few for a loop, and so many enough for a tile.
const FEW: usize = 4;
const LONG: usize = 192;

/// Runs the body at every point.
pub(crate) fn run(bound: &Bound<'_>, rank: usize) {
    let plan = bound.plan;
    let key = plan.reads;
    let mut space = bound.space(0, rank, Some(key));
    if space.points() == 0 {
        return;
    }
    let (rows, cols) = tile_shape(bound, &mut space);
    let (depth, rows, cols) = deepened(&space, rows, cols, plan.block);
    let walk = Walk::along(&space, depth, rows, cols);
    let inner: SmallVec<[Loops; 8]> = match depth {
        1 => SmallVec::new(),
        _ => (0..bound.accesses()).map(|a| space.loops_inside(depth, a)).collect(),
    };
    let nested: PerAccess =
        inner.iter().map(|l| if let [(_, step)] = l[..] { step } else { NESTED }).collect();
    let row_steps = space.steps_from_last(depth);
    let col_steps = if depth == 1 { space.steps_from_last(0) } else { &nested };
    let roles = Roles::OneRow;
    let geometry = Geometry { roles, tile_rows: rows, row_steps, col_steps, lanes: 1, lane_steps: col_steps };
    let scalars = geometry.scalars(plan);
    let narrow = if depth == 1 { narrow(plan, roles, &scalars, col_steps) } else { None };
    let origin = bound.origin();
    let work = |tiles: std::ops::Range<usize>| {
        let mut machine = Machine::new(bound, &scalars, roles, Sizes { lanes: 1, kept: 0 }, None);
        if let Some(narrow) = &narrow {
            machine.set_narrow(narrow);
        }
        let mut at = origin.clone();
        for t in tiles {
            let part = walk.tile(t, &origin, &mut at);
            let tile =
                Tile { part, at: &at, row_steps, col_steps, inner: &inner, first: 0, hole: (null(), 0) };
            // SAFETY: tiles lie inside the space, and each is run by one thread.
            unsafe { machine.run(&plan.passes[0], &tile) }
        }
    };
    split(walk.tiles, space.points() * plan.cost.max(1), &work);
}

/// Runs `work` over `items`, split into chunks over the threads if they cost enough altogether.
pub(crate) fn split(items: usize, cost: usize, work: &(dyn Fn(std::ops::Range<usize>) + Sync)) {
    if cost < SMALL || items == 1 {
        return work(0..items);
    }
    let chunks = cost.div_ceil(CHUNK).clamp(2, items);
    let start = |chunk: usize| (items as u128 * chunk as u128 / chunks as u128) as usize;
    pool::for_each(chunks, &|chunk| work(start(chunk)..start(chunk + 1)));
}

/// Takes more dimensions into a tile, the rows going along the outermost of them, while they are whole and there is room.
fn deepened(space: &Space, mut rows: usize, mut cols: usize, block: usize) -> (usize, usize, usize) {
    let mut depth = 1;
    let whole = cols == space.size_from_last(0);
    while whole
        && rows == space.size_from_last(depth)
        && depth + 1 < space.rank().min(MOST_LOOPS)
        && 2 * rows * cols <= block
    {
        cols *= rows;
        depth += 1;
        rows = space.size_from_last(depth).min(block / cols);
    }
    (depth, rows, cols)
}

/// The rows and columns of a tile; may move the dimension of the rows next to that of the columns.
fn tile_shape(bound: &Bound<'_>, space: &mut Space) -> (usize, usize) {
    let (block, last) = (bound.plan.block, space.rank() - 1);
    let pairs =
        space.size_from_last(0) == 2 && space.steps_from_last(0).iter().all(|step| matches!(step, 0 | 1));
    if pairs {
        // Complex numbers: what both parts read is spread over them.
        return (space.size_from_last(1).min(block / 2), 2);
    }
    if space.size_from_last(0) <= FEW && space.size_from_last(1) >= LONG {
        // Loops go along many neighbours rather than along few.
        space.move_dim(last, last - 1);
        let rows = space.size_from_last(1);
        return (rows, balanced(space.size_from_last(0), block / rows));
    }
    let across = (0..bound.plan.dtypes.len()).find_map(|a| {
        let dim = space.unit_dim(a).filter(|&d| d != last)?;
        (!matches!(space.steps_from_last(0)[a], 0 | 1)).then_some(dim)
    });
    if let Some(dim) = across {
        space.move_dim(dim, last - 1);
        let rows = space.size_from_last(1).min(SIDE);
        return (rows, balanced(space.size_from_last(0), block / rows));
    }
    let cols = balanced(space.size_from_last(0), block);
    if cols < space.size_from_last(0) {
        return (1, cols);
    }
    let cols = space.size_from_last(0);
    // What stands still along a row is one number in a tile of one row, and what is made of it.
    let stands = |a: usize| space.steps_from_last(0)[a] == 0 && space.steps_from_last(1)[a] != 0;
    let single = cols >= LONG && (0..bound.plan.reads).any(stands);
    (if single { 1 } else { space.size_from_last(1).min(block / cols) }, cols)
}
