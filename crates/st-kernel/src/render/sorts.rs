//! Stable sorts along the last dimension; NaN counts as largest.
//!
//! Short lines: a thread for each element counts the elements that come before it. Long ones are merged: at first each element
//! is a run, and each stage makes one run of two. What moves are the elements' numbers, in scratch memory; a thread finds
//! its element's place in the longer run by looking for it in the other half.

use super::body::{Point, Scope};
use super::ir::{Code, IndexOp, Node, Ref, Ty, Var};
use super::loops::for_each_thread;
use super::numbers::{OUTER, PARTS};
use super::scans::store;
use crate::device::Launch;
use crate::dtype::DType;
use crate::prim::Prim;

/// The longest line that is sorted by counting.
const SHORT_LINE: usize = 256;

/// What a stage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Merge {
    /// The first one: runs of one element, in their order.
    First,
    /// Reads numbers from one half of the scratch memory and writes them to the other one.
    Even,
    /// The same the other way.
    Odd,
    /// The last one, reading what an even stage would: it writes the results.
    LastEven,
    /// The last one, reading what an odd stage would.
    LastOdd,
}

/// Whether a launch's lines are sorted by merging.
pub(super) fn is_merged(launch: &Launch) -> bool {
    launch.dims.last().is_some_and(|&line| line > SHORT_LINE)
}

/// The stages of a merging sort and the lengths of the runs they join.
pub(super) fn merges(launch: &Launch) -> impl Iterator<Item = (Merge, usize)> {
    let line = launch.dims.last().copied().unwrap_or(0);
    let count = line.next_power_of_two().ilog2() as usize;
    let stage = move |i: usize| match i {
        0 => Merge::First,
        _ if i + 1 == count && i % 2 == 1 => Merge::LastEven,
        _ if i + 1 == count => Merge::LastOdd,
        _ if i % 2 == 1 => Merge::Even,
        _ => Merge::Odd,
    };
    (0..count).map(move |i| (stage(i), 1 << i))
}

/// Bytes of scratch memory: a number for each element, twice.
pub(super) fn scratch(launch: &Launch) -> usize {
    8 * launch.dims.iter().product::<usize>()
}

/// A sort of lines.
pub(super) struct Sort<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) descending: bool,
    pub(super) dtype: DType,
}

impl Sort<'_> {
    fn last(&self) -> usize {
        self.scope.numbers.rank - 1
    }

    /// The element of a line.
    fn load(&self, code: &mut Code, line: &Point, at: Ref) -> Ref {
        let mut point = line.clone();
        point[self.last()] = Some(at);
        let from = self.scope.place(code, 0, &point);
        code.value(Node::Load(usize::from(self.scope.bindings[0]), self.dtype, from), Ty::of(self.dtype))
    }

    /// Whether an element comes before another one that is not equal to it.
    fn precedes(&self, code: &mut Code, a: Ref, b: Ref) -> Ref {
        let (small, large) = if self.descending { (b, a) } else { (a, b) };
        comes_before(code, self.dtype, small, large)
    }

    /// Writes an element and its number to their place in the results, if that is kept.
    fn finish(&self, code: &mut Code, line: &Point, place: Ref, value: Ref, number: Ref) {
        let kept = code.number(self.scope.numbers.int(0));
        let stays = code.index(IndexOp::Less, place, kept);
        code.only_if(stays, |code| {
            let mut point = line.clone();
            point[self.last()] = Some(place);
            store(code, self.scope, 0, self.dtype, self.dtype, &point, value);
            let number = code.value(Node::Wide(number), Ty::I64);
            store(code, self.scope, 1, DType::I64, DType::I64, &point, number);
        });
    }

    /// By counting.
    pub(super) fn write(&self, code: &mut Code, threads: usize) {
        let count = code.number(OUTER);
        for_each_thread(code, threads, 1, count, |code, at| {
            let mut point: Point = vec![None; self.last() + 1];
            self.scope.coordinates(code, at, 0, self.last() + 1, &mut point);
            let own = point[self.last()].expect("all are known");
            let value = self.load(code, &point, own);
            let (zero, one) = (code.position(0), code.position(1));
            let size = code.number(self.scope.numbers.dim(self.last()));
            let before = code.declare(zero);
            code.count(zero, size, one, |code, i| {
                let other = self.load(code, &point, i);
                let less = self.precedes(code, other, value);
                let more = self.precedes(code, value, other);
                let differs = code.either(less, more);
                let equal = code.prim(Prim::Not, &[differs], Ty::Bool);
                let earlier = code.index(IndexOp::Less, i, own);
                let tie = code.both(equal, earlier);
                let counts = code.either(less, tie);
                code.only_if(counts, |code| {
                    let so_far = code.get(before);
                    let next = code.plus(so_far, 1);
                    code.set(before, next);
                });
            });
            let place = code.get(before);
            self.finish(code, &point, place, value, own);
        });
    }

    /// A stage of a merging sort.
    pub(super) fn write_merge(&self, code: &mut Code, stage: Merge, threads: usize) {
        let count = code.number(OUTER);
        for_each_thread(code, threads, 1, count, |code, at| {
            let mut point: Point = vec![None; self.last() + 1];
            self.scope.coordinates(code, at, 0, self.last() + 1, &mut point);
            let own = point[self.last()].expect("all are known");
            let begin = code.index(IndexOp::Sub, at, own);
            let (here, there) = match stage {
                Merge::First | Merge::Odd | Merge::LastOdd => (count, code.position(0)),
                Merge::Even | Merge::LastEven => (code.position(0), count),
            };
            let halves = [here, there].map(|half| code.index(IndexOp::Add, half, begin));
            let number = self.number(code, stage, halves[0], own);
            let value = self.load(code, &point, number);
            let (size, run) = (code.number(self.scope.numbers.dim(self.last())), code.number(PARTS));
            let both = code.times(run, 2);
            let pair = code.index(IndexOp::Div, own, both);
            let first = code.index(IndexOp::Mul, pair, both);
            let end = code.index(IndexOp::Add, first, run);
            let middle = code.smaller(end, size);
            let end = code.index(IndexOp::Add, first, both);
            let end = code.smaller(end, size);
            let is_left = code.index(IndexOp::Less, own, middle);
            let low = code.choose(is_left, middle, first);
            let high = code.choose(is_left, end, middle);
            let found = self.search(code, &point, stage, (halves[0], is_left, value), (low, high));
            // The elements before it in its own run and in the other one.
            let before = code.index(IndexOp::Sub, found, low);
            let own_begin = code.choose(is_left, first, middle);
            let within = code.index(IndexOp::Sub, own, own_begin);
            let place = code.index(IndexOp::Add, first, within);
            let place = code.index(IndexOp::Add, place, before);
            if matches!(stage, Merge::LastEven | Merge::LastOdd) {
                return self.finish(code, &point, place, value, number);
            }
            let to = code.index(IndexOp::Add, halves[1], place);
            code.store(self.scope.scratch, DType::I32, to, number);
        });
    }

    /// The number of the element at a place of its line.
    fn number(&self, code: &mut Code, stage: Merge, half: Ref, at: Ref) -> Ref {
        if stage == Merge::First {
            return at;
        }
        let from = code.index(IndexOp::Add, half, at);
        code.value(Node::Load(self.scope.scratch, DType::I32, from), Ty::I32)
    }

    /// The first place of the other run whose element comes after a value: of equal ones, the left run's come first.
    fn search(
        &self,
        code: &mut Code,
        line: &Point,
        stage: Merge,
        (half, is_left, value): (Ref, Ref, Ref),
        (low, high): (Ref, Ref),
    ) -> Ref {
        let (low, high): (Var, Var) = (code.declare(low), code.declare(high));
        // As many steps as a size has bits.
        let (zero, one, bits) = (code.position(0), code.position(1), code.position(32));
        code.count(zero, bits, one, |code, _| {
            let (from, to) = (code.get(low), code.get(high));
            let open = code.index(IndexOp::Less, from, to);
            code.only_if(open, |code| {
                let sum = code.index(IndexOp::Add, from, to);
                let two = code.position(2);
                let middle = code.index(IndexOp::Div, sum, two);
                let number = self.number(code, stage, half, middle);
                let other = self.load(code, line, number);
                let less = self.precedes(code, other, value);
                let more = self.precedes(code, value, other);
                let at_most = code.prim(Prim::Not, &[more], Ty::Bool);
                let goes_first = code.choose(is_left, less, at_most);
                let after = code.plus(middle, 1);
                let next_low = code.choose(goes_first, after, from);
                let next_high = code.choose(goes_first, to, middle);
                code.set(low, next_low);
                code.set(high, next_high);
            });
        });
        code.get(low)
    }
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
