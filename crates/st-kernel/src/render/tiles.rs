//! Matrix products by tiles, summed in single precision.
//!
//! A group of threads makes a square of results. The next slices of both operands are fetched while the present ones are
//! multiplied.
//!
//! Where there are few tiles and many steps, the steps are split: each part leaves its sums in scratch memory, and a
//! pointwise kernel adds them up and goes on.

use super::body::{Lanes, Point, Scope, Values};
use super::ir::{Code, IndexOp, Node, Ref, Ty, Var};
use super::loops::for_each_thread;
use super::matmul::{Types, finish, finish_four};
use super::numbers::{OUTER, PARTS};
use super::slices::{Along, DEPTH, SIDE, Slices, line, multiply, thread, words};
use super::{Machine, Stage, THREADS};
use crate::device::Launch;
use crate::dtype::DType;

/// Tiles that keep a large GPU busy, and those that fill it.
const BUSY: usize = 128;
const FULL: usize = 264;
/// Fewest steps of a part.
const SHARE: usize = 64;
/// Steps that large tiles are not split for, if small ones are enough: joining parts took longer on an H100.
const SHORT: usize = 256;
/// Tiles of a column that are made one after the other, so that they find their operands in the cache.
const COLUMN: usize = 8;

/// How a product is cut.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Cut {
    /// Results of a thread along each side: 4 or 8.
    each: usize,
    along: [Along; 2],
    /// Whether tiles and slices fit without a rest.
    whole: bool,
    /// Slices of an operand in shared memory: one, or two so that one is written while the other is read.
    slices: usize,
    /// Whether results are stored by fours.
    pub(super) lanes: Option<Lanes>,
}

impl Cut {
    /// The best way to cut a launch, and in how many parts its steps are split.
    pub(super) fn of(batch: usize, launch: &Launch, machine: &Machine) -> (Cut, usize) {
        let &[m, n, k] = &launch.dims[batch..] else { unreachable!("a product has m, n and k") };
        let items: usize = launch.dims[..batch].iter().product();
        let tiles = |each: usize| items * m.div_ceil(SIDE * each) * n.div_ceil(SIDE * each);
        let is_short = k <= SHORT && tiles(4) >= BUSY;
        let parts = |each: usize| {
            let tiles = tiles(each);
            let wanted = if tiles < BUSY && !is_short { FULL / tiles.max(1) } else { 1 };
            // No part is without steps.
            let slices = k.div_ceil(DEPTH).max(1);
            let share = slices.div_ceil(wanted.min(k / SHARE).max(1));
            slices.div_ceil(share)
        };
        let has_room = 2 * 4 * words(8) <= machine.shared_memory;
        let each = if has_room && m.min(n) > SIDE * 4 && tiles(8) * parts(8) >= BUSY { 8 } else { 4 };
        let split = parts(each);
        let side = SIDE * each;
        let whole = k > 0 && m.is_multiple_of(side) && n.is_multiple_of(side) && k.is_multiple_of(DEPTH);
        let along = [0, 1].map(|i| Along::of(launch, &launch.reads[i], batch + i, batch + 2));
        let slices = if 2 * 2 * 4 * words(each) <= machine.shared_memory { 2 } else { 1 };
        (Cut { each, along, whole, slices, lanes: Lanes::of(launch, batch + 1) }, split)
    }

    fn side(&self) -> usize {
        SIDE * self.each
    }

    /// How many groups a launch has.
    pub(super) fn groups(&self, batch: usize, parts: usize, launch: &Launch) -> usize {
        let (m, n) = (launch.dims[batch], launch.dims[batch + 1]);
        let items: usize = launch.dims[..batch].iter().product();
        items * m.div_ceil(self.side()) * n.div_ceil(self.side()) * parts
    }

    /// How many groups join the parts of a launch.
    pub(super) fn groups_of_rest(&self, batch: usize, launch: &Launch) -> usize {
        let results: usize = launch.dims[..batch + 2].iter().product();
        let together = if self.lanes.is_some() { 4 } else { 1 };
        (results / together).div_ceil(THREADS)
    }
}

/// The bytes of scratch memory that the parts of a product need.
pub(super) fn scratch(batch: usize, launch: &Launch, parts: usize) -> usize {
    4 * parts * launch.dims[..batch + 2].iter().product::<usize>()
}

/// A product by tiles, or a part of it; the group's number counts tiles.
pub(super) fn write(code: &mut Code, scope: &Scope, batch: usize, types: Types, cut: &Cut, stage: Stage) {
    if stage == Stage::Rest {
        return write_rest(code, scope, batch);
    }
    Tiles { scope, batch, types, cut, stage }.write(code);
}

/// Adds up the parts of a product, and goes on from there.
fn write_rest(code: &mut Code, scope: &Scope, batch: usize) {
    let (count, width) = (code.number(OUTER), scope.width());
    for_each_thread(code, THREADS, width, count, |code, at| {
        let mut point: Point = vec![None; batch + 3];
        scope.coordinates(code, at, 0, batch + 2, &mut point);
        let zero = code.constant(crate::scalar::Scalar::Float(0.0), Ty::F32);
        let sums: Vec<Var> = (0..width).map(|_| code.declare(zero)).collect();
        let (from, one, parts) = (code.position(0), code.position(1), code.number(PARTS));
        code.count(from, parts, one, |code, part| {
            let before = code.index(IndexOp::Mul, part, count);
            let at = code.index(IndexOp::Add, before, at);
            let loaded = match width {
                4 => code.load_four(scope.scratch, DType::F32, at).to_vec(),
                _ => vec![code.value(Node::Load(scope.scratch, DType::F32, at), Ty::F32)],
            };
            for (&sum, value) in sums.iter().zip(loaded) {
                let so_far = code.get(sum);
                let next = code.prim(crate::prim::Prim::Add, &[so_far, value], Ty::F32);
                code.set(sum, next);
            }
        });
        let results: Vec<Ref> = sums.iter().map(|&sum| code.get(sum)).collect();
        finish_four(code, scope, &point, std::array::from_fn(|lane| results[lane % width]));
    });
}

struct Tiles<'a> {
    scope: &'a Scope<'a>,
    batch: usize,
    types: Types,
    cut: &'a Cut,
    stage: Stage,
}

/// A tile of a product: where it begins, and which steps are summed.
struct Tile {
    /// The batch's coordinates; the others are not known.
    point: Point,
    row: Ref,
    column: Ref,
    from: Ref,
    to: Ref,
    /// Where the results of this part begin in the scratch buffer.
    scratch: Ref,
}

impl Tiles<'_> {
    fn size(&self, code: &mut Code, d: usize) -> Ref {
        code.number(self.scope.numbers.dim(self.batch + d))
    }

    fn write(&self, code: &mut Code) {
        let (m, n, k) = (self.size(code, 0), self.size(code, 1), self.size(code, 2));
        let side = self.cut.side();
        let (down, across) = (code.parts(m, side), code.parts(n, side));
        let tiles = code.index(IndexOp::Mul, down, across);
        let group = code.group();
        let tile = code.index(IndexOp::Rem, group, tiles);
        let rest = code.index(IndexOp::Div, group, tiles);
        // A few rows of tiles are made column by column.
        let band = code.times(across, COLUMN);
        let (band_number, within) =
            (code.index(IndexOp::Div, tile, band), code.index(IndexOp::Rem, tile, band));
        let first = code.times(band_number, COLUMN);
        let left = code.index(IndexOp::Sub, down, first);
        let most = code.position(COLUMN);
        let high = code.smaller(left, most);
        let (row, column) = (code.index(IndexOp::Rem, within, high), code.index(IndexOp::Div, within, high));
        let row = code.index(IndexOp::Add, first, row);
        let (row, column) = (code.times(row, side), code.times(column, side));
        let mut items = code.position(1);
        for d in 0..self.batch {
            let size = code.number(self.scope.numbers.dim(d));
            items = code.index(IndexOp::Mul, items, size);
        }
        let (item, part) = match self.stage {
            Stage::Parts => (code.index(IndexOp::Rem, rest, items), code.index(IndexOp::Div, rest, items)),
            _ => (rest, code.position(0)),
        };
        let mut point: Point = vec![None; self.batch + 3];
        if self.batch > 0 {
            self.scope.coordinates(code, item, 0, self.batch, &mut point);
        }
        let parts = match self.stage {
            Stage::Parts => code.number(PARTS),
            _ => code.position(1),
        };
        let all = code.index(IndexOp::Mul, items, parts);
        let exists = code.index(IndexOp::Less, rest, all);
        let (from, to) = self.steps(code, part, parts, k);
        let results = code.number(OUTER);
        let scratch = code.index(IndexOp::Mul, part, results);
        let of_item = code.index(IndexOp::Mul, item, m);
        let of_item = code.index(IndexOp::Mul, of_item, n);
        let scratch = code.index(IndexOp::Add, scratch, of_item);
        code.only_if(exists, |code| self.tile(code, &Tile { point, row, column, from, to, scratch }));
    }

    /// The steps of a part: whole slices for each.
    fn steps(&self, code: &mut Code, part: Ref, parts: Ref, k: Ref) -> (Ref, Ref) {
        if self.stage != Stage::Parts {
            return (code.position(0), k);
        }
        let slices = code.parts(k, DEPTH);
        let one = code.position(1);
        let almost = code.index(IndexOp::Sub, parts, one);
        let rounded = code.index(IndexOp::Add, slices, almost);
        let share = code.index(IndexOp::Div, rounded, parts);
        let share = code.times(share, DEPTH);
        let from = code.index(IndexOp::Mul, part, share);
        let end = code.index(IndexOp::Add, from, share);
        (from, code.smaller(end, k))
    }

    fn tile(&self, code: &mut Code, tile: &Tile) {
        let each = self.cut.each;
        let words = words(each);
        let zero = self.types.zero(code);
        let sums: Vec<Var> = (0..each * each).map(|_| code.declare(zero)).collect();
        let slices = [0, 1].map(|read| Slices {
            scope: self.scope,
            types: self.types,
            read,
            dims: [self.batch + read, self.batch + 2],
            along: self.cut.along[read],
            each,
            whole: self.cut.whole,
            held: Slices::registers(code, each),
            shared: code.share(Ty::F32, self.cut.slices * words),
        });
        let fetch = |code: &mut Code, p: Ref| {
            for (slices, first) in slices.iter().zip([tile.row, tile.column]) {
                let lines = self.size(code, slices.read);
                slices.fetch(code, &tile.point, (first, lines), (p, tile.to));
            }
        };
        let put = |code: &mut Code, base: Ref| slices.iter().for_each(|s| s.put(code, base));
        let start = code.position(0);
        let here = code.declare(start);
        fetch(code, tile.from);
        put(code, start);
        code.barrier();
        let depth = code.position(DEPTH);
        code.count(tile.from, tile.to, depth, |code, p| {
            let next = code.plus(p, DEPTH);
            let more = code.index(IndexOp::Less, next, tile.to);
            code.only_if(more, |code| fetch(code, next));
            let base = code.get(here);
            multiply(code, [0, 1].map(|i| (slices[i].shared, base)), each, &sums);
            if self.cut.slices == 1 {
                code.barrier();
                put(code, start);
            } else {
                code.only_if(more, |code| {
                    let both = code.position(words / 4);
                    let there = code.index(IndexOp::Sub, both, base);
                    put(code, there);
                    code.set(here, there);
                });
            }
            code.barrier();
        });
        self.results(code, tile, &sums);
    }

    /// What becomes of a thread's sums.
    fn results(&self, code: &mut Code, tile: &Tile, sums: &[Var]) {
        let (m, n) = (self.size(code, 0), self.size(code, 1));
        let [down, across] = thread(code);
        let (row, column) = (code.times(down, 4), code.times(across, 4));
        let (row, column) =
            (code.index(IndexOp::Add, tile.row, row), code.index(IndexOp::Add, tile.column, column));
        let together = if self.cut.lanes.is_some() { 4 } else { 1 };
        for (i, sums) in sums.chunks(self.cut.each).enumerate() {
            let r = code.plus(row, line(i));
            let in_m = code.index(IndexOp::Less, r, m);
            for (j, sums) in sums.chunks(together).enumerate() {
                let j = j * together;
                let c = code.plus(column, line(j));
                let in_n = code.index(IndexOp::Less, c, n);
                let inside = code.both(in_m, in_n);
                code.only_if(inside, |code| {
                    let values: Vec<Ref> = sums.iter().map(|&sum| code.get(sum)).collect();
                    self.result(code, tile, (r, c), &values);
                });
            }
        }
    }

    /// What becomes of one result or of four neighbours.
    fn result(&self, code: &mut Code, tile: &Tile, (r, c): (Ref, Ref), values: &[Ref]) {
        if self.stage == Stage::Parts {
            let n = self.size(code, 1);
            let row = code.index(IndexOp::Mul, r, n);
            let at = code.index(IndexOp::Add, row, c);
            let at = code.index(IndexOp::Add, tile.scratch, at);
            return match Values::try_from(values) {
                Ok(four) => code.store_four(self.scope.scratch, DType::F32, at, four),
                Err(_) => code.store(self.scope.scratch, DType::F32, at, values[0]),
            };
        }
        let mut point = tile.point.clone();
        (point[self.batch], point[self.batch + 1]) = (Some(r), Some(c));
        match Values::try_from(values) {
            Ok(four) => finish_four(code, self.scope, &point, four),
            Err(_) => finish(code, self.scope, &point, values[0]),
        }
    }
}
