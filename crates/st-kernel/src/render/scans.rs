//! Running reductions along the last dimension.
//!
//! A thread walks a line alone where there are many lines or where they are short; otherwise a group walks it in blocks: each
//! thread joins a few neighbours, then what the threads have is joined in steps of doubling distance.

use super::body::{Point, Scope};
use super::ir::{Code, IndexOp, Node, Ref, Shared, Ty, Var};
use super::loops::for_each_thread;
use super::numbers::OUTER;
use super::reduce::{combined, extreme};
use crate::device::Launch;
use crate::dtype::DType;
use crate::kernel::{ReduceOp, ScanOp};
use crate::prim::Prim;
use crate::scalar::Scalar;

/// So many lines keep a GPU busy with a thread each.
const MANY_LINES: usize = 8192;
/// A thread walks so many elements as quickly as a group gets together.
const SHORT_LINE: usize = 64;
/// Neighbours of a thread in a block.
const TOGETHER: usize = 4;

/// Whether a group walks a line together.
pub(super) fn by_group(launch: &Launch) -> bool {
    let Some((&line, others)) = launch.dims.split_last() else { return false };
    line > SHORT_LINE && others.iter().product::<usize>() < MANY_LINES
}

/// The running value and, where positions are kept, the place it came from.
#[derive(Clone, Copy)]
struct State {
    value: Ref,
    place: Option<Ref>,
}

/// A running reduction.
pub(super) struct Scan<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) op: ScanOp,
    pub(super) dtype: DType,
}

impl Scan<'_> {
    fn last(&self) -> usize {
        self.scope.numbers.rank - 1
    }

    fn wide(&self) -> DType {
        self.dtype.compute()
    }

    /// The line's number as a point.
    fn line(&self, code: &mut Code, at: Ref) -> Point {
        let mut point: Point = vec![None; self.last() + 1];
        if self.last() > 0 {
            self.scope.coordinates(code, at, 0, self.last(), &mut point);
        }
        point
    }

    /// What changes nothing that comes after it.
    fn nothing(&self, code: &mut Code) -> State {
        let wide = self.wide();
        let value = match self.op {
            // The sum of this and -0 is -0.
            ScanOp::Sum if wide.is_float() => Scalar::Float(-0.0),
            ScanOp::Sum => Scalar::Int(0),
            ScanOp::Prod => Scalar::Int(1),
            ScanOp::Max => extreme(wide, false),
            ScanOp::Min => extreme(wide, true),
            ScanOp::LogSumExp => Scalar::Float(f64::NEG_INFINITY),
        };
        let value = code.constant(value.cast(wide), Ty::of(wide));
        let place = self.op.has_positions().then(|| code.position(0));
        State { value, place }
    }

    fn load(&self, code: &mut Code, point: &mut Point, i: Ref) -> State {
        point[self.last()] = Some(i);
        let from = self.scope.place(code, 0, point);
        let loaded = Node::Load(usize::from(self.scope.bindings[0]), self.dtype, from);
        let loaded = code.value(loaded, Ty::of(self.dtype));
        let value = code.value(Node::Cast(self.dtype, self.wide(), loaded), Ty::of(self.wide()));
        State { value, place: self.op.has_positions().then_some(i) }
    }

    fn store(&self, code: &mut Code, point: &mut Point, i: Ref, state: State) {
        point[self.last()] = Some(i);
        store(code, self.scope, 0, self.dtype, self.wide(), point, state.value);
        if let Some(place) = state.place {
            let place = code.value(Node::Wide(place), Ty::I64);
            store(code, self.scope, 1, DType::I64, DType::I64, point, place);
        }
    }

    /// What comes before and what comes after it as one.
    fn join(&self, code: &mut Code, before: State, after: State) -> State {
        let (value, wins) = joined(code, self.op, self.wide(), before.value, after.value);
        let place = match (wins, before.place, after.place) {
            (Some(wins), Some(before), Some(after)) => Some(code.choose(wins, after, before)),
            _ => None,
        };
        State { value, place }
    }

    /// A thread for each line.
    pub(super) fn write(&self, code: &mut Code, threads: usize) {
        let count = code.number(OUTER);
        for_each_thread(code, threads, 1, count, |code, at| {
            let mut point = self.line(code, at);
            let nothing = self.nothing(code);
            let so_far = Held::new(code, nothing);
            let (zero, one) = (code.position(0), code.position(1));
            let size = code.number(self.scope.numbers.dim(self.last()));
            code.count(zero, size, one, |code, i| {
                let own = self.load(code, &mut point, i);
                let before = so_far.get(code);
                let next = self.join(code, before, own);
                so_far.set(code, next);
                self.store(code, &mut point, i, next);
            });
        });
    }

    /// A group for each line.
    pub(super) fn write_by_group(&self, code: &mut Code, threads: usize) {
        let (group, count) = (code.group(), code.number(OUTER));
        let exists = code.index(IndexOp::Less, group, count);
        code.only_if(exists, |code| self.line_by_group(code, group, threads));
    }

    fn line_by_group(&self, code: &mut Code, line: Ref, threads: usize) {
        let mut point = self.line(code, line);
        let size = code.number(self.scope.numbers.dim(self.last()));
        let (zero, one, thread) = (code.position(0), code.position(1), code.thread());
        let nothing = self.nothing(code);
        let carry = Held::new(code, nothing);
        let own: Vec<Held> = (0..TOGETHER).map(|_| Held::new(code, nothing)).collect();
        let room = Room::new(code, Ty::of(self.wide()), self.op.has_positions(), threads);
        let block = code.position(threads * TOGETHER);
        code.count(zero, size, block, |code, first| {
            let at = code.times(thread, TOGETHER);
            let at = code.index(IndexOp::Add, first, at);
            let mut sum = self.nothing(code);
            for (i, own) in own.iter().enumerate() {
                let at = code.plus(at, i);
                let nothing = self.nothing(code);
                own.set(code, nothing);
                let exists = code.index(IndexOp::Less, at, size);
                code.only_if(exists, |code| {
                    let loaded = self.load(code, &mut point, at);
                    own.set(code, loaded);
                });
                let value = own.get(code);
                sum = self.join(code, sum, value);
                own.set(code, sum);
            }
            let total = Held::new(code, sum);
            let mut distance = 1;
            while distance < threads {
                let mine = total.get(code);
                room.put(code, thread, mine);
                code.barrier();
                let far = code.position(distance - 1);
                let has_other = code.index(IndexOp::Less, far, thread);
                code.only_if(has_other, |code| {
                    let far = code.position(distance);
                    let other = code.index(IndexOp::Sub, thread, far);
                    let (before, mine) = (room.take(code, other), total.get(code));
                    let next = self.join(code, before, mine);
                    total.set(code, next);
                });
                code.barrier();
                distance *= 2;
            }
            let mine = total.get(code);
            room.put(code, thread, mine);
            code.barrier();
            // What comes before the thread's own elements.
            let before_all = carry.get(code);
            let before = Held::new(code, before_all);
            let has_other = code.index(IndexOp::Less, zero, thread);
            code.only_if(has_other, |code| {
                let other = code.index(IndexOp::Sub, thread, one);
                let other = room.take(code, other);
                let next = self.join(code, before_all, other);
                before.set(code, next);
            });
            for (i, own) in own.iter().enumerate() {
                let at = code.plus(at, i);
                let exists = code.index(IndexOp::Less, at, size);
                code.only_if(exists, |code| {
                    let (before, own) = (before.get(code), own.get(code));
                    let value = self.join(code, before, own);
                    self.store(code, &mut point, at, value);
                });
            }
            let end = code.position(threads - 1);
            let all = room.take(code, end);
            let next = self.join(code, before_all, all);
            carry.set(code, next);
            code.barrier();
        });
    }
}

/// A state that is assigned to.
struct Held {
    value: Var,
    place: Option<Var>,
}

impl Held {
    fn new(code: &mut Code, first: State) -> Held {
        Held { value: code.declare(first.value), place: first.place.map(|p| code.declare(p)) }
    }

    fn get(&self, code: &mut Code) -> State {
        State { value: code.get(self.value), place: self.place.map(|p| code.get(p)) }
    }

    fn set(&self, code: &mut Code, state: State) {
        code.set(self.value, state.value);
        if let (Some(var), Some(place)) = (self.place, state.place) {
            code.set(var, place);
        }
    }
}

/// Shared memory for a state of each thread.
struct Room {
    values: Shared,
    places: Option<Shared>,
}

impl Room {
    fn new(code: &mut Code, ty: Ty, places: bool, threads: usize) -> Room {
        Room { values: code.share(ty, threads), places: places.then(|| code.share(Ty::I32, threads)) }
    }

    fn put(&self, code: &mut Code, at: Ref, state: State) {
        code.store_shared(self.values, at, state.value);
        if let (Some(array), Some(place)) = (self.places, state.place) {
            code.store_shared(array, at, place);
        }
    }

    fn take(&self, code: &mut Code, at: Ref) -> State {
        State {
            value: code.load_shared(self.values, at),
            place: self.places.map(|array| code.load_shared(array, at)),
        }
    }
}

/// Writes a value of dtype `wide` to write `i` at a point.
pub(super) fn store(
    code: &mut Code,
    scope: &Scope,
    i: usize,
    dtype: DType,
    wide: DType,
    point: &Point,
    value: Ref,
) {
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
