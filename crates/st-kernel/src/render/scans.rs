//! Running reductions along the last dimension.
//!
//! A thread walks a line alone where there are many lines or where they are short; otherwise a group walks it in blocks: each
//! thread joins a few neighbours, some threads join what runs of threads have, and all join what the runs have. Of lines that
//! are neighbours in memory a thread has a part: what each part comes to is left in scratch memory first.

use super::Stage;
use super::body::{Lane, Lanes, Point, Scope};
use super::ir::{Code, IndexOp, Node, Ref, Shared, Ty, Var};
use super::loops::for_each_thread;
use super::numbers::{OUTER, PARTS};
use super::reduce::{SLOT, SLOTS, combined, extreme, in_slot, left_as, ordered};
use crate::device::Launch;
use crate::dtype::DType;
use crate::kernel::{ReduceOp, ScanOp};
use crate::prim::Prim;
use crate::scalar::Scalar;

/// So many lines keep a GPU busy with a thread each.
const MANY_LINES: usize = 1 << 16;
/// A thread walks so many elements as quickly as a group gets together.
const SHORT_LINE: usize = 64;
/// Threads whose states one thread joins.
const RUN: usize = 16;
/// Neighbours of a thread in a block.
const TOGETHER: usize = 4;

/// Neighbouring lines that are read together.
const NEIGHBOURS: usize = 32;
/// Threads that lines in parts should have.
const MANY_THREADS: usize = 1 << 17;
/// Elements of a part that a thread asks for before it needs the first.
const AHEAD: usize = 4;

/// In how many parts lines are walked that are neighbours in memory.
pub(super) fn parts(dtype: DType, launch: &Launch) -> Option<usize> {
    let last = launch.dims.len() - 1;
    let strides = &launch.reads[0].strides;
    let next = last.checked_sub(1).filter(|&d| strides[d].abs() == 1 && launch.dims[d] >= NEIGHBOURS)?;
    let lines: usize = launch.dims[..=next].iter().product();
    let parts = (MANY_THREADS / lines.max(1)).min(launch.dims[last] / SHORT_LINE).max(1);
    (dtype != DType::Bool && strides[last].abs() > 1).then_some(parts)
}

/// Bytes of scratch memory for so many parts of lines.
pub(super) fn scratch(launch: &Launch, parts: usize) -> usize {
    let (_, lines) = launch.dims.split_last().expect("lines have a dimension");
    SLOTS * SLOT * lines.iter().product::<usize>() * parts
}

/// Whether a group walks a line together.
pub(super) fn by_group(launch: &Launch) -> bool {
    let Some((&line, others)) = launch.dims.split_last() else { return false };
    line > SHORT_LINE && others.iter().product::<usize>() < MANY_LINES
}

/// Whether the elements of lines are at multiples of four, side by side.
pub(super) fn by_fours(launch: &Launch) -> bool {
    let last = launch.dims.len().checked_sub(1);
    let lanes = last.and_then(|last| Lanes::of(launch, last));
    lanes.is_some_and(|lanes| lanes.of.iter().all(|&lane| lane == Lane::Four))
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
    /// Whether elements are read and written by fours.
    pub(super) fours: bool,
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
        self.widened(code, loaded, i)
    }

    fn widened(&self, code: &mut Code, loaded: Ref, i: Ref) -> State {
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

    /// A thread for each part of a line: what it comes to or, after what the parts before come to, its running values.
    pub(super) fn write_parts(&self, code: &mut Code, stage: Stage, threads: usize) {
        let (lines, parts) = (code.number(OUTER), code.number(PARTS));
        let all = code.index(IndexOp::Mul, lines, parts);
        for_each_thread(code, threads, 1, all, |code, at| {
            let line = code.index(IndexOp::Rem, at, lines);
            let part = code.index(IndexOp::Div, at, lines);
            let mut point = self.line(code, line);
            let (zero, one, ahead) = (code.position(0), code.position(1), code.position(AHEAD));
            let size = code.number(self.scope.numbers.dim(self.last()));
            let above = code.index(IndexOp::Add, size, parts);
            let above = code.index(IndexOp::Sub, above, one);
            let share = code.index(IndexOp::Div, above, parts);
            let from = code.index(IndexOp::Mul, part, share);
            let end = code.index(IndexOp::Add, from, share);
            let to = code.smaller(end, size);
            let nothing = self.nothing(code);
            let so_far = Held::new(code, nothing);
            if stage == Stage::Rest {
                code.count(zero, part, one, |code, before| {
                    let other = code.index(IndexOp::Mul, before, lines);
                    let other = code.index(IndexOp::Add, other, line);
                    let other = self.left(code, all, other);
                    so_far.join(code, self, other);
                });
            }
            code.count(from, to, ahead, |code, first| {
                let mut shares = Vec::new();
                for i in 0..AHEAD {
                    let at = code.plus(first, i);
                    let exists = code.index(IndexOp::Less, at, to);
                    let at = code.choose(exists, at, first);
                    shares.push((at, exists, self.load(code, &mut point, at)));
                }
                for (at, exists, own) in shares {
                    code.only_if(exists, |code| {
                        let next = so_far.join(code, self, own);
                        if stage == Stage::Rest {
                            self.store(code, &mut point, at, next);
                        }
                    });
                }
            });
            if stage == Stage::Parts {
                let state = so_far.get(code);
                self.leave(code, all, at, state);
            }
        });
    }

    /// Writes what a part comes to at one of `all` places of the scratch memory.
    fn leave(&self, code: &mut Code, all: Ref, at: Ref, state: State) {
        let dtype = left_as(self.wide());
        let to = in_slot(code, 0, dtype, all, at);
        code.store(self.scope.scratch, dtype, to, state.value);
        if let Some(place) = state.place {
            let to = in_slot(code, 1, DType::I32, all, at);
            code.store(self.scope.scratch, DType::I32, to, place);
        }
    }

    fn left(&self, code: &mut Code, all: Ref, at: Ref) -> State {
        let mut read = |slot: usize, dtype: DType| {
            let from = in_slot(code, slot, dtype, all, at);
            code.value(Node::Load(self.scope.scratch, dtype, from), Ty::of(dtype))
        };
        let value = read(0, left_as(self.wide()));
        State { value, place: self.op.has_positions().then(|| read(1, DType::I32)) }
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
        let (zero, thread) = (code.position(0), code.thread());
        let nothing = self.nothing(code);
        let carry = Held::new(code, nothing);
        let room = Room::new(code, Ty::of(self.wide()), self.op.has_positions(), threads);
        let block = code.position(threads * TOGETHER);
        code.count(zero, size, block, |code, first| {
            let at = code.times(thread, TOGETHER);
            let at = code.index(IndexOp::Add, first, at);
            let own = self.own(code, &mut point, at, size);
            let total = own[TOGETHER - 1];
            room.put(code, thread, total);
            code.barrier();
            self.runs(code, &room, threads);
            code.barrier();
            let before = self.before(code, &room, &carry, threads);
            let values: Vec<State> = own.iter().map(|&own| self.join(code, before, own)).collect();
            self.store_own(code, &mut point, at, size, &values);
            code.barrier();
        });
    }

    /// The running values of a thread's own elements.
    fn own(&self, code: &mut Code, point: &mut Point, at: Ref, size: Ref) -> Vec<State> {
        let nothing = self.nothing(code);
        let held: Vec<Held> = (0..TOGETHER).map(|_| Held::new(code, nothing)).collect();
        if self.fours {
            let exists = code.index(IndexOp::Less, at, size);
            code.only_if(exists, |code| {
                point[self.last()] = Some(at);
                let from = self.scope.place(code, 0, point);
                let loaded = code.load_four(usize::from(self.scope.bindings[0]), self.dtype, from);
                for (i, (held, value)) in held.iter().zip(loaded).enumerate() {
                    let at = code.plus(at, i);
                    let state = self.widened(code, value, at);
                    held.set(code, state);
                }
            });
        } else {
            for (i, held) in held.iter().enumerate() {
                let at = code.plus(at, i);
                let exists = code.index(IndexOp::Less, at, size);
                code.only_if(exists, |code| {
                    let loaded = self.load(code, point, at);
                    held.set(code, loaded);
                });
            }
        }
        let mut sums: Vec<State> = Vec::new();
        for held in &held {
            let value = held.get(code);
            sums.push(match sums.last() {
                Some(&before) => self.join(code, before, value),
                None => value,
            });
        }
        sums
    }

    /// A few threads turn the states of a run of threads into running ones.
    fn runs(&self, code: &mut Code, room: &Room, threads: usize) {
        let (zero, one, run) = (code.position(0), code.position(1), code.position(RUN));
        let (thread, count) = (code.thread(), code.position(threads / RUN));
        let works = code.index(IndexOp::Less, thread, count);
        code.only_if(works, |code| {
            let nothing = self.nothing(code);
            let so_far = Held::new(code, nothing);
            let first = code.times(thread, RUN);
            code.count(zero, run, one, |code, i| {
                let at = code.index(IndexOp::Add, first, i);
                let (before, own) = (so_far.get(code), room.take(code, at));
                let next = self.join(code, before, own);
                so_far.set(code, next);
                room.put(code, at, next);
            });
        });
    }

    /// What comes before a thread's own elements; what comes before the next block is carried there.
    fn before(&self, code: &mut Code, room: &Room, carry: &Held, threads: usize) -> State {
        let (zero, one, run) = (code.position(0), code.position(1), code.position(RUN));
        let (thread, count) = (code.thread(), code.position(threads / RUN));
        let own_run = code.index(IndexOp::Div, thread, run);
        let carried = carry.get(code);
        let before = Held::new(code, carried);
        code.count(zero, count, one, |code, i| {
            let so_far = carry.get(code);
            let is_own = code.index(IndexOp::Equal, i, own_run);
            code.only_if(is_own, |code| before.set(code, so_far));
            let end = code.times(i, RUN);
            let end = code.plus(end, RUN - 1);
            let all = room.take(code, end);
            let next = self.join(code, so_far, all);
            carry.set(code, next);
        });
        let within = code.index(IndexOp::Rem, thread, run);
        let has_other = code.index(IndexOp::Less, zero, within);
        code.only_if(has_other, |code| {
            let other = code.index(IndexOp::Sub, thread, one);
            let (so_far, other) = (before.get(code), room.take(code, other));
            let next = self.join(code, so_far, other);
            before.set(code, next);
        });
        before.get(code)
    }

    fn store_own(&self, code: &mut Code, point: &mut Point, at: Ref, size: Ref, values: &[State]) {
        if !self.fours {
            for (i, &value) in values.iter().enumerate() {
                let at = code.plus(at, i);
                let exists = code.index(IndexOp::Less, at, size);
                code.only_if(exists, |code| self.store(code, point, at, value));
            }
            return;
        }
        let exists = code.index(IndexOp::Less, at, size);
        code.only_if(exists, |code| {
            point[self.last()] = Some(at);
            let four = |code: &mut Code, i: usize, from: DType, to: DType, values: [Ref; TOGETHER]| {
                let write = self.scope.numbers.write(i);
                let at = self.scope.place(code, write, point);
                let values = values.map(|x| code.value(Node::Cast(from, to, x), Ty::of(to)));
                code.store_four(usize::from(self.scope.bindings[write]), to, at, values);
            };
            four(code, 0, self.wide(), self.dtype, std::array::from_fn(|i| values[i].value));
            if self.op.has_positions() {
                let places = std::array::from_fn(|i| {
                    let place = values[i].place.expect("there are positions");
                    code.value(Node::Wide(place), Ty::I64)
                });
                four(code, 1, DType::I64, DType::I64, places);
            }
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

    /// Takes in what comes next.
    fn join(&self, code: &mut Code, scan: &Scan, next: State) -> State {
        let before = self.get(code);
        let joined = scan.join(code, before, next);
        self.set(code, joined);
        joined
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
    ty: Ty,
    values: Shared,
    places: Option<Shared>,
}

impl Room {
    fn new(code: &mut Code, ty: Ty, places: bool, threads: usize) -> Room {
        let len = threads + threads / RUN;
        Room { ty, values: code.share(ty, len), places: places.then(|| code.share(Ty::I32, len)) }
    }

    /// Where a thread's state is: runs have a gap between them, so that they are spread over the banks.
    fn place(code: &mut Code, thread: Ref) -> Ref {
        let run = code.position(RUN);
        let gaps = code.index(IndexOp::Div, thread, run);
        code.index(IndexOp::Add, thread, gaps)
    }

    fn put(&self, code: &mut Code, thread: Ref, state: State) {
        let at = Room::place(code, thread);
        code.store_shared(self.values, at, state.value);
        if let (Some(array), Some(place)) = (self.places, state.place) {
            code.store_shared(array, at, place);
        }
    }

    fn take(&self, code: &mut Code, thread: Ref) -> State {
        let at = Room::place(code, thread);
        State {
            value: code.load_shared(self.values, self.ty, at),
            place: self.places.map(|array| code.load_shared(array, Ty::I32, at)),
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
        let [a, b] = [a, b].map(|x| ordered(code, dtype, x));
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
