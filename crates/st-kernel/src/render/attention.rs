//! Attention, forward and backward, without ever holding the matrix of scores.
//!
//! A group works on a block of queries (or of keys, for the gradients of keys and values) and walks the blocks of the other
//! side. The block of scores is computed from slices as any product; what becomes of it goes to shared memory, lines of
//! the group's own side being neighbours, and is multiplied with the other side's rows. Backward first sums, for each
//! query, the result times its gradient; then come the gradients of queries, then those of keys and values.

use super::body::{Lane, Lanes, Point, Scope};
use super::ir::{Code, IndexOp, Node, Ref, Shared, Ty, Var};
use super::matmul::Types;
use super::numbers::OUTER;
use super::slices::{Along, DEPTH, SIDE, Slices, TILE_THREADS, multiply, pitch, thread, words};
use super::{Machine, Stage, THREADS};
use crate::device::Launch;
use crate::dtype::DType;
use crate::error::Result;
use crate::prim::Prim;
use crate::scalar::Scalar;
use crate::unsupported;
use smallvec::SmallVec;

/// Queries and keys of a block, and columns of a product with it.
const BLOCK: usize = SIDE * EACH;
/// Lines of a thread.
const EACH: usize = 4;

/// Threads that share a query where the result is multiplied with its gradient, and elements that each asks for at once.
const SHARERS: usize = 16;
const AHEAD: usize = 4;

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Pass {
    /// The result and the logarithms.
    Forward,
    /// For each query the result times its gradient.
    Dots,
    /// The gradients of queries.
    Queries,
    /// The gradients of keys and values.
    Keys,
}

/// How attention is computed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Attend {
    pass: Pass,
    pub(super) stage: Stage,
    /// How the operands of each product lie.
    along: SmallVec<[Along; 6]>,
    /// Blocks of columns of a group.
    chunks: usize,
    /// For each write whether it is written by fours.
    fours: SmallVec<[bool; 3]>,
}

/// The launch's last four dimensions, after the batch.
const QUERY: usize = 0;
const KEY: usize = 1;
const WIDTH: usize = 2;
const VALUE: usize = 3;

/// An operand of a product: which read, and the dimensions of its lines and steps after the batch.
type Use = (usize, usize, usize);

/// The operands of the products of a pass, in the order in which they are multiplied.
fn uses(pass: Pass, mask: bool) -> Vec<Use> {
    let grad = 5 + usize::from(mask);
    let (q, k, v, g) = ((0, QUERY, WIDTH), (1, KEY, WIDTH), (2, KEY, VALUE), (grad, QUERY, VALUE));
    match pass {
        Pass::Forward => vec![q, k, (2, VALUE, KEY)],
        Pass::Dots => vec![(grad - 2, QUERY, VALUE), g],
        Pass::Queries => vec![q, k, g, v, (1, WIDTH, KEY)],
        Pass::Keys => vec![k, q, v, g, (grad, VALUE, QUERY), (0, WIDTH, QUERY)],
    }
}

impl Attend {
    /// The passes of a launch.
    pub(super) fn of(backward: bool, mask: bool, launch: &Launch) -> SmallVec<[Attend; 3]> {
        let passes: &[Pass] =
            if backward { &[Pass::Dots, Pass::Queries, Pass::Keys] } else { &[Pass::Forward] };
        let batch = launch.dims.len() - 4;
        let widest = launch.dims[batch + WIDTH].max(launch.dims[batch + VALUE]);
        let by_four = |i: usize, access: &crate::device::Access| {
            let own = if backward && i < 2 { WIDTH } else { VALUE };
            let lanes = Lanes::of(launch, batch + own);
            lanes.is_some_and(|l| l.of[launch.reads.len() + i] == Lane::Four)
                && access.strides[batch + own] == 1
        };
        let fours: SmallVec<[bool; 3]> =
            launch.writes.iter().enumerate().map(|(i, a)| by_four(i, a)).collect();
        let attend = |&pass: &Pass| {
            let along = |&(read, line, step): &Use| {
                Along::of(launch, &launch.reads[read], batch + line, batch + step)
            };
            Attend {
                pass,
                stage: match pass {
                    Pass::Forward => Stage::Whole,
                    Pass::Dots => Stage::Parts,
                    Pass::Queries | Pass::Keys => Stage::Rest,
                },
                along: uses(pass, mask).iter().map(along).collect(),
                chunks: if widest <= BLOCK { 1 } else { 2 },
                fours: fours.clone(),
            }
        };
        passes.iter().map(attend).collect()
    }

    /// How many groups a launch has.
    pub(super) fn groups(&self, launch: &Launch) -> usize {
        let batch = launch.dims.len() - 4;
        let items: usize = launch.dims[..batch].iter().product();
        let &[m, n, d, dv] = &launch.dims[batch..] else { unreachable!("four are left") };
        let parts = |width: usize| width.div_ceil(BLOCK * self.chunks).max(1);
        match self.pass {
            Pass::Forward => items * m.div_ceil(BLOCK) * parts(dv),
            Pass::Dots => (items * m).div_ceil(THREADS / SHARERS),
            Pass::Queries => items * m.div_ceil(BLOCK) * parts(d),
            Pass::Keys => items * n.div_ceil(BLOCK) * parts(d.max(dv)),
        }
    }

    /// Threads of a group.
    pub(super) fn threads(&self) -> usize {
        if self.pass == Pass::Dots { THREADS } else { TILE_THREADS }
    }

    /// The kernel of a pass.
    pub(super) fn write(
        &self,
        code: &mut Code,
        scope: &Scope,
        types: Types,
        mask: Option<DType>,
        causal: bool,
    ) {
        let batch = scope.numbers.rank - 4;
        let zero = types.zero(code);
        let room = |code: &mut Code| code.share(Ty::F32, words(EACH));
        let shared = [room(code), room(code)];
        let block = code.share(Ty::F32, BLOCK * pitch(EACH));
        let held = [Slices::registers(code, EACH), Slices::registers(code, EACH)];
        let work = Work { attend: self, scope, types, mask, causal, batch, zero, shared, block, held };
        match self.pass {
            Pass::Dots => work.dots(code),
            Pass::Forward => work.blocks(code, QUERY, &[VALUE], |code, own| work.forward(code, own)),
            Pass::Queries => work.blocks(code, QUERY, &[WIDTH], |code, own| work.queries(code, own)),
            Pass::Keys => work.blocks(code, KEY, &[WIDTH, VALUE], |code, own| work.keys(code, own)),
        }
    }
}

/// Bytes of scratch memory that the passes need.
pub(super) fn scratch(backward: bool, launch: &Launch) -> usize {
    let rows: usize = launch.dims[..launch.dims.len() - 3].iter().product();
    if backward { 4 * rows } else { 0 }
}

/// Refuses what this machine cannot do.
pub(super) fn check(mask: Option<DType>, machine: &Machine) -> Result<()> {
    if mask.is_some_and(|mask| mask.is_int()) {
        return Err(unsupported!("attention with a mask of integers; make it boolean or floating point"));
    }
    let needed = 4 * (2 * words(EACH) + BLOCK * pitch(EACH));
    if needed <= machine.shared_memory {
        return Ok(());
    }
    Err(unsupported!(
        "attention needs {needed} bytes of shared memory where this GPU has {}; move the tensors to the CPU",
        machine.shared_memory
    ))
}

/// What a pass is written with.
struct Work<'a> {
    attend: &'a Attend,
    scope: &'a Scope<'a>,
    types: Types,
    mask: Option<DType>,
    causal: bool,
    batch: usize,
    zero: Ref,
    /// A slice of either operand.
    shared: [Shared; 2],
    /// A block of scores, or what became of it: lines of the group's side are neighbours.
    block: Shared,
    held: [Vec<Var>; 2],
}

/// A group's own block.
struct Own {
    /// The batch's coordinates.
    point: Point,
    /// The item's number.
    item: Ref,
    /// The first line of the block.
    first: Ref,
    /// The first column of what it makes.
    column: Ref,
    /// The first line and the first column of the thread, from the beginning of the block.
    thread: [Ref; 2],
}

impl Work<'_> {
    fn size(&self, code: &mut Code, d: usize) -> Ref {
        code.number(self.scope.numbers.dim(self.batch + d))
    }

    fn op(&self, code: &mut Code, prim: Prim, args: &[Ref]) -> Ref {
        code.prim(prim, args, Ty::F32)
    }

    fn sums(&self, code: &mut Code, count: usize) -> Vec<Var> {
        (0..count).map(|_| code.declare(self.zero)).collect()
    }

    fn lowest(&self, code: &mut Code) -> Ref {
        code.constant(Scalar::Float(f64::NEG_INFINITY), Ty::F32)
    }

    fn scale(&self, code: &mut Code) -> Ref {
        code.value(Node::Param(self.scope.numbers.param(0)), Ty::F32)
    }

    /// The group's own block of side `own`, and the columns it makes of a matrix with the larger of these widths.
    fn blocks(&self, code: &mut Code, own: usize, widths: &[usize], body: impl FnOnce(&mut Code, &Own)) {
        let mut parts = code.position(1);
        for &width in widths {
            let size = self.size(code, width);
            let needed = code.parts(size, BLOCK * self.attend.chunks);
            let fewer = code.index(IndexOp::Less, parts, needed);
            parts = code.choose(fewer, needed, parts);
        }
        let size = self.size(code, own);
        let tiles = code.parts(size, BLOCK);
        let group = code.group();
        let (tile, rest) = (code.index(IndexOp::Rem, group, tiles), code.index(IndexOp::Div, group, tiles));
        let (part, item) = (code.index(IndexOp::Rem, rest, parts), code.index(IndexOp::Div, rest, parts));
        let mut items = code.position(1);
        for d in 0..self.batch {
            let size = code.number(self.scope.numbers.dim(d));
            items = code.index(IndexOp::Mul, items, size);
        }
        let mut point: Point = vec![None; self.batch + 4];
        if self.batch > 0 {
            self.scope.coordinates(code, item, 0, self.batch, &mut point);
        }
        let (first, column) = (code.times(tile, BLOCK), code.times(part, BLOCK * self.attend.chunks));
        let places = thread(code);
        let thread = places.map(|place| code.times(place, EACH));
        let exists = code.index(IndexOp::Less, item, items);
        code.only_if(exists, |code| body(code, &Own { point, item, first, column, thread }));
    }

    /// The slices of operand `which` of the pass's products, on their way to the left or the right of a product.
    fn slices(&self, which: usize, side: usize) -> Slices<'_> {
        let (read, line, step) = uses(self.attend.pass, self.mask.is_some())[which];
        Slices {
            scope: self.scope,
            types: self.types,
            read,
            dims: [self.batch + line, self.batch + step],
            along: self.attend.along[which],
            each: EACH,
            whole: false,
            held: self.held[side].clone(),
            shared: self.shared[side],
        }
    }

    /// The product of operands `which` and the next one, from lines `firsts` on.
    fn product(&self, code: &mut Code, own: &Own, which: usize, firsts: [Ref; 2]) -> Vec<Var> {
        let sums = self.sums(code, EACH * EACH);
        let slices = [self.slices(which, 0), self.slices(which + 1, 1)];
        let all = uses(self.attend.pass, self.mask.is_some());
        let steps = self.size(code, all[which].2);
        let (start, depth) = (code.position(0), code.position(DEPTH));
        code.count(start, steps, depth, |code, p| {
            for (i, (slices, first)) in slices.iter().zip(firsts).enumerate() {
                let lines = self.size(code, all[which + i].1);
                slices.fetch(code, &own.point, (first, lines), (p, steps));
            }
            code.barrier();
            slices.iter().for_each(|s| s.put(code, start));
            code.barrier();
            multiply(code, [(self.shared[0], start), (self.shared[1], start)], EACH, &sums);
        });
        sums
    }

    /// Adds to the group's columns the product of the block in shared memory with operand `which`, whose steps begin at `other`.
    fn through(&self, code: &mut Code, own: &Own, which: usize, other: Ref, sums: &[Var]) {
        let slices = self.slices(which, 1);
        let (_, line, step) = uses(self.attend.pass, self.mask.is_some())[which];
        let (lines, steps) = (self.size(code, line), self.size(code, step));
        let (start, end, depth) = (code.position(0), code.position(BLOCK), code.position(DEPTH));
        for (chunk, sums) in sums.chunks(EACH * EACH).enumerate() {
            let column = code.plus(own.column, chunk * BLOCK);
            code.count(start, end, depth, |code, p| {
                let from = code.index(IndexOp::Add, other, p);
                slices.fetch(code, &own.point, (column, lines), (from, steps));
                code.barrier();
                slices.put(code, start);
                code.barrier();
                let before = code.times(p, pitch(EACH) / 4);
                multiply(code, [(self.block, before), (self.shared[1], start)], EACH, sums);
            });
        }
    }

    /// Puts a thread's values, its own lines slowest, into the block in shared memory once nobody reads that any more.
    fn keep(&self, code: &mut Code, own: &Own, values: &[Ref]) {
        code.barrier();
        for j in 0..EACH {
            let column = code.plus(own.thread[1], j);
            let row = code.times(column, pitch(EACH) / 4);
            let [line, _] = thread(code);
            let at = code.index(IndexOp::Add, row, line);
            code.store_shared_four(self.block, at, std::array::from_fn(|i| values[i * EACH + j]));
        }
    }

    /// A thread's scores where queries and keys begin here; -infinity where a query may not see a key.
    fn scores(&self, code: &mut Code, own: &Own, sums: &[Var], [query, key]: [Ref; 2]) -> Vec<Ref> {
        let own_is_query = self.attend.pass != Pass::Keys;
        let (lowest, scale) = (self.lowest(code), self.scale(code));
        let (queries, keys) = (self.size(code, QUERY), self.size(code, KEY));
        let (of_query, of_key) =
            if own_is_query { (own.thread[0], own.thread[1]) } else { (own.thread[1], own.thread[0]) };
        let (query, key) = (code.index(IndexOp::Add, query, of_query), code.index(IndexOp::Add, key, of_key));
        let mut scores = Vec::new();
        for (i, &sum) in sums.iter().enumerate() {
            let (row, column) = (i / EACH, i % EACH);
            let (of_query, of_key) = if own_is_query { (row, column) } else { (column, row) };
            let (query, key) = (code.plus(query, of_query), code.plus(key, of_key));
            let (in_queries, in_keys) =
                (code.index(IndexOp::Less, query, queries), code.index(IndexOp::Less, key, keys));
            let mut seen = code.both(in_queries, in_keys);
            if self.causal {
                let later = code.index(IndexOp::Less, query, key);
                let earlier = code.prim(Prim::Not, &[later], Ty::Bool);
                seen = code.both(seen, earlier);
            }
            let score = code.declare(lowest);
            code.only_if(seen, |code| {
                let sum = code.get(sum);
                let scaled = self.op(code, Prim::Mul, &[sum, scale]);
                let masked = self.masked(code, own, scaled, query, key);
                code.set(score, masked);
            });
            scores.push(code.get(score));
        }
        scores
    }

    fn masked(&self, code: &mut Code, own: &Own, score: Ref, query: Ref, key: Ref) -> Ref {
        let Some(dtype) = self.mask else { return score };
        let mut point = own.point.clone();
        (point[self.batch + QUERY], point[self.batch + KEY]) = (Some(query), Some(key));
        let at = self.scope.place(code, 3, &point);
        let mask = code.value(Node::Load(usize::from(self.scope.bindings[3]), dtype, at), Ty::of(dtype));
        if dtype == DType::Bool {
            let lowest = self.lowest(code);
            return code.choose(mask, score, lowest);
        }
        self.op(code, Prim::Add, &[score, mask])
    }

    /// exp(score - shift), where the shift of a row without keys is 0.
    fn exponentials(&self, code: &mut Code, scores: &[Ref], shift: impl Fn(usize) -> Ref) -> Vec<Ref> {
        let exponential = |(i, &score): (usize, &Ref)| {
            let gap = self.op(code, Prim::Sub, &[score, shift(i)]);
            self.op(code, Prim::Exp, &[gap])
        };
        scores.iter().enumerate().map(exponential).collect()
    }

    fn without_lowest(&self, code: &mut Code, x: Ref) -> Ref {
        let lowest = self.lowest(code);
        let nothing = code.prim(Prim::Eq, &[x, lowest], Ty::Bool);
        code.choose(nothing, self.zero, x)
    }

    /// For each of the thread's rows, what joins the values that the row's threads have.
    fn across(
        &self,
        code: &mut Code,
        own: &Own,
        values: &[Ref],
        join: impl Fn(&mut Code, Ref, Ref) -> Ref,
    ) -> Vec<Ref> {
        code.barrier();
        let [_, place] = thread(code);
        for (i, &value) in values.iter().enumerate() {
            let row = code.plus(own.thread[0], i);
            let row = code.times(row, SIDE);
            let at = code.index(IndexOp::Add, row, place);
            code.store_shared(self.block, at, value);
        }
        code.barrier();
        let mut joined = Vec::new();
        for i in 0..values.len() {
            let row = code.plus(own.thread[0], i);
            let row = code.times(row, SIDE / 4);
            let mut all = Vec::new();
            for four in 0..SIDE / 4 {
                let at = code.plus(row, four);
                all.extend(code.load_shared_four(self.block, at));
            }
            let first = all[0];
            joined.push(all[1..].iter().fold(first, |a, &b| join(code, a, b)));
        }
        joined
    }

    /// Walks the blocks of the other side.
    fn walk(&self, code: &mut Code, own: &Own, body: impl FnOnce(&mut Code, Ref)) {
        let (start, block) = (code.position(0), code.position(BLOCK));
        let (from, to) = match self.attend.pass {
            Pass::Keys => {
                let queries = self.size(code, QUERY);
                (if self.causal { own.first } else { start }, queries)
            }
            _ => {
                let keys = self.size(code, KEY);
                let end = code.plus(own.first, BLOCK);
                (start, if self.causal { code.smaller(keys, end) } else { keys })
            }
        };
        code.count(from, to, block, body);
    }

    fn forward(&self, code: &mut Code, own: &Own) {
        let lowest = self.lowest(code);
        let most: Vec<Var> = (0..EACH).map(|_| code.declare(lowest)).collect();
        let total = self.sums(code, EACH);
        let sums = self.sums(code, EACH * EACH * self.attend.chunks);
        let larger = |code: &mut Code, a: Ref, b: Ref| {
            let less = code.prim(Prim::Lt, &[a, b], Ty::Bool);
            code.choose(less, b, a)
        };
        self.walk(code, own, |code, key| {
            let products = self.product(code, own, 0, [own.first, key]);
            let scores = self.scores(code, own, &products, [own.first, key]);
            let highest: Vec<Ref> = scores
                .chunks(EACH)
                .map(|row| row[1..].iter().fold(row[0], |a, &b| larger(code, a, b)))
                .collect();
            let highest = self.across(code, own, &highest, larger);
            let mut shifts = Vec::new();
            for (i, &high) in highest.iter().enumerate() {
                let before = code.get(most[i]);
                let now = larger(code, before, high);
                let shift = self.without_lowest(code, now);
                let gap = self.op(code, Prim::Sub, &[before, shift]);
                let shrunk = self.op(code, Prim::Exp, &[gap]);
                code.set(most[i], now);
                for chunk in sums.chunks(EACH * EACH) {
                    chunk[i * EACH..(i + 1) * EACH].iter().for_each(|&sum| self.shrink(code, sum, shrunk));
                }
                self.shrink(code, total[i], shrunk);
                shifts.push(shift);
            }
            let shares = self.exponentials(code, &scores, |i| shifts[i / EACH]);
            for (i, row) in shares.chunks(EACH).enumerate() {
                let so_far = code.get(total[i]);
                let sum = row.iter().fold(so_far, |a, &b| self.op(code, Prim::Add, &[a, b]));
                code.set(total[i], sum);
            }
            self.keep(code, own, &shares);
            self.through(code, own, 2, key, &sums);
        });
        let totals: Vec<Ref> = total.iter().map(|&t| code.get(t)).collect();
        let totals = self.across(code, own, &totals, |code, a, b| code.prim(Prim::Add, &[a, b], Ty::F32));
        let factors: Vec<Ref> = totals
            .iter()
            .map(|&total| {
                let one = code.constant(Scalar::Float(1.0), Ty::F32);
                let inverse = self.op(code, Prim::Div, &[one, total]);
                let empty = code.prim(Prim::Eq, &[total, self.zero], Ty::Bool);
                code.choose(empty, self.zero, inverse)
            })
            .collect();
        self.results(code, own, 0, VALUE, &sums, |code, i, sum| self.op(code, Prim::Mul, &[sum, factors[i]]));
        self.logarithms(code, own, &most, &totals);
    }

    fn shrink(&self, code: &mut Code, sum: Var, factor: Ref) {
        let so_far = code.get(sum);
        let next = self.op(code, Prim::Mul, &[so_far, factor]);
        code.set(sum, next);
    }

    /// Writes the logarithm of each row's sum: by the first thread of the row, in the first of its groups.
    fn logarithms(&self, code: &mut Code, own: &Own, most: &[Var], totals: &[Ref]) {
        let place = code.index(IndexOp::Add, own.column, own.thread[1]);
        let one = code.position(1);
        let is_first = code.index(IndexOp::Less, place, one);
        let queries = self.size(code, QUERY);
        for (i, &total) in totals.iter().enumerate() {
            let row = code.index(IndexOp::Add, own.first, own.thread[0]);
            let row = code.plus(row, i);
            let exists = code.index(IndexOp::Less, row, queries);
            let writes = code.both(is_first, exists);
            code.only_if(writes, |code| {
                let log = self.op(code, Prim::Log, &[total]);
                let most = code.get(most[i]);
                let value = self.op(code, Prim::Add, &[most, log]);
                let mut point = own.point.clone();
                point[self.batch + QUERY] = Some(row);
                let write = self.scope.numbers.write(1);
                let at = self.scope.place(code, write, &point);
                code.store(usize::from(self.scope.bindings[write]), DType::F32, at, value);
            });
        }
    }

    /// Writes the group's columns of a matrix whose rows are of the group's side.
    fn results(
        &self,
        code: &mut Code,
        own: &Own,
        write: usize,
        width: usize,
        sums: &[Var],
        finish: impl Fn(&mut Code, usize, Ref) -> Ref,
    ) {
        let side = if self.attend.pass == Pass::Keys { KEY } else { QUERY };
        let (rows, columns) = (self.size(code, side), self.size(code, width));
        let four = self.attend.fours[write];
        let write = self.scope.numbers.write(write);
        let buffer = usize::from(self.scope.bindings[write]);
        let dtype = self.types.operand;
        for (i, row_sums) in sums.chunks(EACH).enumerate() {
            let (chunk, i) = (i / EACH, i % EACH);
            let row = code.index(IndexOp::Add, own.first, own.thread[0]);
            let row = code.plus(row, i);
            let column = code.index(IndexOp::Add, own.column, own.thread[1]);
            let column = code.plus(column, chunk * BLOCK);
            let in_rows = code.index(IndexOp::Less, row, rows);
            let mut values = Vec::new();
            for &sum in row_sums {
                let sum = code.get(sum);
                let value = finish(code, i, sum);
                values.push(code.value(Node::Cast(DType::F32, dtype, value), Ty::of(dtype)));
            }
            let place = |code: &mut Code, column: Ref| {
                let mut point = own.point.clone();
                (point[self.batch + side], point[self.batch + width]) = (Some(row), Some(column));
                self.scope.place(code, write, &point)
            };
            let step = if four { EACH } else { 1 };
            for (j, values) in values.chunks(step).enumerate() {
                let column = code.plus(column, j * step);
                let in_columns = code.index(IndexOp::Less, column, columns);
                let inside = code.both(in_rows, in_columns);
                code.only_if(inside, |code| {
                    let at = place(code, column);
                    match <[Ref; 4]>::try_from(values) {
                        Ok(four) => code.store_four(buffer, dtype, at, four),
                        Err(_) => code.store(buffer, dtype, at, values[0]),
                    }
                });
            }
        }
    }

    fn reads(&self) -> usize {
        3 + usize::from(self.mask.is_some())
    }

    /// Each query's result times its gradient: some threads for each query, so that they read neighbours.
    fn dots(&self, code: &mut Code) {
        let (group, thread, count) = (code.group(), code.thread(), code.number(OUTER));
        let (sharers, queries) = (code.position(SHARERS), code.position(THREADS / SHARERS));
        let by_four = self.attend.along.iter().all(|along| *along == Along::FourSteps);
        let unit = if by_four { 4 } else { 1 };
        let lane = code.index(IndexOp::Rem, thread, sharers);
        let lane = code.times(lane, unit);
        let (own, first) =
            (code.index(IndexOp::Div, thread, sharers), code.index(IndexOp::Mul, group, queries));
        let at = code.index(IndexOp::Add, first, own);
        let exists = code.index(IndexOp::Less, at, count);
        let sum = code.declare(self.zero);
        code.only_if(exists, |code| {
            let mut point: Point = vec![None; self.batch + 4];
            self.scope.coordinates(code, at, 0, self.batch + 1, &mut point);
            let width = self.size(code, VALUE);
            let (ahead, last) = (code.position(SHARERS * AHEAD), code.position(unit));
            let last = code.index(IndexOp::Sub, width, last);
            code.count(lane, width, ahead, |code, column| {
                // All are asked for before the first is needed.
                let mut pairs = Vec::new();
                for i in 0..AHEAD / unit {
                    let column = code.plus(column, i * SHARERS * unit);
                    let is_there = code.index(IndexOp::Less, column, width);
                    point[self.batch + VALUE] = Some(code.choose(is_there, column, last));
                    let [of, grad] = [self.reads(), self.reads() + 2].map(|read| {
                        let at = self.scope.place(code, read, &point);
                        match by_four {
                            true => self.types.load_four(code, self.scope, read, at).to_vec(),
                            false => vec![self.types.load(code, self.scope, read, at)],
                        }
                    });
                    for pair in of.into_iter().zip(grad) {
                        pairs.push(<[Ref; 2]>::from(pair).map(|x| code.choose(is_there, x, self.zero)));
                    }
                }
                pairs.into_iter().for_each(|[of, grad]| code.add_product(sum, of, grad));
            });
        });
        let parts = code.share(Ty::F32, THREADS);
        let part = code.get(sum);
        code.store_shared(parts, thread, part);
        code.barrier();
        let own = code.index(IndexOp::Add, first, thread);
        let is_first = code.index(IndexOp::Less, thread, queries);
        let exists = code.index(IndexOp::Less, own, count);
        let exists = code.both(is_first, exists);
        code.only_if(exists, |code| {
            let from = code.times(thread, SHARERS);
            let mut sum = self.zero;
            for i in 0..SHARERS {
                let at = code.plus(from, i);
                let part = code.load_shared(parts, Ty::F32, at);
                sum = self.op(code, Prim::Add, &[sum, part]);
            }
            code.store(self.scope.scratch, DType::F32, own, sum);
        });
    }

    /// The logarithms and the dots of four queries from this one on.
    fn kept(&self, code: &mut Code, own: &Own, first: Ref) -> [Vec<Ref>; 2] {
        let queries = self.size(code, QUERY);
        let before = code.index(IndexOp::Mul, own.item, queries);
        let mut kept = [vec![], vec![]];
        for i in 0..EACH {
            let query = code.plus(first, i);
            let found = [code.declare(self.zero), code.declare(self.zero)];
            let exists = code.index(IndexOp::Less, query, queries);
            code.only_if(exists, |code| {
                let mut point = own.point.clone();
                point[self.batch + QUERY] = Some(query);
                let read = self.reads() + 1;
                let at = self.scope.place(code, read, &point);
                let log = Node::Load(usize::from(self.scope.bindings[read]), DType::F32, at);
                let log = code.value(log, Ty::F32);
                let log = self.without_lowest(code, log);
                code.set(found[0], log);
                let at = code.index(IndexOp::Add, before, query);
                let dot = code.value(Node::Load(self.scope.scratch, DType::F32, at), Ty::F32);
                code.set(found[1], dot);
            });
            kept.iter_mut().zip(found).for_each(|(kept, found)| kept.push(code.get(found)));
        }
        kept
    }

    /// The gradients of scores: share * (gradient of the share - dot) * scale.
    fn gradients(
        &self,
        code: &mut Code,
        shares: &[Ref],
        sums: &[Var],
        dot: impl Fn(usize) -> Ref,
    ) -> Vec<Ref> {
        let scale = self.scale(code);
        let gradient = |(i, (&share, &sum)): (usize, (&Ref, &Var))| {
            let sum = code.get(sum);
            let gap = self.op(code, Prim::Sub, &[sum, dot(i)]);
            let scaled = self.op(code, Prim::Mul, &[gap, scale]);
            self.op(code, Prim::Mul, &[share, scaled])
        };
        shares.iter().zip(sums).enumerate().map(gradient).collect()
    }

    fn queries(&self, code: &mut Code, own: &Own) {
        let first = code.index(IndexOp::Add, own.first, own.thread[0]);
        let [logs, dots] = self.kept(code, own, first);
        let sums = self.sums(code, EACH * EACH * self.attend.chunks);
        self.walk(code, own, |code, key| {
            let products = self.product(code, own, 0, [own.first, key]);
            let scores = self.scores(code, own, &products, [own.first, key]);
            let shares = self.exponentials(code, &scores, |i| logs[i / EACH]);
            let products = self.product(code, own, 2, [own.first, key]);
            let gradients = self.gradients(code, &shares, &products, |i| dots[i / EACH]);
            self.keep(code, own, &gradients);
            self.through(code, own, 4, key, &sums);
        });
        self.results(code, own, 0, WIDTH, &sums, |_, _, sum| sum);
    }

    fn keys(&self, code: &mut Code, own: &Own) {
        let of_keys = self.sums(code, EACH * EACH * self.attend.chunks);
        let of_values = self.sums(code, EACH * EACH * self.attend.chunks);
        self.walk(code, own, |code, query| {
            let first = code.index(IndexOp::Add, query, own.thread[1]);
            let [logs, dots] = self.kept(code, own, first);
            let products = self.product(code, own, 0, [own.first, query]);
            let scores = self.scores(code, own, &products, [query, own.first]);
            let shares = self.exponentials(code, &scores, |i| logs[i % EACH]);
            self.keep(code, own, &shares);
            self.through(code, own, 4, query, &of_values);
            let products = self.product(code, own, 2, [own.first, query]);
            let gradients = self.gradients(code, &shares, &products, |i| dots[i % EACH]);
            self.keep(code, own, &gradients);
            self.through(code, own, 5, query, &of_keys);
        });
        self.results(code, own, 1, WIDTH, &of_keys, |_, _, sum| sum);
        self.results(code, own, 2, VALUE, &of_values, |_, _, sum| sum);
    }
}
