//! Writes at indices: always in the source's order, so that the last of two wins and sums have the same bits every time.
//!
//! Along dimensions that the write follows, different points write different elements: each of these has a thread, which
//! walks the other dimensions alone.

use super::body::{Point, Scope, displaced};
use super::ir::{Code, Node, Ty};
use super::loops::for_each_thread;
use super::numbers::{INNER, OUTER};
use super::reduce::combined;
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
    let (rank, ty, wide) = (scope.numbers.rank, Ty::of(dtype), dtype.compute());
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
            let load = |code: &mut Code, read: usize, dtype: DType| {
                let from = scope.place(code, read, &point);
                code.value(Node::Load(usize::from(scope.bindings[read]), dtype, from), Ty::of(dtype))
            };
            let value = load(code, 0, dtype);
            let write = scope.numbers.write(0);
            let mut to = scope.place(code, write, &point);
            for i in 0..indices {
                let index = load(code, 1 + i, DType::I64);
                to = displaced(code, to, index, scope.numbers.int(2 * i));
            }
            let buffer = usize::from(scope.bindings[write]);
            let value = match reduction(op) {
                None => value,
                Some(op) => {
                    let there = code.value(Node::Load(buffer, dtype, to), ty);
                    let joined = combined(code, op, wide, there, value);
                    code.value(Node::Cast(wide, dtype, joined), ty)
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
