//! Work along the last dimension: running reductions and sorts.
//!
//! A scan has a thread for each line. A sort has a thread for each element, which counts the elements that come before
//! it: stable, the same bits every time, and quick as long as lines are short.

use super::body::{Point, Scope};
use super::ir::{Code, IndexOp, Node, Ref, Ty};
use super::loops::for_each_thread;
use super::numbers::OUTER;
use super::reduce::combined;
use crate::dtype::DType;
use crate::kernel::{ReduceOp, ScanOp};
use crate::prim::Prim;
use crate::scalar::Scalar;

/// A running reduction.
pub(super) fn write_scan(code: &mut Code, scope: &Scope, op: ScanOp, dtype: DType, threads: usize) {
    let last = scope.numbers.rank - 1;
    let (wide, ty) = (dtype.compute(), Ty::of(dtype));
    for_each_thread(code, threads, OUTER, |code, at| {
        let mut point: Point = vec![None; last + 1];
        if last > 0 {
            scope.coordinates(code, at, 0, last, &mut point);
        }
        let nothing = code.constant(Scalar::Int(0).cast(wide), ty);
        let (so_far, nowhere) = (code.declare(nothing), code.position(0));
        let place = op.has_positions().then(|| code.declare(nowhere));
        let (zero, one, size) = (code.position(0), code.position(1), code.number(scope.numbers.dim(last)));
        code.count(zero, size, one, |code, i| {
            point[last] = Some(i);
            let from = scope.place(code, 0, &point);
            let loaded = code.value(Node::Load(usize::from(scope.bindings[0]), dtype, from), ty);
            let value = code.value(Node::Cast(dtype, wide, loaded), ty);
            let before = code.get(so_far);
            let first = code.index(IndexOp::Equal, i, zero);
            let (next, wins) = joined(code, op, wide, before, value);
            let next = code.choose(first, value, next);
            code.set(so_far, next);
            store(code, scope, 0, dtype, wide, &point, next);
            if let (Some(place), Some(wins)) = (place, wins) {
                let best = code.get(place);
                let wins = code.either(first, wins);
                let best = code.choose(wins, i, best);
                code.set(place, best);
                let best = code.value(Node::Wide(best), Ty::I64);
                store(code, scope, 1, DType::I64, DType::I64, &point, best);
            }
        });
    });
}

fn store(code: &mut Code, scope: &Scope, i: usize, dtype: DType, wide: DType, point: &Point, value: Ref) {
    let write = scope.numbers.write(i);
    let at = scope.place(code, write, point);
    let value = code.value(Node::Cast(wide, dtype, value), Ty::of(dtype));
    code.store(usize::from(scope.bindings[write]), dtype, at, value);
}

/// The next running value and, where positions are kept, whether the new value is it.
fn joined(code: &mut Code, op: ScanOp, dtype: DType, before: Ref, value: Ref) -> (Ref, Option<Ref>) {
    let sum = |code: &mut Code, op| combined(code, op, dtype, before, value);
    match op {
        ScanOp::Sum => (sum(code, ReduceOp::Sum), None),
        ScanOp::Prod => (sum(code, ReduceOp::Prod), None),
        ScanOp::LogSumExp => (log_sum_exp(code, before, value), None),
        ScanOp::Max | ScanOp::Min => {
            let (low, high) = if op == ScanOp::Max { (before, value) } else { (value, before) };
            let wins = at_most(code, dtype, low, high);
            if !dtype.is_float() {
                return (code.choose(wins, value, before), Some(wins));
            }
            // NaN wins over numbers, and none of these over NaN.
            let is_number = code.prim(Prim::Eq, &[value, value], Ty::Bool);
            let is_nan = code.prim(Prim::Not, &[is_number], Ty::Bool);
            let wins = code.either(wins, is_nan);
            (code.choose(wins, value, before), Some(wins))
        }
    }
}

fn at_most(code: &mut Code, dtype: DType, a: Ref, b: Ref) -> Ref {
    if dtype != DType::Bool {
        return code.prim(Prim::Le, &[a, b], Ty::Bool);
    }
    let no = code.prim(Prim::Not, &[a], Ty::Bool);
    code.either(no, b)
}

/// log(exp(a) + exp(b)), infinities of one sign included.
fn log_sum_exp(code: &mut Code, a: Ref, b: Ref) -> Ref {
    let ty = code.ty(a);
    let high = code.prim(Prim::Max, &[a, b], ty);
    let low = code.prim(Prim::Min, &[a, b], ty);
    let gap = code.prim(Prim::Sub, &[low, high], ty);
    let share = code.prim(Prim::Exp, &[gap], ty);
    let more = code.prim(Prim::Log1p, &[share], ty);
    let sum = code.prim(Prim::Add, &[more, high], ty);
    let same = code.prim(Prim::Eq, &[low, high], Ty::Bool);
    let end = code.constant(Scalar::Float(f64::INFINITY), ty);
    let size = code.prim(Prim::Abs, &[high], ty);
    let infinite = code.prim(Prim::Eq, &[size, end], Ty::Bool);
    let both = code.both(same, infinite);
    code.choose(both, high, sum)
}

/// A stable sort; NaN counts as largest.
pub(super) fn write_sort(code: &mut Code, scope: &Scope, descending: bool, dtype: DType, threads: usize) {
    let rank = scope.numbers.rank;
    let last = rank - 1;
    let ty = Ty::of(dtype);
    for_each_thread(code, threads, OUTER, |code, at| {
        let mut point: Point = vec![None; rank];
        scope.coordinates(code, at, 0, rank, &mut point);
        let own = point[last].expect("all are known");
        let load = |code: &mut Code, point: &Point| {
            let from = scope.place(code, 0, point);
            code.value(Node::Load(usize::from(scope.bindings[0]), dtype, from), ty)
        };
        let value = load(code, &point);
        let (zero, one, size) = (code.position(0), code.position(1), code.number(scope.numbers.dim(last)));
        let before = code.declare(zero);
        code.count(zero, size, one, |code, i| {
            let mut other = point.clone();
            other[last] = Some(i);
            let other = load(code, &other);
            let (small, large) = if descending { (value, other) } else { (other, value) };
            let less = comes_before(code, dtype, small, large);
            let more = comes_before(code, dtype, large, small);
            let differs = code.either(less, more);
            let equal = code.prim(Prim::Not, &[differs], Ty::Bool);
            let earlier = code.index(IndexOp::Less, i, own);
            let tie = code.both(equal, earlier);
            let counts = code.either(less, tie);
            code.only_if(counts, |code| {
                let so_far = code.get(before);
                let next = code.index(IndexOp::Add, so_far, one);
                code.set(before, next);
            });
        });
        let place = code.get(before);
        let kept = code.number(scope.numbers.int(0));
        let stays = code.index(IndexOp::Less, place, kept);
        code.only_if(stays, |code| {
            point[last] = Some(place);
            store(code, scope, 0, dtype, dtype, &point, value);
            let own = code.value(Node::Wide(own), Ty::I64);
            store(code, scope, 1, DType::I64, DType::I64, &point, own);
        });
    });
}

/// Whether a is less than b, NaN being larger than every number.
fn comes_before(code: &mut Code, dtype: DType, a: Ref, b: Ref) -> Ref {
    match dtype {
        DType::Bool => {
            let no = code.prim(Prim::Not, &[a], Ty::Bool);
            code.both(no, b)
        }
        d if d.is_float() => {
            let less = code.prim(Prim::Lt, &[a, b], Ty::Bool);
            let a_is = code.prim(Prim::Eq, &[a, a], Ty::Bool);
            let b_is = code.prim(Prim::Eq, &[b, b], Ty::Bool);
            let b_nan = code.prim(Prim::Not, &[b_is], Ty::Bool);
            let only_b = code.both(a_is, b_nan);
            code.either(less, only_b)
        }
        _ => code.prim(Prim::Lt, &[a, b], Ty::Bool),
    }
}
