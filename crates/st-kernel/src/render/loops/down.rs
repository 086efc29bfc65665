//! Sums down the columns of a block of rows, by the group that walks these rows ([`Inst::Down`]).

use super::{Known, Point, ReduceOp, Ref, Rows, Scope, Share, Walk, combined};
use crate::dtype::DType;
use crate::expr::{Inst, Val};
use crate::render::ir::{Code, IndexOp, Ty, Var};
use crate::render::numbers::OUTER;
use crate::scalar::Scalar;

/// A sum down the columns: the instruction, what is summed, and the sums of each point that a thread keeps and its neighbours.
pub(super) struct Down {
    inst: usize,
    value: Val,
    dtype: DType,
    sums: Vec<[Var; 4]>,
}

/// The sums down the columns, with nothing seen.
pub(super) fn downs(code: &mut Code, scope: &Scope, walk: &Walk) -> Vec<Down> {
    let mut downs = Vec::new();
    for (inst, (down, dtype)) in scope.body.insts.iter().enumerate() {
        let Inst::Down(value) = *down else { continue };
        let mut nothing = |_| {
            let zero = code.constant(Scalar::Int(0).cast(*dtype), Ty::of(*dtype));
            code.declare(zero)
        };
        let sums = (0..walk.kept.unwrap_or(0)).map(|_| std::array::from_fn(&mut nothing)).collect();
        downs.push(Down { inst, value, dtype: *dtype, sums });
    }
    downs
}

impl Rows<'_> {
    /// The rows of a block, one after the other, and then the sums down their columns.
    pub(super) fn block(&self, code: &mut Code) {
        let (group, rows) = (code.group(), code.number(self.scope.numbers.dim(self.outer - 1)));
        let (first, count) = (code.index(IndexOp::Mul, group, rows), code.number(OUTER));
        let exists = code.index(IndexOp::Less, first, count);
        code.only_if(exists, |code| {
            let (zero, one) = (code.position(0), code.position(1));
            code.count(zero, rows, one, |code, at| {
                // Slower threads may still read what was shared about the row before.
                code.barrier();
                let row = code.index(IndexOp::Add, first, at);
                self.row(code, row, None);
            });
            self.store_down(code, first);
        });
    }

    /// Takes a row's values into the sums down the columns.
    pub(super) fn sum_down(&self, code: &mut Code, point: &Point, known: &mut Known, kept: &mut [Share]) {
        for down in &self.downs {
            self.prepare(code, down.value, point, known);
            for (share, sums) in kept.iter_mut().zip(&down.sums) {
                share.learn(known);
                let values = self.scope.values(code, down.value, &share.point, &mut share.known);
                for (&sum, value) in sums.iter().zip(values).take(self.scope.width()) {
                    let so_far = code.get(sum);
                    let sum_now = combined(code, ReduceOp::Sum, down.dtype, so_far, value);
                    code.set(sum, sum_now);
                }
            }
        }
    }

    /// Stores the sums down the columns of the block that begins with a row.
    fn store_down(&self, code: &mut Code, first: Ref) {
        let mut point: Point = vec![None; self.outer + self.inner];
        self.scope.coordinates(code, first, 0, self.outer, &mut point);
        for (i, share) in self.keep(code, &point).into_iter().enumerate() {
            let mut known = self.scope.nothing();
            for down in &self.downs {
                known[down.inst] = Some(down.sums[i].map(|sum| code.get(sum)));
            }
            let stores = &self.scope.body.stores;
            let down = |s: &usize| self.downs.iter().any(|down| down.inst == stores[*s].value.at());
            code.only_if(share.exists, |code| {
                self.scope.store_all(code, (0..stores.len()).filter(down), &share.point, &mut known);
            });
        }
    }
}
