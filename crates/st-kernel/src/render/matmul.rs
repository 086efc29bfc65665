//! Matrix products and convolutions: the kernel's own result at a point, then its body there.
//!
//! A product in single precision is cut into tiles: a group of 16 x 16 threads makes 64 x 64 results, each thread 4 x 4,
//! from slices of both operands that the group brings to shared memory together. Other dtypes have a thread for each result.

use super::body::{Point, Scope};
use super::ir::{Code, IndexOp, Node, Ref, Shared, Ty, Var};
use super::loops::for_each_thread;
use super::numbers::OUTER;
use crate::dtype::DType;
use crate::expr::Inst;
use crate::prim::Prim;
use crate::scalar::Scalar;

/// Rows and columns of a tile.
pub(super) const TILE: usize = 64;
/// Threads along each side of a tile.
const SIDE: usize = 16;
/// Results of a thread along each side.
const EACH: usize = TILE / SIDE;
/// Steps of k that are in shared memory at a time.
const DEPTH: usize = 16;

/// The threads of a group that makes a tile.
pub(super) const TILE_THREADS: usize = SIDE * SIDE;

/// Whether products of a dtype are made by tiles.
pub(super) fn is_tiled(acc: DType) -> bool {
    Ty::of(acc) == Ty::F32
}

/// What all kinds of product share: the dtypes of operands and sums.
#[derive(Clone, Copy)]
pub(super) struct Types {
    pub(super) operand: DType,
    pub(super) acc: DType,
}

impl Types {
    /// An element of an operand, as wide as the sums.
    pub(super) fn load(self, code: &mut Code, scope: &Scope, read: usize, at: Ref) -> Ref {
        let loaded = Node::Load(usize::from(scope.bindings[read]), self.operand, at);
        let loaded = code.value(loaded, Ty::of(self.operand));
        if self.operand == self.acc {
            return loaded;
        }
        code.value(Node::Cast(self.operand, self.acc, loaded), Ty::of(self.acc))
    }

    /// A sum without terms.
    pub(super) fn zero(self, code: &mut Code) -> Ref {
        code.constant(Scalar::Int(0).cast(self.acc), Ty::of(self.acc))
    }

    /// `sum += a * b`.
    pub(super) fn add(self, code: &mut Code, sum: Var, a: Ref, b: Ref) {
        let ty = Ty::of(self.acc);
        let product = code.prim(Prim::Mul, &[a, b], ty);
        let so_far = code.get(sum);
        let next = code.prim(Prim::Add, &[so_far, product], ty);
        let next = super::body::wrapped(code, next, self.acc);
        code.set(sum, next);
    }
}

/// The body's stores at a point where the kernel's own result is known.
pub(super) fn finish(code: &mut Code, scope: &Scope, point: &Point, result: Ref) {
    let mut known = scope.nothing();
    for (i, (inst, _)) in scope.body.insts.iter().enumerate() {
        if matches!(inst, Inst::Hole(_)) {
            known[i] = Some(result);
        }
    }
    for i in 0..scope.body.stores.len() {
        scope.store(code, i, point, &mut known);
    }
}

/// A product with a thread for each result.
pub(super) fn write_simple(code: &mut Code, scope: &Scope, batch: usize, types: Types, threads: usize) {
    let rank = batch + 3;
    for_each_thread(code, threads, OUTER, |code, at| {
        let mut point: Point = vec![None; rank];
        scope.coordinates(code, at, 0, rank - 1, &mut point);
        let zero = types.zero(code);
        let sum = code.declare(zero);
        let (from, one) = (code.position(0), code.position(1));
        let k = code.number(scope.numbers.dim(rank - 1));
        code.count(from, k, one, |code, p| {
            let mut inner = point.clone();
            inner[rank - 1] = Some(p);
            let a = scope.place(code, 0, &inner);
            let a = types.load(code, scope, 0, a);
            let b = scope.place(code, 1, &inner);
            let b = types.load(code, scope, 1, b);
            types.add(code, sum, a, b);
        });
        let result = code.get(sum);
        finish(code, scope, &point, result);
    });
}

/// A product by tiles; the group's number counts tiles, the columns of a matrix fastest.
pub(super) fn write_tiled(code: &mut Code, scope: &Scope, batch: usize, types: Types) {
    Tiles { scope, batch, types }.write(code);
}

struct Tiles<'a> {
    scope: &'a Scope<'a>,
    batch: usize,
    types: Types,
}

impl Tiles<'_> {
    fn size(&self, code: &mut Code, d: usize) -> Ref {
        code.number(self.scope.numbers.dim(self.batch + d))
    }

    fn write(&self, code: &mut Code) {
        let (m, n, k) = (self.size(code, 0), self.size(code, 1), self.size(code, 2));
        let tile = code.position(TILE);
        let almost = code.position(TILE - 1);
        let tiles = |code: &mut Code, size: Ref| {
            let rounded = code.index(IndexOp::Add, size, almost);
            code.index(IndexOp::Div, rounded, tile)
        };
        let (down, across) = (tiles(code, m), tiles(code, n));
        let group = code.group();
        let column = code.index(IndexOp::Rem, group, across);
        let rest = code.index(IndexOp::Div, group, across);
        let row = code.index(IndexOp::Rem, rest, down);
        let item = code.index(IndexOp::Div, rest, down);
        let row = code.index(IndexOp::Mul, row, tile);
        let column = code.index(IndexOp::Mul, column, tile);
        let mut point: Point = vec![None; self.batch + 3];
        let one = code.position(1);
        let mut items = one;
        for d in 0..self.batch {
            let size = code.number(self.scope.numbers.dim(d));
            items = code.index(IndexOp::Mul, items, size);
        }
        if self.batch > 0 {
            self.scope.coordinates(code, item, 0, self.batch, &mut point);
        }
        let exists = code.index(IndexOp::Less, item, items);
        code.only_if(exists, |code| self.tile(code, &point, (row, column), (m, n, k)));
    }

    fn tile(&self, code: &mut Code, point: &Point, (row, column): (Ref, Ref), (m, n, k): (Ref, Ref, Ref)) {
        let ty = Ty::of(self.types.acc);
        let (a, b) = (code.share(ty, TILE * DEPTH), code.share(ty, TILE * DEPTH));
        let zero = self.types.zero(code);
        let sums: Vec<Var> = (0..EACH * EACH).map(|_| code.declare(zero)).collect();
        let (thread, side) = (code.thread(), code.position(SIDE));
        let across = code.index(IndexOp::Rem, thread, side);
        let down = code.index(IndexOp::Div, thread, side);
        let (from, depth) = (code.position(0), code.position(DEPTH));
        code.count(from, k, depth, |code, p| {
            self.bring(code, a, 0, point, (row, m), (p, k));
            self.bring(code, b, 1, point, (column, n), (p, k));
            code.barrier();
            let (from, one) = (code.position(0), code.position(1));
            code.count(from, depth, one, |code, step| self.step(code, (a, b), (down, across), step, &sums));
            code.barrier();
        });
        for (i, &sum) in sums.iter().enumerate() {
            let place = |code: &mut Code, first: Ref, thread: Ref, each: usize| {
                let offset = code.position(each * SIDE);
                let at = code.index(IndexOp::Add, first, thread);
                code.index(IndexOp::Add, at, offset)
            };
            let r = place(code, row, down, i / EACH);
            let c = place(code, column, across, i % EACH);
            let (in_m, in_n) = (code.index(IndexOp::Less, r, m), code.index(IndexOp::Less, c, n));
            let inside = code.both(in_m, in_n);
            code.only_if(inside, |code| {
                let mut point = point.clone();
                (point[self.batch], point[self.batch + 1]) = (Some(r), Some(c));
                let result = code.get(sum);
                finish(code, self.scope, &point, result);
            });
        }
    }

    /// Brings a slice of an operand, `TILE` lines of `DEPTH` steps, to shared memory; outside of it there are zeros.
    fn bring(
        &self,
        code: &mut Code,
        to: Shared,
        read: usize,
        point: &Point,
        (first, lines): (Ref, Ref),
        (p, k): (Ref, Ref),
    ) {
        let thread = code.thread();
        for part in 0..TILE * DEPTH / TILE_THREADS {
            let offset = code.position(part * TILE_THREADS);
            let at = code.index(IndexOp::Add, thread, offset);
            let depth = code.position(DEPTH);
            let line = code.index(IndexOp::Div, at, depth);
            let step = code.index(IndexOp::Rem, at, depth);
            let (own_line, own_step) =
                (code.index(IndexOp::Add, first, line), code.index(IndexOp::Add, p, step));
            let zero = self.types.zero(code);
            let value = code.declare(zero);
            let (in_lines, in_k) =
                (code.index(IndexOp::Less, own_line, lines), code.index(IndexOp::Less, own_step, k));
            let inside = code.both(in_lines, in_k);
            code.only_if(inside, |code| {
                let mut point = point.clone();
                point[self.batch + read] = Some(own_line);
                point[self.batch + 2] = Some(own_step);
                let from = self.scope.place(code, read, &point);
                let loaded = self.types.load(code, self.scope, read, from);
                code.set(value, loaded);
            });
            // Steps are far apart and lines side by side: threads of a row of results read neighbours.
            let tile = code.position(TILE);
            let row = code.index(IndexOp::Mul, step, tile);
            let place = code.index(IndexOp::Add, row, line);
            let loaded = code.get(value);
            code.store_shared(to, place, loaded);
        }
    }

    /// Adds the products of one step of k to a thread's sums.
    fn step(
        &self,
        code: &mut Code,
        (a, b): (Shared, Shared),
        (down, across): (Ref, Ref),
        step: Ref,
        sums: &[Var],
    ) {
        let tile = code.position(TILE);
        let base = code.index(IndexOp::Mul, step, tile);
        let line = |code: &mut Code, array: Shared, first: Ref| -> Vec<Ref> {
            let first = code.index(IndexOp::Add, base, first);
            (0..EACH)
                .map(|i| {
                    let offset = code.position(i * SIDE);
                    let at = code.index(IndexOp::Add, first, offset);
                    code.load_shared(array, at)
                })
                .collect()
        };
        let (rows, columns) = (line(code, a, down), line(code, b, across));
        for (i, &sum) in sums.iter().enumerate() {
            self.types.add(code, sum, rows[i / EACH], columns[i % EACH]);
        }
    }
}
