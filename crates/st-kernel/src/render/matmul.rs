//! Matrix products and convolutions: the kernel's own result at a point, then its body there.
//!
//! Products in single precision are cut into tiles ([`tiles`](super::tiles)); others have a thread for each result.

use super::body::{Point, Scope, Values};
use super::ir::{Code, Node, Ref, Ty, Var};
use super::loops::for_each_thread;
use super::numbers::OUTER;
use crate::dtype::DType;
use crate::expr::Inst;
use crate::prim::Prim;
use crate::scalar::Scalar;

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

    /// Four neighbouring elements of an operand, as wide as the sums.
    pub(super) fn load_four(self, code: &mut Code, scope: &Scope, read: usize, at: Ref) -> Values {
        let loaded = code.load_four(usize::from(scope.bindings[read]), self.operand, at);
        if self.operand == self.acc {
            return loaded;
        }
        loaded.map(|x| code.value(Node::Cast(self.operand, self.acc, x), Ty::of(self.acc)))
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
    finish_four(code, scope, point, [result; 4]);
}

/// The same at a point and its neighbours.
pub(super) fn finish_four(code: &mut Code, scope: &Scope, point: &Point, results: Values) {
    let mut known = scope.nothing();
    for (i, (inst, _)) in scope.body.insts.iter().enumerate() {
        if matches!(inst, Inst::Hole(_)) {
            known[i] = Some(results);
        }
    }
    scope.store_all(code, 0..scope.body.stores.len(), point, &mut known);
}

/// A product with a thread for each result.
pub(super) fn write_simple(code: &mut Code, scope: &Scope, batch: usize, types: Types, threads: usize) {
    let rank = batch + 3;
    let count = code.number(OUTER);
    for_each_thread(code, threads, 1, count, |code, at| {
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
