//! Pointwise work, reductions and rows: [`Kernel::Loop`](crate::Kernel::Loop).
//!
//! Pointwise work has a thread for each point. With inner dimensions a thread, or a group of threads, works on an outer
//! point: it walks the inner points once for each level of reductions (a softmax has two) and once more for what is
//! stored at every point. Values that depend on no inner coordinate are computed between these walks.
//!
//! | what makes it quick | when |
//! |---|---|
//! | a thread works on four neighbours, which it reads and writes together | the last dimension has fours, work is light |
//! | so it does with what lies between the ends of rows that begin anywhere | long rows, light work |
//! | a row is kept in registers between its walks | a group's threads can hold it |
//! | a larger group walks a row, so that there are no more than caches hold | longer rows, walked several times |
//! | a sum of what is chosen at one place is what is there | long rows |
//! | exponentials are summed beside the largest value that they are relative to | long rows |
//! | of a choice that is reduced, memory is read only where it is chosen | the truth needs none |
//! | the inner points are reduced in parts, whose results a second kernel joins | there are few rows |
//! | a group reduces neighbouring columns whole | short columns, not many |
//! | columns are summed on the way down the rows of a block | the scheduler asks for it ([`Inst::Down`]) |
//! | each result has a group of its own | there is one point, with much work |

mod down;

use super::Stage;
use super::body::{Known, Point, Scope, Values};
use super::ir::{Code, IndexOp, Node, Ref, Ty, Var};
use super::numbers::{INNER, OUTER, PARTS};
use super::reduce::{Partial, SLOTS, combined};
use super::walk::{Walk, Workers, is_simple};
use crate::dtype::DType;
use crate::expr::{Inst, Val};
use crate::kernel::{Body, ReduceOp};
use crate::prim::Prim;
use crate::scalar::Scalar;
use down::{Down, downs};

/// A loop kernel over `outer` + `inner` dimensions, or a stage of it.
pub(super) fn write(code: &mut Code, scope: &Scope, outer: usize, inner: usize, walk: &Walk, stage: Stage) {
    if inner == 0 {
        return points(code, scope, outer, walk);
    }
    let (per_row, level, simple) = (per_row(scope, outer), levels(scope.body), is_simple(scope.body));
    let (single, reads) = (scope.alone(), reads(scope.body, &per_row));
    let downs = downs(code, scope, walk);
    let rows =
        Rows { scope, single: &single, outer, inner, walk, stage, per_row, reads, level, simple, downs };
    let (count, parts) = (code.number(OUTER), code.number(PARTS));
    match walk.workers {
        Workers::One => {
            let together = walk.rows_together(outer);
            let all = if stage == Stage::Parts { code.index(IndexOp::Mul, count, parts) } else { count };
            for_each_thread(code, walk.threads, together, all, |code, at| match stage {
                // Neighbouring threads have neighbouring rows.
                Stage::Parts => rows.row_of(code, at, count),
                _ => rows.row(code, at, None),
            });
        }
        Workers::Group if walk.down => rows.block(code),
        Workers::Group => {
            let group = code.group();
            let all = if stage == Stage::Parts { code.index(IndexOp::Mul, count, parts) } else { count };
            let first = if walk.side == 1 { group } else { code.times(group, walk.side) };
            let exists = code.index(IndexOp::Less, first, all);
            code.only_if(exists, |code| match stage {
                Stage::Parts => rows.row_of(code, group, count),
                _ => {
                    let row = rows.own_row(code, group);
                    rows.row(code, row, None);
                }
            });
        }
    }
}

/// Pointwise work. All a thread reads is asked for before anything is written; beyond the last point the first one is read.
fn points(code: &mut Code, scope: &Scope, rank: usize, walk: &Walk) {
    if walk.apart {
        return apart(code, scope, rank);
    }
    let (group, thread, count) = (code.group(), code.thread(), code.number(OUTER));
    let first = code.times(group, walk.threads * walk.times);
    let mut all = Vec::new();
    for turn in 0..walk.times {
        let at = code.plus(thread, turn * walk.threads);
        let at = code.index(IndexOp::Add, first, at);
        let at = code.times(at, scope.width());
        all.push((at, code.index(IndexOp::Less, at, count)));
    }
    let compute = |code: &mut Code, at: Ref| {
        let mut point: Point = vec![None; rank];
        scope.coordinates(code, at, 0, rank, &mut point);
        let mut known = scope.nothing();
        scope.body.stores.iter().for_each(|s| _ = scope.values(code, s.value, &point, &mut known));
        (point, known)
    };
    let write = |code: &mut Code, point: &Point, known: &mut Known| {
        scope.store_all(code, 0..scope.body.stores.len(), point, known);
    };
    if let &[(at, exists)] = &all[..] {
        return code.only_if(exists, |code| {
            let (point, mut known) = compute(code, at);
            write(code, &point, &mut known);
        });
    }
    let mut made = Vec::new();
    for (at, exists) in all {
        let zero = code.position(0);
        let at = code.choose(exists, at, zero);
        let (point, known) = compute(code, at);
        made.push((exists, point, known));
    }
    for (exists, point, mut known) in made {
        code.only_if(exists, |code| write(code, &point, &mut known));
    }
}

/// The results of a single point, each made by a group: one thread would make them one after the other.
fn apart(code: &mut Code, scope: &Scope, rank: usize) {
    let (group, thread, one) = (code.group(), code.thread(), code.position(1));
    let first = code.index(IndexOp::Less, thread, one);
    code.only_if(first, |code| {
        let mut point: Point = vec![None; rank];
        let zero = code.position(0);
        scope.coordinates(code, zero, 0, rank, &mut point);
        for i in 0..scope.body.stores.len() {
            let number = code.position(i);
            let own = code.index(IndexOp::Equal, group, number);
            code.only_if(own, |code| scope.store_all(code, i..i + 1, &point, &mut scope.nothing()));
        }
    });
}

/// Calls `body` with the thread's number among all, times what each takes together, where that is below a number.
pub(super) fn for_each_thread(
    code: &mut Code,
    threads: usize,
    together: usize,
    count: Ref,
    body: impl FnOnce(&mut Code, Ref),
) {
    let (group, thread) = (code.group(), code.thread());
    let first = code.times(group, threads);
    let at = code.index(IndexOp::Add, first, thread);
    let at = code.times(at, together);
    let exists = code.index(IndexOp::Less, at, count);
    code.only_if(exists, |code| body(code, at));
}

/// For each instruction, whether no instruction under it depends on an inner coordinate.
fn per_row(scope: &Scope, outer: usize) -> Vec<bool> {
    let mut per_row: Vec<bool> = Vec::new();
    for (inst, _) in &scope.body.insts {
        let mut all = true;
        inst.operands(|v| all &= per_row[v.at()]);
        per_row.push(match inst {
            Inst::Reduce(..) => true,
            Inst::Load(read) | Inst::Gather(read, _) => all && scope.is_still(usize::from(*read), outer),
            Inst::Coord(d) => usize::from(*d) < outer,
            _ => all,
        });
    }
    per_row
}

/// For each instruction, how many reductions must be done before it can be computed.
pub(super) fn levels(body: &Body) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::new();
    for (inst, _) in &body.insts {
        let mut level = 0;
        inst.operands(|v| level = level.max(levels[v.at()]));
        levels.push(level + usize::from(matches!(inst, Inst::Reduce(..))));
    }
    levels
}

/// For each instruction, whether memory is read for it at every point.
fn reads(body: &Body, per_row: &[bool]) -> Vec<bool> {
    let mut reads: Vec<bool> = Vec::new();
    for ((inst, _), per_row) in body.insts.iter().zip(per_row) {
        let mut any = matches!(inst, Inst::Load(_) | Inst::Gather(..));
        inst.operands(|v| any |= reads[v.at()]);
        reads.push(any && !per_row);
    }
    reads
}

struct Rows<'a> {
    scope: &'a Scope<'a>,
    /// The same for a point without neighbours.
    single: &'a Scope<'a>,
    outer: usize,
    inner: usize,
    walk: &'a Walk,
    stage: Stage,
    per_row: Vec<bool>,
    reads: Vec<bool>,
    level: Vec<usize>,
    /// Whether there is one walk, which stores what is stored at every point.
    simple: bool,
    downs: Vec<Down>,
}

/// A reduction in progress: the instruction, what is reduced, and one partial result for each row a thread works on.
struct Open {
    inst: usize,
    value: Val,
    /// If memory is read only where a truth holds: the truth, the value there and the one elsewhere.
    picked: Option<[Val; 3]>,
    partials: Vec<Partial>,
}

impl Open {
    /// What is computed at every point.
    fn needed(&self) -> impl Iterator<Item = Val> {
        match self.picked {
            Some([truth, _, no]) => [truth, no],
            None => [self.value; 2],
        }
        .into_iter()
    }
}

/// A sum of exponentials relative to the largest of the same values, while that is not known yet.
struct Shifted {
    /// The largest value's instruction, the sum's, and what is compared.
    largest: usize,
    inst: usize,
    value: Val,
    /// The largest value that a thread has seen, and its sum relative to that.
    top: Var,
    sum: Partial,
}

impl Shifted {
    /// Takes in neighbours.
    fn add(&self, code: &mut Code, values: &[Ref]) {
        let larger = |code: &mut Code, a, &b: &Ref| combined(code, ReduceOp::Max, DType::F32, a, b);
        let high = values[1..].iter().fold(values[0], |a, b| larger(code, a, b));
        let top = code.get(self.top);
        let rises = code.prim(Prim::Lt, &[top, high], Ty::Bool);
        code.only_if(rises, |code| {
            self.relative_to(code, high);
            code.set(self.top, high);
        });
        let top = code.get(self.top);
        for &value in values {
            let e = exponential(code, value, top);
            self.sum.add(code, e, value);
        }
    }

    /// Makes the sum one relative to another value.
    fn relative_to(&self, code: &mut Code, other: Ref) {
        let top = code.get(self.top);
        let factor = exponential(code, top, other);
        self.sum.scale(code, factor);
    }
}

/// The exponential of a difference.
fn exponential(code: &mut Code, a: Ref, b: Ref) -> Ref {
    let below = code.prim(Prim::Sub, &[a, b], Ty::F32);
    code.prim(Prim::Exp, &[below], Ty::F32)
}

/// A part of the inner points and the number of all places in a slot of the scratch buffer.
#[derive(Clone, Copy)]
struct Part {
    from: Ref,
    to: Ref,
}

/// The fours of a part of a row, and what they leave to single threads: points before them and behind them.
struct Ends {
    fours: Part,
    before: Ref,
    whole: Ref,
    others: Ref,
}

/// Points of a row that a thread keeps.
struct Share {
    at: Ref,
    exists: Ref,
    point: Point,
    known: Known,
}

impl Share {
    /// Takes over what is known of the row.
    fn learn(&mut self, known: &Known) {
        self.known.iter_mut().zip(known).for_each(|(own, row)| *own = own.or(*row));
    }
}

impl Rows<'_> {
    fn is_group(&self) -> bool {
        self.walk.workers == Workers::Group
    }

    /// The row that a thread of a group works on; beyond the last one that one again, for nobody misses a barrier.
    fn own_row(&self, code: &mut Code, group: Ref) -> Ref {
        let side = self.walk.side;
        if side == 1 {
            return group;
        }
        let (first, beside) = (code.times(group, side), code.beside(side));
        let row = code.index(IndexOp::Add, first, beside);
        let (count, one) = (code.number(OUTER), code.position(1));
        let last = code.index(IndexOp::Sub, count, one);
        code.smaller(row, last)
    }

    /// The work on a part of a row; parts of different rows are neighbours.
    fn row_of(&self, code: &mut Code, at: Ref, rows: Ref) {
        let row = code.index(IndexOp::Rem, at, rows);
        let part = code.index(IndexOp::Div, at, rows);
        let (count, parts) = (code.number(INNER), code.number(PARTS));
        // Whole fours for each part.
        let (one, quad) = (code.position(1), self.scope.width());
        let almost = code.index(IndexOp::Sub, parts, one);
        let rounded = code.index(IndexOp::Add, count, almost);
        let share = code.index(IndexOp::Div, rounded, parts);
        let quads = code.parts(share, quad);
        let share = code.times(quads, quad);
        let from = code.index(IndexOp::Mul, part, share);
        let end = code.index(IndexOp::Add, from, share);
        let to = code.smaller(end, count);
        self.row(code, row, Some((Part { from, to }, at)));
    }

    /// All the work on an outer point, or on a part of it, whose place in the scratch buffer is given too.
    fn row(&self, code: &mut Code, row: Ref, part: Option<(Part, Ref)>) {
        let mut point: Point = vec![None; self.outer + self.inner];
        self.scope.coordinates(code, row, 0, self.outer, &mut point);
        let mut known = self.scope.nothing();
        if self.is_group() && part.is_none() {
            self.ask_early(code, &point, &mut known);
        }
        let mut kept = self.keep(code, &point);
        let all = Part { from: code.position(0), to: code.number(INNER) };
        let range = part.map_or(all, |(part, _)| part);
        let last = self.level.iter().copied().max().unwrap_or(0);
        let shifted = self.shifted(code);
        for level in 1..=last {
            let mut open = self.open(code, level);
            open.retain(|open| shifted.as_ref().is_none_or(|s| s.inst != open.inst));
            let found: Vec<_> = open.extract_if(.., |open| self.has_one_place(open)).collect();
            for open in found {
                known[open.inst] = Some([self.at_one_place(code, &open, &point, &mut known); 4]);
            }
            let beside = shifted.as_ref().filter(|s| self.level[s.largest] == level);
            match self.stage {
                Stage::Rest => self.collect(code, &open, row),
                _ => self.reduce(code, (&open, beside), range, &point, &mut known, &mut kept),
            }
            if self.is_group() {
                open.iter()
                    .flat_map(|o| &o.partials)
                    .for_each(|p| p.across(code, self.walk.threads, self.walk.side));
            }
            if let Some((_, at)) = part {
                return self.leave(code, &open, at);
            }
            for open in &open {
                let results: Vec<Ref> = open.partials.iter().map(|p| p.result(code)).collect();
                known[open.inst] = Some(std::array::from_fn(|lane| results[lane % results.len()]));
            }
            if let Some(shifted) = beside {
                let largest = known[shifted.largest].expect("it was reduced")[0];
                shifted.relative_to(code, largest);
                shifted.sum.across(code, self.walk.threads, 1);
                known[shifted.inst] = Some([shifted.sum.result(code); 4]);
            }
        }
        self.sum_down(code, &point, &mut known, &mut kept);
        self.stores(code, &point, &mut known, &mut kept);
    }

    /// Reads what lies in memory once for the row, so that it is there when the row is reduced.
    fn ask_early(&self, code: &mut Code, point: &Point, known: &mut Known) {
        for (i, (inst, _)) in self.scope.body.insts.iter().enumerate() {
            if self.per_row[i] && matches!(inst, Inst::Load(_)) {
                self.scope.values(code, Val(i as u32), point, known);
            }
        }
    }

    /// The shares of a row that a thread keeps in registers. Those beyond the row's end repeat its beginning.
    fn keep(&self, code: &mut Code, point: &Point) -> Vec<Share> {
        let (thread, count) = (code.thread(), code.number(INNER));
        let share = |i: usize| {
            let at = code.plus(thread, i * self.walk.threads);
            let at = code.times(at, self.scope.width());
            let begin = code.position(0);
            self.share(code, point, at, Part { from: begin, to: count })
        };
        (0..self.walk.kept.unwrap_or(0)).map(share).collect()
    }

    /// A share of a part of a row at a point, if that is before the end.
    fn share(&self, code: &mut Code, point: &Point, at: Ref, part: Part) -> Share {
        let exists = code.index(IndexOp::Less, at, part.to);
        let at = code.choose(exists, at, part.from);
        Share { at, exists, point: self.inner(code, point, at), known: self.scope.nothing() }
    }

    /// An outer point with the coordinates of an inner one.
    fn inner(&self, code: &mut Code, point: &Point, at: Ref) -> Point {
        let mut inner = point.clone();
        self.scope.coordinates(code, at, self.outer, self.outer + self.inner, &mut inner);
        inner
    }

    /// Works on shares: everything is asked for, outside of conditions, before any of them is worked on.
    fn work(
        &self,
        code: &mut Code,
        needed: &[Val],
        known: &Known,
        shares: &mut [Share],
        body: &mut impl FnMut(&mut Code, &Scope, &Point, Ref, &mut Known),
    ) {
        for share in shares.iter_mut() {
            share.learn(known);
            for &value in needed {
                self.scope.values(code, value, &share.point, &mut share.known);
            }
        }
        for share in shares.iter_mut() {
            code.only_if(share.exists, |code| {
                body(code, self.scope, &share.point, share.at, &mut share.known);
            });
        }
    }

    /// The reductions of a level, with nothing seen.
    fn open(&self, code: &mut Code, level: usize) -> Vec<Open> {
        let mut open = Vec::new();
        for (inst, (op, value, dtype)) in self.reductions() {
            if self.level[inst] == level {
                let rows = self.walk.rows_together(self.outer);
                let partials = (0..rows).map(|_| Partial::new(code, op, dtype)).collect();
                open.push(Open { inst, value, picked: self.picked(value), partials });
            }
        }
        open
    }

    /// A sum of exponentials that long rows need not be walked for once more.
    fn shifted(&self, code: &mut Code) -> Option<Shifted> {
        let insts = &self.scope.body.insts;
        let of = |(inst, (op, e, dtype)): (usize, (ReduceOp, Val, DType))| {
            let (ReduceOp::Sum, DType::F32) = (op, dtype) else { return None };
            let Inst::Call(Prim::Exp, [below, ..]) = insts[e.at()].0 else { return None };
            let Inst::Call(Prim::Sub, [value, largest, ..]) = insts[below.at()].0 else { return None };
            let of_same = matches!(insts[largest.at()].0, Inst::Reduce(ReduceOp::Max, of) if of == value);
            of_same.then_some((inst, value, largest.at()))
        };
        let walks = self.is_group() && self.walk.kept.is_none() && self.walk.times > 1;
        let (inst, value, largest) = self.reductions().into_iter().find_map(of).filter(|_| walks)?;
        // Relative to it even minus infinity is nothing.
        let lowest = code.constant(Scalar::Float(f64::from(f32::MIN)), Ty::F32);
        let (top, sum) = (code.declare(lowest), Partial::new(code, ReduceOp::Sum, DType::F32));
        Some(Shifted { largest, inst, value, top, sum })
    }

    /// A choice whose one side needs memory at every point and whose truth and other side need none.
    fn picked(&self, value: Val) -> Option<[Val; 3]> {
        let Inst::Call(Prim::Select, choice) = self.scope.body.insts[value.at()].0 else { return None };
        let far = self.is_group() && self.walk.kept.is_none();
        (far && choice.map(|v| self.reads[v.at()]) == [false, true, false]).then_some(choice)
    }

    fn reductions(&self) -> Vec<(usize, (ReduceOp, Val, DType))> {
        let insts = &self.scope.body.insts;
        let found = |(i, (inst, _)): (usize, &(Inst, DType))| match inst {
            Inst::Reduce(op, value) => Some((i, (*op, *value, insts[value.at()].1))),
            _ => None,
        };
        insts.iter().enumerate().filter_map(found).collect()
    }

    /// The stores that are done once for a row, and those of every point; those of columns come later.
    fn all_stores(&self) -> (Vec<usize>, Vec<usize>) {
        let (stores, insts) = (&self.scope.body.stores, &self.scope.body.insts);
        let of_rows = |&i: &usize| !matches!(insts[stores[i].value.at()].0, Inst::Down(_));
        (0..stores.len()).filter(of_rows).partition(|&i| stores[i].per_row)
    }

    /// The reductions of a level and what is summed beside, in one walk over the inner points. If it is the only one, it
    /// stores, too.
    fn reduce(
        &self,
        code: &mut Code,
        (open, beside): (&[Open], Option<&Shifted>),
        range: Part,
        point: &Point,
        known: &mut Known,
        kept: &mut [Share],
    ) {
        let stores = if self.simple { self.all_stores().1 } else { Vec::new() };
        if open.is_empty() && stores.is_empty() {
            return;
        }
        let stored = stores.iter().map(|&i| self.scope.body.stores[i].value);
        let needed: Vec<Val> = open.iter().flat_map(Open::needed).chain(stored).collect();
        // What a picked value needs of the row is computed before the walk, too.
        open.iter().filter_map(|o| o.picked).for_each(|[_, yes, _]| self.prepare(code, yes, point, known));
        self.walk(code, &needed, range, (point, known), kept, |code, scope, point, at, known| {
            for open in open {
                let values = match open.picked {
                    Some(choice) => self.pick(code, scope, choice, point, known),
                    None => scope.values(code, open.value, point, known),
                };
                self.add(code, scope, open, values, at);
            }
            if let Some(shifted) = beside {
                let values = scope.values(code, shifted.value, point, known);
                shifted.add(code, &values[..scope.width()]);
            }
            scope.store_all(code, stores.iter().copied(), point, known);
        });
    }

    /// Whether what is summed is chosen where the row's coordinate is a number that only depends on the row.
    fn has_one_place(&self, open: &Open) -> bool {
        let insts = &self.scope.body.insts;
        let Some([truth, _, no]) = open.picked.filter(|_| self.inner == 1) else { return false };
        let Inst::Call(Prim::Eq, [a, b, ..]) = insts[truth.at()].0 else { return false };
        let along = |v: Val| matches!(insts[v.at()].0, Inst::Coord(d) if usize::from(d) == self.outer);
        let of_row = |v: Val| self.per_row[v.at()];
        let is_sum = matches!(insts[open.inst], (Inst::Reduce(ReduceOp::Sum, _), DType::F32));
        let is_long = insts[a.at()].1 == DType::I64 && insts[b.at()].1 == DType::I64;
        let is_whole = self.stage == Stage::Whole;
        is_whole && is_sum && is_long && of_row(no) && (along(a) && of_row(b) || along(b) && of_row(a))
    }

    /// The sum of a choice that holds at one place of a row at most: what is there, and as often as it is elsewhere the other.
    fn at_one_place(&self, code: &mut Code, open: &Open, point: &Point, known: &mut Known) -> Ref {
        let (Some(choice), count) = (open.picked, code.number(INNER)) else { unreachable!("it is a choice") };
        choice.into_iter().for_each(|value| self.prepare(code, value, point, known));
        let Inst::Call(_, [a, b, ..]) = self.scope.body.insts[choice[0].at()].0 else {
            unreachable!("it compares")
        };
        let place = known[if self.per_row[a.at()] { a } else { b }.at()].expect("it is the row's")[0];
        // Beyond the row no place is the one that is wanted.
        let at = code.value(Node::Cast(DType::I64, DType::I32, place), Ty::I32);
        let (zero, one) = (code.position(0), code.position(1));
        let below = code.index(IndexOp::Less, at, zero);
        let inside = code.index(IndexOp::Less, at, count);
        let at = code.choose(below, zero, at);
        let at = code.choose(inside, at, zero);
        let inner = self.inner(code, point, at);
        let here = self.pick(code, self.single, choice, &inner, &mut known.clone())[0];
        let others = code.index(IndexOp::Sub, count, one);
        let others = code.value(Node::Cast(DType::I32, DType::F32, others), Ty::F32);
        let other = known[choice[2].at()].expect("it is the row's")[0];
        let elsewhere = code.prim(Prim::Mul, &[other, others], Ty::F32);
        let sum = code.prim(Prim::Add, &[here, elsewhere], Ty::F32);
        // No times infinity is not a number.
        let alone = code.index(IndexOp::Equal, count, one);
        code.choose(alone, here, sum)
    }

    /// The values of a choice at a point and its neighbours.
    fn pick(
        &self,
        code: &mut Code,
        scope: &Scope,
        [truth, yes, no]: [Val; 3],
        point: &Point,
        known: &mut Known,
    ) -> Values {
        let truths = scope.values(code, truth, point, known);
        let others = scope.values(code, no, point, known);
        let mut made = others;
        for lane in 0..scope.width() {
            let chosen = code.declare(others[lane]);
            code.only_if(truths[lane], |code| {
                let point = scope.neighbour(code, point, lane);
                let of_row = |(v, values): (usize, &Option<Values>)| values.filter(|_| self.per_row[v]);
                let mut known = known.iter().enumerate().map(of_row).collect();
                let value = self.single.values(code, yes, &point, &mut known)[0];
                code.set(chosen, value);
            });
            made[lane] = code.get(chosen);
        }
        made
    }

    /// Takes in the values of the neighbours a thread works on: of four rows, or of four points of one row.
    fn add(&self, code: &mut Code, scope: &Scope, open: &Open, values: Values, at: Ref) {
        for (lane, &value) in values.iter().enumerate().take(scope.width()) {
            match open.partials.get(lane) {
                Some(partial) if lane == 0 || open.partials.len() > 1 => partial.add(code, value, at),
                _ => {
                    let at = code.plus(at, lane);
                    open.partials[0].add(code, value, at);
                }
            }
        }
    }

    /// Leaves the results of a part in the scratch buffer.
    fn leave(&self, code: &mut Code, open: &[Open], at: Ref) {
        let all = self.places(code);
        let leave = |code: &mut Code| {
            for (i, open) in open.iter().enumerate() {
                Partial::leave(&open.partials, code, self.scope.scratch, SLOTS * i, all, at);
            }
        };
        self.once(code, leave);
    }

    /// Joins the results of all parts.
    fn collect(&self, code: &mut Code, open: &[Open], row: Ref) {
        let (all, rows, parts) = (self.places(code), code.number(OUTER), code.number(PARTS));
        let (from, step) = self.first_and_step(code);
        code.count(from, parts, step, |code, part| {
            let before = code.index(IndexOp::Mul, part, rows);
            let at = code.index(IndexOp::Add, before, row);
            for (i, open) in open.iter().enumerate() {
                open.partials[0].collect(code, self.scope.scratch, SLOTS * i, all, at);
            }
        });
    }

    /// How many places a slot of the scratch buffer has.
    fn places(&self, code: &mut Code) -> Ref {
        let (rows, parts) = (code.number(OUTER), code.number(PARTS));
        code.index(IndexOp::Mul, rows, parts)
    }

    /// What one thread of those that work on a row does.
    fn once(&self, code: &mut Code, body: impl FnOnce(&mut Code)) {
        if !self.is_group() {
            return body(code);
        }
        let (thread, side) = (code.thread(), code.position(self.walk.side));
        let mut first = code.index(IndexOp::Less, thread, side);
        if self.walk.side > 1 {
            let (group, count) = (code.group(), code.number(OUTER));
            let before = code.times(group, self.walk.side);
            let row = code.index(IndexOp::Add, before, thread);
            let exists = code.index(IndexOp::Less, row, count);
            first = code.both(first, exists);
        }
        code.only_if(first, body);
    }

    /// Everything that has not been stored on the way: once for the row, and at every inner point.
    fn stores(&self, code: &mut Code, point: &Point, known: &mut Known, kept: &mut [Share]) {
        let stores = &self.scope.body.stores;
        let (once, mut each) = self.all_stores();
        if self.simple {
            each.clear();
        }
        for &i in &each {
            self.prepare(code, stores[i].value, point, known);
        }
        if self.is_group() && !once.is_empty() {
            // What is written may be memory that a slower thread has still to read.
            code.barrier();
        }
        if !once.is_empty() {
            self.once(code, |code| {
                let mut known = known.clone();
                once.iter().for_each(|&i| _ = self.scope.values(code, stores[i].value, point, &mut known));
                self.scope.store_all(code, once.iter().copied(), point, &mut known);
            });
        }
        if each.is_empty() {
            return;
        }
        let needed: Vec<Val> = each.iter().map(|&i| stores[i].value).collect();
        let all = Part { from: code.position(0), to: code.number(INNER) };
        self.walk(code, &needed, all, (point, known), kept, |code, scope, point, _, known| {
            scope.store_all(code, each.iter().copied(), point, known);
        });
    }

    /// Where a thread begins, and how far it goes from point to point.
    fn first_and_step(&self, code: &mut Code) -> (Ref, Ref) {
        match self.walk.workers {
            Workers::One => (code.position(0), code.position(1)),
            Workers::Group if self.walk.side == 1 => (code.thread(), code.position(self.walk.threads)),
            Workers::Group => {
                let (thread, side) = (code.thread(), code.position(self.walk.side));
                (code.index(IndexOp::Div, thread, side), code.position(self.walk.threads / self.walk.side))
            }
        }
    }

    /// Walks the inner points; what `needed` values need of the row is computed before.
    fn walk(
        &self,
        code: &mut Code,
        needed: &[Val],
        range: Part,
        (point, known): (&Point, &mut Known),
        kept: &mut [Share],
        mut body: impl FnMut(&mut Code, &Scope, &Point, Ref, &mut Known),
    ) {
        for &value in needed {
            self.prepare(code, value, point, known);
        }
        self.work(code, needed, known, kept, &mut body);
        if self.walk.kept.is_some() {
            return;
        }
        let Some(access) = self.scope.ragged() else {
            return self.steps(code, needed, range, (point, known), &mut body);
        };
        let exists = code.index(IndexOp::Less, range.from, range.to);
        code.only_if(exists, |code| {
            let ends = self.ends(code, access, range, point);
            self.steps(code, needed, ends.fours, (point, known), &mut body);
            let thread = code.thread();
            let exists = code.index(IndexOp::Less, thread, ends.others);
            code.only_if(exists, |code| {
                let before = code.index(IndexOp::Less, thread, ends.before);
                let behind = code.index(IndexOp::Add, thread, ends.whole);
                let at = code.choose(before, thread, behind);
                let at = code.index(IndexOp::Add, range.from, at);
                let inner = self.inner(code, point, at);
                body(code, self.single, &inner, at, &mut known.clone());
            });
        });
    }

    /// Where the fours of a part of a row are that begins anywhere; it has a point at least.
    fn ends(&self, code: &mut Code, access: usize, range: Part, point: &Point) -> Ends {
        let four = code.position(4);
        let row = self.scope.place(code, access, point);
        let begin = code.index(IndexOp::Add, row, range.from);
        let over = code.index(IndexOp::Rem, begin, four);
        let missing = code.index(IndexOp::Sub, four, over);
        let missing = code.index(IndexOp::Rem, missing, four);
        let count = code.index(IndexOp::Sub, range.to, range.from);
        let before = code.smaller(missing, count);
        let rest = code.index(IndexOp::Sub, count, before);
        let fours = code.fours(rest);
        let whole = code.times(fours, 4);
        let from = code.index(IndexOp::Add, range.from, before);
        let to = code.index(IndexOp::Add, from, whole);
        let others = code.index(IndexOp::Sub, count, whole);
        Ends { fours: Part { from, to }, before, whole, others }
    }

    /// Walks points, or fours of them.
    fn steps(
        &self,
        code: &mut Code,
        needed: &[Val],
        range: Part,
        (point, known): (&Point, &Known),
        body: &mut impl FnMut(&mut Code, &Scope, &Point, Ref, &mut Known),
    ) {
        let (first, step) = self.first_and_step(code);
        let quad = if self.walk.rows_together(self.outer) > 1 { 1 } else { self.scope.width() };
        let (first, step) = (code.times(first, quad), code.times(step, quad));
        let from = code.index(IndexOp::Add, range.from, first);
        if self.walk.times > 1 {
            let stride = code.times(step, self.walk.times);
            return code.count(from, range.to, stride, |code, at| {
                let share = |i: usize| {
                    let at = code.plus(at, i * self.walk.threads / self.walk.side * quad);
                    self.share(code, point, at, range)
                };
                let mut shares: Vec<Share> = (0..self.walk.times).map(share).collect();
                self.work(code, needed, known, &mut shares, body);
            });
        }
        code.count(from, range.to, step, |code, at| {
            let inner = self.inner(code, point, at);
            body(code, self.scope, &inner, at, &mut known.clone());
        });
    }

    /// Computes the values of the row under a value.
    fn prepare(&self, code: &mut Code, value: Val, point: &Point, known: &mut Known) {
        if known[value.at()].is_some() {
            return;
        }
        if self.per_row[value.at()] {
            self.scope.values(code, value, point, known);
            return;
        }
        let mut operands = Vec::new();
        self.scope.body.insts[value.at()].0.operands(|v| operands.push(v));
        operands.into_iter().for_each(|v| self.prepare(code, v, point, known));
    }
}
