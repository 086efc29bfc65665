//! The scheduler's own copy of a graph: nodes by number, operands with their views written out.

use super::snapshot::{Snapshot, Standing};
use crate::graph::{Arg, DeviceId, Node, Op};
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
    pub(super) device: DeviceId,
    /// Shapes and dtypes of the outputs after the first.
    pub(super) further: SmallVec<[(Dims, DType); 1]>,
    pub(super) standing: Standing,
    /// Its number in the snapshot; copies made for a kernel's needs have none.
    pub(super) node: Option<usize>,
    /// It is this one of the snapshot's numbers.
    pub(super) number: Option<u32>,
    /// How many elements its lines are apart in memory, if they do not lie one after the other.
    pub(super) pitch: Option<usize>,
    /// Its values are written into other items' memory, and it has none of its own.
    pub(super) is_elsewhere: bool,
}

/// An operand of an item.
#[derive(Clone)]
pub(super) struct Operand {
    pub(super) item: ItemId,
    pub(super) out: u8,
    pub(super) view: View,
}

impl Item {
    /// A value that one kernel leaves for another one, which the program does not know.
    pub(super) fn passing(shape: &[usize], dtype: DType, device: DeviceId) -> Item {
        Item {
            op: Op::Empty,
            operands: SmallVec::new(),
            shape: Dims::from_slice(shape),
            dtype,
            device,
            further: SmallVec::new(),
            standing: Standing::Passing,
            node: None,
            number: None,
            pitch: None,
            is_elsewhere: false,
        }
    }

    pub(super) fn numel(&self) -> usize {
        numel(&self.shape)
    }

    pub(super) fn out_dtype(&self, out: u8) -> DType {
        self.further_at(out).map_or(self.dtype, |further| further.1)
    }

    fn further_at(&self, out: u8) -> Option<&(Dims, DType)> {
        self.further.get(usize::from(out).wrapping_sub(1))
    }

    /// How many outputs it has.
    pub(super) fn outputs(&self) -> u8 {
        1 + self.further.len() as u8
    }

    pub(super) fn out_shape(&self, out: u8) -> &[usize] {
        self.further_at(out).map_or(&self.shape, |further| &further.0)
    }

    /// Bytes of the memory that an output has.
    pub(super) fn bytes(&self, out: u8) -> usize {
        let shape = self.out_shape(out);
        let count = match (self.pitch, shape.split_last()) {
            (Some(pitch), Some((_, lines))) => numel(lines) * pitch,
            _ => numel(shape),
        };
        count * self.out_dtype(out).size()
    }

    pub(super) fn is_memory(&self) -> bool {
        matches!(self.standing, Standing::Memory | Standing::LastRead | Standing::Inherited(_))
    }

    pub(super) fn is_number(&self) -> bool {
        self.number.is_some()
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
    let mut item_of = Vec::with_capacity(snapshot.nodes.len());
    for (i, node) in snapshot.nodes.iter().enumerate() {
        let standing = snapshot.standing[i];
        let memory = matches!(standing, Standing::Memory | Standing::LastRead | Standing::Inherited(_));
        if standing == Standing::Passing
            && let Some(source) = narrowed_back(&items, &item_of, snapshot, node)
        {
            item_of.push(source);
            continue;
        }
        let mut operands = SmallVec::new();
        if !memory {
            for (k, arg) in node.args().iter().enumerate() {
                let (item, out) = match arg {
                    Arg::Of { node, out, .. } => (item_of[snapshot.index(node)], *out),
                    Arg::Number(_) => (number(&mut items, node, k, snapshot.number_of(i, k)), 0),
                };
                let operand = Operand { item, out, view: arg.strided() };
                let any_view = !matches!(node.op, Op::Conv(..) | Op::Host(_));
                let dense = any_view || operand.view.is_whole(numel(items[operand.item].out_shape(out)));
                operands.push(if dense { operand } else { copied(&mut items, operand) });
            }
        }
        item_of.push(items.len());
        items.push(Item {
            op: if memory { Op::Leaf } else { node.op.clone() },
            operands,
            shape: node.shape.clone(),
            dtype: node.dtype,
            device: node.device,
            further: node.further().map(|(shape, dtype)| (shape.clone(), dtype)).collect(),
            standing,
            node: Some(i),
            number: None,
            pitch: None,
            is_elsewhere: false,
        });
    }
    items
}

/// What a node is that narrows numbers again which a cast had widened: in mixed precision many gradients are.
fn narrowed_back(items: &[Item], item_of: &[ItemId], snapshot: &Snapshot, node: &Node) -> Option<ItemId> {
    let (wide, narrow) = cast_of(&node.op)?;
    let (widened, view) = node.with_args(|args| match &args[0] {
        arg @ Arg::Of { node, out: 0, .. } => Some((&items[item_of[snapshot.index(node)]], arg.strided())),
        _ => None,
    })?;
    let [source] = &widened.operands[..] else { return None };
    let back = cast_of(&widened.op)? == (narrow, wide)
        && narrow.is_float()
        && wide.is_float()
        && narrow.size() < wide.size();
    let whole = source.out == 0
        && !items[source.item].is_number()
        && view.is_whole(widened.numel())
        && source.view.is_whole(items[source.item].numel());
    (back && whole).then_some(source.item)
}

/// Whether an item rounds what a product in half precision adds up, to which a bias may have been added.
pub(super) fn rounds_product(items: &[Item], i: ItemId) -> bool {
    const STEPS: usize = 3;
    let (mut at, narrow, count) = (i, items[i].dtype.size(), items[i].numel());
    if narrow != 2 {
        return false;
    }
    for _ in 0..STEPS {
        let large = |o: &&Operand| o.view.is_whole(count) && items[o.item].numel() == count;
        let mut large = items[at].operands.iter().filter(large);
        let (Op::Pointwise(_), Some(next), None) = (&items[at].op, large.next(), large.next()) else {
            return false;
        };
        let source = &items[next.item];
        if source.standing != Standing::Passing {
            return false;
        }
        if let Op::Matmul = source.op {
            return source.dtype.size() > narrow;
        }
        at = next.item;
    }
    false
}

/// The dtypes of a cast that is nothing else.
fn cast_of(op: &Op) -> Option<(DType, DType)> {
    let Op::Pointwise(pointwise) = op else { return None };
    match pointwise.expr().insts[..] {
        [(Inst::Input(_), from), (Inst::Cast(_), to)] => Some((from, to)),
        _ => None,
    }
}

/// An item for the number that operand `k` of a node is.
fn number(items: &mut Vec<Item>, node: &Node, k: usize, number: Option<u32>) -> ItemId {
    let dtype = match &node.op {
        Op::Pointwise(p) => p.expr().inputs[k],
        _ => DType::F64,
    };
    items.push(Item {
        op: Op::Leaf,
        operands: SmallVec::new(),
        shape: Dims::new(),
        dtype,
        device: node.device,
        further: SmallVec::new(),
        standing: Standing::Passing,
        node: None,
        number,
        pitch: None,
        is_elsewhere: false,
    });
    items.len() - 1
}

/// A row-major copy of an operand, for kernels that read nothing else.
fn copied(items: &mut Vec<Item>, operand: Operand) -> Operand {
    let dtype = items[operand.item].out_dtype(operand.out);
    let shape = operand.view.shape.clone();
    let device = items[operand.item].device;
    items.push(Item {
        op: Op::Pointwise(Pointwise::intern("contiguous", Expr::build(&[dtype], |x| vec![x[0]]), None)),
        operands: SmallVec::from_iter([operand]),
        shape: shape.clone(),
        dtype,
        device,
        further: SmallVec::new(),
        standing: Standing::Passing,
        node: None,
        number: None,
        pitch: None,
        is_elsewhere: false,
    });
    Operand { item: items.len() - 1, out: 0, view: View::contiguous(&shape) }
}
