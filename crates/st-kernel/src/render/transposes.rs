//! Pointwise work that reads along one dimension and writes along another one.
//!
//! A group works on a square of both dimensions: it reads the square along the one, keeps it in shared memory, and goes on
//! along the other one, so that neighbouring threads touch neighbouring memory on both sides.

use super::body::{Point, Scope};
use super::ir::{Code, IndexOp, Ref, Shared, Ty};
use crate::device::{Access, Launch};
use crate::expr::Inst;
use crate::kernel::Body;
use smallvec::SmallVec;

/// Rows and columns of a square.
const SIDE: usize = 32;
/// The distance of its rows in shared memory: odd, so that columns are spread over the banks.
const APART: usize = SIDE + 1;
/// Squares that are worth it.
const WORTH: usize = 16;
/// Most operands that are turned: each takes shared memory.
const MOST: usize = 2;

/// Which dimension is turned to the last one, and for each read whether it is kept in shared memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Turn {
    dim: usize,
    turned: SmallVec<[bool; 4]>,
}

impl Turn {
    /// What is to be turned in pointwise work, if anything.
    pub(super) fn of(body: &Body, launch: &Launch) -> Option<Turn> {
        let last = launch.dims.len().checked_sub(1)?;
        let loaded = |read: usize| body.insts.iter().any(|(inst, _)| *inst == Inst::Load(read as u16));
        let along = |a: &Access| (0..last).find(|&d| a.strides[d] == 1 && launch.dims[d] >= SIDE);
        let across = |a: &Access| a.strides[last].abs() > 1 && a.gather.is_empty();
        let straight = launch.writes.iter().all(|w| w.strides[last] == 1);
        if !straight
            || launch.dims[last] < SIDE
            || launch.dims.iter().product::<usize>() < WORTH * SIDE * SIDE
        {
            return None;
        }
        let mut reads = launch.reads.iter().enumerate();
        let dim = reads.find_map(|(i, r)| if across(r) && loaded(i) { along(r) } else { None })?;
        let mut left = MOST;
        let turned = launch.reads.iter().enumerate().map(|(i, r)| {
            let turns = across(r) && loaded(i) && along(r) == Some(dim) && left > 0;
            left -= usize::from(turns);
            turns
        });
        Some(Turn { dim, turned: turned.collect() })
    }

    /// How many groups a launch has.
    pub(super) fn groups(&self, launch: &Launch) -> usize {
        let last = launch.dims.len() - 1;
        let squares = |d: usize| {
            if d == self.dim || d == last { launch.dims[d].div_ceil(SIDE) } else { launch.dims[d] }
        };
        (0..=last).map(squares).product()
    }

    /// The kernel, for groups of `threads` threads.
    pub(super) fn write(&self, code: &mut Code, scope: &Scope, threads: usize) {
        let rank = scope.numbers.rank;
        let side = code.position(SIDE);
        let mut point: Point = vec![None; rank];
        let mut rest = code.group();
        for d in (0..rank).rev() {
            let mut size = code.number(scope.numbers.dim(d));
            let is_side = d == self.dim || d == rank - 1;
            if is_side {
                size = code.parts(size, SIDE);
            }
            let at = code.index(IndexOp::Rem, rest, size);
            rest = code.index(IndexOp::Div, rest, size);
            point[d] = Some(if is_side { code.index(IndexOp::Mul, at, side) } else { at });
        }
        // Groups beyond the last one have something left.
        let one = code.position(1);
        let exists = code.index(IndexOp::Less, rest, one);
        code.only_if(exists, |code| self.square(code, scope, &point, threads));
    }

    fn square(&self, code: &mut Code, scope: &Scope, first: &Point, threads: usize) {
        let (side, thread, lines) = (code.position(SIDE), code.thread(), threads / SIDE);
        let fast = code.index(IndexOp::Rem, thread, side);
        let slow = code.index(IndexOp::Div, thread, side);
        let turned: Vec<(usize, Shared)> = (0..self.turned.len())
            .filter(|&read| self.turned[read])
            .map(|read| (read, code.share(Ty::of(scope.body.reads[read]), SIDE * APART)))
            .collect();
        for line in 0..SIDE / lines {
            let line = code.plus(slow, line * lines);
            self.inside(code, scope, first, (fast, line), |code, point| {
                let row = code.times(line, APART);
                let at = code.index(IndexOp::Add, row, fast);
                for &(read, array) in &turned {
                    let loaded = scope.load(code, read, point);
                    code.store_shared(array, at, loaded);
                }
            });
        }
        code.barrier();
        for line in 0..SIDE / lines {
            let line = code.plus(slow, line * lines);
            self.inside(code, scope, first, (line, fast), |code, point| {
                let row = code.times(fast, APART);
                let at = code.index(IndexOp::Add, row, line);
                let mut known = scope.nothing();
                for (i, (inst, _)) in scope.body.insts.iter().enumerate() {
                    if let Inst::Load(read) = inst
                        && let Some(&(_, array)) = turned.iter().find(|t| t.0 == usize::from(*read))
                    {
                        known[i] = Some(
                            [code.load_shared(array, Ty::of(scope.body.reads[usize::from(*read)]), at); 4],
                        );
                    }
                }
                scope.store_all(code, 0..scope.body.stores.len(), point, &mut known);
            });
        }
    }

    /// What is done at a point so many steps from a square's first one, along the turned and the last dimension, if it exists.
    fn inside(
        &self,
        code: &mut Code,
        scope: &Scope,
        first: &Point,
        steps: (Ref, Ref),
        body: impl FnOnce(&mut Code, &Point),
    ) {
        let mut point = first.clone();
        let mut inside = Vec::new();
        for (d, step) in [(self.dim, steps.0), (scope.numbers.rank - 1, steps.1)] {
            let corner = first[d].expect("all are known");
            let at = code.index(IndexOp::Add, corner, step);
            let size = code.number(scope.numbers.dim(d));
            inside.push(code.index(IndexOp::Less, at, size));
            point[d] = Some(at);
        }
        let exists = code.both(inside[0], inside[1]);
        code.only_if(exists, |code| body(code, &point));
    }
}
