//! Writes at indices: always in the source's order, so that the last of two wins and sums have the same bits every time.
//!
//! Along dimensions that the write follows, different points write different elements: each of these has a thread, which
//! walks the other dimensions alone. Where these are long and indices are the same for all threads, as those of embeddings
//! are, the source's rows are listed by their targets first: a thread then walks only what one element gets.

use super::THREADS;
use super::body::{Point, Scope, displaced};
use super::ir::{Code, IndexOp, Node, Ref, Ty};
use super::loops::for_each_thread;
use super::numbers::{INNER, OUTER};
use super::reduce::{Partial, combined};
use crate::device::{Access, Launch};
use crate::dtype::DType;
use crate::kernel::{ReduceOp, ScatterOp};

/// A launch whose leading dimensions, so many, are those that the write follows.
pub(super) fn arranged(launch: &Launch) -> (Launch, usize) {
    let follows = |d: &usize| launch.writes[0].strides[*d] != 0;
    let (outer, inner): (Vec<usize>, Vec<usize>) = (0..launch.dims.len()).partition(follows);
    let order: Vec<usize> = outer.iter().chain(&inner).copied().collect();
    let access = |a: &Access| Access { strides: order.iter().map(|&d| a.strides[d]).collect(), ..a.clone() };
    let arranged = Launch {
        dims: order.iter().map(|&d| launch.dims[d]).collect(),
        reads: launch.reads.iter().map(access).collect(),
        writes: launch.writes.iter().map(access).collect(),
        ints: launch.ints.clone(),
    };
    (arranged, outer.len())
}

/// The fewest rows of the source that are worth listing, and the most: they are compared with each other.
const LISTED: std::ops::RangeInclusive<usize> = 64..=1 << 16;
/// So many threads are enough without lists.
const MANY_THREADS: usize = 1 << 16;

/// A pass of a scatter by lists. Scratch memory has, for each row of the source, three numbers: its target; by targets
/// and then in the source's order, the rows; and for the first row of a target the place after its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Listed {
    /// Finds targets.
    Targets,
    /// Lists rows.
    Rows,
    /// Combines each target's.
    Join,
}

impl Listed {
    /// The passes of an arranged launch, if lists pay.
    pub(super) fn of(launch: &Launch, outer: usize) -> Option<[Listed; 3]> {
        let (threads, rows) = sizes(launch, outer);
        let alike = |index: &Access| index.strides[..outer].iter().all(|&step| step == 0);
        let pays = LISTED.contains(&rows)
            && (1..MANY_THREADS).contains(&threads)
            && threads * rows <= i32::MAX as usize
            && launch.reads[1..].iter().all(alike);
        pays.then_some([Listed::Targets, Listed::Rows, Listed::Join])
    }

    /// How many groups a pass has.
    pub(super) fn groups(self, launch: &Launch, outer: usize) -> usize {
        let (threads, rows) = sizes(launch, outer);
        match self {
            Listed::Targets => rows.div_ceil(THREADS),
            Listed::Rows => rows,
            Listed::Join => (threads * rows).div_ceil(THREADS),
        }
    }

    /// Bytes of scratch memory.
    pub(super) fn scratch(launch: &Launch, outer: usize) -> usize {
        12 * sizes(launch, outer).1
    }
}

/// Points that the write follows, and rows of the source.
fn sizes(launch: &Launch, outer: usize) -> (usize, usize) {
    let count = |dims: &[usize]| dims.iter().product();
    (count(&launch.dims[..outer]), count(&launch.dims[outer..]))
}

/// A scatter by lists.
pub(super) struct Lists<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) op: ScatterOp,
    pub(super) dtype: DType,
    pub(super) indices: usize,
    pub(super) outer: usize,
}

impl Lists<'_> {
    /// One pass.
    pub(super) fn write(&self, code: &mut Code, pass: Listed, threads: usize) {
        let rows = code.number(INNER);
        match pass {
            Listed::Targets => for_each_thread(code, threads, 1, rows, |code, row| {
                let point = self.row(code, row);
                let mut target = code.position(0);
                for i in 0..self.indices {
                    let index = load(code, self.scope, 1 + i, DType::I64, &point);
                    target = displaced(code, target, index, self.scope.numbers.int(2 * i));
                }
                self.keep(code, row, target);
            }),
            Listed::Rows => {
                let row = code.group();
                let exists = code.index(IndexOp::Less, row, rows);
                code.only_if(exists, |code| self.list(code, row, rows, threads));
            }
            Listed::Join => {
                let columns = code.number(OUTER);
                let count = code.index(IndexOp::Mul, columns, rows);
                for_each_thread(code, threads, 1, count, |code, at| {
                    let first = code.index(IndexOp::Div, at, columns);
                    let column = code.index(IndexOp::Rem, at, columns);
                    self.join(code, first, column, rows);
                });
            }
        }
    }

    /// The coordinates of a row of the source.
    fn row(&self, code: &mut Code, row: Ref) -> Point {
        let rank = self.scope.numbers.rank;
        let mut point: Point = vec![None; rank];
        self.scope.coordinates(code, row, self.outer, rank, &mut point);
        point
    }

    fn keep(&self, code: &mut Code, at: Ref, value: Ref) {
        code.store(self.scope.scratch, DType::I32, at, value);
    }

    fn kept(&self, code: &mut Code, at: Ref) -> Ref {
        code.value(Node::Load(self.scope.scratch, DType::I32, at), Ty::I32)
    }

    /// Counts the rows with smaller targets, those with the same one, and those of them that come before: a group's threads
    /// together.
    fn list(&self, code: &mut Code, row: Ref, rows: Ref, threads: usize) {
        let own = self.kept(code, row);
        let (zero, one) = (code.position(0), code.position(1));
        let counts: [Partial; 3] = std::array::from_fn(|_| Partial::new(code, ReduceOp::Sum, DType::I32));
        let (thread, step) = (code.thread(), code.position(threads));
        code.count(thread, rows, step, |code, other| {
            let target = self.kept(code, other);
            let smaller = code.index(IndexOp::Less, target, own);
            let equal = code.index(IndexOp::Equal, target, own);
            let earlier = code.index(IndexOp::Less, other, row);
            let earlier = code.both(equal, earlier);
            for (count, is) in counts.iter().zip([smaller, equal, earlier]) {
                let more = code.choose(is, one, zero);
                count.add(code, more, other);
            }
        });
        counts.iter().for_each(|count| count.across(code, threads, 1));
        let [less, same, before] = [0, 1, 2].map(|i| counts[i].result(code));
        let first = code.index(IndexOp::Less, thread, one);
        code.only_if(first, |code| {
            let place = code.index(IndexOp::Add, less, before);
            let at = code.index(IndexOp::Add, rows, place);
            self.keep(code, at, row);
            let end = code.index(IndexOp::Add, less, same);
            let is_first = code.index(IndexOp::Equal, before, zero);
            let end = code.choose(is_first, end, zero);
            let at = code.index(IndexOp::Add, at, rows);
            self.keep(code, at, end);
        });
    }

    /// What a column of a target gets, from the place of its first row on.
    fn join(&self, code: &mut Code, first: Ref, column: Ref, rows: Ref) {
        let list = code.index(IndexOp::Add, rows, first);
        let end = code.index(IndexOp::Add, list, rows);
        let end = self.kept(code, end);
        let is_first = code.index(IndexOp::Less, first, end);
        code.only_if(is_first, |code| {
            let mut point: Point = vec![None; self.scope.numbers.rank];
            if self.outer > 0 {
                self.scope.coordinates(code, column, 0, self.outer, &mut point);
            }
            let write = self.scope.numbers.write(0);
            let place = self.scope.place(code, write, &point);
            let row = self.kept(code, list);
            let target = self.kept(code, row);
            let place = code.index(IndexOp::Add, place, target);
            let buffer = usize::from(self.scope.bindings[write]);
            let there = code.value(Node::Load(buffer, self.dtype, place), Ty::of(self.dtype));
            let sum = code.declare(there);
            let one = code.position(1);
            code.count(first, end, one, |code, at| {
                let at = code.index(IndexOp::Add, rows, at);
                let row = self.kept(code, at);
                let mut from = self.row(code, row);
                from[..self.outer].clone_from_slice(&point[..self.outer]);
                let value = load(code, self.scope, 0, self.dtype, &from);
                let so_far = code.get(sum);
                let next = joined(code, self.op, self.dtype, so_far, value);
                code.set(sum, next);
            });
            let value = code.get(sum);
            code.store(buffer, self.dtype, place, value);
        });
    }
}

/// The element of a read at a point.
fn load(code: &mut Code, scope: &Scope, read: usize, dtype: DType, point: &Point) -> Ref {
    let from = scope.place(code, read, point);
    code.value(Node::Load(usize::from(scope.bindings[read]), dtype, from), Ty::of(dtype))
}

/// A value and what is there already, as one element.
fn joined(code: &mut Code, op: ScatterOp, dtype: DType, there: Ref, value: Ref) -> Ref {
    let Some(op) = reduction(op) else { return value };
    let wide = dtype.compute();
    let joined = combined(code, op, wide, there, value);
    code.value(Node::Cast(wide, dtype, joined), Ty::of(dtype))
}

/// A scatter whose first `outer` dimensions have threads of their own.
pub(super) fn write(
    code: &mut Code,
    scope: &Scope,
    op: ScatterOp,
    dtype: DType,
    indices: usize,
    outer: usize,
    threads: usize,
) {
    let rank = scope.numbers.rank;
    let count = code.number(OUTER);
    for_each_thread(code, threads, 1, count, |code, at| {
        let mut point: Point = vec![None; rank];
        if outer > 0 {
            scope.coordinates(code, at, 0, outer, &mut point);
        }
        let (zero, one, count) = (code.position(0), code.position(1), code.number(INNER));
        code.count(zero, count, one, |code, at| {
            if outer < rank {
                scope.coordinates(code, at, outer, rank, &mut point);
            }
            let value = load(code, scope, 0, dtype, &point);
            let write = scope.numbers.write(0);
            let mut to = scope.place(code, write, &point);
            for i in 0..indices {
                let index = load(code, scope, 1 + i, DType::I64, &point);
                to = displaced(code, to, index, scope.numbers.int(2 * i));
            }
            let buffer = usize::from(scope.bindings[write]);
            let value = match op {
                ScatterOp::Set => value,
                _ => {
                    let there = code.value(Node::Load(buffer, dtype, to), Ty::of(dtype));
                    joined(code, op, dtype, there, value)
                }
            };
            code.store(buffer, dtype, to, value);
        });
    });
}

fn reduction(op: ScatterOp) -> Option<ReduceOp> {
    match op {
        ScatterOp::Set => None,
        ScatterOp::Add => Some(ReduceOp::Sum),
        ScatterOp::Prod => Some(ReduceOp::Prod),
        ScatterOp::Max => Some(ReduceOp::Max),
        ScatterOp::Min => Some(ReduceOp::Min),
    }
}
