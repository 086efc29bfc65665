//! The scheduler's own copy of a graph: nodes by number, operands with their views written out.

use super::snapshot::{Snapshot, Standing};
use crate::graph::Op;
use crate::ops::Pointwise;
use smallvec::SmallVec;
use st_kernel::view::{Dims, View, numel};
use st_kernel::{DType, Expr, Inst, Prim};

/// The number of an item.
pub(super) type ItemId = usize;

/// A node, as planning sees it.
pub(super) struct Item {
    pub(super) op: Op,
    pub(super) operands: SmallVec<[Operand; 3]>,
    pub(super) shape: Dims,
    pub(super) dtype: DType,
    pub(super) second: Option<(Dims, DType)>,
    pub(super) standing: Standing,
    /// Its number in the snapshot; copies made for a kernel's needs have none.
    pub(super) node: Option<usize>,
}

/// An operand of an item.
#[derive(Clone)]
pub(super) struct Operand {
    pub(super) item: ItemId,
    pub(super) out: u8,
    pub(super) view: View,
}

impl Item {
    pub(super) fn numel(&self) -> usize {
        numel(&self.shape)
    }

    pub(super) fn out_dtype(&self, out: u8) -> DType {
        match (&self.second, out) {
            (Some(second), 1) => second.1,
            _ => self.dtype,
        }
    }

    pub(super) fn out_shape(&self, out: u8) -> &[usize] {
        match (&self.second, out) {
            (Some(second), 1) => &second.0,
            _ => &self.shape,
        }
    }

    pub(super) fn bytes(&self, out: u8) -> usize {
        numel(self.out_shape(out)) * self.out_dtype(out).size()
    }

    pub(super) fn is_memory(&self) -> bool {
        matches!(self.standing, Standing::Memory | Standing::LastRead)
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.op, Op::Scalar(_))
    }

    /// How much work one element is, about: an addition is 1.
    pub(super) fn cost(&self) -> usize {
        match &self.op {
            Op::Pointwise(p) => p.expr().insts.iter().map(|(inst, _)| inst_cost(inst)).sum(),
            _ => 1,
        }
    }

    /// Axes that a reduction removes, and those it keeps.
    pub(super) fn axes(&self, mask: u64) -> (SmallVec<[usize; 4]>, SmallVec<[usize; 4]>) {
        (0..self.shape.len()).partition(|a| mask >> a & 1 == 0)
    }
}

fn inst_cost(inst: &Inst) -> usize {
    match inst {
        Inst::Call(prim, _) => match prim {
            Prim::Div
            | Prim::Sqrt
            | Prim::Rsqrt
            | Prim::Mod
            | Prim::Fmod
            | Prim::FloorDiv
            | Prim::TruncDiv => 4,
            p if (*p as u8) < (Prim::Exp as u8) => 1,
            Prim::Random => 40,
            _ => 8,
        },
        Inst::Cast(_) => 1,
        _ => 0,
    }
}

/// The items of a snapshot.
pub(super) fn items(snapshot: &Snapshot) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::with_capacity(snapshot.nodes.len());
    let mut number = Vec::with_capacity(snapshot.nodes.len());
    for (i, node) in snapshot.nodes.iter().enumerate() {
        let standing = snapshot.standing[i];
        let memory = matches!(standing, Standing::Memory | Standing::LastRead);
        let mut operands = SmallVec::new();
        if !memory {
            for arg in &node.args() {
                let operand =
                    Operand { item: number[snapshot.index(&arg.node)], out: arg.out, view: arg.strided() };
                let dense =
                    !matches!(node.op, Op::Conv(..)) || operand.view.is_whole(items[operand.item].numel());
                operands.push(if dense { operand } else { copied(&mut items, operand) });
            }
        }
        number.push(items.len());
        items.push(Item {
            op: if memory { Op::Leaf } else { node.op.clone() },
            operands,
            shape: node.shape.clone(),
            dtype: node.dtype,
            second: node.second.as_deref().cloned(),
            standing,
            node: Some(i),
        });
    }
    items
}

/// A row-major copy of an operand, for kernels that read nothing else.
fn copied(items: &mut Vec<Item>, operand: Operand) -> Operand {
    let dtype = items[operand.item].out_dtype(operand.out);
    let shape = operand.view.shape.clone();
    items.push(Item {
        op: Op::Pointwise(Pointwise::intern("contiguous", Expr::build(&[dtype], |x| vec![x[0]]), None)),
        operands: SmallVec::from_iter([operand]),
        shape: shape.clone(),
        dtype,
        second: None,
        standing: Standing::Passing,
        node: None,
    });
    Operand { item: items.len() - 1, out: 0, view: View::contiguous(&shape) }
}
