//! Rows: which loops walk them, and what is made of reductions of them.

use super::access::AccessId;
use super::group::{Anchor, Builder, FEW, GroupId, Use, single};
use super::item::{ItemId, Operand};
use crate::graph::Op;
use smallvec::SmallVec;
use st_kernel::view::{View, numel};

/// Longest row that is kept for a second look at it.
const MAX_ROW: usize = 1 << 16;
/// Rows that keep a machine busy; fewer long ones are reduced by a kernel of their own.
const ENOUGH_ROWS: usize = 8;
/// Pointwise steps in which a reduction is looked for.
const FAR: u8 = 12;

impl Builder<'_> {
    /// Whether an item needs reductions of its rows, which a group walks across: their own kernel has all it takes at hand.
    pub(super) fn walks_across(&self, g: GroupId, i: ItemId, uses: &[Use]) -> bool {
        let (space, Some(access)) = (&self.groups[g].space, single(g, uses)) else { return false };
        let inner = space.access(access).strides[space.outer..].iter().zip(&space.dims[space.outer..]);
        let widest = inner.filter(|(_, n)| **n != 1).map(|(s, _)| s.unsigned_abs()).max();
        widest.is_some_and(|step| self.row_under(i).is_some_and(|row| step >= row))
    }

    /// The size of an item's rows, if a few pointwise steps before it there are reductions of them.
    fn row_under(&self, i: ItemId) -> Option<usize> {
        let count = self.items[i].numel();
        let mut seen: SmallVec<[(ItemId, u8); 16]> = SmallVec::from_slice(&[(i, 0)]);
        let mut next = 0;
        while let Some(&(at, steps)) = seen.get(next) {
            next += 1;
            let item = &self.items[at];
            for o in item.operands.iter().filter(|o| !self.items[o.item].is_number()) {
                let source = &self.items[o.item];
                if source.numel() != count {
                    let row = still(&o.view, &item.shape);
                    let fits = row > 1 && row <= MAX_ROW && row * source.numel() == count;
                    if fits && self.leads_to_reduction(o.item, row) {
                        return Some(row);
                    }
                } else if matches!(source.op, Op::Pointwise(_)) && !source.is_memory() {
                    let new = steps < FAR && seen.iter().all(|s| s.0 != o.item);
                    seen.extend(new.then_some((o.item, steps + 1)));
                }
            }
        }
        None
    }

    /// Where the rows of a group of plain loops begin if it is to compute a value per row from a reduction of the row.
    pub(super) fn rows_for(&self, g: GroupId, i: ItemId, access: AccessId) -> Option<usize> {
        let outer = self.row_of(g, access)?;
        self.leads_to_reduction(i, numel(&self.groups[g].space.dims[outer..])).then_some(outer)
    }

    /// Whether a value per row of `row` elements comes from a reduction of such rows.
    fn leads_to_reduction(&self, i: ItemId, row: usize) -> bool {
        let mut waiting: SmallVec<[(ItemId, u8); 8]> = SmallVec::from_slice(&[(i, 0)]);
        while let Some((at, depth)) = waiting.pop() {
            let item = &self.items[at];
            match item.op {
                Op::Reduce(..) if !item.is_memory() => {
                    let reduced = numel(&item.operands[0].view.shape) / item.numel().max(1);
                    if reduced == row {
                        return true;
                    }
                }
                Op::Pointwise(_) if depth < FAR && !item.is_memory() => {
                    let same = |o: &&Operand| self.items[o.item].numel() == self.items[i].numel();
                    waiting.extend(item.operands.iter().filter(same).map(|o| (o.item, depth + 1)));
                }
                _ => {}
            }
        }
        false
    }

    /// For an access that stands still along the last dimensions only: where these begin, if they make a row.
    pub(super) fn row_of(&self, g: GroupId, access: AccessId) -> Option<usize> {
        let group = &self.groups[g];
        if group.anchor != Anchor::Loop || group.space.has_inner() {
            return None;
        }
        let strides = &group.space.access(access).strides;
        let dims = &group.space.dims;
        let outer = (0..dims.len()).rev().find(|&d| strides[d] != 0).map_or(0, |d| d + 1);
        let still = (0..outer).any(|d| strides[d] == 0 && dims[d] != 1);
        let (rows, row) = (numel(&dims[..outer]), numel(&dims[outer..]));
        let fits = row <= MAX_ROW && (rows >= ENOUGH_ROWS || rows * row <= FEW);
        (!still && row > 1 && fits).then_some(outer)
    }
}

/// How many of the last elements of a shape see the same element of an operand.
fn still(view: &View, shape: &[usize]) -> usize {
    let view = view.expand(shape);
    let dims = (0..shape.len()).rev().take_while(|&d| shape[d] == 1 || view.strides[d] == 0);
    dims.map(|d| shape[d]).product()
}
