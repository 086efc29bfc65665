//! Pointwise work, reductions and rows: [`Kernel::Loop`](crate::Kernel::Loop).
//!
//! Pointwise work has a thread for each point. With inner dimensions a thread, or a group of threads, works on an outer
//! point: it walks the inner points once for each level of reductions (a softmax has two) and once more for what is
//! stored at every point. Values that depend on no inner coordinate are computed between these walks.

use super::body::{Known, Point, Scope};
use super::ir::{Code, IndexOp, Ref};
use super::numbers::{INNER, OUTER};
use super::reduce::Partial;
use crate::expr::{Inst, Val};

/// Who works on an outer point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Workers {
    /// One thread.
    One,
    /// A group of threads.
    Group,
}

/// A loop kernel over `outer` + `inner` dimensions, with groups of `threads` threads.
pub(super) fn write(
    code: &mut Code,
    scope: &Scope,
    outer: usize,
    inner: usize,
    workers: Workers,
    threads: usize,
) {
    if inner == 0 {
        for_each_thread(code, threads, OUTER, |code, at| {
            let mut point: Point = vec![None; outer];
            scope.coordinates(code, at, 0, outer, &mut point);
            let mut known = scope.nothing();
            for i in 0..scope.body.stores.len() {
                scope.store(code, i, &point, &mut known);
            }
        });
        return;
    }
    let rows =
        Rows { scope, outer, inner, workers, threads, per_row: per_row(scope, outer), level: levels(scope) };
    match workers {
        Workers::One => for_each_thread(code, threads, OUTER, |code, at| rows.row(code, at)),
        Workers::Group => {
            let (row, count) = (code.group(), code.number(OUTER));
            let exists = code.index(IndexOp::Less, row, count);
            code.only_if(exists, |code| rows.row(code, row));
        }
    }
}

/// Calls `body` with the thread's number among all, where that is below the number in a word.
pub(super) fn for_each_thread(
    code: &mut Code,
    threads: usize,
    count: usize,
    body: impl FnOnce(&mut Code, Ref),
) {
    let (group, thread, size) = (code.group(), code.thread(), code.position(threads));
    let first = code.index(IndexOp::Mul, group, size);
    let at = code.index(IndexOp::Add, first, thread);
    let count = code.number(count);
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
            Inst::Load(read) | Inst::Gather(read, _) => all && scope.row_reads[usize::from(*read)],
            Inst::Coord(d) => usize::from(*d) < outer,
            _ => all,
        });
    }
    per_row
}

/// For each instruction, how many reductions must be done before it can be computed.
fn levels(scope: &Scope) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::new();
    for (inst, _) in &scope.body.insts {
        let mut level = 0;
        inst.operands(|v| level = level.max(levels[v.at()]));
        levels.push(level + usize::from(matches!(inst, Inst::Reduce(..))));
    }
    levels
}

struct Rows<'a> {
    scope: &'a Scope<'a>,
    outer: usize,
    inner: usize,
    workers: Workers,
    threads: usize,
    per_row: Vec<bool>,
    level: Vec<usize>,
}

impl Rows<'_> {
    /// All the work on one outer point.
    fn row(&self, code: &mut Code, row: Ref) {
        let mut point: Point = vec![None; self.outer + self.inner];
        self.scope.coordinates(code, row, 0, self.outer, &mut point);
        let mut known = self.scope.nothing();
        let last = self.level.iter().copied().max().unwrap_or(0);
        for level in 1..=last {
            self.reductions(code, level, &point, &mut known);
        }
        self.stores(code, &point, &mut known);
    }

    /// The reductions of a level, in one walk over the inner points.
    fn reductions(&self, code: &mut Code, level: usize, point: &Point, known: &mut Known) {
        let insts = &self.scope.body.insts;
        let mut open = Vec::new();
        for (i, (inst, _)) in insts.iter().enumerate() {
            if let Inst::Reduce(op, value) = inst
                && self.level[i] == level
            {
                open.push((i, *value, Partial::new(code, *op, insts[value.at()].1)));
            }
        }
        let needed: Vec<Val> = open.iter().map(|(_, value, _)| *value).collect();
        self.walk(code, &needed, point, known, |code, point, at, known| {
            for (_, value, partial) in &open {
                let value = self.scope.value(code, *value, point, known);
                partial.add(code, value, at);
            }
        });
        for (i, _, partial) in &open {
            if self.workers == Workers::Group {
                partial.across(code, self.threads);
            }
            known[*i] = Some(partial.result(code));
        }
    }

    /// Everything that is stored: once for the row, and at every inner point.
    fn stores(&self, code: &mut Code, point: &Point, known: &mut Known) {
        let stores = &self.scope.body.stores;
        let (once, each): (Vec<usize>, Vec<usize>) = (0..stores.len()).partition(|&i| stores[i].per_row);
        for store in stores {
            self.prepare(code, store.value, point, known);
        }
        if self.workers == Workers::Group && !once.is_empty() {
            // What is written may be memory that a slower thread has still to read.
            code.barrier();
        }
        let write = |code: &mut Code, known: &mut Known| {
            once.iter().for_each(|&i| self.scope.store(code, i, point, known));
        };
        match self.workers {
            _ if once.is_empty() => {}
            Workers::One => write(code, known),
            Workers::Group => {
                let (thread, one) = (code.thread(), code.position(1));
                let first = code.index(IndexOp::Less, thread, one);
                code.only_if(first, |code| write(code, known));
            }
        }
        if each.is_empty() {
            return;
        }
        let needed: Vec<Val> = each.iter().map(|&i| stores[i].value).collect();
        self.walk(code, &needed, point, known, |code, point, _, known| {
            each.iter().for_each(|&i| self.scope.store(code, i, point, known));
        });
    }

    /// Walks the inner points; what `needed` values need of the row is computed before.
    fn walk(
        &self,
        code: &mut Code,
        needed: &[Val],
        point: &Point,
        known: &mut Known,
        body: impl FnOnce(&mut Code, &Point, Ref, &mut Known),
    ) {
        for &value in needed {
            self.prepare(code, value, point, known);
        }
        let count = code.number(INNER);
        let (from, step) = match self.workers {
            Workers::One => (code.position(0), code.position(1)),
            Workers::Group => (code.thread(), code.position(self.threads)),
        };
        code.count(from, count, step, |code, at| {
            let mut inner = point.clone();
            self.scope.coordinates(code, at, self.outer, self.outer + self.inner, &mut inner);
            body(code, &inner, at, &mut known.clone());
        });
    }

    /// Computes the values of the row under a value.
    fn prepare(&self, code: &mut Code, value: Val, point: &Point, known: &mut Known) {
        if known[value.at()].is_some() {
            return;
        }
        if self.per_row[value.at()] {
            self.scope.value(code, value, point, known);
            return;
        }
        let mut operands = Vec::new();
        self.scope.body.insts[value.at()].0.operands(|v| operands.push(v));
        operands.into_iter().for_each(|v| self.prepare(code, v, point, known));
    }
}
